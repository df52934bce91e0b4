/* The queue before the store; calls that need none. */
#include "tee/keeper/keeper_private.h"

#include <string.h>

#include "api/tee_api_defines.h"
#include "tee/time/time.h"

enum mt_err keeper_open(struct store *store, struct keeper **out)
{
	*out = mt_alloc(sizeof(**out));
	if (!*out) {
		return MT_NO_MEMORY;
	}
	(*out)->store = store;
	return MT_OK;
}

void keeper_close(struct keeper *k)
{
	if (k) {
		mt_wipe(k, sizeof(*k));
		mt_free(k);
	}
}

bool keeper_has(enum ta_call number)
{
	bool own = number == TA_CALL_GET_PROPERTY || number == TA_CALL_PROPERTY_INDEX || number == TA_CALL_GET_TIME || number == TA_CALL_SET_TIME;
	bool object = number == TA_CALL_OBJECT_INFO || number == TA_CALL_OBJECT_RESTRICT || number == TA_CALL_OBJECT_CLOSE;

	return own || object || (number >= TA_CALL_STORAGE_OPEN && number <= TA_CALL_STORAGE_SEEK);
}

/* Row: from, bits: to. A call that needs no store is done at once; one whose instance is gone is free. */
static const uint32_t job_moves[JOB_STATES] = {
	[JOB_FREE] = MT_BIT(JOB_QUEUED) | MT_BIT(JOB_DONE),
	[JOB_QUEUED] = MT_BIT(JOB_RUNNING) | MT_BIT(JOB_FREE),
	[JOB_RUNNING] = MT_BIT(JOB_DONE) | MT_BIT(JOB_FREE),
	[JOB_DONE] = MT_BIT(JOB_FREE),
};

static void job_move(struct job *job, enum job_state to)
{
	mt_assert(job->state < JOB_STATES);
	mt_assert(job_moves[job->state] & MT_BIT(to));
	job->state = to;
}

static struct guest *guest_of(struct keeper *k, uint32_t instance)
{
	for (size_t i = 0; i < KEEPER_INSTANCES_MAX; i++) {
		if (k->guest[i].instance == instance && !k->guest[i].gone) {
			return &k->guest[i];
		}
	}
	return NULL;
}

static struct job *job_first(struct keeper *k, enum job_state state, bool call)
{
	struct job *first = NULL;

	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *job = &k->job[i];
		if (job->state == state && (job->kind == JOB_CALL) == call && (!first || job->order < first->order)) {
			first = job;
		}
	}
	return first;
}

static struct job *job_new(struct keeper *k, enum job_kind kind)
{
	size_t records = 0;
	struct job *room = NULL;

	for (size_t i = 0; i < JOBS_MAX; i++) {
		records += k->job[i].state != JOB_FREE && k->job[i].kind != JOB_CALL;
		room = k->job[i].state == JOB_FREE ? &k->job[i] : room;
	}
	if (!room || (kind != JOB_CALL && records >= KEEPER_RECORDS_MAX)) {
		return NULL;
	}
	*room = (struct job){ .kind = kind, .order = ++k->order_last };
	return room;
}

/* ---- without the store ---- */

static uint32_t property_call(struct call *c, const struct property_values *values)
{
	struct property p;

	if (c->number == TA_CALL_PROPERTY_INDEX) {
		/* The name may end with its zero. */
		struct bytes name = c->in[0];
		name.size -= name.size > 0 && name.at[name.size - 1] == 0;
		return call_result(c->number, property_find(c->value[0], name, &c->word[0]));
	}
	enum mt_err err = property_get(c->value[0], c->value[1], values, &p);
	if (err) {
		return call_result(c->number, err);
	}
	const struct bytes gives[] = { mt_bytes(p.name, strlen(p.name) + 1), mt_bytes(p.value, p.size) };
	bool fits = true;
	for (size_t i = 0; i < MT_COUNT(gives); i++) {
		c->out[i].size = gives[i].size;
		fits = fits && (c->out[i].absent || gives[i].size <= c->out[i].capacity);
	}
	for (size_t i = 0; fits && i < MT_COUNT(gives); i++) {
		if (!c->out[i].absent && gives[i].size) {
			memcpy(c->out[i].at, gives[i].at, gives[i].size);
		}
	}
	c->word[0] = p.type;
	return fits ? TEE_SUCCESS : TEE_ERROR_SHORT_BUFFER;
}

