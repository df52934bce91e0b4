/*
 * Text of a failure, bounded. Hides nothing. Class B.
 */
#ifndef MT_EXEC_WASM_DETAIL_H
#define MT_EXEC_WASM_DETAIL_H

#include "api/worker.h"
#include "lib/base/base.h"

struct engine_detail {
	char text[WORK_DETAIL_MAX + 1]; /* zero terminated */
};

/* Cut where it is too long. */
__attribute__((format(printf, 2, 3))) void engine_detail_set(struct engine_detail *detail,
							     const char *format, ...);

#endif
