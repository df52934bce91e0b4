/* tee/session as stories, and its limits and facts. */
#include <string.h>

#include "api/tee_api_defines.h"
#include "test/session_story.h"
#include "test/test.h"

static struct session_table *table;

/* GP TEE Internal Core API 1.3.1, 4.5: gpd.ta.singleInstance, multiSession, instanceKeepAlive. */
static void test_flags(void)
{
	static const struct step many[] = {
		{ "begin c1 A", "start i1 A" },
		{ "begin c2 A", "" },
		{ "loaded i1 ok -", "open i1 s1, start i2 A" },
		{ "begin c3 A", "start i3 A" },
		{ "opened i1 s1 ok", "opened c1 s1 ok ta" },
		{ "loaded i2 ok -", "open i2 s2" },
		{ "opened i2 s2 ok", "opened c2 s2 ok ta" },
		{ "close c1 s1", "close i1 s1" },
		{ "closed i1 s1", "closed c1 s1, end i1" },
		{ "begin c1 A", "start i4 A" },
		{ "gone i1 0", "" },
		{ 0 },
	}, single[] = {
		{ "begin c1 A", "start i1 A" },
		{ "begin c2 A", "" },
		{ "loaded i1 ok 1", "open i1 s1, opened c2 s2 busy tee" },
		{ "begin c3 A", "opened c3 s3 busy tee" },
		{ "opened i1 s1 ok", "opened c1 s1 ok ta" },
		{ "begin c3 A", "opened c3 s4 busy tee" },
		{ "close c1 s1", "close i1 s1" },
		{ "begin c3 A", "opened c3 s5 busy tee" },
		{ "closed i1 s1", "closed c1 s1, end i1" },
		{ "begin c3 A", "" },
		{ "gone i1 0", "start i2 A" },
		{ "loaded i2 ok 1", "open i2 s6" },
		{ 0 },
	}, shared[] = {
		{ "begin c1 A", "start i1 A" },
		{ "begin c2 A", "" },
		{ "loaded i1 ok 1m", "open i1 s1, open i1 s2" },
		{ "opened i1 s2 ok", "opened c2 s2 ok ta" },
		{ "opened i1 s1 generic", "opened c1 s1 generic ta" },
		{ "begin c1 B", "start i2 B" },
		{ "begin c1 A", "open i1 s4" },
		{ "opened i1 s4 ok", "opened c1 s4 ok ta" },
		{ "close c2 s2", "close i1 s2" },
		{ "closed i1 s2", "closed c2 s2" },
		{ "close c1 s4", "close i1 s4" },
		{ "closed i1 s4", "closed c1 s4, end i1" },
		{ 0 },
	}, kept[] = {
		{ "begin c1 A", "start i1 A" },
		{ "loaded i1 ok 1mk", "open i1 s1" },
		{ "opened i1 s1 ok", "opened c1 s1 ok ta" },
		{ "close c1 s1", "close i1 s1" },
		{ "closed i1 s1", "closed c1 s1" },
		{ "tick 1000000", "" },
		{ "begin c1 A", "open i1 s2" },
		{ "opened i1 s2 generic", "opened c1 s2 generic ta" },
		{ "begin c1 A", "open i1 s3" },
		{ 0 },
	}, kept_alone[] = {
		{ "begin c1 A", "start i1 A" },
		{ "loaded i1 ok k", "open i1 s1" },
		{ "opened i1 s1 generic", "opened c1 s1 generic ta, end i1" },
		{ 0 },
	}, replaced[] = {
		{ "begin c1 A", "start i1 A" },
		{ "loaded i1 ok -", "open i1 s1" },
		{ "opened i1 s1 ok", "opened c1 s1 ok ta" },
		{ "begin c2 A", "start i2 A" },
		{ "loaded i2 ok 1mk", "opened c2 s2 busy tee, end i2" },
		{ 0 },
	};

	story_tell("several instances", many);
	story_tell("a single one", single);
	story_tell("a shared one", shared);
	story_tell("one that stays", kept);
	story_tell("staying is for single instances", kept_alone);
	story_tell("an image that was replaced", replaced);
}

