/* The tables of the argument inputs=, opened together, and their columns by name: for model_rows.c and model_apply.c. Class B. */
#ifndef MT_EXEC_BUILTIN_MODEL_TABLES_H
#define MT_EXEC_BUILTIN_MODEL_TABLES_H

#include "exec/builtin/csv.h"

/* Returns how many there are. */
size_t model_tables_open(struct csv table[GUEST_LIST_MAX]);
/* Gives the text and the rows back; the names stay, for features borrow them. */
void model_table_close(struct csv *table);
/* Where each name stands in a table; stops when it is not there. */
void model_columns(const struct csv *c, const struct text *name, size_t count, size_t *column);
/* The argument separator=. */
char model_separator(void);

#endif
