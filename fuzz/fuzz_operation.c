/*
 * Keys and operations as a hostile application asks for them: a byte says which call, the next ones its arguments. Memory that is given to a call is
 * as large as the call is told, so that a sanitizer sees one byte too far; nothing is ever larger than what it was said to be.
 */
#include "tee/operation/operation.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CALLS_MAX 64
#define ATTRIBUTES_MAX 9

static const uint32_t types[] = {
	TEE_TYPE_AES, TEE_TYPE_DES, TEE_TYPE_DES3, TEE_TYPE_SM4, TEE_TYPE_HMAC_SHA256, TEE_TYPE_GENERIC_SECRET, TEE_TYPE_HKDF_IKM, TEE_TYPE_ECDSA_KEYPAIR,
	TEE_TYPE_ECDH_KEYPAIR, TEE_TYPE_ECDSA_PUBLIC_KEY, TEE_TYPE_X25519_KEYPAIR, TEE_TYPE_ED25519_KEYPAIR, TEE_TYPE_RSA_PUBLIC_KEY, TEE_TYPE_RSA_KEYPAIR,
	TEE_TYPE_PBKDF2_PASSWORD, TEE_TYPE_CONCAT_KDF_Z, TEE_TYPE_DH_KEYPAIR, TEE_TYPE_DSA_KEYPAIR,
};
static const uint32_t algorithms[] = {
	TEE_ALG_SHA1, TEE_ALG_SHAKE128, TEE_ALG_HMAC_SHA256, TEE_ALG_AES_CMAC, TEE_ALG_DES3_CBC_MAC_PKCS5, TEE_ALG_AES_CBC_MAC_NOPAD, TEE_ALG_AES_ECB_NOPAD,
	TEE_ALG_AES_CBC_NOPAD, TEE_ALG_AES_CTR, TEE_ALG_AES_CTS, TEE_ALG_AES_XTS, TEE_ALG_DES_CBC_NOPAD, TEE_ALG_SM4_CBC_PKCS5, TEE_ALG_AES_GCM,
	TEE_ALG_AES_CCM, TEE_ALG_ECDSA_SHA256, TEE_ALG_ED25519, TEE_ALG_ECDH_DERIVE_SHARED_SECRET, TEE_ALG_X25519, TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA1,
	TEE_ALG_RSA_NOPAD, TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, TEE_ALG_HKDF_SHA256_DERIVE_KEY, TEE_ALG_CONCAT_KDF_SHA256_DERIVE_KEY,
	TEE_ALG_DH_DERIVE_SHARED_SECRET, TEE_ALG_DSA_SHA1,
};
static const uint32_t ids[] = {
	TEE_ATTR_SECRET_VALUE, TEE_ATTR_ECC_CURVE, TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y, TEE_ATTR_ECC_PRIVATE_VALUE, TEE_ATTR_RSA_MODULUS,
	TEE_ATTR_RSA_PUBLIC_EXPONENT, TEE_ATTR_RSA_PRIVATE_EXPONENT, TEE_ATTR_X25519_PUBLIC_VALUE, TEE_ATTR_X25519_PRIVATE_VALUE,
	TEE_ATTR_ED25519_PUBLIC_VALUE, TEE_ATTR_ED25519_PRIVATE_VALUE, TEE_ATTR_HKDF_IKM, TEE_ATTR_HKDF_SALT, TEE_ATTR_HKDF_OKM_LENGTH,
	TEE_ATTR_CONCAT_KDF_Z, TEE_ATTR_CONCAT_KDF_DKM_LENGTH, TEE_ATTR_RSA_OAEP_LABEL, TEE_ATTR_RSA_OAEP_MGF_HASH, TEE_ATTR_RSA_PSS_SALT_LENGTH,
	TEE_ATTR_EDDSA_PREHASH, TEE_ATTR_PBKDF2_PASSWORD, TEE_ATTR_DH_PRIME, TEE_ATTR_DH_BASE, TEE_ATTR_DH_PUBLIC_VALUE, TEE_ATTR_DH_PRIVATE_VALUE,
	TEE_ATTR_DH_X_BITS, TEE_ATTR_DSA_PRIME, TEE_ATTR_DSA_SUBPRIME, TEE_ATTR_DSA_BASE, TEE_ATTR_DSA_PUBLIC_VALUE,
};

