/* Finding a node's images, measuring them and starting them: all of it the launcher's work, called here. */
#include "party/cli/cli_private.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAUNCH_PATH_MAX 1024
#define LAUNCH_READY "ready"

/* In a build folder the images lie together; an installation keeps them from the PATH. */
static const char *const image_folders[] = { "%s", "%s/../libexec/mesatee", "%s/../lib/mesatee" };
static const char *const launcher_names[] = { "mesatee-launcher", "launcher" };

static bool launcher_in(const char *folder, char out[LAUNCH_PATH_MAX])
{
	for (size_t i = 0; i < MT_COUNT(launcher_names); i++) {
		int size = snprintf(out, LAUNCH_PATH_MAX, "%s/%s", folder, launcher_names[i]);
		if (size > 0 && size < LAUNCH_PATH_MAX && access(out, X_OK) == 0) {
			return true;
		}
	}
	return false;
}

static bool own_folder(char out[LAUNCH_PATH_MAX])
{
	char self[LAUNCH_PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (size <= 0) {
		return false;
	}
	self[size] = 0;
	(void)snprintf(out, LAUNCH_PATH_MAX, "%s", dirname(self));
	return true;
}

enum mesatee_err launch_images(struct cli *c, char out[1024])
{
	const char *given = option_text(c, OPTION_IMAGES, NULL);
	char self[LAUNCH_PATH_MAX], launcher[LAUNCH_PATH_MAX];

	if (given) {
		(void)snprintf(out, LAUNCH_PATH_MAX, "%s", given);
		return launcher_in(out, launcher)
			       ? MESATEE_OK
			       : cli_fail(MESATEE_NOT_FOUND, "name the folder of a build, such as build/release/bin",
					  "there is no launcher in %s", given);
	}
	for (size_t i = 0; own_folder(self) && i < MT_COUNT(image_folders); i++) {
		char path[2 * LAUNCH_PATH_MAX];
		(void)snprintf(path, sizeof(path), image_folders[i], self);
		(void)snprintf(out, LAUNCH_PATH_MAX, "%.1000s", path);
		if (launcher_in(out, launcher)) {
			return MESATEE_OK;
		}
	}
	return cli_fail(MESATEE_NOT_FOUND, "build all of it (make), or name the folder: --images DIR",
			"there are no images beside this program");
}

/* ---- measuring ---- */

static size_t pipe_drain(int fd, uint8_t *out, size_t capacity)
{
	size_t size = 0;

	for (;;) {
		ssize_t n = size < capacity ? read(fd, out + size, capacity - size) : 0;
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return size;
		}
		size += (size_t)n;
	}
}

static _Noreturn void measure_exec(const char *launcher, const char *images, const char *config, int to)
{
	const char *const words[] = { launcher, "--measure", "--images", images, config ? "--config" : NULL,
				      config,	NULL };

	if (dup2(to, STDOUT_FILENO) >= 0) {
		(void)execv(launcher, (char *const *)(uintptr_t)words);
	}
	(void)fprintf(stderr, "error: cannot start %s: %s\n", launcher, strerror(errno));
	_exit(127);
}

enum mesatee_err launch_measure(struct cli *c, const char *images, const char *config, struct attest_measurements *out)
{
	char launcher[LAUNCH_PATH_MAX];
	uint8_t text[ATTEST_MEASUREMENTS_MAX * (2 * ATTEST_HASH_SIZE + ATTEST_NAME_MAX + 3)];
	int pair[2], status = -1;

	(void)c;
	if (!launcher_in(images, launcher) || pipe2(pair, O_CLOEXEC) != 0) {
		return cli_fail(MESATEE_NOT_FOUND, NULL, "there is no launcher in %s", images);
	}
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		measure_exec(launcher, images, config, pair[1]);
	}
	(void)close(pair[1]);
	size_t size = pid > 0 ? pipe_drain(pair[0], text, sizeof(text)) : 0;
	(void)close(pair[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		return cli_fail(MESATEE_FAILED, NULL, "the images in %s could not be measured", images);
	}
	return attest_measurements_from_text(mt_bytes(text, size), out)
		       ? cli_fail(MESATEE_FAILED, NULL, "%s printed no measurement", launcher)
		       : MESATEE_OK;
}

/* ---- running ---- */

static volatile sig_atomic_t node_pid;

/* The terminal's SIGINT reaches the launcher by itself; one sent to us alone does not. */
static void forward(int number)
{
	(void)number;
	if (node_pid > 0) {
		(void)kill(node_pid, SIGTERM);
	}
}

static _Noreturn void node_exec(const char *launcher, const struct launch *l, int ready, pid_t parent)
{
	char number[16];
	const char *words[24] = {
		launcher,   "--images", l->images,    "--state",   l->state,	 "--listen", l->listen,
		"--config", l->config,	"--platform", l->platform, "--ready-fd", number,
	};
	size_t count = 13;

	if (l->fetch) {
		words[count++] = "--fetch";
	}
	if (l->fetch_private) {
		words[count++] = "--fetch-private";
	}
	if (l->tee) {
		words[count++] = "--tee";
		words[count++] = l->tee;
	}
	if (l->data_folder) {
		words[count++] = "--data-folder";
		words[count++] = l->data_folder;
	}

	(void)snprintf(number, sizeof(number), "%d", ready);
	/* A node without its starter would run on unseen. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent && fcntl(ready, F_SETFD, 0) == 0) {
		(void)execv(launcher, (char *const *)(uintptr_t)words);
	}
	(void)fprintf(stderr, "error: cannot start %s: %s\n", launcher, strerror(errno));
	_exit(127);
}

void launch_fetch(const struct cli *c, struct launch *l)
{
	l->fetch = option_given(c, OPTION_FETCH);
	l->fetch_private = option_given(c, OPTION_FETCH_PRIVATE);
	l->data_folder = option_text(c, OPTION_DATA_FOLDER, NULL);
	l->tee = option_text(c, OPTION_TEE, NULL);
}

static pid_t node_wait(pid_t pid, int *status)
{
	pid_t got;

	do {
		got = waitpid(pid, status, 0);
	} while (got < 0 && errno == EINTR);
	return got;
}

enum mesatee_err launch_node(struct cli *c, const struct launch *l, void (*up)(struct cli *c, const struct launch *l))
{
	struct sigaction action = { .sa_handler = forward, .sa_flags = SA_RESTART };
	char launcher[LAUNCH_PATH_MAX];
	uint8_t ready[sizeof(LAUNCH_READY)];
	int pair[2], status = -1;
	pid_t self = getpid();

	if (!launcher_in(l->images, launcher) || pipe2(pair, O_CLOEXEC) != 0) {
		return cli_fail(MESATEE_NOT_FOUND, NULL, "there is no launcher in %s", l->images);
	}
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		node_exec(launcher, l, pair[1], self);
	}
	node_pid = pid;
	(void)close(pair[1]);
	bool answers = pid > 0 && pipe_drain(pair[0], ready, sizeof(LAUNCH_READY) - 1) == sizeof(LAUNCH_READY) - 1;
	if (answers) {
		up(c, l);
		(void)fflush(stdout);
	}
	bool ended = pid > 0 && node_wait(pid, &status) == pid;
	(void)close(pair[0]);
	node_pid = 0;
	if (ended && answers && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		return MESATEE_OK;
	}
	return cli_fail(answers ? MESATEE_FAILED : MESATEE_NOT_READY, "the lines above say why", "the node %s",
			answers ? "ended" : "did not start");
}