static void test_failures(void)
{
	static const struct step refused[] = {
		{ "begin c1 A", "start i1 A" },
		{ "begin c2 A", "" },
		{ "refused i1 none", "opened c1 s1 none tee, opened c2 s2 none tee" },
		{ "begin c3 A", "" },
		{ "gone i1 0", "start i2 A" },
		{ "loaded i2 generic -", "opened c3 s3 generic ta" },
		{ "tick 9999", "" },
		{ "tick 10000", "kill i2" },
		{ "gone i2 0", "" },
		{ 0 },
	}, early[] = {
		{ "begin c1 A", "start i1 A" },
		{ "begin c2 A", "" },
		{ "gone i1 0", "opened c1 s1 dead tee, opened c2 s2 dead tee" },
		{ 0 },
	}, panic[] = {
		{ "begin c1 A", "start i1 A" },
		{ "loaded i1 ok 1m", "open i1 s1" },
		{ "opened i1 s1 ok", "opened c1 s1 ok ta" },
		{ "begin c2 A", "open i1 s2" },
		{ "opened i1 s2 ok", "opened c2 s2 ok ta" },
		{ "begin c3 A", "open i1 s3" },
		{ "close c2 s2", "close i1 s2" },
		{ "gone i1 77", "dead c1 s1 77, closed c2 s2, opened c3 s3 dead tee" },
		{ "begin c2 A", "start i2 A" },
		{ "close c1 s1", "closed c1 s1" },
		{ "close c1 s1", "not found" },
		{ 0 },
	}, lies[] = {
		{ "begin c1 A", "start i1 A" },
		{ "opened i1 s1 ok", "malformed" },
		{ "loaded i2 ok -", "malformed" },
		{ "loaded i1 ok -", "open i1 s1" },
		{ "loaded i1 ok -", "malformed" },
		{ "loaded i1 generic -", "malformed" },
		{ "refused i1 none", "malformed" },
		{ "begin c2 B", "start i2 B" },
		{ "loaded i2 ok 1", "open i2 s2" },
		{ "opened i2 s1 ok", "malformed" },
		{ "closed i1 s1", "malformed" },
		{ "invoked i1 s1 ok", "malformed" },
		{ "opened i1 s1 ok", "opened c1 s1 ok ta" },
		{ "opened i1 s1 ok", "malformed" },
		{ "closed i1 s1", "malformed" },
		{ "close c2 s1", "not found" },
		{ "close c1 s1", "close i1 s1" },
		{ "close c1 s1", "state" },
		{ "closed i2 s1", "malformed" },
		{ "begin i3 A", "not found" },
		{ "invoke i2 s1", "not found" },
		{ 0 },
	}, killed[] = {
		{ "begin c1 A", "start i1 A" },
		{ "loaded i1 ok 1m", "open i1 s1" },
		{ "opened i1 s1 ok", "opened c1 s1 ok ta" },
		{ "begin c2 A", "open i1 s2" },
		{ "kill i1", "kill i1" },
		{ "kill i1", "" },
		{ "kill i9", "" },
		{ "opened i1 s2 ok", "" },
		{ "left c2", "" },
		{ "close c1 s1", "" },
		{ "begin c3 A", "" },
		{ "gone i1 0", "closed c1 s1, forget s2, start i2 A" },
		{ 0 },
	}, killed_early[] = {
		{ "begin c1 A", "start i1 A" },
		{ "begin c2 A", "" },
		{ "kill i1", "opened c1 s1 dead tee, opened c2 s2 dead tee, kill i1" },
		{ "begin c3 A", "" },
		{ "gone i1 0", "start i2 A" },
		{ 0 },
	};

	story_tell("not to be made", refused);
	story_tell("gone while it is made", early);
	story_tell("a panic", panic);
	story_tell("lies", lies);
	story_tell("killed", killed);
	story_tell("killed while it is made", killed_early);
}