static uint32_t clock_call(struct call *c, uint64_t ms)
{
	if (ms / 1000 > UINT32_MAX) {
		return TEE_ERROR_OVERFLOW;
	}
	c->time = (struct ta_time){ (uint32_t)(ms / 1000), (uint32_t)(ms % 1000) };
	return TEE_SUCCESS;
}

/* A call that is done at once; false: it wants the store. */
static bool at_once(struct call *c, const struct property_values *values, struct keeper_clock clock, uint32_t *result)
{
	if (c->number == TA_CALL_GET_PROPERTY || c->number == TA_CALL_PROPERTY_INDEX) {
		*result = property_call(c, values);
		return true;
	}
	if (c->number == TA_CALL_GET_TIME && c->value[0] != TA_CLOCK_PERSISTENT) {
		bool known = c->value[0] == TA_CLOCK_SYSTEM || c->value[0] == TA_CLOCK_REE;
		*result = known ? clock_call(c, c->value[0] == TA_CLOCK_REE ? clock.machine_ms : clock.system_ms) : TEE_ERROR_BAD_PARAMETERS;
		return true;
	}
	return false;
}

/* ---- records ---- */

static struct storage_name record_name(const struct job *job)
{
	struct storage_name name = { .storage = job->storage };

	memcpy(name.owner, job->uuid, sizeof(name.owner));
	return name;
}

static enum mt_err record_begin(struct keeper *k, struct job *job)
{
	struct storage_name name = record_name(job);
	const struct storage_info info = { .type = 0 };

	if (job->kind == JOB_WRITE || job->number == TA_CALL_SET_TIME) {
		return storage_object_create(k->store, &name, STORAGE_OVERWRITE, &info, mt_bytes(job->record, job->record_size), NULL);
	}
	return storage_object_open(k->store, &name, STORAGE_ACCESS_READ, &k->handle);
}

/* True: the next request of a record that is read has begun, and *err is its. */
static bool record_goes_on(struct keeper *k, struct job *job, enum mt_err *err)
{
	bool reads = job->kind == JOB_READ || (job->kind == JOB_CALL && job->number == TA_CALL_GET_TIME);

	if (!reads) {
		return false;
	}
	if (job->step == STEP_FIRST && !*err) {
		job->step = STEP_READ;
		*err = storage_data_read(k->store, k->handle, k->data, KEEPER_RECORD_SIZE_MAX, &k->got);
		return true;
	}
	if (job->step == STEP_READ) {
		storage_object_close(k->store, k->handle);
		job->record_size = *err ? 0 : k->got;
		memcpy(job->record, k->data, job->record_size);
	}
	return false;
}

/* ---- one after the other ---- */

static bool is_time(const struct job *job)
{
	return job->kind == JOB_CALL && (job->number == TA_CALL_GET_TIME || job->number == TA_CALL_SET_TIME);
}

static enum mt_err time_begin(struct keeper *k, struct job *job)
{
	const struct ta_time t = job->call->time;

	memcpy(job->uuid, job->guest->uuid, sizeof(job->uuid));
	job->storage = RECORD_STORAGE | KEEPER_TIME;
	if (job->number == TA_CALL_SET_TIME) {
		enum mt_err err = time_record((struct time_value){ t.seconds, t.milliseconds }, job->machine_ms, job->record);
		if (err) {
			return err;
		}
		job->record_size = TIME_RECORD_SIZE;
	}
	return record_begin(k, job);
}

