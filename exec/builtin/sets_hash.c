/*
 * Each input is parted by a keyed hash into parts that fit a cache; of each part, the smallest input's entries become a table, and the
 * others are looked up in it. An entry is an id of 16 bytes as it is, or else the hash of a text and where it is.
 */
#include "exec/builtin/sets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/builtin/hash.h"
#include "exec/builtin/lines.h"

#define RAW_WIDTH 16
#define BATCH 4096
#define PART_BITS_MAX 11 /* more parts than that are more pages than the processor keeps at hand */
#define PART_ENTRIES 4096
#define GUESS_MIN 2048 /* entries of a part: an eighth of them is more than five standard deviations then */
#define GATHERED 32
#define ORDER_BITS 11

struct entry {
	uint64_t a, b; /* raw: the id. Else: the hash, and offset | size << 32 */
};

/* What an input gives, as often as wanted. */
struct source {
	const struct sets *sets;
	const uint64_t *key;
	size_t count, done; /* raw and wide */
	int input; /* raw */
	struct text text; /* else */
	size_t at;
};

struct side {
	struct source source;
	struct entry *entry;
	uint32_t *start, *end; /* of each part; start also behind the last */
};

struct join {
	const struct sets *sets;
	bool raw;
	uint64_t key[5];
	unsigned bits;
	struct side side[GUEST_LIST_MAX];
	size_t table; /* the side that the tables are of */
	uint32_t *slot; /* index + 1 of an entry; 0: free */
	uint8_t *seen; /* by how many sides so far that all have it */
	size_t members; /* the first entries of `table`'s side, as far as parts are joined: they take no room of their own */
};

/* ---- entries ---- */

/* Multilinear, strongly universal in its upper 32 bits (Dietzfelbinger 1996); a text's is a SipHash. */
static inline uint64_t entry_hash(const uint64_t key[5], bool raw, struct entry e)
{
	if (!raw) {
		return e.a;
	}
	return key[4] + key[0] * (uint32_t)e.a + key[1] * (e.a >> 32) + key[2] * (uint32_t)e.b + key[3] * (e.b >> 32);
}

static void source_open(struct source *s, const struct sets *sets, const char *name, const uint64_t *key)
{
	uint64_t size = 0;
	struct text line;

	*s = (struct source){ .sets = sets, .key = key };
	if (sets->width == RAW_WIDTH) {
		s->input = guest_input_open(name, &size);
		s->count = sets_ids(sets, size, name);
		return;
	}
	s->text = guest_input(name);
	if (sets->width) {
		s->count = sets_ids(sets, s->text.size, name);
		return;
	}
	for (size_t at = 0; sets_line(s->text, &at, &line);) {
		s->count++;
	}
}

static void source_rewind(struct source *s)
{
	s->done = 0;
	s->at = 0;
	if (s->sets->width == RAW_WIDTH) {
		guest_input_rewind(s->input);
	}
}

/* Up to BATCH entries; 0: no more. */
static size_t source_take(struct source *s, struct entry *out)
{
	size_t width = s->sets->width, n = s->count - s->done < BATCH ? s->count - s->done : BATCH;
	struct text text;

	s->done += n;
	if (width == RAW_WIDTH) {
		guest_input_read(s->input, out, n * sizeof(*out));
		return n;
	}
	for (size_t i = 0; i < n; i++) {
		if (width) {
			text = (struct text){ s->text.at + s->at, width };
			s->at += width;
		} else {
			(void)sets_line(s->text, &s->at, &text);
		}
		out[i] = (struct entry){ siphash(s->key, text),
					 (uint64_t)(text.at - s->text.at) | (uint64_t)text.size << 32 };
	}
	return n;
}

static struct text entry_text(const struct side *side, const struct entry *e)
{
	return (struct text){ side->source.text.at + (uint32_t)e->b, (size_t)(e->b >> 32) };
}

/* ---- parts ---- */

