/* Runs, their states, and the short signed requests. */
#include "party/client/client_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A signed request about one contract with nothing but its name. */
static enum mesatee_err task_ask(struct mesatee *m, const char *what, enum route_id route, const char *hash,
				 struct answer *a)
{
	uint8_t raw[32];
	char digits[65];
	enum mesatee_err err = client_unhex(m, "a contract", hash, raw);

	if (!err) {
		mt_hex(mt_bytes(raw, sizeof(raw)), digits);
		err = signed_post(m, what, route, digits, mt_bytes(NULL, 0), a);
	}
	return err;
}

enum mesatee_err mesatee_withdraw(struct mesatee *m, const char *hash)
{
	struct answer a = { 0 };
	enum mesatee_err err = task_ask(m, "withdrawing", ROUTE_WITHDRAW, hash, &a);

	answer_close(&a);
	return err;
}

enum mesatee_err mesatee_cancel(struct mesatee *m, const char *hash)
{
	struct answer a = { 0 };
	enum mesatee_err err = task_ask(m, "cancelling", ROUTE_CANCEL, hash, &a);

	answer_close(&a);
	return err;
}

enum mesatee_err mesatee_run(struct mesatee *m, const char *hash, uint64_t *run)
{
	struct answer a = { 0 };
	uint8_t *scratch = NULL;
	struct items items;
	enum mesatee_err err = task_ask(m, "starting a run", ROUTE_RUN, hash, &a);

	if (!err) {
		err = http_json(m, &a, &scratch, &items);
	}
	if (!err) {
		struct reader root = reader_over(&items), number = reader_find(&root, "run");
		*run = reader_uint(&number);
		if (!reader_ok(&number)) {
			err = client_fail(m, MESATEE_NOT_VERIFIED, "see what became of it: mesatee tasks",
					  "the node does not say which run it started");
		}
	}
	mt_free(scratch);
	answer_close(&a);
	return err;
}

/* ---- reading states ---- */

static bool word_take(const struct reader *map, const char *key, char *out, size_t capacity)
{
	struct reader r = reader_find(map, key);
	struct bytes text = reader_tstr(&r);

	client_clean(text, out, capacity);
	return reader_ok(&r);
}

static uint64_t number_take(const struct reader *map, const char *key)
{
	struct reader r = reader_find(map, key);
	uint64_t v = reader_uint(&r);

	return reader_ok(&r) ? v : 0;
}

static void run_take(const struct reader *map, struct mesatee_run *out)
{
	*out = (struct mesatee_run){ .run = number_take(map, "run") };
	(void)word_take(map, "state", out->state, sizeof(out->state));
	(void)word_take(map, "cause", out->cause, sizeof(out->cause));
	out->exit_code = (uint32_t)number_take(map, "exit_code");
	out->started_ms = number_take(map, "started_ms");
	out->ended_ms = number_take(map, "ended_ms");
	out->wall_ms = number_take(map, "wall_ms");
	out->cpu_us = number_take(map, "cpu_us");
	out->memory_peak = number_take(map, "memory_peak");
}

/* The run of that number, or the last one when `wanted` is 0. run 0: there is none. */
static void runs_take(const struct reader *task, uint64_t wanted, struct mesatee_run *out)
{
	struct reader list = reader_find(task, "run_list");
	uint64_t count = reader_array(&list);

	*out = (struct mesatee_run){ 0 };
	for (uint64_t i = 0; i < count && reader_ok(&list); i++) {
		struct mesatee_run run;
		run_take(&list, &run);
		reader_skip(&list);
		if (run.run == wanted || (!wanted && run.run > out->run)) {
			*out = run;
		}
	}
}

static bool task_take(const struct reader *map, struct mesatee_task *out)
{
	struct reader people = reader_find(map, "participants");
	uint64_t count = reader_array(&people);
	uint8_t raw[32];

	*out = (struct mesatee_task){ 0 };
	bool good = word_take(map, "contract", out->contract, sizeof(out->contract)) &&
		    word_take(map, "state", out->state, sizeof(out->state)) &&
		    word_take(map, "function", out->function, sizeof(out->function)) &&
		    mt_unhex(mt_text(out->contract), raw, 32) == MT_OK;
	out->created_ms = number_take(map, "created_ms");
	out->expiry = number_take(map, "expiry");
	out->runs_used = number_take(map, "runs_used");
	out->runs = number_take(map, "runs");
	for (uint64_t i = 0; i < count && i < MESATEE_PARTIES_MAX && good; i++) {
		struct mesatee_approval *a = &out->approval[out->approval_count++];
		struct reader yes = reader_find(&people, "approved");
		good = word_take(&people, "party", a->party, sizeof(a->party));
		a->approved = reader_bool(&yes);
		good = good && reader_ok(&yes);
		reader_skip(&people);
	}
	runs_take(map, 0, &out->last);
	return good && reader_ok(&people);
}

static enum mesatee_err tasks_bad(struct mesatee *m)
{
	return client_fail(m, MESATEE_NOT_VERIFIED, "this client may be older than the node",
			   "the node's list of tasks is not understood");
}

