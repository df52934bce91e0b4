/* What the program and its trusted application know of each other. */
#ifndef PANIC_TA_H
#define PANIC_TA_H

#define TA_PANIC_UUID \
	{ 0x5682929f, 0xa1d8, 0x4116, { 0xa3, 0x7d, 0x57, 0xd7, 0x8a, 0xbf, 0xe1, 0xfa } }

/* None has parameters. */
/* TEE_Panic() */
#define TA_PANIC_PANIC 0
/* an endless loop */
#define TA_PANIC_LOOP 1
/* writes to address 0 */
#define TA_PANIC_NULL 2
/* more stack than there is */
#define TA_PANIC_STACK 3
/* waits until it is cancelled */
#define TA_PANIC_WAIT 4
/* nothing */
#define TA_PANIC_NOTHING 5

#endif
