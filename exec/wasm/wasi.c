/*
 * WASI preview 1: the table of its functions, arguments, clocks, random bytes, and the way in from
 * the guest.
 */
#include "exec/wasm/wasi_private.h"

#include <sys/random.h>
#include <time.h>

#define MODULE "wasi_snapshot_preview1"
#define TEACLAVE_MODULE "env"
#define SUBSCRIPTIONS_MAX 256
#define RANDOM_MAX 256 /* getrandom(2): never shortened up to here */
#define NS_PER_S UINT64_C(1000000000)

/* ---- arguments, environment ---- */

static uint32_t args_sizes_get(struct wasi *w, const wasmtime_val_raw_t *a)
{
	uint64_t size = 0;

	for (size_t i = 0; i < w->argument_count; i++) {
		size += w->argument[i].size + 1;
	}
	uint32_t err = give32(w, arg32(a, 0), (uint32_t)w->argument_count);

	return err ? err : give32(w, arg32(a, 1), (uint32_t)size);
}

static uint32_t args_get(struct wasi *w, const wasmtime_val_raw_t *a)
{
	uint32_t pointers = arg32(a, 0), at = arg32(a, 1);

	for (uint32_t i = 0; i < w->argument_count; i++) {
		struct bytes v = w->argument[i];
		uint8_t *to = guest(w, at, (uint64_t)v.size + 1);

		if (!to || give32(w, pointers + 4 * i, at) != E_SUCCESS) {
			return E_FAULT;
		}
		if (v.size > 0) {
			memcpy(to, v.at, v.size);
		}
		to[v.size] = 0;
		at += (uint32_t)v.size + 1;
	}
	return E_SUCCESS;
}

/* There is no environment. */
static uint32_t environ_sizes_get(struct wasi *w, const wasmtime_val_raw_t *a)
{
	uint32_t err = give32(w, arg32(a, 0), 0);

	return err ? err : give32(w, arg32(a, 1), 0);
}

static uint32_t nothing_to_do(struct wasi *w, const wasmtime_val_raw_t *a)
{
	(void)w;
	(void)a;
	return E_SUCCESS;
}

static uint32_t not_supported(struct wasi *w, const wasmtime_val_raw_t *a)
{
	(void)w;
	(void)a;
	return E_NOTSUP;
}

static uint32_t not_there(struct wasi *w, const wasmtime_val_raw_t *a)
{
	(void)w;
	(void)a;
	return E_NOSYS;
}

/* Everything that would change the folders, or leave them. */
static uint32_t not_capable(struct wasi *w, const wasmtime_val_raw_t *a)
{
	(void)w;
	(void)a;
	return E_NOTCAPABLE;
}

static uint32_t not_a_socket(struct wasi *w, const wasmtime_val_raw_t *a)
{
	return wasi_file_find(w, arg32(a, 0)) ? E_NOTSOCK : E_BADF;
}

/* ---- time and chance ---- */

/* WASI numbers its clocks as Linux does: realtime, monotonic, process, thread. */
static bool clock_known(uint32_t clock)
{
	return clock <= 3;
}

static uint64_t clock_now(const struct wasi *w, uint32_t clock)
{
	static const clockid_t ours[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
					  CLOCK_THREAD_CPUTIME_ID };
	struct timespec t = { 0 };

	if (!w->deterministic) {
		clock_gettime(ours[clock], &t);
	}
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint32_t clock_res_get(struct wasi *w, const wasmtime_val_raw_t *a)
{
	return clock_known(arg32(a, 0)) ? give64(w, arg32(a, 1), 1) : E_INVAL;
}

static uint32_t clock_time_get(struct wasi *w, const wasmtime_val_raw_t *a)
{
	return clock_known(arg32(a, 0)) ? give64(w, arg32(a, 2), clock_now(w, arg32(a, 0)))
					: E_INVAL;
}

static uint32_t random_get(struct wasi *w, const wasmtime_val_raw_t *a)
{
	uint32_t size = arg32(a, 1);
	uint8_t *to = guest(w, arg32(a, 0), size);

	if (!to) {
		return E_FAULT;
	}
	if (w->deterministic) {
		wasi_chance(w, to, size);
		return E_SUCCESS;
	}
	for (uint32_t done = 0; done < size; done += RANDOM_MAX) {
		uint32_t part = size - done < RANDOM_MAX ? size - done : RANDOM_MAX;

		if (getrandom(to + done, part, 0) != (ssize_t)part) {
			w->broken = true;
			return E_IO;
		}
	}
	return E_SUCCESS;
}

/* ---- waiting ---- */

enum { EVENT_CLOCK = 0, EVENT_READ = 1, EVENT_WRITE = 2, CLOCK_ABSOLUTE = 1 };

/* Nanoseconds until this clock subscription is due; UINT64_MAX for a clock that is none. */
static uint64_t due_after(const struct wasi *w, const uint8_t *s)
{
	uint32_t clock = get32(s + 16);
	uint64_t timeout = get64(s + 24);

	if (!clock_known(clock)) {
		return UINT64_MAX;
	}
	if (s[40] & CLOCK_ABSOLUTE) {
		uint64_t now = clock_now(w, clock);

		return timeout > now ? timeout - now : 0;
	}
	return timeout;
}

static void sleep_for(const struct wasi *w, uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };

	/*
	 * Time stands still in deterministic mode, so waiting is over at once. The deadline ends
	 * who sleeps too long.
	 */
	if (!w->deterministic && ns > 0) {
		(void)nanosleep(&t, NULL);
	}
}

