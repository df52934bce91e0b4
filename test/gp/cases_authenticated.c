/* 6.6: authenticated encryption. */
#include "test/gp/cases.h"

static const uint8_t nonce[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };
static const char text[] = "twelve bytes of text";
#define TEXT 20
#define CCM TEE_ALG_AES_CCM
#define GCM TEE_ALG_AES_GCM

static TEE_OperationHandle fresh(uint32_t algorithm, uint32_t mode)
{
	return gp_operation(algorithm, mode, 128, gp_aes());
}

/* With three bytes of additional data, TEXT of payload, a tag of 128 bits. */
static TEE_OperationHandle begun(uint32_t algorithm, uint32_t mode)
{
	TEE_OperationHandle o = fresh(algorithm, mode);

	GP(TEE_AEInit(o, nonce, 12, 128, 3, TEXT) == TEE_SUCCESS);
	return o;
}

static TEE_OperationHandle fed(uint32_t algorithm, uint32_t mode)
{
	TEE_OperationHandle o = begun(algorithm, mode);

	TEE_AEUpdateAAD(o, "aad", 3);
	return o;
}

static void seal(uint32_t algorithm, uint8_t out[TEXT], uint8_t tag[16])
{
	gp_size size = TEXT, tag_size = 16;

	GP(TEE_AEEncryptFinal(fed(algorithm, TEE_MODE_ENCRYPT), text, TEXT, out, &size, tag, &tag_size) == TEE_SUCCESS);
	GP(size == TEXT && tag_size == 16);
}

static void round_trip(unsigned which)
{
	uint32_t algorithm = which ? CCM : GCM;
	TEE_OperationHandle o = begun(algorithm, TEE_MODE_ENCRYPT), open = fed(algorithm, TEE_MODE_DECRYPT);
	uint8_t out[TEXT], tag[16], want[TEXT], want_tag[16], back[TEXT];
	gp_size size = TEXT, rest = TEXT, tag_size = 16;
	TEE_OperationInfo info;

	seal(algorithm, want, want_tag);
	TEE_AEUpdateAAD(o, "a", 1);
	TEE_AEUpdateAAD(o, "ad", 2);
	GP(TEE_AEUpdate(o, text, 7, out, &size) == TEE_SUCCESS && size == 7);
	rest = TEXT - 7;
	GP(TEE_AEEncryptFinal(o, text + 7, TEXT - 7, out + 7, &rest, tag, &tag_size) == TEE_SUCCESS && rest == TEXT - 7);
	GP(gp_same(out, want, TEXT) && gp_same(tag, want_tag, 16) && !gp_same(out, text, TEXT));
	TEE_GetOperationInfo(open, &info);
	GP(info.digestLength == 16 && (info.handleState & TEE_HANDLE_FLAG_INITIALIZED));
	size = TEXT;
	GP(TEE_AEUpdate(open, out, 9, back, &size) == TEE_SUCCESS && size <= 9);
	rest = TEXT - size;
	GP(TEE_AEDecryptFinal(open, out + 9, TEXT - 9, back + size, &rest, tag, 16) == TEE_SUCCESS && size + rest == TEXT && gp_same(back, text, TEXT));
	TEE_GetOperationInfo(open, &info);
	GP(!(info.handleState & TEE_HANDLE_FLAG_INITIALIZED));
	/* Nothing but a tag. */
	TEE_OperationHandle none = fresh(algorithm, TEE_MODE_ENCRYPT);
	GP(TEE_AEInit(none, nonce, 13, 64 + 32, 0, 0) == TEE_SUCCESS);
	size = 0;
	GP(TEE_AEEncryptFinal(none, NULL, 0, NULL, &size, tag, &tag_size) == TEE_SUCCESS && size == 0 && tag_size == 12);
}

