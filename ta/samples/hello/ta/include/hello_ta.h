/* What the program and its trusted application know of each other. */
#ifndef HELLO_TA_H
#define HELLO_TA_H

#define TA_HELLO_UUID \
	{ 0x21e7fbce, 0x4dba, 0x4a3c, { 0x8d, 0x3d, 0x8a, 0xc0, 0xc7, 0x2b, 0xd2, 0x0f } }

/* [0] value, in and out: one more */
#define TA_HELLO_INCREMENT 0
/* [0] memory in: a name; [1] memory out: a greeting, TEE_ERROR_SHORT_BUFFER with the size that it needs */
#define TA_HELLO_GREET 1

#endif
