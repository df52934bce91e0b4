/* Bytes of an object from the record that they lie in. */
#include "tee/storage/storage_private.h"

#include <string.h>

bool gather(struct store *s, const struct extent *e, uint32_t from, uint8_t *out, size_t size, enum storage_step step)
{
	mt_assert(from >= e->offset && size <= e->size - (from - e->offset));
	if (s->plain_size == 0 || s->plain_where.place != e->place || memcmp(s->plain_where.tag, e->tag, sizeof(e->tag)) != 0) {
		s->where = (struct record_place){ .place = e->place, .size = e->record_size };
		memcpy(s->where.tag, e->tag, sizeof(e->tag));
		(void)store_want(s, step, STORAGE_READ, s->chain.file, e->place, e->record_size);
		return false;
	}
	size_t at = e->inside + (from - e->offset);

	/* It fitted when the record came into the index. */
	mt_assert(at <= s->plain_size && size <= s->plain_size - at);
	memcpy(out, s->plain + at, size);
	return true;
}

enum mt_err gather_read(struct store *s)
{
	struct bytes sealed = mt_bytes(s->buffer + sizeof(uint32_t), s->where.size - sizeof(uint32_t));

	s->plain_size = 0;
	enum mt_err err = record_open(&s->chain, sealed, false, &s->where, s->plain, &s->plain_size);
	s->plain_where = s->where;
	return err;
}
