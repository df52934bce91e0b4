/* What the workers of one run are asked, and how long each may take. */
#include "service/task/driver.h"

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

/* A handle that leaves with a message. */
static port_handle job_take(port_handle *handle)
{
	port_handle taken = *handle;

	*handle = PORT_NO_HANDLE;
	return taken;
}

void job_find_streams(struct job *j)
{
	const struct contract *c = &j->contract->contract;

	for (size_t i = 0; i < c->input_count; i++) {
		uint64_t size = task_input_size(j->driver->state, c->input[i].tag);
		if (size > TASK_STREAM_MIN) {
			j->streams |= MT_BIT(i);
			j->check_ms += size / TASK_STREAM_RATE_MIN;
		}
	}
}

/* While the ledger writes and the inputs come: the worker loads what it will run. */
void job_load_artifact(struct job *j)
{
	uint8_t type = WORK_LOAD;
	struct builder b = { .at = &type, .size = 1, .capacity = 1 };
	port_handle handle = job_take(&j->artifact);

	job_send(j, j->run_peer, &b, &handle, 1);
}

void job_open_inputs(struct job *j)
{
	const struct contract *c = &j->contract->contract;
	const struct key_set *keys = task_keys_find(j->driver, c->hash);
	uint8_t space[16 + CONTRACT_INPUTS_MAX * 65];
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
		builder_u8(&b, j->streams & MT_BIT(i) ? WORK_INPUT_STREAM : WORK_INPUT_WHOLE);
		builder_bytes(&b, secret_bytes(&key));
		mt_wipe(&key, sizeof(key));
		builder_bytes(&b, mt_bytes(c->input[i].tag, 32));
	}
	for (size_t i = 0; i < c->input_count; i++) {
		handles[i] = job_take(&j->input[i]);
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
	builder_u32(b, (c->deterministic ? WORK_FLAG_DETERMINISTIC : 0) | (j->streams ? WORK_FLAG_STREAM : 0));
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
	if (j->streams) {
		builder_u32(b, j->streams);
	}
	for (size_t i = 0; i < c->input_count; i++) {
		if (j->streams & MT_BIT(i)) {
			builder_u64(b, j->input_size[i]);
		}
	}
}

/*
 * The function's time begins. The seal worker, which seals its outputs, has to outlive it: what it got at its start has room for a short
 * one, and a message less is a hop less.
 */
static void job_run_deadlines(const struct job *j)
{
	const struct port *port = job_port(j);
	uint64_t wall_ms = j->contract->contract.wall_ms;

	port->deadline(port->self, j->run_peer, wall_ms);
	if (wall_ms > TASK_SEAL_MS / 2) {
		port->deadline(port->self, j->seal_peer, wall_ms + TASK_SEAL_MS);
	}
}

void job_run_function(struct job *j)
{
	const struct contract *c = &j->contract->contract;
	const struct port *port = job_port(j);
	port_handle handles[CONTRACT_INPUTS_MAX + CONTRACT_OUTPUTS_MAX + 1];
	size_t count = 0, capacity = CONTRACT_SIZE_MAX + 4096;
	uint8_t *space = mt_alloc(capacity);

	if (!space) {
		job_fail(j, "the node is out of memory");
		return;
	}
	struct builder b = builder_over(space, capacity);
	job_run_message(j, &b);
	for (size_t i = 0; i < c->input_count; i++) {
		if (!(j->streams & MT_BIT(i))) {
			handles[count++] = job_take(&j->input[i]);
		}
	}
	for (size_t i = 0; i < c->output_count; i++) {
		handles[count] = PORT_NO_HANDLE;
		if (port->memory_scratch(port->self, c->output[i].size_max, &j->output[i]) ||
		    port->memory_share(port->self, j->output[i], &handles[count])) {
			job_fail(j, "no memory for the outputs");
		}
		count++;
	}
	if (j->streams) {
		handles[count++] = job_take(&j->window);
	}
	if (j->failed) {
		for (size_t i = 0; i < count; i++) {
			port->memory_close(port->self, handles[i]);
		}
	} else {
		job_send(j, j->run_peer, &b, handles, count);
		job_run_deadlines(j);
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
		handles[i] = job_take(&j->output[i]);
	}
	job_send(j, j->seal_peer, &b, handles, c->output_count);
	mt_wipe(space, sizeof(space));
}
