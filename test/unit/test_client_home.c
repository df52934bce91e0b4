/* What the client keeps on disk, and what it makes of files: identity, petnames, heads, contracts, ciphertext. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/dataset/dataset.h"
#include "party/client/client_private.h"
#include "test/client_folder.h"
#include "test/test.h"

static void test_identity(void)
{
	char id[MESATEE_ID_SIZE] = "", again[MESATEE_ID_SIZE] = "";
	struct stat facts;

	fresh();
	struct mesatee *m = client();
	CHECK(mesatee_identity(m, false, id) == MESATEE_NOT_FOUND, "there is none yet");
	CHECK(mesatee_identity(m, true, id) == MESATEE_OK && strlen(id) == 64, "made");
	mesatee_close(m);
	m = client();
	CHECK(mesatee_identity(m, false, again) == MESATEE_OK && strcmp(id, again) == 0, "the same afterwards");
	CHECK(stat(inside("identity.key"), &facts) == 0 && (facts.st_mode & 0777) == 0600 && facts.st_size == 32,
	      "private");
	mesatee_close(m);
	write_file("identity.key", "too short");
	m = client();
	CHECK(mesatee_identity(m, true, again) == MESATEE_FAILED, "a damaged key is never replaced by a new one");
	mesatee_close(m);
	remove_all();
}

static void test_petnames(void)
{
	char id[MESATEE_ID_SIZE], self[MESATEE_ID_SIZE];
	static const char one[] = "00000000000000000000000000000000000000000000000000000000000000aa";
	static const char two[] = "00000000000000000000000000000000000000000000000000000000000000bb";
	const char *name = NULL, *got = NULL;

	fresh();
	struct mesatee *m = client();
	CHECK(mesatee_party_add(m, "clinic", one) == MESATEE_OK, "added");
	CHECK(mesatee_party_add(m, "clinic", one) == MESATEE_OK, "again, the same");
	CHECK(mesatee_party_add(m, "clinic", two) == MESATEE_CONFLICT, "a name never changes hands silently");
	CHECK(mesatee_party_add(m, "self", two) == MESATEE_USAGE, "self is taken");
	CHECK(mesatee_party_add(m, "a b", two) == MESATEE_USAGE, "a name with a space");
	CHECK(mesatee_party_add(m, one, two) == MESATEE_USAGE, "a name that is an id");
	CHECK(mesatee_party_add(m, "other", "aa") == MESATEE_USAGE, "an id that is too short");
	mesatee_close(m);
	m = client();
	CHECK(mesatee_party_find(m, "clinic", id) == MESATEE_OK && strcmp(id, one) == 0, "found afterwards");
	CHECK(mesatee_party_find(m, two, id) == MESATEE_OK && strcmp(id, two) == 0, "an id stands for itself");
	CHECK(mesatee_party_find(m, "nobody", id) == MESATEE_NOT_FOUND, "nobody");
	CHECK(mesatee_party_find(m, "self", self) == MESATEE_OK, "self");
	CHECK(strcmp(mesatee_party_name(m, one), "clinic") == 0 && strcmp(mesatee_party_name(m, self), "self") == 0,
	      "names of ids");
	CHECK(mesatee_party_name(m, two) == NULL, "an id without a name");
	CHECK(mesatee_party_at(m, 0, &name, &got) && strcmp(name, "clinic") == 0 &&
		      !mesatee_party_at(m, 1, &name, &got),
	      "the list");
	mesatee_close(m);
	write_file("parties", "clinic 12\n");
	m = client();
	CHECK(mesatee_party_find(m, "clinic", id) == MESATEE_FAILED, "a damaged list is said to be damaged");
	mesatee_close(m);
	remove_all();
}

static void test_heads(void)
{
	struct statement_head h = { .size = 5, .root = { 1 } }, got = { 0 };
	char name[128] = "heads/";

	fresh();
	struct mesatee *m = client();
	memset(m->log_id, 0x11, sizeof(m->log_id));
	mt_hex(mt_bytes(m->log_id, 32), name + strlen(name));
	CHECK(heads_load(m, m->log_id, &got) == MESATEE_OK && got.size == 0, "nothing seen");
	CHECK(heads_keep(m, &h) == MESATEE_OK && m->head.size == 5, "kept");
	h.size = 4;
	CHECK(heads_keep(m, &h) == MESATEE_OK && m->head.size == 5, "a smaller one never replaces it");
	CHECK(heads_load(m, m->log_id, &got) == MESATEE_OK && got.size == 5 && got.root[0] == 1, "loaded");
	const char *bad[] = { "", "5\n", "05 00\n", "5 zz\n" };
	for (size_t i = 0; i < MT_COUNT(bad); i++) {
		write_file(name, bad[i]);
		CHECK(heads_load(m, m->log_id, &got) == MESATEE_NOT_VERIFIED, "a damaged head is never taken for none");
	}
	mesatee_close(m);
	remove_all();
}

static void test_known(void)
{
	fresh();
	struct mesatee *m = client();
	snprintf(m->url, sizeof(m->url), "https://node:1");
	m->log_id[0] = 1;
	CHECK(known_check(m) == MESATEE_OK && known_check(m) == MESATEE_OK, "first contact, and again");
	m->log_id[0] = 2;
	CHECK(known_check(m) == MESATEE_NOT_VERIFIED && mesatee_help(m)[0], "another ledger at the same address");
	snprintf(m->url, sizeof(m->url), "https://node:11");
	CHECK(known_check(m) == MESATEE_OK, "an address that begins like it is another");
	mesatee_close(m);
	remove_all();
}

/* No prefix but whole lines: a damaged file is never taken for "not seen yet", which lets an exchanged ledger through. */
static void test_known_damaged(void)
{
	static const char whole[] = "https://other:1 00000000000000000000000000000000000000000000000000000000000000bb\n"
				    "https://node:1 00000000000000000000000000000000000000000000000000000000000000aa\n";
	static const char *const bad[] = { "\n", "https://node:1\n", "https://node:1 00\n", " \n",
					   "https://node:1  \n" };
	const size_t line = strcspn(whole, "\n") + 1;

	fresh();
	struct mesatee *m = client();
	snprintf(m->url, sizeof(m->url), "https://node:1");
	m->log_id[31] = 0xaa;
	for (size_t n = 1; n < sizeof(whole); n++) {
		char *part = test_alloc(n + 1);
		memcpy(part, whole, n);
		write_file("known", part);
		CHECK(known_check(m) == (n == line || n == sizeof(whole) - 1 ? MESATEE_OK : MESATEE_NOT_VERIFIED),
		      part);
	}
	for (size_t i = 0; i < MT_COUNT(bad); i++) {
		write_file("known", bad[i]);
		CHECK(known_check(m) == MESATEE_NOT_VERIFIED && mesatee_help(m)[0], bad[i]);
	}
	mesatee_close(m);
	remove_all();
}

