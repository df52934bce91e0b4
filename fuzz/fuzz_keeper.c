/*
 * What processes of TA instances send to core: messages of tee/call, as anybody could make them. Each is: instance u8 (0: it ends; 0xff: the medium
 * fails once) | size u16 | message. The store is a real one, in memory.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/crypto/crypto.h"
#include "tee/keeper/keeper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_MAX ((size_t)1 << 20)
#define INSTANCES 4

static uint8_t file[STORAGE_FILES][FILE_MAX], space[INSTANCES][CALL_WIRE_DATA_MAX], answer[CALL_WIRE_DATA_MAX + 16384];
static size_t file_size[STORAGE_FILES];
static struct call call[INSTANCES];
static bool busy[INSTANCES], fails;

static enum mt_err carry(const struct storage_want *want)
{
	uint8_t *at = file[want->file];
	size_t *have = &file_size[want->file];

	if (fails) {
		fails = false;
		return MT_IO;
	}
	switch (want->work) {
	case STORAGE_READ:
		memset(want->at, 0, want->size);
		if (want->offset < *have) {
			memcpy(want->at, at + want->offset, want->size < *have - want->offset ? want->size : *have - (size_t)want->offset);
		}
		return MT_OK;
	case STORAGE_WRITE:
	case STORAGE_APPEND:
		if (want->offset + want->size > FILE_MAX) {
			return MT_LIMIT;
		}
		memcpy(at + want->offset, want->at, want->size);
		*have = want->offset + want->size > *have ? (size_t)want->offset + want->size : *have;
		return MT_OK;
	case STORAGE_CLEAR:
		*have = 0;
		return MT_OK;
	default:
		*want->size_out = *have;
		return MT_OK;
	}
}

static struct store *store_new(void)
{
	static const struct secret key = { "key of a store" };
	const struct storage_want *want;
	struct store *s = NULL;

	file_size[0] = file_size[1] = 0;
	enum mt_err err = storage_open(&key, STORAGE_ANCHOR_NONE, &s);
	while (!err && (want = storage_want(s)) != NULL) {
		err = storage_go_on(s, carry(want));
	}
	mt_assert(!err);
	return s;
}

static void drive(struct keeper *k)
{
	const struct storage_want *want;
	uint32_t instance, result;
	struct call *done;
	struct bytes wire;

	for (;;) {
		while (keeper_answer(k, &instance, &done, &result)) {
			mt_assert(instance >= 1 && instance <= INSTANCES && busy[instance - 1] && done == &call[instance - 1]);
			mt_assert(call_answer_encode(done, result, answer, sizeof(answer), &wire) == MT_OK);
			busy[instance - 1] = false;
		}
		want = keeper_want(k);
		if (!want) {
			break;
		}
		keeper_go_on(k, carry(want));
	}
}

static void take(struct keeper *k, uint8_t who, struct bytes wire)
{
	uint32_t place = who % INSTANCES;
	const struct property_values values = { .description = "", .os_version = "", .os_maker = "", .firmware_version = "", .firmware_maker = "",
						.ta_uuid = { (uint8_t)(place / 2) } };
	const struct keeper_clock clock = { .system_ms = who, .machine_ms = (uint64_t)who << 32 };

	if (who == 0xff) {
		fails = true;
	} else if (who % 16 == 0) {
		keeper_gone(k, place + 1);
		busy[place] = false;
	} else if (!busy[place] && call_wire_decode(wire, space[place], &call[place]) == MT_OK) {
		busy[place] = keeper_call(k, place + 1, &values, clock, &call[place]) == MT_OK;
	}
	if (who & 0x40) {
		drive(k);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(mt_bytes(data, size));
	struct keeper *k = NULL;

	memset(busy, 0, sizeof(busy));
	fails = false;
	struct store *s = store_new();
	mt_assert(keeper_open(s, &k) == MT_OK);
	while (cursor_left(&c) > 0 && cursor_ok(&c)) {
		uint8_t who = cursor_u8(&c);
		take(k, who, cursor_take(&c, cursor_u16(&c)));
	}
	drive(k);
	for (size_t i = 0; i < INSTANCES; i++) {
		mt_assert(!busy[i]);
	}
	keeper_close(k);
	storage_close(s);
	return 0;
}
