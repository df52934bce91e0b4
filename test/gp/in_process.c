/*
 * The suite in a test's own process, over gp_world: each case in a child, so that a panic ends it as it ends an instance. Prints what of each function is
 * covered and what is a gap. With --list: the rows. With a text: the cases of functions whose name holds it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/gp/functions.h"
#include "test/gp/gp.h"
#include "test/gp_world.h"

#define PANICKED 42
#define CASE_SECONDS 60

static bool failed, expected;

bool gp_check(bool holds, const char *file, int line, const char *text)
{
	if (!holds) {
		printf("%s:%d: %s\n", file, line, text);
		failed = true;
	}
	return holds;
}

void gp_begin(void *shared, gp_size size)
{
	(void)shared;
	(void)size;
}

TEE_Result gp_result(void)
{
	return failed ? TEE_ERROR_GENERIC : TEE_SUCCESS;
}

_Noreturn void gp_world_panicked(TEE_Result code)
{
	(void)code;
	fflush(stdout);
	_exit(failed || !expected ? 1 : PANICKED);
}

void gp_world_logged(struct bytes line)
{
	(void)line;
}

void gp_now(void)
{
	expected = true;
}

void gp_fault(uint32_t number, unsigned skip, TEE_Result result)
{
	gp_world_fault(number, skip, result);
}

bool gp_own_world(void)
{
	return true;
}

void gp_cancel(void)
{
	gp_world_cancel();
}

void *gp_shared(void)
{
	return gp_world_shared;
}

void *gp_foreign(void)
{
	return gp_world_foreign;
}

void *gp_read_only(void)
{
	return gp_world_read_only;
}

const TEE_UUID gp_target = { 0x6d657361, 0x7465, 0x6550, { 0x81, 0, 0, 0, 0, 0, 0, 1 } };

static bool panics(const struct gp_row *row)
{
	return strncmp(row->what, "panics", 6) == 0;
}

static _Noreturn void child(const struct gp_row *row)
{
	alarm(CASE_SECONDS);
	gp_world_open();
	row->run(row->which);
	gp_world_close();
	fflush(stdout);
	exit(failed);
}

static bool run(const struct gp_row *row)
{
	int status = 0, want = panics(row) ? PANICKED : 0;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		child(row);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		return false;
	}
	bool good = WIFEXITED(status) && WEXITSTATUS(status) == want;
	if (!good) {
		printf("%s: %s (%s %d): FAILED\n", row->function, row->what, WIFEXITED(status) ? "exit" : "signal",
		       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	}
	return good;
}

struct totals {
	unsigned passed, failed, gaps;
};

/* All rows of one function; its line of the table. */
static void function_run(const char *function, const char *filter, struct totals *all)
{
	struct totals t = { 0 };
	char gaps[2048] = "";
	size_t used = 0;

	for (size_t i = 0; gp_row_at(i); i++) {
		const struct gp_row *row = gp_row_at(i);
		if (strcmp(row->function, function) != 0) {
			continue;
		}
		if (!row->run) {
			t.gaps++;
			used += (size_t)snprintf(gaps + used, sizeof(gaps) - used, "%s%s", used ? "; " : ": ", row->what);
		} else if (!filter || strstr(function, filter)) {
			bool good = run(row);
			t.passed += good;
			t.failed += !good;
		}
	}
	if (!filter || strstr(function, filter)) {
		printf("%-40s %2u passed, %u failed, %u gaps%s\n", function, t.passed, t.failed, t.gaps, gaps);
	}
	if (!filter && t.passed + t.failed + t.gaps == 0) {
		printf("%s has no row: FAILED\n", function);
		t.failed++;
	}
	all->passed += t.passed;
	all->failed += t.failed;
	all->gaps += t.gaps;
}

/* Rows of functions that there are not would never run. */
static unsigned strangers(void)
{
	unsigned count = 0;

	for (size_t i = 0; gp_row_at(i); i++) {
		bool known = false;
		for (size_t f = 0; f < GP_FUNCTIONS; f++) {
			known = known || strcmp(gp_functions[f], gp_row_at(i)->function) == 0;
		}
		if (!known) {
			printf("%s is no function: FAILED\n", gp_row_at(i)->function);
			count++;
		}
	}
	return count;
}

static int list(void)
{
	for (size_t i = 0; gp_row_at(i); i++) {
		const struct gp_row *row = gp_row_at(i);
		printf("%s|%s|%s\n", row->function, row->what, row->run ? "case" : "gap");
	}
	return 0;
}

int main(int count, char **argument)
{
	const char *filter = count > 1 ? argument[1] : NULL;
	struct totals all = { 0 };

	if (filter && strcmp(filter, "--list") == 0) {
		return list();
	}
	all.failed = strangers();
	for (size_t f = 0; f < GP_FUNCTIONS; f++) {
		function_run(gp_functions[f], filter, &all);
	}
	printf("%u functions, %u gaps\n%u passed, %u failed\n", (unsigned)GP_FUNCTIONS, all.gaps, all.passed, all.failed);
	return all.failed != 0;
}
