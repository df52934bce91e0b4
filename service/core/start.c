/* From a fresh process to a serving node: keys, log, genesis, what a former life left open. */
#include "service/core/core_private.h"

#include <stdio.h>
#include <string.h>

#define INSTANCE_PURPOSE "instance"
#define INSTANCE_BLOB_SIZE (LEDGER_INSTANCE_SIZE + SEAL_OVERHEAD)

static void start_read_log(struct core *c);

/* { 1: name tstr, 2: admission open bool, 3: operator bstr[32] or zeros } */
/* A copy in the configuration's own memory; empty: no room. */
static struct bytes key_keep(struct core_configuration *g, size_t *used, struct bytes part)
{
	if (part.size == 0 || part.size > sizeof(g->tee_key) - *used) {
		return mt_bytes(NULL, 0);
	}
	uint8_t *at = g->tee_key + *used;

	memcpy(at, part.at, part.size);
	*used += part.size;
	return mt_bytes(at, part.size);
}

/* Who signs trusted applications, and whether they may be watched. */
static bool configuration_tee(struct reader *r, struct core_configuration *g)
{
	size_t used = 0;
	bool good = true;

	reader_key(r, 4);
	uint64_t count = reader_array(r);
	if (count > IMAGE_KEYS_MAX) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		struct image_key *k = &g->tee_trust.key[i];

		if (reader_peek(r) == ITEM_ARRAY) {
			reader_array_of(r, 2);
			k->modulus = key_keep(g, &used, reader_bstr(r));
			k->exponent = key_keep(g, &used, reader_bstr(r));
			good = good && k->modulus.size && k->modulus.size <= IMAGE_RSA_MAX && k->exponent.size;
		} else {
			k->p256 = key_keep(g, &used, reader_bstr_of(r, CRYPTO_P256_PUBLIC_SIZE));
			good = good && k->p256.size;
		}
	}
	g->tee_trust.count = (size_t)count;
	reader_key(r, 5);
	g->tee_debug = reader_bool(r);
	return good;
}

/* The keys' addresses follow their memory. */
static void configuration_move(const struct core_configuration *from, struct core_configuration *to)
{
	*to = *from;
	for (size_t i = 0; i < to->tee_trust.count; i++) {
		struct image_key *k = &to->tee_trust.key[i];
		struct bytes *part[] = { &k->p256, &k->modulus, &k->exponent };

		for (size_t j = 0; j < MT_COUNT(part); j++) {
			*part[j] = part[j]->size ? mt_bytes(to->tee_key + (part[j]->at - from->tee_key), part[j]->size) : *part[j];
		}
	}
}

