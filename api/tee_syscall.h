/*
 * What a trusted application asks its TEE: system calls, with the numbers and arguments that OP-TEE's have (facts of its utee_syscalls.h and
 * tee_syscall_numbers.h), so that applications built for it find what they expect. ta/rt makes them of the GP API; tee/call decodes them.
 *
 * A call has a number and up to eight arguments of 64 bits, and gives a TEE_Result. Addresses are the application's: of its process, of its
 * linear memory, of its EL0 space. Lengths are bytes and 64 bits wide, also where they are passed by address.
 *   Linux, native   ta_syscall(number, arguments), in the application's process: of who runs it, so the image leaves it undefined
 *   WebAssembly     import "tee" "call": (number i32, address of the arguments i32) -> i32
 *   TrustZone       SVC #0, number in x8, arguments in x0 to x7
 */
#ifndef MT_TEE_SYSCALL_H
#define MT_TEE_SYSCALL_H

#include <stdint.h>

uint32_t ta_syscall(uint32_t number, const uint64_t argument[8]);

/*
 * The other way: what a TA's image has for who runs it. Of a native image the symbols are in its dynamic table; a WebAssembly module exports them.
 *   ta_head    struct ta_head
 *   ta_enter   uint32_t ta_enter(uint32_t entry, uint32_t session, struct ta_params *params, uint32_t command)
 * `session` is a number that the TA never sees: ta/rt keeps a session's context under it. Parameters come and go in *params, whose memory is the
 * TA's during the call. CREATE and DESTROY are called once each; OP-TEE's own library counts sessions for them instead.
 */
enum ta_entry { TA_ENTRY_OPEN = 0, TA_ENTRY_CLOSE = 1, TA_ENTRY_INVOKE = 2, TA_ENTRY_CREATE = 16, TA_ENTRY_DESTROY = 17 };

/* OP-TEE's, of user_ta_header.h. */
struct ta_head {
	struct {
		uint32_t time_low;
		uint16_t time_mid, time_high;
		uint8_t rest[8];
	} uuid;
	uint32_t stack_size, flags;
	uint64_t unused;        /* an entry point, in images from before 2019 */
};

