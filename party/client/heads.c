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

/*
 * The log id that this url had. Lines are "url id\n". False: the file is damaged, which is never taken for "not
 * seen yet": that would let an exchanged ledger through.
 */
static bool known_find(struct bytes text, const char *url, bool *found, uint8_t log_id[32])
{
	*found = false;
	while (text.size) {
		const uint8_t *end = memchr(text.at, '\n', text.size);
		size_t size = end ? (size_t)(end - text.at) : 0;
		const uint8_t *space = size ? memchr(text.at, ' ', size) : NULL;
		size_t url_size = space ? (size_t)(space - text.at) : 0;
		uint8_t id[32];
		if (url_size == 0 || mt_unhex(mt_bytes(space + 1, size - url_size - 1), id, sizeof(id))) {
			return false;
		}
		if (!*found && mt_equal(mt_bytes(text.at, url_size), mt_text(url))) {
			*found = true;
			memcpy(log_id, id, sizeof(id));
		}
		text = mt_bytes(end + 1, text.size - size - 1);
	}
	return true;
}

static enum mesatee_err known_add(struct mesatee *m, const char *path, struct bytes text)
{
	char digits[65];
	size_t capacity = text.size + CLIENT_URL_MAX + 80;
	uint8_t *space = mt_alloc(capacity);
	struct builder b = builder_over(space, space ? capacity : 0);
	struct bytes all = { 0 };

	mt_hex(mt_bytes(m->log_id, sizeof(m->log_id)), digits);
	builder_bytes(&b, text);
	builder_format(&b, "%s %s\n", m->url, digits);
	enum mesatee_err err = builder_done(&b, &all) ? client_no_memory(m) : file_put(m, path, 0600, all);
	mt_free(space);
	return err;
}

static enum mesatee_err known_other(struct mesatee *m, const uint8_t before[32])
{
	char was[65], is[65];

	mt_hex(mt_bytes(before, 32), was);
	mt_hex(mt_bytes(m->log_id, sizeof(m->log_id)), is);
	return client_fail(
		m, MESATEE_NOT_VERIFIED,
		"ask the operator. If he began a new ledger on purpose, take the line of this node out of the file "
		"\"known\" in your home folder; contracts and receipts of the old one stay with the old one",
		"the node at %s has another ledger than before: %.12s..., it was %.12s...", m->url, is, was);
}

enum mesatee_err known_check(struct mesatee *m)
{
	char path[CLIENT_PATH_MAX];
	uint8_t *text = NULL, before[32];
	size_t size = 0;
	int lock = -1;
	bool found = false;
	enum mesatee_err err = home_lock(m, &lock);

	if (!err) {
		err = home_path(m, "known", path);
	}
	if (!err) {
		err = file_read(m, path, CLIENT_FILE_MAX, &text, &size);
		err = err == MESATEE_NOT_FOUND ? MESATEE_OK : err;
	}
	if (!err && !known_find(mt_bytes(text, size), m->url, &found, before)) {
		err = client_fail(m, MESATEE_NOT_VERIFIED,
				  "restore it from a copy; a line is: url, one space, 64 hex digits, newline",
				  "the list of nodes seen before, %s, is damaged", path);
	}
	if (!err && !found) {
		err = known_add(m, path, mt_bytes(text, size));
	} else if (!err && memcmp(before, m->log_id, sizeof(before)) != 0) {
		err = known_other(m, before);
	}
	mt_free(text);
	home_unlock(lock);
	return err;
}
