/*
 * The functions that this build has translated itself: names, and the SHA-256 of each module, which is what a contract
 * names. The build writes the table (exec/native/functions.mk); core and the built-in worker are linked with the same one.
 */
#ifndef MT_API_BUILTIN_H
#define MT_API_BUILTIN_H

#include <stddef.h>
#include <stdint.h>

struct builtin_function {
	const char *name;
	uint8_t hash[32];
};

extern const struct builtin_function builtin_functions[];
extern const size_t builtin_function_count;

#endif
