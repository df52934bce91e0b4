/* ELF (System V ABI, chapters 4 and 5, and its AMD64 supplement), as far as an application may use it. */
#include "exec/ta/image.h"

#include <elf.h>
#include <string.h>

struct decoder {
	struct bytes elf;
	struct image_plan *plan;
	struct image_fault *fault;
};

/* What PT_DYNAMIC says; addresses. */
struct dynamic {
	uint64_t names, names_size, symbols, hash, relocations, relocations_size, jumps, jumps_size, start, start_size;
};

static bool fail(struct decoder *d, const char *why)
{
	*d->fault = (struct image_fault){ .why = why };
	return false;
}

static bool fail_name(struct decoder *d, const char *why, struct bytes name)
{
	*d->fault = (struct image_fault){ .why = why, .name = name };
	return false;
}

static bool file_copy(struct bytes elf, uint64_t offset, void *out, size_t size)
{
	if (offset > elf.size || size > elf.size - offset) {
		return false;
	}
	memcpy(out, elf.at + offset, size);
	return true;
}

const struct image_segment *image_segment_of(const struct image_plan *plan, uint64_t at, uint64_t size, uint32_t access)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct image_segment *s = &plan->segment[i];

		if (at >= s->at && at - s->at <= s->size && size <= s->size - (at - s->at)) {
			return (s->access & access) == access ? s : NULL;
		}
	}
	return NULL;
}

struct bytes image_bytes(const struct image_plan *plan, struct bytes elf, uint64_t at, uint64_t size)
{
	const struct image_segment *s = image_segment_of(plan, at, size, IMAGE_READ);
	uint64_t into = s ? at - s->at : 0;

	if (!s || into > s->file_size || size > s->file_size - into) {
		return mt_bytes(NULL, 0);
	}
	return mt_bytes(elf.at + s->offset + into, (size_t)size);
}

static bool image_copy(const struct decoder *d, uint64_t at, void *out, size_t size)
{
	struct bytes b = image_bytes(d->plan, d->elf, at, size);

	if (b.size != size) {
		return false;
	}
	memcpy(out, b.at, size);
	return true;
}

/* ---- header and segments ---- */

static bool header_take(struct decoder *d, Elf64_Ehdr *h)
{
	if (d->elf.size > IMAGE_SIZE_MAX || !file_copy(d->elf, 0, h, sizeof(*h)) || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0) {
		return fail(d, "no ELF file, or too large");
	}
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != EM_X86_64 || h->e_type != ET_DYN ||
	    h->e_version != EV_CURRENT) {
		return fail(d, "not a shared object for x86-64");
	}
	if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum > 64) {
		return fail(d, "program headers of another size, or too many");
	}
	return true;
}

static bool segment_add(struct decoder *d, const Elf64_Phdr *p)
{
	struct image_plan *plan = d->plan;
	/* Whole pages: what lies behind a segment's end in its last page is the segment's. */
	uint64_t start = p->p_vaddr & ~(uint64_t)(IMAGE_PAGE - 1), end = p->p_vaddr + p->p_memsz;

	if (p->p_memsz == 0) {
		return true;
	}
	if (plan->segment_count == IMAGE_SEGMENTS_MAX) {
		return fail(d, "too many segments");
	}
	if (p->p_offset > d->elf.size || p->p_filesz > d->elf.size - p->p_offset || p->p_filesz > p->p_memsz) {
		return fail(d, "a segment is not in the file");
	}
	if (p->p_vaddr > IMAGE_SPAN_MAX || p->p_memsz > IMAGE_SPAN_MAX - p->p_vaddr) {
		return fail(d, "a segment is too far away");
	}
	if (start < plan->span) {
		return fail(d, "segments share a page, or do not ascend");
	}
	if ((p->p_flags & PF_W) && (p->p_flags & PF_X)) {
		return fail(d, "a segment is writable and executable");
	}
	if (p->p_align > IMAGE_ALIGN_MAX || (p->p_align & (p->p_align - 1))) {
		return fail(d, "a segment's alignment");
	}
	plan->align = p->p_align > plan->align ? p->p_align : plan->align;
	plan->span = (end + IMAGE_PAGE - 1) & ~(uint64_t)(IMAGE_PAGE - 1);
	plan->segment[plan->segment_count++] = (struct image_segment){
		.at = p->p_vaddr, .size = p->p_memsz, .offset = p->p_offset, .file_size = p->p_filesz,
		.access = p->p_flags & (IMAGE_READ | IMAGE_WRITE | IMAGE_EXECUTE),
	};
	return true;
}

