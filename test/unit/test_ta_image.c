/* The ELF loader's decision (exec/ta/image.h), from a real image that is damaged in one place each time. */
#include "exec/ta/image.h"
#include "test/ta/try.h"
#include "test/test.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint8_t image[65536], damaged[65536];
static size_t image_size;

static bool image_read(void)
{
	char self[512], path[600];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = 0;
	*strrchr(self, '/') = 0;
	snprintf(path, sizeof(path), "%s/ta/try.so", self);
	FILE *f = fopen(path, "r");

	image_size = f ? fread(image, 1, sizeof(image), f) : 0;
	if (f) {
		fclose(f);
	}
	return CHECK(image_size > 1000 && image_size < sizeof(image), path);
}

/* ---- where things are in the copy that is damaged ---- */

static Elf64_Ehdr *header(void)
{
	return (Elf64_Ehdr *)(void *)damaged;
}

static Elf64_Phdr *program(uint32_t type, size_t which)
{
	Elf64_Phdr *p = (Elf64_Phdr *)(void *)(damaged + header()->e_phoff);

	for (size_t i = 0; i < header()->e_phnum; i++) {
		if (p[i].p_type == type && which-- == 0) {
			return &p[i];
		}
	}
	abort();
}

static Elf64_Phdr *load_with(uint32_t flags)
{
	size_t i = 0;

	while (program(PT_LOAD, i)->p_flags != flags) {
		i++;
	}
	return program(PT_LOAD, i);
}

static Elf64_Dyn *dynamic(int64_t tag)
{
	Elf64_Dyn *d = (Elf64_Dyn *)(void *)(damaged + program(PT_DYNAMIC, 0)->p_offset);

	while (d->d_tag != tag) {
		d++;
	}
	return d;
}

static uint8_t *at(uint64_t address)
{
	for (size_t i = 0;; i++) {
		const Elf64_Phdr *p = program(PT_LOAD, i);

		if (address >= p->p_vaddr && address < p->p_vaddr + p->p_filesz) {
			return damaged + p->p_offset + (address - p->p_vaddr);
		}
	}
}

static Elf64_Rela *relocation(uint32_t type)
{
	static const int64_t tables[] = { DT_RELA, DT_JMPREL }, sizes[] = { DT_RELASZ, DT_PLTRELSZ };

	for (size_t t = 0; t < 2; t++) {
		Elf64_Rela *r = (Elf64_Rela *)(void *)at(dynamic(tables[t])->d_un.d_val);

		for (size_t i = 0; i < dynamic(sizes[t])->d_un.d_val / sizeof(*r); i++) {
			if (ELF64_R_TYPE(r[i].r_info) == type) {
				return &r[i];
			}
		}
	}
	abort();
}

static char *name(const char *text)
{
	char *names = (char *)at(dynamic(DT_STRTAB)->d_un.d_val);

	for (size_t i = 0; i < dynamic(DT_STRSZ)->d_un.d_val; i++) {
		if (strcmp(names + i, text) == 0) {
			return names + i;
		}
	}
	abort();
}

static Elf64_Sym *symbol(const char *text)
{
	Elf64_Sym *s = (Elf64_Sym *)(void *)at(dynamic(DT_SYMTAB)->d_un.d_val);
	const char *names = (const char *)at(dynamic(DT_STRTAB)->d_un.d_val);

	while (strcmp(names + s->st_name, text) != 0) {
		s++;
	}
	return s;
}

/* A tag that says nothing here becomes another one. */
static void tag(int64_t becomes)
{
	dynamic(DT_RELACOUNT)->d_tag = becomes;
}

/* ---- one damage each ---- */

