/* Signatures and encryption by asymmetric keys. Nothing is kept from call to call. */
#include "tee/operation/operation_private.h"

#include <string.h>

#include "api/tee_api_defines.h"

static bool is_asymmetric(const struct state *s)
{
	return s && s->algorithm->class >= CLASS_RSA_SIGN && s->algorithm->class <= CLASS_EDDSA;
}

/* What an algorithm and its parameters ask of a key, with room for what scheme points to. */
struct request {
	struct agile_scheme scheme;
	enum agile_hash hash, mgf;
};

/* One parameter. MT_MALFORMED: this algorithm has none such; MT_NOT_FOUND: not this value. */
static enum mt_err parameter_take(const struct algorithm *a, const struct operation_attribute *p, struct request *r)
{
	uint32_t mgf = 0;

	switch (p->id) {
	case TEE_ATTR_RSA_PSS_SALT_LENGTH:
		r->scheme.salt_size = p->a;
		return a->base != AGILE_PSS ? MT_MALFORMED : p->a <= AGILE_SIGNATURE_MAX ? MT_OK : MT_NOT_FOUND;
	case TEE_ATTR_RSA_OAEP_LABEL:
		r->scheme.label = p->buffer;
		return a->base != AGILE_OAEP ? MT_MALFORMED : p->buffer.size <= OPERATION_DATA_MAX ? MT_OK : MT_NOT_FOUND;
	case TEE_ATTR_RSA_OAEP_MGF_HASH:
		if (a->base != AGILE_OAEP || p->buffer.size != sizeof(mgf)) {
			return MT_MALFORMED;
		}
		memcpy(&mgf, p->buffer.at, sizeof(mgf));
		return algorithm_hash(mgf, &r->mgf) ? MT_OK : MT_NOT_FOUND;
	case TEE_ATTR_EDDSA_PREHASH:
	case TEE_ATTR_EDDSA_CTX:
		return a->class == CLASS_EDDSA ? MT_NOT_FOUND : MT_MALFORMED;
	default:
		return MT_MALFORMED;
	}
}

/* `r` stays where it is: its scheme points into it. */
static enum mt_err request_make(const struct algorithm *a, struct operation_attributes parameters, struct request *r)
{
	*r = (struct request){ .scheme = { .padding = AGILE_RAW } };
	if (parameters.count > OPERATION_ATTRIBUTES_MAX) {
		return MT_MALFORMED;
	}
	bool rsa = a->class == CLASS_RSA_SIGN || a->class == CLASS_RSA_CRYPT;
	if (rsa) {
		r->scheme.padding = (enum agile_padding)a->base;
	}
	if (a->how < AGILE_HASHES) {
		r->hash = r->mgf = (enum agile_hash)a->how;
		r->scheme.hash = &r->hash;
		r->scheme.mgf = &r->mgf;
		r->scheme.salt_size = agile_hash_size(r->hash);
	}
	for (size_t i = 0; i < parameters.count; i++) {
		if (attribute_find(parameters, parameters.at[i].id) != &parameters.at[i]) {
			return MT_MALFORMED;
		}
		enum mt_err err = rsa || a->class == CLASS_EDDSA ? parameter_take(a, &parameters.at[i], r) : MT_MALFORMED;
		if (err) {
			return err;
		}
	}
	return MT_OK;
}

/* A digest has its hash's size; messages and DigestInfos have any. */
static bool digest_fits(const struct algorithm *a, struct bytes digest)
{
	bool digests = a->class == CLASS_ECDSA || a->class == CLASS_DSA || (a->class == CLASS_RSA_SIGN && a->how < AGILE_HASHES);

	return digest.size <= OPERATION_DATA_MAX && (!digests || digest.size == agile_hash_size((enum agile_hash)a->how));
}

/* RSA without padding gives a number: its leading zeros are taken off, but for one. */
static size_t raw_start(const struct algorithm *a, const uint8_t *at, size_t size)
{
	size_t start = 0;

	while (a->base == AGILE_RAW && start + 1 < size && at[start] == 0) {
		start++;
	}
	return start;
}

enum mt_err asymmetric_operate(struct operations *o, operation_handle operation, struct operation_attributes parameters, struct bytes in,
			       uint8_t *out, size_t capacity, size_t *out_size)
{
	const struct state *s = state_at(o, operation);
	uint8_t made[AGILE_SIGNATURE_MAX];
	struct request r;
	size_t size = 0, start = 0;

	if (!is_asymmetric(s)) {
		return MT_MALFORMED;
	}
	if (s->mode == OPERATION_VERIFY || !s->key) {
		return MT_STATE;
	}
	enum mt_err err = request_make(s->algorithm, parameters, &r);
	if (err) {
		return err;
	}
	if (s->mode == OPERATION_SIGN) {
		err = digest_fits(s->algorithm, in) ? agile_sign(s->key->library, &r.scheme, in, made, &size) : MT_MALFORMED;
	} else if (s->mode == OPERATION_ENCRYPT) {
		err = agile_encrypt(s->key->library, &r.scheme, in, made, &size);
	} else {
		err = agile_decrypt(s->key->library, &r.scheme, in, made, &size);
		start = err ? 0 : raw_start(s->algorithm, made, size);
	}
	if (!err) {
		err = out_room(capacity, size - start, out_size);
	}
	if (!err && size > start) {
		memcpy(out, made + start, size - start);
	}
	mt_wipe(made, sizeof(made));
	return err;
}

enum mt_err asymmetric_verify(struct operations *o, operation_handle operation, struct operation_attributes parameters, struct bytes digest,
			      struct bytes signature)
{
	const struct state *s = state_at(o, operation);
	struct request r;

	if (!is_asymmetric(s)) {
		return MT_MALFORMED;
	}
	if (s->mode != OPERATION_VERIFY || !s->key) {
		return MT_STATE;
	}
	enum mt_err err = request_make(s->algorithm, parameters, &r);
	if (err) {
		return err;
	}
	return digest_fits(s->algorithm, digest) ? agile_verify(s->key->library, &r.scheme, digest, signature) : MT_MALFORMED;
}
