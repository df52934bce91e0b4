/* Who I am, whom I know, what I send. */
#include "party/cli/cli_private.h"

#include <libgen.h>
#include <string.h>

static enum mesatee_err print_one(struct cli *c, const char *schema, const char *key, const char *value)
{
	if (option_given(c, OPTION_JSON)) {
		struct json j;
		json_begin(&j, schema);
		json_text(&j, key, value);
		return json_end(&j);
	}
	cli_print("%s\n", value);
	return MESATEE_OK;
}

enum mesatee_err run_party(struct cli *c)
{
	char id[MESATEE_ID_SIZE];
	enum mesatee_err err = cli_open(c);

	if (!err) {
		err = cli_client_fail(c, mesatee_identity(c->m, true, id));
	}
	return err ? err : print_one(c, "mesatee.party.1", "party", id);
}

enum mesatee_err run_party_add(struct cli *c)
{
	enum mesatee_err err = cli_open(c);

	return err ? err : cli_client_fail(c, mesatee_party_add(c->m, c->word[0], c->word[1]));
}

enum mesatee_err run_party_list(struct cli *c)
{
	const char *name, *id;
	struct json j;
	bool json = option_given(c, OPTION_JSON);
	enum mesatee_err err = cli_open(c);

	if (err) {
		return err;
	}
	if (json) {
		json_begin(&j, "mesatee.parties.1");
		json_open(&j, "parties", '[');
	}
	for (size_t i = 0; mesatee_party_at(c->m, i, &name, &id); i++) {
		if (json) {
			json_open(&j, NULL, '{');
			json_text(&j, "name", name);
			json_text(&j, "party", id);
			json_close(&j, '}');
		} else {
			cli_print("%s  %s\n", id, name);
		}
	}
	if (json) {
		json_close(&j, '[');
		return json_end(&j);
	}
	return MESATEE_OK;
}

static enum mesatee_err put_at(struct cli *c, const char *at)
{
	char tag[MESATEE_ID_SIZE];

	if (option_given(c, OPTION_DRY_RUN) || option_given(c, OPTION_OUT) || option_given(c, OPTION_FROM)) {
		return cli_fail(MESATEE_USAGE, "encrypt first (put FILE --dry-run --out CIPHERTEXT), then put CIPHERTEXT --at URL",
				"--at takes ciphertext: no --dry-run, --out or --from with it");
	}
	enum mesatee_err err = cli_connect(c);
	if (!err) {
		err = mesatee_put_at(c->m, c->word[0], at, tag);
		cli_progress_end(c);
		err = cli_client_fail(c, err);
	}
	if (err) {
		return err;
	}
	cli_say(c, "the node has taken it from there; its key stays here\n");
	return print_one(c, "mesatee.dataset.1", "tag", tag);
}

enum mesatee_err run_put(struct cli *c)
{
	char tag[MESATEE_ID_SIZE];
	struct mesatee_format space;
	const struct mesatee_format *from;
	bool dry = option_given(c, OPTION_DRY_RUN);
	const char *out = option_text(c, OPTION_OUT, NULL), *at = option_text(c, OPTION_AT, NULL);

	if (at) {
		return put_at(c, at);
	}
	if (dry != (out != NULL)) {
		return cli_fail(MESATEE_USAGE, NULL,
				"--dry-run and --out go together: the ciphertext goes there instead of to the node");
	}
	enum mesatee_err err = format_options(c, OPTION_FROM, &space, &from);
	if (!err) {
		err = dry ? cli_open(c) : cli_connect(c);
	}
	if (!err) {
		err = mesatee_put_from(c->m, c->word[0], from, out, tag);
		cli_progress_end(c);
		err = cli_client_fail(c, err);
	}
	if (err) {
		return err;
	}
	cli_say(c, dry ? "encrypted; nothing was sent\n" : "sent as ciphertext; its key stays here\n");
	return print_one(c, "mesatee.dataset.1", "tag", tag);
}

/* "psi.wasm" is called "psi" unless --name says otherwise. */
static const char *module_name(const struct cli *c, char space[MESATEE_NAME_SIZE])
{
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s", c->word[0]);
	(void)snprintf(space, MESATEE_NAME_SIZE, "%.64s", basename(path));
	char *end = strrchr(space, '.');
	if (end && strcmp(end, ".wasm") == 0) {
		*end = 0;
	}
	return option_text(c, OPTION_NAME, space);
}

enum mesatee_err run_publish(struct cli *c)
{
	char hash[MESATEE_ID_SIZE] = "", space[MESATEE_NAME_SIZE];
	enum mesatee_err err = cli_connect(c);

	if (err) {
		return err;
	}
	err = mesatee_publish(c->m, c->word[0], module_name(c, space), hash);
	cli_progress_end(c);
	if (err == MESATEE_CONFLICT) {
		/* A function is its hash: that it is there already is what was wanted. */
		cli_say(c, "it was registered before\n");
		err = MESATEE_OK;
	}
	err = cli_client_fail(c, err);
	return err ? err : print_one(c, "mesatee.function.1", "function", hash);
}
