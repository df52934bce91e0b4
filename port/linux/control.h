/*
 * Messages between the launcher and core, on core's descriptor 3. Big endian; fixed sizes, nothing
 * else is accepted.
 *
 * core -> launcher
 *   CONTROL_SPAWN    u8 | worker u32 | kind u8             core chooses the number, upwards from
 *                                                          PORT_WORKER_FIRST, never twice
 *   CONTROL_DEADLINE u8 | worker u32 | after_ms u64        SIGKILL then
 *   CONTROL_KILL     u8 | worker u32                       SIGKILL now
 *   CONTROL_END      u8 | worker u32 = 0                   end the node; answered by CONTROL_STOP
 * launcher -> core
 *   CONTROL_WORKER   u8 | worker u32, one handle           the socket to the worker
 *   CONTROL_GONE     u8 | worker u32 | exit u32 | deadline u8 | cpu_us u64 | memory_peak u64
 *                                                          also the answer to a SPAWN that cannot
 *                                                          be done; exit: status, or -signal
 *   CONTROL_USED     u8 | worker u32 | cpu_us u64          before a CONTROL_KILL is carried out: the
 *                                                          end itself takes a millisecond
 *   CONTROL_STOP     u8                                    the operator wants the node to end
 */
#ifndef MT_PORT_LINUX_CONTROL_H
#define MT_PORT_LINUX_CONTROL_H

enum control_type {
	CONTROL_SPAWN = 1,
	CONTROL_DEADLINE = 2,
	CONTROL_KILL = 3,
	CONTROL_END = 4,
	CONTROL_WORKER = 16,
	CONTROL_GONE = 17,
	CONTROL_STOP = 18,
	CONTROL_USED = 19,
};

#define CONTROL_SIZE_MAX 32
/*
 * Workers at one time, waiting ones included. Each is a process; the run workers reserve address
 * space, not memory.
 */
#define CONTROL_WORKERS_MAX 64

#endif