static size_t part_of(const struct join *j, struct entry e)
{
	return (size_t)(entry_hash(j->key, j->raw, e) >> (64 - j->bits));
}

static void side_room(struct side *side, size_t count)
{
	free(side->entry);
	side->entry = malloc((count ? count : 1) * sizeof(*side->entry));
	if (count > SIZE_MAX / sizeof(*side->entry) || !side->entry) {
		guest_stop("out of memory for %zu ids", side->source.count);
	}
}

/* Gathered entries to their part; false: it has no room for them. */
static bool part_add(struct side *side, size_t p, const struct entry *list, size_t count)
{
	if (side->start[p + 1] - side->end[p] < count) {
		return false;
	}
	memcpy(&side->entry[side->end[p]], list, count * sizeof(*list));
	side->end[p] += (uint32_t)count;
	return true;
}

/* Entries gather for each part in memory that the cache keeps, and leave it together: single ones would each touch another page. */
static bool parts_scatter(const struct join *j, struct side *side)
{
	size_t parts = (size_t)1 << j->bits;
	struct entry *batch = guest_alloc(BATCH, sizeof(*batch)), (*gather)[GATHERED] = guest_alloc(parts, sizeof(*gather));
	uint8_t *fill = guest_alloc(parts, 1);
	bool fits = true;

	memcpy(side->end, side->start, parts * sizeof(*side->end));
	source_rewind(&side->source);
	for (size_t n; fits && (n = source_take(&side->source, batch)) > 0;) {
		for (size_t i = 0; i < n; i++) {
			size_t p = part_of(j, batch[i]);
			gather[p][fill[p]++] = batch[i];
			if (fill[p] == GATHERED) {
				fits = part_add(side, p, gather[p], GATHERED) && fits;
				fill[p] = 0;
			}
		}
	}
	for (size_t p = 0; p < parts; p++) {
		fits = fits && part_add(side, p, gather[p], fill[p]);
	}
	free(fill);
	free(gather);
	free(batch);
	return fits;
}

/*
 * Under a random key different entries fall into parts of nearly one size, so an eighth more than the mean is room enough and saves a pass
 * over the input. Not so where one id comes many times. False: there are too few entries for that to hold.
 */
static bool parts_guess(const struct join *j, struct side *side)
{
	size_t parts = (size_t)1 << j->bits, mean = side->source.count >> j->bits;

	for (size_t p = 0; p <= parts; p++) {
		side->start[p] = (uint32_t)(p * (mean + mean / 8));
	}
	return mean >= GUESS_MIN;
}

static void parts_count(const struct join *j, struct side *side)
{
	size_t parts = (size_t)1 << j->bits;
	struct entry *batch = guest_alloc(BATCH, sizeof(*batch));

	memset(side->start, 0, (parts + 1) * sizeof(*side->start));
	source_rewind(&side->source);
	for (size_t n; (n = source_take(&side->source, batch)) > 0;) {
		for (size_t i = 0; i < n; i++) {
			side->start[part_of(j, batch[i]) + 1]++;
		}
	}
	for (size_t p = 0; p < parts; p++) {
		side->start[p + 1] += side->start[p];
	}
	free(batch);
}

static void side_read(const struct join *j, struct side *side)
{
	size_t parts = (size_t)1 << j->bits;
	bool done = false;

	side->start = guest_alloc(parts + 1, sizeof(*side->start));
	side->end = guest_alloc(parts, sizeof(*side->end));
	if (parts_guess(j, side)) {
		side_room(side, side->start[parts]);
		done = parts_scatter(j, side);
	}
	if (!done) {
		parts_count(j, side);
		side_room(side, side->source.count);
		(void)parts_scatter(j, side);
	}
	if (j->raw) {
		guest_input_close(side->source.input);
	}
}

/* ---- tables ---- */

