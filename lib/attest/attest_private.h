/* Shared by the files of this room only. */
#ifndef MT_ATTEST_PRIVATE_H
#define MT_ATTEST_PRIVATE_H

#include "lib/attest/attest.h"

/* Check form and signature of software evidence; whether the root and the claims are acceptable is appraisal's question. */
MUST enum mt_err attest_software_open(struct box *cbor, struct bytes evidence, struct attest_claims *claims,
				      uint8_t root[COSE_ID_SIZE]);

#endif
