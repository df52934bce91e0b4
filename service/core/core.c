#include "service/core/core_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void core_fail(struct core *c, const char *format, ...)
{
	va_list arguments;

	if (c->fault[0]) {
		return;
	}
	va_start(arguments, format);
	vsnprintf(c->fault, sizeof(c->fault), format, arguments);
	va_end(arguments);
}

const char *core_fault(const struct core *c)
{
	return c->fault[0] ? c->fault : NULL;
}

bool core_stopped(const struct core *c)
{
	return c->phase == CORE_STOPPED;
}

/* ---- opening ---- */

static enum mt_err core_open_platform(struct core *c)
{
	uint8_t id[COSE_ID_SIZE], development[COSE_ID_SIZE];
	struct secret fast;

	enum mt_err err = crypto_signer_open_p256(&c->facts->platform_secret, &c->platform);
	if (err) {
		return err;
	}
	crypto_p256_id(crypto_signer_public(c->platform).at, id);
	attest_development_root_id(development);
	c->level = memcmp(id, development, sizeof(id)) == 0 ? 1 : 2;
	crypto_p256_generate(&fast);
	err = crypto_signer_open_p256(&fast, &c->fast);
	mt_wipe(&fast, sizeof(fast));
	return err;
}

static enum mt_err core_open_facts(struct core *c)
{
	enum mt_err err = attest_measurements_decode(c->facts->measurement, &c->measurements);

	for (unsigned e = CONTRACT_WASM; !err && e < CONTRACT_EXECUTORS; e++) {
		enum mt_err there = attest_executor_hash(&c->measurements, (enum attest_executor)e, c->executor_space[e]);
		c->executor_hash[e] = there == MT_OK ? c->executor_space[e] : NULL;
		err = e == CONTRACT_WASM ? there : MT_OK;
	}
	if (!err) {
		err = core_configuration_decode(c->cbor, c->facts->configuration, &c->configuration);
	}
	if (err) {
		return err;
	}
	attest_measurements_hash(&c->measurements, c->measurement_hash);
	crypto_sha256(c->facts->configuration, c->configuration_hash);
	seal_root_derive(&c->facts->platform_secret, c->facts->measurement, c->facts->configuration, &c->root);
	return MT_OK;
}

static enum mt_err core_open_tee(struct core *c)
{
	struct tee_settings s = { .port = c->port,
				  .ree = c->ree,
				  .trust = c->configuration.tee_trust,
				  .version = MESATEE_VERSION,
				  .debug = c->configuration.tee_debug };
	struct secret device;

	/* The same as long as root, measurement and configuration are; it says nothing of them. */
	seal_key(&c->root, "mesatee-tee-device-1", &device);
	memcpy(s.device, device.at, sizeof(s.device));
	seal_key(&c->root, "mesatee-tee-storage-1", &s.storage_key);
	memcpy(s.measurement, c->measurement_hash, sizeof(s.measurement));
	enum mt_err err = tee_open(&s, &c->tee);

	mt_wipe(&device, sizeof(device));
	mt_wipe(&s.storage_key, sizeof(s.storage_key));
	return err;
}

MUST enum mt_err core_open(const struct port_facts *facts, struct core **out)
{
	struct core *c = mt_alloc(sizeof(*c));

	if (!c) {
		return MT_NO_MEMORY;
	}
	c->facts = facts;
	c->port = facts->port;
	enum mt_err err = box_open(&box_cbor, &c->cbor);
	if (!err) {
		err = core_open_facts(c);
	}
	if (!err) {
		err = core_open_platform(c);
	}
	if (!err) {
		err = ree_open(c->port, &c->ree);
	}
	if (!err) {
		err = core_open_tee(c);
	}
	if (err) {
		core_close(c);
		return err;
	}
	*out = c;
	return MT_OK;
}

void core_close(struct core *c)
{
	if (!c) {
		return;
	}
	tee_close(c->tee);
	task_driver_close(c->driver);
	task_close(c->tasks);
	ledger_close(c->ledger);
	ree_close(c->ree);
	crypto_signer_close(c->platform);
	crypto_signer_close(c->fast);
	box_close(c->cbor);
	for (size_t i = 0; i < CORE_WRITES_MAX; i++) {
		mt_free(c->write[i].cose);
		mt_free(c->write[i].body);
	}
	for (size_t i = 0; i < c->deferred_count; i++) {
		mt_free(c->deferred[i].body);
	}
	mt_wipe(c, sizeof(*c));
	mt_free(c);
}

/* ---- requests of the gateway ---- */

static bool request_decode_message(struct core *c, struct bytes message, struct core_request *out)
{
	struct core_request q = { 0 };
	struct cursor m = cursor_over(message);

	(void)cursor_u8(&m);
	q.connection = cursor_u32(&m);
	q.request = cursor_u32(&m);
	uint8_t route = cursor_u8(&m), attested = cursor_u8(&m), count = cursor_u8(&m);
	if (route >= ROUTES || count > ROUTE_PARAMETERS_MAX) {
		return false;
	}
	for (uint8_t i = 0; i < count; i++) {
		q.parameter[i] = cursor_take32(&m);
	}
	q.size = cursor_u64(&m);
	q.body = cursor_take32(&m);
	if (!cursor_done(&m)) {
		return false;
	}
	q.route = (enum route_id)route;
	q.parameter_count = count;
	q.session = connection_find(c, q.connection);
	q.attested = attested == 1 && q.session;
	*out = q;
	return true;
}

