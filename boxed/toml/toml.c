/*
 * TOML 1.0 to items. Strict: what the specification calls invalid is refused, with the line. Keys are looked up one by
 * one, which for the 64 KiB that a document may have is fast enough.
 */
#include "boxed/toml/toml.h"

#include <string.h>

/* ---- reading ---- */

uint8_t peek(const struct toml *t)
{
	return t->at < t->end ? *t->at : 0;
}

bool take(struct toml *t, uint8_t byte)
{
	if (t->at == t->end || *t->at != byte) {
		return false;
	}
	t->at++;
	return true;
}

void skip_blank(struct toml *t)
{
	while (peek(t) == ' ' || peek(t) == '\t') {
		t->at++;
	}
}

/* A comment, if there is one, up to the line's end. */
static bool skip_comment(struct toml *t)
{
	if (!take(t, '#')) {
		return true;
	}
	while (t->at < t->end && *t->at != '\n' && *t->at != '\r') {
		if (!is_text(*t->at)) {
			return false;
		}
		t->at++;
	}
	return true;
}

bool take_line_end(struct toml *t)
{
	if (t->end - t->at >= 2 && t->at[0] == '\r' && t->at[1] == '\n') {
		t->at++;
	}
	if (!take(t, '\n')) {
		return false;
	}
	t->line++;
	return true;
}

bool skip_lines(struct toml *t)
{
	do {
		skip_blank(t);
		if (!skip_comment(t)) {
			return false;
		}
	} while (take_line_end(t));
	return true;
}

/* After a header or a value nothing may follow on its line. */
static bool line_ended(struct toml *t)
{
	skip_blank(t);
	return skip_comment(t) && (t->at == t->end || take_line_end(t));
}

/* ---- the tree ---- */

uint32_t node_add(struct toml *t, uint32_t parent, enum answer_kind kind, enum origin origin)
{
	if (t->node_count == t->node_capacity) {
		uint32_t capacity = t->node_capacity * 2 + 16;
		struct node *node = box_resize(t->node, t->node_capacity * sizeof(*node), capacity * sizeof(*node));

		if (!node) {
			t->out_of_memory = true;
			return NO_NODE;
		}
		t->node = node;
		t->node_capacity = capacity;
	}
	uint32_t index = t->node_count++;

	t->node[index] = (struct node){
		.kind = kind, .origin = origin, .parent = parent, .first = NO_NODE, .last = NO_NODE, .next = NO_NODE,
	};
	if (parent != NO_NODE) {
		struct node *p = &t->node[parent];

		if (p->last == NO_NODE) {
			p->first = index;
		} else {
			t->node[p->last].next = index;
		}
		p->last = index;
		p->count++;
	}
	return index;
}

uint32_t node_find(const struct toml *t, uint32_t table, const uint8_t *key, uint32_t key_size)
{
	for (uint32_t i = t->node[table].first; i != NO_NODE; i = t->node[i].next) {
		const struct node *n = &t->node[i];

		if (n->key_size == key_size && memcmp(t->text + n->key_at, key, key_size) == 0) {
			return i;
		}
	}
	return NO_NODE;
}

static uint32_t node_add_named(struct toml *t, uint32_t table, enum answer_kind kind, enum origin origin,
			       uint32_t key_at, uint32_t key_size)
{
	uint32_t index = node_add(t, table, kind, origin);

	if (index != NO_NODE) {
		t->node[index].key_at = key_at;
		t->node[index].key_size = key_size;
	}
	return index;
}

/* ---- keys ---- */

uint32_t key_value_node(struct toml *t, uint32_t table)
{
	for (;;) {
		uint32_t at = 0, size = 0;

		if (!key_read(t, &at, &size)) {
			return NO_NODE;
		}
		uint32_t found = node_find(t, table, t->text + at, size);

		skip_blank(t);
		if (!take(t, '.')) {            /* the last one: a name for a value */
			return found == NO_NODE ? node_add_named(t, table, ANSWER_NULL, FROM_VALUE, at, size) : NO_NODE;
		}
		if (found == NO_NODE) {
			found = node_add_named(t, table, ANSWER_MAP, FROM_KEY_PATH, at, size);
		}
		if (found == NO_NODE || t->node[found].origin != FROM_KEY_PATH) {
			return NO_NODE;
		}
		table = found;
		skip_blank(t);
	}
}

/* Into a table that a header names on its way: an existing one, or a new one. */
static uint32_t header_step(struct toml *t, uint32_t table, uint32_t at, uint32_t size)
{
	uint32_t found = node_find(t, table, t->text + at, size);

	if (found == NO_NODE) {
		return node_add_named(t, table, ANSWER_MAP, FROM_HEADER_PATH, at, size);
	}
	switch (t->node[found].origin) {
	case FROM_VALUE:
		return NO_NODE;
	case FROM_ARRAY_HEADER:
		return t->node[found].last;     /* the element defined last */
	case FROM_HEADER:
	case FROM_HEADER_PATH:
	case FROM_KEY_PATH:
		break;
	}
	return found;
}

