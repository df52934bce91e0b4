/* Booleans, numbers, dates and times. */
#include "boxed/toml/toml.h"

#include <string.h>

#include <yyjson.h>

#define NUMBER_MAX 64                   /* bytes of a number without its underscores; a double needs no more */

struct token {
	const uint8_t *at;
	uint32_t size;
};

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool token_is(struct token k, const char *text)
{
	return k.size == strlen(text) && memcmp(k.at, text, k.size) == 0;
}

static bool ends_value(uint8_t c)
{
	return c <= 0x20 || c == ',' || c == ']' || c == '}' || c == '#';
}

/* All bytes up to what ends a value. A date and a time may have a space between them. */
static struct token token_take(struct toml *t)
{
	struct token k = { .at = t->at };

	while (t->at < t->end && !ends_value(*t->at)) {
		t->at++;
	}
	k.size = (uint32_t)(t->at - k.at);
	if (k.size == 10 && k.at[4] == '-' && t->end - t->at >= 3 && *t->at == ' ' && is_digit(t->at[1]) &&
	    is_digit(t->at[2])) {
		t->at++;
		while (t->at < t->end && !ends_value(*t->at)) {
			t->at++;
		}
		k.size = (uint32_t)(t->at - k.at);
	}
	return k;
}

/* ---- dates and times (RFC 3339, 5.6) ---- */

/* Exactly `digits` digits, then their number is at most `max`. */
static bool take_number(struct token *k, uint32_t digits, uint32_t max, uint32_t *value)
{
	*value = 0;
	if (k->size < digits) {
		return false;
	}
	for (uint32_t i = 0; i < digits; i++) {
		if (!is_digit(k->at[i])) {
			return false;
		}
		*value = *value * 10 + (uint32_t)(k->at[i] - '0');
	}
	k->at += digits;
	k->size -= digits;
	return *value <= max;
}

static bool take_byte(struct token *k, uint8_t byte)
{
	if (k->size == 0 || k->at[0] != byte) {
		return false;
	}
	k->at++;
	k->size--;
	return true;
}

static bool take_date(struct token *k)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint32_t year = 0, month = 0, day = 0;

	if (!take_number(k, 4, 9999, &year) || !take_byte(k, '-') || !take_number(k, 2, 12, &month) || month == 0 ||
	    !take_byte(k, '-') || !take_number(k, 2, 31, &day) || day == 0) {
		return false;
	}
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return day <= days[month - 1] || (month == 2 && day == 29 && leap);
}

/* A second of 60 is a leap second: RFC 3339, 5.7. */
static bool take_time(struct token *k)
{
	uint32_t hour = 0, minute = 0, second = 0;

	if (!take_number(k, 2, 23, &hour) || !take_byte(k, ':') || !take_number(k, 2, 59, &minute) ||
	    !take_byte(k, ':') || !take_number(k, 2, 60, &second)) {
		return false;
	}
	if (take_byte(k, '.')) {
		if (k->size == 0 || !is_digit(k->at[0])) {
			return false;
		}
		while (k->size > 0 && is_digit(k->at[0])) {
			k->at++;
			k->size--;
		}
	}
	return true;
}

/* `Z`, `+hh:mm` or `-hh:mm`; nothing at all for a local time. */
static bool take_offset(struct token *k)
{
	uint32_t hour = 0, minute = 0;

	if (k->size == 0 || take_byte(k, 'Z') || take_byte(k, 'z')) {
		return true;
	}
	return (take_byte(k, '+') || take_byte(k, '-')) && take_number(k, 2, 23, &hour) && take_byte(k, ':') &&
	       take_number(k, 2, 59, &minute);
}

static bool is_time(struct token k)
{
	if (k.size >= 3 && k.at[2] == ':') {            /* a local time */
		return take_time(&k) && k.size == 0;
	}
	if (!take_date(&k)) {
		return false;
	}
	if (k.size == 0) {                              /* a local date */
		return true;
	}
	return (take_byte(&k, 'T') || take_byte(&k, 't') || take_byte(&k, ' ')) && take_time(&k) && take_offset(&k) &&
	       k.size == 0;
}

/* ---- numbers ---- */

/* Without underscores, each of which must stand between two digits. */
static bool strip_underscores(struct token k, bool (*digit)(uint8_t c), char *out, uint32_t *out_size)
{
	*out_size = 0;
	for (uint32_t i = 0; i < k.size; i++) {
		if (k.at[i] == '_') {
			if (i == 0 || i + 1 == k.size || !digit(k.at[i - 1]) || !digit(k.at[i + 1])) {
				return false;
			}
			continue;
		}
		if (*out_size == NUMBER_MAX) {
			return false;
		}
		out[(*out_size)++] = (char)k.at[i];
	}
	return true;
}

