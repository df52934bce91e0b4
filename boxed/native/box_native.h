/* A boxed program run natively, for fuzzing and benchmarks only: never in an image. */
#ifndef MT_BOX_NATIVE_H
#define MT_BOX_NATIVE_H

#include "boxed/box_abi.h"

/* Run box_main() over a copy of the input. The answer lives until box_native_free(). */
MUST enum box_verdict box_native_run(uint32_t operation, const uint8_t *input, uint32_t size, struct answer *answer);
void box_native_free(void);

#endif
