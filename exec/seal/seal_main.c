#include "exec/seal/seal.h"

int main(void)
{
	return seal_worker();
}
