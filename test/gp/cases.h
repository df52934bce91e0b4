/* The parts of the suite; suite.c puts them together. */
#ifndef GP_CASES_H
#define GP_CASES_H

#include "test/gp/gp.h"

/* Behind its rows, each part says how many they are. */
#define GP_COUNT(part) const size_t gp_count_##part = sizeof(gp_rows_##part) / sizeof(gp_rows_##part[0]);
#define GP_DECLARE(part) \
	extern const struct gp_row gp_rows_##part[]; \
	extern const size_t gp_count_##part;

GP_DECLARE(property)
GP_DECLARE(framework)
GP_DECLARE(memory)
GP_DECLARE(object)
GP_DECLARE(transient)
GP_DECLARE(storage)
GP_DECLARE(walk)
GP_DECLARE(data)
GP_DECLARE(operation)
GP_DECLARE(digest)
GP_DECLARE(cipher)
GP_DECLARE(authenticated)
GP_DECLARE(asymmetric)
GP_DECLARE(arith)
GP_DECLARE(arith_more)

#endif
