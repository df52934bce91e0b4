/* What a box costs over the same C run natively: budget 2 us a call over its work. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "boxed/native/box_native.h"
#include "lib/box/box.h"
#include "port/linux/box_port.h"

#define ROUNDS 5
#define BUDGET_NS 2000

static uint8_t answer[ITEMS_SCRATCH(65536)];

static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void boxed_call(struct box *box, struct bytes input)
{
	size_t size = 0;

	if (box_call(box, BOX_PARSE, input, answer, sizeof(answer), &size) != MT_OK) {
		abort();
	}
}

static void native_call(struct box *box, struct bytes input)
{
	struct answer out;

	(void)box;
	if (box_native_run(BOX_PARSE, input.at, (uint32_t)input.size, &out) != BOX_ANSWERED) {
		abort();
	}
	memcpy(answer, out.at, out.size);
	box_native_free();
}

/* The best of ROUNDS: nanoseconds a call. */
static double measure(void (*call)(struct box *box, struct bytes input), struct box *box, struct bytes input)
{
	size_t calls = 200000 / (input.size / 256 + 1);
	double best = 1e18;

	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ns();

		for (size_t i = 0; i < calls; i++) {
			call(box, input);
		}
		double each = (now_ns() - start) / (double)calls;

		best = each < best ? each : best;
	}
	return best;
}

int main(void)
{
	static uint8_t document[65536];
	static const size_t sizes[] = { 1, 256, 4096, 65536 };
	struct box *box = NULL;
	int over = 0;

	box_port_install();
	if (box_open(&box_cbor, &box) != MT_OK) {
		return 1;
	}
	for (size_t i = 0; i < MT_COUNT(sizes); i++) {
		struct builder b = builder_over(document, sizes[i]);

		if (sizes[i] == 1) {
			cbor_uint(&b, 1);
		} else {
			/* A head of 2 or 3 bytes, and as many small numbers as fill the rest. */
			size_t count = sizes[i] - (sizes[i] > 257 ? 3 : 2);

			cbor_array(&b, count);
			while (b.size < sizes[i] && !b.failed) {
				cbor_uint(&b, 1);
			}
		}
		struct bytes input = mt_bytes(document, sizes[i]);
		double boxed = measure(boxed_call, box, input), native = measure(native_call, NULL, input);

		printf("cbor %6zu bytes: boxed %10.0f ns, native %10.0f ns, difference %8.0f ns\n", sizes[i], boxed,
		       native, boxed - native);
		over += sizes[i] <= 256 && boxed - native > BUDGET_NS;
	}
	box_close(box);
	return over;
}
