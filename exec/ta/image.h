/*
 * The image of a native application: what an ELF file asks for, decided before anything is mapped. Private to exec/ta.
 *
 * Pure and total: bytes in, a plan out. An image is x86-64 ET_DYN, needs no library, has one undefined symbol at most (ta_syscall), no segment
 * that is writable and executable, no relocation outside writable memory, and exports ta_head and ta_enter (api/tee_syscall.h).
 */
#ifndef MT_TA_IMAGE_H
#define MT_TA_IMAGE_H

#include "api/tee_syscall.h"
#include "lib/base/base.h"

#define IMAGE_PAGE 4096u
#define IMAGE_SIZE_MAX ((size_t)64 << 20)               /* of the file */
#define IMAGE_SPAN_MAX ((uint64_t)256 << 20)            /* of addresses */
#define IMAGE_SEGMENTS_MAX 16
#define IMAGE_ALIGN_MAX ((uint64_t)2 << 20)
#define IMAGE_RELOCATIONS_MAX ((uint64_t)1 << 20)
#define IMAGE_SYMBOLS_MAX ((uint32_t)1 << 16)

enum image_access { IMAGE_EXECUTE = 1, IMAGE_WRITE = 2, IMAGE_READ = 4 };       /* as PF_X, PF_W, PF_R */

/* `size` bytes at `at` from the image's start; the first of them from the file, the rest zero. */
struct image_segment {
	uint64_t at, size, offset, file_size;
	uint32_t access;
};

struct image_plan {
	uint64_t span, align;                                   /* whole pages from the image's start */
	struct image_segment segment[IMAGE_SEGMENTS_MAX];       /* ascending, no page shared */
	size_t segment_count;
	struct { uint64_t at, count; } relocations[2];          /* addresses in the image */
	uint64_t symbols, names, names_size;
	uint64_t readonly_at, readonly_size;                    /* written by relocations alone; whole pages, 0: none */
	uint64_t start_at, start_count;                         /* functions to call first */
	uint64_t enter;
	struct ta_head head;
};

/* Why not: a text of ours, and the name of a symbol where there is one. */
struct image_fault {
	const char *why;
	struct bytes name;
};

/* MT_MALFORMED, with *fault; *out is written on success alone. */
MUST enum mt_err image_decode(struct bytes elf, struct image_plan *out, struct image_fault *fault);

/* What a relocation writes: 8 bytes at `at`; `value` from the image's start, or the address of ta_syscall(). */
struct image_relocation {
	uint64_t at, value;
	bool is_syscall;
};

size_t image_relocation_count(const struct image_plan *plan);
/* Of a decoded image, whose bytes are the same ones: always possible. */
struct image_relocation image_relocation(const struct image_plan *plan, struct bytes elf, size_t index);
/* The bytes of the file at an address of the image; empty: not all of them come from the file. */
struct bytes image_bytes(const struct image_plan *plan, struct bytes elf, uint64_t at, uint64_t size);
/* The segment that has all of it, with at least this access; NULL. */
const struct image_segment *image_segment_of(const struct image_plan *plan, uint64_t at, uint64_t size, uint32_t access);

#endif
