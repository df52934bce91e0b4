/* An upload, and the floor under it: the same bytes over TLS to a synced file, with nobody to ask and nothing to check. */
#include "bench/upload.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/channel/channel.h"
#include "lib/crypto/crypto.h"

#define ROUNDS 5
#define CHUNK (64 * 1024) /* more leaves the second-level cache */
#define MIB ((size_t)1 << 20)

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double list[ROUNDS])
{
	qsort(list, ROUNDS, sizeof(list[0]), by_value);
	return list[ROUNDS / 2];
}

static double cipher_s(unsigned mib)
{
	static uint8_t chunk[MIB + CRYPTO_TAG_SIZE];
	uint8_t nonce[CRYPTO_NONCE_SIZE] = { 0 };
	struct secret key = { { 1 } };
	struct crypto_aead *a = NULL;

	if (crypto_aead_open(&key, &a)) {
		return 0;
	}
	double start = now_s();
	for (unsigned i = 0; i < mib; i++) {
		memcpy(nonce, &i, sizeof(i));
		crypto_aead_seal(a, nonce, mt_bytes(NULL, 0), mt_bytes(chunk, MIB), chunk);
	}
	double seconds = now_s() - start;
	crypto_aead_close(a);
	return seconds;
}

/* ---- the floor ---- */

/* The other process: records into a file, a sync, one byte back. */
static bool floor_receive(SSL *ssl, int file, unsigned mib)
{
	static uint8_t chunk[CHUNK];
	size_t left = mib * MIB, n = 0, ignored;

	while (left) {
		size_t have = 0, wanted = left < sizeof(chunk) ? left : sizeof(chunk);
		while (have < wanted && SSL_read_ex(ssl, chunk + have, wanted - have, &n) == 1) {
			have += n;
		}
		if (have < wanted || write(file, chunk, have) != (ssize_t)have) {
			return false;
		}
		left -= have;
	}
	return fsync(file) == 0 && SSL_write_ex(ssl, "!", 1, &ignored) == 1;
}

static int floor_child(int listener, const char *path, unsigned mib)
{
	SSL_CTX *context = NULL;
	int socket = accept(listener, NULL, NULL), file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = socket >= 0 && file >= 0 && fallocate(file, FALLOC_FL_KEEP_SIZE, 0, (off_t)(mib * MIB)) == 0 &&
		    channel_tls_node(&context) == MT_OK;
	SSL *ssl = good ? SSL_new(context) : NULL;

	if (ssl) {
		SSL_set_default_read_buffer_len(ssl, CHUNK);
		SSL_set_read_ahead(ssl, 1);
		SSL_clear_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
	}
	good = ssl && SSL_set_fd(ssl, socket) && SSL_accept(ssl) == 1 && floor_receive(ssl, file, mib);
	(void)unlink(path);
	return good ? 0 : 1;
}

static double floor_send(SSL *ssl, unsigned mib)
{
	static uint8_t chunk[MIB];
	size_t n = 0;
	uint8_t byte;
	double start = now_s();

	for (size_t left = mib * MIB; left; left -= n) {
		if (SSL_write_ex(ssl, chunk, left < MIB ? left : MIB, &n) != 1) {
			return 0;
		}
	}
	return SSL_read_ex(ssl, &byte, 1, &n) == 1 ? now_s() - start : 0;
}

static double floor_s(const char *folder, unsigned mib)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	char path[256];
	double seconds = 0;
	SSL_CTX *context = NULL;

	snprintf(path, sizeof(path), "%s/floor", folder);
	if (bind(listener, (void *)&address, size) || listen(listener, 1) ||
	    getsockname(listener, (void *)&address, &size)) {
		return 0;
	}
	pid_t child = fork();
	if (child == 0) {
		_exit(floor_child(listener, path, mib));
	}
	int socket_to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	SSL *ssl = channel_tls_client(&context) == MT_OK ? SSL_new(context) : NULL;
	if (ssl && connect(socket_to, (void *)&address, size) == 0 &&
	    setsockopt(socket_to, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0 && SSL_set_fd(ssl, socket_to) &&
	    SSL_connect(ssl) == 1) {
		seconds = floor_send(ssl, mib);
	}
	SSL_free(ssl);
	channel_tls_close(context);
	close(socket_to);
	close(listener);
	waitpid(child, NULL, 0);
	return seconds;
}

/* ---- put ---- */

struct passes {
	double sending; /* when the second pass had its first segment */
};

static void passes_note(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct passes *p = context;

	if (strcmp(what, "encrypting") == 0 && done == total) {
		p->sending = now_s();
	}
}

bool upload_measure(struct mesatee *m, const char *folder, const char *path, unsigned mib, struct upload_figures *out,
		    const char **why)
{
	double cipher[ROUNDS], base[ROUNDS], whole[ROUNDS], name[ROUNDS], send[ROUNDS];
	struct passes passes = { 0 };
	char tag[MESATEE_ID_SIZE];

	mesatee_progress_set(m, passes_note, &passes);
	for (int i = 0; i < ROUNDS; i++) {
		cipher[i] = cipher_s(mib);
		base[i] = floor_s(folder, mib);
		if (cipher[i] <= 0 || base[i] <= 0) {
			*why = "the floor could not be measured";
			return false;
		}
		double start = now_s();
		if (mesatee_put(m, path, NULL, tag)) {
			*why = mesatee_error(m);
			return false;
		}
		double end = now_s();
		whole[i] = end - start;
		name[i] = passes.sending - start;
		send[i] = end - passes.sending;
	}
	*out = (struct upload_figures){ mib / median(cipher), mib / median(base), mib / median(whole),
					mib / median(name), mib / median(send) };
	return true;
}
