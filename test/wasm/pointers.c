/*
 * Every WASI function with pointers and sizes at and behind the end of memory. Each must answer an
 * error, and none may end the guest. Exit status: the number of the first function that did not,
 * else 0.
 */
#include <stdint.h>

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

typedef uint32_t u;
typedef uint64_t U;
WASI(args_get) u args_get(u, u);
WASI(args_sizes_get) u args_sizes_get(u, u);
WASI(environ_sizes_get) u environ_sizes_get(u, u);
WASI(clock_res_get) u clock_res_get(u, u);
WASI(clock_time_get) u clock_time_get(u, U, u);
WASI(fd_allocate) u fd_allocate(u, U, U);
WASI(fd_fdstat_get) u fd_fdstat_get(u, u);
WASI(fd_filestat_get) u fd_filestat_get(u, u);
WASI(fd_filestat_set_size) u fd_filestat_set_size(u, U);
WASI(fd_filestat_set_times) u fd_filestat_set_times(u, U, U, u);
WASI(fd_pread) u fd_pread(u, u, u, U, u);
WASI(fd_prestat_get) u fd_prestat_get(u, u);
WASI(fd_prestat_dir_name) u fd_prestat_dir_name(u, u, u);
WASI(fd_pwrite) u fd_pwrite(u, u, u, U, u);
WASI(fd_read) u fd_read(u, u, u, u);
WASI(fd_readdir) u fd_readdir(u, u, u, U, u);
WASI(fd_renumber) u fd_renumber(u, u);
WASI(fd_seek) u fd_seek(u, U, u, u);
WASI(fd_tell) u fd_tell(u, u);
WASI(fd_write) u fd_write(u, u, u, u);
WASI(path_create_directory) u path_create_directory(u, u, u);
WASI(path_filestat_get) u path_filestat_get(u, u, u, u, u);
WASI(path_filestat_set_times) u path_filestat_set_times(u, u, u, u, U, U, u);
WASI(path_link) u path_link(u, u, u, u, u, u, u);
WASI(path_open) u path_open(u, u, u, u, u, U, U, u, u);
WASI(path_readlink) u path_readlink(u, u, u, u, u, u);
WASI(path_rename) u path_rename(u, u, u, u, u, u);
WASI(path_symlink) u path_symlink(u, u, u, u, u);
WASI(path_unlink_file) u path_unlink_file(u, u, u);
WASI(poll_oneoff) u poll_oneoff(u, u, u, u);
WASI(proc_raise) u proc_raise(u);
WASI(random_get) u random_get(u, u);
WASI(sock_accept) u sock_accept(u, u, u);
WASI(sock_recv) u sock_recv(u, u, u, u, u, u);
WASI(sock_send) u sock_send(u, u, u, u, u);
WASI(sock_shutdown) u sock_shutdown(u, u);

static u in, out, good; /* open files, and a pointer that is all right */

