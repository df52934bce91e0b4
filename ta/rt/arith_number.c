/* TEE_BigInt in its memory: initialisation, conversion, comparison, bits (8.5 to 8.7). */
#include "ta/rt/arith.h"

#define TAG (UINT32_C(0xB16A) << 16)
#define TAG_MASK (UINT32_C(0xFFFF) << 16)
#define SIGN (UINT32_C(1) << 31)
#define HEADER 2 /* TEE_BigIntSizeInU32 has the same 2 */

size_t arith_room(const TEE_BigInt *memory)
{
	if (!memory || (memory[1] & TAG_MASK) != TAG || (memory[1] & ~TAG_MASK) > ARITH_NUMBER_MAX) {
		arith_panic(TEE_ERROR_BAD_FORMAT);
	}
	return memory[1] & ~TAG_MASK;
}

struct arith_number arith_read(const TEE_BigInt *memory)
{
	size_t room = arith_room(memory);
	struct arith_number number = { memory + HEADER, memory[0] & ~SIGN, (memory[0] & SIGN) != 0 };

	if (number.count > room || (number.count == 0 ? number.negative : number.at[number.count - 1] == 0)) {
		arith_panic(TEE_ERROR_BAD_FORMAT);
	}
	return number;
}

/* As arith_write(), but says whether it fits. */
static bool write_if_it_fits(TEE_BigInt *dest, const uint32_t *at, size_t count, bool negative)
{
	size_t room = arith_room(dest);

	count = arith_trim(at, count);
	if (count > room) {
		return false;
	}
	arith_copy(dest + HEADER, at, count);
	arith_zero(dest + HEADER + count, room - count);
	dest[0] = (uint32_t)count | (negative && count > 0 ? SIGN : 0);
	return true;
}

void arith_write(TEE_BigInt *dest, const uint32_t *at, size_t count, bool negative)
{
	if (!write_if_it_fits(dest, at, count, negative)) {
		arith_panic(TEE_ERROR_OVERFLOW);
	}
}

void TEE_BigIntInit(TEE_BigInt *bigInt, size_t len)
{
	if (!bigInt || len < HEADER || len > HEADER + ARITH_NUMBER_MAX) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	arith_zero(bigInt, len);
	bigInt[1] = TAG | (uint32_t)(len - HEADER);
}

TEE_Result TEE_BigIntConvertFromOctetString(TEE_BigInt *dest, const uint8_t *buffer, size_t bufferLen, int32_t sign)
{
	size_t room = arith_room(dest);

	if (!buffer && bufferLen > 0) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	while (bufferLen > 0 && *buffer == 0) {
		buffer++;
		bufferLen--;
	}
	if (bufferLen > room * 4) {
		return TEE_ERROR_OVERFLOW;
	}
	arith_zero(dest + HEADER, room);
	for (size_t i = 0; i < bufferLen; i++) {
		dest[HEADER + i / 4] |= (uint32_t)buffer[bufferLen - 1 - i] << i % 4 * 8;
	}
	dest[0] = (uint32_t)((bufferLen + 3) / 4) | (sign < 0 && bufferLen > 0 ? SIGN : 0);
	return TEE_SUCCESS;
}

TEE_Result TEE_BigIntConvertToOctetString(uint8_t *buffer, size_t *bufferLen, const TEE_BigInt *bigInt)
{
	struct arith_number number = arith_read(bigInt);
	size_t size = (arith_bits(number.at, number.count) + 7) / 8;

	if (!bufferLen) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	if (*bufferLen < size) {
		*bufferLen = size;
		return TEE_ERROR_SHORT_BUFFER;
	}
	*bufferLen = size;
	if (!buffer && size > 0) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	for (size_t i = 0; i < size; i++) {
		buffer[size - 1 - i] = (uint8_t)(number.at[i / 4] >> i % 4 * 8);
	}
	return TEE_SUCCESS;
}

