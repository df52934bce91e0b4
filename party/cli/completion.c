/* Completion scripts, from the tables. */
#include "party/cli/cli_private.h"

#include <string.h>

static bool is_second(const char *name)
{
	return strchr(name, ' ') != NULL;
}

/* First words, each once: "party" is a command and has others below it. */
static void first_words(void)
{
	for (size_t i = 0; i < command_count; i++) {
		const char *name = command_table[i].name;
		size_t size = strcspn(name, " ");
		bool seen = false;
		for (size_t k = 0; k < i; k++) {
			seen = seen || (strcspn(command_table[k].name, " ") == size &&
					strncmp(command_table[k].name, name, size) == 0);
		}
		if (!seen) {
			(void)printf("%.*s ", (int)size, name);
		}
	}
}

/* Is row `i` the first below a word that is no command itself, as "contract new" is? */
static bool opens_group(size_t i)
{
	const char *name = command_table[i].name;
	size_t size = strcspn(name, " ");

	for (size_t k = 0; is_second(name) && k < command_count; k++) {
		const char *other = command_table[k].name;

		if (k != i && strcspn(other, " ") == size && strncmp(other, name, size) == 0 && (k < i || !is_second(other))) {
			return false;
		}
	}
	return is_second(name);
}

static void option_words(uint64_t mask)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (mask & OPTION_BIT(i)) {
			(void)printf("--%s ", option_table[i].name);
		}
	}
}

/* What may follow the first word of `first`. */
static void second_words(const char *first)
{
	size_t size = strcspn(first, " ");

	for (size_t i = 0; i < command_count; i++) {
		const char *name = command_table[i].name;
		if (is_second(name) && strncmp(name, first, size) == 0 && name[size] == ' ') {
			(void)printf("%s ", name + size + 1);
		}
	}
}

static void bash_cases(void)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command_row *row = &command_table[i];
		(void)printf("\t'%s') words=\"", row->name);
		option_words(row->options | options_global);
		if (!is_second(row->name)) {
			second_words(row->name);
		}
		if (strcmp(row->name, "completion") == 0) {
			(void)fputs("bash zsh fish", stdout);
		}
		(void)fputs("\" ;;\n", stdout);
	}
	for (size_t i = 0; i < command_count; i++) {
		const char *name = command_table[i].name;

		if (opens_group(i)) {
			(void)printf("\t%.*s) words=\"", (int)strcspn(name, " "), name);
			second_words(name);
			(void)fputs("\" ;;\n", stdout);
		}
	}
}

/* Words that are files complete as files when nothing else fits. */
static void bash(void)
{
	(void)fputs("_mesatee() {\n\tlocal current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=\"\"\n"
		    "\tcase \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n",
		    stdout);
	for (size_t i = 0; i < command_count; i++) {
		if (is_second(command_table[i].name)) {
			(void)printf("\t'%s') command='%s' ;;\n", command_table[i].name, command_table[i].name);
		}
	}
	(void)fputs("\tesac\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tCOMPREPLY=($(compgen -W \"", stdout);
	first_words();
	(void)fputs("\" -- \"$current\"))\n\t\treturn\n\tfi\n\tcase $command in\n", stdout);
	bash_cases();
	(void)fputs("\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\ncomplete -o default -F "
		    "_mesatee mesatee\n",
		    stdout);
}

/* Text inside single quotes of zsh or fish. */
static void quoted(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'') {
			(void)fputs("'\\''", stdout);
		} else if (*text == '[' || *text == ']' || *text == ':') {
			(void)printf("\\%c", *text);
		} else {
			(void)fputc(*text, stdout);
		}
	}
}