void core_dispatch(struct core *c, struct bytes message)
{
	struct core_request q;

	if (!request_decode_message(c, message, &q)) {
		return;                 /* our gateway does not speak so; there is nobody to answer */
	}
	enum route_access access = routes[q.route].access;
	if (c->phase != CORE_SERVING) {
		core_problem(c, q.connection, q.request, MT_NO_MEMORY, "the node is stopping: try again when it is back");
	} else if (access != ROUTE_PUBLIC && !q.attested) {
		core_problem(c, q.connection, q.request, MT_DENIED,
			     "this needs attested TLS: use `mesatee`, which verifies the node before it sends anything");
	} else if (access == ROUTE_PARTY && !q.session->party_known) {
		core_problem(c, q.connection, q.request, MT_DENIED, "prove your key first: POST /v1/session");
	} else if (access == ROUTE_SIGNED) {
		core_write(c, &q, message);
	} else if (q.route == ROUTE_SESSION) {
		connection_prove(c, &q);
	} else {
		core_read(c, &q);
	}
}

void core_redispatch(struct core *c)
{
	struct deferred list[CORE_DEFERRED_MAX];
	size_t count = c->deferred_count;

	memcpy(list, c->deferred, count * sizeof(list[0]));
	c->deferred_count = 0;
	for (size_t i = 0; i < count; i++) {
		core_dispatch(c, mt_bytes(list[i].body, list[i].size));
		mt_free(list[i].body);
	}
}

static void core_gateway(struct core *c, const struct port_event *event)
{
	struct cursor m = cursor_over(event->body);
	uint8_t type = cursor_u8(&m);

	if (type == NODE_HELLO && c->ledger) {
		connection_hello(c, &m);
	} else if (type == NODE_REQUEST && c->ledger) {
		core_dispatch(c, event->body);
	} else if (type == NODE_CLOSED) {
		uint32_t connection = cursor_u32(&m);
		if (cursor_done(&m)) {
			connection_closed(c, connection);
		}
	}
}

/* ---- events ---- */

static void core_close_handles(struct core *c, const struct port_event *event)
{
	for (size_t i = 0; i < event->handle_count; i++) {
		c->port->memory_close(c->port->self, event->handle[i]);
	}
}

static void core_message(struct core *c, const struct port_event *event)
{
	if (event->peer == PORT_SUPPLICANT) {
		ree_event(c->ree, event);
	} else if (event->peer == PORT_GATEWAY) {
		core_gateway(c, event);
		core_close_handles(c, event);
	} else if (!tee_event(c->tee, event) && (!c->driver || !task_event(c->driver, event))) {
		core_close_handles(c, event);
	}
}

static void core_gone(struct core *c, const struct port_event *event)
{
	if (event->peer == PORT_SUPPLICANT) {
		core_fail(c, "the supplicant is gone");
	} else if (event->peer == PORT_GATEWAY) {
		core_fail(c, "the gateway is gone");
	} else if (!tee_event(c->tee, event) && c->driver) {
		(void)task_event(c->driver, event);
	}
}

/* Everything that was accepted is on disk, or nothing will come of it any more. */
static void core_stop_if_quiet(struct core *c)
{
	if (c->phase == CORE_STOPPING && !c->batch_in_flight && c->staged_count == 0) {
		c->phase = CORE_STOPPED;
	}
}

void core_event(struct core *c, const struct port_event *event)
{
	c->now_ms = event->now_ms;
	c->monotonic_ms = event->monotonic_ms;
	switch (event->kind) {
	case PORT_START:
		c->started_ms = event->now_ms;
		core_start(c);
		tee_begin(c->tee, event->monotonic_ms);
		break;
	case PORT_MESSAGE:
		core_message(c, event);
		break;
	case PORT_GONE:
		core_gone(c, event);
		break;
	case PORT_USED:
		if (c->driver) {
			(void)task_event(c->driver, event);
		}
		break;
	case PORT_TICK:
		if (c->phase == CORE_SERVING) {
			tee_tick(c->tee, event->monotonic_ms);
			task_tick(c->driver);
			core_waiters(c);
		}
		break;
	case PORT_STOP:
		c->phase = CORE_STOPPING;
		break;
	case PORT_IDLE:
		break;
	}
	/*
	 * What is staged goes out at once when no write is in flight, and what comes while one is goes out together behind it. Waiting
	 * for a moment without messages instead would let a client that asks without a pause hold up everybody's commits.
	 */
	if (c->ledger && c->phase != CORE_STARTING) {
		core_flush(c);
		task_begin(c->driver);
	}
	core_stop_if_quiet(c);
}
