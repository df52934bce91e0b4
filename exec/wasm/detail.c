#include "exec/wasm/detail.h"

#include <stdarg.h>
#include <stdio.h>

void engine_detail_set(struct engine_detail *detail, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	(void)vsnprintf(detail->text, sizeof(detail->text), format, list);
	va_end(list);
}
