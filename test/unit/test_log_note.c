/* lib/log: the signed note of a checkpoint. */
#include "lib/log/log.h"
#include "test/test.h"
#include "test/vectors/log_vectors.h"

#include <string.h>

#define EMPTY_LINE "\n"
#define OTHER_LINE "\xe2\x80\x94 witness.example AAAAAAA=\n"

static struct crypto_signer *signer(void)
{
	struct secret seed;
	struct crypto_signer *s = NULL;

	memcpy(seed.at, hex(NOTE_SEED).at, sizeof(seed.at));
	CHECK(crypto_signer_open_ed25519(&seed, &s) == MT_OK, "signer");
	return s;
}

static enum mt_err opened(struct bytes note)
{
	uint8_t root[LOG_HASH_SIZE] = { 9 }, public_key[32];
	struct crypto_signer *s = signer();
	uint64_t size = 99;

	memcpy(public_key, crypto_signer_public(s).at, sizeof(public_key));
	crypto_signer_close(s);
	enum mt_err err = log_checkpoint_open(note, NOTE_ORIGIN, public_key, &size, root);
	if (err) {
		CHECK(size == 99 && root[0] == 9, "outputs on success only");
	} else {
		CHECK(size == 8 && memcmp(root, hex(ct_root[8]).at, 32) == 0, "what was signed");
	}
	return err;
}

static void test_sign(void)
{
	struct crypto_signer *s = signer();
	uint8_t memory[512];
	struct builder b = builder_over(memory, sizeof(memory));
	struct bytes got;

	CHECK(log_checkpoint_sign(NOTE_ORIGIN, 8, hex(ct_root[8]).at, s, &b) == MT_OK, "sign");
	CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, mt_text(NOTE_BODY EMPTY_LINE NOTE_LINE)),
	      "as the Go implementation signs it");
	b = builder_over(memory, sizeof(memory));
	builder_text(&b, "before ");
	CHECK(log_checkpoint_sign(NOTE_ORIGIN, 8, hex(ct_root[8]).at, s, &b) == MT_OK, "behind other bytes");
	CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, mt_text("before " NOTE_BODY EMPTY_LINE NOTE_LINE)), "");
	b = builder_over(memory, sizeof(memory));
	log_checkpoint_key(NOTE_ORIGIN, crypto_signer_public(s).at, &b);
	CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, mt_text(NOTE_KEY)), "verifier key");
	b = builder_over(memory, sizeof(memory));
	log_checkpoint_body(NOTE_ORIGIN, 8, hex(ct_root[8]).at, &b);
	CHECK(builder_done(&b, &got) == MT_OK && mt_equal(got, mt_text(NOTE_BODY)), "body");
	crypto_signer_close(s);
}

static void test_sign_refuses(void)
{
	static const char *const name[] = { "", "a b", "a+b", "a\nb", "a\tb" };
	struct crypto_signer *s = signer();
	uint8_t memory[512];
	size_t whole = strlen(NOTE_BODY EMPTY_LINE NOTE_LINE);

	for (size_t i = 0; i < MT_COUNT(name); i++) {
		struct builder b = builder_over(memory, sizeof(memory));

		CHECK(log_checkpoint_sign(name[i], 8, hex(ct_root[8]).at, s, &b) == MT_MALFORMED, "name");
	}
	for (size_t n = 0; n <= whole; n++) {
		struct builder b = builder_over(memory, n);

		CHECK(log_checkpoint_sign(NOTE_ORIGIN, 8, hex(ct_root[8]).at, s, &b) == MT_LIMIT, "every capacity");
	}
	crypto_signer_close(s);
}

