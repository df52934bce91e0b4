/* Runs and their results. */
#include "party/cli/cli_private.h"

#include <inttypes.h>
#include <string.h>

/* ---- run ---- */

static enum mesatee_err run_tell(struct cli *c, uint64_t run, const struct mesatee_run *end)
{
	if (option_given(c, OPTION_JSON)) {
		struct json j;
		json_begin(&j, "mesatee.run.1");
		json_text(&j, "contract", c->word[0]);
		json_number(&j, "run", run);
		json_text(&j, "state", end->state[0] ? end->state : "running");
		json_text(&j, "cause", end->cause);
		json_number(&j, "exit_code", end->exit_code);
		json_number(&j, "wall_ms", end->wall_ms);
		json_number(&j, "cpu_us", end->cpu_us);
		json_number(&j, "memory_peak", end->memory_peak);
		return json_end(&j);
	}
	cli_print("%" PRIu64 "\n", run);
	return MESATEE_OK;
}

enum mesatee_err run_run(struct cli *c)
{
	struct mesatee_run end = { 0 };
	uint64_t run = 0, timeout = 0;
	enum mesatee_err err = option_time_ms(c, OPTION_TIMEOUT, 0, &timeout);

	if (!err) {
		err = cli_connect(c);
	}
	if (!err) {
		err = cli_client_fail(c, mesatee_run(c->m, c->word[0], &run));
	}
	if (err) {
		return err;
	}
	if (!option_given(c, OPTION_WAIT)) {
		cli_say(c, "run %" PRIu64 " has started; mesatee tasks %.12s... shows it\n", run, c->word[0]);
		return run_tell(c, run, &end);
	}
	err = mesatee_wait(c->m, c->word[0], run, timeout, &end);
	if (err && !end.state[0]) {
		return cli_client_fail(c, err);
	}
	(void)run_tell(c, run, &end);
	if (!err) {
		cli_say(c, "run %" PRIu64 " finished in %" PRIu64 " ms\n", run, end.wall_ms);
	}
	return cli_client_fail(c, err);
}

/* ---- tasks ---- */

static void task_print(void *context, const struct mesatee_task *t)
{
	struct cli *c = context;
	char expiry[21], name[96];

	mt_time_text(t->expiry, expiry);
	cli_print("%s  %s  run %" PRIu64 " of %" PRIu64 "  until %s\n", t->contract, t->state, t->runs_used, t->runs,
		  expiry);
	for (size_t i = 0; i < t->approval_count; i++) {
		cli_print("  %s %s\n", t->approval[i].approved ? "approved   " : "not yet    ",
			  cli_party(c, t->approval[i].party, name));
	}
	if (t->last.run) {
		cli_print("  last run    %s, %" PRIu64 " ms%s%s\n", t->last.state, t->last.wall_ms,
			  t->last.cause[0] ? ": " : "", t->last.cause);
	}
}

enum mesatee_err run_tasks(struct cli *c)
{
	const char *json = NULL;
	bool as_json = option_given(c, OPTION_JSON);
	enum mesatee_err err = cli_connect(c);

	if (!err) {
		err = cli_client_fail(c, mesatee_tasks(c->m, c->word_count ? c->word[0] : NULL,
						       as_json ? NULL : task_print, c, as_json ? &json : NULL));
	}
	if (!err && as_json) {
		(void)printf("%s\n", json);
	}
	return err;
}

/* ---- results ---- */

/* The receipt must be genuine and name this very output. */
static enum mesatee_err get_receipt(struct cli *c, uint64_t run, const char *path, const char *tag)
{
	static struct mesatee_receipt r;
	enum mesatee_err err = cli_client_fail(c, mesatee_receipt(c->m, c->word[0], run, path));

	if (!err) {
		err = cli_client_fail(c, mesatee_verify(c->m, path, &r));
	}
	if (err) {
		return err;
	}
	for (size_t i = 0; i < r.output_count; i++) {
		if (strcmp(r.output[i].name, c->word[1]) == 0 && strcmp(r.output[i].tag, tag) == 0 && r.run == run) {
			return MESATEE_OK;
		}
	}
	return cli_fail(MESATEE_NOT_VERIFIED, "do not use the output; tell the other parties",
			"the receipt does not name the output that was fetched");
}

/* With --to only the key came here. */
static void get_share_json(struct json *j, const struct cli *c, const char *out)
{
	char share[1100];

	(void)snprintf(share, sizeof(share), "%.1000s.share", out);
	json_text(j, "share", option_given(c, OPTION_TO) ? share : NULL);
}

