/*
 * Copies of a zygote, on the release build with the real interpreter: what two tasks of one zygote
 * have in common is what was there before any task. No random number, no memory, no file, no
 * process, no privilege.
 *
 * What a process is like inside is read from /proc, which the kernel shows to root alone, since none
 * can be dumped: for somebody else those tests say that they are skipped.
 */
#include "api/worker.h"
#include "exec/python/python.h"
#include "port/linux/linux.h"
#include "test/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "build/third/lib"
#define SECRET "of-one-task-alone-"
#define OUTPUT_MAX 4096
#define COPIES 3

static uint8_t buffer[PORT_MESSAGE_MAX];

/* ---- a zygote and its copies, as the launcher and core have them ---- */

struct zygote {
	pid_t pid;
	int socket;
};

struct copy {
	pid_t pid;
	int core;
	port_handle output;
};

static struct zygote zygote_start(bool packages)
{
	struct zygote z = { 0 };
	int pair[2];

	CHECK(message_pair(pair) == MT_OK, "a socket");
	z.pid = fork();
	if (z.pid == 0) {
		dup2(open("/dev/null", O_RDWR), 0);
		dup2(pair[1], WORKER_FD_CORE);
		close_range(WORKER_FD_CORE + 1, ~0U, 0);
		_exit(python_zygote(FOLDER, packages));
	}
	close(pair[1]);
	z.socket = pair[0];
	return z;
}

static struct copy copy_ask(const struct zygote *z)
{
	const uint8_t ask[] = { ZYGOTE_FORK, 7 };
	struct copy c = { 0 };
	struct message m = { 0 };
	int pair[2];

	CHECK(message_pair(pair) == MT_OK && message_send_wait(z->socket, mt_bytes(ask, 2), &pair[1], 1) == MT_OK &&
		      message_wait(z->socket, buffer, &m) == MT_OK,
	      "asked");
	close(pair[1]);
	struct cursor said = cursor_over(m.body);

	CHECK(cursor_u8(&said) == ZYGOTE_FORKED && cursor_u8(&said) == 7, "its row");
	c.pid = (pid_t)cursor_u32(&said);
	c.core = pair[0];
	CHECK(cursor_done(&said) && c.pid > 0, "its number");
	return c;
}

static void copy_give(struct copy *c, const char *source, const char *input)
{
	static uint8_t wire[1024];
	struct builder b = builder_over(wire, sizeof(wire));
	uint8_t load = WORK_LOAD;
	port_handle function, handle[2];
	struct bytes body;

	builder_u8(&b, WORK_RUN);
	builder_u64(&b, UINT64_C(1) << 30);
	builder_u32(&b, 0);
	for (size_t i = 0; i < 32; i++) {
		builder_u8(&b, 0);
	}
	builder_u32(&b, 0);
	builder_u32(&b, 1);
	builder_bytes32(&b, mt_text("in"));
	builder_u32(&b, 1);
	builder_bytes32(&b, mt_text("out"));
	builder_u64(&b, OUTPUT_MAX);
	CHECK(builder_done(&b, &body) == MT_OK && memory_make(mt_text(source), &function) == MT_OK &&
		      memory_make(mt_text(input), &handle[0]) == MT_OK && memory_scratch(&handle[1]) == MT_OK,
	      "memory");
	c->output = handle[1];
	CHECK(message_send_wait(c->core, mt_bytes(&load, 1), &function, 1) == MT_OK &&
		      message_send_wait(c->core, body, handle, 2) == MT_OK,
	      "given");
	close(function);
	close(handle[0]);
}

/* What it wrote, zero terminated. */
static const char *copy_end(struct copy *c)
{
	static char text[OUTPUT_MAX + 1];
	struct message m = { 0 };
	int status = -1;

	bool answered = message_wait(c->core, buffer, &m) == MT_OK;
	struct cursor said = cursor_over(m.body);

	CHECK(answered && cursor_u8(&said) == WORK_RAN && cursor_u8(&said) == WORK_EXITED && cursor_u32(&said) == 0, "it ran");
	ssize_t size = pread(c->output, text, OUTPUT_MAX, 0);

	text[size > 0 ? size : 0] = 0;
	close(c->output);
	close(c->core);
	CHECK(waitpid(c->pid, &status, 0) == c->pid && status == 0, "it is our child, and ends");
	return text;
}

static void copy_drop(struct copy *c)
{
	close(c->core);
	CHECK(waitpid(c->pid, NULL, 0) == c->pid, "not needed");
}

