/* The test application: what its commands do. */
#ifndef MT_TEST_TA_TRY_H
#define MT_TEST_TA_TRY_H

#define TRY_UUID_LOW 0x2d6f8b5au
#define TRY_UUID { TRY_UUID_LOW, 0x4b1e, 0x4f6d, { 0x9b, 0x21, 1, 2, 3, 4, 5, 6 } }
#define TRY_UUID_BYTES { 0x2d, 0x6f, 0x8b, 0x5a, 0x4b, 0x1e, 0x4f, 0x6d, 0x9b, 0x21, 1, 2, 3, 4, 5, 6 }
#define TRY_STACK 2048

/* In the place of an argument of TRY_CALL and TRY_LINUX: an address. */
#define TRY_BEHIND 0x6d656d6f7279
#define TRY_OWN 0x6f776e6d656d

/* Opening: value a of parameter 0 is what it returns; b comes back as b + 1; memory of parameter 1 to parameter 2. */
enum try_command {
	TRY_NOTHING = 0,
	TRY_VALUES,             /* value inout 0: a and b change places, b + 1 of session */
	TRY_COPY,               /* memory 0 to memory 1, or TEE_ERROR_SHORT_BUFFER with the size */
	TRY_SHA256,             /* memory 0 in, memory 1 out */
	TRY_WAIT,               /* value a of 0: ms. Cancellation unmasked if b. */
	TRY_PANIC,              /* value a of 0 */
	TRY_FAULT,
	TRY_DEEP,               /* recursion until the stack is used up */
	TRY_CALL,               /* memory 0: number and eight arguments, u64 each; TRY_BEHIND: memory 1 */
	TRY_LINUX,              /* memory 0: number and six arguments, u64 each: a system call of Linux. Its answer in value 1.
				 * TRY_BEHIND: what stands behind them in memory 0; TRY_OWN: a page of its own. */
	TRY_GCM,                /* memory 0 in, memory 1 out: AES-128-GCM with a key of its own */
	TRY_FACTS,              /* value 0 out: what start functions and relocations left; value 1: times created, sessions */
	TRY_BUSY,               /* value a of 0: until the cancellation flag is set, at most so many turns */
	TRY_STORED,             /* memory 0 out: a read of stored data, in one system call */
	TRY_EXECUTE,            /* jump into memory of its own that is data */
	TRY_LOG,                /* memory 0 */
	TRY_SIZE,               /* memory 1's size becomes value a, b of 0; nothing is written */
};

#endif
