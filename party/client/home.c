/* Files: private ones in the home folder, and any file that must appear whole or not at all. */
#include "party/client/client_private.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum mesatee_err home_fail(struct mesatee *m, const char *what, const char *path)
{
	return client_fail(m, errno == ENOENT ? MESATEE_NOT_FOUND : MESATEE_FAILED, NULL, "cannot %s %s: %s", what,
			   path, strerror(errno));
}

/* Every folder of the path that is missing. */
static bool folders_make(const char *path)
{
	char part[CLIENT_PATH_MAX];

	(void)snprintf(part, sizeof(part), "%s", path);
	for (char *p = part + 1; *p; p++) {
		if (*p == '/') {
			*p = 0;
			if (mkdir(part, 0700) != 0 && errno != EEXIST) {
				return false;
			}
			*p = '/';
		}
	}
	return mkdir(part, 0700) == 0 || errno == EEXIST;
}

enum mesatee_err home_open(struct mesatee *m, const char *home)
{
	const char *base = getenv("HOME"), *configured = home && home[0] ? home : getenv("MESATEE_HOME");
	char path[CLIENT_PATH_MAX];
	int size = configured && configured[0]
			   ? snprintf(m->home, sizeof(m->home), "%s", configured)
			   : snprintf(m->home, sizeof(m->home), "%s/.config/mesatee", base ? base : ".");

	if (size < 1 || (size_t)size > sizeof(m->home) - 128) {
		return client_fail(m, MESATEE_USAGE, "set MESATEE_HOME to a shorter path",
				   "the home folder's path is too long");
	}
	static const char *const folder[] = { "", "heads", "datasets" };
	for (size_t i = 0; i < MT_COUNT(folder); i++) {
		enum mesatee_err err = home_path(m, folder[i], path);
		if (err) {
			return err;
		}
		if (!folders_make(path)) {
			return client_fail(m, MESATEE_FAILED, "set MESATEE_HOME to a folder of yours",
					   "cannot make the home folder %s: %s", path, strerror(errno));
		}
	}
	return MESATEE_OK;
}

enum mesatee_err home_path(struct mesatee *m, const char *name, char out[CLIENT_PATH_MAX])
{
	int size = snprintf(out, CLIENT_PATH_MAX, name[0] ? "%s/%s" : "%s", m->home, name);

	return size > 0 && size < CLIENT_PATH_MAX ? MESATEE_OK
						  : client_fail(m, MESATEE_USAGE, NULL, "a path is too long");
}

/* ---- reading ---- */

enum mesatee_err file_read(struct mesatee *m, const char *path, size_t max, uint8_t **out, size_t *size)
{
	struct stat facts;
	uint8_t *content = NULL;
	enum mesatee_err err = MESATEE_OK;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return home_fail(m, "read", path);
	}
	if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
		err = client_fail(m, MESATEE_USAGE, NULL, "%s is no regular file", path);
	} else if ((uint64_t)facts.st_size > max) {
		err = client_fail(m, MESATEE_USAGE, NULL, "%s is larger than %zu bytes", path, max);
	} else {
		content = mt_alloc((size_t)facts.st_size + 1);
		err = content ? file_read_at(m, fd, 0, content, (size_t)facts.st_size) : client_no_memory(m);
	}
	(void)close(fd);
	if (err) {
		mt_free(content);
		return err;
	}
	*out = content;
	*size = (size_t)facts.st_size;
	return MESATEE_OK;
}

enum mesatee_err file_read_at(struct mesatee *m, int fd, uint64_t offset, void *out, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = pread(fd, (uint8_t *)out + done, size - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return client_fail(m, MESATEE_FAILED, NULL, "cannot read a file: %s",
					   n ? strerror(errno) : "it became shorter");
		}
		done += (size_t)n;
	}
	return MESATEE_OK;
}

/* ---- writing ---- */

