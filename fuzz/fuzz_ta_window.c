/*
 * Parameters as a client leaves them in a window (first byte even), or as core brings them from another application (odd). Of a window: sizes of four
 * regions (u16 each), then its head. Addresses that come of it lie in the client's memory, and what goes back changes nothing else.
 */
#include "exec/ta/ta_private.h"
#include "fuzz/ports.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REGIONS 4

static uint8_t memory[REGIONS][65536 + TEE_WINDOW_HEAD], space[PARAMS_SPACE], out[2 * PARAMS_SPACE];

static void inside(const struct ta_params *p, size_t i, const void *start, size_t room)
{
	uint64_t at = p->value[2 * i], first = (uint64_t)(uintptr_t)start;

	mt_assert(at >= first && at - first <= room && p->value[2 * i + 1] <= room - (at - first));
}

static void window_try(struct bytes in)
{
	static struct ta_session s;
	struct tee_window w = { 0 };
	struct ta_params p;

	s = (struct ta_session){ .state = TA_SESSION_OPEN, .outside = true };
	for (size_t i = 0; i < REGIONS; i++) {
		uint16_t size = fuzz_u16(&in);

		s.region[i] = (struct ta_region){ .at = memory[i], .size = size + (i == 0 ? TEE_WINDOW_HEAD : 0), .ending = i == 3 };
	}
	memcpy(&w, in.at, in.size < sizeof(w) ? in.size : sizeof(w));
	struct tee_window before = w;

	if (window_params(&s, &w, &p) != MT_OK) {
		return;
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		if (param_is_memory(param_type(w.types, i)) && p.value[2 * i]) {
			size_t region = w.param[i].a, head = region == 0 ? TEE_WINDOW_HEAD : 0;

			mt_assert(region < 3);
			inside(&p, i, memory[region] + head, s.region[region].size - head);
		}
	}
	window_give(&w, w.types, &p);
	mt_assert(memcmp(&w, &before, offsetof(struct tee_window, param)) == 0);
}

static void message_try(struct bytes in)
{
	struct cursor c = cursor_over(in);
	struct ta_params p;
	struct builder b = builder_over(out, sizeof(out));
	struct bytes made;

	if (params_take(&c, space, &p) != MT_OK) {
		return;
	}
	for (size_t i = 0; i < TA_PARAMS; i++) {
		if (param_is_memory(param_type(p.types, i))) {
			inside(&p, i, space, sizeof(space));
		}
	}
	params_give(&b, &p, &p);
	mt_assert(builder_done(&b, &made) == MT_OK && made.size <= 64 + TEE_WORKER_DATA_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	struct bytes in = mt_bytes(data + 1, size - 1);

	if (data[0] & 1) {
		message_try(in);
	} else if (in.size) {
		window_try(in);
	}
	return 0;
}