/*
 * What glibc leaves read-only: whole pages, downwards at both ends, for the last one is shared with what stays writable. Only what is writable in any
 * case is made less so; the plan holds the plain numbers before.
 */
static void readonly_set(struct image_plan *plan)
{
	uint64_t at = plan->readonly_at & ~(uint64_t)(IMAGE_PAGE - 1);
	const struct image_segment *s = image_segment_of(plan, plan->readonly_at, 1, IMAGE_READ | IMAGE_WRITE);

	if (!s || plan->readonly_size > s->size - (plan->readonly_at - s->at)) {
		plan->readonly_size = 0;
		return;
	}
	uint64_t end = (plan->readonly_at + plan->readonly_size) & ~(uint64_t)(IMAGE_PAGE - 1);

	plan->readonly_at = at;
	plan->readonly_size = end > at ? end - at : 0;
}

static bool segments_take(struct decoder *d, const Elf64_Ehdr *h, Elf64_Phdr *dynamic)
{
	bool have = false;

	d->plan->align = IMAGE_PAGE;
	for (size_t i = 0; i < h->e_phnum; i++) {
		Elf64_Phdr p;

		if (h->e_phoff > d->elf.size || !file_copy(d->elf, h->e_phoff + i * sizeof(p), &p, sizeof(p))) {
			return fail(d, "a program header is not in the file");
		}
		if (p.p_type == PT_LOAD && !segment_add(d, &p)) {
			return false;
		}
		if (p.p_type == PT_TLS) {
			return fail(d, "thread-local variables");
		}
		if (p.p_type == PT_GNU_RELRO) {
			d->plan->readonly_at = p.p_vaddr;
			d->plan->readonly_size = p.p_memsz;
		}
		if (p.p_type == PT_DYNAMIC) {
			*dynamic = p;
			have = true;
		}
	}
	readonly_set(d->plan);
	return have || fail(d, "no dynamic section");
}

/* ---- the dynamic section ---- */

static bool dynamic_entry(struct decoder *d, const Elf64_Dyn *e, struct dynamic *out)
{
	uint64_t v = e->d_un.d_val;

	switch (e->d_tag) {
	case DT_STRTAB: out->names = v; return true;
	case DT_STRSZ: out->names_size = v; return true;
	case DT_SYMTAB: out->symbols = v; return true;
	case DT_GNU_HASH: out->hash = v; return true;
	case DT_RELA: out->relocations = v; return true;
	case DT_RELASZ: out->relocations_size = v; return true;
	case DT_JMPREL: out->jumps = v; return true;
	case DT_PLTRELSZ: out->jumps_size = v; return true;
	case DT_INIT_ARRAY: out->start = v; return true;
	case DT_INIT_ARRAYSZ: out->start_size = v; return true;
	case DT_SYMENT: return v == sizeof(Elf64_Sym) || fail(d, "symbols of another size");
	case DT_RELAENT: return v == sizeof(Elf64_Rela) || fail(d, "relocations of another size");
	case DT_PLTREL: return v == DT_RELA || fail(d, "relocations of another kind");
	case DT_NEEDED: return fail(d, "it needs a library");
	case DT_TEXTREL: return fail(d, "relocations in code");
	case DT_REL: case 36 /* DT_RELR */: return fail(d, "relocations of another kind");
	case DT_INIT: return fail(d, "an _init() function: link with -nostartfiles");
	default: return true;
	}
}

static bool relocations_set(struct decoder *d, size_t which, uint64_t at, uint64_t size)
{
	if (size % sizeof(Elf64_Rela) || size / sizeof(Elf64_Rela) > IMAGE_RELOCATIONS_MAX) {
		return fail(d, "too many relocations");
	}
	if (size && image_bytes(d->plan, d->elf, at, size).size != size) {
		return fail(d, "relocations are not in the image");
	}
	d->plan->relocations[which].at = at;
	d->plan->relocations[which].count = size / sizeof(Elf64_Rela);
	return true;
}

