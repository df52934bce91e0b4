/*
 * The launcher's command line: all that it ever parses. Private to the launcher. Class R.
 */
#ifndef MT_PORT_LINUX_OPTIONS_H
#define MT_PORT_LINUX_OPTIONS_H

/* As given; NULL: not given. `measure`, `fetch` and `fetch_private` are set or not. */
struct options {
	const char *images, *state, *listen, *config, *platform, *ready, *measure;
	const char *tee; /* the local door's socket */
	const char *folder, *fetch, *fetch_private; /* the fetcher: the operator's folder; may it have the network, private addresses too */
};

/* What is not a whole command line ends the process with 2 and a usage text. */
struct options options_read(int argc, char **argv);
/*
 * Bind and listen on ADDRESS:PORT; non-blocking. What is none ends the process with 2, what cannot
 * be had with 1.
 */
int options_listen(const char *text);
/*
 * The same on a socket with a name in the file system; for its mode the umask decides. One that nobody listens on any more is replaced.
 */
int options_listen_local(const char *path);

/* What the fetcher may, as its argument (linux.h); NULL: there is none. */
const char *options_fetch(const struct options *o);

#endif
