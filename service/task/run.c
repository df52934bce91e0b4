/* The steps of one run, from ciphertext at the supplicant to ciphertext at the supplicant. */
#include "service/task/driver.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What the packages take before the function has done anything; a contract that allows less gets them as it imports them. */
#define PYTHON_PACKAGES_MEMORY (UINT64_C(256) << 20)

static const uint32_t job_moves[JOB_STEPS] = {          /* row: from, bits: to */
	[JOB_FREE]    = MT_BIT(JOB_LOADING),
	[JOB_LOADING] = MT_BIT(JOB_OPENING) | MT_BIT(JOB_ENDING) | MT_BIT(JOB_FREE),
	[JOB_OPENING] = MT_BIT(JOB_RUNNING) | MT_BIT(JOB_ENDING),
	[JOB_RUNNING] = MT_BIT(JOB_SEALING) | MT_BIT(JOB_ENDING),
	[JOB_SEALING] = MT_BIT(JOB_STORING) | MT_BIT(JOB_ENDING),
	[JOB_STORING] = MT_BIT(JOB_ENDING),
	[JOB_ENDING]  = MT_BIT(JOB_FREE),
};

void job_step(struct job *j, enum job_step to)
{
	mt_assert(j->step < JOB_STEPS && (job_moves[j->step] & MT_BIT(to)));
	j->step = to;
}

const struct port *job_port(const struct job *j)
{
	return j->driver->host.port;
}

/* The first cause counts; what follows is its consequence. */
void job_fail(struct job *j, const char *cause)
{
	if (!j->failed) {
		j->failed = true;
		snprintf(j->cause, sizeof(j->cause), "%s", cause);
	}
}

void job_kill(struct job *j, uint32_t *peer)
{
	if (*peer) {
		job_port(j)->kill(job_port(j)->self, *peer);
		*peer = 0;
	}
}

/* ---- loading ---- */

static void job_spawn(struct job *j, enum port_worker kind, uint32_t *peer, uint64_t deadline_ms)
{
	const struct port *port = job_port(j);

	if (port->spawn(port->self, kind, peer)) {
		*peer = 0;
		job_fail(j, "no worker could be started");
		return;
	}
	port->deadline(port->self, *peer, deadline_ms);
}

static void job_spawn_run(struct job *j, enum port_worker kind)
{
	job_spawn(j, kind, &j->run_peer, TASK_SEAL_MS + j->check_ms + j->contract->contract.wall_ms);
}

static void job_take_keys(struct job *j, struct bytes blob)
{
	if (task_keys_load(j->driver, j->contract->contract.hash, blob)) {
		job_fail(j, "the sealed dataset keys are damaged: approve again");
	}
}

/*
 * Whether an interpreter with packages is worth its memory. A zip does not show what it asks for. Where this is wrong, the function runs as
 * well, only later.
 */
static enum port_worker python_kind(struct bytes source, uint64_t memory_max)
{
	static const char *const word[] = { "numpy", "pandas", "scipy", "sklearn" };
	bool asks = source.size >= 2 && memcmp(source.at, "PK", 2) == 0;

	for (size_t i = 0; i < MT_COUNT(word); i++) {
		asks = asks || memmem(source.at, source.size, word[i], strlen(word[i]));
	}
	return asks && memory_max >= PYTHON_PACKAGES_MEMORY ? PORT_PYTHON_PACKAGES : PORT_PYTHON;
}

/* The source of a Python function lies where it was uploaded, and is what was signed or nothing. */
static void job_take_source(struct job *j, struct bytes source)
{
	uint8_t hash[32];

	crypto_sha256(source, hash);
	if (memcmp(hash, j->contract->contract.function, 32) != 0 ||
	    job_port(j)->memory_make(job_port(j)->self, source, &j->artifact)) {
		job_fail(j, "the function's source is not what its hash says: its owner must publish it again");
		return;
	}
	if (!j->failed && !j->cancelled && !j->dropped) {
		job_spawn_run(j, python_kind(source, j->contract->contract.memory_max));
	}
	if (j->run_peer) {
		job_load_artifact(j);
	}
}

