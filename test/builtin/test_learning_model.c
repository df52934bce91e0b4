/* Model files: each prefix and whatever is not well formed is refused, and what is read is written again as the same bytes. */
#include <math.h>
#include <string.h>

#include "exec/builtin/gbdt.h"
#include "exec/builtin/model_weights.h"
#include "test/builtin/test_learning_guest.h"
#include "test/test.h"

#define FILE_SIZE 4096

struct attempt {
	enum model_kind kind;
	struct text file;
	char again[FILE_SIZE];
	size_t again_size;
	double said[MODEL_LABELS_MAX];
};

/* Reads, predicts a row of ones with a hole in it, and writes again. */
static void model_read(void *with)
{
	static double x[MODEL_FEATURES_MAX];
	struct attempt *a = with;
	struct gbdt_model trees;
	struct model_weights weights;

	for (size_t i = 0; i < MODEL_FEATURES_MAX; i++) {
		x[i] = i == 1 ? (double)NAN : 1;
	}
	if (a->kind == MODEL_GBDT) {
		gbdt_decode(a->file, &trees);
		gbdt_predict_row(&trees, x, a->said);
	} else {
		model_weights_decode(a->file, a->kind, &weights);
		model_weights_predict_row(&weights, x, a->said);
	}
	FILE *to = fmemopen(a->again, sizeof(a->again), "wb");
	if (a->kind == MODEL_GBDT) {
		gbdt_encode(to, &trees);
	} else {
		model_weights_encode(to, &weights);
	}
	a->again_size = (size_t)ftell(to);
	fclose(to);
}

static bool accepted(struct attempt *a, enum model_kind kind, struct bytes file)
{
	a->kind = kind;
	a->file = (struct text){ (const char *)file.at, file.size };
	return guest_try(model_read, a);
}

/* ---- models by hand ---- */

#define HEAD "4d546d6f64656c 01 "
#define TWO "00000002 00000001 61 00000001 62 "              /* two features: a, b */
#define NO_LABELS "00000000 "
#define YES_NO "00000002 00000002 6e6f 00000003 796573 "
#define ONE "3ff0000000000000 "
#define HALF "3fe0000000000000 "
#define NOT_FINITE "7ff0000000000000 "
/* start, trees, nodes; a split of column a, missing right, leaves 1 and 0.5 */
#define TREE "01 00000000 " ONE "00 " ONE "00 " HALF

static const struct row {
	const char *why, *file;
	enum model_kind kind;
	bool good;
} row[] = {
	{ "a number of two features", HEAD "01" TWO NO_LABELS ONE HALF HALF, MODEL_LINEAR, true },
	{ "two classes", HEAD "02" TWO YES_NO ONE HALF HALF, MODEL_LOGISTIC, true },
	{ "trees of a number", HEAD "03" TWO NO_LABELS ONE "00000001 00000003" TREE, MODEL_GBDT, true },
	{ "trees of two classes", HEAD "03" TWO YES_NO ONE "00000002 00000004" TREE "00" ONE, MODEL_GBDT, true },
	{ "missing goes left", HEAD "03" TWO NO_LABELS ONE "00000001 00000003 02 00000001" ONE "00" ONE "00" HALF, MODEL_GBDT, true },
	{ "no trees", HEAD "03" TWO NO_LABELS ONE "00000000 00000000", MODEL_GBDT, true },
	{ "another word", "4d546d6f64656d 01 01" TWO NO_LABELS ONE HALF HALF, MODEL_LINEAR, false },
	{ "another version", "4d546d6f64656c 02 01" TWO NO_LABELS ONE HALF HALF, MODEL_LINEAR, false },
	{ "another kind", HEAD "02" TWO YES_NO ONE HALF HALF, MODEL_LINEAR, false },
	{ "no features", HEAD "01 00000000" NO_LABELS ONE, MODEL_LINEAR, false },
	{ "one label", HEAD "02" TWO "00000001 00000001 61" ONE HALF HALF, MODEL_LOGISTIC, false },
	{ "a number with labels", HEAD "01" TWO YES_NO ONE HALF HALF, MODEL_LINEAR, false },
	{ "a class without", HEAD "02" TWO NO_LABELS ONE HALF HALF, MODEL_LOGISTIC, false },
	{ "too many features", HEAD "01 ffffffff 00000001 61" NO_LABELS ONE, MODEL_LINEAR, false },
	{ "a name past the end", HEAD "01 00000001 ffffffff 61" NO_LABELS ONE ONE, MODEL_LINEAR, false },
	{ "infinity", HEAD "01" TWO NO_LABELS ONE NOT_FINITE HALF, MODEL_LINEAR, false },
	{ "bytes left over", HEAD "01" TWO NO_LABELS ONE HALF HALF "00", MODEL_LINEAR, false },
	{ "bytes behind trees", HEAD "03" TWO NO_LABELS ONE "00000001 00000003" TREE "00", MODEL_GBDT, false },
	{ "a feature that is not there", HEAD "03" TWO NO_LABELS ONE "00000001 00000003 01 00000002" ONE "00" ONE "00" HALF, MODEL_GBDT, false },
	{ "a node of no kind", HEAD "03" TWO NO_LABELS ONE "00000001 00000003 03 00000000" ONE "00" ONE "00" HALF, MODEL_GBDT, false },
	{ "a split without its right", HEAD "03" TWO NO_LABELS ONE "00000001 00000002 01 00000000" ONE "00" ONE, MODEL_GBDT, false },
	{ "nodes of no tree", HEAD "03" TWO NO_LABELS ONE "00000000 00000001 00" ONE, MODEL_GBDT, false },
	{ "fewer trees than said", HEAD "03" TWO NO_LABELS ONE "00000002 00000003" TREE, MODEL_GBDT, false },
	{ "more nodes than bytes", HEAD "03" TWO NO_LABELS ONE "00000001 7fffffff" TREE, MODEL_GBDT, false },
	{ "an infinite leaf", HEAD "03" TWO NO_LABELS ONE "00000001 00000001 00" NOT_FINITE, MODEL_GBDT, false },
};

