/* In a box a failed assertion is a trap: it ends the call. */
#ifndef BOX_ASSERT_H
#define BOX_ASSERT_H

#define assert(condition) ((condition) ? (void)0 : __builtin_trap())

#endif
