#include "exec/wasm/wasm.h"

int main(void)
{
	return compile_worker();
}
