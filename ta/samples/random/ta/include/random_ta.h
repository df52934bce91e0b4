/* What the program and its trusted application know of each other. */
#ifndef RANDOM_TA_H
#define RANDOM_TA_H

#define TA_RANDOM_UUID \
	{ 0x9bfd90aa, 0xb9a4, 0x4e2d, { 0xad, 0xff, 0x60, 0x05, 0xae, 0xfc, 0xca, 0x05 } }

/* [0] memory out: as many random bytes as it holds */
#define TA_RANDOM_FILL 0
/* most bytes of one call */
#define TA_RANDOM_MAX 65536

#endif
