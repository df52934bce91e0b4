/*
 * The smallest use of the client library: verify a node, say what that is worth.
 *
 *	attest https://127.0.0.1:7777 policy.toml
 */
#include "api/mesatee.h"

#include <stdio.h>

int main(int count, char **words)
{
	struct mesatee *m = NULL;
	enum mesatee_err err;

	if (count != 3) {
		fprintf(stderr, "usage: %s URL POLICY\n", words[0]);
		return MESATEE_USAGE;
	}
	err = mesatee_open(NULL, &m);
	if (!err) {
		err = mesatee_policy_use(m, words[2]);
	}
	if (!err) {
		err = mesatee_connect(m, words[1]);
	}
	if (err) {
		fprintf(stderr, "error: %s\nhelp: %s\n", mesatee_error(m), mesatee_help(m));
	} else {
		const struct mesatee_verdict *v = mesatee_verdict(m);
		printf("level %u (%s)\nprotects against: %s\nnot against: %s\n", v->level, v->level_name, v->protects,
		       v->limits);
	}
	mesatee_close(m);
	return (int)err;
}
