/*
 * Files in the encrypted formats of Apache Teaclave 0.6, read and written (DESIGN 9).
 *
 * Promises of a reader: no byte is given that its key does not vouch for; what is given at one index is the same at every call, whatever
 * happens to the file meanwhile; memory is bounded (2 MiB for the largest file). Of a writer: each key that it chooses is random and seals one
 * node; nothing but ciphertext reaches the file; memory is bounded (6 MiB).
 * Hides: Merkle nodes, key derivation, GCM of files that no memory holds. Class P. No I/O but through the caller's functions. Several threads
 * may use one reader. Allocates in functions named _open.
 *
 * aes-gcm-128, aes-gcm-256: AES-GCM of the whole, its associated data eight zero bytes; the file is ciphertext || tag, its cmac the tag.
 *
 * teaclave-file-128: the protected files of the SGX SDK under a user's key, little endian, in nodes of 4096 bytes.
 *   node 0   0x5347585F46494C45 u64 | major u8 = 1 | minor u8 | encrypt flags u8 = 1 | update flag u8 = 0 | key policy u16 | isv svn u16 |
 *            key id [32] | cpu svn [16] | attributes [16] | gmac [16] = cmac | sealed [3372] | padding [628]
 *            sealed: name [260], ended by a zero | size u64 | key of node 1 [16] | its mac [16] | first 3072 bytes of the file
 *            under AES-CMAC(user key, 1 u32 | label [64] | 0 u32 | node 0 u64 | key id [32] | 128 u32 | 0 u32)
 *   others   Merkle node l is node 1 + 97 l: 96 of key [16] || mac [16] for data nodes 96 l.., then 32 for Merkle nodes 32 l + 1..
 *            data node d is node d + 2 + d / 96: bytes 3072 + 4096 d.. of the file
 * Each is AES-128-GCM with a nonce of zeros and no associated data, its key and mac in its parent. What precedes gmac is vouched for by nobody,
 * and an older whole file opens as well: who knows the file's cmac gives it.
 * Facts: sgx_protected_fs/tfs of apache/incubator-teaclave-sgx-sdk, crypto/src/lib.rs of apache/incubator-teaclave.
 */
#ifndef MT_TEACLAVE_H
#define MT_TEACLAVE_H

#include "lib/base/base.h"

#define TEACLAVE_PART_SIZE ((size_t)1 << 20)
#define TEACLAVE_SIZE_MAX ((UINT64_C(1) << 36) - 32)    /* SP 800-38D, 5.2.1.1: bytes under one nonce */
#define TEACLAVE_CMAC_SIZE 16
#define TEACLAVE_IV_SIZE 12
#define TEACLAVE_NAME_MAX 258                           /* the SDK demands less than 259 */

enum teaclave_format { TEACLAVE_AES_GCM_128, TEACLAVE_AES_GCM_256, TEACLAVE_FILE_128, TEACLAVE_FORMATS };
const char *teaclave_format_name(enum teaclave_format format);
/* MT_NOT_FOUND. */
MUST enum mt_err teaclave_format_find(const char *name, enum teaclave_format *out);
size_t teaclave_key_size(enum teaclave_format format);

/* How a file is sealed. All is copied but the name, which lives as long as the reader or writer. */
struct teaclave_seal {
	enum teaclave_format format;
	struct bytes key;               /* teaclave_key_size() */
	uint8_t iv[TEACLAVE_IV_SIZE];   /* aes-gcm; one that this key has not seen, when writing */
	struct bytes name;              /* teaclave-file-128: what it is stored under, 1 to TEACLAVE_NAME_MAX bytes without a zero */
};

/* Where it lies. Exactly so many bytes, or an error that is handed on. */
struct teaclave_store {
	enum mt_err (*read)(void *context, uint64_t offset, uint8_t *out, size_t size);
	enum mt_err (*write)(void *context, uint64_t offset, struct bytes data);
	void *context;
};

/*
 * Open a file of file_size bytes. cmac is compared unless it is NULL. Reads an aes-gcm file once, whole.
 * MT_MALFORMED: not of this format. MT_TAMPERED: damaged, cut, or another key or cmac. MT_STATE: not closed by its writer, it needs its
 * recovery file. MT_DENIED: sealed to an enclave, or not at all. MT_NOT_FOUND: stored under another name. MT_LIMIT, MT_NO_MEMORY.
 */
struct teaclave_reader;
MUST enum mt_err teaclave_reader_open(const struct teaclave_seal *how, const struct teaclave_store *store, uint64_t file_size,
				      const uint8_t *cmac, struct teaclave_reader **out);
void teaclave_reader_close(struct teaclave_reader *r);
uint64_t teaclave_reader_size(const struct teaclave_reader *r);
/*
 * The bytes from index * TEACLAVE_PART_SIZE on; out holds TEACLAVE_PART_SIZE, or what is left of the file. MT_TAMPERED: damaged, or changed since
 * it was opened, then out is zeroed. MT_NOT_FOUND: behind the end; part 0 always is there.
 */
MUST enum mt_err teaclave_reader_part(const struct teaclave_reader *r, uint64_t index, uint8_t *out);

/* Write a file of exactly `size` bytes. MT_LIMIT, MT_NO_MEMORY. */
struct teaclave_writer;
MUST enum mt_err teaclave_writer_open(const struct teaclave_seal *how, const struct teaclave_store *store, uint64_t size,
				      struct teaclave_writer **out);
void teaclave_writer_close(struct teaclave_writer *w);
/* At most TEACLAVE_PART_SIZE at a time. MT_LIMIT: more than the size. */
MUST enum mt_err teaclave_writer_add(struct teaclave_writer *w, struct bytes plain);
/* The file is whole when this has returned MT_OK. MT_STATE: less than the size. */
MUST enum mt_err teaclave_writer_finish(struct teaclave_writer *w, uint8_t cmac[TEACLAVE_CMAC_SIZE]);

#endif
