#include "ree/supplicant/store.h"

#include "port/linux/linux.h"
#include "ree/supplicant/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZERO_SIZE ((size_t)256 << 10)
#define FILE_NAME_SIZE (2 * REE_NAME_SIZE + 1)

struct upload {
	uint32_t number; /* 0: the row is free */
	int fd;
	uint64_t size;
	uint8_t name[REE_NAME_SIZE];
};

struct store {
	int folder; /* borrowed */
	int lock, log, incoming;
	int space[REE_SPACES];
	int trusted[REE_TRUSTED_FILES];
	uint64_t log_size;
	uint32_t next; /* numbers uploads and temporary files */
	struct upload upload[REE_UPLOADS_MAX];
};

static const char *const space_name[REE_SPACES] = {
	[REE_DATA] = "data",
	[REE_ARTIFACT] = "artifact",
	[REE_OUTPUT] = "output",
	[REE_TA] = "ta",
};

static void close_open(int fd)
{
	if (fd >= 0) {
		close(fd);
	}
}

static const char *const trusted_name[REE_TRUSTED_FILES] = { "trusted-0", "trusted-1" };

/* ---- opening ---- */

static int folder_open(int parent, const char *name)
{
	if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST) {
		return -1;
	}
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* What a supplicant that was killed left half-written. */
static enum mt_err incoming_clear(int incoming)
{
	int fd = openat(incoming, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	enum mt_err err = MT_OK;

	if (!list) {
		close_open(fd);
		return MT_IO;
	}
	for (struct dirent *e; !err && (e = readdir(list));) {
		if (e->d_name[0] != '.' && unlinkat(incoming, e->d_name, 0) != 0) {
			err = file_error(errno);
		}
	}
	closedir(list);
	return err;
}

static enum mt_err store_fill(struct store *s)
{
	struct stat facts;

	s->lock = openat(s->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock < 0) {
		return file_error(errno);
	}
	if (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
		return errno == EWOULDBLOCK ? MT_STATE : MT_IO;
	}
	for (size_t i = 0; i < REE_SPACES; i++) {
		s->space[i] = folder_open(s->folder, space_name[i]);
		if (s->space[i] < 0) {
			return file_error(errno);
		}
	}
	for (size_t i = 0; i < REE_TRUSTED_FILES; i++) {
		s->trusted[i] = openat(s->folder, trusted_name[i], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (s->trusted[i] < 0) {
			return file_error(errno);
		}
	}
	s->incoming = folder_open(s->folder, "incoming");
	s->log = openat(s->folder, "log", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->incoming < 0 || s->log < 0 || fstat(s->log, &facts) != 0 || fsync(s->folder) != 0) {
		return file_error(errno);
	}
	s->log_size = (uint64_t)facts.st_size;
	return incoming_clear(s->incoming);
}

MUST enum mt_err store_open(int folder, struct store **out)
{
	struct store *s = mt_alloc(sizeof(*s));

	*out = NULL;
	if (!s) {
		return MT_NO_MEMORY;
	}
	s->folder = folder;
	s->lock = s->log = s->incoming = -1;
	for (size_t i = 0; i < REE_SPACES; i++) {
		s->space[i] = -1;
	}
	for (size_t i = 0; i < REE_TRUSTED_FILES; i++) {
		s->trusted[i] = -1;
	}
	enum mt_err err = store_fill(s);

	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return MT_OK;
}

void store_close(struct store *s)
{
	if (!s) {
		return;
	}
	for (size_t i = 0; i < REE_UPLOADS_MAX; i++) {
		if (s->upload[i].number) {
			close(s->upload[i].fd);
		}
	}
	for (size_t i = 0; i < REE_SPACES; i++) {
		close_open(s->space[i]);
	}
	for (size_t i = 0; i < REE_TRUSTED_FILES; i++) {
		close_open(s->trusted[i]);
	}
	close_open(s->incoming);
	close_open(s->log);
	close_open(s->lock);
	mt_free(s);
}

/* ---- the log ---- */

/*
 * Zeros, not fallocate(): a write into an extent that was never written changes the file's
 * metadata, and then fdatasync() has a journal to wait for. Written once here, later records cost
 * one flush.
 */
static enum mt_err log_extend(struct store *s, uint64_t to)
{
	static const uint8_t zeros[ZERO_SIZE];
	enum mt_err err = MT_OK;

