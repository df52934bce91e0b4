/*
 * Stories of tee/session: what happens, and in order what has to be done then. c client, i instance, s session, each by number; a letter is a TA.
 * Flags of a TA: 1 single instance, m more sessions, k kept alive, - none.
 */
#ifndef MT_TEST_SESSION_STORY_H
#define MT_TEST_SESSION_STORY_H

#include "tee/session/session.h"

/*
 *   begin c1 A [timeout], begin i1 A [timeout], invoke i1 s2 [timeout], close c1 s1, left c1, tick MS,
 *   loaded i1 RESULT FLAGS, refused i1 RESULT, opened i1 s1 RESULT, invoked i1 s1 RESULT, closed i1 s1, kill i1, gone i1 PANIC
 * `want` is the error, or the actions.
 */
struct step {
	const char *event, *want;
};

/* Ends with a step that has no event. */
void story_tell(const char *name, const struct step *step);

#endif
