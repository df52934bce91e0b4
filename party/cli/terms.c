/* A contract's terms from options, or from a TOML file with more of them added. examples/psi/contract.toml shows the form. */
#include "party/cli/cli_private.h"

#include <string.h>

#define TERMS_FILE_MAX (64 * 1024)
#define TERMS_ANSWER_MAX (1024 * 1024)
#define TERMS_MEMORY_DEFAULT (UINT64_C(1) << 30)
#define TERMS_WALL_DEFAULT_MS 600000
#define TERMS_SIZE_DEFAULT (UINT64_C(64) << 20)
#define TERMS_EXPIRES_DEFAULT_MS UINT64_C(604800000)

static enum mesatee_err terms_limit(const char *what, size_t max)
{
	return cli_fail(MESATEE_USAGE, NULL, "at most %zu %s", max, what);
}

/* A copy that lives until the program ends: terms only borrow. */
static char *keep(struct bytes text)
{
	char *copy = mt_copy_text(text);

	mt_assert(copy);
	return copy;
}

/* ---- options ---- */

/* NAME=OWNER:TAG */
static enum mesatee_err input_take(struct mesatee_terms *t, const char *text)
{
	char *copy = keep(mt_text(text)), *equals = strchr(copy, '='), *colon = equals ? strrchr(equals, ':') : NULL;

	if (t->input_count == MESATEE_INPUTS_MAX) {
		return terms_limit("inputs", MESATEE_INPUTS_MAX);
	}
	if (!colon) {
		return cli_fail(MESATEE_USAGE, "for example --input a=clinic-a:5f1c...",
				"--input %s is no NAME=OWNER:TAG", text);
	}
	*equals = *colon = 0;
	t->input[t->input_count++] = (struct mesatee_input){ copy, equals + 1, colon + 1 };
	return MESATEE_OK;
}

/* NAME=OWNER[,OWNER...] */
static enum mesatee_err output_take(struct mesatee_terms *t, const char *text)
{
	char *copy = keep(mt_text(text)), *equals = strchr(copy, '='), *rest = NULL;

	if (t->output_count == MESATEE_OUTPUTS_MAX) {
		return terms_limit("outputs", MESATEE_OUTPUTS_MAX);
	}
	if (!equals || !equals[1]) {
		return cli_fail(MESATEE_USAGE, "for example --output result=clinic-a",
				"--output %s is no NAME=OWNER[,OWNER]", text);
	}
	struct mesatee_output *o = &t->output[t->output_count++];
	*equals = 0;
	o->name = copy;
	for (char *owner = strtok_r(equals + 1, ",", &rest); owner; owner = strtok_r(NULL, ",", &rest)) {
		if (o->owner_count == MESATEE_PARTIES_MAX) {
			return terms_limit("owners of an output", MESATEE_PARTIES_MAX);
		}
		o->owner[o->owner_count++] = owner;
	}
	return MESATEE_OK;
}

static enum mesatee_err participant_take(struct mesatee_terms *t, const char *who)
{
	if (t->participant_count == MESATEE_PARTIES_MAX) {
		return terms_limit("participants", MESATEE_PARTIES_MAX);
	}
	t->participant[t->participant_count++] = who;
	return MESATEE_OK;
}

static enum mesatee_err argument_take(struct mesatee_terms *t, const char *text)
{
	if (t->argument_count == MESATEE_ARGUMENTS_MAX) {
		return terms_limit("arguments", MESATEE_ARGUMENTS_MAX);
	}
	t->argument[t->argument_count++] = text;
	return MESATEE_OK;
}

static enum mesatee_err options_lists(const struct cli *c, struct mesatee_terms *t)
{
	static const struct {
		enum option option;
		enum mesatee_err (*take)(struct mesatee_terms *, const char *);
	} row[] = {
		{ OPTION_INPUT, input_take },
		{ OPTION_OUTPUT, output_take },
		{ OPTION_PARTICIPANT, participant_take },
		{ OPTION_ARG, argument_take },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		for (size_t k = 0; k < c->count[row[i].option]; k++) {
			enum mesatee_err err = row[i].take(t, c->value[row[i].option][k]);
			if (err) {
				return err;
			}
		}
	}
	return MESATEE_OK;
}

static enum mesatee_err options_numbers(const struct cli *c, struct mesatee_terms *t)
{
	uint64_t expires = 0, level = 0, size = 0, rows = 0;
	enum mesatee_err err =
		option_size(c, OPTION_MEMORY, t->memory_max ? t->memory_max : TERMS_MEMORY_DEFAULT, &t->memory_max);