struct scene {
	struct operations *o;
	struct cursor c;
	struct operation_attribute attribute[ATTRIBUTES_MAX];
	uint8_t *owned[ATTRIBUTES_MAX + 4];
	size_t owned_count;
};

/* Some of the input, in a block of its own. */
static struct bytes block(struct scene *s)
{
	size_t size = cursor_u8(&s->c);

	size = size < cursor_left(&s->c) ? size : cursor_left(&s->c);
	uint8_t *copy = mt_copy(cursor_take(&s->c, size));
	mt_assert(copy && s->owned_count < MT_COUNT(s->owned));
	s->owned[s->owned_count++] = copy;
	return mt_bytes(copy, size);
}

static uint8_t *room(struct scene *s, size_t *capacity)
{
	*capacity = (size_t)cursor_u8(&s->c) * 3;
	uint8_t *at = mt_alloc(*capacity);
	mt_assert(at && s->owned_count < MT_COUNT(s->owned));
	s->owned[s->owned_count++] = at;
	return at;
}

static operation_handle object(struct scene *s)
{
	return cursor_u8(&s->c) % 8;
}

static operation_handle state(struct scene *s)
{
	return OPERATION_OBJECTS_MAX + cursor_u8(&s->c) % 8;
}

static struct operation_attributes attributes(struct scene *s)
{
	size_t count = cursor_u8(&s->c) % ATTRIBUTES_MAX;

	for (size_t i = 0; i < count; i++) {
		s->attribute[i] = (struct operation_attribute){ .id = ids[cursor_u8(&s->c) % MT_COUNT(ids)] };
		if (s->attribute[i].id & TEE_ATTR_FLAG_VALUE) {
			s->attribute[i].a = cursor_u16(&s->c);
		} else {
			s->attribute[i].buffer = block(s);
		}
	}
	return (struct operation_attributes){ s->attribute, count };
}

static void object_call(struct scene *s, unsigned which)
{
	struct operation_object_info info;
	operation_handle h = object(s);
	size_t size = 0, capacity = 0;
	uint32_t a, b;

	switch (which) {
	case 0:
		(void)!object_alloc(s->o, types[cursor_u8(&s->c) % MT_COUNT(types)], cursor_u16(&s->c) % 1030, &h);
		break;
	case 1:
		(void)!object_populate(s->o, h, attributes(s));
		break;
	case 2:
		(void)!object_copy(s->o, h, object(s));
		break;
	case 3:
		/* RSA takes too long to be generated thousands of times. */
		if (object_info(s->o, h, &info) == MT_OK && info.type != TEE_TYPE_RSA_KEYPAIR) {
			(void)!object_generate(s->o, h, info.size_max, attributes(s));
		}
		break;
	case 4: {
		uint32_t id = ids[cursor_u8(&s->c) % MT_COUNT(ids)];
		uint8_t *out = room(s, &capacity);
		if (object_buffer(s->o, h, id, out, capacity, &size) == MT_OK) {
			mt_assert(size <= capacity && object_info(s->o, h, &info) == MT_OK);
			mt_assert((id & TEE_ATTR_FLAG_PUBLIC) || (info.usage & TEE_USAGE_EXTRACTABLE));
		}
		(void)!object_value(s->o, h, id, &a, &b);
		break;
	}
	case 5: {
		uint8_t *out = room(s, &capacity);
		operation_handle back = 0;
		if (object_encode(s->o, h, out, capacity, &size) == MT_OK) {
			enum mt_err err = object_decode(s->o, mt_bytes(out, size), &back);
			mt_assert(err == MT_OK || err == MT_LIMIT);
			object_free(s->o, back);
		}
		(void)!object_decode(s->o, block(s), &back);
		break;
	}
	case 6:
		(void)!object_restrict(s->o, h, cursor_u8(&s->c));
		break;
	default:
		object_free(s->o, h);
	}
}

