/*
 * Protobuf's wire form, and the tensors of onnx.proto. A tensor is allocated only when its data is present to the last element.
 */
#include "exec/builtin/onnx_wire.h"

#include <string.h>

struct wire wire_over(struct text t)
{
	static const char nothing[1];
	const char *at = t.size ? t.at : nothing; /* there is no arithmetic on NULL */

	return (struct wire){ (const uint8_t *)at, (const uint8_t *)at + t.size };
}

static uint64_t wire_varint(struct wire *w)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (w->at == w->end) {
			guest_stop("model: cut off in a number");
		}
		uint8_t byte = *w->at++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			return value;
		}
	}
	guest_stop("model: a number is too long");
}

static uint64_t wire_fixed(struct wire *w, size_t size)
{
	uint64_t value = 0;

	if ((size_t)(w->end - w->at) < size) {
		guest_stop("model: cut off in a number");
	}
	for (size_t i = 0; i < size; i++) {
		value |= (uint64_t)w->at[i] << (8 * i);
	}
	w->at += size;
	return value;
}

bool wire_next(struct wire *w, struct field *f)
{
	if (w->at == w->end) {
		return false;
	}
	uint64_t key = wire_varint(w);
	if (key >> 3 == 0 || key >> 3 >= UINT64_C(1) << 29) {
		guest_stop("model: no protobuf");
	}
	*f = (struct field){ .number = (uint32_t)(key >> 3), .type = (enum wire_type)(key & 7) };
	switch (key & 7) {
	case WIRE_VARINT:
		f->value = wire_varint(w);
		break;
	case WIRE_FIXED64:
		f->value = wire_fixed(w, 8);
		break;
	case WIRE_FIXED32:
		f->value = wire_fixed(w, 4);
		break;
	case WIRE_BYTES:
		f->value = wire_varint(w);
		if (f->value > (uint64_t)(w->end - w->at)) {
			guest_stop("model: cut off, or a size is false");
		}
		f->bytes = (struct text){ (const char *)w->at, (size_t)f->value };
		w->at += f->value;
		break;
	default:
		guest_stop("model: no protobuf");
	}
	return true;
}

void field_want(const struct field *f, enum wire_type type)
{
	if (f->type != type) {
		guest_stop("model: field %u has another form", f->number);
	}
}

struct text field_bytes(const struct field *f)
{
	field_want(f, WIRE_BYTES);
	return f->bytes;
}

struct text field_name(const struct field *f)
{
	struct text t = field_bytes(f);

	if (t.size > ONNX_NAME_MAX || memchr(t.at, 0, t.size)) {
		guest_stop("model: a name has more than %d bytes, or a zero", ONNX_NAME_MAX);
	}
	return t;
}

uint64_t field_number(const struct field *f)
{
	field_want(f, WIRE_VARINT);
	return f->value;
}

size_t fields_count(struct text message, uint32_t number, size_t most, const char *what)
{
	struct wire w = wire_over(message);
	struct field f;
	size_t count = 0;

	while (wire_next(&w, &f)) {
		count += f.number == number;
	}
	if (count > most) {
		guest_stop("model: %zu %s, %zu are allowed", count, what, most);
	}
	return count;
}

/* One number of a repeated field of that form. */
static uint64_t wire_element(struct wire *w, enum wire_type form)
{
	return form == WIRE_VARINT ? wire_varint(w) : wire_fixed(w, form == WIRE_FIXED64 ? 8 : 4);
}

size_t numbers(struct text message, uint32_t number, enum wire_type form, uint64_t *to)
{
	struct wire w = wire_over(message);
	struct field f;
	size_t count = 0;

	while (wire_next(&w, &f)) {
		if (f.number != number) {
			continue;
		}
		if (f.type != WIRE_BYTES) {
			field_want(&f, form);
			if (to) {
				to[count] = f.value;
			}
			count++;
			continue;
		}
		for (struct wire packed = wire_over(f.bytes); packed.at < packed.end; count++) {
			uint64_t value = wire_element(&packed, form);
			if (to) {
				to[count] = value;
			}
		}
	}
	return count;
}

float float_of(uint64_t bits)
{
	uint32_t half = (uint32_t)bits;
	float f;

	memcpy(&f, &half, sizeof(f));
	return f;
}

bool text_is(struct text t, const char *word)
{
	return t.size == strlen(word) && memcmp(t.at, word, t.size) == 0;
}

/* ---- TensorProto ---- */

/* TensorProto.DataType: its bytes in raw_data, and the field that holds it otherwise. */
struct data_type {
	uint64_t type;
	size_t size;
	uint32_t field;
	enum wire_type form;
	enum tensor_type as;
	bool is_signed;
};

