#include "port/linux/zygote.h"

#include "port/linux/confine.h"
#include "port/linux/linux.h"

#include <signal.h>
#include <unistd.h>

static const struct {
	enum port_worker makes;
	const char *argument;
} kinds[ZYGOTES] = {
	{ PORT_PYTHON, ZYGOTE_BARE },
	{ PORT_PYTHON_PACKAGES, ZYGOTE_PACKAGES },
};

static struct zygote {
	pid_t pid; /* 0: none */
	int socket;
} zygotes[ZYGOTES];

static struct stray {
	pid_t pid; /* 0: the row is free */
	int status;
	struct rusage usage;
} strays[CONTROL_WORKERS_MAX];

static size_t index_of(enum port_worker kind)
{
	size_t i = 0;

	while (i < ZYGOTES && kinds[i].makes != kind) {
		i++;
	}
	return i;
}

bool zygote_makes(enum port_worker kind)
{
	return index_of(kind) < ZYGOTES;
}

bool zygote_lives(enum port_worker kind)
{
	size_t i = index_of(kind);

	return i < ZYGOTES && zygotes[i].pid;
}

static bool start(const struct images *images, size_t i)
{
	int pair[2];

	if (message_pair(pair) != MT_OK) {
		return false;
	}
	pid_t pid = confine_start(&(struct confine_start){ .images = images,
							   .image = worker_image(kinds[i].makes),
							   .fd = &pair[1],
							   .fd_count = 1,
							   .state = -1,
							   .argument = kinds[i].argument,
							   .forks = true });

	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return false;
	}
	zygotes[i] = (struct zygote){ .pid = pid, .socket = pair[0] };
	return true;
}

bool zygote_fork(const struct images *images, enum port_worker kind, size_t row, int socket)
{
	const uint8_t ask[] = { ZYGOTE_FORK, (uint8_t)row };
	size_t i = index_of(kind);

	mt_assert(i < ZYGOTES && row < CONTROL_WORKERS_MAX);
	return (zygotes[i].pid || start(images, i)) &&
	       message_send(zygotes[i].socket, mt_bytes(ask, sizeof(ask)), &socket, 1) == MT_OK;
}

void zygotes_poll(struct pollfd pollfd[ZYGOTES])
{
	for (size_t i = 0; i < ZYGOTES; i++) {
		pollfd[i] = (struct pollfd){ .fd = zygotes[i].pid ? zygotes[i].socket : -1, .events = POLLIN };
	}
}

static struct worker *born(struct bytes said)
{
	struct cursor c = cursor_over(said);
	uint8_t type = cursor_u8(&c), row = cursor_u8(&c);
	uint32_t pid = cursor_u32(&c);

	mt_assert(cursor_done(&c) && type == ZYGOTE_FORKED && row < CONTROL_WORKERS_MAX &&
		  workers[row].pid == WORKER_UNBORN && pid > 1 && pid <= INT32_MAX);
	workers[row].pid = (pid_t)pid;
	return &workers[row];
}

static struct worker *born_next(void)
{
	static uint8_t buffer[PORT_MESSAGE_MAX];
	struct message m;

	for (size_t i = 0; i < ZYGOTES; i++) {
		if (zygotes[i].pid && message_receive(zygotes[i].socket, buffer, &m) == MT_OK) {
			mt_assert(m.handle_count == 0);
			return born(m.body);
		}
	}
	return NULL;
}

struct worker *zygotes_born(bool *ended, int *status, struct rusage *usage)
{
	struct worker *w = born_next();

	*ended = false;
	for (size_t i = 0; w && i < MT_COUNT(strays); i++) {
		if (strays[i].pid == w->pid) {
			*ended = true;
			*status = strays[i].status;
			*usage = strays[i].usage;
			strays[i].pid = 0;
		}
	}
	return w;
}

void zygote_stray(pid_t pid, int status, const struct rusage *usage)
{
	size_t unborn = 0, i = 0;

	for (size_t k = 0; k < CONTROL_WORKERS_MAX; k++) {
		unborn += workers[k].pid == WORKER_UNBORN;
	}
	while (i < MT_COUNT(strays) && strays[i].pid) {
		i++;
	}
	/* Else it is nobody's: an init of a container is given the orphans of others. */
	if (unborn && i < MT_COUNT(strays)) {
		strays[i] = (struct stray){ pid, status, *usage };
	}
}

bool zygote_gone(pid_t pid, enum port_worker *kind)
{
	for (size_t i = 0; i < ZYGOTES; i++) {
		if (zygotes[i].pid == pid) {
			close(zygotes[i].socket);
			zygotes[i] = (struct zygote){ 0 };
			*kind = kinds[i].makes;
			return true;
		}
	}
	return false;
}

void zygotes_kill(void)
{
	for (size_t i = 0; i < ZYGOTES; i++) {
		if (zygotes[i].pid) {
			kill(zygotes[i].pid, SIGKILL);
		}
	}
}
