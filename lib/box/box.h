/*
 * Boxes: C that parses rich foreign bytes, compiled to wasm32 and back to native by wasm2c, run in a memory
 * of its own; and the flat items in which a box answers.
 *
 * Promises: code in a box reads and writes nothing but its own linear memory (reservation with guard pages: any
 * 33-bit address it can form is inside the reservation); a trap (out of bounds, unreachable, stack overflow,
 * division) is the error MT_MALFORMED of that call and of nothing else; after each call the memory is zeroed up
 * to the committed size and its initial data restored, so that one call never sees another's bytes; memory growth
 * stops at the kind's limit. There is no deadline inside: a boxed parser is total and bounded by its input.
 * A box may answer wrongly: what it says is foreign bytes (items_open checks it), and a signed object is re-encoded
 * and compared (items_match_cbor).
 *
 * Hides: the wasm2c runtime, the reservation, the signal handler, the reset.
 * Class N (the host side); the code inside is class B. One thread at a time per box. Memory is reserved in
 * box_open() only. One owner of SIGSEGV per process: box_port (below) dispatches by address.
 */
#ifndef MT_BOX_H
#define MT_BOX_H

#include "lib/base/base.h"

/* ---- the boxes that exist (boxed/NAME/), linked by an image that lists them ---- */

struct box_kind;                        /* generated descriptor of one boxed program */
extern const struct box_kind box_json;  /* RFC 8259 text -> items */
extern const struct box_kind box_cbor;  /* RFC 8949 deterministic CBOR -> items */
extern const struct box_kind box_toml;  /* TOML 1.0 text -> items */
extern const struct box_kind box_http;  /* HTTP/1.1 heads -> items (operations below) */

enum box_operation {
	BOX_PARSE = 0,                  /* json, cbor, toml; http: a request head */
	BOX_HTTP_RESPONSE = 1,          /* http: a response head */
};

/*
 * What each makes of its input:
 * cbor  What RFC 8949, 4.2.1 allows, without floats: ready for items_match_cbor. 1 MiB.
 * json  RFC 8259, no duplicate keys. Integers of 64 bits are UINT or NINT, all other numbers FLOAT. 4 MiB.
 * toml  TOML 1.0, the root a MAP. Numbers as in JSON, dates and times TIME. 64 KiB.
 * http  Request:  [ method tstr, target tstr, minor version uint, head size uint, [ [ name tstr, value tstr ]... ] ]
 *       Response: [ status uint, minor version uint, head size uint, [ [ name tstr, value tstr ]... ] ]
 *       [] says that the head is not complete yet and nothing is wrong so far: read more and ask again. Names are in
 *       lower case, values without the white space around them. Bytes after the head are ignored. Only Content-Length
 *       delimits a body: a Transfer-Encoding is MT_MALFORMED (boxed/http/http.c lists all that is).
 *       Pass at most BOX_HTTP_HEAD_MAX bytes: a head that does not end within them is MT_MALFORMED.
 */
#define BOX_HTTP_HEAD_MAX 16384

struct box;                             /* owned by the caller of box_open */

/* Reserve and initialise. Fails with MT_NO_MEMORY, MT_IO (the kernel refused). */
MUST enum mt_err box_open(const struct box_kind *kind, struct box **out);
void box_close(struct box *box);        /* NULL allowed */

/* Largest input of this kind in bytes; a longer one is MT_LIMIT before the box runs. */
size_t box_input_max(const struct box_kind *kind);

/*
 * Run one operation over `input`. The answer is copied into answer[capacity] (private to the caller, size in
 * *answer_size) and the box is reset before this returns. Fails with MT_MALFORMED (the parser refused it or trapped),
 * MT_LIMIT (input over box_input_max, answer over capacity, or the box out of its memory).
 */
MUST enum mt_err box_call(struct box *box, uint32_t operation, struct bytes input, uint8_t *answer, size_t capacity,
			  size_t *answer_size);

/*
 * After MT_MALFORMED from box_call: the line of the input, counted from 1, at which the parser stopped. 0 when there is
 * none to name: other results, traps, binary formats. As true as the box is; for messages only.
 */
uint32_t box_fault_line(const struct box *box);

/* How many calls of this box ended in a trap since box_open: a figure for `status` and for tests. */
uint64_t box_trap_count(const struct box *box);

/*
 * Port hooks (DESIGN 4): how memory is reserved and how a fault reaches the box that caused it. The Linux port fills
 * them in port/linux/box_port.c; box_port_set() is called once at start, before the first box_open().
 */
