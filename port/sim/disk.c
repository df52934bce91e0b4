/*
 * The disk: what programs see, what is durable, and the writes between the two.
 */
#include "port/sim/sim.h"

#include <stdlib.h>
#include <string.h>

struct image {
	uint8_t *at;
	size_t size, capacity;
};

/* A run of sectors that was written and not synced. Its content is the seen image's at the time of the cut. */
struct pending {
	size_t first, count;            /* sectors */
};

struct sim_file {
	char name[SIM_NAME_MAX];
	struct image seen, durable, kept;
	struct pending *pending;
	size_t pending_count, pending_capacity;
	bool cleared;                   /* seen as empty before what is pending; not so on disk */
};

struct sim_disk {
	struct sim_random random;
	struct sim_file file[SIM_FILES_MAX];
	unsigned files;
	uint64_t operations, fail_at;
	enum sim_failure how;
	bool off, lie, restore;
};

static void *memory(void *old, size_t size)
{
	void *at = realloc(old, size ? size : 1);

	mt_assert(at);
	return at;
}

/* Make the image at least so long; new bytes are zero. */
static void image_reach(struct image *i, size_t size)
{
	if (size <= i->size) {
		return;
	}
	if (size > i->capacity) {
		i->capacity = size > 2 * i->capacity ? size : 2 * i->capacity;
		i->at = memory(i->at, i->capacity);
	}
	memset(i->at + i->size, 0, size - i->size);
	i->size = size;
}

static void image_write(struct image *i, size_t offset, struct bytes data)
{
	image_reach(i, offset + data.size);
	if (data.size) {
		memcpy(i->at + offset, data.at, data.size);
	}
}

static void image_copy(struct image *to, const struct image *from)
{
	to->size = 0;
	image_write(to, 0, mt_bytes(from->at, from->size));
}

/* ---- open, close, look ---- */

struct sim_disk *sim_disk_open(uint64_t seed)
{
	struct sim_disk *d = memory(NULL, sizeof(*d));

	*d = (struct sim_disk){ .random = sim_random_seed(seed) };
	return d;
}

void sim_disk_close(struct sim_disk *d)
{
	for (unsigned i = 0; d && i < d->files; i++) {
		free(d->file[i].seen.at);
		free(d->file[i].durable.at);
		free(d->file[i].kept.at);
		free(d->file[i].pending);
	}
	free(d);
}

unsigned sim_disk_file(struct sim_disk *d, const char *name)
{
	for (unsigned i = 0; i < d->files; i++) {
		if (strcmp(d->file[i].name, name) == 0) {
			return i;
		}
	}
	mt_assert(d->files < SIM_FILES_MAX && strlen(name) < SIM_NAME_MAX);
	memcpy(d->file[d->files].name, name, strlen(name) + 1);
	return d->files++;
}

size_t sim_disk_size(const struct sim_disk *d, unsigned file)
{
	return d->file[file].seen.size;
}

struct bytes sim_disk_read(const struct sim_disk *d, unsigned file)
{
	return mt_bytes(d->file[file].seen.at, d->file[file].seen.size);
}

/* ---- what becomes durable ---- */

/* One sector of the seen image reaches the durable one. */
static void sector_land(struct sim_file *f, size_t sector)
{
	size_t offset = sector * SIM_SECTOR, end = offset + SIM_SECTOR;

	if (end > f->seen.size) {
		end = f->seen.size;
	}
	if (offset < end) {
		image_write(&f->durable, offset, mt_bytes(f->seen.at + offset, end - offset));
	}
}

/* Every pending sector lands, or each by the toss of a coin. */
static void pending_land(struct sim_disk *d, struct sim_file *f, bool all)
{
	/* Some cuts keep nearly everything, some nearly nothing: both ends are where bugs are. */
	uint64_t odds = all ? 0 : sim_random_below(&d->random, 5);

	if (f->cleared && (all || sim_random_below(&d->random, 2))) {
		f->durable.size = 0;
	}
	f->cleared = false;
	for (size_t p = 0; p < f->pending_count; p++) {
		for (size_t s = 0; s < f->pending[p].count; s++) {
			if (all || sim_random_below(&d->random, 4) < odds) {
				sector_land(f, f->pending[p].first + s);
			}
		}
	}
	f->pending_count = 0;
}

