/*
 * Hashes. The digests are for what parties already hold as digests (password.c); the keyed hash is for tables, where nobody who does not
 * know the key can make many texts fall together. Class B.
 */
#ifndef MT_EXEC_BUILTIN_HASH_H
#define MT_EXEC_BUILTIN_HASH_H

#include "exec/builtin/guest.h"

#define SHA1_SIZE 20
#define SHA256_SIZE 32

/* FIPS 180-4. */
void sha1(struct text text, uint8_t out[SHA1_SIZE]);
void sha256(struct text text, uint8_t out[SHA256_SIZE]);

/* SipHash-1-3 (Aumasson, Bernstein: SipHash, with 1 and 3 rounds). */
uint64_t siphash(const uint64_t key[2], struct text text);

#endif
