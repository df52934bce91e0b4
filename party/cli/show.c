/* What people and programs get to see. */
#include "party/cli/cli_private.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* C0 but newline and tab, DEL, and C1 as UTF-8 writes it: another's words must not steer a terminal. */
static void text_clean(char *text)
{
	for (size_t i = 0; text[i]; i++) {
		unsigned char u = (unsigned char)text[i];
		bool c1 = u >= 0x80 && u <= 0x9f && i && (unsigned char)text[i - 1] == 0xc2;
		if ((u < 0x20 && u != '\n' && u != '\t') || u == 0x7f || c1) {
			text[i] = '?';
		}
	}
}

static void text_put(FILE *to, const char *format, va_list list)
{
	char text[8192];

	(void)vsnprintf(text, sizeof(text), format, list);
	text_clean(text);
	(void)fputs(text, to);
}

enum mesatee_err cli_fail(enum mesatee_err err, const char *help, const char *format, ...)
{
	va_list list;

	(void)fflush(stdout);
	(void)fputs("error: ", stderr);
	va_start(list, format);
	text_put(stderr, format, list);
	va_end(list);
	(void)fputs("\n", stderr);
	if (help && help[0]) {
		(void)fprintf(stderr, "help: %s\n", help);
	}
	return err;
}

enum mesatee_err cli_client_fail(const struct cli *c, enum mesatee_err err)
{
	return err ? cli_fail(err, mesatee_help(c->m), "%s", mesatee_error(c->m)) : MESATEE_OK;
}

void cli_say(const struct cli *c, const char *format, ...)
{
	va_list list;

	if (option_given(c, OPTION_QUIET)) {
		return;
	}
	va_start(list, format);
	text_put(stderr, format, list);
	va_end(list);
}

void cli_print(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	text_put(stdout, format, list);
	va_end(list);
}

void cli_print_quoted(const char *text)
{
	(void)fputc('"', stdout);
	for (; *text; text++) {
		unsigned char u = (unsigned char)*text;
		if (u == '"' || u == '\\') {
			(void)printf("\\%c", u);
		} else if (u < 0x20 || u >= 0x7f) {
			(void)printf("\\x%02x", u);
		} else {
			(void)fputc(u, stdout);
		}
	}
	(void)fputc('"', stdout);
}

const char *cli_party(struct cli *c, const char *id, char out[96])
{
	const char *name = mesatee_party_name(c->m, id);

	(void)snprintf(out, 96, name ? "%.64s (%.12s)" : "%.64s", name ? name : id, id);
	return out;
}

const char *cli_bytes(uint64_t bytes, char out[32])
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t u = 0;
	uint64_t tenths = 0;

	while (bytes >= 1024 && u + 1 < MT_COUNT(unit)) {
		tenths = bytes % 1024 * 10 / 1024;
		bytes /= 1024;
		u++;
	}
	(void)snprintf(out, 32, u ? "%" PRIu64 ".%" PRIu64 " %s" : "%" PRIu64 "%.0" PRIu64 " %s", bytes, tenths,
		       unit[u]);
	return out;
}

/* ---- progress: on a terminal only, and only after a second ---- */

static uint64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void cli_progress(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct cli *c = context;
	char have[32], all[32], rate[32];
	uint64_t now = now_ms();

	if (!c->terminal || option_given(c, OPTION_QUIET) || total == 0) {
		return;
	}
	if (done == 0 || c->progress_from_ms == 0) {
		c->progress_from_ms = now;
	}
	uint64_t passed = now - c->progress_from_ms;
	if (passed < 1000) {
		return;
	}
	uint64_t per_second = done * 1000 / passed, left = per_second ? (total - done) / per_second : 0;
	c->progress_shown = true;
	(void)fprintf(stderr, "\r%s %3" PRIu64 "%%  %s of %s  %s/s  %" PRIu64 " s left   ", what, done * 100 / total,
		      cli_bytes(done, have), cli_bytes(total, all), cli_bytes(per_second, rate), left);
	if (done == total) {
		cli_progress_end(c);
	}
}

void cli_progress_end(struct cli *c)
{
	if (c->progress_shown) {
		(void)fputs("\r\033[K", stderr);
	}
	c->progress_shown = false;
	c->progress_from_ms = 0;
}

/* ---- JSON ---- */

void json_begin(struct json *j, const char *schema)
{
	j->space = mt_alloc(CLI_TEXT_MAX);
	j->b = builder_over(j->space, j->space ? CLI_TEXT_MAX : 0);
	j->first = true;
	builder_text(&j->b, "{");
	json_text(j, "schema", schema);
}

static void json_key(struct json *j, const char *key)
{
	builder_text(&j->b, j->first ? "" : ",");
	j->first = false;
	if (key) {
		builder_json_text(&j->b, mt_text(key));
		builder_text(&j->b, ":");
	}
}

void json_text(struct json *j, const char *key, const char *value)
{
	json_key(j, key);
	if (value) {
		builder_json_text(&j->b, mt_text(value));
	} else {
		builder_text(&j->b, "null");
	}
}

void json_number(struct json *j, const char *key, uint64_t value)
{
	json_key(j, key);
	builder_format(&j->b, "%" PRIu64, value);
}

void json_flag(struct json *j, const char *key, bool value)
{
	json_key(j, key);
	builder_text(&j->b, value ? "true" : "false");
}

void json_open(struct json *j, const char *key, char bracket)
{
	json_key(j, key);
	builder_u8(&j->b, (uint8_t)bracket);
	j->first = true;
}

void json_close(struct json *j, char bracket)
{
	builder_u8(&j->b, bracket == '[' ? ']' : '}');
	j->first = false;
}

void json_item(struct json *j, const char *value)
{
	json_text(j, NULL, value);
}

enum mesatee_err json_end(struct json *j)
{
	struct bytes text;

	builder_text(&j->b, "}\n");
	enum mt_err err = builder_done(&j->b, &text);
	if (!err) {
		(void)fwrite(text.at, 1, text.size, stdout);
	}
	mt_free(j->space);
	return err ? cli_fail(MESATEE_FAILED, NULL, "the answer is too large") : MESATEE_OK;
}
