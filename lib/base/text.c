/*
 * Hexadecimal, base64 and time. Keys pass through hex and base64, so both work without a branch or an
 * index on a character's value: ranges are told by masks, and only the verdict over all of it is looked at.
 */
#include "lib/base/base.h"

#include <stdio.h>

/* All ones when low <= v <= high, else 0. Both bounds and v are below 2^31. */
static uint32_t mask_between(uint32_t v, uint32_t low, uint32_t high)
{
	uint32_t outside = (v - low) | (high - v);      /* the top bit of either says outside */

	return (outside >> 31) - 1;
}

/* ---- hexadecimal ---- */

static char hex_digit(uint32_t nibble)
{
	uint32_t letter = mask_between(nibble, 10, 15);

	return (char)('0' + nibble + (letter & ('a' - '0' - 10)));
}

void mt_hex(struct bytes b, char *out)
{
	for (size_t i = 0; i < b.size; i++) {
		out[2 * i] = hex_digit(b.at[i] >> 4);
		out[2 * i + 1] = hex_digit(b.at[i] & 15);
	}
	out[2 * b.size] = 0;
}

/* The digit's value; *bad collects a nonzero mask when it is none. */
static uint32_t hex_value(uint8_t c, uint32_t *bad)
{
	uint32_t digit = mask_between(c, '0', '9');
	uint32_t lower = mask_between(c, 'a', 'f');
	uint32_t upper = mask_between(c, 'A', 'F');

	*bad |= ~(digit | lower | upper);
	return (digit & (c - (uint32_t)'0')) | (lower & (c - (uint32_t)'a' + 10)) |
	       (upper & (c - (uint32_t)'A' + 10));
}

enum mt_err mt_unhex(struct bytes digits, uint8_t *out, size_t out_size)
{
	uint32_t bad = 0;

	if (digits.size % 2 != 0 || digits.size / 2 != out_size) {
		return MT_MALFORMED;
	}
	for (size_t i = 0; i < digits.size; i++) {
		(void)hex_value(digits.at[i], &bad);
	}
	if (bad) {
		return MT_MALFORMED;
	}
	for (size_t i = 0; i < out_size; i++) {
		out[i] = (uint8_t)(hex_value(digits.at[2 * i], &bad) << 4 |
				   hex_value(digits.at[2 * i + 1], &bad));
	}
	return MT_OK;
}

/* ---- base64 (RFC 4648, 4) ---- */

static char base64_digit(uint32_t v)
{
	uint32_t upper = mask_between(v, 0, 25), lower = mask_between(v, 26, 51);
	uint32_t digit = mask_between(v, 52, 61);

	return (char)((upper & (v + 'A')) | (lower & (v - 26 + 'a')) | (digit & (v - 52 + '0')) |
		      (mask_between(v, 62, 62) & '+') | (mask_between(v, 63, 63) & '/'));
}

void mt_base64(struct bytes b, char *out)
{
	size_t o = 0;

	for (size_t i = 0; i < b.size; i += 3) {
		size_t left = b.size - i;
		uint32_t group = (uint32_t)b.at[i] << 16;

		group |= left > 1 ? (uint32_t)b.at[i + 1] << 8 : 0;
		group |= left > 2 ? (uint32_t)b.at[i + 2] : 0;
		out[o++] = base64_digit(group >> 18);
		out[o++] = base64_digit(group >> 12 & 63);
		out[o++] = left > 1 ? base64_digit(group >> 6 & 63) : '=';
		out[o++] = left > 2 ? base64_digit(group & 63) : '=';
	}
	out[o] = 0;
}

static uint32_t base64_value(uint8_t c, uint32_t *bad)
{
	uint32_t upper = mask_between(c, 'A', 'Z'), lower = mask_between(c, 'a', 'z');
	uint32_t digit = mask_between(c, '0', '9');
	uint32_t plus = mask_between(c, '+', '+'), slash = mask_between(c, '/', '/');

	*bad |= ~(upper | lower | digit | plus | slash);
	return (upper & (c - (uint32_t)'A')) | (lower & (c - (uint32_t)'a' + 26)) |
	       (digit & (c - (uint32_t)'0' + 52)) | (plus & 62) | (slash & 63);
}

/* Four characters, of which the last `pad` are padding, to 24 bits. */
static uint32_t base64_group(const uint8_t *at, size_t pad, uint32_t *bad)
{
	uint32_t group = 0;

	for (size_t i = 0; i < 4; i++) {
		group = group << 6 | (i < 4 - pad ? base64_value(at[i], bad) : 0);
	}
	/* RFC 4648, 3.5: bits that pad must be zero, or two texts would mean the same bytes. */
	*bad |= group & ((UINT32_C(1) << 8 * pad) - 1);
	return group;
}

enum mt_err mt_unbase64(struct bytes text, uint8_t *out, size_t capacity, size_t *out_size)
{
	size_t pad = 0, o = 0;
	uint32_t bad = 0;

	if (text.size % 4 != 0) {
		return MT_MALFORMED;
	}
	if (text.size > 0 && text.at[text.size - 1] == '=') {
		pad = text.at[text.size - 2] == '=' ? 2 : 1;
	}
	size_t size = text.size / 4 * 3 - pad;
	for (size_t i = 0; i < text.size; i += 4) {
		(void)base64_group(text.at + i, i + 4 == text.size ? pad : 0, &bad);
	}
	if (bad) {
		return MT_MALFORMED;
	}
	if (size > capacity) {
		return MT_LIMIT;
	}
	for (size_t i = 0; i < text.size; i += 4) {
		uint32_t group = base64_group(text.at + i, i + 4 == text.size ? pad : 0, &bad);

		for (unsigned shift = 24; shift > 0 && o < size; shift -= 8) {
			out[o++] = (uint8_t)(group >> (shift - 8));
		}
	}
	*out_size = size;
	return MT_OK;
}

/* ---- time ---- */

/* 9999-12-31T23:59:59Z: the last second that has four digits of year (RFC 3339). Later ones show as this. */
#define TIME_LAST UINT64_C(253402300799)

/*
 * Days since 1970 to the proleptic Gregorian calendar. Years are counted from March, so that the leap day
 * is the last of its year; 146097 days are 400 years, 719468 days lie between 0000-03-01 and 1970-01-01.
 */
static void time_date(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	uint64_t shifted = days + 719468;
	unsigned era = (unsigned)(shifted / 146097), in_era = (unsigned)(shifted % 146097);
	unsigned of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	unsigned in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
	unsigned from_march = (5 * in_year + 2) / 153;

	*day = in_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = era * 400 + of_era + (*month <= 2);
}

void mt_time_text(uint64_t seconds, char *out)
{
	uint64_t shown = seconds < TIME_LAST ? seconds : TIME_LAST;
	unsigned year = 0, month = 0, day = 0, of_day = (unsigned)(shown % 86400);

	time_date(shown / 86400, &year, &month, &day);
	(void)snprintf(out, 21, "%04u-%02u-%02uT%02u:%02u:%02uZ", year % 10000, month % 100, day % 100,
		       of_day / 3600, of_day / 60 % 60, of_day % 60);
}
