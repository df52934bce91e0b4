/*
 * An ONNX model from foreign bytes, and its run on one tensor. Private to the built-in function onnx (onnx_main.c).
 *
 * Hides: protobuf, the names of a graph, which operator means what at which opset, when memory is given back.
 * Class B. Nothing here recurses, and no size that a file states is believed: memory is taken only for data that is present, or within
 * struct memory. Whatever is wrong ends in guest_stop(), which does not return; memory_drop_all() then gives everything back.
 *
 * Files: onnx_wire.c bytes to struct model; onnx_graph.c names, order, run; onnx_tensor.c memory and shapes; onnx_gemm.c the product;
 * onnx_ops_*.c operators, each with the table row that onnx_graph.c looks up.
 */
#ifndef MT_EXEC_BUILTIN_ONNX_H
#define MT_EXEC_BUILTIN_ONNX_H

#include "exec/builtin/guest.h"

#define ONNX_OPSET_LEAST 7 /* older: another meaning of broadcasting and Reshape */
#define ONNX_OPSET_MOST 21
#define ONNX_RANK_MAX 8
#define ONNX_ELEMENTS_MAX (UINT32_C(1) << 28) /* of one tensor: a quarter of a wasm32 memory as float32 */
#define ONNX_NODES_MAX 65536 /* the largest networks in use have some thousands */
#define ONNX_INITIALIZERS_MAX 65536
#define ONNX_VALUES_MAX 262144 /* names in a graph */
#define ONNX_LINKS_MAX 1024 /* inputs, and outputs, of one node */
#define ONNX_ATTRIBUTES_MAX 32 /* of one node; Resize has 9 */
#define ONNX_NAME_MAX 4096 /* bytes of one name: exporters write paths */
#define ONNX_WORK_MAX                                                                                                  \
	(UINT64_C(1) << 46) /* scalar steps of one run: some hours; a contract's timer is the real limit */

/* ---- memory ---- */

/* All memory of a model and its runs. Start with { .max = bytes }. */
struct memory {
	struct block *first;
	size_t used, max;
};

/* Zeroed, with one user; stops when count * size wraps, passes the maximum or is not to be had. */
void *memory_take(struct memory *m, size_t count, size_t size);
void memory_keep(void *at); /* one user more */
void memory_drop(struct memory *m, void *at); /* one user less; the last one frees. NULL is allowed. */
bool memory_alone(const void *at); /* there is one user */
void memory_drop_all(struct memory *m);

/* ---- tensors ---- */

/* Double and the small integers are read into these two. */
enum tensor_type {
	TENSOR_FLOAT,
	TENSOR_INT64,
};

struct tensor {
	enum tensor_type type;
	size_t rank, dim[ONNX_RANK_MAX];
	size_t count; /* product of dim, at most ONNX_ELEMENTS_MAX */
	union {
		void *at; /* from memory_take(); NULL: there is no tensor */
		float *f;
		int64_t *i;
	};
};

/* The product of dimensions; stops beyond ONNX_ELEMENTS_MAX, and when a part of it would be. */
size_t shape_count(size_t rank, const size_t *dim);
/* The same with every 0 as 1: how far loops over the axes go at most. */
uint64_t shape_steps(size_t rank, const size_t *dim);
/* The product of dim[from] up to dim[to - 1]. */
size_t shape_part(const struct tensor *t, size_t from, size_t to);
/* The distance in elements from one index of an axis to the next. */
void shape_strides(size_t rank, const size_t *dim, size_t *stride);
void tensor_make(struct memory *m, enum tensor_type type, size_t rank, const size_t *dim, struct tensor *out);
/* out[i, j, ...] = in[map[0][i], map[1][j], ...]; a negative index of a map gives `fill`. A map may be NULL: as it is. */
void tensor_pick(const struct tensor *in, const int32_t *const *map, float fill, struct tensor *out);
/* out[i, j, ...] = in at i * stride[0] + j * stride[1] + ... */
void tensor_walk(const struct tensor *in, const size_t *stride, struct tensor *out);

/* ---- a model, as its bytes have it: onnx_wire.c ---- */

/* AttributeProto.AttributeType */
enum attribute_type {
	ATTRIBUTE_FLOAT = 1,
	ATTRIBUTE_INT = 2,
	ATTRIBUTE_STRING = 3,
	ATTRIBUTE_TENSOR = 4,
	ATTRIBUTE_FLOATS = 6,
	ATTRIBUTE_INTS = 7,
};

struct attribute {
	struct text name;
	uint64_t type;
	float f;
	int64_t i;
	struct text s;
	const float *floats;
	const int64_t *ints;
	size_t count; /* of floats, or ints */
	struct tensor tensor;
};

struct node {
	struct text op, domain, name;
	struct text *input_name, *output_name; /* empty: not given */
	size_t input_count, output_count, attribute_count;
	struct attribute *attribute;
	const struct operation *operation; /* NULL: it does not run */
	uint32_t *input, *output; /* indices of values, or VALUE_NONE */
};

struct initializer {
	struct text name;
	struct tensor tensor;
};

/* What a graph says of an input: a dimension that it leaves open is 0. */
struct shaped {
	struct text name;
	uint64_t type; /* TensorProto.DataType; 0: not said */
	bool has_shape;
	size_t rank, dim[ONNX_RANK_MAX];
};

struct model {
	struct memory *memory;
	int64_t opset;
	struct node *node;
	struct initializer *initializer;
	struct shaped *input;
	struct text *output;
	size_t node_count, initializer_count, input_count, output_count;
};

