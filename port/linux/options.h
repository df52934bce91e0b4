/*
 * The launcher's command line: all that it ever parses. Private to the launcher. Class R.
 */
#ifndef MT_PORT_LINUX_OPTIONS_H
#define MT_PORT_LINUX_OPTIONS_H

/* As given; NULL: not given. `measure`, `fetch` and `fetch_private` are set or not. */
struct options {
	const char *images, *state, *listen, *config, *platform, *ready, *measure;
	const char *folder, *fetch, *fetch_private; /* the fetcher: the operator's folder; may it have the network, private addresses too */
};

/* What is not a whole command line ends the process with 2 and a usage text. */
struct options options_read(int argc, char **argv);
/*
 * Bind and listen on ADDRESS:PORT; non-blocking. What is none ends the process with 2, what cannot
 * be had with 1.
 */
int options_listen(const char *text);

/* What the fetcher may, as its argument (linux.h); NULL: there is none. */
const char *options_fetch(const struct options *o);

#endif
