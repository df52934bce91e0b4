/*
 * GlobalPlatform TEE Client API 1.0 (GPD_SPE_007): how a program of the rich world calls a trusted application
 * (TA).
 *
 * Names, values and the members that the standard has are the standard's. Sizes and offsets of all types are
 * those of OP-TEE's library of this name (libteec.so.2), so a program built with either header runs with either
 * library.
 *
 * Hides, in the members named imp: the socket to the local TEE, memory that is shared as memfds, and for a
 * remote context the attested connection to it. They are the library's; a program neither reads nor writes
 * them.
 *
 * What holds for every function: pointers must be valid, NULL is not allowed where that is not said, and types
 * are used in the order initialise, use, finalise; the standard leaves the rest undefined. Contexts and
 * sessions may be used by several threads; one TEEC_Operation or TEEC_SharedMemory by one at a time, but for
 * TEEC_RequestCancellation. Nothing here ends the program: "Panics: none" means that a TA's panic shows as
 * TEEC_ERROR_TARGET_DEAD.
 */
#ifndef TEE_CLIENT_API_H
#define TEE_CLIENT_API_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Parameters of an operation; the largest block of shared memory in bytes: no limit of the library's own. */
#define TEEC_CONFIG_PAYLOAD_REF_COUNT           4
#define TEEC_CONFIG_SHAREDMEM_MAX_SIZE          ULONG_MAX

/* Types of parameters (4.4.1), 4 bits each in paramTypes. */
#define TEEC_NONE                               0x00000000
#define TEEC_VALUE_INPUT                        0x00000001      /* a TEEC_Value */
#define TEEC_VALUE_OUTPUT                       0x00000002
#define TEEC_VALUE_INOUT                        0x00000003
#define TEEC_MEMREF_TEMP_INPUT                  0x00000005      /* a TEEC_TempMemoryReference */
#define TEEC_MEMREF_TEMP_OUTPUT                 0x00000006
#define TEEC_MEMREF_TEMP_INOUT                  0x00000007
#define TEEC_MEMREF_WHOLE                       0x0000000C      /* a TEEC_RegisteredMemoryReference; its parent is read */
#define TEEC_MEMREF_PARTIAL_INPUT               0x0000000D      /* a TEEC_RegisteredMemoryReference */
#define TEEC_MEMREF_PARTIAL_OUTPUT              0x0000000E
#define TEEC_MEMREF_PARTIAL_INOUT               0x0000000F

#define TEEC_PARAM_TYPES(p0, p1, p2, p3)        ((p0) | ((p1) << 4) | ((p2) << 8) | ((p3) << 12))
#define TEEC_PARAM_TYPE_GET(p, i)               (((p) >> ((i) * 4)) & 0xF)

/* Directions of shared memory, as the TA sees it (4.4.3). */
#define TEEC_MEM_INPUT                          0x00000001
#define TEEC_MEM_OUTPUT                         0x00000002

/* Return codes (4.4.2). */
#define TEEC_SUCCESS                            0x00000000
#define TEEC_ERROR_STORAGE_NOT_AVAILABLE        0xF0100003
#define TEEC_ERROR_GENERIC                      0xFFFF0000
#define TEEC_ERROR_ACCESS_DENIED                0xFFFF0001
#define TEEC_ERROR_CANCEL                       0xFFFF0002
#define TEEC_ERROR_ACCESS_CONFLICT              0xFFFF0003
#define TEEC_ERROR_EXCESS_DATA                  0xFFFF0004
#define TEEC_ERROR_BAD_FORMAT                   0xFFFF0005
#define TEEC_ERROR_BAD_PARAMETERS               0xFFFF0006
#define TEEC_ERROR_BAD_STATE                    0xFFFF0007
#define TEEC_ERROR_ITEM_NOT_FOUND               0xFFFF0008
#define TEEC_ERROR_NOT_IMPLEMENTED              0xFFFF0009
#define TEEC_ERROR_NOT_SUPPORTED                0xFFFF000A
#define TEEC_ERROR_NO_DATA                      0xFFFF000B
#define TEEC_ERROR_OUT_OF_MEMORY                0xFFFF000C
#define TEEC_ERROR_BUSY                         0xFFFF000D
#define TEEC_ERROR_COMMUNICATION                0xFFFF000E
#define TEEC_ERROR_SECURITY                     0xFFFF000F
#define TEEC_ERROR_SHORT_BUFFER                 0xFFFF0010
#define TEEC_ERROR_EXTERNAL_CANCEL              0xFFFF0011
#define TEEC_ERROR_TARGET_DEAD                  0xFFFF3024
#define TEEC_ERROR_STORAGE_NO_SPACE             0xFFFF3041