/* The table that [table] defines. */
static uint32_t header_table(struct toml *t, uint32_t table, uint32_t at, uint32_t size)
{
	uint32_t found = node_find(t, table, t->text + at, size);

	if (found == NO_NODE) {
		return node_add_named(t, table, ANSWER_MAP, FROM_HEADER, at, size);
	}
	if (t->node[found].origin != FROM_HEADER_PATH) {
		return NO_NODE;
	}
	t->node[found].origin = FROM_HEADER;
	return found;
}

/* The element that [[array]] adds. */
static uint32_t header_element(struct toml *t, uint32_t table, uint32_t at, uint32_t size)
{
	uint32_t array = node_find(t, table, t->text + at, size);

	if (array == NO_NODE) {
		array = node_add_named(t, table, ANSWER_ARRAY, FROM_ARRAY_HEADER, at, size);
	}
	if (array == NO_NODE || t->node[array].origin != FROM_ARRAY_HEADER) {
		return NO_NODE;
	}
	return node_add(t, array, ANSWER_MAP, FROM_HEADER);
}

/* `[a.b]` or `[[a.b]]`, from its first bracket; gives the table that the lines below it fill. */
static uint32_t header_read(struct toml *t)
{
	uint32_t table = 0;
	bool element = false;

	if (!take(t, '[')) {
		return NO_NODE;
	}
	element = take(t, '[');
	for (;;) {
		uint32_t at = 0, size = 0;

		skip_blank(t);
		if (!key_read(t, &at, &size)) {
			return NO_NODE;
		}
		skip_blank(t);
		if (take(t, '.')) {
			table = header_step(t, table, at, size);
			if (table == NO_NODE) {
				return NO_NODE;
			}
			continue;
		}
		if (!take(t, ']') || (element && !take(t, ']'))) {
			return NO_NODE;
		}
		return element ? header_element(t, table, at, size) : header_table(t, table, at, size);
	}
}

static bool pair_read(struct toml *t, uint32_t table)
{
	uint32_t index = key_value_node(t, table);

	if (index == NO_NODE || !take(t, '=')) {
		return false;
	}
	skip_blank(t);
	return value_read(t, index);
}

static bool document_read(struct toml *t)
{
	uint32_t table = 0;

	for (;;) {
		if (!skip_lines(t)) {
			return false;
		}
		if (t->at == t->end) {
			return true;
		}
		if (peek(t) == '[') {
			table = header_read(t);
			if (table == NO_NODE) {
				return false;
			}
		} else if (!pair_read(t, table)) {
			return false;
		}
		if (!line_ended(t)) {
			return false;
		}
	}
}

/* ---- the answer ---- */

static void answer_node(struct answer *a, const struct toml *t, const struct node *n)
{
	if (n->parent != NO_NODE && t->node[n->parent].kind == ANSWER_MAP) {
		answer_add(a, ANSWER_TSTR, n->key_at, n->key_size);
	}
	bool holds = n->kind == ANSWER_ARRAY || n->kind == ANSWER_MAP;

	answer_add(a, n->kind, n->text_at, holds ? n->count : n->value);
}

/* Preorder along the links, without recursion. */
static bool answer_tree(struct answer *a, const struct toml *t)
{
	uint32_t depth = 0, index = 0;

	while (index != NO_NODE) {
		const struct node *n = &t->node[index];

		answer_node(a, t, n);
		if ((n->kind == ANSWER_ARRAY || n->kind == ANSWER_MAP) && depth == BOX_DEPTH_MAX) {
			return false;
		}
		if (n->first != NO_NODE) {
			depth++;
			index = n->first;
			continue;
		}
		while (n->next == NO_NODE && n->parent != NO_NODE) {
			n = &t->node[n->parent];
			depth--;
		}
		index = n->next;
	}
	return true;
}

enum box_verdict box_main(uint32_t operation, uint8_t *input, uint32_t size, struct answer *answer)
{
	struct toml t = { .at = input, .end = input + size, .line = 1 };

	(void)operation;                        /* there is only one */
	t.text = box_alloc(size);
	if (!t.text || node_add(&t, NO_NODE, ANSWER_MAP, FROM_HEADER) == NO_NODE) {
		return BOX_NO_MEMORY;
	}
	if (!text_is_utf8(input, size)) {
		return BOX_REFUSED;             /* no line: an editor would show it as whole */
	}
	if (!document_read(&t)) {
		answer->fault_line = t.line;
		return t.out_of_memory ? BOX_NO_MEMORY : BOX_REFUSED;
	}
	answer_open(answer);
	if (!answer_tree(answer, &t)) {
		return BOX_REFUSED;
	}
	return answer_close(answer, t.text, t.text_size);
}
