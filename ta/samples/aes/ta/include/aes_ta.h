/* What the program and its trusted application know of each other. */
#ifndef AES_TA_H
#define AES_TA_H

#define TA_AES_UUID \
	{ 0x539e01fd, 0xe30c, 0x4f70, { 0x86, 0x19, 0xce, 0x50, 0x33, 0xea, 0x3d, 0xbf } }

/* [0] value in: a TA_AES_ mode, TA_AES_ENCRYPT or TA_AES_DECRYPT; [1] memory in: a key of 16, 24 or 32 bytes. The session keeps both. */
#define TA_AES_SET_KEY 0
/* [0] memory in: 16 bytes, the initial vector or the first counter. A message begins. */
#define TA_AES_BEGIN 1
/* [0] memory in, [1] memory out, as long: the next piece of the message, in CBC whole blocks */
#define TA_AES_UPDATE 2

#define TA_AES_CTR 0
#define TA_AES_CBC 1
#define TA_AES_ENCRYPT 0
#define TA_AES_DECRYPT 1
#define TA_AES_BLOCK 16

#endif
