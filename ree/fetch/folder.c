/* file: names, inside the folder that the operator has named. */
#include "ree/fetch/jobs.h"

#include "port/linux/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PIECE (1u << 20)

bool folder_name_ok(const char *name)
{
	do {
		size_t size = strcspn(name, "/");

		if (size == 0 || strncmp(name, "..", size) == 0) { /* "." as well */
			return false;
		}
		name += size;
	} while (*name++ == '/');
	return true;
}

/* The kernel holds the name inside: no symbolic link anywhere in it, nothing above the folder. A FIFO must not keep us waiting. */
static int folder_file(const char *name)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, FETCH_FD_FOLDER, name, &how, sizeof(how));
}

static enum fetch_outcome folder_error(int code)
{
	switch (code) {
	case ENOENT:
	case ENOTDIR:
		return FETCH_NOTHING;
	case ELOOP:
	case EXDEV:
	case ENAMETOOLONG:
		return FETCH_URL;
	default:
		return FETCH_DISK;
	}
}

enum fetch_outcome folder_open(struct job *job)
{
	const char *name = job->url + strlen("file:");
	struct stat facts;

	if (!folder_name_ok(name) || job->gives) {
		return FETCH_URL;
	}
	if (!job->jobs->folder) {
		return FETCH_NO_FOLDER;
	}
	job->from = folder_file(name);
	if (job->from < 0) {
		return folder_error(errno);
	}
	if (fstat(job->from, &facts) != 0) {
		return FETCH_DISK;
	}
	if (!S_ISREG(facts.st_mode)) {
		return FETCH_NOTHING;
	}
	return (uint64_t)facts.st_size == job->size ? FETCH_DONE : FETCH_SIZE;
}

void folder_turn(struct job *job, uint64_t now_ms)
{
	static uint8_t space[PIECE];
	uint64_t left = job->size - job->at;
	ssize_t n = pread(job->from, space, left < PIECE ? (size_t)left : PIECE, (off_t)job->at);

	if (n <= 0) {
		job_end(job, n < 0 ? FETCH_DISK : FETCH_SIZE); /* it became shorter under our hands */
	} else if (!job_take(job, mt_bytes(space, (size_t)n), now_ms)) {
		job_end(job, (enum fetch_outcome)job->verdict);
	} else if (job->at == job->size) {
		job_end(job, FETCH_DONE);
	}
}