static enum mesatee_err get_tell(struct cli *c, uint64_t run, const char *out, const struct mesatee_fetched *f,
				 const struct mesatee_formatted *formatted)
{
	char size[32];

	if (option_given(c, OPTION_JSON)) {
		struct json j;
		json_begin(&j, "mesatee.output.1");
		json_text(&j, "contract", c->word[0]);
		json_number(&j, "run", run);
		json_text(&j, "output", c->word[1]);
		json_text(&j, "tag", f->tag);
		json_number(&j, "size", f->size);
		json_number(&j, "owners", f->owner_count);
		json_text(&j, "file", option_given(c, OPTION_TO) ? NULL : out);
		get_share_json(&j, c, out);
		json_text(&j, "receipt", option_text(c, OPTION_RECEIPT, NULL));
		format_json(&j, formatted);
		return json_end(&j);
	}
	if (option_given(c, OPTION_TO)) {
		cli_say(c, "sent as ciphertext; its key is in %s.share: mesatee combine CIPHERTEXT %s.share%s --out FILE\n", out, out,
			f->owner_count > 1 ? " OTHERS' SHARES" : "");
	} else if (f->owner_count > 1) {
		cli_say(c,
			"%s is ciphertext, %s.share your share of its key: all %zu owners' shares open it (mesatee "
			"combine)\n",
			out, out, f->owner_count);
	} else {
		cli_say(c, "%s: %s\n", out, cli_bytes(f->size, size));
	}
	format_print(formatted);
	return MESATEE_OK;
}

enum mesatee_err run_get(struct cli *c)
{
	const char *out = option_text(c, OPTION_OUT, NULL), *receipt = option_text(c, OPTION_RECEIPT, NULL),
		   *to = option_text(c, OPTION_TO, NULL);
	struct mesatee_fetched f = { 0 };
	struct mesatee_formatted formatted = { 0 };
	struct mesatee_format space;
	const struct mesatee_format *as;
	uint64_t run = 0;

	if (!out) {
		return cli_fail(MESATEE_USAGE, NULL, to ? "--out FILE: the key goes to FILE.share" : "--out FILE: where shall it go?");
	}
	if (to && option_given(c, OPTION_AS)) {
		return cli_fail(MESATEE_USAGE, "combine --as, when it is opened", "--to sends ciphertext as it is: no --as with it");
	}
	enum mesatee_err err = option_number(c, OPTION_RUN, 1, &run);
	if (!err) {
		err = format_options(c, OPTION_AS, &space, &as);
	}
	if (!err) {
		err = cli_connect(c);
	}
	if (!err) {
		err = to ? mesatee_get_to(c->m, c->word[0], run, c->word[1], to, out, &f)
			 : mesatee_get_as(c->m, c->word[0], run, c->word[1], out, as, &f, &formatted);
		cli_progress_end(c);
		err = cli_client_fail(c, err);
	}
	if (!err && receipt) {
		err = get_receipt(c, run, receipt, f.tag);
	}
	return err ? err : get_tell(c, run, out, &f, &formatted);
}

enum mesatee_err run_combine(struct cli *c)
{
	const char *out = option_text(c, OPTION_OUT, NULL);
	struct mesatee_formatted formatted = { 0 };
	struct mesatee_format space;
	const struct mesatee_format *as;
	struct json j;
	enum mesatee_err err = out ? format_options(c, OPTION_AS, &space, &as)
				   : cli_fail(MESATEE_USAGE, NULL, "--out FILE: where shall it go?");

	if (!err) {
		err = cli_open(c);
	}
	if (!err) {
		err = cli_client_fail(
			c, mesatee_combine_as(c->m, c->word[0], c->word + 1, c->word_count - 1, out, as, &formatted));
	}
	if (err || !option_given(c, OPTION_JSON)) {
		format_print(&formatted);
		return err;
	}
	json_begin(&j, "mesatee.combined.1");
	json_text(&j, "file", out);
	format_json(&j, &formatted);
	return json_end(&j);
}

/* ---- ending, and operators ---- */

enum mesatee_err run_cancel(struct cli *c)
{
	enum mesatee_err err = cli_connect(c);

	if (!err) {
		err = cli_client_fail(c, mesatee_cancel(c->m, c->word[0]));
	}
	if (!err) {
		cli_say(c, "cancelled\n");
	}
	return err;
}

enum mesatee_err run_role(struct cli *c)
{
	enum mesatee_err err = cli_connect(c);

	if (!err) {
		err = cli_client_fail(c, mesatee_role(c->m, c->word[0], !option_given(c, OPTION_REMOVE)));
	}
	if (!err) {
		cli_say(c, option_given(c, OPTION_REMOVE) ? "taken out\n" : "admitted\n");
	}
	return err;
}

enum mesatee_err run_stop(struct cli *c)
{
	enum mesatee_err err = cli_connect(c);

	if (!err) {
		err = cli_client_fail(c, mesatee_stop(c->m));
	}
	if (!err) {
		cli_say(c, "the node stops\n");
	}
	return err;
}
