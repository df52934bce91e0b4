/* RSA with a key pair that only the application has: `acipher [BITS [TEXT]]` prints modulus and ciphertext, and gets the text back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tee_client_api.h>

#include <acipher_ta.h>

#define BYTES_MAX 512

static void check(TEEC_Result result, TEEC_Result want, const char *what)
{
	if (result != want) {
		fprintf(stderr, "%s: %08x, not %08x\n", what, result, want);
		exit(1);
	}
}

static void need(int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "%s\n", what);
		exit(1);
	}
}

static void show(const char *what, const unsigned char *bytes, size_t size)
{
	printf("%s (%zu bytes): ", what, size);
	for (size_t i = 0; i < size; i++) {
		printf("%02x", bytes[i]);
	}
	printf("\n");
}

/* A command from bytes to bytes, or with a second output instead of the input. */
static TEEC_Result pass(TEEC_Session *session, uint32_t command, uint32_t first, void *a, size_t *a_size, void *b, size_t *b_size)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(first, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };

	operation.params[0].tmpref.buffer = a;
	operation.params[0].tmpref.size = *a_size;
	operation.params[1].tmpref.buffer = b;
	operation.params[1].tmpref.size = *b_size;
	TEEC_Result result = TEEC_InvokeCommand(session, command, &operation, NULL);

	*a_size = operation.params[0].tmpref.size;
	*b_size = operation.params[1].tmpref.size;
	return result;
}

static TEEC_Result generate(TEEC_Session *session, uint32_t bits)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };

	operation.params[0].value.a = bits;
	return TEEC_InvokeCommand(session, TA_ACIPHER_GENERATE, &operation, NULL);
}

int main(int argc, char **argv)
{
	const TEEC_UUID uuid = TA_ACIPHER_UUID;
	uint32_t bits = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 2048;
	const char *text = argc > 2 ? argv[2] : "meet me at noon";
	unsigned char modulus[BYTES_MAX], exponent[BYTES_MAX], cipher[BYTES_MAX], again[BYTES_MAX];
	size_t modulus_size = BYTES_MAX, exponent_size = BYTES_MAX, text_size = strlen(text), cipher_size = BYTES_MAX, again_size = BYTES_MAX;
	TEEC_Context context;
	TEEC_Session session;

	check(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS, "TEEC_InitializeContext");
	check(TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL), TEEC_SUCCESS, "TEEC_OpenSession");
	check(pass(&session, TA_ACIPHER_PUBLIC, TEEC_MEMREF_TEMP_OUTPUT, modulus, &modulus_size, exponent, &exponent_size), TEEC_ERROR_BAD_STATE,
	      "there is no key");
	check(generate(&session, bits), TEEC_SUCCESS, "generate");
	modulus_size = exponent_size = BYTES_MAX;
	check(pass(&session, TA_ACIPHER_PUBLIC, TEEC_MEMREF_TEMP_OUTPUT, modulus, &modulus_size, exponent, &exponent_size), TEEC_SUCCESS, "public");
	show("modulus", modulus, modulus_size);
	show("exponent", exponent, exponent_size);
	need(modulus_size == bits / 8 && modulus[0] >= 128 && modulus[modulus_size - 1] % 2, "that is no modulus");

	check(pass(&session, TA_ACIPHER_ENCRYPT, TEEC_MEMREF_TEMP_INPUT, (void *)text, &text_size, cipher, &cipher_size), TEEC_SUCCESS, "encrypt");
	show("ciphertext", cipher, cipher_size);
	need(cipher_size == modulus_size, "the ciphertext has another size than the modulus");
	check(pass(&session, TA_ACIPHER_DECRYPT, TEEC_MEMREF_TEMP_INPUT, cipher, &cipher_size, again, &again_size), TEEC_SUCCESS, "decrypt");
	printf("text: %.*s\n", (int)again_size, again);
	need(again_size == strlen(text) && memcmp(again, text, again_size) == 0, "that is another text");

	cipher[cipher_size - 1] ^= 1;
	again_size = BYTES_MAX;
	check(pass(&session, TA_ACIPHER_DECRYPT, TEEC_MEMREF_TEMP_INPUT, cipher, &cipher_size, again, &again_size), TEEC_ERROR_BAD_PARAMETERS,
	      "a changed ciphertext");
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}
