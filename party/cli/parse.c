/* Words to a command, its options and what is left. */
#include "party/cli/cli_private.h"

#include <stdlib.h>
#include <string.h>

static const char *const flag_short[][2] = { { "-h", "--help" }, { "-q", "--quiet" }, { "-o", "--out" } };

static bool words_match(const char *name, const char *const *words, size_t count, size_t *used)
{
	const char *space = strchr(name, ' ');
	size_t first = space ? (size_t)(space - name) : strlen(name);

	if (count < 1 || strlen(words[0]) != first || strncmp(words[0], name, first) != 0) {
		return false;
	}
	*used = 1;
	if (!space) {
		return true;
	}
	*used = 2;
	return count >= 2 && strcmp(words[1], space + 1) == 0;
}

/* The longest name that fits. */
const struct command_row *command_find(const char *const *words, size_t count, size_t *used)
{
	const struct command_row *best = NULL;

	*used = 0;
	for (size_t i = 0; i < command_count; i++) {
		size_t n = 0;
		if (words_match(command_table[i].name, words, count, &n) && n > *used) {
			best = &command_table[i];
			*used = n;
		}
	}
	return best;
}

static enum option option_find(const char *word, size_t size)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (strlen(option_table[i].name) == size && strncmp(option_table[i].name, word, size) == 0) {
			return (enum option)i;
		}
	}
	return OPTIONS;
}

static enum mesatee_err parse_option(struct cli *c, int count, char **words, int *at)
{
	const char *word = words[*at];

	for (size_t i = 0; i < MT_COUNT(flag_short); i++) {
		word = strcmp(word, flag_short[i][0]) == 0 ? flag_short[i][1] : word;
	}
	if (strncmp(word, "--", 2) != 0) {
		return cli_fail(MESATEE_USAGE, "mesatee help", "there is no option %s", word);
	}
	const char *name = word + 2, *equals = strchr(name, '=');
	enum option o = option_find(name, equals ? (size_t)(equals - name) : strlen(name));
	if (o == OPTIONS) {
		return cli_fail(MESATEE_USAGE, "mesatee help COMMAND lists its options", "there is no option %s", word);
	}
	if (c->count[o] == CLI_VALUES_MAX) {
		return cli_fail(MESATEE_USAGE, NULL, "--%s was given more than %d times", option_table[o].name,
				CLI_VALUES_MAX);
	}
	const char *value = "";
	if (!option_table[o].argument && equals) {
		return cli_fail(MESATEE_USAGE, NULL, "--%s takes no value", option_table[o].name);
	}
	if (option_table[o].argument && equals) {
		value = equals + 1;
	} else if (option_table[o].argument) {
		if (*at + 1 >= count) {
			return cli_fail(MESATEE_USAGE, NULL, "--%s wants %s", option_table[o].name,
					option_table[o].argument);
		}
		value = words[++*at];
	}
	c->value[o][c->count[o]++] = value;
	return MESATEE_OK;
}

/* Options may stand anywhere; behind "--" there are none. */
static enum mesatee_err parse_words(struct cli *c, int count, char **words)
{
	bool options = true;

	for (int i = 1; i < count; i++) {
		enum mesatee_err err = MESATEE_OK;
		if (options && strcmp(words[i], "--") == 0) {
			options = false;
		} else if (options && words[i][0] == '-' && words[i][1]) {
			err = parse_option(c, count, words, &i);
		} else if (c->word_count == CLI_WORDS_MAX) {
			err = cli_fail(MESATEE_USAGE, NULL, "too many words");
		} else {
			c->word[c->word_count++] = words[i];
		}
		if (err) {
			return err;
		}
	}
	return MESATEE_OK;
}

