/*
 * Paths of tiles over a ledger of 600 entries, two whole tiles and a partial one: what is served has exactly one path, and the bytes that the
 * path asks for. The ledger's writes go nowhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/linux/box_port.h"
#include "service/ledger/ledger.h"

#define ENTRIES 600
#define PATH_MAX_TEXT 128

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum mt_err fold(void *context, uint64_t index, struct bytes entry)
{
	(void)context;
	(void)index;
	(void)entry;
	return MT_OK;
}

static struct ledger *filled(void)
{
	static const struct secret platform = { { 1 } };
	static const uint8_t instance[LEDGER_INSTANCE_SIZE] = { 2 }, operator_id[32] = { 3 }, configuration[32] = { 4 };
	static struct seal_root root;
	struct entry e = { .kind = ENTRY_LIFE, .body = mt_text("a hash") };
	struct box *cbor = NULL;
	struct ledger *l = NULL;
	struct log_write w;
	uint64_t index = 0;

	box_port_install();
	seal_root_derive(&platform, mt_text("measurement"), mt_text("policy"), &root);
	mt_assert(!box_open(&box_cbor, &cbor) && !ledger_open(cbor, &root, instance, fold, NULL, &l));
	mt_assert(!ledger_replay_end(l) && !ledger_genesis(l, 1, operator_id, configuration));
	for (uint64_t i = 1; i < ENTRIES; i++) {
		mt_assert(!ledger_stage(l, &e, &index) && index == i);
		if (i % 100 == 99) {
			mt_assert(!ledger_batch(l, &w));
			ledger_sign_ahead(l);
			mt_assert(!ledger_written(l, MT_OK));
		}
	}
	mt_assert(ledger_size(l) == ENTRIES);
	return l;
}

/* Some path of a tile that this ledger has: what was asked for must be one of these texts. */
static bool known(const char *path, size_t answer_size)
{
	char want[PATH_MAX_TEXT];

	for (unsigned level = 0; level < 2; level++) {
		size_t nodes = level == 0 ? ENTRIES : ENTRIES / 256;
		for (unsigned tile = 0; tile <= nodes / 256; tile++) {
			size_t left = nodes - tile * 256 < 256 ? nodes - tile * 256 : 256;
			for (unsigned width = 1; width <= left; width++) {
				snprintf(want, sizeof(want), width == 256 ? "%u/%03u" : "%u/%03u.p/%u", level, tile, width);
				if (strcmp(path, want) == 0) {
					return answer_size == width * 32;
				}
				snprintf(want, sizeof(want), width == 256 ? "entries/%03u" : "entries/%03u.p/%u", tile, width);
				if (level == 0 && strcmp(path, want) == 0) {
					return answer_size >= width * 34;       /* the genesis is longer */
				}
			}
		}
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ledger *ledger;
	static uint8_t space[64 * 1024];
	struct builder b = builder_over(space, sizeof(space));
	char path[PATH_MAX_TEXT] = { 0 };
	struct bytes answer;

	if (!ledger) {
		ledger = filled();
	}
	/* A block of its own, so that a read past the end is seen. */
	uint8_t *copy = malloc(size);
	if (size) {
		memcpy(copy, data, size);
	}
	enum mt_err err = ledger_tile(ledger, mt_bytes(copy, size), &b);
	free(copy);
	if (!err) {
		mt_assert(size < sizeof(path) && !builder_done(&b, &answer));
		memcpy(path, data, size);
		mt_assert(strlen(path) == size && known(path, answer.size));
	} else {
		mt_assert(err == MT_MALFORMED || err == MT_NOT_FOUND);
		mt_assert(b.size == 0);
	}
	return 0;
}
