/*
 * The life of a worker that runs one function, whatever runs it: core's two messages, the promises, the answer (api/worker.h, WORK_LOAD
 * and WORK_RUN). A runner fills in the three steps between.
 *
 * Hides: the messages, when which promise is made, how outputs leave. Class B. One function per process.
 */
#ifndef MT_EXEC_WASM_RUNNER_H
#define MT_EXEC_WASM_RUNNER_H

#include "exec/wasm/detail.h"
#include "exec/wasm/wasi.h"

struct runner_result {
	enum work_outcome outcome;
	uint64_t memory_peak; /* linear memory */
	struct engine_detail detail; /* why, unless it exited */
};

struct runner {
	/*
	 * Before the first promise and the first foreign byte: what every task needs. `w` outlives
	 * all that is bound to it. False: the process is of no use.
	 */
	bool (*prepare)(struct wasi *w);
	/*
	 * WORK_LOAD's memory, which stays mapped; nothing of the task's data is here yet. False:
	 * `detail` says why, and the run will be refused.
	 */
	bool (*load)(struct bytes loaded, struct engine_detail *detail);
	/*
	 * With `w` complete and the last promise made. out->outcome is WORK_REFUSED before; what
	 * WASI knows of the end (exit, limits) runner_ended() adds.
	 */
	void (*run)(uint64_t memory_max, struct runner_result *out);
};

/*
 * What ended the guest. What the world says comes first: it exited, or an output grew too large. Else it is `how`, for
 * the reason that `text` gives; it came back: WORK_EXITED.
 */
void runner_ended(struct runner_result *out, enum work_outcome how, struct bytes text);

/* The two halves of a life, for a process that forks between them: what comes before the promise; the promise, and core. */
MUST bool runner_prepare(const struct runner *r);
int runner_talk(const struct runner *r, int socket);

/* Both, with core where a worker has it: the whole of the image's main(). The exit status. */
int runner_serve(const struct runner *r);

#endif
