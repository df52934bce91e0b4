/* Routes that change nothing. */
#include "service/core/core_private.h"

#include <inttypes.h>
#include <string.h>

static void read_done(struct core *c, const struct core_request *q, const struct builder *b, enum node_body kind)
{
	struct bytes body;

	if (builder_done(b, &body)) {
		core_problem(c, q->connection, q->request, MT_LIMIT, "the answer is too large for one message");
		return;
	}
	core_answer(c, q->connection, q->request, 200, kind, body);
}

static void json_id(struct builder *b, const char *key, const uint8_t id[32])
{
	char digits[65];

	mt_hex(mt_bytes(id, 32), digits);
	builder_format(b, ",\"%s\":\"%s\"", key, digits);
}

static void read_status(struct core *c, struct builder *b)
{
	struct task_counts n;
	uint8_t root[32];
	uint64_t size = ledger_size(c->ledger);

	task_count(c->tasks, &n);
	ledger_root(c->ledger, size, root);
	builder_format(b, "{\"schema\":\"mesatee.status.1\",\"version\":\"%s\",\"name\":\"%s\",\"level\":%u,\"level_name\":\"%s\"",
		       MESATEE_VERSION, c->configuration.name, c->level, attest_level_name(c->level));
	builder_format(b, ",\"confined\":%s,\"rollback\":\"detected by clients\",\"admission\":\"%s\"",
		       c->facts->confined ? "true" : "false", c->configuration.admission.open ? "open" : "listed");
	json_id(b, "log_id", ledger_id(c->ledger));
	json_id(b, "root", root);
	json_id(b, "engine", c->executor_hash[CONTRACT_WASM]);
	for (unsigned e = CONTRACT_PYTHON; e < CONTRACT_EXECUTORS; e++) {
		if (c->executor_hash[e]) {
			json_id(b, attest_executor_name(e), c->executor_hash[e]);
		}
	}
	json_id(b, "measurement", c->measurement_hash);
	builder_format(b, ",\"log_size\":%" PRIu64 ",\"log_bytes\":%" PRIu64 ",\"up_ms\":%" PRIu64, size, ledger_file_size(c->ledger),
		       c->now_ms - c->started_ms);
	builder_format(b, ",\"parties\":%" PRIu64 ",\"functions\":%" PRIu64 ",\"datasets\":%" PRIu64 ",\"contracts\":%" PRIu64
		       ",\"running\":%" PRIu64 ",\"finished\":%" PRIu64 ",\"box_traps\":%" PRIu64 "}",
		       n.parties, n.functions, n.datasets, n.contracts, n.running, n.finished, box_trap_count(c->cbor));
}

static bool parameter_hash(struct bytes parameter, uint8_t out[32])
{
	return mt_unhex(parameter, out, 32) == MT_OK;
}

static bool parameter_number(struct bytes p, uint64_t *out)
{
	uint64_t v = 0;

	if (p.size == 0 || p.size > 18) {
		return false;
	}
	for (size_t i = 0; i < p.size; i++) {
		if (p.at[i] < '0' || p.at[i] > '9') {
			return false;
		}
		v = v * 10 + (uint64_t)(p.at[i] - '0');
	}
	*out = v;
	return true;
}

static enum mt_err read_public(struct core *c, const struct core_request *q, struct builder *b, enum node_body *kind)
{
	uint64_t first, second;

	switch (q->route) {
	case ROUTE_STATUS:
		*kind = NODE_JSON;
		read_status(c, b);
		return MT_OK;
	case ROUTE_CHECKPOINT:
		*kind = NODE_TEXT;
		return ledger_checkpoint(c->ledger, b);
	case ROUTE_LOG_KEY:
		*kind = NODE_TEXT;
		ledger_checkpoint_key(c->ledger, b);
		builder_text(b, "\n");
		return MT_OK;
	case ROUTE_GENESIS:
		*kind = NODE_CBOR;
		builder_bytes(b, ledger_genesis_bytes(c->ledger));
		return MT_OK;
	case ROUTE_TILE:
		*kind = NODE_OCTETS;
		return ledger_tile(c->ledger, q->parameter[0], b);
	default:
		*kind = NODE_CBOR;
		if (!parameter_number(q->parameter[0], &first) || !parameter_number(q->parameter[1], &second)) {
			return MT_MALFORMED;
		}
		return ledger_consistency(c->ledger, first, second, b);
	}
}

