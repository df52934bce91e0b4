/* Big integers of cases, in memory that is theirs. */
#ifndef GP_NUMBERS_H
#define GP_NUMBERS_H

#include "test/gp/gp.h"

#define NUMBER_BITS_MAX 4096            /* gpd.tee.arith.maxBigIntSize */
#define NUMBER_PLACES 8
#define NUMBER_WORDS (2 * NUMBER_BITS_MAX / 32 + 2)

/* Memory of the numbers of one case; the index says which. */
extern uint32_t number_place[NUMBER_PLACES][NUMBER_WORDS + 1];

TEE_BigInt *number_room(gp_size index, gp_size words);    /* 0 */
TEE_BigInt *number_of(gp_size index, int32_t value);
TEE_BigInt *number_power(gp_size index, uint32_t bits);  /* 2^bits */
bool number_is(const TEE_BigInt *at, int32_t value);
/* Memory that was never made a number (the last place); one without room for anything (the one before). */
TEE_BigInt *number_raw(void);
TEE_BigInt *number_tiny(void);

#endif
