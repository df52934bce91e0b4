/* Keys and strings: from the document into text[], quotes gone and escapes resolved. */
#include "boxed/toml/toml.h"

bool is_text(uint8_t byte)
{
	return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

/* The text never outgrows the document: every escape is longer than what it stands for. */
static void text_put(struct toml *t, uint8_t byte)
{
	t->text[t->text_size++] = byte;
}

static bool text_put_code_point(struct toml *t, uint32_t c)
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
		return false;
	}
	if (c < 0x80) {
		text_put(t, (uint8_t)c);
	} else if (c < 0x800) {
		text_put(t, (uint8_t)(0xc0 | c >> 6));
		text_put(t, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		text_put(t, (uint8_t)(0xe0 | c >> 12));
		text_put(t, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		text_put(t, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		text_put(t, (uint8_t)(0xf0 | c >> 18));
		text_put(t, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		text_put(t, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		text_put(t, (uint8_t)(0x80 | (c & 0x3f)));
	}
	return true;
}

static bool take_hex(struct toml *t, uint32_t digits, uint32_t *value)
{
	*value = 0;
	for (uint32_t i = 0; i < digits; i++) {
		uint8_t c = peek(t), lower = c | 0x20;

		if (c >= '0' && c <= '9') {
			*value = *value << 4 | (uint32_t)(c - '0');
		} else if (lower >= 'a' && lower <= 'f') {
			*value = *value << 4 | (uint32_t)(lower - 'a' + 10);
		} else {
			return false;
		}
		t->at++;
	}
	return true;
}

/* After the backslash. */
static bool escape_read(struct toml *t)
{
	static const char names[] = "btnfr\"\\", stands[] = "\b\t\n\f\r\"\\";
	uint32_t code = 0;
	uint8_t c = peek(t);

	if (c == 'u' || c == 'U') {
		t->at++;
		return take_hex(t, c == 'u' ? 4 : 8, &code) && text_put_code_point(t, code);
	}
	for (uint32_t i = 0; names[i]; i++) {
		if (c == (uint8_t)names[i]) {
			t->at++;
			text_put(t, (uint8_t)stands[i]);
			return true;
		}
	}
	return false;
}

static bool three(const struct toml *t, uint8_t quote)
{
	return t->end - t->at >= 3 && t->at[0] == quote && t->at[1] == quote && t->at[2] == quote;
}

/* A backslash at a line's end: it, the line end and all white space up to the next character are left out. */
static bool skip_folded(struct toml *t)
{
	const uint8_t *before = t->at;

	skip_blank(t);
	if (!take_line_end(t)) {
		t->at = before;
		return false;
	}
	do {
		skip_blank(t);
	} while (take_line_end(t));
	return true;
}

static bool line_string_read(struct toml *t, uint8_t quote)
{
	while (!take(t, quote)) {
		if (t->at == t->end || !is_text(*t->at)) {
			return false;
		}
		if (quote == '"' && take(t, '\\')) {
			if (!escape_read(t)) {
				return false;
			}
		} else {
			text_put(t, *t->at++);
		}
	}
	return true;
}

/* One or two quotes may stand before the three that end the string. */
static bool multi_line_string_read(struct toml *t, uint8_t quote)
{
	(void)take_line_end(t);                 /* right after the opening it does not count */
	for (;;) {
		if (three(t, quote)) {
			t->at += 3;
			for (uint32_t i = 0; i < 2 && take(t, quote); i++) {
				text_put(t, quote);
			}
			return true;
		}
		if (take_line_end(t)) {
			text_put(t, '\n');
		} else if (t->at == t->end || !is_text(*t->at)) {
			return false;
		} else if (quote == '"' && take(t, '\\')) {
			if (!skip_folded(t) && !escape_read(t)) {
				return false;
			}
		} else {
			text_put(t, *t->at++);
		}
	}
}

bool string_read(struct toml *t, bool may_be_multi_line, uint32_t *at, uint32_t *size)
{
	uint8_t quote = peek(t);
	uint32_t start = t->text_size;
	bool whole = false;

	if (may_be_multi_line && three(t, quote)) {
		t->at += 3;
		whole = multi_line_string_read(t, quote);
	} else {
		t->at++;
		whole = line_string_read(t, quote);
	}
	*at = start;
	*size = t->text_size - start;
	return whole;
}

static bool is_bare(uint8_t c)
{
	uint8_t lower = c | 0x20;

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool key_read(struct toml *t, uint32_t *at, uint32_t *size)
{
	if (peek(t) == '"' || peek(t) == '\'') {
		return string_read(t, false, at, size);
	}
	*at = t->text_size;
	while (is_bare(peek(t))) {
		text_put(t, *t->at++);
	}
	*size = t->text_size - *at;
	return *size > 0;
}
