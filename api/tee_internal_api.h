/*
 * GlobalPlatform TEE Internal Core API 1.3.1: what a trusted application (TA) provides and what it may call.
 *
 * This file: the framework (chapter 4) and time (chapter 7). Chapter 5 is tee_api_storage.h, 6
 * tee_api_crypto.h, 8 tee_api_arith.h, the signatures of version 1.1 tee_api_compat.h; all are included here.
 *
 * What holds for every function:
 *   A handle that is not open, of another kind, or TEE_HANDLE_NULL where that is not said to be allowed, panics.
 *   So does a pointer the TA cannot read (inputs) or write (outputs), and any fault of the call that has no code
 *   under "Errors".
 *   To panic: this TA instance ends and none of its code runs again; its clients get TEE_ERROR_TARGET_DEAD.
 *   A buffer that is written with its length behind a pointer: in, the bytes it has room for; out, the bytes
 *   written, or with TEE_ERROR_SHORT_BUFFER the bytes needed. Such a buffer may be NULL where its length is 0.
 *   Lengths are bytes unless said otherwise. One thread enters a TA instance at a time.
 *
 * TEE_SUCCESS is not listed under "Errors".
 */
#ifndef TEE_INTERNAL_API_H
#define TEE_INTERNAL_API_H

#ifdef TEE_API_COMPAT_H
#error "tee_api_compat.h comes with tee_internal_api.h, not before it"
#endif

#include "tee_api_defines.h"
#include "tee_api_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef TA_EXPORT
#define TA_EXPORT                               /* what a TA writes before its entry points */
#endif

/* ---- 4.3 entry points: the TA defines these five, the framework calls them ---- */

/*
 * A new instance of the TA begins. Called once, before any session.
 * Errors: the TA's own; then no other entry point is called and the client's open fails with that code.
 * Panics: may be called for by the TA; the open then fails with TEE_ERROR_TARGET_DEAD.
 */
TEE_Result TA_EXPORT TA_CreateEntryPoint(void);

/*
 * The instance ends: no session is open and no entry point follows. What it holds is reclaimed after the
 * return.
 * Errors: none can be told.
 * Panics: may be called for by the TA.
 */
void TA_EXPORT TA_DestroyEntryPoint(void);

/*
 * A client opens a session, with four parameters of the types in paramTypes. Whatever *sessionContext is set to
 * comes back in the other calls of this session. Parameters are the client's memory: they can change while they
 * are read.
 * Errors: the TA's own; then there is no session, and the client sees origin TEE_ORIGIN_TRUSTED_APP.
 * Panics: may be called for by the TA.
 */
TEE_Result TA_EXPORT TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS],
					      void **sessionContext);

/*
 * A session ends; the TA frees what belongs to it.
 * Errors: none can be told, a close cannot be refused.
 * Panics: may be called for by the TA.
 */
void TA_EXPORT TA_CloseSessionEntryPoint(void *sessionContext);

/*
 * A client invokes command commandID, a number of the TA's own, in a session.
 * Errors: the TA's own; the session stays open.
 * Panics: may be called for by the TA.
 */
TEE_Result TA_EXPORT TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes,
						TEE_Param params[TEE_NUM_PARAMS]);

/* ---- 4.4 properties ---- */

/*
 * A property as text with its closing NUL: of the set propsetOrEnumerator by name, or, for an enumerator, the
 * one it stands on; name is not read then. Every type of property has a text.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND (no such property, or the enumerator is not on one), TEE_ERROR_SHORT_BUFFER
 * (room for less than the text and its NUL).
 * Panics: propsetOrEnumerator is neither; name is NULL with a set; valueBuffer cannot be written.
 */
TEE_Result TEE_GetPropertyAsString(TEE_PropSetHandle propsetOrEnumerator, const char *name, char *valueBuffer,
				   size_t *valueBufferLen);

/*
 * A property as a truth value.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT (it is no truth value).
 * Panics: propsetOrEnumerator is neither a set nor an enumerator; name is NULL with a set.
 */
TEE_Result TEE_GetPropertyAsBool(TEE_PropSetHandle propsetOrEnumerator, const char *name, bool *value);

/*
 * A property as a 32-bit number.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT (no such number).
 * Panics: propsetOrEnumerator is neither a set nor an enumerator; name is NULL with a set.
 */
TEE_Result TEE_GetPropertyAsU32(TEE_PropSetHandle propsetOrEnumerator, const char *name, uint32_t *value);

/*
 * A property as a 64-bit number; one of 32 bits is widened.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT (no such number).
 * Panics: propsetOrEnumerator is neither a set nor an enumerator; name is NULL with a set.
 */
TEE_Result TEE_GetPropertyAsU64(TEE_PropSetHandle propsetOrEnumerator, const char *name, uint64_t *value);

/*
 * A property as bytes; its text form is Base64.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT (no bytes), TEE_ERROR_SHORT_BUFFER.
 * Panics: propsetOrEnumerator is neither a set nor an enumerator; name is NULL with a set; valueBuffer cannot
 * be written.
 */
