/* Memory, shapes, and the two ways to rearrange a tensor. */
#include "exec/builtin/onnx.h"

#include <stdlib.h>
#include <string.h>

/* In front of what memory_take() returns, which is aligned like this. */
struct block {
	_Alignas(16) struct block *next;
	struct block *before;
	size_t size, users;
};

static struct block *block_of(const void *at)
{
	return (struct block *)(uintptr_t)at - 1;
}

void *memory_take(struct memory *m, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > m->max - m->used ||
	    bytes > SIZE_MAX / 2 - sizeof(struct block)) {
		guest_stop("out of memory: %zu times %zu bytes", count, size);
	}
	struct block *b = calloc(1, sizeof(*b) + bytes);
	if (!b) {
		guest_stop("out of memory: %zu bytes", bytes);
	}
	*b = (struct block){ .next = m->first, .size = bytes, .users = 1 };
	if (m->first) {
		m->first->before = b;
	}
	m->first = b;
	m->used += bytes;
	return b + 1;
}

void memory_keep(void *at)
{
	block_of(at)->users++;
}

bool memory_alone(const void *at)
{
	return block_of(at)->users == 1;
}

void memory_drop(struct memory *m, void *at)
{
	struct block *b = at ? block_of(at) : NULL;

	if (!b || --b->users) {
		return;
	}
	if (b->next) {
		b->next->before = b->before;
	}
	*(b->before ? &b->before->next : &m->first) = b->next;
	m->used -= b->size;
	free(b);
}

void memory_drop_all(struct memory *m)
{
	while (m->first) {
		struct block *b = m->first;
		m->first = b->next;
		free(b);
	}
	m->used = 0;
}

/* ---- shapes ---- */

uint64_t shape_steps(size_t rank, const size_t *dim)
{
	uint64_t steps = 1;

	for (size_t i = 0; i < rank; i++) {
		/* Neither factor passes 2^28, so the product cannot wrap. */
		steps *= dim[i] > ONNX_ELEMENTS_MAX ? 0 : dim[i] ? dim[i] : 1;
		if (steps == 0 || steps > ONNX_ELEMENTS_MAX) {
			guest_stop("a tensor would have more than %u elements", ONNX_ELEMENTS_MAX);
		}
	}
	return steps;
}

size_t shape_count(size_t rank, const size_t *dim)
{
	size_t steps = (size_t)shape_steps(rank, dim);

	for (size_t i = 0; i < rank; i++) {
		steps = dim[i] ? steps : 0;
	}
	return steps;
}

size_t shape_part(const struct tensor *t, size_t from, size_t to)
{
	size_t count = 1;

	for (size_t i = from; i < to; i++) {
		count *= t->dim[i];
	}
	return count;
}

void shape_strides(size_t rank, const size_t *dim, size_t *stride)
{
	size_t step = 1;

	for (size_t i = rank; i-- > 0;) {
		stride[i] = step;
		step *= dim[i];
	}
}

void tensor_make(struct memory *m, enum tensor_type type, size_t rank, const size_t *dim, struct tensor *out)
{
	struct tensor t = { .type = type, .rank = rank, .count = shape_count(rank, dim) };

	for (size_t i = 0; i < rank; i++) {
		t.dim[i] = dim[i];
	}
	t.at = memory_take(m, t.count, type == TENSOR_FLOAT ? sizeof(float) : sizeof(int64_t));
	*out = t;
}

/* ---- rearranging ---- */

/* The next index of the axes but the last; the count of indices says when to end. */
static void index_next(const struct tensor *t, size_t *index)
{
	for (size_t a = t->rank - 1; a-- > 0;) {
		if (++index[a] < t->dim[a]) {
			return;
		}
		index[a] = 0;
	}
}

/* One row along the last axis. A row without `from` is all fill. */
static void pick_row(const struct tensor *in, const size_t *from, const int32_t *map, float fill, struct tensor *out,
		     size_t to)
{
	size_t count = out->dim[out->rank - 1];

	for (size_t i = 0; i < count; i++) {
		int64_t at = !from ? -1 : map ? map[i] : (int64_t)i;
		if (out->type == TENSOR_FLOAT) {
			out->f[to + i] = at < 0 ? fill : in->f[*from + (size_t)at];
		} else {
			out->i[to + i] = at < 0 ? (int64_t)fill : in->i[*from + (size_t)at];
		}
	}
}

void tensor_pick(const struct tensor *in, const int32_t *const *map, float fill, struct tensor *out)
{
	size_t stride[ONNX_RANK_MAX], index[ONNX_RANK_MAX] = { 0 };

	if (out->count == 0) {
		return;
	}
	if (out->rank == 0) {
		memcpy(out->at, in->at, in->type == TENSOR_FLOAT ? sizeof(float) : sizeof(int64_t));
		return;
	}
	shape_strides(in->rank, in->dim, stride);
	size_t last = out->rank - 1;
	for (size_t to = 0; to < out->count; to += out->dim[last], index_next(out, index)) {
		size_t from = 0;
		bool inside = true;
		for (size_t a = 0; a < last; a++) {
			int64_t at = map[a] ? map[a][index[a]] : (int64_t)index[a];
			inside = inside && at >= 0;
			from += inside ? (size_t)at * stride[a] : 0;
		}
		pick_row(in, inside ? &from : NULL, map[last], fill, out, to);
	}
}

void tensor_walk(const struct tensor *in, const size_t *stride, struct tensor *out)
{
	size_t index[ONNX_RANK_MAX] = { 0 };
	size_t count = out->rank ? out->dim[out->rank - 1] : 1, step = out->rank ? stride[out->rank - 1] : 0;

	for (size_t to = 0; to < out->count; to += count) {
		size_t from = 0;
		for (size_t a = 0; a + 1 < out->rank; a++) {
			from += index[a] * stride[a];
		}
		for (size_t i = 0; i < count; i++, from += step) {
			if (out->type == TENSOR_FLOAT) {
				out->f[to + i] = in->f[from];
			} else {
				out->i[to + i] = in->i[from];
			}
		}
		if (out->rank) {
			index_next(out, index);
		}
	}
}