static void zygote_end(struct zygote *z)
{
	int status = -1;

	close(z->socket);
	CHECK(waitpid(z->pid, &status, 0) == z->pid && status == 0, "the zygote ends with the launcher");
}

/* ---- random numbers ---- */

static const char numbers[] =
	"import os, random, secrets, sys, tempfile, uuid\n"
	"with open('/out/out', 'w') as f:\n"
	"    print(random.random(), file=f)\n"
	"    print(random.Random().random(), file=f)\n"
	"    print(random.sample(range(10**9), 1)[0], file=f)\n"
	"    print(os.urandom(8).hex(), file=f)\n"
	"    print(secrets.token_hex(8), file=f)\n"
	"    print(uuid.uuid4(), file=f)\n"
	"    print(next(tempfile._get_candidate_names()), file=f)\n"
	"    if 'numpy' in sys.modules:\n"
	"        import gc, numpy\n"
	"        assert 'mesatee_arrow_write' in sys.modules\n"
	"        print(numpy.random.rand(), file=f)\n"
	"        print(numpy.random.standard_normal(), file=f)\n"
	"        print(numpy.random.default_rng().random(), file=f)\n"
	"        import sklearn.utils\n"
	"        print(sklearn.utils.check_random_state(None).rand(), file=f)\n"
	"        import pandas\n"
	"        print(pandas.Series(range(10**6)).sample(1).iloc[0], file=f)\n"
	"        gc.unfreeze()\n"
	"        for o in gc.get_objects():\n"
	"            if issubclass(type(o), (numpy.random.Generator, numpy.random.RandomState)):\n"
	"                print(o.random(), file=f)\n";

static void lines_differ(char (*text)[OUTPUT_MAX + 1], size_t least)
{
	const char *line[COPIES * 64];
	size_t count = 0;

	for (size_t i = 0; i < COPIES; i++) {
		char *rest = NULL;

		for (char *at = strtok_r(text[i], "\n", &rest); at && count < MT_COUNT(line); at = strtok_r(NULL, "\n", &rest)) {
			line[count++] = at;
		}
	}
	CHECK(count >= least * COPIES && count % COPIES == 0, "as many from each");
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < i; k++) {
			CHECK(strcmp(line[i], line[k]) != 0, line[i]);
		}
	}
}

static void numbers_differ(bool packages, size_t least)
{
	static char text[COPIES][OUTPUT_MAX + 1];
	struct zygote z = zygote_start(packages);
	struct copy copy[COPIES];

	for (size_t i = 0; i < COPIES; i++) {
		copy[i] = copy_ask(&z);
	}
	for (size_t i = 0; i < COPIES; i++) {
		copy_give(&copy[i], numbers, "");
		snprintf(text[i], sizeof(text[i]), "%s", copy_end(&copy[i]));
	}
	lines_differ(text, least);
	zygote_end(&z);
}

static void test_numbers(void)
{
	numbers_differ(false, 7);
}

static void test_numbers_packages(void)
{
	numbers_differ(true, 14);
}

/* ---- what one leaves, another does not find ---- */

static void test_marks(void)
{
	static const char leave[] =
		"import builtins, json, os, sys\n"
		"builtins.mark = json.mark = sys.mark = open('/in/in').read()\n"
		"os.environ['MARK'] = builtins.mark\n"
		"sys.path.append(builtins.mark)\n"
		"open('/out/out', 'w').write(builtins.mark)\n";
	static const char look[] =
		"import builtins, gc, json, os, sys\n"
		"def at(path):\n"
		"    try:\n"
		"        return sorted(os.listdir(path))\n"
		"    except OSError as why:\n"
		"        return type(why).__name__\n"
		"marks = [hasattr(builtins, 'mark'), hasattr(json, 'mark'), hasattr(sys, 'mark'), 'MARK' in os.environ, '" SECRET "1' in sys.path]\n"
		"print(marks, at('/in'), at('/out'), at('/tmp'), open('/in/in').read(), file=open('/out/out', 'w'))\n";
	struct zygote z = zygote_start(false);
	struct copy before = copy_ask(&z), one = copy_ask(&z);

	copy_give(&one, leave, SECRET "1");
	CHECK(strcmp(copy_end(&one), SECRET "1") == 0, "left");
	struct copy after = copy_ask(&z);

	copy_give(&before, look, "b");
	CHECK(strncmp(copy_end(&before), "[False, False, False, False, False] ['in'] [] FileNotFoundError ", 64) == 0, "not before");
	copy_give(&after, look, "c");
	CHECK(strncmp(copy_end(&after), "[False, False, False, False, False] ['in'] [] FileNotFoundError ", 64) == 0, "nor after");
	zygote_end(&z);
}