static void init_error(unsigned which)
{
	(void)which;
	GP(TEE_AEInit(fresh(GCM, 0), nonce, 12, 130, 0, 0) == TEE_ERROR_NOT_SUPPORTED);
	GP(TEE_AEInit(fresh(GCM, 0), nonce, 12, 127, 0, 0) == TEE_ERROR_NOT_SUPPORTED);
	GP(TEE_AEInit(fresh(GCM, 0), nonce, 12, 8, 0, 0) == TEE_ERROR_NOT_SUPPORTED);
	GP(TEE_AEInit(fresh(GCM, 0), nonce, 12, 0, 0, 0) == TEE_ERROR_NOT_SUPPORTED);
	GP(TEE_AEInit(fresh(CCM, 0), nonce, 12, 40, 0, 0) == TEE_ERROR_NOT_SUPPORTED);
	GP(TEE_AEInit(fresh(CCM, 1), nonce, 12, 128, 0, (gp_size)1 << 28) == TEE_ERROR_NOT_SUPPORTED); /* more than is kept back */
}

static void too_short(unsigned which)
{
	uint8_t out[TEXT] = { 1 }, tag[16], want[TEXT], want_tag[16];
	gp_size size = TEXT - 1, tag_size = 16;

	seal(GCM, want, want_tag);
	if (which == 0) {
		GP(TEE_AEUpdate(fed(GCM, TEE_MODE_ENCRYPT), text, TEXT, out, &size) == TEE_ERROR_SHORT_BUFFER && size == TEXT && out[0] == 1);
		return;
	}
	if (which == 2) {
		TEE_OperationHandle open = fed(GCM, TEE_MODE_DECRYPT);
		GP(TEE_AEDecryptFinal(open, want, TEXT, out, &size, want_tag, 16) == TEE_ERROR_SHORT_BUFFER && size == TEXT && out[0] == 1);
		GP(TEE_AEDecryptFinal(open, want, TEXT, out, &size, want_tag, 16) == TEE_SUCCESS && gp_same(out, text, TEXT));
		return;
	}
	TEE_OperationHandle o = fed(GCM, TEE_MODE_ENCRYPT);
	GP(TEE_AEEncryptFinal(o, text, TEXT, out, &size, tag, &tag_size) == TEE_ERROR_SHORT_BUFFER && size == TEXT && tag_size == 16 && out[0] == 1);
	tag_size = 15;
	GP(TEE_AEEncryptFinal(o, text, TEXT, out, &size, tag, &tag_size) == TEE_ERROR_SHORT_BUFFER && size == TEXT && tag_size == 16);
	GP(TEE_AEEncryptFinal(o, text, TEXT, out, &size, tag, &tag_size) == TEE_SUCCESS && gp_same(out, want, TEXT) && gp_same(tag, want_tag, 16));
}

static void tampered(unsigned which)
{
	uint32_t algorithm = which ? CCM : GCM;
	uint8_t out[TEXT], tag[16], back[TEXT] = { 0 };
	gp_size size = TEXT;
	TEE_OperationInfo info;

	seal(algorithm, out, tag);
	tag[15] ^= 1;
	TEE_OperationHandle o = fed(algorithm, TEE_MODE_DECRYPT);
	GP(TEE_AEDecryptFinal(o, out, TEXT, back, &size, tag, 16) == TEE_ERROR_MAC_INVALID && !gp_same(back, text, TEXT));
	TEE_GetOperationInfo(o, &info);
	GP(!(info.handleState & TEE_HANDLE_FLAG_INITIALIZED));
	tag[15] ^= 1;
	GP(TEE_AEDecryptFinal(fed(algorithm, TEE_MODE_DECRYPT), out, TEXT, back, &size, tag, 15) == TEE_ERROR_MAC_INVALID);
	out[0] ^= 1;
	GP(TEE_AEDecryptFinal(fed(algorithm, TEE_MODE_DECRYPT), out, TEXT, back, &size, tag, 16) == TEE_ERROR_MAC_INVALID);
}