/* |value|, -2^31 included. */
static uint32_t magnitude(int32_t value)
{
	return value < 0 ? UINT32_C(0) - (uint32_t)value : (uint32_t)value;
}

void TEE_BigIntConvertFromS32(TEE_BigInt *dest, int32_t shortVal)
{
	uint32_t word = magnitude(shortVal);

	if (arith_room(dest) < 1) {
		arith_panic(TEE_ERROR_OVERFLOW);
	}
	arith_write(dest, &word, 1, shortVal < 0);
}

TEE_Result TEE_BigIntConvertToS32(int32_t *dest, const TEE_BigInt *src)
{
	struct arith_number number = arith_read(src);
	uint32_t word = number.count > 0 ? number.at[0] : 0;

	if (!dest) {
		arith_panic(TEE_ERROR_BAD_PARAMETERS);
	}
	if (number.count > 1 || word > (uint32_t)INT32_MAX + number.negative) {
		return TEE_ERROR_OVERFLOW;
	}
	*dest = number.negative ? (int32_t)(-(int64_t)word) : (int32_t)word;
	return TEE_SUCCESS;
}

static int32_t compare(struct arith_number a, struct arith_number b)
{
	if (a.negative != b.negative) {
		return a.negative ? -1 : 1;
	}
	int order = arith_compare(a.at, a.count, b.at, b.count);

	return a.negative ? -order : order;
}

int32_t TEE_BigIntCmp(const TEE_BigInt *op1, const TEE_BigInt *op2)
{
	return compare(arith_read(op1), arith_read(op2));
}

int32_t TEE_BigIntCmpS32(const TEE_BigInt *op, int32_t shortVal)
{
	uint32_t word = magnitude(shortVal);

	return compare(arith_read(op), (struct arith_number){ &word, arith_trim(&word, 1), shortVal < 0 });
}

void TEE_BigIntShiftRight(TEE_BigInt *dest, const TEE_BigInt *op, size_t bits)
{
	struct arith_number number = arith_read(op);

	arith_begin();
	uint32_t *shifted = arith_take(number.count);

	arith_shift_right(shifted, number.at, number.count, bits);
	arith_write(dest, shifted, number.count, number.negative);
	arith_end();
}

bool TEE_BigIntGetBit(const TEE_BigInt *src, uint32_t bitIndex)
{
	struct arith_number number = arith_read(src);

	return bitIndex / 32 < number.count && (number.at[bitIndex / 32] >> bitIndex % 32 & 1);
}

uint32_t TEE_BigIntGetBitCount(const TEE_BigInt *src)
{
	struct arith_number number = arith_read(src);

	return (uint32_t)arith_bits(number.at, number.count);
}

TEE_Result TEE_BigIntSetBit(TEE_BigInt *op, uint32_t bitIndex, bool value)
{
	struct arith_number number = arith_read(op);
	size_t room = arith_room(op);

	if (bitIndex / 32 >= room) {
		return TEE_ERROR_OVERFLOW;
	}
	uint32_t *word = op + HEADER + bitIndex / 32, bit = UINT32_C(1) << bitIndex % 32;

	*word = value ? *word | bit : *word & ~bit;
	arith_write(op, op + HEADER, room, number.negative);
	return TEE_SUCCESS;
}

TEE_Result TEE_BigIntAssign(TEE_BigInt *dest, const TEE_BigInt *src)
{
	struct arith_number number = arith_read(src);

	return write_if_it_fits(dest, number.at, number.count, number.negative) ? TEE_SUCCESS : TEE_ERROR_OVERFLOW;
}

TEE_Result TEE_BigIntAbs(TEE_BigInt *dest, const TEE_BigInt *src)
{
	struct arith_number number = arith_read(src);

	return write_if_it_fits(dest, number.at, number.count, false) ? TEE_SUCCESS : TEE_ERROR_OVERFLOW;
}