/* ---- seen from outside ---- */

static bool may_look(void)
{
	if (geteuid() == 0) {
		return true;
	}
	printf("  skipped: only root can look into a process that cannot be dumped\n");
	return false;
}

/* How often the words stand in what a process can write to. */
static size_t memory_count(pid_t pid, const char *words)
{
	static char part[1 << 20];
	char path[64], line[512];
	size_t found = 0, size = strlen(words);
	unsigned long from, to;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	FILE *maps = fopen(path, "r");

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int memory = open(path, O_RDONLY);

	while (maps && memory >= 0 && fgets(line, sizeof(line), maps)) {
		char rights[5] = "";

		if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3 || rights[0] != 'r') {
			continue;
		}
		/* Parts overlap, so that none of the words is cut. */
		for (unsigned long at = from; at < to; at += sizeof(part) - size) {
			ssize_t n = pread(memory, part, to - at < sizeof(part) ? to - at : sizeof(part), (off_t)at);

			for (char *hit = part; n > 0 && (hit = memmem(hit, (size_t)(part + n - hit), words, size)); hit++) {
				found++;
			}
		}
	}
	CHECK(maps && memory >= 0, "readable");
	if (maps) {
		fclose(maps);
	}
	close(memory);
	return found;
}

static void test_memory(void)
{
	static const char keep[] = "import time\nkept = open('/in/in').read() + '!'\nopen('/out/out', 'w').write('up')\ntime.sleep(0.7)\n";
	struct zygote z = zygote_start(false);
	struct copy before = copy_ask(&z), one = copy_ask(&z);
	char byte, given[17], secret[18];

	/* Words that no process has but this one, from here on, and the one that is given the first part of them. */
	for (size_t i = 0; i < sizeof(given) - 1; i++) {
		given[i] = (char)('a' + (uint8_t)(i * 7 + (size_t)getpid()) % 26);
	}
	given[sizeof(given) - 1] = 0;
	snprintf(secret, sizeof(secret), "%s!", given);

	copy_give(&one, keep, given);
	for (int ms = 0; ms < 5000 && pread(one.output, &byte, 1, 0) != 1; ms++) {
		usleep(1000);
	}
	struct copy after = copy_ask(&z);

	if (may_look()) {
		CHECK(memory_count(one.pid, secret) > 0, "we would find it");
		CHECK(memory_count(before.pid, secret) == 0, "not in one that waits");
		CHECK(memory_count(after.pid, secret) == 0, "nor in one that came later");
		CHECK(memory_count(z.pid, secret) == 0, "nor in the zygote");
	}
	copy_end(&one);
	copy_drop(&after);
	copy_drop(&before);
	zygote_end(&z);
}

/* A line of /proc/PID/status. */
static unsigned long status_of(pid_t pid, const char *name, int base)
{
	char path[64], line[256];
	unsigned long value = ~0UL;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *f = fopen(path, "r");

	while (f && fgets(line, sizeof(line), f)) {
		size_t size = strlen(name);

		if (strncmp(line, name, size) == 0 && line[size] == ':') {
			value = strtoul(line + size + 1, NULL, base);
		}
	}
	if (f) {
		fclose(f);
	}
	return value;
}

static void link_of(pid_t pid, const char *what, char *out, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
	ssize_t n = readlink(path, out, size - 1);

	out[n > 0 ? n : 0] = 0;
	CHECK(n > 0, path);
}

/* Descriptors that lead anywhere but to /dev/null and to the measured artifact, which the engine keeps open. */
static size_t doors(pid_t pid, char *last, size_t size)
{
	char path[64], to[128];
	size_t count = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	DIR *folder = opendir(path);

	CHECK(folder != NULL, path);
	for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder)) {
		if (e->d_name[0] != '.') {
			snprintf(path, sizeof(path), "fd/%.16s", e->d_name);
			link_of(pid, path, to, sizeof(to));
			if (strcmp(to, "/dev/null") != 0 && !strstr(to, "/" PYTHON_ARTIFACT) && atoi(e->d_name) > 2) {
				count++;
				snprintf(last, size, "%s", to);
			}
		}
	}
	if (folder) {
		closedir(folder);
	}
	return count;
}