/* In brackets: the arguments. `x, size`: address and length. `x, &size`: address of a length, which is the capacity before and the need after. */
enum ta_call {
	TA_CALL_RETURN = 0,             /* [result] ends an entry point; made by the port alone */
	TA_CALL_LOG = 1,                /* [text, size] */
	TA_CALL_PANIC = 2,              /* [code] does not return */
	TA_CALL_GET_PROPERTY = 3,       /* [set, index, name, &size u32, value, &size u32, &type u32] */
	TA_CALL_PROPERTY_INDEX = 4,     /* [set, name, size, &index u32] */
	TA_CALL_OPEN_TA_SESSION = 5,    /* [uuid, timeout ms, params, &session u32, &origin u32] */
	TA_CALL_CLOSE_TA_SESSION = 6,   /* [session] */
	TA_CALL_INVOKE_TA_COMMAND = 7,  /* [session, timeout ms, command, params, &origin u32] */
	TA_CALL_CHECK_ACCESS = 8,       /* [flags, address, size] */
	TA_CALL_GET_CANCELLATION = 9,   /* [&flag u32] */
	TA_CALL_UNMASK_CANCELLATION = 10,       /* [&before u32] */
	TA_CALL_MASK_CANCELLATION = 11, /* [&before u32] */
	TA_CALL_WAIT = 12,              /* [ms] */
	TA_CALL_GET_TIME = 13,          /* [enum ta_clock, &time] */
	TA_CALL_SET_TIME = 14,          /* [time] */
	TA_CALL_STATE_ALLOC = 15,       /* [algorithm, mode, key, key2, &state u32] */
	TA_CALL_STATE_COPY = 16,        /* [to, from] */
	TA_CALL_STATE_FREE = 17,        /* [state] */
	TA_CALL_HASH_INIT = 18,         /* [state, iv, size] */
	TA_CALL_HASH_UPDATE = 19,       /* [state, data, size] */
	TA_CALL_HASH_FINAL = 20,        /* [state, data, size, digest, &size] */
	TA_CALL_CIPHER_INIT = 21,       /* [state, iv, size] */
	TA_CALL_CIPHER_UPDATE = 22,     /* [state, in, size, out, &size] */
	TA_CALL_CIPHER_FINAL = 23,      /* [state, in, size, out, &size] */
	TA_CALL_OBJECT_INFO = 24,       /* [object, &struct ta_object_info] */
	TA_CALL_OBJECT_RESTRICT = 25,   /* [object, usage] */
	TA_CALL_OBJECT_ATTRIBUTE = 26,  /* [object, attribute, value, &size]; a value attribute is two u32 */
	TA_CALL_OBJECT_ALLOC = 27,      /* [type, size in bits, &object u32] */
	TA_CALL_OBJECT_CLOSE = 28,      /* [object] */
	TA_CALL_OBJECT_RESET = 29,      /* [object] */
	TA_CALL_OBJECT_POPULATE = 30,   /* [object, attributes, count] */
	TA_CALL_OBJECT_COPY = 31,       /* [to, from] */
	TA_CALL_DERIVE_KEY = 32,        /* [state, attributes, count, object] */
	TA_CALL_RANDOM = 33,            /* [out, size] */
	TA_CALL_AUTHENTICATED_INIT = 34,        /* [state, nonce, size, tag size, aad size, payload size] */
	TA_CALL_AUTHENTICATED_AAD = 35, /* [state, aad, size] */
	TA_CALL_AUTHENTICATED_UPDATE = 36,      /* [state, in, size, out, &size] */
	TA_CALL_AUTHENTICATED_SEAL = 37,        /* [state, in, size, out, &size, tag, &size] */
	TA_CALL_AUTHENTICATED_OPEN = 38,        /* [state, in, size, out, &size, tag, size] */
	TA_CALL_ASYMMETRIC_OPERATE = 39,        /* [state, attributes, count, in, size, out, &size] */
	TA_CALL_ASYMMETRIC_VERIFY = 40, /* [state, attributes, count, digest, size, signature, size] */
	TA_CALL_STORAGE_OPEN = 41,      /* [storage, id, size, flags, &object u32] */
	TA_CALL_STORAGE_CREATE = 42,    /* [storage, id, size, flags, attributes' object or 0, data, size, &object u32] */
	TA_CALL_STORAGE_DELETE = 43,    /* [object] */
	TA_CALL_STORAGE_RENAME = 44,    /* [object, id, size] */
	TA_CALL_WALK_ALLOC = 45,        /* [&enumerator u32] */
	TA_CALL_WALK_FREE = 46,         /* [enumerator] */
	TA_CALL_WALK_RESET = 47,        /* [enumerator] */
	TA_CALL_WALK_START = 48,        /* [enumerator, storage] */
	TA_CALL_WALK_NEXT = 49,         /* [enumerator, &struct ta_object_info, id, &size] */
	TA_CALL_STORAGE_READ = 50,      /* [object, data, size, &count] */
	TA_CALL_STORAGE_WRITE = 51,     /* [object, data, size] */
	TA_CALL_STORAGE_TRUNCATE = 52,  /* [object, size] */
	TA_CALL_STORAGE_SEEK = 53,      /* [object, offset i32, whence] */
	TA_CALL_GENERATE_KEY = 54,      /* [object, size in bits, attributes, count] */
	TA_CALL_CACHE = 70,             /* [address, size, operation] */
	TA_CALLS
};

/*
 * Properties. `set` is one of TEE_PROPSET_'s three numbers (32 bits). A name has its NUL, also in a length. A value is, by its type: one byte | u32 |
 * TEE_UUID | TEE_Identity | text with its NUL | bytes | u64; numbers in the machine's order. OP-TEE's, of user_ta_header.h.
 */
enum ta_property_type {
	TA_PROPERTY_BOOL = 0, TA_PROPERTY_U32 = 1, TA_PROPERTY_UUID = 2, TA_PROPERTY_IDENTITY = 3, TA_PROPERTY_STRING = 4, TA_PROPERTY_BINARY = 5,
	TA_PROPERTY_U64 = 6
};

enum ta_clock { TA_CLOCK_SYSTEM = 0, TA_CLOCK_PERSISTENT = 1, TA_CLOCK_REE = 2 };

#define TA_CALL_ARGUMENTS 8
#define TA_PARAMS 4

/* Four parameters: TEE_PARAM_TYPES, and of each a and b or address and size. */
struct ta_params {
	uint64_t types;
	uint64_t value[TA_PARAMS * 2];
};

/* An attribute: a and b, or address and size, as bit 29 of the id says. */
struct ta_attribute {
	uint64_t a, b;
	uint32_t id, unused;
};

struct ta_object_info {
	uint32_t type, size, size_max, usage;
	uint32_t data_size, position, flags;
};

struct ta_time {
	uint32_t seconds, milliseconds;
};

#endif
