/* Verdicts: of a node now, of a receipt later. */
#include "party/cli/cli_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- parts, the same for both ---- */

static void parts_json(struct json *j, const struct mesatee_part *part, size_t count)
{
	json_open(j, "parts", '[');
	for (size_t i = 0; i < count; i++) {
		json_open(j, NULL, '{');
		json_text(j, "name", part[i].name);
		json_flag(j, "passed", part[i].passed);
		json_text(j, "have", part[i].have);
		json_text(j, "want", part[i].want);
		json_text(j, "vouched_by", part[i].vouched_by);
		json_close(j, '}');
	}
	json_close(j, '[');
}

/* A hash that is as it must be needs no second printing; one that is not is shown whole, beside what it should be. */
static void parts_print(const struct mesatee_part *part, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct mesatee_part *p = &part[i];
		bool last = i + 1 == count;
		if (p->passed) {
			bool hash = strlen(p->have) == 64;
			cli_print("%s %-24s ok    %.*s%s\n", last ? "└─" : "├─", p->name, hash ? 16 : 79, p->have,
				  hash ? "…" : "");
		} else {
			cli_print("%s %-24s FAIL  vouched for by %s\n", last ? "└─" : "├─", p->name, p->vouched_by);
			cli_print("%s      have %s\n", last ? " " : "│", p->have[0] ? p->have : "nothing");
			cli_print("%s      want %s\n", last ? " " : "│", p->want);
		}
	}
}

/* ---- attest ---- */

static enum mesatee_err attest_json(struct cli *c, const struct mesatee_verdict *v, const char *node, bool passed)
{
	struct json j;

	json_begin(&j, "mesatee.verdict.1");
	json_text(&j, "node", node);
	json_flag(&j, "passed", passed);
	json_text(&j, "policy", mesatee_policy_name(c->m));
	json_text(&j, "policy_hash", mesatee_policy_hash(c->m));
	json_number(&j, "level", v->level);
	json_text(&j, "level_name", v->level_name);
	json_text(&j, "protects", v->protects);
	json_text(&j, "limits", v->limits);
	json_text(&j, "rollback", v->rollback_by_clients ? "detected by clients" : "platform counter");
	json_text(&j, "root", v->root[0] ? v->root : NULL);
	json_text(&j, "log_id", v->log_id[0] ? v->log_id : NULL);
	json_text(&j, "engine", v->engine[0] ? v->engine : NULL);
	json_number(&j, "log_size", v->log_size);
	parts_json(&j, v->part, v->part_count);
	return json_end(&j);
}

static void attest_print(struct cli *c, const struct mesatee_verdict *v, const char *node, bool passed)
{
	cli_print("%s  %s under policy \"%s\"\n", node, passed ? "passed" : "NOT PASSED", mesatee_policy_name(c->m));
	parts_print(v->part, v->part_count);
	cli_print("level %u (%s)%s\n", v->level, v->level_name,
		  passed ? "" : ", but it did not pass: believe nothing of it");
	cli_print("  protects against: %s\n  does not protect against: %s\n", passed ? v->protects : "nothing",
		  v->limits);
	if (passed) {
		cli_print("rollback: %s\nledger: %s, %" PRIu64 " entries, continues what was seen before\n",
			  v->rollback_by_clients ? "detected by clients" : "prevented by a platform counter", v->log_id,
			  v->log_size);
	}
}

enum mesatee_err run_attest(struct cli *c)
{
	const char *environment = getenv("MESATEE_NODE");
	const char *node = option_text(c, OPTION_NODE, environment && environment[0] ? environment : CLI_NODE_DEFAULT);
	enum mesatee_err err = cli_policy(c);

	if (err) {
		return err;
	}
	err = mesatee_connect(c->m, node);
	const struct mesatee_verdict *v = mesatee_verdict(c->m);
	if (v && (!err || err == MESATEE_NOT_VERIFIED)) {
		if (option_given(c, OPTION_JSON)) {
			(void)attest_json(c, v, node, !err);
		} else {
			attest_print(c, v, node, !err);
		}
	}
	return cli_client_fail(c, err);
}

