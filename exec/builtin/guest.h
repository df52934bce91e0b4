/*
 * What the built-in functions share: arguments, inputs, outputs, memory. A built-in is C for WASI (api/mesatee_fn.h) and class B: one
 * wrong answer is the worst it can do. It runs as wasm in the engine, and through wasm2c natively (exec/builtin/README).
 *
 * A function that cannot go on calls guest_stop(): the task is Failed, and no output leaves. Its words are for who develops against it; a
 * node throws them away.
 * Arguments are words NAME=VALUE. Every function documents its own, with defaults, at the top of its file.
 */
#ifndef MT_EXEC_BUILTIN_GUEST_H
#define MT_EXEC_BUILTIN_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define GUEST_LIST_MAX 12               /* inputs, and outputs, of a contract */
#define GUEST_INPUT_MAX (UINT32_C(3) << 30)     /* bytes of one input: a wasm32 memory has 4 GiB */

struct text {
	const char *at;
	size_t size;
};

__attribute__((format(printf, 1, 2), noreturn)) void guest_stop(const char *format, ...);

/* Zeroed; stops when there is none, or when count * size wraps. */
void *guest_alloc(size_t count, size_t size);

/* ---- arguments ---- */

/* Call once, first: each argument must be NAME=VALUE, with a NAME of `known` (ends with NULL), given once. */
void guest_arguments(int argc, char **argv, const char *const *known);
/* The value of a NAME, or `otherwise`; stops when it is not there and `otherwise` is NULL. */
const char *guest_argument(const char *name, const char *otherwise);
/* A number within [least, most]; stops on anything else. */
double guest_number(const char *name, double least, double most, double otherwise);
/* A whole number, as above. */
uint64_t guest_count(const char *name, uint64_t least, uint64_t most, uint64_t otherwise);
/* One of two words, the first of which is the default: is it the second? */
bool guest_second(const char *name, const char *first, const char *second);
/* A comma separated list: `a,b,c`. Returns how many; stops beyond `max`. `otherwise` as above. */
size_t guest_list(const char *name, const char *otherwise, const char *list[], size_t max);

/* ---- files ---- */

/* The whole of /in/NAME, followed by a zero byte that is not counted. The memory is the caller's to keep. */
struct text guest_input(const char *name);
/* An input piece by piece, for what need not be in memory twice: its size in bytes, and the next `size` of them; stops when there are fewer. */
int guest_input_open(const char *name, uint64_t *size);
void guest_input_read(int input, void *to, size_t size);
void guest_input_rewind(int input);
void guest_input_close(int input);
/* /out/NAME, to be written in order with stdio. */
FILE *guest_output(const char *name);
/* Stops when a write has failed: a shortened output must not count. */
void guest_close(FILE *output);

#endif
