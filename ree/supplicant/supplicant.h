/*
 * The supplicant (api/ree.h): files for core and for the gateway.
 *
 * Hides: how they lie on disk. Class U: it sees ciphertext and public bytes, may lie, delay and
 * replay, and nobody believes it.
 */
#ifndef MT_REE_SUPPLICANT_H
#define MT_REE_SUPPLICANT_H

/*
 * The whole of the image's main(), on the descriptors SUPPLICANT_FD_…. The exit status; ends when
 * core or the gateway is gone.
 */
int supplicant_run(void);

#endif
