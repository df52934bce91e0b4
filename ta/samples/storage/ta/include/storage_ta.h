/* What the program and its trusted application know of each other. */
#ifndef STORAGE_TA_H
#define STORAGE_TA_H

#define TA_STORAGE_UUID \
	{ 0x832c79fb, 0x9e2b, 0x40c8, { 0xb6, 0x9c, 0x41, 0x86, 0x5c, 0x58, 0x11, 0xa5 } }

/* A note has a name of 1 to 64 bytes, as memory in [0]. */

/* [1] memory in: the content. TEE_ERROR_ACCESS_CONFLICT: there is a note of this name. */
#define TA_STORAGE_CREATE 0
/* [1] memory out: the content. TEE_ERROR_ITEM_NOT_FOUND: no such note; TEE_ERROR_SHORT_BUFFER with the size that it needs. */
#define TA_STORAGE_READ 1
/* [1] memory in: another name. TEE_ERROR_ACCESS_CONFLICT: it is taken. */
#define TA_STORAGE_RENAME 2
#define TA_STORAGE_DELETE 3
/* [0] memory out: the names of all notes, each with a newline; [1] value out: a is how many */
#define TA_STORAGE_LIST 4

#define TA_STORAGE_NAME_MAX 64

#endif
