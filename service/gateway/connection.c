/* One TLS connection as a state machine over a non-blocking socket. */
#include "service/gateway/gateway_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIVE(bits) ((bits) | MT_BIT(CONNECTION_FREE))           /* every living connection may die */
static const uint32_t connection_moves[CONNECTION_STATES] = {   /* row: from, bits: to */
	[CONNECTION_FREE]      = MT_BIT(CONNECTION_HANDSHAKE),
	[CONNECTION_HANDSHAKE] = LIVE(MT_BIT(CONNECTION_HELLO) | MT_BIT(CONNECTION_HEAD)),
	[CONNECTION_HELLO]     = LIVE(MT_BIT(CONNECTION_EVIDENCE)),
	[CONNECTION_EVIDENCE]  = LIVE(MT_BIT(CONNECTION_HEAD)),
	[CONNECTION_HEAD]      = LIVE(MT_BIT(CONNECTION_BODY) | MT_BIT(CONNECTION_WAITING) | MT_BIT(CONNECTION_HEAD)),
	[CONNECTION_BODY]      = LIVE(MT_BIT(CONNECTION_WAITING)),
	[CONNECTION_WAITING]   = LIVE(MT_BIT(CONNECTION_HEAD) | MT_BIT(CONNECTION_UPLOADING) | MT_BIT(CONNECTION_STREAMING)),
	[CONNECTION_UPLOADING] = LIVE(MT_BIT(CONNECTION_WAITING) | MT_BIT(CONNECTION_HEAD)),
	[CONNECTION_STREAMING] = LIVE(MT_BIT(CONNECTION_HEAD)),
};

void connection_move(struct connection *c, enum connection_state to)
{
	mt_assert(c->state < CONNECTION_STATES && (connection_moves[c->state] & MT_BIT(to)));
	c->state = to;
	c->since_ms = gateway_now_ms();
}

struct connection *connection_find(struct gateway *g, uint32_t number)
{
	for (size_t i = 0; i < NODE_CONNECTIONS_MAX; i++) {
		if (g->connection[i].state != CONNECTION_FREE && g->connection[i].number == number) {
			return &g->connection[i];
		}
	}
	return NULL;
}

/* ---- opening and closing ---- */

static struct connection *connection_slot(struct gateway *g)
{
	for (size_t i = 0; i < NODE_CONNECTIONS_MAX; i++) {
		if (g->connection[i].state == CONNECTION_FREE) {
			return &g->connection[i];
		}
	}
	return NULL;
}

static bool connection_open(struct gateway *g, struct connection *c, int socket)
{
	int one = 1;
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = (uint32_t)(c - g->connection) };

	*c = (struct connection){ .socket = socket, .file = -1, .number = g->next_connection++, .watched = EPOLLIN };
	c->ssl = SSL_new(g->tls);
	if (!c->ssl || !SSL_set_fd(c->ssl, socket) || epoll_ctl(g->epoll, EPOLL_CTL_ADD, socket, &e)) {
		SSL_free(c->ssl);
		*c = (struct connection){ 0 };
		return false;
	}
	SSL_set_accept_state(c->ssl);
	/* Requests and answers are small: waiting for more to send would cost a round trip. Failure costs only that. */
	(void)!setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	connection_move(c, CONNECTION_HANDSHAKE);
	return true;
}

