/*
 * What of the machine's own file system comes into the node's: for the fetcher, which is outside the trusted base.
 * Private to the launcher. Class R.
 */
#ifndef MT_PORT_LINUX_OUTSIDE_H
#define MT_PORT_LINUX_OUTSIDE_H

#include "lib/base/base.h"

/*
 * Below the folder `root`: fetch, the machine's native libraries, mounted read-only; with `network` also copies of its
 * list of authorities and of how it resolves names, as they are now. errno says what failed.
 */
MUST bool outside_bring(int root, bool network);

#endif
