#include "test/session_story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/tee_api_defines.h"
#include "test/test.h"

static struct session_table *table;

static const struct {
	const char *name;
	uint32_t value;
} results[] = {
	{ "ok", TEE_SUCCESS },        { "busy", TEE_ERROR_BUSY },         { "dead", TEE_ERROR_TARGET_DEAD }, { "cancel", TEE_ERROR_CANCEL },
	{ "memory", TEE_ERROR_OUT_OF_MEMORY }, { "generic", TEE_ERROR_GENERIC }, { "none", TEE_ERROR_ITEM_NOT_FOUND },
};

static uint32_t result_of(const char *word)
{
	for (size_t i = 0; i < MT_COUNT(results); i++) {
		if (strcmp(results[i].name, word) == 0) {
			return results[i].value;
		}
	}
	return (uint32_t)strtoul(word, NULL, 0);
}

static const char *result_name(uint32_t result)
{
	for (size_t i = 0; i < MT_COUNT(results); i++) {
		if (results[i].value == result) {
			return results[i].name;
		}
	}
	return "?";
}

static void print_action(struct builder *b, const struct session_action *a)
{
	static const char *const kind[] = { "?", "start", "open", "invoke", "cancel", "close", "end", "kill", "opened", "invoked", "closed", "dead", "forget" };
	static const char *const origin[] = { "", "api", "comms", "tee", "ta" };

	builder_format(b, "%s%s", b->size ? ", " : "", kind[a->kind]);
	if (a->caller.client || a->caller.instance) {
		builder_format(b, " %c%u", a->caller.client ? 'c' : 'i', a->caller.client + a->caller.instance);
	}
	if (a->instance) {
		builder_format(b, " i%u", a->instance);
	}
	if (a->session) {
		builder_format(b, " s%u", a->session);
	}
	if (a->kind == SESSION_START) {
		builder_format(b, " %c", a->uuid[0]);
	}
	if (a->kind == SESSION_OPEN_DONE || a->kind == SESSION_INVOKE_DONE) {
		builder_format(b, " %s %s", result_name(a->result), origin[a->origin]);
	}
	if (a->kind == SESSION_DEAD) {
		builder_format(b, " %u", a->result);
	}
}

static uint32_t flags_of(const char *text)
{
	return (strchr(text, '1') ? TEE_TA_SINGLE_INSTANCE : 0u) | (strchr(text, 'm') ? TEE_TA_MULTI_SESSION : 0u) |
	       (strchr(text, 'k') ? TEE_TA_KEEP_ALIVE : 0u);
}

static enum mt_err event(char word[5][16])
{
	uint32_t who = (uint32_t)strtoul(word[1] + 1, NULL, 10), second = (uint32_t)strtoul(word[2] + 1, NULL, 10), ignored;
	struct session_caller caller = { .client = word[1][0] == 'c' ? who : 0, .instance = word[1][0] == 'i' ? who : 0 };
	uint8_t uuid[SESSION_UUID_SIZE] = { (uint8_t)word[2][0] };
	struct session_identity identity = { .login = 4, .uuid = { (uint8_t)who } };

	if (strcmp(word[0], "begin") == 0) {
		return session_begin(table, caller, uuid, caller.client ? &identity : NULL, (uint32_t)strtoul(word[3], NULL, 10), &ignored);
	} else if (strcmp(word[0], "invoke") == 0) {
		return session_invoke(table, who, second, (uint32_t)strtoul(word[3], NULL, 10));
	} else if (strcmp(word[0], "close") == 0) {
		return session_close(table, caller, second);
	} else if (strcmp(word[0], "left") == 0) {
		session_client_gone(table, who);
		return MT_OK;
	} else if (strcmp(word[0], "loaded") == 0) {
		return session_loaded(table, who, result_of(word[2]), flags_of(word[3]));
	} else if (strcmp(word[0], "refused") == 0) {
		return session_refused(table, who, result_of(word[2]));
	} else if (strcmp(word[0], "opened") == 0) {
		return session_opened(table, who, second, result_of(word[3]), TEE_ORIGIN_TRUSTED_APP);
	} else if (strcmp(word[0], "invoked") == 0) {
		return session_invoked(table, who, second, result_of(word[3]), TEE_ORIGIN_TRUSTED_APP);
	} else if (strcmp(word[0], "closed") == 0) {
		return session_closed(table, who, second);
	} else if (strcmp(word[0], "gone") == 0) {
		session_gone(table, who, (uint32_t)strtoul(word[2], NULL, 10));
		return MT_OK;
	} else if (strcmp(word[0], "kill") == 0) {
		session_kill(table, who);
		return MT_OK;
	} else if (strcmp(word[0], "tick") == 0) {
		session_tick(table, strtoull(word[1], NULL, 10));
		return MT_OK;
	}
	abort();
}

void story_tell(const char *name, const struct step *step)
{
	CHECK(session_table_open(&table) == MT_OK, "a table");
	for (; step->event; step++) {
		char word[5][16] = { "", "", "", "", "" }, got[2048];
		struct builder b = builder_over(got, sizeof(got) - 1);
		struct session_action a;

		(void)sscanf(step->event, "%15s %15s %15s %15s %15s", word[0], word[1], word[2], word[3], word[4]);
		enum mt_err err = event(word);
		if (err) {
			builder_format(&b, "%s", mt_err_name(err));
		}
		while (session_action(table, &a)) {
			print_action(&b, &a);
		}
		got[b.size] = 0;
		if (!CHECK(strcmp(got, step->want) == 0, name)) {
			printf("  %s\n  got  %s\n  want %s\n", step->event, got, step->want);
			break;
		}
	}
	session_table_close(table);
}
