/* What the program and its trusted application know of each other. */
#ifndef HOTP_TA_H
#define HOTP_TA_H

#define TA_HOTP_UUID \
	{ 0x74c645d2, 0x70f8, 0x4740, { 0x85, 0xbf, 0x97, 0x8b, 0x99, 0x4c, 0xe8, 0x99 } }

/* [0] memory in: the secret, of TA_HOTP_SECRET_MIN to TA_HOTP_SECRET_MAX bytes. The counter is 0 again. */
#define TA_HOTP_SET_SECRET 0
/* [0] value out: a is the next code, below a million. TEE_ERROR_BAD_STATE: there is no secret. */
#define TA_HOTP_NEXT 1

/* RFC 4226, 4, R6: at least 128 bits; a block of SHA-1 at most */
#define TA_HOTP_SECRET_MIN 16
#define TA_HOTP_SECRET_MAX 64

#endif
