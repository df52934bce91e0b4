/* Who I am, and what I call the others. */
#include "party/client/client_private.h"

#include <stdio.h>
#include <string.h>

static enum mesatee_err identity_take(struct mesatee *m, struct secret *scalar)
{
	if (crypto_signer_open_p256(scalar, &m->signer)) {
		return client_fail(m, MESATEE_FAILED, "restore it from a copy", "%s/identity.key is no P-256 key",
				   m->home);
	}
	crypto_p256_id(crypto_signer_public(m->signer).at, m->self);
	mt_hex(mt_bytes(m->self, sizeof(m->self)), m->self_text);
	return MESATEE_OK;
}

static enum mesatee_err identity_load(struct mesatee *m, const char *path)
{
	struct secret scalar;
	uint8_t *content = NULL;
	size_t size = 0;

	enum mesatee_err err = file_read(m, path, 4096, &content, &size);
	if (err) {
		return err;
	}
	if (size != sizeof(scalar.at)) {
		err = client_fail(m, MESATEE_FAILED, "restore it from a copy",
				  "%s is no identity key: it must have 32 bytes", path);
	} else {
		memcpy(scalar.at, content, sizeof(scalar.at));
		err = identity_take(m, &scalar);
	}
	mt_wipe(&scalar, sizeof(scalar));
	mt_wipe(content, size);
	mt_free(content);
	return err;
}

static enum mesatee_err identity_make(struct mesatee *m, const char *path)
{
	struct secret scalar;

	crypto_p256_generate(&scalar);
	enum mesatee_err err = file_put(m, path, 0600, secret_bytes(&scalar));
	if (!err) {
		err = identity_take(m, &scalar);
	}
	mt_wipe(&scalar, sizeof(scalar));
	return err;
}

enum mesatee_err mesatee_identity(struct mesatee *m, bool make, char id[MESATEE_ID_SIZE])
{
	char path[CLIENT_PATH_MAX];
	int lock = -1;
	enum mesatee_err err = MESATEE_OK;

	if (!m->signer) {
		err = home_path(m, "identity.key", path);
		if (!err) {
			err = home_lock(m, &lock);
		}
		if (!err) {
			err = identity_load(m, path);
		}
		if (err == MESATEE_NOT_FOUND && make) {
			err = identity_make(m, path);
		} else if (err == MESATEE_NOT_FOUND) {
			err = client_fail(m, err, "make an identity: mesatee party", "there is no identity in %s",
					  m->home);
		}
		home_unlock(lock);
	}
	if (!err && id) {
		memcpy(id, m->self_text, MESATEE_ID_SIZE);
	}
	return err;
}

enum mesatee_err names_need_self(struct mesatee *m)
{
	return mesatee_identity(m, true, NULL);
}

void names_close(struct mesatee *m)
{
	crypto_signer_close(m->signer);
	m->signer = NULL;
	mt_free(m->petname);
	m->petname = NULL;
}

/* ---- petnames ---- */

static bool petname_line(struct bytes line, struct petname *out)
{
	const uint8_t *space = line.size ? memchr(line.at, ' ', line.size) : NULL;
	size_t name_size = space ? (size_t)(space - line.at) : 0;
	uint8_t id[32];

	if (!space || !statement_name_ok(mt_bytes(line.at, name_size)) ||
	    mt_unhex(mt_bytes(space + 1, line.size - name_size - 1), id, sizeof(id))) {
		return false;
	}
	memset(out, 0, sizeof(*out));
	memcpy(out->name, line.at, name_size);
	mt_hex(mt_bytes(id, sizeof(id)), out->id);
	return true;
}

static enum mesatee_err petnames_parse(struct mesatee *m, struct bytes text, const char *path)
{
	while (text.size) {
		const uint8_t *end = memchr(text.at, '\n', text.size);
		size_t size = end ? (size_t)(end - text.at) : text.size;

		if (m->petname_count == MESATEE_PETNAMES_MAX ||
		    !petname_line(mt_bytes(text.at, size), &m->petname[m->petname_count])) {
			return client_fail(m, MESATEE_FAILED, "a line is: name, one space, 64 hex digits",
					   "%s is damaged at its line %zu", path, m->petname_count + 1);
		}
		m->petname_count++;
		text = mt_bytes(text.at + size + (end != NULL), text.size - size - (end != NULL));
	}
	return MESATEE_OK;
}

static enum mesatee_err petnames_read(struct mesatee *m)
{
	char path[CLIENT_PATH_MAX];
	uint8_t *text = NULL;
	size_t size = 0;

	if (m->petnames_read) {
		return MESATEE_OK;
	}
	mt_free(m->petname);
	m->petname_count = 0;
	m->petname = mt_alloc(MESATEE_PETNAMES_MAX * sizeof(m->petname[0]));
	if (!m->petname) {
		return client_no_memory(m);
	}
	enum mesatee_err err = home_path(m, "parties", path);
	if (!err) {
		err = file_read(m, path, CLIENT_FILE_MAX, &text, &size);
	}
	if (err == MESATEE_NOT_FOUND) {
		err = MESATEE_OK;
	} else if (!err) {
		err = petnames_parse(m, mt_bytes(text, size), path);
	}
	mt_free(text);
	m->petnames_read = err == MESATEE_OK;
	return err;
}