static inline bool entry_same(const struct join *j, struct entry mine, const struct side *side, struct entry other)
{
	if (j->raw) {
		return ((mine.a ^ other.a) | (mine.b ^ other.b)) == 0;
	}
	return mine.a == other.a && text_order(entry_text(&j->side[j->table], &mine), entry_text(side, &other)) == 0;
}

/* The slot of an entry, or the free one where it would be. */
static inline uint32_t *slot_find(const struct join *j, const struct entry *table, unsigned slot_bits,
				  const struct side *side, struct entry e)
{
	uint32_t mask = (UINT32_C(1) << slot_bits) - 1;
	uint32_t at = (uint32_t)((entry_hash(j->key, j->raw, e) << j->bits) >> (64 - slot_bits));

	while (j->slot[at] && !entry_same(j, table[j->slot[at] - 1], side, e)) {
		at = (at + 1) & mask;
	}
	return &j->slot[at];
}

static unsigned slot_bits_for(size_t entries)
{
	unsigned bits = 4;

	while ((size_t)1 << bits < 2 * entries) {
		bits++;
	}
	return bits;
}

/* How many entries of one part all sides have. */
static size_t part_join(struct join *j, size_t p)
{
	const struct side *mine = &j->side[j->table];
	struct entry *table = mine->entry + mine->start[p];
	size_t count = mine->end[p] - mine->start[p], common = 0;
	unsigned slot_bits = slot_bits_for(count), before = 1;

	memset(j->slot, 0, sizeof(j->slot[0]) << slot_bits);
	memset(j->seen, 0, count);
	for (size_t i = 0; i < count; i++) {
		uint32_t *slot = slot_find(j, table, slot_bits, mine, table[i]);
		j->seen[i] = *slot == 0;
		*slot = *slot ? *slot : (uint32_t)i + 1;
	}
	for (size_t s = 0; s < j->sets->inputs; s++) {
		const struct side *other = &j->side[s];
		for (size_t i = other->start[p]; s != j->table && i < other->end[p]; i++) {
			uint32_t found = *slot_find(j, table, slot_bits, other, other->entry[i]);
			if (found && j->seen[found - 1] == before) {
				j->seen[found - 1]++;
			}
		}
		before += s != j->table;
	}
	for (size_t i = 0; i < count; i++) {
		bool is = j->seen[i] == j->sets->inputs;
		common += is;
		if (is && j->sets->members) {
			mine->entry[j->members++] = table[i];
		}
	}
	return common;
}

static size_t parts_join(struct join *j)
{
	size_t parts = (size_t)1 << j->bits, most = 0, common = 0;
	const struct side *table = &j->side[j->table];

	for (size_t p = 0; p < parts; p++) {
		size_t count = table->end[p] - table->start[p];
		most = count > most ? count : most;
	}
	j->slot = guest_alloc((size_t)1 << slot_bits_for(most), sizeof(*j->slot));
	j->seen = guest_alloc(most, 1);
	for (size_t p = 0; p < parts; p++) {
		common += part_join(j, p);
	}
	return common;
}

/* ---- members ---- */

/* Bytes in order are numbers in order, once the first byte is the highest. */
static void entries_turn(struct entry *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		list[i] = (struct entry){ __builtin_bswap64(list[i].a), __builtin_bswap64(list[i].b) };
	}
}

static inline bool entry_less(const struct entry *a, const struct entry *b)
{
	return a->a < b->a || (a->a == b->a && a->b < b->b);
}

/* Two sorted lists, which follow each other, into one. */
static void entries_merge(const struct entry *list, size_t middle, size_t end, struct entry *to)
{
	size_t a = 0, b = middle;

	while (a < middle && b < end) {
		bool right = entry_less(&list[b], &list[a]);
		*to++ = list[right ? b : a];
		a += !right;
		b += right;
	}
	memcpy(to, list + a, (middle - a) * sizeof(*to));
	memcpy(to + (middle - a), list + b, (end - b) * sizeof(*to));
}

