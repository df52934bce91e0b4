/* A relying party's policy, from its own build. */
#include "party/cli/cli_private.h"

#include <stdlib.h>
#include <string.h>

#define POLICY_TEXT_MAX (16 * 1024)

enum mesatee_err policy_save(const char *path, const struct attest_policy *p)
{
	uint8_t *space = mt_alloc(POLICY_TEXT_MAX);
	struct builder b = builder_over(space, space ? POLICY_TEXT_MAX : 0);
	struct bytes text = { 0 };
	enum mesatee_err err = MESATEE_OK;

	attest_policy_to_toml(p, &b);
	if (builder_done(&b, &text)) {
		err = cli_fail(MESATEE_FAILED, NULL, "the policy is too large");
	} else if (path) {
		err = file_save(path, 0644, text);
	} else {
		(void)fwrite(text.at, 1, text.size, stdout);
	}
	mt_free(space);
	return err;
}

static int id_order(const void *a, const void *b)
{
	return memcmp(a, b, COSE_ID_SIZE);
}

static enum mesatee_err policy_roots(const struct cli *c, struct attest_policy *p)
{
	uint8_t development[COSE_ID_SIZE];

	attest_development_root_id(development);
	if (c->count[OPTION_ROOT_ID] > ATTEST_ROOTS_MAX) {
		return cli_fail(MESATEE_USAGE, NULL, "at most %d roots", ATTEST_ROOTS_MAX);
	}
	for (size_t i = 0; i < c->count[OPTION_ROOT_ID]; i++) {
		uint8_t *id = p->root[p->root_count];
		if (mt_unhex(mt_text(c->value[OPTION_ROOT_ID][i]), id, COSE_ID_SIZE)) {
			return cli_fail(MESATEE_USAGE, "as `mesatee init` printed it", "--root-id wants 64 hex digits");
		}
		if (memcmp(id, development, COSE_ID_SIZE) == 0) {
			return cli_fail(MESATEE_USAGE, "for development use the policy that `mesatee dev` writes",
					"that is the development root: everybody has its key");
		}
		p->root_count++;
	}
	qsort(p->root, p->root_count, COSE_ID_SIZE, id_order);
	if (p->level_min == 1) {
		p->allow_development_root = p->root_count == 0;
	} else if (p->level_min == 2 && p->root_count == 0) {
		return cli_fail(MESATEE_USAGE, "ask the operator for the id that `mesatee init` printed",
				"level 2 wants --root-id: who may vouch?");
	}
	return MESATEE_OK;
}

static enum mesatee_err policy_from_file(const char *path, struct attest_measurements *out)
{
	uint8_t *text = NULL;
	size_t size = 0;
	enum mesatee_err err = file_load(path, 64 * 1024, &text, &size);

	if (!err && (attest_measurements_from_text(mt_bytes(text, size), out) || out->count == 0)) {
		err = cli_fail(MESATEE_USAGE, "mesatee-launcher --images DIR --config node.cbor --measure > FILE",
			       "%s holds no measurements", path);
	}
	mt_free(text);
	return err;
}

/* What a configuration means is said in words: it is part of what the policy accepts. */
static enum mesatee_err policy_explain(struct cli *c, const char *config)
{
	struct node_configuration g;
	char id[MESATEE_ID_SIZE], name[96];
	enum mesatee_err err = configuration_read(c, config, &g);

	if (!err) {
		mt_hex(mt_bytes(g.operator_id, sizeof(g.operator_id)), id);
		cli_say(c, "configuration: node \"%s\"; parties: %s; operator: %s\n", g.name,
			g.open ? "everyone may be one" : "whom the operator admits",
			mt_is_zero(mt_bytes(g.operator_id, 32)) ? "none" : cli_party(c, id, name));
	}
	return err;
}

static enum mesatee_err policy_measure(struct cli *c, struct attest_measurements *out)
{
	const char *file = option_text(c, OPTION_MEASUREMENTS, NULL), *config = option_text(c, OPTION_CONFIG, NULL);
	char images[1024];

	if (file && (config || option_given(c, OPTION_IMAGES))) {
		return cli_fail(MESATEE_USAGE, NULL, "--measurements has it all: no --images or --config with it");
	}
	if (file) {
		return policy_from_file(file, out);
	}
	if (!config) {
		return cli_fail(MESATEE_USAGE, "ask the operator for node.cbor",
				"--config FILE: the node measures its configuration, so a policy must know it");
	}
	enum mesatee_err err = policy_explain(c, config);
	if (!err) {
		err = launch_images(c, images);
	}
	return err ? err : launch_measure(c, images, config, out);
}

enum mesatee_err run_policy(struct cli *c)
{
	struct attest_policy p = { .allow_fast = !option_given(c, OPTION_NO_FAST), .fast_life_s = 600 };
	const char *name = option_text(c, OPTION_NAME, NULL);
	uint64_t level = 0;

	if (!name || !name[0] || strlen(name) > ATTEST_NAME_MAX) {
		return cli_fail(MESATEE_USAGE, "all participants of a contract must use the same name",
				"--name NAME: what is the policy called?");
	}
	(void)snprintf(p.name, sizeof(p.name), "%s", name);
	enum mesatee_err err = option_number(c, OPTION_LEVEL, 2, &level);
	if (!err && (level < 1 || level > 5)) {
		err = cli_fail(MESATEE_USAGE, "mesatee help levels", "--level is 1 to 5");
	}
	if (err) {
		return err;
	}
	p.level_min = (uint8_t)level;
	p.allow_unconfined = option_given(c, OPTION_UNCONFINED);
	err = policy_roots(c, &p);
	if (!err) {
		err = policy_measure(c, &p.expected);
	}
	return err ? err : policy_save(NULL, &p);
}