static const struct petname *petname_find(const struct mesatee *m, const char *name)
{
	for (size_t i = 0; i < m->petname_count; i++) {
		if (strcmp(m->petname[i].name, name) == 0) {
			return &m->petname[i];
		}
	}
	return NULL;
}

static enum mesatee_err petnames_write(struct mesatee *m)
{
	char path[CLIENT_PATH_MAX];
	size_t capacity = m->petname_count * sizeof(struct petname) + 1;
	uint8_t *space = mt_alloc(capacity);
	struct builder b = builder_over(space, space ? capacity : 0);
	struct bytes text = { 0 };

	for (size_t i = 0; i < m->petname_count; i++) {
		builder_format(&b, "%s %s\n", m->petname[i].name, m->petname[i].id);
	}
	enum mesatee_err err = builder_done(&b, &text) ? client_no_memory(m) : home_path(m, "parties", path);
	if (!err) {
		err = file_put(m, path, 0600, text);
	}
	mt_free(space);
	return err;
}

enum mesatee_err mesatee_party_add(struct mesatee *m, const char *name, const char *id)
{
	uint8_t raw[32];
	int lock = -1;
	enum mesatee_err err = client_unhex(m, "a party's id", id, raw);

	if (!err && (!statement_name_ok(mt_text(name)) || strcmp(name, "self") == 0 || strlen(name) == 64)) {
		err = client_fail(
			m, MESATEE_USAGE, NULL,
			"a petname has 1 to 63 of a-z A-Z 0-9 . _ -, does not start with a dot, and is not \"self\"");
	}
	if (!err) {
		err = home_lock(m, &lock);
	}
	m->petnames_read = false; /* another process may have added one */
	if (!err) {
		err = petnames_read(m);
	}
	if (err) {
		home_unlock(lock);
		return err;
	}
	char digits[MESATEE_ID_SIZE];
	mt_hex(mt_bytes(raw, sizeof(raw)), digits);
	const struct petname *known = petname_find(m, name);
	if (known && strcmp(known->id, digits) != 0) {
		err = client_fail(m, MESATEE_CONFLICT, "choose another name", "you call %s by the name \"%s\" already",
				  known->id, name);
	} else if (!known && m->petname_count == MESATEE_PETNAMES_MAX) {
		err = client_fail(m, MESATEE_FAILED, NULL, "there are %d petnames already", MESATEE_PETNAMES_MAX);
	} else if (!known) {
		struct petname *p = &m->petname[m->petname_count++];
		(void)snprintf(p->name, sizeof(p->name), "%s", name);
		memcpy(p->id, digits, sizeof(p->id));
		err = petnames_write(m);
	}
	home_unlock(lock);
	return err;
}

enum mesatee_err names_resolve(struct mesatee *m, const char *who, uint8_t id[COSE_ID_SIZE])
{
	enum mesatee_err err = MESATEE_OK;

	if (strcmp(who, "self") == 0) {
		err = names_need_self(m);
		if (!err) {
			memcpy(id, m->self, COSE_ID_SIZE);
		}
		return err;
	}
	if (mt_unhex(mt_text(who), id, COSE_ID_SIZE) == MT_OK) {
		return MESATEE_OK;
	}
	err = petnames_read(m);
	if (err) {
		return err;
	}
	const struct petname *p = petname_find(m, who);
	if (!p) {
		char shown[80];
		client_clean(mt_text(who), shown, sizeof(shown));
		return client_fail(m, MESATEE_NOT_FOUND, "name him first: mesatee party add NAME ID",
				   "you know no party \"%s\"", shown);
	}
	return client_unhex(m, "a party's id", p->id, id);
}

enum mesatee_err mesatee_party_find(struct mesatee *m, const char *who, char id[MESATEE_ID_SIZE])
{
	uint8_t raw[COSE_ID_SIZE];
	enum mesatee_err err = names_resolve(m, who, raw);

	if (!err) {
		mt_hex(mt_bytes(raw, sizeof(raw)), id);
	}
	return err;
}

const char *mesatee_party_name(struct mesatee *m, const char *id)
{
	if (mesatee_identity(m, false, NULL) == MESATEE_OK && strcmp(id, m->self_text) == 0) {
		return "self";
	}
	for (size_t i = 0; petnames_read(m) == MESATEE_OK && i < m->petname_count; i++) {
		if (strcmp(m->petname[i].id, id) == 0) {
			return m->petname[i].name;
		}
	}
	return NULL;
}

bool mesatee_party_at(struct mesatee *m, size_t index, const char **name, const char **id)
{
	if (petnames_read(m) || index >= m->petname_count) {
		return false;
	}
	*name = m->petname[index].name;
	*id = m->petname[index].id;
	return true;
}
