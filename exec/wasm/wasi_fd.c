/*
 * Files of WASI preview 1 that are not files: inputs are mapped memory or streams, outputs are memory to
 * write to.
 */
#include "exec/wasm/wasi_private.h"

#include "exec/stream/stream.h"

#include <unistd.h>

/*
 * One read or write of the guest never moves more: what is left, it asks for again, as POSIX
 * allows.
 */
#define TRANSFER_MAX ((uint64_t)1 << 30)
#define IOVECS_MAX 1024 /* POSIX: IOV_MAX */

struct wasi_file *wasi_file_find(struct wasi *w, uint32_t fd)
{
	return fd < WASI_FILES_MAX && w->file[fd].kind != WASI_CLOSED ? &w->file[fd] : NULL;
}

/* Folders, and what has no position. */
static uint32_t no_position(const struct wasi_file *f)
{
	return wasi_is_folder(f)			       ? E_ISDIR
	       : f->kind == WASI_DROP || f->kind == WASI_EMPTY ? E_SPIPE
							       : E_SUCCESS;
}

static uint64_t file_size(const struct wasi *w, const struct wasi_file *f)
{
	const struct wasi_input *readable = wasi_readable(w, f);

	return readable		      ? readable->size
	       : f->kind == WASI_OUTPUT ? w->output[f->index].size
					: 0;
}

/* ---- reading and writing ---- */

/* Bytes read at `offset` into guest memory; UINT64_MAX when the world below failed. */
static uint64_t read_part(const struct wasi *w, const struct wasi_file *f, uint64_t offset,
			  uint8_t *to, uint64_t size)
{
	uint64_t whole = file_size(w, f), left = offset < whole ? whole - offset : 0;

	size = size < left ? size : left;
	if (size == 0) {
		return 0;
	}
	const struct wasi_input *readable = wasi_readable(w, f);

	if (readable && readable->stream) {
		return stream_read(w->stream, readable->lane, offset, to, (size_t)size);
	}
	if (readable) {
		memcpy(to, readable->content + offset, size);
		return size;
	}
	ssize_t n = pread(w->output[f->index].fd, to, size, (off_t)offset);

	return n < 0 ? UINT64_MAX : (uint64_t)n;
}

static uint32_t output_room(struct wasi *w, const struct wasi_file *f, uint64_t end)
{
	if (end <= w->output[f->index].size_max) {
		return E_SUCCESS;
	}
	/*
	 * The call's caller ends the guest: no output leaves that is larger than the contract says.
	 */
	w->over_limit = true;
	w->limit_index = f->index;
	return E_FBIG;
}

static uint64_t write_part(struct wasi *w, struct wasi_file *f, uint64_t offset,
			   const uint8_t *from, uint64_t size)
{
	struct wasi_output *o = &w->output[f->index];

	if (f->kind == WASI_DROP) {
		if (w->log_fd > 0 && w->log_size < WORK_LOG_MAX) {
			uint64_t room = WORK_LOG_MAX - w->log_size;
			(void)!pwrite(w->log_fd, from, size < room ? size : room, (off_t)w->log_size);
		}
		w->log_size += size;
		return size;
	}
	if (size == 0 || output_room(w, f, offset + size) != E_SUCCESS) {
		return 0;
	}
	ssize_t n = pwrite(o->fd, from, size, (off_t)offset);

	if (n <= 0) {
		return UINT64_MAX;
	}
	o->size = offset + (uint64_t)n > o->size ? offset + (uint64_t)n : o->size;
	return (uint64_t)n;
}

uint64_t wasi_read(struct wasi *w, struct wasi_file *f, uint8_t *to, uint64_t size)
{
	uint64_t n = read_part(w, f, f->offset, to, size);

	w->broken |= n == UINT64_MAX;
	f->offset += n == UINT64_MAX ? 0 : n;
	return n;
}

uint64_t wasi_write(struct wasi *w, struct wasi_file *f, const uint8_t *from, uint64_t size)
{
	uint64_t n = write_part(w, f, f->offset, from, size);

	w->broken |= n == UINT64_MAX;
	f->offset += n == UINT64_MAX ? 0 : n;
	return n;
}

