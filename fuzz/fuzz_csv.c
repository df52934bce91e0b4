/*
 * Functions on sets and tables natively: the reader of tables, and every reader of what parties upload to them.
 *
 *   what u8 | input a up to a byte 0xff | input b
 *   what: 0 a table alone, read and written back; 1 intersect, lines, both profiles; 2 intersect, ids of 3 bytes, both; 3 password, both;
 *         4 join; 5 sum; 6 describe
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/builtin/csv.h"
#include "fuzz/ports.h"
#include "test/builtin/double.h"
#include "test/builtin/functions.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define KINDS 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct table {
	struct bytes text;
	char *again; /* written back */
	size_t again_size, rows, columns;
};

/* Reads it, and writes the same cells. */
static int table_copy(void *context)
{
	struct table *t = context;
	struct csv c;

	csv_open((struct text){ (const char *)t->text.at, t->text.size }, ',', &c);
	FILE *out = guest_output("again");
	for (size_t r = 0; r <= c.rows; r++) {
		uint32_t at = r ? csv_row(&c, r - 1) : 0;
		for (size_t i = 0; i < c.columns; i++) {
			bool quoted = false;
			struct text cell = r ? csv_cell_next(&c, &at, &quoted) : c.name[i];
			mt_assert(r == 0 || (cell.at >= c.text.at && cell.at + cell.size <= c.text.at + c.text.size));
			char *plain = malloc(cell.size + 1);
			if (quoted) {
				cell.size = csv_unquote(cell, plain);
				cell.at = plain;
			}
			if (i) {
				putc(',', out);
			}
			if (c.columns == 1) {
				csv_write_single(out, ',', cell);
			} else {
				csv_write(out, ',', cell);
			}
			free(plain);
		}
		putc('\n', out);
	}
	guest_close(out);
	t->rows = c.rows;
	t->columns = c.columns;
	return 0;
}

/* What was written reads as the same table, and is written the same again. A mark in the first name would be skipped: it is left out. */
static void table_try(struct bytes text)
{
	struct table t = { .text = text };

	if (double_run(table_copy, &t) != 0) {
		return;
	}
	struct bytes written = mt_bytes(double_output("again"), double_output_size("again"));
	if (written.size >= 3 && memcmp(written.at, "\xef\xbb\xbf", 3) == 0) {
		return;
	}
	struct bytes rest = written, once = fuzz_block(&rest, written.size);
	struct table twice = { .text = once };
	mt_assert(double_run(table_copy, &twice) == 0);
	mt_assert(twice.rows == t.rows && twice.columns == t.columns);
	mt_assert(mt_equal(once, mt_bytes(double_output("again"), double_output_size("again"))));
	fuzz_free(once);
}

/* Where both ways end well, both give the same. */
static void ways_try(int (*function)(int, char **), const char *const *one, const char *const *other)
{
	if (double_main(function, one) != 0) {
		return;
	}
	struct bytes rest = mt_bytes(double_output("result"), double_output_size("result")),
		     first = fuzz_block(&rest, rest.size);
	mt_assert(double_main(function, other) == 0);
	mt_assert(mt_equal(first, mt_bytes(double_output("result"), double_output_size("result"))));
	fuzz_free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	struct bytes in = mt_bytes(data + 1, size - 1);
	const uint8_t *end = in.size ? memchr(in.at, 0xff, in.size) : NULL;
	struct bytes a = fuzz_block(&in, end ? (size_t)(end - in.at) : in.size);
	if (end) {
		in = mt_bytes(end + 1, in.size - 1);
	}
	struct bytes b = fuzz_block(&in, in.size);

	double_clear();
	double_input("a", a);
	double_input("b", b);
	switch (data[0] % KINDS) {
	case 0:
		table_try(a);
		break;
	case 1:
		ways_try(intersect_main, WORDS("result=members", "line=20"), WORDS("result=members", "profile=hash"));
		break;
	case 2:
		ways_try(intersect_main, WORDS("result=members", "width=3"),
			 WORDS("result=members", "width=3", "profile=hash"));
		break;
	case 3:
		ways_try(password_main, WORDS("profile=oblivious"), WORDS("profile=search"));
		break;
	case 4:
		(void)double_main(join_main, WORDS("on=k", "kind=left", "rows_max=1000"));
		break;
	case 5:
		(void)double_main(sum_main, WORDS("on=k", "value=a.v", "min_count=1"));
		break;
	default:
		(void)double_main(describe_main, WORDS("columns=v", "group_by=k", "min_group=2", "extremes=yes",
						       "histogram=v:-1:9:4", "correlation=yes"));
		break;
	}
	double_clear();
	fuzz_free(a);
	fuzz_free(b);
	return 0;
}
