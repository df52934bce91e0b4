/* How a run ends: exactly one receipt, whatever happened. */
#include "service/task/driver.h"

#include <string.h>

#include "lib/dataset/dataset.h"

#define RECEIPT_PAYLOAD_MAX 8192
#define OUTPUT_DATA_MAX (TASK_INLINE_MAX + 64 + CONTRACT_OUTPUTS_MAX * 4)
#define OUTPUT_KEYS_MAX (64 + CONTRACT_OUTPUTS_MAX * (8 + CONTRACT_PARTIES_MAX * 36))

void job_release(struct job *j)
{
	const struct port *port = j->driver->host.port;

	if (!j->run_dying) {            /* else its end is waited for */
		job_kill(j, &j->run_peer);
	}
	job_kill(j, &j->seal_peer);
	port->memory_close(port->self, j->artifact);
	j->artifact = PORT_NO_HANDLE;
	port->memory_close(port->self, j->window);
	j->window = PORT_NO_HANDLE;
	for (size_t i = 0; i < CONTRACT_INPUTS_MAX; i++) {
		port->memory_close(port->self, j->input[i]);
		j->input[i] = PORT_NO_HANDLE;
	}
	for (size_t i = 0; i < CONTRACT_OUTPUTS_MAX; i++) {
		port->memory_close(port->self, j->output[i]);
		j->output[i] = PORT_NO_HANDLE;
	}
}

static void receipt_complete(const struct task_host *host, const struct contract *c, struct receipt *q)
{
	memcpy(q->log_id, host->log_id, 32);
	memcpy(q->contract_hash, c->hash, 32);
	memcpy(q->engine_hash, host->executor_hash[c->executor], 32);
	memcpy(q->measurement_hash, host->measurement_hash, 32);
}

/* The statement, signed, appended to `out`. */
static enum mt_err receipt_make(const struct task_host *host, const struct receipt *q, struct builder *out)
{
	uint8_t space[RECEIPT_PAYLOAD_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes payload;

	receipt_encode(q, &b);
	enum mt_err err = builder_done(&b, &payload);
	return err ? err : host->sign(host->self, STATEMENT_TYPE_RECEIPT, payload, out);
}

/* [contract hash, run, [[key or shares] for each output]] */
static void output_keys_encode(const struct job *j, struct builder *out)
{
	const struct contract *c = &j->contract->contract;
	struct secret share[CONTRACT_PARTIES_MAX];

	cbor_array(out, 3);
	cbor_bstr(out, mt_bytes(c->hash, 32));
	cbor_uint(out, j->run);
	cbor_array(out, c->output_count);
	for (size_t i = 0; i < c->output_count; i++) {
		size_t owners = c->output[i].owner_count;
		dataset_shares_split(&j->output_key[i], share, owners);
		cbor_array(out, owners);
		for (size_t k = 0; k < owners; k++) {
			cbor_bstr(out, secret_bytes(&share[k]));
		}
	}
	mt_wipe(share, sizeof(share));
}

/* [contract hash, run, [ciphertext, or nothing, for each output]] */
static void output_data_encode(const struct job *j, struct builder *out)
{
	const struct contract *c = &j->contract->contract;

	cbor_array(out, 3);
	cbor_bstr(out, mt_bytes(c->hash, 32));
	cbor_uint(out, j->run);
	cbor_array(out, c->output_count);
	for (size_t i = 0; i < c->output_count; i++) {
		cbor_bstr(out, mt_bytes(j->small[i], j->small_size[i]));
	}
}

void job_forget_small(struct job *j)
{
	for (size_t i = 0; i < CONTRACT_OUTPUTS_MAX; i++) {
		mt_free(j->small[i]);
		j->small[i] = NULL;
	}
}

void job_free(struct job *j)
{
	job_release(j);
	job_forget_small(j);
	job_step(j, JOB_FREE);
	mt_wipe(j, sizeof(*j));
}

static bool contract_over(const struct task_contract *c)
{
	return c->state >= TASK_FINISHED;
}

static void job_staged(void *context, enum mt_err err, uint64_t index)
{
	struct job *j = context;
	struct task_driver *d = j->driver;

	(void)index;
	if (err) {
		j->stage_again = true;          /* the disk may have room again later; until then the contract stays `running` */
		return;
	}
	if (contract_over(j->contract)) {
		task_keys_forget(d, j->contract->contract.hash);
	}
	job_free(j);
}

/* One more entry of those that go out together. */
static enum mt_err entry_add(struct entry *entry, size_t *count, enum entry_kind kind, uint64_t time_ms, const struct builder *body)
{
	struct entry *e = &entry[(*count)++];

