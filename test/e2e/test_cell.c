/*
 * The cell, on the release build: a process that the launcher's code has confined and that has made
 * no promise at all, test/e2e/cell.c, tries to get out; and Landlock alone, in a process that has
 * nothing else around it.
 */
#include "port/linux/confine.h"
#include "port/linux/landlock.h"
#include "port/linux/linux.h"
#include "test/test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the cell ---- */

static int image_of(const char *path)
{
	int fd = memfd_create("cell", MFD_CLOEXEC), from = open(path, O_RDONLY);
	static uint8_t part[1 << 16];
	ssize_t n;

	while ((n = read(from, part, sizeof(part))) > 0) {
		if (write(fd, part, (size_t)n) != n) {
			abort();
		}
	}
	close(from);
	return n == 0 ? fd : -1;
}

static void say(int to, const char *what, const char *name, bool held)
{
	char line[100];

	snprintf(line, sizeof(line), "%s %s: %s", what, name, held ? "held" : "ESCAPED");
	if (message_send_wait(to, mt_text(line), NULL, 0) != MT_OK) {
		_exit(2);
	}
}

/* Seen from outside, by whoever made the cell: each kind of namespace is the cell's own. */
static void namespaces(int to, int proc, pid_t pid, bool network)
{
	static const char *const name[] = { "user", "pid", "mnt", "net", "ipc", "uts", "cgroup" };
	char path[64], text[8] = "";

	for (size_t i = 0; i < MT_COUNT(name); i++) {
		struct stat ours = { 0 }, its = { 0 };

		snprintf(path, sizeof(path), "self/ns/%s", name[i]);
		bool seen = fstatat(proc, path, &ours, 0) == 0;

		snprintf(path, sizeof(path), "%d/ns/%s", pid, name[i]);
		seen = seen && fstatat(proc, path, &its, 0) == 0;
		/* The fetcher's network is the machine's, which is its work. */
		bool same = network && strcmp(name[i], "net") == 0;

		say(to, "namespace", name[i], seen && (ours.st_ino == its.st_ino) == same);
	}
	/* Who could drop a group could pass a file that is closed to that group. */
	snprintf(path, sizeof(path), "%d/setgroups", pid);
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);

	say(to, "groups", "", read(fd, text, 5) == 5 && strcmp(text, "deny\n") == 0);
	close(fd);
}

/* In a process of its own, since it leaves this file system. Relays the cell's words to `to`. */
static _Noreturn void cell_start(const char *program, enum image image, int state, int to)
{
	struct images images = { .folder = -1, .configuration = -1 };
	int pair[2], status = 0, proc = open("/proc", O_PATH | O_CLOEXEC);
	static uint8_t buffer[PORT_MESSAGE_MAX];
	struct message m;

	images.image[image] = image_of(program);
	if (message_pair(pair) != MT_OK || !confine_prepare()) {
		_exit(1);
	}
	/* Something to read beneath the root. */
	int library = confine_library("mesatee-test");

	close(library);
	/* What must not be inherited: descriptors that survive an execution, a variable. */
	bool fetches = image == IMAGE_FETCH;

	if (library < 0 || (fetches && !confine_outside(true)) || !confine_close() || dup2(0, 50) < 0 || dup2(0, 300) < 0 ||
	    setenv("SECRET", "x", 1) != 0) {
		_exit(1);
	}
	const int fd[] = { pair[1], fetches ? state : 0, state }; /* as the supplicant and the fetcher find them */
	pid_t pid = confine_start(&(struct confine_start){ .images = &images,
							   .image = image,
							   .fd = fd,
							   .fd_count = fetches ? 2 : state >= 0 ? 3 : 1,
							   .state = state,
							   .network = fetches });
	bool first = true;

	close(pair[1]);
	while (message_wait(pair[0], buffer, &m) == MT_OK) {
		if (message_send_wait(to, m.body, NULL, 0) != MT_OK) {
			_exit(2);
		}
		if (first) {
			namespaces(to, proc, pid, fetches); /* it lives and waits for an answer */
			first = message_send_wait(pair[0], mt_text("x"), NULL, 0) != MT_OK;
		}
	}
	_exit(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 3);
}

