/*
 * GlobalPlatform TEE Internal Core API 1.3.1, chapter 6: cryptographic operations.
 *
 * Part of tee_internal_api.h, which says what holds for every function. Key sizes are bits, lengths bytes. An
 * operation is allocated for an algorithm and a mode, gets a key, is initialised (ciphers, MACs, authenticated
 * encryption), updated and finished; used in another order it panics. Input and output buffers are the same or
 * do not overlap.
 */
#ifndef TEE_API_CRYPTO_H
#define TEE_API_CRYPTO_H

#include "tee_api_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 6.2 operations of any kind ---- */

/*
 * A new operation, in its initial state and without a key, for keys of at most maxKeySize bits. On failure
 * *operation is TEE_HANDLE_NULL.
 * Errors: TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_NOT_SUPPORTED (no such algorithm, or it has not this mode or
 * size).
 * Panics: operation cannot be written.
 */
TEE_Result TEE_AllocateOperation(TEE_OperationHandle *operation, uint32_t algorithm, uint32_t mode,
				 uint32_t maxKeySize);

/*
 * Wipe and free an operation. TEE_HANDLE_NULL is allowed and does nothing.
 * Errors: none.
 * Panics: operation is not open.
 */
void TEE_FreeOperation(TEE_OperationHandle operation);

/*
 * What an operation is and has; key size and usage are 0 for one with two keys.
 * Errors: none.
 * Panics: operation is not open.
 */
void TEE_GetOperationInfo(TEE_OperationHandle operation, TEE_OperationInfo *operationInfo);

/*
 * As TEE_GetOperationInfo, with the size and usage of each key. *operationSize: bytes of the structure with its
 * keys.
 * Errors: TEE_ERROR_SHORT_BUFFER.
 * Panics: operation is not open; operationInfoMultiple cannot be written.
 */
TEE_Result TEE_GetOperationInfoMultiple(TEE_OperationHandle operation, TEE_OperationInfoMultiple *operationInfoMultiple,
					size_t *operationSize);

/*
 * Back to the initial state; the key stays. A digest is ready to be updated again.
 * Errors: none.
 * Panics: operation is not open, or needs a key and has none.
 */
void TEE_ResetOperation(TEE_OperationHandle operation);

/*
 * Give an operation its key, copied: changes of key do not reach it. TEE_HANDLE_NULL takes the key away.
 * Errors: TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE_2.
 * Panics: operation is not open, not in its initial state, a digest, or one with two keys; key is not open or
 * not initialised; its type, size or usage does not fit.
 */
TEE_Result TEE_SetOperationKey(TEE_OperationHandle operation, TEE_ObjectHandle key);

/*
 * Give an operation with two keys (TEE_ALG_AES_XTS) both of them, or take both away with TEE_HANDLE_NULL twice.
 * Errors: TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
 * TEE_ERROR_STORAGE_NOT_AVAILABLE_2, TEE_ERROR_SECURITY (the two are the same key).
 * Panics: operation is not open, not in its initial state, or without two keys; a key is not open or not
 * initialised; only one is TEE_HANDLE_NULL; a type, size or usage does not fit, or the sizes differ.
 */
TEE_Result TEE_SetOperationKey2(TEE_OperationHandle operation, TEE_ObjectHandle key1, TEE_ObjectHandle key2);

/*
 * Copy the state and the key of an operation into another of its algorithm and mode.
 * Errors: none.
 * Panics: one is not open; algorithms or modes differ; srcOperation's key, or one of two, is above
 * dstOperation's maximum.
 */
void TEE_CopyOperation(TEE_OperationHandle dstOperation, TEE_OperationHandle srcOperation);

/*
 * Is there algorithm algId, with element (a TEE_ECC_CURVE_, or TEE_CRYPTO_ELEMENT_NONE)?
 * Errors: TEE_ERROR_NOT_SUPPORTED.
 * Panics: none.
 */
TEE_Result TEE_IsAlgorithmSupported(uint32_t algId, uint32_t element);

/* ---- 6.3 digests ---- */

/*
 * Hash a chunk more.
 * Errors: none.
 * Panics: operation is not open, no digest, or being extracted; chunk cannot be read.
 */
void TEE_DigestUpdate(TEE_OperationHandle operation, const void *chunk, size_t chunkSize);

/*
 * Hash the last chunk (chunkLen 0: none), give the digest, or what is left of it, and begin anew.
 * Errors: TEE_ERROR_SHORT_BUFFER; the chunk is not hashed then.
 * Panics: operation is not open or no digest; after TEE_DigestExtract chunkLen is not 0; chunk cannot be read.
 */
TEE_Result TEE_DigestDoFinal(TEE_OperationHandle operation, const void *chunk, size_t chunkLen, void *hash,
			     size_t *hashLen);

