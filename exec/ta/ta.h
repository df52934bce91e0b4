/*
 * The process of one instance of a trusted application (api/tee_worker.h, api/tee_window.h): it loads the application, carries calls to it, and is the
 * place where its system calls end or go on to the TEE core.
 *
 * Promises: foreign is what a client leaves in a window, what the image says of itself, and every argument of a system call; each is copied, checked,
 * and only then used. Nobody waits for a client. The application runs after the process has given up everything but what the loop needs
 * (SANDBOX_TA), on a stack of its own between guard pages; a fault of its ends the process.
 * Not promised: that the application leaves the loop alone. It is native code of the same process, so what the process may do is what it may
 * do, and core believes the process no more than it believes the application.
 * Hides: the loader, the two stacks, how long the loop looks before it sleeps. Class A. One thread; one instance a process.
 */
#ifndef MT_TA_H
#define MT_TA_H

#define TA_STACK_MIN ((uint64_t)64 << 10)       /* libcrypto runs on another one; this is the application's alone */
#define TA_STACK_MAX ((uint64_t)16 << 20)
#define TA_MEMORY_MAX ((uint64_t)512 << 20)     /* of image, heap, keys; clients' memory is theirs */

/* How the process ends, besides by a fault. */
enum ta_exit {
	TA_EXIT_ENDED = 0,      /* core asked for it */
	TA_EXIT_CORE = 1,       /* core is gone, or sent what is no message */
	TA_EXIT_LOAD = 2,       /* the application could not be loaded or created; core has been told */
	TA_EXIT_PANIC = 3,      /* core has been told */
};

/* main(): promise, load, serve, on descriptor WORKER_FD_CORE. Does not return. */
_Noreturn void ta_worker(void);

#endif
