/* The world's life: core, messages, memory, time. */
#include "test/story/world_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/linux/box_port.h"

#define WORLD_START_MS UINT64_C(1790000000000)

/* ---- memory ---- */

struct world_memory *world_memory_get(struct world *w, port_handle h)
{
	mt_assert(h > 0 && h <= WORLD_HANDLES_MAX && w->memory_of[h - 1]);
	return &w->memory[w->memory_of[h - 1] - 1];
}

static port_handle world_handle(struct world *w, size_t memory)
{
	for (int h = 0; h < WORLD_HANDLES_MAX; h++) {
		if (!w->memory_of[h]) {
			w->memory_of[h] = (int)memory + 1;
			w->memory[memory].shares++;
			return h + 1;
		}
	}
	abort();
}

port_handle world_memory_new(struct world *w, struct bytes content, bool sealed)
{
	for (size_t i = 0; i < WORLD_HANDLES_MAX; i++) {
		if (w->memory[i].used) {
			continue;
		}
		w->memory[i] = (struct world_memory){ .used = true, .sealed = sealed, .at = malloc(content.size + 1), .size = content.size };
		if (content.size) {
			memcpy(w->memory[i].at, content.at, content.size);
		}
		return world_handle(w, i);
	}
	abort();
}

void world_memory_drop(struct world *w, port_handle h)
{
	if (h == PORT_NO_HANDLE) {
		return;
	}
	struct world_memory *m = world_memory_get(w, h);
	w->memory_of[h - 1] = 0;
	if (--m->shares == 0) {
		free(m->at);
		*m = (struct world_memory){ 0 };
	}
}

/* ---- the port table ---- */

static void message_free(struct world *w, struct world_message *m)
{
	for (size_t i = 0; i < m->handle_count; i++) {
		world_memory_drop(w, m->handle[i]);
	}
	free(m->body);
	free(m);
}

struct world_message *world_message_new(uint32_t peer, struct bytes body)
{
	struct world_message *m = calloc(1, sizeof(*m));

	m->peer = peer;
	m->body = malloc(body.size + 1);
	m->size = body.size;
	if (body.size) {
		memcpy(m->body, body.at, body.size);
	}
	return m;
}

void world_post(struct world *w, struct world_message *m)
{
	if (w->last) {
		w->last->next = m;
	} else {
		w->first = m;
	}
	w->last = m;
}

static enum mt_err port_send(void *self, uint32_t peer, struct bytes body, const port_handle *handles, size_t count)
{
	struct world *w = self;
	struct world_message *m = world_message_new(peer, body);

	mt_assert(body.size <= PORT_MESSAGE_MAX && count <= PORT_HANDLES_MAX);
	for (size_t i = 0; i < count; i++) {
		m->handle[m->handle_count++] = handles[i];
	}
	world_post(w, m);
	return MT_OK;
}

static enum mt_err port_spawn(void *self, enum port_worker kind, uint32_t *peer)
{
	struct world *w = self;

	mt_assert(w->peers < WORLD_PEERS_MAX);
	w->peer[w->peers] = (struct world_peer){ .alive = true, .kind = kind };
	*peer = PORT_WORKER_FIRST + w->peers++;
	return MT_OK;
}

static void port_deadline(void *self, uint32_t peer, uint64_t after_ms)
{
	struct world *w = self;

	w->peer[peer - PORT_WORKER_FIRST].deadline_ms = w->now_ms + after_ms;
}

static void peer_dies(struct world *w, uint32_t peer, bool deadline)
{
	struct world_peer *p = &w->peer[peer - PORT_WORKER_FIRST];

	if (p->alive) {
		struct world_message *m = world_message_new(peer, mt_bytes(NULL, 0));
		p->alive = false;
		m->to_core = true;
		m->gone = true;
		m->deadline = deadline;
		world_post(w, m);
	}
}

static void port_kill(void *self, uint32_t peer)
{
	struct world *w = self;

	if (w->peer[peer - PORT_WORKER_FIRST].alive) {
		struct world_message *m = world_message_new(peer, mt_bytes(NULL, 0));
		m->to_core = true;
		m->used = true;
		world_post(w, m);
	}
	peer_dies(w, peer, false);
}

static void port_stop(void *self)
{
	world_event(self, PORT_STOP);
}

static enum mt_err port_memory_make(void *self, struct bytes content, port_handle *out)
{
	*out = world_memory_new(self, content, true);
	return MT_OK;
}

static enum mt_err port_memory_scratch(void *self, uint64_t size_max, port_handle *out)
{
	(void)size_max;
	*out = world_memory_new(self, mt_bytes(NULL, 0), false);
	return MT_OK;
}

static enum mt_err port_memory_seal(void *self, port_handle handle)
{
	struct world_memory *m = world_memory_get(self, handle);

