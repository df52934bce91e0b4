/*
 * Private keys as files, for the functions that make and use them: PKCS#8 in PEM, what OpenSSL writes and reads. Over AWS-LC (tools/crates),
 * the library that DESIGN 12 chose for where there is no system: it is well kept, and it builds for WASI as it is.
 *
 * Promises: a key that is given has passed the checks of its mathematics, so that a damaged one never signs. Hides: PEM and DER. Stops (guest.h)
 * with the cause.
 */
#ifndef MT_EXEC_BUILTIN_KEYS_H
#define MT_EXEC_BUILTIN_KEYS_H

#include <openssl/ec_key.h>
#include <openssl/rsa.h>
#include <stdio.h>

#include "exec/builtin/guest.h"

/* One of them, the other NULL. They live until the task ends. */
struct key {
	EC_KEY *ecdsa;                  /* P-256 */
	RSA *rsa;                       /* of 2048 to 8192 bits */
};

/* New ones, from the system's random bytes. */
struct key keys_make_ecdsa_p256(void);
struct key keys_make_rsa_3072(void);
/*
 * A private key: PKCS#8 in PEM or DER, or an RSA key as PKCS#1 in DER, which is what Teaclave's rsa_sign takes. ECDSA P-256 or RSA of 2048 to
 * 8192 bits, nothing else.
 */
struct key keys_read(struct text file);
/* PKCS#8 and SubjectPublicKeyInfo, in PEM; the latter in DER when `der`. */
void keys_write_private(FILE *to, const struct key *key);
void keys_write_public(FILE *to, const struct key *key, bool der);
/* RFC 4648, in lines of `width`; 0: one line without an end. */
void keys_write_base64(FILE *to, struct text bytes, size_t width);

#endif
