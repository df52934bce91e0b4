/* Big integers of cases, in memory that is theirs. */
#include "test/gp/numbers.h"

uint32_t number_place[NUMBER_PLACES][NUMBER_WORDS + 1];

TEE_BigInt *number_room(gp_size index, gp_size words)
{
	TEE_BigIntInit(number_place[index], words + 2);
	return number_place[index];
}

TEE_BigInt *number_of(gp_size index, int32_t value)
{
	TEE_BigInt *at = number_room(index, 8);

	TEE_BigIntConvertFromS32(at, value);
	return at;
}

/* 2^bits. */
TEE_BigInt *number_power(gp_size index, uint32_t bits)
{
	TEE_BigInt *at = number_room(index, bits / 32 + 1);

	GP(TEE_BigIntSetBit(at, bits, true) == TEE_SUCCESS);
	return at;
}

bool number_is(const TEE_BigInt *at, int32_t value)
{
	return TEE_BigIntCmpS32(at, value) == 0;
}

/* Memory that was never made a number, and one without room for anything. */
TEE_BigInt *number_raw(void)
{
	TEE_MemFill(number_place[NUMBER_PLACES - 1], 0xff, sizeof(number_place[0]));
	return number_place[NUMBER_PLACES - 1];
}

TEE_BigInt *number_tiny(void)
{
	return number_room(NUMBER_PLACES - 2, 0);
}
