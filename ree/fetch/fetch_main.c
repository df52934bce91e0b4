#include "ree/fetch/fetch.h"

int main(int argc, char **argv)
{
	return fetch_run(argc == 2 ? argv[1] : "");
}
