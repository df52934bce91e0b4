/* A folder that is a client's home and holds the files of one test. */
#ifndef MT_TEST_CLIENT_FOLDER_H
#define MT_TEST_CLIENT_FOLDER_H

#include "api/mesatee.h"
#include "lib/base/base.h"

void fresh(void);               /* another one from now on */
void remove_all(void);
struct mesatee *client(void);   /* at home there */
/* The path of a file in it; lives until the test ends, as what read_back() gives. */
const char *inside(const char *name);
void write_file(const char *name, const char *text);
struct bytes read_back(const char *path);
/* Put the file "plain", of `size` bytes, to "sealed"; both shares of its key, as two owners have them. */
void shares_make(struct mesatee *m, const char *const share[2], uint64_t size);

#endif
