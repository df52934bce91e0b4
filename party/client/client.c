/* The object itself: opening, texts, policy. */
#include "party/client/client_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "port/linux/box_port.h"

enum mesatee_err client_fail(struct mesatee *m, enum mesatee_err err, const char *help, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	(void)vsnprintf(m->error, sizeof(m->error), format, list);
	va_end(list);
	(void)snprintf(m->help, sizeof(m->help), "%s", help ? help : "");
	return err;
}

enum mesatee_err client_no_memory(struct mesatee *m)
{
	return client_fail(m, MESATEE_FAILED, "end other programs, then try again", "out of memory");
}

/* C0, DEL, and C1 as UTF-8 writes it: a node's words must not steer a terminal, and they stay on one line. */
void client_clean(struct bytes text, char *out, size_t capacity)
{
	size_t size = text.size < capacity - 1 ? text.size : capacity - 1;

	for (size_t i = 0; i < size; i++) {
		uint8_t c = text.at[i];
		bool c1 = c >= 0x80 && c <= 0x9f && i && text.at[i - 1] == 0xc2;
		out[i] = c == '\n' || c == '\t' ? ' ' : c < 0x20 || c == 0x7f || c1 ? '?' : (char)c;
	}
	out[size] = 0;
}

void client_step(struct mesatee *m, const char *what, uint64_t done, uint64_t total)
{
	if (m->progress) {
		m->progress(m->progress_context, what, done, total);
	}
}

uint64_t client_now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

enum mesatee_err client_unhex(struct mesatee *m, const char *what, const char *text, uint8_t out[32])
{
	if (mt_unhex(mt_text(text), out, 32)) {
		char shown[80];
		client_clean(mt_text(text), shown, sizeof(shown));
		return client_fail(m, MESATEE_USAGE, NULL, "%s must be 64 hex digits, not \"%s\"", what, shown);
	}
	return MESATEE_OK;
}

static enum mesatee_err client_boxes(struct mesatee *m)
{
	static const struct {
		const struct box_kind *kind;
		size_t at;
	} row[] = {
		{ &box_cbor, offsetof(struct mesatee, cbor) },
		{ &box_json, offsetof(struct mesatee, json) },
		{ &box_http, offsetof(struct mesatee, http) },
		{ &box_toml, offsetof(struct mesatee, toml) },
	};

	box_port_install();
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct box **box = (struct box **)(void *)((uint8_t *)m + row[i].at);
		enum mt_err err = box_open(row[i].kind, box);
		if (err) {
			return client_fail(m, MESATEE_FAILED, "allow more address space (ulimit -v)",
					   "the parsers' memory could not be reserved (%s)", mt_err_name(err));
		}
	}
	return MESATEE_OK;
}

enum mesatee_err mesatee_open(const char *home, struct mesatee **out)
{
	struct mesatee *m = mt_alloc(sizeof(*m));

	*out = m;
	if (!m) {
		return MESATEE_FAILED;
	}
	m->net.fd = -1;
	enum mesatee_err err = client_boxes(m);
	return err ? err : home_open(m, home);
}

void mesatee_close(struct mesatee *m)
{
	if (!m) {
		return;
	}
	net_close(m);
	channel_tls_close(m->net.context);
	names_close(m);
	box_close(m->cbor);
	box_close(m->json);
	box_close(m->http);
	box_close(m->toml);
	mt_free(m->text);
	mt_wipe(m, sizeof(*m));
	mt_free(m);
}

const char *mesatee_error(const struct mesatee *m)
{
	return m ? m->error : "out of memory";
}

const char *mesatee_help(const struct mesatee *m)
{
	return m ? m->help : "";
}

void mesatee_progress_set(struct mesatee *m, mesatee_progress *call, void *context)
{
	m->progress = call;
	m->progress_context = context;
}

/* ---- policy ---- */

enum mesatee_err mesatee_policy_use(struct mesatee *m, const char *path)
{
	uint8_t *text = NULL;
	size_t size = 0;
	uint32_t line = 0;
	char why[128];
	struct attest_policy policy;

	enum mesatee_err err = file_read(m, path, box_input_max(&box_toml), &text, &size);
	if (err) {
		return client_fail(
			m, err,
			"make one from your own build: mesatee policy --help; `mesatee dev` writes one for development",
			"there is no policy to be read: %s", path);
	}
	enum mt_err bad = attest_policy_from_toml(m->toml, mt_bytes(text, size), &policy, &line, why);
	mt_free(text);
	if (bad == MT_NO_MEMORY) {
		return client_no_memory(m);
	}
	if (bad) {
		char shown[128];
		client_clean(mt_text(why), shown, sizeof(shown));
		return client_fail(m, MESATEE_USAGE, "docs/policy.md lists what a policy may say", "%s, line %u: %s",
				   path, line, shown);
	}
	mesatee_disconnect(m);
	m->policy = policy;
	m->policy_set = true;
	m->fast = (struct channel_fast_cache){ 0 };
	attest_policy_hash(&policy, m->policy_hash);
	mt_hex(mt_bytes(m->policy_hash, sizeof(m->policy_hash)), m->policy_text);
	return MESATEE_OK;
}

const char *mesatee_policy_hash(const struct mesatee *m)
{
	return m->policy_set ? m->policy_text : NULL;
}

const char *mesatee_policy_name(const struct mesatee *m)
{
	return m->policy_set ? m->policy.name : NULL;
}

unsigned mesatee_policy_level(const struct mesatee *m)
{
	return m->policy_set ? m->policy.level_min : 0;
}
