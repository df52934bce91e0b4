/* Files in Teaclave's formats: the options that say of one, and what is said of one that was written. */
#include "party/cli/cli_private.h"

enum mesatee_err format_options(const struct cli *c, enum option which, struct mesatee_format *out,
				const struct mesatee_format **given)
{
	*given = NULL;
	*out = (struct mesatee_format){
		.format = option_text(c, which, NULL),
		.key_file = option_text(c, OPTION_KEY_FILE, NULL),
		.iv = option_text(c, OPTION_IV, NULL),
		.cmac = option_text(c, OPTION_CMAC, NULL),
		.name = option_text(c, OPTION_NAME, NULL),
	};
	if (out->format) {
		*given = out;
		return MESATEE_OK;
	}
	return out->key_file || out->iv || out->cmac || out->name
		       ? cli_fail(MESATEE_USAGE, NULL, "--%s FORMAT: a file as it is has no key, iv, cmac or name",
				  option_table[which].name)
		       : MESATEE_OK;
}

void format_json(struct json *j, const struct mesatee_formatted *f)
{
	json_text(j, "cmac", f->cmac[0] ? f->cmac : NULL);
	json_text(j, "iv", f->iv[0] ? f->iv : NULL);
}

void format_print(const struct mesatee_formatted *f)
{
	if (f->cmac[0]) {
		cli_print("cmac %s\n", f->cmac);
	}
	if (f->iv[0]) {
		cli_print("iv %s\n", f->iv);
	}
}
