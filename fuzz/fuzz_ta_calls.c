/*
 * System calls of a hostile application, to where they end in its own process: 73 bytes each: number u8, eight arguments u64. An argument whose upper
 * half is 0x6d656d points into the application's stack, 0x726567 into a region of its client. Core answers each with a result of the input's.
 */
#include "exec/ta/ta_private.h"
#include "fuzz/ports.h"

#include <unistd.h>

#include "api/tee_api_defines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __wrap__exit(int status);
enum mt_err __wrap_message_send_wait(int socket, struct bytes body, const port_handle *handles, size_t count);
enum mt_err __wrap_message_wait(int socket, uint8_t *buffer, struct message *out);
enum mt_err __wrap_message_receive(int socket, uint8_t *buffer, struct message *out);
uint64_t ta_now_ns(void);

struct ta_process ta;

static uint8_t stack[4096], region[4096 + TEE_WINDOW_HEAD], wire[PORT_MESSAGE_MAX], buffer[PORT_MESSAGE_MAX], space[CALL_WIRE_DATA_MAX];
static struct call asked;


/* The process would end here; what follows finds it ended. */
void __wrap__exit(int status)
{
	(void)status;
	abort();
}

enum mt_err __wrap_message_send_wait(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	(void)socket;
	(void)handles;
	mt_assert(count == 0 && body.size <= PORT_MESSAGE_MAX);
	if (body.at[0] == TEE_WORKER_CALL) {
		mt_assert(call_wire_decode(mt_bytes(body.at + 5, body.size - 5), space, &asked) == MT_OK);
	}
	return MT_OK;
}

/* Core's answer: every output filled as far as there is room. */
enum mt_err __wrap_message_wait(int socket, uint8_t *to, struct message *out)
{
	struct bytes made = { 0 };

	(void)socket;
	for (size_t i = 0; i < CALL_BUFFERS_MAX; i++) {
		asked.out[i].size = asked.out[i].capacity;
	}
	to[0] = TEE_WORKER_RETURN;
	mt_assert(call_answer_encode(&asked, TEE_SUCCESS, to + 1, PORT_MESSAGE_MAX - 1, &made) == MT_OK);
	*out = (struct message){ .body = mt_bytes(to, made.size + 1) };
	return MT_OK;
}

enum mt_err __wrap_message_receive(int socket, uint8_t *to, struct message *out)
{
	(void)socket;
	(void)to;
	(void)out;
	return MT_STATE;
}

/* A clock that is always late, so that no wait lasts. */
uint64_t ta_now_ns(void)
{
	static uint64_t now;

	return now += UINT64_C(1) << 52;
}

static void process_make(void)
{
	if (!ta.operations) {
		mt_assert(operations_open(&ta.operations) == MT_OK && call_kept_open(&ta.kept) == MT_OK);
	}
	ta.core = -1;
	ta.wire = wire;
	ta.buffer = buffer;
	ta.debug = true;
	ta.loaded.stack = stack;
	ta.loaded.stack_size = sizeof(stack);
	ta.session[0] = (struct ta_session){ .state = TA_SESSION_OPEN, .number = 1, .outside = true, .bell = -1, .bell_client = -1 };
	ta.session[0].region[0] = (struct ta_region){ .at = region, .size = sizeof(region) };
	ta.current = &ta.session[0];
}

static uint64_t argument(struct bytes *in)
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++) {
		v = v << 8 | fuzz_u8(in);
	}
	if (v >> 40 == 0x6d656d) {
		return (uint64_t)(uintptr_t)stack + (v & 0xffff);
	}
	return v >> 40 == 0x726567 ? (uint64_t)(uintptr_t)region + TEE_WINDOW_HEAD + (v & 0xffff) : v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = mt_bytes(data, size);
	uint64_t *arguments = (uint64_t *)(void *)(stack + 3072);

	process_make();
	/* A panic ends a real process; keys that take seconds to make or derive are another target's (fuzz_operation); a wait may be without end. */
	for (size_t n = 0; in.size && n < 64; n++) {
		uint8_t number = fuzz_u8(&in);

		for (size_t i = 0; i < TA_CALL_ARGUMENTS; i++) {
			arguments[i] = argument(&in);
		}
		bool endless = number == TA_CALL_WAIT && ta.session[0].masked;

		if (number != TA_CALL_PANIC && number != TA_CALL_GENERATE_KEY && number != TA_CALL_DERIVE_KEY && !endless) {
			(void)call_serve(number, arguments, 0);
		}
		mt_assert(call_serve(number, (const uint64_t *)(uintptr_t)8, 0) == TEE_ERROR_ACCESS_DENIED);
	}
	call_kept_close(ta.kept, ta.operations);
	operations_close(ta.operations);
	ta.operations = NULL;
	return 0;
}
