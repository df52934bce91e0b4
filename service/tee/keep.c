/* Trusted storage, properties and time: tee/keeper's wishes carried to the supplicant's files, its answers to the instances. */
#include "service/tee/tee_private.h"

#include <stdio.h>
#include <string.h>

#include "api/tee_api_defines.h"

_Static_assert(STORAGE_FILES == REE_TRUSTED_FILES && STORAGE_WANT_MAX <= REE_READ_MAX, "the medium is as large as the store needs it");
_Static_assert(KEEPER_INSTANCES_MAX >= SESSION_INSTANCES_MAX, "each instance may ask");

static void carry(struct tee *t);

/* ---- the medium ---- */

static void store_ended(struct tee *t, enum mt_err err)
{
	if (!err) {
		err = keeper_open(t->store, &t->keeper);
	}
	t->store_state = err ? STORE_FAILED : STORE_READY;
	if (err) {
		fprintf(stderr,
			"core: trusted storage cannot be opened (%s); no trusted application starts. %s\n", mt_err_name(err),
			err == MT_TAMPERED ? "Its files trusted-0 and trusted-1 in the state folder are not what this node has written: restore the newest copy of both."
					   : "Look at the disk of the state folder, then start the node again.");
	}
	instances_begin(t);
}

/* The store has what it wanted, or has it not. */
static void go_on(struct tee *t, enum mt_err how)
{
	if (t->keeper) {
		keeper_go_on(t->keeper, how);
		keep_answers(t);
		return;
	}
	enum mt_err err = storage_go_on(t->store, how);

	if (err || !storage_want(t->store)) {
		store_ended(t, err);
	}
}

static const struct storage_want *want(const struct tee *t)
{
	return t->keeper ? keeper_want(t->keeper) : t->store_state == STORE_OPENING ? storage_want(t->store) : NULL;
}

/* The supplicant's answer into the store's memory. It may be shorter, never longer. */
static enum mt_err answer_take(const struct storage_want *wanted, struct bytes answer)
{
	struct cursor c = cursor_over(answer);

	if (wanted->work == STORAGE_READ) {
		if (answer.size > wanted->size) {
			return MT_IO;
		}
		memset(wanted->at, 0, wanted->size);
		if (answer.size) {
			memcpy(wanted->at, answer.at, answer.size);
		}
	} else if (wanted->work == STORAGE_SIZE) {
		*wanted->size_out = cursor_u64(&c);
		return cursor_done(&c) ? MT_OK : MT_IO;
	}
	return MT_OK;
}

static void medium_done(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct tee *t = context;

	t->port->memory_close(t->port->self, handle);
	t->medium_busy = false;
	go_on(t, err ? err : answer_take(want(t), answer));
	carry(t);
	tee_pump(t);
}

static enum mt_err medium_ask(struct tee *t, const struct storage_want *wanted)
{
	struct ree *r = t->settings.ree;
	uint8_t file = (uint8_t)wanted->file;
	struct bytes content = mt_bytes(wanted->at, wanted->size);

	switch (wanted->work) {
	case STORAGE_READ:
		return ree_trusted_read(r, file, wanted->offset, (uint32_t)wanted->size, medium_done, t);
	case STORAGE_WRITE:
		return ree_trusted_write(r, file, wanted->offset, content, medium_done, t);
	case STORAGE_APPEND:
		return ree_trusted_append(r, file, wanted->offset, content, medium_done, t);
	case STORAGE_SIZE:
		return ree_trusted_size(r, file, medium_done, t);
	case STORAGE_CLEAR:
		return ree_trusted_clear(r, file, medium_done, t);
	default:
		return MT_IO;           /* there is no counter here (STORAGE_ANCHOR_NONE), so nobody asks for one */
	}
}

/* One thing at a time; a thing that cannot even be asked has failed. */
static void carry(struct tee *t)
{
	const struct storage_want *wanted;

	while (!t->medium_busy && (wanted = want(t)) != NULL) {
		enum mt_err err = medium_ask(t, wanted);

		t->medium_busy = !err;
		if (err) {
			go_on(t, MT_IO);
		}
	}
}

void keep_begin(struct tee *t)
{
	enum mt_err err = storage_open(&t->settings.storage_key, STORAGE_ANCHOR_NONE, &t->store);

	t->store_state = STORE_OPENING;
	mt_wipe(&t->settings.storage_key, sizeof(t->settings.storage_key));
	if (err || !storage_want(t->store)) {
		store_ended(t, err);
	}
	carry(t);
}

/* ---- calls ---- */

/* What is so of this machine: nothing protects its owner's disk from going back, and its clock is its owner's. */
static void values_of(const struct tee *t, const struct place *p, uint32_t session, struct property_values *out)
{
	struct session_identity client = { .login = TEE_LOGIN_PUBLIC };

	*out = (struct property_values){
		.description = "MesaTEE",
		.system_time_level = 100,
		.persistent_time_level = 100,
		.os_version = t->settings.version,
		.os_maker = "MesaTEE",
		.firmware_version = "none",
		.firmware_maker = "none",
		.os_binary = mt_bytes(t->settings.measurement, sizeof(t->settings.measurement)),
	};
	memcpy(out->device_id, t->settings.device, sizeof(out->device_id));
	memcpy(out->ta_uuid, p->uuid, sizeof(out->ta_uuid));
	/* A number that is no session of its own leaves it without a client. */
	if (session && session_client(t->table, p->instance, session, &client) == MT_OK) {
		out->client_login = client.login;
		memcpy(out->client_uuid, client.uuid, sizeof(out->client_uuid));
	}
}

void keep_call(struct tee *t, struct place *p, uint32_t session)
{
	const struct keeper_clock clock = { .system_ms = t->now_ms - t->began_ms, .machine_ms = t->machine_ms };
	struct property_values values;

	values_of(t, p, session, &values);
	if (keeper_call(t->keeper, p->instance, &values, clock, &p->asking->call) != MT_OK) {
		asking_end(t, p, TEE_ERROR_OUT_OF_MEMORY);
		return;
	}
	keep_answers(t);
	carry(t);
}

void keep_answers(struct tee *t)
{
	struct call *call = NULL;
	struct bytes record = { 0 };
	uint32_t instance = 0, result = 0, ticket = 0;
	enum mt_err how = MT_OK;

	while (keeper_answer(t->keeper, &instance, &call, &result)) {
		struct place *p = place_find(t, instance);

		mt_assert(p && p->asking && call == &p->asking->call);
		asking_end(t, p, result);
	}
	while (keeper_recorded(t->keeper, &ticket, &how, &record)) {
		instance_recorded(t, ticket, how, record);
	}
}

enum mt_err keep_version_read(struct tee *t, uint32_t instance, const uint8_t uuid[IMAGE_UUID_SIZE])
{
	return keeper_read(t->keeper, KEEPER_VERSION, uuid, instance);
}

enum mt_err keep_version_write(struct tee *t, uint32_t instance, const uint8_t uuid[IMAGE_UUID_SIZE], struct bytes record)
{
	return keeper_write(t->keeper, KEEPER_VERSION, uuid, record, instance);
}

void keep_on(struct tee *t)
{
	keep_answers(t);
	carry(t);
}

void keep_gone(struct tee *t, uint32_t instance)
{
	if (t->keeper) {
		keeper_gone(t->keeper, instance);
		carry(t);
	}
}
