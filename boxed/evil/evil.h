/* The misdeeds that boxed/evil offers, one per operation: shared with the tests of lib/box. */
#ifndef MT_BOX_EVIL_H
#define MT_BOX_EVIL_H

enum evil {
	EVIL_ECHO = 0,          /* well-behaved: one byte string, the input */
	EVIL_WRITE_PAST_END,
	EVIL_WRITE_FAR,         /* at the highest address there is */
	EVIL_READ_PAST_END,
	EVIL_RECURSE,           /* without end, a stack frame each */
	EVIL_RECURSE_FLAT,      /* without end, nothing on the box's own stack */
	EVIL_STACK,             /* more locals than the stack has */
	EVIL_DIVIDE,
	EVIL_UNREACHABLE,
	EVIL_CALL_NOWHERE,      /* through a bad function pointer */
	EVIL_GROW,              /* until refused, then answers how far it came */
	EVIL_GROW_THEN_TRAP,
	EVIL_ANSWER_OUTSIDE,    /* address beyond the memory */
	EVIL_ANSWER_HUGE,       /* size beyond the memory */
	EVIL_ITEM_OUTSIDE,      /* a string that reaches past the blob */
	EVIL_ITEM_ENDLESS,      /* an array that says it is longer */
	EVIL_REMEMBER,          /* leaves bytes and a global behind, answers nothing */
	EVIL_RECALL,            /* answers how many bytes of its memory are not zero, and the global */
	EVIL_LIE,               /* decodes [1] as [2] */
	EVIL_REFUSE_LINE,       /* refuses at line 7 */
	EVIL_MISDEEDS
};

#endif
