/* An ONNX model: its reader, and its whole graph on an input of its own shape, with little memory and few steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "exec/builtin/onnx.h"
#include "fuzz/ports.h"
#include "lib/base/base.h"

#define MEMORY_MAX ((size_t)16 << 20)
#define WORK_MAX (UINT64_C(1) << 20)
#define INPUT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static jmp_buf stopped;

/* What ends a task ends an input. */
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

static void model_try(struct memory *m, struct text wire)
{
	struct onnx onnx;
	struct tensor input, output;

	onnx_open(m, wire, "", &onnx);
	onnx.work_max = WORK_MAX;
	size_t dim[ONNX_RANK_MAX];
	for (size_t a = 0; a < onnx.input->rank; a++) {
		dim[a] = onnx.input->dim[a] ? onnx.input->dim[a] : 1;
	}
	if (shape_count(onnx.input->rank, dim) > INPUT_MAX) {
		return;
	}
	/* Twice: a run must leave the model as it was. */
	for (size_t run = 0; run < 2; run++) {
		tensor_make(m, TENSOR_FLOAT, onnx.input->rank, dim, &input);
		for (size_t i = 0; i < input.count; i++) {
			input.f[i] = (float)(i % 7) - 3;
		}
		size_t before = m->used - input.count * sizeof(float);
		onnx_run(&onnx, &input, &output);
		mt_assert(output.at && output.count == shape_count(output.rank, output.dim));
		memory_drop(m, output.at);
		mt_assert(m->used == before);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory memory;
	struct bytes in = mt_bytes(data, size), block = fuzz_block(&in, size);

	memory = (struct memory){ .max = MEMORY_MAX };
	if (setjmp(stopped) == 0) {
		model_try(&memory, (struct text){ (const char *)block.at, block.size });
	}
	memory_drop_all(&memory);
	fuzz_free(block);
	return 0;
}
