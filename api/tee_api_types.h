/*
 * GlobalPlatform TEE Internal Core API 1.3.1: types. Names, members and their order are the standard's.
 *
 * Types named __GP11_ are those of version 1.1, with 32-bit sizes; tee_api_compat.h says when they take the
 * plain names.
 */
#ifndef TEE_API_TYPES_H
#define TEE_API_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* Not needed here, but older TAs count on it. */
#if __STDC_HOSTED__
#include <inttypes.h>
#endif

#include "tee_api_defines.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t TEE_Result;                    /* TEE_SUCCESS, TEE_ERROR_..., or a code of the TA's own */
typedef uint32_t TEE_ErrorOrigin;               /* TEE_ORIGIN_... */

/* RFC 4122, with the numbers in the machine's byte order. */
typedef struct {
	uint32_t timeLow;
	uint16_t timeMid;
	uint16_t timeHiAndVersion;
	uint8_t clockSeqAndNode[8];
} TEE_UUID;

/* A client: login is a TEE_LOGIN_ value, uuid is nil where that login has none. */
typedef struct {
	uint32_t login;
	TEE_UUID uuid;
} TEE_Identity;

/* One parameter of an operation; its 4 bits in paramTypes say which member it is. size in bytes. */
typedef union {
	struct {
		void *buffer;
		size_t size;
	} memref;
	struct {
		uint32_t a;
		uint32_t b;
	} value;
} TEE_Param;

typedef union {
	struct {
		void *buffer;
		uint32_t size;
	} memref;
	struct {
		uint32_t a;
		uint32_t b;
	} value;
} __GP11_TEE_Param;

/* Handles. Their contents are the library's. */
typedef struct __TEE_TASessionHandle *TEE_TASessionHandle;
typedef struct __TEE_PropSetHandle *TEE_PropSetHandle;
typedef struct __TEE_ObjectHandle *TEE_ObjectHandle;
typedef struct __TEE_ObjectEnumHandle *TEE_ObjectEnumHandle;
typedef struct __TEE_OperationHandle *TEE_OperationHandle;

/* Storage. */

typedef uint32_t TEE_ObjectType;                /* TEE_TYPE_... */
typedef uint32_t TEE_Whence;                    /* TEE_DATA_SEEK_... */

/* Object sizes in bits, data sizes and positions in bytes. */
typedef struct {
	uint32_t objectType;
	uint32_t objectSize;
	uint32_t maxObjectSize;
	uint32_t objectUsage;                   /* TEE_USAGE_... */
	size_t dataSize;
	size_t dataPosition;
	uint32_t handleFlags;                   /* TEE_HANDLE_FLAG_..., TEE_DATA_FLAG_... */
} TEE_ObjectInfo;

/* 1.1 called two members key sizes, 1.1.1 object sizes: both names reach them. */
typedef struct {
	uint32_t objectType;
	__extension__ union {
		uint32_t keySize;
		uint32_t objectSize;
	};
	__extension__ union {
		uint32_t maxKeySize;
		uint32_t maxObjectSize;
	};
	uint32_t objectUsage;
	uint32_t dataSize;
	uint32_t dataPosition;
	uint32_t handleFlags;
} __GP11_TEE_ObjectInfo;

/* An attribute: value where attributeID has TEE_ATTR_FLAG_VALUE, else ref. Numbers in buffers are big endian. */
typedef struct {
	uint32_t attributeID;
	union {
		struct {
			void *buffer;
			size_t length;          /* bytes */
		} ref;
		struct {
			uint32_t a;
			uint32_t b;
		} value;
	} content;
} TEE_Attribute;

typedef struct {
	uint32_t attributeID;
	union {
		struct {
			void *buffer;
			uint32_t length;
		} ref;
		struct {
			uint32_t a;
			uint32_t b;
		} value;
	} content;
} __GP11_TEE_Attribute;

/* Operations. Key sizes in bits, digestLength in bytes. */

typedef uint32_t TEE_OperationMode;             /* TEE_MODE_... */

typedef struct {
	uint32_t algorithm;
	uint32_t operationClass;
	uint32_t mode;
	uint32_t digestLength;
	uint32_t maxKeySize;
	uint32_t keySize;
	uint32_t requiredKeyUsage;
	uint32_t handleState;
} TEE_OperationInfo;

typedef struct {
	uint32_t keySize;
	uint32_t requiredKeyUsage;
} TEE_OperationInfoKey;

/* C++ has no flexible array members; compilers that claim C have them there too, as an extension. */
#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
typedef struct {
	uint32_t algorithm;
	uint32_t operationClass;
	uint32_t mode;
	uint32_t digestLength;
	uint32_t maxKeySize;
	uint32_t handleState;
	uint32_t operationState;
	uint32_t numberOfKeys;
	TEE_OperationInfoKey keyInformation[];
} TEE_OperationInfoMultiple;
#ifdef __cplusplus
#pragma GCC diagnostic pop
#endif

typedef struct {
	uint32_t seconds;
	uint32_t millis;                        /* 0 to 999 */
} TEE_Time;

/* Big integers: memory of the TA, in words; what lies in it is the library's (tee_api_arith.h). */
typedef uint32_t TEE_BigInt;
typedef uint32_t TEE_BigIntFMM;
typedef uint32_t TEE_BigIntFMMContext;

#ifdef __cplusplus
}
#endif

#endif
