/*
 * GlobalPlatform TEE Internal Core API 1.3.1 (GPD_SPE_010): constants of the framework, storage and operations.
 *
 * Names and values are the standard's. Identifiers of algorithms, object types, attributes and curves stand in
 * tee_api_crypto_defines.h, those of panicked functions in tee_api_panic_ids.h; both are included here.
 */
#ifndef TEE_API_DEFINES_H
#define TEE_API_DEFINES_H

#include "tee_api_crypto_defines.h"
#include "tee_api_panic_ids.h"

/* The version that these headers declare (4.2.6). */
#define TEE_CORE_API_MAJOR_VERSION              1U
#define TEE_CORE_API_MINOR_VERSION              3U
#define TEE_CORE_API_MAINTENANCE_VERSION        1U
#define TEE_CORE_API_VERSION \
	((TEE_CORE_API_MAJOR_VERSION << 24) | (TEE_CORE_API_MINOR_VERSION << 16) | (TEE_CORE_API_MAINTENANCE_VERSION << 8))
#define TEE_CORE_API_1_3_1

/*
 * A TA may say which version it was written for, by TEE_CORE_API_REQUIRED_MAJOR_VERSION, ..._MINOR_VERSION and
 * ..._MAINTENANCE_VERSION (3.5.1). 1.1 selects the signatures with 32-bit lengths (tee_api_compat.h), as does
 * __OPTEE_CORE_API_COMPAT_1_1, which is OP-TEE's name for it; 1.2 and 1.3 are what is declared anyway. Later
 * functions stay visible to older TAs: they take no name that an older version used otherwise.
 */
#if defined(TEE_CORE_API_REQUIRED_MAINTENANCE_VERSION) && !defined(TEE_CORE_API_REQUIRED_MINOR_VERSION)
#error "TEE_CORE_API_REQUIRED_MAINTENANCE_VERSION needs TEE_CORE_API_REQUIRED_MINOR_VERSION"
#endif
#if defined(TEE_CORE_API_REQUIRED_MINOR_VERSION) && !defined(TEE_CORE_API_REQUIRED_MAJOR_VERSION)
#error "TEE_CORE_API_REQUIRED_MINOR_VERSION needs TEE_CORE_API_REQUIRED_MAJOR_VERSION"
#endif
#ifdef TEE_CORE_API_REQUIRED_MAJOR_VERSION
#if TEE_CORE_API_REQUIRED_MAJOR_VERSION != 0 && TEE_CORE_API_REQUIRED_MAJOR_VERSION != 1
#error "no such major version of the TEE Internal Core API here"
#endif
#ifdef TEE_CORE_API_REQUIRED_MINOR_VERSION
#if TEE_CORE_API_REQUIRED_MINOR_VERSION == 1
#ifndef __OPTEE_CORE_API_COMPAT_1_1
#define __OPTEE_CORE_API_COMPAT_1_1             1
#endif
#elif TEE_CORE_API_REQUIRED_MINOR_VERSION != 2 && TEE_CORE_API_REQUIRED_MINOR_VERSION != 3
#error "no such minor version of the TEE Internal Core API here"
#endif
#endif
#endif
#ifndef __OPTEE_CORE_API_COMPAT_1_1
#define __OPTEE_CORE_API_COMPAT_1_1             0
#endif

#define TEE_HANDLE_NULL                         0
#define TEE_TIMEOUT_INFINITE                    0xFFFFFFFF