enum mesatee_err file_begin(struct mesatee *m, const char *path, unsigned mode, struct file_out *out)
{
	int size = snprintf(out->path, sizeof(out->path), "%s", path);

	out->fd = -1;
	if (size < 1 || (size_t)size >= sizeof(out->path)) {
		return client_fail(m, MESATEE_USAGE, NULL, "a path is too long");
	}
	(void)snprintf(out->temporary, sizeof(out->temporary), "%s.part-%ld", path, (long)getpid());
	(void)unlink(out->temporary);
	out->fd = open(out->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
	return out->fd < 0 ? client_fail(m, MESATEE_FAILED, NULL, "cannot write %s: %s", path, strerror(errno))
			   : MESATEE_OK;
}

enum mesatee_err file_write(struct mesatee *m, int fd, struct bytes data)
{
	while (data.size) {
		ssize_t n = write(fd, data.at, data.size);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return client_fail(m, MESATEE_FAILED, "make room on the disk", "cannot write a file: %s",
					   strerror(errno));
		}
		data = mt_bytes(data.at + n, data.size - (size_t)n);
	}
	return MESATEE_OK;
}

static bool folder_sync(const char *path)
{
	char copy[CLIENT_PATH_MAX];

	(void)snprintf(copy, sizeof(copy), "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0) {
		(void)close(fd);
	}
	return good;
}

enum mesatee_err file_finish(struct mesatee *m, struct file_out *f)
{
	bool good = fsync(f->fd) == 0;

	good = close(f->fd) == 0 && good;
	f->fd = -1;
	if (!good || rename(f->temporary, f->path) != 0) {
		int why = errno;
		(void)unlink(f->temporary);
		return client_fail(m, MESATEE_FAILED, "make room on the disk", "cannot write %s: %s", f->path,
				   strerror(why));
	}
	/* A folder that cannot be synced (some network file systems) still has the file. */
	(void)folder_sync(f->path);
	return MESATEE_OK;
}

void file_abort(struct file_out *f)
{
	if (f->fd >= 0) {
		(void)close(f->fd);
		(void)unlink(f->temporary);
		f->fd = -1;
	}
}

enum mesatee_err file_put(struct mesatee *m, const char *path, unsigned mode, struct bytes content)
{
	struct file_out f = { .fd = -1 };
	enum mesatee_err err = file_begin(m, path, mode, &f);

	if (!err) {
		err = file_write(m, f.fd, content);
	}
	if (!err) {
		err = file_finish(m, &f);
	}
	file_abort(&f);
	return err;
}

enum mesatee_err file_anonymous(struct mesatee *m, int *fd)
{
	const char *folder[] = { getenv("TMPDIR"), "/var/tmp", m->home }; /* /tmp may be memory */

	for (size_t i = 0; i < MT_COUNT(folder); i++) {
		*fd = folder[i] && folder[i][0] ? open(folder[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
		if (*fd >= 0) {
			return MESATEE_OK;
		}
	}
	char path[CLIENT_PATH_MAX];
	enum mesatee_err err = home_path(m, "part-XXXXXX", path);
	if (err) {
		return err;
	}
	*fd = mkostemp(path, O_CLOEXEC);
	if (*fd < 0) {
		return client_fail(m, MESATEE_FAILED, "set TMPDIR to a folder with room",
				   "cannot make a temporary file: %s", strerror(errno));
	}
	(void)unlink(path);
	return MESATEE_OK;
}

/* ---- several processes ---- */

enum mesatee_err home_lock(struct mesatee *m, int *fd)
{
	char path[CLIENT_PATH_MAX];
	enum mesatee_err err = home_path(m, "lock", path);

	if (err) {
		return err;
	}
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0 || flock(*fd, LOCK_EX) != 0) {
		err = client_fail(m, MESATEE_FAILED, NULL, "cannot lock %s: %s", path, strerror(errno));
		home_unlock(*fd);
	}
	return err;
}

void home_unlock(int fd)
{
	if (fd >= 0) {
		(void)close(fd);
	}
}
