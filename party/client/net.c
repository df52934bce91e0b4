/* TCP and TLS: blocking calls with a limit on every wait. */
#include "party/client/client_private.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- OpenSSL's transport: sockets without SIGPIPE, waits that end ---- */

/* 1: ready, 0: out of time, -1: failed. */
static int net_wait(int fd, short events, int timeout_ms, short *got)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	do {
		n = poll(&p, 1, timeout_ms);
	} while (n < 0 && errno == EINTR);
	*got = n > 0 ? p.revents : 0;
	if (n == 0) {
		errno = ETIMEDOUT;
	}
	return n;
}

/* What waits in net->out, to the kernel. False: failed, or net->early. */
static bool net_flush(struct net *net)
{
	short got = 0;
	size_t done = 0;

	/* A node that refuses stops reading: its answer must end the sending, or both would wait. */
	if (net->out_size && net->streaming && net_wait(net->fd, POLLIN, 0, &got) > 0) {
		net->early = true;
		return false;
	}
	while (done < net->out_size) {
		ssize_t n = send(net->fd, net->out + done, net->out_size - done, MSG_NOSIGNAL);
		if (n >= 0) {
			done += (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR) {
			return false;
		}
		short events = (short)(POLLOUT | (net->streaming ? POLLIN : 0));
		if (errno == EAGAIN && net_wait(net->fd, events, net->timeout_ms, &got) <= 0) {
			return false;
		}
		if ((got & POLLIN) && !(got & POLLOUT)) {
			net->early = true;
			return false;
		}
	}
	net->out_size = 0;
	return true;
}

/* A record has 16 KiB at most: gathered, so that one system call takes many of them. */
static int net_bio_write(BIO *bio, const char *data, int size)
{
	struct net *net = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (net->out_size == NET_OUT_MAX && !net_flush(net)) {
		if (net->early) {
			BIO_set_retry_write(bio);
		}
		return -1;
	}
	size_t room = NET_OUT_MAX - net->out_size, part = (size_t)size < room ? (size_t)size : room;
	memcpy(net->out + net->out_size, data, part);
	net->out_size += part;
	return (int)part;
}

static int net_bio_read(BIO *bio, char *out, int size)
{
	struct net *net = BIO_get_data(bio);
	short got = 0;

	BIO_clear_retry_flags(bio);
	if (net->out_size && !net->early && !net_flush(net)) {
		return -1; /* waiting for an answer to what never left would be in vain */
	}
	for (;;) {
		ssize_t n = recv(net->fd, out, (size_t)size, 0);
		if (n >= 0) {
			return (int)n;
		}
		if (errno != EAGAIN && errno != EINTR) {
			return -1;
		}
		if (errno == EAGAIN && net_wait(net->fd, POLLIN, net->timeout_ms, &got) <= 0) {
			return -1;
		}
	}
}

static long net_bio_control(BIO *bio, int command, long number, void *pointer)
{
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH && net_flush(BIO_get_data(bio));
}

/* One description per process; it lives as long as that. */
static BIO *net_bio(struct net *net)
{
	static BIO_METHOD *method;

	if (!method) {
		BIO_METHOD *made = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "mesatee socket");
		if (!made || !BIO_meth_set_write(made, net_bio_write) || !BIO_meth_set_read(made, net_bio_read) ||
		    !BIO_meth_set_ctrl(made, net_bio_control)) {
			BIO_meth_free(made);
			return NULL;
		}
		method = made;
	}
	BIO *bio = BIO_new(method);
	if (bio) {
		BIO_set_data(bio, net);
		BIO_set_init(bio, 1);
	}
	return bio;
}

/* ---- connecting ---- */

static enum mesatee_err net_unreachable(struct mesatee *m, const char *why)
{
	return client_fail(m, MESATEE_UNREACHABLE,
			   "is the node running, and is the address right? For one of your own: mesatee dev",
			   "cannot reach %s: %s", m->url, why);
}

