/* The one table between our errors and the GP API's, and which calls need no one else. */
#include "tee/call/call_private.h"

#include "api/tee_api_defines.h"

bool call_is_local(enum ta_call number)
{
	return (number >= TA_CALL_STATE_ALLOC && number <= TA_CALL_ASYMMETRIC_VERIFY) || number == TA_CALL_GENERATE_KEY;
}

bool call_is_core(enum ta_call number)
{
	return !call_is_local(number) || number == TA_CALL_OBJECT_INFO || number == TA_CALL_OBJECT_RESTRICT || number == TA_CALL_OBJECT_CLOSE;
}

static bool is_storage(enum ta_call number)
{
	return number >= TA_CALL_STORAGE_OPEN && number <= TA_CALL_STORAGE_SEEK;
}

static uint32_t not_found(enum ta_call number)
{
	bool algorithm = call_is_local(number) && number != TA_CALL_OBJECT_ATTRIBUTE;

	return algorithm ? TEE_ERROR_NOT_SUPPORTED : TEE_ERROR_ITEM_NOT_FOUND;
}

/* Outputs come first: a call that has one means by MT_LIMIT that it is too short. */
static uint32_t limit(enum ta_call number)
{
	if (call_shape_is(number, 'o') || call_shape_is(number, 'O')) {
		return TEE_ERROR_SHORT_BUFFER;
	}
	if (number == TA_CALL_STORAGE_SEEK || number == TA_CALL_STORAGE_WRITE || number == TA_CALL_STORAGE_TRUNCATE) {
		return TEE_ERROR_OVERFLOW;
	}
	bool room = is_storage(number) && number != TA_CALL_STORAGE_OPEN && number != TA_CALL_WALK_ALLOC;
	return room ? TEE_ERROR_STORAGE_NO_SPACE : TEE_ERROR_OUT_OF_MEMORY;     /* of handles there is none */
}

static uint32_t tampered(enum ta_call number)
{
	switch (number) {
	case TA_CALL_AUTHENTICATED_OPEN:
		return TEE_ERROR_MAC_INVALID;
	case TA_CALL_ASYMMETRIC_OPERATE:
		return TEE_ERROR_CIPHERTEXT_INVALID;
	case TA_CALL_ASYMMETRIC_VERIFY:
		return TEE_ERROR_SIGNATURE_INVALID;
	default:
		return is_storage(number) ? TEE_ERROR_CORRUPT_OBJECT : TEE_ERROR_SECURITY;
	}
}

uint32_t call_result(enum ta_call number, enum mt_err err)
{
	switch (err) {
	case MT_OK:
		return TEE_SUCCESS;
	case MT_MALFORMED:
		return TEE_ERROR_BAD_PARAMETERS;
	case MT_DENIED:
		return TEE_ERROR_ACCESS_DENIED;
	case MT_NOT_FOUND:
		return not_found(number);
	case MT_STATE:
		return is_storage(number) ? TEE_ERROR_ACCESS_CONFLICT : TEE_ERROR_BAD_STATE;
	case MT_LIMIT:
		return limit(number);
	case MT_NO_MEMORY:
		return TEE_ERROR_OUT_OF_MEMORY;
	case MT_IO:
		return is_storage(number) ? TEE_ERROR_STORAGE_NOT_AVAILABLE : TEE_ERROR_COMMUNICATION;
	case MT_TAMPERED:
		return tampered(number);
	default:
		return TEE_ERROR_GENERIC;
	}
}
