/* The kernels as a function: argv[1] names one by its number. */
#include <stdlib.h>

#include "bench/kernels.h"

int main(int argc, char **argv)
{
	volatile uint64_t sink = kernel_run(argc > 1 ? atoi(argv[1]) : 0);

	(void)sink;
	return 0;
}