static void init_panic(unsigned which)
{
	TEE_OperationHandle keyless = gp_operation(GCM, TEE_MODE_ENCRYPT, 128, NULL), digest = gp_operation(TEE_ALG_SHA1, TEE_MODE_DIGEST, 0, NULL);
	TEE_OperationHandle busy = begun(GCM, TEE_MODE_ENCRYPT), ccm = fresh(CCM, TEE_MODE_ENCRYPT), gcm = fresh(GCM, TEE_MODE_ENCRYPT);

	gp_now();
	switch (which) {
	case 0:
		(void)TEE_AEInit(GP_NOBODY, nonce, 12, 128, 0, 0);
		break;
	case 1:
		(void)TEE_AEInit(digest, nonce, 12, 128, 0, 0);
		break;
	case 2:
		(void)TEE_AEInit(busy, nonce, 12, 128, 0, 0);
		break;
	case 3:
		(void)TEE_AEInit(keyless, nonce, 12, 128, 0, 0);
		break;
	case 4:
		(void)TEE_AEInit(ccm, nonce, 14, 128, 0, 0);
		break;
	case 5:
		(void)TEE_AEInit(gcm, nonce, 0, 128, 0, 0);
		break;
	default:
		(void)TEE_AEInit(gcm, gp_foreign(), 12, 128, 0, 0);
	}
}

static void aad_panic(unsigned which)
{
	TEE_OperationHandle digest = gp_operation(TEE_ALG_SHA1, TEE_MODE_DIGEST, 0, NULL), o = fresh(GCM, TEE_MODE_ENCRYPT);
	TEE_OperationHandle late = fed(GCM, TEE_MODE_ENCRYPT), ccm = fed(CCM, TEE_MODE_ENCRYPT);
	TEE_OperationHandle bad[] = { GP_NOBODY, digest, o, late, ccm };
	uint8_t out[TEXT];
	gp_size size = TEXT;

	GP(TEE_AEUpdate(late, text, 5, out, &size) == TEE_SUCCESS);
	gp_now();
	if (which < 5) {
		TEE_AEUpdateAAD(bad[which], "x", 1);
	} else {
		TEE_AEUpdateAAD(begun(GCM, TEE_MODE_ENCRYPT), gp_foreign(), 1);
	}
}

/* Tens: 0 update, 1 the end of encryption, 2 of decryption. */
static void payload_panic(unsigned which)
{
	unsigned function = which / 10, how = which % 10;
	uint32_t mode = function == 2 ? TEE_MODE_DECRYPT : TEE_MODE_ENCRYPT;
	TEE_OperationHandle digest = gp_operation(TEE_ALG_SHA1, TEE_MODE_DIGEST, 0, NULL), o = fed(GCM, mode);
	TEE_OperationHandle bad[] = { GP_NOBODY, digest, fresh(GCM, mode), begun(CCM, mode), fed(CCM, mode), o, o, fed(GCM, !mode), o };
	uint8_t out[64] = { 0 }, tag[16] = { 0 };
	const void *in = how == 5 ? gp_foreign() : how == 6 ? out + 1 : (const void *)text;
	void *tag_at = how == 8 ? gp_foreign() : tag;
	gp_size size = 64, tag_size = 16, in_size = how == 4 ? (function == 0 ? TEXT + 1 : TEXT - 1) : how == 3 ? TEXT : 16;

	gp_now();
	if (function == 0) {
		(void)TEE_AEUpdate(bad[how], in, in_size, out, &size);
	} else if (function == 1) {
		(void)TEE_AEEncryptFinal(bad[how], in, in_size, out, &size, tag_at, &tag_size);
	} else {
		(void)TEE_AEDecryptFinal(bad[how], in, in_size, out, &size, tag_at, 16);
	}
}

