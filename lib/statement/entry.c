#include "lib/statement/statement.h"

void entry_encode(const struct entry *e, struct builder *out)
{
	cbor_array(out, 4);
	cbor_uint(out, e->kind);
	cbor_uint(out, e->time_ms);
	cbor_bstr(out, e->request);
	cbor_bstr(out, e->body);
}

MUST enum mt_err entry_decode(struct box *box, struct bytes wire, struct entry *out)
{
	struct cose_document d = { 0 };
	struct entry e = { 0 };
	enum mt_err err = cose_document_open(box, wire, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_array_of(&r, 4);
	uint64_t kind = reader_uint(&r);
	e.time_ms = reader_uint(&r);
	e.request = reader_bstr(&r);
	e.body = reader_bstr(&r);
	if (!reader_done(&r) || kind == 0 || kind >= ENTRY_KINDS) {
		cose_document_close(&d);
		return MT_MALFORMED;
	}
	e.kind = (enum entry_kind)kind;
	e.scratch = d.scratch;
	*out = e;
	return MT_OK;
}

void entry_close(struct entry *e)
{
	mt_free(e->scratch);
	*e = (struct entry){ 0 };
}
