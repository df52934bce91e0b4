/* A receipt is believed when everything in it fits, and refused for each single thing that does not. */
#include <string.h>

#include "lib/log/log.h"
#include "party/client/client_private.h"
#include "test/client_world.h"
#include "test/test.h"

static bool passes(const struct world *w, struct bytes file, struct mesatee_receipt *out)
{
	static struct mesatee_receipt unused;
	struct mesatee_receipt *r = out ? out : &unused;

	CHECK(verify_receipt(w->cbor, &w->policy, file, r) == MT_OK, "judged");
	return r->passed;
}

static void test_genuine(void)
{
	struct world w;
	struct mesatee_receipt r;

	world_open(&w, 1, FORGE_NOTHING);
	CHECK(passes(&w, w.bytes, &r), "a genuine receipt passes");
	for (size_t i = 0; i < r.part_count; i++) {
		CHECK(r.part[i].passed, r.part[i].name);
	}
	CHECK(r.run == 2 && strcmp(r.outcome, "finished") == 0 && r.level == 2 && r.index == WORLD_INDEX &&
		      r.output_count == 1,
	      "says what ran");
	CHECK(strcmp(r.output[0].name, "result") == 0 && r.output[0].size == 100, "and what came of it");
	world_close(&w);
}

/* Each forgery is consistent but for one thing: everything that can be signed again was. */
static void test_forgeries(void)
{
	for (int f = FORGE_NOTHING + 1; f < FORGERIES; f++) {
		struct world w;
		world_open(&w, 1, (enum forgery)f);
		CHECK(!passes(&w, w.bytes, NULL), forgery_name((enum forgery)f));
		world_close(&w);
	}
}

/* ---- bytes ---- */

static struct bytes flipped(struct bytes b, size_t at)
{
	struct bytes copy = first(b, b.size);

	((uint8_t *)(uintptr_t)copy.at)[at] ^= 0x01;
	return copy;
}

static struct bytes *field(struct receipt_file *f, size_t n)
{
	struct bytes *all[] = {
		&f->statement, &f->entry,	  &f->proof,	&f->head_receipt, &f->note,
		&f->genesis,   &f->genesis_proof, &f->contract, &f->evidence,
	};

	return n < MT_COUNT(all) ? all[n] : NULL;
}

static const char *const field_name[] = {
	"statement", "entry", "proof", "head receipt", "note", "genesis", "genesis proof", "contract", "evidence",
};

static void test_each_field_altered(void)
{
	struct world w;

	world_open(&w, 1, FORGE_NOTHING);
	for (size_t n = 0; n < MT_COUNT(field_name); n++) {
		struct bytes whole = *field(&w.file, n);
		/* Every 7th byte, and the ends: each flip is a whole examination. */
		for (size_t at = 0; at < whole.size;
		     at = at + 7 < whole.size || at + 1 == whole.size ? at + 7 : whole.size - 1) {
			struct receipt_file f = w.file;
			*field(&f, n) = flipped(whole, at);
			if (!CHECK(!passes(&w, world_encode(&f), NULL), field_name[n])) {
				break;
			}
		}
		struct receipt_file f = w.file;
		*field(&f, n) = mt_bytes(NULL, 0);
		CHECK(!passes(&w, world_encode(&f), NULL), "a field that is empty");
		*field(&f, n) = first(whole, whole.size - 1);
		CHECK(!passes(&w, world_encode(&f), NULL), "a field that ends early");
	}
	struct receipt_file f = w.file;
	f.index = WORLD_INDEX - 1;
	CHECK(!passes(&w, world_encode(&f), NULL), "index");
	f.index = 0;
	CHECK(!passes(&w, world_encode(&f), NULL), "index 0 is the genesis entry's");
	f = w.file;
	f.size++;
	CHECK(!passes(&w, world_encode(&f), NULL), "size");
	f = w.file;
	f.root[31] ^= 1;
	CHECK(!passes(&w, world_encode(&f), NULL), "root");
	f = w.file;
	f.salt[0] ^= 1;
	CHECK(!passes(&w, world_encode(&f), NULL), "salt");
	world_close(&w);
}

