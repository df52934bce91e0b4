/*
 * The TA library: what its files share. Private to ta/rt.
 *
 * What whoever links it into an application (TA) gives: ta_syscall() (api/tee_syscall.h), and by user_ta_header.c, which is compiled for each TA, its
 * head, its heap and its properties. What it gives: every TEE_... of api/tee_internal_api.h, and ta_enter().
 *
 * Hides: nothing from its own files. Class A. One thread. Freestanding C11: of a C library it takes memcpy, memmove, memset and memcmp alone, which it
 * has itself (string.c). Everything lies in the TA's heap or in static memory; the stack of a TA may have 2 KiB, so no buffer of size is on it.
 *
 * Faults: whatever a function's comment in api/ says panics ends in rt_panic(). A system call's result that the function may not return is such a fault too.
 */
#ifndef MT_RT_H
#define MT_RT_H

#include "api/tee_internal_api.h"
#include "api/tee_syscall.h"

#define RT_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RT_ATTRIBUTES_MAX 16            /* of one call; one more panics */
#define RT_PIECE_MAX ((size_t)64 << 10) /* bytes of an object's data that one system call carries (tee/call, CALL_WIRE_DATA_MAX) */
#define RT_SESSIONS_MAX 64              /* that clients have with this instance: api/tee_worker.h, TEE_WORKER_SESSIONS_MAX */
#define RT_TARGETS_MAX 64               /* sessions that this TA has with others; one more is TEE_ERROR_OUT_OF_MEMORY */

/* ---- system calls (syscall.c) ---- */

/* The one place where they leave the library. */
TEE_Result rt_call(uint32_t number, const uint64_t argument[TA_CALL_ARGUMENTS]);
#define RT_CALL(number, ...) rt_call((number), (const uint64_t[TA_CALL_ARGUMENTS]){ __VA_ARGS__ })

