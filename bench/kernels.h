/* Six compute kernels, the same source natively and in a task. Each returns a checksum. */
#ifndef MT_BENCH_KERNELS_H
#define MT_BENCH_KERNELS_H

#include <stdint.h>

#define KERNELS 6
extern const char *const kernel_name[KERNELS];
uint64_t kernel_run(int kernel);

#endif
