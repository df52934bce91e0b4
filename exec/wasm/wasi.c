/*
 * WASI preview 1: the table of its functions, arguments, clocks, random bytes.
 */
#include "exec/wasm/wasi_private.h"
#include "exec/wasm/wasi_rows.h"

#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

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

uint32_t wasi_proc_exit(struct wasi *w, const wasmtime_val_raw_t *a)
{
	w->exited = true;
	w->exit_code = arg32(a, 0);
	return E_SUCCESS;
}

/* ---- the table ---- */

#define ROW(name, shape, handler) { #name, #shape, handler },
const struct wasi_function wasi_functions[WASI_FUNCTIONS] = { WASI_ROWS(ROW, ROW) };

/*
 * From here on a guest's memory is worth large pages: half of the time of a large intersection was
 * the kernel's, for one page of 4 KiB after the other. A smaller guest would wait for zeroes.
 */
#define LARGE_FROM (UINT64_C(64) << 20)

void wasi_memory(struct wasi *w, uint8_t *base, uint64_t size)
{
	w->base = base;
	w->size = size;
	if (w->large_pages && size >= LARGE_FROM && size > w->advised) {
		w->advised = size;
		(void)madvise(base, size, MADV_HUGEPAGE); /* advice: no kernel has to */
	}
}

uint32_t wasi_call_row(struct wasi *w, size_t row, const wasmtime_val_raw_t *arguments)
{
	mt_assert(row < WASI_FUNCTIONS);
	return wasi_functions[row].call(w, arguments);
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