const struct gp_row gp_rows_authenticated[] = {
	{ "TEE_AEInit", "success", round_trip, 0 },
	{ "TEE_AEInit", "success: CCM", round_trip, 1 },
	{ "TEE_AEInit", "TEE_ERROR_NOT_SUPPORTED", init_error, 0 },
	{ "TEE_AEInit", "panics: operation is not open", init_panic, 0 },
	{ "TEE_AEInit", "panics: operation is no authenticated encryption", init_panic, 1 },
	{ "TEE_AEInit", "panics: operation is not in its initial state", init_panic, 2 },
	{ "TEE_AEInit", "panics: operation is without a key", init_panic, 3 },
	{ "TEE_AEInit", "panics: nonceLen is not one of CCM's", init_panic, 4 },
	{ "TEE_AEInit", "panics: nonceLen is not one of GCM's", init_panic, 5 },
	{ "TEE_AEInit", "panics: nonce cannot be read", init_panic, 6 },
	{ "TEE_AEUpdateAAD", "success", round_trip, 0 },
	{ "TEE_AEUpdateAAD", "panics: operation is not open", aad_panic, 0 },
	{ "TEE_AEUpdateAAD", "panics: operation is no authenticated encryption", aad_panic, 1 },
	{ "TEE_AEUpdateAAD", "panics: operation is not begun", aad_panic, 2 },
	{ "TEE_AEUpdateAAD", "panics: payload was given already", aad_panic, 3 },
	{ "TEE_AEUpdateAAD", "panics: more than AADLen bytes for CCM", aad_panic, 4 },
	{ "TEE_AEUpdateAAD", "panics: AADdata cannot be read", aad_panic, 5 },
	{ "TEE_AEUpdate", "success", round_trip, 0 },
	{ "TEE_AEUpdate", "TEE_ERROR_SHORT_BUFFER", too_short, 0 },
	{ "TEE_AEUpdate", "panics: operation is not open", payload_panic, 0 },
	{ "TEE_AEUpdate", "panics: operation is no authenticated encryption", payload_panic, 1 },
	{ "TEE_AEUpdate", "panics: operation is not begun", payload_panic, 2 },
	{ "TEE_AEUpdate", "panics: less than AADLen additional bytes for CCM", payload_panic, 3 },
	{ "TEE_AEUpdate", "panics: more than payloadLen bytes for CCM", payload_panic, 4 },
	{ "TEE_AEUpdate", "panics: srcData cannot be read", payload_panic, 5 },
	{ "TEE_AEUpdate", "panics: the buffers overlap", payload_panic, 6 },
	{ "TEE_AEEncryptFinal", "success", round_trip, 0 },
	{ "TEE_AEEncryptFinal", "TEE_ERROR_SHORT_BUFFER", too_short, 1 },
	{ "TEE_AEEncryptFinal", "panics: operation is not open", payload_panic, 10 },
	{ "TEE_AEEncryptFinal", "panics: operation is no authenticated encryption", payload_panic, 11 },
	{ "TEE_AEEncryptFinal", "panics: operation is not begun", payload_panic, 12 },
	{ "TEE_AEEncryptFinal", "panics: the additional data is not AADLen bytes for CCM", payload_panic, 13 },
	{ "TEE_AEEncryptFinal", "panics: the payload is not payloadLen bytes for CCM", payload_panic, 14 },
	{ "TEE_AEEncryptFinal", "panics: srcData cannot be read", payload_panic, 15 },
	{ "TEE_AEEncryptFinal", "panics: the buffers overlap", payload_panic, 16 },
	{ "TEE_AEEncryptFinal", "panics: operation is not for encryption", payload_panic, 17 },
	{ "TEE_AEEncryptFinal", "panics: tag cannot be written", payload_panic, 18 },
	{ "TEE_AEDecryptFinal", "success", round_trip, 0 },
	{ "TEE_AEDecryptFinal", "TEE_ERROR_SHORT_BUFFER", too_short, 2 },
	{ "TEE_AEDecryptFinal", "TEE_ERROR_MAC_INVALID", tampered, 0 },
	{ "TEE_AEDecryptFinal", "TEE_ERROR_MAC_INVALID: CCM", tampered, 1 },
	{ "TEE_AEDecryptFinal", "panics: operation is not open", payload_panic, 20 },
	{ "TEE_AEDecryptFinal", "panics: operation is no authenticated encryption", payload_panic, 21 },
	{ "TEE_AEDecryptFinal", "panics: operation is not begun", payload_panic, 22 },
	{ "TEE_AEDecryptFinal", "panics: the additional data is not AADLen bytes for CCM", payload_panic, 23 },
	{ "TEE_AEDecryptFinal", "panics: the payload is not payloadLen bytes for CCM", payload_panic, 24 },
	{ "TEE_AEDecryptFinal", "panics: srcData cannot be read", payload_panic, 25 },
	{ "TEE_AEDecryptFinal", "panics: the buffers overlap", payload_panic, 26 },
	{ "TEE_AEDecryptFinal", "panics: operation is not for decryption", payload_panic, 27 },
	{ "TEE_AEDecryptFinal", "panics: tag cannot be read", payload_panic, 28 },
};
GP_COUNT(authenticated)
