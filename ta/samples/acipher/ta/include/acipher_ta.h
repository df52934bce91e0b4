/* What the program and its trusted application know of each other. */
#ifndef ACIPHER_TA_H
#define ACIPHER_TA_H

#define TA_ACIPHER_UUID \
	{ 0x30a2ce81, 0x186d, 0x490d, { 0x8e, 0xda, 0x51, 0x1a, 0x71, 0x5e, 0x90, 0x83 } }

/* [0] value in: a is the size in bits, 1024 to 4096. The session's key pair is made. */
#define TA_ACIPHER_GENERATE 0
/* [0] memory out: the modulus, [1] memory out: the public exponent, big endian. TEE_ERROR_BAD_STATE: there is no key yet. */
#define TA_ACIPHER_PUBLIC 1
/* [0] memory in: a text, [1] memory out: it encrypted, with RSAES-OAEP and SHA-256 */
#define TA_ACIPHER_ENCRYPT 2
/* [0] memory in: a ciphertext, [1] memory out: the text. TEE_ERROR_BAD_PARAMETERS: there is none of this key in it. */
#define TA_ACIPHER_DECRYPT 3

#endif