/*
 * Give the next *hashLen bytes of the digest, as many times as wanted: SHAKE without end, others to their
 * length, after which *hashLen is 0. The first call ends the input.
 * Errors: none.
 * Panics: operation is not open or no digest; hash cannot be written.
 */
TEE_Result TEE_DigestExtract(TEE_OperationHandle operation, void *hash, size_t *hashLen);

/* ---- 6.4 symmetric ciphers ---- */

/*
 * Begin a message, with an IV, nonce, counter block or tweak; NULL and 0 for ECB. What was unfinished is
 * dropped.
 * Errors: none.
 * Panics: operation is not open, no cipher, or without its keys; IVLen is not the algorithm's; IV cannot be
 * read.
 */
void TEE_CipherInit(TEE_OperationHandle operation, const void *IV, size_t IVLen);

/*
 * Encrypt or decrypt a piece; whole blocks come out, the rest is kept.
 * Errors: TEE_ERROR_SHORT_BUFFER; nothing is done then.
 * Panics: operation is not open, no cipher, or not begun; srcData cannot be read; the buffers overlap.
 */
TEE_Result TEE_CipherUpdate(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData,
			    size_t *destLen);

/*
 * Encrypt or decrypt the last piece and end the message. destData may be NULL with *destLen 0 where nothing
 * comes out.
 * Errors: TEE_ERROR_SHORT_BUFFER; nothing is done then. TEE_ERROR_CIPHERTEXT_INVALID (padding).
 * Panics: operation is not open, no cipher, or not begun; the message is no multiple of a block where the
 * algorithm demands it, or too short; srcData cannot be read; the buffers overlap.
 */
TEE_Result TEE_CipherDoFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData,
			     size_t *destLen);

/* ---- 6.5 MACs ---- */

/*
 * Begin a message; IV is ignored by the algorithms that there are.
 * Errors: none.
 * Panics: operation is not open, no MAC, or without a key; IV is needed and cannot be read.
 */
void TEE_MACInit(TEE_OperationHandle operation, const void *IV, size_t IVLen);

/*
 * Take a chunk more.
 * Errors: none.
 * Panics: operation is not open, no MAC, or not begun; chunk cannot be read.
 */
void TEE_MACUpdate(TEE_OperationHandle operation, const void *chunk, size_t chunkSize);

/*
 * Take the last chunk and give the MAC. The operation keeps its key and must be begun again.
 * Errors: TEE_ERROR_SHORT_BUFFER; nothing is done then.
 * Panics: operation is not open, no MAC, or not begun; the message is no multiple of a block where there is no
 * padding; message cannot be read.
 */
TEE_Result TEE_MACComputeFinal(TEE_OperationHandle operation, const void *message, size_t messageLen, void *mac,
			       size_t *macLen);

/*
 * Take the last chunk and compare the MAC with mac, in constant time.
 * Errors: TEE_ERROR_MAC_INVALID, also where macLen is not the MAC's length.
 * Panics: operation is not open, no MAC, or not begun; the message is no multiple of a block where there is no
 * padding; message or mac cannot be read.
 */
TEE_Result TEE_MACCompareFinal(TEE_OperationHandle operation, const void *message, size_t messageLen, const void *mac,
			       size_t macLen);

/* ---- 6.6 authenticated encryption ---- */

/*
 * Begin a message. tagLen in bits. AADLen and payloadLen are needed for CCM alone, which must know them before.
 * Errors: TEE_ERROR_NOT_SUPPORTED (no such tag length, or nonce, for this algorithm).
 * Panics: operation is not open, no authenticated encryption, not in its initial state, or without a key;
 * nonceLen is not one of the algorithm's; nonce cannot be read.
 */
TEE_Result TEE_AEInit(TEE_OperationHandle operation, const void *nonce, size_t nonceLen, uint32_t tagLen, size_t AADLen,
		      size_t payloadLen);

/*
 * Authenticate a piece of additional data; all of it before the payload.
 * Errors: none.
 * Panics: operation is not open, no authenticated encryption, or not begun; payload was given already; more
 * than AADLen bytes for CCM; AADdata cannot be read.
 */
void TEE_AEUpdateAAD(TEE_OperationHandle operation, const void *AADdata, size_t AADdataLen);

/*
 * Encrypt or decrypt a piece. What decryption gives is not authentic before TEE_AEDecryptFinal says so.
 * Errors: TEE_ERROR_SHORT_BUFFER; nothing is done then.
 * Panics: operation is not open, no authenticated encryption, or not begun; less than AADLen additional bytes,
 * or more than payloadLen bytes, for CCM; srcData cannot be read; the buffers overlap.
 */