static void event_give(uint8_t *to, const uint8_t *s, uint16_t error)
{
	uint64_t userdata = get64(s);
	uint8_t type = s[8];

	memset(to, 0, SIZE_EVENT);
	put64(to, userdata);
	to[8] = (uint8_t)error;
	to[10] = type;
}

/*
 * Files are always ready, so a wait ends at once if one is asked about, else when the first clock
 * is due. A clock that does not exist is an event with an error.
 */
static uint32_t poll_oneoff(struct wasi *w, const wasmtime_val_raw_t *a)
{
	uint32_t count = arg32(a, 2), given = 0;
	uint64_t first = UINT64_MAX;
	bool ready = false;

	if (count == 0 || count > SUBSCRIPTIONS_MAX) {
		return E_INVAL;
	}
	const uint8_t *in = guest(w, arg32(a, 0), (uint64_t)count * SIZE_SUBSCRIPTION);
	uint8_t *out = guest(w, arg32(a, 1), (uint64_t)count * SIZE_EVENT);

	if (!in || !out || !guest(w, arg32(a, 3), 4)) {
		return E_FAULT;
	}
	/* A private copy, since the guest may have the events written over the subscriptions. */
	uint8_t s[SUBSCRIPTIONS_MAX * SIZE_SUBSCRIPTION];

	memcpy(s, in, (size_t)count * SIZE_SUBSCRIPTION);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t due = due_after(w, s + i * SIZE_SUBSCRIPTION);
		bool clock = s[i * SIZE_SUBSCRIPTION + 8] == EVENT_CLOCK;

		ready |= !clock || due == UINT64_MAX;
		first = clock && due < first ? due : first;
	}
	if (!ready) {
		sleep_for(w, first);
	}
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *one = s + i * SIZE_SUBSCRIPTION;
		bool clock = one[8] == EVENT_CLOCK;
		uint64_t due = clock ? due_after(w, one) : 0;

		if (!clock || due == UINT64_MAX || due <= (ready ? 0 : first)) {
			event_give(out + given++ * SIZE_EVENT, one,
				   clock && due == UINT64_MAX ? E_INVAL : E_SUCCESS);
		}
	}
	return give32(w, arg32(a, 3), given);
}

static uint32_t proc_exit(struct wasi *w, const wasmtime_val_raw_t *a)
{
	w->exited = true;
	w->exit_code = arg32(a, 0);
	return E_SUCCESS;
}

/* ---- the table ---- */

static const struct wasi_function functions[] = {
	{ "args_get", "ii", args_get },
	{ "args_sizes_get", "ii", args_sizes_get },
	{ "environ_get", "ii", nothing_to_do },
	{ "environ_sizes_get", "ii", environ_sizes_get },
	{ "clock_res_get", "ii", clock_res_get },
	{ "clock_time_get", "iIi", clock_time_get },
	{ "fd_advise", "iIIi", fd_nothing },
	{ "fd_allocate", "iII", not_supported },
	{ "fd_close", "i", fd_close },
	{ "fd_datasync", "i", fd_nothing },
	{ "fd_fdstat_get", "ii", fd_fdstat_get },
	{ "fd_fdstat_set_flags", "ii", fd_fdstat_set_flags },
	{ "fd_fdstat_set_rights", "iII", fd_nothing },
	{ "fd_filestat_get", "ii", fd_filestat_get },
	{ "fd_filestat_set_size", "iI", fd_filestat_set_size },
	{ "fd_filestat_set_times", "iIIi", not_supported },
	{ "fd_pread", "iiiIi", fd_pread },
	{ "fd_prestat_get", "ii", fd_prestat_get },
	{ "fd_prestat_dir_name", "iii", fd_prestat_dir_name },
	{ "fd_pwrite", "iiiIi", fd_pwrite },
	{ "fd_read", "iiii", fd_read },
	{ "fd_readdir", "iiiIi", fd_readdir },
	{ "fd_renumber", "ii", not_supported },
	{ "fd_seek", "iIii", fd_seek },
	{ "fd_sync", "i", fd_nothing },
	{ "fd_tell", "ii", fd_tell },
	{ "fd_write", "iiii", fd_write },
	{ "path_create_directory", "iii", not_capable },
	{ "path_filestat_get", "iiiii", path_filestat_get },
	{ "path_filestat_set_times", "iiiiIIi", not_capable },
	{ "path_link", "iiiiiii", not_capable },
	{ "path_open", "iiiiiIIii", path_open },
	{ "path_readlink", "iiiiii", not_capable },
	{ "path_remove_directory", "iii", not_capable },
	{ "path_rename", "iiiiii", not_capable },
	{ "path_symlink", "iiiii", not_capable },
	{ "path_unlink_file", "iii", not_capable },
	{ "poll_oneoff", "iiii", poll_oneoff },
	{ "proc_exit", "i", proc_exit },
	{ "proc_raise", "i", not_there },
	{ "sched_yield", "", nothing_to_do },
	{ "random_get", "ii", random_get },
	{ "sock_accept", "iii", not_a_socket },
	{ "sock_recv", "iiiiii", not_a_socket },
	{ "sock_send", "iiiii", not_a_socket },
	{ "sock_shutdown", "ii", not_a_socket },
};

