#include "ree/supplicant/supplicant.h"

int main(void)
{
	return supplicant_run();
}