/* Every prefix of the other files: a head only whole, petnames and their lines only whole. */
static void test_prefixes(void)
{
	static const char head[] = "5 00000000000000000000000000000000000000000000000000000000000000aa\n";
	static const char names[] = "clinic 00000000000000000000000000000000000000000000000000000000000000aa\n"
				    "b 00000000000000000000000000000000000000000000000000000000000000bb\n";
	const size_t line = strcspn(names, "\n");
	struct statement_head got = { 0 };
	char name[128] = "heads/", id[MESATEE_ID_SIZE];

	fresh();
	struct mesatee *m = client();
	mt_hex(mt_bytes(m->log_id, 32), name + strlen(name));
	for (size_t n = 0; n < sizeof(head); n++) {
		char *part = test_alloc(n + 1);
		memcpy(part, head, n);
		write_file(name, part);
		CHECK(heads_load(m, m->log_id, &got) == (n < sizeof(head) - 1 ? MESATEE_NOT_VERIFIED : MESATEE_OK),
		      part);
	}
	mesatee_close(m);
	for (size_t n = 1; n < sizeof(names); n++) {
		bool whole = n == line || n == line + 1 || n >= sizeof(names) - 2;
		char *part = test_alloc(n + 1);
		memcpy(part, names, n);
		write_file("parties", part);
		m = client();
		CHECK(mesatee_party_find(m, "clinic", id) == (whole ? MESATEE_OK : MESATEE_FAILED), part);
		mesatee_close(m);
	}
	remove_all();
}

/* ---- contracts ---- */