	m->sealed = !m->writable;
	return m->sealed ? MT_OK : MT_STATE;
}

static enum mt_err port_memory_share(void *self, port_handle handle, port_handle *out)
{
	struct world *w = self;

	*out = world_handle(w, (size_t)(world_memory_get(w, handle) - w->memory));
	return MT_OK;
}

static enum mt_err port_memory_map(void *self, port_handle handle, struct bytes *out)
{
	struct world_memory *m = world_memory_get(self, handle);

	if (!m->sealed) {
		return MT_DENIED;
	}
	*out = mt_bytes(m->at, m->size);
	return MT_OK;
}

static void port_memory_unmap(void *self, struct bytes mapped)
{
	(void)self;
	(void)mapped;
}

static void port_memory_close(void *self, port_handle handle)
{
	world_memory_drop(self, handle);
}

void world_port_fill(struct world *w)
{
	w->port = (struct port){
		.self = w, .send = port_send, .spawn = port_spawn, .deadline = port_deadline, .kill = port_kill, .stop = port_stop,
		.memory_make = port_memory_make, .memory_scratch = port_memory_scratch, .memory_seal = port_memory_seal,
		.memory_share = port_memory_share, .memory_map = port_memory_map, .memory_unmap = port_memory_unmap,
		.memory_close = port_memory_close,
	};
}

/* ---- pumping ---- */

static void deliver(struct world *w, struct world_message *m)
{
	struct port_event e = {
		.kind = m->gone ? PORT_GONE : m->used ? PORT_USED : PORT_MESSAGE, .cpu_us = m->used ? WORLD_CPU_US : 0, .now_ms = w->now_ms, .monotonic_ms = w->now_ms, .peer = m->peer,
		.body = mt_bytes(m->body, m->size), .deadline = m->deadline, .exit_code = m->gone ? -9 : 0, .handle_count = m->handle_count,
	};

	memcpy(e.handle, m->handle, sizeof(e.handle));
	m->handle_count = 0;            /* core's now */
	core_event(w->core, &e);
}

static void take_fault(struct world *w)
{
	const char *fault = w->core ? core_fault(w->core) : NULL;

	if (fault) {
		snprintf(w->fault, sizeof(w->fault), "%s", fault);
		world_kill(w);
	}
}

void world_event(struct world *w, enum port_event_kind kind)
{
	struct port_event e = { .kind = kind, .now_ms = w->now_ms, .monotonic_ms = w->now_ms };

	if (w->core) {
		core_event(w->core, &e);
		take_fault(w);
	}
}

void world_step(struct world *w)
{
	struct world_message *m = w->first;

	w->first = m->next;
	if (!w->first) {
		w->last = NULL;
	}
	if (m->to_core) {
		deliver(w, m);
	} else if (m->peer == PORT_GATEWAY) {
		world_gateway(w, m);
	} else if (m->peer == PORT_SUPPLICANT) {
		world_supplicant(w, m);
	} else if (w->peer[m->peer - PORT_WORKER_FIRST].alive) {
		world_worker(w, m);
	}
	message_free(w, m);
	take_fault(w);
}

void world_pump(struct world *w)
{
	bool idle = false;

	while (w->core && (w->first || !idle)) {
		if (w->first) {
			idle = false;
			world_step(w);
		} else {
			world_event(w, PORT_IDLE);
			idle = w->first == NULL;
		}
	}
}

void world_advance(struct world *w, uint64_t ms)
{
	uint64_t end = w->now_ms + ms;

	while (w->now_ms < end) {
		w->now_ms = w->now_ms + 1000 < end ? w->now_ms + 1000 : end;
		for (uint32_t i = 0; i < w->peers; i++) {
			if (w->peer[i].alive && w->peer[i].deadline_ms && w->now_ms >= w->peer[i].deadline_ms) {
				peer_dies(w, PORT_WORKER_FIRST + i, true);
			}
		}
		world_event(w, PORT_TICK);
		world_pump(w);
	}
}

uint64_t world_now_s(struct world *w)
{
	return w->now_ms / 1000;
}

/* ---- opening, dying ---- */

static void measurement_encode(struct world *w)
{
	struct builder b = builder_over(w->measurement, sizeof(w->measurement));
	struct bytes wire;

	builder_u32(&b, (uint32_t)w->images.count);
	for (size_t i = 0; i < w->images.count; i++) {
		builder_bytes32(&b, mt_text(w->images.item[i].name));
		builder_bytes(&b, mt_bytes(w->images.item[i].hash, 32));
	}
	mt_assert(!builder_done(&b, &wire));
	w->measurement_size = wire.size;
}