static enum mesatee_err parse_allowed(const struct cli *c)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (c->count[i] && !((c->command->options | options_global) & OPTION_BIT(i))) {
			return cli_fail(MESATEE_USAGE, "mesatee help COMMAND lists its options",
					"`mesatee %s` has no option --%s", c->command->name, option_table[i].name);
		}
	}
	if (option_given(c, OPTION_HELP)) {
		return MESATEE_OK;
	}
	if (c->word_count < c->command->words_min || c->word_count > c->command->words_max) {
		return cli_fail(MESATEE_USAGE, "mesatee help COMMAND", "usage: mesatee %s %s", c->command->name,
				c->command->words);
	}
	return MESATEE_OK;
}

enum mesatee_err parse(struct cli *c, int count, char **words)
{
	size_t used = 0;
	enum mesatee_err err = parse_words(c, count, words);

	if (err) {
		return err;
	}
	if (c->word_count == 0) {
		if (!option_given(c, OPTION_HELP)) {
			help_all(stderr);
			return MESATEE_USAGE;
		}
		c->word[c->word_count++] = "help";
	}
	c->command = command_find(c->word, c->word_count, &used);
	if (!c->command) {
		return cli_fail(MESATEE_USAGE, "mesatee help lists the commands", "there is no command \"%s\"",
				c->word[0]);
	}
	c->word_count -= used;
	memmove(c->word, c->word + used, c->word_count * sizeof(c->word[0]));
	return parse_allowed(c);
}

/* ---- values ---- */

const char *option_text(const struct cli *c, enum option o, const char *otherwise)
{
	return c->count[o] ? c->value[o][c->count[o] - 1] : otherwise;
}

bool option_given(const struct cli *c, enum option o)
{
	return c->count[o] > 0;
}

struct unit {
	const char *name;
	uint64_t factor;
};

static bool parse_unit(const char *text, const struct unit *units, size_t count, uint64_t *out)
{
	uint64_t v = 0;
	size_t digits = 0;

	while (text[digits] >= '0' && text[digits] <= '9' && digits < 18) {
		v = v * 10 + (uint64_t)(text[digits++] - '0');
	}
	for (size_t i = 0; digits && i < count; i++) {
		if (strcmp(text + digits, units[i].name) == 0 && v <= UINT64_MAX / units[i].factor) {
			*out = v * units[i].factor;
			return true;
		}
	}
	return false;
}

bool parse_number(const char *text, uint64_t *out)
{
	static const struct unit units[] = { { "", 1 } };

	return parse_unit(text, units, MT_COUNT(units), out);
}

bool parse_size(const char *text, uint64_t *out)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "K", UINT64_C(1) << 10 },
		{ "M", UINT64_C(1) << 20 },
		{ "G", UINT64_C(1) << 30 },
		{ "T", UINT64_C(1) << 40 },
	};

	return parse_unit(text, units, MT_COUNT(units), out);
}

bool parse_time_ms(const char *text, uint64_t *out)
{
	static const struct unit units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }
	};

	return parse_unit(text, units, MT_COUNT(units), out);
}

static enum mesatee_err option_value(const struct cli *c, enum option o, bool (*take)(const char *, uint64_t *),
				     const char *like, uint64_t otherwise, uint64_t *out)
{
	const char *text = option_text(c, o, NULL);

	*out = otherwise;
	if (text && !take(text, out)) {
		return cli_fail(MESATEE_USAGE, like, "--%s %s is no %s", option_table[o].name, text,
				option_table[o].argument);
	}
	return MESATEE_OK;
}

enum mesatee_err option_size(const struct cli *c, enum option o, uint64_t otherwise, uint64_t *out)
{
	return option_value(c, o, parse_size, "for example 512K, 64M, 2G", otherwise, out);
}

enum mesatee_err option_time_ms(const struct cli *c, enum option o, uint64_t otherwise, uint64_t *out)
{
	return option_value(c, o, parse_time_ms, "for example 500ms, 60s, 10m, 2h, 7d", otherwise, out);
}

enum mesatee_err option_number(const struct cli *c, enum option o, uint64_t otherwise, uint64_t *out)
{
	return option_value(c, o, parse_number, "a whole number", otherwise, out);
}