void connection_accept(struct gateway *g)
{
	for (;;) {
		int socket = accept4(GATEWAY_FD_LISTEN, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (socket < 0) {
			return;         /* none left, or none to be had now: epoll tells again */
		}
		struct connection *c = connection_slot(g);
		if (!c || !connection_open(g, c, socket)) {
			close(socket);
		}
	}
}

void connection_close(struct gateway *g, struct connection *c)
{
	uint32_t number = c->number;
	bool known = c->attested;

	if (c->state == CONNECTION_FREE) {
		return;
	}
	relay_upload_abort(g, c);
	connection_move(c, CONNECTION_FREE);
	SSL_free(c->ssl);
	close(c->socket);               /* leaves the epoll set with it */
	if (c->file >= 0) {
		close(c->file);
	}
	mt_free(c->in);
	mt_free(c->out);
	*c = (struct connection){ 0 };
	if (known) {
		relay_closed(g, number);
	}
}

/* The disk is behind: the peer waits until it has caught up. */
static bool upload_held(const struct connection *c)
{
	return c->state == CONNECTION_UPLOADING && c->syncing && c->unsynced >= GATEWAY_SYNC_SIZE;
}

void connection_timeouts(struct gateway *g)
{
	static const uint64_t life_ms[CONNECTION_STATES] = {    /* 0: core or the supplicant is at work, and says so in the end */
		[CONNECTION_HANDSHAKE] = GATEWAY_HANDSHAKE_MS, [CONNECTION_HELLO] = GATEWAY_HANDSHAKE_MS,
		[CONNECTION_HEAD] = GATEWAY_IDLE_MS, [CONNECTION_BODY] = GATEWAY_HEAD_MS,
		[CONNECTION_UPLOADING] = GATEWAY_STALL_MS, [CONNECTION_STREAMING] = GATEWAY_STALL_MS,
	};
	uint64_t now = gateway_now_ms();

	for (size_t i = 0; i < NODE_CONNECTIONS_MAX; i++) {
		struct connection *c = &g->connection[i];
		uint64_t life = life_ms[c->state];
		if (c->state == CONNECTION_HEAD && (c->in_size || c->out_size)) {
			life = GATEWAY_HEAD_MS;         /* a head that trickles in, or an answer that nobody reads */
		}
		if (upload_held(c)) {
			life = 0;
		}
		if (life && now > c->since_ms + life) {
			connection_close(g, c);
		}
	}
}

/* ---- buffers ---- */

static bool buffer_room(uint8_t **at, size_t *capacity, size_t wanted)
{
	if (wanted <= *capacity) {
		return true;
	}
	void *grown = mt_grow(*at, *capacity, wanted, 1);
	if (!grown) {
		return false;
	}
	*at = grown;
	*capacity = wanted;
	return true;
}

bool connection_queue(struct connection *c, struct bytes b)
{
	if (!buffer_room(&c->out, &c->out_capacity, c->out_size + b.size)) {
		return false;
	}
	if (b.size) {
		memcpy(c->out + c->out_size, b.at, b.size);
	}
	c->out_size += b.size;
	return true;
}

void connection_consume(struct connection *c, size_t size)
{
	mt_assert(size <= c->in_size);
	memmove(c->in, c->in + size, c->in_size - size);
	c->in_size -= size;
}

/* ---- moving bytes; each says whether it moved any ---- */

enum moved { MOVED_NONE, MOVED_SOME, MOVED_DEAD };

static enum moved connection_tls_result(struct connection *c, int result)
{
	switch (SSL_get_error(c->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return MOVED_NONE;
	case SSL_ERROR_WANT_WRITE:
		c->want_write = true;
		return MOVED_NONE;
	default:
		ERR_clear_error();
		return MOVED_DEAD;
	}
}

static enum moved connection_flush(struct connection *c)
{
	while (c->out_at < c->out_size) {
		size_t written = 0;
		int result = SSL_write_ex(c->ssl, c->out + c->out_at, c->out_size - c->out_at, &written);
		if (result != 1) {
			enum moved m = connection_tls_result(c, result);
			c->want_write = m == MOVED_NONE;
			return m;
		}
		c->out_at += written;
		c->since_ms = gateway_now_ms();
	}
	c->out_at = 0;
	c->out_size = 0;
	return MOVED_SOME;
}

/* Read what fits below `limit` buffered bytes. */
static enum moved connection_fill(struct connection *c, size_t limit)
{
	size_t got = 0;

	if (c->in_size >= limit) {
		return MOVED_SOME;
	}
	size_t wanted = c->in_size + 4096 < limit ? c->in_size + 4096 : limit;
	if (!buffer_room(&c->in, &c->in_capacity, wanted)) {
		return MOVED_DEAD;
	}
	int result = SSL_read_ex(c->ssl, c->in + c->in_size, c->in_capacity - c->in_size, &got);
	if (result != 1) {
		return connection_tls_result(c, result);
	}
	if (c->in_size == 0 && c->state == CONNECTION_HEAD) {
		c->since_ms = gateway_now_ms();
	}
	c->in_size += got;
	return MOVED_SOME;
}

static enum moved connection_handshake(struct connection *c)
{
	int result = SSL_do_handshake(c->ssl);

	if (result != 1) {
		return connection_tls_result(c, result);
	}
	c->attested = channel_tls_attested(c->ssl);
	connection_move(c, c->attested ? CONNECTION_HELLO : CONNECTION_HEAD);
	return MOVED_SOME;
}

/*
 * Many records in one read, for as long as an upload lasts: SSL keeps GATEWAY_CHUNK then, so that it is REE_UPLOADS_MAX chunks at most in
 * all. What it has read is not in the kernel any more, so it is asked until it has nothing: connection_drive().
 */
void connection_gather(struct connection *c, bool on)
{
	SSL_set_default_read_buffer_len(c->ssl, on ? GATEWAY_CHUNK : 0);
	SSL_set_read_ahead(c->ssl, on);
	if (on) {
		SSL_clear_mode(c->ssl, SSL_MODE_RELEASE_BUFFERS);
	} else {
		SSL_set_mode(c->ssl, SSL_MODE_RELEASE_BUFFERS);
	}
}

static void connection_used(struct connection *c, size_t size)
{
	c->stream_left -= size;
	c->turn_left -= size < c->turn_left ? size : c->turn_left;
	c->since_ms = gateway_now_ms();
}

static bool write_all(int file, const uint8_t *at, size_t size)
{
	while (size) {
		ssize_t n = write(file, at, size);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return false;
		}
		at += n;
		size -= (size_t)n;
	}
	return true;
}

void connection_upload_fail(struct gateway *g, struct connection *c)
{
	relay_upload_abort(g, c);
	c->close_after = true;
	http_problem(c, 507, "io", "the upload could not be stored: the node's disk may be full");
	connection_move(c, CONNECTION_HEAD);
}

/* Records until the chunk is full: one write takes them all. */
static enum moved connection_records(struct gateway *g, struct connection *c, size_t *size)
{
	size_t wanted = sizeof(g->chunk) < c->stream_left ? sizeof(g->chunk) : (size_t)c->stream_left, got = 0;
	enum moved m = MOVED_SOME;

	*size = 0;
	while (m == MOVED_SOME && *size < wanted) {
		int result = SSL_read_ex(c->ssl, g->chunk + *size, wanted - *size, &got);
		if (result == 1) {
			*size += got;
		} else {
			m = connection_tls_result(c, result);
		}
	}
	return m == MOVED_NONE && *size ? MOVED_SOME : m;
}

static enum moved connection_upload(struct gateway *g, struct connection *c)
{
	const uint8_t *from = c->in;
	size_t got = c->in_size < c->stream_left ? c->in_size : (size_t)c->stream_left;

	if (upload_held(c)) {
		return MOVED_NONE;
	}
	if (got == 0) {                 /* what came with the head is used up: read past the buffer */
		enum moved m = connection_records(g, c, &got);
		if (m != MOVED_SOME) {
			return m;
		}
		from = g->chunk;
	}
	if (!write_all(c->file, from, got)) {
		connection_upload_fail(g, c);
		return MOVED_SOME;
	}
	if (from == c->in) {
		connection_consume(c, got);
	}
	connection_used(c, got);
	c->unsynced += got;
	if (c->stream_left == 0) {
		connection_gather(c, false);
		relay_upload_close(g, c);
	} else if (c->unsynced >= GATEWAY_SYNC_SIZE && !c->syncing) {
		relay_upload_sync(g, c);
	}
	return MOVED_SOME;
}

static enum moved connection_stream(struct gateway *g, struct connection *c)
{
	if (c->stream_left == 0) {
		close(c->file);
		c->file = -1;
		connection_move(c, CONNECTION_HEAD);
		return MOVED_SOME;
	}
	size_t wanted = sizeof(g->chunk) < c->stream_left ? sizeof(g->chunk) : (size_t)c->stream_left;
	ssize_t n = pread(c->file, g->chunk, wanted, (off_t)c->stream_offset);
	if (n <= 0 || !connection_queue(c, mt_bytes(g->chunk, (size_t)n))) {
		return MOVED_DEAD;      /* the length was promised already: a cut connection is the only honest answer left */
	}
	connection_used(c, (size_t)n);
	c->stream_offset += (size_t)n;
	return MOVED_SOME;
}

static enum moved connection_hello(struct gateway *g, struct connection *c)
{
	if (c->in_size >= 4) {
		struct cursor frame = cursor_over(mt_bytes(c->in, c->in_size));
		uint32_t size = cursor_u32(&frame);
		if (size == 0 || size > CHANNEL_FRAME_MAX) {
			return MOVED_DEAD;
		}
		if (c->in_size >= 4 + (size_t)size) {
			return relay_hello(g, c) ? MOVED_SOME : MOVED_DEAD;
		}
	}
	size_t before = c->in_size;
	enum moved m = connection_fill(c, 4 + CHANNEL_FRAME_MAX);
	return m == MOVED_SOME && c->in_size == before ? MOVED_DEAD : m;
}

static enum moved connection_request(struct gateway *g, struct connection *c)
{
	bool head = c->state == CONNECTION_HEAD;

	if (head && c->close_after) {
		return MOVED_DEAD;      /* the last answer is out */
	}
	if (c->in_size && (head ? http_head(g, c) : http_body(g, c))) {
		return MOVED_SOME;
	}
	if (!head && c->body_size == 0) {
		return http_body(g, c) ? MOVED_SOME : MOVED_DEAD;
	}
	size_t before = c->in_size;
	enum moved m = connection_fill(c, GATEWAY_IN_MAX);
	return m == MOVED_SOME && c->in_size == before ? MOVED_DEAD : m;
}

static enum moved connection_step(struct gateway *g, struct connection *c)
{
	switch (c->state) {
	case CONNECTION_HANDSHAKE:
		return connection_handshake(c);
	case CONNECTION_HELLO:
		return connection_hello(g, c);
	case CONNECTION_HEAD:
	case CONNECTION_BODY:
		return connection_request(g, c);
	case CONNECTION_UPLOADING:
		return connection_upload(g, c);
	case CONNECTION_STREAMING:
		return connection_stream(g, c);
	default:
		return MOVED_NONE;
	}
}

/* Whether the socket's bytes are of interest now; while core works they wait in the kernel. */
static void connection_watch(struct gateway *g, struct connection *c)
{
	bool idle = c->state == CONNECTION_WAITING || c->state == CONNECTION_EVIDENCE || upload_held(c);
	uint32_t events = (idle || c->out_size ? 0u : EPOLLIN) | (c->want_write || c->out_size ? EPOLLOUT : 0u);
	struct epoll_event e = { .events = events, .data.u32 = (uint32_t)(c - g->connection) };

	if (events == c->watched) {
		return;
	}
	if (epoll_ctl(g->epoll, EPOLL_CTL_MOD, c->socket, &e)) {
		connection_close(g, c);
		return;
	}
	c->watched = events;
}

/* A token may be listed already for a connection that is gone: it is listed once all the same. */
static void connection_later(struct gateway *g, struct connection *c)
{
	uint32_t token = (uint32_t)(c - g->connection);

	c->again = true;
	if (!g->again_listed[token]) {
		g->again_listed[token] = true;
		g->again[g->again_count++] = token;
	}
}

void connection_drive(struct gateway *g, struct connection *c)
{
	enum moved m = MOVED_SOME;

	c->want_write = false;
	c->turn_left = GATEWAY_TURN_MAX;
	while (m == MOVED_SOME && c->turn_left) {
		m = c->out_size ? connection_flush(c) : MOVED_SOME;
		if (m == MOVED_SOME) {
			m = connection_step(g, c);
		}
		if (c->state == CONNECTION_FREE) {
			return;
		}
	}
	if (m == MOVED_DEAD) {
		connection_close(g, c);
		return;
	}
	if (m == MOVED_SOME) {
		connection_later(g, c);
	}
	connection_watch(g, c);
}

void connection_turns(struct gateway *g)
{
	static uint32_t now[NODE_CONNECTIONS_MAX];
	size_t count = g->again_count;

	memcpy(now, g->again, count * sizeof(now[0]));
	memset(g->again_listed, 0, sizeof(g->again_listed));
	g->again_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct connection *c = &g->connection[now[i]];
		if (c->again) {
			c->again = false;
			connection_drive(g, c);
		}
	}
}
