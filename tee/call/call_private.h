/* Private to tee/call: what the arguments of each call are. */
#ifndef MT_CALL_PRIVATE_H
#define MT_CALL_PRIVATE_H

#include "tee/call/call.h"

/*
 * A call's arguments, a letter each (shape.c says of each what it takes):
 *   v value            i bytes in             o bytes out, &u64        b bytes out, size
 *   O bytes out, &u32 or 0                    W &u32 or 0
 *   r bytes out, size, &u64 count             a attributes in          w &u32                u uuid in
 *   x params in, out   t time in              T time out               f object info out
 * and what is no argument, but travels to core or back:   k a key there   K a key back
 * NULL: no such call.
 */
const char *call_shape(uint32_t number);
bool call_shape_is(uint32_t number, char letter);
/* TEE_PARAM_TYPE_...; unknown ones are as they came. */
unsigned call_param_type(const struct ta_params *params, size_t index);

#endif
