/* Messages to and from the workers of one run. What comes back is foreign bytes. */
#include "service/task/driver.h"

#include <stdio.h>
#include <string.h>

#include "lib/dataset/dataset.h"

/* ---- messages to workers ---- */

/* Send and close our copies. A message that cannot be sent fails the run. */
static void job_send(struct job *j, uint32_t peer, const struct builder *b, const port_handle *handles, size_t count)
{
	struct bytes message;
	const struct port *port = job_port(j);
	enum mt_err err = builder_done(b, &message);

	if (err) {
		for (size_t i = 0; i < count; i++) {
			port->memory_close(port->self, handles[i]);
		}
	} else {
		err = port->send(port->self, peer, message, handles, count);
	}
	if (err) {
		job_fail(j, "a worker could not be reached");
	}
}

/* While the ledger writes and the inputs come: the worker loads what it will run. */
void job_load_artifact(struct job *j)
{
	uint8_t type = WORK_LOAD;
	struct builder b = { .at = &type, .size = 1, .capacity = 1 };
	port_handle handle = j->artifact;

	j->artifact = PORT_NO_HANDLE;
	job_send(j, j->run_peer, &b, &handle, 1);
}

void job_open_inputs(struct job *j)
{
	const struct contract *c = &j->contract->contract;
	const struct key_set *keys = task_keys_find(j->driver, c->hash);
	uint8_t space[16 + CONTRACT_INPUTS_MAX * 64];
	struct builder b = builder_over(space, sizeof(space));
	port_handle handles[CONTRACT_INPUTS_MAX];

	builder_u8(&b, WORK_OPEN);
	builder_u32(&b, (uint32_t)c->input_count);
	for (size_t i = 0; i < c->input_count; i++) {
		struct secret key = { 0 };
		struct task_output o;
		if (task_output_find(j->driver->state, c->input[i].tag, &o)) {
			task_output_secret(&o, &key);
		} else if (keys && (keys->have & MT_BIT(i))) {
			key = keys->key[i];
		} else {
			job_fail(j, "the key of an input is missing: its owner must approve again");
			mt_wipe(space, sizeof(space));
			return;
		}
		builder_bytes(&b, secret_bytes(&key));
		mt_wipe(&key, sizeof(key));
		builder_bytes(&b, mt_bytes(c->input[i].tag, 32));
		handles[i] = j->input[i];
		j->input[i] = PORT_NO_HANDLE;
	}
	job_send(j, j->seal_peer, &b, handles, c->input_count);
	mt_wipe(space, sizeof(space));
}

static void job_run_message(struct job *j, struct builder *b)
{
	const struct contract *c = &j->contract->contract;
	uint8_t seed[32];

	/* Deterministic runs get their seed from what was signed and the run's number; others from the port. */
	if (c->deterministic) {
		uint8_t number[8];
		struct builder n = builder_over(number, sizeof(number));
		builder_u64(&n, j->run);
		struct bytes part[2] = { mt_bytes(c->hash, 32), mt_bytes(number, sizeof(number)) };
		crypto_label_sha256("mesatee-seed-1", part, 2, seed);
	} else {
		crypto_random(seed, sizeof(seed));
	}
	builder_u8(b, WORK_RUN);
	builder_u64(b, c->memory_max);
	builder_u32(b, c->deterministic ? WORK_FLAG_DETERMINISTIC : 0);
	builder_bytes(b, mt_bytes(seed, sizeof(seed)));
	builder_u32(b, (uint32_t)c->argument_count);
	for (size_t i = 0; i < c->argument_count; i++) {
		builder_bytes32(b, c->argument[i]);
	}
	builder_u32(b, (uint32_t)c->input_count);
	for (size_t i = 0; i < c->input_count; i++) {
		builder_bytes32(b, c->input[i].name);
	}
	builder_u32(b, (uint32_t)c->output_count);
	for (size_t i = 0; i < c->output_count; i++) {
		builder_bytes32(b, c->output[i].name);
		builder_u64(b, c->output[i].size_max);
	}
}

