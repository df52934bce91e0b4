/* party/teaclave: Teaclave's files open whole under their key, and in no other way; what is written, opens. */
#include "party/teaclave/teaclave_private.h"
#include "test/test.h"

#include <stdio.h>
#include <string.h>

#define VECTORS "test/vectors/teaclave/" /* made by test/interop/teaclave.py */

static const uint8_t key[32] = { 0,  1,	 2,  3,	 4,  5,	 6,  7,	 8,  9,	 10, 11, 12, 13, 14, 15,
				 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };
static const uint8_t iv[TEACLAVE_IV_SIZE] = { 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111 };

/* A file in memory. The calls_left-th call from now fails. */
struct memory {
	uint8_t *at;
	size_t size;
	uint64_t calls_left;
};

static bool call_fails(struct memory *f)
{
	return f->calls_left > 0 && --f->calls_left == 0;
}

static enum mt_err memory_read(void *context, uint64_t offset, uint8_t *out, size_t size)
{
	struct memory *f = context;

	if (call_fails(f) || offset > f->size || size > f->size - offset) {
		return MT_IO;
	}
	memcpy(out, f->at + offset, size);
	return MT_OK;
}

static enum mt_err memory_write(void *context, uint64_t offset, struct bytes data)
{
	struct memory *f = context;

	if (call_fails(f) || offset > f->size || data.size > f->size - offset) {
		return MT_IO;
	}
	memcpy(f->at + offset, data.at, data.size);
	return MT_OK;
}

static struct memory memory_of(size_t size)
{
	return (struct memory){ test_alloc(size), size, 0 };
}

static struct teaclave_store store_of(struct memory *f)
{
	return (struct teaclave_store){ memory_read, memory_write, f };
}

static struct memory vector(const char *name)
{
	char path[128];
	static uint8_t space[1 << 16];

	snprintf(path, sizeof(path), VECTORS "%s", name);
	FILE *file = fopen(path, "rb");
	CHECK(file != NULL, path);
	struct memory f = { .size = file ? fread(space, 1, sizeof(space), file) : 0 };
	f.at = test_alloc(f.size);
	memcpy(f.at, space, f.size);
	if (file) {
		fclose(file);
	}
	return f;
}

static struct teaclave_seal seal_of(enum teaclave_format format, const char *name)
{
	struct teaclave_seal how = { .format = format,
				     .key = mt_bytes(key, teaclave_key_size(format)),
				     .name = mt_text(name) };

	memcpy(how.iv, iv, sizeof(iv));
	return how;
}

/* What the vectors hold. */
static bool is_text(const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (at[i] != (uint8_t)(7 * i + i / 251)) {
			return false;
		}
	}
	return true;
}

/* Open, and read all of at most two parts. */
static enum mt_err read_all(const struct teaclave_seal *how, struct memory *f, const uint8_t *cmac, uint8_t *out,
			    uint64_t *size)
{
	struct teaclave_store store = store_of(f);
	struct teaclave_reader *r = NULL;
	enum mt_err err = teaclave_reader_open(how, &store, f->size, cmac, &r);

	CHECK((r == NULL) == (err != MT_OK), "a reader or an error");
	for (uint64_t i = 0; !err && i * TEACLAVE_PART_SIZE < teaclave_reader_size(r); i++) {
		err = teaclave_reader_part(r, i, out + i * TEACLAVE_PART_SIZE);
	}
	*size = r ? teaclave_reader_size(r) : 0;
	teaclave_reader_close(r);
	return err;
}

static uint8_t space[2 * TEACLAVE_PART_SIZE];

static const struct {
	const char *name;
	enum teaclave_format format;
	size_t size;
} vectors[] = {
	{ "gcm_128", TEACLAVE_AES_GCM_128, 1000 }, { "gcm_256", TEACLAVE_AES_GCM_256, 1000 },
	{ "gcm_none", TEACLAVE_AES_GCM_128, 0 },   { "file_head", TEACLAVE_FILE_128, 1000 },
	{ "file_none", TEACLAVE_FILE_128, 0 },	   { "file_nodes", TEACLAVE_FILE_128, HEAD_SIZE + NODE_SIZE + 1 },
};

