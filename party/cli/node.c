/* A node of one's own: dev, init, serve. And the files of a node. */
#include "party/cli/cli_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cose/cose.h"
#include "lib/statement/statement.h"

#define NODE_PATH_MAX 1024
#define ROOT_SIZE 32

/* ---- files ---- */

enum mesatee_err file_load(const char *path, size_t max, uint8_t **out, size_t *size)
{
	struct stat facts;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &facts) != 0) {
		enum mesatee_err err = cli_fail(errno == ENOENT ? MESATEE_NOT_FOUND : MESATEE_FAILED, NULL,
						"cannot read %s: %s", path, strerror(errno));
		if (fd >= 0) {
			(void)close(fd);
		}
		return err;
	}
	size_t capacity = (uint64_t)facts.st_size <= max ? (size_t)facts.st_size : 0, got = 0;
	uint8_t *content = S_ISREG(facts.st_mode) && (capacity || facts.st_size == 0) ? mt_alloc(capacity + 1) : NULL;
	while (content && got < capacity) {
		ssize_t n = read(fd, content + got, capacity - got);
		if (n <= 0) {
			break;
		}
		got += (size_t)n;
	}
	(void)close(fd);
	if (!content || got != capacity) {
		mt_free(content);
		return cli_fail(MESATEE_FAILED, NULL, "cannot read %s: no regular file of at most %zu bytes", path,
				max);
	}
	*out = content;
	*size = got;
	return MESATEE_OK;
}

/* Whole or not at all. */
enum mesatee_err file_save(const char *path, unsigned mode, struct bytes content)
{
	char temporary[NODE_PATH_MAX + 32];

	(void)snprintf(temporary, sizeof(temporary), "%.1000s.part-%ld", path, (long)getpid());
	(void)unlink(temporary);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
	bool good = fd >= 0 && write(fd, content.at, content.size) == (ssize_t)content.size &&
		    fchmod(fd, (mode_t)mode) == 0 && fsync(fd) == 0;
	if (fd >= 0) {
		good = close(fd) == 0 && good;
	}
	if (!good || rename(temporary, path) != 0) {
		int why = errno;
		(void)unlink(temporary);
		return cli_fail(MESATEE_FAILED, NULL, "cannot write %s: %s", path, strerror(why));
	}
	return MESATEE_OK;
}

enum mesatee_err folder_make(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST
		       ? MESATEE_OK
		       : cli_fail(MESATEE_FAILED, NULL, "cannot make the folder %s: %s", path, strerror(errno));
}

static void join(char out[NODE_PATH_MAX], const char *folder, const char *name)
{
	(void)snprintf(out, NODE_PATH_MAX, "%.900s/%s", folder, name);
}

/* ---- root keys ---- */

static enum mesatee_err root_save(const char *path, const struct secret *root)
{
	return file_save(path, 0600, secret_bytes(root));
}

static enum mesatee_err root_id(const struct secret *root, uint8_t id[COSE_ID_SIZE])
{
	struct crypto_signer *signer = NULL;

	if (crypto_signer_open_p256(root, &signer)) {
		return cli_fail(MESATEE_FAILED, "restore it from a copy", "the root key is no P-256 key");
	}
	crypto_p256_id(crypto_signer_public(signer).at, id);
	crypto_signer_close(signer);
	return MESATEE_OK;
}

/* The key of a real root: there, 32 bytes, for its owner's eyes only. */
enum mesatee_err root_load(const char *path, struct secret *out)
{
	uint8_t *content = NULL;
	size_t size = 0;
	struct stat facts;

	enum mesatee_err err = file_load(path, 4096, &content, &size);
	if (!err && stat(path, &facts) == 0 && (facts.st_mode & 077)) {
		err = cli_fail(MESATEE_REFUSED, "chmod 600, and make a new one if others may have read it",
			       "others may read the root key %s", path);
	}
	if (!err && size != ROOT_SIZE) {
		err = cli_fail(MESATEE_FAILED, "restore it from a copy", "%s is no root key: it must have 32 bytes",
			       path);
	}
	if (!err) {
		memcpy(out->at, content, sizeof(out->at));
	}
	mt_wipe(content, size);
	mt_free(content);
	return err;
}

static enum mesatee_err root_ensure(const char *path, struct secret *out)
{
	if (access(path, F_OK) == 0) {
		return root_load(path, out);
	}
	crypto_p256_generate(out);
	return root_save(path, out);
}

/* ---- dev ---- */

