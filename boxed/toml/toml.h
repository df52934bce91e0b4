/*
 * Private to boxed/toml: the document under construction. A TOML table may be added to in many places of the text, so
 * the text is first read into a tree of nodes and then told in document order (toml.c).
 */
#ifndef MT_BOX_TOML_H
#define MT_BOX_TOML_H

#include "boxed/box_abi.h"

#define NO_NODE UINT32_MAX

/* How a node came to be decides who may still add to it (TOML 1.0, "Table" and "Dotted keys"). */
enum origin {
	FROM_VALUE,             /* scalar, array or inline table: complete when its value ends */
	FROM_HEADER,            /* [table], or an element of [[array]] */
	FROM_HEADER_PATH,       /* made on the way to a header: [table] may still define it, once */
	FROM_KEY_PATH,          /* made on the way to a dotted key: only dotted keys may add to it */
	FROM_ARRAY_HEADER,      /* the array that [[array]] adds to */
};

struct node {
	enum answer_kind kind;
	enum origin origin;
	uint32_t parent, first, last, next;     /* node indices; NO_NODE for none */
	uint32_t count;                         /* children */
	uint32_t key_at, key_size;              /* in text[]; in an array there is no key */
	uint32_t text_at;                       /* of TSTR and TIME */
	uint64_t value;                         /* as the item will have it, but for ARRAY and MAP */
};

struct toml {
	const uint8_t *at, *end;                /* what is left of the document */
	uint32_t line;                          /* of `at`, counted from 1 */
	uint8_t *text;                          /* the blob: keys and strings without quotes and escapes */
	uint32_t text_size;                     /* never more than the document's */
	struct node *node;                      /* [0] is the root table */
	uint32_t node_count, node_capacity;
	bool out_of_memory;
};

/* ---- toml.c ---- */

/* NO_NODE when memory ends. Appended as the last child of `parent`. */
uint32_t node_add(struct toml *t, uint32_t parent, enum answer_kind kind, enum origin origin);
/* The child of that name, or NO_NODE. */
uint32_t node_find(const struct toml *t, uint32_t table, const uint8_t *key, uint32_t key_size);
/*
 * Read `key.key.key` and make the node of the last one, a child of `table` or of the tables on its way. NO_NODE: not a
 * key, or one that may not be added.
 */
uint32_t key_value_node(struct toml *t, uint32_t table);
/* Spaces and tabs. */
void skip_blank(struct toml *t);
/* Spaces, tabs, comments and line ends. False: a comment holds what it must not. */
MUST bool skip_lines(struct toml *t);
/* The next byte; 0 at the end (a document holds no 0). */
uint8_t peek(const struct toml *t);
/* Step over this byte if it is next. */
MUST bool take(struct toml *t, uint8_t byte);

/* Step over LF or CRLF if it is next. */
bool take_line_end(struct toml *t);

/* ---- toml_value.c ---- */

/* Read a value, with all that is in it, into the node. */
MUST bool value_read(struct toml *t, uint32_t index);

/* ---- toml_text.c ---- */

/* Read a quoted string at `"` or `'`; its text lies at text[*at]. */
MUST bool string_read(struct toml *t, bool may_be_multi_line, uint32_t *at, uint32_t *size);
/* Read one key: bare or quoted. */
MUST bool key_read(struct toml *t, uint32_t *at, uint32_t *size);
/* Whether a byte may stand in a comment or a string as it is. */
bool is_text(uint8_t byte);

/* ---- toml_scalar.c ---- */

/* Read a boolean, number, date or time into the node. */
MUST bool scalar_read(struct toml *t, struct node *n);

#endif
