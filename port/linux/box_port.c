/* The port hooks of lib/box on Linux: reservations by mmap, faults by sigaction on an alternate stack. */
#include "port/linux/box_port.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

#define FAULT_STACK_SIZE 65536          /* the kernel's frame with AVX-512 state is under 4 KiB; sanitizers want more */

static const int fault_signals[] = { SIGSEGV, SIGBUS, SIGFPE };

static struct sigaction fault_previous[MT_COUNT(fault_signals)];
static void (*fault_callback)(void *address);

static void *port_reserve(size_t size)
{
	void *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static int port_commit(void *at, size_t size)
{
	return mprotect(at, size, PROT_READ | PROT_WRITE);
}

/* Mapping anew drops the pages at once; madvise() alone would leave them to be read until then. */
static int port_decommit(void *at, size_t size)
{
	void *again = mmap(at, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

	return again == at ? 0 : -1;
}

static void port_release(void *at, size_t size)
{
	(void)munmap(at, size);
}

/*
 * A fault that no box caused is a bug of ours, or somebody's kill(): put back what was there before and let it happen
 * again. The callback does not return for a fault that is a box's.
 */
static void fault_handle(int signal_number, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code > 0) {                /* from the processor, not from kill() */
		fault_callback(info->si_addr);
	}
	for (size_t i = 0; i < MT_COUNT(fault_signals); i++) {
		if (fault_signals[i] == signal_number) {
			(void)sigaction(signal_number, &fault_previous[i], NULL);
		}
	}
	if (info->si_code <= 0) {
		(void)raise(signal_number);
	}
}

static int port_fault_handler_install(void (*on_fault)(void *address))
{
	/* The handler leaves by siglongjmp(), so it must not leave its own signal blocked: SA_NODEFER. */
	struct sigaction action = { .sa_sigaction = fault_handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	static _Alignas(16) uint8_t stack[FAULT_STACK_SIZE];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	stack_t present = { 0 };

	if (fault_callback) {                   /* once per process; again only changes the callback */
		fault_callback = on_fault;
		return 0;
	}
	fault_callback = on_fault;
	if (sigaltstack(NULL, &present) != 0) {
		return -1;
	}
	if ((present.ss_flags & SS_DISABLE) && sigaltstack(&alternate, NULL) != 0) {
		return -1;
	}
	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < MT_COUNT(fault_signals); i++) {
		if (sigaction(fault_signals[i], &action, &fault_previous[i]) != 0) {
			return -1;
		}
	}
	return 0;
}

static const struct box_port hooks = {
	.reserve = port_reserve,
	.commit = port_commit,
	.decommit = port_decommit,
	.release = port_release,
	.fault_handler_install = port_fault_handler_install,
};

void box_port_install(void)
{
	box_port_set(&hooks);
}
