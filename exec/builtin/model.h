/*
 * Model files: what the training functions write and the predicting ones read.
 *
 * Wire form, big endian:
 *   "MTmodel" | version u8 | kind u8
 *   | features u32, that many names | labels u32, that many names | what follows depends on the kind
 *   a name: size u32, bytes[size]
 * A number is an IEEE double and finite. A model without labels predicts a number, one with labels (2 or more) a class.
 *
 * A model is foreign bytes: the reader is sticky, bounded by the bytes that there are, and model_done() gives the one verdict before anything
 * is used. There is one encoding of each model, so what is read and written again is the same bytes. Class B. Allocates through guest_alloc().
 */
#ifndef MT_EXEC_BUILTIN_MODEL_H
#define MT_EXEC_BUILTIN_MODEL_H

#include "exec/builtin/guest.h"

#define MODEL_FEATURES_MAX 4096         /* CSV_COLUMNS_MAX */
#define MODEL_LABELS_MAX 100

enum model_kind {
	MODEL_LINEAR = 1,
	MODEL_LOGISTIC = 2,
	MODEL_GBDT = 3,
};

struct model_head {
	enum model_kind kind;
	size_t features, labels;
	struct text *feature, *label;
};

struct model_reader {
	const char *at;
	size_t left;
	bool failed;
};

/* After the first thing that is not there, each of these gives zero. */
uint8_t model_u8(struct model_reader *r);
uint32_t model_u32(struct model_reader *r);
double model_f64(struct model_reader *r);
/* Borrows from the file. */
struct text model_text(struct model_reader *r);

/* Begin with a file. Fails (sticky) when it is no model of this kind. */
struct model_reader model_open(struct text file, enum model_kind kind, struct model_head *out);
/* Stops unless every byte was read and all of it was well formed. */
void model_done(const struct model_reader *r);

void model_put_u8(FILE *to, uint8_t value);
void model_put_u32(FILE *to, uint32_t value);
void model_put_f64(FILE *to, double value);
void model_put_head(FILE *to, const struct model_head *head);

/* One cell, in quotes where it needs them. */
void model_put_cell(FILE *to, struct text cell);
/* Where the function's optional output NAME= is wanted: that output, else NULL. */
FILE *model_output_wanted(const char *argument);
/* An argument that is one of two words: whether it is the second; the first is the default. */
bool model_either(const char *argument, const char *first, const char *second);

/* The argument seed=, or random bytes of the system where there is none. */
uint64_t model_seed(void);
/* The next of a sequence that `state` stands for (splitmix64), and one in [0, 1). */
uint64_t model_chance(uint64_t *state);
double model_chance_unit(uint64_t *state);

#endif
