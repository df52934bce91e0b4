/* AES with keys of this program's, in two sessions at once; NIST SP 800-38A says what must come out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tee_client_api.h>

#include <aes_ta.h>

#define SIZE 64

/* SP 800-38A, appendix F: the key of 128 bits and the text of all its examples. */
static const unsigned char key[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
static const unsigned char plain[SIZE] = {
	0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a, 0xae, 0x2d, 0x8a, 0x57, 0x1e, 0x03,
	0xac, 0x9c, 0x9e, 0xb7, 0x6f, 0xac, 0x45, 0xaf, 0x8e, 0x51, 0x30, 0xc8, 0x1c, 0x46, 0xa3, 0x5c, 0xe4, 0x11, 0xe5, 0xfb, 0xc1, 0x19,
	0x1a, 0x0a, 0x52, 0xef, 0xf6, 0x9f, 0x24, 0x45, 0xdf, 0x4f, 0x9b, 0x17, 0xad, 0x2b, 0x41, 0x7b, 0xe6, 0x6c, 0x37, 0x10,
};
/* F.5.1 and F.2.1 */
static const unsigned char counter[16] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff };
static const unsigned char vector[16] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
static const unsigned char ctr[SIZE] = {
	0x87, 0x4d, 0x61, 0x91, 0xb6, 0x20, 0xe3, 0x26, 0x1b, 0xef, 0x68, 0x64, 0x99, 0x0d, 0xb6, 0xce, 0x98, 0x06, 0xf6, 0x6b, 0x79, 0x70,
	0xfd, 0xff, 0x86, 0x17, 0x18, 0x7b, 0xb9, 0xff, 0xfd, 0xff, 0x5a, 0xe4, 0xdf, 0x3e, 0xdb, 0xd5, 0xd3, 0x5e, 0x5b, 0x4f, 0x09, 0x02,
	0x0d, 0xb0, 0x3e, 0xab, 0x1e, 0x03, 0x1d, 0xda, 0x2f, 0xbe, 0x03, 0xd1, 0x79, 0x21, 0x70, 0xa0, 0xf3, 0x00, 0x9c, 0xee,
};
static const unsigned char cbc[SIZE] = {
	0x76, 0x49, 0xab, 0xac, 0x81, 0x19, 0xb2, 0x46, 0xce, 0xe9, 0x8e, 0x9b, 0x12, 0xe9, 0x19, 0x7d, 0x50, 0x86, 0xcb, 0x9b, 0x50, 0x72,
	0x19, 0xee, 0x95, 0xdb, 0x11, 0x3a, 0x91, 0x76, 0x78, 0xb2, 0x73, 0xbe, 0xd6, 0xb8, 0xe3, 0xc1, 0x74, 0x3b, 0x71, 0x16, 0xe6, 0x9e,
	0x22, 0x22, 0x95, 0x16, 0x3f, 0xf1, 0xca, 0xa1, 0x68, 0x1f, 0xac, 0x09, 0x12, 0x0e, 0xca, 0x30, 0x75, 0x86, 0xe1, 0xa7,
};

static void check(TEEC_Result result, TEEC_Result want, const char *what)
{
	if (result != want) {
		fprintf(stderr, "%s: %08x, not %08x\n", what, result, want);
		exit(1);
	}
}

static void set_key(TEEC_Session *session, uint32_t mode, uint32_t way)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_MEMREF_TEMP_INPUT, TEEC_NONE, TEEC_NONE) };

	operation.params[0].value.a = mode;
	operation.params[0].value.b = way;
	operation.params[1].tmpref.buffer = (void *)key;
	operation.params[1].tmpref.size = sizeof(key);
	check(TEEC_InvokeCommand(session, TA_AES_SET_KEY, &operation, NULL), TEEC_SUCCESS, "set key");
}

static TEEC_Result begin(TEEC_Session *session, const unsigned char iv[16])
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE) };

	operation.params[0].tmpref.buffer = (void *)iv;
	operation.params[0].tmpref.size = 16;
	return TEEC_InvokeCommand(session, TA_AES_BEGIN, &operation, NULL);
}

static void update(TEEC_Session *session, const unsigned char *in, unsigned char *out, size_t size)
{
	TEEC_Operation operation = { .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE) };

	operation.params[0].tmpref.buffer = (void *)in;
	operation.params[0].tmpref.size = size;
	operation.params[1].tmpref.buffer = out;
	operation.params[1].tmpref.size = size;
	check(TEEC_InvokeCommand(session, TA_AES_UPDATE, &operation, NULL), TEEC_SUCCESS, "update");
}

static void same(const char *what, const unsigned char *got, const unsigned char *want)
{
	printf("%s:", what);
	for (size_t i = 0; i < SIZE; i++) {
		printf("%s%02x", i % 16 ? "" : "\n  ", got[i]);
	}
	printf("\n");
	if (memcmp(got, want, SIZE) != 0) {
		fprintf(stderr, "%s: that is wrong\n", what);
		exit(1);
	}
}

int main(void)
{
	const TEEC_UUID uuid = TA_AES_UUID;
	TEEC_Context context;
	TEEC_Session one, two;
	unsigned char a[SIZE], b[SIZE];

	check(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS, "TEEC_InitializeContext");
	check(TEEC_OpenSession(&context, &one, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL), TEEC_SUCCESS, "the first session");
	check(TEEC_OpenSession(&context, &two, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL), TEEC_SUCCESS, "the second session");
	set_key(&one, TA_AES_CTR, TA_AES_ENCRYPT);
	check(begin(&two, vector), TEEC_ERROR_BAD_STATE, "the second session has no key");
	set_key(&two, TA_AES_CBC, TA_AES_ENCRYPT);
	check(begin(&one, counter), TEEC_SUCCESS, "begin");
	check(begin(&two, vector), TEEC_SUCCESS, "begin");

	/* In pieces, in turns: the sessions do not disturb each other. */
	update(&one, plain, a, 16);
	update(&two, plain, b, 32);
	update(&one, plain + 16, a + 16, SIZE - 16);
	update(&two, plain + 32, b + 32, SIZE - 32);
	same("AES-128 CTR", a, ctr);
	same("AES-128 CBC", b, cbc);

	set_key(&one, TA_AES_CTR, TA_AES_DECRYPT);
	set_key(&two, TA_AES_CBC, TA_AES_DECRYPT);
	check(begin(&one, counter), TEEC_SUCCESS, "begin");
	check(begin(&two, vector), TEEC_SUCCESS, "begin");
	update(&one, ctr, a, SIZE);
	update(&two, cbc, b, SIZE);
	same("and back", a, plain);
	same("and back", b, plain);
	TEEC_CloseSession(&two);
	TEEC_CloseSession(&one);
	TEEC_FinalizeContext(&context);
	return 0;
}