/* cell.c says one line for each attempt: "what: held" or "what: ESCAPED". */
static void cell_try(enum image image, int state, size_t attempts)
{
	static uint8_t buffer[PORT_MESSAGE_MAX];
	struct message m = { 0 };
	size_t held = 0;
	int pair[2], status = 0;
	char program[4096];
	ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 16);

	CHECK(size > 0 && message_pair(pair) == MT_OK, "prepare");
	program[size] = 0;
	*strrchr(program, '/') = 0;
	strcat(program, "/cell");
	pid_t pid = fork();

	if (pid == 0) {
		cell_start(program, image, state, pair[1]);
	}
	close(pair[1]);
	while (message_wait(pair[0], buffer, &m) == MT_OK) {
		bool ok = m.body.size > 6 && memcmp(m.body.at + m.body.size - 6, ": held", 6) == 0;

		held += ok;
		if (!CHECK(ok, "out of the cell")) {
			printf("  %.*s\n", (int)m.body.size, m.body.at);
		}
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0, "the cell ran to its end");
	if (!CHECK(held == attempts, "all attempts were made")) {
		printf("  %zu\n", held);
	}
	close(pair[0]);
}

static void test_cell_run(void)
{
	cell_try(IMAGE_RUN, -1, 58);
}

static void test_cell_seal(void)
{
	cell_try(IMAGE_SEAL, -1, 59);
}

static void folder_drop(const char *folder)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	CHECK(system(command) == 0, "clean");
}

static void test_cell_supplicant(void)
{
	char folder[] = "/tmp/mesatee-test-XXXXXX";
	int state = mkdtemp(folder) ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (CHECK(state >= 0, "prepare")) {
		cell_try(IMAGE_SUPPLICANT, state, 66);
	}
	close(state);
	folder_drop(folder);
}

static void test_cell_fetch(void)
{
	char folder[] = "/tmp/mesatee-test-XXXXXX";
	int state = mkdtemp(folder) ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (CHECK(state >= 0, "prepare")) {
		close(openat(state, "file", O_WRONLY | O_CREAT, 0644));
		cell_try(IMAGE_FETCH, state, 63);
	}
	close(state);
	folder_drop(folder);
}

/* ---- Landlock alone ---- */

/* What the process tries; bits of what went through, each by its own right. */
enum {
	TRY_READ = 1 << 0,
	TRY_WRITE = 1 << 1,
	TRY_LIST = 1 << 2,
	TRY_EXECUTE = 1 << 3,
	TRY_MAKE = 1 << 4,
	TRY_FOLDER = 1 << 5,
	TRY_REMOVE = 1 << 6,
	TRY_REMOVE_FOLDER = 1 << 7,
	TRY_RENAME = 1 << 8,
	TRY_LINK_ACROSS = 1 << 9,
	TRY_SYMLINK = 1 << 10,
	TRY_PIPE = 1 << 11,
	TRY_SOCKET = 1 << 12,
	TRY_TRUNCATE = 1 << 13,
	TRY_ALL = (1 << 14) - 1,
	STATE = TRY_READ | TRY_WRITE | TRY_LIST | TRY_MAKE | TRY_FOLDER | TRY_REMOVE | TRY_RENAME |
		TRY_LINK_ACROSS | TRY_TRUNCATE,
};

static bool executes(const char *path)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		char *const none[] = { NULL };

		execve(path, none, none);
		_exit(errno == EACCES ? 77
				      : 0); /* it is no program: ENOEXEC when it may be tried */
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status) == 0;
}

/* In a folder with: file, gone, old, folder/, empty/, program. */
static int try_files(void)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int done = 0, un = socket(AF_UNIX, SOCK_STREAM, 0);

	done |= open("file", O_RDONLY) >= 0 ? TRY_READ : 0;
	done |= open("file", O_WRONLY) >= 0 ? TRY_WRITE : 0;
	done |= open(".", O_RDONLY | O_DIRECTORY) >= 0 ? TRY_LIST : 0;
	done |= executes("program") ? TRY_EXECUTE : 0;
	done |= mknod("made", S_IFREG | 0600, 0) == 0 ? TRY_MAKE : 0;
	done |= mkdir("new-folder", 0700) == 0 ? TRY_FOLDER : 0;
	done |= unlink("gone") == 0 ? TRY_REMOVE : 0;
	done |= rmdir("empty") == 0 ? TRY_REMOVE_FOLDER : 0;
	done |= rename("old", "renamed") == 0 ? TRY_RENAME : 0;
	done |= link("file", "folder/linked") == 0 ? TRY_LINK_ACROSS : 0;
	done |= symlink("file", "symlink") == 0 ? TRY_SYMLINK : 0;
	done |= mkfifo("pipe", 0600) == 0 ? TRY_PIPE : 0;
	done |= bind(un, (void *)&local, sizeof(local)) == 0 ? TRY_SOCKET : 0;
	done |= truncate("file", 1) == 0 ? TRY_TRUNCATE : 0;
	return done;
}

static const char fill[] = "cd %s && echo 1234 >file && cp file gone && cp file old && "
			   "mkdir folder empty && echo '#!/nowhere' >program && chmod 755 program";