static void stream_call(struct scene *s, unsigned which)
{
	operation_handle h = state(s);
	struct bytes in = block(s);
	size_t capacity = 0, size = 0, tag_capacity = 0, tag_size = 0;
	uint8_t *out = room(s, &capacity);
	enum mt_err err = MT_STATE;

	switch (which) {
	case 0:
		(void)!digest_init(s->o, h, in);
		(void)!cipher_init(s->o, h, in);
		break;
	case 1:
		(void)!digest_update(s->o, h, in);
		(void)!authenticated_aad(s->o, h, in);
		break;
	case 2:
		err = digest_final(s->o, h, in, out, capacity, &size);
		break;
	case 3:
		err = cipher_update(s->o, h, in, out, capacity, &size);
		break;
	case 4:
		err = cipher_final(s->o, h, in, out, capacity, &size);
		break;
	case 5:
		(void)!authenticated_init(s->o, h, in, cursor_u8(&s->c) % 20, cursor_u8(&s->c), cursor_u8(&s->c));
		break;
	case 6:
		err = authenticated_update(s->o, h, in, out, capacity, &size);
		break;
	case 7: {
		uint8_t *tag = room(s, &tag_capacity);
		err = authenticated_seal(s->o, h, in, out, capacity, &size, tag, tag_capacity, &tag_size);
		break;
	}
	case 8:
		err = authenticated_open(s->o, h, in, block(s), out, capacity, &size);
		break;
	default:
		(void)!digest_extract(s->o, h, out, capacity);
	}
	mt_assert(err || size <= capacity);
	mt_assert(err != MT_LIMIT || size > capacity || tag_size > tag_capacity);
}

static void state_call(struct scene *s, unsigned which)
{
	operation_handle h = state(s), made = 0;
	size_t capacity = 0, size = 0;

	switch (which) {
	case 0: {
		uint32_t algorithm = algorithms[cursor_u8(&s->c) % MT_COUNT(algorithms)];
		operation_handle key = object(s), key2 = object(s);
		(void)!operation_alloc(s->o, algorithm, (enum operation_mode)(cursor_u8(&s->c) % 8), key, key2, &made);
		break;
	}
	case 1:
		operation_free(s->o, h);
		break;
	case 2:
		(void)!operation_copy(s->o, h, state(s));
		break;
	case 3:
		(void)!operation_key(s->o, h, object(s), object(s));
		break;
	case 4: {
		struct operation_attributes p = attributes(s);
		struct bytes in = block(s);
		uint8_t *out = room(s, &capacity);
		enum mt_err err = asymmetric_operate(s->o, h, p, in, out, capacity, &size);
		mt_assert(err || size <= capacity);
		break;
	}
	case 5: {
		struct operation_attributes p = attributes(s);
		struct bytes in = block(s);
		(void)!asymmetric_verify(s->o, h, p, in, block(s));
		break;
	}
	default:
		(void)!key_derive(s->o, h, attributes(s), object(s));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scene s = { .c = cursor_over(mt_bytes(data, size)) };

	mt_assert(operations_open(&s.o) == MT_OK);
	for (size_t i = 0; i < CALLS_MAX && cursor_left(&s.c) > 0; i++) {
		unsigned call = cursor_u8(&s.c) % 25;
		if (call < 8) {
			object_call(&s, call);
		} else if (call < 18) {
			stream_call(&s, call - 8);
		} else {
			state_call(&s, call - 18);
		}
		while (s.owned_count > 0) {
			mt_free(s.owned[--s.owned_count]);
		}
	}
	operations_close(s.o);
	return 0;
}
