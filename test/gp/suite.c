/* All rows. */
#include "test/gp/cases.h"

struct part {
	const struct gp_row *row;
	const size_t *count;
};

static const struct part parts[] = {
	{ gp_rows_property, &gp_count_property },
	{ gp_rows_framework, &gp_count_framework },
	{ gp_rows_memory, &gp_count_memory },
	{ gp_rows_object, &gp_count_object },
	{ gp_rows_transient, &gp_count_transient },
	{ gp_rows_storage, &gp_count_storage },
	{ gp_rows_walk, &gp_count_walk },
	{ gp_rows_data, &gp_count_data },
	{ gp_rows_operation, &gp_count_operation },
	{ gp_rows_digest, &gp_count_digest },
	{ gp_rows_cipher, &gp_count_cipher },
	{ gp_rows_authenticated, &gp_count_authenticated },
	{ gp_rows_asymmetric, &gp_count_asymmetric },
	{ gp_rows_arith, &gp_count_arith },
	{ gp_rows_arith_more, &gp_count_arith_more },
};

const struct gp_row *gp_row_at(size_t index)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); index -= *parts[i++].count) {
		if (index < *parts[i].count) {
			return &parts[i].row[index];
		}
	}
	return NULL;
}