/* Returns what went through, -1 when it could not be tried. */
static int tried(bool close_first, enum landlock_rights rights, bool open_folder)
{
	char folder[] = "/tmp/mesatee-test-XXXXXX", command[256];
	int *done = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	snprintf(command, sizeof(command), fill, mkdtemp(folder) ? folder : "/nowhere");
	if (!CHECK(done != MAP_FAILED && system(command) == 0, "prepare")) {
		return -1;
	}
	*done = -1;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(folder, O_PATH | O_DIRECTORY);
		struct landlock_opening opening = { .fd = open_folder ? fd : -1, .rights = rights };

		if (fchdir(fd) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		    (close_first && !landlock_close(&opening))) {
			_exit(1);
		}
		*done = try_files();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	int got = *done;

	(void)munmap(done, 4096);
	folder_drop(folder);
	return got;
}

static void test_landlock_files(void)
{
	static const struct {
		const char *what;
		bool closes, opens;
		enum landlock_rights rights;
		int want;
	} row[] = {
		{ "not closed", false, false, LANDLOCK_READ, TRY_ALL },
		{ "closed", true, false, LANDLOCK_READ, 0 },
		{ "to read", true, true, LANDLOCK_READ, TRY_READ | TRY_LIST | TRY_EXECUTE },
		{ "a state", true, true, LANDLOCK_STATE, STATE },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		int got = tried(row[i].closes, row[i].rights, row[i].opens);

		if (!CHECK(got == row[i].want, row[i].what)) {
			printf("  went through: %x, should: %x\n", (unsigned)got,
			       (unsigned)row[i].want);
		}
	}
}

/* Bits: TCP out, TCP in, a signal, an abstract socket, a device's ioctl. */
static int try_others(int port, const struct sockaddr_un *name, socklen_t name_size, int terminal)
{
	struct sockaddr_in loop = { .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int out = socket(AF_INET, SOCK_STREAM, 0), in = socket(AF_INET, SOCK_STREAM, 0),
	    un = socket(AF_UNIX, SOCK_DGRAM, 0), done = 0;

	done |= connect(out, (void *)&loop, sizeof(loop)) == 0 ? 1 : 0;
	loop.sin_port = 0;
	done |= bind(in, (void *)&loop, sizeof(loop)) == 0 ? 2 : 0;
	done |= kill(getppid(), 0) == 0 ? 4 : 0;
	done |= sendto(un, "x", 1, MSG_DONTWAIT, (const void *)name, name_size) == 1 ? 8 : 0;
	done |= terminal >= 0 && ioctl(terminal, TIOCGPTN, &(unsigned){ 0 }) == 0 ? 16 : 0;
	return done;
}

static void test_landlock_others(void)
{
	static const int known[] = { 0, 0, 0, 3, 3 + 16, 31, 31 }; /* row: ABI - 1 */
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct sockaddr_in loop = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(loop);
	socklen_t name_size = (socklen_t)offsetof(struct sockaddr_un, sun_path) + 20;
	int in = socket(AF_INET, SOCK_STREAM, 0), un = socket(AF_UNIX, SOCK_DGRAM, 0);
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	int closes = abi < 1 ? 0 : known[(size_t)abi < MT_COUNT(known) ? abi - 1 : 6];

	snprintf(name.sun_path + 1, 20, "mesatee-%010d", (int)getpid());
	CHECK(bind(in, (void *)&loop, size) == 0 && listen(in, 4) == 0 &&
		      getsockname(in, (void *)&loop, &size) == 0 &&
		      bind(un, (void *)&name, name_size) == 0,
	      "prepare");
	for (int closed = 0; closed < 2; closed++) {
		int status = 0;
		pid_t pid = fork();

		if (pid == 0) {
			struct landlock_opening opening = { .fd = open("/dev", O_PATH),
							    .rights = LANDLOCK_STATE };

			if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
			    (closed && !landlock_close(&opening))) {
				_exit(99);
			}
			_exit(try_others(ntohs(loop.sin_port), &name, name_size,
					 open("/dev/ptmx", O_RDWR | O_NOCTTY)));
		}
		waitpid(pid, &status, 0);
		if (!CHECK(WEXITSTATUS(status) == (closed ? 31 & ~closes : 31),
			   closed ? "closed" : "the control")) {
			printf("  went through: %d\n", WEXITSTATUS(status));
		}
	}
	close(in);
	close(un);
}

const struct test tests[] = {
	{ "cell_run", test_cell_run },
	{ "cell_seal", test_cell_seal },
	{ "cell_supplicant", test_cell_supplicant },
	{ "cell_fetch", test_cell_fetch },
	{ "landlock_files", test_landlock_files },
	{ "landlock_others", test_landlock_others },
	TESTS_END,
};