static bool is_hex_digit(uint8_t c)
{
	uint8_t lower = c | 0x20;

	return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

/* `0x`, `0o` and `0b`: no sign, and what fits 63 bits (TOML 1.0, "Integer"). */
static bool prefixed_read(struct token k, struct node *n)
{
	char text[NUMBER_MAX];
	uint32_t size = 0, bits = k.at[1] == 'x' ? 4 : k.at[1] == 'o' ? 3 : 1;
	uint64_t value = 0;

	if (!strip_underscores((struct token){ k.at + 2, k.size - 2 }, is_hex_digit, text, &size) || size == 0) {
		return false;
	}
	for (uint32_t i = 0; i < size; i++) {
		uint8_t c = (uint8_t)text[i], lower = c | 0x20;

		if (!is_hex_digit(c)) {
			return false;
		}
		uint32_t digit = is_digit(c) ? (uint32_t)(c - '0') : (uint32_t)(lower - 'a' + 10);

		if (digit >> bits != 0 || value >> (63 - bits) != 0) {
			return false;
		}
		value = value << bits | digit;
	}
	n->kind = ANSWER_UINT;
	n->value = value;
	return true;
}

static bool infinite_read(struct token k, struct node *n)
{
	bool minus = k.size > 0 && k.at[0] == '-';
	double value = 0;

	if (k.size > 0 && (k.at[0] == '+' || k.at[0] == '-')) {
		k.at++;
		k.size--;
	}
	if (token_is(k, "inf")) {
		value = minus ? -__builtin_inf() : __builtin_inf();
	} else if (token_is(k, "nan")) {
		value = __builtin_nan("");
	} else {
		return false;
	}
	n->kind = ANSWER_FLOAT;
	memcpy(&n->value, &value, sizeof(n->value));
	return true;
}

/* What is left of a decimal number is JSON's grammar, so yyjson reads it: correctly rounded, and refused when too large. */
static bool decimal_read(struct token k, struct node *n)
{
	char text[NUMBER_MAX + 1];
	uint32_t size = 0;
	yyjson_val value = { 0 };

	if (k.size > 0 && k.at[0] == '+') {
		k.at++;
		k.size--;
		if (k.size == 0 || !is_digit(k.at[0])) {
			return false;
		}
	}
	if (!strip_underscores(k, is_digit, text, &size)) {
		return false;
	}
	text[size] = 0;
	if (yyjson_read_number(text, &value, YYJSON_READ_BIGNUM_AS_RAW, NULL, NULL) != text + size) {
		return false;
	}
	if (yyjson_is_real(&value)) {
		n->kind = ANSWER_FLOAT;
		memcpy(&n->value, &value.uni.f64, sizeof(n->value));
		return true;
	}
	/* TOML 1.0, "Integer": 64 bits with a sign, and an error beyond. */
	if (!yyjson_is_int(&value) || (yyjson_is_uint(&value) && value.uni.u64 > INT64_MAX)) {
		return false;
	}
	n->kind = value.uni.i64 < 0 ? ANSWER_NINT : ANSWER_UINT;
	n->value = (uint64_t)(value.uni.i64 < 0 ? -1 - value.uni.i64 : value.uni.i64);
	return true;
}

/* ---- which of them ---- */

static bool looks_like_time(struct token k)
{
	return (k.size >= 5 && is_digit(k.at[0]) && k.at[4] == '-' && is_digit(k.at[3])) ||
	       (k.size >= 3 && is_digit(k.at[0]) && k.at[2] == ':');
}

static bool time_read(struct toml *t, struct token k, struct node *n)
{
	if (!is_time(k)) {
		return false;
	}
	n->kind = ANSWER_TIME;
	n->text_at = t->text_size;
	n->value = k.size;
	memcpy(t->text + t->text_size, k.at, k.size);
	t->text_size += k.size;
	return true;
}

bool scalar_read(struct toml *t, struct node *n)
{
	struct token k = token_take(t);

	if (token_is(k, "true") || token_is(k, "false")) {
		n->kind = ANSWER_BOOL;
		n->value = k.size == 4;
		return true;
	}
	if (looks_like_time(k)) {
		return time_read(t, k, n);
	}
	if (k.size > 2 && k.at[0] == '0' && (k.at[1] == 'x' || k.at[1] == 'o' || k.at[1] == 'b')) {
		return prefixed_read(k, n);
	}
	return infinite_read(k, n) || decimal_read(k, n);
}
