#define NUMBER double
#define LANES 4
#define LANES_FIRST 0, 0, 2, 2
#define LANES_SECOND 1, 1, 3, 3
#define NAME product_double

#include "exec/python/product_panels.h"
