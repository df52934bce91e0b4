#include "exec/builtin/keys.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/base64.h>
#include <openssl/bn.h>
#include <openssl/bytestring.h>
#include <openssl/mem.h>
#include <openssl/nid.h>

#define RSA_BITS 3072 /* as strong as P-256: SP 800-57, part 1, table 2 */
#define RSA_BITS_LEAST 2048
#define RSA_BITS_MOST 8192
#define PEM_WIDTH 64 /* RFC 7468, 2 */
#define PRIVATE "PRIVATE KEY"
#define PUBLIC "PUBLIC KEY"

/* AlgorithmIdentifier, whole: id-ecPublicKey with prime256v1 (RFC 5480, 2.1.1), rsaEncryption with NULL (RFC 3279, 2.3.1). */
static const uint8_t ecdsa_algorithm[] = { 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
					   0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const uint8_t rsa_algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
					 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };

/* ---- making ---- */

struct key keys_make_ecdsa_p256(void)
{
	struct key key = { .ecdsa = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1) };

	if (!key.ecdsa || EC_KEY_generate_key(key.ecdsa) != 1) {
		guest_stop("no key could be made");
	}
	return key;
}

struct key keys_make_rsa_3072(void)
{
	struct key key = { .rsa = RSA_new() };
	BIGNUM *exponent = BN_new();

	if (!key.rsa || !exponent || BN_set_word(exponent, RSA_F4) != 1 ||
	    RSA_generate_key_ex(key.rsa, RSA_BITS, exponent, NULL) != 1) {
		guest_stop("no key could be made");
	}
	BN_free(exponent);
	return key;
}

/* ---- writing ---- */

void keys_write_base64(FILE *to, struct text bytes, size_t width)
{
	uint8_t *digits = guest_alloc(4 * (bytes.size / 3 + 1) + 1, 1);
	size_t size = EVP_EncodeBlock(digits, (const uint8_t *)bytes.at, bytes.size);

	for (size_t at = 0, n; at < size; at += n) {
		n = width && size - at > width ? width : size - at;
		fwrite(digits + at, 1, n, to);
		if (width) {
			fputc('\n', to);
		}
	}
	OPENSSL_cleanse(digits, size);
	free(digits);
}

static void pem_write(FILE *to, const char *label, struct text der)
{
	fprintf(to, "-----BEGIN %s-----\n", label);
	keys_write_base64(to, der, PEM_WIDTH);
	fprintf(to, "-----END %s-----\n", label);
}

static bool algorithm_add(CBB *to, const struct key *key)
{
	return key->ecdsa ? CBB_add_bytes(to, ecdsa_algorithm, sizeof(ecdsa_algorithm))
			  : CBB_add_bytes(to, rsa_algorithm, sizeof(rsa_algorithm));
}

/* RFC 5208, 5. The curve is said outside, so not inside again. What is begun here is written before its CBBs go: CBB_flush(). */
static bool private_add(CBB *to, const struct key *key)
{
	CBB info, octets;

	return CBB_add_asn1(to, &info, CBS_ASN1_SEQUENCE) && CBB_add_asn1_uint64(&info, 0) &&
	       algorithm_add(&info, key) && CBB_add_asn1(&info, &octets, CBS_ASN1_OCTETSTRING) &&
	       (key->ecdsa ? EC_KEY_marshal_private_key(&octets, key->ecdsa, EC_PKEY_NO_PARAMETERS)
			   : RSA_marshal_private_key(&octets, key->rsa)) &&
	       CBB_flush(to);
}

/* RFC 5280, 4.1. */
static bool public_add(CBB *to, const struct key *key)
{
	CBB info, bits;

	return CBB_add_asn1(to, &info, CBS_ASN1_SEQUENCE) && algorithm_add(&info, key) &&
	       CBB_add_asn1(&info, &bits, CBS_ASN1_BITSTRING) && CBB_add_u8(&bits, 0) &&
	       (key->ecdsa ? EC_POINT_point2cbb(&bits, EC_KEY_get0_group(key->ecdsa),
						EC_KEY_get0_public_key(key->ecdsa), POINT_CONVERSION_UNCOMPRESSED, NULL)
			   : RSA_marshal_public_key(&bits, key->rsa)) &&
	       CBB_flush(to);
}

static void key_write(FILE *to, const struct key *key, bool (*add)(CBB *to, const struct key *key),
		      const char *pem_label)
{
	CBB cbb;
	uint8_t *at = NULL;
	size_t size = 0;

	if (!CBB_init(&cbb, 0) || !add(&cbb, key) || !CBB_finish(&cbb, &at, &size)) {
		guest_stop("the key cannot be written");
	}
	if (pem_label) {
		pem_write(to, pem_label, (struct text){ (const char *)at, size });
	} else {
		fwrite(at, 1, size, to);
	}
	OPENSSL_free(at); /* wiped */
}

