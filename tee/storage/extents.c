/* Where the pieces of an object's data lie: an ascending list without overlaps. */
#include "tee/storage/storage_private.h"

#include <string.h>

/* The index of the first that ends behind `offset`. */
static size_t position(const struct object *o, uint32_t offset)
{
	size_t low = 0, high = o->extents;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct extent *e = &o->extent[middle];
		if (e->offset + e->size > offset) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return low;
}

const struct extent *extents_from(const struct object *o, uint32_t offset)
{
	size_t i = position(o, offset);

	return i < o->extents ? &o->extent[i] : NULL;
}

/* One write can split an extent and comes in itself: two more at most. */
enum mt_err extents_reserve(struct object *o, size_t writes)
{
	enum mt_err err = MT_OK;

	for (size_t i = 0; !err && i < 2 * writes; i++) {
		err = mt_room((void **)&o->extent, &o->extents_capacity, o->extents + i, sizeof(o->extent[0]));
	}
	return err;
}

static void insert(struct object *o, size_t at, const struct extent *e)
{
	mt_assert(o->extents < o->extents_capacity);
	memmove(&o->extent[at + 1], &o->extent[at], (o->extents - at) * sizeof(*e));
	o->extent[at] = *e;
	o->extents++;
}

static void drop(struct object *o, size_t from, size_t to)
{
	memmove(&o->extent[from], &o->extent[to], (o->extents - to) * sizeof(o->extent[0]));
	o->extents -= to - from;
}

void extents_write(struct object *o, const struct extent *e)
{
	uint32_t end = e->offset + e->size;
	size_t at = position(o, e->offset);

	if (e->size == 0) {
		return;
	}
	if (at < o->extents && o->extent[at].offset < e->offset) {
		struct extent *first = &o->extent[at], rest = *first;
		uint32_t first_end = first->offset + first->size;
		first->size = e->offset - first->offset;
		at++;
		if (first_end > end) {          /* it goes on behind */
			rest.inside += end - rest.offset;
			rest.size = first_end - end;
			rest.offset = end;
			insert(o, at, &rest);
		}
	}
	size_t covered = at;
	while (covered < o->extents && o->extent[covered].offset + o->extent[covered].size <= end) {
		covered++;
	}
	drop(o, at, covered);
	if (at < o->extents && o->extent[at].offset < end) {
		struct extent *last = &o->extent[at];
		uint32_t over = end - last->offset;
		last->inside += over;
		last->size -= over;
		last->offset = end;
	}
	insert(o, at, e);
}

void extents_cut(struct object *o, uint32_t size)
{
	size_t at = position(o, size);

	if (at < o->extents && o->extent[at].offset < size) {
		o->extent[at].size = size - o->extent[at].offset;
		at++;
	}
	o->extents = at;
}