static void check_apart(pid_t pid, pid_t other, const char *ns)
{
	char a[64], b[64];

	link_of(pid, ns, a, sizeof(a));
	link_of(other, ns, b, sizeof(b));
	CHECK(strcmp(a, b) != 0, ns);
}

static void test_confined(void)
{
	struct zygote z = zygote_start(false);
	struct copy one = copy_ask(&z), two = copy_ask(&z);
	char door_one[128] = "", door_two[128] = "";

	if (may_look()) {
		/* Once it waits for core it has made its own promise, over the zygote's. */
		for (int ms = 0; ms < 5000 && (status_of(one.pid, "Seccomp_filters", 10) != 2 || status_of(two.pid, "Seccomp_filters", 10) != 2); ms++) {
			usleep(1000);
		}
		CHECK(status_of(one.pid, "Seccomp", 10) == 2 && status_of(one.pid, "Seccomp_filters", 10) == 2, "its own promise");
		CHECK(status_of(one.pid, "NoNewPrivs", 10) == 1 && status_of(one.pid, "Threads", 10) == 1, "no privileges, one thread");
		CHECK(status_of(one.pid, "CapEff", 16) == 0 && status_of(one.pid, "CapPrm", 16) == 0 && status_of(one.pid, "CapInh", 16) == 0,
		      "none over its own namespaces either");
		CHECK(status_of(one.pid, "PPid", 10) == (unsigned long)getpid(), "the launcher's child");
		check_apart(one.pid, two.pid, "ns/pid");
		check_apart(one.pid, two.pid, "ns/user");
		check_apart(one.pid, z.pid, "ns/pid");
		CHECK(doors(one.pid, door_one, sizeof(door_one)) == 1 && doors(two.pid, door_two, sizeof(door_two)) == 1 &&
			      strcmp(door_one, door_two) != 0,
		      "one socket each, its own");
		struct rlimit processes = { 1, 1 };

		CHECK(prlimit(one.pid, RLIMIT_NPROC, NULL, &processes) == 0 && processes.rlim_max == 0, "no process of its own");
	}
	copy_drop(&one);
	copy_drop(&two);
	zygote_end(&z);
}

/* ---- ends ---- */

static void test_outlives_zygote(void)
{
	struct zygote z = zygote_start(false);
	struct copy one = copy_ask(&z);

	kill(z.pid, SIGKILL);
	CHECK(waitpid(z.pid, NULL, 0) == z.pid, "killed");
	close(z.socket);
	/* Its file is in a cycle, through the function's globals, and is left open. */
	copy_give(&one, "left = open('/out/out', 'w')\nleft.write('here')\ndef function():\n    pass\n", "");
	CHECK(strcmp(copy_end(&one), "here") == 0, "a copy needs its zygote no more");
}

/* A launcher that has a copy whose core is somebody else: us, so that the copy does not end because core does. */
static _Noreturn void launcher(int tell)
{
	struct zygote z = zygote_start(false);
	struct copy one = copy_ask(&z);

	if (message_send_wait(tell, mt_bytes(&one.pid, sizeof(one.pid)), &one.core, 1) == MT_OK) {
		pause();
	}
	_exit(1);
}

static void test_dies_with_launcher(void)
{
	struct message m = { 0 };
	pid_t copy = 0;
	int pair[2];
	bool gone = false;

	CHECK(message_pair(pair) == MT_OK, "a socket");
	pid_t pid = fork();

	if (pid == 0) {
		launcher(pair[1]);
	}
	CHECK(message_wait(pair[0], buffer, &m) == MT_OK && m.body.size == sizeof(copy) && m.handle_count == 1, "born");
	memcpy(&copy, m.body.at, sizeof(copy));
	usleep(300000); /* until it waits for core */
	CHECK(kill(copy, 0) == 0, "it waits");
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, NULL, 0) == pid, "killed");
	for (int ms = 0; ms < 3000 && !gone; ms++) {
		usleep(1000);
		gone = kill(copy, 0) != 0;
	}
	CHECK(gone, "nobody outlives the launcher");
	message_close(&m);
	close(pair[0]);
	close(pair[1]);
}

const struct test tests[] = {
	{ "numbers", test_numbers },
	{ "numbers_packages", test_numbers_packages },
	{ "marks", test_marks },
	{ "memory", test_memory },
	{ "confined", test_confined },
	{ "outlives_zygote", test_outlives_zygote },
	{ "dies_with_launcher", test_dies_with_launcher },
	TESTS_END,
};