	if (!err) {
		err = option_time_ms(c, OPTION_WALL, t->wall_ms ? t->wall_ms : TERMS_WALL_DEFAULT_MS, &t->wall_ms);
	}
	if (!err) {
		err = option_number(c, OPTION_RUNS, t->runs ? t->runs : 1, &t->runs);
	}
	if (!err) {
		err = option_number(c, OPTION_LEVEL, t->level_min, &level);
	}
	if (!err && level > 5) {
		err = cli_fail(MESATEE_USAGE, "mesatee help levels", "--level is 1 to 5");
	}
	if (!err) {
		err = option_time_ms(c, OPTION_EXPIRES, t->expiry ? t->expiry : TERMS_EXPIRES_DEFAULT_MS, &expires);
	}
	if (!err) {
		err = option_size(c, OPTION_MAX_SIZE, TERMS_SIZE_DEFAULT, &size);
	}
	if (!err) {
		err = option_number(c, OPTION_MIN_ROWS, 0, &rows);
	}
	t->level_min = (unsigned)level;
	t->expiry = cli_now_s() + expires / 1000;
	for (size_t i = 0; i < t->output_count; i++) {
		struct mesatee_output *o = &t->output[i];
		o->size_max = o->size_max && !option_given(c, OPTION_MAX_SIZE) ? o->size_max : size;
		o->rows_min = o->rows_min && !option_given(c, OPTION_MIN_ROWS) ? o->rows_min : rows;
	}
	return err;
}

/* ---- the file ---- */

static bool file_text(const struct reader *map, const char *key, const char **out)
{
	struct reader r = reader_find(map, key);
	struct bytes text = reader_tstr(&r);

	if (!reader_ok(&r) || (text.size && memchr(text.at, 0, text.size))) {
		return false;
	}
	*out = keep(text);
	return true;
}

static bool file_list(const struct reader *map, const char *key, const char **out, size_t max, size_t *count)
{
	struct reader r = reader_find(map, key);
	uint64_t n = reader_array(&r);

	if (!reader_ok(&r) || n > max) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct bytes text = reader_tstr(&r);
		if (!reader_ok(&r) || (text.size && memchr(text.at, 0, text.size))) {
			return false;
		}
		out[(*count)++] = keep(text);
	}
	return true;
}

/* A number, or text with a unit. Missing: untouched. */
static bool file_amount(const struct reader *map, const char *key, bool (*take)(const char *, uint64_t *),
			uint64_t *out)
{
	struct reader there = reader_find(map, key), number = there;
	const char *text = NULL;

	if (!reader_ok(&there)) {
		return true;
	}
	uint64_t v = reader_uint(&number);
	if (reader_ok(&number)) {
		*out = v;
		return true;
	}
	return file_text(map, key, &text) && take(text, out);
}

static bool file_inputs(const struct reader *root, struct mesatee_terms *t)
{
	struct reader r = reader_find(root, "input");
	uint64_t count = reader_ok(&r) ? reader_array(&r) : 0;

	if (count > MESATEE_INPUTS_MAX) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		struct mesatee_input *in = &t->input[t->input_count++];
		if (!file_text(&r, "name", &in->name) || !file_text(&r, "owner", &in->owner) ||
		    !file_text(&r, "tag", &in->tag)) {
			return false;
		}
		reader_skip(&r);
	}
	return true;
}

static bool file_outputs(const struct reader *root, struct mesatee_terms *t)
{
	struct reader r = reader_find(root, "output");
	uint64_t count = reader_ok(&r) ? reader_array(&r) : 0;

	if (count > MESATEE_OUTPUTS_MAX) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		struct mesatee_output *o = &t->output[t->output_count++];
		if (!file_text(&r, "name", &o->name) ||
		    !file_list(&r, "owners", o->owner, MESATEE_PARTIES_MAX, &o->owner_count) ||
		    !file_amount(&r, "max_size", parse_size, &o->size_max) ||
		    !file_amount(&r, "min_rows", parse_number, &o->rows_min)) {
			return false;
		}
		reader_skip(&r);
	}
	return true;
}

