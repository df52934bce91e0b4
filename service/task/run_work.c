/* What the workers of one run answer: foreign bytes. */
#include "service/task/driver.h"

#include <stdio.h>
#include <string.h>

#include "lib/dataset/dataset.h"

void job_close_handles(struct job *j, const struct port_event *event)
{
	for (size_t i = 0; i < event->handle_count; i++) {
		job_port(j)->memory_close(job_port(j)->self, event->handle[i]);
	}
}

static void job_input_fail(struct job *j, uint32_t index, const char *what, uint8_t how)
{
	struct bytes name = j->contract->contract.input[index].name;
	char text[RECEIPT_CAUSE_MAX];

	snprintf(text, sizeof(text), "input %.*s %s (%s)", (int)name.size, (const char *)name.at, what,
		 mt_err_name(how < MT_ERRS ? (enum mt_err)how : MT_MALFORMED));
	job_fail(j, text);
}

/* Plaintexts, in the order of the inputs that are no streams, then the window. */
static void job_take_inputs(struct job *j, const port_handle *handle)
{
	for (size_t i = 0; i < j->contract->contract.input_count; i++) {
		if (!(j->streams & MT_BIT(i))) {
			j->input[i] = *handle++;
		}
	}
	j->window = j->streams ? *handle : PORT_NO_HANDLE;
}

void job_opened(struct job *j, const struct port_event *event)
{
	const struct contract *c = &j->contract->contract;
	struct cursor m = cursor_over(event->body);
	uint8_t type = cursor_u8(&m), how = cursor_u8(&m);
	uint32_t index = cursor_u32(&m), count = cursor_u32(&m);
	size_t handles = c->input_count - (size_t)__builtin_popcount(j->streams) + (j->streams != 0);
	uint64_t total = 0;

	if (type == WORK_OPENED && how != MT_OK && index < c->input_count) {
		job_input_fail(j, index, "is not what its tag says", how);
	}
	for (uint32_t i = 0; i < count && i < CONTRACT_INPUTS_MAX; i++) {
		j->input_size[i] = cursor_u64(&m);
		total += j->input_size[i];
	}
	if (!j->failed && (type != WORK_OPENED || how != MT_OK || count != c->input_count || !cursor_done(&m) ||
			   event->handle_count != handles)) {
		job_fail(j, "the seal worker gave no usable answer");
	}
	if (j->failed) {
		job_close_handles(j, event);
	} else {
		job_take_inputs(j, event->handle);
		j->receipt.bytes_in = total;
	}
	job_advance(j);
}

/* A stream ended while the function was reading: nothing that came of it counts. */
void job_broken(struct job *j, const struct port_event *event)
{
	struct cursor m = cursor_over(event->body);
	uint8_t type = cursor_u8(&m), how = cursor_u8(&m);
	uint32_t index = cursor_u32(&m);

	job_close_handles(j, event);
	if (type != WORK_BROKEN || !cursor_done(&m) || index >= j->contract->contract.input_count) {
		job_fail(j, "the seal worker gave no usable answer");
	} else {
		job_input_fail(j, index, how == MT_TAMPERED ? "changed while the function ran" : "could not be read to its end", how);
	}
	job_end(j);
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