enum mesatee_err run_status(struct cli *c)
{
	const char *json = NULL;
	enum mesatee_err err = cli_connect(c);

	if (!err) {
		err = cli_client_fail(c, mesatee_status(c->m, &json));
	}
	if (!err) {
		/* JSON either way; for people a line for each field. */
		for (const char *p = json; *p; p++) {
			(void)fputc(*p, stdout);
			if (!option_given(c, OPTION_JSON) && *p == ',') {
				(void)fputs("\n ", stdout);
			}
		}
		(void)fputc('\n', stdout);
	}
	return err;
}

/* ---- verify ---- */

static enum mesatee_err receipt_json(struct cli *c, const struct mesatee_receipt *r)
{
	struct json j;

	json_begin(&j, "mesatee.receipt.1");
	json_flag(&j, "verified", r->passed);
	json_text(&j, "policy", mesatee_policy_name(c->m));
	json_text(&j, "policy_hash", mesatee_policy_hash(c->m));
	json_number(&j, "level", r->level);
	json_text(&j, "level_name", r->level_name);
	json_text(&j, "contract", r->contract);
	json_text(&j, "function", r->function);
	json_number(&j, "run", r->run);
	json_text(&j, "outcome", r->outcome);
	json_text(&j, "cause", r->cause);
	json_number(&j, "exit_code", r->exit_code);
	json_text(&j, "log_id", r->log_id);
	json_number(&j, "index", r->index);
	json_number(&j, "log_size", r->log_size);
	json_number(&j, "started_ms", r->started_ms);
	json_number(&j, "ended_ms", r->ended_ms);
	json_number(&j, "wall_ms", r->wall_ms);
	json_number(&j, "cpu_us", r->cpu_us);
	json_number(&j, "memory_peak", r->memory_peak);
	json_number(&j, "bytes_in", r->bytes_in);
	json_number(&j, "bytes_out", r->bytes_out);
	json_open(&j, "outputs", '[');
	for (size_t i = 0; i < r->output_count; i++) {
		json_open(&j, NULL, '{');
		json_text(&j, "name", r->output[i].name);
		json_text(&j, "tag", r->output[i].tag);
		json_number(&j, "size", r->output[i].size);
		json_close(&j, '}');
	}
	json_close(&j, '[');
	parts_json(&j, r->part, r->part_count);
	return json_end(&j);
}

static void receipt_print(const struct mesatee_receipt *r)
{
	char ended[21], size[32];

	parts_print(r->part, r->part_count);
	if (!r->passed) {
		cli_print("receipt NOT verified\n");
		return;
	}
	mt_time_text(r->ended_ms / 1000, ended);
	cli_print("contract %s\nfunction %s\nrun %" PRIu64 " %s at %s by the node's clock", r->contract, r->function,
		  r->run, r->outcome, ended);
	cli_print(r->cause[0] ? ": %s (exit code %" PRIu32 ")\n" : "\n", r->cause, r->exit_code);
	for (size_t i = 0; i < r->output_count; i++) {
		cli_print("output %s: %s, tag %s\n", r->output[i].name, cli_bytes(r->output[i].size, size),
			  r->output[i].tag);
	}
	cli_print("entry %" PRIu64 " of ledger %s\nlevel %u (%s)\nreceipt verified\n", r->index, r->log_id, r->level,
		  r->level_name);
}

enum mesatee_err run_verify(struct cli *c)
{
	static struct mesatee_receipt r;
	enum mesatee_err err = cli_policy(c);

	if (err) {
		return err;
	}
	err = mesatee_verify(c->m, c->word[0], &r);
	if (!err || err == MESATEE_NOT_VERIFIED) {
		if (option_given(c, OPTION_JSON)) {
			(void)receipt_json(c, &r);
		} else {
			receipt_print(&r);
		}
	}
	return cli_client_fail(c, err);
}