void keys_write_private(FILE *to, const struct key *key)
{
	key_write(to, key, private_add, PRIVATE);
}

void keys_write_public(FILE *to, const struct key *key, bool der)
{
	key_write(to, key, public_add, der ? NULL : PUBLIC);
}

/* ---- reading ---- */

/* What lies between the two lines, decoded. Empty: the file is no PEM at all. */
static struct text pem_read(struct text file)
{
	static const char begin[] = "-----BEGIN ", head[] = "-----BEGIN " PRIVATE "-----",
			  tail[] = "-----END " PRIVATE "-----";
	size_t size = 0, count = 0;

	if (strncmp(file.at, begin, strlen(begin)) != 0) {
		return (struct text){ NULL, 0 };
	}
	const char *end = strstr(file.at, tail), *rest = end ? end + strlen(tail) : file.at;
	if (strncmp(file.at, head, strlen(head)) != 0 || !end || rest + strspn(rest, "\r\n") != file.at + file.size) {
		guest_stop("the key's file is not one " PRIVATE
			   " in PEM, or it is cut; PKCS#8 without a password is wanted");
	}
	uint8_t *digits = guest_alloc(file.size + 1, 1), *der = guest_alloc(file.size + 1, 1);
	for (const char *at = file.at + strlen(head); at < end; at++) {
		if (*at != '\n' && *at != '\r') {
			digits[count++] = (uint8_t)*at;
		}
	}
	if (!EVP_DecodeBase64(der, &size, file.size, digits, count)) {
		guest_stop("the key's file is damaged: it is no base64");
	}
	OPENSSL_cleanse(digits, count);
	free(digits);
	return (struct text){ (const char *)der, size };
}

static bool starts_with(CBS *cbs, const uint8_t *want, size_t size)
{
	return CBS_len(cbs) >= size && memcmp(CBS_data(cbs), want, size) == 0 && CBS_skip(cbs, size);
}

/* False: it is not PKCS#8. An empty key: it is, of another algorithm. What may follow the key there (attributes) is nothing to us. */
static bool pkcs8_read(struct text der, struct key *out)
{
	CBS cbs, info, octets;
	uint64_t version = 0;

	CBS_init(&cbs, (const uint8_t *)der.at, der.size);
	if (!CBS_get_asn1(&cbs, &info, CBS_ASN1_SEQUENCE) || CBS_len(&cbs) != 0 ||
	    !CBS_get_asn1_uint64(&info, &version) || version != 0 || !CBS_peek_asn1_tag(&info, CBS_ASN1_SEQUENCE)) {
		return false;
	}
	bool ecdsa = starts_with(&info, ecdsa_algorithm, sizeof(ecdsa_algorithm));
	if (!ecdsa && !starts_with(&info, rsa_algorithm, sizeof(rsa_algorithm))) {
		return true;
	}
	if (!CBS_get_asn1(&info, &octets, CBS_ASN1_OCTETSTRING)) {
		return false;
	}
	if (ecdsa) {
		EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
		out->ecdsa = EC_KEY_parse_private_key(&octets, group);
	} else {
		out->rsa = RSA_parse_private_key(&octets);
	}
	return CBS_len(&octets) == 0 && (out->ecdsa || out->rsa);
}

static void key_check(const struct key *key)
{
	if (!key->ecdsa && (!key->rsa || RSA_bits(key->rsa) < RSA_BITS_LEAST || RSA_bits(key->rsa) > RSA_BITS_MOST)) {
		guest_stop("the key is neither ECDSA P-256 nor RSA of %d to %d bits", RSA_BITS_LEAST, RSA_BITS_MOST);
	}
	if (key->ecdsa ? EC_KEY_check_key(key->ecdsa) != 1 : RSA_check_key(key->rsa) != 1) {
		guest_stop("the key is damaged: its parts do not belong together");
	}
}

struct key keys_read(struct text file)
{
	struct text pem = pem_read(file), der = pem.at ? pem : file;
	struct key key = { 0 };

	if (!pkcs8_read(der, &key)) {
		key = (struct key){ .rsa = pem.at ? NULL
						  : RSA_private_key_from_bytes((const uint8_t *)der.at, der.size) };
		if (!key.rsa) {
			guest_stop("the key's file is damaged, or holds no private key (PKCS#8, or an RSA key as "
				   "PKCS#1 in DER)");
		}
	}
	key_check(&key);
	if (pem.at) {
		OPENSSL_cleanse((void *)(uintptr_t)pem.at, pem.size);
	}
	free((void *)(uintptr_t)pem.at);
	return key;
}