TEE_Result TEE_GetPropertyAsBinaryBlock(TEE_PropSetHandle propsetOrEnumerator, const char *name, void *valueBuffer,
					size_t *valueBufferLen);

/*
 * A property as a UUID.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT (no UUID).
 * Panics: propsetOrEnumerator is neither a set nor an enumerator; name is NULL with a set.
 */
TEE_Result TEE_GetPropertyAsUUID(TEE_PropSetHandle propsetOrEnumerator, const char *name, TEE_UUID *value);

/*
 * A property as an identity: gpd.client.identity is how a TA asks who calls.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT (no identity).
 * Panics: propsetOrEnumerator is neither a set nor an enumerator; name is NULL with a set.
 */
TEE_Result TEE_GetPropertyAsIdentity(TEE_PropSetHandle propsetOrEnumerator, const char *name, TEE_Identity *value);

/*
 * A new enumerator, which stands on nothing until TEE_StartPropertyEnumerator. On failure *enumerator is
 * TEE_HANDLE_NULL.
 * Errors: TEE_ERROR_OUT_OF_MEMORY.
 * Panics: enumerator cannot be written.
 */
TEE_Result TEE_AllocatePropertyEnumerator(TEE_PropSetHandle *enumerator);

/*
 * Free an enumerator; the handle is not valid any more.
 * Errors: none.
 * Panics: enumerator is not one.
 */
void TEE_FreePropertyEnumerator(TEE_PropSetHandle enumerator);

/*
 * Put an enumerator on the first property of a set, whatever it did before.
 * Errors: none; an empty set shows when the enumerator is read.
 * Panics: enumerator is not one, or propSet is no property set.
 */
void TEE_StartPropertyEnumerator(TEE_PropSetHandle enumerator, TEE_PropSetHandle propSet);

/*
 * Put an enumerator back to where it was after its allocation.
 * Errors: none.
 * Panics: enumerator is not one.
 */
void TEE_ResetPropertyEnumerator(TEE_PropSetHandle enumerator);

/*
 * The name of the property under an enumerator, with its NUL.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND (not started, or past the last), TEE_ERROR_SHORT_BUFFER.
 * Panics: enumerator is not one; nameBuffer cannot be written.
 */
TEE_Result TEE_GetPropertyName(TEE_PropSetHandle enumerator, void *nameBuffer, size_t *nameBufferLen);

/*
 * Move an enumerator to the next property.
 * Errors: TEE_ERROR_ITEM_NOT_FOUND (not started, or that was the last).
 * Panics: enumerator is not one.
 */
TEE_Result TEE_GetNextProperty(TEE_PropSetHandle enumerator);

/* ---- 4.8 panic ---- */

/*
 * End this TA instance, with a code for whoever debugs it. Open sessions are dead, resources are reclaimed.
 * Errors: none, the function does not return.
 * Panics: always.
 */
void TEE_Panic(TEE_Result panicCode);

/* ---- 4.9 sessions with other TAs ---- */

/*
 * Open a session with TA destination. cancellationRequestTimeout in milliseconds, or TEE_TIMEOUT_INFINITE,
 * after which cancellation is requested. On failure *session is TEE_HANDLE_NULL. returnOrigin may be NULL.
 * Errors: TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_ITEM_NOT_FOUND (no such TA), TEE_ERROR_ACCESS_DENIED,
 * TEE_ERROR_BUSY, TEE_ERROR_TARGET_DEAD (it panicked), TEE_ERROR_CANCEL, TEE_ERROR_EXTERNAL_CANCEL, or what the
 * other TA returned (origin TEE_ORIGIN_TRUSTED_APP).
 * Panics: paramTypes has a type that there is not; a memory reference is not the caller's to read or write as
 * its type says, or was allocated with TEE_MALLOC_NO_SHARE.
 */
TEE_Result TEE_OpenTASession(const TEE_UUID *destination, uint32_t cancellationRequestTimeout, uint32_t paramTypes,
			     TEE_Param params[TEE_NUM_PARAMS], TEE_TASessionHandle *session, uint32_t *returnOrigin);

/*
 * Close a session. TEE_HANDLE_NULL is allowed and does nothing.
 * Errors: none, also where the other TA is dead.
 * Panics: session is not open.
 */
void TEE_CloseTASession(TEE_TASessionHandle session);

/*
 * Invoke a command in a session with another TA; the rest as in TEE_OpenTASession. Values and sizes of output
 * parameters are written back whatever the result is.
 * Errors: TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_TARGET_DEAD, TEE_ERROR_CANCEL, TEE_ERROR_EXTERNAL_CANCEL, or what
 * the other TA returned (origin TEE_ORIGIN_TRUSTED_APP).
 * Panics: session is not open; paramTypes has a type that there is not; a memory reference is not the caller's
 * to read or write as its type says, or was allocated with TEE_MALLOC_NO_SHARE.
 */
TEE_Result TEE_InvokeTACommand(TEE_TASessionHandle session, uint32_t cancellationRequestTimeout, uint32_t commandID,
			       uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], uint32_t *returnOrigin);

