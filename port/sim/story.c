/*
 * The story of a run, as text that a test compares.
 */
#include "port/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_SIZE 256

struct sim_story {
	char *text;
	size_t size;
};

struct sim_story *sim_story_open(void)
{
	struct sim_story *s = calloc(1, sizeof(*s));

	mt_assert(s);
	s->text = calloc(1, 1);
	mt_assert(s->text);
	return s;
}

void sim_story_close(struct sim_story *s)
{
	if (s) {
		free(s->text);
		free(s);
	}
}

void sim_story_tell(struct sim_story *s, uint64_t at_ms, const char *actor, const char *format, ...)
{
	char what[LINE_MAX_SIZE], line[LINE_MAX_SIZE + 64];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	int size = snprintf(line, sizeof(line), "%llu %s: %s\n", (unsigned long long)at_ms, actor, what);

	mt_assert(size > 0 && (size_t)size < sizeof(line));
	s->text = realloc(s->text, s->size + (size_t)size + 1);
	mt_assert(s->text);
	memcpy(s->text + s->size, line, (size_t)size + 1);
	s->size += (size_t)size;
}

const char *sim_story_text(const struct sim_story *s)
{
	return s->text;
}

bool sim_story_is(const struct sim_story *s, const char *expected)
{
	const char *a = s->text, *b = expected;

	for (unsigned line = 1; *a || *b; line++) {
		size_t a_size = strcspn(a, "\n"), b_size = strcspn(b, "\n");

		if (a_size != b_size || memcmp(a, b, a_size) != 0 || a[a_size] != b[b_size]) {
			printf("line %u\n  is      : %.*s\n  expected: %.*s\n", line, (int)a_size, a, (int)b_size, b);
			return false;
		}
		a += a_size + (a[a_size] == '\n');
		b += b_size + (b[b_size] == '\n');
	}
	return true;
}
