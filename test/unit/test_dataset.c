/* lib/dataset: a file opens whole, unchanged, under its tag and key, and in no other way. */
#include "lib/dataset/dataset.h"
#include "test/test.h"

#include <string.h>

enum { MIB = 1 << 20 };

static const struct secret key = { "dataset key of this test......." };
static const struct secret other_key = { "another dataset key............" };

struct sealed {
	struct bytes plain, file;
	uint8_t tag[DATASET_TAG_SIZE];
	struct dataset_header header;
};

static struct sealed sealed_of(size_t size)
{
	struct sealed s = { 0 };
	uint8_t *plain = test_alloc(size), *file = NULL;

	for (size_t i = 0; i < size; i++) {
		plain[i] = (uint8_t)(i * 7 + i / MIB);
	}
	s.plain = mt_bytes(plain, size);
	s.header.size = size;
	s.file = mt_bytes(NULL, (size_t)dataset_file_size(&s.header));
	file = test_alloc(s.file.size);
	CHECK(dataset_seal_all(&key, s.plain, file, s.tag) == MT_OK, "seal");
	s.file.at = file;
	CHECK(dataset_header_decode(mt_bytes(file, DATASET_HEADER_SIZE), &s.header) == MT_OK, "header");
	return s;
}

/* A copy of the file with `change` xored at `at`. */
static struct bytes changed(struct bytes file, size_t at, uint8_t change)
{
	uint8_t *copy = test_alloc(file.size);

	memcpy(copy, file.at, file.size);
	copy[at] ^= change;
	return mt_bytes(copy, file.size);
}

static enum mt_err opened(struct bytes file, const struct sealed *s, const struct secret *k)
{
	size_t size = s->plain.size;
	uint8_t *out = test_alloc(size + 1);

	memset(out, 0xee, size + 1);
	enum mt_err err = dataset_open_all(file, k, s->tag, out, size);
	CHECK(out[size] == 0xee, "not one byte more");
	if (!err) {
		CHECK(mt_equal(mt_bytes(out, size), s->plain), "the plaintext");
	} else {
		size_t kept = 0; /* untouched or zeroed, never plaintext */

		for (size_t i = 0; i < size; i++) {
			kept += out[i] != 0xee && out[i] != 0;
		}
		CHECK(kept == 0, "no plaintext after a refusal");
	}
	return err;
}

static void test_round_trip(void)
{
	static const size_t size[] = { 0, 1, 15, 16, 17, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB, 3 * MIB + 1, 4 * MIB };

	for (size_t i = 0; i < MT_COUNT(size); i++) {
		struct sealed s = sealed_of(size[i]);

		CHECK(dataset_segment_count(&s.header) == (size[i] == 0 ? 1 : (size[i] + MIB - 1) / MIB), "count");
		CHECK(s.file.size == DATASET_HEADER_SIZE + size[i] + 16 * dataset_segment_count(&s.header), "size");
		CHECK(opened(s.file, &s, &key) == MT_OK, "open");
		CHECK(dataset_check(s.file, s.tag) == MT_OK, "check");
		if (size[i] > 0) {
			uint8_t *small = test_alloc(size[i]);

			CHECK(dataset_open_all(s.file, &key, s.tag, small, size[i] - 1) == MT_LIMIT, "capacity");
		}
	}
	struct sealed a = sealed_of(100), b = sealed_of(100);
	CHECK(!mt_equal(a.file, b.file) && memcmp(a.tag, b.tag, sizeof(a.tag)) != 0, "a fresh salt each time");
}

