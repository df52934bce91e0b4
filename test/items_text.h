/* Items as text, so that a test's table can say what it wants: [1,-2,"a",{"k":null},h'0102',@07:32:00,0.5f,tag 1(2)] */
#ifndef MT_ITEMS_TEXT_H
#define MT_ITEMS_TEXT_H

#include "lib/box/box.h"

/* Zero terminated; lives until the test ends. */
const char *items_text(const struct items *items);

/*
 * Parse in a box and tell the answer as text; "malformed 7" (the line of the fault, if any) or the error's name when
 * there is none. A trap is told as "trap".
 */
const char *box_text(struct box *box, uint32_t operation, struct bytes input);

#endif
