/* OP-TEE has strlcpy and others here; the kit has them in string.h. */
#ifndef STRING_EXT_H
#define STRING_EXT_H

#include <string.h>

#endif
