/*
 * mesatee-launcher: starts the processes of a node, each measured and confined, and watches over
 * them. It holds no secret and reads nothing but its command line and the fixed messages of
 * control.h.
 *
 *   mesatee-launcher --images DIR --state DIR --listen ADDRESS:PORT --config FILE --platform FILE
 *   [--tee PATH] [--ready-fd N] mesatee-launcher --images DIR [--config FILE] --measure
 *
 * Class R.
 */
#include "port/linux/begin.h"
#include "port/linux/confine.h"
#include "port/linux/control.h"
#include "port/linux/images.h"
#include "port/linux/linux.h"
#include "port/linux/options.h"
#include "port/linux/tell.h"
#include "port/linux/workers.h"
#include "port/linux/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STOP_GRACE_MS 2000
#define CULPRIT_GRACE_MS 100
/* For the gateway to send core's last answers, such as the one to a stop, after core has ended. */
#define ANSWER_GRACE_MS 300

static struct images images;
static pid_t pid_of[IMAGES]; /* core, gateway, supplicant, fetch, door */
static int to_core = -1, gateway_ready = -1, signals = -1, ready_fd = -1;
static const char *may_fetch; /* NULL: no fetcher */
static char door_user[32]; /* the door's argument */
static uint64_t stop_at_ms; /* 0: not stopping */
/*
 * When new workers are forked in place of those given away; 0: none is missing. Not at once: a fork
 * with its namespaces takes milliseconds, in which the task that took the worker would have to wait
 * for us and for a processor.
 */
static uint64_t warm_at_ms;
#define WARM_DELAY_MS 5

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- starting ---- */

static void pair_make(int pair[2])
{
	if (message_pair(pair) != MT_OK) {
		give_up("cannot make a socket");
	}
}

static void start(enum image image, const int *fd, size_t count, int state)
{
	pid_of[image] = confine_start(&(struct confine_start){
		.images = &images, .image = image, .fd = fd, .fd_count = count, .state = state,
		.network = image == IMAGE_FETCH && may_fetch && strstr(may_fetch, FETCH_NETWORK),
		.argument = image == IMAGE_FETCH ? may_fetch : image == IMAGE_DOOR ? door_user : NULL });
	if (pid_of[image] < 0) {
		exit(1);
	}
}

/*
 * The three that live as long as the node, each with the descriptors that linux.h names, and the
 * first workers.
 */
static void start_all(int listen_fd, int state, int platform, int folder, int door_fd)
{
	int launcher_core[2], gateway_core[2], supplicant_core[2], gateway_supplicant[2], ready[2],
		fetch_supplicant[2], door_core[2], measurement;

	pair_make(launcher_core);
	pair_make(gateway_core);
	pair_make(supplicant_core);
	pair_make(gateway_supplicant);
	pair_make(fetch_supplicant);
	pair_make(door_core);
	if (pipe2(ready, O_CLOEXEC) != 0 || !images_measurement(&images, &measurement)) {
		give_up("cannot prepare the start");
	}
	const int core[] = { launcher_core[1], gateway_core[0], supplicant_core[0],
			     platform,	       measurement,	images.configuration, door_core[0] };
	const int gateway[] = { gateway_core[1], gateway_supplicant[0], listen_fd, ready[1] };
	const int supplicant[] = { supplicant_core[1], gateway_supplicant[1], state,
				   fetch_supplicant[1] };
	const int fetch[] = { fetch_supplicant[0], folder };
	const int door[] = { door_core[1], door_fd };

	start(IMAGE_SUPPLICANT, supplicant, MT_COUNT(supplicant), state);
	start(IMAGE_CORE, core, MT_COUNT(core), -1);
	start(IMAGE_GATEWAY, gateway, MT_COUNT(gateway), -1);
	if (may_fetch) {
		start(IMAGE_FETCH, fetch, folder >= 0 ? 2 : 1, folder);
	}
	if (door_fd >= 0) {
		start(IMAGE_DOOR, door, MT_COUNT(door), -1);
		close(door_fd);
	}
	close(door_core[1]);
	close(fetch_supplicant[0]); /* without a fetcher the supplicant sees that there is none */
	for (size_t i = 0; i < MT_COUNT(core); i++) {
		close(core[i]);
	}
	for (size_t i = 0; i < MT_COUNT(gateway); i++) {
		close(gateway[i]);
	}
	for (size_t i = 0; i < MT_COUNT(supplicant); i++) {
		close(supplicant[i]);
	}
	to_core = launcher_core[0];
	tell_open(to_core);
	gateway_ready = ready[0];
	workers_warm(&images);
}

/* ---- ending ---- */

static void kill_all(void)
{
	for (size_t i = 0; i < IMAGES; i++) {
		if (pid_of[i] > 0) {
			kill(pid_of[i], SIGKILL);
		}
	}
	for (size_t i = 0; i < CONTROL_WORKERS_MAX; i++) {
		worker_kill(&workers[i]);
	}
	zygotes_kill();
	while (wait4(-1, NULL, 0, NULL) > 0) {
	}
}