/* The wire form that dataset.h describes, put together by hand. */
static void test_wire_form(void)
{
	struct sealed s = sealed_of(20);
	struct secret file_key, commit;
	struct crypto_aead *a = NULL;
	uint8_t associated[73], plain[20], leaf[32], digest[32], tag[32];
	struct bytes sealed = mt_bytes(s.file.at + 120, 36);

	CHECK(memcmp(s.file.at, hex("4d5444415441 01 00 00100000 00000000 0000000000000014").at, 24) == 0, "header");
	crypto_derive(&key, "mesatee-data-key-1", mt_bytes(s.file.at + 24, 32), &file_key);
	crypto_derive(&key, "mesatee-data-commit-1", mt_bytes(NULL, 0), &commit);
	CHECK(memcmp(s.file.at + 56, commit.at, 32) == 0, "commit");
	memcpy(associated, s.file.at, 56);
	memcpy(associated + 56, hex("0000000000000000 01 0000000000000001").at, 17);
	CHECK(crypto_aead_open(&file_key, &a) == MT_OK, "cipher");
	CHECK(crypto_aead_unseal(a, hex("000000000000000000000000").at, mt_bytes(associated, 73), sealed, plain) ==
		      MT_OK,
	      "segment 0");
	CHECK(memcmp(plain, s.plain.at, 20) == 0, "plain");
	crypto_aead_close(a);
	crypto_sha256(sealed, digest);
	log_leaf_hash(mt_bytes(digest, 32), leaf);
	CHECK(memcmp(s.file.at + 88, leaf, 32) == 0, "root of one leaf");
	struct bytes parts[] = { mt_bytes(s.file.at, 56), mt_bytes(s.file.at + 56, 32), mt_bytes(s.file.at + 88, 32),
				 hex("0000000000000014") };
	crypto_label_sha256("mesatee-data-1", parts, MT_COUNT(parts), tag);
	CHECK(memcmp(tag, s.tag, 32) == 0, "content tag");
}

static void test_header(void)
{
	struct sealed s = sealed_of(MIB + 5);
	struct bytes whole = mt_bytes(s.file.at, DATASET_HEADER_SIZE);
	struct dataset_header h = { .size = 77 };
	uint8_t again[DATASET_HEADER_SIZE], tag[DATASET_TAG_SIZE];

	for (size_t n = 0; n < whole.size; n++) {
		CHECK(dataset_header_decode(first(whole, n), &h) == MT_MALFORMED && h.size == 77, "every prefix");
	}
	CHECK(dataset_header_decode(first(s.file, DATASET_HEADER_SIZE + 1), &h) == MT_MALFORMED, "a byte left over");
	for (size_t bit = 0; bit < whole.size * 8; bit++) {
		struct bytes bad = changed(whole, bit / 8, (uint8_t)(1 << bit % 8));
		enum mt_err err = dataset_header_decode(bad, &h);

		CHECK(bit / 8 < 16 ? err == MT_MALFORMED : true, "fixed fields");
		if (!err) {
			dataset_tag(&h, tag);
			CHECK(memcmp(tag, s.tag, sizeof(tag)) != 0, "every bit is in the tag");
			dataset_header_encode(&h, again);
			CHECK(memcmp(again, bad.at, sizeof(again)) == 0, "one encoding");
		}
	}
	h = s.header;
	h.size = DATASET_SIZE_MAX + 1;
	dataset_header_encode(&h, again);
	CHECK(dataset_header_decode(mt_bytes(again, sizeof(again)), &h) == MT_MALFORMED, "too big");
	h.size = DATASET_SIZE_MAX;
	CHECK(dataset_segment_count(&h) == DATASET_SIZE_MAX / MIB, "largest");
	CHECK(dataset_segment_offset(1) == 120 + MIB + 16 && dataset_segment_sealed_size(&s.header, 1) == 21, "places");
}

static void test_every_byte(void)
{
	struct sealed s = sealed_of(300);

	for (size_t at = 0; at < s.file.size; at++) {
		struct bytes bad = changed(s.file, at, 0x40);
		enum mt_err want = at < 16 ? MT_MALFORMED : MT_TAMPERED;

		if (at >= 16 && at <= 18) {
			want = MT_MALFORMED; /* a size above the maximum */
		}
		CHECK(opened(bad, &s, &key) == want, "every byte");
		CHECK(dataset_check(bad, s.tag) == want, "every byte without a key");
	}
}

