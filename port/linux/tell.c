#include "port/linux/tell.h"

#include "port/linux/linux.h"

#include <sys/wait.h>
#include <time.h>

static int core = -1;

void tell_open(int socket)
{
	core = socket;
}

static void tell(const struct builder *b, const int *fd)
{
	struct bytes body;

	if (builder_done(b, &body) == MT_OK && message_send_wait(core, body, fd, fd ? 1 : 0) != MT_OK) {
		/* Gone. */
	}
}

void tell_stop(void)
{
	uint8_t stop = CONTROL_STOP;
	struct builder b = { .at = &stop, .size = 1, .capacity = 1 };

	tell(&b, NULL);
}

void tell_worker(uint32_t number, int socket)
{
	uint8_t wire[CONTROL_SIZE_MAX];
	struct builder b = builder_over(wire, sizeof(wire));

	builder_u8(&b, CONTROL_WORKER);
	builder_u32(&b, number);
	tell(&b, &socket);
}

void tell_gone(uint32_t number, int status, bool late, const struct rusage *usage)
{
	static const struct rusage nothing;
	uint8_t wire[CONTROL_SIZE_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	const struct rusage *u = usage ? usage : &nothing;
	int64_t cpu_us = (int64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000 + u->ru_utime.tv_usec + u->ru_stime.tv_usec;

	builder_u8(&b, CONTROL_GONE);
	builder_u32(&b, number);
	builder_u32(&b, (uint32_t)(WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status)));
	builder_u8(&b, late);
	builder_u64(&b, (uint64_t)cpu_us);
	builder_u64(&b, (uint64_t)u->ru_maxrss * 1024);
	tell(&b, NULL);
}

void tell_used(const struct worker *w)
{
	uint8_t wire[CONTROL_SIZE_MAX];
	struct builder b = builder_over(wire, sizeof(wire));
	struct timespec used;
	clockid_t clock;

	if (w->pid == WORKER_UNBORN || clock_getcpuclockid(w->pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
		return; /* CONTROL_GONE says it as well */
	}
	builder_u8(&b, CONTROL_USED);
	builder_u32(&b, w->number);
	builder_u64(&b, (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000);
	tell(&b, NULL);
}