static void dev_up(struct cli *c, const struct launch *l)
{
	char policy[NODE_PATH_MAX], here[NODE_PATH_MAX] = "", tee[NODE_PATH_MAX] = "";

	join(policy, option_text(c, OPTION_STATE, CLI_STATE_DEFAULT), "policy.toml");
	char *whole = realpath(policy, NULL);
	(void)snprintf(here, sizeof(here), "%.1000s", whole ? whole : policy);
	free(whole);
	whole = realpath(l->tee, NULL);
	(void)snprintf(tee, sizeof(tee), "%.1000s", whole ? whole : l->tee);
	free(whole);
	cli_print("https://%s\n", l->listen);
	cli_say(c,
		"level 1 (%s): for development. Protects against %s.\nNot against: %s.\n\nin another terminal:\n"
		"  export MESATEE_NODE=https://%s MESATEE_POLICY=%s MESATEE_TEE=%s\n  mesatee attest\n  mesatee party\n  mesatee put "
		"FILE\n\n"
		"ends with Ctrl-C; the state stays in %s\n",
		attest_level_name(1), attest_level_protects(1), attest_level_limits(1), l->listen, here, tee, l->state);
}

static enum mesatee_err dev_policy(struct cli *c, const char *images, const char *config, const char *path)
{
	struct attest_policy p = { .name = "development",
				   .level_min = 1,
				   .allow_development_root = true,
				   .allow_fast = true,
				   .fast_life_s = 600 };
	enum mesatee_err err = launch_measure(c, images, config, &p.expected);

	p.allow_unconfined = option_given(c, OPTION_UNCONFINED);
	return err ? err : policy_save(path, &p);
}

enum mesatee_err run_dev(struct cli *c)
{
	const char *folder = option_text(c, OPTION_STATE, CLI_STATE_DEFAULT);
	struct node_configuration g = { .name = "dev", .open = true, .tee_debug = true };
	char images[1024], state[NODE_PATH_MAX], config[NODE_PATH_MAX], root_path[NODE_PATH_MAX], policy[NODE_PATH_MAX],
		ta_key[CLI_HOME_MAX], tee[NODE_PATH_MAX];
	struct secret root;

	join(state, folder, "state");
	join(config, folder, "node.cbor");
	join(root_path, folder, "root.key");
	join(policy, folder, "policy.toml");
	cli_home(c, "ta.key", ta_key);
	join(tee, folder, "tee.sock");
	attest_development_root(&root);
	enum mesatee_err err = launch_images(c, images);
	if (!err) {
		err = folder_make(folder);
	}
	if (!err) {
		err = cli_open(c);
	}
	if (!err) {
		err = ta_key_ensure(ta_key, &g);
	}
	if (!err) {
		err = configuration_save(config, &g);
	}
	if (!err) {
		err = root_save(root_path, &root);
	}
	if (!err) {
		err = dev_policy(c, images, config, policy);
	}
	if (err) {
		return err;
	}
	struct launch l = { .images = images, .state = state, .listen = option_text(c, OPTION_LISTEN, CLI_LISTEN_DEFAULT),
			    .config = config, .platform = root_path };
	launch_fetch(c, &l);
	l.tee = l.tee ? l.tee : tee;
	return launch_node(c, &l, dev_up);
}

/* ---- init ---- */

static enum mesatee_err init_configuration(struct cli *c, struct node_configuration *g)
{
	const char *name = option_text(c, OPTION_NAME, "node"), *operator= option_text(c, OPTION_OPERATOR, NULL);
	const char *admission = option_text(c, OPTION_ADMISSION, "open");
	char id[MESATEE_ID_SIZE];

	if (!statement_name_ok(mt_text(name))) {
		return cli_fail(MESATEE_USAGE, NULL, "--name: 1 to 64 of a-z A-Z 0-9 . _ -, not beginning with a dot");
	}
	(void)snprintf(g->name, sizeof(g->name), "%s", name);
	g->open = strcmp(admission, "open") == 0;
	g->tee_debug = option_given(c, OPTION_TA_DEBUG);
	if (!g->open && strcmp(admission, "listed") != 0) {
		return cli_fail(MESATEE_USAGE, NULL, "--admission is open or listed");
	}
	if (!g->open && !operator) {
		return cli_fail(MESATEE_USAGE, "add --operator ID or --operator self",
				"with --admission listed somebody must admit parties");
	}
	if (operator) {
		enum mesatee_err err = cli_open(c);
		if (!err) {
			err = cli_client_fail(c, mesatee_party_find(c->m, operator, id));
		}
		if (err) {
			return err;
		}
		enum mt_err bad = mt_unhex(mt_text(id), g->operator_id, sizeof(g->operator_id));
		mt_assert(!bad);
	}
	const char *signers = option_text(c, OPTION_TA_KEYS, NULL);

	return signers ? signers_read(signers, g) : MESATEE_OK;
}

