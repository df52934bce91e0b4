/* An image into memory: mapped writable, filled, relocated, then each segment closed to what it asks for. Never both writable and executable. */
#include "exec/ta/ta_private.h"

#include <string.h>
#include <sys/mman.h>

#define PAGES_UP(n) (((n) + IMAGE_PAGE - 1) & ~(uint64_t)(IMAGE_PAGE - 1))

static uint8_t *reserve(uint64_t size)
{
	void *at = mmap(NULL, (size_t)size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* A segment's own pages. */
static bool segment_protect(uint8_t *base, const struct image_segment *s, int protection)
{
	uint64_t start = s->at & ~(uint64_t)(IMAGE_PAGE - 1);

	return mprotect(base + start, (size_t)(PAGES_UP(s->at + s->size) - start), protection) == 0;
}

static int protection_of(uint32_t access)
{
	return (access & IMAGE_READ ? PROT_READ : 0) | (access & IMAGE_WRITE ? PROT_WRITE : 0) | (access & IMAGE_EXECUTE ? PROT_EXEC : 0);
}

static bool segments_fill(struct bytes elf, const struct image_plan *plan, uint8_t *base)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct image_segment *s = &plan->segment[i];

		if (!segment_protect(base, s, PROT_READ | PROT_WRITE)) {
			return false;
		}
		if (s->file_size) {
			memcpy(base + s->at, elf.at + s->offset, (size_t)s->file_size);
		}
	}
	return true;
}

static void relocate(struct bytes elf, const struct image_plan *plan, uint8_t *base)
{
	for (size_t i = 0; i < image_relocation_count(plan); i++) {
		struct image_relocation r = image_relocation(plan, elf, i);
		uint64_t value = r.is_syscall ? (uint64_t)(uintptr_t)&ta_syscall : (uint64_t)(uintptr_t)base + r.value;

		memcpy(base + r.at, &value, sizeof(value));
	}
}

static bool segments_close(const struct image_plan *plan, uint8_t *base)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		if (!segment_protect(base, &plan->segment[i], protection_of(plan->segment[i].access))) {
			return false;
		}
	}
	return plan->readonly_size == 0 || mprotect(base + plan->readonly_at, (size_t)plan->readonly_size, PROT_READ) == 0;
}

/* A page that nobody may touch at either end. */
static bool stack_make(uint32_t wanted, struct loaded *out)
{
	uint64_t size = PAGES_UP(wanted > TA_STACK_MIN ? wanted : TA_STACK_MIN);
	uint8_t *at = reserve(size + 2 * IMAGE_PAGE);

	if (!at || mprotect(at + IMAGE_PAGE, (size_t)size, PROT_READ | PROT_WRITE) != 0) {
		return false;
	}
	out->stack = at + IMAGE_PAGE;
	out->stack_size = (size_t)size;
	return true;
}

/* The head's UUID in RFC 4122's order. */
static bool uuid_is(const struct ta_head *head, const uint8_t uuid[TA_UUID_SIZE])
{
	uint8_t own[TA_UUID_SIZE];
	struct builder b = builder_over(own, sizeof(own));
	struct bytes made;

	builder_u32(&b, head->uuid.time_low);
	builder_u16(&b, head->uuid.time_mid);
	builder_u16(&b, head->uuid.time_high);
	builder_bytes(&b, mt_bytes(head->uuid.rest, sizeof(head->uuid.rest)));
	return builder_done(&b, &made) == MT_OK && mt_equal(made, mt_bytes(uuid, TA_UUID_SIZE));
}

static void reason_give(struct builder *reason, const struct image_fault *fault)
{
	builder_text(reason, fault->why);
	for (size_t i = 0; i < fault->name.size && i < 128; i++) {
		uint8_t c = fault->name.at[i];

		builder_text(reason, i == 0 ? " " : "");
		builder_u8(reason, c > 0x20 && c < 0x7f ? c : '?');
	}
}

enum mt_err load_image(struct bytes elf, const uint8_t uuid[TA_UUID_SIZE], struct loaded *out, struct builder *reason)
{
	struct image_fault fault = { 0 };
	struct loaded made = { 0 };
	enum mt_err err = image_decode(elf, &made.plan, &fault);

	if (err) {
		reason_give(reason, &fault);
		return err;
	}
	if (!uuid_is(&made.plan.head, uuid)) {
		builder_text(reason, "its head has another UUID");
		return MT_DENIED;
	}
	if (made.plan.head.stack_size > TA_STACK_MAX) {
		builder_text(reason, "it wants more stack than there may be");
		return MT_LIMIT;
	}
	uint8_t *at = reserve(made.plan.span + made.plan.align);

	if (!at) {
		builder_text(reason, "no memory");
		return MT_NO_MEMORY;
	}
	made.at = (uint8_t *)(((uintptr_t)at + made.plan.align - 1) & ~(uintptr_t)(made.plan.align - 1));
	if (!segments_fill(elf, &made.plan, made.at)) {
		builder_text(reason, "no memory");
		return MT_NO_MEMORY;
	}
	relocate(elf, &made.plan, made.at);
	if (!segments_close(&made.plan, made.at) || !stack_make(made.plan.head.stack_size, &made)) {
		builder_text(reason, "no memory");
		return MT_NO_MEMORY;
	}
	*out = made;
	return MT_OK;
}