static bool dynamic_take(struct decoder *d, const Elf64_Phdr *p, struct dynamic *out)
{
	Elf64_Dyn e;
	size_t i = 0;

	do {
		if (i >= 256 || p->p_vaddr > IMAGE_SPAN_MAX || !image_copy(d, p->p_vaddr + i++ * sizeof(e), &e, sizeof(e))) {
			return fail(d, "the dynamic section has no end");
		}
		if (!dynamic_entry(d, &e, out)) {
			return false;
		}
	} while (e.d_tag != DT_NULL);

	if (!out->hash || !out->symbols || image_bytes(d->plan, d->elf, out->names, out->names_size).size != out->names_size ||
	    out->names_size == 0) {
		return fail(d, "no symbols: link with --hash-style=gnu");
	}
	d->plan->symbols = out->symbols;
	d->plan->names = out->names;
	d->plan->names_size = out->names_size;
	if (out->start_size % sizeof(uint64_t) || (out->start_size && !image_segment_of(d->plan, out->start, out->start_size, IMAGE_READ))) {
		return fail(d, "start functions are not in the image");
	}
	d->plan->start_at = out->start;
	d->plan->start_count = out->start_size / sizeof(uint64_t);
	return relocations_set(d, 0, out->relocations, out->relocations_size) && relocations_set(d, 1, out->jumps, out->jumps_size);
}

/* ---- symbols ---- */

static bool symbol_take(const struct image_plan *plan, struct bytes elf, uint32_t index, Elf64_Sym *out)
{
	struct bytes b = image_bytes(plan, elf, plan->symbols + (uint64_t)index * sizeof(*out), sizeof(*out));

	if (b.size != sizeof(*out)) {
		return false;
	}
	memcpy(out, b.at, sizeof(*out));
	return true;
}

/* Empty: it has none that ends. */
static struct bytes symbol_name(const struct image_plan *plan, struct bytes elf, const Elf64_Sym *symbol)
{
	struct bytes names = image_bytes(plan, elf, plan->names, plan->names_size);

	if (symbol->st_name >= names.size) {
		return mt_bytes(NULL, 0);
	}
	const uint8_t *at = names.at + symbol->st_name, *end = memchr(at, 0, names.size - symbol->st_name);

	return end ? mt_bytes(at, (size_t)(end - at)) : mt_bytes(NULL, 0);
}

static uint32_t name_hash(const char *name)
{
	uint32_t h = 5381;

	for (; *name; name++) {
		h = h * 33 + (uint8_t)*name;
	}
	return h;
}

/* One exported symbol, by the table that GNU's linkers write (DT_GNU_HASH). */
static bool symbol_find(struct decoder *d, uint64_t table, const char *name, Elf64_Sym *out)
{
	uint32_t head[4], index = 0, link = 0, hash = name_hash(name);

	if (!image_copy(d, table, head, sizeof(head)) || head[0] == 0) {
		return fail(d, "the table of symbols is damaged");
	}
	uint64_t buckets = table + sizeof(head) + (uint64_t)head[2] * 8, links = buckets + (uint64_t)head[0] * 4;

	if (!image_copy(d, buckets + (uint64_t)(hash % head[0]) * 4, &index, sizeof(index))) {
		return fail(d, "the table of symbols is damaged");
	}
	for (uint32_t tried = 0; index >= head[1] && tried < IMAGE_SYMBOLS_MAX && !(link & 1); tried++, index++) {
		if (!image_copy(d, links + (uint64_t)(index - head[1]) * 4, &link, sizeof(link)) || !symbol_take(d->plan, d->elf, index, out)) {
			return fail(d, "the table of symbols is damaged");
		}
		if ((link | 1) == (hash | 1) && out->st_shndx != SHN_UNDEF && out->st_shndx != SHN_ABS &&
		    mt_equal(symbol_name(d->plan, d->elf, out), mt_text(name))) {
			return true;
		}
	}
	return fail_name(d, "it does not export", mt_text(name));
}

