#include "port/linux/options.h"

#include "port/linux/linux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LOCAL_BACKLOG 128

static _Noreturn void usage(void)
{
	fprintf(stderr,
		"usage: mesatee-launcher --images DIR --state DIR --listen ADDRESS:PORT --config "
		"FILE --platform FILE "
		"[--tee PATH] [--data-folder DIR] [--fetch] [--fetch-private] [--ready-fd N]\n       mesatee-launcher --images DIR [--config FILE] --measure\n");
	exit(2);
}

struct options options_read(int argc, char **argv)
{
	struct options o = { 0 };
	const struct {
		const char *name;
		const char **value;
	} option[] = {
		{ "--images", &o.images },     { "--state", &o.state },
		{ "--listen", &o.listen },     { "--config", &o.config },
		{ "--platform", &o.platform }, { "--ready-fd", &o.ready },
		{ "--data-folder", &o.folder }, { "--tee", &o.tee },
	}, word[] = {
		{ "--measure", &o.measure },
		{ "--fetch", &o.fetch },
		{ "--fetch-private", &o.fetch_private },
	};

	for (int i = 1; i < argc; i++) {
		size_t k = 0, w = 0;

		while (w < MT_COUNT(word) && strcmp(argv[i], word[w].name) != 0) {
			w++;
		}
		if (w < MT_COUNT(word)) {
			*word[w].value = argv[i];
			continue;
		}
		while (k < MT_COUNT(option) && strcmp(argv[i], option[k].name) != 0) {
			k++;
		}
		if (k == MT_COUNT(option) || i + 1 == argc || *option[k].value) {
			usage();
		}
		*option[k].value = argv[++i];
	}
	o.fetch = o.fetch ? o.fetch : o.fetch_private;
	bool whole = o.images && (o.measure || (o.state && o.listen && o.config && o.platform));

	return whole ? o : (usage(), o);
}

int options_listen(const char *given)
{
	char copy[64], *text = copy;
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	bool fits = snprintf(copy, sizeof(copy), "%s", given) < (int)sizeof(copy);
	char *colon = fits ? strrchr(text, ':') : NULL, *end = NULL;
	unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
	int on = 1;

	if (!colon || end == colon + 1 || *end || port > 65535) {
		fprintf(stderr, "mesatee-launcher: --listen wants ADDRESS:PORT, such as "
				"127.0.0.1:7777 or [::1]:7777\n");
		exit(2);
	}
	*colon = 0;
	six.sin6_port = four.sin_port = htons((uint16_t)port);
	bool is_six = text[0] == '[' && colon[-1] == ']';

	if (is_six) {
		colon[-1] = 0;
		text++;
	}
	if (inet_pton(is_six ? AF_INET6 : AF_INET, text,
		      is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr) != 1) {
		fprintf(stderr, "mesatee-launcher: not an address: %s\n", text);
		exit(2);
	}
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const struct sockaddr *address = is_six ? (void *)&six : (void *)&four;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, address, is_six ? sizeof(six) : sizeof(four)) != 0 || listen(fd, 1024) != 0) {
		fprintf(stderr, "mesatee-launcher: cannot listen on %s: %s\n", given,
			strerror(errno));
		exit(1);
	}
	return fd;
}

int options_listen_local(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (!*path || strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "mesatee-launcher: --tee wants a path of less than %zu bytes\n", sizeof(address.sun_path));
		exit(2);
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	/* Left by a node that has ended: nobody answers there. Whatever else has that name stays, and bind() refuses. */
	if (fd >= 0 && connect(fd, (void *)&address, sizeof(address)) != 0 && errno == ECONNREFUSED) {
		(void)unlink(path);
	}
	if (fd >= 0) {
		close(fd);
		fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	}
	if (fd < 0 || bind(fd, (void *)&address, sizeof(address)) != 0 || listen(fd, LOCAL_BACKLOG) != 0) {
		fprintf(stderr, "mesatee-launcher: cannot listen on %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return fd;
}

const char *options_fetch(const struct options *o)
{
	static char may[64];

	(void)snprintf(may, sizeof(may), "%s%s%s", o->fetch ? FETCH_NETWORK " " : "",
		       o->fetch_private ? FETCH_PRIVATE_TOO " " : "", o->folder ? FETCH_FOLDER : "");
	return may[0] ? may : NULL;
}
