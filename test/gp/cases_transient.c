/* 5.6: transient objects. */
#include "test/gp/cases.h"

#include <tee_syscall.h>

static const uint8_t key_bytes[32] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static TEE_ObjectInfo info_of(TEE_ObjectHandle object)
{
	TEE_ObjectInfo info;

	TEE_GetObjectInfo(object, &info);
	return info;
}

static bool is_initialised(TEE_ObjectHandle object)
{
	return (info_of(object).handleFlags & TEE_HANDLE_FLAG_INITIALIZED) != 0;
}

static void allocate_good(unsigned which)
{
	static const struct {
		uint32_t type, bits;
	} row[] = {
		{ TEE_TYPE_AES, 128 }, { TEE_TYPE_AES, 256 }, { TEE_TYPE_DES3, 192 }, { TEE_TYPE_HMAC_SHA256, 1024 }, { TEE_TYPE_RSA_PUBLIC_KEY, 2048 },
		{ TEE_TYPE_RSA_KEYPAIR, 4096 }, { TEE_TYPE_DSA_KEYPAIR, 1024 }, { TEE_TYPE_DH_KEYPAIR, 2048 }, { TEE_TYPE_ECDSA_KEYPAIR, 521 },
		{ TEE_TYPE_ECDH_PUBLIC_KEY, 192 }, { TEE_TYPE_ED25519_KEYPAIR, 256 }, { TEE_TYPE_X25519_PUBLIC_KEY, 256 }, { TEE_TYPE_X448_KEYPAIR, 448 },
		{ TEE_TYPE_GENERIC_SECRET, 4096 }, { TEE_TYPE_HKDF, 256 },
	};

	(void)which;
	for (gp_size i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TEE_ObjectHandle object = gp_empty(row[i].type, row[i].bits);
		TEE_ObjectInfo info = info_of(object);
		GP(info.objectType == row[i].type && info.maxObjectSize == row[i].bits && info.handleFlags == 0);
		TEE_FreeTransientObject(object);
	}
	TEE_FreeTransientObject(TEE_HANDLE_NULL);
}

static void allocate_error(unsigned which)
{
	TEE_ObjectHandle object = GP_NOBODY;
	TEE_Result result = TEE_SUCCESS;

	if (which == 0) {
		GP(TEE_AllocateTransientObject(TEE_TYPE_AES, 100, &object) == TEE_ERROR_NOT_SUPPORTED && object == TEE_HANDLE_NULL);
		GP(TEE_AllocateTransientObject(TEE_TYPE_AES, 512, &object) == TEE_ERROR_NOT_SUPPORTED);
		GP(TEE_AllocateTransientObject(TEE_TYPE_DATA, 0, &object) == TEE_ERROR_NOT_SUPPORTED);
		GP(TEE_AllocateTransientObject(TEE_TYPE_ILLEGAL_VALUE, 128, &object) == TEE_ERROR_NOT_SUPPORTED);
		return;
	}
	for (unsigned i = 0; i < 100000 && result == TEE_SUCCESS; i++) {
		result = TEE_AllocateTransientObject(TEE_TYPE_AES, 128, &object);
	}
	GP(result == TEE_ERROR_OUT_OF_MEMORY && object == TEE_HANDLE_NULL);
}

static void reset_good(unsigned which)
{
	TEE_ObjectHandle object = gp_aes();
	TEE_Attribute attribute;

	(void)which;
	TEE_ResetTransientObject(object);
	GP(!is_initialised(object) && info_of(object).objectSize == 0 && info_of(object).maxObjectSize == 128);
	TEE_InitRefAttribute(&attribute, TEE_ATTR_SECRET_VALUE, key_bytes, 16);
	GP(TEE_PopulateTransientObject(object, &attribute, 1) == TEE_SUCCESS);
	TEE_ResetTransientObject(TEE_HANDLE_NULL);
}