static _Noreturn void end(const char *who, int status)
{
	if (who && WIFSIGNALED(status)) {
		fprintf(stderr, "mesatee-launcher: %s ended by signal %d (%s); the node stops\n",
			who, WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else if (who) {
		fprintf(stderr, "mesatee-launcher: %s ended with status %d; the node stops\n", who,
			WEXITSTATUS(status));
	}
	kill_all();
	exit(who ? 1 : 0);
}

/* ---- core's requests ---- */

/* By a signal, or because core's operator asked: core finishes what is in flight and ends first. */
static void stop_begin(void)
{
	if (!stop_at_ms) {
		stop_at_ms = now_ms() + STOP_GRACE_MS;
		tell_stop();
	}
}

static void worker_give(uint32_t number, enum port_worker kind)
{
	struct worker *w = worker_waiting(kind);

	if (!w && worker_start(&images, kind)) {
		w = worker_waiting(kind);
	}
	if (!w) {
		tell_gone(number, W_EXITCODE(LINUX_EXIT_REFUSED, 0), false, NULL);
		return;
	}
	tell_worker(number, w->socket);
	close(w->socket);
	w->socket = -1;
	w->number = number;
	warm_at_ms = now_ms() + WARM_DELAY_MS;
}

/* Core is trusted with everything, so a message that is none is our bug. */
static void core_read(void)
{
	static uint8_t buffer[PORT_MESSAGE_MAX];
	struct message m;

	while (message_receive(to_core, buffer, &m) == MT_OK) {
		struct cursor c = cursor_over(m.body);
		uint8_t type = cursor_u8(&c);
		uint32_t number = cursor_u32(&c);
		uint8_t kind = type == CONTROL_SPAWN ? cursor_u8(&c) : 0;
		uint64_t after_ms = type == CONTROL_DEADLINE ? cursor_u64(&c) : 0;
		struct worker *w = number ? worker_find(number) : NULL;

		mt_assert(cursor_done(&c) && m.handle_count == 0 && type >= CONTROL_SPAWN &&
			  type <= CONTROL_END);
		if (type == CONTROL_END) {
			stop_begin();
		} else if (type == CONTROL_SPAWN) {
			mt_assert(kind < PORT_WORKERS && number >= PORT_WORKER_FIRST && !w);
			worker_give(number, (enum port_worker)kind);
		} else if (w && type == CONTROL_DEADLINE) {
			w->deadline_ms = now_ms() + (after_ms < UINT32_MAX ? after_ms : UINT32_MAX);
		} else if (w) {
			tell_used(w);
			worker_kill(w);
		}
	}
}

/* ---- the watch ---- */

static void worker_gone(struct worker *w, int status, const struct rusage *usage)
{
	struct worker was = *w;

	*w = (struct worker){ 0 };
	if (was.number == 0) {
		/*
		 * It was told nothing yet: it could not be confined, or its image does not work.
		 * Another would not either.
		 */
		end(images_name(worker_image(was.kind)), status);
	}
	tell_gone(was.number, status, was.late, usage);
}

/*
 * Which of the long-lived three ended with 0 and unasked: most often because another one has died.
 */
struct calm {
	const char *who;
	int status;
};

static void reap_image(enum image image, int status, struct calm *calm)
{
	pid_of[image] = 0;
	if ((image == IMAGE_FETCH || image == IMAGE_DOOR) && !(WIFEXITED(status) && WEXITSTATUS(status) == LINUX_EXIT_REFUSED)) {
		/* Nothing depends on it but what it moves; who does sees its socket closed. 0: that one is gone. */
		if (status != 0) {
			fprintf(stderr, "mesatee-launcher: %s ended (wait status %d); the node goes on without it\n",
				images_name(image), status);
		}
		return;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		end(images_name(image), status);
	}
	if (!stop_at_ms) {
		*calm = (struct calm){ images_name(image), status };
	} else if (image == IMAGE_CORE) {
		stop_at_ms = now_ms() + ANSWER_GRACE_MS;
	}
	/* The stop is done when the gateway has seen it too. The supplicant goes by itself. */
	if (stop_at_ms && !pid_of[IMAGE_CORE] && !pid_of[IMAGE_GATEWAY]) {
		end(NULL, 0);
	}
}

static void births_read(void)
{
	struct rusage usage;
	struct worker *w;
	int status;
	bool ended;

	while ((w = zygotes_born(&ended, &status, &usage))) {
		if (ended) {
			worker_gone(w, status, &usage);
		} else if (w->doomed) {
			worker_kill(w);
		}
	}
}

/* It is not needed for those that it has made; whoever waits for one more is told. */
static void reap_zygote(enum port_worker kind, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == LINUX_EXIT_REFUSED) {
		end(images_name(worker_image(kind)), status);
	}
	fprintf(stderr, "mesatee-launcher: %s ended (%s %d); tasks that wait for it fail\n",
		images_name(worker_image(kind)), WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	for (size_t i = 0; i < CONTROL_WORKERS_MAX; i++) {
		struct worker was = workers[i];

		if (was.pid != WORKER_UNBORN || was.kind != kind) {
			continue;
		}
		workers[i] = (struct worker){ 0 };
		if (was.number) {
			tell_gone(was.number, W_EXITCODE(LINUX_EXIT_REFUSED, 0), was.late, NULL);
		} else {
			close(was.socket);
		}
	}
}

static void reap_worker(pid_t pid, int status, const struct rusage *usage)
{
	enum port_worker kind;
	size_t i = 0;

	while (i < CONTROL_WORKERS_MAX && workers[i].pid != pid) {
		i++;
	}
	if (i < CONTROL_WORKERS_MAX) {
		worker_gone(&workers[i], status, usage);
	} else if (zygote_gone(pid, &kind)) {
		reap_zygote(kind, status);
	} else {
		zygote_stray(pid, status, usage);
	}
}

static void reap_some(struct calm *calm)
{
	struct rusage usage;
	int status;
	pid_t pid;

	births_read();
	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		size_t i = 0;

		while (i < IMAGES && pid != pid_of[i]) {
			i++;
		}
		if (i < IMAGES) {
			reap_image((enum image)i, status, calm);
		} else {
			reap_worker(pid, status, &usage);
		}
	}
}

static void reap(void)
{
	struct calm calm = { NULL, 0 };

	reap_some(&calm);
	if (calm.who) {
		/* Give the one that really died the time to be named. */
		(void)poll(NULL, 0, CULPRIT_GRACE_MS);
		reap_some(&calm);
		end(calm.who, calm.status);
	}
}

static void signal_read(void)
{
	struct signalfd_siginfo s;

	while (read(signals, &s, sizeof(s)) == (ssize_t)sizeof(s)) {
		if (s.ssi_signo != SIGCHLD) {
			stop_begin();
		}
	}
	reap();
}

static void ready_read(void)
{
	char byte;

	if (read(gateway_ready, &byte, 1) == 1 && ready_fd >= 0 &&
	    write(ready_fd, "ready\n", 6) != 6) {
		fprintf(stderr, "mesatee-launcher: nobody reads --ready-fd\n");
	}
	close(gateway_ready);
	gateway_ready = -1;
}

/* Kill what is late; the milliseconds until the next deadline, -1 when there is none. */
static int deadlines(void)
{
	uint64_t now = now_ms(), next = stop_at_ms;

	if (stop_at_ms && now >= stop_at_ms) {
		end(NULL, 0);
	}
	for (size_t i = 0; i < CONTROL_WORKERS_MAX; i++) {
		struct worker *w = &workers[i];

		if (!w->pid || !w->deadline_ms) {
			continue;
		}
		if (now >= w->deadline_ms) {
			w->late = true;
			w->deadline_ms = 0;
			worker_kill(w);
		} else if (!next || w->deadline_ms < next) {
			next = w->deadline_ms;
		}
	}
	if (warm_at_ms && now >= warm_at_ms) {
		warm_at_ms = 0;
		workers_warm(&images);
	} else if (warm_at_ms && (!next || warm_at_ms < next)) {
		next = warm_at_ms;
	}
	return next ? (int)(next - now > INT32_MAX ? INT32_MAX : next - now) : -1;
}

static _Noreturn void watch(void)
{
	for (;;) {
		struct pollfd p[3 + ZYGOTES] = {
			{ .fd = to_core, .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
			{ .fd = gateway_ready, .events = POLLIN },
		};

		zygotes_poll(p + 3);
		if (poll(p, MT_COUNT(p), deadlines()) < 0 && errno != EINTR) {
			give_up("cannot wait");
		}
		if (p[0].revents & POLLIN) {
			core_read();
		} else if (p[0].revents) {
			to_core = -1; /* gone; SIGCHLD says how */
		}
		if (p[1].revents) {
			signal_read();
		}
		if (p[2].revents) {
			ready_read();
		}
		births_read();
	}
}

/* ---- the beginning ---- */

int main(int argc, char **argv)
{
	struct options o = options_read(argc, argv);
	int config = o.config ? file_open(o.config, O_RDONLY) : -1;

	if (o.measure) {
		return images_load(o.images, config, NULL, &images) && images_print(&images) ? 0
											     : 1;
	}
	ready_fd = o.ready ? atoi(o.ready) : -1;
	if (mkdir(o.state, 0700) != 0 && errno != EEXIST) {
		give_up(o.state);
	}
	int state = file_open(o.state, O_RDONLY | O_DIRECTORY);
	int platform = file_open(o.platform, O_RDONLY);
	int folder = o.folder ? file_open(o.folder, O_RDONLY | O_DIRECTORY) : -1;
	int listen_fd = options_listen(o.listen), door_fd = o.tee ? options_listen_local(o.tee) : -1;

	(void)snprintf(door_user, sizeof(door_user), "%u %u", geteuid(), getegid());

	null_place();
	signals = signals_open();
	may_fetch = options_fetch(&o);
	if (!confine_prepare() || !images_load(o.images, config, confine_library, &images) ||
	    (may_fetch && !confine_outside(o.fetch != NULL)) || !confine_close()) {
		return 1;
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		give_up("cannot refuse to be dumped");
	}
	start_all(listen_fd, state, platform, folder, door_fd);
	watch();
}