static void job_take_artifact(struct job *j, struct bytes blob)
{
	if (j->contract->contract.executor == CONTRACT_PYTHON) {
		job_take_source(j, blob);
	} else if (task_artifact_load(j->driver, j->contract->contract.function, blob, &j->artifact)) {
		job_fail(j, "the sealed artifact of the function is damaged: publish the function on a fresh node");
	} else if (j->run_peer) {       /* else the run is over before it began: the artifact is closed with it */
		job_load_artifact(j);
	}
}

static void job_missing(struct job *j, uint32_t index, enum mt_err err)
{
	char text[RECEIPT_CAUSE_MAX];

	if (index == JOB_CALL_KEYS) {
		job_fail(j, err == MT_NOT_FOUND ? "the sealed dataset keys are gone: approve again" : "the dataset keys could not be read");
	} else if (index == JOB_CALL_ARTIFACT) {
		job_fail(j, "the artifact of the function could not be read");
	} else {
		struct bytes name = j->contract->contract.input[index - JOB_CALL_FIRST].name;
		snprintf(text, sizeof(text), "input %.*s could not be read: its owner must put it again", (int)name.size, (const char *)name.at);
		job_fail(j, text);
	}
}

static void job_loaded(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct job_call *call = context;
	struct job *j = call->job;
	const struct port *port = job_port(j);
	struct bytes blob = { 0 };

	(void)answer;
	if (!err && handle == PORT_NO_HANDLE) {
		err = MT_MALFORMED;
	}
	if (!err && call->index >= JOB_CALL_FIRST) {
		j->input[call->index - JOB_CALL_FIRST] = handle;
	} else if (!err) {
		err = port->memory_map(port->self, handle, &blob);
		if (!err && call->index == JOB_CALL_KEYS) {
			job_take_keys(j, blob);
		} else if (!err) {
			job_take_artifact(j, blob);
		}
		port->memory_unmap(port->self, blob);
		port->memory_close(port->self, handle);
	}
	if (err) {
		job_missing(j, call->index, err);
	}
	job_call_done(j);
}

void job_call_done(struct job *j)
{
	mt_assert(j->waiting > 0);
	j->waiting--;
	if (j->waiting == 0 && j->dropped) {
		job_free(j);
	} else if (j->waiting == 0 && (j->step == JOB_LOADING || j->step == JOB_STORING || j->failed || j->cancelled)) {
		job_advance(j);
	}
}

/* A small output that is an input: its bytes come with the answer, as a part of the ledger's file. */
static void job_loaded_small(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct job_call *call = context;
	struct job *j = call->job;
	const struct port *port = job_port(j);
	const struct task_host *host = &j->driver->host;
	struct bytes sealed = { 0 };

	port->memory_close(port->self, handle);
	if (!err) {
		err = host->output_open(host->self, &call->place, answer, &sealed);
	}
	if (!err) {
		err = port->memory_make(port->self, sealed, &j->input[call->index - JOB_CALL_FIRST]);
	}
	if (err) {
		job_missing(j, call->index, err);
	}
	job_call_done(j);
}

static void job_load_small(struct job *j, uint32_t index, const struct task_output_place *place)
{
	const struct task_host *host = &j->driver->host;

	j->call[index] = (struct job_call){ j, index, *place };
	enum mt_err err = host->output_read(host->self, place, job_loaded_small, &j->call[index]);
	if (err) {
		job_missing(j, index, err);
	} else {
		j->waiting++;
	}
}

static bool job_is_stream(const struct job *j, uint32_t index)
{
	return index >= JOB_CALL_FIRST && (j->streams & MT_BIT(index - JOB_CALL_FIRST));
}

static void job_load(struct job *j, uint32_t index, enum ree_space space, const uint8_t name[32])
{
	struct ree *ree = j->driver->host.ree;

	j->call[index] = (struct job_call){ .job = j, .index = index };
	enum mt_err err = job_is_stream(j, index) ? ree_blob_open(ree, space, name, job_loaded, &j->call[index])
						  : ree_blob_get(ree, space, name, job_loaded, &j->call[index]);
	if (err) {
		job_missing(j, index, err);
	} else {
		j->waiting++;
	}
}

/* What a built-in worker runs is in its image: it needs the hash. */
static void job_name_function(struct job *j)
{
	if (job_port(j)->memory_make(job_port(j)->self, mt_bytes(j->contract->contract.function, 32), &j->artifact)) {
		job_fail(j, "the node is out of memory");
	} else {
		job_load_artifact(j);
	}
}