void world_set_image(struct world *w, const char *name, uint8_t first_byte)
{
	for (size_t i = 0; i < w->images.count; i++) {
		if (strcmp(w->images.item[i].name, name) == 0) {
			w->images.item[i].hash[0] = first_byte;
		}
	}
}

void world_add_image(struct world *w, const char *name)
{
	struct attest_measurements *m = &w->images;
	size_t at = m->count++;

	mt_assert(at < MT_COUNT(m->item));
	for (; at > 0 && strcmp(m->item[at - 1].name, name) > 0; at--) {
		m->item[at] = m->item[at - 1];
	}
	m->item[at] = (struct attest_measurement){ .hash = { (uint8_t)name[6], 1 } };
	snprintf(m->item[at].name, sizeof(m->item[at].name), "%s", name);
}

void world_set_operator(struct world *w, const uint8_t operator_id[COSE_ID_SIZE], bool open)
{
	struct builder b = builder_over(w->configuration, sizeof(w->configuration));
	struct bytes wire;

	cbor_map(&b, 3);
	cbor_uint(&b, 1);
	cbor_tstr(&b, mt_text("world"));
	cbor_uint(&b, 2);
	cbor_bool(&b, open);
	cbor_uint(&b, 3);
	cbor_bstr(&b, mt_bytes(operator_id, COSE_ID_SIZE));
	mt_assert(!builder_done(&b, &wire));
	w->configuration_size = wire.size;
}

void world_set_platform(struct world *w, const struct secret *root)
{
	w->platform = *root;
}

void world_set_function(struct world *w, world_function *f)
{
	w->function = f;
}

struct sim_disk *world_disk(struct world *w)
{
	return w->disk;
}

struct box *world_cbor(struct world *w)
{
	return w->cbor;
}

struct world *world_open(uint64_t seed)
{
	static const char *const image[] = { "compile", "configuration", "core", "gateway", "ld-linux-x86-64.so.2", "libwasmtime.so",
					     "run", "seal", "supplicant" };
	static const uint8_t nobody[COSE_ID_SIZE];
	static bool installed;
	struct world *w = calloc(1, sizeof(*w));

	if (!installed) {
		box_port_install();
		installed = true;
	}
	sim_crypto_seed(seed);
	w->now_ms = WORLD_START_MS;
	w->disk = sim_disk_open(seed);
	w->log_file = sim_disk_file(w->disk, "log");
	w->function = world_intersect;
	w->next_connection = 1;
	w->images.count = MT_COUNT(image);
	for (size_t i = 0; i < MT_COUNT(image); i++) {
		snprintf(w->images.item[i].name, sizeof(w->images.item[i].name), "%s", image[i]);
		memset(w->images.item[i].hash, (int)(i + 1), 32);
	}
	crypto_sha256(mt_text("the world's operator holds this root"), w->platform.at);
	world_set_operator(w, nobody, true);
	world_port_fill(w);
	mt_assert(!box_open(&box_cbor, &w->cbor));
	return w;
}

static void blobs_free(struct world_blob *blob)
{
	for (size_t i = 0; i < WORLD_BLOBS_MAX; i++) {
		free(blob[i].at);
		blob[i] = (struct world_blob){ 0 };
	}
}

void world_close(struct world *w)
{
	world_kill(w);
	blobs_free(w->blob);
	blobs_free(w->kept);
	box_close(w->cbor);
	sim_disk_close(w->disk);
	sim_crypto_off();
	free(w);
}

bool world_start(struct world *w)
{
	mt_assert(!w->core);
	measurement_encode(w);
	w->fault[0] = 0;
	w->open = false;
	w->facts = (struct port_facts){
		.port = &w->port, .platform_secret = w->platform, .measurement = mt_bytes(w->measurement, w->measurement_size),
		.configuration = mt_bytes(w->configuration, w->configuration_size), .confined = true,
	};
	mt_assert(!core_open(&w->facts, &w->core));
	world_event(w, PORT_START);
	world_pump(w);
	return w->core && w->open;
}

void world_kill(struct world *w)
{
	core_close(w->core);
	w->core = NULL;
	while (w->first) {
		struct world_message *m = w->first;
		w->first = m->next;
		message_free(w, m);
	}
	w->last = NULL;
	for (int h = 0; h < WORLD_HANDLES_MAX; h++) {
		if (w->memory_of[h]) {
			world_memory_drop(w, h + 1);
		}
	}
	for (uint32_t i = 0; i < w->peers; i++) {
		mt_free(w->peer[i].artifact);
	}
	memset(w->peer, 0, sizeof(w->peer));
	w->peers = 0;
	w->transfer_count = 0;
}

void world_power_cut(struct world *w)
{
	world_kill(w);
	sim_disk_power_on(w->disk);
}

const char *world_fault(struct world *w)
{
	return w->fault;
}

bool world_alive(struct world *w)
{
	return w->core != NULL;
}
