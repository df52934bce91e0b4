/* What parties may read: JSON views, receipts, output keys. */
#include "service/task/state.h"

#include <inttypes.h>
#include <string.h>

static void json_hex(struct builder *out, const uint8_t id[32])
{
	char digits[65];

	mt_hex(mt_bytes(id, 32), digits);
	builder_format(out, "\"%s\"", digits);
}

static const char *run_state_name(enum task_run_state s)
{
	static const char *const name[] = { "running", "finished", "failed", "cancelled" };

	return name[s];
}

/* Why a run ended as it did, for every participant. */
static void json_run_end(const struct task_contract *c, const struct task_run *run, struct builder *out)
{
	if (!run->receipt) {
		return;
	}
	builder_text(out, ",\"cause\":");
	builder_json_text(out, mt_text(run->cause));
	builder_format(out, ",\"exit_code\":%" PRIu32 ",\"cpu_us\":%" PRIu64 ",\"memory_peak\":%" PRIu64 ",\"wall_ms\":%" PRIu64
		       ",\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64 ",\"outputs\":[",
		       run->exit_code, run->cpu_us, run->memory_peak, run->wall_ms, run->bytes_in, run->bytes_out);
	for (size_t i = 0; run->state == TASK_RUN_FINISHED && i < c->contract.output_count; i++) {
		builder_text(out, i ? ",{\"name\":" : "{\"name\":");
		builder_json_text(out, c->contract.output[i].name);
		builder_text(out, ",\"tag\":");
		json_hex(out, run->keys[i].tag);
		builder_format(out, ",\"size\":%" PRIu64 "}", run->keys[i].size);
	}
	builder_text(out, "]");
}

static void json_run(const struct task_contract *c, const struct task_run *run, struct builder *out)
{
	builder_format(out, "{\"run\":%" PRIu64 ",\"state\":\"%s\",\"started_ms\":%" PRIu64 ",\"ended_ms\":%" PRIu64, run->number,
		       run_state_name(run->state), run->started_ms, run->ended_ms);
	json_run_end(c, run, out);
	builder_text(out, "}");
}

static void json_runs(const struct task_contract *c, struct builder *out)
{
	size_t first = c->run_count > 16 ? c->run_count - 16 : 0;       /* the newest ones; each has its own receipt route */

	builder_text(out, ",\"run_list\":[");
	for (size_t i = first; i < c->run_count; i++) {
		const struct task_run *run = &c->run[i];
		builder_text(out, i > first ? "," : "");
		json_run(c, run, out);
	}
	builder_text(out, "]");
}

static void json_contract(const struct task_contract *c, struct builder *out)
{
	builder_text(out, "{\"contract\":");
	json_hex(out, c->contract.hash);
	builder_format(out, ",\"state\":\"%s\",\"created_ms\":%" PRIu64 ",\"expiry\":%" PRIu64 ",\"runs_used\":%zu,\"runs\":%" PRIu64
		       ",\"function\":", task_state_name(c), c->created_ms, c->contract.expiry, c->run_count, c->contract.runs);
	json_hex(out, c->contract.function);
	builder_text(out, ",\"participants\":[");
	for (uint32_t i = 0; i < c->contract.participant_count; i++) {
		builder_text(out, i ? ",{\"party\":" : "{\"party\":");
		json_hex(out, c->contract.participant[i]);
		builder_format(out, ",\"approved\":%s}", c->approved & MT_BIT(i) ? "true" : "false");
	}
	builder_text(out, "]");
	json_runs(c, out);
	builder_text(out, "}");
}

static bool may_see(const struct task_state *t, const struct task_contract *c, const uint8_t party[32])
{
	return contract_has_participant(&c->contract, party) || task_role_of(t, party) == TASK_ROLE_OPERATOR;
}

void task_json_list(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], struct builder *out)
{
	bool first = true;

	builder_text(out, "{\"schema\":\"mesatee.tasks.1\",\"tasks\":[");
	for (size_t i = t->contract_count; i-- > 0;) {
		if (may_see(t, t->contract[i], party)) {
			struct builder before = *out;
			builder_text(out, first ? "" : ",");
			json_contract(t->contract[i], out);
			if (out->failed || out->capacity - out->size < 64) {
				*out = before;          /* the oldest ones are left out, and that is said */
				builder_text(out, "],\"more\":true}");
				return;
			}
			first = false;
		}
	}
	builder_text(out, "],\"more\":false}");
}

MUST enum mt_err task_json_one(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], const uint8_t hash[32], struct builder *out)
{
	const struct task_contract *c = task_find(t, hash);

	if (!c || !may_see(t, c, party)) {
		return MT_NOT_FOUND;
	}
	builder_text(out, "{\"schema\":\"mesatee.task.1\",\"task\":");
	json_contract(c, out);
	builder_text(out, "}");
	return MT_OK;
}

MUST enum mt_err task_json_run(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], const uint8_t hash[32], uint64_t number, bool *over,
			       struct builder *out)
{
	const struct task_contract *c = task_find(t, hash);
	const struct task_run *run = c && may_see(t, c, party) ? task_run_find(c, number) : NULL;

	if (!run) {
		return MT_NOT_FOUND;
	}
	*over = run->state != TASK_RUN_RUNNING;
	builder_text(out, "{\"schema\":\"mesatee.run.1\",\"contract\":");
	json_hex(out, hash);
	builder_text(out, ",\"run\":");
	json_run(c, run, out);
	builder_text(out, "}");
	return MT_OK;
}

void task_json_functions(const struct task_state *t, struct builder *out)
{
	builder_text(out, "{\"schema\":\"mesatee.functions.1\",\"functions\":[");
	for (size_t i = 0; i < t->function_count; i++) {
		const struct task_function *f = &t->function[i];
		struct builder before = *out;
		builder_text(out, i ? ",{\"hash\":" : "{\"hash\":");
		json_hex(out, f->hash);
		builder_text(out, ",\"name\":");
		builder_json_text(out, mt_text(f->name));
		builder_text(out, ",\"owner\":");
		json_hex(out, f->owner);
		builder_format(out, ",\"size\":%" PRIu64 ",\"executor\":\"%s\"}", f->size, attest_executor_name(f->executor));
		if (out->failed || out->capacity - out->size < 64) {
			*out = before;
			break;
		}
	}
	builder_text(out, "]}");
}

MUST enum mt_err task_receipt(const struct task_state *t, const uint8_t party[COSE_ID_SIZE], const uint8_t hash[32], uint64_t number,
			      struct builder *space, struct bytes *statement, struct bytes *entry, uint64_t *index)
{
	const struct task_contract *c = task_find(t, hash);
	const struct task_run *run = c && contract_has_participant(&c->contract, party) ? task_run_find(c, number) : NULL;

	if (!run) {
		return MT_NOT_FOUND;
	}
	if (!run->receipt) {
		return MT_STATE;
	}
	size_t from = space->size;
	struct entry e = {
		.kind = ENTRY_RECEIPT,
		.time_ms = run->receipt_time_ms,
		.body = mt_bytes(run->receipt, run->receipt_size),
	};
	entry_encode(&e, space);
	if (space->failed) {
		return MT_LIMIT;
	}
	*entry = mt_bytes(space->at + from, space->size - from);
	*statement = e.body;
	*index = run->receipt_index;
	return MT_OK;
}

/* ---- outputs ---- */
