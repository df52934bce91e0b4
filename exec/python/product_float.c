#define NUMBER float
#define LANES 8
#define LANES_FIRST 0, 0, 2, 2, 4, 4, 6, 6
#define LANES_SECOND 1, 1, 3, 3, 5, 5, 7, 7
#define NAME product_float

#include "exec/python/product_panels.h"
