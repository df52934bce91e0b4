/*
 * Nodes, graph and model of onnx.proto, as far as inference needs them. Subgraphs, functions and documentation are skipped, not read, so
 * nothing nests deeper than an attribute's tensor.
 */
#include "exec/builtin/onnx_wire.h"

/* ---- NodeProto ---- */

static void attribute_numbers(struct memory *m, struct text wire, struct attribute *a)
{
	bool real = a->type == ATTRIBUTE_FLOATS;
	uint32_t number = real ? 7 : 8;
	enum wire_type form = real ? WIRE_FIXED32 : WIRE_VARINT;
	size_t count = numbers(wire, number, form, NULL);
	uint64_t *bits = memory_take(m, count, sizeof(*bits));

	(void)numbers(wire, number, form, bits);
	a->count = count;
	if (real) {
		float *floats = memory_take(m, count, sizeof(*floats));
		for (size_t i = 0; i < count; i++) {
			floats[i] = float_of(bits[i]);
		}
		a->floats = floats;
		memory_drop(m, bits);
	} else {
		a->ints = (const int64_t *)bits;
	}
}

static void attribute_read(struct memory *m, struct text wire, struct attribute *a)
{
	struct wire w = wire_over(wire);
	struct field f;
	struct text tensor = { 0 };

	while (wire_next(&w, &f)) {
		if (f.number == 1) {
			a->name = field_name(&f);
		} else if (f.number == 2) {
			field_want(&f, WIRE_FIXED32);
			a->f = float_of(f.value);
		} else if (f.number == 3) {
			a->i = (int64_t)field_number(&f);
		} else if (f.number == 4) {
			a->s = field_name(&f);
		} else if (f.number == 5) {
			tensor = field_bytes(&f);
		} else if (f.number == 20) {
			a->type = field_number(&f);
		}
	}
	if (a->type == ATTRIBUTE_TENSOR) {
		(void)tensor_read(m, tensor, &a->tensor);
	} else if (a->type == ATTRIBUTE_FLOATS || a->type == ATTRIBUTE_INTS) {
		attribute_numbers(m, wire, a);
	}
}

static void node_read(struct memory *m, struct text wire, struct node *n)
{
	struct wire w = wire_over(wire);
	struct field f;

	n->input_name = memory_take(m, fields_count(wire, 1, ONNX_LINKS_MAX, "inputs of a node"), sizeof(struct text));
	n->output_name =
		memory_take(m, fields_count(wire, 2, ONNX_LINKS_MAX, "outputs of a node"), sizeof(struct text));
	n->attribute = memory_take(m, fields_count(wire, 5, ONNX_ATTRIBUTES_MAX, "attributes of a node"),
				   sizeof(struct attribute));
	while (wire_next(&w, &f)) {
		if (f.number == 1) {
			n->input_name[n->input_count++] = field_name(&f);
		} else if (f.number == 2) {
			n->output_name[n->output_count++] = field_name(&f);
		} else if (f.number == 3) {
			n->name = field_name(&f);
		} else if (f.number == 4) {
			n->op = field_name(&f);
		} else if (f.number == 5) {
			attribute_read(m, field_bytes(&f), &n->attribute[n->attribute_count++]);
		} else if (f.number == 7) {
			n->domain = field_name(&f);
		}
	}
}

/* ---- GraphProto ---- */

/* TensorShapeProto: a dimension that is open, or has a name, is 0. */
static void shape_read(struct text wire, struct shaped *s)
{
	struct wire w = wire_over(wire), dimension;
	struct field f, part;

	s->has_shape = true;
	s->rank = 0;
	while (wire_next(&w, &f)) {
		if (f.number != 1) {
			continue;
		}
		if (s->rank == ONNX_RANK_MAX) {
			guest_stop("model: an input has more than %d dimensions", ONNX_RANK_MAX);
		}
		uint64_t stated = 0;
		dimension = wire_over(field_bytes(&f));
		while (wire_next(&dimension, &part)) {
			stated = part.number == 1 ? field_number(&part) : stated;
		}
		if (stated > ONNX_ELEMENTS_MAX && (int64_t)stated > 0) {
			guest_stop("model: an input has a dimension of %llu", (unsigned long long)stated);
		}
		s->dim[s->rank++] = (int64_t)stated < 0 ? 0 : (size_t)stated;
	}
}

