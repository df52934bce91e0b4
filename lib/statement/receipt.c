/* Receipts, the file that carries one, and the genesis entry that a log begins with. */
#include "lib/statement/statement.h"

#include "lib/attest/attest.h"

#define RECEIPT_FIELDS 12
#define RECEIPT_FILE_FIELDS 13

static void hashes_encode(const uint8_t (*hash)[STATEMENT_HASH_SIZE], size_t count, struct builder *out)
{
	cbor_array(out, count);
	for (size_t i = 0; i < count; i++) {
		cbor_bstr(out, mt_bytes(hash[i], STATEMENT_HASH_SIZE));
	}
}

static void receipt_outputs_encode(const struct receipt *q, struct builder *out)
{
	cbor_array(out, q->output_count);
	for (size_t i = 0; i < q->output_count; i++) {
		cbor_array(out, 3);
		cbor_tstr(out, q->output[i].name);
		cbor_bstr(out, mt_bytes(q->output[i].tag, STATEMENT_HASH_SIZE));
		cbor_uint(out, q->output[i].size);
	}
}

void receipt_encode(const struct receipt *q, struct builder *out)
{
	cbor_map(out, RECEIPT_FIELDS);
	cbor_uint(out, 1);
	cbor_bstr(out, mt_bytes(q->log_id, sizeof(q->log_id)));
	cbor_uint(out, 2);
	cbor_bstr(out, mt_bytes(q->contract_hash, sizeof(q->contract_hash)));
	cbor_uint(out, 3);
	cbor_uint(out, q->run);
	cbor_uint(out, 4);
	hashes_encode(q->input_tag, q->input_count, out);
	cbor_uint(out, 5);
	receipt_outputs_encode(q, out);
	cbor_uint(out, 6);
	cbor_bstr(out, mt_bytes(q->engine_hash, sizeof(q->engine_hash)));
	cbor_uint(out, 7);
	cbor_bstr(out, mt_bytes(q->measurement_hash, sizeof(q->measurement_hash)));
	cbor_uint(out, 8);
	cbor_array(out, 3);
	cbor_uint(out, q->outcome);
	cbor_uint(out, q->exit_code);
	cbor_tstr(out, q->cause);
	cbor_uint(out, 9);
	cbor_array(out, 5);
	cbor_uint(out, q->cpu_us);
	cbor_uint(out, q->memory_peak);
	cbor_uint(out, q->wall_ms);
	cbor_uint(out, q->bytes_in);
	cbor_uint(out, q->bytes_out);
	cbor_uint(out, 10);
	cbor_uint(out, q->running_index);
	cbor_uint(out, 11);
	cbor_uint(out, q->started_ms);
	cbor_uint(out, 12);
	cbor_uint(out, q->ended_ms);
}

static size_t receipt_count_read(struct reader *r, size_t max)
{
	uint64_t count = reader_array(r);

	if (count > max) {
		r->failed = true;
		return 0;
	}
	return (size_t)count;
}

static void receipt_files_read(struct reader *r, struct receipt *q)
{
	reader_key(r, 4);
	q->input_count = receipt_count_read(r, CONTRACT_INPUTS_MAX);
	for (size_t i = 0; i < q->input_count; i++) {
		reader_copy(r, q->input_tag[i], STATEMENT_HASH_SIZE);
	}
	reader_key(r, 5);
	q->output_count = receipt_count_read(r, CONTRACT_OUTPUTS_MAX);
	for (size_t i = 0; i < q->output_count; i++) {
		reader_array_of(r, 3);
		q->output[i].name = reader_tstr(r);
		reader_copy(r, q->output[i].tag, STATEMENT_HASH_SIZE);
		q->output[i].size = reader_uint(r);
		r->failed = r->failed || !statement_name_ok(q->output[i].name);
	}
}

static void receipt_result_read(struct reader *r, struct receipt *q)
{
	reader_key(r, 6);
	reader_copy(r, q->engine_hash, sizeof(q->engine_hash));
	reader_key(r, 7);
	reader_copy(r, q->measurement_hash, sizeof(q->measurement_hash));
	reader_key(r, 8);
	reader_array_of(r, 3);
	uint64_t outcome = reader_uint(r), exit_code = reader_uint(r);
	q->cause = reader_tstr(r);
	if (outcome < RECEIPT_FINISHED || outcome > RECEIPT_CANCELLED || exit_code > UINT32_MAX ||
	    q->cause.size > RECEIPT_CAUSE_MAX) {
		r->failed = true;
		return;
	}
	q->outcome = (enum receipt_outcome)outcome;
	q->exit_code = (uint32_t)exit_code;
	reader_key(r, 9);
	reader_array_of(r, 5);
	q->cpu_us = reader_uint(r);
	q->memory_peak = reader_uint(r);
	q->wall_ms = reader_uint(r);
	q->bytes_in = reader_uint(r);
	q->bytes_out = reader_uint(r);
	reader_key(r, 10);
	q->running_index = reader_uint(r);
	reader_key(r, 11);
	q->started_ms = reader_uint(r);
	reader_key(r, 12);
	q->ended_ms = reader_uint(r);
}

