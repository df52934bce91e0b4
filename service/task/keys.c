/* Dataset keys: in memory while a contract lives, sealed beside the log for the next life of core. */
#include "service/task/driver.h"

#include <string.h>

#define KEYS_PURPOSE "dataset-keys"
#define KEYS_PLAIN_SIZE (4 + CONTRACT_INPUTS_MAX * CRYPTO_KEY_SIZE)

void task_keys_name(const uint8_t contract_hash[32], uint8_t out[32])
{
	struct bytes part = mt_bytes(contract_hash, 32);

	crypto_label_sha256("mesatee-keys-blob-1", &part, 1, out);
}

struct key_set *task_keys_find(const struct task_driver *d, const uint8_t hash[32])
{
	for (size_t i = 0; i < d->key_count; i++) {
		if (memcmp(d->keys[i]->hash, hash, 32) == 0) {
			return d->keys[i];
		}
	}
	return NULL;
}

static struct key_set *keys_add(struct task_driver *d, const uint8_t hash[32])
{
	if (mt_room((void **)&d->keys, &d->key_capacity, d->key_count, sizeof(d->keys[0]))) {
		return NULL;
	}
	struct key_set *k = mt_alloc(sizeof(*k));
	if (k) {
		memcpy(k->hash, hash, 32);
		d->keys[d->key_count++] = k;
	}
	return k;
}

MUST enum mt_err task_keys_load(struct task_driver *d, const uint8_t hash[32], struct bytes blob)
{
	uint8_t plain[KEYS_PLAIN_SIZE];

	if (blob.size != KEYS_PLAIN_SIZE + SEAL_OVERHEAD) {
		return MT_TAMPERED;
	}
	enum mt_err err = seal_unwrap(d->host.root, KEYS_PURPOSE, mt_bytes(hash, 32), blob, plain);
	struct key_set *k = err ? NULL : task_keys_find(d, hash);
	if (!err && !k) {
		k = keys_add(d, hash);
		err = k ? MT_OK : MT_NO_MEMORY;
	}
	if (!err) {
		struct cursor c = cursor_over(mt_bytes(plain, sizeof(plain)));
		k->have = cursor_u32(&c);
		for (size_t i = 0; i < CONTRACT_INPUTS_MAX; i++) {
			cursor_copy(&c, k->key[i].at, CRYPTO_KEY_SIZE);
		}
	}
	mt_wipe(plain, sizeof(plain));
	return err;
}

/* ---- keeping ---- */

struct keep {
	struct task_driver *driver;
	struct key_set *set;            /* what will count when the blob is on disk */
	uint32_t drop;                  /* inputs whose older keys are not taken over */
	task_staged *done;
	void *context;
};

static void keep_free(struct keep *k)
{
	if (k) {
		mt_wipe(k->set, sizeof(*k->set));
		mt_free(k->set);
		mt_free(k);
	}
}

static void keep_done(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct keep *k = context;
	struct task_driver *d = k->driver;

	(void)answer;
	d->host.port->memory_close(d->host.port->self, handle);
	if (!err) {
		struct key_set *kept = task_keys_find(d, k->set->hash);
		if (!kept) {
			kept = keys_add(d, k->set->hash);
		}
		if (kept) {
			*kept = *k->set;
		} else {
			err = MT_NO_MEMORY;
		}
	}
	k->done(k->context, err, 0);
	keep_free(k);
}

static enum mt_err keep_wrap(struct task_driver *d, const struct key_set *set, port_handle *out)
{
	uint8_t plain[KEYS_PLAIN_SIZE], blob[KEYS_PLAIN_SIZE + SEAL_OVERHEAD];
	struct builder b = builder_over(plain, sizeof(plain));

	builder_u32(&b, set->have);
	for (size_t i = 0; i < CONTRACT_INPUTS_MAX; i++) {
		builder_bytes(&b, secret_bytes(&set->key[i]));
	}
	enum mt_err err = seal_wrap(d->host.root, KEYS_PURPOSE, mt_bytes(set->hash, 32), mt_bytes(plain, sizeof(plain)), blob);
	mt_wipe(plain, sizeof(plain));
	return err ? err : d->host.port->memory_make(d->host.port->self, mt_bytes(blob, sizeof(blob)), out);
}

/* The keys so far and the new ones, as one set, on their way to the disk. */
static enum mt_err keep_write(struct keep *k)
{
	struct task_driver *d = k->driver;
	const struct key_set *old = task_keys_find(d, k->set->hash);
	port_handle handle = PORT_NO_HANDLE;
	uint8_t name[32];