/* An exchanged configuration would make the state unreadable: it is sealed to what is measured. */
static enum mesatee_err init_save(struct cli *c, const char *config, const struct node_configuration *g)
{
	struct node_configuration old = { 0 };

	if (access(config, F_OK) != 0) {
		return configuration_save(config, g);
	}
	enum mesatee_err err = configuration_read(c, config, &old);
	if (err) {
		return err;
	}
	if (memcmp(&old, g, sizeof(old)) != 0) {
		return cli_fail(MESATEE_CONFLICT, "use another folder", "%s exists and says something else", config);
	}
	return MESATEE_OK;
}

static void init_tell(struct cli *c, const char *folder, const char *root_path, const char *id)
{
	if (option_given(c, OPTION_JSON)) {
		struct json j;
		json_begin(&j, "mesatee.init.1");
		json_text(&j, "state", folder);
		json_text(&j, "root", root_path);
		json_text(&j, "root_id", id);
		(void)json_end(&j);
		return;
	}
	cli_print("%s\n", id);
	cli_say(c, "level 2 (%s): protects against %s.\nNot against: %s.\n", attest_level_name(2),
		attest_level_protects(2), attest_level_limits(2));
	cli_say(c,
		"keep %s to yourself. Tell every party the root id above and give them %s/node.cbor; each makes\nits "
		"policy from its own build: "
		"mesatee policy --images DIR --config node.cbor --level 2 --root-id %.12s... --name NAME\nstart: "
		"mesatee serve --state %s\n",
		root_path, folder, id, folder);
}

enum mesatee_err run_init(struct cli *c)
{
	const char *folder = option_text(c, OPTION_STATE, NULL);
	char images[1024], config[NODE_PATH_MAX], root_default[NODE_PATH_MAX], policy_path[NODE_PATH_MAX],
		id[MESATEE_ID_SIZE];
	struct attest_policy p = { .level_min = 2, .root_count = 1, .allow_fast = true, .fast_life_s = 600 };
	struct node_configuration g = { 0 };
	struct secret root = { 0 };

	if (!folder) {
		return cli_fail(MESATEE_USAGE, NULL, "--state DIR: where should the node live?");
	}
	join(config, folder, "node.cbor");
	join(root_default, folder, "root.key");
	join(policy_path, folder, "policy.toml");
	const char *root_path = option_text(c, OPTION_ROOT, root_default);
	enum mesatee_err err = init_configuration(c, &g);
	if (!err) {
		err = launch_images(c, images);
	}
	if (err || option_given(c, OPTION_DRY_RUN)) {
		return err;
	}
	err = folder_make(folder);
	if (!err) {
		err = init_save(c, config, &g);
	}
	if (!err) {
		err = root_ensure(root_path, &root);
	}
	if (!err) {
		err = root_id(&root, p.root[0]);
	}
	mt_wipe(&root, sizeof(root));
	if (!err) {
		err = launch_measure(c, images, config, &p.expected);
	}
	if (!err) {
		(void)snprintf(p.name, sizeof(p.name), "%s", g.name);
		p.allow_unconfined = option_given(c, OPTION_UNCONFINED);
		err = policy_save(policy_path, &p);
	}
	if (!err) {
		mt_hex(mt_bytes(p.root[0], COSE_ID_SIZE), id);
		init_tell(c, folder, root_path, id);
	}
	return err;
}

/* ---- serve ---- */

static void serve_up(struct cli *c, const struct launch *l)
{
	cli_print("https://%s\n", l->listen);
	cli_say(c, "ready; ends with Ctrl-C or SIGTERM\n");
}

enum mesatee_err run_serve(struct cli *c)
{
	const char *folder = option_text(c, OPTION_STATE, NULL);
	char images[1024], state[NODE_PATH_MAX], config[NODE_PATH_MAX], root_default[NODE_PATH_MAX];
	struct node_configuration g;
	struct secret root = { 0 };

	if (!folder) {
		return cli_fail(MESATEE_USAGE, "mesatee init --state DIR makes one", "--state DIR: which node?");
	}
	join(state, folder, "state");
	join(config, folder, "node.cbor");
	join(root_default, folder, "root.key");
	struct launch l = { .images = images, .state = state, .listen = option_text(c, OPTION_LISTEN, CLI_LISTEN_DEFAULT),
			    .config = config, .platform = option_text(c, OPTION_ROOT, root_default) };
	launch_fetch(c, &l);
	enum mesatee_err err = launch_images(c, images);
	if (!err) {
		err = configuration_read(c, config, &g);
	}
	if (!err) {
		err = root_load(l.platform, &root);
	}
	mt_wipe(&root, sizeof(root));
	return err ? err : launch_node(c, &l, serve_up);
}
