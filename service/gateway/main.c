/* Image `gateway`. */
#include "service/gateway/gateway.h"

int main(void)
{
	return gateway_run();
}