void job_run_function(struct job *j)
{
	const struct contract *c = &j->contract->contract;
	const struct port *port = job_port(j);
	port_handle handles[CONTRACT_INPUTS_MAX + CONTRACT_OUTPUTS_MAX];
	size_t count = 0, capacity = CONTRACT_SIZE_MAX + 4096;
	uint8_t *space = mt_alloc(capacity);

	if (!space) {
		job_fail(j, "the node is out of memory");
		return;
	}
	struct builder b = builder_over(space, capacity);
	job_run_message(j, &b);
	for (size_t i = 0; i < c->input_count; i++) {
		handles[count++] = j->input[i];
		j->input[i] = PORT_NO_HANDLE;
	}
	for (size_t i = 0; i < c->output_count; i++) {
		handles[count] = PORT_NO_HANDLE;
		if (port->memory_scratch(port->self, c->output[i].size_max, &j->output[i]) ||
		    port->memory_share(port->self, j->output[i], &handles[count])) {
			job_fail(j, "no memory for the outputs");
		}
		count++;
	}
	if (j->failed) {
		for (size_t i = 0; i < count; i++) {
			port->memory_close(port->self, handles[i]);
		}
	} else {
		job_send(j, j->run_peer, &b, handles, count);
		port->deadline(port->self, j->run_peer, c->wall_ms);
	}
	mt_free(space);
}

void job_seal_outputs(struct job *j)
{
	const struct contract *c = &j->contract->contract;
	uint8_t space[16 + CONTRACT_OUTPUTS_MAX * 48];
	struct builder b = builder_over(space, sizeof(space));
	port_handle handles[CONTRACT_OUTPUTS_MAX];

	builder_u8(&b, WORK_SEAL);
	builder_u32(&b, (uint32_t)c->output_count);
	for (size_t i = 0; i < c->output_count; i++) {
		crypto_random(j->output_key[i].at, CRYPTO_KEY_SIZE);
		builder_bytes(&b, secret_bytes(&j->output_key[i]));
		builder_u64(&b, c->output[i].size_max);
		builder_u64(&b, c->output[i].rows_min);
		handles[i] = j->output[i];
		j->output[i] = PORT_NO_HANDLE;
	}
	job_send(j, j->seal_peer, &b, handles, c->output_count);
	mt_wipe(space, sizeof(space));
}

/* ---- messages from workers: foreign bytes ---- */

void job_close_handles(struct job *j, const struct port_event *event)
{
	for (size_t i = 0; i < event->handle_count; i++) {
		job_port(j)->memory_close(job_port(j)->self, event->handle[i]);
	}
}

void job_opened(struct job *j, const struct port_event *event)
{
	const struct contract *c = &j->contract->contract;
	struct cursor m = cursor_over(event->body);
	uint8_t type = cursor_u8(&m), how = cursor_u8(&m);
	uint32_t index = cursor_u32(&m), count = cursor_u32(&m);
	uint64_t total = 0;
	char text[RECEIPT_CAUSE_MAX];

	if (type == WORK_OPENED && how != MT_OK && index < c->input_count) {
		struct bytes name = c->input[index].name;
		snprintf(text, sizeof(text), "input %.*s is not what its tag says (%s)", (int)name.size, (const char *)name.at,
			 mt_err_name(how < MT_ERRS ? (enum mt_err)how : MT_MALFORMED));
		job_fail(j, text);
	}
	for (uint32_t i = 0; i < count && i < CONTRACT_INPUTS_MAX; i++) {
		total += cursor_u64(&m);
	}
	if (!j->failed && (type != WORK_OPENED || how != MT_OK || count != c->input_count || !cursor_done(&m) ||
			   event->handle_count != c->input_count)) {
		job_fail(j, "the seal worker gave no usable answer");
	}
	if (j->failed) {
		job_close_handles(j, event);
	} else {
		memcpy(j->input, event->handle, c->input_count * sizeof(j->input[0]));
		j->receipt.bytes_in = total;
	}
	job_advance(j);
}

