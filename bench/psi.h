/*
 * bench/psi: a private intersection from encrypted files, against what the machine can do at most. Between its parts.
 */
#ifndef MT_BENCH_PSI_H
#define MT_BENCH_PSI_H

#include "lib/base/base.h"

struct id {
	uint64_t high, low;
};

/* ---- psi_anchor.c: CPU seconds ---- */

/* Radix partition and hash join in the cache, natively, on uniform ids; *common is how many are in both. */
double anchor_join(const struct id *a, const struct id *b, size_t count, size_t *common);
/* AES-256-GCM of that many bytes, in segments as datasets have them. */
double anchor_aes(uint64_t size);

/* ---- psi_task.c: the node's workers, in its order ---- */

struct cost {
	double open_s, run_s, seal_s;   /* CPU of the seal worker, the built-in worker, the seal worker again */
	uint64_t peak;                  /* bytes that all workers hold at most at one time, with what they share */
};

/* Once. */
void task_prepare(void);
/* A party's file. Stays sealed memory until the program ends. */
void task_input(size_t index, const struct id *ids, size_t count);
/* One task on the two inputs. Gives the result's bytes as the output's owner would get them; free() them. */
struct bytes task_run(const char *profile, const char *result, struct cost *out);

double cpu_s(void);
_Noreturn void psi_stop(const char *what);

#endif