/* Sorts turned ids, bottom up; `other` is room for as many. */
static void entries_sort(struct entry *list, struct entry *other, size_t count)
{
	struct entry *from = list, *to = other;

	for (size_t width = 1; width < count; width *= 2) {
		for (size_t at = 0; at < count; at += 2 * width) {
			size_t end = count - at < 2 * width ? count - at : 2 * width;
			entries_merge(from + at, width < end ? width : end, end, to + at);
		}
		struct entry *swap = from;
		from = to;
		to = swap;
	}
	if (from != list) {
		memcpy(list, from, count * sizeof(*list));
	}
}

/* Turned ids by their first bits into `to`, each part then sorted while the cache holds it: random ids fall into parts of a few thousand. */
static void entries_order(struct entry *list, struct entry *to, size_t count)
{
	size_t parts = (size_t)1 << ORDER_BITS, begin = 0;
	uint32_t *end = guest_alloc(parts + 1, sizeof(*end));

	for (size_t i = 0; i < count; i++) {
		end[(size_t)(list[i].a >> (64 - ORDER_BITS)) + 1]++;
	}
	for (size_t p = 0; p < parts; p++) {
		end[p + 1] += end[p];
	}
	for (size_t i = 0; i < count; i++) {
		to[end[list[i].a >> (64 - ORDER_BITS)]++] = list[i];
	}
	for (size_t p = 0; p < parts; p++) {
		entries_sort(to + begin, list, end[p] - begin);
		begin = end[p];
	}
	free(end);
}

/* In another side's room, which has been read and is no smaller. */
static struct text ids_write(struct join *j)
{
	struct entry *member = j->side[j->table].entry;
	struct side *room = &j->side[j->table ? 0 : 1];
	struct text out = { (const char *)room->entry, j->members * sizeof(*member) };

	entries_turn(member, j->members);
	entries_order(member, room->entry, j->members);
	entries_turn(room->entry, j->members);
	room->entry = NULL; /* it is the caller's now */
	return out;
}

static struct text members_write(const struct join *j)
{
	struct keyed *list = guest_alloc(j->members, sizeof(*list));
	bool lines = j->sets->width == 0;
	size_t size = 0, done = 0;

	for (size_t i = 0; i < j->members; i++) {
		list[i].key = entry_text(&j->side[j->table], &j->side[j->table].entry[i]);
		size += list[i].key.size + lines;
	}
	keyed_sort(list, j->members);
	char *out = guest_alloc(size, 1);
	for (size_t i = 0; i < j->members; i++) {
		memcpy(out + done, list[i].key.at, list[i].key.size);
		done += list[i].key.size;
		if (lines) {
			out[done++] = '\n';
		}
	}
	free(list);
	return (struct text){ out, size };
}

/* ---- all ---- */

void sets_hash(const struct sets *sets, struct common *out)
{
	static struct join j;

	j = (struct join){ .sets = sets, .raw = sets->width == RAW_WIDTH, .bits = 1 };
	if (getentropy(j.key, sizeof(j.key)) != 0) {
		guest_stop("no random bytes");
	}
	for (size_t i = 0; i < sets->inputs; i++) {
		source_open(&j.side[i].source, sets, sets->input[i], j.key);
		j.table = j.side[i].source.count < j.side[j.table].source.count ? i : j.table;
	}
	while (j.bits < PART_BITS_MAX && j.side[j.table].source.count >> j.bits > PART_ENTRIES) {
		j.bits++;
	}
	for (size_t i = 0; i < sets->inputs; i++) {
		side_read(&j, &j.side[i]);
	}
	*out = (struct common){ .count = parts_join(&j) };
	if (sets->members) {
		out->members = j.raw ? ids_write(&j) : members_write(&j);
	}
	for (size_t i = 0; i < sets->inputs; i++) {
		free(j.side[i].entry);
		free(j.side[i].start);
		free(j.side[i].end);
		free((void *)(uintptr_t)j.side[i].source.text.at);
	}
	free(j.slot);
	free(j.seen);
}