static void test_open(void)
{
	static const struct {
		const char *why, *note;
		enum mt_err want;
	} row[] = {
		{ "ours", NOTE_BODY "\n" NOTE_LINE, MT_OK },
		{ "a witness before", NOTE_BODY "\n" OTHER_LINE NOTE_LINE, MT_OK },
		{ "a witness after", NOTE_BODY "\n" NOTE_LINE OTHER_LINE, MT_OK },
		{ "twice", NOTE_BODY "\n" NOTE_LINE NOTE_LINE, MT_OK },
		{ "eight lines",
		  NOTE_BODY "\n" NOTE_LINE OTHER_LINE OTHER_LINE OTHER_LINE OTHER_LINE OTHER_LINE OTHER_LINE OTHER_LINE,
		  MT_OK },
		{ "nine lines",
		  NOTE_BODY "\n" NOTE_LINE OTHER_LINE OTHER_LINE OTHER_LINE OTHER_LINE OTHER_LINE OTHER_LINE OTHER_LINE
			  OTHER_LINE,
		  MT_MALFORMED },
		{ "no signature", NOTE_BODY "\n", MT_NOT_FOUND },
		{ "only a witness", NOTE_BODY "\n" OTHER_LINE, MT_NOT_FOUND },
		{ "our id, too short", NOTE_BODY "\n\xe2\x80\x94 example.com/mesatee Peg/KwA=\n", MT_TAMPERED },
		{ "one good, one bad", NOTE_BODY "\n" NOTE_LINE "\xe2\x80\x94 example.com/mesatee Peg/KwA=\n",
		  MT_TAMPERED },
		{ "one bad, one good", NOTE_BODY "\n\xe2\x80\x94 example.com/mesatee Peg/KwA=\n" NOTE_LINE,
		  MT_TAMPERED },
		{ "no newline at the end", NOTE_BODY "\n\xe2\x80\x94 witness.example AAAAAAA=", MT_MALFORMED },
		{ "a hyphen for the dash", NOTE_BODY "\n- witness.example AAAAAAA=\n" NOTE_LINE, MT_MALFORMED },
		{ "no name", NOTE_BODY "\n\xe2\x80\x94  AAAAAAA=\n" NOTE_LINE, MT_MALFORMED },
		{ "no base64", NOTE_BODY "\n\xe2\x80\x94 w AAA\n" NOTE_LINE, MT_MALFORMED },
		{ "only an id", NOTE_BODY "\n\xe2\x80\x94 w AAAAAA==\n" NOTE_LINE, MT_MALFORMED },
		{ "an empty line more", NOTE_BODY "\n\n" NOTE_LINE, MT_MALFORMED },
		{ "no empty line", NOTE_BODY NOTE_LINE, MT_MALFORMED },
		{ "an extension line", NOTE_BODY "more\n\n" NOTE_LINE, MT_MALFORMED },
		{ "another origin", "example.com/other\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n" NOTE_LINE,
		  MT_NOT_FOUND },
		{ "another size", "example.com/mesatee\n9\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n" NOTE_LINE,
		  MT_TAMPERED },
		{ "leading zero", "example.com/mesatee\n08\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n" NOTE_LINE,
		  MT_MALFORMED },
		{ "a sign", "example.com/mesatee\n+8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n" NOTE_LINE,
		  MT_MALFORMED },
		{ "no size", "example.com/mesatee\n\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n" NOTE_LINE,
		  MT_MALFORMED },
		{ "a size of 20 digits",
		  "example.com/mesatee\n18446744073709551616\n"
		  "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n" NOTE_LINE,
		  MT_MALFORMED },
		{ "a size above 2^63",
		  "example.com/mesatee\n9999999999999999999\n"
		  "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n" NOTE_LINE,
		  MT_MALFORMED },
		{ "a short root", "example.com/mesatee\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQw==\n\n" NOTE_LINE,
		  MT_MALFORMED },
		{ "nothing", "", MT_MALFORMED },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(opened(first(mt_text(row[i].note), strlen(row[i].note))) == row[i].want, row[i].why);
	}
}

static void test_every_prefix_and_bit(void)
{
	struct bytes whole = mt_text(NOTE_BODY EMPTY_LINE NOTE_LINE);
	uint8_t changed[512];

	for (size_t n = 0; n < whole.size; n++) {
		CHECK(opened(first(whole, n)) != MT_OK, "every prefix");
	}
	for (size_t bit = 0; bit < whole.size * 8; bit++) {
		memcpy(changed, whole.at, whole.size);
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(opened(mt_bytes(changed, whole.size)) != MT_OK, "every bit");
	}
}

static void test_another_key(void)
{
	struct crypto_signer *s = signer();
	uint8_t public_key[32], root[LOG_HASH_SIZE];
	uint64_t size = 0;

	memcpy(public_key, crypto_signer_public(s).at, sizeof(public_key));
	public_key[0] ^= 1;
	CHECK(log_checkpoint_open(mt_text(NOTE_BODY EMPTY_LINE NOTE_LINE), NOTE_ORIGIN, public_key, &size, root) ==
		      MT_NOT_FOUND,
	      "no line of that key");
	crypto_signer_close(s);
}

const struct test tests[] = { { "sign", test_sign },
			      { "sign_refuses", test_sign_refuses },
			      { "open", test_open },
			      { "every_prefix_and_bit", test_every_prefix_and_bit },
			      { "another_key", test_another_key },
			      TESTS_END };