/* Codes of the inner side that reach a client, by their names there. */
#ifndef TEE_ERROR_OVERFLOW
#define TEE_ERROR_EXTERNAL_CANCEL               0xFFFF0011
#define TEE_ERROR_OVERFLOW                      0xFFFF300F
#define TEE_ERROR_TARGET_DEAD                   0xFFFF3024
#define TEE_ERROR_STORAGE_NO_SPACE              0xFFFF3041
#define TEE_ERROR_MAC_INVALID                   0xFFFF3071
#define TEE_ERROR_SIGNATURE_INVALID             0xFFFF3072
#define TEE_ERROR_TIME_NOT_SET                  0xFFFF5000
#define TEE_ERROR_TIME_NEEDS_RESET              0xFFFF5001
#endif

/* Where a return code was made (4.4.2). */
#define TEEC_ORIGIN_API                         0x00000001
#define TEEC_ORIGIN_COMMS                       0x00000002
#define TEEC_ORIGIN_TEE                         0x00000003
#define TEEC_ORIGIN_TRUSTED_APP                 0x00000004

/* Who the program says it is (4.4.4). The system that says so is the rich world's own. */
#define TEEC_LOGIN_PUBLIC                       0x00000000
#define TEEC_LOGIN_USER                         0x00000001
#define TEEC_LOGIN_GROUP                        0x00000002      /* connectionData: the group's id, a uint32_t */
#define TEEC_LOGIN_APPLICATION                  0x00000004
#define TEEC_LOGIN_USER_APPLICATION             0x00000005
#define TEEC_LOGIN_GROUP_APPLICATION            0x00000006      /* connectionData as above */

typedef uint32_t TEEC_Result;

/* RFC 4122, with the numbers in the machine's byte order. */
typedef struct {
	uint32_t timeLow;
	uint16_t timeMid;
	uint16_t timeHiAndVersion;
	uint8_t clockSeqAndNode[8];
} TEEC_UUID;

/* A connection to a TEE. */
typedef struct {
	struct {
		int fd;                         /* the socket of a local context; -1: a remote one */
		bool reg_mem;                   /* memory of the program's can be shared as it is */
		bool memref_null;               /* a NULL buffer is passed on as NULL */
		uint16_t entry;                 /* of the library's table of contexts, where a remote one's client handle is */
	} imp;
} TEEC_Context;

/* A session with a TA. */
typedef struct {
	struct {
		TEEC_Context *ctx;
		uint32_t session_id;            /* what the TEE calls it */
		uint32_t entry;                 /* of the library's table of calls: ring or request of this session */
	} imp;
} TEEC_Session;

/* A block of shared memory: buffer (the program's if registered, the library's if allocated), bytes, TEEC_MEM_ flags. */
typedef struct {
	void *buffer;
	size_t size;
	uint32_t flags;
	struct {
		int id;                         /* what the TEE calls it; -1: not shared, copied at each call */
		size_t alloced_size;            /* bytes that are mapped, 0 where buffer is the program's */
		void *shadow_buffer;            /* a mapping that stands in for buffer where that cannot be shared itself */
		int registered_fd;              /* the memfd under either mapping, -1 for none */
		uint32_t flags;
	} imp;
} TEEC_SharedMemory;

/* Memory that is shared for one call. With type OUTPUT or INOUT size is set to what was written, or is needed. */
typedef struct {
	void *buffer;
	size_t size;
} TEEC_TempMemoryReference;

/* A part of a block: parent must be allocated or registered. size as above. */
typedef struct {
	TEEC_SharedMemory *parent;
	size_t size;
	size_t offset;
} TEEC_RegisteredMemoryReference;

typedef struct {
	uint32_t a;
	uint32_t b;
} TEEC_Value;

typedef union {
	TEEC_TempMemoryReference tmpref;
	TEEC_RegisteredMemoryReference memref;
	TEEC_Value value;
} TEEC_Parameter;

/* What goes with a call. started must be 0 before one that may be cancelled. */
typedef struct {
	uint32_t started;
	uint32_t paramTypes;
	TEEC_Parameter params[TEEC_CONFIG_PAYLOAD_REF_COUNT];
	struct {
		TEEC_Session *session;          /* the one whose call is under way, for cancellation */
	} imp;
} TEEC_Operation;

/*
 * Connect to a TEE. name NULL: the one of this machine. "https://host:port?policy=FILE": a remote one, that is
 * appraised under the policy before anything is sent. context belongs to the caller and must stay where it is
 * until it is finalised.
 * Errors: TEEC_ERROR_ITEM_NOT_FOUND (no such TEE), TEEC_ERROR_COMMUNICATION, TEEC_ERROR_SECURITY (the remote
 * one falls short of the policy), TEEC_ERROR_BAD_PARAMETERS, TEEC_ERROR_OUT_OF_MEMORY.
 * Panics: none.
 */
TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context);

/*
 * Disconnect. All its sessions must be closed and all its memory released before. NULL is allowed.
 * Errors: none.
 * Panics: none.
 */
void TEEC_FinalizeContext(TEEC_Context *context);

/*
 * Open a session with TA destination. connectionData as the TEEC_LOGIN_ in connectionMethod demands, else NULL.
 * operation (may be NULL) goes to the TA. returnOrigin may be NULL. session must stay where it is until it is
 * closed.
 * Errors: TEEC_ERROR_ITEM_NOT_FOUND (no such TA), TEEC_ERROR_ACCESS_DENIED, TEEC_ERROR_BUSY,
 * TEEC_ERROR_TARGET_DEAD, TEEC_ERROR_CANCEL, TEEC_ERROR_BAD_PARAMETERS, TEEC_ERROR_OUT_OF_MEMORY,
 * TEEC_ERROR_COMMUNICATION, TEEC_ERROR_SECURITY, or what the TA returned (origin TEEC_ORIGIN_TRUSTED_APP).
 * Panics: none.
 */
TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session, const TEEC_UUID *destination,
			     uint32_t connectionMethod, const void *connectionData, TEEC_Operation *operation,
			     uint32_t *returnOrigin);

/*
 * Close a session; no call in it may be under way. NULL is allowed.
 * Errors: none, also where the TA is dead.
 * Panics: none.
 */
void TEEC_CloseSession(TEEC_Session *session);

/*
 * Invoke a command of the TA. operation may be NULL: no parameters. returnOrigin may be NULL.
 * Errors: TEEC_ERROR_TARGET_DEAD, TEEC_ERROR_CANCEL, TEEC_ERROR_SHORT_BUFFER, TEEC_ERROR_BAD_PARAMETERS,
 * TEEC_ERROR_OUT_OF_MEMORY, TEEC_ERROR_COMMUNICATION, or what the TA returned (origin TEEC_ORIGIN_TRUSTED_APP).
 * Panics: none.
 */
TEEC_Result TEEC_InvokeCommand(TEEC_Session *session, uint32_t commandID, TEEC_Operation *operation,
			       uint32_t *returnOrigin);

/*
 * Make memory of the program, described by buffer, size and flags of sharedMem, a block of shared memory. It
 * stays the program's and must not be freed before it is released.
 * Errors: TEEC_ERROR_BAD_PARAMETERS (flags, or buffer NULL), TEEC_ERROR_OUT_OF_MEMORY,
 * TEEC_ERROR_COMMUNICATION.
 * Panics: none.
 */
TEEC_Result TEEC_RegisterSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem);

/*
 * Allocate a block of shared memory of size and flags of sharedMem, zeroed; buffer is set.
 * Errors: TEEC_ERROR_BAD_PARAMETERS (flags), TEEC_ERROR_OUT_OF_MEMORY, TEEC_ERROR_COMMUNICATION.
 * Panics: none.
 */
TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem);

/*
 * End the sharing; no call with it may be under way. Allocated memory is freed, buffer and size are NULL and 0.
 * NULL is allowed.
 * Errors: none.
 * Panics: none.
 */
void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *sharedMemory);

/*
 * Ask for the call that operation is in to be cancelled; from another thread. Nothing where it is in none;
 * whether the TA heeds it is the TA's matter.
 * Errors: none can be told; the call itself returns TEEC_ERROR_CANCEL.
 * Panics: none.
 */
void TEEC_RequestCancellation(TEEC_Operation *operation);

/*
 * OP-TEE's: make the memory under file descriptor fd, whole, a block of shared memory; flags of sharedMem are
 * read, size is set, buffer is NULL. fd may be closed afterwards.
 * Errors: TEEC_ERROR_BAD_PARAMETERS (flags, or no such memory), TEEC_ERROR_NOT_SUPPORTED,
 * TEEC_ERROR_OUT_OF_MEMORY, TEEC_ERROR_COMMUNICATION.
 * Panics: none.
 */
TEEC_Result TEEC_RegisterSharedMemoryFileDescriptor(TEEC_Context *context, TEEC_SharedMemory *sharedMem, int fd);

/*
 * OP-TEE's: as TEEC_RegisterSharedMemoryFileDescriptor, also for memory that the program itself may not map.
 * Errors: as TEEC_RegisterSharedMemoryFileDescriptor.
 * Panics: none.
 */
TEEC_Result TEEC_RegisterMemoryFileDescriptor(TEEC_Context *context, TEEC_SharedMemory *sharedMem, int fd);

#ifdef __cplusplus
}
#endif

#endif