static uint32_t time_result(struct job *job, enum mt_err err)
{
	struct time_value now = { 0, 0 };

	if (job->number == TA_CALL_SET_TIME) {
		return err == MT_LIMIT ? TEE_ERROR_STORAGE_NO_SPACE : call_result(TA_CALL_STORAGE_CREATE, err);
	}
	if (err == MT_TAMPERED) {
		return TEE_ERROR_TIME_NEEDS_RESET;
	}
	if (err && err != MT_NOT_FOUND) {
		return call_result(TA_CALL_STORAGE_OPEN, err);
	}
	err = time_now(mt_bytes(job->record, job->record_size), job->machine_ms, &now);
	job->call->time = (struct ta_time){ now.seconds, now.milliseconds };
	switch (err) {
	case MT_OK:
		return TEE_SUCCESS;
	case MT_NOT_FOUND:
		return TEE_ERROR_TIME_NOT_SET;
	case MT_LIMIT:
		return TEE_ERROR_OVERFLOW;
	default:
		return TEE_ERROR_TIME_NEEDS_RESET;
	}
}

static enum mt_err job_begin(struct keeper *k, struct job *job)
{
	k->handle = 0;
	k->got = 0;
	if (job->kind != JOB_CALL) {
		return record_begin(k, job);
	}
	return is_time(job) ? time_begin(k, job) : object_begin(k, job);
}

static void job_done(struct keeper *k, struct job *job, enum mt_err err)
{
	if (job->kind != JOB_CALL) {
		job->how = err;
	} else if (is_time(job)) {
		job->result = job->call ? time_result(job, err) : 0;
	} else {
		err = object_end(k, job, err);
		job->result = call_result(job->number, err);
	}
	job_move(job, job->kind == JOB_CALL && !job->call ? JOB_FREE : JOB_DONE);
}

/* The store is idle: what instances that are gone have left is closed. */
static void sweep(struct keeper *k)
{
	for (size_t i = 0; i < KEEPER_INSTANCES_MAX; i++) {
		struct guest *g = &k->guest[i];
		if (!g->gone) {
			continue;
		}
		for (size_t n = 0; n < KEEPER_OBJECTS_MAX; n++) {
			storage_object_close(k->store, g->opened[n].handle);
		}
		*g = (struct guest){ 0 };
	}
}

/* The running job goes on until it waits for the medium or is done. */
static void run(struct keeper *k, enum mt_err err)
{
	struct job *job = k->running;

	for (;;) {
		if (!err && storage_want(k->store)) {
			return;
		}
		if (!record_goes_on(k, job, &err)) {
			break;
		}
	}
	k->running = NULL;
	job_done(k, job, err);
	sweep(k);
}

static struct job *job_next(struct keeper *k)
{
	struct job *call = job_first(k, JOB_QUEUED, true), *record = job_first(k, JOB_QUEUED, false);

	return call && (!record || call->order < record->order) ? call : record;
}

/* Jobs until one is done, so that what it has brought stays until it is fetched, or until one waits. */
static void pump(struct keeper *k)
{
	struct job *job;

	while (!k->running && !job_first(k, JOB_DONE, true) && !job_first(k, JOB_DONE, false) && (job = job_next(k)) != NULL) {
		k->running = job;
		job_move(job, JOB_RUNNING);
		run(k, job_begin(k, job));
	}
}

const struct storage_want *keeper_want(const struct keeper *k)
{
	return k->running ? storage_want(k->store) : NULL;
}

void keeper_go_on(struct keeper *k, enum mt_err how)
{
	mt_assert(k->running);
	run(k, storage_go_on(k->store, how));
}

/* ---- calls ---- */

