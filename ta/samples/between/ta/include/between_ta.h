/* What the program and its trusted application know of each other. */
#ifndef BETWEEN_TA_H
#define BETWEEN_TA_H

#define TA_BETWEEN_UUID \
	{ 0x01a0b074, 0x425c, 0x41be, { 0xa7, 0x2c, 0x17, 0x0f, 0x87, 0xac, 0x42, 0x4c } }

/* [0] value in and out: the other application adds one, as often as b says */
#define TA_BETWEEN_COUNT 0
/* [0] memory in: a name; [1] memory out: the other's greeting, behind it this application's own words */
#define TA_BETWEEN_GREET 1
/* [0] value out: what comes of opening a session with an application that there is not: a the result, b its origin */
#define TA_BETWEEN_NOBODY 2

#endif