static bool exports_take(struct decoder *d, uint64_t table)
{
	Elf64_Sym head, enter;

	if (!symbol_find(d, table, "ta_head", &head) || !symbol_find(d, table, "ta_enter", &enter)) {
		return false;
	}
	if (!image_copy(d, head.st_value, &d->plan->head, sizeof(d->plan->head))) {
		return fail(d, "ta_head is not in the file");
	}
	if (!image_segment_of(d->plan, enter.st_value, 1, IMAGE_EXECUTE)) {
		return fail(d, "ta_enter is no code");
	}
	d->plan->enter = enter.st_value;
	return true;
}

/* ---- relocations ---- */

static bool symbol_value(struct decoder *d, const Elf64_Rela *r, struct image_relocation *out)
{
	Elf64_Sym symbol;

	if (!symbol_take(d->plan, d->elf, (uint32_t)ELF64_R_SYM(r->r_info), &symbol)) {
		return fail(d, "a relocation's symbol is not in the image");
	}
	if (symbol.st_shndx == SHN_UNDEF) {
		struct bytes name = symbol_name(d->plan, d->elf, &symbol);

		out->is_syscall = true;
		return (mt_equal(name, mt_text("ta_syscall")) && r->r_addend == 0) || fail_name(d, "an undefined symbol:", name);
	}
	if (symbol.st_shndx == SHN_ABS || ELF64_ST_TYPE(symbol.st_info) == STT_TLS || ELF64_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC) {
		return fail_name(d, "a symbol of a kind that is not known:", symbol_name(d->plan, d->elf, &symbol));
	}
	out->value = symbol.st_value + (uint64_t)r->r_addend;
	return true;
}

static bool relocation_take(struct decoder *d, const Elf64_Rela *r, struct image_relocation *out)
{
	*out = (struct image_relocation){ .at = r->r_offset };
	switch (ELF64_R_TYPE(r->r_info)) {
	case R_X86_64_RELATIVE:
		out->value = (uint64_t)r->r_addend;
		break;
	case R_X86_64_64:
	case R_X86_64_GLOB_DAT:
	case R_X86_64_JUMP_SLOT:
		if (!symbol_value(d, r, out)) {
			return false;
		}
		break;
	default:
		return fail(d, "a relocation of a kind that is not known");
	}
	if (out->value > d->plan->span) {
		return fail(d, "a relocation points out of the image");
	}
	return image_segment_of(d->plan, out->at, sizeof(uint64_t), IMAGE_WRITE) || fail(d, "a relocation outside writable memory");
}

size_t image_relocation_count(const struct image_plan *plan)
{
	return (size_t)(plan->relocations[0].count + plan->relocations[1].count);
}

static bool relocation_read(struct decoder *d, size_t index, struct image_relocation *out)
{
	const struct image_plan *plan = d->plan;
	size_t first = (size_t)plan->relocations[0].count, which = index >= first;
	Elf64_Rela r;

	return (image_copy(d, plan->relocations[which].at + (index - which * first) * sizeof(r), &r, sizeof(r)) ||
		fail(d, "relocations are not in the image")) &&
	       relocation_take(d, &r, out);
}

struct image_relocation image_relocation(const struct image_plan *plan, struct bytes elf, size_t index)
{
	struct image_fault fault;
	struct image_plan own = *plan;
	struct decoder d = { .elf = elf, .plan = &own, .fault = &fault };
	struct image_relocation out;
	bool good = relocation_read(&d, index, &out);

	mt_assert(good);
	return out;
}

static bool relocations_check(struct decoder *d)
{
	struct image_relocation r;

	for (size_t i = 0; i < image_relocation_count(d->plan); i++) {
		if (!relocation_read(d, i, &r)) {
			return false;
		}
	}
	return true;
}

enum mt_err image_decode(struct bytes elf, struct image_plan *out, struct image_fault *fault)
{
	struct image_plan plan = { 0 };
	struct decoder d = { .elf = elf, .plan = &plan, .fault = fault };
	struct dynamic dynamic = { 0 };
	Elf64_Ehdr header;
	Elf64_Phdr place;

	if (!header_take(&d, &header) || !segments_take(&d, &header, &place) || !dynamic_take(&d, &place, &dynamic) ||
	    !exports_take(&d, dynamic.hash) || !relocations_check(&d)) {
		return MT_MALFORMED;
	}
	*out = plan;
	return MT_OK;
}
