/*
 * The gateway between clients that send anything, core, and a supplicant that answers anything. TLS, sockets and
 * files are doubles.
 *
 *   any times: event u8 | connection u8 (messages of core have their own) | handles u8 | size u16, bytes
 *
 * Whatever comes, what goes to core and to the supplicant is well-formed and within its limits. Core answers each
 * request once, as it does.
 */
#include "fuzz/ports.h"
#include "port/linux/box_port.h"
#include "service/gateway/gateway_private.h"

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define CLIENTS 4
#define FILE_HANDLE 1000 /* of the supplicant; numbers that no descriptor has */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum event {
	CLIENT_COMES,
	CLIENT_COMES_PLAIN,
	CLIENT_SENDS,
	CLIENT_LEAVES,
	CORE_SENDS,
	SUPPLICANT_SENDS,
	TIME_PASSES,
	EVENTS
};

/* What SSL * leads to. */
struct client {
	struct bytes bytes; /* owned; not yet read */
	size_t at;
	bool attested, gone, broken;
	uint32_t answered; /* the last request that core answered */
};
static struct client clients[CLIENTS];
static size_t comes; /* which client the next accept is */
static bool accepting, accepted, inside;
static struct gateway *g;
static uint64_t now_ms;

/* ---- TLS ---- */

static struct client *client_of(const SSL *ssl)
{
	return (struct client *)(void *)(uintptr_t)ssl;
}

SSL *SSL_new(SSL_CTX *context)
{
	(void)context;
	return (SSL *)(void *)&clients[comes];
}

void SSL_free(SSL *ssl)
{
	struct client *c = client_of(ssl);

	fuzz_free(c->bytes);
	*c = (struct client){ 0 };
}

int SSL_set_fd(SSL *ssl, int fd)
{
	return ssl && fd > 0;
}

void SSL_set_default_read_buffer_len(SSL *ssl, size_t size)
{
	(void)ssl;
	(void)size;
}

void SSL_set_read_ahead(SSL *ssl, int on)
{
	(void)ssl;
	(void)on;
}

long SSL_ctrl(SSL *ssl, int command, long number, void *pointer)
{
	(void)ssl;
	(void)command;
	(void)number;
	(void)pointer;
	return 0;
}

void SSL_set_accept_state(SSL *ssl)
{
	(void)ssl;
}

int SSL_do_handshake(SSL *ssl)
{
	return !client_of(ssl)->gone;
}

int SSL_read_ex(SSL *ssl, void *to, size_t size, size_t *got)
{
	struct client *c = client_of(ssl);
	size_t left = c->bytes.size - c->at;

	c->broken = c->gone || (size == 0 && left); /* a read of nothing gives nothing, which is no progress */
	if (left == 0 || c->broken) {
		return 0;
	}
	*got = size < left ? size : left;
	memcpy(to, c->bytes.at + c->at, *got);
	c->at += *got;
	return 1;
}

int SSL_write_ex(SSL *ssl, const void *from, size_t size, size_t *written)
{
	struct client *c = client_of(ssl);

	free(memcpy(malloc(size), from, size)); /* all of it is there */
	c->broken = c->gone;
	*written = size;
	return !c->gone;
}

int SSL_get_error(const SSL *ssl, int result)
{
	(void)result;
	return client_of(ssl)->gone || client_of(ssl)->broken ? SSL_ERROR_SSL : SSL_ERROR_WANT_READ;
}

void ERR_clear_error(void)
{
}

bool channel_tls_attested(const struct ssl_st *ssl)
{
	return client_of((const SSL *)ssl)->attested;
}

enum mt_err channel_tls_binding(struct ssl_st *ssl, enum channel_role self, const uint8_t context[CHANNEL_CONTEXT_SIZE],
				struct channel_binding *out)
{
	(void)ssl;
	(void)self;
	*out = (struct channel_binding){ .spki = { 1 } };
	memcpy(out->context, context, sizeof(out->context));
	return MT_OK;
}

/* ---- the kernel ---- */

int __wrap_accept4(int socket, struct sockaddr *address, socklen_t *size, int flags);
int __wrap_epoll_ctl(int epoll, int what, int fd, struct epoll_event *event);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size);
int __real_close(int fd);
int __wrap_close(int fd);
ssize_t __real_write(int fd, const void *at, size_t size);
ssize_t __wrap_write(int fd, const void *at, size_t size);
ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset);
void __wrap__exit(int status);

int __wrap_accept4(int socket, struct sockaddr *address, socklen_t *size, int flags)
{
	(void)socket;
	(void)address;
	(void)size;
	(void)flags;
	if (!accepting) {
		return -1;
	}
	accepting = false;
	accepted = true;
	return 500;
}

int __wrap_epoll_ctl(int epoll, int what, int fd, struct epoll_event *event)
{
	(void)epoll;
	(void)what;
	(void)fd;
	(void)event;
	return 0;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)size;
	return 0;
}

int __wrap_close(int fd)
{
	return inside ? 0 : __real_close(fd);
}

ssize_t __wrap_write(int fd, const void *at, size_t size)
{
	return inside ? (ssize_t)(size < 1000 ? size : 1000) : __real_write(fd, at, size);
}

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset)
{
	(void)fd;
	if (offset > 1 << 20) {
		return 0; /* the file is shorter than the supplicant has said */
	}
	memset(to, 'f', size);
	return (ssize_t)size;
}

void __wrap__exit(int status)
{
	(void)status;
	abort();
}

uint64_t gateway_now_ms(void)
{
	return now_ms;
}

/* ---- what the gateway sends ---- */

