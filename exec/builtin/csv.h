/*
 * Tables from CSV (RFC 4180, with any of LF, CRLF and CR as the end of a row, and a last row with or without one): the first row names the
 * columns, each another. Quoted cells may hold separators, newlines and doubled quotes. Every row has as many cells as the first. A byte
 * order mark in front is skipped; a NUL byte is nothing that a table has.
 *
 * Promises: one pass finds the cells, columns are read out of the text itself, so that many rows never exist as text twice; whatever the
 * bytes are, the reader stops with guest_stop() or gives cells that lie within the text. An empty line is no row. Class B.
 */
#ifndef MT_EXEC_BUILTIN_CSV_H
#define MT_EXEC_BUILTIN_CSV_H

#include "exec/builtin/guest.h"

#define CSV_COLUMNS_MAX 4096
#define CSV_ROWS_MAX (UINT32_C(1) << 28)

struct csv {
	struct text text;               /* must stay */
	char separator;
	size_t columns, rows;           /* rows: without the header */
	struct text *name;              /* columns of them; unquoted, in memory of their own */
	uint32_t *row_at;               /* where each row begins */
};

/*
 * Stops when the text is no table: no header, a name twice, a row of another width, an unclosed quote, a quote inside an unquoted cell, a NUL
 * byte. The separator is no quote and no end of a row.
 */
void csv_open(struct text text, char separator, struct csv *out);
/* Index of a column, SIZE_MAX when there is none. */
size_t csv_column(const struct csv *c, const char *name);
/* As above, and stops when there is none. */
size_t csv_column_need(const struct csv *c, const char *name);
/*
 * Walk the cells of one row, in order: begin with `at` = csv_row(c, row), call `columns` times. *raw is the cell as it stands, *quoted whether
 * its quotes were taken off (doubled quotes are still doubled: csv_unquote()).
 */
uint32_t csv_row(const struct csv *c, size_t row);
struct text csv_cell_next(const struct csv *c, uint32_t *at, bool *quoted);
/* The cell without doubled quotes, written to `out`, which holds raw.size bytes. Returns its size. */
size_t csv_unquote(struct text raw, char *out);
/* Decimal number of a cell: digits, sign, point, exponent, nothing else; finite. An empty cell is NaN: missing. False: no number. */
bool csv_number(struct text cell, double *out);
/* A column of numbers into out[rows]; stops at a cell that is none, naming row and column. Missing cells are NaN where `missing`, else stop. */
void csv_numbers(const struct csv *c, size_t column, bool missing, double *out);
/* Some columns, row by row: out[rows * count]. One pass over the text. */
void csv_matrix(const struct csv *c, const size_t *column, size_t count, bool missing, double *out);

/* A cell of an output: in quotes only where it must be. It was unquoted before. */
void csv_write(FILE *output, char separator, struct text cell);
/* The same for one that is the only one of its row, where nothing at all would be no row. */
void csv_write_single(FILE *output, char separator, struct text cell);

#endif
