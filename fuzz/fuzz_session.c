/* tee/session: three bytes an event, against the model of its tests. Instances say what the fuzzer wants. */
#include "api/tee_api_defines.h"
#include "test/session_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct session_model model;

static void step(const uint8_t b[3])
{
	size_t place = b[1] % MODEL_CLIENTS;
	struct model_instance *i = model.instances ? &model.instance[b[1] % model.instances] : NULL;
	struct model_session *s = model.sessions ? &model.session[b[2] % model.sessions] : NULL;
	uint32_t result = b[0] & 0x80 ? TEE_ERROR_GENERIC : TEE_SUCCESS;
	struct session_caller caller = { .client = model.client[place] };

	i = i && i->number ? i : NULL;
	s = s && s->number ? s : NULL;
	switch (b[0] % 13) {
	case 0:
		model_tick(&model, (uint32_t)b[1] * 64);
		break;
	case 1:
		model.client[place] = caller.client ? caller.client : ++model.client_last;
		break;
	case 2:
		if (caller.client) {
			model_client_gone(&model, place);
		}
		break;
	case 3:
		if (caller.client) {
			model_begin(&model, caller, b[2] % MODEL_LETTERS, 0);
		}
		break;
	case 4:
		if (caller.client && s) {
			model_close(&model, caller, s);
		}
		break;
	case 5:
		if (i) {
			model_begin(&model, (struct session_caller){ .instance = i->number }, b[2] % MODEL_LETTERS, b[0] & 0x80);
		}
		break;
	case 6:
		if (i && s) {
			model_invoke(&model, i->number, s, b[0] & 0x80);
		}
		break;
	case 7:
		if (i && s) {
			model_close(&model, (struct session_caller){ .instance = i->number }, s);
		}
		break;
	case 8:
		if (i) {
			model_loaded(&model, i, result, b[2], result && (b[2] & 1));
		}
		break;
	case 9:
		if (i && s) {
			model_answer(&model, i, s, WORK_OPEN + b[0] / 13 % 3, result);
		}
		break;
	case 10:
		if (i && s && s->at == i->number && s->work) {
			model_answer(&model, i, s, s->work, result);
		}
		break;
	case 11:
		if (i) {
			model_kill(&model, i);
		}
		break;
	default:
		if (i) {
			model_gone(&model, i, b[2]);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!model.table && session_table_open(&model.table)) {
		return 0;
	}
	for (size_t at = 0; at + 3 <= size; at += 3) {
		step(data + at);
	}
	if (size % 3 == 0) {
		model_settle(&model);
	}
	model_end(&model);
	return 0;
}
