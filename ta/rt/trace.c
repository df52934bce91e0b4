/* Lines for whoever debugs the TA, and what of stdio.h writes such lines. */
#include <trace.h>

#include <stdarg.h>
#include <stdio.h>

#include "ta/rt/rt.h"

/* Not on the stack, which may be small. One thread. */
static char line_place[TRACE_PRINTF_SIZE];

static void line_send(int size)
{
	size_t all = size < 0 ? 0 : (size_t)size;

	all = all < sizeof(line_place) ? all : sizeof(line_place) - 1;
	(void)RT_CALL(TA_CALL_LOG, rt_at(line_place), all);
}

void trace_printf(const char *function, int line, int level, bool level_ok, const char *format, ...)
{
	static const char letter[] = "?EIDF";
	int size = 0;
	va_list arguments;

	if (function) {
		char is = level_ok && level > 0 && level <= TRACE_MAX ? letter[level] : ' ';
		size = snprintf(line_place, sizeof(line_place), "%c/TA: %s:%d ", is, function, line);
	}
	size = size < TRACE_PRINTF_SIZE ? size : TRACE_PRINTF_SIZE - 1;
	va_start(arguments, format);
	size += vsnprintf(line_place + size, sizeof(line_place) - (size_t)size, format, arguments);
	va_end(arguments);
	line_send(size);
}

void dhex_dump(const char *function, int line, int level, const void *buffer, int size)
{
	const uint8_t *at = buffer;

	(void)function;
	(void)line;
	(void)level;
	for (int from = 0; from < size; from += 16) {
		int made = snprintf(line_place, sizeof(line_place), "%04x:", (unsigned)from);
		for (int i = from; i < size && i < from + 16; i++) {
			made += snprintf(line_place + made, sizeof(line_place) - (size_t)made, " %02x", at[i]);
		}
		line_send(made);
	}
}

int vprintf(const char *format, va_list arguments)
{
	int size = vsnprintf(line_place, sizeof(line_place), format, arguments);

	line_send(size);
	return size;
}

int printf(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int size = vprintf(format, arguments);
	va_end(arguments);
	return size;
}

int puts(const char *text)
{
	return printf("%s\n", text);
}

int putchar(int c)
{
	(void)printf("%c", c);
	return c;
}
