/* Calls that need the application's own process alone: each is one function of tee/operation. */
#include "tee/call/call_private.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "lib/crypto/crypto.h"

/* A handle, mode or id of 32 bits in an argument of 64. What is larger is nobody's: all ones are no handle, type, mode or algorithm. */
static uint32_t narrow(uint64_t value)
{
	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/* A length of what is still to come; what is larger than can come is too large either way. */
static size_t size_of(uint64_t value)
{
	return value > OPERATION_DATA_MAX ? OPERATION_DATA_MAX + 1 : (size_t)value;
}

static struct operation_attributes attributes_of(const struct call *c)
{
	return (struct operation_attributes){ c->attribute, c->attribute_count };
}

static enum mt_err info_call(struct operations *o, struct call *c)
{
	struct operation_object_info info = { 0 };
	enum mt_err err = object_info(o, narrow(c->value[0]), &info);

	if (!err) {
		c->info = (struct ta_object_info){
			.type = info.type,
			.size = info.size,
			.size_max = info.size_max,
			.usage = info.usage,
			.flags = info.initialized ? TEE_HANDLE_FLAG_INITIALIZED : 0,
		};
	}
	return err;
}

/* Of a value attribute both numbers, one after the other in the machine's order. */
static enum mt_err attribute_call(struct operations *o, struct call *c)
{
	struct call_out *out = &c->out[0];
	uint32_t object = narrow(c->value[0]), id = narrow(c->value[1]), pair[2] = { 0, 0 };

	if (!(id & TEE_ATTR_FLAG_VALUE)) {
		return object_buffer(o, object, id, out->at, out->capacity, &out->size);
	}
	enum mt_err err = object_value(o, object, id, &pair[0], &pair[1]);
	if (err) {
		return err;
	}
	out->size = sizeof(pair);
	if (out->capacity < sizeof(pair)) {
		return MT_LIMIT;
	}
	memcpy(out->at, pair, sizeof(pair));
	return MT_OK;
}

/* An application that closes what is not open panics: it has to be told. */
static enum mt_err close_call(struct operations *o, operation_handle object)
{
	struct operation_object_info info;
	enum mt_err err = object_info(o, object, &info);

	object_free(o, object);
	return err;
}

static enum mt_err object_call(struct operations *o, struct call *c)
{
	uint32_t first = narrow(c->value[0]), second = narrow(c->value[1]);

	switch (c->number) {
	case TA_CALL_OBJECT_INFO:
		return info_call(o, c);
	case TA_CALL_OBJECT_RESTRICT:
		return object_restrict(o, first, (uint32_t)c->value[1]);
	case TA_CALL_OBJECT_ATTRIBUTE:
		return attribute_call(o, c);
	case TA_CALL_OBJECT_ALLOC:
		return object_alloc(o, first, second, &c->word[0]);
	case TA_CALL_OBJECT_CLOSE:
		return close_call(o, first);
	case TA_CALL_OBJECT_RESET:
		return object_reset(o, first);
	case TA_CALL_OBJECT_POPULATE:
		return object_populate(o, first, attributes_of(c));
	case TA_CALL_OBJECT_COPY:
		return object_copy(o, first, second);
	default:
		return object_generate(o, first, second, attributes_of(c));
	}
}

static enum mt_err state_call(struct operations *o, struct call *c)
{
	const uint64_t *v = c->value;

	switch (c->number) {
	case TA_CALL_STATE_ALLOC:
		return operation_alloc(o, narrow(v[0]), (enum operation_mode)narrow(v[1]), narrow(v[2]), narrow(v[3]), &c->word[0]);
	case TA_CALL_STATE_COPY:
		return operation_copy(o, narrow(v[0]), narrow(v[1]));
	default:
		operation_free(o, narrow(v[0]));
		return MT_OK;
	}
}

static enum mt_err stream_call(struct operations *o, struct call *c)
{
	uint32_t state = narrow(c->value[0]);
	struct call_out *out = &c->out[0];

	switch (c->number) {
	case TA_CALL_HASH_INIT:
		return digest_init(o, state, c->in[0]);
	case TA_CALL_HASH_UPDATE:
		return digest_update(o, state, c->in[0]);
	case TA_CALL_HASH_FINAL:
		return digest_final(o, state, c->in[0], out->at, out->capacity, &out->size);
	case TA_CALL_CIPHER_INIT:
		return cipher_init(o, state, c->in[0]);
	case TA_CALL_CIPHER_UPDATE:
		return cipher_update(o, state, c->in[0], out->at, out->capacity, &out->size);
	default:
		return cipher_final(o, state, c->in[0], out->at, out->capacity, &out->size);
	}
}

static enum mt_err authenticated_call(struct operations *o, struct call *c)
{
	const uint64_t *v = c->value;
	uint32_t state = narrow(v[0]);
	struct call_out *out = &c->out[0], *tag = &c->out[1];

	switch (c->number) {
	case TA_CALL_AUTHENTICATED_INIT:
		return authenticated_init(o, state, c->in[0], size_of(v[1]), size_of(v[2]), size_of(v[3]));
	case TA_CALL_AUTHENTICATED_AAD:
		return authenticated_aad(o, state, c->in[0]);
	case TA_CALL_AUTHENTICATED_UPDATE:
		return authenticated_update(o, state, c->in[0], out->at, out->capacity, &out->size);
	case TA_CALL_AUTHENTICATED_SEAL:
		return authenticated_seal(o, state, c->in[0], out->at, out->capacity, &out->size, tag->at, tag->capacity, &tag->size);
	default:
		return authenticated_open(o, state, c->in[0], c->in[1], out->at, out->capacity, &out->size);
	}
}

static enum mt_err asymmetric_call(struct operations *o, struct call *c)
{
	uint32_t state = narrow(c->value[0]);
	struct call_out *out = &c->out[0];

	switch (c->number) {
	case TA_CALL_DERIVE_KEY:
		return key_derive(o, state, attributes_of(c), narrow(c->value[1]));
	case TA_CALL_ASYMMETRIC_OPERATE:
		return asymmetric_operate(o, state, attributes_of(c), c->in[0], out->at, out->capacity, &out->size);
	default:
		return asymmetric_verify(o, state, attributes_of(c), c->in[0], c->in[1]);
	}
}

enum mt_err call_local(struct operations *o, struct call *c)
{
	switch (c->number) {
	case TA_CALL_STATE_ALLOC: case TA_CALL_STATE_COPY: case TA_CALL_STATE_FREE:
		return state_call(o, c);
	case TA_CALL_HASH_INIT: case TA_CALL_HASH_UPDATE: case TA_CALL_HASH_FINAL:
	case TA_CALL_CIPHER_INIT: case TA_CALL_CIPHER_UPDATE: case TA_CALL_CIPHER_FINAL:
		return stream_call(o, c);
	case TA_CALL_OBJECT_INFO: case TA_CALL_OBJECT_RESTRICT: case TA_CALL_OBJECT_ATTRIBUTE: case TA_CALL_OBJECT_ALLOC: case TA_CALL_OBJECT_CLOSE:
	case TA_CALL_OBJECT_RESET: case TA_CALL_OBJECT_POPULATE: case TA_CALL_OBJECT_COPY: case TA_CALL_GENERATE_KEY:
		return object_call(o, c);
	case TA_CALL_AUTHENTICATED_INIT: case TA_CALL_AUTHENTICATED_AAD: case TA_CALL_AUTHENTICATED_UPDATE: case TA_CALL_AUTHENTICATED_SEAL:
	case TA_CALL_AUTHENTICATED_OPEN:
		return authenticated_call(o, c);
	case TA_CALL_DERIVE_KEY: case TA_CALL_ASYMMETRIC_OPERATE: case TA_CALL_ASYMMETRIC_VERIFY:
		return asymmetric_call(o, c);
	case TA_CALL_RANDOM:
		crypto_random(c->out[0].at, c->out[0].capacity);
		c->out[0].size = c->out[0].capacity;
		return MT_OK;
	default:
		return MT_NOT_FOUND;
	}
}