MUST enum mt_err core_configuration_decode(struct box *cbor, struct bytes wire, struct core_configuration *out)
{
	struct cose_document d = { 0 };
	struct core_configuration g = { 0 };
	enum mt_err err = cose_document_open(cbor, wire, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	uint64_t fields = reader_map(&r);
	reader_key(&r, 1);
	struct bytes name = reader_tstr(&r);
	reader_key(&r, 2);
	g.admission.open = reader_bool(&r);
	reader_key(&r, 3);
	reader_copy(&r, g.admission.operator_id, sizeof(g.admission.operator_id));
	bool tee_good = fields == 3 || (fields == 5 && configuration_tee(&r, &g));

	if (!reader_done(&r) || !statement_name_ok(name) || !tee_good) {
		err = MT_MALFORMED;
	} else {
		memcpy(g.name, name.at, name.size);
		configuration_move(&g, out);
	}
	cose_document_close(&d);
	return err;
}

static void instance_name(uint8_t out[32])
{
	crypto_label_sha256("mesatee-instance-blob-1", NULL, 0, out);
}

static enum mt_err start_fold(void *context, uint64_t index, struct bytes entry)
{
	struct core *c = context;

	return task_apply(c->tasks, index, entry);
}

static uint64_t host_now(void *self)
{
	return ((struct core *)self)->now_ms;
}

static enum mt_err host_sign(void *self, const char *type, struct bytes payload, struct builder *out)
{
	return ledger_sign(((struct core *)self)->ledger, type, payload, out);
}

/* Everything that follows from the instance secret. */
static enum mt_err start_open_services(struct core *c)
{
	enum mt_err err = ledger_open(c->cbor, &c->root, c->instance, start_fold, c, &c->ledger);

	if (!err) {
		err = task_open(c->cbor, &c->configuration.admission, &c->tasks);
	}
	if (err) {
		return err;
	}
	uint8_t fast_key[CRYPTO_P256_PUBLIC_SIZE];
	memcpy(fast_key, crypto_signer_public(c->fast).at, sizeof(fast_key));
	ledger_keys(c->ledger, &c->keys);
	memcpy(c->keys.fast, fast_key, sizeof(fast_key));
	struct task_host host = {
		.self = c, .port = c->port, .ree = c->ree, .root = &c->root, .log_id = ledger_id(c->ledger),
		.measurement_hash = c->measurement_hash,
		.stage = core_stage, .sign = host_sign, .expire = core_expire,
		.output_read = core_output_read, .output_open = core_output_open, .now_ms = host_now,
	};
	memcpy(host.executor_hash, c->executor_hash, sizeof(host.executor_hash));
	return task_driver_open(c->tasks, &host, &c->driver);
}

/* ---- the last steps: all is replayed ---- */

static enum mt_err start_receipt_evidence(struct core *c)
{
	uint8_t report_data[ATTEST_REPORT_DATA_SIZE];
	struct builder b = builder_over(c->receipt_evidence, sizeof(c->receipt_evidence));
	struct bytes evidence;

	channel_receipt_report_data(ledger_id(c->ledger), &c->keys, report_data);
	enum mt_err err = core_evidence(c, report_data, &b);
	if (!err) {
		err = builder_done(&b, &evidence);
	}
	if (!err) {
		c->receipt_evidence_size = evidence.size;
	}
	return err;
}

static void start_life_staged(void *context, enum mt_err err, uint64_t index)
{
	struct core *c = context;
	uint8_t open[1] = { NODE_OPEN };

	(void)index;
	if (err) {
		core_fail(c, "the ledger cannot be written (%s): make room on the disk of the state folder, then start again",
			  mt_err_name(err));
		return;
	}
	c->phase = CORE_SERVING;
	if (c->port->send(c->port->self, PORT_GATEWAY, mt_bytes(open, 1), NULL, 0)) {
		core_fail(c, "the gateway is gone");
	}
}

static void start_serve(struct core *c)
{
	struct entry life = { .kind = ENTRY_LIFE, .time_ms = c->now_ms, .body = mt_bytes(c->measurement_hash, 32) };

	enum mt_err err = MT_OK;
	if (ledger_size(c->ledger) == 0) {
		err = ledger_genesis(c->ledger, c->now_ms, c->configuration.admission.operator_id, c->configuration_hash);
	}
	if (!err) {
		err = start_receipt_evidence(c);
	}
	if (!err) {
		task_run_recover(c->driver);
		err = core_stage(c, &life, 1, start_life_staged, c);
	}
	if (err) {
		core_fail(c, "the node could not begin its log (%s)", mt_err_name(err));
		return;
	}
	core_flush(c);
}

/* ---- reading the log ---- */

static void start_log_end(struct core *c)
{
	enum mt_err err = ledger_replay_end(c->ledger);

	if (err) {
		core_fail(c, "the ledger in the state folder is damaged (%s): restore the newest copy of the whole folder", mt_err_name(err));
		return;
	}
	start_serve(c);
}

static void start_log_read(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct core *c = context;

	c->port->memory_close(c->port->self, handle);
	if (err) {
		core_fail(c, "the ledger could not be read (%s): look at the state folder", mt_err_name(err));
		return;
	}
	struct bytes blocks = mt_bytes(answer.at, answer.size - answer.size % LOG_BLOCK);
	err = blocks.size ? ledger_replay(c->ledger, blocks) : MT_OK;
	if (err) {
		core_fail(c, "the ledger in the state folder is damaged (%s): restore the newest copy of the whole folder", mt_err_name(err));
		return;
	}
	c->replay_offset += blocks.size;
	if (blocks.size < REE_READ_MAX) {
		start_log_end(c);
	} else {
		start_read_log(c);
	}
}

static void start_read_log(struct core *c)
{
	if (ree_log_read(c->ree, c->replay_offset, REE_READ_MAX, start_log_read, c)) {
		core_fail(c, "the supplicant is gone");
	}
}

/* ---- the instance secret ---- */

static void start_with_instance(struct core *c)
{
	enum mt_err err = start_open_services(c);

	if (err) {
		core_fail(c, "the services could not be opened (%s)", mt_err_name(err));
		return;
	}
	start_read_log(c);
}

static void start_instance_kept(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct core *c = context;

	(void)answer;
	c->port->memory_close(c->port->self, handle);
	if (err) {
		core_fail(c, "the state folder cannot be written (%s): make room or give write permission, then start again", mt_err_name(err));
		return;
	}
	start_with_instance(c);
}

/* A new log: a new secret, so that its id and keys were never used before, also when an older log was taken away. */
static void start_new_instance(struct core *c)
{
	uint8_t blob[INSTANCE_BLOB_SIZE], name[32];
	port_handle handle = PORT_NO_HANDLE;

	crypto_random(c->instance, sizeof(c->instance));
	instance_name(name);
	enum mt_err err = seal_wrap(&c->root, INSTANCE_PURPOSE, mt_bytes(NULL, 0), mt_bytes(c->instance, sizeof(c->instance)), blob);
	if (!err) {
		err = c->port->memory_make(c->port->self, mt_bytes(blob, sizeof(blob)), &handle);
	}
	if (!err) {
		err = ree_blob_put(c->ree, REE_ARTIFACT, name, handle, start_instance_kept, c);
	}
	if (err) {
		core_fail(c, "the new log's keys could not be kept (%s)", mt_err_name(err));
	}
}

static enum mt_err start_take_instance(struct core *c, port_handle handle)
{
	struct bytes blob = { 0 };

	if (handle == PORT_NO_HANDLE) {
		return MT_MALFORMED;
	}
	enum mt_err err = c->port->memory_map(c->port->self, handle, &blob);
	if (!err) {
		err = blob.size == INSTANCE_BLOB_SIZE ?
		      seal_unwrap(&c->root, INSTANCE_PURPOSE, mt_bytes(NULL, 0), blob, c->instance) : MT_TAMPERED;
		c->port->memory_unmap(c->port->self, blob);
	}
	return err;
}

static void start_instance_read(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct core *c = context;

	(void)answer;
	if (!err) {
		err = start_take_instance(c, handle);
		if (err == MT_NOT_FOUND) {
			core_fail(c, "the state folder was sealed by another build, configuration or root: start that one, or use an empty folder");
		} else if (err) {
			core_fail(c, "the keys in the state folder are damaged (%s): restore the newest copy of the whole folder",
				  mt_err_name(err));
		} else {
			start_with_instance(c);
		}
	} else if (err != MT_NOT_FOUND) {
		core_fail(c, "the state folder could not be read (%s)", mt_err_name(err));
	} else if (c->log_seen) {
		core_fail(c, "there is a ledger but not its keys: restore the newest copy of the whole folder, or use an empty one");
	} else {
		start_new_instance(c);
	}
	c->port->memory_close(c->port->self, handle);
}

/* An empty log means a new instance even when an old secret is there: two logs under one id would be a fork. */
static void start_probe(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct core *c = context;
	uint8_t name[32];

	c->port->memory_close(c->port->self, handle);
	if (err && err != MT_NOT_FOUND) {
		core_fail(c, "the state folder could not be read (%s)", mt_err_name(err));
		return;
	}
	c->log_seen = !err && !mt_is_zero(answer);
	if (!c->log_seen) {
		start_new_instance(c);
		return;
	}
	instance_name(name);
	if (ree_blob_get(c->ree, REE_ARTIFACT, name, start_instance_read, c)) {
		core_fail(c, "the supplicant is gone");
	}
}

void core_start(struct core *c)
{
	if (ree_log_read(c->ree, 0, LOG_BLOCK, start_probe, c)) {
		core_fail(c, "the supplicant is gone");
	}
}
