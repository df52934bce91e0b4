/* Trusted applications on the developer's and the operator's side: keys, signed images, and a node's store of them. */
#include "party/cli/cli_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/ree.h"

#define TA_PATH_MAX 1024
#define UUID_TEXT_SIZE 36
#define PUB_SUFFIX ".pub"

/* ---- UUIDs ---- */

/* RFC 4122, 3: eight digits, three times four, twelve. */
static bool uuid_read(const char *text, uint8_t out[IMAGE_UUID_SIZE])
{
	char digits[2 * IMAGE_UUID_SIZE + 1];
	size_t count = 0;

	if (strlen(text) != UUID_TEXT_SIZE) {
		return false;
	}
	for (size_t i = 0; i < UUID_TEXT_SIZE; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (text[i] == '-')) {
			return false;
		}
		if (!dash) {
			digits[count++] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]);
		}
	}
	return mt_unhex(mt_bytes(digits, count), out, IMAGE_UUID_SIZE) == MT_OK;
}

static void uuid_show(const uint8_t uuid[IMAGE_UUID_SIZE], char out[UUID_TEXT_SIZE + 1])
{
	char digits[2 * IMAGE_UUID_SIZE + 1];

	mt_hex(mt_bytes(uuid, IMAGE_UUID_SIZE), digits);
	(void)snprintf(out, UUID_TEXT_SIZE + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16, digits + 20);
}

/* ---- keys ---- */

static enum mesatee_err key_open(const char *path, struct crypto_signer **out)
{
	struct secret key = { 0 };
	enum mesatee_err err = root_load(path, &key);

	if (!err && crypto_signer_open_p256(&key, out) != MT_OK) {
		err = cli_fail(MESATEE_FAILED, "`mesatee ta key FILE` makes one", "%s is no P-256 key", path);
	}
	mt_wipe(&key, sizeof(key));
	return err;
}

static enum mesatee_err key_make(const char *path)
{
	struct secret key = { 0 };

	crypto_p256_generate(&key);
	enum mesatee_err err = file_save(path, 0600, secret_bytes(&key));

	mt_wipe(&key, sizeof(key));
	return err;
}

static enum mesatee_err key_publish(const char *path, const struct crypto_signer *signer)
{
	char pub[TA_PATH_MAX], line[2 * CRYPTO_P256_PUBLIC_SIZE + 2];

	(void)snprintf(pub, sizeof(pub), "%.1000s" PUB_SUFFIX, path);
	mt_hex(mt_bytes(crypto_signer_public(signer).at, CRYPTO_P256_PUBLIC_SIZE), line);
	(void)strcat(line, "\n");
	return file_save(pub, 0644, mt_text(line));
}

enum mesatee_err ta_key_ensure(const char *path, struct node_configuration *g)
{
	struct crypto_signer *signer = NULL;
	enum mesatee_err err = access(path, F_OK) == 0 ? MESATEE_OK : key_make(path);

	if (!err) {
		err = key_open(path, &signer);
	}
	if (!err) {
		err = key_publish(path, signer);
	}
	if (!err) {
		memcpy(g->signer[g->signer_count++].p256, crypto_signer_public(signer).at, CRYPTO_P256_PUBLIC_SIZE);
	}
	crypto_signer_close(signer);
	return err;
}

enum mesatee_err run_ta_key(struct cli *c)
{
	const char *path = c->word[0];
	struct node_configuration g = { 0 };
	char line[2 * CRYPTO_P256_PUBLIC_SIZE + 1];

	if (access(path, F_OK) == 0) {
		return cli_fail(MESATEE_CONFLICT, "use another name", "%s exists", path);
	}
	enum mesatee_err err = ta_key_ensure(path, &g);

	if (err) {
		return err;
	}
	mt_hex(mt_bytes(g.signer[0].p256, CRYPTO_P256_PUBLIC_SIZE), line);
	cli_print("%s\n", line);
	cli_say(c, "keep %s to yourself; an operator gives %s" PUB_SUFFIX " to `mesatee init --ta-keys`\n", path, path);
	return MESATEE_OK;
}

/* ---- sign ---- */

static enum mt_err sign_message(void *context, struct bytes message, uint8_t signature[64])
{
	return crypto_sign(context, message, signature);
}

static enum image_kind content_kind(struct bytes content)
{
	static const uint8_t elf[4] = { 0x7f, 'E', 'L', 'F' }, wasm[4] = { 0, 'a', 's', 'm' };

	if (content.size >= sizeof(elf) && memcmp(content.at, elf, sizeof(elf)) == 0) {
		return IMAGE_ELF;
	}
	return content.size >= sizeof(wasm) && memcmp(content.at, wasm, sizeof(wasm)) == 0 ? IMAGE_WASM : 0;
}

