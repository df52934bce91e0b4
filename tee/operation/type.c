/* Types of key objects: which sizes and which attributes (GP TEE Internal Core API 1.3.1, table 5-9 and 6-12 to 6-14; OP-TEE's extensions). */
#include "tee/operation/operation_private.h"

#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"

static const struct part_rule secret[] = { { TEE_ATTR_SECRET_VALUE, PART_NEEDED } };
static const struct part_rule hkdf_ikm[] = { { TEE_ATTR_HKDF_IKM, PART_NEEDED } };
static const struct part_rule concat_z[] = { { TEE_ATTR_CONCAT_KDF_Z, PART_NEEDED } };
static const struct part_rule pbkdf2_password[] = { { TEE_ATTR_PBKDF2_PASSWORD, PART_NEEDED } };

#define PARTS(of) of, MT_COUNT(of)

static const struct type types[] = {
	{ TEE_TYPE_AES, FAMILY_SECRET, 128, 256, 64, PARTS(secret) },
	{ TEE_TYPE_DES, FAMILY_DES, 64, 64, 64, PARTS(secret) },
	{ TEE_TYPE_DES3, FAMILY_DES, 128, 192, 64, PARTS(secret) },
	{ TEE_TYPE_SM4, FAMILY_SECRET, 128, 128, 128, PARTS(secret) },
	{ TEE_TYPE_HMAC_MD5, FAMILY_SECRET, 64, 512, 8, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA1, FAMILY_SECRET, 80, 512, 8, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA224, FAMILY_SECRET, 112, 512, 8, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA256, FAMILY_SECRET, 192, 1024, 8, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA384, FAMILY_SECRET, 256, 1024, 8, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA512, FAMILY_SECRET, 256, 1024, 8, PARTS(secret) },
	{ TEE_TYPE_HMAC_SM3, FAMILY_SECRET, 80, 1024, 8, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA3_224, FAMILY_SECRET, 192, 1024, 8, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA3_256, FAMILY_SECRET, 256, 1024, 8, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA3_384, FAMILY_SECRET, 256, 1024, 8, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA3_512, FAMILY_SECRET, 256, 1024, 8, PARTS(secret) },
	{ TEE_TYPE_GENERIC_SECRET, FAMILY_SECRET, 8, 4096, 8, PARTS(secret) },
	{ TEE_TYPE_HKDF, FAMILY_SECRET, 8, 4096, 8, PARTS(secret) },
	{ TEE_TYPE_HKDF_IKM, FAMILY_SECRET, 8, 4096, 8, PARTS(hkdf_ikm) },
	{ TEE_TYPE_CONCAT_KDF_Z, FAMILY_SECRET, 8, 4096, 8, PARTS(concat_z) },
	{ TEE_TYPE_PBKDF2_PASSWORD, FAMILY_SECRET, 8, 4096, 8, PARTS(pbkdf2_password) },
};

const struct type *type_find(uint32_t id)
{
	for (size_t i = 0; i < MT_COUNT(types); i++) {
		if (types[i].id == id) {
			return &types[i];
		}
	}
	return NULL;
}

uint32_t type_size(const struct type *type, uint32_t bits)
{
	/* GP 1.0 counted DES keys without parity: 56, 112, 168. Applications still do. */
	if (type->family == FAMILY_DES && bits % 56 == 0 && bits <= 168) {
		bits = bits / 7 * 8;
	}
	return bits >= type->size_min && bits <= type->size_max && (bits - type->size_min) % type->size_step == 0 ? bits : 0;
}

const struct part_rule *type_part(const struct type *type, uint32_t id)
{
	for (size_t i = 0; i < type->part_count; i++) {
		if (type->part[i].id == id) {
			return &type->part[i];
		}
	}
	return NULL;
}
