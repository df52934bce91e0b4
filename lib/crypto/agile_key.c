/* Asymmetric keys from and to their parts, and new ones, over libcrypto. */
#include "lib/crypto/agile_private.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

static const struct curve_row {
	const char *name;
	size_t size;
} curves[AGILE_CURVES] = {
	[AGILE_P192] = { "P-192", 24 }, [AGILE_P224] = { "P-224", 28 }, [AGILE_P256] = { "P-256", 32 },
	[AGILE_P384] = { "P-384", 48 }, [AGILE_P521] = { "P-521", 66 },
};

static const char *const part_names[AGILE_PARTS] = {
	[AGILE_N] = OSSL_PKEY_PARAM_RSA_N, [AGILE_E] = OSSL_PKEY_PARAM_RSA_E, [AGILE_D] = OSSL_PKEY_PARAM_RSA_D,
	[AGILE_PRIME1] = OSSL_PKEY_PARAM_RSA_FACTOR1, [AGILE_PRIME2] = OSSL_PKEY_PARAM_RSA_FACTOR2,
	[AGILE_EXPONENT1] = OSSL_PKEY_PARAM_RSA_EXPONENT1, [AGILE_EXPONENT2] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
	[AGILE_COEFFICIENT] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	[AGILE_P] = OSSL_PKEY_PARAM_FFC_P, [AGILE_Q] = OSSL_PKEY_PARAM_FFC_Q, [AGILE_G] = OSSL_PKEY_PARAM_FFC_G,
	[AGILE_X] = OSSL_PKEY_PARAM_EC_PUB_X, [AGILE_Y] = OSSL_PKEY_PARAM_EC_PUB_Y,
	[AGILE_PRIVATE] = OSSL_PKEY_PARAM_PRIV_KEY, [AGILE_PUBLIC] = OSSL_PKEY_PARAM_PUB_KEY,
};

size_t agile_curve_size(enum agile_curve curve)
{
	return curves[curve].size;
}

/* Takes over `pkey`, also when it fails. NULL: what libcrypto was given is no key. */
static enum mt_err key_wrap(enum agile_kind kind, enum agile_curve curve, EVP_PKEY *pkey, struct agile_key **out)
{
	struct agile_key *key = pkey ? mt_alloc(sizeof(*key)) : NULL;

	*out = NULL;
	ERR_clear_error();
	if (!key) {
		EVP_PKEY_free(pkey);
		return pkey ? MT_NO_MEMORY : MT_MALFORMED;
	}
	*key = (struct agile_key){ kind, curve, pkey };
	*out = key;
	return MT_OK;
}

void agile_key_close(struct agile_key *key)
{
	if (key) {
		EVP_PKEY_free(key->pkey);       /* wipes the private part */
		mt_free(key);
	}
}

static EVP_PKEY *pkey_from(const char *name, OSSL_PARAM_BLD *build, int what)
{
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);
	EVP_PKEY *pkey = NULL;

	if (parameters && context && EVP_PKEY_fromdata_init(context) == 1) {
		(void)EVP_PKEY_fromdata(context, &pkey, what, parameters);
	}
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	return pkey;
}

/* ---- RSA ---- */

static bool rsa_is_plausible(const struct agile_parts *parts)
{
	struct bytes n = parts->at[AGILE_N], e = parts->at[AGILE_E];

	return n.size > 0 && n.size <= AGILE_PART_MAX && (n.at[n.size - 1] & 1) && e.size > 0 && e.size <= AGILE_PART_MAX && (e.at[e.size - 1] & 1) &&
	       parts->at[AGILE_D].size <= AGILE_PART_MAX;
}