static void test_vectors(void)
{
	for (size_t i = 0; i < MT_COUNT(vectors); i++) {
		struct memory f = vector(vectors[i].name);
		struct teaclave_seal how = seal_of(vectors[i].format, vectors[i].name);
		const uint8_t *cmac = f.at + (how.format == TEACLAVE_FILE_128 ? 80 : f.size - 16);
		uint8_t other[32] = { 9 };
		uint64_t size = 0;

		CHECK(read_all(&how, &f, cmac, space, &size) == MT_OK && size == vectors[i].size, vectors[i].name);
		CHECK(is_text(space, (size_t)size), vectors[i].name);
		CHECK(read_all(&how, &f, NULL, space, &size) == MT_OK, "without a cmac");
		CHECK(read_all(&how, &f, other, space, &size) == MT_TAMPERED, "another cmac");
		how.key.at = other;
		CHECK(read_all(&how, &f, cmac, space, &size) == MT_TAMPERED, "another key");
	}
}

static void test_names(void)
{
	enum teaclave_format format;

	for (size_t i = 0; i < TEACLAVE_FORMATS; i++) {
		CHECK(teaclave_format_find(teaclave_format_name((enum teaclave_format)i), &format) == MT_OK &&
			      format == i,
		      "by its name");
	}
	CHECK(teaclave_format_find("raw", &format) == MT_NOT_FOUND && teaclave_format_find("", &format) == MT_NOT_FOUND,
	      "no format");
}

static void test_prefixes(void)
{
	for (size_t i = 0; i < MT_COUNT(vectors); i++) {
		struct memory whole = vector(vectors[i].name);
		struct teaclave_seal how = seal_of(vectors[i].format, vectors[i].name);

		for (size_t n = 0; n < whole.size; n++) {
			struct memory cut = { test_alloc(n), n, 0 };
			uint64_t size = 0;
			memcpy(cut.at, whole.at, n);
			enum mt_err err = read_all(&how, &cut, NULL, space, &size);
			if (err != MT_MALFORMED && err != MT_TAMPERED) {
				CHECK(false, "every prefix");
			}
			n += n > 64 && n + 64 < whole.size ? 37 : 0;
		}
		struct memory longer = memory_of(whole.size + NODE_SIZE);
		uint64_t size = 0;
		memcpy(longer.at, whole.at, whole.size);
		CHECK(read_all(&how, &longer, NULL, space, &size) == MT_TAMPERED, "a node more");
	}
}

/* Bytes that nothing vouches for: the header before gmac without key id, and what is padding. */
static bool is_free(enum teaclave_format format, size_t at)
{
	return format == TEACLAVE_FILE_128 &&
	       (at < 16 || (at >= 48 && at < 80) || (at >= 96 + ZERO_SEALED_SIZE && at < NODE_SIZE));
}

static void test_damage(void)
{
	for (size_t i = 0; i < MT_COUNT(vectors); i++) {
		struct memory f = vector(vectors[i].name);
		struct teaclave_seal how = seal_of(vectors[i].format, vectors[i].name);

		for (size_t at = 0; at<f.size; at += at> 200 ? 12 : 1) {
			uint64_t size = 0;
			f.at[at] ^= 0x40;
			enum mt_err err = read_all(&how, &f, NULL, space, &size);
			f.at[at] ^= 0x40;
			if (err != MT_TAMPERED && !is_free(how.format, at)) {
				CHECK(false, "a byte changed");
			}
			CHECK(err != MT_OK || is_text(space, (size_t)size), "never another text");
		}
	}
}

static void test_header(void)
{
	static const struct {
		const char *why;
		size_t at;
		uint8_t value;
		enum mt_err want;
	} row[] = {
		{ "no such file", 0, 0, MT_MALFORMED },
		{ "major version", 8, 2, MT_MALFORMED },
		{ "minor version", 9, 7, MT_OK },
		{ "an enclave's key", 10, 0, MT_DENIED },
		{ "integrity only", 10, 2, MT_DENIED },
		{ "not closed", 11, 1, MT_STATE },
		{ "another key id", 16, 0xee, MT_TAMPERED },
	};
	struct teaclave_seal how = seal_of(TEACLAVE_FILE_128, "file_head");
	uint64_t size = 0;

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct memory f = vector("file_head");
		f.at[row[i].at] = row[i].value;
		CHECK(read_all(&how, &f, NULL, space, &size) == row[i].want, row[i].why);
	}
	struct memory f = vector("file_head");
	static const char *const wrong[] = { "", "file", "file_heads", "x" };
	for (size_t i = 0; i < MT_COUNT(wrong); i++) {
		how.name = mt_text(wrong[i]);
		CHECK(read_all(&how, &f, NULL, space, &size) == MT_NOT_FOUND, "another name");
	}
}

