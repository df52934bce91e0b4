/*
 * log_checkpoint_open. The first byte chooses: the note as it is, or its first three lines signed by us, so that the
 * fuzzer gets behind the signature. What is accepted, is what we would have signed.
 */
#include "lib/log/log.h"

#include <string.h>

#define ORIGIN "example.com/mesatee"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct crypto_signer *signer;

/* The note is accepted: then it begins with the very body that these values give. */
static void note_try(struct bytes note)
{
	uint8_t root[LOG_HASH_SIZE], memory[512];
	uint64_t size = 0;
	struct builder b = builder_over(memory, sizeof(memory));

	if (log_checkpoint_open(note, ORIGIN, crypto_signer_public(signer).at, &size, root) != MT_OK) {
		return;
	}
	log_checkpoint_body(ORIGIN, size, root, &b);
	mt_assert(!b.failed && note.size > b.size && memcmp(note.at, memory, b.size) == 0);
}

/* body || "\n" || our signature line for it || the rest */
static void signed_try(struct bytes body, struct bytes rest)
{
	uint8_t line[4 + CRYPTO_SIGNATURE_SIZE], memory[4096], vkey[256];
	char text[100], id[9] = { 0 };
	struct builder key = builder_over(vkey, sizeof(vkey)), b = builder_over(memory, sizeof(memory));

	log_checkpoint_key(ORIGIN, crypto_signer_public(signer).at, &key);
	memcpy(id, vkey + sizeof(ORIGIN), 8);           /* "origin+id+key" */
	mt_assert(mt_unhex(mt_bytes(id, 8), line, 4) == MT_OK);
	mt_assert(crypto_sign(signer, body, line + 4) == MT_OK);
	mt_base64(mt_bytes(line, sizeof(line)), text);
	builder_bytes(&b, body);
	builder_format(&b, "\n\xe2\x80\x94 %s %s\n", ORIGIN, text);
	builder_bytes(&b, rest);
	if (!b.failed) {
		note_try(mt_bytes(memory, b.size));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct secret seed = { "seed of the note fuzzer" };

	if (!signer) {
		mt_assert(crypto_signer_open_ed25519(&seed, &signer) == MT_OK);
	}
	if (size < 2 || size > 3000) {
		return 0;
	}
	if (data[0] == 'N') {
		note_try(mt_bytes(data + 1, size - 1));
		return 0;
	}
	size_t split = data[1] < size - 2 ? data[1] : size - 2;
	signed_try(mt_bytes(data + 2, split), mt_bytes(data + 2 + split, size - 2 - split));
	return 0;
}
