/*
 * Between wasi.c and wasi_fd.c: the guest's memory, and the names and numbers of preview 1
 * (wasi_snapshot_preview1.witx).
 */
#ifndef MT_EXEC_WASM_WASI_PRIVATE_H
#define MT_EXEC_WASM_WASI_PRIVATE_H

#include "exec/wasm/wasi.h"

#include <endian.h>
#include <string.h>

enum wasi_errno {
	E_SUCCESS = 0,
	E_BADF = 8,
	E_EXIST = 20,
	E_FAULT = 21,
	E_FBIG = 22,
	E_INVAL = 28,
	E_IO = 29,
	E_ISDIR = 31,
	E_MFILE = 33,
	E_NOENT = 44,
	E_NOSYS = 52,
	E_NOTDIR = 54,
	E_NOTSOCK = 57,
	E_NOTSUP = 58,
	E_ROFS = 69,
	E_SPIPE = 70,
	E_NOTCAPABLE = 76,
};

enum wasi_filetype { TYPE_UNKNOWN = 0, TYPE_FOLDER = 3, TYPE_FILE = 4 };
enum wasi_whence { WHENCE_SET = 0, WHENCE_CUR = 1, WHENCE_END = 2 };
enum wasi_oflags { OPEN_CREAT = 1, OPEN_FOLDER = 2, OPEN_EXCL = 4, OPEN_TRUNC = 8 };
enum wasi_fdflags { FLAG_APPEND = 1 };
#define RIGHT_WRITE (UINT64_C(1) << 6)
#define RIGHTS_ALL ((UINT64_C(1) << 30) - 1)

#define SIZE_IOVEC 8
#define SIZE_PRESTAT 8
#define SIZE_FDSTAT 24
#define SIZE_FILESTAT 64
#define SIZE_DIRENT 24
#define SIZE_SUBSCRIPTION 48
#define SIZE_EVENT 32

/* One preview 1 function: arguments in, error out. */
typedef uint32_t wasi_call(struct wasi *w, const wasmtime_val_raw_t *a);

static inline uint32_t arg32(const wasmtime_val_raw_t *a, size_t i)
{
	return (uint32_t)a[i].i32;
}

static inline uint64_t arg64(const wasmtime_val_raw_t *a, size_t i)
{
	return (uint64_t)a[i].i64;
}

/*
 * `size` bytes of the guest's memory at `at`; NULL when they are not all inside. Valid until the
 * guest runs again.
 */
static inline uint8_t *guest(const struct wasi *w, uint32_t at, uint64_t size)
{
	return at <= w->size && size <= w->size - at ? w->base + at : NULL;
}

static inline uint32_t get32(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return le32toh(v);
}

static inline uint64_t get64(const uint8_t *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return le64toh(v);
}

static inline void put32(uint8_t *at, uint32_t v)
{
	v = htole32(v);
	memcpy(at, &v, sizeof(v));
}

static inline void put64(uint8_t *at, uint64_t v)
{
	v = htole64(v);
	memcpy(at, &v, sizeof(v));
}

/* Write one integer where the guest wants it. */
static inline uint32_t give32(const struct wasi *w, uint32_t at, uint32_t v)
{
	uint8_t *to = guest(w, at, 4);

	if (!to) {
		return E_FAULT;
	}
	put32(to, v);
	return E_SUCCESS;
}

static inline uint32_t give64(const struct wasi *w, uint32_t at, uint64_t v)
{
	uint8_t *to = guest(w, at, 8);

	if (!to) {
		return E_FAULT;
	}
	put64(to, v);
	return E_SUCCESS;
}

static inline bool wasi_is_folder(const struct wasi_file *f)
{
	return f->kind >= WASI_FOLDER_IN && f->kind <= WASI_FOLDER_FUNCTION;
}

/* What only can be read: an input, or one of the interpreter's files. NULL: `f` is something else. */
static inline const struct wasi_input *wasi_readable(const struct wasi *w, const struct wasi_file *f)
{
	switch (f->kind) {
	case WASI_INPUT:
		return &w->input[f->index];
	case WASI_LIBRARY:
		return &w->library;
	case WASI_FUNCTION:
		return &w->function;
	default:
		return NULL;
	}
}

/* A function that a guest may import. Parameters: i is i32, I is i64. All but proc_exit give an i32. */
struct wasi_function {
	const char *name, *parameters;
	wasi_call *call;
};

#define WASI_MODULE "wasi_snapshot_preview1"
#define WASI_TEACLAVE_MODULE "env"

/* wasi.c */
extern const struct wasi_function wasi_functions[WASI_FUNCTIONS];
wasi_call wasi_proc_exit;

/* teaclave.c: of the module `env`. */
#define TEACLAVE_FUNCTIONS 5
extern const struct wasi_function teaclave_functions[TEACLAVE_FUNCTIONS];

/* wasi_fd.c */
/* At the file's place, which moves. UINT64_MAX: the world below failed, or an output is too large. */
uint64_t wasi_read(struct wasi *w, struct wasi_file *f, uint8_t *to, uint64_t size);
uint64_t wasi_write(struct wasi *w, struct wasi_file *f, const uint8_t *from, uint64_t size);
wasi_call fd_close, fd_fdstat_get, fd_fdstat_set_flags, fd_filestat_get, fd_filestat_set_size,
	fd_nothing, fd_pread, fd_pwrite, fd_read, fd_seek, fd_tell, fd_write;
/* NULL: not open. */
struct wasi_file *wasi_file_find(struct wasi *w, uint32_t fd);
uint32_t wasi_filestat_give(const struct wasi *w, const struct wasi_file *f, uint32_t at);

/* wasi_path.c */
/* A free place for an open file; WASI_FILES_MAX: none. */
uint32_t wasi_slot(const struct wasi *w);
/* Begin to write an output, at its beginning. */
uint32_t wasi_output_begin(struct wasi *w, const struct wasi_file *f, bool truncate);
wasi_call fd_prestat_dir_name, fd_prestat_get, fd_readdir, path_filestat_get, path_open;

/* chance.c: the same bytes for the same seed. */
void wasi_chance(struct wasi *w, uint8_t *out, size_t size);

#endif