/* Return codes (3.3.3). */
#define TEE_SUCCESS                             0x00000000
#define TEE_ERROR_CORRUPT_OBJECT                0xF0100001
#define TEE_ERROR_CORRUPT_OBJECT_2              0xF0100002
#define TEE_ERROR_STORAGE_NOT_AVAILABLE         0xF0100003
#define TEE_ERROR_STORAGE_NOT_AVAILABLE_2       0xF0100004
#define TEE_ERROR_UNSUPPORTED_VERSION           0xF0100005
#define TEE_ERROR_CIPHERTEXT_INVALID            0xF0100006
#define TEE_ERROR_GENERIC                       0xFFFF0000
#define TEE_ERROR_ACCESS_DENIED                 0xFFFF0001
#define TEE_ERROR_CANCEL                        0xFFFF0002
#define TEE_ERROR_ACCESS_CONFLICT               0xFFFF0003
#define TEE_ERROR_EXCESS_DATA                   0xFFFF0004
#define TEE_ERROR_BAD_FORMAT                    0xFFFF0005
#define TEE_ERROR_BAD_PARAMETERS                0xFFFF0006
#define TEE_ERROR_BAD_STATE                     0xFFFF0007
#define TEE_ERROR_ITEM_NOT_FOUND                0xFFFF0008
#define TEE_ERROR_NOT_IMPLEMENTED               0xFFFF0009
#define TEE_ERROR_NOT_SUPPORTED                 0xFFFF000A
#define TEE_ERROR_NO_DATA                       0xFFFF000B
#define TEE_ERROR_OUT_OF_MEMORY                 0xFFFF000C
#define TEE_ERROR_BUSY                          0xFFFF000D
#define TEE_ERROR_COMMUNICATION                 0xFFFF000E
#define TEE_ERROR_SECURITY                      0xFFFF000F
#define TEE_ERROR_SHORT_BUFFER                  0xFFFF0010
#define TEE_ERROR_EXTERNAL_CANCEL               0xFFFF0011
#define TEE_ERROR_TIMEOUT                       0xFFFF3001
#define TEE_ERROR_OVERFLOW                      0xFFFF300F
#define TEE_ERROR_TARGET_DEAD                   0xFFFF3024
#define TEE_ERROR_STORAGE_NO_SPACE              0xFFFF3041
#define TEE_ERROR_MAC_INVALID                   0xFFFF3071
#define TEE_ERROR_SIGNATURE_INVALID             0xFFFF3072
#define TEE_ERROR_TIME_NOT_SET                  0xFFFF5000
#define TEE_ERROR_TIME_NEEDS_RESET              0xFFFF5001

/* Types of an operation's four parameters, 4 bits each (4.2.1, 4.3.6). */
#define TEE_PARAM_TYPE_NONE                     0
#define TEE_PARAM_TYPE_VALUE_INPUT              1
#define TEE_PARAM_TYPE_VALUE_OUTPUT             2
#define TEE_PARAM_TYPE_VALUE_INOUT              3
#define TEE_PARAM_TYPE_MEMREF_INPUT             5
#define TEE_PARAM_TYPE_MEMREF_OUTPUT            6
#define TEE_PARAM_TYPE_MEMREF_INOUT             7

#define TEE_NUM_PARAMS                          4       /* written as 4 in the standard */

/* All four types as the one word that entry points get. */
#define TEE_PARAM_TYPES(t0, t1, t2, t3)         ((t0) | ((t1) << 4) | ((t2) << 8) | ((t3) << 12))
/* The type of parameter i, 0 to 3, in such a word; and the word that has type t there and none elsewhere. */
#define TEE_PARAM_TYPE_GET(t, i)                ((((uint32_t)(t)) >> ((i) * 4)) & 0xF)
#define TEE_PARAM_TYPE_SET(t, i)                (((uint32_t)(t) & 0xF) << ((i) * 4))

/* How a client said who it is (4.2.2). */
#define TEE_LOGIN_PUBLIC                        0x00000000
#define TEE_LOGIN_USER                          0x00000001
#define TEE_LOGIN_GROUP                         0x00000002
#define TEE_LOGIN_APPLICATION                   0x00000004
#define TEE_LOGIN_APPLICATION_USER              0x00000005
#define TEE_LOGIN_APPLICATION_GROUP             0x00000006
#define TEE_LOGIN_TRUSTED_APP                   0xF0000000

/* Where a return code was made (4.2.3). */
#define TEE_ORIGIN_API                          0x00000001
#define TEE_ORIGIN_COMMS                        0x00000002
#define TEE_ORIGIN_TEE                          0x00000003
#define TEE_ORIGIN_TRUSTED_APP                  0x00000004

/* Handles of the three property sets (4.2.4). */
#define TEE_PROPSET_TEE_IMPLEMENTATION          ((TEE_PropSetHandle)(uintptr_t)0xFFFFFFFD)
#define TEE_PROPSET_CURRENT_CLIENT              ((TEE_PropSetHandle)(uintptr_t)0xFFFFFFFE)
#define TEE_PROPSET_CURRENT_TA                  ((TEE_PropSetHandle)(uintptr_t)0xFFFFFFFF)

