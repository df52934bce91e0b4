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
		i += raw.at[i] == '"'; /* the second of two */
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
		at++; /* LF: nothing else ends a row */
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

static int name_order(const void *a, const void *b)
{
	const struct text *x = a, *y = b;
	int order = memcmp(x->at, y->at, x->size < y->size ? x->size : y->size);

	return order ? order : (x->size > y->size) - (x->size < y->size);
}

/* Who asks for a column by a name that is there twice would get one of two. */
static void names_check(const struct csv *c)
{
	struct text *sorted = guest_alloc(c->columns, sizeof(*sorted));

	memcpy(sorted, c->name, c->columns * sizeof(*sorted));
	qsort(sorted, c->columns, sizeof(*sorted), name_order);
	for (size_t i = 1; i < c->columns; i++) {
		if (name_order(&sorted[i - 1], &sorted[i]) == 0) {
			guest_stop("two columns have the name %.*s", (int)(sorted[i].size < 40 ? sorted[i].size : 40),
				   sorted[i].at);
		}
	}
	free(sorted);
}

static uint32_t header_take(struct csv *c, size_t begin)
{
	uint32_t at = rows_skip(c, (uint32_t)begin), next = 0;
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
	names_check(c);
	return next;
}

/* What is at the beginning of files from some spreadsheets (RFC 3629, 6), and is no part of the first name. */
static size_t mark_size(struct text text)
{
	return text.size >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

void csv_open(struct text text, char separator, struct csv *out)
{
	struct csv c = { .text = text, .separator = separator };
	size_t capacity = 1024;

	if (text.size >= GUEST_INPUT_MAX) {
		guest_stop("the table is larger than %u bytes", GUEST_INPUT_MAX);
	}
	if (text.size && memchr(text.at, 0, text.size)) {
		guest_stop("the table has a NUL byte");
	}
	uint32_t at = rows_skip(&c, header_take(&c, mark_size(text)));
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

/*
 * [sign] digits [. digits] with at most 15 digits that count: the digits as a whole number and the power of ten are then both exact doubles,
 * and one division rounds once, as strtod does (Clinger 1990). False: not such a number, or none.
 */
static bool number_short(struct text cell, double *out)
{
	static const double power[] = { 1e0, 1e1, 1e2,	1e3,  1e4,  1e5,  1e6,	1e7,
					1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	bool minus = cell.at[0] == '-', point = false;
	size_t digits = 0, behind = 0;
	uint64_t value = 0;

	for (size_t i = minus || cell.at[0] == '+'; i < cell.size; i++) {
		char ch = cell.at[i];
		if (ch == '.' && !point) {
			point = true;
			continue;
		}
		if (ch < '0' || ch > '9' || ++digits > 15) {
			return false;
		}
		value = value * 10 + (uint64_t)(ch - '0');
		behind += point;
	}
	if (digits == 0) {
		return false;
	}
	double magnitude = (double)value / power[behind];
	*out = minus ? -magnitude : magnitude;
	return true;
}

bool csv_number(struct text cell, double *out)
{
	static const char allowed[] = "0123456789+-.eE";
	char digits[64];
	char *end;

	if (cell.size == 0) {
		*out = NAN;
		return true;
	}
	if (number_short(cell, out)) {
		return true;
	}
	if (cell.size >= sizeof(digits)) {
		return false;
	}
	memcpy(digits, cell.at, cell.size);
	digits[cell.size] = 0;
	/* strtod also takes spaces, hexadecimal, infinity and what is not a number. */
	if (strspn(digits, allowed) != cell.size) {
		return false;
	}
	*out = strtod(digits, &end);
	return end == digits + cell.size && isfinite(*out);
}

void csv_matrix(const struct csv *c, const size_t *column, size_t count, bool missing, double *out)
{
	double *row = guest_alloc(c->columns, sizeof(*row));
	bool *wanted = guest_alloc(c->columns, sizeof(*wanted)), quoted;

	if (count && c->rows > SIZE_MAX / sizeof(*out) / count) {
		guest_stop("%zu rows of %zu columns do not fit", c->rows, count);
	}
	for (size_t i = 0; i < count; i++) {
		wanted[column[i]] = true;
	}
	for (size_t r = 0; r < c->rows; r++) {
		uint32_t at = csv_row(c, r);
		for (size_t i = 0; i < c->columns; i++) {
			struct text cell = csv_cell_next(c, &at, &quoted);
			if (wanted[i] && (!csv_number(cell, &row[i]) || (!missing && isnan(row[i])))) {
				guest_stop("row %zu, column %.*s: %.*s is no number", r + 1, (int)c->name[i].size,
					   c->name[i].at, (int)(cell.size < 40 ? cell.size : 40), cell.at);
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

/* ---- writing ---- */

void csv_write(FILE *output, char separator, struct text cell)
{
	bool quotes = false;

	for (size_t i = 0; i < cell.size && !quotes; i++) {
		quotes = cell.at[i] == separator || cell.at[i] == '"' || ends_row(cell.at[i]);
	}
	if (!quotes) {
		fwrite(cell.at, 1, cell.size, output);
		return;
	}
	putc('"', output);
	for (size_t i = 0; i < cell.size; i++) {
		if (cell.at[i] == '"') {
			putc('"', output);
		}
		putc(cell.at[i], output);
	}
	putc('"', output);
}

void csv_write_single(FILE *output, char separator, struct text cell)
{
	if (cell.size == 0) {
		fputs("\"\"", output);
		return;
	}
	csv_write(output, separator, cell);
}
