/*
 * echo: an input as it is, to see that everything else works.
 *
 *	in=NAME (in)    input
 *	out=NAME (out)  output: the same bytes
 */
#include "exec/builtin/guest.h"

int main(int argc, char **argv)
{
	static const char *const known[] = { "in", "out", NULL };

	guest_arguments(argc, argv, known);
	struct text in = guest_input(guest_argument("in", "in"));
	FILE *out = guest_output(guest_argument("out", "out"));
	fwrite(in.at, 1, in.size, out);
	guest_close(out);
	return 0;
}
