/* Image `python`: its files lie where the launcher puts libraries, measured (port/linux/images.c). */
#include "exec/python/python.h"

int main(void)
{
	return python_worker("/lib64");
}
