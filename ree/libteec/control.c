/* The socket of a context. Several threads may wait for different answers: one of them reads, for all. */
#include "ree/libteec/libteec.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/tee_door.h"

#define HANDLES_MAX 2

union control {
	struct cmsghdr header;
	uint8_t bytes[CMSG_SPACE(sizeof(int) * HANDLES_MAX)];
};

enum mt_err control_connect(const char *path, int *out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path)) {
		return MT_NOT_FOUND;
	}
	memcpy(address.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		return MT_NO_MEMORY;
	}
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		bool absent = errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR || errno == EPROTOTYPE;

		close(fd);
		return absent ? MT_NOT_FOUND : MT_IO;
	}
	*out = fd;
	return MT_OK;
}

enum mt_err control_send(struct libteec_context *c, struct bytes body, int fd)
{
	union control control = { 0 };
	struct iovec part = { .iov_base = (void *)(uintptr_t)body.at, .iov_len = body.size };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t sent;

	if (fd >= 0) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(sizeof(fd));
	}
	do {
		sent = sendmsg(c->socket, &header, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)body.size ? MT_OK : MT_IO;
}

/* ---- what comes ---- */

struct incoming {
	uint8_t bytes[TEE_DOOR_MESSAGE_MAX];
	size_t size;
	int fd[HANDLES_MAX];
	size_t fds;
};

static void incoming_close(struct incoming *in)
{
	for (size_t i = 0; i < in->fds; i++) {
		close(in->fd[i]);
	}
	in->fds = 0;
}

static void handles_take(struct msghdr *header, struct incoming *in)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
			continue;
		}
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		for (size_t i = 0; i < count && in->fds < HANDLES_MAX; i++) {
			memcpy(&in->fd[in->fds++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		}
	}
}

/* One message; false: the TEE is gone, or sends what is none. */
static bool receive(int socket, struct incoming *in)
{
	union control control = { 0 };
	struct iovec part = { .iov_base = in->bytes, .iov_len = sizeof(in->bytes) };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t got;

	in->fds = 0;
	do {
		got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		return false;
	}
	handles_take(&header, in);
	if (got == 0 || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		incoming_close(in);
		return false;
	}
	in->size = (size_t)got;
	return true;
}

/* To who waits for it; the context's lock is held. What nobody waits for is dropped: that an instance is dead shows at the bell. */
static void deliver(struct libteec_context *context, struct incoming *in)
{
	struct cursor c = cursor_over(mt_bytes(in->bytes, in->size));
	uint8_t type = cursor_u8(&c);
	uint32_t number = cursor_u32(&c), result = 0, origin = 0, session = 0;

	if (type == TEE_DOOR_OPENED) {
		result = cursor_u32(&c);
		origin = cursor_u32(&c);
		session = cursor_u32(&c);
	}
	for (struct libteec_pending *p = context->pending; p && cursor_done(&c); p = p->next) {
		if (p->type != type || p->number != number || p->done) {
			continue;
		}
		p->done = true;
		p->result = result;
		p->origin = origin;
		p->session = session;
		if (type == TEE_DOOR_OPENED && in->fds == HANDLES_MAX) {
			memcpy(p->bell, in->fd, sizeof(p->bell));
			in->fds = 0;
		}
		break;
	}
	incoming_close(in);
}

void control_expect(struct libteec_context *c, struct libteec_pending *p)
{
	pthread_mutex_lock(&c->lock);
	if (p->type == TEE_DOOR_OPENED) {
		p->number = ++c->requests;
	}
	p->bell[0] = p->bell[1] = -1;
	p->next = c->pending;
	c->pending = p;
	pthread_mutex_unlock(&c->lock);
}

static void forget(struct libteec_context *c, const struct libteec_pending *p)
{
	struct libteec_pending **at = &c->pending;

	while (*at && *at != p) {
		at = &(*at)->next;
	}
	if (*at) {
		*at = p->next;
	}
}

bool control_wait(struct libteec_context *c, struct libteec_pending *p)
{
	pthread_mutex_lock(&c->lock);
	while (!p->done && !c->gone) {
		struct incoming in;

		if (c->reading) {
			pthread_cond_wait(&c->turn, &c->lock);
			continue;
		}
		c->reading = true;
		pthread_mutex_unlock(&c->lock);
		bool got = receive(c->socket, &in);

		pthread_mutex_lock(&c->lock);
		c->reading = false;
		if (got) {
			deliver(c, &in);
		} else {
			c->gone = true;
		}
		pthread_cond_broadcast(&c->turn);
	}
	forget(c, p);
	pthread_mutex_unlock(&c->lock);
	return p->done;
}