static void magic(void) { damaged[0] = 0; }
static void class_32(void) { header()->e_ident[EI_CLASS] = ELFCLASS32; }
static void big_endian(void) { header()->e_ident[EI_DATA] = ELFDATA2MSB; }
static void machine(void) { header()->e_machine = EM_AARCH64; }
static void executable(void) { header()->e_type = ET_EXEC; }
static void entry_size(void) { header()->e_phentsize = 32; }
static void many_headers(void) { header()->e_phnum = 65; }
static void headers_away(void) { header()->e_phoff = UINT64_MAX - 8; }
static void more_file(void) { load_with(PF_R | PF_W)->p_memsz = 8; }
static void not_there(void) { load_with(PF_R | PF_X)->p_offset = image_size; }
static void not_there_wrapped(void) { load_with(PF_R | PF_X)->p_filesz = UINT64_MAX - 0x100; }
static void far_away(void) { load_with(PF_R | PF_W)->p_vaddr = UINT64_C(1) << 40; }
static void far_wrapped(void) { load_with(PF_R | PF_W)->p_memsz = UINT64_MAX - 0x1000; }
static void write_execute(void) { load_with(PF_R | PF_X)->p_flags |= PF_W; }
static void same_page(void) { load_with(PF_R | PF_X)->p_vaddr = 0x10; }
static void alignment(void) { load_with(PF_R | PF_X)->p_align = 3; }
static void alignment_huge(void) { load_with(PF_R | PF_X)->p_align = UINT64_C(1) << 40; }
static void no_dynamic(void) { program(PT_DYNAMIC, 0)->p_type = PT_NULL; }
static void dynamic_away(void) { program(PT_DYNAMIC, 0)->p_vaddr = 0x10000000; }
static void tls(void) { program(PT_GNU_STACK, 0)->p_type = PT_TLS; }
static void needed(void) { tag(DT_NEEDED); }
static void text_relocations(void) { tag(DT_TEXTREL); }
static void rel(void) { tag(DT_REL); }
static void relr(void) { tag(36); }
static void init(void) { tag(DT_INIT); }
static void symbol_size(void) { dynamic(DT_SYMENT)->d_un.d_val = 16; }
static void relocation_size(void) { dynamic(DT_RELAENT)->d_un.d_val = 16; }
static void relocation_kind(void) { dynamic(DT_PLTREL)->d_un.d_val = DT_REL; }
static void no_names(void) { dynamic(DT_STRSZ)->d_un.d_val = 0; }
static void names_long(void) { dynamic(DT_STRSZ)->d_un.d_val = UINT64_MAX; }
static void relocations_long(void) { dynamic(DT_RELASZ)->d_un.d_val = UINT64_C(24) << 30; }
static void relocations_odd(void) { dynamic(DT_RELASZ)->d_un.d_val += 1; }
static void relocations_away(void) { dynamic(DT_RELA)->d_un.d_val = 0x7000000; }
static void no_hash(void) { dynamic(DT_GNU_HASH)->d_tag = 0x60000001; }
static void no_buckets(void) { memset(at(dynamic(DT_GNU_HASH)->d_un.d_val), 0, 4); }
static void symbols_away(void) { dynamic(DT_SYMTAB)->d_un.d_val = 0x7000000; }
static void start_odd(void) { dynamic(DT_INIT_ARRAYSZ)->d_un.d_val = 7; }
static void start_away(void) { dynamic(DT_INIT_ARRAY)->d_un.d_val = 0x7000000; }
static void indirect(void) { relocation(R_X86_64_RELATIVE)->r_info = R_X86_64_IRELATIVE; }
static void target_away(void) { relocation(R_X86_64_RELATIVE)->r_offset = UINT64_MAX - 3; }
static void target_code(void) { relocation(R_X86_64_RELATIVE)->r_offset = load_with(PF_R | PF_X)->p_vaddr; }
static void value_away(void) { relocation(R_X86_64_RELATIVE)->r_addend = 1 << 30; }
static void value_below(void) { relocation(R_X86_64_RELATIVE)->r_addend = -1; }
static void symbol_away(void) { relocation(R_X86_64_JUMP_SLOT)->r_info = ELF64_R_INFO(UINT32_MAX, R_X86_64_JUMP_SLOT); }
static void undefined(void) { name("ta_syscall")[3] = 'x'; }
static void syscall_moved(void) { relocation(R_X86_64_JUMP_SLOT)->r_addend = 4; }
static void indirect_symbol(void)
{
	symbol("ta_syscall")->st_shndx = 1;
	symbol("ta_syscall")->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC);
}
static void no_head(void) { name("ta_head")[3] = 'x'; }
static void no_enter(void) { name("ta_enter")[3] = 'x'; }
static void head_away(void) { symbol("ta_head")->st_value = UINT64_MAX - 16; }
static void enter_data(void) { symbol("ta_enter")->st_value = symbol("ta_head")->st_value; }

static const struct {
	const char *why;
	void (*damage)(void);
	const char *says;
} rows[] = {
	{ "magic", magic, "no ELF" }, { "32 bits", class_32, "x86-64" }, { "big endian", big_endian, "x86-64" }, { "machine", machine, "x86-64" },
	{ "not shared", executable, "x86-64" }, { "entry size", entry_size, "program headers" }, { "headers", many_headers, "program headers" },
	{ "headers away", headers_away, "not in the file" }, { "more file than memory", more_file, "not in the file" },
	{ "segment past the end", not_there, "not in the file" }, { "segment size wraps", not_there_wrapped, "not in the file" },
	{ "segment far away", far_away, "far away" }, { "segment wraps", far_wrapped, "far away" }, { "W^X", write_execute, "writable and executable" },
	{ "pages shared", same_page, "share a page" }, { "alignment", alignment, "alignment" }, { "huge alignment", alignment_huge, "alignment" },
	{ "no dynamic section", no_dynamic, "dynamic" }, { "dynamic section away", dynamic_away, "dynamic" }, { "TLS", tls, "thread-local" },
	{ "library", needed, "library" }, { "DT_TEXTREL", text_relocations, "in code" }, { "DT_REL", rel, "another kind" },
	{ "DT_RELR", relr, "another kind" }, { "DT_INIT", init, "_init" }, { "symbol size", symbol_size, "another size" },
	{ "relocation size", relocation_size, "another size" }, { "relocation kind", relocation_kind, "another kind" }, { "no names", no_names, "symbols" },
	{ "names too long", names_long, "symbols" }, { "relocations too long", relocations_long, "too many" },
	{ "half a relocation", relocations_odd, "too many" }, { "relocations away", relocations_away, "not in the image" },
	{ "no hash", no_hash, "hash-style" }, { "no buckets", no_buckets, "damaged" }, { "symbols away", symbols_away, "damaged" },
	{ "half a start function", start_odd, "start" }, { "start functions away", start_away, "start" }, { "IRELATIVE", indirect, "not known" },
	{ "target away", target_away, "outside" }, { "target in code", target_code, "outside" }, { "value away", value_away, "points out" },
	{ "value below", value_below, "points out" }, { "symbol away", symbol_away, "not in the image" }, { "undefined", undefined, "undefined" },
	{ "behind ta_syscall", syscall_moved, "undefined" }, { "IFUNC", indirect_symbol, "not known" }, { "no ta_head", no_head, "does not export" },
	{ "no ta_enter", no_enter, "does not export" }, { "ta_head away", head_away, "ta_head" }, { "ta_enter is data", enter_data, "no code" },
};

