/* Derivation: agreement on curves, and functions that make a secret of a secret. The result is a new object's key and nothing else's. */
#include "tee/operation/operation_private.h"

#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"

#define DERIVED_MAX (4096 / 8)  /* the largest TEE_TYPE_GENERIC_SECRET */

/* What a function takes beside its secret. */
struct inputs {
	struct bytes salt, info;
	uint32_t size, count;
	enum agile_hash hash;   /* AGILE_HASHES: not said yet */
};

/* Under any of its numbers (GP's and, before it, OP-TEE's). GP's one HKDF says its hash and size by parameters of its own. */
static enum mt_err input_take(const struct algorithm *a, const struct operation_attribute *p, struct inputs *in)
{
	bool hkdf = a->class == CLASS_HKDF, concat = a->class == CLASS_CONCAT, pbkdf2 = a->class == CLASS_PBKDF2;
	bool whole = a->id == TEE_ALG_HKDF;

	switch (p->id) {
	case TEE_ATTR_HKDF_SALT:
	case __OPTEE_TEE_ATTR_HKDF_SALT:
		in->salt = p->buffer;
		return hkdf ? MT_OK : MT_MALFORMED;
	case TEE_ATTR_HKDF_INFO:
	case __OPTEE_ATTR_HKDF_INFO:
		in->info = p->buffer;
		return hkdf ? MT_OK : MT_MALFORMED;
	case TEE_ATTR_HKDF_OKM_LENGTH:
		in->size = p->a;
		return hkdf && !whole ? MT_OK : MT_MALFORMED;
	case TEE_ATTR_KDF_KEY_SIZE:
		in->size = p->a;
		return whole ? MT_OK : MT_MALFORMED;
	case TEE_ATTR_HKDF_HASH_ALGORITHM:
		return !whole ? MT_MALFORMED : algorithm_hash(p->a, &in->hash) && in->hash != AGILE_MD5SHA1 ? MT_OK : MT_NOT_FOUND;
	case TEE_ATTR_CONCAT_KDF_OTHER_INFO:
		in->info = p->buffer;
		return concat ? MT_OK : MT_MALFORMED;
	case TEE_ATTR_CONCAT_KDF_DKM_LENGTH:
		in->size = p->a;
		return concat ? MT_OK : MT_MALFORMED;
	case TEE_ATTR_PBKDF2_SALT:
		in->salt = p->buffer;
		return pbkdf2 ? MT_OK : MT_MALFORMED;
	case TEE_ATTR_PBKDF2_ITERATION_COUNT:
		in->count = p->a;
		return pbkdf2 ? MT_OK : MT_MALFORMED;
	case TEE_ATTR_PBKDF2_DKM_LENGTH:
		in->size = p->a;
		return pbkdf2 ? MT_OK : MT_MALFORMED;
	default:
		return MT_MALFORMED;
	}
}

static enum mt_err function_run(const struct state *s, struct operation_attributes parameters, uint8_t out[DERIVED_MAX], size_t *size)
{
	const struct algorithm *a = s->algorithm;
	struct inputs in = { .hash = (enum agile_hash)a->how };

	for (size_t i = 0; i < parameters.count; i++) {
		enum mt_err err = attribute_find(parameters, parameters.at[i].id) == &parameters.at[i] ?
					  input_take(a, &parameters.at[i], &in) : MT_MALFORMED;
		if (err) {
			return err;
		}
	}
	if (in.size == 0 || in.size > DERIVED_MAX || in.hash == AGILE_HASHES) {
		return MT_MALFORMED;
	}
	*size = in.size;
	if (a->class == CLASS_HKDF) {
		return agile_hkdf(in.hash, key_secret(s->key), in.salt, in.info, out, in.size);
	}
	if (a->class == CLASS_CONCAT) {
		return agile_concat(in.hash, key_secret(s->key), in.info, out, in.size);
	}
	return in.count > 0 ? agile_pbkdf2(in.hash, key_secret(s->key), in.salt, in.count, out, in.size) : MT_MALFORMED;
}

static enum mt_err agreement_run(const struct state *s, struct operation_attributes parameters, uint8_t out[DERIVED_MAX], size_t *size)
{
	struct agile_key *other = NULL;
	enum mt_err err = key_other(s->key, parameters, &other);

	if (!err) {
		err = agile_agree(s->key->library, other, out, size);
	}
	agile_key_close(other);
	return err;
}

enum mt_err key_derive(struct operations *o, operation_handle operation, struct operation_attributes parameters, operation_handle handle)
{
	const struct state *s = state_at(o, operation);
	struct object *object = object_at(o, handle);
	uint8_t secret[DERIVED_MAX];
	size_t size = 0;

	if (!s || s->mode != OPERATION_DERIVE || !object || object->type->id != TEE_TYPE_GENERIC_SECRET ||
	    parameters.count > OPERATION_ATTRIBUTES_MAX) {
		return MT_MALFORMED;
	}
	if (!s->key || object->key) {
		return MT_STATE;
	}
	enum mt_err err = s->algorithm->class == CLASS_AGREE ? agreement_run(s, parameters, secret, &size) : function_run(s, parameters, secret, &size);
	if (!err) {
		const struct operation_attribute made = { .id = TEE_ATTR_SECRET_VALUE, .buffer = mt_bytes(secret, size) };
		err = key_make(object->type, object->size_max, (struct operation_attributes){ &made, 1 }, &object->key);
	}
	mt_wipe(secret, sizeof(secret));
	return err;
}