static void test_clients_go(void)
{
	static const struct step waiting[] = {
		{ "begin c1 A", "start i1 A" },
		{ "left c1", "forget s1" },
		{ "tick 9000", "" },
		{ "begin c2 A", "" },
		{ "tick 10000", "" },
		{ "left c2", "forget s2" },
		{ "tick 19999", "" },
		{ "tick 20000", "kill i1" },
		{ "loaded i1 ok -", "" },
		{ "begin c3 A", "" },
		{ "gone i1 0", "start i2 A" },
		{ "left c3", "forget s3" },
		{ "loaded i2 ok -", "end i2" },
		{ 0 },
	}, opening[] = {
		{ "begin c1 A", "start i1 A" },
		{ "loaded i1 ok -", "open i1 s1" },
		{ "left c1", "cancel i1 s1" },
		{ "tick 5000", "" },
		{ "opened i1 s1 ok", "close i1 s1" },
		{ "closed i1 s1", "forget s1, end i1" },
		{ "tick 15000", "kill i1" },
		{ "gone i1 0", "" },
		{ 0 },
	}, open[] = {
		{ "begin c1 A", "start i1 A" },
		{ "loaded i1 ok 1m", "open i1 s1" },
		{ "begin c2 A", "open i1 s2" },
		{ "opened i1 s1 ok", "opened c1 s1 ok ta" },
		{ "opened i1 s2 ok", "opened c2 s2 ok ta" },
		{ "left c1", "close i1 s1" },
		{ "close c1 s1", "not found" },
		{ "tick 9999", "" },
		{ "tick 10000", "kill i1" },
		{ "closed i1 s1", "" },
		{ "close c2 s2", "" },
		{ "begin c3 A", "" },
		{ "gone i1 0", "forget s1, closed c2 s2, start i2 A" },
		{ 0 },
	}, closing[] = {
		{ "begin c1 A", "start i1 A" },
		{ "loaded i1 ok -", "open i1 s1" },
		{ "opened i1 s1 ok", "opened c1 s1 ok ta" },
		{ "close c1 s1", "close i1 s1" },
		{ "tick 100000", "" },
		{ "left c1", "" },
		{ "tick 110000", "kill i1" },
		{ "gone i1 0", "forget s1" },
		{ 0 },
	}, dead[] = {
		{ "begin c1 A", "start i1 A" },
		{ "loaded i1 ok -", "open i1 s1" },
		{ "opened i1 s1 ok", "opened c1 s1 ok ta" },
		{ "gone i1 0", "dead c1 s1 0" },
		{ "left c1", "forget s1" },
		{ 0 },
	};

	story_tell("while an instance is made", waiting);
	story_tell("while it opens", opening);
	story_tell("an open session", open);
	story_tell("while it closes", closing);
	story_tell("a dead session", dead);
}

/* A client's session with TA A, live and single; what A asks for then is the story. */
#define A_LIVES { "begin c1 A", "start i1 A" }, { "loaded i1 ok 1mk", "open i1 s1" }, { "opened i1 s1 ok", "opened c1 s1 ok ta" }
#define A_HAS_B A_LIVES, { "begin i1 B", "start i2 B" }, { "loaded i2 ok 1m", "open i2 s2" }, { "opened i2 s2 ok", "opened i1 s2 ok ta" }

