/*
 * The system calls of applications (api/tee_syscall.h): decoded once, then acted on; one dispatcher for every way in.
 *
 * Promises: nothing is done before every argument is known to be good: each address with its size lies in the application's memory, each
 * length and count below its limit. What lies behind an address is read once, but for the content of buffers: that may lie in memory that a
 * client shares and changes at any time, so who decides by it copies it first.
 * Hides: the shape of each call (shape.c's table), how one travels to the TEE core and back (wire.c).
 * Class A where an application runs; T where core decodes what came from there. No state.
 */
#ifndef MT_CALL_H
#define MT_CALL_H

#include "api/tee_syscall.h"
#include "lib/base/base.h"
#include "tee/operation/operation.h"

#define CALL_VALUES_MAX 5
#define CALL_BUFFERS_MAX 2              /* of each direction */
#define CALL_WORDS_MAX 2
#define CALL_BUFFER_MAX OPERATION_DATA_MAX

enum call_access { CALL_READ = 1, CALL_WRITE = 2 };

/* An application's memory: `size` bytes at its address `at`, or NULL if they are not all its own, with that access. `size` is not 0. */
struct call_memory {
	void *self;
	uint8_t *(*map)(void *self, uint64_t at, uint64_t size, enum call_access access);
};

struct call_out {
	uint8_t *at;            /* NULL when capacity is 0 */
	size_t capacity;
	size_t size;            /* what there is, or would be: then it is more than capacity, and nothing is written */
};

/* A parameter of a command to another application, where it is memory: what goes there, what comes back. */
struct call_memref {
	struct bytes in;
	struct call_out out;
};

/* A call with everything that it brings, and what comes of it. Memory is the application's, during the call. */
struct call {
	enum ta_call number;
	uint64_t value[CALL_VALUES_MAX];        /* in the order of the arguments, without addresses and lengths */
	struct bytes in[CALL_BUFFERS_MAX];
	struct operation_attribute attribute[OPERATION_ATTRIBUTES_MAX];
	size_t attribute_count;
	uint8_t uuid[16];
	struct ta_params params;                /* in and out; of memory see memref, the sizes there are brought up to date by call_finish() */
	struct call_memref memref[TA_PARAMS];
	struct ta_time time;                    /* in or out */

	struct call_out out[CALL_BUFFERS_MAX];
	uint32_t word[CALL_WORDS_MAX];
	struct ta_object_info info;
};

/*
 * MT_NOT_FOUND: no such call. MT_DENIED: an address that is not the application's. MT_LIMIT: an attribute more than there may be, or a buffer
 * that is too large. Nothing has been written.
 */
MUST enum mt_err call_decode(const struct call_memory *memory, uint32_t number, const uint64_t argument[TA_CALL_ARGUMENTS], struct call *out);
/*
 * Lengths, words and structures to where the arguments want them, as far as the result says that there are any: all after TEE_SUCCESS, lengths
 * after TEE_ERROR_SHORT_BUFFER, and of a session or command to another application parameters and origin always. The same arguments as in
 * call_decode(). MT_DENIED: the memory is no longer there.
 */
MUST enum mt_err call_finish(const struct call_memory *memory, const uint64_t argument[TA_CALL_ARGUMENTS], struct call *call,
			     uint32_t result);

/* The TEE_Result of the GP API for an error, by what the call is: MT_TAMPERED is a MAC, a signature or a corrupt object. */
uint32_t call_result(enum ta_call number, enum mt_err err);

/* A call that needs the application's own process alone: 15 to 40 and 54. */
bool call_is_local(enum ta_call number);
/* Carry one out. MT_NOT_FOUND: it is none. */
MUST enum mt_err call_local(struct operations *o, struct call *call);

/* ---- to the TEE core and back: a call that is not local ---- */

#define CALL_WIRE_DATA_MAX ((size_t)64 << 10)   /* of all buffers of one direction; a larger read or write is made of several calls */

/* MT_LIMIT: more data than that. */
MUST enum mt_err call_encode(const struct call *call, uint8_t *out, size_t capacity, struct bytes *wire);
/* At core: foreign bytes. `space` is where outputs go, CALL_WIRE_DATA_MAX bytes; inputs borrow from `wire`. MT_MALFORMED. */
MUST enum mt_err call_wire_decode(struct bytes wire, uint8_t *space, struct call *out);
MUST enum mt_err call_answer_encode(const struct call *call, uint32_t result, uint8_t *out, size_t capacity, struct bytes *wire);
/* Back in the application's process: fills `call`, outputs into its memory. MT_MALFORMED: not the answer to this call. */
MUST enum mt_err call_answer_decode(struct bytes wire, struct call *call, uint32_t *result);

#endif
