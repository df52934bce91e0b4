/*
 * Messages between core and its workers. One worker serves one task (or one module) and ends.
 * Big endian; u32-sized byte strings are written `x32`. Handles are sealed memory unless said otherwise, in the order named.
 */
#ifndef MT_API_WORKER_H
#define MT_API_WORKER_H

#define WORK_ARGUMENTS_MAX 64
#define WORK_INPUTS_MAX 12
#define WORK_OUTPUTS_MAX 12             /* inputs + outputs fit PORT_HANDLES_MAX */
#define WORK_CONTENT_MAX (64 * 1024)    /* outputs that fit the answer */
#define WORK_NAME_MAX 64                /* a-z A-Z 0-9 . _ -, not starting with a dot */
#define WORK_DETAIL_MAX 1024            /* text of a failure: from the engine, never from the guest's data */

enum work_type {
	/* core -> compile: nothing more, handle: module.
	 * compile -> core: error u8 | detail32 (MT_DENIED: it imports what a function may not have, or has no _start), and when error is 0 one handle: artifact for this engine and configuration */
	WORK_COMPILE = 1,
	WORK_COMPILED = 2,

	/* core -> run, before anything of the task is there: nothing more, handle: artifact. Loading it takes longer than most of what
	 * follows, and needs no key. One that does not load is told in WORK_RAN (WORK_REFUSED). */
	WORK_LOAD = 9,

	/* core -> run:  memory_max u64 | flags u32 (WORK_FLAG_…) | seed[32]
	 *   | argument count u32, each x32 | input count u32, each name32 | output count u32, each { name32, size_max u64 }
	 *   | with WORK_FLAG_STREAM: streams u32 (a mask over the inputs, not 0), of each its size u64
	 *   handles: inputs that are no streams, outputs (writable scratch memory), with WORK_FLAG_LOG one more of that kind, with
	 *   WORK_FLAG_STREAM the window that came with WORK_OPENED
	 * run -> core:  outcome u8 | exit code u32 | cpu_us u64 | memory_peak u64 (linear memory) | log_size u64 (bytes the guest wrote to
	 *   stdout and stderr: counted, not kept) | output count u32, each { written u8, size u64 } | detail32 | each output content32
	 *   Contents are there (size bytes each) when they are WORK_CONTENT_MAX together at most, and all empty otherwise: then core seals
	 *   the scratch memory, which a mapping that may still be written to refuses, and which waits for the kernel to let go of its pages. */
	WORK_RUN = 3,
	WORK_RAN = 4,

	/* core -> seal: input count u32, each { kind u8 (enum work_input), key[32], tag[32] }; handles: ciphertexts
	 * seal -> core: error u8 | index u32 (which input) | count u32, each size u64; handles when error is 0: plaintexts of the inputs that
	 *   are no streams, and if there are streams one window (exec/stream), which core hands on unread
	 * With streams the worker goes on until the window's reader is done or core speaks. Should a segment that the function wants no
	 * longer be what was checked:
	 * seal -> core: error u8 (MT_TAMPERED, MT_IO; MT_NOT_FOUND: the reader asked for what does not exist) | index u32 (which input) */
	WORK_OPEN = 5,
	WORK_OPENED = 6,
	WORK_BROKEN = 10,

	/* core -> seal: output count u32, each { key[32], size_max u64, rows_min u64 }; handles: plaintexts
	 * seal -> core: error u8 | index u32 | guard u8 (enum work_guard) | count u32, each { tag[32], size u64, rows u64 }; handles when error is 0: ciphertexts */
	WORK_SEAL = 7,
	WORK_SEALED = 8,
};

#define WORK_FLAG_DETERMINISTIC 1u
/* Keep what the guest writes to stdout and stderr, WORK_LOG_MAX bytes of it. Core never asks for it: only who tries a function at home. */
#define WORK_FLAG_LOG 2u
#define WORK_LOG_MAX (1u << 20)
/* Some inputs are streams. */
#define WORK_FLAG_STREAM 4u

/* How an input's ciphertext comes, and its plaintext leaves. */
enum work_input {
	WORK_INPUT_WHOLE = 0,   /* sealed memory; all of it in memory at once */
	WORK_INPUT_STREAM = 1,  /* a file that is the supplicant's, and may change; read again while the function runs */
};

enum work_outcome {
	WORK_EXITED = 0,        /* exit code says the rest */
	WORK_TRAPPED = 1,       /* unreachable, out of bounds, stack overflow, division; detail names it */
	WORK_LIMIT = 2,         /* memory limit, output size limit */
	WORK_REFUSED = 3,       /* the artifact does not load or imports what is not there; detail names it */
};

enum work_guard {
	WORK_GUARD_NONE = 0,
	WORK_GUARD_SIZE = 1,    /* larger than size_max */
	WORK_GUARD_ROWS = 2,    /* fewer rows than rows_min; a row ends with a newline, a last one without counts */
};

#endif