static void zsh(void)
{
	(void)fputs("#compdef mesatee\n_mesatee() {\n\tlocal -a commands\n\tcommands=(\n", stdout);
	for (size_t i = 0; i < command_count; i++) {
		if (!is_second(command_table[i].name)) {
			(void)printf("\t\t'%s:", command_table[i].name);
			quoted(command_table[i].summary);
			(void)fputs("'\n", stdout);
		}
	}
	for (size_t i = 0; i < command_count; i++) {
		const char *name = command_table[i].name;

		if (opens_group(i)) {
			(void)printf("\t\t'%.*s:", (int)strcspn(name, " "), name);
			second_words(name);
			(void)fputs("'\n", stdout);
		}
	}
	(void)fputs("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command "
		    "commands\n\t\treturn\n\tfi\n"
		    "\tcase \"$words[2] $words[3]\" in\n",
		    stdout);
	/* Two words first: the first pattern that fits wins. */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < command_count; i++) {
			const struct command_row *row = &command_table[i];
			if (is_second(row->name) != (pass == 0)) {
				continue;
			}
			(void)printf("\t'%s%s'*) _arguments ", row->name, pass ? " " : "");
			for (size_t o = 0; o < OPTIONS; o++) {
				if ((row->options | options_global) & OPTION_BIT(o)) {
					(void)printf("'*--%s[", option_table[o].name);
					quoted(option_table[o].help);
					(void)printf("]%s' ", option_table[o].argument ? ":value:_files" : "");
				}
			}
			(void)fputs("'*:word:_files' ;;\n", stdout);
		}
	}
	for (size_t i = 0; i < command_count; i++) {
		const char *name = command_table[i].name;

		if (opens_group(i)) {
			(void)printf("\t'%.*s '*) compadd ", (int)strcspn(name, " "), name);
			second_words(name);
			(void)fputs(";;\n", stdout);
		}
	}
	(void)fputs("\tesac\n}\n_mesatee \"$@\"\n", stdout);
}

static void fish_text(const char *text)
{
	for (; *text; text++) {
		(void)fputs(*text == '\'' || *text == '\\' ? "\\" : "", stdout);
		(void)fputc(*text, stdout);
	}
}

static void fish(void)
{
	for (size_t i = 0; i < command_count; i++) {
		if (opens_group(i)) {
			(void)printf("complete -c mesatee -n __fish_use_subcommand -a %.*s -d '", (int)strcspn(command_table[i].name, " "),
				     command_table[i].name);
			second_words(command_table[i].name);
			(void)fputs("'\n", stdout);
		}
	}
	for (size_t i = 0; i < command_count; i++) {
		const struct command_row *row = &command_table[i];
		const char *space = strchr(row->name, ' ');
		int size = (int)strcspn(row->name, " ");
		if (space) {
			(void)printf("complete -c mesatee -n '__fish_seen_subcommand_from %.*s' -a %s -d '", size,
				     row->name, space + 1);
		} else {
			(void)printf("complete -c mesatee -n __fish_use_subcommand -a %s -d '", row->name);
		}
		fish_text(row->summary);
		(void)fputs("'\n", stdout);
		for (size_t o = 0; o < OPTIONS; o++) {
			if (row->options & OPTION_BIT(o)) {
				(void)printf("complete -c mesatee -n '__fish_seen_subcommand_from %.*s' -l %s %s -d '",
					     size, row->name, option_table[o].name,
					     option_table[o].argument ? "-r" : "");
				fish_text(option_table[o].help);
				(void)fputs("'\n", stdout);
			}
		}
	}
	for (size_t o = 0; o < OPTIONS; o++) {
		if (options_global & OPTION_BIT(o)) {
			(void)printf("complete -c mesatee -l %s %s -d '", option_table[o].name,
				     option_table[o].argument ? "-r" : "");
			fish_text(option_table[o].help);
			(void)fputs("'\n", stdout);
		}
	}
}

bool completion_print(const char *shell)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

	for (size_t i = 0; i < MT_COUNT(shells); i++) {
		if (strcmp(shells[i].name, shell) == 0) {
			shells[i].print();
			return true;
		}
	}
	return false;
}

enum mesatee_err run_completion(struct cli *c)
{
	return completion_print(c->word[0])
		       ? MESATEE_OK
		       : cli_fail(MESATEE_USAGE, "bash, zsh or fish", "no completion for \"%s\"", c->word[0]);
}
