/* Blocks of shared memory. */
#include "ree/libteec/libteec.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLAGS (TEEC_MEM_INPUT | TEEC_MEM_OUTPUT)

bool block_map(int fd, size_t size, uint8_t **at)
{
	void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	*at = mapped == MAP_FAILED ? NULL : mapped;
	return *at != NULL;
}

bool block_make(size_t size, struct libteec_memory *out)
{
	struct libteec_memory m = { .fd = memfd_create("teec", MFD_CLOEXEC | MFD_ALLOW_SEALING), .size = size };

	if (m.fd >= 0 && size <= TEE_WINDOW_SIZE_MAX && ftruncate(m.fd, (off_t)size) == 0 &&
	    fcntl(m.fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0 && block_map(m.fd, size, &m.at)) {
		*out = m;
		return true;
	}
	if (m.fd >= 0) {
		close(m.fd);
	}
	return false;
}

void block_end(struct libteec_memory *m)
{
	if (m->at) {
		munmap(m->at, m->size);
		close(m->fd);
	}
	*m = (struct libteec_memory){ .fd = -1 };
}

/* An id is an int; numbers begin at 1 and no program makes 2^31 blocks. */
static bool number_take(TEEC_SharedMemory *shm)
{
	uint64_t number = table_number();

	shm->imp.id = (int)number;
	return number <= INT_MAX;
}

static bool start(TEEC_Context *context, TEEC_SharedMemory *shm)
{
	if (!context || !shm || !table_context(context) || (shm->flags & ~(uint32_t)FLAGS) || !(shm->flags & FLAGS)) {
		return false;
	}
	shm->imp.id = -1;
	shm->imp.alloced_size = 0;
	shm->imp.shadow_buffer = NULL;
	shm->imp.registered_fd = -1;
	shm->imp.flags = shm->flags;
	return true;
}

/* A memfd of this block; also one of no bytes has a page, for its buffer has an address. */
static TEEC_Result back(TEEC_SharedMemory *shm, uint8_t **at)
{
	struct libteec_memory m;

	if (!block_make(shm->size ? shm->size : 1, &m)) {
		return TEEC_ERROR_OUT_OF_MEMORY;
	}
	if (!number_take(shm)) {
		block_end(&m);
		return TEEC_ERROR_OUT_OF_MEMORY;
	}
	shm->imp.registered_fd = m.fd;
	shm->imp.alloced_size = m.size;
	*at = m.at;
	return TEEC_SUCCESS;
}

TEEC_Result TEEC_RegisterSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem)
{
	uint8_t *at = NULL;

	if (!start(context, sharedMem) || !sharedMem->buffer) {
		return TEEC_ERROR_BAD_PARAMETERS;
	}
	TEEC_Result result = back(sharedMem, &at);

	sharedMem->imp.shadow_buffer = at;
	return result;
}

TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem)
{
	uint8_t *at = NULL;

	if (!start(context, sharedMem)) {
		return TEEC_ERROR_BAD_PARAMETERS;
	}
	TEEC_Result result = back(sharedMem, &at);

	sharedMem->buffer = at;
	return result;
}

TEEC_Result TEEC_RegisterSharedMemoryFileDescriptor(TEEC_Context *context, TEEC_SharedMemory *sharedMem, int fd)
{
	struct stat facts;
	uint8_t *at = NULL;

	if (!start(context, sharedMem) || fd < 0 || fstat(fd, &facts) != 0 || facts.st_size <= 0 ||
	    (uint64_t)facts.st_size > TEE_WINDOW_SIZE_MAX) {
		return TEEC_ERROR_BAD_PARAMETERS;
	}
	int seals = fcntl(fd, F_GET_SEALS), mode = fcntl(fd, F_GETFL);

	/* The TEE takes no memory that somebody could cut short, and maps what it takes for writing. */
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || (seals & F_SEAL_WRITE) || (mode & O_ACCMODE) != O_RDWR) {
		return TEEC_ERROR_NOT_SUPPORTED;
	}
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0 || !number_take(sharedMem)) {
		if (own >= 0) {
			close(own);
		}
		return TEEC_ERROR_OUT_OF_MEMORY;
	}
	/* For the opening of a session, which copies; where the program may not map it, it cannot be a parameter of that. */
	(void)!block_map(own, (size_t)facts.st_size, &at);
	sharedMem->buffer = NULL;
	sharedMem->size = (size_t)facts.st_size;
	sharedMem->imp.shadow_buffer = at;
	sharedMem->imp.alloced_size = (size_t)facts.st_size;
	sharedMem->imp.registered_fd = own;
	return TEEC_SUCCESS;
}

TEEC_Result TEEC_RegisterMemoryFileDescriptor(TEEC_Context *context, TEEC_SharedMemory *sharedMem, int fd)
{
	return TEEC_RegisterSharedMemoryFileDescriptor(context, sharedMem, fd);
}

void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *sharedMemory)
{
	if (!sharedMemory || sharedMemory->imp.id <= 0) {
		return;
	}
	void *mapped = sharedMemory->imp.shadow_buffer ? sharedMemory->imp.shadow_buffer : sharedMemory->buffer;
	bool ours = !sharedMemory->imp.shadow_buffer;

	table_forget((uint64_t)sharedMemory->imp.id);
	/* Memory by descriptor that could not be mapped has neither. */
	if (mapped) {
		munmap(mapped, sharedMemory->imp.alloced_size);
	}
	close(sharedMemory->imp.registered_fd);
	if (ours) {
		sharedMemory->buffer = NULL;
		sharedMemory->size = 0;
	}
	sharedMemory->imp.id = -1;
	sharedMemory->imp.registered_fd = -1;
	sharedMemory->imp.shadow_buffer = NULL;
	sharedMemory->imp.alloced_size = 0;
}
