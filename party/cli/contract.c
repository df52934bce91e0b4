/* Contracts: making one, reading one, approving one. */
#include "party/cli/cli_private.h"

#include <inttypes.h>
#include <string.h>

/* ---- showing ---- */

static void contract_json(struct json *j, const struct mesatee_contract *k)
{
	const struct mesatee_terms *t = mesatee_contract_terms(k);

	json_begin(j, "mesatee.contract.1");
	json_text(j, "contract", mesatee_contract_hash(k));
	json_text(j, "log_id", t->log_id);
	json_text(j, "function", t->function);
	json_text(j, "executor", t->executor);
	json_text(j, "policy_hash", t->policy);
	json_number(j, "level_min", t->level_min);
	json_open(j, "arguments", '[');
	for (size_t i = 0; i < t->argument_count; i++) {
		json_item(j, t->argument[i]);
	}
	json_close(j, '[');
	json_open(j, "inputs", '[');
	for (size_t i = 0; i < t->input_count; i++) {
		json_open(j, NULL, '{');
		json_text(j, "name", t->input[i].name);
		json_text(j, "owner", t->input[i].owner);
		json_text(j, "tag", t->input[i].tag);
		json_close(j, '}');
	}
	json_close(j, '[');
	json_open(j, "outputs", '[');
	for (size_t i = 0; i < t->output_count; i++) {
		json_open(j, NULL, '{');
		json_text(j, "name", t->output[i].name);
		json_open(j, "owners", '[');
		for (size_t o = 0; o < t->output[i].owner_count; o++) {
			json_item(j, t->output[i].owner[o]);
		}
		json_close(j, '[');
		json_number(j, "size_max", t->output[i].size_max);
		json_number(j, "rows_min", t->output[i].rows_min);
		json_close(j, '}');
	}
	json_close(j, '[');
	json_open(j, "participants", '[');
	for (size_t i = 0; i < t->participant_count; i++) {
		json_item(j, t->participant[i]);
	}
	json_close(j, '[');
	json_number(j, "memory_max", t->memory_max);
	json_number(j, "wall_ms", t->wall_ms);
	json_flag(j, "deterministic", t->deterministic);
	json_number(j, "runs", t->runs);
	json_number(j, "expiry", t->expiry);
}

static void show_output(struct cli *c, const struct mesatee_output *o)
{
	char name[96], size[32];

	cli_print("  output /out/%s to ", o->name);
	for (size_t i = 0; i < o->owner_count; i++) {
		cli_print("%s%s", i ? " and " : "", cli_party(c, o->owner[i], name));
	}
	cli_print(o->owner_count > 1 ? ", only all together" : "");
	cli_print("\n    guard: at most %s", cli_bytes(o->size_max, size));
	if (o->rows_min) {
		cli_print(", at least %" PRIu64 " lines", o->rows_min);
	}
	cli_print("\n");
}

static void show_conditions(struct cli *c, const struct mesatee_terms *t)
{
	char memory[32], expiry[21];
	const char *own = mesatee_policy_hash(c->m);

	mt_time_text(t->expiry, expiry);
	cli_print("  limits   %s memory, %" PRIu64 " ms, %" PRIu64 " run%s, until %s%s\n",
		  cli_bytes(t->memory_max, memory), t->wall_ms, t->runs, t->runs == 1 ? "" : "s", expiry,
		  t->deterministic ? ", deterministic" : "");
	cli_print("  level    at least %u (%s): protects against %s;\n           not against: %s\n", t->level_min,
		  attest_level_name((uint8_t)t->level_min), attest_level_protects((uint8_t)t->level_min),
		  attest_level_limits((uint8_t)t->level_min));
	cli_print("  policy   %s%s\n", t->policy, own && strcmp(own, t->policy) == 0 ? ": yours" : ": NOT yours");
	cli_print("  executor %s\n  ledger   %s\n", t->executor, t->log_id);
}

