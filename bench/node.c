/*
 * A whole node from a client's side, in one run: start and memory at rest, small requests, a warm task, an upload against AES-256-GCM.
 * Starts its own node on a free port, with its state in a temporary folder.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "api/mesatee.h"
#include "bench/upload.h"

#define TASKS 200
#define REQUESTS 1000
#define UPLOAD_MIB 256

static char folder[] = "/tmp/mesatee-bench-XXXXXX";
static pid_t node;

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void end_node(void)
{
	char command[128];

	if (node > 0) {
		kill(node, SIGTERM);
		waitpid(node, NULL, 0);
	}
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	(void)!system(command);
}

static void must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "node: %s\n", what);
		exit(1);
	}
}

static void shell(const char *format, const char *bin, const char *more)
{
	char command[1024];

	snprintf(command, sizeof(command), format, bin, folder, more);
	must(system(command) == 0, command);
}

/* ---- start and rest ---- */

static double node_start(const char *bin, const char *address)
{
	int ready[2];
	char path[512], state[128];
	uint8_t byte;
	double start = now_ms();

	must(pipe(ready) == 0, "pipe");
	node = fork();
	if (node == 0) {
		dup2(ready[1], 1);
		snprintf(path, sizeof(path), "%s/mesatee", bin);
		snprintf(state, sizeof(state), "%s/node", folder);
		(void)!freopen("/dev/null", "w", stderr);
		execl(path, "mesatee", "--quiet", "serve", "--state", state, "--listen", address, (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	must(node > 0 && read(ready[0], &byte, 1) == 1, "the node did not start");
	return now_ms() - start;
}

static long resident_kib(int pid)
{
	char path[64], line[256];
	long kib = 0;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		(void)sscanf(line, "Rss: %ld", &kib);
	}
	if (f) {
		fclose(f);
	}
	return kib;
}

static int parent_of(int pid)
{
	char path[64], text[512];
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *f = fopen(path, "r");
	if (f && fgets(text, sizeof(text), f)) {
		const char *after = strrchr(text, ')');
		if (after) {
			(void)sscanf(after, ") %*c %d", &parent);
		}
	}
	if (f) {
		fclose(f);
	}
	return parent;
}

/* The launcher and its children; `mesatee serve` above them only waits. */
static double node_resident_mib(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	long kib = 0;

	must(d != NULL, "/proc");
	while ((e = readdir(d)) != NULL) {
		int pid = atoi(e->d_name), parent = pid > 0 ? parent_of(pid) : 0;
		if (parent > 1 && (parent == node || parent_of(parent) == node)) {
			kib += resident_kib(pid);
		}
	}
	closedir(d);
	return (double)kib / 1024;
}

/* ---- tasks ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *list, size_t count)
{
	qsort(list, count, sizeof(list[0]), by_value);
	return list[count / 2];
}

static double request_ms(struct mesatee *m)
{
	static double list[REQUESTS];
	const char *json;

	for (size_t i = 0; i < REQUESTS; i++) {
		double start = now_ms();
		must(mesatee_status(m, &json) == MESATEE_OK, mesatee_error(m));
		list[i] = now_ms() - start;
	}
	return median(list, REQUESTS);
}

/* From sending the signed request to the answer that says `finished`. */
static double task_ms(struct mesatee *m, const char *contract, size_t count, unsigned pause_us)
{
	static double list[TASKS];
	struct mesatee_run end;

	for (size_t i = 0; i < count; i++) {
		uint64_t run = 0;
		double start = now_ms();
		must(mesatee_run(m, contract, &run) == MESATEE_OK && mesatee_wait(m, contract, run, 0, &end) == MESATEE_OK,
		     mesatee_error(m));
		list[i] = now_ms() - start;
		usleep(pause_us);       /* warm means that the launcher has workers waiting again */
	}
	return median(list, count);
}

/* With psi's words, at which scripts do not look, or a built-in function's. */
static void contract_prepare(struct mesatee *m, const char *file, const char *name, bool builtin, char contract[MESATEE_ID_SIZE])
{
	char path[128], tag[MESATEE_ID_SIZE], function[MESATEE_ID_SIZE], self[MESATEE_ID_SIZE];
	struct mesatee_contract *c = NULL;

	snprintf(path, sizeof(path), "%s/small", folder);
	must(mesatee_identity(m, true, self) == MESATEE_OK && mesatee_put(m, path, NULL, tag) == MESATEE_OK &&
	     mesatee_publish(m, file, name, function) == MESATEE_OK, mesatee_error(m));
	struct mesatee_terms terms = {
		.function = function, .argument = { "a", "b", "--", "o" }, .argument_count = 4,
		.input = { { .name = "a", .owner = self, .tag = tag }, { .name = "b", .owner = self, .tag = tag } }, .input_count = 2,
		.output = { { .name = "o", .owner = { self }, .owner_count = 1, .size_max = 1 << 20 } }, .output_count = 1,
		.memory_max = 1 << 30, .wall_ms = 60000, .level_min = 2, .runs = TASKS + 10, .expiry = (uint64_t)time(NULL) + 3600,
	};
	if (builtin) {
		terms.argument[0] = "in=a";
		terms.argument[1] = "out=o";
		terms.argument_count = 2;
	}
	must(mesatee_contract_make(m, &terms, false, &c) == MESATEE_OK, mesatee_error(m));
	snprintf(contract, MESATEE_ID_SIZE, "%s", mesatee_contract_hash(c));
	must(mesatee_approve(m, c, false) == MESATEE_OK, mesatee_error(m));
	mesatee_contract_free(c);
}

/* Where the node has the interpreter: a script that copies, and the same with packages imported first. */
static void python_show(struct mesatee *m)
{
	static const struct {
		const char *what, *source;
		size_t count;
	} row[] = {
		{ "nothing imported", "", 40 },
		{ "numpy imported by it", "import numpy\n", 10 },
		{ "scikit-learn imported by it", "from sklearn.linear_model import LogisticRegression\n", 5 },
	};
	char path[128], contract[MESATEE_ID_SIZE];

	if (access("build/third/lib/python.cwasm", R_OK) != 0) {
		printf("Python task: not measured, there is no interpreter (make python)\n");
		return;
	}
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(path, sizeof(path), "%s/copy%zu.py", folder, i);
		FILE *f = fopen(path, "w");
		must(f && fprintf(f, "%sopen('/out/o', 'wb').write(open('/in/a', 'rb').read())\n", row[i].source) > 0 && fclose(f) == 0, path);
		contract_prepare(m, path, "copy", false, contract);
		printf("Python task, %s: p50 %.1f ms (budget 2 ms bare, 10 ms with scikit-learn, packages imported before)\n", row[i].what,
		       task_ms(m, contract, row[i].count, 150000));
	}
}

/* ---- upload ---- */

static void upload_show(struct mesatee *m)
{
	struct upload_figures f = { 0 };
	char path[128];
	const char *why = NULL;

	snprintf(path, sizeof(path), "%s/large", folder);
	must(upload_measure(m, folder, path, UPLOAD_MIB, &f, &why), why);
	printf("upload of %d MiB: AES-256-GCM of one core %.0f MiB/s; floor (bare TLS 1.3 to a synced file) %.0f MiB/s: %.2fx of that\n", UPLOAD_MIB,
	       f.cipher, f.floor, f.floor / f.cipher);
	printf("upload, to its name (encrypt, hash): %.0f MiB/s: %.2fx of AES; encrypt again, send and store: %.0f MiB/s: %.2fx of AES "
	       "(budget 0.5x), %.2fx of the floor\n", f.name, f.name / f.cipher, f.send, f.send / f.cipher, f.send / f.floor);
	printf("upload, the whole put: %.0f MiB/s: %.2fx of AES (budget 0.5x), %.2fx of the floor\n", f.whole, f.whole / f.cipher,
	       f.whole / f.floor);
}

int main(void)
{
	const char *bin = "build/release/bin";
	char address[32], url[64], path[128], contract[MESATEE_ID_SIZE];
	struct mesatee *m = NULL;

	must(mkdtemp(folder) != NULL, "temporary folder");
	atexit(end_node);
	srand((unsigned)getpid());
	snprintf(address, sizeof(address), "127.0.0.1:%d", 20000 + rand() % 20000);
	snprintf(url, sizeof(url), "https://%s", address);
	shell("MESATEE_HOME=%2$s/operator %1$s/mesatee --quiet init --state %2$s/node --name bench >%2$s/root%3$s", bin, "");
	shell("%1$s/mesatee --quiet policy --images %1$s --config %2$s/node/node.cbor --level 2 --root-id $(cat %2$s/root) --name bench "
	      ">%2$s/policy.toml%3$s", bin, "");
	shell("echo line >%2$s/small; head -c %3$sM /dev/urandom >%2$s/large; : %1$s", bin, "256");
	double start_ms = node_start(bin, address);
	usleep(500000);
	double mib = node_resident_mib();
	printf("a node at rest: ready after %.0f ms (budget 500), resident %.0f MiB in all (budget 80)\n", start_ms, mib);
	snprintf(path, sizeof(path), "%s/home", folder);
	must(mesatee_open(path, &m) == MESATEE_OK, "client");
	snprintf(path, sizeof(path), "%s/policy.toml", folder);
	must(mesatee_policy_use(m, path) == MESATEE_OK && mesatee_connect(m, url) == MESATEE_OK, mesatee_error(m));
	contract_prepare(m, "build/functions/psi.wasm", "psi", false, contract);
	double request = request_ms(m), task = task_ms(m, contract, TASKS, 20000);
	printf("small request on a kept connection: p50 %.3f ms (%.0f a second)\n", request, 1000 / request);
	printf("warm wasm task, signed request to `finished`: p50 %.2f ms; less two small requests %.2f ms (budget 1.5 ms)\n", task,
	       task - 2 * request);
	contract_prepare(m, "build/functions/echo.wasm", "echo", true, contract);
	printf("warm built-in task: p50 %.2f ms\n", task_ms(m, contract, TASKS, 20000));
	python_show(m);
	upload_show(m);
	mesatee_close(m);
	return 0;
}
