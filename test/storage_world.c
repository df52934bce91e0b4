#include "test/storage_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct secret key = { "key of a store in tests" };
static const uint8_t owner[STORAGE_OWNER_SIZE] = "an application";
#define STORAGE 1
#define ALL (STORAGE_ACCESS_READ | STORAGE_ACCESS_WRITE | STORAGE_ACCESS_META)

void world_open(struct storage_world *w, uint64_t seed, enum storage_anchor anchor)
{
	*w = (struct storage_world){ .disk = sim_disk_open(seed), .anchor = anchor, .random = sim_random_seed(seed),
				     .model = calloc(1, sizeof(*w->model)), .after = calloc(1, sizeof(*w->after)) };
	mt_assert(w->model && w->after);
	w->file[0] = sim_disk_file(w->disk, "store.0");
	w->file[1] = sim_disk_file(w->disk, "store.1");
	sim_crypto_seed(seed);
}

void world_close(struct storage_world *w)
{
	storage_close(w->store);
	sim_disk_close(w->disk);
	free(w->model);
	free(w->after);
	sim_crypto_off();
	*w = (struct storage_world){ 0 };
}

static void want_read(const struct storage_world *w, const struct storage_want *want)
{
	struct bytes all = sim_disk_read(w->disk, w->file[want->file]);
	size_t there = want->offset < all.size ? all.size - (size_t)want->offset : 0, size = want->size < there ? want->size : there;

	memset(want->at, 0, want->size);
	if (size) {
		memcpy(want->at, all.at + want->offset, size);
	}
}

enum mt_err world_carry(struct storage_world *w, const struct storage_want *want)
{
	unsigned file = w->file[want->file];
	enum mt_err err = sim_disk_is_off(w->disk) ? MT_IO : MT_OK;

	w->wants++;
	switch (err ? 0 : want->work) {
	case STORAGE_READ:
		want_read(w, want);
		break;
	case STORAGE_WRITE:
	case STORAGE_APPEND:
		err = sim_disk_write(w->disk, file, (size_t)want->offset, mt_bytes(want->at, want->size));
		if (!err && want->work == STORAGE_APPEND) {
			err = sim_disk_sync(w->disk, file);
		}
		break;
	case STORAGE_SIZE:
		*want->size_out = sim_disk_size(w->disk, file);
		break;
	case STORAGE_CLEAR:
		err = sim_disk_clear(w->disk, file);
		break;
	case STORAGE_ANCHOR_READ:
		*want->size_out = w->counter;
		break;
	case STORAGE_ANCHOR_RAISE:
		mt_assert(want->offset == w->counter || want->offset == w->counter + 1);
		w->counter = want->offset;
		break;
	default:
		break;
	}
	return err;
}

enum mt_err world_drive(struct storage_world *w, enum mt_err err)
{
	const struct storage_want *want;

	while (!err && (want = storage_want(w->store)) != NULL) {
		err = storage_go_on(w->store, world_carry(w, want));
	}
	return err;
}

enum mt_err world_restart(struct storage_world *w)
{
	storage_close(w->store);
	enum mt_err err = storage_open(&key, w->anchor, &w->store);

	return w->store ? world_drive(w, err) : err;
}

struct storage_name world_name(size_t place)
{
	static char id[MODEL_OBJECTS][STORAGE_NAME_MAX];
	struct storage_name name = { .storage = STORAGE };
	int size = snprintf(id[place], sizeof(id[place]), "%.*s%zu", (int)(place * 9), "a longer name, for those behind the first, and more of it", place);

	memcpy(name.owner, owner, sizeof(owner));
	name.id = mt_bytes(id[place], place ? (size_t)size : 0);
	return name;
}

/* ---- is it there ---- */

static bool object_fits(struct storage_world *w, size_t place, const struct model_object *want)
{
	static uint8_t piece[STORAGE_PIECE_MAX];
	struct storage_name name = world_name(place);
	struct storage_info info;
	storage_handle h = 0;
	uint32_t size, position;
	size_t done = 0, got = 1;
	enum mt_err err = world_drive(w, storage_object_open(w->store, &name, ALL, &h));

	if (err || !want->is) {
		storage_object_close(w->store, h);
		return err == MT_NOT_FOUND && !want->is;
	}
	bool fits = storage_object_info(w->store, h, &info, &size, &position) == MT_OK && size == want->size && position == 0 &&
		    info.type == want->type && mt_equal(info.attributes, mt_bytes(want->attributes, want->attributes_size));
	while (fits && got > 0) {
		fits = world_drive(w, storage_data_read(w->store, h, piece, 1 + sim_random_below(&w->random, sizeof(piece)), &got)) == MT_OK &&
		       got <= want->size - done && memcmp(piece, want->data + done, got) == 0;
		done += got;
	}
	storage_object_close(w->store, h);
	return fits && done == want->size;
}

