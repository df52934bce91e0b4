#include "port/linux/workers.h"

#include "port/linux/confine.h"
#include "port/linux/linux.h"

#include <unistd.h>

/*
 * Processes kept forked, confined and waiting, so that a task does not pay for that. A compilation
 * takes longer than a start.
 */
static const size_t warm_count[PORT_WORKERS] = {
	[PORT_COMPILE] = 0, [PORT_RUN] = 2, [PORT_SEAL] = 2, [PORT_PYTHON] = 1
};

struct worker workers[CONTROL_WORKERS_MAX];
/* An interpreter that waits takes 35 MiB: only where somebody has asked for one. */
static bool python_asked;

bool worker_start(const struct images *images, enum port_worker kind)
{
	for (size_t i = 0; i < CONTROL_WORKERS_MAX; i++) {
		struct worker *w = &workers[i];
		int pair[2];

		if (w->pid) {
			continue;
		}
		if (message_pair(pair) != MT_OK) {
			return false;
		}
		pid_t pid = confine_start(&(struct confine_start){ .images = images,
								   .image = (enum image)kind,
								   .fd = &pair[1],
								   .fd_count = 1,
								   .state = -1 });

		close(pair[1]);
		if (pid < 0) {
			close(pair[0]);
			return false;
		}
		*w = (struct worker){ .pid = pid, .kind = kind, .socket = pair[0] };
		return true;
	}
	return false;
}

void workers_warm(const struct images *images)
{
	for (size_t kind = 0; kind < PORT_WORKERS; kind++) {
		size_t have = 0;

		for (size_t i = 0; i < CONTROL_WORKERS_MAX; i++) {
			have += workers[i].pid && workers[i].number == 0 &&
				workers[i].kind == (enum port_worker)kind;
		}
		size_t want = kind == PORT_PYTHON && !python_asked ? 0 : warm_count[kind];

		while (have++ < want && worker_start(images, (enum port_worker)kind)) {
		}
	}
}

struct worker *worker_find(uint32_t number)
{
	for (size_t i = 0; i < CONTROL_WORKERS_MAX; i++) {
		if (workers[i].pid && workers[i].number == number) {
			return &workers[i];
		}
	}
	return NULL;
}

struct worker *worker_waiting(enum port_worker kind)
{
	python_asked |= kind == PORT_PYTHON;
	for (size_t i = 0; i < CONTROL_WORKERS_MAX; i++) {
		if (workers[i].pid && workers[i].number == 0 && workers[i].kind == kind) {
			return &workers[i];
		}
	}
	return NULL;
}
