/*
 * Messages to the supplicant, which keeps ciphertext and may lie, delay and replay.
 * From core (log, blobs) and from the gateway (uploads, downloads) on their own sockets. Names of calls that leave the trusted base
 * begin with ree_ at the caller.
 *
 * Every message, big endian:  type u8 | id u32 | fields.   Every answer:  REE_ANSWER u8 | id u32 | error u8 (enum mt_err) | fields.
 * `id` is the caller's and comes back unchanged. Answers may come in another order than the calls.
 */
#ifndef MT_API_REE_H
#define MT_API_REE_H

#define REE_NAME_SIZE 32
#define REE_READ_MAX (96 * 1024)
#define REE_URL_MAX 4096        /* bytes of a URL: presigned ones have about 1500; only the fetcher reads one, nobody logs it */

/* Where a blob lies. The supplicant keeps one folder each: data/, artifact/, output/, ta/. */
enum ree_space {
	REE_DATA = 0,           /* uploaded by parties: datasets and modules, named by content tag or SHA-256 */
	REE_ARTIFACT = 1,       /* sealed by core */
	REE_OUTPUT = 2,         /* encrypted outputs */
	REE_TA = 3,             /* signed images of trusted applications, put there by the operator; named by UUID and 16 zero bytes */
	REE_SPACES
};

enum ree_type {
	REE_ANSWER = 0,
	/* core */
	REE_LOG_READ = 1,       /* offset u64 | size u32 (<= REE_READ_MAX)   answer: bytes (fewer at the end of the file) */
	REE_LOG_WRITE = 2,      /* extend_to u64 | offset u64 | bytes. Zero-fill and sync up to extend_to if that is larger than the file,
	                         * write, one fdatasync.   answer: nothing more */
	REE_BLOB_GET = 3,       /* space u8 | name[32]   answer: size u64, and one handle: sealed memory with the content */
	REE_BLOB_HEAD = 4,      /* space u8 | name[32] | size u32 (<= REE_READ_MAX)   answer: total u64 | first bytes */
	REE_BLOB_PUT = 5,       /* space u8 | name[32], and one handle: write beside, fsync, rename, fsync the folder.  answer: nothing more */
	REE_BLOB_DROP = 6,      /* space u8 | name[32]   answer: nothing more (MT_NOT_FOUND is an error) */
	/* core: what the fetcher moves (api/fetch.h). `transfer` is core's number of it; the answer comes when it has ended: outcome u8
	 * (enum fetch_outcome) | status u16 (of HTTP, 0: none). REE_TRANSFERS_MAX, one more is MT_LIMIT */
	REE_FETCH = 7,          /* transfer u32 | name[32] | size u64 | url   ciphertext of that size into data/ */
	REE_SEND = 8,           /* transfer u32 | space u8 | name[32] | url, without a handle this blob, with one what is in that memory */
	REE_TRANSFER = 9,       /* transfer u32   answer: done u64 bytes so far. MT_NOT_FOUND: it is not under way */
	/* core: the medium of the TEE's trusted storage, REE_TRUSTED_FILES files beside the log (tee/storage says what is in them) */
	REE_TRUSTED_READ = 10,  /* file u8 | offset u64 | size u32 (<= REE_READ_MAX)   answer: bytes (fewer at the end of the file) */
	REE_TRUSTED_WRITE = 11, /* file u8 | offset u64 | bytes   need not be on disk.   answer: nothing more */
	REE_TRUSTED_APPEND = 12,        /* the same, and one fdatasync: all of this file is on disk */
	REE_TRUSTED_SIZE = 13,  /* file u8   answer: size u64; 0 if there is none */
	REE_TRUSTED_CLEAR = 14, /* file u8   empty from now on; need not be on disk.   answer: nothing more */
	/* gateway */
	REE_UPLOAD_OPEN = 16,   /* name[32] | size u64   answer: upload u32, and one handle: a file to write the bytes to, in order */
	REE_UPLOAD_CLOSE = 17,  /* upload u32   size must fit; fsync, rename into data/.   answer: nothing more */
	REE_UPLOAD_ABORT = 18,  /* upload u32   answer: nothing more */
	REE_UPLOAD_SYNC = 20,   /* upload u32   what was written so far reaches the disk. answer: nothing more; on failure the upload is gone */
	/* both */
	REE_BLOB_OPEN = 19,     /* space u8 | name[32]   answer: size u64, and one handle: a file to read from, whose content may change at any
	                         * time: the gateway sends it on, core gives it to a seal worker, which checks each piece that it reads */
};

#define REE_TRUSTED_FILES 2
#define REE_UPLOADS_MAX 64              /* open uploads; one more is MT_LIMIT */
#define REE_TRANSFERS_MAX 8             /* under way at the same time */
#define REE_BLOB_SIZE_MAX (UINT64_C(64) << 30)

#endif