/*
 * The outputs as they are from here on, in memory that nobody can write, the run worker neither, dead or not yet. Small ones came with the
 * answer. Of others the scratch memory is sealed: the kernel refuses that while a mapping that may be written to is left, and refuses every
 * write after it. So nothing waits for the worker's death.
 */
static void job_fix_outputs(struct job *j, const struct bytes *content, const uint64_t *size)
{
	const struct contract *c = &j->contract->contract;
	const struct port *port = job_port(j);
	uint64_t total = 0;
	bool small = true;

	for (size_t i = 0; i < c->output_count; i++) {
		total += content[i].size;
		small = small && content[i].size == size[i];
	}
	if (!small && total) {
		job_fail(j, "the run worker gave no usable answer");
		return;
	}
	for (size_t i = 0; i < c->output_count; i++) {
		port_handle made = PORT_NO_HANDLE;
		if (!small) {
			if (port->memory_seal(port->self, j->output[i])) {
				job_fail(j, "the run worker kept an output open");
			}
		} else if (port->memory_make(port->self, content[i], &made)) {
			job_fail(j, "no memory for the outputs");
		} else {
			port->memory_close(port->self, j->output[i]);
			j->output[i] = made;
		}
	}
}

static void job_ran_outcome(struct job *j, uint8_t outcome)
{
	char text[RECEIPT_CAUSE_MAX];

	/*
	 * The worker's own words are not repeated: a run worker that was taken over could put data into them, and the cause of a failure
	 * is shown to every participant. One byte of exit code is all that a function can tell past the output guards.
	 */
	switch (outcome) {
	case WORK_EXITED:
		if (j->receipt.exit_code) {
			snprintf(text, sizeof(text), "the function ended with exit code %u", j->receipt.exit_code);
			job_fail(j, text);
		}
		break;
	case WORK_TRAPPED:
		job_fail(j, "the function trapped");
		break;
	case WORK_LIMIT:
		job_fail(j, "the function reached its memory or output limit");
		break;
	case WORK_REFUSED:
		job_fail(j, "the function could not be loaded, or imports what a function may not have");
		break;
	default:
		job_fail(j, "the run worker gave no usable answer");
		break;
	}
}

void job_ran(struct job *j, const struct port_event *event)
{
	const struct contract *c = &j->contract->contract;
	struct cursor m = cursor_over(event->body);
	uint8_t type = cursor_u8(&m), outcome = cursor_u8(&m);
	uint32_t exit_code = cursor_u32(&m);
	uint64_t cpu_us = cursor_u64(&m), memory_peak = cursor_u64(&m), log_size = cursor_u64(&m);
	uint32_t count = cursor_u32(&m);
	uint64_t size[CONTRACT_OUTPUTS_MAX] = { 0 };
	struct bytes content[CONTRACT_OUTPUTS_MAX] = { { 0 } };

	(void)log_size;
	for (uint32_t i = 0; i < count && i < CONTRACT_OUTPUTS_MAX; i++) {
		bool written = cursor_u8(&m) == 1;
		size[i] = cursor_u64(&m);
		if (!written && outcome == WORK_EXITED && exit_code == 0) {
			job_fail(j, "the function did not write all its outputs");
		}
	}
	struct bytes detail = cursor_take32(&m);
	for (uint32_t i = 0; i < count && i < CONTRACT_OUTPUTS_MAX; i++) {
		content[i] = cursor_take32(&m);
	}
	job_close_handles(j, event);
	if (type != WORK_RAN || !cursor_done(&m) || count != c->output_count || detail.size > WORK_DETAIL_MAX) {
		job_fail(j, "the run worker gave no usable answer");
	} else {
		j->answered = true;
		j->receipt.exit_code = exit_code & 0xff;
		j->receipt.cpu_us = cpu_us;
		j->receipt.memory_peak = memory_peak < c->memory_max ? memory_peak : c->memory_max;
		job_ran_outcome(j, outcome);
	}
	if (!j->failed) {
		job_fix_outputs(j, content, size);
	}
	job_advance(j);
}

