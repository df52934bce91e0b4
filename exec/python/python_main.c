/* Image `python`: its files lie where the launcher puts libraries, measured (port/linux/images.c). */
#include "exec/python/python.h"

/* In a node the launcher gives no words. Who tries a function at home says where the files are (party/cli/try.c). */
int main(int argc, char **argv)
{
	return python_worker(argc > 1 ? argv[1] : "/lib64");
}