static void test_cut_and_extended(void)
{
	struct sealed s = sealed_of(200);

	for (size_t n = 0; n < s.file.size; n++) {
		struct bytes cut = first(s.file, n);

		CHECK(opened(cut, &s, &key) == (n < DATASET_HEADER_SIZE ? MT_MALFORMED : MT_TAMPERED), "every prefix");
		CHECK(dataset_check(cut, s.tag) != MT_OK, "every prefix");
	}
	uint8_t *longer = test_alloc(s.file.size + 1);
	memcpy(longer, s.file.at, s.file.size);
	CHECK(opened(mt_bytes(longer, s.file.size + 1), &s, &key) == MT_TAMPERED, "a byte after the last segment");
	struct sealed big = sealed_of(2 * MIB);
	CHECK(opened(mt_bytes(big.file.at, big.file.size - MIB - 16), &big, &key) == MT_TAMPERED, "a segment missing");
	struct sealed empty = sealed_of(0);
	CHECK(opened(mt_bytes(empty.file.at, DATASET_HEADER_SIZE), &empty, &key) == MT_TAMPERED,
	      "its empty segment missing");
}

static void test_segments_moved(void)
{
	struct sealed s = sealed_of(3 * MIB), other = sealed_of(3 * MIB);
	size_t stride = DATASET_SEALED_MAX;
	uint8_t *file = test_alloc(s.file.size);

	memcpy(file, s.file.at, s.file.size);
	memcpy(file + 120, s.file.at + 120 + stride, stride);
	memcpy(file + 120 + stride, s.file.at + 120, stride);
	CHECK(opened(mt_bytes(file, s.file.size), &s, &key) == MT_TAMPERED, "two exchanged");
	memcpy(file, s.file.at, s.file.size);
	memcpy(file + 120 + stride, s.file.at + 120, stride);
	CHECK(opened(mt_bytes(file, s.file.size), &s, &key) == MT_TAMPERED, "one repeated");
	memcpy(file, s.file.at, s.file.size);
	memcpy(file + 120, other.file.at + 120, stride);
	CHECK(opened(mt_bytes(file, s.file.size), &s, &key) == MT_TAMPERED, "one of another file");
	CHECK(opened(other.file, &s, &key) == MT_TAMPERED, "another file of the same key");
	CHECK(opened(s.file, &s, &key) == MT_OK, "and the right one");
}

static void test_keys(void)
{
	struct sealed s = sealed_of(100);
	struct dataset_reader *r = NULL;
	uint8_t commit[32];

	CHECK(opened(s.file, &s, &other_key) == MT_DENIED, "another key is found out");
	CHECK(dataset_reader_open(&s.header, &other_key, &r) == MT_DENIED && !r, "and by the reader");
	dataset_commit(&key, commit);
	CHECK(memcmp(commit, s.header.commit, 32) == 0, "the commitment is the key's");
	dataset_commit(&other_key, commit);
	CHECK(memcmp(commit, s.header.commit, 32) != 0, "and no other's");
	s.tag[0] ^= 1;
	CHECK(opened(s.file, &s, &key) == MT_TAMPERED && dataset_check(s.file, s.tag) == MT_TAMPERED, "another tag");
}

/* The owner, who has the key, exchanges a segment after the others approved the tag: only the root tells. */
static void test_owner_cheats(void)
{
	struct sealed s = sealed_of(50);
	struct secret file_key;
	struct crypto_aead *a = NULL;
	uint8_t associated[73], *file = test_alloc(s.file.size), forged[50] = { 1 }, out[50];
	struct dataset_reader *r = NULL;

	memcpy(file, s.file.at, s.file.size);
	crypto_derive(&key, "mesatee-data-key-1", mt_bytes(s.header.salt, 32), &file_key);
	memcpy(associated, file, 56);
	memcpy(associated + 56, hex("0000000000000000 01 0000000000000001").at, 17);
	CHECK(crypto_aead_open(&file_key, &a) == MT_OK, "cipher");
	crypto_aead_seal(a, hex("000000000000000000000000").at, mt_bytes(associated, 73), mt_bytes(forged, 50),
			 file + 120);
	crypto_aead_close(a);
	CHECK(opened(mt_bytes(file, s.file.size), &s, &key) == MT_TAMPERED, "whole file");
	CHECK(dataset_reader_open(&s.header, &key, &r) == MT_OK, "reader");
	CHECK(dataset_reader_segment(r, 0, mt_bytes(file + 120, 66), mt_bytes(NULL, 0), out) == MT_TAMPERED, "segment");
	CHECK(dataset_reader_segment(r, 0, mt_bytes(s.file.at + 120, 66), mt_bytes(NULL, 0), out) == MT_OK,
	      "the right one");
	dataset_reader_close(r);
}

