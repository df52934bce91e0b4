/*
 * The folders of a function, /in and /out, an interpreter's own two, and the names in them.
 */
#include "exec/wasm/wasi_private.h"

#include <unistd.h>

static struct bytes folder_name(const struct wasi *w, const struct wasi_file *f)
{
	return mt_text(f->kind == WASI_FOLDER_IN	? "/in"
		       : f->kind == WASI_FOLDER_OUT	? "/out"
		       : f->kind == WASI_FOLDER_LIBRARY ? w->library_folder
							: w->function_folder);
}

/* The first descriptors of the folders are what C libraries find /in and /out by. */
static struct wasi_file *preopened(struct wasi *w, uint32_t fd)
{
	struct wasi_file *f = fd >= 3 && fd <= 6 ? wasi_file_find(w, fd) : NULL;

	return f && wasi_is_folder(f) ? f : NULL;
}

uint32_t fd_prestat_get(struct wasi *w, const wasmtime_val_raw_t *a)
{
	const struct wasi_file *f = preopened(w, arg32(a, 0));
	uint8_t *to = guest(w, arg32(a, 1), SIZE_PRESTAT);

	if (!f || !to) {
		return f ? E_FAULT : E_BADF;
	}
	memset(to, 0, SIZE_PRESTAT);
	put32(to + 4, (uint32_t)folder_name(w, f).size);
	return E_SUCCESS;
}

uint32_t fd_prestat_dir_name(struct wasi *w, const wasmtime_val_raw_t *a)
{
	const struct wasi_file *f = preopened(w, arg32(a, 0));
	uint8_t *to = guest(w, arg32(a, 1), arg32(a, 2));

	if (!f || !to) {
		return f ? E_FAULT : E_BADF;
	}
	struct bytes name = folder_name(w, f);

	if (arg32(a, 2) < name.size) {
		return E_INVAL;
	}
	memcpy(to, name.at, name.size);
	return E_SUCCESS;
}

static size_t entry_count(const struct wasi *w, const struct wasi_file *f)
{
	return f->kind == WASI_FOLDER_IN ? w->input_count : f->kind == WASI_FOLDER_OUT ? w->output_count : 1;
}

static struct bytes entry_name(const struct wasi *w, const struct wasi_file *f, size_t index)
{
	switch (f->kind) {
	case WASI_FOLDER_IN:
		return w->input[index].name;
	case WASI_FOLDER_OUT:
		return w->output[index].name;
	case WASI_FOLDER_LIBRARY:
		return w->library.name;
	default:
		return w->function.name;
	}
}

static enum wasi_kind entry_kind(const struct wasi_file *folder)
{
	static const enum wasi_kind kind[] = {
		[WASI_FOLDER_IN] = WASI_INPUT,
		[WASI_FOLDER_OUT] = WASI_OUTPUT,
		[WASI_FOLDER_LIBRARY] = WASI_LIBRARY,
		[WASI_FOLDER_FUNCTION] = WASI_FUNCTION,
	};

	return kind[folder->kind];
}

/* An output is there once it has been opened for writing. */
static bool entry_exists(const struct wasi *w, const struct wasi_file *f, size_t index)
{
	return f->kind != WASI_FOLDER_OUT || w->output[index].written;
}

/* Append what fits, as fd_readdir wants it: the last entry may be cut. */
static void list_add(uint8_t *to, uint64_t size, uint64_t *used, const void *part,
		     uint64_t part_size)
{
	uint64_t fits = size - *used < part_size ? size - *used : part_size;

	memcpy(to + *used, part, fits);
	*used += fits;
}

uint32_t fd_readdir(struct wasi *w, const wasmtime_val_raw_t *a)
{
	const struct wasi_file *f = wasi_file_find(w, arg32(a, 0));
	uint64_t size = arg32(a, 2), cookie = arg64(a, 3), used = 0;
	uint8_t *to = guest(w, arg32(a, 1), size);

	if (!f || !to) {
		return f ? E_FAULT : E_BADF;
	}
	if (!wasi_is_folder(f)) {
		return E_NOTDIR;
	}
	for (uint64_t i = cookie; i < entry_count(w, f) && used < size; i++) {
		struct bytes name = entry_name(w, f, i);
		uint8_t head[SIZE_DIRENT] = { 0 };

		if (!entry_exists(w, f, i)) {
			continue;
		}
		put64(head, i + 1);
		put32(head + 16, (uint32_t)name.size);
		head[20] = TYPE_FILE;
		list_add(to, size, &used, head, sizeof(head));
		list_add(to, size, &used, name.at, name.size);
	}
	return give32(w, arg32(a, 4), (uint32_t)used);
}

/* ---- paths ---- */

static bool starts_with(struct bytes b, const char *text)
{
	size_t size = strlen(text);

	return b.size >= size && memcmp(b.at, text, size) == 0;
}

