#include "exec/builtin/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- cells ---- */

/* Where a quoted cell ends: the index of its closing quote. `at` is behind the opening one. */
static uint32_t quote_end(const struct csv *c, uint32_t at)
{
	const char *text = c->text.at;

	for (uint32_t i = at; i < c->text.size; i++) {
		if (text[i] != '"') {
			continue;
		}
		if (i + 1 < c->text.size && text[i + 1] == '"') {
			i++;
			continue;
		}
		return i;
	}
	guest_stop("a quote at byte %u is never closed", at);
}

static bool ends_row(char ch)
{
	return ch == '\n' || ch == '\r';
}

/* The cell at *at, which then is behind it and behind its separator; *more: there was one, so another cell follows. */
static struct text cell_take(const struct csv *c, uint32_t *at, bool *quoted, bool *more)
{
	const char *text = c->text.at;
	uint32_t start = *at, end = start, size = (uint32_t)c->text.size;

	*quoted = start < size && text[start] == '"';
	if (*quoted) {
		start++;
		end = quote_end(c, start);
		*at = end + 1;
	} else {
		while (end < size && text[end] != c->separator && !ends_row(text[end])) {
			if (text[end] == '"') {
				guest_stop("a quote inside the cell at byte %u", start);
			}
			end++;
		}
		*at = end;
	}
	*more = *at < size && text[*at] == c->separator;
	if (*more) {
		*at += 1;
	} else if (*at < size && !ends_row(text[*at])) {
		guest_stop("something follows the closing quote at byte %u", end);
	}
	return (struct text){ text + start, end - start };
}

struct text csv_cell_next(const struct csv *c, uint32_t *at, bool *quoted)
{
	bool more;

	return cell_take(c, at, quoted, &more);
}

size_t csv_unquote(struct text raw, char *out)
{
	size_t size = 0;

	for (size_t i = 0; i < raw.size; i++) {
		out[size++] = raw.at[i];
		i += raw.at[i] == '"';          /* the second of two */
	}
	return size;
}

/* ---- rows ---- */

/* Cells from `at` to the end of the row; *next is where the next row begins. */
static size_t row_walk(const struct csv *c, uint32_t at, uint32_t *next)
{
	const char *text = c->text.at;
	size_t count = 0, size = c->text.size;
	bool more = true, quoted;

	while (more) {
		(void)cell_take(c, &at, &quoted, &more);
		if (++count > CSV_COLUMNS_MAX) {
			guest_stop("more than %d columns", CSV_COLUMNS_MAX);
		}
	}
	if (at < size && text[at] == '\r') {
		at++;
		at += at < size && text[at] == '\n';
	} else if (at < size) {
		at++;                           /* LF: nothing else ends a row */
	}
	*next = at;
	return count;
}

static bool row_empty(const struct csv *c, uint32_t at)
{
	return ends_row(c->text.at[at]);
}

/* Past empty lines. */
static uint32_t rows_skip(const struct csv *c, uint32_t at)
{
	while (at < c->text.size && row_empty(c, at)) {
		at++;
	}
	return at;
}

static uint32_t header_take(struct csv *c)
{
	uint32_t at = rows_skip(c, 0), next = 0;
	bool quoted;

	if (at >= c->text.size) {
		guest_stop("the table is empty: its first row names the columns");
	}
	c->columns = row_walk(c, at, &next);
	c->name = guest_alloc(c->columns, sizeof(c->name[0]));
	for (size_t i = 0; i < c->columns; i++) {
		struct text raw = csv_cell_next(c, &at, &quoted);
		char *name = guest_alloc(raw.size + 1, 1);
		c->name[i] = (struct text){ name, quoted ? csv_unquote(raw, name) : raw.size };
		if (!quoted) {
			memcpy(name, raw.at, raw.size);
		}
	}
	return next;
}

void csv_open(struct text text, char separator, struct csv *out)
{
	struct csv c = { .text = text, .separator = separator };
	size_t capacity = 1024;

	if (text.size >= GUEST_INPUT_MAX) {
		guest_stop("the table is larger than %u bytes", GUEST_INPUT_MAX);
	}
	uint32_t at = rows_skip(&c, header_take(&c));
	c.row_at = guest_alloc(capacity, sizeof(c.row_at[0]));
	while (at < text.size) {
		if (c.rows == capacity) {
			capacity *= 2;
			c.row_at = realloc(c.row_at, capacity * sizeof(c.row_at[0]));
			if (!c.row_at || c.rows >= CSV_ROWS_MAX) {
				guest_stop("too many rows, or out of memory");
			}
		}
		c.row_at[c.rows++] = at;
		size_t cells = row_walk(&c, at, &at);
		if (cells != c.columns) {
			guest_stop("row %zu has %zu cells where the header has %zu", c.rows, cells, c.columns);
		}
		at = rows_skip(&c, at);
	}
	*out = c;
}

uint32_t csv_row(const struct csv *c, size_t row)
{
	return c->row_at[row];
}

/* ---- columns ---- */

size_t csv_column(const struct csv *c, const char *name)
{
	for (size_t i = 0; i < c->columns; i++) {
		if (c->name[i].size == strlen(name) && memcmp(c->name[i].at, name, c->name[i].size) == 0) {
			return i;
		}
	}
	return SIZE_MAX;
}

size_t csv_column_need(const struct csv *c, const char *name)
{
	size_t found = csv_column(c, name);

	if (found == SIZE_MAX) {
		guest_stop("the table has no column %s", name);
	}
	return found;
}

bool csv_number(struct text cell, double *out)
{
	char digits[64];
	char *end;

	if (cell.size == 0) {
		*out = NAN;
		return true;
	}
	if (cell.size >= sizeof(digits) || cell.at[0] == ' ' || cell.at[0] == '\t') {
		return false;
	}
	memcpy(digits, cell.at, cell.size);
	digits[cell.size] = 0;
	*out = strtod(digits, &end);
	return end == digits + cell.size && isfinite(*out);
}

void csv_matrix(const struct csv *c, const size_t *column, size_t count, bool missing, double *out)
{
	double *row = guest_alloc(c->columns, sizeof(*row));
	bool *wanted = guest_alloc(c->columns, sizeof(*wanted)), quoted;

	for (size_t i = 0; i < count; i++) {
		wanted[column[i]] = true;
	}
	for (size_t r = 0; r < c->rows; r++) {
		uint32_t at = csv_row(c, r);
		for (size_t i = 0; i < c->columns; i++) {
			struct text cell = csv_cell_next(c, &at, &quoted);
			if (wanted[i] && (!csv_number(cell, &row[i]) || (!missing && isnan(row[i])))) {
				guest_stop("row %zu, column %.*s: %.*s is no number", r + 1, (int)c->name[i].size, c->name[i].at,
					   (int)(cell.size < 40 ? cell.size : 40), cell.at);
			}
		}
		for (size_t i = 0; i < count; i++) {
			out[r * count + i] = row[column[i]];
		}
	}
	free(row);
	free(wanted);
}

void csv_numbers(const struct csv *c, size_t column, bool missing, double *out)
{
	csv_matrix(c, &column, 1, missing, out);
}
