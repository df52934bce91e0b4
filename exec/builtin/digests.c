#include "exec/builtin/digests.h"

#define COUNT_DIGITS_MAX 18

/* -1: no digit. Without a branch or a table, for what is read may be a secret. */
static int digit_of(char ch)
{
	unsigned c = (unsigned char)ch, letter = c | 0x20;
	unsigned is_number = c - '0' < 10, is_letter = letter - 'a' < 6;
	int value = (int)((c - '0') * is_number + (letter - 'a' + 10) * is_letter);

	return value - (int)(1 - (is_number | is_letter));
}

bool digest_line(struct text line, size_t size, uint8_t *out, int64_t *count)
{
	size_t digits = line.size - (line.size < 2 * size ? line.size : 2 * size);
	int64_t value = 0;
	int bad = 0;

	if (line.size < 2 * size ||
	    (digits && (digits < 2 || digits > COUNT_DIGITS_MAX + 1 || line.at[2 * size] != ':'))) {
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		int high = digit_of(line.at[2 * i]), low = digit_of(line.at[2 * i + 1]);
		bad |= high | low;
		out[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
	}
	for (size_t i = 2 * size + 1; i < line.size; i++) {
		if (line.at[i] < '0' || line.at[i] > '9') {
			return false;
		}
		value = value * 10 + (line.at[i] - '0');
	}
	*count = digits ? value : 1;
	return bad >= 0;
}
