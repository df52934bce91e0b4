/* Help and man page, from the tables. */
#include "party/cli/cli_private.h"

#include <string.h>

static const struct {
	int code;
	const char *means;
} exit_codes[] = {
	{ 0, "ok" },
	{ 1, "failed: this machine, or the run itself" },
	{ 2, "usage" },
	{ 3, "not found" },
	{ 4, "refused by policy or approval" },
	{ 5, "verification failed: evidence, ledger, receipt or data are not what they must be" },
	{ 6, "unreachable, or out of time" },
	{ 7, "the node is not ready: later" },
	{ 8, "conflict: not in this state" },
	{ 70, "a bug in mesatee" },
};

static const char *const environment[][2] = {
	{ "MESATEE_HOME", "your identity, keys and petnames; ~/.config/mesatee" },
	{ "MESATEE_NODE", "the node; " CLI_NODE_DEFAULT },
	{ "MESATEE_POLICY", "the policy file; policy.toml in the home folder" },
	{ "TMPDIR", "where ciphertext waits; /var/tmp" },
	{ "NO_COLOR, TERM", "nothing is coloured; progress shows on a terminal that is not dumb" },
};

static void help_options(FILE *to, uint64_t mask)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		char left[64];
		if (mask & OPTION_BIT(i)) {
			const struct option_row *o = &option_table[i];
			(void)snprintf(left, sizeof(left), "--%s%s%s", o->name, o->argument ? " " : "",
				       o->argument ? o->argument : "");
			(void)fprintf(to, "  %-28s %s\n", left, o->help);
		}
	}
}

static void help_exit_codes(FILE *to)
{
	(void)fputs("exit codes:\n", to);
	for (size_t i = 0; i < MT_COUNT(exit_codes); i++) {
		(void)fprintf(to, "  %-3d %s\n", exit_codes[i].code, exit_codes[i].means);
	}
}

static void help_levels(FILE *to)
{
	for (uint8_t level = 1; level <= 5; level++) {
		(void)fprintf(to, "level %u  %s\n  protects against: %s\n  does not protect against: %s\n", level,
			      attest_level_name(level), attest_level_protects(level), attest_level_limits(level));
	}
}

static void help_environment(FILE *to)
{
	for (size_t i = 0; i < MT_COUNT(environment); i++) {
		(void)fprintf(to, "  %-28s %s\n", environment[i][0], environment[i][1]);
	}
}

void help_all(FILE *to)
{
	(void)fputs("usage: mesatee COMMAND [options]\n\n", to);
	for (size_t i = 0; i < command_count; i++) {
		char left[64];
		(void)snprintf(left, sizeof(left), "%s %s", command_table[i].name, command_table[i].words);
		(void)fprintf(to, "  %-28s %s\n", left, command_table[i].summary);
	}
	(void)fputs("\noptions of every command:\n", to);
	help_options(to, options_global);
	(void)fputs("\nenvironment (an option wins over it):\n", to);
	help_environment(to);
	(void)fputs("\n", to);
	help_exit_codes(to);
}

void help_command(FILE *to, const struct command_row *row)
{
	(void)fprintf(to, "usage: mesatee %s%s%s [options]\n\n%s.\n", row->name, row->words[0] ? " " : "", row->words,
		      row->summary);
	if (row->detail[0]) {
		(void)fprintf(to, "%s\n", row->detail);
	}
	if (row->options) {
		(void)fputs("\noptions:\n", to);
		help_options(to, row->options);
	}
	(void)fputs("\noptions of every command:\n", to);
	help_options(to, options_global);
}

/* ---- man page ---- */

/* roff takes a dash for a hyphen and a line that begins with a dot for a request. */
static void man_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '-') {
			(void)fputs("\\-", stdout);
		} else if (*text == '\\') {
			(void)fputs("\\e", stdout);
		} else {
			(void)fputc(*text, stdout);
		}
	}
}

static void man_options(uint64_t mask)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (mask & OPTION_BIT(i)) {
			const struct option_row *o = &option_table[i];
			(void)fputs(".TP\n.B \\-\\-", stdout);
			man_text(o->name);
			(void)fputs(o->argument ? " " : "", stdout);
			man_text(o->argument ? o->argument : "");
			(void)fputs("\n", stdout);
			man_text(o->help);
			(void)fputs("\n", stdout);
		}
	}
}

static void man_command(const struct command_row *row)
{
	(void)fputs(".SS ", stdout);
	man_text(row->name);
	(void)fputs(" ", stdout);
	man_text(row->words);
	(void)fputs("\n", stdout);
	man_text(row->summary);
	(void)fputs(".\n", stdout);
	man_text(row->detail);
	(void)fputs(row->detail[0] ? "\n" : "", stdout);
	man_options(row->options);
}

void help_man(void)
{
	(void)fputs(".TH MESATEE 1\n.SH NAME\nmesatee \\- compute on joint data, verified\n.SH SYNOPSIS\n.B "
		    "mesatee\n.I COMMAND\n[options]\n"
		    ".SH DESCRIPTION\nVerifies a node before anything is sent to it, sends data that only its owner "
		    "can open, approves exactly one\n"
		    "computation, and checks receipts without anybody's help.\n.SH COMMANDS\n",
		    stdout);
	for (size_t i = 0; i < command_count; i++) {
		man_command(&command_table[i]);
	}
	(void)fputs(".SH OPTIONS OF EVERY COMMAND\n", stdout);
	man_options(options_global);
	(void)fputs(".SH ENVIRONMENT\n", stdout);
	for (size_t i = 0; i < MT_COUNT(environment); i++) {
		(void)printf(".TP\n.B %s\n", environment[i][0]);
		man_text(environment[i][1]);
		(void)fputs("\n", stdout);
	}
	(void)fputs(".SH EXIT STATUS\n", stdout);
	for (size_t i = 0; i < MT_COUNT(exit_codes); i++) {
		(void)printf(".TP\n.B %d\n%s\n", exit_codes[i].code, exit_codes[i].means);
	}
}

/* All commands that begin with this word; false: none. */
static bool help_family(const char *word)
{
	size_t size = strlen(word);
	bool any = false;

	for (size_t i = 0; i < command_count; i++) {
		const struct command_row *row = &command_table[i];

		if (strncmp(row->name, word, size) == 0 && row->name[size] == ' ') {
			help_command(stdout, row);
			any = true;
		}
	}
	return any;
}

enum mesatee_err run_help(struct cli *c)
{
	size_t used = 0;

	if (option_given(c, OPTION_MAN)) {
		help_man();
	} else if (c->word_count == 0) {
		help_all(stdout);
	} else if (strcmp(c->word[0], "exit-codes") == 0) {
		help_exit_codes(stdout);
	} else if (strcmp(c->word[0], "levels") == 0) {
		help_levels(stdout);
	} else if (strcmp(c->word[0], "environment") == 0) {
		help_environment(stdout);
	} else {
		const struct command_row *row = command_find(c->word, c->word_count, &used);
		if (!row && help_family(c->word[0])) {
			return MESATEE_OK;
		}
		if (!row) {
			return cli_fail(MESATEE_USAGE, "mesatee help lists them", "there is no command or topic \"%s\"",
					c->word[0]);
		}
		help_command(stdout, row);
	}
	return MESATEE_OK;
}
