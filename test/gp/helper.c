/* What cases share. */
#include "test/gp/gp.h"

static const uint8_t key_bytes[32] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

bool gp_same(const void *a, const void *b, gp_size size)
{
	return TEE_MemCompare(a, b, size) == 0;
}

TEE_Result gp_extract(TEE_OperationHandle operation, void *hash, gp_size *size)
{
	size_t wide = *size;
	TEE_Result result = TEE_DigestExtract(operation, hash, &wide);

	*size = (gp_size)wide;
	return result;
}

TEE_ObjectHandle gp_empty(uint32_t type, uint32_t bits)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	GP(TEE_AllocateTransientObject(type, bits, &object) == TEE_SUCCESS && object != TEE_HANDLE_NULL);
	return object;
}

TEE_ObjectHandle gp_secret(uint32_t type, const void *secret, gp_size size)
{
	TEE_ObjectHandle object = gp_empty(type, (uint32_t)size * 8);
	TEE_Attribute attribute;

	TEE_InitRefAttribute(&attribute, TEE_ATTR_SECRET_VALUE, secret, size);
	GP(TEE_PopulateTransientObject(object, &attribute, 1) == TEE_SUCCESS);
	return object;
}

TEE_ObjectHandle gp_aes(void)
{
	return gp_secret(TEE_TYPE_AES, key_bytes, 16);
}

TEE_ObjectHandle gp_curve_pair(uint32_t type)
{
	TEE_ObjectHandle object = gp_empty(type, 256);
	TEE_Attribute curve;

	TEE_InitValueAttribute(&curve, TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	GP(TEE_GenerateKey(object, 256, &curve, 1) == TEE_SUCCESS);
	return object;
}

TEE_ObjectHandle gp_rsa_pair(void)
{
	TEE_ObjectHandle object = gp_empty(TEE_TYPE_RSA_KEYPAIR, 1024);

	GP(TEE_GenerateKey(object, 1024, NULL, 0) == TEE_SUCCESS);
	return object;
}

TEE_OperationHandle gp_operation(uint32_t algorithm, uint32_t mode, uint32_t bits, TEE_ObjectHandle key)
{
	TEE_OperationHandle operation = TEE_HANDLE_NULL;

	GP(TEE_AllocateOperation(&operation, algorithm, mode, bits) == TEE_SUCCESS && operation != TEE_HANDLE_NULL);
	if (key != TEE_HANDLE_NULL) {
		GP(TEE_SetOperationKey(operation, key) == TEE_SUCCESS);
	}
	return operation;
}

TEE_ObjectHandle gp_stored(const char *name, TEE_ObjectHandle attributes)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	gp_size size = 0;

	while (name[size]) {
		size++;
	}
	GP(TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name, size, GP_ALL_FLAGS, attributes, "data", 4, &object) == TEE_SUCCESS);
	GP(object != TEE_HANDLE_NULL);
	return object;
}
