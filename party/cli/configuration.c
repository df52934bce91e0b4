/* A node's configuration, as its operator writes it and a party reads it; service/core reads the same (api/mesatee.cddl). */
#include "party/cli/cli_private.h"

#include <string.h>

#include "lib/cose/cose.h"
#include "lib/statement/statement.h"

#define CONFIGURATION_MAX (8 * 1024)
#define SIGNERS_FILE_MAX (64 * 1024)
#define SIGNER_LINE_MAX (2 * IMAGE_RSA_MAX + 2 * CLI_EXPONENT_MAX + 2)

/* ---- who signs trusted applications ---- */

static bool hex_part(struct bytes text, uint8_t *out, size_t capacity, size_t *size)
{
	*size = text.size / 2;
	return text.size > 0 && text.size % 2 == 0 && *size <= capacity && mt_unhex(text, out, *size) == MT_OK;
}

/* 130 digits: a P-256 point. MODULUS:EXPONENT: RSA. */
static bool signer_read(struct bytes line, struct node_signer *out)
{
	const uint8_t *colon = line.size ? memchr(line.at, ':', line.size) : NULL;
	size_t size = 0;

	*out = (struct node_signer){ 0 };
	if (!colon) {
		return hex_part(line, out->p256, sizeof(out->p256), &size) && size == sizeof(out->p256) && out->p256[0] == 4;
	}
	size_t first = (size_t)(colon - line.at);

	return hex_part(mt_bytes(line.at, first), out->modulus, sizeof(out->modulus), &out->modulus_size) &&
	       hex_part(mt_bytes(colon + 1, line.size - first - 1), out->exponent, sizeof(out->exponent), &out->exponent_size);
}

static bool line_empty(struct bytes line)
{
	return line.size == 0 || line.at[0] == '#';
}

enum mesatee_err signers_read(const char *path, struct node_configuration *out)
{
	uint8_t *text = NULL;
	size_t size = 0, number = 0;
	enum mesatee_err err = file_load(path, SIGNERS_FILE_MAX, &text, &size);

	for (size_t at = 0; !err && at < size;) {
		const uint8_t *end = memchr(text + at, '\n', size - at);
		struct bytes line = mt_bytes(text + at, (end ? (size_t)(end - text) : size) - at);

		at += line.size + 1;
		number++;
		if (line_empty(line)) {
			continue;
		}
		if (out->signer_count == IMAGE_KEYS_MAX) {
			err = cli_fail(MESATEE_USAGE, NULL, "%s: more than %d keys", path, IMAGE_KEYS_MAX);
		} else if (line.size > SIGNER_LINE_MAX || !signer_read(line, &out->signer[out->signer_count])) {
			err = cli_fail(MESATEE_USAGE, "`mesatee ta key FILE` makes FILE.pub with such a line",
				       "%s, line %zu: no key (130 hexadecimal digits of a P-256 point, or MODULUS:EXPONENT of RSA)", path,
				       number);
		} else {
			out->signer_count++;
		}
	}
	mt_free(text);
	return err;
}

struct image_trust signers_trust(const struct node_configuration *g)
{
	struct image_trust trust = { .count = g->signer_count };

	for (size_t i = 0; i < g->signer_count; i++) {
		const struct node_signer *s = &g->signer[i];

		trust.key[i] = s->modulus_size ? (struct image_key){ .modulus = mt_bytes(s->modulus, s->modulus_size),
								     .exponent = mt_bytes(s->exponent, s->exponent_size) }
					       : (struct image_key){ .p256 = mt_bytes(s->p256, sizeof(s->p256)) };
	}
	return trust;
}

/* ---- the whole ---- */

static void signers_encode(const struct node_configuration *g, struct builder *out)
{
	cbor_uint(out, 4);
	cbor_array(out, g->signer_count);
	for (size_t i = 0; i < g->signer_count; i++) {
		const struct node_signer *s = &g->signer[i];

		if (s->modulus_size) {
			cbor_array(out, 2);
			cbor_bstr(out, mt_bytes(s->modulus, s->modulus_size));
			cbor_bstr(out, mt_bytes(s->exponent, s->exponent_size));
		} else {
			cbor_bstr(out, mt_bytes(s->p256, sizeof(s->p256)));
		}
	}
	cbor_uint(out, 5);
	cbor_bool(out, g->tee_debug);
}

/* One that says nothing of trusted applications is written as it was before there were any. */
static void configuration_encode(const struct node_configuration *g, struct builder *out)
{
	bool tee = g->signer_count > 0 || g->tee_debug;

	cbor_map(out, tee ? 5 : 3);
	cbor_uint(out, 1);
	cbor_tstr(out, mt_text(g->name));
	cbor_uint(out, 2);
	cbor_bool(out, g->open);
	cbor_uint(out, 3);
	cbor_bstr(out, mt_bytes(g->operator_id, sizeof(g->operator_id)));
	if (tee) {
		signers_encode(g, out);
	}
}

static bool part_decode(struct reader *r, uint8_t *out, size_t capacity, size_t *size)
{
	struct bytes part = reader_bstr(r);

	*size = part.size;
	if (part.size == 0 || part.size > capacity) {
		return false;
	}
	memcpy(out, part.at, part.size);
	return true;
}

static bool signers_decode(struct reader *r, struct node_configuration *out)
{
	bool good = true;

	reader_key(r, 4);
	uint64_t count = reader_array(r);
	if (count > IMAGE_KEYS_MAX) {
		return false;
	}
	out->signer_count = (size_t)count;
	for (size_t i = 0; good && i < count; i++) {
		struct node_signer *s = &out->signer[i];

		if (reader_peek(r) == ITEM_ARRAY) {
			reader_array_of(r, 2);
			good = part_decode(r, s->modulus, sizeof(s->modulus), &s->modulus_size) &&
			       part_decode(r, s->exponent, sizeof(s->exponent), &s->exponent_size);
		} else {
			reader_copy(r, s->p256, sizeof(s->p256));
		}
	}
	reader_key(r, 5);
	out->tee_debug = reader_bool(r);
	return good;
}

enum mesatee_err configuration_read(struct cli *c, const char *path, struct node_configuration *out)
{
	struct cose_document d = { 0 };
	struct node_configuration g = { 0 };
	uint8_t *content = NULL;
	size_t size = 0;
	enum mesatee_err err = cli_boxes(c);

	if (!err) {
		err = file_load(path, CONFIGURATION_MAX, &content, &size);
	}
	bool good = !err && cose_document_open(c->cbor, mt_bytes(content, size), &d) == MT_OK;
	if (good) {
		struct reader r = reader_over(&d.items);
		uint64_t fields = reader_map(&r);
		reader_key(&r, 1);
		struct bytes name = reader_tstr(&r);
		reader_key(&r, 2);
		g.open = reader_bool(&r);
		reader_key(&r, 3);
		reader_copy(&r, g.operator_id, sizeof(g.operator_id));
		good = (fields == 3 || (fields == 5 && signers_decode(&r, &g))) && reader_done(&r) && statement_name_ok(name);
		if (good) {
			memcpy(g.name, name.at, name.size);
			*out = g;
		}
	}
	cose_document_close(&d);
	mt_free(content);
	return err || good ? err
			   : cli_fail(MESATEE_FAILED, "ask the operator for node.cbor", "%s is no node's configuration",
				      path);
}

enum mesatee_err configuration_save(const char *path, const struct node_configuration *g)
{
	uint8_t space[CONFIGURATION_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes content = { 0 };

	configuration_encode(g, &b);
	enum mt_err bad = builder_done(&b, &content);
	mt_assert(!bad);
	return file_save(path, 0644, content);
}