TEE_Result TEE_AEUpdate(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData,
			size_t *destLen);

/*
 * Encrypt the last piece and give the tag.
 * Errors: TEE_ERROR_SHORT_BUFFER (either buffer; both lengths are set, nothing is done).
 * Panics: operation is not open, not for encryption, or not begun; the payload is not payloadLen bytes, or the
 * additional data not AADLen, for CCM; srcData cannot be read; the buffers overlap.
 */
TEE_Result TEE_AEEncryptFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData,
			      size_t *destLen, void *tag, size_t *tagLen);

/*
 * Decrypt the last piece and compare the tag, in constant time.
 * Errors: TEE_ERROR_SHORT_BUFFER; nothing is done then. TEE_ERROR_MAC_INVALID; what came out must not be used.
 * Panics: operation is not open, not for decryption, or not begun; the payload is not payloadLen bytes, or the
 * additional data not AADLen, for CCM; srcData or tag cannot be read; the buffers overlap.
 */
TEE_Result TEE_AEDecryptFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData,
			      size_t *destLen, void *tag, size_t tagLen);

/* ---- 6.7 asymmetric operations ---- */

/*
 * Encrypt with a public key. params: a label, the hash of MGF1 (OAEP).
 * Errors: TEE_ERROR_SHORT_BUFFER, TEE_ERROR_BAD_PARAMETERS (srcLen is not one that the key can encrypt),
 * TEE_ERROR_NOT_SUPPORTED (a parameter's value).
 * Panics: operation is not open, not asymmetric encryption, or without a key; its mode is not TEE_MODE_ENCRYPT;
 * a parameter is there that the algorithm has not; params or srcData cannot be read.
 */
TEE_Result TEE_AsymmetricEncrypt(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount,
				 const void *srcData, size_t srcLen, void *destData, size_t *destLen);

/*
 * Decrypt with a private key.
 * Errors: TEE_ERROR_SHORT_BUFFER, TEE_ERROR_BAD_PARAMETERS (srcLen is not the key's),
 * TEE_ERROR_CIPHERTEXT_INVALID, TEE_ERROR_NOT_SUPPORTED (a parameter's value).
 * Panics: operation is not open, not asymmetric encryption, or without a key; its mode is not TEE_MODE_DECRYPT;
 * a parameter is there that the algorithm has not; params or srcData cannot be read.
 */
TEE_Result TEE_AsymmetricDecrypt(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount,
				 const void *srcData, size_t srcLen, void *destData, size_t *destLen);

/*
 * Sign a digest, or with EdDSA the message. params: a salt length (PSS), a context and prehash (EdDSA).
 * Errors: TEE_ERROR_SHORT_BUFFER, TEE_ERROR_NOT_SUPPORTED (a parameter's value).
 * Panics: operation is not open, no signature, or without a key; its mode is not TEE_MODE_SIGN; digestLen is
 * not the algorithm's; a parameter is there that the algorithm has not; params or digest cannot be read.
 */
TEE_Result TEE_AsymmetricSignDigest(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount,
				    const void *digest, size_t digestLen, void *signature, size_t *signatureLen);

/*
 * Verify a signature of a digest, or with EdDSA of the message.
 * Errors: TEE_ERROR_SIGNATURE_INVALID, TEE_ERROR_NOT_SUPPORTED (a parameter's value).
 * Panics: operation is not open, no signature, or without a key; its mode is not TEE_MODE_VERIFY; digestLen is
 * not the algorithm's; a parameter is there that the algorithm has not; params, digest or signature cannot be
 * read.
 */
TEE_Result TEE_AsymmetricVerifyDigest(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount,
				      const void *digest, size_t digestLen, const void *signature, size_t signatureLen);

/* ---- 6.8 key derivation ---- */

/*
 * Derive a secret into derivedKey, transient, not initialised, of the type the algorithm gives
 * (TEE_TYPE_GENERIC_SECRET). params: the other side's public value; salt, info, hash, length (HKDF).
 * Errors: none can be told.
 * Panics: operation is not open, no derivation, or without a key; its mode is not TEE_MODE_DERIVE; derivedKey
 * is not open, initialised, of another type, or too small; a demanded parameter is missing, or its content is
 * wrong; params cannot be read.
 */
void TEE_DeriveKey(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount,
		   TEE_ObjectHandle derivedKey);

/* ---- 6.9 random data ---- */

/*
 * Random bytes, fit for keys.
 * Errors: none.
 * Panics: randomBuffer cannot be written; there is no randomness.
 */
void TEE_GenerateRandom(void *randomBuffer, size_t randomBufferLen);

#ifdef __cplusplus
}
#endif

#endif
