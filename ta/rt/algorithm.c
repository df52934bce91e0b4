/*
 * What an algorithm is, from its number. GP's numbers have fields (table 6-10: class in bits 28 to 31, hash or chaining below, key at the end), but
 * for those that came later; OP-TEE's own begin with 0xF. Whether there is such an algorithm the system says, not this.
 */
#include "ta/rt/rt.h"

#include "api/tee_api_defines_extensions.h"

#define KEY_FIELD 0xff

uint32_t algorithm_class(uint32_t algorithm)
{
	switch (algorithm) {
	case TEE_ALG_RSASSA_PKCS1_V1_5:
	case TEE_ALG_RSASSA_PKCS1_PSS_MGF1_MD5:
		return TEE_OPERATION_ASYMMETRIC_SIGNATURE;
	case TEE_ALG_RSAES_PKCS1_OAEP_MGF1_MD5:
	case TEE_ALG_SM2_PKE:
		return TEE_OPERATION_ASYMMETRIC_CIPHER;
	case TEE_ALG_SM2_KEP:
		return TEE_OPERATION_KEY_DERIVATION;
	case TEE_ALG_DES3_CMAC:
		return TEE_OPERATION_MAC;
	case TEE_ALG_SM4_XTS:
		return TEE_OPERATION_CIPHER;
	default:
		return algorithm >> 28 <= TEE_OPERATION_KEY_DERIVATION && algorithm >> 28 != 2 ? algorithm >> 28 : 0;
	}
}

static uint32_t signature_key(uint32_t algorithm)
{
	switch (algorithm & KEY_FIELD) {
	case 0x30:
		return TEE_TYPE_RSA_KEYPAIR;
	case 0x31:
		return TEE_TYPE_DSA_KEYPAIR;
	case 0x41:
	case 0x42:
		return TEE_TYPE_ECDSA_KEYPAIR;
	case 0x43:
		return TEE_TYPE_ED25519_KEYPAIR;
	case 0x44:
		return TEE_TYPE_ED448_KEYPAIR;
	default:
		return TEE_TYPE_SM2_DSA_KEYPAIR;
	}
}

static uint32_t derivation_key(uint32_t algorithm)
{
	switch (algorithm & KEY_FIELD) {
	case 0x32:
		return TEE_TYPE_DH_KEYPAIR;
	case 0x42:
		return TEE_TYPE_ECDH_KEYPAIR;
	case 0x44:
		return TEE_TYPE_X25519_KEYPAIR;
	case 0x45:
		return algorithm == TEE_ALG_SM2_KEP ? TEE_TYPE_SM2_KEP_KEYPAIR : TEE_TYPE_X448_KEYPAIR;
	case 0x47:
		return TEE_TYPE_HKDF;
	case 0xc0:
		return TEE_TYPE_HKDF_IKM;
	case 0xc1:
		return TEE_TYPE_CONCAT_KDF_Z;
	default:
		return TEE_TYPE_PBKDF2_PASSWORD;
	}
}

static uint32_t symmetric_key(uint32_t algorithm)
{
	switch (algorithm & KEY_FIELD) {
	case 0x10:
		return TEE_TYPE_AES;
	case 0x11:
		return TEE_TYPE_DES;
	case 0x13:
		return TEE_TYPE_DES3;
	case 0x14:
	case 0x15:
		return TEE_TYPE_SM4;
	default:
		return TEE_TYPE_GENERIC_SECRET | (algorithm & KEY_FIELD); /* HMAC: the hash's number in both */
	}
}

uint32_t algorithm_key_type(uint32_t algorithm)
{
	switch (algorithm_class(algorithm)) {
	case TEE_OPERATION_CIPHER:
	case TEE_OPERATION_MAC:
	case TEE_OPERATION_AE:
		return symmetric_key(algorithm);
	case TEE_OPERATION_ASYMMETRIC_CIPHER:
		return algorithm == TEE_ALG_SM2_PKE ? TEE_TYPE_SM2_PKE_KEYPAIR : TEE_TYPE_RSA_KEYPAIR;
	case TEE_OPERATION_ASYMMETRIC_SIGNATURE:
		return signature_key(algorithm);
	case TEE_OPERATION_KEY_DERIVATION:
		return derivation_key(algorithm);
	default:
		return 0;
	}
}

static uint32_t hash_size(uint32_t hash)
{
	static const uint8_t size[] = { 0, 16, 20, 28, 32, 48, 64, 32, 28, 32, 48, 64, 0, 0, 0, 36 };

	return hash < RT_COUNT(size) ? size[hash] : 0;
}

uint32_t algorithm_digest_size(uint32_t algorithm)
{
	uint32_t class = algorithm_class(algorithm), key = algorithm & KEY_FIELD;

	if (class == TEE_OPERATION_DIGEST) {
		return algorithm_extendable(algorithm) ? 0 : hash_size(key);
	}
	if (class != TEE_OPERATION_MAC) {
		return 0;
	}
	return key == 0x10 ? 16 : key == 0x11 || key == 0x13 ? 8 : hash_size(key);
}

uint32_t algorithm_signed_size(uint32_t algorithm)
{
	uint32_t hash = algorithm >> 12 & 0xf, key = algorithm & KEY_FIELD;

	if (algorithm_class(algorithm) != TEE_OPERATION_ASYMMETRIC_SIGNATURE || algorithm == TEE_ALG_ED25519 || algorithm == TEE_ALG_ED448) {
		return 0;
	}
	if (algorithm == TEE_ALG_SM2_DSA_SM3) {
		return 32;
	}
	if (key == 0x41 || key == 0x42) {
		return hash_size(hash <= 5 ? hash + 1 : hash + 2); /* here SHA-1 is 1, and SM3 is not counted */
	}
	return hash_size(hash);
}

uint32_t algorithm_usage(uint32_t algorithm, uint32_t mode)
{
	static const uint32_t usage[] = {
		[TEE_MODE_ENCRYPT] = TEE_USAGE_ENCRYPT, [TEE_MODE_DECRYPT] = TEE_USAGE_DECRYPT, [TEE_MODE_SIGN] = TEE_USAGE_SIGN,
		[TEE_MODE_VERIFY] = TEE_USAGE_VERIFY,   [TEE_MODE_MAC] = TEE_USAGE_MAC,         [TEE_MODE_DIGEST] = 0,
		[TEE_MODE_DERIVE] = TEE_USAGE_DERIVE,
	};
	uint32_t bits = mode < RT_COUNT(usage) ? usage[mode] : 0;

	if (algorithm == TEE_ALG_RSA_NOPAD) {
		bits |= mode == TEE_MODE_ENCRYPT ? TEE_USAGE_VERIFY : TEE_USAGE_SIGN;
	}
	return bits;
}

bool algorithm_two_keys(uint32_t algorithm)
{
	return algorithm == TEE_ALG_AES_XTS || algorithm == TEE_ALG_SM4_XTS || algorithm == TEE_ALG_SM2_KEP;
}

bool algorithm_extendable(uint32_t algorithm)
{
	return algorithm == TEE_ALG_SHAKE128 || algorithm == TEE_ALG_SHAKE256;
}

uint32_t algorithm_padded(uint32_t algorithm)
{
	return algorithm == TEE_ALG_SM4_ECB_PKCS5 || algorithm == TEE_ALG_SM4_CBC_PKCS5 ? 16 : 0;
}