static void test_random_access(void)
{
	struct sealed s = sealed_of(4 * MIB + 9);
	struct log_tree *t = NULL;
	struct dataset_reader *r = NULL;
	uint8_t proof[LOG_PROOF_MAX][LOG_HASH_SIZE], *out = test_alloc(MIB), leaf[LOG_HASH_SIZE];
	size_t count = 0;

	CHECK(log_tree_open(&t) == MT_OK && dataset_reader_open(&s.header, &key, &r) == MT_OK, "open");
	for (uint64_t i = 0; i < 5; i++) {
		dataset_segment_leaf(
			mt_bytes(s.file.at + dataset_segment_offset(i), dataset_segment_sealed_size(&s.header, i)),
			leaf);
		CHECK(log_tree_append(t, leaf) == MT_OK, "leaf");
	}
	for (uint64_t i = 5; i-- > 0;) {
		size_t sealed_size = dataset_segment_sealed_size(&s.header, i);
		struct bytes sealed = mt_bytes(s.file.at + dataset_segment_offset(i), sealed_size);

		CHECK(log_tree_inclusion(t, i, 5, proof, &count) == MT_OK, "proof");
		struct bytes p = mt_bytes(proof, count * LOG_HASH_SIZE);
		CHECK(dataset_reader_segment(r, i, sealed, p, out) == MT_OK, "segment");
		CHECK(memcmp(out, s.plain.at + i * MIB, sealed_size - 16) == 0, "its plaintext");
		CHECK(dataset_reader_segment(r, (i + 1) % 5, sealed, p, out) == MT_TAMPERED, "in another place");
		CHECK(dataset_reader_segment(r, i, sealed, mt_bytes(proof, p.size - 32), out) == MT_TAMPERED,
		      "cut proof");
		CHECK(dataset_reader_segment(r, i, first(sealed, sealed_size - 1), p, out) == MT_TAMPERED,
		      "cut segment");
		CHECK(dataset_reader_segment(r, i, changed(sealed, 3, 1), p, out) == MT_TAMPERED, "a flipped bit");
	}
	CHECK(dataset_reader_segment(r, 5, s.plain, mt_bytes(NULL, 0), out) == MT_NOT_FOUND, "past the end");
	dataset_reader_close(r);
	dataset_reader_close(NULL);
	log_tree_close(t);
}

