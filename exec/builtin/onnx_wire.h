/* Protobuf's wire form, for the two files that know onnx.proto: onnx_wire.c and onnx_model.c. Every function stops on what is wrong. */
#ifndef MT_EXEC_BUILTIN_ONNX_WIRE_H
#define MT_EXEC_BUILTIN_ONNX_WIRE_H

#include "exec/builtin/onnx.h"

struct wire {
	const uint8_t *at, *end;
};

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_BYTES = 2,
	WIRE_FIXED32 = 5,
};

struct field {
	uint32_t number;
	enum wire_type type;
	uint64_t value; /* of a number */
	struct text bytes;
};

struct wire wire_over(struct text t);
/* The next field; false at the end of the message. */
bool wire_next(struct wire *w, struct field *f);
void field_want(const struct field *f, enum wire_type type);
struct text field_bytes(const struct field *f);
struct text field_name(const struct field *f);
uint64_t field_number(const struct field *f);
/* How many fields of that number a message has. */
size_t fields_count(struct text message, uint32_t number, size_t most, const char *what);
/* The numbers of a repeated field, packed or one by one. `to` may be NULL: to count. */
size_t numbers(struct text message, uint32_t number, enum wire_type form, uint64_t *to);
float float_of(uint64_t bits);
/* A TensorProto; returns its name. */
struct text tensor_read(struct memory *m, struct text wire, struct tensor *out);

#endif
