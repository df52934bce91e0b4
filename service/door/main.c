/* Image `door`. */
#include <stdio.h>

#include "service/door/door.h"

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "door: the launcher starts this\n");
		return 2;
	}
	return door_run(argv[1]);
}
