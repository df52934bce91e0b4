/*
 * psi [LOG2...] (20 24): the built-in function intersect on two encrypted files of 2^LOG2 ids of 16 bytes, half in common, by the node's own
 * workers: CPU seconds from ciphertext to sealed output, both profiles, count and members, and the memory of all workers at their largest.
 * Beside them what this machine does at most: a native radix join and AES-256-GCM of the same bytes. Prints rows for bench/functions:
 * what | ours | anchor | budget | unit | what the anchor is | remark.
 */
#include "bench/psi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 3
#define GIB (1024.0 * 1024 * 1024)

double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void psi_stop(const char *what)
{
	fprintf(stderr, "psi: %s\n", what);
	exit(1);
}

/* ---- sets ---- */

/* xorshift64*, Vigna 2016. */
static uint64_t chance(void)
{
	static uint64_t state = 88172645463325252;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

/* As numbers that ascend: one in each of `count` equal ranges, so none of the two sets has to be sorted. */
static void sets_make(struct id *a, struct id *b, size_t count)
{
	uint64_t range = UINT64_MAX / count;

	for (size_t i = 0; i < count; i++) {
		a[i] = (struct id){ range * i + chance() % range, chance() };
		b[i] = i % 2 ? a[i] : (struct id){ range * i + chance() % range, chance() };
	}
}

/* Ids are sorted by their bytes: big endian. */
static void bytes_turn(struct id *set, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		set[i] = (struct id){ __builtin_bswap64(set[i].high), __builtin_bswap64(set[i].low) };
	}
}

static void shuffle(struct id *set, size_t count)
{
	for (size_t i = count - 1; i > 0; i--) {
		size_t other = chance() % (i + 1);
		struct id kept = set[i];
		set[i] = set[other];
		set[other] = kept;
	}
}

/* ---- figures ---- */

static void row(unsigned log2, const char *what, double ours, double anchor, double budget, const char *unit, const char *remark)
{
	printf("psi 2^%u %s|%.3f|%.3f|%.3f|%s|%s\n", log2, what, ours, anchor, budget, unit, remark);
	fflush(stdout);
}

/* How many ids an output says are common. Takes the output. */
static size_t common_of(struct bytes take_output, const char *result)
{
	char text[32];
	size_t count = take_output.size / sizeof(struct id);

	if (strcmp(result, "count") == 0) {
		snprintf(text, sizeof(text), "%.*s", (int)take_output.size, (const char *)take_output.at);
		count = strtoul(text, NULL, 10);
	}
	free((void *)(uintptr_t)take_output.at);
	return count;
}

static void profile_row(unsigned log2, const char *profile, const char *result, double anchor, double budget)
{
	struct cost best = { 0 }, c;
	char what[64], remark[128], memory[96];
	size_t count = (size_t)1 << log2;

	for (int i = 0; i < ROUNDS; i++) {
		if (common_of(task_run(profile, result, &c), result) != count / 2) {
			psi_stop("a wrong answer");
		}
		if (i == 0 || c.open_s + c.run_s + c.seal_s < best.open_s + best.run_s + best.seal_s) {
			best = c;
		}
	}
	snprintf(what, sizeof(what), "%s %s", profile, result);
	snprintf(remark, sizeof(remark), "AES + native radix join|open %.2f, function %.2f, seal %.2f", best.open_s, best.run_s, best.seal_s);
	row(log2, what, best.open_s + best.run_s + best.seal_s, anchor, budget, "s", remark);
	snprintf(memory, sizeof(memory), "%s memory", what);
	row(log2, memory, (double)best.peak / GIB, 2.0 * (double)count * 16 / GIB, log2 == 24 ? 1.5 : 0, "GiB", "the ids themselves|");
}

static double anchor(const struct id *a, const struct id *b, size_t count)
{
	double join = 0, aes = 0;
	size_t common;

	for (int i = 0; i < ROUNDS; i++) {
		double j = anchor_join(a, b, count, &common), e = anchor_aes(2 * count * sizeof(*a));
		join = i == 0 || j < join ? j : join;
		aes = i == 0 || e < aes ? e : aes;
		if (common != count / 2) {
			psi_stop("the anchor is wrong");
		}
	}
	return join + aes;
}

/*
 * Two files, in any order or sorted as the oblivious profile wants it; what the anchor is where `measured`. Nothing of it is kept in memory:
 * workers are copies of this process, and what it holds would count as theirs.
 */
static void files_make(size_t count, bool sorted, double *measured)
{
	struct id *set[2] = { malloc(count * sizeof(struct id)), malloc(count * sizeof(struct id)) };

	if (!set[0] || !set[1]) {
		psi_stop("no memory");
	}
	sets_make(set[0], set[1], count);
	for (size_t i = 0; !sorted && i < 2; i++) {
		shuffle(set[i], count);
	}
	if (measured) {
		*measured = anchor(set[0], set[1], count);
	}
	for (size_t i = 0; i < 2; i++) {
		bytes_turn(set[i], count);
		task_input(i, set[i], count);
		free(set[i]);
	}
}

static void size_run(unsigned log2)
{
	size_t count = (size_t)1 << log2;
	double limit = 0;

	files_make(count, false, &limit);
	profile_row(log2, "hash", "count", limit, log2 == 24 ? 1.5 : 0);
	profile_row(log2, "hash", "members", limit, 0);
	files_make(count, true, NULL);
	profile_row(log2, "oblivious", "count", limit, log2 == 24 ? 1.8 : 0);
	profile_row(log2, "oblivious", "members", limit, 0);
}

int main(int argc, char **argv)
{
	task_prepare();
	if (argc < 2) {
		size_run(20);
		size_run(24);
	}
	for (int i = 1; i < argc; i++) {
		size_run((unsigned)strtoul(argv[i], NULL, 10));
	}
	return 0;
}