static int net_connect_one(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, failure = 0;
	socklen_t size = sizeof(failure);
	short got = 0;

	if (fd < 0) {
		return -1;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	bool good = connect(fd, a->ai_addr, a->ai_addrlen) == 0;
	if (!good && errno == EINPROGRESS && net_wait(fd, POLLOUT, CLIENT_CONNECT_MS, &got) > 0) {
		good = getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0;
		errno = failure ? failure : errno;
	}
	if (!good) {
		int why = errno;
		(void)close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static enum mesatee_err net_connect(struct mesatee *m)
{
	struct addrinfo want = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *list = NULL;
	int failed = getaddrinfo(m->host, m->port, &want, &list);

	if (failed) {
		return net_unreachable(m, gai_strerror(failed));
	}
	for (const struct addrinfo *a = list; a && m->net.fd < 0; a = a->ai_next) {
		m->net.fd = net_connect_one(a);
	}
	int why = errno;
	freeaddrinfo(list);
	return m->net.fd < 0 ? net_unreachable(m, strerror(why)) : MESATEE_OK;
}

static enum mesatee_err net_handshake(struct mesatee *m)
{
	struct net *net = &m->net;

	if (!net->context && channel_tls_client(&net->context)) {
		return client_no_memory(m);
	}
	net->out = mt_alloc(NET_OUT_MAX);
	net->ssl = SSL_new(net->context);
	BIO *bio = net->ssl && net->out ? net_bio(net) : NULL;
	if (!bio) {
		return client_no_memory(m);
	}
	SSL_set_bio(net->ssl, bio, bio);
	ERR_clear_error();
	errno = 0;
	if (SSL_connect(net->ssl) != 1) {
		const char *why = ERR_reason_error_string(ERR_peek_error());
		return net_unreachable(m, why ? why : errno ? strerror(errno) : "the TLS handshake failed");
	}
	if (!channel_tls_attested(net->ssl)) {
		return client_fail(m, MESATEE_NOT_VERIFIED,
				   "this is no MesaTEE node, or something between you and it ends TLS",
				   "%s does not speak " CHANNEL_ALPN, m->url);
	}
	return MESATEE_OK;
}

enum mesatee_err net_open(struct mesatee *m)
{
	net_close(m);
	m->net.timeout_ms = CLIENT_CONNECT_MS;
	enum mesatee_err err = net_connect(m);
	if (!err) {
		err = net_handshake(m);
	}
	if (err) {
		net_close(m);
	}
	m->net.timeout_ms = CLIENT_ANSWER_MS;
	return err;
}

void net_close(struct mesatee *m)
{
	struct net *net = &m->net;

	SSL_free(net->ssl);
	net->ssl = NULL;
	mt_free(net->out);
	net->out = NULL;
	net->out_size = 0;
	if (net->fd >= 0) {
		(void)close(net->fd);
	}
	net->fd = -1;
	net->in_size = 0;
	net->streaming = false;
	net->early = false;
	m->connected = false;
	m->proved = false;
}

bool net_alive(struct mesatee *m)
{
	short got = 0;

	/* Between requests the node has nothing to say but that it closes. */
	return m->net.fd >= 0 && m->net.in_size == 0 && net_wait(m->net.fd, POLLIN, 0, &got) == 0;
}

/* ---- moving bytes ---- */

static enum mesatee_err net_broken(struct mesatee *m)
{
	bool late = errno == ETIMEDOUT;

	net_close(m);
	return client_fail(m, MESATEE_UNREACHABLE, "try again; if it stays so, ask the operator", "%s %s", m->url,
			   late ? "did not answer in time" : "closed the connection");
}

enum mesatee_err net_write(struct mesatee *m, struct bytes data, bool *early)
{
	struct net *net = &m->net;
	bool good = net->ssl && !net->early; /* what was cut off cannot be gone on with */

	net->streaming = early != NULL;
	errno = 0;
	ERR_clear_error();
	while (good && data.size) {
		size_t n = 0;
		good = SSL_write_ex(net->ssl, data.at, data.size, &n) == 1;
		data = mt_bytes(data.at + n, data.size - n);
	}
	good = good && net_flush(net);
	net->streaming = false;
	if (early && net->early) {
		*early = true;
		return MESATEE_OK;
	}
	return good ? MESATEE_OK : net_broken(m);
}

enum mesatee_err net_read(struct mesatee *m, void *out, size_t capacity, size_t *size)
{
	struct net *net = &m->net;

	if (net->in_size) {
		*size = net->in_size < capacity ? net->in_size : capacity;
		memcpy(out, net->in, *size);
		memmove(net->in, net->in + *size, net->in_size - *size);
		net->in_size -= *size;
		return MESATEE_OK;
	}
	errno = 0;
	ERR_clear_error();
	return net->ssl && SSL_read_ex(net->ssl, out, capacity, size) == 1 ? MESATEE_OK : net_broken(m);
}

enum mesatee_err net_read_all(struct mesatee *m, void *out, size_t size)
{
	for (size_t done = 0, n = 0; done < size; done += n) {
		enum mesatee_err err = net_read(m, (uint8_t *)out + done, size - done, &n);
		if (err) {
			return err;
		}
	}
	return MESATEE_OK;
}
