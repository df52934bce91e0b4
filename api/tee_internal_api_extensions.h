/*
 * What OP-TEE has beyond the GlobalPlatform TEE Internal Core API, for trusted applications (TAs) that were
 * written for it.
 *
 * Names, values and signatures are OP-TEE's. What tee_internal_api.h says of every function holds here too.
 */
#ifndef TEE_INTERNAL_API_EXTENSIONS_H
#define TEE_INTERNAL_API_EXTENSIONS_H

#include "tee_api_defines_extensions.h"
#include "tee_api_types.h"

/* In a kit for applications, whose folder has them, they come along as with OP-TEE's. */
#ifdef __has_include
#if __has_include("trace.h") && __has_include("types_ext.h")
#include "trace.h"
#include <stdio.h>
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Write dirty lines of the data cache back to memory. Where memory is coherent these three check and do
 * nothing.
 * Errors: TEE_ERROR_ACCESS_DENIED (not the TA's memory to read and write), TEE_ERROR_NOT_SUPPORTED (the TA has
 * not the property that allows it).
 * Panics: none.
 */
TEE_Result TEE_CacheClean(char *buf, size_t len);

/*
 * Write dirty lines back and drop them.
 * Errors: TEE_ERROR_ACCESS_DENIED, TEE_ERROR_NOT_SUPPORTED; as TEE_CacheClean.
 * Panics: none.
 */
TEE_Result TEE_CacheFlush(char *buf, size_t len);

/*
 * Drop lines without writing them back.
 * Errors: TEE_ERROR_ACCESS_DENIED, TEE_ERROR_NOT_SUPPORTED; as TEE_CacheClean.
 * Panics: none.
 */
TEE_Result TEE_CacheInvalidate(char *buf, size_t len);

/*
 * len bytes of zeroed memory of whole pages; flags: 0, or TEE_MEMORY_ACCESS_ANY_OWNER so that it may be shared
 * with TAs.
 * Errors: NULL where there is not enough memory or flags has another bit.
 * Panics: none.
 */
void *tee_map_zi(size_t len, uint32_t flags);

/*
 * Give back what tee_map_zi gave: the same pointer, the same length.
 * Errors: TEE_ERROR_BAD_PARAMETERS, TEE_ERROR_ACCESS_CONFLICT, TEE_ERROR_ITEM_NOT_FOUND (it is not such
 * memory), TEE_ERROR_BUSY (it is shared).
 * Panics: none.
 */
TEE_Result tee_unmap(void *buf, size_t len);

/*
 * A UUID of its text: 8-4-4-4-12 hexadecimal digits, either case.
 * Errors: TEE_ERROR_BAD_FORMAT; *uuid is unchanged.
 * Panics: none.
 */
TEE_Result tee_uuid_from_str(TEE_UUID *uuid, const char *s);

/*
 * Have a plugin of the supplicant work on buf: len bytes go in, *outlen (may be NULL) come out. The plugin is
 * the rich world's: what comes out may be anything.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND (no such plugin), TEE_ERROR_BAD_PARAMETERS, TEE_ERROR_OUT_OF_MEMORY, what
 * the plugin returns.
 * Panics: none.
 */
TEE_Result tee_invoke_supp_plugin(const TEE_UUID *uuid, uint32_t cmd, uint32_t sub_cmd, void *buf, size_t len,
				  size_t *outlen);

#ifdef __cplusplus
}
#endif

#endif