static enum mesatee_err sign_terms(struct cli *c, struct image *out)
{
	const char *uuid = option_text(c, OPTION_UUID, NULL);
	uint64_t version = 0;

	if (!option_given(c, OPTION_KEY) || !option_given(c, OPTION_OUT) || !uuid) {
		return cli_fail(MESATEE_USAGE, NULL, "--key FILE, --uuid UUID and --out FILE must be given");
	}
	if (!uuid_read(uuid, out->uuid)) {
		return cli_fail(MESATEE_USAGE, NULL, "--uuid: not a UUID such as 8aaaf200-2450-11e4-abe2-0002a5d5c51b: %s", uuid);
	}
	enum mesatee_err err = option_number(c, OPTION_TA_VERSION, 0, &version);

	if (!err && version > UINT32_MAX) {
		err = cli_fail(MESATEE_USAGE, NULL, "--ta-version has at most 32 bits");
	}
	out->version = (uint32_t)version;
	return err;
}

static enum mesatee_err sign_image(struct image *image, struct crypto_signer *signer, const char *to)
{
	size_t size = IMAGE_OWN_HEAD + image->content.size;
	uint8_t *whole = mt_alloc(size), id[IMAGE_KEY_ID_SIZE];

	if (!whole) {
		return cli_fail(MESATEE_FAILED, NULL, "no memory");
	}
	crypto_p256_id(crypto_signer_public(signer).at, id);
	enum mt_err bad = image_head(image, id, sign_message, signer, whole);
	enum mesatee_err err = bad ? cli_fail(MESATEE_FAILED, NULL, "the image cannot be signed: it may have %u MiB", IMAGE_SIZE_MAX >> 20) : MESATEE_OK;

	if (!err) {
		memcpy(whole + IMAGE_OWN_HEAD, image->content.at, image->content.size);
		err = file_save(to, 0644, mt_bytes(whole, size));
	}
	mt_free(whole);
	return err;
}

enum mesatee_err run_ta_sign(struct cli *c)
{
	struct image image = { 0 };
	struct crypto_signer *signer = NULL;
	uint8_t *content = NULL;
	size_t size = 0;
	enum mesatee_err err = sign_terms(c, &image);

	if (!err) {
		err = file_load(c->word[0], IMAGE_SIZE_MAX, &content, &size);
	}
	image.content = mt_bytes(content, size);
	image.kind = content_kind(image.content);
	if (!err && !image.kind) {
		err = cli_fail(MESATEE_FAILED, NULL, "%s is neither a shared object nor a module of WebAssembly", c->word[0]);
	}
	if (!err) {
		err = key_open(option_text(c, OPTION_KEY, NULL), &signer);
	}
	if (!err) {
		err = sign_image(&image, signer, option_text(c, OPTION_OUT, NULL));
	}
	crypto_signer_close(signer);
	mt_free(content);
	return err;
}

/* ---- a node's store: state/ta/NAME, NAME being the UUID's digits and as many zeroes (api/ree.h) ---- */

static enum mesatee_err store_path(struct cli *c, char out[TA_PATH_MAX])
{
	const char *folder = option_text(c, OPTION_STATE, CLI_STATE_DEFAULT);
	struct stat facts;

	(void)snprintf(out, TA_PATH_MAX, "%.900s/state", folder);
	if (stat(out, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
		return cli_fail(MESATEE_NOT_FOUND, "start it once first, or name its folder: --state DIR", "there is no node in %s", folder);
	}
	(void)snprintf(out, TA_PATH_MAX, "%.900s/state/ta", folder);
	return folder_make(out);
}

static enum mesatee_err install(const char *store, const char *path, const struct image_trust *trust)
{
	uint8_t *content = NULL, name[REE_NAME_SIZE] = { 0 };
	size_t size = 0;
	struct image image = { 0 };
	char to[TA_PATH_MAX], digits[2 * REE_NAME_SIZE + 1], uuid[UUID_TEXT_SIZE + 1];
	enum mesatee_err err = file_load(path, IMAGE_SIZE_MAX + IMAGE_OWN_HEAD, &content, &size);
	enum mt_err bad = err ? MT_OK : image_verify(mt_bytes(content, size), trust, &image);

