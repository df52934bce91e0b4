/* An application's image as anybody could have made it: the decision, and each relocation that follows from it. */
#include "exec/ta/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_plan plan;
	struct image_fault fault = { 0 };
	struct bytes elf = mt_bytes(data, size);

	if (image_decode(elf, &plan, &fault) != MT_OK) {
		mt_assert(fault.why);
		return 0;
	}
	uint64_t before = 0;

	for (size_t i = 0; i < plan.segment_count; i++) {
		const struct image_segment *s = &plan.segment[i];

		mt_assert(s->at / IMAGE_PAGE >= before / IMAGE_PAGE && s->at + s->size <= plan.span && s->file_size <= s->size);
		mt_assert(s->offset <= size && s->file_size <= size - s->offset);
		mt_assert((s->access & (IMAGE_WRITE | IMAGE_EXECUTE)) != (IMAGE_WRITE | IMAGE_EXECUTE));
		before = (s->at + s->size + IMAGE_PAGE - 1) & ~(uint64_t)(IMAGE_PAGE - 1);
	}
	for (size_t i = 0; i < image_relocation_count(&plan); i++) {
		struct image_relocation r = image_relocation(&plan, elf, i);

		mt_assert(image_segment_of(&plan, r.at, sizeof(uint64_t), IMAGE_WRITE) && r.value <= plan.span);
	}
	mt_assert(image_segment_of(&plan, plan.enter, 1, IMAGE_EXECUTE));
	mt_assert(plan.readonly_size == 0 || plan.readonly_at + plan.readonly_size <= plan.span);
	return 0;
}
