#include "ree/fetch/fetch.h"

#include "port/linux/linux.h"
#include "ree/fetch/jobs.h"

#include <stdio.h>
#include <string.h>

static uint8_t buffer[PORT_MESSAGE_MAX];

/* Orders that wait. False: the supplicant is gone. */
static bool orders_read(struct jobs *s)
{
	for (;;) {
		struct message m = { 0 };
		struct order order;
		enum mt_err err = message_receive(s->socket, buffer, &m);

		if (err == MT_STATE || err == MT_IO) {
			return err == MT_STATE;
		}
		if (!err && m.handle_count == 1 && order_decode(m.body, &order) == MT_OK) {
			m.handle_count = 0;
			job_begin(s, &order, m.handle[0], jobs_now_ms());
		}
		message_close(&m);
		mt_wipe(buffer, m.body.size);
	}
}

int fetch_run(const char *may)
{
	static struct jobs s;
	static const uint8_t here = FETCH_HERE;

	s = (struct jobs){ .socket = FETCH_FD_SUPPLICANT };
	s.network = strstr(may, FETCH_NETWORK) != NULL;
	s.private_too = strstr(may, FETCH_PRIVATE_TOO) != NULL;
	s.folder = strstr(may, FETCH_FOLDER) != NULL;
	if (!web_open(&s)) {
		fprintf(stderr, "mesatee: the fetcher could not start: libcurl does not\n");
		return 1;
	}
	sandbox_promise(SANDBOX_FETCH);
	if (message_send_wait(s.socket, mt_bytes(&here, 1), NULL, 0) != MT_OK) {
		return 0;
	}
	while (orders_read(&s)) {
		web_turn(&s, jobs_wait_ms(&s, jobs_now_ms()));
		for (size_t i = 0; i < REE_TRANSFERS_MAX; i++) {
			job_turn(&s.job[i], jobs_now_ms());
		}
	}
	return 0;
}
