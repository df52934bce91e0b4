/*
 * JSON (RFC 8259) to items: yyjson reads strictly into values that already stand in document order; this turns them
 * into items, and refuses what yyjson lets pass: duplicate keys and nesting deeper than the items allow.
 * The blob is yyjson's copy of the text, in which it has resolved the escapes.
 */
#include <string.h>

#include <yyjson.h>

#include "boxed/box_abi.h"

struct json {
	struct answer *answer;
	const char *text;               /* the blob */
	uint32_t depth;
	uint64_t left[BOX_DEPTH_MAX];   /* items still to come in each open container */
};

/* ---- yyjson's memory is the box's heap ---- */

static void *json_malloc(void *context, size_t size)
{
	(void)context;
	return box_alloc(size);
}

static void *json_realloc(void *context, void *old, size_t old_size, size_t size)
{
	(void)context;
	return box_resize(old, old_size, size);
}

static void json_free(void *context, void *at)
{
	(void)context;
	(void)at;
}

static const yyjson_alc json_memory = { json_malloc, json_realloc, json_free, NULL };

/* ---- duplicate keys: sort, then look at neighbours. Heap sort: no recursion, no bad case ---- */

static int key_compare(yyjson_val *a, yyjson_val *b)
{
	size_t a_size = unsafe_yyjson_get_len(a), b_size = unsafe_yyjson_get_len(b);

	if (a_size != b_size) {
		return a_size < b_size ? -1 : 1;
	}
	return memcmp(a->uni.str, b->uni.str, a_size);
}

static void key_sift(yyjson_val **key, size_t count, size_t at)
{
	for (;;) {
		size_t child = at * 2 + 1;

		if (child >= count) {
			return;
		}
		if (child + 1 < count && key_compare(key[child], key[child + 1]) < 0) {
			child++;
		}
		if (key_compare(key[at], key[child]) >= 0) {
			return;
		}
		yyjson_val *swap = key[at];

		key[at] = key[child];
		key[child] = swap;
		at = child;
	}
}

static void keys_sort(yyjson_val **key, size_t count)
{
	for (size_t at = count / 2; at-- > 0;) {
		key_sift(key, count, at);
	}
	for (size_t end = count; end-- > 1;) {
		yyjson_val *largest = key[0];

		key[0] = key[end];
		key[end] = largest;
		key_sift(key, end, 0);
	}
}

/* `key` has room for every object of the document: one array serves them all. */
static bool keys_differ(yyjson_val *object, yyjson_val **key)
{
	size_t count = unsafe_yyjson_get_len(object);
	yyjson_val *next = object + 1;

	for (size_t i = 0; i < count; i++) {
		key[i] = next;
		next = unsafe_yyjson_get_next(next + 1);
	}
	keys_sort(key, count);
	for (size_t i = 1; i < count; i++) {
		if (key_compare(key[i - 1], key[i]) == 0) {
			return false;
		}
	}
	return true;
}

/* ---- values to items ---- */

static bool container_open(struct json *j, uint64_t items)
{
	if (j->depth == BOX_DEPTH_MAX) {
		return false;
	}
	j->left[j->depth++] = items;
	return true;
}

static void add_number(struct json *j, yyjson_val *value)
{
	int64_t number = value->uni.i64;
	uint64_t bits = 0;

	switch (unsafe_yyjson_get_subtype(value)) {
	case YYJSON_SUBTYPE_UINT:
		answer_add(j->answer, ANSWER_UINT, 0, value->uni.u64);
		break;
	case YYJSON_SUBTYPE_SINT:
		if (number < 0) {
			answer_add(j->answer, ANSWER_NINT, 0, (uint64_t)(-1 - number));
		} else {
			answer_add(j->answer, ANSWER_UINT, 0, (uint64_t)number);
		}
		break;
	default:
		memcpy(&bits, &value->uni.f64, sizeof(bits));
		answer_add(j->answer, ANSWER_FLOAT, 0, bits);
		break;
	}
}

static bool add_value(struct json *j, yyjson_val *value, yyjson_val **key)
{
	size_t count = unsafe_yyjson_get_len(value);

	switch (unsafe_yyjson_get_type(value)) {
	case YYJSON_TYPE_NULL:
		answer_add(j->answer, ANSWER_NULL, 0, 0);
		return true;
	case YYJSON_TYPE_BOOL:
		answer_add(j->answer, ANSWER_BOOL, 0, unsafe_yyjson_get_bool(value));
		return true;
	case YYJSON_TYPE_NUM:
		add_number(j, value);
		return true;
	case YYJSON_TYPE_STR:
		answer_add(j->answer, ANSWER_TSTR, (uint32_t)(value->uni.str - j->text), count);
		return true;
	case YYJSON_TYPE_ARR:
		answer_add(j->answer, ANSWER_ARRAY, 0, count);
		return container_open(j, count);
	case YYJSON_TYPE_OBJ:
		answer_add(j->answer, ANSWER_MAP, 0, count);
		return container_open(j, (uint64_t)count * 2) && keys_differ(value, key);
	default:
		return false;
	}
}

/* yyjson keeps the values of a document in one array, each container before its children. */
static enum box_verdict add_values(struct json *j, yyjson_doc *doc)
{
	size_t count = yyjson_doc_get_val_count(doc);
	yyjson_val *value = yyjson_doc_get_root(doc);
	yyjson_val **key = box_alloc(count * sizeof(*key));

	if (!key) {
		return BOX_NO_MEMORY;
	}
	for (size_t i = 0; i < count && !j->answer->failed; i++) {
		if (j->depth > 0) {
			j->left[j->depth - 1]--;
		}
		if (!add_value(j, &value[i], key)) {
			return BOX_REFUSED;
		}
		while (j->depth > 0 && j->left[j->depth - 1] == 0) {
			j->depth--;
		}
	}
	return BOX_ANSWERED;
}

static uint32_t line_of(const uint8_t *text, size_t position)
{
	uint32_t line = 1;

	for (size_t i = 0; i < position; i++) {
		line += text[i] == '\n';
	}
	return line;
}

enum box_verdict box_main(uint32_t operation, uint8_t *input, uint32_t size, struct answer *answer)
{
	struct json j = { .answer = answer };
	char *text = box_alloc((size_t)size + YYJSON_PADDING_SIZE);
	yyjson_read_err error = { 0 };

	(void)operation;                        /* there is only one */
	if (!text) {
		return BOX_NO_MEMORY;
	}
	memcpy(text, input, size);
	memset(text + size, 0, YYJSON_PADDING_SIZE);
	j.text = text;
	yyjson_doc *doc = yyjson_read_opts(text, size, YYJSON_READ_INSITU, &json_memory, &error);

	if (!doc) {
		answer->fault_line = line_of(input, error.pos < size ? error.pos : size);
		return error.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION ? BOX_NO_MEMORY : BOX_REFUSED;
	}
	answer_open(answer);
	enum box_verdict verdict = add_values(&j, doc);

	return verdict == BOX_ANSWERED ? answer_close(answer, text, size) : verdict;
}
