/* Types of key objects: which sizes and which attributes (GP TEE Internal Core API 1.3.1, table 5-9 and 6-12 to 6-14; OP-TEE's extensions). */
#include "tee/operation/operation_private.h"

#include "api/tee_api_defines.h"
#include "api/tee_api_defines_extensions.h"

static const struct part_rule secret[] = { { TEE_ATTR_SECRET_VALUE, PART_NEEDED, 0 } };
static const struct part_rule hkdf_ikm[] = { { TEE_ATTR_HKDF_IKM, PART_NEEDED, 0 } };
static const struct part_rule concat_z[] = { { TEE_ATTR_CONCAT_KDF_Z, PART_NEEDED, 0 } };
static const struct part_rule pbkdf2_password[] = { { TEE_ATTR_PBKDF2_PASSWORD, PART_NEEDED, 0 } };

/* Public parts first: a public key's are the head of a pair's. */
static const struct part_rule rsa[] = {
	{ TEE_ATTR_RSA_MODULUS, PART_NEEDED, AGILE_N },
	{ TEE_ATTR_RSA_PUBLIC_EXPONENT, PART_NEEDED | PART_GIVEN_MAYBE, AGILE_E },
	{ TEE_ATTR_RSA_PRIVATE_EXPONENT, PART_NEEDED, AGILE_D },
	{ TEE_ATTR_RSA_PRIME1, PART_CRT, AGILE_PRIME1 },
	{ TEE_ATTR_RSA_PRIME2, PART_CRT, AGILE_PRIME2 },
	{ TEE_ATTR_RSA_EXPONENT1, PART_CRT, AGILE_EXPONENT1 },
	{ TEE_ATTR_RSA_EXPONENT2, PART_CRT, AGILE_EXPONENT2 },
	{ TEE_ATTR_RSA_COEFFICIENT, PART_CRT, AGILE_COEFFICIENT },
};
#define RSA_PUBLIC 2
static const struct part_rule dsa[] = {
	{ TEE_ATTR_DSA_PRIME, PART_NEEDED | PART_GIVEN, AGILE_P },
	{ TEE_ATTR_DSA_SUBPRIME, PART_NEEDED | PART_GIVEN, AGILE_Q },
	{ TEE_ATTR_DSA_BASE, PART_NEEDED | PART_GIVEN, AGILE_G },
	{ TEE_ATTR_DSA_PUBLIC_VALUE, PART_NEEDED, AGILE_PUBLIC },
	{ TEE_ATTR_DSA_PRIVATE_VALUE, PART_NEEDED, AGILE_PRIVATE },
};
#define DSA_PUBLIC 4
static const struct part_rule dh[] = {
	{ TEE_ATTR_DH_PRIME, PART_NEEDED | PART_GIVEN, AGILE_P },
	{ TEE_ATTR_DH_SUBPRIME, PART_GIVEN_MAYBE, AGILE_Q },
	{ TEE_ATTR_DH_BASE, PART_NEEDED | PART_GIVEN, AGILE_G },
	{ TEE_ATTR_DH_X_BITS, PART_GIVEN_MAYBE, AGILE_PARTS },
	{ TEE_ATTR_DH_PUBLIC_VALUE, PART_NEEDED, AGILE_PUBLIC },
	{ TEE_ATTR_DH_PRIVATE_VALUE, PART_NEEDED, AGILE_PRIVATE },
};
static const struct part_rule curve[] = {
	{ TEE_ATTR_ECC_CURVE, PART_NEEDED | PART_GIVEN, AGILE_PARTS },
	{ TEE_ATTR_ECC_PUBLIC_VALUE_X, PART_NEEDED, AGILE_X },
	{ TEE_ATTR_ECC_PUBLIC_VALUE_Y, PART_NEEDED, AGILE_Y },
	{ TEE_ATTR_ECC_PRIVATE_VALUE, PART_NEEDED, AGILE_PRIVATE },
};
#define CURVE_PUBLIC 3
static const struct part_rule ed25519[] = {
	{ TEE_ATTR_ED25519_PUBLIC_VALUE, PART_NEEDED, AGILE_PUBLIC }, { TEE_ATTR_ED25519_PRIVATE_VALUE, PART_NEEDED, AGILE_PRIVATE },
};
static const struct part_rule x25519[] = {
	{ TEE_ATTR_X25519_PUBLIC_VALUE, PART_NEEDED, AGILE_PUBLIC }, { TEE_ATTR_X25519_PRIVATE_VALUE, PART_NEEDED, AGILE_PRIVATE },
};
static const struct part_rule x448[] = {
	{ TEE_ATTR_X448_PUBLIC_VALUE, PART_NEEDED, AGILE_PUBLIC }, { TEE_ATTR_X448_PRIVATE_VALUE, PART_NEEDED, AGILE_PRIVATE },
};
#define RAW_PUBLIC 1