	for (uint64_t at = s->log_size; !err && at < to;) {
		size_t size = to - at < ZERO_SIZE ? (size_t)(to - at) : ZERO_SIZE;

		err = file_write(s->log, at, mt_bytes(zeros, size));
		at += size;
	}
	if (!err && fsync(s->log) != 0) {
		err = file_error(errno);
	}
	if (err) {
		/* Best effort: zeros at the end mean nothing to the log either way. */
		(void)!ftruncate(s->log, (off_t)s->log_size);
		return err;
	}
	s->log_size = to;
	return MT_OK;
}

MUST enum mt_err store_log_read(struct store *s, uint64_t offset, uint8_t *out, size_t size,
				size_t *got)
{
	return file_read(s->log, offset, out, size, got);
}

MUST enum mt_err store_log_write(struct store *s, uint64_t extend_to, uint64_t offset,
				 struct bytes content)
{
	enum mt_err err = MT_OK;

	if (extend_to > REE_BLOB_SIZE_MAX || offset > REE_BLOB_SIZE_MAX) {
		return MT_LIMIT;
	}
	if (extend_to > s->log_size) {
		err = log_extend(s, extend_to);
	}
	if (!err) {
		err = file_write(s->log, offset, content);
	}
	if (!err && fdatasync(s->log) != 0) {
		err = file_error(errno);
	}
	if (!err && offset + content.size > s->log_size) {
		s->log_size = offset + content.size;
	}
	return err;
}

/* ---- trusted storage's files ---- */

MUST enum mt_err store_trusted_read(struct store *s, unsigned file, uint64_t offset, uint8_t *out, size_t size, size_t *got)
{
	return offset > REE_BLOB_SIZE_MAX ? MT_LIMIT : file_read(s->trusted[file], offset, out, size, got);
}

MUST enum mt_err store_trusted_write(struct store *s, unsigned file, uint64_t offset, struct bytes content, bool sync)
{
	enum mt_err err = offset > REE_BLOB_SIZE_MAX ? MT_LIMIT : file_write(s->trusted[file], offset, content);

	return !err && sync && fdatasync(s->trusted[file]) != 0 ? file_error(errno) : err;
}

MUST enum mt_err store_trusted_size(struct store *s, unsigned file, uint64_t *out)
{
	struct stat facts;

	if (fstat(s->trusted[file], &facts) != 0) {
		return file_error(errno);
	}
	*out = (uint64_t)facts.st_size;
	return MT_OK;
}

MUST enum mt_err store_trusted_clear(struct store *s, unsigned file)
{
	return ftruncate(s->trusted[file], 0) != 0 ? file_error(errno) : MT_OK;
}

/* ---- blobs ---- */

static void file_name(const uint8_t name[REE_NAME_SIZE], char out[FILE_NAME_SIZE])
{
	mt_hex(mt_bytes(name, REE_NAME_SIZE), out);
}

static void incoming_name(uint32_t number, char out[FILE_NAME_SIZE])
{
	snprintf(out, FILE_NAME_SIZE, "%u", number);
}

static int incoming_make(struct store *s, uint32_t *number)
{
	char name[FILE_NAME_SIZE];

	s->next = s->next == UINT32_MAX ? 1 : s->next + 1;
	incoming_name(s->next, name);
	*number = s->next;
	return openat(s->incoming, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static void incoming_drop(struct store *s, uint32_t number, int fd)
{
	char name[FILE_NAME_SIZE];

	close(fd);
	incoming_name(number, name);
	(void)unlinkat(s->incoming, name, 0);
}

/*
 * Content first, then the name, then the folder that holds the name. Ends the incoming file either
 * way.
 */
static enum mt_err incoming_keep(struct store *s, uint32_t number, int fd, enum ree_space space,
				 const uint8_t name[REE_NAME_SIZE])
{
	char from[FILE_NAME_SIZE], to[FILE_NAME_SIZE];

	incoming_name(number, from);
	file_name(name, to);
	if (fsync(fd) != 0 || renameat(s->incoming, from, s->space[space], to) != 0) {
		enum mt_err err = file_error(errno);

		incoming_drop(s, number, fd);
		return err;
	}
	close(fd);
	return fsync(s->space[space]) == 0 ? MT_OK : file_error(errno);
}

MUST enum mt_err store_blob_open(struct store *s, enum ree_space space,
				 const uint8_t name[REE_NAME_SIZE], int *out, uint64_t *size)
{
	char file[FILE_NAME_SIZE];
	struct stat facts;

	file_name(name, file);
	int fd = openat(s->space[space], file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &facts) != 0) {
		enum mt_err err = file_error(errno);

		close_open(fd);
		return err;
	}
	*out = fd;
	*size = (uint64_t)facts.st_size;
	return MT_OK;
}

MUST enum mt_err store_blob_head(struct store *s, enum ree_space space,
				 const uint8_t name[REE_NAME_SIZE], uint8_t *out, size_t capacity,
				 size_t *got, uint64_t *size)
{
	int fd = -1;
	enum mt_err err = store_blob_open(s, space, name, &fd, size);

	if (!err) {
		err = file_read(fd, 0, out, capacity, got);
	}
	close_open(fd);
	return err;
}

MUST enum mt_err store_blob_get(struct store *s, enum ree_space space,
				const uint8_t name[REE_NAME_SIZE], int *out, uint64_t *size)
{
	port_handle memory = PORT_NO_HANDLE;
	int fd = -1;
	enum mt_err err = store_blob_open(s, space, name, &fd, size);

	if (!err) {
		err = memory_scratch(&memory);
	}
	if (!err) {
		err = file_copy(fd, memory, *size);
	}
	if (!err) {
		err = memory_seal(memory);
	}
	close_open(fd);
	if (err) {
		memory_close(memory);
		return err;
	}
	*out = memory;
	return MT_OK;
}

MUST enum mt_err store_blob_put(struct store *s, enum ree_space space,
				const uint8_t name[REE_NAME_SIZE], int content)
{
	struct stat facts;
	uint32_t number;

	if (fstat(content, &facts) != 0 || !S_ISREG(facts.st_mode)) {
		return MT_MALFORMED;
	}
	if ((uint64_t)facts.st_size > REE_BLOB_SIZE_MAX) {
		return MT_LIMIT;
	}
	int fd = incoming_make(s, &number);

	if (fd < 0) {
		return file_error(errno);
	}
	enum mt_err err = file_copy(content, fd, (uint64_t)facts.st_size);

	if (err) {
		incoming_drop(s, number, fd);
		return err;
	}
	return incoming_keep(s, number, fd, space, name);
}

MUST enum mt_err store_blob_drop(struct store *s, enum ree_space space,
				 const uint8_t name[REE_NAME_SIZE])
{
	char file[FILE_NAME_SIZE];

	file_name(name, file);
	if (unlinkat(s->space[space], file, 0) != 0 || fsync(s->space[space]) != 0) {
		return file_error(errno);
	}
	return MT_OK;
}

/* ---- uploads ---- */

static struct upload *upload_find(struct store *s, uint32_t number)
{
	for (size_t i = 0; i < REE_UPLOADS_MAX; i++) {
		if (s->upload[i].number == number) {
			return &s->upload[i];
		}
	}
	return NULL;
}

MUST enum mt_err store_upload_open(struct store *s, const uint8_t name[REE_NAME_SIZE],
				   uint64_t size, uint32_t *upload, int *out)
{
	struct upload *u = upload_find(s, 0);
	uint32_t number;

	if (!u || size > REE_BLOB_SIZE_MAX) {
		return MT_LIMIT;
	}
	int fd = incoming_make(s, &number);

	if (fd < 0) {
		return file_error(errno);
	}
	/*
	 * The room is taken now, so that an upload does not fail at its end. Not every file system
	 * can.
	 */
	bool full = size > 0 && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) != 0 &&
		    errno != EOPNOTSUPP;
	int given = full ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (given < 0) {
		enum mt_err err = file_error(errno);

		incoming_drop(s, number, fd);
		return err;
	}
	*u = (struct upload){ .number = number, .fd = fd, .size = size };
	memcpy(u->name, name, REE_NAME_SIZE);
	*upload = number;
	*out = given;
	return MT_OK;
}

MUST enum mt_err store_upload_sync(struct store *s, uint32_t upload)
{
	struct upload *u = upload ? upload_find(s, upload) : NULL;

	if (!u) {
		return MT_NOT_FOUND;
	}
	enum mt_err lost = fdatasync(u->fd) == 0 ? MT_OK : file_error(errno);

	/* The kernel tells a failed write once: the sync of the close would not hear of it again. */
	if (lost) {
		incoming_drop(s, u->number, u->fd);
		*u = (struct upload){ 0 };
	}
	return lost;
}

MUST enum mt_err store_upload_close(struct store *s, uint32_t upload)
{
	struct upload *u = upload ? upload_find(s, upload) : NULL;
	struct stat facts;

	if (!u) {
		return MT_NOT_FOUND;
	}
	struct upload was = *u;

	*u = (struct upload){ 0 };
	if (fstat(was.fd, &facts) != 0 || (uint64_t)facts.st_size != was.size) {
		incoming_drop(s, was.number, was.fd);
		return MT_MALFORMED;
	}
	return incoming_keep(s, was.number, was.fd, REE_DATA, was.name);
}

MUST enum mt_err store_upload_abort(struct store *s, uint32_t upload)
{
	struct upload *u = upload ? upload_find(s, upload) : NULL;

	if (!u) {
		return MT_NOT_FOUND;
	}
	incoming_drop(s, u->number, u->fd);
	*u = (struct upload){ 0 };
	return MT_OK;
}