#define ONNX_TYPE_FLOAT 1 /* TensorProto.DataType of the one input */

/* Borrows names from `wire`, which must outlive the model. */
void model_read(struct memory *m, struct text wire, struct model *out);
bool text_is(struct text t, const char *word);
/* What a TensorProto.DataType is read as; stops on one that is not supported. */
enum tensor_type type_of(uint64_t data_type);

/* ---- a graph, ready to run: onnx_graph.c ---- */

#define VALUE_NONE UINT32_MAX

struct value {
	struct tensor tensor;
	uint32_t born, last; /* node that makes it, plus one, 0: given; node that uses it last */
	uint32_t uses;
	bool given; /* an initializer, kept from run to run */
};

struct onnx {
	struct memory *memory;
	struct model model;
	struct value *value;
	size_t value_count;
	const struct shaped *input; /* the one input that is no initializer */
	uint32_t input_value, result;
	uint64_t work, work_max;
	const struct tensor **in; /* of the node that runs, as are the next two */
	struct tensor **out;
	uint32_t at;
};

/*
 * Names and the order of nodes are right from here on, and so are the operators of the nodes that `result` needs; others never run, and may
 * be anything. `result` names any value of the graph, its first output when it is "".
 */
void onnx_open(struct memory *m, struct text wire, const char *result, struct onnx *out);
/* `input` is taken. *output is kept for the caller to drop. */
void onnx_run(struct onnx *o, struct tensor *input, struct tensor *output);
/* BatchNormalization after Conv becomes part of its weights: onnx_fold.c. */
void onnx_fold(struct onnx *o);

/* ---- what an operator sees ---- */

/* One node in a run. in[i] is NULL where it is not given; out[i]->at is NULL until the operator has made it. */
struct call {
	struct onnx *onnx;
	const struct node *node;
	int64_t opset;
	const struct tensor **in;
	struct tensor **out;
	size_t in_count, out_count;
};

struct operation {
	const char *name;
	void (*run)(struct call *c);
	size_t in_least, in_most;
	const char *attributes; /* names between spaces: " axis perm "; any other attribute is refused */
};

extern const struct operation operators_math[], operators_reduce[], operators_layer[], operators_pool[],
	operators_shape[], operators_cut[], operators_resize[];

__attribute__((format(printf, 2, 3), noreturn)) void call_stop(const struct call *c, const char *format, ...);
/* Steps that are about to be taken; stops when a run has had too many. */
void call_work(struct call *c, uint64_t a, uint64_t b);
/* Input i, which must be there, and of that type. */
const struct tensor *call_float(const struct call *c, size_t i);
const struct tensor *call_int(const struct call *c, size_t i);
const struct tensor *call_in(const struct call *c, size_t i); /* NULL when it is not given */
struct tensor *call_make(struct call *c, enum tensor_type type, size_t rank, const size_t *dim);
/* An output like input i: in its memory when nobody uses that any more. */
struct tensor *call_like(struct call *c, size_t i);
/* The output is input i under another shape, of the same count. */
void call_view(struct call *c, size_t i, size_t rank, const size_t *dim);
/* An axis within [0, rank), counted from the end when negative. */
size_t call_axis(const struct call *c, int64_t axis, size_t rank);

/* An attribute, NULL when it is not there; stops when it is of another type. */
const struct attribute *attribute_find(const struct call *c, const char *name, enum attribute_type type);
int64_t attribute_int(const struct call *c, const char *name, int64_t otherwise);
float attribute_float(const struct call *c, const char *name, float otherwise);
/* A word of a list that ends with NULL: its index; `otherwise` when it is not there. */
size_t attribute_word(const struct call *c, const char *name, const char *const *words, size_t otherwise);
/* Whole numbers from an attribute, or where that is not there from input i: false when there is neither. */
bool call_ints(const struct call *c, const char *name, size_t i, const int64_t **at, size_t *count);
/* As above for axes, as a bit for each; all of them stop when one is there twice. */
bool call_axes(const struct call *c, size_t i, size_t rank, uint32_t *set);

/* ---- the product: onnx_gemm.c ---- */

/* Columns of the right side are packed by panels of this many. */
#define GEMM_PANEL 8

/*
 * c += scale * a b, with a rows x depth, b depth x columns, c rows x columns. Element (i, j) of a is at i * a_row + j * a_column.
 * Where `pack` is not NULL it writes b for itself: depths from `depth` on, `depth_count` of them, a panel of columns from `column` on, at
 * most GEMM_PANEL, the rest anything: to[d * GEMM_PANEL + column].
 */
struct gemm {
	size_t rows, columns, depth;
	float scale;
	const float *a;
	size_t a_row, a_column;
	const float *b;
	size_t b_row, b_column;
	void (*pack)(const void *from, size_t depth, size_t depth_count, size_t column, float *to);
	const void *from;
	float *c;
	size_t c_row;
};

void gemm(const struct gemm *g);

/* ---- windows: Conv and the pools ---- */

/* Two axes; a signal of one axis has height 1. */
struct window {
	size_t batch, channels, in[2], kernel[2], stride[2], dilation[2], pad_begin[2], pad_end[2], out[2];
	size_t axes; /* 1 or 2, of the tensor itself */
};

/* From the attributes and the input's shape; `kernel` is what the weights say, or NULL. */
void window_read(struct call *c, const struct tensor *x, const size_t *kernel, struct window *w);
/* The output's shape: batch, `channels`, and the one or two axes. Returns the rank. */
size_t window_shape(const struct window *w, size_t channels, size_t *dim);

#endif