#define PARTS(of) of, MT_COUNT(of)

static const struct type types[] = {
	{ TEE_TYPE_AES, FAMILY_SECRET, 128, 256, 64, 0, PARTS(secret) },
	{ TEE_TYPE_DES, FAMILY_DES, 64, 64, 64, 0, PARTS(secret) },
	{ TEE_TYPE_DES3, FAMILY_DES, 128, 192, 64, 0, PARTS(secret) },
	{ TEE_TYPE_SM4, FAMILY_SECRET, 128, 128, 128, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_MD5, FAMILY_SECRET, 64, 512, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA1, FAMILY_SECRET, 80, 512, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA224, FAMILY_SECRET, 112, 512, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA256, FAMILY_SECRET, 192, 1024, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA384, FAMILY_SECRET, 256, 1024, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA512, FAMILY_SECRET, 256, 1024, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_SM3, FAMILY_SECRET, 80, 1024, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA3_224, FAMILY_SECRET, 192, 1024, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA3_256, FAMILY_SECRET, 256, 1024, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA3_384, FAMILY_SECRET, 256, 1024, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HMAC_SHA3_512, FAMILY_SECRET, 256, 1024, 8, 0, PARTS(secret) },
	{ TEE_TYPE_GENERIC_SECRET, FAMILY_SECRET, 8, 4096, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HKDF, FAMILY_SECRET, 8, 4096, 8, 0, PARTS(secret) },
	{ TEE_TYPE_HKDF_IKM, FAMILY_SECRET, 8, 4096, 8, 0, PARTS(hkdf_ikm) },
	{ TEE_TYPE_CONCAT_KDF_Z, FAMILY_SECRET, 8, 4096, 8, 0, PARTS(concat_z) },
	{ TEE_TYPE_PBKDF2_PASSWORD, FAMILY_SECRET, 8, 4096, 8, 0, PARTS(pbkdf2_password) },

	{ TEE_TYPE_RSA_PUBLIC_KEY, FAMILY_RSA, 256, 4096, 1, AGILE_RSA, rsa, RSA_PUBLIC },
	{ TEE_TYPE_RSA_KEYPAIR, FAMILY_RSA, 256, 4096, 1, AGILE_RSA, PARTS(rsa) },
	{ TEE_TYPE_DSA_PUBLIC_KEY, FAMILY_FIELD, 512, 3072, 64, AGILE_DSA, dsa, DSA_PUBLIC },
	{ TEE_TYPE_DSA_KEYPAIR, FAMILY_FIELD, 512, 3072, 64, AGILE_DSA, PARTS(dsa) },
	{ TEE_TYPE_DH_KEYPAIR, FAMILY_FIELD, 256, 2048, 8, AGILE_DH, PARTS(dh) },
	{ TEE_TYPE_ECDSA_PUBLIC_KEY, FAMILY_EC, 192, 521, 1, AGILE_EC, curve, CURVE_PUBLIC },
	{ TEE_TYPE_ECDSA_KEYPAIR, FAMILY_EC, 192, 521, 1, AGILE_EC, PARTS(curve) },
	{ TEE_TYPE_ECDH_PUBLIC_KEY, FAMILY_EC, 192, 521, 1, AGILE_EC, curve, CURVE_PUBLIC },
	{ TEE_TYPE_ECDH_KEYPAIR, FAMILY_EC, 192, 521, 1, AGILE_EC, PARTS(curve) },
	{ TEE_TYPE_ED25519_PUBLIC_KEY, FAMILY_RAW, 256, 256, 256, AGILE_ED25519, ed25519, RAW_PUBLIC },
	{ TEE_TYPE_ED25519_KEYPAIR, FAMILY_RAW, 256, 256, 256, AGILE_ED25519, PARTS(ed25519) },
	{ TEE_TYPE_X25519_PUBLIC_KEY, FAMILY_RAW, 256, 256, 256, AGILE_X25519, x25519, RAW_PUBLIC },
	{ TEE_TYPE_X25519_KEYPAIR, FAMILY_RAW, 256, 256, 256, AGILE_X25519, PARTS(x25519) },
	{ TEE_TYPE_X448_PUBLIC_KEY, FAMILY_RAW, 448, 448, 448, AGILE_X448, x448, RAW_PUBLIC },
	{ TEE_TYPE_X448_KEYPAIR, FAMILY_RAW, 448, 448, 448, AGILE_X448, PARTS(x448) },
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