static void test_between(void)
{
	static const struct step calls[] = {
		A_HAS_B,
		{ "invoke i1 s2", "invoke i2 s2" },
		{ "invoke i1 s2", "state" },
		{ "close i1 s2", "state" },
		{ "begin i1 C", "state" },
		{ "invoked i2 s2 generic", "invoked i1 s2 generic ta" },
		{ "invoke i2 s2", "not found" },
		{ "close c1 s2", "not found" },
		{ "close i1 s2", "close i2 s2" },
		{ "closed i2 s2", "closed i1 s2, end i2" },
		{ 0 },
	}, dies[] = {
		A_HAS_B,
		{ "invoke i1 s2", "invoke i2 s2" },
		{ "gone i2 5", "invoked i1 s2 dead tee" },
		{ "invoke i1 s2", "invoked i1 s2 dead tee" },
		{ "close i1 s2", "closed i1 s2" },
		{ 0 },
	}, caller_dies[] = {
		A_HAS_B,
		{ "invoke i1 s2", "invoke i2 s2" },
		{ "gone i1 9", "cancel i2 s2, dead c1 s1 9" },
		{ "invoked i2 s2 ok", "close i2 s2" },
		{ "closed i2 s2", "forget s2, end i2" },
		{ 0 },
	}, caller_dies_idle[] = {
		A_HAS_B,
		{ "gone i1 0", "close i2 s2, dead c1 s1 0" },
		{ "tick 10000", "kill i2" },
		{ "gone i2 0", "forget s2" },
		{ 0 },
	}, timeouts[] = {
		A_LIVES,
		{ "begin i1 B 100", "start i2 B" },
		{ "tick 99", "" },
		{ "tick 100", "opened i1 s2 cancel tee" },
		{ "begin i1 B 100", "" },
		{ "loaded i2 ok -", "open i2 s3" },
		{ "tick 200", "cancel i2 s3" },
		{ "tick 300", "" },
		{ "opened i2 s3 ok", "opened i1 s3 ok ta" },
		{ "invoke i1 s3 50", "invoke i2 s3" },
		{ "tick 350", "cancel i2 s3" },
		{ "invoked i2 s3 cancel", "invoked i1 s3 cancel ta" },
		{ "invoke i1 s3", "invoke i2 s3" },
		{ "tick 100000000", "" },
		{ 0 },
	};

	story_tell("calls", calls);
	story_tell("the called one dies", dies);
	story_tell("the caller dies", caller_dies);
	story_tell("the caller dies between calls", caller_dies_idle);
	story_tell("timeouts", timeouts);
}

static void test_circles(void)
{
	static const struct step itself[] = {
		A_LIVES,
		{ "begin i1 A", "opened i1 s2 busy tee" },
		{ 0 },
	}, creating[] = {
		{ "begin c1 A", "start i1 A" },
		{ "begin i1 A", "opened i1 s2 busy tee" },
		{ "loaded i1 ok -", "open i1 s1" },
		{ "begin i1 A", "start i2 A" },
		{ 0 },
	}, two[] = {
		A_HAS_B,
		{ "invoke i1 s2", "invoke i2 s2" },
		{ "begin i2 A", "opened i2 s3 busy tee" },
		{ "invoked i2 s2 ok", "invoked i1 s2 ok ta" },
		{ "begin i2 A", "open i1 s4" },
		{ "begin i1 B", "opened i1 s5 busy tee" },
		{ "invoke i1 s2", "invoked i1 s2 busy tee" },
		{ "opened i1 s4 ok", "opened i2 s4 ok ta" },
		{ "invoke i2 s4", "invoke i1 s4" },
		{ "invoke i1 s2", "invoked i1 s2 busy tee" },
		/* A closes its session with B, which waits for A: done for A, and B closes when it can, however long that takes. */
		{ "close i1 s2", "closed i1 s2, close i2 s2" },
		{ "close i1 s2", "not found" },
		{ "tick 50000", "" },
		{ "invoked i1 s4 ok", "invoked i2 s4 ok ta" },
		{ "tick 50001", "" },
		{ "tick 59999", "" },
		{ "closed i2 s2", "end i2" },
		{ 0 },
	}, silent[] = {
		A_HAS_B,
		{ "begin i2 A", "open i1 s3" },
		{ "close i1 s2", "closed i1 s2, close i2 s2" },
		{ "tick 20000", "" },
		{ "opened i1 s3 ok", "opened i2 s3 ok ta" },
		{ "tick 29999", "" },
		{ "tick 30000", "kill i2" },
		{ "gone i2 0", "close i1 s3" },
		{ 0 },
	}, three[] = {
		A_HAS_B,
		{ "begin i2 C", "start i3 C" },
		{ "loaded i3 ok 1m", "open i3 s3" },
		{ "opened i3 s3 ok", "opened i2 s3 ok ta" },
		{ "invoke i1 s2", "invoke i2 s2" },
		{ "invoke i2 s3", "invoke i3 s3" },
		{ "begin i3 A", "opened i3 s4 busy tee" },
		{ "begin i3 D", "start i4 D" },
		{ "begin i4 B", "opened i4 s6 busy tee" },
		{ "begin i4 E", "start i5 E" },
		{ 0 },
	}, ending[] = {
		{ "begin c1 A", "start i1 A" },
		{ "loaded i1 ok 1", "open i1 s1" },
		{ "opened i1 s1 generic", "opened c1 s1 generic ta, end i1" },
		{ "begin i1 B", "start i2 B" },
		{ "loaded i2 ok 1", "open i2 s2" },
		{ "begin i2 A", "opened i2 s3 busy tee" },
		{ "opened i2 s2 ok", "opened i1 s2 ok ta" },
		{ "begin i2 A", "" },
		{ "gone i1 0", "close i2 s2, start i3 A" },
		{ 0 },
	};

	story_tell("with itself", itself);
	story_tell("with itself while it is made", creating);
	story_tell("of two", two);
	story_tell("who never closes what nobody waits for", silent);
	story_tell("of three and more", three);
	story_tell("with one that ends", ending);
}