/* A misspelt term would silently not be one. */
static bool file_keys(const struct reader *root, const char **unknown)
{
	static const char *const known[] = {
		"function", "arguments", "participants", "input", "output",	   "memory",
		"wall",	    "runs",	 "expires",	 "level", "deterministic",
	};
	struct reader r = *root;
	uint64_t pairs = reader_map(&r);

	for (uint64_t i = 0; i < pairs && reader_ok(&r); i++) {
		struct bytes key = reader_tstr(&r);
		bool found = false;
		for (size_t k = 0; k < MT_COUNT(known); k++) {
			found = found || mt_equal(key, mt_text(known[k]));
		}
		if (!found) {
			*unknown = keep(key);
			return false;
		}
		reader_skip(&r);
	}
	return reader_ok(&r);
}

/* NULL, or what is wrong. */
static const char *file_terms(const struct items *items, struct mesatee_terms *t)
{
	struct reader root = reader_over(items), there = root;
	const char *unknown = NULL;
	uint64_t level = 0;

	if (!file_keys(&root, &unknown)) {
		return unknown ? unknown : "the document";
	}
	there = reader_find(&root, "function");
	if (reader_ok(&there) && !file_text(&root, "function", &t->function)) {
		return "function";
	}
	there = reader_find(&root, "arguments");
	if (reader_ok(&there) &&
	    !file_list(&root, "arguments", t->argument, MESATEE_ARGUMENTS_MAX, &t->argument_count)) {
		return "arguments";
	}
	there = reader_find(&root, "participants");
	if (reader_ok(&there) &&
	    !file_list(&root, "participants", t->participant, MESATEE_PARTIES_MAX, &t->participant_count)) {
		return "participants";
	}
	if (!file_inputs(&root, t)) {
		return "input: each [[input]] has name, owner and tag";
	}
	if (!file_outputs(&root, t)) {
		return "output: each [[output]] has name, owners, and may have max_size, min_rows";
	}
	if (!file_amount(&root, "memory", parse_size, &t->memory_max) ||
	    !file_amount(&root, "wall", parse_time_ms, &t->wall_ms) ||
	    !file_amount(&root, "runs", parse_number, &t->runs) ||
	    !file_amount(&root, "expires", parse_time_ms, &t->expiry) ||
	    !file_amount(&root, "level", parse_number, &level) || level > 5) {
		return "memory, wall, runs, expires or level";
	}
	t->level_min = (unsigned)level;
	there = reader_find(&root, "deterministic");
	if (reader_ok(&there)) {
		t->deterministic = reader_bool(&there);
		if (!reader_ok(&there)) {
			return "deterministic";
		}
	}
	return NULL;
}

static enum mesatee_err file_read_terms(struct cli *c, const char *path, struct mesatee_terms *t)
{
	uint8_t *text = NULL, *answer = NULL;
	size_t size = 0, answer_size = 0;
	struct items items;
	enum mesatee_err err = cli_boxes(c);

	if (!err) {
		err = file_load(path, TERMS_FILE_MAX, &text, &size);
	}
	if (!err) {
		answer = mt_alloc(TERMS_ANSWER_MAX);
		if (!answer ||
		    box_call(c->toml, BOX_PARSE, mt_bytes(text, size), answer, TERMS_ANSWER_MAX, &answer_size) ||
		    items_open(mt_bytes(answer, answer_size), &items)) {
			err = cli_fail(MESATEE_USAGE, "examples/psi/contract.toml shows the form",
				       "%s, line %u: this is not TOML", path, box_fault_line(c->toml));
		}
	}
	if (!err) {
		const char *wrong = file_terms(&items, t);
		if (wrong) {
			err = cli_fail(MESATEE_USAGE, "examples/psi/contract.toml shows the form", "%s: not understood: %s", path,
				       wrong);
		}
	}
	mt_free(answer);
	mt_free(text);
	return err;
}

enum mesatee_err terms_read(struct cli *c, struct mesatee_terms *out)
{
	const char *path = option_text(c, OPTION_FILE, NULL);
	enum mesatee_err err = path ? file_read_terms(c, path, out) : MESATEE_OK;

	if (!err) {
		err = options_lists(c, out);
	}
	if (!err) {
		err = options_numbers(c, out);
	}
	if (err) {
		return err;
	}
	out->function = option_text(c, OPTION_FUNCTION, out->function);
	out->deterministic = out->deterministic || option_given(c, OPTION_DETERMINISTIC);
	if (!out->function) {
		return cli_fail(MESATEE_USAGE, "mesatee publish prints it", "--function HASH: what shall run?");
	}
	if (out->output_count == 0) {
		return cli_fail(MESATEE_USAGE, "--output NAME=OWNER",
				"a contract without an output would tell nobody anything");
	}
	return MESATEE_OK;
}