MUST enum mt_err receipt_decode(struct box *box, struct bytes payload, struct receipt *out)
{
	struct cose_document d = { 0 };
	struct receipt q = { 0 };
	enum mt_err err = cose_document_open(box, payload, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_map_of(&r, RECEIPT_FIELDS);
	reader_key(&r, 1);
	reader_copy(&r, q.log_id, sizeof(q.log_id));
	reader_key(&r, 2);
	reader_copy(&r, q.contract_hash, sizeof(q.contract_hash));
	reader_key(&r, 3);
	q.run = reader_uint(&r);
	receipt_files_read(&r, &q);
	receipt_result_read(&r, &q);
	if (!reader_done(&r) || q.run == 0) {
		cose_document_close(&d);
		return MT_MALFORMED;
	}
	q.scratch = d.scratch;
	*out = q;
	return MT_OK;
}

void receipt_close(struct receipt *q)
{
	mt_free(q->scratch);
	*q = (struct receipt){ 0 };
}

/* ---- the file ---- */

void receipt_file_encode(const struct receipt_file *f, struct builder *out)
{
	cbor_map(out, RECEIPT_FILE_FIELDS);
	cbor_uint(out, 1);
	cbor_bstr(out, f->statement);
	cbor_uint(out, 2);
	cbor_bstr(out, f->entry);
	cbor_uint(out, 3);
	cbor_uint(out, f->index);
	cbor_uint(out, 4);
	cbor_bstr(out, mt_bytes(f->salt, sizeof(f->salt)));
	cbor_uint(out, 5);
	cbor_bstr(out, f->proof);
	cbor_uint(out, 6);
	cbor_uint(out, f->size);
	cbor_uint(out, 7);
	cbor_bstr(out, mt_bytes(f->root, sizeof(f->root)));
	cbor_uint(out, 8);
	cbor_bstr(out, f->head_receipt);
	cbor_uint(out, 9);
	cbor_bstr(out, f->note);
	cbor_uint(out, 10);
	cbor_bstr(out, f->genesis);
	cbor_uint(out, 11);
	cbor_bstr(out, f->genesis_proof);
	cbor_uint(out, 12);
	cbor_bstr(out, f->contract);
	cbor_uint(out, 13);
	cbor_bstr(out, f->evidence);
}

MUST enum mt_err receipt_file_decode(struct box *box, struct bytes wire, struct receipt_file *out)
{
	struct cose_document d = { 0 };
	struct receipt_file f = { 0 };
	struct bytes *field[RECEIPT_FILE_FIELDS + 1] = {
		[1] = &f.statement, [2] = &f.entry, [5] = &f.proof, [8] = &f.head_receipt, [9] = &f.note,
		[10] = &f.genesis, [11] = &f.genesis_proof, [12] = &f.contract, [13] = &f.evidence,
	};
	enum mt_err err = cose_document_open(box, wire, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_map_of(&r, RECEIPT_FILE_FIELDS);
	for (uint64_t key = 1; key <= RECEIPT_FILE_FIELDS; key++) {
		reader_key(&r, key);
		if (field[key]) {
			*field[key] = reader_bstr(&r);
		} else if (key == 3) {
			f.index = reader_uint(&r);
		} else if (key == 4) {
			reader_copy(&r, f.salt, sizeof(f.salt));
		} else if (key == 6) {
			f.size = reader_uint(&r);
		} else {
			reader_copy(&r, f.root, sizeof(f.root));
		}
	}
	if (!reader_done(&r)) {
		cose_document_close(&d);
		return MT_MALFORMED;
	}
	f.scratch = d.scratch;
	*out = f;
	return MT_OK;
}

void receipt_file_close(struct receipt_file *f)
{
	mt_free(f->scratch);
	*f = (struct receipt_file){ 0 };
}

/* ---- genesis ---- */

void genesis_encode(const struct genesis *g, struct builder *out)
{
	cbor_map(out, 5);
	cbor_uint(out, 1);
	cbor_bstr(out, mt_bytes(g->receipt_key, sizeof(g->receipt_key)));
	cbor_uint(out, 2);
	cbor_bstr(out, mt_bytes(g->note_key, sizeof(g->note_key)));
	cbor_uint(out, 3);
	cbor_uint(out, g->time_ms);
	cbor_uint(out, 4);
	cbor_bstr(out, mt_bytes(g->operator_id, sizeof(g->operator_id)));
	cbor_uint(out, 5);
	cbor_bstr(out, mt_bytes(g->configuration_hash, sizeof(g->configuration_hash)));
}

MUST enum mt_err genesis_decode(struct box *box, struct bytes wire, struct genesis *out)
{
	struct cose_document d = { 0 };
	struct genesis g = { 0 };
	enum mt_err err = cose_document_open(box, wire, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_map_of(&r, 5);
	reader_key(&r, 1);
	reader_copy(&r, g.receipt_key, sizeof(g.receipt_key));
	reader_key(&r, 2);
	reader_copy(&r, g.note_key, sizeof(g.note_key));
	reader_key(&r, 3);
	g.time_ms = reader_uint(&r);
	reader_key(&r, 4);
	reader_copy(&r, g.operator_id, sizeof(g.operator_id));
	reader_key(&r, 5);
	reader_copy(&r, g.configuration_hash, sizeof(g.configuration_hash));
	if (!reader_done(&r)) {
		err = MT_MALFORMED;
	} else {
		*out = g;
	}
	cose_document_close(&d);
	return err;
}

void genesis_log_id(const struct genesis *g, uint8_t out[STATEMENT_HASH_SIZE])
{
	struct bytes part[2] = {
		mt_bytes(g->receipt_key, sizeof(g->receipt_key)),
		mt_bytes(g->note_key, sizeof(g->note_key)),
	};
	crypto_label_sha256(ATTEST_LABEL_LOG, part, 2, out);
}
