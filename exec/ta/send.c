/* What goes to core. */
#include "exec/ta/ta_private.h"

#include <unistd.h>

struct builder send_start(enum tee_worker_type type)
{
	struct builder b = builder_over(ta.wire, PORT_MESSAGE_MAX);

	builder_u8(&b, (uint8_t)type);
	return b;
}

void send_core(struct builder *b, const port_handle *handles, size_t count)
{
	struct bytes made = { 0 };
	enum mt_err err = builder_done(b, &made);

	mt_assert(!err);
	if (message_send_wait(ta.core, made, handles, count) != MT_OK) {
		_exit(TA_EXIT_CORE);
	}
}