static void show(struct cli *c, const struct mesatee_contract *k)
{
	const struct mesatee_terms *t = mesatee_contract_terms(k);
	char name[96];

	cli_print("contract %s\n  function %s\n", mesatee_contract_hash(k), t->function);
	for (size_t i = 0; i < t->argument_count; i++) {
		cli_print(i ? " " : "  arguments ");
		cli_print_quoted(t->argument[i]);
	}
	cli_print(t->argument_count ? "\n" : "");
	for (size_t i = 0; i < t->input_count; i++) {
		cli_print("  input /in/%s of %s\n    dataset %s\n", t->input[i].name,
			  cli_party(c, t->input[i].owner, name), t->input[i].tag);
	}
	for (size_t i = 0; i < t->output_count; i++) {
		show_output(c, &t->output[i]);
	}
	cli_print("  all of these must approve:\n");
	for (size_t i = 0; i < t->participant_count; i++) {
		cli_print("    %s\n", cli_party(c, t->participant[i], name));
	}
	show_conditions(c, t);
}

enum mesatee_err run_contract_show(struct cli *c)
{
	struct mesatee_contract *k = NULL;
	enum mesatee_err err = cli_connect(c);

	if (!err) {
		err = cli_client_fail(c, mesatee_contract_get(c->m, c->word[0], &k));
	}
	if (!err && option_given(c, OPTION_JSON)) {
		struct json j;
		contract_json(&j, k);
		err = json_end(&j);
	} else if (!err) {
		show(c, k);
	}
	mesatee_contract_free(k);
	return err;
}

/* ---- making ---- */

enum mesatee_err run_contract_new(struct cli *c)
{
	static struct mesatee_terms terms;
	struct mesatee_contract *k = NULL;
	bool dry = option_given(c, OPTION_DRY_RUN);
	enum mesatee_err err = terms_read(c, &terms);

	if (!err) {
		err = cli_connect(c);
	}
	if (!err) {
		err = cli_client_fail(c, mesatee_contract_make(c->m, &terms, dry, &k));
	}
	if (!err && option_given(c, OPTION_JSON)) {
		struct json j;
		contract_json(&j, k);
		json_flag(&j, "created", !dry);
		err = json_end(&j);
	} else if (!err && dry) {
		show(c, k);
		cli_say(c, "nothing was sent; the hash differs each time, since a contract has a random nonce\n");
	} else if (!err) {
		cli_print("%s\n", mesatee_contract_hash(k));
		cli_say(c,
			"every participant now reads it (mesatee contract show) and approves it (mesatee approve)\n");
	}
	mesatee_contract_free(k);
	return err;
}

/* ---- approving ---- */

enum mesatee_err run_approve(struct cli *c)
{
	struct mesatee_contract *k = NULL;
	bool dry = option_given(c, OPTION_DRY_RUN);
	enum mesatee_err err = cli_connect(c);

	if (!err) {
		err = cli_client_fail(c, mesatee_contract_get(c->m, c->word[0], &k));
	}
	if (!err && !option_given(c, OPTION_JSON) && !option_given(c, OPTION_QUIET)) {
		show(c, k);             /* what is about to be approved; also when it is refused */
	}
	if (!err) {
		err = cli_client_fail(c, mesatee_approve(c->m, k, dry));
	}
	if (!err && option_given(c, OPTION_JSON)) {
		struct json j;
		json_begin(&j, "mesatee.approval.1");
		json_text(&j, "contract", mesatee_contract_hash(k));
		json_flag(&j, "approved", !dry);
		err = json_end(&j);
	} else if (!err) {
		cli_say(c,
			dry ? "this could be approved; nothing was sent\n" : "approved, for exactly this contract\n");
	}
	mesatee_contract_free(k);
	return err;
}

enum mesatee_err run_withdraw(struct cli *c)
{
	enum mesatee_err err = cli_connect(c);

	if (!err) {
		err = cli_client_fail(c, mesatee_withdraw(c->m, c->word[0]));
	}
	if (!err) {
		cli_say(c, "withdrawn: the node has wiped your keys\n");
	}
	return err;
}