static void drain(void)
{
	struct session_action a;

	while (session_action(table, &a)) {
	}
}

static void test_limits(void)
{
	uint8_t uuid[SESSION_UUID_SIZE] = { 0 };
	const struct session_identity identity = { .login = 3 };
	struct session_action a;
	uint32_t session = 0, opened = 0;

	CHECK(session_table_open(&table) == MT_OK, "a table");
	for (uint32_t i = 0; i < SESSION_OF_CALLER_MAX; i++) {
		CHECK(session_begin(table, (struct session_caller){ .client = 1 }, uuid, &identity, 0, &session) == MT_OK, "of one client");
		drain();
	}
	CHECK(session_begin(table, (struct session_caller){ .client = 1 }, uuid, &identity, 0, &session) == MT_LIMIT, "and no more");
	CHECK(session_begin(table, (struct session_caller){ .client = 2 }, uuid, &identity, 0, &session) == MT_OK, "of another");
	drain();
	CHECK(session_loaded(table, 1, TEE_SUCCESS, TEE_TA_SINGLE_INSTANCE | TEE_TA_MULTI_SESSION) == MT_OK, "loaded");
	while (session_action(table, &a)) {
		opened += a.kind == SESSION_OPEN;
		CHECK(a.kind == SESSION_OPEN || (a.kind == SESSION_OPEN_DONE && a.result == TEE_ERROR_BUSY && a.caller.client == 2), "the last is too many");
	}
	CHECK(opened == TEE_WORKER_SESSIONS_MAX, "of one instance");
	session_table_close(table);

	CHECK(session_table_open(&table) == MT_OK, "a table");
	for (uint32_t i = 0; i < SESSION_INSTANCES_MAX; i++) {
		uuid[0] = (uint8_t)i;
		CHECK(session_begin(table, (struct session_caller){ .client = 1 + i }, uuid, &identity, 0, &session) == MT_OK, "instances");
		CHECK(session_action(table, &a) && a.kind == SESSION_START && !session_action(table, &a), "start");
	}
	uuid[0] = 255;
	CHECK(session_begin(table, (struct session_caller){ .client = 1 }, uuid, &identity, 0, &session) == MT_OK, "one more");
	CHECK(session_action(table, &a) && a.kind == SESSION_OPEN_DONE && a.result == TEE_ERROR_OUT_OF_MEMORY && a.session == session, "no room");
	drain();
	for (uint32_t i = SESSION_INSTANCES_MAX; i < SESSION_MAX; i++) {
		uuid[0] = 0;
		CHECK(session_begin(table, (struct session_caller){ .client = 1 + i }, uuid, &identity, 0, &session) == MT_OK, "sessions");
		drain();
	}
	CHECK(session_begin(table, (struct session_caller){ .client = 9999 }, uuid, &identity, 0, &session) == MT_LIMIT, "and no more");
	session_table_close(table);
	mt_alloc_fail_at(1);
	CHECK(session_table_open(&table) == MT_NO_MEMORY, "no memory");
	mt_alloc_fail_at(0);
	session_table_close(NULL);
}