enum mt_err keeper_call(struct keeper *k, uint32_t instance, const struct property_values *values, struct keeper_clock clock, struct call *call)
{
	mt_assert(instance);
	if (!keeper_has(call->number)) {
		return MT_NOT_FOUND;
	}
	struct guest *g = guest_of(k, instance);
	for (size_t i = 0; g && i < JOBS_MAX; i++) {
		if (k->job[i].state != JOB_FREE && k->job[i].guest == g) {
			return MT_STATE;
		}
	}
	struct guest *room = g ? g : guest_of(k, 0);
	struct job *job = room ? job_new(k, JOB_CALL) : NULL;
	if (!job) {
		return MT_LIMIT;
	}
	if (!g) {
		*room = (struct guest){ .instance = instance };
		memcpy(room->uuid, values->ta_uuid, sizeof(room->uuid));
	}
	job->guest = room;
	job->call = call;
	job->number = call->number;
	job->handle = call->value[0];
	job->machine_ms = clock.machine_ms;
	job_move(job, at_once(call, values, clock, &job->result) ? JOB_DONE : JOB_QUEUED);
	return MT_OK;
}

bool keeper_answer(struct keeper *k, uint32_t *instance, struct call **call, uint32_t *result)
{
	struct job *job = job_first(k, JOB_DONE, true);

	if (!job) {
		mt_wipe(k->key, k->key_size);   /* of the answer before: that is over */
		k->key_size = 0;
		pump(k);
		job = job_first(k, JOB_DONE, true);
	}
	if (!job) {
		return false;
	}
	*instance = job->guest->instance;
	*call = job->call;
	*result = job->result;
	job_move(job, JOB_FREE);
	return true;
}

void keeper_gone(struct keeper *k, uint32_t instance)
{
	struct guest *g = instance ? guest_of(k, instance) : NULL;

	if (!g) {
		return;
	}
	g->gone = true;
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *job = &k->job[i];
		if (job->state == JOB_FREE || job->guest != g) {
			continue;
		}
		job->call = NULL;
		if (job->state != JOB_RUNNING) {
			job_move(job, JOB_FREE);
		}
	}
	if (!k->running) {
		sweep(k);
	}
}

/* ---- records ---- */

static enum mt_err record_job(struct keeper *k, enum job_kind job_kind, enum keeper_record kind, const uint8_t uuid[16], struct bytes record,
			      uint32_t ticket)
{
	struct job *job = record.size <= KEEPER_RECORD_SIZE_MAX ? job_new(k, job_kind) : NULL;

	if (!job) {
		return MT_LIMIT;
	}
	memcpy(job->uuid, uuid, sizeof(job->uuid));
	job->storage = RECORD_STORAGE | (uint32_t)kind;
	job->ticket = ticket;
	if (record.size) {
		memcpy(job->record, record.at, record.size);
	}
	job->record_size = record.size;
	job_move(job, JOB_QUEUED);
	return MT_OK;
}

enum mt_err keeper_read(struct keeper *k, enum keeper_record kind, const uint8_t uuid[16], uint32_t ticket)
{
	return record_job(k, JOB_READ, kind, uuid, mt_bytes(NULL, 0), ticket);
}

enum mt_err keeper_write(struct keeper *k, enum keeper_record kind, const uint8_t uuid[16], struct bytes record, uint32_t ticket)
{
	return record_job(k, JOB_WRITE, kind, uuid, record, ticket);
}

bool keeper_recorded(struct keeper *k, uint32_t *ticket, enum mt_err *how, struct bytes *record)
{
	struct job *job = job_first(k, JOB_DONE, false);

	if (!job) {
		pump(k);
		job = job_first(k, JOB_DONE, false);
	}
	if (!job) {
		return false;
	}
	*ticket = job->ticket;
	*how = job->how;
	memcpy(k->data, job->record, job->record_size);
	*record = mt_bytes(k->data, job->kind == JOB_READ ? job->record_size : 0);
	job_move(job, JOB_FREE);
	return true;
}
