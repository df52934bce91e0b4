/*
 * Signed images as whoever holds the keys can make them: every signature fits (unless bit 0 of the first byte), and every SHA-256 is of zeroes. What
 * is verified lies in the image.
 */
#include <string.h>

#include "lib/crypto/agile.h"
#include "tee/image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
enum mt_err __wrap_agile_verify(struct agile_key *key, const struct agile_scheme *scheme, struct bytes in, struct bytes signature);
enum mt_err __wrap_crypto_verify_once(struct bytes public_key, struct bytes message, struct bytes signature);
void __wrap_crypto_sha256(struct bytes data, uint8_t out[CRYPTO_SHA256_SIZE]);
void __wrap_crypto_sha256_parts(const struct bytes *parts, size_t count, uint8_t out[CRYPTO_SHA256_SIZE]);

static bool fits;
static volatile uint8_t sink;

/* Reads what it is given, so that a sanitizer sees where that lies. */
static void touch(struct bytes b)
{
	for (size_t i = 0; i < b.size; i++) {
		sink = (uint8_t)(sink + b.at[i]);
	}
}

enum mt_err __wrap_agile_verify(struct agile_key *key, const struct agile_scheme *scheme, struct bytes in, struct bytes signature)
{
	mt_assert(key && scheme->hash && *scheme->hash == AGILE_SHA256 && in.size == CRYPTO_SHA256_SIZE);
	touch(signature);
	return fits ? MT_OK : MT_TAMPERED;
}

enum mt_err __wrap_crypto_verify_once(struct bytes public_key, struct bytes message, struct bytes signature)
{
	mt_assert(public_key.size == CRYPTO_P256_PUBLIC_SIZE && message.size == IMAGE_SIGNED && signature.size == CRYPTO_SIGNATURE_SIZE);
	return fits ? MT_OK : MT_TAMPERED;
}

void __wrap_crypto_sha256(struct bytes data, uint8_t out[CRYPTO_SHA256_SIZE])
{
	touch(data);
	memset(out, 0, CRYPTO_SHA256_SIZE);
}

void __wrap_crypto_sha256_parts(const struct bytes *parts, size_t count, uint8_t out[CRYPTO_SHA256_SIZE])
{
	for (size_t i = 0; i < count; i++) {
		touch(parts[i]);
	}
	memset(out, 0, CRYPTO_SHA256_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t modulus[IMAGE_RSA_MIN], point[CRYPTO_P256_PUBLIC_SIZE];
	static const uint8_t exponent[] = { 3 };
	struct image got;
	bool newer = false;

	if (size == 0) {
		return 0;
	}
	memset(modulus, 0xff, sizeof(modulus));
	fits = !(data[0] & 1);
	const struct image_trust trust = {
		.key = { { .p256 = mt_bytes(point, sizeof(point)) }, { .modulus = mt_bytes(modulus, sizeof(modulus)), .exponent = mt_bytes(exponent, 1) } },
		.count = 2,
	};
	struct bytes image = mt_bytes(data + 1, size - 1);
	if (image_verify(image, &trust, &got) == MT_OK) {
		mt_assert(fits && got.content.at >= image.at && got.content.size <= image.size && got.subkey_count <= IMAGE_CHAIN_MAX);
		mt_assert(got.content.at + got.content.size == image.at + image.size);
		touch(got.content);
	}
	(void)!image_version_check(image, data[0], &newer);
	return 0;
}
