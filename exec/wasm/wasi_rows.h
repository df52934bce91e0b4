/*
 * WASI preview 1, a row for each function: X(name, shape, what answers it), V where nothing is given back. The shape is its
 * parameters: i is i32, I is i64.
 */
#ifndef MT_EXEC_WASM_WASI_ROWS_H
#define MT_EXEC_WASM_WASI_ROWS_H

#define WASI_ROWS(X, V) \
	X(args_get, ii, args_get) \
	X(args_sizes_get, ii, args_sizes_get) \
	X(environ_get, ii, nothing_to_do) \
	X(environ_sizes_get, ii, environ_sizes_get) \
	X(clock_res_get, ii, clock_res_get) \
	X(clock_time_get, iIi, clock_time_get) \
	X(fd_advise, iIIi, fd_nothing) \
	X(fd_allocate, iII, not_supported) \
	X(fd_close, i, fd_close) \
	X(fd_datasync, i, fd_nothing) \
	X(fd_fdstat_get, ii, fd_fdstat_get) \
	X(fd_fdstat_set_flags, ii, fd_fdstat_set_flags) \
	X(fd_fdstat_set_rights, iII, fd_nothing) \
	X(fd_filestat_get, ii, fd_filestat_get) \
	X(fd_filestat_set_size, iI, fd_filestat_set_size) \
	X(fd_filestat_set_times, iIIi, not_supported) \
	X(fd_pread, iiiIi, fd_pread) \
	X(fd_prestat_get, ii, fd_prestat_get) \
	X(fd_prestat_dir_name, iii, fd_prestat_dir_name) \
	X(fd_pwrite, iiiIi, fd_pwrite) \
	X(fd_read, iiii, fd_read) \
	X(fd_readdir, iiiIi, fd_readdir) \
	X(fd_renumber, ii, not_supported) \
	X(fd_seek, iIii, fd_seek) \
	X(fd_sync, i, fd_nothing) \
	X(fd_tell, ii, fd_tell) \
	X(fd_write, iiii, fd_write) \
	X(path_create_directory, iii, not_capable) \
	X(path_filestat_get, iiiii, path_filestat_get) \
	X(path_filestat_set_times, iiiiIIi, not_capable) \
	X(path_link, iiiiiii, not_capable) \
	X(path_open, iiiiiIIii, path_open) \
	X(path_readlink, iiiiii, not_capable) \
	X(path_remove_directory, iii, not_capable) \
	X(path_rename, iiiiii, not_capable) \
	X(path_symlink, iiiii, not_capable) \
	X(path_unlink_file, iii, not_capable) \
	X(poll_oneoff, iiii, poll_oneoff) \
	V(proc_exit, i, wasi_proc_exit) \
	X(proc_raise, i, not_there) \
	X(sched_yield, , nothing_to_do) \
	X(random_get, ii, random_get) \
	X(sock_accept, iii, not_a_socket) \
	X(sock_recv, iiiiii, not_a_socket) \
	X(sock_send, iiiii, not_a_socket) \
	X(sock_shutdown, ii, not_a_socket)

#endif
