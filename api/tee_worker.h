/*
 * Messages between the TEE core and the process of one TA instance (exec/ta). Big endian: type u8, then what follows; x16 a UUID in RFC 4122's
 * order, x32 u32-sized bytes.
 * `session` is core's number. Core believes nothing that comes from there but that it comes from this instance.
 *
 * parameters: types u32 | of each of four, value: a u32, b u32; memory: size u32, and where it goes in, its bytes. In an answer, of what comes out
 * alone: values, of memory the size (which may be larger than it was), then the bytes if it is not. All bytes of one direction: TEE_WORKER_DATA_MAX. An
 * answer that is not the TA's has types 0.
 */
#ifndef MT_TEE_WORKER_H
#define MT_TEE_WORKER_H

#define TEE_WORKER_DATA_MAX (64 * 1024)
#define TEE_WORKER_SESSIONS_MAX 64      /* of one instance; one more is TEE_ERROR_BUSY */
#define TEE_WORKER_TEXT_MAX 1024        /* of a reason: from the loader, never from the TA's data */
#define TEE_WORKER_LOG_MAX 1024         /* of one line of a TA's trace */

/* Of a TA, from its head: as OP-TEE's user_ta_header_defines.h has them. */
enum tee_ta_flag {
	TEE_TA_SINGLE_INSTANCE = 1 << 2,
	TEE_TA_MULTI_SESSION = 1 << 3,
	TEE_TA_KEEP_ALIVE = 1 << 4,
};

enum tee_worker_type {
	/* core -> instance, first: uuid x16 | debug u8 (1: trace goes out, a panic carries where), and the TA, verified, in sealed memory */
	TEE_WORKER_LOAD = 1,
	/* instance -> core: result u32 of TA_CreateEntryPoint, or why it could not be loaded (TEE_ERROR_BAD_FORMAT, TEE_ERROR_OUT_OF_MEMORY) | flags
	 * u32 | reason x32: empty if TA_CreateEntryPoint said it. Only with TEE_SUCCESS the instance goes on. */
	TEE_WORKER_LOADED = 2,

	/* core -> instance: session u32 | login u32 | client uuid x16 | size u64, and a window: a client outside opens */
	TEE_WORKER_OPEN = 3,
	/* instance -> core: session u32 | result u32 | origin u32; with TEE_SUCCESS two handles: the TA's bell and the client's, which core passes on and
	 * does not keep */
	TEE_WORKER_OPENED = 4,
	/* core -> instance: session u32 | login u32 (TEE_LOGIN_TRUSTED_APP) | client uuid x16 | parameters: another TA opens */
	TEE_WORKER_OPEN_TA = 5,
	/* core -> instance: session u32 | command u32 | parameters */
	TEE_WORKER_INVOKE = 6,
	/* instance -> core, to both: session u32 | result u32 | origin u32 | parameters */
	TEE_WORKER_ANSWER = 7,
	/* core -> instance: session u32; what is under way in it should be cancelled. Nothing where it is over by now. */
	TEE_WORKER_CANCEL = 8,
	/* core -> instance: session u32 | region u32 | size u64, and memory; session u32 | region u32 */
	TEE_WORKER_REGION = 9,
	TEE_WORKER_REGION_END = 10,
	/* core -> instance: session u32; no call is under way, or the client is gone. Answered by TEE_WORKER_CLOSED: session u32 */
	TEE_WORKER_CLOSE = 11,
	TEE_WORKER_CLOSED = 12,
	/* core -> instance: run TA_DestroyEntryPoint and end with 0 */
	TEE_WORKER_END = 13,

	/* instance -> core: session u32 | a system call (tee/call's wire form); one at a time, and nothing else follows but TEE_WORKER_LOG before its
	 * answer. The session is the one whose entry point runs, whose client TEE_PROPSET_CURRENT_CLIENT means; 0: none, as before TEE_WORKER_LOADED and
	 * after TEE_WORKER_END. Other messages of core may come before the answer. */
	TEE_WORKER_CALL = 14,
	/* core -> instance: the answer (the same) */
	TEE_WORKER_RETURN = 15,
	/* instance -> core: code u32 | text x32 (debug: where), the last message: the TA has panicked */
	TEE_WORKER_PANIC = 16,
	/* instance -> core, with debug: text x32, one line */
	TEE_WORKER_LOG = 17,
};

#endif
