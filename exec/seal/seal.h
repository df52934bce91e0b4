/*
 * The seal worker (api/worker.h, WORK_OPEN and WORK_SEAL). Serves one task and ends.
 *
 * Hides: the dataset format. Class A: it holds the keys of one task.
 */
#ifndef MT_EXEC_SEAL_H
#define MT_EXEC_SEAL_H

/* The whole of the image's main(): promise, messages on WORKER_FD_CORE. The exit status. */
int seal_worker(void);

#endif
