/*
 * One node under test: the launcher of this build, started on images of the test's choice in a
 * folder of its own, what it says, how it ends.
 */
#ifndef MT_TEST_LAUNCHED_H
#define MT_TEST_LAUNCHED_H

#include "lib/base/base.h"

#include <sys/types.h>

struct node {
	char folder[32];
	const char *images; /* NULL: this build's */
	char text[4096]; /* what its processes said on stderr */
	pid_t pid; /* the launcher's */
	int ready, talk;
};

/* Before the launcher is executed, in its process. */
typedef void preparation(void);

/* This build's images. Lives until the next call. */
const char *images_folder(void);
void file_write(const char *folder, const char *name, struct bytes content);
/* A new folder with `config` and `platform`. */
void node_folder(struct node *n);
void node_folder_drop(const struct node *n);
void node_start(struct node *n, preparation *prepare);
/* Somebody who is not root has no privileges to begin with: a preparation. */
void become_nobody(void);
bool node_ready(const struct node *n);
/*
 * Wait for its end; 128 + n for a signal. Every process of the node has ended as well: they share
 * the pipe of stderr.
 */
int node_wait(struct node *n);
/* The process of this image among the launcher's children; 0: none. */
pid_t node_process(const struct node *n, const char *image);
/* For a node that nobody has started. */
bool process_dumpable(pid_t pid);
/* Seen from outside: a filter, no privileges and no way to new ones, nothing to be read. */
void check_promised(pid_t pid, const char *what);

#endif
