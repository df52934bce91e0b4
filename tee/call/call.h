/*
 * The system calls of applications (api/tee_syscall.h): decoded once, then acted on; one dispatcher for every way in.
 *
 * Promises: nothing is done before every argument is known to be good: each address with its size lies in the application's memory, each
 * length and count below its limit. What lies behind an address is read once, but for the content of buffers: that may lie in memory that a
 * client shares and changes at any time, so who decides by it copies it first.
 * Hides: the shape of each call (shape.c's table), how one travels to the TEE core and back (wire.c), where the key of a persistent object is
 * (kept.c).
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
#define CALL_KEY_MAX ((size_t)8192)     /* bytes of a key as object_encode() writes it: STORAGE_ATTRIBUTES_MAX */
#define CALL_KEPT (UINT32_C(1) << 31)   /* an object's handle with this bit is core's: of a persistent object */
#define CALL_KEPT_MAX 64                /* persistent objects that an instance has open */

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
	bool absent;            /* of TA_CALL_GET_PROPERTY: nobody asks for it, not for its size either */
};

/* A parameter of a command to another application, where it is memory: what goes there, what comes back. */
struct call_memref {
	struct bytes in;
	struct call_out out;
};

/*
 * A persistent object's key on its way: of TA_CALL_STORAGE_CREATE to core, of TA_CALL_STORAGE_OPEN from there. An object of data alone is a
 * TEE_TYPE_DATA with nothing encoded.
 */
struct call_key {
	uint32_t type, usage, size, size_max;   /* TEE_ObjectInfo */
	struct bytes encoded;                   /* object_encode(); what core does not read */
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
	struct call_key key;
	uint8_t *key_space;                     /* CALL_KEY_MAX bytes where a key that comes back goes, or NULL: none may come */

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

/* ---- persistent objects: core has the object, the application's process its key ---- */

/* The keys of the persistent objects that an instance has open, in its process. */
struct call_kept;
MUST enum mt_err call_kept_open(struct call_kept **out);
void call_kept_close(struct call_kept *k, struct operations *o);        /* NULL is allowed; wipes */

enum call_way { CALL_DONE = 0, CALL_TO_CORE };

/*
 * Carry out a call as far as it can be done here. CALL_DONE: the answer is how it has ended. CALL_TO_CORE, always with MT_OK: it is to go there
 * (call_encode()), and call_kept_answer() follows; until then `call` borrows from `k`. Handles in it may be others than the application said.
 */
MUST enum mt_err call_here(struct operations *o, struct call_kept *k, struct call *call, enum call_way *way);
/*
 * What core has answered (call_answer_decode() has filled `call`). The result may become another: a key that cannot be taken in is no open object;
 * its handle at core lasts as long as the instance.
 */
uint32_t call_kept_answer(struct operations *o, struct call_kept *k, struct call *call, uint32_t result);

/* ---- to the TEE core and back: a call that is not local, or of a persistent object ---- */

/* Core may be asked this: what is not local, and TA_CALL_OBJECT_INFO, _RESTRICT and _CLOSE of persistent objects. */
bool call_is_core(enum ta_call number);

#define CALL_WIRE_DATA_MAX ((size_t)64 << 10)   /* of all buffers of one direction; a larger read or write is made of several calls */

/* MT_LIMIT: more data than that. */
MUST enum mt_err call_encode(const struct call *call, uint8_t *out, size_t capacity, struct bytes *wire);
/* At core: foreign bytes. `space` is where outputs go, CALL_WIRE_DATA_MAX bytes; inputs borrow from `wire`. MT_MALFORMED. */
MUST enum mt_err call_wire_decode(struct bytes wire, uint8_t *space, struct call *out);
MUST enum mt_err call_answer_encode(const struct call *call, uint32_t result, uint8_t *out, size_t capacity, struct bytes *wire);
/* Back in the application's process: fills `call`, outputs into its memory. MT_MALFORMED: not the answer to this call. */
MUST enum mt_err call_answer_decode(struct bytes wire, struct call *call, uint32_t *result);

#endif
