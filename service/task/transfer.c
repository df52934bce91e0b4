/* Who may have the node fetch or send what. */
#include "service/task/state.h"

#include <string.h>

#include "api/ree.h"
#include "lib/dataset/dataset.h"

static enum mt_err refuse(const char **why, enum mt_err err, const char *text)
{
	*why = text;
	return err;
}

/* Opaque, but no byte of it may mean something to a line of text or to C. */
static bool url_ok(struct bytes url)
{
	for (size_t i = 0; i < url.size; i++) {
		if (url.at[i] <= ' ' || url.at[i] > '~') {
			return false;
		}
	}
	return url.size > 0 && url.size <= REE_URL_MAX;
}

static enum mt_err body_open(struct task_state *t, const struct task_request *q, bool has_size, struct task_transfer_body *out, const char **why)
{
	enum mt_err err = task_check_upload(t, q->signer, DATASET_HEADER_SIZE, why);    /* who may not upload may have nothing moved */
	if (err) {
		return err;
	}
	err = cose_document_open(t->cbor, q->body, &out->document);
	if (err) {
		return refuse(why, err, "the body is no CBOR document");
	}
	struct reader r = reader_over(&out->document.items);
	reader_array_of(&r, has_size ? 2 : 1);
	out->size = has_size ? reader_uint(&r) : 0;
	out->url = reader_tstr(&r);
	if (!reader_done(&r) || !url_ok(out->url)) {
		return refuse(why, MT_MALFORMED, "a URL has 1 to 4096 printable characters and no spaces");
	}
	return MT_OK;
}

MUST enum mt_err task_check_data_fetch(struct task_state *t, const struct task_request *q, const uint8_t tag[32], struct task_transfer_body *out,
				       const char **why)
{
	uint32_t known = id_table_find(&t->dataset_index, tag);
	enum mt_err err = body_open(t, q, true, out, why);

	if (err) {
		return err;
	}
	if (out->size < DATASET_HEADER_SIZE || out->size > REE_BLOB_SIZE_MAX) {
		return refuse(why, MT_LIMIT, "a dataset has at most 64 GiB, and at least its header");
	}
	/* What is registered is somebody's: its owner may bring it again when the disk has lost it, nobody else may write over it. */
	if (known != ID_NONE && memcmp(t->dataset[known].owner, q->signer, 32) != 0) {
		return refuse(why, MT_DENIED, "this dataset is registered by another party");
	}
	return MT_OK;
}

MUST enum mt_err task_check_output_send(struct task_state *t, const struct task_request *q, const uint8_t tag[32], struct task_transfer_body *out,
					struct task_output_place *place, const char **why)
{
	enum mt_err err = body_open(t, q, false, out, why);

	if (!err && task_output_readable(t, q->signer, tag, place)) {
		err = refuse(why, MT_NOT_FOUND, "there is no such output of yours");
	}
	return err;
}