/* What TEE_CheckMemoryAccessRights is asked (4.2.5). */
#define TEE_MEMORY_ACCESS_READ                  0x00000001
#define TEE_MEMORY_ACCESS_WRITE                 0x00000002
#define TEE_MEMORY_ACCESS_ANY_OWNER             0x00000004

/* Hints of TEE_Malloc (4.11.4). NO_SHARE memory is never handed to another TA; NO_FILL needs NO_SHARE. */
#define TEE_MALLOC_FILL_ZERO                    0x00000000
#define TEE_MALLOC_NO_FILL                      0x00000001
#define TEE_MALLOC_NO_SHARE                     0x00000002

/* Where TEE_SeekObjectData counts from (5.3.3). */
#define TEE_DATA_SEEK_SET                       0x00000000
#define TEE_DATA_SEEK_CUR                       0x00000001
#define TEE_DATA_SEEK_END                       0x00000002
#define TEE_WHENCE_ILLEGAL_VALUE                0x7FFFFFFF

/* What an operation is for (6.1.1). */
#define TEE_MODE_ENCRYPT                        0x00000000
#define TEE_MODE_DECRYPT                        0x00000001
#define TEE_MODE_SIGN                           0x00000002
#define TEE_MODE_VERIFY                         0x00000003
#define TEE_MODE_MAC                            0x00000004
#define TEE_MODE_DIGEST                         0x00000005
#define TEE_MODE_DERIVE                         0x00000006
#define TEE_MODE_ILLEGAL_VALUE                  0x7FFFFFFF

/* Storage: its id, flags of an open object, limits (5.4). */
#define TEE_STORAGE_PRIVATE                     0x00000001
#define TEE_DATA_FLAG_ACCESS_READ               0x00000001
#define TEE_DATA_FLAG_ACCESS_WRITE              0x00000002
#define TEE_DATA_FLAG_ACCESS_WRITE_META         0x00000004
#define TEE_DATA_FLAG_SHARE_READ                0x00000010
#define TEE_DATA_FLAG_SHARE_WRITE               0x00000020
#define TEE_DATA_FLAG_OVERWRITE                 0x00000400
#define TEE_DATA_MAX_POSITION                   0xFFFFFFFF
#define TEE_OBJECT_ID_MAX_LEN                   64      /* bytes */

/* What an object may be used for (5.4). */
#define TEE_USAGE_EXTRACTABLE                   0x00000001
#define TEE_USAGE_ENCRYPT                       0x00000002
#define TEE_USAGE_DECRYPT                       0x00000004
#define TEE_USAGE_MAC                           0x00000008
#define TEE_USAGE_SIGN                          0x00000010
#define TEE_USAGE_VERIFY                        0x00000020
#define TEE_USAGE_DERIVE                        0x00000040

/* Flags that TEE_ObjectInfo and TEE_OperationInfo report (5.4, 6.1). */
#define TEE_HANDLE_FLAG_PERSISTENT              0x00010000
#define TEE_HANDLE_FLAG_INITIALIZED             0x00020000
#define TEE_HANDLE_FLAG_KEY_SET                 0x00040000
#define TEE_HANDLE_FLAG_EXPECT_TWO_KEYS         0x00080000
#define TEE_HANDLE_FLAG_EXTRACTING              0x00100000

/* Classes of operations and the states of one (5.4, 6.1). */
#define TEE_OPERATION_CIPHER                    1
#define TEE_OPERATION_MAC                       3
#define TEE_OPERATION_AE                        4
#define TEE_OPERATION_DIGEST                    5
#define TEE_OPERATION_ASYMMETRIC_CIPHER         6
#define TEE_OPERATION_ASYMMETRIC_SIGNATURE      7
#define TEE_OPERATION_KEY_DERIVATION            8
#define TEE_OPERATION_STATE_INITIAL             0x00000000
#define TEE_OPERATION_STATE_ACTIVE              0x00000001
#define TEE_OPERATION_STATE_EXTRACTING          0x00000002

/* uint32_t words that a TEE_BigInt of n bits needs (8.4.1). */
#define TEE_BigIntSizeInU32(n)                  ((((n) + 31) / 32) + 2)

#endif