static void test_writer_states(void)
{
	struct dataset_writer *w = NULL;
	uint8_t header[DATASET_HEADER_SIZE], tag[DATASET_TAG_SIZE], *out = test_alloc(DATASET_SEALED_MAX);
	struct bytes plain = mt_bytes(test_alloc(MIB), MIB);

	CHECK(dataset_writer_open(&key, DATASET_SIZE_MAX + 1, &w) == MT_LIMIT && !w, "too big");
	CHECK(dataset_writer_open(&key, MIB + 3, &w) == MT_OK, "open");
	CHECK(dataset_writer_next(w) == MIB, "a whole segment first");
	CHECK(dataset_writer_segment(w, first(plain, 3), out) == MT_STATE, "too short");
	CHECK(dataset_writer_segment(w, plain, out) == MT_OK && dataset_writer_next(w) == 3, "then the rest");
	CHECK(dataset_writer_finish(w, header, tag) == MT_STATE, "not yet");
	CHECK(dataset_writer_segment(w, plain, out) == MT_STATE, "too long");
	CHECK(dataset_writer_segment(w, first(plain, 3), out) == MT_OK && dataset_writer_next(w) == 0, "all");
	CHECK(dataset_writer_segment(w, first(plain, 0), out) == MT_STATE, "nothing more");
	CHECK(dataset_writer_finish(w, header, tag) == MT_OK, "finish");
	dataset_writer_close(w);
	CHECK(dataset_writer_open(&key, 0, &w) == MT_OK && dataset_writer_next(w) == 0, "an empty file");
	CHECK(dataset_writer_finish(w, header, tag) == MT_STATE, "has one segment");
	CHECK(dataset_writer_segment(w, mt_bytes(NULL, 0), out) == MT_OK, "of nothing");
	CHECK(dataset_writer_finish(w, header, tag) == MT_OK, "finish");
	dataset_writer_close(w);
	dataset_writer_close(NULL);
}

/* Any order, several at once, and again: the bytes are those of the one who writes in order. */
static void test_sealer(void)
{
	struct dataset_header h = { 0 };
	struct dataset_sealer *s = NULL, *t = NULL;
	struct log_frontier f = { 0 };
	uint8_t leaf[2][LOG_HASH_SIZE], tag[DATASET_TAG_SIZE], header[DATASET_HEADER_SIZE];
	size_t size = MIB + 3, whole = DATASET_HEADER_SIZE + size + 2 * CRYPTO_TAG_SIZE;
	uint8_t *plain = test_alloc(size), *file = test_alloc(whole), *again = test_alloc(DATASET_SEALED_MAX), *out = test_alloc(size);

	memset(plain, 7, size);
	CHECK(dataset_header_make(&key, DATASET_SIZE_MAX + 1, &h) == MT_LIMIT, "too big");
	CHECK(dataset_header_make(&key, size, &h) == MT_OK && !mt_is_zero(mt_bytes(h.salt, sizeof(h.salt))), "a fresh salt");
	CHECK(dataset_sealer_open(&h, &other_key, &s) == MT_DENIED && !s, "another key");
	if (!CHECK(dataset_sealer_open(&h, &key, &s) == MT_OK && dataset_sealer_open(&h, &key, &t) == MT_OK, "two sealers")) {
		return;
	}
	CHECK(dataset_sealer_segment(s, 2, mt_bytes(plain, 0), again) == MT_NOT_FOUND, "there is no third segment");
	CHECK(dataset_sealer_segment(s, 0, mt_bytes(plain, 3), again) == MT_STATE, "too short");
	CHECK(dataset_sealer_segment(s, 1, mt_bytes(plain, 4), again) == MT_STATE, "too long");
	CHECK(dataset_sealer_segment(s, 1, mt_bytes(plain + MIB, 3), file + dataset_segment_offset(1)) == MT_OK, "the last one first");
	CHECK(dataset_sealer_segment(t, 0, mt_bytes(plain, MIB), file + dataset_segment_offset(0)) == MT_OK, "by the other");
	CHECK(dataset_sealer_segment(s, 0, mt_bytes(plain, MIB), again) == MT_OK &&
		      memcmp(again, file + dataset_segment_offset(0), DATASET_SEALED_MAX) == 0, "again, the same bytes");
	for (uint64_t i = 0; i < 2; i++) {
		dataset_segment_leaf(mt_bytes(file + dataset_segment_offset(i), dataset_segment_sealed_size(&h, i)), leaf[i]);
		log_frontier_append(&f, leaf[i]);
	}
	log_frontier_root(&f, h.root);
	dataset_header_encode(&h, header);
	memcpy(file, header, sizeof(header));
	dataset_tag(&h, tag);
	CHECK(dataset_open_all(mt_bytes(file, whole), &key, tag, out, size) == MT_OK && memcmp(out, plain, size) == 0, "a whole file");
	dataset_sealer_close(s);
	dataset_sealer_close(t);
	dataset_sealer_close(NULL);
}

