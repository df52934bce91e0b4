/*
 * Memory and text. A compiler makes calls of the first four itself, and would make a call of them out of their own loops: an empty line of assembler in
 * each keeps it from that.
 */
#include <string.h>

#include <ctype.h>
#include <stdlib.h>

#include "ta/rt/rt.h"

#define LOOP_STAYS __asm__ volatile("" : : : "memory")
#define WORD sizeof(uint64_t)

static void word_copy(uint8_t *to, const uint8_t *from)
{
	uint64_t word;

	__builtin_memcpy(&word, from, WORD);
	__builtin_memcpy(to, &word, WORD);
}

static void copy_up(uint8_t *to, const uint8_t *from, size_t size)
{
	for (; size >= WORD; size -= WORD, to += WORD, from += WORD) {
		word_copy(to, from);
		LOOP_STAYS;
	}
	for (; size > 0; size--) {
		*to++ = *from++;
		LOOP_STAYS;
	}
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	copy_up(to, from, size);
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	uint8_t *at = to;
	const uint8_t *source = from;

	if ((uintptr_t)at - (uintptr_t)source >= size) {
		copy_up(at, source, size);
		return to;
	}
	for (; size >= WORD; size -= WORD) {
		word_copy(at + size - WORD, source + size - WORD);
		LOOP_STAYS;
	}
	for (; size > 0; size--) {
		at[size - 1] = source[size - 1];
		LOOP_STAYS;
	}
	return to;
}

void *memset(void *at, int byte, size_t size)
{
	uint8_t *to = at;
	uint64_t word = (uint8_t)byte * UINT64_C(0x0101010101010101);

	for (; size >= WORD; size -= WORD, to += WORD) {
		__builtin_memcpy(to, &word, WORD);
		LOOP_STAYS;
	}
	for (; size > 0; size--) {
		*to++ = (uint8_t)byte;
		LOOP_STAYS;
	}
	return at;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *left = a, *right = b;

	for (; size > 0; size--, left++, right++) {
		if (*left != *right) {
			return *left < *right ? -1 : 1;
		}
		LOOP_STAYS;
	}
	return 0;
}

int consttime_memcmp(const void *a, const void *b, size_t size)
{
	return TEE_MemCompare(a, b, size);
}

void memzero_explicit(void *at, size_t size)
{
	TEE_MemFill(at, 0, size);
}

void *memchr(const void *at, int byte, size_t size)
{
	const uint8_t *from = at;

	for (; size > 0; size--, from++) {
		if (*from == (uint8_t)byte) {
			return (void *)(uintptr_t)from;
		}
	}
	return NULL;
}

size_t strnlen(const char *text, size_t size)
{
	size_t length = 0;

	while (length < size && text[length]) {
		length++;
		LOOP_STAYS;
	}
	return length;
}

size_t strlen(const char *text)
{
	return strnlen(text, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t size)
{
	for (; size > 0; size--, a++, b++) {
		if (*a != *b || !*a) {
			return (int)(uint8_t)*a - (int)(uint8_t)*b;
		}
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strcasecmp(const char *a, const char *b)
{
	while (*a && tolower((uint8_t)*a) == tolower((uint8_t)*b)) {
		a++;
		b++;
	}
	return tolower((uint8_t)*a) - tolower((uint8_t)*b);
}

char *strchr(const char *text, int c)
{
	while (*text != (char)c) {
		if (!*text++) {
			return NULL;
		}
	}
	return (char *)(uintptr_t)text;
}

char *strrchr(const char *text, int c)
{
	const char *found = NULL;

	do {
		found = *text == (char)c ? text : found;
	} while (*text++);
	return (char *)(uintptr_t)found;
}

char *strstr(const char *text, const char *what)
{
	size_t size = strlen(what);

	for (; *text || size == 0; text++) {
		if (strncmp(text, what, size) == 0) {
			return (char *)(uintptr_t)text;
		}
	}
	return NULL;
}

static size_t span(const char *text, const char *set, bool in)
{
	size_t size = 0;

	while (text[size] && (strchr(set, text[size]) != NULL) == in) {
		size++;
	}
	return size;
}

size_t strspn(const char *text, const char *set)
{
	return span(text, set, true);
}

size_t strcspn(const char *text, const char *set)
{
	return span(text, set, false);
}

size_t strlcpy(char *to, const char *from, size_t size)
{
	size_t length = strlen(from);

	if (size > 0) {
		size_t fits = length < size ? length : size - 1;
		memcpy(to, from, fits);
		to[fits] = 0;
	}
	return length;
}

size_t strlcat(char *to, const char *from, size_t size)
{
	size_t there = strnlen(to, size);

	return there + strlcpy(to + there, from, size - there);
}

char *strcpy(char *to, const char *from)
{
	memcpy(to, from, strlen(from) + 1);
	return to;
}

char *strncpy(char *to, const char *from, size_t size)
{
	size_t length = strnlen(from, size);

	memcpy(to, from, length);
	memset(to + length, 0, size - length);
	return to;
}

char *strcat(char *to, const char *from)
{
	strcpy(to + strlen(to), from);
	return to;
}

char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}