static void test_facts(void)
{
	struct session_identity who = { 0 };
	uint32_t instance = 0;
	uint8_t uuid[SESSION_UUID_SIZE] = { 'A' }, other[SESSION_UUID_SIZE] = { 'B' };
	const struct session_identity identity = { .login = 4, .uuid = { 7, 8 } };
	uint32_t s1 = 0, s2 = 0;

	CHECK(session_table_open(&table) == MT_OK, "a table");
	CHECK(session_begin(table, (struct session_caller){ .client = 3 }, uuid, &identity, 0, &s1) == MT_OK, "begin");
	drain();
	CHECK(session_client(table, 1, s1, &who) == MT_NOT_FOUND && session_find(table, 3, s1, &instance) == MT_STATE, "not there yet");
	CHECK(session_loaded(table, 1, TEE_SUCCESS, 0) == MT_OK, "loaded");
	drain();
	CHECK(session_client(table, 1, s1, &who) == MT_OK && who.login == 4 && who.uuid[1] == 8, "its client");
	CHECK(session_find(table, 3, s1, &instance) == MT_STATE, "it opens");
	CHECK(session_opened(table, 1, s1, TEE_SUCCESS, 9) == MT_MALFORMED && session_opened(table, 1, s1, TEE_SUCCESS, 0) == MT_MALFORMED, "origins");
	CHECK(session_opened(table, 1, s1, TEE_SUCCESS, TEE_ORIGIN_TRUSTED_APP) == MT_OK, "opened");
	drain();
	CHECK(session_find(table, 3, s1, &instance) == MT_OK && instance == 1, "where it is");
	CHECK(session_find(table, 2, s1, &instance) == MT_NOT_FOUND && session_find(table, 0, s1, &instance) == MT_NOT_FOUND, "another's");
	/* What a TA says of itself is not asked: the table knows. */
	CHECK(session_begin(table, (struct session_caller){ .instance = 1 }, other, &identity, 0, &s2) == MT_OK, "A opens B");
	drain();
	CHECK(session_loaded(table, 2, TEE_SUCCESS, 0) == MT_OK, "loaded");
	drain();
	CHECK(session_client(table, 2, s2, &who) == MT_OK && who.login == TEE_LOGIN_TRUSTED_APP && memcmp(who.uuid, uuid, sizeof(uuid)) == 0, "it is A");
	CHECK(session_client(table, 1, s2, &who) == MT_NOT_FOUND, "another's session");
	CHECK(session_instance_uuid(table, 2)[0] == 'B' && !session_instance_uuid(table, 3), "which TA");
	session_client_gone(table, 3);
	drain();
	session_tick(table, SESSION_ANSWER_MS);
	drain();
	CHECK(session_begin(table, (struct session_caller){ .instance = 1 }, other, NULL, 0, &s2) == MT_NOT_FOUND, "a killed one asks for nothing");
	session_table_close(table);
}

const struct test tests[] = {
	{ "flags of applications", test_flags },
	{ "instances that cannot be made, die and lie", test_failures },
	{ "clients go", test_clients_go },
	{ "applications call each other", test_between },
	{ "nobody waits for himself", test_circles },
	{ "limits", test_limits },
	{ "facts", test_facts },
	TESTS_END,
};
