/*
 * The fetcher (api/fetch.h): moves ciphertext between files of the supplicant and http(s) URLs or the operator's folder.
 *
 * Promises: connects to public addresses only, unless it may do otherwise, whatever names and redirects say; never
 * writes more than was declared; every transfer ends, if only because it is too slow. Says nothing of URLs to anybody.
 * Hides: libcurl, retries. Class U: nobody believes it.
 */
#ifndef MT_REE_FETCH_H
#define MT_REE_FETCH_H

/*
 * The whole of the image's main(), on the descriptors FETCH_FD_…; `may` is its argument (port/linux/linux.h). The exit
 * status; ends when the supplicant is gone.
 */
int fetch_run(const char *may);

#endif
