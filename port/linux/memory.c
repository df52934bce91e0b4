/*
 * Shared memory as sealed memfds.
 */
#include "port/linux/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Up to here a mapping is filled at once, which is cheaper than a fault for every 16 pages. */
#define MAP_FILL_MAX ((size_t)4 << 20)
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define WINDOW_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW)

static enum mt_err memory_error(int code)
{
	switch (code) {
	case EMFILE:
	case ENFILE:
	case EFBIG:
		return MT_LIMIT;
	default:
		return MT_NO_MEMORY;
	}
}

MUST enum mt_err memory_scratch(port_handle *out)
{
	int fd = memfd_create("mesatee", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0) {
		return memory_error(errno);
	}
	*out = fd;
	return MT_OK;
}

MUST enum mt_err memory_write(port_handle handle, uint64_t offset, struct bytes content)
{
	for (size_t done = 0; done < content.size;) {
		ssize_t n = pwrite(handle, content.at + done, content.size - done, (off_t)(offset + done));

		if (n <= 0) {
			return memory_error(errno);
		}
		done += (size_t)n;
	}
	return MT_OK;
}

MUST enum mt_err memory_make(struct bytes content, port_handle *out)
{
	port_handle fd = PORT_NO_HANDLE;
	enum mt_err err = memory_scratch(&fd);

	if (!err) {
		err = memory_write(fd, 0, content);
	}
	if (!err) {
		err = memory_seal(fd);
	}
	if (err) {
		memory_close(fd);
		return err;
	}
	*out = fd;
	return MT_OK;
}

MUST enum mt_err memory_seal(port_handle handle)
{
	if (fcntl(handle, F_ADD_SEALS, SEALS) == 0) {
		return MT_OK;
	}
	if (errno == EBUSY) {
		return MT_STATE;
	}
	/* Sealed before: only good if nothing is missing. */
	int have = fcntl(handle, F_GET_SEALS);

	return have >= 0 && (have & SEALS) == SEALS ? MT_OK : MT_DENIED;
}

MUST enum mt_err memory_map(port_handle handle, struct bytes *out)
{
	const int need = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int have = fcntl(handle, F_GET_SEALS);
	struct stat facts;

	if (have < 0 || (have & need) != need || fstat(handle, &facts) != 0 || facts.st_size < 0) {
		return MT_DENIED;
	}
	if (facts.st_size == 0) {
		*out = mt_bytes(NULL, 0);
		return MT_OK;
	}
	/*
	 * Private, since kernels before 6.7 refuse a shared mapping of write-sealed memory, also
	 * one for reading.
	 */
	int fill = (size_t)facts.st_size <= MAP_FILL_MAX ? MAP_POPULATE : 0;
	void *at = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE | fill, handle, 0);

	if (at == MAP_FAILED) {
		return MT_NO_MEMORY;
	}
	*out = mt_bytes(at, (size_t)facts.st_size);
	return MT_OK;
}

void memory_unmap(struct bytes mapped)
{
	if (mapped.size > 0) {
		(void)munmap((void *)(uintptr_t)mapped.at, mapped.size);
	}
}

/* mmap() has no mapping of nothing. */
static uint8_t nothing;

MUST enum mt_err memory_draft(size_t size, port_handle *out, uint8_t **at)
{
	port_handle fd = PORT_NO_HANDLE;
	enum mt_err err = size <= INT64_MAX ? memory_scratch(&fd) : MT_LIMIT;

	if (err) {
		return err;
	}
	if (ftruncate(fd, (off_t)size) != 0) {
		err = memory_error(errno);
	}
	void *mapped = &nothing;

	if (!err && size > 0) {
		mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	if (err || mapped == MAP_FAILED) {
		memory_close(fd);
		return err ? err : MT_NO_MEMORY;
	}
	*out = fd;
	*at = mapped;
	return MT_OK;
}

MUST enum mt_err memory_keep(port_handle handle, uint8_t *at, size_t size)
{
	memory_unmap(mt_bytes(at, size));
	return memory_seal(handle);
}

void memory_drop(port_handle handle, uint8_t *at, size_t size)
{
	memory_unmap(mt_bytes(at, size));
	memory_close(handle);
}

MUST enum mt_err memory_window(size_t size, port_handle *out, uint8_t **at)
{
	port_handle fd = PORT_NO_HANDLE;
	uint8_t *mapped = NULL;
	enum mt_err err = memory_draft(size, &fd, &mapped);

	if (err) {
		return err;
	}
	/* Memory that somebody could cut short would be a signal at the next touch. */
	if (fcntl(fd, F_ADD_SEALS, WINDOW_SEALS) != 0) {
		memory_drop(fd, mapped, size);
		return MT_NO_MEMORY;
	}
	*out = fd;
	*at = mapped;
	return MT_OK;
}

static enum mt_err map_shared(port_handle handle, size_t size, uint8_t **at)
{
	void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);

	if (mapped == MAP_FAILED) {
		return MT_NO_MEMORY;
	}
	*at = mapped;
	return MT_OK;
}

MUST enum mt_err memory_window_map(port_handle handle, size_t size, uint8_t **at)
{
	int have = fcntl(handle, F_GET_SEALS);
	struct stat facts;

	if (have < 0 || (have & WINDOW_SEALS) != WINDOW_SEALS || (have & F_SEAL_WRITE) || fstat(handle, &facts) != 0 ||
	    (uint64_t)facts.st_size != size) {
		return MT_DENIED;
	}
	return map_shared(handle, size, at);
}

MUST enum mt_err memory_foreign_map(port_handle handle, size_t size, uint8_t **at)
{
	int have = fcntl(handle, F_GET_SEALS);
	struct stat facts;

	/* Unsealed, its owner could make every touch a signal. That it may grow changes nothing. */
	if (have < 0 || !(have & F_SEAL_SHRINK) || fstat(handle, &facts) != 0 || facts.st_size < 0 || (uint64_t)facts.st_size < size) {
		return MT_DENIED;
	}
	return map_shared(handle, size, at);
}

MUST enum mt_err memory_share(port_handle handle, port_handle *out)
{
	int fd = fcntl(handle, F_DUPFD_CLOEXEC, 0);

	if (fd < 0) {
		return MT_LIMIT;
	}
	*out = fd;
	return MT_OK;
}

void memory_close(port_handle handle)
{
	if (handle != PORT_NO_HANDLE) {
		(void)close(handle);
	}
}