struct box_port {
	void *(*reserve)(size_t size);                          /* address space without access, NULL on failure */
	int (*commit)(void *at, size_t size);                   /* make readable and writable, zero; 0 on success */
	int (*decommit)(void *at, size_t size);                 /* give back: no access, content gone */
	void (*release)(void *at, size_t size);
	int (*fault_handler_install)(void (*on_fault)(void *address));  /* SIGSEGV, SIGBUS, SIGFPE on an alternate stack */
};
void box_port_set(const struct box_port *port);

/* ---- items: the flat, checked form of a parsed document ----
 *
 * Wire form of a box's answer, little endian:
 *   count u32 | blob_size u32 | count times { kind u8, pad[3], offset u32, value u64 } | blob[blob_size]
 * Items stand in document order (preorder). An array or map is followed by its children; a map's by key, value, key, value.
 */
enum item_kind {
	ITEM_NULL = 0,
	ITEM_BOOL,              /* value 0 or 1 */
	ITEM_UINT,              /* value */
	ITEM_NINT,              /* CBOR: -1 - value. JSON, TOML: the same */
	ITEM_FLOAT,             /* value = the IEEE 754 bits of a double */
	ITEM_BSTR,              /* value bytes at offset of the blob */
	ITEM_TSTR,              /* the same, UTF-8 checked */
	ITEM_ARRAY,             /* value = number of elements */
	ITEM_MAP,               /* value = number of pairs */
	ITEM_TAG,               /* CBOR: value = tag number, one child follows */
	ITEM_TIME,              /* TOML date-time: text at offset, value bytes */
	ITEM_KINDS
};
#define ITEM_DEPTH_MAX 16       /* arrays, maps and tags inside each other; deeper documents are refused */

struct items {
	const uint8_t *at;      /* first item */
	uint32_t count;
	struct bytes blob;
};

/* Check a box's answer: sizes, kinds, ranges in the blob, nesting, exactly one root. MT_MALFORMED, *out untouched. Borrows. */
MUST enum mt_err items_open(struct bytes answer, struct items *out);

/*
 * Re-encode with our own deterministic CBOR writer and compare with the signed bytes: MT_TAMPERED when a single byte
 * differs. After MT_OK the items say what `document` says (DESIGN 3, rule 1).
 */
MUST enum mt_err items_match_cbor(const struct items *items, struct bytes document);

/*
 * One call for core and clients: box_call(cbor), items_open, items_match_cbor. `scratch` holds the answer and must
 * outlive *out; ITEMS_SCRATCH(document size) bytes are always enough.
 */
#define ITEMS_SCRATCH(document_size) ((size_t)(document_size) * 17 + 64)
MUST enum mt_err items_from_cbor(struct box *box, struct bytes document, uint8_t *scratch, size_t scratch_size,
				 struct items *out);

/* ---- sticky reader over items: like the cursor, one verdict at the end ---- */

struct reader {
	const struct items *items;
	uint32_t index;                 /* next item */
	bool failed;
};

struct reader reader_over(const struct items *items);
enum item_kind reader_peek(const struct reader *r);     /* ITEM_KINDS at the end or after a failure */
uint64_t reader_uint(struct reader *r);
int64_t reader_int(struct reader *r);                   /* UINT or NINT that fits */
bool reader_bool(struct reader *r);
double reader_float(struct reader *r);                  /* FLOAT only, not UINT */
void reader_null(struct reader *r);
struct bytes reader_bstr(struct reader *r);             /* borrows from the blob */
struct bytes reader_bstr_of(struct reader *r, size_t size);  /* exactly this size */
void reader_copy(struct reader *r, uint8_t *out, size_t size);  /* bstr of exactly this size into out; zeros on failure */
struct bytes reader_tstr(struct reader *r);
struct bytes reader_time(struct reader *r);             /* TOML date-time: its text */
uint64_t reader_array(struct reader *r);                /* number of elements; 0 after a failure */
uint64_t reader_map(struct reader *r);                  /* number of pairs */
uint64_t reader_tag(struct reader *r);
void reader_array_of(struct reader *r, uint64_t count); /* exactly this many */
void reader_map_of(struct reader *r, uint64_t count);
void reader_key(struct reader *r, uint64_t key);        /* the next item must be this unsigned map key */
void reader_skip(struct reader *r);                     /* one whole item with its children */
MUST bool reader_ok(const struct reader *r);
MUST bool reader_done(const struct reader *r);          /* ok, and nothing left over */

/*
 * Text-keyed maps (JSON, TOML): a reader on the value of `key` in the map that stands at `map`'s next item; `map` does not move.
 * A missing key gives a failed reader. Duplicate keys are refused by the boxes.
 */
struct reader reader_find(const struct reader *map, const char *key);

#endif
