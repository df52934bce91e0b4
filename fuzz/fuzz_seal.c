/* seal_unwrap: as the bytes come, and with a header that names our root. A blob that we did not wrap does not open. */
#include "lib/seal/seal.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct secret platform = { "platform of the seal fuzzer" };
	struct seal_root root;
	uint8_t *out = mt_alloc(size), *named = mt_copy(mt_bytes(data, size));

	mt_assert(out && named);
	seal_root_derive(&platform, mt_text("measurement"), mt_text("policy"), &root);
	mt_assert(seal_unwrap(&root, "fuzz", mt_text("context"), mt_bytes(data, size), out) != MT_OK);
	if (size >= SEAL_HEADER_SIZE) {
		memcpy(named, "MTSEAL\1\0", 8);
		memcpy(named + 8, root.id, sizeof(root.id));
		enum mt_err err = seal_unwrap(&root, "fuzz", mt_text("context"), mt_bytes(named, size), out);
		mt_assert(err == (size < SEAL_OVERHEAD ? MT_MALFORMED : MT_TAMPERED));
	}
	mt_free(named);
	mt_free(out);
	return 0;
}