static void input_read(struct text wire, struct shaped *s)
{
	struct wire w = wire_over(wire), type, tensor;
	struct field f, g, h;

	while (wire_next(&w, &f)) {
		if (f.number == 1) {
			s->name = field_name(&f);
		}
		for (type = wire_over(f.number == 2 ? field_bytes(&f) : (struct text){ 0 }); wire_next(&type, &g);) {
			for (tensor = wire_over(g.number == 1 ? field_bytes(&g) : (struct text){ 0 });
			     wire_next(&tensor, &h);) {
				if (h.number == 1) {
					s->type = field_number(&h);
				} else if (h.number == 2) {
					shape_read(field_bytes(&h), s);
				}
			}
		}
	}
}

static void graph_field(struct model *m, const struct field *f)
{
	struct shaped output = { 0 };
	struct initializer *i;

	switch (f->number) {
	case 1:
		node_read(m->memory, field_bytes(f), &m->node[m->node_count++]);
		break;
	case 5:
		i = &m->initializer[m->initializer_count++];
		i->name = tensor_read(m->memory, field_bytes(f), &i->tensor);
		break;
	case 11:
		input_read(field_bytes(f), &m->input[m->input_count++]);
		break;
	case 12:
		input_read(field_bytes(f), &output);
		m->output[m->output_count++] = output.name;
		break;
	case 15:
		guest_stop("model: sparse initializers are not supported");
	default:
		break;
	}
}

static void graph_read(struct text wire, struct model *m)
{
	struct wire w = wire_over(wire);
	struct field f;

	m->node = memory_take(m->memory, fields_count(wire, 1, ONNX_NODES_MAX, "nodes"), sizeof(struct node));
	m->initializer = memory_take(m->memory, fields_count(wire, 5, ONNX_INITIALIZERS_MAX, "initializers"),
				     sizeof(struct initializer));
	m->input =
		memory_take(m->memory, fields_count(wire, 11, ONNX_INITIALIZERS_MAX, "inputs"), sizeof(struct shaped));
	m->output = memory_take(m->memory, fields_count(wire, 12, ONNX_LINKS_MAX, "outputs"), sizeof(struct text));
	while (wire_next(&w, &f)) {
		graph_field(m, &f);
	}
}

static void opset_read(struct text wire, struct model *m)
{
	struct wire w = wire_over(wire);
	struct field f;
	struct text domain = { 0 };
	uint64_t version = 0;

	while (wire_next(&w, &f)) {
		if (f.number == 1) {
			domain = field_name(&f);
		} else if (f.number == 2) {
			version = field_number(&f);
		}
	}
	if (domain.size && !text_is(domain, "ai.onnx")) {
		return; /* A node of another domain is refused where it is. */
	}
	if (m->opset || version < ONNX_OPSET_LEAST || version > ONNX_OPSET_MOST) {
		guest_stop("model: opset %llu; one from %d to %d is supported", (unsigned long long)version,
			   ONNX_OPSET_LEAST, ONNX_OPSET_MOST);
	}
	m->opset = (int64_t)version;
}

void model_read(struct memory *memory, struct text wire, struct model *out)
{
	struct wire w = wire_over(wire);
	struct field f;
	struct text graph = { 0 };

	*out = (struct model){ .memory = memory };
	while (wire_next(&w, &f)) {
		if (f.number == 7) {
			if (graph.at) {
				guest_stop("model: two graphs");
			}
			graph = field_bytes(&f);
		} else if (f.number == 8) {
			opset_read(field_bytes(&f), out);
		}
	}
	if (!graph.at || !out->opset) {
		guest_stop("model: no graph, or no opset");
	}
	graph_read(graph, out);
}