/* ---- checked once, read later ---- */

static struct bytes segment_of(const struct sealed *s, struct bytes file, uint64_t i)
{
	return mt_bytes(file.at + dataset_segment_offset(i), dataset_segment_sealed_size(&s->header, i));
}

static enum mt_err checked_open(const struct sealed *s, struct bytes file, const struct secret *k, struct dataset_checked **out)
{
	return dataset_checked_open(mt_bytes(file.at, DATASET_HEADER_SIZE), file.size, k, s->tag, out);
}

/* The whole check of `file`; what it says, and what can be read then. */
static enum mt_err checked(const struct sealed *s, struct bytes file, struct dataset_checked **out)
{
	enum mt_err err = checked_open(s, file, &key, out);

	for (uint64_t i = 0; !err && i < dataset_segment_count(&s->header); i++) {
		err = dataset_checked_add(*out, segment_of(s, file, i));
	}
	return err;
}

static void test_checked(void)
{
	static const size_t size[] = { 0, 1, MIB, 2 * MIB + 5 };
	static uint8_t out[MIB];

	for (size_t k = 0; k < MT_COUNT(size); k++) {
		struct sealed s = sealed_of(size[k]);
		struct dataset_checked *c = NULL;
		uint64_t count = dataset_segment_count(&s.header);

		CHECK(checked(&s, s.file, &c) == MT_OK && dataset_checked_header(c)->size == size[k], "the right file");
		CHECK(dataset_checked_add(c, segment_of(&s, s.file, 0)) == MT_STATE, "all segments are there");
		for (uint64_t i = count; i-- > 0;) {
			struct bytes segment = segment_of(&s, s.file, i);

			CHECK(dataset_checked_segment(c, i, segment, out) == MT_OK &&
				      memcmp(out, s.plain.at + i * MIB, segment.size - 16) == 0,
			      "any segment, in any order");
			struct bytes bent = changed(s.file, (size_t)dataset_segment_offset(i) + segment.size - 1, 1);

			memset(out, 0xee, 16);
			CHECK(dataset_checked_segment(c, i, segment_of(&s, bent, i), out) == MT_TAMPERED, "changed since");
			CHECK(out[0] == 0xee || segment.size == 16, "no plaintext of it");
			CHECK(dataset_checked_segment(c, i, mt_bytes(segment.at, segment.size - 1), out) == MT_TAMPERED, "cut since");
		}
		CHECK(count == 1 || dataset_checked_segment(c, 0, segment_of(&s, s.file, 1), out) == MT_TAMPERED, "another place's");
		CHECK(dataset_checked_segment(c, count, segment_of(&s, s.file, 0), out) == MT_NOT_FOUND, "no such segment");
		dataset_checked_close(c);
	}
	dataset_checked_close(NULL);
}

/* The owner has the key, so GCM accepts what the owner makes of a segment later; the others have approved something else. */
static void test_checked_owner(void)
{
	struct sealed s = sealed_of(2 * MIB);
	struct dataset_checked *c = NULL;
	struct dataset_sealer *owner = NULL;
	static uint8_t out[MIB], other[MIB + 16];

	CHECK(checked(&s, s.file, &c) == MT_OK && dataset_sealer_open(&s.header, &key, &owner) == MT_OK &&
		      dataset_sealer_segment(owner, 1, mt_bytes(out, MIB), other) == MT_OK,
	      "another segment under the same header");
	CHECK(dataset_checked_segment(c, 1, mt_bytes(other, sizeof(other)), out) == MT_TAMPERED, "is not what was checked");
	dataset_sealer_close(owner);
	dataset_checked_close(c);
}

