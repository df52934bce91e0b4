/*
 * A task with streamed inputs as its two workers know it: seal and run worker as processes, and the test in core's place.
 */
#ifndef MT_TEST_STREAMED_H
#define MT_TEST_STREAMED_H

#include "api/worker.h"
#include "lib/dataset/dataset.h"
#include "port/linux/linux.h"

#include <sys/types.h>

#define MIB ((size_t)1 << 20)
#define PATIENCE_MS 20000 /* longer than anything here takes, on a busy machine too */

struct worker {
	pid_t pid; /* 0: there is none */
	int socket;
};
int worker_end(struct worker *w); /* core is gone for it: its status, when it has ended */
void worker_kill(struct worker *w);

/* Compiled by the real worker; closed by the caller. */
port_handle artifact_of(const char *path);

extern const struct secret file_key; /* of every file */
struct file {
	port_handle handle; /* a file that the test can change */
	uint8_t tag[DATASET_TAG_SIZE];
	size_t size; /* of the ciphertext */
};

struct task {
	struct worker seal, run;
	struct file file[2]; /* inputs a and b */
	enum work_input kind[2];
	port_handle output, given[3]; /* given: by the seal worker, for the inputs */
	size_t given_count;
	uint64_t size[2];
	enum mt_err opened;
};

struct task task_make(size_t a, enum work_input a_kind, size_t b, enum work_input b_kind);
void task_open(struct task *t);
void task_run(struct task *t, port_handle artifact, const char *const *argument, size_t argument_count);
/* It ended by itself, with this exit code: its output. */
struct bytes task_result(struct task *t, uint32_t exit_code);
/* Whether the output can be sealed: the seal worker has seen that the reader is done, or that core speaks. */
bool task_seals(struct task *t);
/* The seal worker says that this input broke, and nothing else happens. */
void task_breaks(struct task *t, enum mt_err want, uint32_t input);
void task_close(struct task *t);
/* Whether `w` says something within so many milliseconds; its death is silence too. */
bool worker_speaks(const struct worker *w, int wait_ms);

#endif
