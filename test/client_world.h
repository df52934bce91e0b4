/* A whole little world for receipts: platform root, ledger, contract, run; and one knob to forge each single thing in it. */
#ifndef MT_TEST_CLIENT_WORLD_H
#define MT_TEST_CLIENT_WORLD_H

#include "lib/attest/attest.h"
#include "lib/box/box.h"
#include "lib/statement/statement.h"

#define WORLD_LEAVES 11
#define WORLD_INDEX 7

/* What is not as it should be; everything around it is consistent, signatures included. */
enum forgery {
	FORGE_NOTHING,
	FORGE_ROOT,
	FORGE_DEVELOPMENT_ROOT,
	FORGE_REPORT_DATA,
	FORGE_IMAGE,
	FORGE_UNCONFINED,
	FORGE_CONFIGURATION,
	FORGE_CONTRACT_HASH,
	FORGE_CONTRACT_LOG,
	FORGE_POLICY,
	FORGE_EXECUTOR,
	FORGE_LEVEL,
	FORGE_RECEIPT_LOG,
	FORGE_ENGINE,
	FORGE_MEASUREMENT,
	FORGE_INPUT,
	FORGE_INPUT_COUNT,
	FORGE_OUTPUT_NAME,
	FORGE_OUTPUT_SIZE,
	FORGE_OUTPUT_COUNT,
	FORGE_FAILED_WITH_OUTPUT,
	FORGE_RUN,
	FORGE_ORDER,
	FORGE_STATEMENT_KEY,
	FORGE_STATEMENT_TYPE,
	FORGE_ENTRY_KIND,
	FORGE_ENTRY_REQUEST,
	FORGE_ENTRY_BODY,
	FORGE_NOTE_KEY,
	FORGE_NOTE_SIZE,
	FORGE_NOTE_LOG,
	FORGE_HEAD_KEY,
	FORGE_HEAD_ROOT,
	FORGE_HEAD_FORM,
	FORGERIES
};
const char *forgery_name(enum forgery f);

struct world {
	struct box *cbor;
	struct attest_policy policy;
	struct receipt_file file; /* decoded; borrows from `bytes` */
	struct bytes bytes; /* the encoded file; lives until the test ends */
};
/* `seed` tells worlds apart: other keys, other nonces. */
void world_open(struct world *w, uint8_t seed, enum forgery forged);
void world_close(struct world *w);
/* Encode a changed file. Lives until the test ends. */
struct bytes world_encode(const struct receipt_file *f);

#endif
