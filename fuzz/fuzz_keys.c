/*
 * The keys that a party gives to `sign`: PEM or DER, PKCS#8 or PKCS#1, with AWS-LC's parsers behind it, compiled for this machine. What is read is a key,
 * so it is written and must come back the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/mem.h>

#include "exec/builtin/keys.h"
#include "lib/base/base.h"

#define MEMORY_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void __real_free(void *at);
void __wrap_free(void *at);
/* What AWS-LC calls where somebody defines them (its crypto/mem.c). */
void *OPENSSL_memory_alloc(size_t size);
void OPENSSL_memory_free(void *at);
size_t OPENSSL_memory_get_size(void *at);

/* ---- memory: a function that stops leaves it all behind, as in a task, and here it ends with the input ---- */

struct block {
	struct block *next, *before;
	size_t size;
	max_align_t at[];
};

static struct block blocks = { .next = &blocks, .before = &blocks };
static size_t used;
/* AWS-LC keeps some of what it takes at first use. */
static bool kept = true;

static void *block_take(size_t size)
{
	struct block *b = size <= MEMORY_MAX - used ? calloc(1, sizeof(*b) + size) : NULL;

	if (!b) {
		return NULL;
	}
	b->size = size;
	b->next = b->before = b;
	if (!kept) {
		used += size;
		b->before = &blocks;
		b->next = blocks.next;
		blocks.next->before = b;
		blocks.next = b;
	}
	return b->at;
}

static struct block *block_of(void *at)
{
	return (struct block *)((uint8_t *)at - offsetof(struct block, at));
}

static void block_drop(void *at)
{
	struct block *b = block_of(at);

	if (b->next != b) {
		used -= b->size;
		b->next->before = b->before;
		b->before->next = b->next;
	}
	__real_free(b);
}

/* keys.c's, for what guest_alloc() gave it. */
void __wrap_free(void *at)
{
	OPENSSL_memory_free(at);
}

void *OPENSSL_memory_alloc(size_t size)
{
	return block_take(size);
}

void OPENSSL_memory_free(void *at)
{
	if (at) {
		block_drop(at);
	}
}

size_t OPENSSL_memory_get_size(void *at)
{
	return at ? block_of(at)->size : 0;
}

/* ---- the guest ---- */

static jmp_buf stopped;

void guest_stop(const char *format, ...)
{
	static char words[1024];
	va_list list;

	va_start(list, format);
	/* Each name that it would say must be readable. */
	mt_assert(vsnprintf(words, sizeof(words), format, list) >= 0);
	va_end(list);
	longjmp(stopped, 1);
}

void *guest_alloc(size_t count, size_t size)
{
	void *at = block_take(count * size);    /* keys.c asks for 1, or sizes of the input */

	if (!at) {
		guest_stop("no memory");
	}
	return at;
}

/* ---- the input ---- */

static bool same(const struct key *a, const struct key *b)
{
	if (a->ecdsa) {
		return b->ecdsa && BN_cmp(EC_KEY_get0_private_key(a->ecdsa), EC_KEY_get0_private_key(b->ecdsa)) == 0;
	}
	return b->rsa && BN_cmp(RSA_get0_n(a->rsa), RSA_get0_n(b->rsa)) == 0 &&
	       BN_cmp(RSA_get0_d(a->rsa), RSA_get0_d(b->rsa)) == 0;
}

static void key_free(struct key *key)
{
	EC_KEY_free(key->ecdsa);
	RSA_free(key->rsa);
}

static void keys_try(char *file, size_t size)
{
	static char text[32 << 10];
	struct key key = keys_read((struct text){ file, size });

	mt_assert(!key.ecdsa != !key.rsa);
	FILE *to = fmemopen(text, sizeof(text), "w");
	mt_assert(to);
	keys_write_private(to, &key);
	mt_assert(fclose(to) == 0 && strlen(text) < sizeof(text) - 1);
	struct key again = keys_read((struct text){ text, strlen(text) });

	mt_assert(same(&key, &again));
	key_free(&key);
	key_free(&again);
}

static void input(const uint8_t *data, size_t size)
{
	char *file = calloc(1, size + 1);

	mt_assert(file);
	if (size) {
		memcpy(file, data, size);
	}
	if (setjmp(stopped) == 0) {
		keys_try(file, size);
	}
	__real_free(file);
	ERR_clear_error();
}

/* Once through all that AWS-LC keeps: a key of each kind, and an error. */
static void warm(void)
{
	static char text[32 << 10];

	for (int rsa = 0; rsa < 2; rsa++) {
		struct key key = rsa ? keys_make_rsa_3072() : keys_make_ecdsa_p256();
		FILE *to = fmemopen(text, sizeof(text), "w");

		mt_assert(to);
		keys_write_private(to, &key);
		mt_assert(fclose(to) == 0);
		key_free(&key);
		input((const uint8_t *)text, strlen(text));
	}
	input((const uint8_t *)"0", 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (kept) {
		warm();
		kept = false;
	}
	input(data, size);
	while (blocks.next != &blocks) {
		block_drop(blocks.next->at);
	}
	return 0;
}