static void test_table(void)
{
	static struct attempt a;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct bytes file = hex(row[i].file);
		CHECK(accepted(&a, row[i].kind, first(file, file.size)) == row[i].good, row[i].why);
		if (row[i].good) {
			CHECK(a.again_size == file.size && memcmp(a.again, file.at, file.size) == 0, row[i].why);
		}
	}
}

static void test_prefixes(void)
{
	static struct attempt a;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct bytes file = hex(row[i].file);
		for (size_t n = 0; row[i].good && n < file.size; n++) {
			CHECK(!accepted(&a, row[i].kind, first(file, n)), row[i].why);
		}
	}
}

/* A turned bit may give another model, never one that is written in another way than it was read. */
static void test_bits(void)
{
	static struct attempt a;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct bytes file = hex(row[i].file);
		uint8_t *turned = test_alloc(file.size);
		for (size_t bit = 0; row[i].good && bit < 8 * file.size; bit++) {
			memcpy(turned, file.at, file.size);
			turned[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (accepted(&a, row[i].kind, mt_bytes(turned, file.size))) {
				CHECK(a.again_size == file.size && memcmp(a.again, turned, file.size) == 0, row[i].why);
			}
		}
	}
}

/* A tree as deep as may be is read; one deeper is not. */
static void test_depth(void)
{
	static struct attempt a;
	static uint8_t memory[FILE_SIZE];

	for (size_t depth = GBDT_DEPTH_MAX - 1; depth <= GBDT_DEPTH_MAX + 1; depth++) {
		struct bytes head = hex(HEAD "03" TWO NO_LABELS ONE "00000001"), split = hex("01 00000000" ONE), leaf = hex("00" ONE);
		struct builder b = builder_over(memory, sizeof(memory));
		builder_bytes(&b, head);
		builder_u32(&b, (uint32_t)(2 * depth + 1));
		for (size_t i = 0; i < depth; i++) {
			builder_bytes(&b, split);
		}
		for (size_t i = 0; i <= depth; i++) {
			builder_bytes(&b, leaf);
		}
		CHECK(accepted(&a, MODEL_GBDT, mt_bytes(memory, b.size)) == (depth <= GBDT_DEPTH_MAX), "depth");
	}
}

static void test_says(void)
{
	static struct attempt a;

	CHECK(accepted(&a, MODEL_GBDT, hex(row[2].file)) && a.said[0] == 2, "1 <= 1 goes left: 1 + 1");
	CHECK(accepted(&a, MODEL_GBDT, hex(row[4].file)) && a.said[0] == 2, "the hole goes left: 1 + 1");
	CHECK(accepted(&a, MODEL_GBDT, hex(row[3].file)) && a.said[0] + a.said[1] > 0.999999, "chances add up to one");
	CHECK(a.said[1] > a.said[0], "the second class");
}

const struct test tests[] = {
	{ "table", test_table }, { "prefixes", test_prefixes }, { "bits", test_bits }, { "depth", test_depth }, { "says", test_says }, TESTS_END,
};