/* Node 0 as whoever has the key can make it. */
static enum mt_err zero_read(const struct node_zero_text *t, size_t file_size)
{
	struct memory f = memory_of(file_size);
	struct teaclave_seal how = seal_of(TEACLAVE_FILE_128, "f");
	struct node_zero z = { .key_id = { 1 } };
	uint8_t plain[ZERO_SEALED_SIZE], own[16];
	struct secret user = { { 0 } };
	uint64_t size = 0;

	memcpy(user.at, key, 16);
	node_zero_text_encode(t, plain);
	CHECK(node_zero_key(&user, z.key_id, own) == MT_OK &&
		      node_seal(own, mt_bytes(plain, sizeof(plain)), z.sealed, z.gmac) == MT_OK,
	      "sealed");
	node_zero_encode(&z, f.at);
	return read_all(&how, &f, NULL, space, &size);
}

static void test_sizes(void)
{
	struct node_zero_text t = { .name = "f", .size = HEAD_SIZE };

	CHECK(zero_read(&t, NODE_SIZE) == MT_OK, "the largest of one node");
	t.size = HEAD_SIZE + 1;
	CHECK(zero_read(&t, NODE_SIZE) == MT_TAMPERED && zero_read(&t, 3 * NODE_SIZE) == MT_TAMPERED,
	      "nodes are missing, or none of its");
	t.size = TEACLAVE_SIZE_MAX + 1;
	CHECK(zero_read(&t, NODE_SIZE) == MT_LIMIT, "too large");
	t.size = UINT64_MAX;
	CHECK(zero_read(&t, NODE_SIZE) == MT_LIMIT, "far too large");
	memset(t.name, 'x', sizeof(t.name));
	CHECK(zero_read(&t, NODE_SIZE) == MT_NOT_FOUND, "a name without an end");
	CHECK(nodes_all(HEAD_SIZE) == 1 && nodes_all(HEAD_SIZE + 1) == 3 && nodes_all(HEAD_SIZE + 96 * 4096) == 98 &&
		      nodes_all(HEAD_SIZE + 96 * 4096 + 1) == 100,
	      "nodes");
	CHECK(node_of_data(95) == 97 && node_of_merkle(1) == 98 && node_of_data(96) == 99, "where they lie");
	struct teaclave_writer *w = NULL;
	struct memory f = memory_of(16);
	struct teaclave_store store = store_of(&f);
	struct teaclave_seal how = seal_of(TEACLAVE_FILE_128, "f");
	CHECK(teaclave_writer_open(&how, &store, TEACLAVE_SIZE_MAX + 1, &w) == MT_LIMIT && !w, "too large to write");
}

static enum mt_err write_all(const struct teaclave_seal *how, struct memory *f, struct bytes plain, uint8_t cmac[16])
{
	struct teaclave_store store = store_of(f);
	struct teaclave_writer *w = NULL;
	enum mt_err err = teaclave_writer_open(how, &store, plain.size, &w);

	for (size_t at = 0, n; !err && at < plain.size; at += n) {
		n = plain.size - at < 5001 ? plain.size - at : 5001;
		err = teaclave_writer_add(w, mt_bytes(plain.at + at, n));
	}
	if (!err) {
		err = teaclave_writer_finish(w, cmac);
	}
	teaclave_writer_close(w);
	return err;
}

static size_t file_size_of(enum teaclave_format format, size_t size)
{
	return format == TEACLAVE_FILE_128 ? (size_t)nodes_all(size) * NODE_SIZE : size + 16;
}

static void test_round_trip(void)
{
	static const size_t sizes[] = {
		0, 1, HEAD_SIZE, HEAD_SIZE + 1, HEAD_SIZE + 96 * 4096, HEAD_SIZE + 96 * 4096 + 1, TEACLAVE_PART_SIZE + 1
	};
	uint8_t *plain = test_alloc(sizeof(space)), cmac[16];

	for (size_t i = 0; i < sizeof(space); i++) {
		plain[i] = (uint8_t)(i * 31 + i / 4093);
	}
	for (size_t i = 0; i < TEACLAVE_FORMATS * MT_COUNT(sizes); i++) {
		struct teaclave_seal how = seal_of((enum teaclave_format)(i % TEACLAVE_FORMATS), "name");
		size_t size = sizes[i / TEACLAVE_FORMATS];
		struct memory f = memory_of(file_size_of(how.format, size));
		uint64_t got = 0;
		CHECK(write_all(&how, &f, mt_bytes(plain, size), cmac) == MT_OK, "written");
		CHECK(read_all(&how, &f, cmac, space, &got) == MT_OK && got == size && memcmp(space, plain, size) == 0,
		      "read");
	}
}