enum way { WAY_READ, WAY_WRITE };

/* The loop over a guest's iovecs. Each is read once, checked, used. */
static uint32_t transfer(struct wasi *w, struct wasi_file *f, enum way way, uint64_t offset,
			 uint32_t vectors, uint32_t count, uint64_t *moved)
{
	*moved = 0;
	if (count > IOVECS_MAX) {
		return E_INVAL;
	}
	if (!guest(w, vectors, (uint64_t)count * SIZE_IOVEC)) {
		return E_FAULT;
	}
	for (uint32_t i = 0; i < count && *moved < TRANSFER_MAX; i++) {
		const uint8_t *v = guest(w, vectors + i * SIZE_IOVEC, SIZE_IOVEC);
		uint32_t at = get32(v), size = get32(v + 4);
		uint8_t *buffer = guest(w, at, size);

		if (!buffer) {
			return E_FAULT;
		}
		uint64_t n = way == WAY_READ ? read_part(w, f, offset + *moved, buffer, size)
					     : write_part(w, f, offset + *moved, buffer, size);

		if (n == UINT64_MAX) {
			w->broken = true;
			return E_IO;
		}
		*moved += n;
		if (n < size) {
			break;
		}
	}
	return w->over_limit ? E_FBIG : E_SUCCESS;
}

static uint32_t read_check(const struct wasi_file *f)
{
	return !f || f->kind == WASI_DROP ? E_BADF : wasi_is_folder(f) ? E_ISDIR : E_SUCCESS;
}

static uint32_t write_check(const struct wasi_file *f)
{
	return !f || (f->kind != WASI_DROP && !f->may_write) ? E_BADF : E_SUCCESS;
}

uint32_t fd_read(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = wasi_file_find(w, arg32(a, 0));
	uint64_t moved = 0;
	uint32_t err = read_check(f);

	if (!err) {
		err = transfer(w, f, WAY_READ, f->offset, arg32(a, 1), arg32(a, 2), &moved);
	}
	if (!err) {
		f->offset += moved;
		err = give32(w, arg32(a, 3), (uint32_t)moved);
	}
	return err;
}

uint32_t fd_pread(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = wasi_file_find(w, arg32(a, 0));
	uint64_t moved = 0;
	uint32_t err = read_check(f);

	if (!err) {
		err = no_position(f);
	}
	if (!err && arg64(a, 3) > INT64_MAX) {
		err = E_INVAL;
	}
	if (!err) {
		err = transfer(w, f, WAY_READ, arg64(a, 3), arg32(a, 1), arg32(a, 2), &moved);
	}
	return err ? err : give32(w, arg32(a, 4), (uint32_t)moved);
}

uint32_t fd_write(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = wasi_file_find(w, arg32(a, 0));
	uint64_t moved = 0;
	uint32_t err = write_check(f);

	if (!err) {
		f->offset = f->append ? file_size(w, f) : f->offset;
		err = transfer(w, f, WAY_WRITE, f->offset, arg32(a, 1), arg32(a, 2), &moved);
	}
	if (!err) {
		f->offset += f->kind == WASI_OUTPUT ? moved : 0;
		err = give32(w, arg32(a, 3), (uint32_t)moved);
	}
	return err;
}

uint32_t fd_pwrite(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = wasi_file_find(w, arg32(a, 0));
	uint64_t moved = 0;
	uint32_t err = write_check(f);

	if (!err) {
		err = no_position(f);
	}
	if (!err && arg64(a, 3) > INT64_MAX) {
		err = E_INVAL;
	}
	if (!err) {
		err = transfer(w, f, WAY_WRITE, arg64(a, 3), arg32(a, 1), arg32(a, 2), &moved);
	}
	return err ? err : give32(w, arg32(a, 4), (uint32_t)moved);
}

/* ---- position, size, state ---- */

