/* Entries on their way to the disk: one write and one sync for all that came in meanwhile. */
#include "service/core/core_private.h"

#include <string.h>

MUST enum mt_err core_stage(void *self, const struct entry *entries, size_t count, task_staged *done, void *context)
{
	struct core *c = self;
	uint64_t index = 0;

	if (c->staged_count == CORE_STAGED_MAX) {
		return MT_LIMIT;
	}
	for (size_t i = 0; i < count; i++) {
		enum mt_err err = ledger_stage(c->ledger, &entries[i], &index);
		if (err) {
			return err;
		}
	}
	c->staged[c->staged_count++] = (struct staged){ index, done, context };
	return MT_OK;
}

/* Tell everybody whose entries are on disk; or, after a failed write, everybody: the whole of what was staged is dropped. */
static void batch_tell(struct core *c, enum mt_err how)
{
	struct staged told[CORE_STAGED_MAX];
	uint64_t size = ledger_size(c->ledger);
	size_t count = 0, left = 0;

	for (size_t i = 0; i < c->staged_count; i++) {
		if (how || c->staged[i].index < size) {
			told[count++] = c->staged[i];
		} else {
			c->staged[left++] = c->staged[i];
		}
	}
	c->staged_count = left;
	for (size_t i = 0; i < count; i++) {
		told[i].done(told[i].context, how, told[i].index);
	}
}

static void batch_written(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct core *c = context;

	(void)answer;
	c->port->memory_close(c->port->self, handle);
	c->batch_in_flight = false;
	enum mt_err how = ledger_written(c->ledger, err);
	if (!err && how) {
		core_fail(c, "the ledger could not take what is already on disk (%s): restart the node", mt_err_name(how));
		return;
	}
	batch_tell(c, how);
	if (!how) {
		task_stage_again(c->driver);
		core_waiters(c);
	}
	core_redispatch(c);
}

void core_flush(struct core *c)
{
	struct log_write w;

	if (c->batch_in_flight || ledger_batch(c->ledger, &w)) {
		return;
	}
	c->batch_in_flight = true;
	enum mt_err err = ree_log_write(c->ree, w.extend_to, w.offset, w.bytes, batch_written, c);
	if (err) {
		batch_written(c, err, mt_bytes(NULL, 0), PORT_NO_HANDLE);
		return;
	}
	task_begin(c->driver);          /* while the disk is at work */
	ledger_sign_ahead(c->ledger);
}

static void expire_staged(void *context, enum mt_err err, uint64_t index)
{
	struct core *c = context;

	(void)index;
	c->expiry_in_flight = false;
	if (!err) {
		task_keys_forget(c->driver, c->expiring);
	}
}

void core_expire(void *self, const uint8_t hash[32])
{
	struct core *c = self;
	struct entry e = { .kind = ENTRY_EXPIRED, .time_ms = c->now_ms, .body = mt_bytes(hash, 32) };

	if (c->expiry_in_flight || core_busy(c, hash)) {
		return;         /* the next tick asks again */
	}
	if (core_stage(c, &e, 1, expire_staged, c) == MT_OK) {
		c->expiry_in_flight = true;
		memcpy(c->expiring, hash, 32);
	}
}