static void test_paths(void)
{
	struct world w;
	uint8_t swapped[LOG_PROOF_MAX * 32];

	world_open(&w, 1, FORGE_NOTHING);
	for (int genesis = 0; genesis < 2; genesis++) {
		struct bytes path = genesis ? w.file.genesis_proof : w.file.proof;
		for (size_t size = 0; size < path.size; size += 32) {
			struct receipt_file f = w.file;
			*(genesis ? &f.genesis_proof : &f.proof) = mt_bytes(path.at, size);
			CHECK(!passes(&w, world_encode(&f), NULL), "a truncated path");
		}
		for (size_t at = 32; at < path.size; at += 32) {
			struct receipt_file f = w.file;
			memcpy(swapped, path.at, path.size);
			memcpy(swapped + at, path.at + at - 32, 32);
			memcpy(swapped + at - 32, path.at + at, 32);
			*(genesis ? &f.genesis_proof : &f.proof) = mt_bytes(swapped, path.size);
			CHECK(!passes(&w, world_encode(&f), NULL), "two siblings swapped");
		}
		struct receipt_file f = w.file;
		memcpy(swapped, path.at, path.size);
		memset(swapped + path.size, 0, 32);
		*(genesis ? &f.genesis_proof : &f.proof) = mt_bytes(swapped, path.size + 32);
		CHECK(!passes(&w, world_encode(&f), NULL), "a path that is too long");
	}
	world_close(&w);
}

/* Parts of two genuine receipts do not make a third. */
static void test_mixed(void)
{
	struct world w, other;

	world_open(&w, 1, FORGE_NOTHING);
	world_open(&other, 2, FORGE_NOTHING);
	CHECK(passes(&other, other.bytes, NULL), "the other one is genuine");
	CHECK(!passes(&w, other.bytes, NULL), "but not under this policy");
	for (size_t n = 0; n < MT_COUNT(field_name); n++) {
		struct receipt_file f = w.file;
		*field(&f, n) = *field(&other.file, n);
		CHECK(!passes(&w, world_encode(&f), NULL), field_name[n]);
	}
	world_close(&other);
	world_close(&w);
}

static void test_no_receipt(void)
{
	struct world w;

	world_open(&w, 1, FORGE_NOTHING);
	CHECK(!passes(&w, mt_bytes(NULL, 0), NULL), "nothing");
	CHECK(!passes(&w, hex("a0"), NULL), "an empty map");
	CHECK(!passes(&w, hex("80"), NULL), "an empty array");
	struct receipt_file zero = { 0 };
	CHECK(!passes(&w, world_encode(&zero), NULL), "all fields, all empty");
	for (size_t n = 0; n < w.bytes.size; n += n < 64 ? 1 : 97) {
		CHECK(!passes(&w, first(w.bytes, n), NULL), "every prefix");
	}
	uint8_t *longer = test_alloc(w.bytes.size + 1);
	memcpy(longer, w.bytes.at, w.bytes.size);
	CHECK(!passes(&w, mt_bytes(longer, w.bytes.size + 1), NULL), "one byte left over");
	world_close(&w);
}

static void test_policies(void)
{
	struct world w;

	world_open(&w, 1, FORGE_NOTHING);
	struct attest_policy genuine = w.policy;
	w.policy.root_count = 0;
	CHECK(!passes(&w, w.bytes, NULL), "no root is no wildcard");
	w.policy = genuine;
	w.policy.expected.count = 0;
	CHECK(!passes(&w, w.bytes, NULL), "no expected values are no wildcard");
	w.policy = genuine;
	w.policy.expected.count--;
	CHECK(!passes(&w, w.bytes, NULL), "a component that the policy does not know");
	w.policy = genuine;
	w.policy.level_min = 3;
	CHECK(!passes(&w, w.bytes, NULL), "a higher level");
	w.policy = genuine;
	w.policy.allow_fast = true;
	CHECK(!passes(&w, w.bytes, NULL), "another policy than the contract's, though it would accept the evidence");
	world_close(&w);
}

const struct test tests[] = { { "genuine", test_genuine },
			      { "forgeries", test_forgeries },
			      { "each_field_altered", test_each_field_altered },
			      { "paths", test_paths },
			      { "mixed", test_mixed },
			      { "no_receipt", test_no_receipt },
			      { "policies", test_policies },
			      TESTS_END };