static void pending_add(struct sim_file *f, size_t offset, size_t size)
{
	if (f->pending_count == f->pending_capacity) {
		f->pending_capacity = f->pending_capacity * 2 + 8;
		f->pending = memory(f->pending, f->pending_capacity * sizeof(*f->pending));
	}
	size_t first = offset / SIM_SECTOR, end = (offset + size + SIM_SECTOR - 1) / SIM_SECTOR;
	f->pending[f->pending_count++] = (struct pending){ first, end - first };
}

/* A write of which the caller may see a part only. */
static void write_some(struct sim_file *f, size_t offset, struct bytes data)
{
	size_t from = offset < f->seen.size ? offset : f->seen.size;    /* a gap is written too */

	image_write(&f->seen, offset, data);
	pending_add(f, from, offset + data.size - from);
}

/* ---- operations ---- */

/* Count the operation; true when it is the one that fails. */
static bool operation_fails(struct sim_disk *d)
{
	d->operations++;
	return d->fail_at && (d->operations == d->fail_at || (d->how == SIM_FULL && d->operations > d->fail_at));
}

enum mt_err sim_disk_write(struct sim_disk *d, unsigned file, size_t offset, struct bytes data)
{
	struct sim_file *f = &d->file[file];

	if (d->off) {
		return MT_IO;
	}
	if (!operation_fails(d)) {
		write_some(f, offset, data);
		return MT_OK;
	}
	switch (d->how) {
	case SIM_POWER:
		write_some(f, offset, data);    /* on its way; the cut decides about each sector */
		d->off = true;
		return MT_IO;
	case SIM_ERROR:
		write_some(f, offset, mt_bytes(data.at, (size_t)sim_random_below(&d->random, data.size + 1)));
		return MT_IO;
	case SIM_FULL:
		break;
	}
	if (offset + data.size <= f->seen.size) {
		write_some(f, offset, data);    /* no new space needed */
		return MT_OK;
	}
	return MT_LIMIT;
}

enum mt_err sim_disk_clear(struct sim_disk *d, unsigned file)
{
	struct sim_file *f = &d->file[file];

	if (d->off) {
		return MT_IO;
	}
	bool fails = operation_fails(d) && d->how != SIM_FULL;
	if (fails && d->how == SIM_ERROR) {
		return MT_IO;
	}
	f->seen.size = 0;
	f->pending_count = 0;
	f->cleared = true;
	d->off = fails;
	return fails ? MT_IO : MT_OK;
}

enum mt_err sim_disk_sync(struct sim_disk *d, unsigned file)
{
	struct sim_file *f = &d->file[file];

	if (d->off) {
		return MT_IO;
	}
	if (operation_fails(d) && d->how != SIM_FULL) {
		if (d->how == SIM_POWER) {
			d->off = true;
		} else {
			pending_land(d, f, false);
		}
		return MT_IO;
	}
	if (!d->lie) {
		pending_land(d, f, true);
	}
	return MT_OK;
}

uint64_t sim_disk_operations(const struct sim_disk *d)
{
	return d->operations;
}

void sim_disk_fail_at(struct sim_disk *d, uint64_t n, enum sim_failure how)
{
	d->fail_at = n;
	d->how = how;
}

void sim_disk_heal(struct sim_disk *d)
{
	d->fail_at = 0;
}

void sim_disk_power_on(struct sim_disk *d)
{
	for (unsigned i = 0; i < d->files; i++) {
		struct sim_file *f = &d->file[i];

		pending_land(d, f, false);
		if (d->restore) {
			image_copy(&f->durable, &f->kept);
		}
		image_copy(&f->seen, &f->durable);
	}
	d->off = false;
	d->restore = false;
	d->fail_at = 0;
}

bool sim_disk_is_off(const struct sim_disk *d)
{
	return d->off;
}

void sim_disk_lie(struct sim_disk *d, bool lie)
{
	d->lie = lie;
}

void sim_disk_image_keep(struct sim_disk *d)
{
	for (unsigned i = 0; i < d->files; i++) {
		image_copy(&d->file[i].kept, &d->file[i].durable);
	}
}

void sim_disk_image_restore(struct sim_disk *d)
{
	d->restore = true;
}