static enum mesatee_err tasks_each(struct mesatee *m, const struct items *items, bool one, mesatee_each_task *each,
				   void *context)
{
	struct reader root = reader_over(items), at = reader_find(&root, one ? "task" : "tasks");
	uint64_t count = one ? 1 : reader_array(&at);
	struct mesatee_task *task = mt_alloc(sizeof(*task));
	enum mesatee_err err = task ? MESATEE_OK : client_no_memory(m);

	for (uint64_t i = 0; !err && i < count; i++) {
		if (!reader_ok(&at) || !task_take(&at, task)) {
			err = tasks_bad(m);
		} else {
			each(context, task);
			reader_skip(&at);
		}
	}
	mt_free(task);
	return err || reader_ok(&at) ? err : tasks_bad(m);
}

static enum mesatee_err tasks_fetch(struct mesatee *m, const char *hash, struct answer *a)
{
	uint8_t raw[32];
	char digits[65] = "";
	enum mesatee_err err = hash ? client_unhex(m, "a contract", hash, raw) : MESATEE_OK;

	if (!err && hash) {
		mt_hex(mt_bytes(raw, sizeof(raw)), digits);
	}
	if (!err) {
		err = session_ensure(m);
	}
	return err ? err : http_get(m, "the tasks", hash ? ROUTE_TASK : ROUTE_TASKS, hash ? digits : NULL, NULL, a);
}

enum mesatee_err mesatee_tasks(struct mesatee *m, const char *hash, mesatee_each_task *each, void *context,
			       const char **json)
{
	struct answer a = { 0 };
	uint8_t *scratch = NULL;
	struct items items;
	enum mesatee_err err = tasks_fetch(m, hash, &a);

	if (!err) {
		err = http_json(m, &a, &scratch, &items);
	}
	if (!err && each) {
		err = tasks_each(m, &items, hash != NULL, each, context);
	}
	mt_free(scratch);
	if (!err && json) {
		mt_free(m->text);
		m->text = a.body;
		*json = (const char *)a.body;
		a.body = NULL;
	}
	answer_close(&a);
	return err;
}

/* ---- waiting ---- */

/* The node answers when the run is over, or after about a second. */
static enum mesatee_err wait_look(struct mesatee *m, const char *hash, uint64_t run, struct mesatee_run *out)
{
	struct answer a = { 0 };
	uint8_t *scratch = NULL, raw[32];
	struct items items;
	char digits[65], number[21];
	enum mesatee_err err = client_unhex(m, "a contract", hash, raw);

	if (!err) {
		err = session_ensure(m);
	}
	if (!err) {
		mt_hex(mt_bytes(raw, sizeof(raw)), digits);
		(void)snprintf(number, sizeof(number), "%" PRIu64, run);
		err = http_get(m, "the run", ROUTE_RUN_END, digits, number, &a);
	}
	if (!err) {
		err = http_json(m, &a, &scratch, &items);
	}
	if (!err) {
		struct reader root = reader_over(&items), found = reader_find(&root, "run");
		run_take(&found, out);
		err = out->run == run ? MESATEE_OK : tasks_bad(m);
	}
	mt_free(scratch);
	answer_close(&a);
	return err;
}

enum mesatee_err mesatee_wait(struct mesatee *m, const char *hash, uint64_t run, uint64_t timeout_ms,
			      struct mesatee_run *out)
{
	uint64_t until = client_now_ms() + timeout_ms;

	for (;;) {
		enum mesatee_err err = wait_look(m, hash, run, out);
		if (err) {
			return err;
		}
		if (strcmp(out->state, "finished") == 0) {
			return MESATEE_OK;
		}
		if (strcmp(out->state, "running") != 0) {
			return client_fail(
				m, MESATEE_FAILED,
				"the receipt says the same, signed; another run needs a contract that allows it",
				"run %" PRIu64 " is %s: %s (exit code %" PRIu32 ")", out->run, out->state,
				out->cause[0] ? out->cause : "no cause given", out->exit_code);
		}
		if (timeout_ms && client_now_ms() >= until) {
			return client_fail(m, MESATEE_UNREACHABLE,
					   "wait longer, or cancel the contract: mesatee cancel",
					   "run %" PRIu64 " has not ended in time", out->run);
		}
		client_step(m, "running", 0, 0);
	}
}

/* ---- operators ---- */

enum mesatee_err mesatee_role(struct mesatee *m, const char *party, bool admit)
{
	uint8_t id[COSE_ID_SIZE], space[64];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body = { 0 };
	struct answer a = { 0 };
	enum mesatee_err err = names_resolve(m, party, id);

	if (err) {
		return err;
	}
	cbor_array(&b, 2);
	cbor_bstr(&b, mt_bytes(id, sizeof(id)));
	cbor_uint(&b, admit ? 1 : 0);
	enum mt_err bad = builder_done(&b, &body);
	mt_assert(!bad);
	err = signed_post(m, "giving a role", ROUTE_ROLE, NULL, body, &a);
	answer_close(&a);
	return err;
}

enum mesatee_err mesatee_stop(struct mesatee *m)
{
	struct answer a = { 0 };
	enum mesatee_err err = signed_post(m, "stopping the node", ROUTE_STOP, NULL, mt_bytes(NULL, 0), &a);

	answer_close(&a);
	return err;
}
