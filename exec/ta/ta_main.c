#include "exec/ta/ta.h"

int main(void)
{
	ta_worker();
}
