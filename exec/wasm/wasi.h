/*
 * WASI preview 1 over memory: /in/NAME are mapped inputs or streams, which a guest cannot tell apart but by
 * the time they take; /out/NAME are scratch memory, and there is nothing else (api/mesatee_fn.h).
 *
 * Every pointer and size of the guest is checked against its memory at each use; a host function
 * never traps for a guest's bad argument but answers as POSIX does. Two things end the guest from
 * here: proc_exit, and an output larger than its limit. Hides: the preview 1 ABI. Class B. One
 * instance per process.
 */
#ifndef MT_EXEC_WASM_WASI_H
#define MT_EXEC_WASM_WASI_H

#include <wasmtime.h>

#include "api/worker.h"
#include "lib/base/base.h"

#define WASI_FILES_MAX 64 /* open at one time, with those that are open at the start */

struct wasi_input {
	struct bytes name; /* borrowed */
	uint64_t size;
	const uint8_t *content; /* mapped, borrowed; NULL: empty, or a stream */
	bool stream; /* its bytes come through wasi.stream */
	size_t lane;
};

struct wasi_output {
	struct bytes name; /* borrowed */
	int fd; /* scratch memory, borrowed */
	uint64_t size_max, size;
	bool written; /* the guest has opened it for writing */
};

enum wasi_kind {
	WASI_CLOSED = 0,
	WASI_DROP, /* stdout, stderr: counted, thrown away */
	WASI_EMPTY, /* stdin: at its end */
	WASI_FOLDER_IN,
	WASI_FOLDER_OUT,
	WASI_FOLDER_LIBRARY,
	WASI_FOLDER_FUNCTION,
	WASI_INPUT, /* from here on: files */
	WASI_LIBRARY,
	WASI_FUNCTION,
	WASI_OUTPUT,
};

struct wasi_file {
	enum wasi_kind kind;
	size_t index; /* of the input or output */
	uint64_t offset;
	bool append, may_write;
};

struct wasi {
	/* from the caller, before wasi_open() */
	struct bytes argument[WORK_ARGUMENTS_MAX + 1];
	size_t argument_count;
	struct wasi_input input[WORK_INPUTS_MAX];
	size_t input_count;
	struct stream_reader *stream; /* borrowed; NULL: no input is a stream */
	struct wasi_output output[WORK_OUTPUTS_MAX];
	size_t output_count;
	/*
	 * Two more folders of one read-only file each, where the name is not empty: what an
	 * interpreter needs, and what it runs. Only whoever fills them in has them.
	 */
	const char *library_folder, *function_folder;
	struct wasi_input library, function;
	int log_fd; /* where stdout and stderr go, up to WORK_LOG_MAX; 0: nowhere */
	bool deterministic; /* clocks stand still at zero, random bytes come from the seed */
	uint8_t seed[32];
	bool large_pages; /* for a large memory; not where the process is copied afterwards */

	/* what became of it */
	bool exited, over_limit, broken; /* broken: the world below failed */
	uint32_t exit_code;
	size_t limit_index; /* the output that grew too large */
	uint64_t log_size;

	/* private */
	struct wasi_file file[WASI_FILES_MAX];
	bool has_memory;
	wasmtime_memory_t memory;
	uint8_t *base; /* of the guest's memory, during a call */
	uint64_t size, advised; /* advised: what large pages were asked for */
	uint64_t chance_block;
};

/* Whether a module may import this. */
bool wasi_offers(struct bytes module, struct bytes name);
/* Define everything for `w`, which must outlive the linker. Before w's fields are known. */
MUST wasmtime_error_t *wasi_define(wasmtime_linker_t *linker, struct wasi *w);
/* The guest's memory as it lies now: before each call, since it may have grown. */
void wasi_memory(struct wasi *w, uint8_t *base, uint64_t size);
/*
 * A call by its row in the table, for a guest that is linked instead of loaded (exec/native). An error of preview 1;
 * afterwards w->exited and w->over_limit say whether the guest may go on.
 */
#define WASI_FUNCTIONS 46
uint32_t wasi_call_row(struct wasi *w, size_t row, const wasmtime_val_raw_t *arguments);
/* Open the first files: three streams, then the folders. After w's fields are known. */
void wasi_open(struct wasi *w);

#endif
