#include "test/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The allocator of the tested code may be told to fail, so the runner keeps to malloc. */
struct block {
	struct block *next;
	_Alignas(16) uint8_t bytes[];
};

static struct block *blocks;
static unsigned failures;

void *test_alloc(size_t size)
{
	struct block *b = calloc(1, sizeof(*b) + size);

	if (!b) {
		abort();
	}
	b->next = blocks;
	blocks = b;
	return b->bytes;
}

static void blocks_free(void)
{
	while (blocks) {
		struct block *next = blocks->next;

		free(blocks);
		blocks = next;
	}
}

bool test_check(bool condition, const char *file, int line, const char *text, const char *why)
{
	if (!condition) {
		failures++;
		printf("%s:%d: %s: %s\n", file, line, why, text);
	}
	return condition;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

struct bytes hex(const char *text)
{
	uint8_t *out = test_alloc(strlen(text) / 2);
	size_t size = 0;

	for (const char *at = text; *at;) {
		if (*at == ' ') {
			at++;
			continue;
		}
		int high = digit(at[0]), low = digit(at[1]);

		if (high < 0 || low < 0) {
			printf("hex: bad test text: %s\n", text);
			abort();
		}
		out[size++] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	return (struct bytes){ out, size };
}

struct bytes first(struct bytes b, size_t n)
{
	uint8_t *out = test_alloc(n);

	if (n) {
		memcpy(out, b.at, n);
	}
	return (struct bytes){ out, n };
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "";
	unsigned passed = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (const struct test *t = tests; t->name; t++) {
		if (!strstr(t->name, only)) {
			continue;
		}
		failures = 0;
		t->run();
		blocks_free();
		printf("%s: %s\n", t->name, failures ? "FAILED" : "ok");
		passed += failures == 0;
		failed += failures != 0;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