/* Each call with pointer `p` and size `n`, of which at least one is wrong. */
static u try(unsigned which, u p, u n)
{
	switch (which) {
	case 1:
		return args_get(p, good);
	case 2:
		return args_get(good, p);
	case 3:
		return args_sizes_get(p, good);
	case 4:
		return args_sizes_get(good, p);
	case 5:
		return environ_sizes_get(p, good);
	case 6:
		return clock_res_get(0, p);
	case 7:
		return clock_time_get(0, 0, p);
	case 8:
		return clock_time_get(77, 0, good);
	case 9:
		return fd_allocate(out, 0, ~0ull);
	case 10:
		return fd_fdstat_get(in, p);
	case 11:
		return fd_filestat_get(in, p);
	case 12:
		return fd_filestat_set_size(in, 1);
	case 13:
		return fd_filestat_set_times(in, 0, 0, 0);
	case 14:
		return fd_pread(in, p, 1, 0, good);
	case 15:
		return fd_pread(in, good, ~0u, 0, good);
	case 16:
		return fd_pread(in, good, 0, ~0ull, good);
	case 17:
		return fd_prestat_get(3, p);
	case 18:
		return fd_prestat_dir_name(3, p, n);
	case 19:
		return fd_prestat_dir_name(3, good, 1);
	case 20:
		return fd_prestat_get(5, good);
	case 21:
		return fd_pwrite(out, p, 1, 0, good);
	case 22:
		return fd_pwrite(out, good, 0, ~0ull, good);
	case 23:
		return fd_read(in, p, 1, good);
	case 24:
		return fd_read(in, good, 0, p);
	case 25:
		return fd_readdir(3, p, n, 0, good);
	case 26:
		return fd_readdir(3, good, 0, 0, p);
	case 27:
		return fd_readdir(in, good, 8, 0, good);
	case 28:
		return fd_renumber(in, out);
	case 29:
		return fd_seek(in, 0, 0, p);
	case 30:
		return fd_seek(in, 1ull << 63, 0, good);
	case 31:
		return fd_seek(in, ~0ull >> 1, 2, good);
	case 32:
		return fd_seek(in, 0, 9, good);
	case 33:
		return fd_tell(in, p);
	case 34:
		return fd_write(out, p, 1, good);
	case 35:
		return fd_write(out, good, 0, p);
	case 36:
		return fd_write(in, good, 0, good);
	case 37:
		return path_create_directory(3, p, n);
	case 38:
		return path_filestat_get(3, 0, p, n, good);
	case 39:
		return path_filestat_get(3, 0, good, 0, p);
	case 40:
		return path_filestat_set_times(3, 0, p, n, 0, 0, 0);
	case 41:
		return path_link(3, 0, p, n, 4, p, n);
	case 42:
		return path_open(3, 0, p, n, 0, 0, 0, 0, good);
	case 43:
		return path_open(4, 0, (u)(uintptr_t) "b", 1, 1, 64, 0, 0, p);
	case 44:
		return path_readlink(3, p, n, p, n, p);
	case 45:
		return path_rename(3, p, n, 4, p, n);
	case 46:
		return path_symlink(p, n, 3, p, n);
	case 47:
		return path_unlink_file(3, p, n);
	case 48:
		return poll_oneoff(p, good, 1, good);
	case 49:
		return poll_oneoff(good, p, 1, good);
	case 50:
		return poll_oneoff(good, good, 1, p);
	case 51:
		return poll_oneoff(good, good, ~0u, good);
	case 52:
		return proc_raise(9);
	case 53:
		return random_get(p, n);
	case 54:
		return sock_accept(in, 0, p);
	case 55:
		return sock_recv(in, p, 1, 0, p, p);
	case 56:
		return sock_send(0, p, 1, 0, p);
	case 57:
		return sock_shutdown(99, 0);
	case 58:
		return fd_tell(99, good);
	case 59:
		return fd_tell(1, good);
	case 60:
		return fd_read(1, good, 0, good);
	case 61:
		return fd_read(3, good, 0, good);
	case 62:
		return path_open(in, 0, good, 0, 0, 0, 0, 0, good);
	default:
		return 0;
	}
}

/* Whether the size matters to this call: { 1, ~0 } is only wrong then. */
static int has_size(unsigned which)
{
	return which == 18 || which == 25 ||
	       (which >= 37 && which <= 47 && which != 39 && which != 43) || which == 53;
}

/* An iovec whose buffer is wrong, in memory that is right. */
static u wrong_vector(u at, u size)
{
	static u vector[2];

	vector[0] = at;
	vector[1] = size;
	return fd_read(in, (u)(uintptr_t)vector, 1, good) &&
	       fd_write(out, (u)(uintptr_t)vector, 1, good) &&
	       fd_write(1, (u)(uintptr_t)vector, 1, good);
}

int main(void)
{
	static char room[4096];
	u end = (u)__builtin_wasm_memory_size(0) << 16;
	const u wrong[][2] = { { end - 1, 2 }, { end, 1 }, { ~0u, 1 },
			       { ~0u, ~0u },   { 1, ~0u }, { end + 1, 0xffffffff - end } };

	good = (u)(uintptr_t)room;
	if (path_open(3, 0, (u)(uintptr_t) "a", 1, 0, 0, 0, 0, good)) {
		return 101;
	}
	in = *(u *)(void *)room;
	if (path_open(4, 0, (u)(uintptr_t) "b", 1, 1, 64, 0, 0, good)) {
		return 102;
	}
	out = *(u *)(void *)room;
	for (u i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		for (unsigned which = 1; which <= 62; which++) {
			if ((wrong[i][0] != 1 || has_size(which)) &&
			    try(which, wrong[i][0], wrong[i][1]) == 0) {
				return (int)which;
			}
		}
		if (!wrong_vector(wrong[i][0], wrong[i][1])) {
			return 100;
		}
	}
	return 0;
}
