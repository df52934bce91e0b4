#include "exec/wasm/wasm.h"

int main(void)
{
	return run_worker();
}
