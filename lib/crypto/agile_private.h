/* Private to lib/crypto's agile files: a key as libcrypto has it. */
#ifndef AGILE_PRIVATE_H
#define AGILE_PRIVATE_H

#include "lib/crypto/agile.h"

#include <openssl/evp.h>

struct agile_key {
	enum agile_kind kind;
	enum agile_curve curve;
	EVP_PKEY *pkey;
};

const EVP_MD *agile_hash_kind(enum agile_hash hash);

#endif