	for (size_t i = 0; old && i < CONTRACT_INPUTS_MAX; i++) {
		if ((old->have & MT_BIT(i)) && !((k->set->have | k->drop) & MT_BIT(i))) {
			k->set->key[i] = old->key[i];
			k->set->have |= MT_BIT(i);
		}
	}
	enum mt_err err = keep_wrap(d, k->set, &handle);
	if (err) {
		return err;
	}
	task_keys_name(k->set->hash, name);
	return ree_blob_put(d->host.ree, REE_ARTIFACT, name, handle, keep_done, k);
}

/* After a restart the keys of earlier approvals lie only in the blob. */
static void keep_loaded(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct keep *k = context;
	const struct port *port = k->driver->host.port;
	struct bytes blob = { 0 };

	(void)answer;
	if (!err) {
		err = handle == PORT_NO_HANDLE ? MT_MALFORMED : port->memory_map(port->self, handle, &blob);
	}
	if (!err) {
		err = task_keys_load(k->driver, k->set->hash, blob);
		port->memory_unmap(port->self, blob);
	}
	port->memory_close(port->self, handle);
	if (!err || err == MT_NOT_FOUND) {      /* not found: those who approved before brought no key */
		err = keep_write(k);
	}
	if (err) {
		k->done(k->context, err, 0);
		keep_free(k);
	}
}

static struct keep *keep_alloc(struct task_driver *d, const uint8_t hash[32], task_staged *done, void *context)
{
	struct keep *k = mt_alloc(sizeof(*k));
	struct key_set *set = mt_alloc(sizeof(*set));

	if (!k || !set) {
		mt_free(k);
		mt_free(set);
		return NULL;
	}
	*k = (struct keep){ .driver = d, .set = set, .done = done, .context = context };
	memcpy(set->hash, hash, 32);
	return k;
}

/* Takes k. */
static enum mt_err keep_begin(struct keep *k, bool load)
{
	uint8_t name[32];
	enum mt_err err;

	if (load && !task_keys_find(k->driver, k->set->hash)) {
		task_keys_name(k->set->hash, name);
		err = ree_blob_get(k->driver->host.ree, REE_ARTIFACT, name, keep_loaded, k);
	} else {
		err = keep_write(k);
	}
	if (err) {
		keep_free(k);
	}
	return err;
}

MUST enum mt_err task_keys_keep(struct task_driver *d, const uint8_t hash[32], uint32_t inputs, const struct secret *keys,
				task_staged *done, void *context)
{
	const struct task_contract *c = task_find(d->state, hash);
	struct keep *k = c ? keep_alloc(d, hash, done, context) : NULL;

	if (!k) {
		return c ? MT_NO_MEMORY : MT_NOT_FOUND;
	}
	k->set->have = inputs;
	for (size_t i = 0; i < CONTRACT_INPUTS_MAX; i++) {
		if (inputs & MT_BIT(i)) {
			k->set->key[i] = keys[i];
		}
	}
	return keep_begin(k, c->approved != 0);
}

static void withdraw_done(void *context, enum mt_err err, uint64_t index)
{
	(void)context;
	(void)err;      /* the approval is taken back already: without it these keys are not used, wherever they lie */
	(void)index;
}

void task_keys_withdraw(struct task_driver *d, const uint8_t hash[32], uint32_t inputs)
{
	struct key_set *set = task_keys_find(d, hash);
	struct keep *k = keep_alloc(d, hash, withdraw_done, NULL);

	for (size_t i = 0; set && i < CONTRACT_INPUTS_MAX; i++) {
		if (inputs & MT_BIT(i)) {
			mt_wipe(&set->key[i], sizeof(set->key[i]));
			set->have &= ~MT_BIT(i);
		}
	}
	if (k) {
		k->drop = inputs;
		if (keep_begin(k, true)) {
			return;         /* see withdraw_done */
		}
	}
}

static void forget_done(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct task_driver *d = context;

	(void)err;      /* a supplicant that keeps the blob keeps what only core can open, and core will not ask for it again */
	(void)answer;
	d->host.port->memory_close(d->host.port->self, handle);
}

void task_keys_forget(struct task_driver *d, const uint8_t hash[32])
{
	uint8_t name[32];

	for (size_t i = 0; i < d->key_count; i++) {
		if (memcmp(d->keys[i]->hash, hash, 32) == 0) {
			mt_wipe(d->keys[i], sizeof(*d->keys[i]));
			mt_free(d->keys[i]);
			d->keys[i] = d->keys[--d->key_count];
			break;
		}
	}
	task_keys_name(hash, name);
	if (ree_blob_drop(d->host.ree, REE_ARTIFACT, name, forget_done, d)) {
		return;         /* the supplicant is gone; see forget_done */
	}
}
