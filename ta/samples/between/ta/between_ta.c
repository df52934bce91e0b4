/* An application that has another one (hello's) do the work: values and memory of its own, and of its client's, go on to there. */
#include <tee_internal_api.h>

#include <between_ta.h>
#include <hello_ta.h>

#define NOTHING TEE_PARAM_TYPE_NONE
#define ROUNDS_MAX 100000
#define TEXT_MAX 256

static const TEE_UUID hello = TA_HELLO_UUID;
static const char words[] = " (between)";

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

/* Each session here has one there, which is its context. */
TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[4], void **session)
{
	TEE_TASessionHandle other = TEE_HANDLE_NULL;

	(void)params;
	if (types != TEE_PARAM_TYPES(NOTHING, NOTHING, NOTHING, NOTHING)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	TEE_Result result = TEE_OpenTASession(&hello, TEE_TIMEOUT_INFINITE, TEE_PARAM_TYPES(NOTHING, NOTHING, NOTHING, NOTHING), NULL, &other, NULL);

	*session = other;
	return result;
}

void TA_CloseSessionEntryPoint(void *session)
{
	TEE_CloseTASession(session);
}

static TEE_Result count(TEE_TASessionHandle other, TEE_Param params[4])
{
	const uint32_t types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, NOTHING, NOTHING, NOTHING);
	TEE_Param theirs[4] = { 0 };
	TEE_Result result = TEE_SUCCESS;
	uint32_t rounds = params[0].value.b;

	if (rounds > ROUNDS_MAX) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	theirs[0].value.a = params[0].value.a;
	for (uint32_t i = 0; i < rounds && result == TEE_SUCCESS; i++) {
		result = TEE_InvokeTACommand(other, TEE_TIMEOUT_INFINITE, TA_HELLO_INCREMENT, types, theirs, NULL);
	}
	params[0].value.a = theirs[0].value.a;
	return result;
}

/* The name is passed on as it lies in the client's memory; the greeting comes into this application's. */
static TEE_Result greet(TEE_TASessionHandle other, TEE_Param params[4])
{
	const uint32_t types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, NOTHING, NOTHING);
	char text[TEXT_MAX + sizeof(words)];
	TEE_Param theirs[4] = { 0 };
	size_t capacity = params[1].memref.size;

	theirs[0].memref.buffer = params[0].memref.buffer;
	theirs[0].memref.size = params[0].memref.size;
	theirs[1].memref.buffer = text;
	theirs[1].memref.size = TEXT_MAX;
	TEE_Result result = TEE_InvokeTACommand(other, TEE_TIMEOUT_INFINITE, TA_HELLO_GREET, types, theirs, NULL);

	if (result != TEE_SUCCESS) {
		return result == TEE_ERROR_SHORT_BUFFER ? TEE_ERROR_EXCESS_DATA : result;
	}
	/* What the other says is foreign too. */
	size_t size = theirs[1].memref.size;

	if (size > TEXT_MAX) {
		return TEE_ERROR_BAD_FORMAT;
	}
	TEE_MemMove(text + size, words, sizeof(words) - 1);
	size += sizeof(words) - 1;
	params[1].memref.size = size;
	if (size > capacity) {
		return TEE_ERROR_SHORT_BUFFER;
	}
	TEE_MemMove(params[1].memref.buffer, text, size);
	return TEE_SUCCESS;
}

static TEE_Result nobody(TEE_Param *out)
{
	static const TEE_UUID missing = { 1, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 11 } };
	TEE_TASessionHandle other = TEE_HANDLE_NULL;

	out->value.a = TEE_OpenTASession(&missing, TEE_TIMEOUT_INFINITE, TEE_PARAM_TYPES(NOTHING, NOTHING, NOTHING, NOTHING), NULL, &other, &out->value.b);
	return other == TEE_HANDLE_NULL ? TEE_SUCCESS : TEE_ERROR_BAD_STATE;
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command, uint32_t types, TEE_Param params[4])
{
	static const uint32_t wanted[] = {
		[TA_BETWEEN_COUNT] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, NOTHING, NOTHING, NOTHING),
		[TA_BETWEEN_GREET] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, NOTHING, NOTHING),
		[TA_BETWEEN_NOBODY] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_OUTPUT, NOTHING, NOTHING, NOTHING),
	};

	if (command >= sizeof(wanted) / sizeof(wanted[0])) {
		return TEE_ERROR_NOT_SUPPORTED;
	}
	if (types != wanted[command]) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	return command == TA_BETWEEN_COUNT ? count(session, params) : command == TA_BETWEEN_GREET ? greet(session, params) : nobody(&params[0]);
}