	if (bad == MT_DENIED) {
		err = cli_fail(MESATEE_REFUSED, "`init --ta-keys` takes the signer's .pub; `ta sign --key` signs with one of yours",
			       "%s: no key of this node's configuration has signed it", path);
	} else if (bad) {
		err = cli_fail(MESATEE_NOT_VERIFIED, NULL, "%s: %s", path,
			       bad == MT_TAMPERED ? "it is not what was signed" : "no signed trusted application");
	}
	if (!err && image.kind == IMAGE_WASM) {
		err = cli_fail(MESATEE_REFUSED, "install a native one", "%s: a module of WebAssembly, which nodes of this version do not run as a trusted application", path);
	}
	if (!err) {
		memcpy(name, image.uuid, sizeof(image.uuid));
		mt_hex(mt_bytes(name, sizeof(name)), digits);
		(void)snprintf(to, sizeof(to), "%.800s/%s", store, digits);
		err = file_save(to, 0600, mt_bytes(content, size));
	}
	if (!err) {
		uuid_show(image.uuid, uuid);
		cli_print("%s\n", uuid);
	}
	mt_free(content);
	return err;
}

enum mesatee_err run_ta_install(struct cli *c)
{
	char store[TA_PATH_MAX], config[TA_PATH_MAX];
	struct node_configuration g = { 0 };
	enum mesatee_err err = store_path(c, store);

	(void)snprintf(config, sizeof(config), "%.900s/node.cbor", option_text(c, OPTION_STATE, CLI_STATE_DEFAULT));
	if (!err) {
		err = configuration_read(c, config, &g);
	}
	const struct image_trust trust = signers_trust(&g);

	for (size_t i = 0; !err && i < c->word_count; i++) {
		err = install(store, c->word[i], &trust);
	}
	return err;
}

/* One row of the store; false: the file is none. */
static bool listed(const char *store, const char *file, const struct image_trust *trust, struct image *out)
{
	uint8_t name[REE_NAME_SIZE], *content = NULL;
	char path[TA_PATH_MAX];
	size_t size = 0;

	if (strlen(file) != 2 * REE_NAME_SIZE || mt_unhex(mt_text(file), name, sizeof(name)) != MT_OK) {
		return false;
	}
	(void)snprintf(path, sizeof(path), "%.900s/%.80s", store, file);
	bool good = file_load(path, IMAGE_SIZE_MAX + IMAGE_OWN_HEAD, &content, &size) == MESATEE_OK &&
		    image_verify(mt_bytes(content, size), trust, out) == MT_OK && memcmp(out->uuid, name, sizeof(out->uuid)) == 0;

	if (!good) {
		*out = (struct image){ 0 };
		memcpy(out->uuid, name, sizeof(out->uuid));
	}
	mt_free(content);
	return true;
}

static void list_row(struct cli *c, struct json *j, const struct image *i)
{
	static const char *const kinds[] = { "not to be run: its signature does not fit", "native", "wasm" };
	char uuid[UUID_TEXT_SIZE + 1], hash[2 * sizeof(i->hash) + 1];

	uuid_show(i->uuid, uuid);
	mt_hex(mt_bytes(i->hash, sizeof(i->hash)), hash);
	if (option_given(c, OPTION_JSON)) {
		json_open(j, NULL, '{');
		json_text(j, "uuid", uuid);
		json_text(j, "kind", i->kind ? kinds[i->kind] : NULL);
		json_number(j, "version", i->version);
		json_text(j, "hash", i->kind ? hash : NULL);
		json_close(j, '{');
	} else {
		cli_print("%s  %s%s%u\n", uuid, kinds[i->kind], i->kind ? "  version " : "  ", i->version);
	}
}

enum mesatee_err run_ta_list(struct cli *c)
{
	char store[TA_PATH_MAX], config[TA_PATH_MAX];
	struct node_configuration g = { 0 };
	struct json j;
	enum mesatee_err err = store_path(c, store);

	(void)snprintf(config, sizeof(config), "%.900s/node.cbor", option_text(c, OPTION_STATE, CLI_STATE_DEFAULT));
	if (!err) {
		err = configuration_read(c, config, &g);
	}
	DIR *folder = err ? NULL : opendir(store);

	if (!err && !folder) {
		err = cli_fail(MESATEE_FAILED, NULL, "cannot read %s: %s", store, strerror(errno));
	}
	if (err) {
		return err;
	}
	const struct image_trust trust = signers_trust(&g);

	if (option_given(c, OPTION_JSON)) {
		json_begin(&j, "mesatee.ta-list.1");
		json_open(&j, "applications", '[');
	}
	for (struct dirent *e; (e = readdir(folder));) {
		struct image image = { 0 };

		if (listed(store, e->d_name, &trust, &image)) {
			list_row(c, &j, &image);
		}
	}
	(void)closedir(folder);
	if (option_given(c, OPTION_JSON)) {
		json_close(&j, '[');
		return json_end(&j);
	}
	return MESATEE_OK;
}