/*
 * A path below a folder: empty or "." is the folder itself, one plain name an entry. Nothing else
 * exists, and what tries to leave is told so. *out says what it is; an entry that is not there yet
 * is given with its index all the same.
 */
static uint32_t path_find(const struct wasi *w, uint32_t fd, struct bytes path,
			  struct wasi_file *out)
{
	const struct wasi_file *f = fd < WASI_FILES_MAX ? &w->file[fd] : NULL;

	if (!f || f->kind == WASI_CLOSED) {
		return E_BADF;
	}
	if (!wasi_is_folder(f)) {
		return E_NOTDIR;
	}
	while (starts_with(path, "./")) {
		path = mt_bytes(path.at + 2, path.size - 2);
	}
	if (path.size == 0 || mt_equal(path, mt_text("."))) {
		*out = *f;
		return E_SUCCESS;
	}
	if (starts_with(path, "/") || starts_with(path, "..")) {
		return E_NOTCAPABLE;
	}
	for (size_t i = 0; i < entry_count(w, f); i++) {
		if (mt_equal(path, entry_name(w, f, i))) {
			*out = (struct wasi_file){ .kind = entry_kind(f), .index = i };
			return E_SUCCESS;
		}
	}
	return E_NOENT;
}

static bool found_exists(const struct wasi *w, const struct wasi_file *f)
{
	return f->kind != WASI_OUTPUT || w->output[f->index].written;
}

uint32_t path_filestat_get(struct wasi *w, const wasmtime_val_raw_t *a)
{
	const uint8_t *path = guest(w, arg32(a, 2), arg32(a, 3));
	struct wasi_file f;

	if (!path) {
		return E_FAULT;
	}
	uint32_t err = path_find(w, arg32(a, 0), mt_bytes(path, arg32(a, 3)), &f);

	if (!err && !found_exists(w, &f)) {
		err = E_NOENT;
	}
	return err ? err : wasi_filestat_give(w, &f, arg32(a, 4));
}

/* What the flags ask of what was found. Changes nothing. */
static uint32_t open_check(const struct wasi *w, const struct wasi_file *f, uint32_t flags,
			   bool writes)
{
	if (wasi_is_folder(f)) {
		return writes || (flags & (OPEN_CREAT | OPEN_TRUNC)) ? E_ISDIR : E_SUCCESS;
	}
	if (flags & OPEN_FOLDER) {
		return E_NOTDIR;
	}
	if (wasi_readable(w, f)) {
		return writes || (flags & (OPEN_CREAT | OPEN_TRUNC)) ? E_ROFS : E_SUCCESS;
	}
	if (!found_exists(w, f)) {
		return flags & OPEN_CREAT ? E_SUCCESS : E_NOENT;
	}
	return flags & OPEN_CREAT && flags & OPEN_EXCL ? E_EXIST : E_SUCCESS;
}

uint32_t wasi_slot(const struct wasi *w)
{
	uint32_t slot = 0;

	while (slot < WASI_FILES_MAX && w->file[slot].kind != WASI_CLOSED) {
		slot++;
	}
	return slot;
}

uint32_t wasi_output_begin(struct wasi *w, const struct wasi_file *f, bool truncate)
{
	struct wasi_output *o = &w->output[f->index];

	if (truncate && o->size > 0) {
		if (ftruncate(o->fd, 0) != 0) {
			w->broken = true;
			return E_IO;
		}
		o->size = 0;
	}
	o->written = true;
	return E_SUCCESS;
}

uint32_t path_open(struct wasi *w, const wasmtime_val_raw_t *a)
{
	const uint8_t *path = guest(w, arg32(a, 2), arg32(a, 3));
	uint32_t flags = arg32(a, 4), slot = wasi_slot(w);
	bool writes = (arg64(a, 5) & RIGHT_WRITE) != 0;
	struct wasi_file f;

	if (!path || !guest(w, arg32(a, 8), 4)) {
		return E_FAULT;
	}
	uint32_t err = path_find(w, arg32(a, 0), mt_bytes(path, arg32(a, 3)), &f);

	/* C libraries ask for every right when they open a folder. */
	writes = writes && !(flags & OPEN_FOLDER);
	if (!err) {
		err = open_check(w, &f, flags, writes);
	}
	if (err) {
		return err;
	}
	if (slot == WASI_FILES_MAX) {
		return E_MFILE;
	}
	if (f.kind == WASI_OUTPUT) {
		err = wasi_output_begin(w, &f, (flags & OPEN_TRUNC) != 0);
	}
	if (!err) {
		f.may_write = writes && f.kind == WASI_OUTPUT;
		f.append = (arg32(a, 7) & FLAG_APPEND) != 0;
		w->file[slot] = f;
		err = give32(w, arg32(a, 8), slot);
	}
	return err;
}