static bool offers(const struct wasi_function *table, size_t count, struct bytes name)
{
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		found |= mt_equal(name, mt_text(table[i].name));
	}
	return found;
}

bool wasi_offers(struct bytes module, struct bytes name)
{
	return (mt_equal(module, mt_text(MODULE)) && offers(functions, MT_COUNT(functions), name)) ||
	       (mt_equal(module, mt_text(TEACLAVE_MODULE)) &&
		offers(teaclave_functions, TEACLAVE_FUNCTIONS, name));
}

/* ---- the way in ---- */

/* What the engine gives back to us at each call. */
struct bound {
	struct wasi *w;
	const struct wasi_function *function;
};
static struct bound bounds[MT_COUNT(functions)], teaclave_bounds[TEACLAVE_FUNCTIONS];

static bool memory_take(struct wasi *w, wasmtime_caller_t *caller)
{
	wasmtime_context_t *context = wasmtime_caller_context(caller);
	wasmtime_extern_t e;

	if (!w->has_memory) {
		if (!wasmtime_caller_export_get(caller, "memory", 6, &e) ||
		    e.kind != WASMTIME_EXTERN_MEMORY) {
			return false;
		}
		w->memory = e.of.memory;
		w->has_memory = true;
	}
	w->base = wasmtime_memory_data(context, &w->memory);
	w->size = wasmtime_memory_data_size(context, &w->memory);
	return true;
}

static wasm_trap_t *trap(const char *text)
{
	return wasmtime_trap_new(text, strlen(text));
}

static wasm_trap_t *enter(void *data, wasmtime_caller_t *caller, wasmtime_val_raw_t *values,
			  size_t count)
{
	const struct bound *b = data;
	struct wasi *w = b->w;

	(void)count;
	if (!memory_take(w, caller)) {
		return trap("a function that uses WASI must export its memory as \"memory\"");
	}
	uint32_t err = b->function->call(w, values);

	if (w->exited || w->over_limit) {
		return trap("ended");
	}
	values[0].i32 = (int32_t)err;
	return NULL;
}

static wasm_functype_t *type_make(const struct wasi_function *f)
{
	wasm_valtype_t *p[16], *r[1] = { wasm_valtype_new_i32() };
	wasm_valtype_vec_t parameters, results;
	size_t count = strlen(f->parameters), result_count = f->call != proc_exit;

	mt_assert(count < MT_COUNT(p));
	for (size_t i = 0; i < count; i++) {
		p[i] = f->parameters[i] == 'i' ? wasm_valtype_new_i32() : wasm_valtype_new_i64();
	}
	wasm_valtype_vec_new(&parameters, count, p);
	wasm_valtype_vec_new(&results, result_count, r);
	if (!result_count) {
		wasm_valtype_delete(r[0]);
	}
	return wasm_functype_new(&parameters, &results);
}

static wasmtime_error_t *define(wasmtime_linker_t *linker, struct wasi *w, const char *module,
				const struct wasi_function *table, size_t count, struct bound *bound)
{
	for (size_t i = 0; i < count; i++) {
		const struct wasi_function *f = &table[i];
		wasm_functype_t *type = type_make(f);

		bound[i] = (struct bound){ .w = w, .function = f };
		wasmtime_error_t *error = wasmtime_linker_define_func_unchecked(
			linker, module, strlen(module), f->name, strlen(f->name), type, enter,
			&bound[i], NULL);
		wasm_functype_delete(type);
		if (error) {
			return error;
		}
	}
	return NULL;
}

wasmtime_error_t *wasi_define(wasmtime_linker_t *linker, struct wasi *w)
{
	wasmtime_error_t *error =
		define(linker, w, MODULE, functions, MT_COUNT(functions), bounds);

	return error ? error
		     : define(linker, w, TEACLAVE_MODULE, teaclave_functions, TEACLAVE_FUNCTIONS,
			      teaclave_bounds);
}

void wasi_open(struct wasi *w)
{
	static const enum wasi_kind first[] = { WASI_EMPTY, WASI_DROP, WASI_DROP, WASI_FOLDER_IN,
						WASI_FOLDER_OUT };

	for (size_t i = 0; i < MT_COUNT(first); i++) {
		w->file[i] = (struct wasi_file){ .kind = first[i] };
	}
	if (w->library.name.size) {
		w->file[MT_COUNT(first)] = (struct wasi_file){ .kind = WASI_FOLDER_LIBRARY };
		w->file[MT_COUNT(first) + 1] = (struct wasi_file){ .kind = WASI_FOLDER_FUNCTION };
	}
}