static void test_contract_view(void)
{
	static const char tag[] = "00000000000000000000000000000000000000000000000000000000000000aa";
	struct mesatee_terms t = {
		.function = tag,
		.argument = { "x", "" },
		.argument_count = 2,
		.input = { { "a", "self", tag } },
		.input_count = 1,
		.output = { { .name = "r", .owner = { "self", tag }, .owner_count = 2, .size_max = 9 } },
		.output_count = 1,
		.memory_max = 1 << 20,
		.wall_ms = 5,
		.runs = 2,
		.expiry = 99,
	};
	struct mesatee_contract *c = NULL;

	fresh();
	struct mesatee *m = client();
	CHECK(mesatee_contract_make(m, &t, true, &c) == MESATEE_USAGE && !c, "no node: no ledger to name");
	struct contract k = { .executor = CONTRACT_WASM,
			      .participant_count = 2,
			      .participant = { { 1 }, { 2 } },
			      .input_count = 1,
			      .output_count = 1,
			      .argument_count = 1,
			      .memory_max = 1,
			      .wall_ms = 1,
			      .level_min = 2,
			      .runs = 1 };
	k.input[0] = (struct contract_input){ .name = mt_text("in"), .owner = { 1 }, .tag = { 3 } };
	k.output[0] = (struct contract_output){
		.name = mt_text("out"), .owner = { { 1 }, { 2 } }, .owner_count = 2, .size_max = 7, .rows_min = 3
	};
	k.argument[0] = mt_text("argument");
	struct builder b = builder_over(test_alloc(4096), 4096);
	struct bytes wire = { 0 };
	contract_encode(&k, &b);
	CHECK(builder_done(&b, &wire) == MT_OK, "encoded");
	if (CHECK(contract_view(m->cbor, wire, &c) == MT_OK, "viewed")) {
		const struct mesatee_terms *got = mesatee_contract_terms(c);
		CHECK(got->input_count == 1 && strcmp(got->input[0].name, "in") == 0 &&
			      strncmp(got->input[0].tag, "03", 2) == 0,
		      "input");
		CHECK(got->output[0].owner_count == 2 && strncmp(got->output[0].owner[1], "02", 2) == 0 &&
			      got->output[0].rows_min == 3,
		      "output");
		CHECK(strcmp(got->argument[0], "argument") == 0 && got->participant_count == 2 && got->level_min == 2,
		      "the rest");
	}
	mesatee_contract_free(c);
	for (size_t n = 0; n < wire.size; n++) {
		CHECK(contract_view(m->cbor, first(wire, n), &c) != MT_OK, "every prefix");
	}
	mesatee_close(m);
	remove_all();
}

/* ---- ciphertext ---- */

static const uint32_t sizes[] = {
	0, 1, DATASET_SEGMENT_SIZE - 1, DATASET_SEGMENT_SIZE, DATASET_SEGMENT_SIZE + 1, 2 * DATASET_SEGMENT_SIZE + 17
};

static void test_put_and_open(void)
{
	fresh();
	struct mesatee *m = client();
	for (size_t i = 0; i < MT_COUNT(sizes); i++) {
		uint8_t *plain = test_alloc(sizes[i]), tag[32];
		char tag_text[MESATEE_ID_SIZE];
		struct secret key, wrong = { { 1 } };
		struct stat facts = { 0 };

		memset(plain, 'a' + (int)i, sizes[i]);
		FILE *f = fopen(inside("plain"), "wb");
		CHECK(f && fwrite(plain, 1, sizes[i], f) == sizes[i] && fclose(f) == 0, "written");
		CHECK(mesatee_put(m, inside("plain"), inside("sealed"), tag_text) == MESATEE_OK, mesatee_error(m));
		CHECK(mt_unhex(mt_text(tag_text), tag, 32) == MT_OK && data_key_load(m, tag, &key) == MESATEE_OK,
		      "the key is at home");
		int fd = open(inside("sealed"), O_RDWR);
		CHECK(fd >= 0 && fstat(fd, &facts) == 0, "the ciphertext is there");
		uint64_t size = (uint64_t)facts.st_size;
		CHECK(output_open(m, fd, size, &key, tag, &(struct output_place){ .path = inside("opened") }) ==
			      MESATEE_OK,
		      mesatee_error(m));
		CHECK(mt_equal(read_back(inside("opened")), mt_bytes(plain, sizes[i])), "the same");
		CHECK(output_open(m, fd, size, &wrong, tag, &(struct output_place){ .path = inside("no") }) ==
			      MESATEE_NOT_VERIFIED,
		      "another key");
		CHECK(output_open(m, fd, size - 1, &key, tag, &(struct output_place){ .path = inside("no") }) ==
			      MESATEE_NOT_VERIFIED,
		      "one byte less");
		tag[0] ^= 1;
		CHECK(output_open(m, fd, size, &key, tag, &(struct output_place){ .path = inside("no") }) ==
			      MESATEE_NOT_VERIFIED,
		      "another tag");
		tag[0] ^= 1;
		for (size_t at = 0; at < size; at += size / 5 + 1) {
			uint8_t byte = 0;
			CHECK(pread(fd, &byte, 1, (off_t)at) == 1, "read");
			byte ^= 1;
			CHECK(pwrite(fd, &byte, 1, (off_t)at) == 1, "spoilt");
			CHECK(output_open(m, fd, size, &key, tag, &(struct output_place){ .path = inside("no") }) ==
				      MESATEE_NOT_VERIFIED,
			      "a spoilt byte");
			byte ^= 1;
			CHECK(pwrite(fd, &byte, 1, (off_t)at) == 1, "mended");
		}
		CHECK(access(inside("no"), F_OK) != 0, "nothing came of what did not open");
		close(fd);
	}
	mesatee_close(m);
	remove_all();
}

