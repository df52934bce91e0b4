#include "service/task/driver.h"

#include <stdio.h>
#include <string.h>

MUST enum mt_err task_driver_open(struct task_state *t, const struct task_host *host, struct task_driver **out)
{
	struct task_driver *d = mt_alloc(sizeof(*d));

	if (!d) {
		return MT_NO_MEMORY;
	}
	d->state = t;
	d->host = *host;
	for (size_t i = 0; i < TASK_ARTIFACTS_CACHED; i++) {
		d->artifact[i].handle = PORT_NO_HANDLE;
	}
	*out = d;
	return MT_OK;
}

void task_driver_close(struct task_driver *d)
{
	if (!d) {
		return;
	}
	for (size_t i = 0; i < d->key_count; i++) {
		mt_wipe(d->keys[i], sizeof(*d->keys[i]));
		mt_free(d->keys[i]);
	}
	for (size_t i = 0; i < TASK_ARTIFACTS_CACHED; i++) {
		d->host.port->memory_close(d->host.port->self, d->artifact[i].handle);
	}
	for (size_t i = 0; i < TASK_RUNNING_MAX; i++) {
		job_forget_small(&d->job[i]);
	}
	mt_free(d->keys);
	mt_wipe(d, sizeof(*d));
	mt_free(d);
}

bool task_event(struct task_driver *d, const struct port_event *event)
{
	for (size_t i = 0; i < TASK_RUNNING_MAX; i++) {
		if (job_event(&d->job[i], event)) {
			return true;
		}
	}
	return task_compile_event(d, event);
}

void task_run_cancel(struct task_driver *d, const uint8_t hash[32], const char *cause)
{
	for (size_t i = 0; i < TASK_RUNNING_MAX; i++) {
		struct job *j = &d->job[i];
		if (j->step == JOB_FREE || j->step == JOB_ENDING || memcmp(j->contract->contract.hash, hash, 32) != 0) {
			continue;
		}
		if (!j->failed) {
			snprintf(j->cause, sizeof(j->cause), "%s", cause);
		}
		j->cancelled = true;
		job_end(j);
	}
}

size_t task_running(const struct task_driver *d)
{
	size_t count = 0;

	for (size_t i = 0; i < TASK_RUNNING_MAX; i++) {
		count += d->job[i].step != JOB_FREE;
	}
	return count;
}

void task_stage_again(struct task_driver *d)
{
	for (size_t i = 0; i < TASK_RUNNING_MAX; i++) {
		if (d->job[i].step == JOB_ENDING && d->job[i].stage_again) {
			job_stage_receipt(&d->job[i]);
		}
	}
}

void task_tick(struct task_driver *d)
{
	uint64_t now_ms = d->host.now_ms(d->host.self);

	task_stage_again(d);
	for (size_t i = 0; i < d->state->contract_count; i++) {
		const struct task_contract *c = d->state->contract[i];
		if ((c->state == TASK_CREATED || c->state == TASK_APPROVED) && c->contract.expiry * 1000 <= now_ms) {
			d->host.expire(d->host.self, c->contract.hash);
		}
	}
}
