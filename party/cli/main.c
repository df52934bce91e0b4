/* mesatee: a party's hands. See table.c for what it can do. */
#include "party/cli/cli_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef MESATEE_VERSION
#define MESATEE_VERSION "0.1.0"
#endif

/* Flag, then environment, then default. */
static const char *setting(const struct cli *c, enum option o, const char *variable, const char *otherwise)
{
	const char *environment = getenv(variable);

	return option_text(c, o, environment && environment[0] ? environment : otherwise);
}

enum mesatee_err cli_open(struct cli *c)
{
	if (c->m) {
		return MESATEE_OK;
	}
	enum mesatee_err err = mesatee_open(option_text(c, OPTION_HOME, NULL), &c->m);
	if (err) {
		return cli_client_fail(c, err);
	}
	mesatee_progress_set(c->m, cli_progress, c);
	return MESATEE_OK;
}

enum mesatee_err cli_boxes(struct cli *c)
{
	enum mesatee_err err = cli_open(c); /* has filled the boxes' port hooks */

	if (!err && ((!c->toml && box_open(&box_toml, &c->toml)) || (!c->cbor && box_open(&box_cbor, &c->cbor)))) {
		err = cli_fail(MESATEE_FAILED, "allow more address space (ulimit -v)",
			       "the parsers' memory could not be reserved");
	}
	return err;
}

void cli_home(const struct cli *c, const char *name, char out[CLI_HOME_MAX])
{
	const char *home = option_text(c, OPTION_HOME, getenv("MESATEE_HOME")), *user = getenv("HOME");
	bool given = home && home[0];

	(void)snprintf(out, CLI_HOME_MAX, given ? "%.1000s/%.100s" : "%.1000s/.config/mesatee/%.100s", given ? home : user ? user : ".", name);
}

enum mesatee_err cli_policy(struct cli *c)
{
	char standard[CLI_HOME_MAX];
	enum mesatee_err err = cli_open(c);

	if (err || mesatee_policy_hash(c->m)) {
		return err;
	}
	cli_home(c, "policy.toml", standard);
	return cli_client_fail(c, mesatee_policy_use(c->m, setting(c, OPTION_POLICY, "MESATEE_POLICY", standard)));
}

enum mesatee_err cli_connect(struct cli *c)
{
	enum mesatee_err err = cli_policy(c);

	if (err) {
		return err;
	}
	const char *node = setting(c, OPTION_NODE, "MESATEE_NODE", CLI_NODE_DEFAULT);
	err = mesatee_connect(c->m, node);
	if (err) {
		return cli_client_fail(c, err);
	}
	const struct mesatee_verdict *v = mesatee_verdict(c->m);
	cli_say(c, "verified %s under policy \"%s\": level %u (%s)%s\n", node, mesatee_policy_name(c->m), v->level,
		v->level_name, v->level <= 1 ? ", which protects against nothing" : "");
	return MESATEE_OK;
}

uint64_t cli_now_s(void)
{
	return (uint64_t)time(NULL);
}

enum mesatee_err run_version(struct cli *c)
{
	if (option_given(c, OPTION_JSON)) {
		struct json j;
		json_begin(&j, "mesatee.version.1");
		json_text(&j, "version", MESATEE_VERSION);
		return json_end(&j);
	}
	cli_print("mesatee %s\n", MESATEE_VERSION);
	return MESATEE_OK;
}

static enum mesatee_err run(struct cli *c)
{
	if (option_given(c, OPTION_HELP) && strcmp(c->command->name, "help") != 0) {
		help_command(stdout, c->command);
		return MESATEE_OK;
	}
	return c->command->run(c);
}

int main(int count, char **words)
{
	static struct cli c;
	enum mesatee_err err = parse(&c, count, words);

	c.terminal = isatty(STDERR_FILENO) == 1 && strcmp(getenv("TERM") ? getenv("TERM") : "dumb", "dumb") != 0;
	(void)umask(077);
	if (!err) {
		err = run(&c);
	}
	cli_progress_end(&c);
	box_close(c.toml);
	box_close(c.cbor);
	mesatee_close(c.m);
	/* A full disk behind stdout must not look like success. */
	if (fflush(stdout) != 0 && !err) {
		err = cli_fail(MESATEE_FAILED, NULL, "stdout cannot be written");
	}
	return (int)err;
}
