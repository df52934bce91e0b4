/*
 * The two frames after Finished, deterministic CBOR (api/mesatee.cddl):
 *   hello  { 1: 1 (version), 2: context bstr[32], 3: form uint, 4: nonce bstr[32] }
 *   answer { 1: 1, 2: form, 3: evidence bstr, 4: fast evidence bstr, 5: fast signature bstr, 6: [encapsulation, receipt, fast, note],
 *            7: log id bstr[32], 8: genesis bstr }
 */
#include "lib/channel/channel.h"

#include <string.h>

#define CHANNEL_VERSION 1

void channel_hello_encode(const struct channel_hello *h, struct builder *out)
{
	cbor_map(out, 4);
	cbor_uint(out, 1);
	cbor_uint(out, CHANNEL_VERSION);
	cbor_uint(out, 2);
	cbor_bstr(out, mt_bytes(h->context, sizeof(h->context)));
	cbor_uint(out, 3);
	cbor_uint(out, h->form);
	cbor_uint(out, 4);
	cbor_bstr(out, mt_bytes(h->nonce, sizeof(h->nonce)));
}

MUST enum mt_err channel_hello_decode(struct box *cbor, struct bytes frame, struct channel_hello *out)
{
	struct cose_document d = { 0 };
	struct channel_hello h = { 0 };
	enum mt_err err = cose_document_open(cbor, frame, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_map_of(&r, 4);
	reader_key(&r, 1);
	uint64_t version = reader_uint(&r);
	reader_key(&r, 2);
	reader_copy(&r, h.context, sizeof(h.context));
	reader_key(&r, 3);
	uint64_t form = reader_uint(&r);
	reader_key(&r, 4);
	reader_copy(&r, h.nonce, sizeof(h.nonce));
	bool good = reader_done(&r) && version == CHANNEL_VERSION && (form == CHANNEL_FULL || form == CHANNEL_FAST) &&
		    !mt_is_zero(mt_bytes(h.context, sizeof(h.context)));
	cose_document_close(&d);
	if (!good) {
		return MT_MALFORMED;
	}
	h.form = (enum channel_form)form;
	*out = h;
	return MT_OK;
}

void channel_answer_encode(const struct channel_answer *a, struct builder *out)
{
	cbor_map(out, 8);
	cbor_uint(out, 1);
	cbor_uint(out, CHANNEL_VERSION);
	cbor_uint(out, 2);
	cbor_uint(out, a->form);
	cbor_uint(out, 3);
	cbor_bstr(out, a->evidence);
	cbor_uint(out, 4);
	cbor_bstr(out, a->fast_evidence);
	cbor_uint(out, 5);
	cbor_bstr(out, a->fast_signature);
	cbor_uint(out, 6);
	cbor_array(out, 4);
	cbor_bstr(out, mt_bytes(a->keys.encapsulation, sizeof(a->keys.encapsulation)));
	cbor_bstr(out, mt_bytes(a->keys.receipt, sizeof(a->keys.receipt)));
	cbor_bstr(out, mt_bytes(a->keys.fast, sizeof(a->keys.fast)));
	cbor_bstr(out, mt_bytes(a->keys.note, sizeof(a->keys.note)));
	cbor_uint(out, 7);
	cbor_bstr(out, mt_bytes(a->log_id, sizeof(a->log_id)));
	cbor_uint(out, 8);
	cbor_bstr(out, a->genesis);
}

static void answer_read(struct reader *r, struct channel_answer *a)
{
	reader_map_of(r, 8);
	reader_key(r, 1);
	uint64_t version = reader_uint(r);
	reader_key(r, 2);
	uint64_t form = reader_uint(r);
	reader_key(r, 3);
	a->evidence = reader_bstr(r);
	reader_key(r, 4);
	a->fast_evidence = reader_bstr(r);
	reader_key(r, 5);
	a->fast_signature = reader_bstr(r);
	reader_key(r, 6);
	reader_array_of(r, 4);
	reader_copy(r, a->keys.encapsulation, sizeof(a->keys.encapsulation));
	reader_copy(r, a->keys.receipt, sizeof(a->keys.receipt));
	reader_copy(r, a->keys.fast, sizeof(a->keys.fast));
	reader_copy(r, a->keys.note, sizeof(a->keys.note));
	reader_key(r, 7);
	reader_copy(r, a->log_id, sizeof(a->log_id));
	reader_key(r, 8);
	a->genesis = reader_bstr(r);
	if (version != CHANNEL_VERSION || (form != CHANNEL_FULL && form != CHANNEL_FAST)) {
		r->failed = true;
		return;
	}
	a->form = (enum channel_form)form;
}

MUST enum mt_err channel_answer_decode(struct box *cbor, struct bytes frame, struct channel_answer *out)
{
	struct cose_document d = { 0 };
	struct channel_answer a = { 0 };

	if (frame.size > CHANNEL_FRAME_MAX) {
		return MT_LIMIT;
	}
	enum mt_err err = cose_document_open(cbor, frame, &d);
	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	answer_read(&r, &a);
	if (!reader_done(&r)) {
		cose_document_close(&d);
		return MT_MALFORMED;
	}
	a.scratch = d.scratch;
	*out = a;
	return MT_OK;
}

void channel_answer_close(struct channel_answer *a)
{
	mt_free(a->scratch);
	*a = (struct channel_answer){ 0 };
}
