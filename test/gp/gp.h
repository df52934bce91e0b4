/*
 * Conformance with GlobalPlatform's TEE Internal Core API 1.3.1, by function: each row is one thing that the function's comment in api/ states (success,
 * an error, a reason to panic), with the case that shows it, or without one: a gap, which is printed as one.
 *
 * Cases are code of a trusted application: they call TEE_..., and gp_...() below, which whoever runs them gives (in_process.c in a test, in_ta.c in a TA). A row
 * whose text begins with "panics" is to end in a panic after gp_now(), so each such reason has a row of its own.
 */
#ifndef GP_H
#define GP_H

#include <tee_internal_api.h>

/* The suite is built for version 1.1 as well, whose lengths have 32 bits. */
#if __OPTEE_CORE_API_COMPAT_1_1
#define GP_11 true
typedef uint32_t gp_size;
#define GP_SIZE_MAX UINT32_MAX
typedef int32_t gp_offset;
#define GP_OFFSET_MAX INT32_MAX
#define GP_OFFSET_MIN INT32_MIN
#else
#define GP_11 false
typedef size_t gp_size;
#define GP_SIZE_MAX SIZE_MAX
typedef intmax_t gp_offset;
#define GP_OFFSET_MAX INTMAX_MAX
#define GP_OFFSET_MIN INTMAX_MIN
#endif

struct gp_row {
	const char *function;
	const char *what;
	void (*run)(unsigned which);    /* NULL: a gap */
	unsigned which;
};

/* Rows by number, from 0 on; NULL behind the last. */
const struct gp_row *gp_row_at(size_t index);

/* ---- for cases ---- */

#define GP(holds) gp_check((holds), __FILE__, __LINE__, #holds)
bool gp_check(bool holds, const char *file, int line, const char *text);

/* A case begins; what a client shares. */
void gp_begin(void *shared, gp_size size);
/* What came of the checks of a case: TEE_SUCCESS, TEE_ERROR_GENERIC, or TEE_ERROR_NOT_SUPPORTED where it needs what there is not here. */
TEE_Result gp_result(void);
/* From here on it may panic: a panic before is a failure. */
void gp_now(void);
/* The next system call of this number, after `skip` of them, ends with this result. */
void gp_fault(uint32_t number, unsigned skip, TEE_Result result);
void gp_cancel(void);
/* Are properties and clocks below the test's own, new for each case? If not the case cannot be tried, and ends at once. */
bool gp_own_world(void);
/* A page of memory that a client shares; that is not the TA's; that it may only read. */
void *gp_shared(void);
void *gp_foreign(void);
void *gp_read_only(void);
/* A TA that answers as entry.c does. */
extern const TEE_UUID gp_target;

/* What entry.c does for a client. */
#define GP_COMMAND_ECHO 1               /* values are exchanged, memory reversed, output is "echo" */
#define GP_COMMAND_ERROR 2              /* returns GP_ERROR */
#define GP_COMMAND_CASES 1000           /* and behind it: the case of that number */
#define GP_ERROR 0x12345678u

/* ---- helpers of helper.c ---- */

/* A transient object with this one buffer attribute, of just its size in bits. */
TEE_ObjectHandle gp_secret(uint32_t type, const void *secret, gp_size size);
TEE_ObjectHandle gp_aes(void);                  /* 128 bits: 00, 01, ... */
TEE_ObjectHandle gp_empty(uint32_t type, uint32_t bits);
TEE_ObjectHandle gp_curve_pair(uint32_t type);  /* of P-256 */
TEE_ObjectHandle gp_rsa_pair(void);             /* 1024 bits, made once */
TEE_OperationHandle gp_operation(uint32_t algorithm, uint32_t mode, uint32_t bits, TEE_ObjectHandle key);
/* A persistent object with four bytes of data, all flags; closed by the caller. */
TEE_ObjectHandle gp_stored(const char *name, TEE_ObjectHandle attributes);
/* TEE_DigestExtract, which 1.1 had not. */
TEE_Result gp_extract(TEE_OperationHandle operation, void *hash, gp_size *size);
bool gp_same(const void *a, const void *b, gp_size size);
/* No object, operation or enumerator, but no small number either. */
#define GP_NOBODY ((void *)(uintptr_t)0x7fff1234)
#define GP_ALL_FLAGS \
	(TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_ACCESS_WRITE_META)

#endif
