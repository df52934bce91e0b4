#include "port/linux/workers.h"

#include "port/linux/confine.h"
#include "port/linux/linux.h"
#include "port/linux/zygote.h"

#include <signal.h>
#include <unistd.h>

static const struct {
	enum image image;
	/*
	 * Processes kept forked, confined and waiting, so that a task does not pay for that. A
	 * compilation takes longer than a start.
	 */
	size_t warm;
} kinds[PORT_WORKERS] = {
	[PORT_COMPILE] = { IMAGE_COMPILE, 0 },
	[PORT_RUN] = { IMAGE_RUN, 2 },
	[PORT_SEAL] = { IMAGE_SEAL, 2 },
	[PORT_PYTHON] = { IMAGE_PYTHON, 1 },
	[PORT_PYTHON_PACKAGES] = { IMAGE_PYTHON, 1 },
	[PORT_BUILTIN] = { IMAGE_BUILTIN, 1 },
	[PORT_TA] = { IMAGE_TA, 1 },
};

struct worker workers[CONTROL_WORKERS_MAX];

enum image worker_image(enum port_worker kind)
{
	return kinds[kind].image;
}

/* Its process; 0: it cannot be had. */
static pid_t start(const struct images *images, enum port_worker kind, size_t row, int socket)
{
	if (zygote_makes(kind)) {
		return zygote_fork(images, kind, row, socket) ? WORKER_UNBORN : 0;
	}
	pid_t pid = confine_start(&(struct confine_start){ .images = images,
							   .image = kinds[kind].image,
							   .fd = &socket,
							   .fd_count = 1,
							   .state = -1 });

	return pid > 0 ? pid : 0;
}

bool worker_start(const struct images *images, enum port_worker kind)
{
	int pair[2];
	size_t row = 0;

	while (row < CONTROL_WORKERS_MAX && workers[row].pid) {
		row++;
	}
	if (row == CONTROL_WORKERS_MAX || message_pair(pair) != MT_OK) {
		return false;
	}
	pid_t pid = start(images, kind, row, pair[1]);

	close(pair[1]);
	if (!pid) {
		close(pair[0]);
		return false;
	}
	workers[row] = (struct worker){ .pid = pid, .kind = kind, .socket = pair[0] };
	return true;
}

void workers_warm(const struct images *images)
{
	for (size_t kind = 0; kind < PORT_WORKERS; kind++) {
		size_t have = 0;

		for (size_t i = 0; i < CONTROL_WORKERS_MAX; i++) {
			have += workers[i].pid && workers[i].number == 0 &&
				workers[i].kind == (enum port_worker)kind;
		}
		/* An interpreter takes memory while it waits: only where somebody has asked for one. */
		bool asked = !zygote_makes((enum port_worker)kind) || zygote_lives((enum port_worker)kind);

		while (asked && have++ < kinds[kind].warm &&
		       worker_start(images, (enum port_worker)kind)) {
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
	for (size_t i = 0; i < CONTROL_WORKERS_MAX; i++) {
		if (workers[i].pid && workers[i].number == 0 && workers[i].kind == kind) {
			return &workers[i];
		}
	}
	return NULL;
}

void worker_kill(struct worker *w)
{
	if (w->pid == WORKER_UNBORN) {
		w->doomed = true;
	} else if (w->pid) {
		kill(w->pid, SIGKILL);
	}
}
