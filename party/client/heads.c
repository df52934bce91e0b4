/* What was seen of each log, and which node answered where: what makes a rollback or an exchanged node visible. */
#include "party/client/client_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum mesatee_err head_path(struct mesatee *m, const uint8_t log_id[32], char out[CLIENT_PATH_MAX])
{
	char name[16 + 2 * 32 + 1] = "heads/";

	mt_hex(mt_bytes(log_id, 32), name + strlen(name));
	return home_path(m, name, out);
}

/* "size root\n", size in canonical decimal. */
static bool head_parse(const char *text, size_t size, struct statement_head *out)
{
	char again[128];
	char digits[65];
	const char *space = strchr(text, ' ');

	if (!space || (size_t)(space - text) + 66 != size) {
		return false;
	}
	out->size = strtoull(text, NULL, 10);
	if (mt_unhex(mt_bytes(space + 1, 64), out->root, sizeof(out->root))) {
		return false;
	}
	mt_hex(mt_bytes(out->root, sizeof(out->root)), digits);
	(void)snprintf(again, sizeof(again), "%" PRIu64 " %s\n", out->size, digits);
	return out->size > 0 && strcmp(again, text) == 0;
}

enum mesatee_err heads_load(struct mesatee *m, const uint8_t log_id[32], struct statement_head *out)
{
	char path[CLIENT_PATH_MAX];
	uint8_t *text = NULL;
	size_t size = 0;
	struct statement_head head = { 0 };
	enum mesatee_err err = head_path(m, log_id, path);

	if (!err) {
		err = file_read(m, path, 256, &text, &size);
	}
	if (err == MESATEE_NOT_FOUND) {
		*out = head;
		return MESATEE_OK;
	}
	if (!err && !head_parse((const char *)text, size, &head)) {
		/* Never taken for "nothing seen": that would let a rollback through. */
		err = client_fail(
			m, MESATEE_NOT_VERIFIED,
			"restore it from a copy; without it a rolled back node cannot be told from an honest one",
			"the tree head kept in %s is damaged", path);
	}
	mt_free(text);
	if (!err) {
		*out = head;
	}
	return err;
}

enum mesatee_err heads_keep(struct mesatee *m, const struct statement_head *head)
{
	char path[CLIENT_PATH_MAX], text[128], digits[65];
	struct statement_head stored = { 0 };
	int lock = -1;
	enum mesatee_err err = home_lock(m, &lock);

	if (!err) {
		err = heads_load(m, m->log_id, &stored);
	}
	if (!err && stored.size >= head->size) {
		m->head = stored; /* another process of this party has seen more */
		home_unlock(lock);
		return MESATEE_OK;
	}
	if (!err) {
		err = head_path(m, m->log_id, path);
	}
	if (!err) {
		mt_hex(mt_bytes(head->root, sizeof(head->root)), digits);
		(void)snprintf(text, sizeof(text), "%" PRIu64 " %s\n", head->size, digits);
		err = file_put(m, path, 0600, mt_text(text));
	}
	if (!err) {
		m->head = *head;
	}
	home_unlock(lock);
	return err;
}

/* ---- known nodes ---- */

/* The log id on the line of this url, or NULL. Lines are "url id\n". */
static const char *known_find(const char *text, const char *url)
{
	size_t url_size = strlen(url);

	for (const char *line = text; line && *line;) {
		const char *end = strchr(line, '\n');
		if (strncmp(line, url, url_size) == 0 && line[url_size] == ' ' && strlen(line + url_size + 1) >= 64) {
			return line + url_size + 1;
		}
		line = end ? end + 1 : NULL;
	}
	return NULL;
}

static enum mesatee_err known_add(struct mesatee *m, const char *path, const char *text, const char *digits)
{
	size_t capacity = strlen(text) + CLIENT_URL_MAX + 80;
	uint8_t *space = mt_alloc(capacity);
	struct builder b = builder_over(space, space ? capacity : 0);
	struct bytes all = { 0 };

	builder_format(&b, "%s%s %s\n", text, m->url, digits);
	enum mesatee_err err = builder_done(&b, &all) ? client_no_memory(m) : file_put(m, path, 0600, all);
	mt_free(space);
	return err;
}

enum mesatee_err known_check(struct mesatee *m)
{
	char path[CLIENT_PATH_MAX], digits[65];
	uint8_t *text = NULL;
	size_t size = 0;
	int lock = -1;
	enum mesatee_err err = home_lock(m, &lock);

	mt_hex(mt_bytes(m->log_id, sizeof(m->log_id)), digits);
	if (!err) {
		err = home_path(m, "known", path);
	}
	if (!err) {
		err = file_read(m, path, CLIENT_FILE_MAX, &text, &size);
		err = err == MESATEE_NOT_FOUND ? MESATEE_OK : err;
	}
	if (!err) {
		const char *before = text ? known_find((const char *)text, m->url) : NULL;
		if (!before) {
			err = known_add(m, path, text ? (const char *)text : "", digits);
		} else if (strncmp(before, digits, 64) != 0) {
			err = client_fail(m, MESATEE_NOT_VERIFIED,
					  "ask the operator. If he began a new ledger on purpose, take the line of "
					  "this node out of the file "
					  "\"known\" in your home folder; contracts and receipts of the old one stay "
					  "with the old one",
					  "the node at %s has another ledger than before: %.12s..., it was %.12s...",
					  m->url, digits, before);
		}
	}
	mt_free(text);
	home_unlock(lock);
	return err;
}