static enum mt_err read_receipt(struct core *c, const struct core_request *q, const uint8_t hash[32], struct builder *b)
{
	struct receipt_file f = { .evidence = mt_bytes(c->receipt_evidence, c->receipt_evidence_size) };
	size_t capacity = 48 * 1024;
	uint8_t *space = mt_alloc(capacity);
	struct builder parts = builder_over(space, space ? capacity : 0);
	struct bytes entry = { 0 };
	uint64_t run = 0, index = 0;

	enum mt_err err = space ? MT_OK : MT_NO_MEMORY;
	if (!err && !parameter_number(q->parameter[1], &run)) {
		err = MT_MALFORMED;
	}
	if (!err) {
		err = task_receipt(c->tasks, q->session->party, hash, run, &parts, &f.statement, &entry, &index);
	}
	if (!err) {
		err = ledger_receipt_fill(c->ledger, index, entry, &parts, &f);
	}
	if (!err) {
		f.contract = task_contract_find(c->tasks, hash)->bytes;
		receipt_file_encode(&f, b);
	}
	mt_free(space);
	return err;
}

static enum mt_err read_contract(struct core *c, const struct core_request *q, const uint8_t hash[32], struct builder *b)
{
	const struct contract *contract = task_contract_find(c->tasks, hash);

	if (!contract || !contract_has_participant(contract, q->session->party)) {
		return MT_NOT_FOUND;
	}
	builder_bytes(b, contract->bytes);
	return MT_OK;
}

/* Routes whose first parameter is a hash, for a party. */
static enum mt_err read_party(struct core *c, const struct core_request *q, struct builder *b, enum node_body *kind)
{
	uint8_t hash[32];

	*kind = NODE_JSON;
	if (q->route == ROUTE_FUNCTIONS) {
		task_json_functions(c->tasks, b);
		return MT_OK;
	}
	if (q->route == ROUTE_TASKS) {
		task_json_list(c->tasks, q->session->party, b);
		return MT_OK;
	}
	if (!parameter_hash(q->parameter[0], hash)) {
		return MT_MALFORMED;
	}
	switch (q->route) {
	case ROUTE_TASK:
		return task_json_one(c->tasks, q->session->party, hash, b);
	case ROUTE_CONTRACT:
		*kind = NODE_CBOR;
		return read_contract(c, q, hash, b);
	default:
		*kind = NODE_CBOR;
		return read_receipt(c, q, hash, b);
	}
}

/* ---- waiting for the end of a run ---- */

/* The run as it is, if it is over or `now` says that the wait is. False: wait on. */
static bool wait_answer(struct core *c, const struct waiter *w, bool now)
{
	struct builder b = builder_over(c->answer, sizeof(c->answer));
	struct bytes body;
	bool over = false;

	enum mt_err err = task_json_run(c->tasks, w->party, w->hash, w->run, &over, &b);
	if (!err && !over && !now) {
		return false;
	}
	if (!err) {
		err = builder_done(&b, &body);
	}
	if (err) {
		core_problem(c, w->connection, w->request, err, "there is no such run of yours: see `mesatee tasks`");
	} else {
		core_answer(c, w->connection, w->request, 200, NODE_JSON, body);
	}
	return true;
}

void core_waiters(struct core *c)
{
	for (size_t i = 0; i < CORE_WAITERS_MAX; i++) {
		struct waiter *w = &c->waiter[i];
		/* Whose connection is gone is not answered, and waits for nothing. */
		if (w->until_ms && (!connection_find(c, w->connection) || wait_answer(c, w, c->monotonic_ms >= w->until_ms))) {
			*w = (struct waiter){ 0 };
		}
	}
}

static void read_run_end(struct core *c, const struct core_request *q)
{
	struct waiter w = { .connection = q->connection, .request = q->request, .until_ms = c->monotonic_ms + CORE_WAIT_MS };
	size_t i = 0;

	if (!parameter_hash(q->parameter[0], w.hash) || !parameter_number(q->parameter[1], &w.run)) {
		core_problem(c, q->connection, q->request, MT_MALFORMED, "the path is not one of this node's");
		return;
	}
	memcpy(w.party, q->session->party, sizeof(w.party));
	while (i < CORE_WAITERS_MAX && c->waiter[i].until_ms) {
		i++;
	}
	if (!wait_answer(c, &w, i == CORE_WAITERS_MAX)) {
		c->waiter[i] = w;
	}
}

/* ---- small outputs, which lie in the ledger ---- */

