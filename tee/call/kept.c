/*
 * Persistent objects, as the application's process has them. Core has the object itself and its position; the key comes along when it is opened, and
 * lies here as an object of tee/operation, so that operations with it need nobody else. The application knows the object by core's handle alone.
 */
#include "tee/call/call_private.h"

#include "api/tee_api_crypto_defines.h"
#include "api/tee_api_defines.h"

struct kept {
	uint32_t handle;                /* core's; 0: free */
	operation_handle key;           /* 0: an object of data alone */
};

struct call_kept {
	struct kept kept[CALL_KEPT_MAX];
	uint8_t space[CALL_KEY_MAX];    /* the key that is on its way */
};

enum mt_err call_kept_open(struct call_kept **out)
{
	*out = mt_alloc(sizeof(**out));
	return *out ? MT_OK : MT_NO_MEMORY;
}

static struct kept *find(struct call_kept *k, uint32_t handle)
{
	for (size_t i = 0; i < CALL_KEPT_MAX; i++) {
		if (k->kept[i].handle == handle) {
			return &k->kept[i];
		}
	}
	return NULL;
}

static void drop(struct operations *o, struct kept *kept)
{
	object_free(o, kept->key);
	*kept = (struct kept){ 0 };
}

void call_kept_close(struct call_kept *k, struct operations *o)
{
	if (!k) {
		return;
	}
	for (size_t i = 0; i < CALL_KEPT_MAX; i++) {
		drop(o, &k->kept[i]);
	}
	mt_wipe(k, sizeof(*k));
	mt_free(k);
}

static bool is_kept(uint64_t handle)
{
	return handle <= UINT32_MAX && (handle & CALL_KEPT);
}

/* A handle of a key, for a call that only reads it: of a persistent object its key here. False: it has none, or is not open. */
static bool key_of(struct call_kept *k, uint64_t *handle)
{
	if (!is_kept(*handle)) {
		return true;
	}
	const struct kept *kept = find(k, (uint32_t)*handle);
	if (!kept || !kept->key) {
		return false;
	}
	*handle = kept->key;
	return true;
}

/* ---- there ---- */

/* What a new object is made of: a key that is here, or nothing. */
static enum mt_err key_give(struct operations *o, struct call_kept *k, struct call *call)
{
	struct operation_object_info info;
	uint64_t from = call->value[2];
	size_t size = 0;

	if (!find(k, 0)) {
		return MT_LIMIT;
	}
	call->value[2] = 0;
	call->key = (struct call_key){ .type = TEE_TYPE_DATA, .usage = UINT32_MAX };
	const struct kept *data = is_kept(from) ? find(k, (uint32_t)from) : NULL;
	if (from == 0 || (data && !data->key)) {
		return MT_OK;
	}
	if (!key_of(k, &from)) {
		return MT_MALFORMED;
	}
	enum mt_err err = from > UINT32_MAX ? MT_MALFORMED : object_info(o, (operation_handle)from, &info);
	if (err || !info.initialized) {
		return MT_MALFORMED;
	}
	err = object_encode(o, (operation_handle)from, k->space, sizeof(k->space), &size);
	if (!err) {
		call->key = (struct call_key){ info.type, info.usage, info.size, info.size_max, mt_bytes(k->space, size) };
	}
	return err;
}

/* Calls of a persistent object itself that would else be local. */
static enum mt_err object_there(struct operations *o, struct call_kept *k, struct call *call, enum call_way *way)
{
	struct kept *kept = find(k, (uint32_t)call->value[0]);

	if (!kept) {
		return MT_MALFORMED;
	}
	enum mt_err err = MT_OK;
	if (call->number == TA_CALL_OBJECT_CLOSE) {
		drop(o, kept);
	} else if (call->number == TA_CALL_OBJECT_RESTRICT && kept->key) {
		err = object_restrict(o, kept->key, (uint32_t)call->value[1]);
	}
	*way = err ? CALL_DONE : CALL_TO_CORE;
	return err;
}

static enum mt_err here(struct operations *o, struct call_kept *k, struct call *call)
{
	bool known = true;

	switch (call->number) {
	case TA_CALL_OBJECT_ATTRIBUTE:
		known = key_of(k, &call->value[0]);
		break;
	case TA_CALL_OBJECT_COPY:
		known = key_of(k, &call->value[1]);
		break;
	case TA_CALL_STATE_ALLOC:
		known = key_of(k, &call->value[2]) && key_of(k, &call->value[3]);
		break;
	default:
		break;
	}
	return known ? call_local(o, call) : MT_MALFORMED;
}

enum mt_err call_here(struct operations *o, struct call_kept *k, struct call *call, enum call_way *way)
{
	*way = CALL_DONE;
	if (call_is_local(call->number)) {
		bool there = call_is_core(call->number) && is_kept(call->value[0]);
		return there ? object_there(o, k, call, way) : here(o, k, call);
	}
	enum mt_err err = MT_OK;
	if (call->number == TA_CALL_STORAGE_CREATE) {
		err = key_give(o, k, call);
	} else if (call->number == TA_CALL_STORAGE_OPEN) {
		err = find(k, 0) ? MT_OK : MT_LIMIT;
		call->key_space = k->space;
	}
	*way = err ? CALL_DONE : CALL_TO_CORE;
	return err;
}

/* ---- and back ---- */

static uint32_t key_take(struct operations *o, struct call_kept *k, const struct call *call)
{
	struct kept *kept = find(k, 0);
	operation_handle key = 0;
	enum mt_err err = MT_OK;

	if (!is_kept(call->word[0]) || find(k, call->word[0]) || !kept) {
		return TEE_ERROR_GENERIC;       /* not what core may say */
	}
	if (call->key.encoded.size) {
		err = object_decode(o, call->key.encoded, &key);
	}
	if (err) {
		return err == MT_NO_MEMORY || err == MT_LIMIT ? TEE_ERROR_OUT_OF_MEMORY : TEE_ERROR_CORRUPT_OBJECT;
	}
	*kept = (struct kept){ .handle = call->word[0], .key = key };
	return TEE_SUCCESS;
}

uint32_t call_kept_answer(struct operations *o, struct call_kept *k, struct call *call, uint32_t result)
{
	bool opens = call->number == TA_CALL_STORAGE_OPEN || call->number == TA_CALL_STORAGE_CREATE;

	if (opens && result == TEE_SUCCESS) {
		result = key_take(o, k, call);
	} else if (call->number == TA_CALL_STORAGE_DELETE && result == TEE_SUCCESS && call->value[0]) {
		struct kept *kept = is_kept(call->value[0]) ? find(k, (uint32_t)call->value[0]) : NULL;
		if (kept) {
			drop(o, kept);
		}
	}
	if (opens) {
		mt_wipe(k->space, sizeof(k->space));
		call->key = (struct call_key){ 0 };
		call->key_space = NULL;
	}
	return result;
}
