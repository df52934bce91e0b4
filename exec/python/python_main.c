/* Image `python`: its files lie where the launcher puts libraries, measured (port/linux/images.c). */
#include <string.h>

#include "exec/python/python.h"
#include "port/linux/linux.h"

/* The launcher starts zygotes. Who tries a function at home says where the files are (party/cli/try.c). */
int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : ZYGOTE_BARE;
	bool packages = strcmp(word, ZYGOTE_PACKAGES) == 0;

	if (packages || strcmp(word, ZYGOTE_BARE) == 0) {
		return python_zygote("/lib64", packages);
	}
	return python_worker(word);
}
