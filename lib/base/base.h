/*
 * What every room stands on: errors, borrowed bytes, the cursor that reads foreign bytes, the builder
 * that writes them, the deterministic CBOR writer, memory, hexadecimal.
 *
 * Hides: nothing worth hiding but the allocator and the order of checks inside the cursor.
 * Class N. No I/O, no clock, no randomness, no global state but the allocator hook (tests fail it).
 * Thread-safe where the arguments are not shared.
 */
#ifndef MT_BASE_H
#define MT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST __attribute__((warn_unused_result))
#define MT_BIT(n) (UINT32_C(1) << (n))
#define MT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum mt_err {
	MT_OK = 0,
	MT_MALFORMED,   /* foreign bytes break their format */
	MT_DENIED,      /* well-formed, but not allowed */
	MT_NOT_FOUND,
	MT_STATE,       /* not now: the object is in another state */
	MT_LIMIT,       /* a stated maximum is reached */
	MT_NO_MEMORY,
	MT_IO,          /* the world below failed: disk, socket, peer */
	MT_TAMPERED,    /* what must be authentic is not: MAC, rollback, evidence */
	MT_ERRS         /* count, never returned */
};

/* The error's name in lower case ("malformed"), for messages. Never NULL, also for unknown values. */
const char *mt_err_name(enum mt_err err);

/* Our own bug: prints file and line to stderr and aborts the process. Kept in release builds. */
#define mt_assert(condition) ((condition) ? (void)0 : mt_assert_failed(__FILE__, __LINE__, #condition))
_Noreturn void mt_assert_failed(const char *file, int line, const char *condition);

/* ---- borrowed bytes ---- */

/* A borrowed run of bytes. Never owns. { NULL, 0 } is the empty run. */
struct bytes {
	const uint8_t *at;
	size_t size;
};

struct bytes mt_bytes(const void *at, size_t size);
struct bytes mt_text(const char *zero_terminated);
bool mt_equal(struct bytes a, struct bytes b);              /* not constant time: public data only */
MUST bool mt_equal_ct(struct bytes a, struct bytes b);      /* sizes are public, content is not */
int mt_compare(struct bytes a, struct bytes b);             /* memcmp order, shorter first on a tie */
void mt_wipe(void *at, size_t size);                        /* NULL allowed when size is 0 or not */
bool mt_is_zero(struct bytes b);

/* Checked arithmetic: false and *out untouched on overflow. */
MUST bool mt_add_size(size_t a, size_t b, size_t *out);
MUST bool mt_mul_size(size_t a, size_t b, size_t *out);

/* ---- memory ---- */

/* malloc/free with a hook. Zeroed. mt_alloc(0) gives a valid pointer. NULL when there is none left. */
MUST void *mt_alloc(size_t size);
/* Grow an array to `count` elements of `size`; old content kept, new part zeroed. NULL: old one stays valid. */
MUST void *mt_grow(void *old, size_t old_count, size_t count, size_t size);
/*
 * Room for one element more: *array, which holds `count` of *capacity, is doubled when it is full, and then lies elsewhere. MT_NO_MEMORY:
 * nothing has changed. Callers write (void **)&theirs: every array pointer has the form of a void pointer here.
 */
MUST enum mt_err mt_room(void **array, size_t *capacity, size_t count, size_t size);
MUST uint8_t *mt_copy(struct bytes b);                       /* owned copy, NULL when out of memory */
MUST char *mt_copy_text(struct bytes b);                     /* owned, zero terminated */
void mt_free(void *at);
/* Tests: fail the n-th allocation from now (1 = the next); 0 switches failing off. */
void mt_alloc_fail_at(uint64_t n);
uint64_t mt_alloc_count(void);

/* ---- cursor: sticky reader of big-endian wire forms (STYLE 6) ---- */

struct cursor {
	const uint8_t *at, *end;
	bool failed;
};

struct cursor cursor_over(struct bytes b);
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);
struct bytes cursor_take(struct cursor *c, size_t size);     /* borrow; empty after a failure */
struct bytes cursor_take32(struct cursor *c);                /* size u32, then that many bytes */
void cursor_copy(struct cursor *c, void *out, size_t size);  /* zeros after a failure */
size_t cursor_left(const struct cursor *c);
MUST bool cursor_ok(const struct cursor *c);                 /* nothing was short so far */
MUST bool cursor_done(const struct cursor *c);               /* ok, and no byte left over */

/* ---- builder: sticky writer into memory that the caller gives ---- */

/* After the first overflow nothing more is written and builder_done() gives MT_LIMIT. */
struct builder {
	uint8_t *at;
	size_t size, capacity;
	bool failed;
};

struct builder builder_over(void *at, size_t capacity);
void builder_u8(struct builder *b, uint8_t v);
void builder_u16(struct builder *b, uint16_t v);
void builder_u32(struct builder *b, uint32_t v);
void builder_u64(struct builder *b, uint64_t v);
void builder_bytes(struct builder *b, struct bytes v);
void builder_bytes32(struct builder *b, struct bytes v);     /* size u32, then the bytes */
void builder_text(struct builder *b, const char *zero_terminated);
__attribute__((format(printf, 2, 3)))
void builder_format(struct builder *b, const char *format, ...);
void builder_json_text(struct builder *b, struct bytes v);   /* a quoted JSON or TOML string; bytes >= 0x80 as they are */
MUST enum mt_err builder_done(const struct builder *b, struct bytes *out);   /* borrow of what was written */

/* ---- deterministic CBOR writer (RFC 8949, 4.2.1): shortest heads, definite lengths ----
 * Map keys in bytewise order of their encoding are the caller's duty; our maps have small unsigned keys, ascending. */

void cbor_uint(struct builder *b, uint64_t v);
void cbor_int(struct builder *b, int64_t v);
void cbor_bstr(struct builder *b, struct bytes v);
void cbor_tstr(struct builder *b, struct bytes v);
void cbor_array(struct builder *b, uint64_t count);
void cbor_map(struct builder *b, uint64_t count);
void cbor_tag(struct builder *b, uint64_t tag);
void cbor_bool(struct builder *b, bool v);
void cbor_null(struct builder *b);
/* One head: major type 0..7 and argument, shortest form. What the others are made of. */
void cbor_head(struct builder *b, uint8_t major, uint64_t argument);

/* ---- hexadecimal, base64, time ---- */

/* Lower case, zero terminated; out holds 2 * size + 1. */
void mt_hex(struct bytes b, char *out);
/* Exactly out_size bytes from exactly 2 * out_size digits, either case. MT_MALFORMED otherwise, out untouched. */
MUST enum mt_err mt_unhex(struct bytes digits, uint8_t *out, size_t out_size);
/* RFC 4648 base64 with padding, zero terminated; out holds 4 * ((size + 2) / 3) + 1. */
void mt_base64(struct bytes b, char *out);
/* Strict: canonical padding, no spaces. MT_LIMIT when capacity is too small. */
MUST enum mt_err mt_unbase64(struct bytes text, uint8_t *out, size_t capacity, size_t *out_size);
/* Seconds since 1970 to "2026-11-24T08:08:55Z"; out holds 21. */
void mt_time_text(uint64_t seconds, char *out);

#endif