static void populate_good(unsigned which)
{
	TEE_ObjectHandle object = gp_empty(TEE_TYPE_AES, 256), pair = gp_curve_pair(TEE_TYPE_ECDSA_KEYPAIR);
	TEE_ObjectHandle public = gp_empty(TEE_TYPE_ECDSA_PUBLIC_KEY, 256);
	TEE_Attribute attribute[3];
	uint8_t x[32], y[32], key[16];
	gp_size x_size = 32, y_size = 32;

	(void)which;
	TEE_MemMove(key, key_bytes, 16);
	TEE_InitRefAttribute(&attribute[0], TEE_ATTR_SECRET_VALUE, key, 16);
	GP(TEE_PopulateTransientObject(object, attribute, 1) == TEE_SUCCESS && info_of(object).objectSize == 128);
	TEE_MemFill(key, 0, 16); /* it was copied */
	gp_size size = 16;
	GP(TEE_GetObjectBufferAttribute(object, TEE_ATTR_SECRET_VALUE, key, &size) == TEE_SUCCESS && gp_same(key, key_bytes, 16));
	GP(TEE_GetObjectBufferAttribute(pair, TEE_ATTR_ECC_PUBLIC_VALUE_X, x, &x_size) == TEE_SUCCESS);
	GP(TEE_GetObjectBufferAttribute(pair, TEE_ATTR_ECC_PUBLIC_VALUE_Y, y, &y_size) == TEE_SUCCESS);
	TEE_InitRefAttribute(&attribute[0], TEE_ATTR_ECC_PUBLIC_VALUE_X, x, x_size);
	TEE_InitRefAttribute(&attribute[1], TEE_ATTR_ECC_PUBLIC_VALUE_Y, y, y_size);
	TEE_InitValueAttribute(&attribute[2], TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	GP(TEE_PopulateTransientObject(public, attribute, 3) == TEE_SUCCESS && is_initialised(public));
}

static void populate_error(unsigned which)
{
	TEE_ObjectHandle object = gp_empty(TEE_TYPE_AES, 256), public = gp_empty(TEE_TYPE_ECDSA_PUBLIC_KEY, 256);
	TEE_Attribute attribute[3];
	uint8_t x[32] = { 1 }, y[32] = { 2 };

	(void)which;
	TEE_InitRefAttribute(&attribute[0], TEE_ATTR_SECRET_VALUE, key_bytes, 15);
	GP(TEE_PopulateTransientObject(object, attribute, 1) == TEE_ERROR_BAD_PARAMETERS && !is_initialised(object));
	TEE_InitRefAttribute(&attribute[0], TEE_ATTR_ECC_PUBLIC_VALUE_X, x, 32);
	TEE_InitRefAttribute(&attribute[1], TEE_ATTR_ECC_PUBLIC_VALUE_Y, y, 32);
	TEE_InitValueAttribute(&attribute[2], TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	GP(TEE_PopulateTransientObject(public, attribute, 3) == TEE_ERROR_BAD_PARAMETERS && !is_initialised(public)); /* no point of the curve */
}

static void populate_panic(unsigned which)
{
	TEE_ObjectHandle object = gp_empty(TEE_TYPE_AES, 128), key = gp_aes(), stored = gp_stored("a", key);
	TEE_Attribute attribute[2];

	TEE_InitRefAttribute(&attribute[0], TEE_ATTR_SECRET_VALUE, key_bytes, 16);
	TEE_InitRefAttribute(&attribute[1], TEE_ATTR_RSA_MODULUS, key_bytes, 16);
	gp_now();
	switch (which) {
	case 0:
		(void)TEE_PopulateTransientObject(GP_NOBODY, attribute, 1);
		break;
	case 1:
		(void)TEE_PopulateTransientObject(stored, attribute, 1);
		break;
	case 2:
		(void)TEE_PopulateTransientObject(key, attribute, 1);
		break;
	case 3:
		(void)TEE_PopulateTransientObject(object, attribute, 0);
		break;
	case 4:
		(void)TEE_PopulateTransientObject(object, attribute, 2);
		break;
	case 5:
		attribute[1] = attribute[0];
		(void)TEE_PopulateTransientObject(object, attribute, 2);
		break;
	case 6:
		attribute[0].content.ref.length = 32;
		(void)TEE_PopulateTransientObject(object, attribute, 1);
		break;
	case 7:
		(void)TEE_PopulateTransientObject(object, gp_foreign(), 1);
		break;
	default:
		attribute[0].content.ref.buffer = gp_foreign();
		(void)TEE_PopulateTransientObject(object, attribute, 1);
	}
}

static void init_good(unsigned which)
{
	TEE_Attribute attribute;

	(void)which;
	TEE_InitRefAttribute(&attribute, TEE_ATTR_SECRET_VALUE, key_bytes, 7);
	GP(attribute.attributeID == TEE_ATTR_SECRET_VALUE && attribute.content.ref.buffer == key_bytes && attribute.content.ref.length == 7);
	TEE_InitValueAttribute(&attribute, TEE_ATTR_ECC_CURVE, 3, 4);
	GP(attribute.attributeID == TEE_ATTR_ECC_CURVE && attribute.content.value.a == 3 && attribute.content.value.b == 4);
}

static void init_panic(unsigned which)
{
	TEE_Attribute attribute;

	gp_now();
	if (which == 0) {
		TEE_InitRefAttribute(&attribute, TEE_ATTR_ECC_CURVE, key_bytes, 7);
	} else {
		TEE_InitValueAttribute(&attribute, TEE_ATTR_SECRET_VALUE, 1, 2);
	}
}

/* ---- copies ---- */

static void copy(unsigned deprecated, TEE_ObjectHandle to, TEE_ObjectHandle from)
{
	if (deprecated) {
		TEE_CopyObjectAttributes(to, from);
	} else {
		GP(TEE_CopyObjectAttributes1(to, from) == TEE_SUCCESS);
	}
}

static void copy_good(unsigned deprecated)
{
	TEE_ObjectHandle key = gp_aes(), to = gp_empty(TEE_TYPE_AES, 256), pair = gp_curve_pair(TEE_TYPE_ECDSA_KEYPAIR);
	TEE_ObjectHandle public = gp_empty(TEE_TYPE_ECDSA_PUBLIC_KEY, 256), again = gp_empty(TEE_TYPE_AES, 128);
	uint8_t a[32], b[32];
	gp_size a_size = 32, b_size = 32;

	TEE_RestrictObjectUsage(key, TEE_USAGE_ENCRYPT | TEE_USAGE_EXTRACTABLE);
	copy(deprecated, to, key);
	GP(info_of(to).objectSize == 128 && info_of(to).objectUsage == (TEE_USAGE_ENCRYPT | TEE_USAGE_EXTRACTABLE));
	copy(deprecated, public, pair);
	GP(TEE_GetObjectBufferAttribute(public, TEE_ATTR_ECC_PUBLIC_VALUE_X, a, &a_size) == TEE_SUCCESS);
	GP(TEE_GetObjectBufferAttribute(pair, TEE_ATTR_ECC_PUBLIC_VALUE_X, b, &b_size) == TEE_SUCCESS && a_size == b_size && gp_same(a, b, a_size));
	TEE_ObjectHandle stored = gp_stored("a", key);
	copy(deprecated, again, stored);
	a_size = 32;
	GP(TEE_GetObjectBufferAttribute(again, TEE_ATTR_SECRET_VALUE, a, &a_size) == TEE_SUCCESS && a_size == 16 && a[15] == 15);
	TEE_CloseObject(stored);
}

static void copy_error(unsigned which)
{
	static const TEE_Result errors[] = { TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
					     TEE_ERROR_STORAGE_NOT_AVAILABLE_2 };
	TEE_ObjectHandle stored = gp_stored("a", gp_aes()), to = gp_empty(TEE_TYPE_AES, 128);

	gp_fault(TA_CALL_OBJECT_COPY, 0, errors[which % 4]);
	if (which < 4) {
		GP(TEE_CopyObjectAttributes1(to, stored) == errors[which]);
	} else {
		TEE_CopyObjectAttributes(to, stored);
	}
	GP(!is_initialised(to));
}

static void copy_panic(unsigned which)
{
	TEE_ObjectHandle key = gp_aes(), to = gp_empty(TEE_TYPE_AES, 128), stored = gp_stored("a", key);
	TEE_ObjectHandle pair = gp_curve_pair(TEE_TYPE_ECDSA_KEYPAIR), empty = gp_empty(TEE_TYPE_AES, 128);
	TEE_ObjectHandle large = gp_secret(TEE_TYPE_AES, key_bytes, 32);
	TEE_ObjectHandle from[] = { GP_NOBODY, empty, key, key, key, pair, large }, dest[] = { to, to, GP_NOBODY, stored, key, to, to };

	if (which >= 10) {
		gp_now();
		TEE_CopyObjectAttributes(dest[which - 10], from[which - 10]);
	}
	gp_now();
	(void)TEE_CopyObjectAttributes1(dest[which], from[which]);
}

#define COPY_PANICS(function, base)                                                                 \
	{ function, "panics: srcObject is not open", copy_panic, (base) + 0 },                      \
	{ function, "panics: srcObject is not initialised", copy_panic, (base) + 1 },               \
	{ function, "panics: destObject is not open", copy_panic, (base) + 2 },                     \
	{ function, "panics: destObject is persistent", copy_panic, (base) + 3 },                   \
	{ function, "panics: destObject is initialised", copy_panic, (base) + 4 },                  \
	{ function, "panics: their types do not fit", copy_panic, (base) + 5 },                     \
	{ function, "panics: an attribute is too large for destObject", copy_panic, (base) + 6 }

/* ---- new keys ---- */

static void generate_good(unsigned which)
{
	TEE_ObjectHandle aes = gp_empty(TEE_TYPE_AES, 256), ed = gp_empty(TEE_TYPE_ED25519_KEYPAIR, 256), rsa = gp_empty(TEE_TYPE_RSA_KEYPAIR, 1024);
	uint8_t a[32], b[32];
	gp_size a_size = 32, b_size = 32;
	TEE_Attribute exponent;

	(void)which;
	GP(TEE_GenerateKey(aes, 192, NULL, 0) == TEE_SUCCESS && info_of(aes).objectSize == 192);
	GP(TEE_GetObjectBufferAttribute(aes, TEE_ATTR_SECRET_VALUE, a, &a_size) == TEE_SUCCESS && a_size == 24);
	TEE_ResetTransientObject(aes);
	GP(TEE_GenerateKey(aes, 192, NULL, 0) == TEE_SUCCESS);
	GP(TEE_GetObjectBufferAttribute(aes, TEE_ATTR_SECRET_VALUE, b, &b_size) == TEE_SUCCESS && !gp_same(a, b, 24));
	GP(TEE_GenerateKey(ed, 256, NULL, 0) == TEE_SUCCESS && is_initialised(ed));
	TEE_InitRefAttribute(&exponent, TEE_ATTR_RSA_PUBLIC_EXPONENT, "\x01\x00\x01", 3);
	GP(TEE_GenerateKey(rsa, 1024, &exponent, 1) == TEE_SUCCESS && info_of(rsa).objectSize == 1024);
	GP(info_of(gp_curve_pair(TEE_TYPE_ECDH_KEYPAIR)).objectSize == 256);
}

static void generate_error(unsigned which)
{
	static const TEE_Result errors[] = { TEE_ERROR_CANCEL, TEE_ERROR_EXTERNAL_CANCEL };
	TEE_ObjectHandle pair = gp_empty(TEE_TYPE_ECDSA_KEYPAIR, 256);
	TEE_Attribute curve;

	TEE_InitValueAttribute(&curve, TEE_ATTR_ECC_CURVE, which == 2 ? 77 : TEE_ECC_CURVE_NIST_P256, 0);
	if (which < 2) {
		gp_fault(TA_CALL_GENERATE_KEY, 0, errors[which]);
	}
	GP(TEE_GenerateKey(pair, 256, &curve, 1) == (which < 2 ? errors[which] : TEE_ERROR_BAD_PARAMETERS) && !is_initialised(pair));
}

static void generate_panic(unsigned which)
{
	TEE_ObjectHandle object = gp_empty(TEE_TYPE_AES, 192), key = gp_aes(), stored = gp_stored("a", key);
	TEE_ObjectHandle pair = gp_empty(TEE_TYPE_ECDSA_KEYPAIR, 256), public = gp_empty(TEE_TYPE_RSA_PUBLIC_KEY, 1024);

	gp_now();
	switch (which) {
	case 0:
		(void)TEE_GenerateKey(GP_NOBODY, 128, NULL, 0);
		break;
	case 1:
		(void)TEE_GenerateKey(stored, 128, NULL, 0);
		break;
	case 2:
		(void)TEE_GenerateKey(key, 128, NULL, 0);
		break;
	case 3:
		(void)TEE_GenerateKey(public, 1024, NULL, 0);
		break;
	case 4:
		(void)TEE_GenerateKey(object, 100, NULL, 0);
		break;
	case 5:
		(void)TEE_GenerateKey(object, 256, NULL, 0);
		break;
	case 6:
		(void)TEE_GenerateKey(pair, 256, NULL, 0);
		break;
	default:
		(void)TEE_GenerateKey(pair, 256, gp_foreign(), 1);
	}
}

static void transient_panic(unsigned which)
{
	TEE_ObjectHandle stored = gp_stored("a", TEE_HANDLE_NULL);

	gp_now();
	switch (which) {
	case 0:
		(void)TEE_AllocateTransientObject(TEE_TYPE_AES, 128, NULL);
		break;
	case 1:
		TEE_FreeTransientObject(GP_NOBODY);
		break;
	case 2:
		TEE_FreeTransientObject(stored);
		break;
	case 3:
		TEE_ResetTransientObject(GP_NOBODY);
		break;
	default:
		TEE_ResetTransientObject(stored);
	}
}

const struct gp_row gp_rows_transient[] = {
	{ "TEE_AllocateTransientObject", "success", allocate_good, 0 },
	{ "TEE_AllocateTransientObject", "TEE_ERROR_OUT_OF_MEMORY", allocate_error, 1 },
	{ "TEE_AllocateTransientObject", "TEE_ERROR_NOT_SUPPORTED", allocate_error, 0 },
	{ "TEE_AllocateTransientObject", "panics: object cannot be written", transient_panic, 0 },
	{ "TEE_FreeTransientObject", "success", allocate_good, 0 },
	{ "TEE_FreeTransientObject", "panics: object is not open", transient_panic, 1 },
	{ "TEE_FreeTransientObject", "panics: object is persistent", transient_panic, 2 },
	{ "TEE_ResetTransientObject", "success", reset_good, 0 },
	{ "TEE_ResetTransientObject", "panics: object is not open", transient_panic, 3 },
	{ "TEE_ResetTransientObject", "panics: object is persistent", transient_panic, 4 },
	{ "TEE_PopulateTransientObject", "success", populate_good, 0 },
	{ "TEE_PopulateTransientObject", "TEE_ERROR_BAD_PARAMETERS", populate_error, 0 },
	{ "TEE_PopulateTransientObject", "panics: object is not open", populate_panic, 0 },
	{ "TEE_PopulateTransientObject", "panics: object is persistent", populate_panic, 1 },
	{ "TEE_PopulateTransientObject", "panics: object is initialised", populate_panic, 2 },
	{ "TEE_PopulateTransientObject", "panics: a demanded attribute is missing", populate_panic, 3 },
	{ "TEE_PopulateTransientObject", "panics: one is there that the type has not", populate_panic, 4 },
	{ "TEE_PopulateTransientObject", "panics: one is there twice", populate_panic, 5 },
	{ "TEE_PopulateTransientObject", "panics: one is too large for the object", populate_panic, 6 },
	{ "TEE_PopulateTransientObject", "panics: attrs cannot be read", populate_panic, 7 },
	{ "TEE_PopulateTransientObject", "panics: an attribute's buffer cannot be read", populate_panic, 8 },
	{ "TEE_InitRefAttribute", "success", init_good, 0 },
	{ "TEE_InitRefAttribute", "panics: attributeID is a value's", init_panic, 0 },
	{ "TEE_InitValueAttribute", "success", init_good, 0 },
	{ "TEE_InitValueAttribute", "panics: attributeID is a buffer's", init_panic, 1 },
	{ "TEE_CopyObjectAttributes", "success", copy_good, 1 },
	{ "TEE_CopyObjectAttributes", "success: a corrupt source leaves destObject not initialised", copy_error, 4 },
	{ "TEE_CopyObjectAttributes", "success: an unavailable source leaves destObject not initialised", copy_error, 6 },
	COPY_PANICS("TEE_CopyObjectAttributes", 10),
	{ "TEE_CopyObjectAttributes1", "success", copy_good, 0 },
	{ "TEE_CopyObjectAttributes1", "TEE_ERROR_CORRUPT_OBJECT", copy_error, 0 },
	{ "TEE_CopyObjectAttributes1", "TEE_ERROR_CORRUPT_OBJECT_2", copy_error, 1 },
	{ "TEE_CopyObjectAttributes1", "TEE_ERROR_STORAGE_NOT_AVAILABLE", copy_error, 2 },
	{ "TEE_CopyObjectAttributes1", "TEE_ERROR_STORAGE_NOT_AVAILABLE_2", copy_error, 3 },
	COPY_PANICS("TEE_CopyObjectAttributes1", 0),
	{ "TEE_GenerateKey", "success", generate_good, 0 },
	{ "TEE_GenerateKey", "TEE_ERROR_BAD_PARAMETERS", generate_error, 2 },
	{ "TEE_GenerateKey", "TEE_ERROR_CANCEL", generate_error, 0 },
	{ "TEE_GenerateKey", "TEE_ERROR_EXTERNAL_CANCEL", generate_error, 1 },
	{ "TEE_GenerateKey", "panics: object is not open", generate_panic, 0 },
	{ "TEE_GenerateKey", "panics: object is persistent", generate_panic, 1 },
	{ "TEE_GenerateKey", "panics: object is initialised", generate_panic, 2 },
	{ "TEE_GenerateKey", "panics: its type has no keys to make", generate_panic, 3 },
	{ "TEE_GenerateKey", "panics: keySize is not one of its", generate_panic, 4 },
	{ "TEE_GenerateKey", "panics: keySize is above its maximum", generate_panic, 5 },
	{ "TEE_GenerateKey", "panics: a demanded parameter is missing", generate_panic, 6 },
	{ "TEE_GenerateKey", "panics: params cannot be read", generate_panic, 7 },
};
GP_COUNT(transient)