	*e = (struct entry){ .kind = kind, .time_ms = time_ms };
	return builder_done(body, &e->body);
}

void job_stage_receipt(struct job *j)
{
	const struct task_host *host = &j->driver->host;
	uint8_t receipt_space[RECEIPT_PAYLOAD_MAX + COSE_OVERHEAD], keys_space[OUTPUT_KEYS_MAX], data_space[OUTPUT_DATA_MAX];
	struct builder receipt = builder_over(receipt_space, sizeof(receipt_space)), keys = builder_over(keys_space, sizeof(keys_space)),
		       data = builder_over(data_space, sizeof(data_space));
	struct entry entry[3] = { 0 };
	size_t count = 0;
	uint64_t now = host->now_ms(host->self);
	bool finished = j->receipt.outcome == RECEIPT_FINISHED;

	j->stage_again = false;
	enum mt_err err = receipt_make(host, &j->receipt, &receipt);
	if (!err && finished) {
		output_keys_encode(j, &keys);
		err = entry_add(entry, &count, ENTRY_OUTPUT_KEYS, now, &keys);
	}
	if (!err && finished && j->small_total) {
		output_data_encode(j, &data);
		err = entry_add(entry, &count, ENTRY_OUTPUT_DATA, now, &data);
	}
	if (!err) {
		err = entry_add(entry, &count, ENTRY_RECEIPT, now, &receipt);
	}
	if (!err) {
		err = host->stage(host->self, entry, count, job_staged, j);
	}
	mt_wipe(keys_space, sizeof(keys_space));
	if (err) {
		j->stage_again = true;
	}
}

void job_end(struct job *j)
{
	struct receipt *q = &j->receipt;

	if (j->step == JOB_ENDING) {
		return;
	}
	job_release(j);
	if (j->waiting) {                       /* the `running` entry is one of the things waited for: no receipt comes before it */
		j->failed = true;       /* the last answer ends the run: the supplicant still knows this job */
		return;
	}
	/* What was asked last counts: a cancelled run that had finished its work still leaves no output. */
	q->outcome = j->cancelled ? RECEIPT_CANCELLED : j->failed ? RECEIPT_FAILED : RECEIPT_FINISHED;
	if (q->outcome != RECEIPT_FINISHED) {
		q->output_count = 0;
		q->bytes_out = 0;
		q->cause = mt_text(j->cause);
	}
	q->run = j->run;
	q->running_index = j->running_index;
	q->started_ms = j->started_ms;
	q->ended_ms = j->driver->host.now_ms(j->driver->host.self);
	q->wall_ms = q->ended_ms > q->started_ms ? q->ended_ms - q->started_ms : 0;
	receipt_complete(&j->driver->host, &j->contract->contract, q);
	job_step(j, JOB_ENDING);
	job_stage_receipt(j);
}

/* ---- runs of a former life ---- */

static void recover_staged(void *context, enum mt_err err, uint64_t index)
{
	(void)context;          /* on failure the contract stays `running` and the next start tries again */
	(void)err;
	(void)index;
}

static void recover_run(struct task_driver *d, const struct task_contract *c, const struct task_run *run)
{
	const struct task_host *host = &d->host;
	uint8_t space[RECEIPT_PAYLOAD_MAX + COSE_OVERHEAD];
	struct builder b = builder_over(space, sizeof(space));
	struct receipt q = {
		.run = run->number, .running_index = run->running_index, .started_ms = run->started_ms,
		.ended_ms = host->now_ms(host->self), .outcome = RECEIPT_FAILED,
		.cause = mt_text("interrupted: the node stopped during the run; the run is used up"),
		.input_count = c->contract.input_count,
	};

	for (size_t i = 0; i < q.input_count; i++) {
		memcpy(q.input_tag[i], c->contract.input[i].tag, 32);
	}
	receipt_complete(host, &c->contract, &q);
	struct entry e = { .kind = ENTRY_RECEIPT, .time_ms = q.ended_ms };
	if (!receipt_make(host, &q, &b) && !builder_done(&b, &e.body) &&
	    !host->stage(host->self, &e, 1, recover_staged, NULL)) {
		return;
	}
}

void task_run_recover(struct task_driver *d)
{
	for (size_t i = 0; i < d->state->contract_count; i++) {
		const struct task_contract *c = d->state->contract[i];
		if (c->run_count && c->run[c->run_count - 1].state == TASK_RUN_RUNNING) {
			recover_run(d, c, &c->run[c->run_count - 1]);
		}
	}
}
