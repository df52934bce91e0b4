/* Image `builtin`. */
#include "exec/native/native.h"

int main(void)
{
	return native_worker();
}
