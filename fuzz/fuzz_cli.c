/*
 * A contract's terms from the command line and from a file that another party may have written.
 *
 *   lines up to an empty one: option (a letter of `letters`), its value | then the file
 */
#include "fuzz/ports.h"
#include "lib/box/box.h"
#include "party/cli/cli_private.h"
#include "port/linux/box_port.h"

#define COPIES_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
char *__wrap_mt_copy_text(struct bytes b);

static struct bytes file;
static struct box *toml;
static char *copies[COPIES_MAX]; /* what lives "until the program ends" */
static size_t copy_count;

/* ---- what terms.c stands on, without commands ---- */

const struct option_row option_table[OPTIONS];
const struct command_row command_table[1];
const size_t command_count = 0;
const uint64_t options_global = 0;

void help_all(FILE *to)
{
	(void)to;
}

enum mesatee_err cli_fail(enum mesatee_err err, const char *help, const char *format, ...)
{
	(void)help;
	mt_assert(err && format);
	return err;
}

enum mesatee_err cli_boxes(struct cli *c)
{
	c->toml = toml;
	return MESATEE_OK;
}

uint64_t cli_now_s(void)
{
	return 1790000000;
}

enum mesatee_err file_load(const char *path, size_t max, uint8_t **out, size_t *size)
{
	(void)path;
	if (file.size > max) {
		return MESATEE_USAGE;
	}
	*out = mt_copy(file);
	*size = file.size;
	return *out ? MESATEE_OK : MESATEE_FAILED;
}

char *__wrap_mt_copy_text(struct bytes b)
{
	char *copy = malloc(b.size + 1);

	mt_assert(copy_count < COPIES_MAX);
	if (b.size) {
		memcpy(copy, b.at, b.size);
	}
	copy[b.size] = 0;
	copies[copy_count++] = copy;
	return copy;
}

/* ---- one input ---- */

static void terms_check(const struct mesatee_terms *t)
{
	size_t sum = strlen(t->function);

	mt_assert(t->argument_count <= MESATEE_ARGUMENTS_MAX && t->participant_count <= MESATEE_PARTIES_MAX);
	mt_assert(t->input_count <= MESATEE_INPUTS_MAX && t->output_count <= MESATEE_OUTPUTS_MAX && t->level_min <= 5);
	for (size_t i = 0; i < t->argument_count; i++) {
		sum += strlen(t->argument[i]);
	}
	for (size_t i = 0; i < t->participant_count; i++) {
		sum += strlen(t->participant[i]);
	}
	for (size_t i = 0; i < t->input_count; i++) {
		sum += strlen(t->input[i].name) + strlen(t->input[i].owner) + strlen(t->input[i].tag);
	}
	for (size_t i = 0; i < t->output_count; i++) {
		mt_assert(t->output[i].owner_count <= MESATEE_PARTIES_MAX);
		sum += strlen(t->output[i].name);
		for (size_t k = 0; k < t->output[i].owner_count; k++) {
			sum += strlen(t->output[i].owner[k]);
		}
	}
	mt_assert(sum < SIZE_MAX / 2);
}

/* One line of options; false: there are no more. */
static bool option_line(struct cli *c, struct bytes *in)
{
	static const char letters[] = "iopamwrelsnfd";
	static const enum option option[] = { OPTION_INPUT,	   OPTION_OUTPUT,   OPTION_PARTICIPANT, OPTION_ARG,
					      OPTION_MEMORY,	   OPTION_WALL,	    OPTION_RUNS,	OPTION_EXPIRES,
					      OPTION_LEVEL,	   OPTION_MAX_SIZE, OPTION_MIN_ROWS,	OPTION_FUNCTION,
					      OPTION_DETERMINISTIC };
	const uint8_t *end = in->size ? memchr(in->at, '\n', in->size) : NULL;
	size_t size = end ? (size_t)(end - in->at) : 0;
	const char *which = size && in->at[0] ? strchr(letters, in->at[0]) : NULL;

	if (!which) {
		return false;
	}
	enum option o = option[which - letters];

	if (c->count[o] < CLI_VALUES_MAX) {
		c->value[o][c->count[o]++] = __wrap_mt_copy_text(mt_bytes(in->at + 1, size - 1));
	}
	*in = mt_bytes(end + 1, in->size - size - 1);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cli c;
	static struct mesatee_terms terms;
	struct bytes in = mt_bytes(data, size);

	if (!toml) {
		box_port_install();
		mt_assert(!box_open(&box_toml, &toml));
	}
	c = (struct cli){ 0 };
	terms = (struct mesatee_terms){ 0 };
	for (size_t i = 0; i < 200 && option_line(&c, &in); i++) {
	}
	if (in.size) {
		c.value[OPTION_FILE][c.count[OPTION_FILE]++] = "contract.toml";
	}
	file = fuzz_block(&in, in.size);
	if (terms_read(&c, &terms) == MESATEE_OK) {
		terms_check(&terms);
	}
	fuzz_free(file);
	while (copy_count) {
		free(copies[--copy_count]);
	}
	return 0;
}
