/*
 * A function that does what its first argument says. Built for wasm32-wasi by test/wasm/tests.mk.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int copy(void)
{
	static char part[1000];
	FILE *in = fopen("/in/a", "rb"), *out = fopen("/out/b", "wb");
	size_t n;

	if (!in || !out) {
		return 1;
	}
	printf("to be counted\n");
	fprintf(stderr, "and this\n");
	while ((n = fread(part, 1, sizeof(part), in)) > 0) {
		for (size_t i = 0; i < n; i++) {
			part[i] ^= 0x20;
		}
		if (fwrite(part, 1, n, out) != n) {
			return 2;
		}
	}
	return fclose(out) == 0 && fclose(in) == 0 ? 0 : 3;
}

/* Seeking, appending, truncating, reading back. */
static int files(void)
{
	char part[16] = { 0 };
	struct stat facts;
	int fd = open("/out/b", O_RDWR | O_CREAT | O_EXCL, 0600),
	    twice = open("/out/b", O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd < 0 || twice >= 0 || errno != EEXIST) {
		return 1;
	}
	if (write(fd, "0123456789", 10) != 10 || lseek(fd, -4, SEEK_END) != 6 ||
	    read(fd, part, 16) != 4 || memcmp(part, "6789", 4)) {
		return 2;
	}
	if (pwrite(fd, "xy", 2, 2) != 2 || pread(fd, part, 3, 1) != 3 || memcmp(part, "1xy", 3) ||
	    lseek(fd, 0, SEEK_CUR) != 10) {
		return 3;
	}
	if (ftruncate(fd, 4) != 0 || fstat(fd, &facts) != 0 || facts.st_size != 4 ||
	    lseek(fd, -1, SEEK_SET) >= 0) {
		return 4;
	}
	close(fd);
	fd = open("/out/b", O_WRONLY | O_APPEND);
	if (fd < 0 || write(fd, "!", 1) != 1 || read(fd, part, 1) > 0) {
		return 5;
	}
	if (stat("/in/a", &facts) != 0 || facts.st_size != 5 || !S_ISREG(facts.st_mode) ||
	    stat("/in", &facts) != 0 || !S_ISDIR(facts.st_mode) || stat("/out/c", &facts) == 0) {
		return 6;
	}
	return close(fd) == 0 && write(fd, "", 0) < 0 && errno == EBADF ? 0 : 7;
}

static int list(const char *folder, const char *want)
{
	char found[256] = "";
	DIR *d = opendir(folder);

	for (struct dirent *e; d && (e = readdir(d));) {
		strcat(strcat(found, e->d_name), " ");
	}
	return !d || strcmp(found, want);
}

static int lists(void)
{
	return list("/in", "a ")       ? 1
	       : list("/out", "")      ? 2
	       : !fopen("/out/b", "w") ? 3
	       : list("/out", "b ")    ? 4
				       : 0;
}

/* Everything here must fail. */
static int escapes(void)
{
	static const char *const path[] = {
		"/etc/passwd",
		"/in/../etc/passwd",
		"/in/../../etc/passwd",
		"/out/../in/a",
		"/proc/self/mem",
		"/dev/null",
		"/out/none",
		"/in/none",
		"/in/./../../x",
		"/",
		"a",
		"../x",
		"/in//etc/passwd",
		"/in/a/b",
		"/in/a/",
	};

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		if (fopen(path[i], "r") || fopen(path[i], "w")) {
			printf("%s\n", path[i]);
			return 10 + (int)i;
		}
	}
	if (open("/in/a", O_RDWR) >= 0 || open("/in/a", O_WRONLY | O_TRUNC) >= 0 ||
	    open("/in/new", O_CREAT | O_WRONLY, 0600) >= 0) {
		return 1;
	}
	if (mkdir("/out/d", 0700) == 0 || unlink("/in/a") == 0 || rename("/in/a", "/out/b") == 0 ||
	    link("/in/a", "/out/b") == 0 || symlink("/etc/passwd", "/out/b") == 0 ||
	    rmdir("/in") == 0) {
		return 2;
	}
	return getenv("PATH") ? 3 : 0;
}

/* What the function was told, and what it can know. */
static int world(int argc, char **argv)
{
	FILE *out = fopen("/out/b", "w");
	unsigned char chance[300];
	struct timespec now;

	if (!out || getentropy(chance, 256) != 0 || getentropy(chance + 256, 44) != 0) {
		return 1;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	fprintf(out, "%d %s %s %lld", argc, argv[0], argc > 2 ? argv[2] : "-",
		(long long)now.tv_sec);
	for (size_t i = 0; i < sizeof(chance); i++) {
		fprintf(out, "%02x", chance[i]);
	}
	clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = 1000000 }, NULL);
	return fclose(out);
}

static int bomb(void)
{
	for (;;) {
		char *at = malloc(1 << 20);

		if (!at) {
			return 7;
		}
		memset(at, 1, 1 << 20);
	}
}

static int flood(void)
{
	static char part[1 << 16];
	int fd = open("/out/b", O_WRONLY | O_CREAT, 0600);

	for (;;) {
		if (write(fd, part, sizeof(part)) < 0) {
			return 8;
		}
	}
}

static int recurse(volatile int *depth)
{
	volatile int here = *depth + 1;

	return recurse(&here) + here;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	volatile int depth = 0;

	if (!strcmp(what, "copy")) {
		return copy();
	}
	if (!strcmp(what, "files")) {
		return files();
	}
	if (!strcmp(what, "lists")) {
		return lists();
	}
	if (!strcmp(what, "escapes")) {
		return escapes();
	}
	if (!strcmp(what, "world")) {
		return world(argc, argv);
	}
	if (!strcmp(what, "exit")) {
		exit(42);
	}
	if (!strcmp(what, "trap")) {
		__builtin_trap();
	}
	if (!strcmp(what, "bomb")) {
		return bomb();
	}
	if (!strcmp(what, "flood")) {
		return flood();
	}
	if (!strcmp(what, "recurse")) {
		return recurse(&depth);
	}
	while (!strcmp(what, "loop")) {
	}
	return 99;
}