static void job_load_function(struct job *j)
{
	const struct contract *c = &j->contract->contract;
	uint8_t name[32];

	if (c->executor == CONTRACT_PYTHON) {
		job_load(j, JOB_CALL_ARTIFACT, REE_DATA, c->function);
		return;
	}
	if (c->executor == CONTRACT_BUILTIN) {
		job_name_function(j);
		return;
	}
	j->artifact = task_artifact_cached(j->driver, c->function);
	if (j->artifact == PORT_NO_HANDLE) {
		task_artifact_name(c->function, j->driver->host.executor_hash[CONTRACT_WASM], name);
		job_load(j, JOB_CALL_ARTIFACT, REE_ARTIFACT, name);
	} else {
		job_load_artifact(j);
	}
}

static void job_load_input(struct job *j, uint32_t i)
{
	const uint8_t *tag = j->contract->contract.input[i].tag;
	struct task_output o;

	if (!task_output_find(j->driver->state, tag, &o)) {
		job_load(j, JOB_CALL_FIRST + i, REE_DATA, tag);
	} else if (o.keys->data_index) {
		job_load_small(j, JOB_CALL_FIRST + i, &(struct task_output_place){ o.keys->data_index, o.output });
	} else {
		job_load(j, JOB_CALL_FIRST + i, REE_OUTPUT, tag);
	}
}

/* Some input is a dataset, whose key came with an approval. */
static bool job_keys_wanted(const struct job *j)
{
	const struct contract *c = &j->contract->contract;
	struct task_output o;

	for (size_t i = 0; i < c->input_count; i++) {
		if (!task_output_find(j->driver->state, c->input[i].tag, &o)) {
			return true;
		}
	}
	return false;
}

static void job_load_all(struct job *j)
{
	const struct contract *c = &j->contract->contract;
	uint8_t name[32];

	if (job_keys_wanted(j) && !task_keys_find(j->driver, c->hash)) {
		task_keys_name(c->hash, name);
		job_load(j, JOB_CALL_KEYS, REE_ARTIFACT, name);
	}
	job_load_function(j);
	for (uint32_t i = 0; i < c->input_count; i++) {
		job_load_input(j, i);
	}
}

/* ---- the order of things ---- */

/* The present step is complete (or has failed): begin the next. */
void job_advance(struct job *j)
{
	if (j->failed || j->cancelled) {
		job_end(j);
		return;
	}
	switch (j->step) {
	case JOB_LOADING:
		mt_assert(j->committed);        /* no worker gets a key before */
		job_step(j, JOB_OPENING);
		job_open_inputs(j);
		break;
	case JOB_OPENING:
		job_step(j, JOB_RUNNING);
		job_run_function(j);
		break;
	case JOB_RUNNING:
		job_step(j, JOB_SEALING);
		j->run_dying = true;
		j->waiting++;
		job_port(j)->kill(job_port(j)->self, j->run_peer);
		job_seal_outputs(j);
		break;
	default:
		job_end(j);
		return;
	}
	if (j->failed) {
		job_end(j);
	}
}

/* ---- events ---- */

/* It is being killed, or it has ended by itself before: the kernel's count, which the worker cannot lower. Its death is not waited for. */
static void job_run_used(struct job *j, const struct port_event *event)
{
	j->run_peer = 0;
	j->run_dying = false;
	if (event->cpu_us > j->receipt.cpu_us) {
		j->receipt.cpu_us = event->cpu_us;
	}
	job_call_done(j);
}

static void job_run_gone(struct job *j, const struct port_event *event)
{
	char text[RECEIPT_CAUSE_MAX];

	j->run_peer = 0;
	if (event->deadline) {
		snprintf(text, sizeof(text), "the function ran longer than its %" PRIu64 " ms", j->contract->contract.wall_ms);
		job_fail(j, text);
	} else {
		job_fail(j, "the run worker died");
	}
	job_end(j);
}

