/* What an upload is measured against, in the same minute on the same machine. */
#ifndef MT_BENCH_UPLOAD_H
#define MT_BENCH_UPLOAD_H

#include "api/mesatee.h"

struct upload_figures {
	double cipher;          /* AES-256-GCM, one core; all in MiB a second */
	double floor;           /* a bare TLS 1.3 sender to a bare receiver that writes a file and syncs it */
	double whole;           /* `put`: from the plaintext in a file to the registered dataset */
	double name, send;      /* its two passes: until the file's name is known; from there to the end */
};
/* `folder` takes the floor's file; `path` is a file of `mib` MiB. False: *why says what did not work. */
bool upload_measure(struct mesatee *m, const char *folder, const char *path, unsigned mib, struct upload_figures *out, const char **why);

#endif
