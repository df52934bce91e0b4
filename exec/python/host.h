/*
 * What the host does in CPython's stead, where a processor has instructions that WebAssembly has not: the innermost loop of OpenBLAS's
 * matrix products, and the blocks of hashlib's SHA functions. tools/python-host puts the questions into the interpreter.
 *
 * Lengths, integers and numbers only. Every address and size is checked against the guest's memory at each call, and that memory is all that is
 * read or written. No state, no allocation. A call is as long as the guest's own loop over the same arguments: what ends it is the process's
 * deadline. Hides: the kernels. Class B. Thread-safe where memories are not shared.
 */
#ifndef MT_EXEC_PYTHON_HOST_H
#define MT_EXEC_PYTHON_HOST_H

#include <stdint.h>

/* The arguments lie in the guest's memory, eight bytes each, little endian, in this order. */
enum host_function {
	HOST_PRODUCT_DOUBLE = 1,        /* rows, columns, depth, alpha, a, b, c, stride: product.h */
	HOST_PRODUCT_FLOAT,             /* the same */
	HOST_SHA256,                    /* data, state: one block */
	HOST_SHA512,                    /* the same */
	HOST_SHA1,                      /* state, data, count of blocks */
};

#define HOST_DONE 0
#define HOST_NONE (-1)                  /* not done, and nothing has changed: the guest goes on by itself */

/* The import `host.call`: `size` bytes of arguments at `at`; the last parameter is an address where others ask for their own host. */
int32_t host_call(uint8_t *memory, uint64_t memory_size, uint32_t at, uint32_t size, uint32_t function, uint32_t elsewhere);

#endif
