/*
 * SOCK_SEQPACKET messages with file descriptors.
 */
#include "port/linux/linux.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONTROL_SIZE CMSG_SPACE(sizeof(int) * PORT_HANDLES_MAX)

/* Room for one ancillary message, aligned as the kernel wants it. */
union control {
	struct cmsghdr header;
	uint8_t bytes[CONTROL_SIZE];
};

MUST enum mt_err message_pair(int pair[2])
{
	int made[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, made) != 0) {
		return errno == EMFILE || errno == ENFILE ? MT_LIMIT : MT_NO_MEMORY;
	}
	pair[0] = made[0];
	pair[1] = made[1];
	return MT_OK;
}

static enum mt_err send_error(int code)
{
	switch (code) {
	case EAGAIN:
	case ETOOMANYREFS: /* too many handles in flight: the peer has not taken the earlier ones yet */
		return MT_STATE;
	case EMSGSIZE:
		return MT_LIMIT;
	case ENOMEM:
	case ENOBUFS:
		return MT_NO_MEMORY;
	default:
		return MT_IO;
	}
}

MUST enum mt_err message_send(int socket, struct bytes body, const port_handle *handles,
			      size_t count)
{
	union control control = { 0 };
	/* sendmsg() does not write through iov_base; the type has no const for it. */
	struct iovec part = { .iov_base = (void *)(uintptr_t)body.at, .iov_len = body.size };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t sent;

	if (body.size == 0 || body.size > PORT_MESSAGE_MAX || count > PORT_HANDLES_MAX) {
		return MT_LIMIT;
	}
	if (count > 0) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(&control.header), handles, sizeof(int) * count);
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
	}
	do {
		sent = sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? send_error(errno) : MT_OK;
}

/*
 * Take the handles out of the ancillary data, also out of damaged ones, so that they can be closed.
 */
static void take_handles(struct msghdr *header, struct message *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
			continue;
		}
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		for (size_t i = 0; i < count && m->handle_count < PORT_HANDLES_MAX; i++) {
			memcpy(&m->handle[m->handle_count++], CMSG_DATA(c) + i * sizeof(int),
			       sizeof(int));
		}
	}
}

MUST enum mt_err message_receive(int socket, uint8_t *buffer, struct message *out)
{
	union control control = { 0 };
	struct iovec part = { .iov_base = buffer, .iov_len = PORT_MESSAGE_MAX };
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct message m = { 0 };
	ssize_t got;

	/*
	 * A peer that ends with a message of ours unread leaves ECONNRESET behind, which comes once and before what it has sent itself: its last words are
	 * still there.
	 */
	do {
		got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (got < 0 && (errno == EINTR || errno == ECONNRESET));
	if (got < 0) {
		return errno == EAGAIN ? MT_STATE : MT_IO;
	}
	take_handles(&header, &m);
	if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		message_close(&m);
		return MT_MALFORMED;
	}
	/* Nobody sends empty messages: nothing means that the peer is gone. */
	if (got == 0) {
		message_close(&m);
		return MT_IO;
	}
	m.body = mt_bytes(buffer, (size_t)got);
	*out = m;
	return MT_OK;
}

static void wait_for(int socket, short events)
{
	struct pollfd p = { .fd = socket, .events = events };

	/* A failing poll (a signal, no memory) only means one more turn of the caller's loop. */
	(void)poll(&p, 1, -1);
}

bool message_waiting(int socket)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

MUST enum mt_err message_wait(int socket, uint8_t *buffer, struct message *out)
{
	enum mt_err err;

	while ((err = message_receive(socket, buffer, out)) == MT_STATE) {
		wait_for(socket, POLLIN);
	}
	return err;
}

MUST enum mt_err message_send_wait(int socket, struct bytes body, const port_handle *handles,
				   size_t count)
{
	enum mt_err err;

	while ((err = message_send(socket, body, handles, count)) == MT_STATE) {
		wait_for(socket, POLLOUT);
	}
	return err;
}

void message_close(struct message *m)
{
	for (size_t i = 0; i < m->handle_count; i++) {
		memory_close(m->handle[i]);
	}
	m->handle_count = 0;
}