static void test_writer_limits(void)
{
	for (size_t i = 0; i < TEACLAVE_FORMATS; i++) {
		struct teaclave_seal how = seal_of((enum teaclave_format)i, "name");
		struct memory f = memory_of(file_size_of(how.format, 10));
		struct teaclave_store store = store_of(&f);
		struct teaclave_writer *w = NULL;
		uint8_t cmac[16];

		CHECK(teaclave_writer_open(&how, &store, 10, &w) == MT_OK, "open");
		CHECK(teaclave_writer_add(w, mt_text("12345678901")) == MT_LIMIT &&
			      teaclave_writer_add(w, mt_text("123456789")) == MT_OK,
		      "more than the size");
		CHECK(teaclave_writer_finish(w, cmac) == MT_STATE, "less than the size");
		CHECK(teaclave_writer_add(w, mt_text("0")) == MT_OK && teaclave_writer_finish(w, cmac) == MT_OK,
		      "just the size");
		teaclave_writer_close(w);
	}
}

/* A file that is written to while it is read. */
static void test_changed(void)
{
	static const char *const name[] = { "gcm_256", "file_nodes" };
	static const enum teaclave_format format[] = { TEACLAVE_AES_GCM_256, TEACLAVE_FILE_128 };

	for (size_t i = 0; i < MT_COUNT(name); i++) {
		struct memory f = vector(name[i]);
		struct teaclave_seal how = seal_of(format[i], name[i]);
		struct teaclave_store store = store_of(&f);
		struct teaclave_reader *r = NULL;

		CHECK(teaclave_reader_open(&how, &store, f.size, NULL, &r) == MT_OK &&
			      teaclave_reader_part(r, 0, space) == MT_OK,
		      "open");
		CHECK(teaclave_reader_part(r, 1, space) == MT_NOT_FOUND &&
			      teaclave_reader_part(r, UINT64_MAX, space) == MT_NOT_FOUND,
		      "behind the end");
		f.at[f.size - 500] ^= 1;
		CHECK(teaclave_reader_part(r, 0, space) == MT_TAMPERED, "changed since");
		CHECK(mt_is_zero(mt_bytes(space, (size_t)teaclave_reader_size(r))), "nothing is left of it");
		f.at[f.size - 500] ^= 1;
		CHECK(teaclave_reader_part(r, 0, space) == MT_OK && is_text(space, (size_t)teaclave_reader_size(r)),
		      "changed back");
		teaclave_reader_close(r);
	}
}

static void test_failures(void)
{
	uint8_t *plain = test_alloc(HEAD_SIZE + 100 * NODE_SIZE), cmac[16];
	struct bytes text = mt_bytes(plain, HEAD_SIZE + 100 * NODE_SIZE);

	for (size_t i = 0; i < TEACLAVE_FORMATS; i++) {
		struct teaclave_seal how = seal_of((enum teaclave_format)i, "name");
		struct memory f = memory_of(file_size_of(how.format, text.size));
		enum mt_err err = MT_IO;
		uint64_t size = 0;

		for (uint64_t n = 1; err; n++) {
			f.calls_left = n;
			err = write_all(&how, &f, text, cmac);
			CHECK(err == MT_IO || (!err && f.calls_left > 0), "each call of a writer");
		}
		err = MT_IO;
		for (uint64_t n = 1; err; n++) {
			f.calls_left = n;
			err = read_all(&how, &f, cmac, space, &size);
			CHECK(err == MT_IO || (!err && f.calls_left > 0), "each call of a reader");
		}
		f.calls_left = 0;
		for (uint64_t n = 1; n <= 3; n++) {
			mt_alloc_fail_at(n);
			err = read_all(&how, &f, cmac, space, &size);
			CHECK(err == MT_NO_MEMORY || !err, "each allocation of a reader");
			mt_alloc_fail_at(n);
			err = write_all(&how, &f, text, cmac);
			CHECK(err == MT_NO_MEMORY, "each allocation of a writer");
			mt_alloc_fail_at(0);
		}
	}
}

const struct test tests[] = {
	{ "vectors", test_vectors },
	{ "names", test_names },
	{ "prefixes", test_prefixes },
	{ "damage", test_damage },
	{ "header", test_header },
	{ "sizes", test_sizes },
	{ "round_trip", test_round_trip },
	{ "writer_limits", test_writer_limits },
	{ "changed", test_changed },
	{ "failures", test_failures },
	TESTS_END,
};