static const struct data_type *data_type_find(uint64_t type)
{
	static const struct data_type row[] = {
		{ 1, 4, 4, WIRE_FIXED32, TENSOR_FLOAT, true },	 { 2, 1, 5, WIRE_VARINT, TENSOR_INT64, false },
		{ 3, 1, 5, WIRE_VARINT, TENSOR_INT64, true },	 { 4, 2, 5, WIRE_VARINT, TENSOR_INT64, false },
		{ 5, 2, 5, WIRE_VARINT, TENSOR_INT64, true },	 { 6, 4, 5, WIRE_VARINT, TENSOR_INT64, true },
		{ 7, 8, 7, WIRE_VARINT, TENSOR_INT64, true },	 { 9, 1, 5, WIRE_VARINT, TENSOR_INT64, false },
		{ 11, 8, 10, WIRE_FIXED64, TENSOR_FLOAT, true }, { 12, 4, 11, WIRE_VARINT, TENSOR_INT64, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].type == type) {
			return &row[i];
		}
	}
	guest_stop("model: a tensor has element type %llu, which is not supported", (unsigned long long)type);
}

enum tensor_type type_of(uint64_t data_type)
{
	return data_type_find(data_type)->as;
}

static void element_put(const struct data_type *d, uint64_t bits, struct tensor *t, size_t i)
{
	double real;

	if (d->as == TENSOR_FLOAT && d->size == 4) {
		t->f[i] = float_of(bits);
	} else if (d->as == TENSOR_FLOAT) {
		memcpy(&real, &bits, sizeof(real));
		/* Beyond the range of float32 the conversion is not defined in C. */
		t->f[i] = real > 3.4028235e38	 ? (float)__builtin_inf()
			  : real < -3.4028235e38 ? (float)-__builtin_inf()
						 : (float)real;
	} else {
		uint64_t mask = d->size == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * d->size)) - 1;
		uint64_t sign = d->is_signed ? (mask >> 1) + 1 : 0;
		t->i[i] = (int64_t)(((bits & mask) ^ sign) - sign);
	}
}

static size_t dims_read(struct text wire, size_t *dim)
{
	size_t rank = numbers(wire, 1, WIRE_VARINT, NULL);
	uint64_t stated[ONNX_RANK_MAX];

	if (rank > ONNX_RANK_MAX) {
		guest_stop("model: a tensor has %zu dimensions, %d are allowed", rank, ONNX_RANK_MAX);
	}
	(void)numbers(wire, 1, WIRE_VARINT, stated);
	for (size_t i = 0; i < rank; i++) {
		if (stated[i] > ONNX_ELEMENTS_MAX) {
			guest_stop("model: a tensor has a dimension of %lld", (long long)stated[i]);
		}
		dim[i] = (size_t)stated[i];
	}
	return rank;
}

static void tensor_fill(struct memory *m, const struct data_type *d, struct text wire, struct text raw,
			struct tensor *t)
{
	if (raw.size && d->type == ONNX_TYPE_FLOAT) {
		memcpy(t->f, raw.at, raw.size);
	} else if (raw.size) {
		struct wire w = wire_over(raw);
		for (size_t i = 0; i < t->count; i++) {
			element_put(d, wire_fixed(&w, d->size), t, i);
		}
	} else {
		uint64_t *bits = memory_take(m, t->count, sizeof(*bits));
		(void)numbers(wire, d->field, d->form, bits);
		for (size_t i = 0; i < t->count; i++) {
			element_put(d, bits[i], t, i);
		}
		memory_drop(m, bits);
	}
}

struct text tensor_read(struct memory *m, struct text wire, struct tensor *out)
{
	struct wire w = wire_over(wire);
	struct field f;
	struct text name = { 0 }, raw = { 0 };
	uint64_t type = 0;
	size_t dim[ONNX_RANK_MAX] = { 0 };

	while (wire_next(&w, &f)) {
		if (f.number == 2) {
			type = field_number(&f);
		} else if (f.number == 8) {
			name = field_name(&f);
		} else if (f.number == 9) {
			raw = field_bytes(&f);
		} else if (f.number == 3 || f.number == 13 || (f.number == 14 && field_number(&f) != 0)) {
			guest_stop("model: a tensor's data is in parts, or in another file");
		}
	}
	const struct data_type *d = data_type_find(type);
	size_t rank = dims_read(wire, dim);
	size_t count = shape_count(rank, dim);
	/* Present is what counts: nothing is allocated for elements that the file only states. */
	size_t present = raw.size ? raw.size / d->size : numbers(wire, d->field, d->form, NULL);
	if (present != count || raw.size % d->size != 0) {
		guest_stop("model: tensor %.*s has %zu elements by its shape and %zu in its data", (int)name.size,
			   name.size ? name.at : "", count, present);
	}
	tensor_make(m, d->as, rank, dim, out);
	tensor_fill(m, d, wire, raw, out);
	return name;
}