static void to_core(struct cursor *c)
{
	uint8_t type = cursor_u8(c);

	(void)cursor_u32(c);
	if (type == NODE_HELLO) {
		mt_assert(cursor_u8(c) <= CHANNEL_FAST);
		(void)cursor_take(c, 5 * 32);
	} else if (type == NODE_REQUEST) {
		(void)cursor_u32(c);
		uint8_t route = cursor_u8(c), attested = cursor_u8(c), count = cursor_u8(c);
		mt_assert(route < ROUTES && attested <= 1 && count <= ROUTE_PARAMETERS_MAX);
		for (uint8_t i = 0; i < count; i++) {
			size_t size = cursor_take32(c).size;
			mt_assert(size > 0 && size <= 256);
		}
		uint64_t size = cursor_u64(c);
		struct bytes body = cursor_take32(c);
		mt_assert(route == ROUTE_DATA_PUT ? body.size == 0 : body.size == size && size <= ROUTE_BODY_MAX);
	} else {
		mt_assert(type == NODE_CLOSED);
	}
}

static void to_supplicant(struct cursor *c)
{
	uint8_t type = cursor_u8(c);

	(void)cursor_u32(c);
	switch (type) {
	case REE_UPLOAD_OPEN:
		(void)cursor_take(c, REE_NAME_SIZE + 8);
		break;
	case REE_UPLOAD_SYNC:
	case REE_UPLOAD_CLOSE:
	case REE_UPLOAD_ABORT:
		(void)cursor_u32(c);
		break;
	default:
		mt_assert(type == REE_BLOB_OPEN);
		(void)cursor_take(c, 1 + REE_NAME_SIZE);
		break;
	}
}

enum mt_err message_send_wait(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	struct cursor c = cursor_over(body);

	(void)handles;
	mt_assert(count == 0 && body.size <= PORT_MESSAGE_MAX);
	if (socket == GATEWAY_FD_CORE) {
		to_core(&c);
	} else {
		to_supplicant(&c);
	}
	mt_assert(cursor_done(&c));
	return MT_OK;
}

/* ---- events ---- */

static void client_comes(bool attested)
{
	for (comes = 0; comes < CLIENTS && g->connection[comes].state != CONNECTION_FREE; comes++) {
	}
	if (comes == CLIENTS) {
		return;
	}
	clients[comes] = (struct client){ .attested = attested };
	accepting = true;
	connection_accept(g);
	mt_assert(accepted && g->connection[comes].ssl == (SSL *)(void *)&clients[comes]);
	connection_drive(g, &g->connection[comes]);
}

static void client_event(size_t i, enum event event, struct bytes *bytes)
{
	struct connection *c = &g->connection[i];

	if (c->state == CONNECTION_FREE) {
		return;
	}
	if (event == CLIENT_LEAVES) {
		clients[i].gone = true;
	} else if (clients[i].at == clients[i].bytes.size) {
		fuzz_free(clients[i].bytes);
		clients[i].bytes = *bytes;
		clients[i].at = 0;
		*bytes = mt_bytes(NULL, 0);
	}
	connection_drive(g, c);
}

/* Core speaks once to each request, and it alone says for which. */
static void core_sends(struct bytes body)
{
	struct cursor m = cursor_over(body);
	uint8_t type = cursor_u8(&m);
	struct connection *c = connection_find(g, cursor_u32(&m));
	uint32_t request = cursor_u32(&m);

	if (type == NODE_ANSWER || type == NODE_STREAM || type == NODE_UPLOAD) {
		if (c && c->state == CONNECTION_WAITING && request == c->request) {
			struct client *of = client_of(c->ssl);
			if (of->answered == request) {
				return;
			}
			of->answered = request;
		}
	}
	relay_core_message(g, body);
}

static void supplicant_sends(struct bytes body, size_t handles)
{
	struct message m = { .body = body, .handle_count = handles };

	for (size_t i = 0; i < handles; i++) {
		m.handle[i] = FILE_HANDLE + (int)i;
	}
	relay_ree_message(g, &m);
	mt_assert(m.handle_count <= handles);
}

static void play(struct bytes in)
{
	while (in.size) {
		enum event event = (enum event)(fuzz_u8(&in) % EVENTS);
		size_t i = fuzz_u8(&in) % CLIENTS, handles = fuzz_u8(&in) % 3;
		struct bytes bytes = fuzz_message(&in);

		if (event == CLIENT_COMES || event == CLIENT_COMES_PLAIN) {
			client_comes(event == CLIENT_COMES);
		} else if (event == CLIENT_SENDS || event == CLIENT_LEAVES) {
			client_event(i, event, &bytes);
		} else if (event == CORE_SENDS && bytes.size) {
			core_sends(bytes);
		} else if (event == SUPPLICANT_SENDS && bytes.size) {
			supplicant_sends(bytes, handles);
		} else if (event == TIME_PASSES) {
			now_ms += 1000 * (uint64_t)bytes.size;
			connection_timeouts(g);
		}
		connection_turns(g);
		fuzz_free(bytes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!g) {
		box_port_install();
		g = mt_alloc(sizeof(*g));
		mt_assert(g && !box_open(&box_http, &g->http) && !box_open(&box_cbor, &g->cbor));
	}
	g->next_connection = g->next_call = 1;
	memset(g->pending, 0, sizeof(g->pending));
	memset(g->again_listed, 0, sizeof(g->again_listed));
	g->again_count = 0;
	now_ms = 1000;
	inside = true;
	play(mt_bytes(data, size));
	for (size_t i = 0; i < CLIENTS; i++) {
		connection_close(g, &g->connection[i]);
	}
	inside = false;
	return 0;
}
