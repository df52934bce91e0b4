/* The host side of boxes: what a boxed program can do to us, and to its next call. Nothing, each time. */
#include "test/test.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "boxed/box_abi.h"
#include "boxed/evil/evil.h"
#include "lib/box/box.h"
#include "lib/box/runtime.h"
#include "port/linux/box_port.h"

extern const struct box_kind box_evil;

/* The boxed side has its own copy of the kinds, since it sees nothing of ours. */
_Static_assert((int)ANSWER_NULL == (int)ITEM_NULL && (int)ANSWER_TIME == (int)ITEM_TIME &&
	       (int)ANSWER_MAP == (int)ITEM_MAP && (int)ITEM_TIME + 1 == (int)ITEM_KINDS, "one numbering");
_Static_assert(BOX_DEPTH_MAX == ITEM_DEPTH_MAX, "one depth");

static uint8_t answer[4096];

/* Over the default action: a sanitizer's own handler would report and exit, and no signal would be seen. */
static void install(void)
{
	static bool installed;

	if (!installed) {
		(void)signal(SIGSEGV, SIG_DFL);
		box_port_install();
		installed = true;
	}
}

static struct box *open_evil(void)
{
	struct box *box = NULL;

	install();
	if (!CHECK(box_open(&box_evil, &box) == MT_OK, "opens")) {
		abort();
	}
	return box;
}

static enum mt_err misdeed(struct box *box, enum evil operation, struct items *items)
{
	size_t size = 0;
	enum mt_err err = box_call(box, operation, mt_text("input"), answer, sizeof(answer), &size);

	return err ? err : items_open(mt_bytes(answer, size), items);
}

static bool echoes(struct box *box)
{
	struct items items = { 0 };

	if (misdeed(box, EVIL_ECHO, &items) != MT_OK) {
		return false;
	}
	struct reader r = reader_over(&items);
	struct bytes said = reader_bstr(&r);

	return reader_done(&r) && mt_equal(said, mt_text("input"));
}

/* Every misdeed ends its own call and nothing else: the next call of the same box is as good as new. */
static void test_misdeeds(void)
{
	static const struct {
		const char *why;
		enum evil operation;
		enum mt_err want;
		bool trap;
	} row[] = {
		{ "write past the end", EVIL_WRITE_PAST_END, MT_MALFORMED, true },
		{ "write at the highest address", EVIL_WRITE_FAR, MT_MALFORMED, true },
		{ "read past the end", EVIL_READ_PAST_END, MT_MALFORMED, true },
		{ "endless recursion", EVIL_RECURSE, MT_MALFORMED, true },
		{ "endless recursion without a frame", EVIL_RECURSE_FLAT, MT_MALFORMED, true },
		{ "more stack than there is", EVIL_STACK, MT_MALFORMED, true },
		{ "division by zero", EVIL_DIVIDE, MT_MALFORMED, true },
		{ "unreachable", EVIL_UNREACHABLE, MT_MALFORMED, true },
		{ "bad function pointer", EVIL_CALL_NOWHERE, MT_MALFORMED, true },
		{ "growth to the limit, then a trap", EVIL_GROW_THEN_TRAP, MT_LIMIT, true },
		{ "answer outside the memory", EVIL_ANSWER_OUTSIDE, MT_MALFORMED, false },
		{ "answer longer than the memory", EVIL_ANSWER_HUGE, MT_MALFORMED, false },
		{ "string outside the blob", EVIL_ITEM_OUTSIDE, MT_MALFORMED, false },
		{ "array longer than it is", EVIL_ITEM_ENDLESS, MT_MALFORMED, false },
		{ "refusal", EVIL_REFUSE_LINE, MT_MALFORMED, false },
	};
	struct box *box = open_evil();

	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < MT_COUNT(row); i++) {
			struct items items = { 0 };
			uint64_t traps = box_trap_count(box) + row[i].trap;

			CHECK(misdeed(box, row[i].operation, &items) == row[i].want, row[i].why);
			CHECK(items.at == NULL, "no output on failure");
			CHECK(box_trap_count(box) == traps, row[i].why);
			CHECK(echoes(box), row[i].why);
		}
	}
	box_close(box);
}

static void test_fault_line(void)
{
	struct box *box = open_evil();
	struct items items = { 0 };

	CHECK(misdeed(box, EVIL_REFUSE_LINE, &items) == MT_MALFORMED && box_fault_line(box) == 7, "names the line");
	CHECK(misdeed(box, EVIL_UNREACHABLE, &items) == MT_MALFORMED && box_fault_line(box) == 0, "a trap has none");
	CHECK(echoes(box) && box_fault_line(box) == 0, "nor has success");
	box_close(box);
}

static void test_limits(void)
{
	struct box *box = open_evil();
	struct items items = { 0 };
	uint8_t *input = test_alloc(1048577);
	size_t size = 0;

	CHECK(box_input_max(&box_evil) == 1048576, "the kind's limit");
	CHECK(box_call(box, EVIL_ECHO, mt_bytes(input, 1048577), answer, sizeof(answer), &size) == MT_LIMIT,
	      "input over the limit");
	CHECK(box_call(box, EVIL_ECHO, mt_bytes(input, 1048576), answer, sizeof(answer), &size) == MT_LIMIT,
	      "answer over the capacity");
	CHECK(box_call(box, EVIL_ECHO, mt_text("input"), answer, 28, &size) == MT_LIMIT, "by one byte");
	CHECK(box_call(box, EVIL_ECHO, mt_text("input"), answer, 29, &size) == MT_OK && size == 29, "exactly");
	CHECK(misdeed(box, EVIL_GROW, &items) == MT_OK, "growth is refused, not fatal");
	struct reader r = reader_over(&items);

	CHECK(reader_uint(&r) == 64, "memory stops at the kind's limit");
	CHECK(echoes(box), "and is given back");
	box_close(box);
}