static inline uint64_t rt_at(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* ---- faults ---- */

_Noreturn void rt_panic(TEE_Result code);

/* TEE_ERROR_BAD_PARAMETERS, or TEE_ERROR_BAD_STATE, unless it holds. */
static inline void rt_need(bool holds)
{
	if (!holds) {
		rt_panic(TEE_ERROR_BAD_PARAMETERS);
	}
}
static inline void rt_need_state(bool holds)
{
	if (!holds) {
		rt_panic(TEE_ERROR_BAD_STATE);
	}
}

/* Panics unless the TA may read or write these bytes; any owner. */
void rt_readable(const void *at, size_t size);
void rt_writable(void *at, size_t size);
/* Panics unless the TA may read them and no client can change them. */
void rt_own(const void *at, size_t size);
/* A length behind a pointer, and the buffer that it is of: TEE_..., "length behind a pointer". NULL is allowed where the length is 0. */
void rt_buffer(void *at, const size_t *size);
/*
 * The same, of a buffer that goes into a system call as it is: that call checks it, and says TEE_ERROR_ACCESS_DENIED, which no function may return. Inputs
 * that go there as they are need no check here at all.
 */
static inline void rt_sized(const void *at, const size_t *size)
{
	rt_need(size != NULL && (at != NULL || *size == 0));
}
/* The result, if it is TEE_SUCCESS or one of `allowed` (ended by 0); else a panic with it. */
TEE_Result rt_allow(TEE_Result result, const TEE_Result *allowed);
#define RT_ALLOW(result, ...) rt_allow((result), (const TEE_Result[]){ __VA_ARGS__, 0 })
#define RT_STORAGE_ERRORS \
	TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_STORAGE_NOT_AVAILABLE_2
/* Do they share memory, other than being the same? (6.1: the same, or apart.) */
bool rt_overlaps(const void *in, size_t in_size, const void *out, size_t out_size);

/* ---- heap (heap.c) ---- */

/* 16-byte aligned; NULL: not enough. `hint`: TEE_MALLOC_...; size 0 is memory that may only be freed. */
void *heap_alloc(size_t size, uint32_t hint);
void *heap_resize(void *at, size_t size);
void heap_free(void *at); /* wiped; NULL is allowed; panics on memory that is not in use */
/* Does any of it lie in the heap, and is it then inside one piece that is in use? Looks at every piece. */
bool heap_allows(const void *at, size_t size);
/* May it be handed to another TA? Not what was allocated with TEE_MALLOC_NO_SHARE. */
bool heap_shareable(const void *at, size_t size);
/* Bytes in use, and the most that there were: for tests and traces. */
void heap_usage(size_t *used, size_t *most);

/* ---- attributes (attribute.c) ---- */

struct rt_attributes {
	struct ta_attribute at[RT_ATTRIBUTES_MAX];
	size_t count;
};

/* Copies them in the form of system calls. Panics: too many, not readable, the same twice. */
void attributes_take(struct rt_attributes *to, const TEE_Attribute *attribute, uint32_t count);
/* Of version 1.1's form; panics where they are too many. Returns the count. */
uint32_t attributes_widen(TEE_Attribute to[RT_ATTRIBUTES_MAX], const __GP11_TEE_Attribute *from, uint32_t count);
bool attribute_there(const struct rt_attributes *list, uint32_t id);
/* Panics unless a populated object of this type (or the making of a key) demands and allows just these, and none is above bits_max. */
void attributes_populate_check(const struct rt_attributes *list, uint32_t type, uint32_t bits_max);
void attributes_generate_check(const struct rt_attributes *list, uint32_t type);
/* Panics unless the algorithm has each of these parameters, and those that it demands are there. */
void attributes_operate_check(const struct rt_attributes *list, uint32_t algorithm);

/* ---- objects ---- */

static inline uint64_t object_number(TEE_ObjectHandle object)
{
	return (uint64_t)(uintptr_t)object;
}

/* Panics where object is not open. Errors as TEE_GetObjectInfo1. */
TEE_Result object_info_get(TEE_ObjectHandle object, struct ta_object_info *info);
/* The same, and a panic also unless it is transient (persistent). */
void object_transient(TEE_ObjectHandle object, struct ta_object_info *info);
/* After an error that says that a persistent object is corrupt: it is deleted and its handle closed (5.7). Returns the result. */
TEE_Result object_corrupt(TEE_ObjectHandle object, TEE_Result result);

/* ---- algorithms (algorithm.c): what an operation is, from its number ---- */

uint32_t algorithm_class(uint32_t algorithm); /* TEE_OPERATION_..., 0 for none */
uint32_t algorithm_key_type(uint32_t algorithm); /* of the pair where there is one; 0: takes no key */
uint32_t algorithm_digest_size(uint32_t algorithm); /* of a digest or MAC; 0: none, or without end */
uint32_t algorithm_signed_size(uint32_t algorithm); /* of the digest that it signs; 0: any */
uint32_t algorithm_usage(uint32_t algorithm, uint32_t mode); /* TEE_USAGE_... that a key must have */
bool algorithm_two_keys(uint32_t algorithm);
bool algorithm_extendable(uint32_t algorithm);
/* Padding that decryption takes off: the block's size, or 0. */
uint32_t algorithm_padded(uint32_t algorithm);

/* ---- operations (operation.c) ---- */

#define RT_DIGEST_MAX 64

/* What a TEE_OperationHandle points to. The state machine of 6.2 is here; tee/operation's follows it. */
struct __TEE_OperationHandle {
	struct __TEE_OperationHandle *next;
	TEE_OperationInfo info;
	uint32_t stage;                 /* TEE_OPERATION_STATE_... */
	uint32_t state;                 /* the system's number */
	uint32_t key_size[2];
	uint64_t fed;                   /* bytes of a message that is padded */
	uint8_t digest[RT_DIGEST_MAX];  /* while it is extracted */
	uint32_t digest_taken;
};

/* Panics: not open, or not of that class (0: any). */
TEE_OperationHandle operation_open(TEE_OperationHandle operation, uint32_t class);
/* And without a key where it needs one. */
TEE_OperationHandle operation_keyed(TEE_OperationHandle operation, uint32_t class);
/* And not active. */
TEE_OperationHandle operation_active(TEE_OperationHandle operation, uint32_t class);
/* The one function that changes its stage; keeps the flags of info in step. */
void operation_move(TEE_OperationHandle operation, uint32_t stage);
/* A digest is ready to be updated. */
void operation_digest_begin(TEE_OperationHandle operation);

/* ---- parameters (session.c) ---- */

/* Every type is one that there is. */
bool params_good(uint32_t types);
void params_out(struct ta_params *to, uint32_t types, const TEE_Param params[TEE_NUM_PARAMS]);
/* Values and sizes that come back. */
void params_back(TEE_Param params[TEE_NUM_PARAMS], uint32_t types, const struct ta_params *from);

/* ---- properties (property.c, property_text.c) ---- */

#define RT_PROPERTY_MAX 1024            /* bytes of a value; a longer one is TEE_ERROR_GENERIC */
#define RT_NAME_MAX 80                  /* with its NUL */

/* A property's value as text; false: it does not fit. */
bool property_print(char *out, size_t capacity, size_t *size, uint32_t type, const void *value, size_t value_size);
/* Base64 (RFC 4648) of text; false: it is none, or does not fit. */
bool property_base64(const char *text, uint8_t *out, size_t capacity, size_t *size);
size_t rt_length(const char *text); /* without the NUL */
bool rt_same(const char *a, const char *b);

/* ---- what user_ta_header.c has of each TA ---- */

struct user_ta_property {
	const char *name;
	uint32_t type;                  /* enum ta_property_type */
	const void *value;              /* of TA_PROPERTY_BINARY: Base64 */
};

extern const struct ta_head ta_head;
extern const struct user_ta_property ta_props[];
extern const size_t ta_num_props;
extern uint8_t ta_heap[];
extern const size_t ta_heap_size;

uint32_t ta_enter(uint32_t entry, uint32_t session, struct ta_params *params, uint32_t command);

#endif
