/*
 * intersect: what two or more parties have in common, and nothing else of what they have.
 *
 *	inputs=A,B,... (a,b)         2 to 12 inputs
 *	out=NAME,... (result)        outputs: each gets the same
 *	result=count | members (count)
 *	                             count: a decimal number and a newline. members: the common ids sorted by bytes, each once
 *	profile=oblivious | hash (oblivious)
 *	width=N (0)                  ids are N bytes each, 1 to 256, one after the other. 0: ids are lines of text
 *	line=N (64)                  oblivious, lines: the longest line, 1 to 256 bytes. A longer one fails the task: hash such ids before
 *	min_count=N (0)              fewer common ids than that fail the task
 *
 * Lines end with LF or CRLF, the last with or without; empty lines count for nothing; a NUL byte fails the task. A member leaves with LF.
 * oblivious: each input is sorted ascending by bytes, without duplicates (LC_ALL=C sort -u), else the task fails. hash: in any order, and a
 * duplicate counts once. An empty input is an empty set. Limits: an input of 3 GiB, 4 GiB of memory in all; 2^24 ids of 16 bytes from each of
 * two parties take 0.5 GiB, and lines in the oblivious profile the next multiple of 16 of line= each, besides their text.
 *
 * What leaks. To who gets the output, in both profiles: the count, or the members. A party chooses its input: who puts in guesses learns by
 * members which are right; min_count and the contract's runs bound this for counts only.
 * To who watches memory accesses and time (a side channel; DESIGN 7):
 *	oblivious  the number of ids of each input, that they were in order, and what the output shows. With lines besides: the length of each
 *	           line, for reading takes a step per line; lines of one length, as digests have, or width=N leak nothing more.
 *	hash       more than the output: which ids of different inputs fall into the same place of a table, and so, nearly, which of them
 *	           match. Never which value they have: places follow from a random key.
 *
 * Why lines are not hashed to 16 bytes first in the oblivious profile: a hash loses the order in which they were uploaded, and sorting them
 * again takes either twelve times as long or accesses that show which hashes are equal. So a line is a key as it is, padded with zeros: exact,
 * without collisions, and at a cost that grows with line=. Nothing depends on random numbers in this profile.
 */
#include "exec/builtin/sets.h"

#include "exec/builtin/oblivious.h"

static void outputs_write(const struct sets *sets, const struct common *common)
{
	const char *output[GUEST_LIST_MAX];
	size_t count = guest_list("out", "result", output, GUEST_LIST_MAX);

	for (size_t i = 0; i < count; i++) {
		FILE *to = guest_output(output[i]);
		if (sets->members) {
			fwrite(common->members.at, 1, common->members.size, to);
		} else {
			fprintf(to, "%zu\n", common->count);
		}
		guest_close(to);
	}
}

int main(int argc, char **argv)
{
	static const char *const known[] = { "inputs", "out", "result", "profile", "width", "line", "min_count", NULL };
	struct sets sets = { 0 };
	struct common common = { 0 };

	guest_arguments(argc, argv, known);
	sets.inputs = guest_list("inputs", "a,b", sets.input, GUEST_LIST_MAX);
	sets.members = guest_second("result", "count", "members");
	sets.width = (size_t)guest_count("width", 0, OBLIVIOUS_WIDTH_MAX, 0);
	sets.line = (size_t)guest_count("line", 1, OBLIVIOUS_WIDTH_MAX, SETS_LINE_DEFAULT);
	bool hash = guest_second("profile", "oblivious", "hash");
	uint64_t least = guest_count("min_count", 0, UINT32_MAX, 0);
	if (sets.inputs < 2) {
		guest_stop("an intersection has two inputs or more");
	}
	if (guest_argument("line", "")[0] && (sets.width || hash)) {
		guest_stop("line= is for lines in the oblivious profile");
	}
	if (hash) {
		sets_hash(&sets, &common);
	} else {
		sets_oblivious(&sets, &common);
	}
	if (common.count < least) {
		guest_stop("fewer common ids than min_count");
	}
	outputs_write(&sets, &common);
	return 0;
}