static void test_checked_refuses(void)
{
	struct sealed s = sealed_of(MIB + 100);
	struct dataset_checked *c = NULL;
	static uint8_t out[MIB];

	CHECK(checked_open(&s, changed(s.file, 0, 1), &key, &c) == MT_MALFORMED && !c, "no header");
	CHECK(checked_open(&s, changed(s.file, DATASET_HEADER_SIZE - 1, 1), &key, &c) == MT_TAMPERED && !c, "another header");
	CHECK(checked_open(&s, mt_bytes(s.file.at, s.file.size - 1), &key, &c) == MT_TAMPERED && !c, "a byte less");
	CHECK(checked_open(&s, s.file, &other_key, &c) == MT_DENIED && !c, "another key");
	CHECK(checked_open(&s, s.file, &key, &c) == MT_OK && dataset_checked_segment(c, 0, segment_of(&s, s.file, 0), out) == MT_STATE,
	      "nothing opens before the check");
	CHECK(dataset_checked_add(c, segment_of(&s, s.file, 0)) == MT_OK &&
		      dataset_checked_segment(c, 0, segment_of(&s, s.file, 0), out) == MT_STATE,
	      "nor before it is over");
	CHECK(dataset_checked_add(c, segment_of(&s, s.file, 0)) == MT_TAMPERED, "another size");
	dataset_checked_close(c);
	for (size_t at = DATASET_HEADER_SIZE; at < s.file.size; at += 99991) {
		CHECK(checked(&s, changed(s.file, at, 0x80), &c) == MT_TAMPERED, "a byte of a segment");
		CHECK(dataset_checked_segment(c, 0, segment_of(&s, s.file, 0), out) == MT_STATE, "and nothing of it opens");
		dataset_checked_close(c);
	}
}

static void test_no_memory(void)
{
	struct sealed s = sealed_of(40);
	uint8_t out[400], tag[32];

	for (uint64_t n = 1; n <= 3; n++) {
		mt_alloc_fail_at(n);
		CHECK(dataset_seal_all(&key, s.plain, out, tag) == MT_NO_MEMORY, "seal");
	}
	for (uint64_t n = 1; n <= 2; n++) {
		mt_alloc_fail_at(n);
		CHECK(dataset_open_all(s.file, &key, s.tag, out, 40) == MT_NO_MEMORY, "open");
	}
	for (uint64_t n = 1; n <= 4; n++) {
		struct dataset_checked *c = NULL;

		mt_alloc_fail_at(n);
		CHECK(checked_open(&s, s.file, &key, &c) == MT_NO_MEMORY && !c, "checked");
	}
	mt_alloc_fail_at(0);
	CHECK(opened(s.file, &s, &key) == MT_OK, "and then it works");
}

static void test_shares(void)
{
	struct secret share[DATASET_SHARES_MAX], back;

	for (size_t n = 1; n <= DATASET_SHARES_MAX; n++) {
		dataset_shares_split(&key, share, n);
		dataset_shares_combine(share, n, &back);
		CHECK(mt_equal_ct(secret_bytes(&back), secret_bytes(&key)), "all of them");
		if (n > 1) {
			dataset_shares_combine(share, n - 1, &back);
			CHECK(!mt_equal_ct(secret_bytes(&back), secret_bytes(&key)), "one is missing");
			dataset_shares_combine(share + 1, n - 1, &back);
			CHECK(!mt_equal_ct(secret_bytes(&back), secret_bytes(&key)), "the first is missing");
		}
	}
}

const struct test tests[] = { { "round_trip", test_round_trip },
			      { "wire_form", test_wire_form },
			      { "header", test_header },
			      { "every_byte", test_every_byte },
			      { "cut_and_extended", test_cut_and_extended },
			      { "segments_moved", test_segments_moved },
			      { "keys", test_keys },
			      { "owner_cheats", test_owner_cheats },
			      { "random_access", test_random_access },
			      { "writer_states", test_writer_states },
			      { "sealer", test_sealer },
			      { "checked", test_checked },
			      { "checked_owner", test_checked_owner },
			      { "checked_refuses", test_checked_refuses },
			      { "no_memory", test_no_memory },
			      { "shares", test_shares },
			      TESTS_END };