static void test_nothing_stays(void)
{
	static const enum evil before[] = { EVIL_REMEMBER, EVIL_GROW, EVIL_GROW_THEN_TRAP, EVIL_RECURSE, EVIL_ECHO };
	struct box *box = open_evil();

	for (size_t i = 0; i < MT_COUNT(before); i++) {
		struct items items = { 0 };

		(void)misdeed(box, before[i], &items);
		CHECK(misdeed(box, EVIL_RECALL, &items) == MT_OK, "recalls");
		struct reader r = reader_over(&items);

		reader_array_of(&r, 3);
		CHECK(reader_uint(&r) == 0, "no byte of the call before");
		CHECK(reader_uint(&r) == 0, "no global of the call before");
		CHECK(reader_uint(&r) == 0x5ec4e700, "initial data is back");
		CHECK(reader_done(&r), "three figures");
	}
	box_close(box);
}

static void test_two_boxes(void)
{
	struct box *one = open_evil(), *two = open_evil();
	struct items items = { 0 };

	CHECK(misdeed(one, EVIL_WRITE_PAST_END, &items) == MT_MALFORMED, "one traps");
	CHECK(echoes(two), "two works");
	CHECK(misdeed(two, EVIL_REMEMBER, &items) == MT_MALFORMED, "two leaves something behind");
	CHECK(misdeed(one, EVIL_RECALL, &items) == MT_OK, "one looks");
	struct reader r = reader_over(&items);

	reader_array_of(&r, 3);
	CHECK(reader_uint(&r) == 0, "and sees nothing");
	CHECK(box_trap_count(one) == 1 && box_trap_count(two) == 0, "traps are counted apart");
	box_close(two);
	CHECK(echoes(one), "one outlives two");
	box_close(one);
	box_close(NULL);
}

static void test_lie_is_found(void)
{
	struct box *box = open_evil();
	struct items items = { 0 };

	CHECK(misdeed(box, EVIL_LIE, &items) == MT_OK, "well-formed in itself");
	CHECK(items_match_cbor(&items, hex("81 02")) == MT_OK, "what it says");
	CHECK(items_match_cbor(&items, hex("81 01")) == MT_TAMPERED, "is not what was signed");
	box_close(box);
}

/* Volatile, so that the compiler does not see what is coming. */
static uint8_t *volatile nowhere = (uint8_t *)8;
static uint8_t *volatile reserved;

/* The signal that ends a child which opens a box, uses it, and then does `act`. 0: it lived. */
static int signal_of(void (*act)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr)) {
			_exit(1);
		}
		act();
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child) {
		return -1;
	}
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void fault_outside(void)
{
	struct items items = { 0 };
	struct box *box = open_evil();

	if (misdeed(box, EVIL_WRITE_PAST_END, &items) == MT_MALFORMED && echoes(box)) {
		*nowhere = 1;
	}
}

/* While a box runs, but not by it. */
static void fault_on_input(void)
{
	struct box *box = open_evil();
	size_t size = 0;

	enum mt_err err = box_call(box, EVIL_ECHO, mt_bytes(nowhere, 5), answer, sizeof(answer), &size);

	_exit(err == MT_OK);                    /* alive, which is wrong either way */
}

static void kill_self(void)
{
	struct box *box = open_evil();

	if (echoes(box)) {
		(void)raise(SIGSEGV);
	}
}

static struct box_port watched;
static void *(*real_reserve)(size_t size);

static void *watched_reserve(size_t size)
{
	reserved = real_reserve(size);
	return reserved;
}

/* A box that is not running cannot be the one at fault, wherever the address lies. */
static void fault_in_idle_box(void)
{
	install();
	watched = *box_port_hooks;
	real_reserve = watched.reserve;
	watched.reserve = watched_reserve;
	box_port_hooks = &watched;
	struct box *box = NULL;

	if (box_open(&box_evil, &box) != MT_OK) {
		return;
	}

	if (echoes(box)) {
		reserved[1 << 30] = 1;
	}
}

static void test_host_fault_kills(void)
{
	static const struct {
		const char *why;
		void (*act)(void);
	} row[] = {
		{ "a fault outside every box", fault_outside },
		{ "a fault of the host while a box runs", fault_on_input },
		{ "somebody's kill", kill_self },
		{ "a host fault inside an idle box", fault_in_idle_box },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(signal_of(row[i].act) == SIGSEGV, row[i].why);
	}
}

static void test_memory_fails(void)
{
	struct box *box = NULL;

	install();
	for (uint64_t n = 1;; n++) {
		mt_alloc_fail_at(n);
		enum mt_err err = box_open(&box_evil, &box);

		mt_alloc_fail_at(0);
		if (err == MT_OK) {
			CHECK(n > 3, "each allocation failed once");
			break;
		}
		CHECK(err == MT_NO_MEMORY && box == NULL, "says so, and leaves nothing");
	}
	CHECK(echoes(box), "works after all");
	box_close(box);
}

const struct test tests[] = {
	{ "misdeeds end their own call", test_misdeeds },
	{ "fault line", test_fault_line },
	{ "limits", test_limits },
	{ "nothing stays for the next call", test_nothing_stays },
	{ "two boxes", test_two_boxes },
	{ "a lie is found", test_lie_is_found },
	{ "a fault of the host kills", test_host_fault_kills },
	{ "memory fails", test_memory_fails },
	TESTS_END,
};
