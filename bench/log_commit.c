/*
 * Ledger commit against the disk's own speed: budget p50 <= 1.2x one fdatasync of an overwritten 4 KiB block, taken
 * in turn with it, so that both see the same minute. With 64 entries in a batch, for comparison.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/log/log.h"

enum { ROUNDS = 400, BLOCKS = 256, ENTRY = 200 };
#define BUDGET 1.2

static const struct secret key = { "key of the log bench" };
static const uint8_t id[LOG_ID_SIZE] = "bench";

static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(bool condition)
{
	if (!condition) {
		perror("log_commit");
		abort();
	}
}

/* A file of zeros in the current folder, already without a name. */
static int file_make(size_t size)
{
	char name[] = "bench_log.XXXXXX";
	uint8_t *zeros = calloc(1, size);
	int fd = mkstemp(name);

	must(fd >= 0 && zeros);
	must(unlink(name) == 0 && pwrite(fd, zeros, size, 0) == (ssize_t)size && fdatasync(fd) == 0);
	free(zeros);
	return fd;
}

static enum mt_err fold(void *context, uint64_t index, struct bytes entry)
{
	(void)context;
	(void)index;
	(void)entry;
	return MT_OK;
}

static double plain_once(int fd, int round)
{
	uint8_t block[LOG_BLOCK];
	double start = now_us();

	memset(block, round, sizeof(block));
	must(pwrite(fd, block, sizeof(block), (off_t)(round % BLOCKS) * LOG_BLOCK) == LOG_BLOCK);
	must(fdatasync(fd) == 0);
	return now_us() - start;
}

static double commit_once(struct log *log, int fd, unsigned entries)
{
	uint8_t entry[ENTRY] = { 7 };
	uint64_t index = 0;
	struct log_write w;
	double start = now_us();

	for (unsigned i = 0; i < entries; i++) {
		must(log_stage(log, mt_bytes(entry, sizeof(entry)), &index) == MT_OK);
	}
	must(log_batch(log, &w) == MT_OK);
	must(pwrite(fd, w.bytes.at, w.bytes.size, (off_t)w.offset) == (ssize_t)w.bytes.size);
	must(fdatasync(fd) == 0 && log_commit(log) == MT_OK);
	return now_us() - start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *us)
{
	qsort(us, ROUNDS, sizeof(*us), compare);
	return us[ROUNDS / 2];
}

int main(void)
{
	static double plain[ROUNDS], one[ROUNDS], many[ROUNDS];
	int plain_fd = file_make(BLOCKS * LOG_BLOCK), log_fd = file_make(4 * (size_t)LOG_EXTENT);
	struct log *log = NULL;

	must(log_open(&key, id, fold, NULL, &log) == MT_OK && log_replay_end(log) == MT_OK);
	for (int i = 0; i < ROUNDS; i++) {
		plain[i] = plain_once(plain_fd, i);
		one[i] = commit_once(log, log_fd, 1);
		many[i] = commit_once(log, log_fd, 64);
	}
	double base = median(plain), single = median(one), group = median(many);
	printf("fdatasync of 4 KiB  %7.1f us p50\n", base);
	printf("commit of 1 entry   %7.1f us p50, %.2fx (budget %.2fx)\n", single, single / base, BUDGET);
	printf("commit of 64        %7.1f us p50, %.2fx, %.0f entries/s\n", group, group / base, 64e6 / group);
	log_close(log);
	(void)close(plain_fd);
	(void)close(log_fd);
	return 0;
}
