/* What picohttpparser.h asks for. */
#ifndef BOX_SYS_TYPES_H
#define BOX_SYS_TYPES_H

typedef long ssize_t;

#endif
