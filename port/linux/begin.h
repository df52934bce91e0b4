/*
 * The launcher's own beginning. What cannot be had ends it with a message. Private to the launcher. Class R.
 */
#ifndef MT_PORT_LINUX_BEGIN_H
#define MT_PORT_LINUX_BEGIN_H

/* Says what and errno, ends with 1; the children end with us: PR_SET_PDEATHSIG. */
_Noreturn void give_up(const char *what);
int file_open(const char *path, int flags);
/* SIGCHLD, SIGTERM and SIGINT as a descriptor. */
int signals_open(void);
/* 0 and 1 are /dev/null for every child; stdout is nobody's. */
void null_place(void);

#endif
