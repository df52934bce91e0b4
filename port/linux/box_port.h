/*
 * Boxes on Linux: fills lib/box's hooks. One call at the start of a process, before its first box_open(); it takes
 * SIGSEGV, SIGBUS and SIGFPE, and passes on every fault that no box caused. The thread that calls it gets an
 * alternate signal stack; other threads take faults of their boxes on their own stack.
 */
#ifndef MT_BOX_PORT_H
#define MT_BOX_PORT_H

#include "lib/box/box.h"

void box_port_install(void);

#endif