static enum mt_err decode(size_t size, struct image_plan *plan, struct image_fault *fault)
{
	/* Without test_alloc(): thousands of them. */
	uint8_t *own = malloc(size ? size : 1);

	memcpy(own, damaged, size);
	enum mt_err err = image_decode(mt_bytes(own, size), plan, fault);

	for (size_t i = 0; !err && i < image_relocation_count(plan); i++) {
		struct image_relocation r = image_relocation(plan, mt_bytes(own, size), i);

		CHECK(image_segment_of(plan, r.at, 8, IMAGE_WRITE) && r.value <= plan->span, "a relocation of an image that is taken");
	}
	free(own);
	return err;
}

static void test_good(void)
{
	static const struct ta_head want = { .uuid = TRY_UUID };
	struct image_plan plan;
	struct image_fault fault;

	if (!image_read()) {
		return;
	}
	memcpy(damaged, image, image_size);
	CHECK(decode(image_size, &plan, &fault) == MT_OK, "as it is");
	CHECK(memcmp(&plan.head.uuid, &want.uuid, sizeof(want.uuid)) == 0 && plan.head.stack_size == TRY_STACK, "its head");
	CHECK(plan.segment_count >= 3 && plan.start_count == 1 && plan.readonly_size > 0, "its parts");
}

static void test_damaged(void)
{
	struct image_plan plan;
	struct image_fault fault;

	if (!image_read()) {
		return;
	}
	for (size_t i = 0; i < MT_COUNT(rows); i++) {
		memcpy(damaged, image, image_size);
		rows[i].damage();
		fault = (struct image_fault){ .why = "" };
		CHECK(decode(image_size, &plan, &fault) == MT_MALFORMED, rows[i].why);
		if (!CHECK(strstr(fault.why, rows[i].says), rows[i].why)) {
			printf("  it says: %s\n", fault.why);
		}
	}
}

/* What lies behind the last segment's bytes (sections, for debuggers) may be missing; nothing before. */
static void test_prefixes(void)
{
	struct image_plan plan;
	struct image_fault fault;
	size_t end = 0;

	if (!image_read()) {
		return;
	}
	memcpy(damaged, image, image_size);
	CHECK(decode(image_size, &plan, &fault) == MT_OK, "whole");
	for (size_t i = 0; i < plan.segment_count; i++) {
		size_t to = (size_t)(plan.segment[i].offset + plan.segment[i].file_size);

		end = to > end ? to : end;
	}
	for (size_t n = 0; n < end; n++) {
		CHECK(decode(n, &plan, &fault) == MT_MALFORMED, "every prefix");
	}
	CHECK(decode(end, &plan, &fault) == MT_OK, "no byte more is needed");
}

static void test_random(void)
{
	struct image_plan plan;
	struct image_fault fault;
	uint32_t seed = 1;
	size_t good = 0;

	if (!image_read()) {
		return;
	}
	for (size_t round = 0; round < 20000; round++) {
		memcpy(damaged, image, image_size);
		for (size_t i = 0; i < 1 + round % 4; i++) {
			seed = seed * 1664525 + 1013904223;
			/* Mostly where headers, symbols and relocations are. */
			size_t where = (seed >> 8) % (round % 3 ? 0x800 : image_size);
			damaged[where] = (uint8_t)(seed >> 4);
		}
		good += decode(image_size, &plan, &fault) == MT_OK;
	}
	CHECK(good > 100 && good < 20000, "some still are images");
}

const struct test tests[] = {
	{ "good", test_good },
	{ "damaged", test_damaged },
	{ "prefixes", test_prefixes },
	{ "random", test_random },
	TESTS_END,
};
