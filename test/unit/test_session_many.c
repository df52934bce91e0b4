/* tee/session: 100,000 histories by chance against a model that counts what is owed (test/session_model.h). Instances also lie and die. */
#include <stdlib.h>

#include "api/tee_api_defines.h"
#include "test/session_model.h"
#include "test/test.h"

#define HISTORIES 100000

static uint64_t state;

/* splitmix64 */
static uint32_t chance(uint32_t below)
{
	uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ (z >> 31)) >> 32) % below;
}

static struct session_model model;
static uint32_t flags[MODEL_LETTERS];

static struct model_session *any_session(void)
{
	struct model_session *s = model.sessions ? &model.session[chance((uint32_t)model.sessions)] : NULL;

	return s && s->number ? s : NULL;
}

static struct model_instance *any_instance(void)
{
	struct model_instance *i = model.instances ? &model.instance[chance((uint32_t)model.instances)] : NULL;

	return i && i->number ? i : NULL;
}

static void client_step(void)
{
	size_t place = chance(MODEL_CLIENTS);
	struct session_caller caller = { .client = model.client[place] };
	struct model_session *s = any_session();

	if (!caller.client) {
		model.client[place] = ++model.client_last;
	} else if (chance(12) == 0) {
		model_client_gone(&model, place);
	} else if (s && chance(2)) {
		model_close(&model, chance(8) ? (struct session_caller){ .client = s->caller.client ? s->caller.client : caller.client } : caller, s);
	} else {
		model_begin(&model, caller, (uint8_t)chance(MODEL_LETTERS), 0);
	}
}

static void instance_asks(struct model_instance *i)
{
	struct model_session *s = any_session();
	uint32_t timeout = chance(3) ? 0 : 1 + chance(3000);

	switch (chance(3)) {
	case 0:
		model_begin(&model, (struct session_caller){ .instance = i->number }, (uint8_t)chance(MODEL_LETTERS), timeout);
		break;
	case 1:
		if (s) {
			model_invoke(&model, i->number, s, timeout);
		}
		break;
	default:
		if (s) {
			model_close(&model, (struct session_caller){ .instance = i->number }, s);
		}
	}
}

static void instance_step(struct model_instance *i)
{
	struct model_session *s = any_session();

	if (chance(40) == 0) {
		model_kill(&model, i);
	} else if (chance(25) == 0) {
		model_gone(&model, i, chance(3));
	} else if (!i->loaded && chance(3)) {
		uint32_t how = chance(10), said = chance(15) ? flags[i->letter] : chance(32);
		model_loaded(&model, i, how ? TEE_SUCCESS : TEE_ERROR_GENERIC, said, how == 0 && chance(2));
	} else if (s && chance(3)) {
		bool honest = chance(10) && s->at == i->number && s->work;
		model_answer(&model, i, s, honest ? s->work : (enum model_work)(WORK_OPEN + chance(3)), chance(4) ? TEE_SUCCESS : TEE_ERROR_GENERIC);
	} else {
		instance_asks(i);
	}
}

static void history(uint64_t seed)
{
	uint32_t steps;

	state = seed;
	for (size_t i = 0; i < MODEL_LETTERS; i++) {
		flags[i] = chance(8) << 2;
	}
	steps = 20 + chance(150);
	while (steps--) {
		struct model_instance *i = any_instance();
		uint32_t what = chance(10);

		if (what == 0) {
			model_tick(&model, chance(4000));
		} else if (what < 4 || !i) {
			client_step();
		} else {
			instance_step(i);
		}
	}
	if (chance(2)) {
		model_settle(&model);
	}
	model_end(&model);
}

static void test_many(void)
{
	CHECK(session_table_open(&model.table) == MT_OK, "a table");
	for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
		history(seed << 20);
	}
	CHECK(model.client_last > HISTORIES, "clients came");
	session_table_close(model.table);
}

const struct test tests[] = {
	{ "each is answered once, nothing is left", test_many },
	TESTS_END,
};