bool world_fits(struct storage_world *w, const struct model *m)
{
	struct storage_walk walk = { 0 };
	struct storage_info info;
	uint8_t id[STORAGE_NAME_MAX];
	size_t id_size, is = 0, found = 0;
	uint32_t size;

	for (size_t i = 0; i < MODEL_OBJECTS; i++) {
		is += m->object[i].is;
		if (!object_fits(w, i, &m->object[i])) {
			return false;
		}
	}
	while (storage_walk(w->store, owner, STORAGE, &walk, id, &id_size, &info, &size) == MT_OK) {
		found++;
	}
	return found == is;
}

/* ---- steps ---- */

static uint8_t content[STORAGE_PIECE_MAX];

/* Mostly short, now and then as long as may be. */
static struct bytes content_some(struct storage_world *w)
{
	size_t size = sim_random_below(&w->random, sim_random_below(&w->random, 8) ? 600 : sizeof(content) + 1);

	sim_random_fill(&w->random, content, size);
	return mt_bytes(content, size);
}

static enum mt_err step_create(struct storage_world *w, size_t place, struct model_object *o)
{
	struct storage_name name = world_name(place);
	struct bytes data = content_some(w);
	storage_handle h = 0;
	struct storage_info info = { .type = (uint32_t)sim_random_u64(&w->random), .usage = UINT32_MAX };

	o->type = info.type;
	o->attributes_size = sim_random_below(&w->random, sizeof(o->attributes) + 1);
	sim_random_fill(&w->random, o->attributes, o->attributes_size);
	info.attributes = mt_bytes(o->attributes, o->attributes_size);
	o->is = true;
	o->size = data.size;
	memcpy(o->data, data.at, data.size);
	enum mt_err err = world_drive(w, storage_object_create(w->store, &name, ALL | STORAGE_OVERWRITE, &info, data, &h));

	storage_object_close(w->store, h);
	return err;
}

static enum mt_err step_write(struct storage_world *w, storage_handle h, struct model_object *o)
{
	struct bytes data = content_some(w);
	size_t at = sim_random_below(&w->random, o->size + 200);

	if (at + data.size > MODEL_DATA) {
		return MT_OK;
	}
	enum mt_err err = storage_data_seek(w->store, h, (int32_t)at, STORAGE_SET);
	if (!err) {
		err = world_drive(w, storage_data_write(w->store, h, data));
	}
	if (data.size) {
		memset(o->data + o->size, 0, at > o->size ? at - o->size : 0);
		memcpy(o->data + at, data.at, data.size);
		o->size = at + data.size > o->size ? at + data.size : o->size;
	}
	return err;
}

static enum mt_err step_truncate(struct storage_world *w, storage_handle h, struct model_object *o)
{
	size_t size = sim_random_below(&w->random, o->size + o->size / 4 + 1000);

	size = size < MODEL_DATA ? size : MODEL_DATA;
	memset(o->data + o->size, 0, size > o->size ? size - o->size : 0);
	o->size = size;
	return world_drive(w, storage_data_truncate(w->store, h, (uint32_t)size));
}

static void object_copy(struct model_object *to, const struct model_object *from)
{
	memcpy(to, from, offsetof(struct model_object, data));
	memcpy(to->data, from->data, from->size);
}

static void objects_copy(struct model *to, const struct model *from, uint32_t mask)
{
	for (size_t i = 0; i < MODEL_OBJECTS; i++) {
		if (mask & MT_BIT(i)) {
			object_copy(&to->object[i], &from->object[i]);
		}
	}
}

void world_take_after(struct storage_world *w)
{
	objects_copy(w->model, w->after, w->touched);
	w->touched = 0;
}

static enum mt_err step_rename(struct storage_world *w, storage_handle h, size_t place)
{
	size_t to = sim_random_below(&w->random, MODEL_OBJECTS);
	enum mt_err err = world_drive(w, storage_object_rename(w->store, h, world_name(to).id));

	if (w->model->object[to].is) {
		return err == MT_STATE ? MT_OK : MT_MALFORMED;
	}
	w->touched |= MT_BIT(to);
	object_copy(&w->after->object[to], &w->after->object[place]);
	w->after->object[place].is = false;
	return err;
}

static enum mt_err step_open(struct storage_world *w, size_t place, size_t what)
{
	struct storage_name name = world_name(place);
	struct model_object *o = &w->after->object[place];
	storage_handle h = 0;
	enum mt_err err = world_drive(w, storage_object_open(w->store, &name, ALL, &h));

	if (!err && what < 6) {
		err = step_write(w, h, o);
	} else if (!err && what < 8) {
		err = step_truncate(w, h, o);
	} else if (!err && what == 8) {
		err = step_rename(w, h, place);
	} else if (!err) {
		o->is = false;
		err = world_drive(w, storage_object_delete(w->store, h));
	}
	storage_object_close(w->store, h);
	return err;
}

enum mt_err world_step(struct storage_world *w)
{
	size_t place = sim_random_below(&w->random, MODEL_OBJECTS), what = sim_random_below(&w->random, 10);

	objects_copy(w->after, w->model, w->touched);
	w->touched = MT_BIT(place);
	enum mt_err err = !w->model->object[place].is || what == 0 ? step_create(w, place, &w->after->object[place]) : step_open(w, place, what);

	if (!err) {
		world_take_after(w);
	}
	return err;
}
