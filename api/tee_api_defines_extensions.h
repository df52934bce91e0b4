/* Constants that OP-TEE has beyond the GlobalPlatform TEE Internal Core API. Names and values are OP-TEE's. */
#ifndef TEE_API_DEFINES_EXTENSIONS_H
#define TEE_API_DEFINES_EXTENSIONS_H

/*
 * HKDF (RFC 5869), from before the standard had it. Two attributes have since got the standard's names for
 * other numbers (TEE_ATTR_HKDF_SALT, TEE_ATTR_HKDF_INFO); these are the older ones, and both must be
 * understood.
 */
#define TEE_ALG_HKDF_MD5_DERIVE_KEY             0x800010C0
#define TEE_ALG_HKDF_SHA1_DERIVE_KEY            0x800020C0
#define TEE_ALG_HKDF_SHA224_DERIVE_KEY          0x800030C0
#define TEE_ALG_HKDF_SHA256_DERIVE_KEY          0x800040C0
#define TEE_ALG_HKDF_SHA384_DERIVE_KEY          0x800050C0
#define TEE_ALG_HKDF_SHA512_DERIVE_KEY          0x800060C0
#define TEE_TYPE_HKDF_IKM                       0xA10000C0
#define TEE_ATTR_HKDF_IKM                       0xC00001C0
#define __OPTEE_TEE_ATTR_HKDF_SALT              0xD00002C0
#define __OPTEE_ATTR_HKDF_INFO                  0xD00003C0
#define TEE_ATTR_HKDF_OKM_LENGTH                0xF00004C0      /* bytes */

/* Concatenation KDF (NIST SP 800-56A, 5.8.1). */
#define TEE_ALG_CONCAT_KDF_SHA1_DERIVE_KEY      0x800020C1
#define TEE_ALG_CONCAT_KDF_SHA224_DERIVE_KEY    0x800030C1
#define TEE_ALG_CONCAT_KDF_SHA256_DERIVE_KEY    0x800040C1
#define TEE_ALG_CONCAT_KDF_SHA384_DERIVE_KEY    0x800050C1
#define TEE_ALG_CONCAT_KDF_SHA512_DERIVE_KEY    0x800060C1
#define TEE_TYPE_CONCAT_KDF_Z                   0xA10000C1
#define TEE_ATTR_CONCAT_KDF_Z                   0xC00001C1
#define TEE_ATTR_CONCAT_KDF_OTHER_INFO          0xD00002C1
#define TEE_ATTR_CONCAT_KDF_DKM_LENGTH          0xF00003C1      /* bytes */

/* PBKDF2 (RFC 8018, 5.2). */
#define TEE_ALG_PBKDF2_HMAC_SHA1_DERIVE_KEY     0x800020C2
#define TEE_TYPE_PBKDF2_PASSWORD                0xA10000C2
#define TEE_ATTR_PBKDF2_PASSWORD                0xC00001C2
#define TEE_ATTR_PBKDF2_SALT                    0xD00002C2
#define TEE_ATTR_PBKDF2_ITERATION_COUNT         0xF00003C2
#define TEE_ATTR_PBKDF2_DKM_LENGTH              0xF00004C2      /* bytes */

/* PKCS#1 v1.5 signatures over what the caller already wrapped as DigestInfo; RSA with MD5; CMAC with triple DES; XTS with SM4. */
#define TEE_ALG_RSASSA_PKCS1_V1_5               0xF0000830
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_MD5       0xF0111930
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_MD5       0xF0110230
#define TEE_ALG_DES3_CMAC                       0xF0000613
#define TEE_ALG_SM4_XTS                         0xF0000414

/* Storage: on the rich world's disk; in the replay-protected block of an eMMC. */
#define TEE_STORAGE_PRIVATE_REE                 0x80000000
#define TEE_STORAGE_PRIVATE_RPMB                0x80000100
#define TEE_STORAGE_PRIVATE_SQL_RESERVED        0x80000200      /* not in use any more */

/* TEE_CheckMemoryAccessRights: only memory of the normal world, only memory of the secure one. */
#define TEE_MEMORY_ACCESS_NONSECURE             0x10000000
#define TEE_MEMORY_ACCESS_SECURE                0x20000000

/* TEE_Malloc: do not zero. */
#define TEE_USER_MEM_HINT_NO_FILL_ZERO          0x80000000

/* A client in the rich world's kernel. */
#define TEE_LOGIN_REE_KERNEL                    0x80000000

#endif
