/*
 * A function that reads its inputs in every way there is and writes down what it saw. Whether they are mapped or come as streams must
 * make no difference to a byte of that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SEGMENT (1 << 20)

static uint8_t part[3 * SEGMENT];
static FILE *out;

static uint64_t hash(uint64_t h, const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		h = (h ^ at[i]) * UINT64_C(0x100000001b3);
	}
	return h;
}

static void tell(const char *what, long long n, uint64_t h)
{
	fprintf(out, "%s %lld %016llx\n", what, n, (unsigned long long)h);
}

static void straight(int fd)
{
	uint64_t h = 1;
	long long total = 0;
	ssize_t n;

	for (size_t step = 1; (n = read(fd, part, step)) > 0; step = step * 5 % 70001 + 1) {
		h = hash(h, part, (size_t)n);
		total += n;
	}
	tell("read", total, h);
	tell("at the end", read(fd, part, 1), 0);
}

static void anywhere(int fd, long long size)
{
	const long long place[] = { size - 1, 0, SEGMENT - 1, size / 2, SEGMENT, 4 * SEGMENT - 7, size, size + 5, 2 * SEGMENT + 1, 0 };

	for (size_t i = 0; i < sizeof(place) / sizeof(place[0]); i++) {
		ssize_t n = pread(fd, part, 1 + (i * 700001) % sizeof(part), place[i]);

		tell("pread", n, n > 0 ? hash(1, part, (size_t)n) : (uint64_t)errno);
	}
	tell("place", lseek(fd, 0, SEEK_CUR), 0);
	tell("before the beginning", lseek(fd, -size - 1, SEEK_END), (uint64_t)errno);
	tell("middle", lseek(fd, size / 2, SEEK_SET), 0);
	const struct iovec v[3] = { { part, 3 }, { part + 100, SEGMENT }, { part + 2 * SEGMENT, 9 } };
	ssize_t n = readv(fd, v, 3);

	tell("readv", n, hash(hash(hash(1, part, 3), part + 100, SEGMENT), part + 2 * SEGMENT, 9));
	tell("write", write(fd, part, 1), 0);
}

static void buffered(const char *path)
{
	FILE *in = fopen(path, "rb");
	uint64_t h = 1;
	long long total = 0;
	size_t n;

	while (in && (n = fread(part, 1, 1000, in)) > 0) {
		h = hash(h, part, n);
		total += (long long)n;
	}
	tell("fread", total, h);
}

static int whole(const char *path)
{
	struct stat named, open_one;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || stat(path, &named) != 0 || fstat(fd, &open_one) != 0) {
		return -1;
	}
	tell(path, named.st_size, (uint64_t)open_one.st_size);
	tell("file", S_ISREG(open_one.st_mode), open_one.st_ino == named.st_ino);
	straight(fd);
	memset(part, 0, sizeof(part));
	anywhere(fd, named.st_size);
	tell("end", lseek(fd, 0, SEEK_END), 0);
	buffered(path);
	return fd;
}

static void in_turns(int a, int b)
{
	uint64_t h = 1;

	for (int i = 0; i < 600; i++) {
		off_t at = (off_t)i * 4099;

		h = hash(h, part, (size_t)pread(a, part, 4096, at));
		h = hash(h, part, (size_t)pread(b, part, 4096, at));
	}
	tell("in turns", 600, h);
}

/* Reads the beginning, waits until the test has done what it does, reads the rest. */
static int pause_between(void)
{
	int fd = open("/in/a", O_RDONLY);
	ssize_t n = read(fd, part, 10);

	clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = 600000000 }, NULL);
	while (n > 0) {
		n = read(fd, part, sizeof(part));
	}
	return n == 0 ? 0 : 9;
}

int main(int argc, char **argv)
{
	out = fopen("/out/o", "w");
	if (!out) {
		return 1;
	}
	if (argc > 1 && strcmp(argv[1], "pause") == 0) {
		return pause_between();
	}
	int a = whole("/in/a"), b = whole("/in/b");

	if (a < 0 || b < 0) {
		return 2;
	}
	in_turns(a, b);
	return fclose(out) == 0 ? 0 : 3;
}
