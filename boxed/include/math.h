/* What yyjson.c asks for. */
#ifndef BOX_MATH_H
#define BOX_MATH_H

#define HUGE_VAL __builtin_huge_val()
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")

#endif