static void job_guard(struct job *j, uint8_t guard, uint32_t index)
{
	const struct contract *c = &j->contract->contract;
	char text[RECEIPT_CAUSE_MAX];

	if (index >= c->output_count || (guard != WORK_GUARD_SIZE && guard != WORK_GUARD_ROWS)) {
		job_fail(j, "the outputs could not be sealed");
		return;
	}
	snprintf(text, sizeof(text), "output guard: %.*s has %s", (int)c->output[index].name.size, (const char *)c->output[index].name.at,
		 guard == WORK_GUARD_SIZE ? "more bytes than the contract allows" : "fewer rows than the contract demands");
	job_fail(j, text);
}

static void job_stored(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct job_call *call = context;
	struct job *j = call->job;

	(void)answer;
	job_port(j)->memory_close(job_port(j)->self, handle);
	if (err) {
		job_fail(j, "an output could not be stored: the node's disk may be full");
	}
	job_call_done(j);
}

/* A small output goes into the ledger with its receipt, which saves two syncs; false: it is not small. Takes the handle when true. */
static bool job_keep_small(struct job *j, uint32_t i, port_handle handle)
{
	const struct port *port = job_port(j);
	const struct dataset_header h = { .size = j->receipt.output[i].size };
	struct bytes sealed = { 0 };

	if (port->memory_map(port->self, handle, &sealed)) {
		job_fail(j, "the seal worker gave no usable answer");
		return false;
	}
	bool small = sealed.size <= TASK_INLINE_MAX - j->small_total && sealed.size == dataset_file_size(&h);
	if (small) {
		j->small[i] = mt_copy(sealed);
		small = j->small[i] != NULL;    /* without memory it goes the other way */
	}
	if (small) {
		j->small_size[i] = sealed.size;
		j->small_total += sealed.size;
	}
	port->memory_unmap(port->self, sealed);
	if (small) {
		port->memory_close(port->self, handle);
	}
	return small;
}

static void job_store(struct job *j, uint32_t i, port_handle take_handle)
{
	struct job_call *call = &j->call[JOB_CALL_FIRST + CONTRACT_INPUTS_MAX + i];

	*call = (struct job_call){ .job = j, .index = i };
	if (ree_blob_put(j->driver->host.ree, REE_OUTPUT, j->receipt.output[i].tag, take_handle, job_stored, call)) {
		job_fail(j, "an output could not be stored");
	} else {
		j->waiting++;
	}
}

void job_sealed(struct job *j, const struct port_event *event)
{
	const struct contract *c = &j->contract->contract;
	struct cursor m = cursor_over(event->body);
	uint8_t type = cursor_u8(&m), how = cursor_u8(&m);
	uint32_t index = cursor_u32(&m);
	uint8_t guard = cursor_u8(&m);
	uint32_t count = cursor_u32(&m);

	if (type == WORK_SEALED && how != MT_OK) {
		job_guard(j, guard, index);
	} else if (type != WORK_SEALED || count != c->output_count || event->handle_count != c->output_count) {
		job_fail(j, "the seal worker gave no usable answer");
	}
	for (uint32_t i = 0; !j->failed && i < count; i++) {
		struct receipt_output *o = &j->receipt.output[i];
		o->name = c->output[i].name;
		cursor_copy(&m, o->tag, sizeof(o->tag));
		o->size = cursor_u64(&m);
		(void)cursor_u64(&m);           /* rows: the guard has judged them */
		j->receipt.bytes_out += o->size;
	}
	if (!j->failed && !cursor_done(&m)) {
		job_fail(j, "the seal worker gave no usable answer");
	}
	if (j->failed || j->cancelled) {
		job_close_handles(j, event);
		job_end(j);
		return;
	}
	j->receipt.output_count = c->output_count;
	job_step(j, JOB_STORING);
	job_kill(j, &j->seal_peer);
	j->waiting++;                   /* held until everything is on its way: answers may not end the step early */
	for (uint32_t i = 0; i < c->output_count; i++) {
		if (!job_keep_small(j, i, event->handle[i])) {
			job_store(j, i, event->handle[i]);
		}
	}
	job_call_done(j);
}