bool job_event(struct job *j, const struct port_event *event)
{
	bool run = j->run_peer && event->peer == j->run_peer, seal = j->seal_peer && event->peer == j->seal_peer;

	if (j->step == JOB_FREE || (!run && !seal)) {
		return false;
	}
	if (event->kind == PORT_USED || (run && j->run_dying && event->kind == PORT_GONE)) {
		if (run && j->run_dying) {
			job_run_used(j, event);
		}
		return true;
	}
	if (event->kind == PORT_GONE) {
		if (run) {
			job_run_gone(j, event);
		} else {
			j->seal_peer = 0;
			job_fail(j, "the seal worker died");
			job_end(j);
		}
		return true;
	}
	if (seal && j->step == JOB_OPENING) {
		job_opened(j, event);
	} else if (run && j->step == JOB_RUNNING) {
		job_ran(j, event);
	} else if (seal && j->step == JOB_RUNNING && j->streams) {
		job_broken(j, event);
	} else if (seal && j->step == JOB_SEALING) {
		job_sealed(j, event);
	} else {
		job_close_handles(j, event);
		job_fail(j, "a worker spoke out of turn");
		job_end(j);
	}
	return true;
}

/* ---- beginning ---- */

static struct job *job_find(struct task_driver *d, const uint8_t hash[32])
{
	for (size_t i = 0; i < TASK_RUNNING_MAX; i++) {
		struct job *j = &d->job[i];
		if (j->step != JOB_FREE && !j->dropped && memcmp(j->contract->contract.hash, hash, 32) == 0) {
			return j;
		}
	}
	return NULL;
}

static void job_init(struct job *j, struct task_driver *d, struct task_contract *c, uint64_t run)
{
	*j = (struct job){ .driver = d, .contract = c, .run = run, .artifact = PORT_NO_HANDLE, .window = PORT_NO_HANDLE };
	for (size_t k = 0; k < CONTRACT_INPUTS_MAX; k++) {
		j->input[k] = PORT_NO_HANDLE;
		j->receipt.input_count = c->contract.input_count;
		if (k < c->contract.input_count) {
			memcpy(j->receipt.input_tag[k], c->contract.input[k].tag, 32);
		}
	}
	for (size_t k = 0; k < CONTRACT_OUTPUTS_MAX; k++) {
		j->output[k] = PORT_NO_HANDLE;
	}
	j->started_ms = d->host.now_ms(d->host.self);
	job_find_streams(j);
}

MUST enum mt_err task_run_prepare(struct task_driver *d, const uint8_t hash[32], uint64_t run)
{
	struct task_contract *c = task_find(d->state, hash);
	size_t i = 0;

	mt_assert(c && !job_find(d, hash));     /* core takes one request at a time on a contract, and a run was not allowed beside a run */
	while (i < TASK_RUNNING_MAX && d->job[i].step != JOB_FREE) {
		i++;
	}
	if (i == TASK_RUNNING_MAX) {
		return MT_LIMIT;
	}
	struct job *j = &d->job[i];
	job_init(j, d, c, run);
	job_step(j, JOB_LOADING);
	j->waiting = 1;                 /* for the entry: task_run_start() or task_run_drop() */
	return MT_OK;
}

void task_begin(struct task_driver *d)
{
	for (size_t i = 0; i < TASK_RUNNING_MAX; i++) {
		struct job *j = &d->job[i];
		if (j->step != JOB_LOADING || j->begun) {
			continue;
		}
		j->begun = true;
		job_spawn(j, PORT_SEAL, &j->seal_peer, TASK_SEAL_MS + j->check_ms);
		if (j->contract->contract.executor != CONTRACT_PYTHON) {        /* else the source says which */
			job_spawn_run(j, j->contract->contract.executor == CONTRACT_BUILTIN ? PORT_BUILTIN : PORT_RUN);
		}
		if (!j->failed) {
			job_load_all(j);
		}
	}
}

void task_run_start(struct task_driver *d, const uint8_t hash[32], uint64_t running_index)
{
	struct job *j = job_find(d, hash);

	mt_assert(j && j->step == JOB_LOADING && j->begun && !j->committed);
	j->committed = true;
	j->running_index = running_index;
	job_call_done(j);
}

void task_run_drop(struct task_driver *d, const uint8_t hash[32])
{
	struct job *j = job_find(d, hash);

	mt_assert(j && j->step == JOB_LOADING && !j->committed);
	j->dropped = true;              /* answers of the supplicant may still come; another run of the contract need not wait for them */
	job_release(j);
	job_call_done(j);
}
