#include "test/ta_client.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const uint8_t ta_uuid[16] = TRY_UUID_BYTES;
static uint8_t buffer[PORT_MESSAGE_MAX];
struct tee_process ta_process;

static bool begin_with(const char *image, const uint8_t *as)
{
	port_handle handle = tee_image(image);
	bool ok = tee_process_start(&ta_process) && tee_process_load(&ta_process, handle, as, true, NULL, 0) == TEE_SUCCESS;

	memory_close(handle);
	return CHECK(ok, "loaded");
}

bool ta_begin(void)
{
	return begin_with("../test/ta/try.so", ta_uuid);
}

bool ta_tell(uint8_t type, const char *rest, port_handle handle)
{
	uint8_t space[512] = { type };
	struct bytes more = hex(rest);

	memcpy(space + 1, more.at, more.size);
	return tee_process_send(&ta_process, mt_bytes(space, 1 + more.size), handle);
}

void ta_end(void)
{
	CHECK(ta_tell(TEE_WORKER_END, "", PORT_NO_HANDLE) && tee_process_end(&ta_process) == TA_EXIT_ENDED, "it ends when it should");
}

/* The rest of one message, or nothing. */
struct bytes ta_heard(uint8_t type, port_handle handles[2])
{
	struct message m = { 0 };

	if (!tee_process_take(&ta_process, type, buffer, &m)) {
		return mt_bytes(NULL, 0);
	}
	for (size_t i = 0; i < m.handle_count; i++) {
		if (handles && i < 2) {
			handles[i] = m.handle[i];
		} else {
			memory_close(m.handle[i]);
		}
	}
	return mt_bytes(m.body.at + 1, m.body.size - 1);
}

uint32_t ta_session_open(struct ta_client *c, uint32_t number, port_handle window, uint64_t size)
{
	uint8_t space[64];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body = { 0 };
	port_handle bells[2] = { -1, -1 };

	builder_u8(&b, TEE_WORKER_OPEN);
	builder_u32(&b, number);
	builder_u32(&b, 0);
	builder_bytes(&b, mt_bytes(ta_uuid, 16));
	builder_u64(&b, size);
	CHECK(builder_done(&b, &body) == MT_OK && tee_process_send(&ta_process, body, window), "asked");
	struct cursor at = cursor_over(ta_heard(TEE_WORKER_OPENED, bells));

	CHECK(cursor_u32(&at) == number, "its number");
	c->number = number;
	c->bell = bells[0];
	c->heard = bells[1];
	return cursor_u32(&at);
}

bool ta_client_open(struct ta_client *c, uint32_t number)
{
	uint8_t *at = NULL;

	*c = (struct ta_client){ 0 };
	if (memory_window(TA_CLIENT_WINDOW, &c->window, &at) != MT_OK) {
		return CHECK(false, "a window");
	}
	c->w = (struct tee_window *)(void *)at;
	c->w->asked = 1;
	c->w->function = TEE_WINDOW_OPEN;
	return CHECK(ta_session_open(c, number, c->window, TA_CLIENT_WINDOW) == TEE_SUCCESS && c->bell >= 0 && c->heard >= 0, "opened");
}

void ta_client_close(struct ta_client *c)
{
	char number[16];

	snprintf(number, sizeof(number), "%08x", c->number);
	CHECK(ta_tell(TEE_WORKER_CLOSE, number, PORT_NO_HANDLE) && ta_heard(TEE_WORKER_CLOSED, NULL).size == 4, "closed");
	memory_drop(c->window, (uint8_t *)c->w, TA_CLIENT_WINDOW);
	close(c->bell);
	close(c->heard);
}

/* Ask, and wait for the answer as a client does. */
uint32_t ta_ask(struct ta_client *c, uint32_t command)
{
	const uint64_t one = 1;

	c->w->function = TEE_WINDOW_INVOKE;
	c->w->command = command;
	uint32_t asked = __atomic_add_fetch(&c->w->asked, 1, __ATOMIC_SEQ_CST);

	(void)!write(c->bell, &one, sizeof(one));
	for (int i = 0; i < 5000 && __atomic_load_n(&c->w->answered, __ATOMIC_SEQ_CST) != asked; i++) {
		usleep(i < 100 ? 10 : 1000);
	}
	return __atomic_load_n(&c->w->answered, __ATOMIC_SEQ_CST) == asked ? c->w->result : 0xdead;
}
