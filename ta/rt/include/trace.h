/* Lines for whoever debugs a trusted application (TA), with OP-TEE's names. They leave the TA only where its TEE runs it for debugging. */
#ifndef TRACE_H
#define TRACE_H

#include <compiler.h>
#include <stdbool.h>
#include <stddef.h>

#define TRACE_MIN       1
#define TRACE_ERROR     TRACE_MIN
#define TRACE_INFO      2
#define TRACE_DEBUG     3
#define TRACE_FLOW      4
#define TRACE_MAX       TRACE_FLOW

/* What is above is compiled out. */
#ifndef TRACE_LEVEL
#ifdef CFG_TEE_TA_LOG_LEVEL
#define TRACE_LEVEL CFG_TEE_TA_LOG_LEVEL
#else
#define TRACE_LEVEL TRACE_ERROR
#endif
#endif

#define TRACE_PRINTF_SIZE 256   /* of one line, with its NUL; more is cut */

/* Format as printf's. function NULL: without function, line and level. */
void trace_printf(const char *function, int line, int level, bool level_ok, const char *format, ...) __attribute__((format(__printf__, 5, 6)));
/* Hexadecimal lines of 16 bytes. */
void dhex_dump(const char *function, int line, int level, const void *buffer, int size);

#define trace_printf_helper(level, level_ok, ...) trace_printf(__func__, __LINE__, (level), (level_ok), __VA_ARGS__)
#define trace_printf_helper_raw(level, level_ok, ...) trace_printf(NULL, 0, (level), (level_ok), __VA_ARGS__)
/* Compiled, so that its arguments count as used, and never run. */
#define trace_none(...) \
	do { \
		if (0) { \
			trace_printf(NULL, 0, 0, false, __VA_ARGS__); \
		} \
	} while (0)

#define MSG(...) trace_printf_helper(0, false, __VA_ARGS__)
#define MSG_RAW(...) trace_printf_helper_raw(0, false, __VA_ARGS__)

#if TRACE_LEVEL >= TRACE_ERROR
#define EMSG(...) trace_printf_helper(TRACE_ERROR, true, __VA_ARGS__)
#define EMSG_RAW(...) trace_printf_helper_raw(TRACE_ERROR, true, __VA_ARGS__)
#else
#define EMSG(...) trace_none(__VA_ARGS__)
#define EMSG_RAW(...) trace_none(__VA_ARGS__)
#endif
#if TRACE_LEVEL >= TRACE_INFO
#define IMSG(...) trace_printf_helper(TRACE_INFO, true, __VA_ARGS__)
#define IMSG_RAW(...) trace_printf_helper_raw(TRACE_INFO, true, __VA_ARGS__)
#else
#define IMSG(...) trace_none(__VA_ARGS__)
#define IMSG_RAW(...) trace_none(__VA_ARGS__)
#endif
#if TRACE_LEVEL >= TRACE_DEBUG
#define DMSG(...) trace_printf_helper(TRACE_DEBUG, true, __VA_ARGS__)
#define DMSG_RAW(...) trace_printf_helper_raw(TRACE_DEBUG, true, __VA_ARGS__)
#define DHEXDUMP(buffer, size) dhex_dump(__func__, __LINE__, TRACE_DEBUG, (buffer), (int)(size))
#else
#define DMSG(...) trace_none(__VA_ARGS__)
#define DMSG_RAW(...) trace_none(__VA_ARGS__)
#define DHEXDUMP(buffer, size) ((void)(buffer), (void)(size))
#endif
#if TRACE_LEVEL >= TRACE_FLOW
#define FMSG(...) trace_printf_helper(TRACE_FLOW, true, __VA_ARGS__)
#define FMSG_RAW(...) trace_printf_helper_raw(TRACE_FLOW, true, __VA_ARGS__)
#else
#define FMSG(...) trace_none(__VA_ARGS__)
#define FMSG_RAW(...) trace_none(__VA_ARGS__)
#endif
#define SMSG(...) trace_none(__VA_ARGS__)

#endif