/* ---- 4.10 cancellation ---- */

/*
 * Has cancellation of the current task been asked for? False while it is masked.
 * Errors: none.
 * Panics: none.
 */
bool TEE_GetCancellationFlag(void);

/*
 * From now on cancellation shows, and ends blocking calls. Returns true where it was masked before. Tasks begin
 * masked.
 * Errors: none.
 * Panics: none.
 */
bool TEE_UnmaskCancellation(void);

/*
 * From now on cancellation does not show. Returns true where it was masked before.
 * Errors: none.
 * Panics: none.
 */
bool TEE_MaskCancellation(void);

/* ---- 4.11 memory ---- */

/*
 * May the TA use this memory as accessFlags (TEE_MEMORY_ACCESS_...) say? Without ANY_OWNER: and is it the TA's
 * alone? Memory of 0 bytes is always allowed.
 * Errors: TEE_ERROR_ACCESS_DENIED.
 * Panics: none.
 */
TEE_Result TEE_CheckMemoryAccessRights(uint32_t accessFlags, void *buffer, size_t size);

/*
 * Keep a pointer for this instance, for all its sessions; NULL is allowed.
 * Errors: none.
 * Panics: none.
 */
void TEE_SetInstanceData(const void *instanceData);

/*
 * The pointer that TEE_SetInstanceData kept, or NULL.
 * Errors: none.
 * Panics: none.
 */
const void *TEE_GetInstanceData(void);

/*
 * Memory of size bytes, zeroed unless hint has TEE_MALLOC_NO_FILL, aligned for any type. size 0 gives a pointer
 * that is not NULL and may only be freed.
 * Errors: NULL where there is not enough memory.
 * Panics: hint is not one that there is.
 */
void *TEE_Malloc(size_t size, uint32_t hint);

/*
 * Resize memory of TEE_Malloc, moving it where it must be; new bytes keep the hint of its allocation. NULL
 * allocates.
 * Errors: NULL where there is not enough memory; buffer is unchanged then.
 * Panics: buffer is not of TEE_Malloc or TEE_Realloc, or was freed.
 */
void *TEE_Realloc(void *buffer, size_t newSize);

/*
 * Free memory of TEE_Malloc. NULL is allowed.
 * Errors: none.
 * Panics: buffer is not of TEE_Malloc or TEE_Realloc, or was freed.
 */
void TEE_Free(void *buffer);

/*
 * Copy size bytes; the two may overlap.
 * Errors: none.
 * Panics: none of its own; memory that is not the TA's faults, which ends the TA as a panic does.
 */
void TEE_MemMove(void *dest, const void *src, size_t size);

/*
 * Compare bytes in a time that depends on size alone. 0 where equal, else the sign of the first difference.
 * Errors: none.
 * Panics: none of its own; memory that is not the TA's faults, which ends the TA as a panic does.
 */
int32_t TEE_MemCompare(const void *buffer1, const void *buffer2, size_t size);

/*
 * Fill with the low 8 bits of x; never left out by a compiler, so it also wipes.
 * Errors: none.
 * Panics: none of its own; memory that is not the TA's faults, which ends the TA as a panic does.
 */
void TEE_MemFill(void *buff, uint32_t x, size_t size);

/* ---- 7.2 time ---- */

/*
 * Time since an origin of this TA instance's own; never goes back. How far it is trusted is property
 * gpd.tee.systemTime.protectionLevel.
 * Errors: none.
 * Panics: time cannot be written.
 */
void TEE_GetSystemTime(TEE_Time *time);

/*
 * Sleep for timeout milliseconds, or until cancelled with TEE_TIMEOUT_INFINITE.
 * Errors: TEE_ERROR_CANCEL (asked for, and not masked), TEE_ERROR_EXTERNAL_CANCEL.
 * Panics: none.
 */
TEE_Result TEE_Wait(uint32_t timeout);

/*
 * The time that this TA set, run on since; seconds may have wrapped around.
 * Errors: TEE_ERROR_TIME_NOT_SET, TEE_ERROR_TIME_NEEDS_RESET (it may have been tampered with: ask for it
 * again), TEE_ERROR_OVERFLOW (seconds do not fit; *time holds them cut), TEE_ERROR_OUT_OF_MEMORY.
 * Panics: time cannot be written.
 */
TEE_Result TEE_GetTAPersistentTime(TEE_Time *time);

/*
 * Set this TA's persistent time, for all its instances.
 * Errors: TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_STORAGE_NO_SPACE.
 * Panics: time cannot be read.
 */
TEE_Result TEE_SetTAPersistentTime(const TEE_Time *time);

/*
 * The rich world's clock since 1970-01-01 00:00 UTC: as good as whoever sets it.
 * Errors: none.
 * Panics: time cannot be written.
 */
void TEE_GetREETime(TEE_Time *time);

#ifdef __cplusplus
}
#endif

#include "tee_api_storage.h"
#include "tee_api_crypto.h"
#include "tee_api_arith.h"
#include "tee_api_compat.h"

#endif
