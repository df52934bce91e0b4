/*
 * The launcher's watch, on the release build, with test/e2e/double.c in place of every other image:
 * deadlines, kills, and that nobody outlives it however deaf.
 */
#include "port/linux/images.h"
#include "test/e2e/launched.h"
#include "test/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct bytes image_read(const char *name)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/%s", images_folder(), name);
	int fd = open(path, O_RDONLY);
	struct stat facts = { 0 };

	if (fd < 0 || fstat(fd, &facts) != 0) {
		return mt_bytes(NULL, 0);
	}
	uint8_t *at = test_alloc((size_t)facts.st_size);
	ssize_t size = read(fd, at, (size_t)facts.st_size);

	close(fd);
	return mt_bytes(at, size == facts.st_size ? (size_t)size : 0);
}

/* A node whose core plays `part`, before it is started. */
static void prepare(struct node *n, const char *part)
{
	struct bytes image = image_read("../test/double");

	node_folder(n);
	CHECK(image.size > 0, "build/release/test/double");
	for (size_t i = 0; i < IMAGES; i++) {
		file_write(n->folder, images_name((enum image)i), image);
	}
	/* It is linked statically: the libraries are measured and placed, and nobody reads them. */
	for (size_t i = 0; i < IMAGES_LIBRARIES; i++) {
		file_write(n->folder, images_library_name(i), mt_text("a library"));
	}
	file_write(n->folder, "components.json", mt_text("{}"));
	file_write(n->folder, "config", mt_text(part));
	n->images = n->folder;
}

static void start(struct node *n, const char *part)
{
	prepare(n, part);
	node_start(n, NULL);
	CHECK(node_ready(n), "ready");
}

static void test_deadlines(void)
{
	struct node n = { 0 };

	start(&n, "busy");
	CHECK(node_wait(&n) == 0, "it ends as core asked");
	if (!CHECK(strcmp(n.text, "late: ok\nnot before its time: ok\nused: ok\nkilled: ok\ntold: ok\n"
				  "all the while: ok\n") == 0,
		   "what came of it")) {
		printf("%s", n.text);
	}
	node_folder_drop(&n);
}

static void test_zygotes(void)
{
	struct node n = { 0 };

	start(&n, "zygote");
	CHECK(node_wait(&n) == 0, "it ends as core asked");
	if (!CHECK(strcmp(n.text, "stray: ok\ndoomed: ok\nlate before birth: ok\n"
				  "mesatee-launcher: python ended (status 7); tasks that wait for it fail\n"
				  "without a zygote: ok\nby the next: ok\n") == 0,
		   "what came of it")) {
		printf("%s", n.text);
	}
	node_folder_drop(&n);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A core that does not end when it should has two seconds. node_wait() sees all of them gone. */
static void test_deaf_stop(void)
{
	struct node n = { 0 };

	start(&n, "deaf");
	double from = now_s();

	kill(n.pid, SIGTERM);
	CHECK(node_wait(&n) == 0, "it stops");
	CHECK(now_s() - from > 1.5 && now_s() - from < 6, "after its grace");
	node_folder_drop(&n);
}

static void test_deaf_orphan(void)
{
	struct node n = { 0 };

	start(&n, "deaf");
	kill(n.pid, SIGKILL);
	CHECK(node_wait(&n) == 128 + SIGKILL, "killed");
	node_folder_drop(&n);
}

/* The one image that no node starts by itself, the real one: it promises before it reads. */
static void test_compiler(void)
{
	struct node n = { 0 };
	char to[64];
	pid_t pid = 0;

	prepare(&n, "compile");
	CHECK(getuid() != 0 || chown(n.folder, 65533, 65533) == 0, "own");
	file_write(n.folder, "compile", image_read("compile"));
	for (size_t i = 0; i < IMAGES_LIBRARIES; i++) {
		snprintf(to, sizeof(to), "%s/%s", n.folder, images_library_name(i));
		CHECK(unlink(to) == 0, "the system's");
	}
	file_write(n.folder, "libwasmtime.so", image_read("../../third/lib/libwasmtime.so"));
	node_start(&n, become_nobody);
	CHECK(node_ready(&n), "ready");
	for (int ms = 0; ms < 3000 && !pid; ms++) {
		usleep(1000);
		pid = node_process(&n, "compile");
	}
	CHECK(pid > 0, "spawned");
	check_promised(pid, "compile");
	kill(n.pid, SIGKILL);
	CHECK(node_wait(&n) == 128 + SIGKILL, n.text);
	node_folder_drop(&n);
}

const struct test tests[] = {
	{ "deadlines", test_deadlines },
	{ "zygotes", test_zygotes },
	{ "compiler", test_compiler },
	{ "deaf_stop", test_deaf_stop },
	{ "deaf_orphan", test_deaf_orphan },
	TESTS_END,
};
