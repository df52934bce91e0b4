/* Requests, approvals and the bodies that carry them. */
#include "lib/statement/statement.h"

#include <string.h>

static void head_encode(const struct statement_head *h, struct builder *out)
{
	cbor_array(out, 2);
	cbor_uint(out, h->size);
	cbor_bstr(out, mt_bytes(h->root, sizeof(h->root)));
}

static void head_read(struct reader *r, struct statement_head *h)
{
	reader_array_of(r, 2);
	h->size = reader_uint(r);
	reader_copy(r, h->root, sizeof(h->root));
	if (h->size == 0 && !mt_is_zero(mt_bytes(h->root, sizeof(h->root)))) {
		r->failed = true;
	}
}

/* ---- request ---- */

void request_encode(const struct request *q, struct builder *out)
{
	cbor_map(out, 6);
	cbor_uint(out, 1);
	cbor_bstr(out, mt_bytes(q->log_id, sizeof(q->log_id)));
	cbor_uint(out, 2);
	cbor_tstr(out, mt_text(q->route));
	cbor_uint(out, 3);
	cbor_bstr(out, mt_bytes(q->body_hash, sizeof(q->body_hash)));
	cbor_uint(out, 4);
	cbor_bstr(out, mt_bytes(q->nonce, sizeof(q->nonce)));
	cbor_uint(out, 5);
	cbor_uint(out, q->expiry);
	cbor_uint(out, 6);
	head_encode(&q->head, out);
}

MUST enum mt_err request_decode(struct box *box, struct bytes payload, struct request *out)
{
	struct cose_document d = { 0 };
	struct request q = { 0 };
	enum mt_err err = cose_document_open(box, payload, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_map_of(&r, 6);
	reader_key(&r, 1);
	reader_copy(&r, q.log_id, sizeof(q.log_id));
	reader_key(&r, 2);
	struct bytes route = reader_tstr(&r);
	reader_key(&r, 3);
	reader_copy(&r, q.body_hash, sizeof(q.body_hash));
	reader_key(&r, 4);
	reader_copy(&r, q.nonce, sizeof(q.nonce));
	reader_key(&r, 5);
	q.expiry = reader_uint(&r);
	reader_key(&r, 6);
	head_read(&r, &q.head);
	if (!reader_done(&r) || route.size > REQUEST_ROUTE_MAX || (route.size && memchr(route.at, 0, route.size))) {
		err = MT_MALFORMED;
	} else {
		memcpy(q.route, route.at, route.size);
		*out = q;
	}
	cose_document_close(&d);
	return err;
}

void request_body_encode(struct bytes cose, struct bytes body, struct builder *out)
{
	cbor_array(out, 2);
	cbor_bstr(out, cose);
	cbor_bstr(out, body);
}

MUST enum mt_err request_body_decode(const struct items *document, struct bytes *cose, struct bytes *body)
{
	struct reader r = reader_over(document);

	reader_array_of(&r, 2);
	struct bytes c = reader_bstr(&r);
	struct bytes b = reader_bstr(&r);
	if (!reader_done(&r)) {
		return MT_MALFORMED;
	}
	*cose = c;
	*body = b;
	return MT_OK;
}

/* ---- approval ---- */

void approval_encode(const struct approval *a, struct builder *out)
{
	cbor_map(out, 3);
	cbor_uint(out, 1);
	cbor_bstr(out, mt_bytes(a->contract_hash, sizeof(a->contract_hash)));
	cbor_uint(out, 2);
	cbor_bstr(out, mt_bytes(a->log_id, sizeof(a->log_id)));
	cbor_uint(out, 3);
	head_encode(&a->head, out);
}

MUST enum mt_err approval_decode(struct box *box, struct bytes payload, struct approval *out)
{
	struct cose_document d = { 0 };
	struct approval a = { 0 };
	enum mt_err err = cose_document_open(box, payload, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_map_of(&r, 3);
	reader_key(&r, 1);
	reader_copy(&r, a.contract_hash, sizeof(a.contract_hash));
	reader_key(&r, 2);
	reader_copy(&r, a.log_id, sizeof(a.log_id));
	reader_key(&r, 3);
	head_read(&r, &a.head);
	if (!reader_done(&r)) {
		err = MT_MALFORMED;
	} else {
		*out = a;
	}
	cose_document_close(&d);
	return err;
}

void approval_body_encode(struct bytes approval, const struct approval_key *keys, size_t count, struct builder *out)
{
	cbor_array(out, 2);
	cbor_bstr(out, approval);
	cbor_array(out, count);
	for (size_t i = 0; i < count; i++) {
		cbor_array(out, 2);
		cbor_bstr(out, mt_bytes(keys[i].tag, sizeof(keys[i].tag)));
		cbor_bstr(out, mt_bytes(keys[i].sealed, sizeof(keys[i].sealed)));
	}
}

MUST enum mt_err approval_body_decode(struct box *box, struct bytes wire, struct approval_body *out)
{
	struct cose_document d = { 0 };
	struct approval_body a = { 0 };
	enum mt_err err = cose_document_open(box, wire, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_array_of(&r, 2);
	a.approval = reader_bstr(&r);
	uint64_t count = reader_array(&r);
	if (count > CONTRACT_INPUTS_MAX) {
		err = MT_LIMIT;
		goto out;
	}
	a.key_count = (size_t)count;
	for (size_t i = 0; i < a.key_count; i++) {
		reader_array_of(&r, 2);
		reader_copy(&r, a.key[i].tag, sizeof(a.key[i].tag));
		reader_copy(&r, a.key[i].sealed, sizeof(a.key[i].sealed));
	}
	if (!reader_done(&r)) {
		err = MT_MALFORMED;
		goto out;
	}
	a.scratch = d.scratch;
	d.scratch = NULL;
	*out = a;
out:
	cose_document_close(&d);
	return err;
}

void approval_body_close(struct approval_body *a)
{
	mt_free(a->scratch);
	*a = (struct approval_body){ 0 };
}