uint32_t fd_seek(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = wasi_file_find(w, arg32(a, 0));
	uint32_t err = f ? no_position(f) : E_BADF, whence = arg32(a, 2);

	if (err) {
		return err;
	}
	uint64_t from = whence == WHENCE_CUR   ? f->offset
			: whence == WHENCE_END ? file_size(w, f)
					       : 0;
	int64_t to;

	if (whence > WHENCE_END || from > INT64_MAX ||
	    __builtin_add_overflow((int64_t)from, a[1].i64, &to) || to < 0) {
		return E_INVAL;
	}
	err = give64(w, arg32(a, 3), (uint64_t)to);
	if (!err) {
		f->offset = (uint64_t)to;
	}
	return err;
}

uint32_t fd_tell(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = wasi_file_find(w, arg32(a, 0));
	uint32_t err = f ? no_position(f) : E_BADF;

	return err ? err : give64(w, arg32(a, 1), f->offset);
}

uint32_t fd_close(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = wasi_file_find(w, arg32(a, 0));

	if (!f) {
		return E_BADF;
	}
	*f = (struct wasi_file){ 0 };
	return E_SUCCESS;
}

/* Everything is in memory: there is nothing to sync and no advice to follow. */
uint32_t fd_nothing(struct wasi *w, const wasmtime_val_raw_t *a)
{
	return wasi_file_find(w, arg32(a, 0)) ? E_SUCCESS : E_BADF;
}

static uint8_t file_type(const struct wasi_file *f)
{
	/* Unknown, not a character device, so that C libraries buffer what is thrown away. */
	return wasi_is_folder(f) ? TYPE_FOLDER : f->kind >= WASI_INPUT ? TYPE_FILE : TYPE_UNKNOWN;
}

uint32_t fd_fdstat_get(struct wasi *w, const wasmtime_val_raw_t *a)
{
	const struct wasi_file *f = wasi_file_find(w, arg32(a, 0));
	uint8_t *to = guest(w, arg32(a, 1), SIZE_FDSTAT);

	if (!f || !to) {
		return f ? E_FAULT : E_BADF;
	}
	memset(to, 0, SIZE_FDSTAT);
	to[0] = file_type(f);
	to[2] = f->append ? FLAG_APPEND : 0;
	/*
	 * Rights promise nothing here: what a call may do depends on what the file is. C libraries
	 * want to see them.
	 */
	put64(to + 8, RIGHTS_ALL);
	put64(to + 16, RIGHTS_ALL);
	return E_SUCCESS;
}

uint32_t fd_fdstat_set_flags(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = wasi_file_find(w, arg32(a, 0));

	if (!f) {
		return E_BADF;
	}
	f->append = (arg32(a, 1) & FLAG_APPEND) != 0;
	return E_SUCCESS;
}

/* Times are zero: an input has none that the contract knows. */
uint32_t wasi_filestat_give(const struct wasi *w, const struct wasi_file *f, uint32_t at)
{
	uint8_t *to = guest(w, at, SIZE_FILESTAT);

	if (!to) {
		return E_FAULT;
	}
	memset(to, 0, SIZE_FILESTAT);
	put64(to + 8, (uint64_t)f->kind << 32 | f->index); /* inode: distinct, stable */
	to[16] = file_type(f);
	put64(to + 24, 1);
	put64(to + 32, file_size(w, f));
	return E_SUCCESS;
}

uint32_t fd_filestat_get(struct wasi *w, const wasmtime_val_raw_t *a)
{
	const struct wasi_file *f = wasi_file_find(w, arg32(a, 0));

	return f ? wasi_filestat_give(w, f, arg32(a, 1)) : E_BADF;
}

uint32_t fd_filestat_set_size(struct wasi *w, const wasmtime_val_raw_t *a)
{
	struct wasi_file *f = wasi_file_find(w, arg32(a, 0));

	if (!f || f->kind != WASI_OUTPUT || !f->may_write) {
		return f ? E_INVAL : E_BADF;
	}
	uint32_t err = output_room(w, f, arg64(a, 1));

	if (err) {
		return err;
	}
	if (ftruncate(w->output[f->index].fd, (off_t)arg64(a, 1)) != 0) {
		w->broken = true;
		return E_IO;
	}
	w->output[f->index].size = arg64(a, 1);
	return E_SUCCESS;
}
