/* Properties as text (4.4, table 4-10), and Base64. */
#include "ta/rt/rt.h"

#include <string.h>

size_t rt_length(const char *text)
{
	size_t size = 0;

	while (text[size]) {
		size++;
	}
	return size;
}

bool rt_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

struct text {
	char *at;
	size_t capacity, size;
	bool full;
};

static void put(struct text *t, char c)
{
	if (t->size + 1 < t->capacity) {
		t->at[t->size++] = c;
	} else {
		t->full = true;
	}
}

static void put_text(struct text *t, const char *from)
{
	while (*from) {
		put(t, *from++);
	}
}

static void put_decimal(struct text *t, uint64_t number)
{
	char digit[20];
	size_t count = 0;

	do {
		digit[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (count > 0) {
		put(t, digit[--count]);
	}
}

static void put_hex(struct text *t, uint64_t number, unsigned digits)
{
	while (digits-- > 0) {
		put(t, "0123456789abcdef"[number >> (4 * digits) & 0xf]);
	}
}

static void put_uuid(struct text *t, const TEE_UUID *u)
{
	put_hex(t, u->timeLow, 8);
	put(t, '-');
	put_hex(t, u->timeMid, 4);
	put(t, '-');
	put_hex(t, u->timeHiAndVersion, 4);
	for (size_t i = 0; i < sizeof(u->clockSeqAndNode); i++) {
		if (i == 0 || i == 2) {
			put(t, '-');
		}
		put_hex(t, u->clockSeqAndNode[i], 2);
	}
}

static const char base64_digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_base64(struct text *t, const uint8_t *from, size_t size)
{
	for (size_t at = 0; at < size; at += 3) {
		size_t left = size - at;
		uint32_t group = (uint32_t)from[at] << 16 | (left > 1 ? (uint32_t)from[at + 1] << 8 : 0) | (left > 2 ? from[at + 2] : 0);
		put(t, base64_digit[group >> 18]);
		put(t, base64_digit[group >> 12 & 63]);
		put(t, left > 1 ? base64_digit[group >> 6 & 63] : '=');
		put(t, left > 2 ? base64_digit[group & 63] : '=');
	}
}

bool property_print(char *out, size_t capacity, size_t *size, uint32_t type, const void *value, size_t value_size)
{
	struct text t = { .at = out, .capacity = capacity };
	union {
		uint8_t is;
		uint32_t u32;
		uint64_t u64;
		TEE_UUID uuid;
		TEE_Identity identity;
	} v = { .u64 = 0 };

	if (type != TA_PROPERTY_BINARY && value_size > 0) {
		memcpy(&v, value, value_size < sizeof(v) ? value_size : sizeof(v));
	}
	switch (type) {
	case TA_PROPERTY_BOOL:
		put_text(&t, v.is ? "true" : "false");
		break;
	case TA_PROPERTY_U32:
		put_decimal(&t, v.u32);
		break;
	case TA_PROPERTY_U64:
		put_decimal(&t, v.u64);
		break;
	case TA_PROPERTY_UUID:
		put_uuid(&t, &v.uuid);
		break;
	case TA_PROPERTY_IDENTITY:
		put_decimal(&t, v.identity.login);
		put(&t, ':');
		put_uuid(&t, &v.identity.uuid);
		break;
	case TA_PROPERTY_BINARY:
		put_base64(&t, value, value_size);
		break;
	default:
		return false;
	}
	t.at[t.size] = 0;
	*size = t.size;
	return !t.full;
}

static int base64_value(char c)
{
	for (int i = 0; i < 64; i++) {
		if (base64_digit[i] == c) {
			return i;
		}
	}
	return -1;
}

bool property_base64(const char *text, uint8_t *out, size_t capacity, size_t *size)
{
	size_t length = rt_length(text), pad = 0;

	*size = 0;
	if (length % 4 != 0) {
		return false;
	}
	while (pad < 2 && length > pad && text[length - 1 - pad] == '=') {
		pad++;
	}
	for (size_t at = 0; at < length; at += 4) {
		size_t digits = at + 4 == length ? 4 - pad : 4;
		uint32_t group = 0;
		for (size_t i = 0; i < 4; i++) {
			int value = i < digits ? base64_value(text[at + i]) : 0;
			if (value < 0) {
				return false;
			}
			group = group << 6 | (uint32_t)value;
		}
		if (*size + digits - 1 > capacity || (group & ((UINT32_C(1) << 8 * (4 - digits)) - 1)) != 0) {
			return false;
		}
		for (size_t i = 0; i + 1 < digits; i++) {
			out[(*size)++] = (uint8_t)(group >> (16 - 8 * i));
		}
	}
	return true;
}