static void test_combine(void)
{
	fresh();
	struct mesatee *m = client();
	const char *shares[3] = { inside("s0"), inside("s1"), inside("s1") };
	write_file("plain", "only together\n");
	shares_make(m, shares, 14);
	CHECK(mesatee_combine(m, inside("sealed"), shares, 2, inside("opened")) == MESATEE_OK, mesatee_error(m));
	CHECK(mt_equal(read_back(inside("opened")), mt_text("only together\n")), "opened");
	CHECK(mesatee_combine(m, inside("sealed"), shares, 1, inside("no")) == MESATEE_USAGE, "one share");
	CHECK(mesatee_combine(m, inside("sealed"), shares + 1, 2, inside("no")) == MESATEE_USAGE, "one share twice");
	CHECK(mesatee_combine(m, inside("nothing"), shares, 2, inside("no")) == MESATEE_NOT_FOUND, "no ciphertext");
	write_file("s1", "nonsense");
	CHECK(mesatee_combine(m, inside("sealed"), shares, 2, inside("no")) == MESATEE_NOT_VERIFIED, "no share");
	mesatee_close(m);
	remove_all();
}

static void test_urls(void)
{
	static const char *const bad[] = { "",
					   "http://a:1",
					   "https://",
					   "https://a",
					   "https://a:",
					   "https://a:x",
					   "https://a:1/x",
					   "https://a:123456",
					   "https://a:65536",
					   "https://[::1",
					   "https://a b:1",
					   "https://u@a:1",
					   "https://:1" };

	fresh();
	struct mesatee *m = client();
	CHECK(mesatee_connect(m, "https://127.0.0.1:1") == MESATEE_USAGE, "no policy");
	write_file("policy.toml", "policy = \"p\"\nlevel = 2\nroots = []\n[measurements]\n\"core\" = "
				  "\"00000000000000000000000000000000000000000000000000000000000000aa\"\n");
	CHECK(mesatee_policy_use(m, inside("policy.toml")) == MESATEE_OK, mesatee_error(m));
	for (size_t i = 0; i < MT_COUNT(bad); i++) {
		CHECK(mesatee_connect(m, bad[i]) == MESATEE_USAGE, bad[i]);
	}
	CHECK(mesatee_connect(m, "https://127.0.0.1:1/") == MESATEE_UNREACHABLE, "nobody listens there");
	CHECK(mesatee_verdict(m) == NULL, "unreachable is no verdict");
	write_file("policy.toml", "policy = \"p\"\nlevle = 2\n");
	CHECK(mesatee_policy_use(m, inside("policy.toml")) == MESATEE_USAGE, "a misspelt demand");
	mesatee_close(m);
	remove_all();
}

const struct test tests[] = { { "identity", test_identity },
			      { "petnames", test_petnames },
			      { "heads", test_heads },
			      { "known", test_known },
			      { "known_damaged", test_known_damaged },
			      { "prefixes", test_prefixes },
			      { "contract_view", test_contract_view },
			      { "put_and_open", test_put_and_open },
			      { "combine", test_combine },
			      { "urls", test_urls },
			      TESTS_END };