static EVP_PKEY *rsa_open(const struct agile_parts *parts)
{
	BIGNUM *number[AGILE_COEFFICIENT + 1] = { NULL };
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *pkey = NULL;
	bool good = build != NULL;

	for (size_t i = AGILE_N; good && i <= AGILE_COEFFICIENT; i++) {
		struct bytes part = parts->at[i];
		if (part.size > 0) {
			number[i] = BN_secure_new();
			good = part.size <= AGILE_PART_MAX && number[i] && BN_bin2bn(part.at, (int)part.size, number[i]) &&
			       OSSL_PARAM_BLD_push_BN(build, part_names[i], number[i]) == 1;
		}
	}
	good = good && BN_cmp(number[AGILE_E], number[AGILE_N]) < 0 && !BN_is_one(number[AGILE_E]) &&
	       (!number[AGILE_D] || BN_cmp(number[AGILE_D], number[AGILE_N]) < 0);
	if (good) {
		pkey = pkey_from("RSA", build, number[AGILE_D] ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
	}
	for (size_t i = 0; i < MT_COUNT(number); i++) {
		BN_clear_free(number[i]);
	}
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

/* ---- curves ---- */

/* `part` right-aligned in `size` bytes; false: it is longer than that. */
static bool aligned(struct bytes part, size_t size, uint8_t *out)
{
	while (part.size > size && part.at[0] == 0) {
		part = mt_bytes(part.at + 1, part.size - 1);
	}
	if (part.size > size) {
		return false;
	}
	memset(out, 0, size - part.size);
	if (part.size > 0) {
		memcpy(out + size - part.size, part.at, part.size);
	}
	return true;
}

static bool pair_fits(EVP_PKEY *pkey, bool curve)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	bool fits = context && (!curve || EVP_PKEY_private_check(context) == 1) && EVP_PKEY_pairwise_check(context) == 1;

	EVP_PKEY_CTX_free(context);
	return fits;
}

static EVP_PKEY *ec_open(enum agile_curve curve, const struct agile_parts *parts)
{
	uint8_t point[1 + 2 * 66] = { 4 };
	size_t size = curves[curve].size;
	struct bytes scalar = parts->at[AGILE_PRIVATE];
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *private = BN_secure_new();
	EVP_PKEY *pkey = NULL;
	bool pair = scalar.size > 0;

	if (build && private && aligned(parts->at[AGILE_X], size, point + 1) && aligned(parts->at[AGILE_Y], size, point + 1 + size) &&
	    scalar.size <= AGILE_PART_MAX && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curves[curve].name, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size) == 1 &&
	    (!pair || (BN_bin2bn(scalar.at, (int)scalar.size, private) &&
		       OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, private) == 1))) {
		pkey = pkey_from("EC", build, pair ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
	}
	if (pkey && pair && !pair_fits(pkey, true)) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	BN_clear_free(private);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

/* ---- finite fields ---- */

/*
 * A small or even order would let libcrypto look for a private number that is not there, for ever. 160 bits is the least of FIPS 186-2; a
 * Diffie-Hellman field may come without its order.
 */
#define ORDER_BITS_MIN 160

static bool field_is_plausible(const BIGNUM *order, const BIGNUM *base)
{
	return (!order || (BN_is_odd(order) && BN_num_bits(order) >= ORDER_BITS_MIN)) && base && BN_num_bits(base) > 1;
}

/* Of a key, or with `what` EVP_PKEY_KEY_PARAMETERS of its field alone. */
static EVP_PKEY *field_open(enum agile_kind kind, const struct agile_parts *parts, int what)
{
	static const enum agile_part names[] = { AGILE_P, AGILE_Q, AGILE_G, AGILE_PUBLIC, AGILE_PRIVATE };
	BIGNUM *number[MT_COUNT(names)] = { NULL };
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *pkey = NULL;
	struct bytes p = parts->at[AGILE_P];
	bool good = build && p.size > 0 && (p.at[p.size - 1] & 1) && parts->at[AGILE_G].size > 0;

	for (size_t i = 0; good && i < MT_COUNT(names); i++) {
		struct bytes part = parts->at[names[i]];
		if (part.size > 0) {
			number[i] = BN_secure_new();
			good = part.size <= AGILE_PART_MAX && number[i] && BN_bin2bn(part.at, (int)part.size, number[i]) &&
			       OSSL_PARAM_BLD_push_BN(build, part_names[names[i]], number[i]) == 1 && (i == 0 || BN_cmp(number[i], number[0]) < 0);
		}
	}
	if (good && field_is_plausible(number[1], number[2]) && (kind == AGILE_DH || number[1])) {
		pkey = pkey_from(kind == AGILE_DSA ? "DSA" : "DH", build, what);
	}
	if (pkey && what == EVP_PKEY_KEYPAIR && !pair_fits(pkey, false)) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	for (size_t i = 0; i < MT_COUNT(number); i++) {
		BN_clear_free(number[i]);
	}
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

/* ---- keys that are bytes ---- */

static int raw_kind(enum agile_kind kind)
{
	return kind == AGILE_ED25519 ? EVP_PKEY_ED25519 : kind == AGILE_X25519 ? EVP_PKEY_X25519 : EVP_PKEY_X448;
}

/* A pair is its private key; the public one that comes with it must be its own. */
static EVP_PKEY *raw_open(enum agile_kind kind, const struct agile_parts *parts)
{
	struct bytes private = parts->at[AGILE_PRIVATE], public = parts->at[AGILE_PUBLIC];
	uint8_t own[AGILE_HASH_MAX];
	size_t size = sizeof(own);

	if (private.size == 0) {
		return EVP_PKEY_new_raw_public_key(raw_kind(kind), NULL, public.at, public.size);
	}
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(raw_kind(kind), NULL, private.at, private.size);
	if (pkey && (EVP_PKEY_get_raw_public_key(pkey, own, &size) != 1 || !mt_equal(mt_bytes(own, size), public))) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return pkey;
}

enum mt_err agile_key_open(enum agile_kind kind, enum agile_curve curve, const struct agile_parts *parts, struct agile_key **out)
{
	EVP_PKEY *pkey = NULL;

	if (kind == AGILE_RSA) {
		pkey = rsa_is_plausible(parts) ? rsa_open(parts) : NULL;
	} else if (kind == AGILE_EC) {
		pkey = ec_open(curve, parts);
	} else if (kind == AGILE_DSA || kind == AGILE_DH) {
		pkey = field_open(kind, parts, parts->at[AGILE_PRIVATE].size > 0 ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
	} else {
		pkey = raw_open(kind, parts);
	}
	return key_wrap(kind, curve, pkey, out);
}

/* Whoever generates: a kind, or the field that a key is to be in. */
static EVP_PKEY_CTX *generator(enum agile_kind kind, const struct agile_parts *given)
{
	if (kind == AGILE_RSA || kind == AGILE_EC) {
		return EVP_PKEY_CTX_new_from_name(NULL, kind == AGILE_RSA ? "RSA" : "EC", NULL);
	}
	if (kind != AGILE_DSA && kind != AGILE_DH) {
		return EVP_PKEY_CTX_new_id(raw_kind(kind), NULL);
	}
	EVP_PKEY *field = field_open(kind, given, EVP_PKEY_KEY_PARAMETERS);
	EVP_PKEY_CTX *context = field ? EVP_PKEY_CTX_new_from_pkey(NULL, field, NULL) : NULL;
	EVP_PKEY_free(field);
	return context;
}

enum mt_err agile_key_generate(enum agile_kind kind, enum agile_curve curve, unsigned bits, const struct agile_parts *given,
			       struct agile_key **out)
{
	struct bytes exponent = given->at[AGILE_E];
	EVP_PKEY_CTX *context = generator(kind, given);
	BIGNUM *e = BN_new();
	EVP_PKEY *pkey = NULL;
	int private_bits = (int)bits;
	OSSL_PARAM length[] = { OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_DH_PRIV_LEN, &private_bits), OSSL_PARAM_construct_end() };
	bool good = context && e && exponent.size <= AGILE_PART_MAX && EVP_PKEY_keygen_init(context) == 1;

	if (good && kind == AGILE_RSA) {
		good = (exponent.size > 0 ? BN_bin2bn(exponent.at, (int)exponent.size, e) != NULL : BN_set_word(e, RSA_F4) == 1) &&
		       BN_is_odd(e) && EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits) == 1 &&
		       EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e) == 1;
	} else if (good && kind == AGILE_EC) {
		good = EVP_PKEY_CTX_set_group_name(context, curves[curve].name) == 1;
	} else if (good && kind == AGILE_DH && bits > 0) {
		good = EVP_PKEY_CTX_set_params(context, length) == 1;
	}
	if (good) {
		(void)EVP_PKEY_generate(context, &pkey);
	}
	EVP_PKEY_CTX_free(context);
	BN_free(e);
	return key_wrap(kind, curve, pkey, out);
}

enum mt_err agile_key_part(const struct agile_key *key, enum agile_part part, uint8_t *out, size_t *size)
{
	BIGNUM *number = NULL;
	enum mt_err err = MT_NO_MEMORY;

	*size = AGILE_PART_MAX;
	if (key->kind > AGILE_EC) {
		int got = part == AGILE_PRIVATE ? EVP_PKEY_get_raw_private_key(key->pkey, out, size) : EVP_PKEY_get_raw_public_key(key->pkey, out, size);
		return got == 1 ? MT_OK : MT_NO_MEMORY;
	}
	if (EVP_PKEY_get_bn_param(key->pkey, part_names[part], &number) == 1) {
		*size = key->kind == AGILE_EC ? curves[key->curve].size : (size_t)BN_num_bytes(number);
		err = *size <= AGILE_PART_MAX && BN_bn2binpad(number, out, (int)*size) == (int)*size ? MT_OK : MT_MALFORMED;
	}
	BN_clear_free(number);
	return err;
}
