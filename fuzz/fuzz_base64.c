/* mt_unbase64 and mt_unhex: what they accept, they write back to the same text. */
#include "lib/base/base.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void base64_try(struct bytes text)
{
	uint8_t *out = mt_alloc(text.size);
	char *again = mt_alloc(text.size + 5);
	size_t size = 0;

	mt_assert(out && again);
	if (mt_unbase64(text, out, text.size, &size) == MT_OK) {
		mt_base64(mt_bytes(out, size), again);
		mt_assert(mt_equal(mt_text(again), text));
		mt_assert(size == 0 || mt_unbase64(text, out, size - 1, &size) == MT_LIMIT);
	}
	mt_free(out);
	mt_free(again);
}

static void hex_try(struct bytes text)
{
	uint8_t *out = mt_alloc(text.size / 2);
	char *again = mt_alloc(text.size + 1);

	mt_assert(out && again);
	if (mt_unhex(text, out, text.size / 2) == MT_OK) {
		mt_hex(mt_bytes(out, text.size / 2), again);
		for (size_t i = 0; i < text.size; i++) {
			mt_assert((text.at[i] | (text.at[i] >= 'A' ? 0x20 : 0)) == again[i]);
		}
	}
	mt_free(out);
	mt_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	base64_try(mt_bytes(data, size));
	hex_try(mt_bytes(data, size));
	return 0;
}