MUST enum mt_err core_output_read(void *self, const struct task_output_place *place, ree_done *done, void *context)
{
	struct core *c = self;
	uint64_t offset = 0;
	size_t size = 0;

	enum mt_err err = ledger_entry_place(c->ledger, place->index, &offset, &size);
	return err ? err : ree_log_read(c->ree, offset, (uint32_t)size, done, context);
}

MUST enum mt_err core_output_open(void *self, const struct task_output_place *place, struct bytes wire, struct bytes *out)
{
	struct core *c = self;
	uint8_t *plain = mt_alloc(LOG_BATCH_MAX);
	struct builder b = builder_over(c->answer, sizeof(c->answer));
	struct bytes entry;

	if (!plain) {
		return MT_NO_MEMORY;
	}
	enum mt_err err = ledger_entry_open(c->ledger, place->index, wire, plain, &entry);
	if (!err) {
		err = task_output_data(c->tasks, entry, place->output, &b);
	}
	if (!err) {
		err = builder_done(&b, out);
	}
	mt_wipe(plain, LOG_BATCH_MAX);  /* the batch may hold output keys, of this run and of others */
	mt_free(plain);
	return err;
}

static void small_arrived(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct small_read *slot = context, s = *slot;
	struct core *c = s.core;
	struct bytes body = { 0 };

	*slot = (struct small_read){ 0 };
	c->port->memory_close(c->port->self, handle);
	if (!err) {
		err = core_output_open(c, &s.place, answer, &body);
	}
	if (err) {
		core_problem(c, s.connection, s.request, err, err == MT_TAMPERED ? "the node's log on disk is not what was written there" :
										     "this could not be read now: try again");
	} else {
		core_answer(c, s.connection, s.request, 200, NODE_OCTETS, body);
	}
}

static void read_small(struct core *c, const struct core_request *q, const struct task_output_place *place)
{
	size_t i = 0;

	while (i < CORE_SMALL_READS_MAX && c->small[i].core) {
		i++;
	}
	enum mt_err err = i < CORE_SMALL_READS_MAX ? MT_OK : MT_LIMIT;
	if (!err) {
		c->small[i] = (struct small_read){ c, q->connection, q->request, *place };
		err = core_output_read(c, place, small_arrived, &c->small[i]);
	}
	if (err) {
		if (i < CORE_SMALL_READS_MAX) {
			c->small[i] = (struct small_read){ 0 };
		}
		core_problem(c, q->connection, q->request, err, "this could not be read now: try again");
	}
}

/* The two routes whose bytes go past core, between gateway and supplicant: ciphertext only. */
static void read_blob(struct core *c, const struct core_request *q)
{
	uint8_t name[32];
	struct task_output_place place = { 0 };
	const char *why = "this is no tag: 64 hex digits";
	enum mt_err err = parameter_hash(q->parameter[0], name) ? MT_OK : MT_MALFORMED;

	if (!err && q->route == ROUTE_DATA_PUT) {
		err = task_check_upload(c->tasks, q->session->party, q->size, &why);
	} else if (!err) {
		why = "there is no such output of yours";
		err = task_output_readable(c->tasks, q->session->party, name, &place);
	}
	if (err) {
		core_problem(c, q->connection, q->request, err, why);
	} else if (q->route == ROUTE_DATA_PUT) {
		core_accept_upload(c, q, name);
	} else if (place.index) {
		read_small(c, q, &place);
	} else {
		core_stream(c, q, REE_OUTPUT, name);
	}
}

void core_read(struct core *c, const struct core_request *q)
{
	struct builder b = builder_over(c->answer, sizeof(c->answer));
	enum node_body kind = NODE_JSON;
	enum mt_err err;

	if (q->route == ROUTE_DATA_PUT || q->route == ROUTE_OUTPUT) {
		read_blob(c, q);
		return;
	}
	if (q->route == ROUTE_TRANSFER) {
		read_transfer(c, q);
		return;
	}
	if (q->route == ROUTE_RUN_END) {
		read_run_end(c, q);
		return;
	}
	if (routes[q->route].access == ROUTE_PUBLIC) {
		err = read_public(c, q, &b, &kind);
	} else {
		err = read_party(c, q, &b, &kind);
	}
	if (err) {
		core_problem(c, q->connection, q->request, err,
			     err == MT_NOT_FOUND ? "there is no such thing, or it is not yours: see `mesatee tasks`" :
			     err == MT_STATE ? "not yet: the run has not ended" :
			     err == MT_MALFORMED ? "the path is not one of this node's" : "this could not be read now: try again");
		return;
	}
	read_done(c, q, &b, kind);
}
