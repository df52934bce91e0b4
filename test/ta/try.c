/* A native application of few means: no library, system calls by hand. What tests and benchmarks call. */
#include "test/ta/try.h"

#include <stddef.h>

#include "api/tee_syscall.h"

uint32_t ta_syscall(uint32_t number, const uint64_t argument[8]);
uint32_t ta_enter(uint32_t entry, uint32_t session, struct ta_params *params, uint32_t command);

#define EXPORT __attribute__((visibility("default"), used))
#define BAD_PARAMETERS 0xFFFF0006u
#define SHORT_BUFFER 0xFFFF0010u
#define SHA256 0x50000004u
#define AES_GCM 0x40000810u
#define TYPE_AES 0xA0000010u
#define SECRET_VALUE 0xC0000000u

extern const struct ta_head ta_head;
EXPORT const struct ta_head ta_head = { .uuid = TRY_UUID, .stack_size = TRY_STACK, .flags = 1 << 2 | 1 << 3 };

static uint32_t started, created, sessions;
/* Pointers that the loader has to move. */
static uint32_t *const places[] = { &started, &created, &sessions };
static uint8_t bytes[8192];

__attribute__((constructor)) static void start(void)
{
	started = 0x57a27ed;
}

static uint64_t at(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

#define CALL(number, ...) ta_syscall((number), (const uint64_t[8]){ __VA_ARGS__ })

static uint8_t *memory(const struct ta_params *p, size_t i)
{
	return (uint8_t *)(uintptr_t)p->value[2 * i];
}

static uint32_t copy(struct ta_params *p, size_t from, size_t to)
{
	uint64_t size = p->value[2 * from + 1], room = p->value[2 * to + 1];

	p->value[2 * to + 1] = size;
	if (size > room) {
		return SHORT_BUFFER;
	}
	for (uint64_t i = 0; i < size; i++) {
		memory(p, to)[i] = memory(p, from)[i];
	}
	return 0;
}

static uint32_t sha256(struct ta_params *p)
{
	uint32_t state = 0, result = CALL(TA_CALL_STATE_ALLOC, SHA256, 5, 0, 0, at(&state));

	result = result ? result : CALL(TA_CALL_HASH_INIT, state, 0, 0);
	result = result ? result : CALL(TA_CALL_HASH_FINAL, state, p->value[0], p->value[1], p->value[2], at(&p->value[3]));
	CALL(TA_CALL_STATE_FREE, state);
	return result;
}

static uint32_t gcm(struct ta_params *p)
{
	static const uint8_t nonce[12] = { 1, 2, 3 }, key_bytes[16] = { 4, 5, 6 };
	static uint32_t key, state;
	uint8_t tag[16];
	uint64_t tag_size = sizeof(tag);
	uint32_t result = 0;

	if (!key) {
		struct ta_attribute secret = { .a = at(key_bytes), .b = sizeof(key_bytes), .id = SECRET_VALUE };

		result = CALL(TA_CALL_OBJECT_ALLOC, TYPE_AES, 128, at(&key));
		result = result ? result : CALL(TA_CALL_OBJECT_POPULATE, key, at(&secret), 1);
		result = result ? result : CALL(TA_CALL_STATE_ALLOC, AES_GCM, 0, key, 0, at(&state));
	}
	result = result ? result : CALL(TA_CALL_AUTHENTICATED_INIT, state, at(nonce), sizeof(nonce), 16, 0, 0);
	return result ? result
		      : CALL(TA_CALL_AUTHENTICATED_SEAL, state, p->value[0], p->value[1], p->value[2], at(&p->value[3]), at(tag), at(&tag_size));
}

static uint32_t wait(const struct ta_params *p)
{
	uint32_t before;

	if (p->value[1]) {
		CALL(TA_CALL_UNMASK_CANCELLATION, at(&before));
	}
	return CALL(TA_CALL_WAIT, p->value[0]);
}

static uint32_t busy(const struct ta_params *p)
{
	uint32_t flag = 0, before;

	CALL(TA_CALL_UNMASK_CANCELLATION, at(&before));
	for (uint64_t i = 0; i < p->value[0] && !flag; i++) {
		CALL(TA_CALL_GET_CANCELLATION, at(&flag));
	}
	return flag ? 0xFFFF0002u : 0;
}

static uint32_t call(const struct ta_params *p)
{
	const uint64_t *from = (const uint64_t *)(uintptr_t)p->value[0];
	uint64_t own[9];

	if (p->value[1] < sizeof(own)) {
		return BAD_PARAMETERS;
	}
	for (size_t i = 0; i < 9; i++) {
		own[i] = from[i] == TRY_BEHIND ? p->value[2] : from[i];
	}
	uint32_t result = ta_syscall((uint32_t)own[0], own + 1);

	/* The client's memory is there for the whole of its call. */
	(void)*(const volatile uint64_t *)from;
	return result;
}

static uint32_t linux_call(struct ta_params *p)
{
	const uint64_t *from = (const uint64_t *)(uintptr_t)p->value[0];
	uint64_t a[7];

	/* What stands behind them, and memory of the application's own. */
	for (size_t i = 0; i < 7; i++) {
		a[i] = from[i] == TRY_BEHIND ? at(from + 7) : from[i] == TRY_OWN ? (at(bytes) + 4095) & ~UINT64_C(4095) : from[i];
	}
	register uint64_t a3 __asm__("r10") = a[4];
	register uint64_t a4 __asm__("r8") = a[5];
	register uint64_t a5 __asm__("r9") = a[6];
	uint64_t answer = a[0];

	__asm__ volatile("syscall" : "+a"(answer) : "D"(a[1]), "S"(a[2]), "d"(a[3]), "r"(a3), "r"(a4), "r"(a5)
			 : "rcx", "r11", "memory");
	p->value[2] = (uint32_t)answer;
	p->value[3] = (uint32_t)(answer >> 32);
	return 0;
}

static uint64_t deep(uint64_t n)
{
	volatile uint64_t here[64] = { n };

	return n ? deep(n - 1) + here[0] : here[1];
}

static uint32_t facts(struct ta_params *p)
{
	p->value[0] = *places[0];
	p->value[1] = 0;
	p->value[2] = *places[1];
	p->value[3] = *places[2];
	return 0;
}

static uint32_t fault(uint32_t command)
{
	if (command == TRY_EXECUTE) {
		bytes[0] = 0xc3;
		((void (*)(void))(uintptr_t)bytes)();
	} else {
		volatile uint64_t nowhere = 16;
		*(volatile uint32_t *)(uintptr_t)nowhere = 1;
	}
	return 0;
}

static uint32_t invoke(uint32_t session, struct ta_params *p, uint32_t command)
{
	uint64_t read = 0;

	switch (command) {
	case TRY_VALUES: {
		uint64_t a = p->value[0];
		p->value[0] = p->value[1];
		p->value[1] = a + (session != 0);
		return 0;
	}
	case TRY_COPY: return copy(p, 0, 1);
	case TRY_SHA256: return sha256(p);
	case TRY_WAIT: return wait(p);
	case TRY_PANIC: return CALL(TA_CALL_PANIC, p->value[0]);
	case TRY_DEEP: return (uint32_t)deep(1 << 20);
	case TRY_CALL: return call(p);
	case TRY_LINUX: return linux_call(p);
	case TRY_GCM: return gcm(p);
	case TRY_FACTS: return facts(p);
	case TRY_BUSY: return busy(p);
	case TRY_FAULT: case TRY_EXECUTE: return fault(command);
	case TRY_LOG: return CALL(TA_CALL_LOG, p->value[0], p->value[1]);
	case TRY_SIZE:
		p->value[3] = p->value[0] | p->value[1] << 32;
		return 0;
	case TRY_STORED: {
		uint32_t result = CALL(TA_CALL_STORAGE_READ, 7, p->value[0], p->value[1], at(&read));
		p->value[1] = read;
		return result;
	}
	default: return 0;
	}
}

EXPORT uint32_t ta_enter(uint32_t entry, uint32_t session, struct ta_params *params, uint32_t command)
{
	switch (entry) {
	case TA_ENTRY_CREATE:
		created++;
		return 0;
	case TA_ENTRY_OPEN: {
		uint32_t result = (uint32_t)params->value[0];
		params->value[1]++;
		if (params->types >> 4) {
			copy(params, 1, 2);
		}
		sessions += result == 0;
		return result;
	}
	case TA_ENTRY_CLOSE:
		sessions--;
		return 0;
	case TA_ENTRY_INVOKE:
		return invoke(session, params, command);
	default:
		return 0;
	}
}
