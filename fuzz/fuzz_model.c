/*
 * Model files of the functions that learn. The first byte chooses the kind. What is read, is written again as the same bytes, and predicts
 * a row with holes in it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exec/builtin/gbdt.h"
#include "exec/builtin/model_weights.h"
#include "lib/base/base.h"
#include "test/builtin/test_learning_guest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	enum model_kind kind;
	struct text file;
	char *again;
	size_t again_size;
};

static void model_try(void *with)
{
	static double x[MODEL_FEATURES_MAX];
	struct input *in = with;
	struct gbdt_model trees;
	struct model_weights weights;
	double said[MODEL_LABELS_MAX];

	for (size_t i = 0; i < MODEL_FEATURES_MAX; i++) {
		x[i] = i % 3 == 1 ? (double)NAN : (double)i - 1;
	}
	if (in->kind == MODEL_GBDT) {
		gbdt_decode(in->file, &trees);
		gbdt_predict_row(&trees, x, said);
	} else {
		model_weights_decode(in->file, in->kind, &weights);
		model_weights_predict_row(&weights, x, said);
	}
	FILE *to = open_memstream(&in->again, &in->again_size);
	mt_assert(to);
	if (in->kind == MODEL_GBDT) {
		gbdt_encode(to, &trees);
	} else {
		model_weights_encode(to, &weights);
	}
	fclose(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum model_kind kinds[] = { MODEL_LINEAR, MODEL_LOGISTIC, MODEL_GBDT };
	struct input in = { 0 };

	if (size < 1 || data[0] >= sizeof(kinds) / sizeof(kinds[0])) {
		return 0;
	}
	in.kind = kinds[data[0]];
	in.file = (struct text){ (const char *)data + 1, size - 1 };
	if (guest_try(model_try, &in)) {
		mt_assert(in.again_size == size - 1 && memcmp(in.again, data + 1, size - 1) == 0);
	}
	free(in.again);
	return 0;
}
