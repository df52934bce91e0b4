/*
 * sign: a signature by a key that this task alone sees: ECDSA P-256 with SHA-256, or RSA with SHA-256.
 *
 *	key=NAME (key)                  input: a private key (keys.h), such as keygen makes
 *	in=NAME (in)                    input: what is signed
 *	text=WORDS                      this is signed instead; there is no input then
 *	digest=no|yes (no)              the input is the SHA-256 of what is signed: 32 bytes, or 64 hex digits and perhaps the line's end
 *	padding=pss|pkcs1 (pss)         of an RSA key: PSS with a salt of 32 bytes, or PKCS #1 v1.5
 *	form=raw|base64 (raw)           ECDSA: ASN.1 DER; RSA: as long as the modulus
 *	out=NAME (out)                  output: the signature
 *
 * Refuses a key that is damaged or of another kind, and padding= with an ECDSA key. A signature that does not verify never leaves: a fault while it
 * was made can give an RSA key away. Leaks: sizes, and what docs/functions.md says of side channels.
 */
#include "exec/builtin/keys.h"

#include <string.h>

#include <openssl/digest.h>
#include <openssl/ecdsa.h>
#include <openssl/nid.h>
#include <openssl/sha.h>

#define SIGNATURE_MAX 1024 /* RSA of 8192 bits */

static bool hex_digest(struct text hex, uint8_t out[SHA256_DIGEST_LENGTH])
{
	for (size_t i = 0; i < 2 * SHA256_DIGEST_LENGTH; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = hex.at[i] ? strchr(digits, hex.at[i] | 0x20) : NULL;
		if (!digit) {
			return false;
		}
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (digit - digits));
	}
	return true;
}

static void digest_take(struct text given, uint8_t out[SHA256_DIGEST_LENGTH])
{
	size_t hex_size = 2 * SHA256_DIGEST_LENGTH;
	bool is_hex = given.size == hex_size || (given.size == hex_size + 1 && given.at[hex_size] == '\n');

	if (given.size == SHA256_DIGEST_LENGTH) {
		memcpy(out, given.at, SHA256_DIGEST_LENGTH);
	} else if (!is_hex || !hex_digest(given, out)) {
		guest_stop("digest=yes: the input has neither 32 bytes nor 64 hex digits");
	}
}

static size_t sign_ecdsa(EC_KEY *key, const uint8_t digest[SHA256_DIGEST_LENGTH], uint8_t out[SIGNATURE_MAX])
{
	unsigned size = SIGNATURE_MAX;
	bool good = ECDSA_sign(0, digest, SHA256_DIGEST_LENGTH, out, &size, key) == 1 &&
		    ECDSA_verify(0, digest, SHA256_DIGEST_LENGTH, out, size, key) == 1;

	return good ? size : 0;
}

static size_t sign_pss(RSA *key, const uint8_t digest[SHA256_DIGEST_LENGTH], uint8_t out[SIGNATURE_MAX])
{
	const EVP_MD *hash = EVP_sha256();
	size_t size = 0;
	bool good = RSA_sign_pss_mgf1(key, &size, out, SIGNATURE_MAX, digest, SHA256_DIGEST_LENGTH, hash, hash,
				      RSA_PSS_SALTLEN_DIGEST) == 1 &&
		    RSA_verify_pss_mgf1(key, digest, SHA256_DIGEST_LENGTH, hash, hash, RSA_PSS_SALTLEN_DIGEST, out,
					size) == 1;

	return good ? size : 0;
}

static size_t sign_pkcs1(RSA *key, const uint8_t digest[SHA256_DIGEST_LENGTH], uint8_t out[SIGNATURE_MAX])
{
	unsigned size = SIGNATURE_MAX;
	bool good = RSA_sign(NID_sha256, digest, SHA256_DIGEST_LENGTH, out, &size, key) == 1 &&
		    RSA_verify(NID_sha256, digest, SHA256_DIGEST_LENGTH, out, size, key) == 1;

	return good ? size : 0;
}

static struct text sign(const struct key *key, bool pss, const uint8_t digest[SHA256_DIGEST_LENGTH],
			uint8_t out[SIGNATURE_MAX])
{
	size_t size = key->ecdsa ? sign_ecdsa(key->ecdsa, digest, out)
		      : pss	 ? sign_pss(key->rsa, digest, out)
				 : sign_pkcs1(key->rsa, digest, out);

	if (size == 0) {
		guest_stop("no signature was made that verifies");
	}
	return (struct text){ (const char *)out, size };
}

int main(int argc, char **argv)
{
	static const char *const known[] = { "key", "in", "text", "digest", "padding", "form", "out", NULL };
	uint8_t digest[SHA256_DIGEST_LENGTH] = { 0 }, signature[SIGNATURE_MAX];

	guest_arguments(argc, argv, known);
	const char *words = guest_argument("text", ""), *padding = guest_argument("padding", "");
	bool is_digest = guest_second("digest", "no", "yes"), base64 = guest_second("form", "raw", "base64");
	bool pss = !guest_second("padding", "pss", "pkcs1");
	struct key key = keys_read(guest_input(guest_argument("key", "key")));
	if (padding[0] && key.ecdsa) {
		guest_stop("padding= is of RSA keys, this one is ECDSA");
	}
	struct text given = words[0] ? (struct text){ words, strlen(words) } : guest_input(guest_argument("in", "in"));
	if (is_digest) {
		digest_take(given, digest);
	} else {
		SHA256((const uint8_t *)given.at, given.size, digest);
	}
	struct text made = sign(&key, pss, digest, signature);
	FILE *out = guest_output(guest_argument("out", "out"));
	if (base64) {
		keys_write_base64(out, made, 0);
	} else {
		fwrite(made.at, 1, made.size, out);
	}
	guest_close(out);
	return 0;
}
