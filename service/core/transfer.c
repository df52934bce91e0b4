/*
 * What a party has the fetcher move: ciphertext from a URL into the node's store, an output's ciphertext to a URL. Core starts it on the
 * party's signed request, counts, and tells that party how it goes. It never sees the bytes, and never repeats a URL.
 */
#include "service/core/core_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/fetch.h"

/* What became of it, in our words: nothing that a foreign server said is repeated. */
static const struct {
	enum mt_err err;
	const char *text;
} outcome_of[FETCH_OUTCOMES] = {
	[FETCH_ABSENT] = { MT_STATE, "this node takes nothing from elsewhere and sends nothing there: its operator must start it with "
				     "`mesatee serve --fetch` (http, https) or `--data-folder DIR` (file:); or upload the file itself" },
	[FETCH_LOST] = { MT_NO_MEMORY, "the node's fetcher has died: its operator must restart the node" },
	[FETCH_NO_NETWORK] = { MT_STATE, "this node takes nothing from the network: its operator must start it with `mesatee serve --fetch`" },
	[FETCH_NO_FOLDER] = { MT_STATE, "this node has no folder for file: names: its operator must start it with `mesatee serve --data-folder DIR`" },
	[FETCH_URL] = { MT_DENIED, "the node takes https://..., http://... and file:NAME, where NAME lies inside the operator's folder, without .. "
				   "and symbolic links; it sends to https://... and http://... alone" },
	[FETCH_PRIVATE] = { MT_DENIED, "the URL leads to an address of the node's own machine or of a private network: its operator must allow that "
				       "with `mesatee serve --fetch-private`" },
	[FETCH_RESOLVE] = { MT_NOT_FOUND, "the node finds no such host: look at the URL" },
	[FETCH_TLS] = { MT_DENIED, "the server's certificate does not verify with the node's list of authorities" },
	[FETCH_REDIRECTS] = { MT_DENIED, "the server sends elsewhere again and again, or to what is not taken: use the URL where the file lies" },
	[FETCH_NOTHING] = { MT_NOT_FOUND, "there is nothing at this URL, or it is no regular file: put the ciphertext there first" },
	[FETCH_FORBIDDEN] = { MT_DENIED, "the server refuses it: make a new presigned URL, for this method and for long enough" },
	[FETCH_STATUS] = { MT_MALFORMED, "the server does not do it: look at the URL" },
	[FETCH_SIZE] = { MT_TAMPERED, "what lies there has another size than your ciphertext: put the whole of it there, and nothing else" },
	[FETCH_GAVE_UP] = { MT_NO_MEMORY, "the server cannot be reached, breaks off or is too slow, after several attempts: try again later" },
	[FETCH_DISK] = { MT_IO, "the node could not store or read it: its disk may be full" },
};

static struct transfer *transfer_find(struct core *c, const uint8_t party[32], const uint8_t tag[32])
{
	struct transfer *found = NULL;

	for (size_t i = 0; i < CORE_TRANSFERS_MAX; i++) {
		struct transfer *t = &c->transfer[i];
		if (t->number && memcmp(t->party, party, 32) == 0 && memcmp(t->tag, tag, 32) == 0 && (!found || t->number > found->number)) {
			found = t;
		}
	}
	return found;
}

/* ---- starting ---- */

/*
 * Room for one more. Rows stay until their request has expired, though they have ended: they are what a request is known by that comes again
 * (a transfer makes no entry), and how often a party may ask.
 */
static struct transfer *transfer_room(struct core *c, const struct write *w, uint64_t now_s, const char **why)
{
	struct transfer *room = NULL;
	size_t running = 0, mine = 0, mine_running = 0;

	for (size_t i = 0; i < CORE_TRANSFERS_MAX; i++) {
		struct transfer *t = &c->transfer[i];
		bool own = t->number && memcmp(t->party, w->signer, 32) == 0, over = !t->number || (t->ended && t->expiry < now_s);
		if (own && memcmp(t->nonce, w->nonce, sizeof(t->nonce)) == 0) {
			*why = "this request was carried out before: make a new one";
			return NULL;
		}
		if (own && !t->ended && memcmp(t->tag, w->key, 32) == 0) {
			*why = "this is being moved already: wait for it";
			return NULL;
		}
		running += t->number && !t->ended;
		mine += own && !over;
		mine_running += own && !t->ended;
		room = over && (!room || t->number < room->number) ? t : room;
	}
	*why = mine_running >= CORE_TRANSFERS_RUNNING_PARTY ? "two transfers of yours are under way: wait for one of them"
	     : mine >= CORE_TRANSFERS_PARTY ? "too many transfers of yours in a short time: wait for some minutes"
	     : running >= REE_TRANSFERS_MAX || !room ? "the node moves as much as it may: try again later" : NULL;
	return *why ? NULL : room;
}

static void transfer_ended(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct transfer *t = context;
	struct cursor m = cursor_over(answer);
	uint8_t outcome = cursor_u8(&m);
	uint16_t status = cursor_u16(&m);

	t->core->port->memory_close(t->core->port->self, handle);
	/* From the supplicant, which may say anything: another word than ours is a failure of its own. */
	bool good = !err && cursor_done(&m) && outcome < FETCH_OUTCOMES;
	t->outcome = good ? outcome : FETCH_DISK;
	t->status = good && status < 1000 ? status : 0;
	t->ended = true;
}

static void transfer_answer(struct write *w)
{
	static const char body[] = "{\"schema\":\"mesatee.transfer.1\",\"state\":\"running\",\"done\":0}";

	core_answer(w->core, w->connection, w->request, 202, NODE_JSON, mt_text(body));
	write_free(w);
}

/* Who failed to start has moved nothing: his row is free again. */
static void transfer_drop(struct transfer *t, struct write *w, enum mt_err err)
{
	*t = (struct transfer){ 0 };
	write_refuse(w, err, "the transfer could not be started now: try again");
}

static struct transfer *transfer_take(struct write *w, const struct task_request *q, const char **why)
{
	struct core *c = w->core;
	struct transfer *t = transfer_room(c, w, q->now, why);

	if (t) {
		*t = (struct transfer){ .core = c, .number = ++c->next_transfer, .expiry = q->request->expiry };
		memcpy(t->party, w->signer, sizeof(t->party));
		memcpy(t->tag, w->key, sizeof(t->tag));
		memcpy(t->nonce, w->nonce, sizeof(t->nonce));
	}
	return t;
}

void write_data_fetch(struct write *w, const struct task_request *q)
{
	struct task_transfer_body body = { 0 };
	struct transfer *t = NULL;
	const char *why = "";

	enum mt_err err = task_check_data_fetch(w->core->tasks, q, w->key, &body, &why);
	if (!err) {
		t = transfer_take(w, q, &why);
		err = t ? MT_OK : MT_LIMIT;
	}
	if (err) {
		write_refuse(w, err, why);
	} else {
		t->size = body.size;
		err = ree_fetch(w->core->ree, t->number, w->key, body.size, body.url, transfer_ended, t);
		if (err) {
			transfer_drop(t, w, err);
		} else {
			transfer_answer(w);
		}
	}
	cose_document_close(&body.document);
}

/* ---- sending an output ---- */

static void send_start(struct transfer *t, struct write *w, port_handle take_handle)
{
	struct task_transfer_body body = { 0 };
	const char *why = "";
	struct task_request q = { .signer = w->signer, .body = mt_bytes(w->body, w->body_size) };

	enum mt_err err = task_check_output_send(w->core->tasks, &q, w->key, &body, &t->place, &why);
	if (err) {
		w->core->port->memory_close(w->core->port->self, take_handle);
	} else {
		err = ree_send(w->core->ree, t->number, REE_OUTPUT, w->key, take_handle, body.url, transfer_ended, t);
	}
	cose_document_close(&body.document);
	if (err) {
		transfer_drop(t, w, err);
	} else {
		transfer_answer(w);
	}
}

/* A small one has come back from the log's file. */
static void send_read(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct transfer *t = context;
	struct core *c = t->core;
	struct write *w = t->write;
	struct bytes body = { 0 };
	port_handle memory = PORT_NO_HANDLE;

	c->port->memory_close(c->port->self, handle);
	if (!err) {
		err = core_output_open(c, &t->place, answer, &body);
	}
	if (!err) {
		err = c->port->memory_make(c->port->self, body, &memory);
	}
	if (err) {
		transfer_drop(t, w, err);
	} else {
		send_start(t, w, memory);
	}
}

void write_output_send(struct write *w, const struct task_request *q)
{
	struct task_transfer_body body = { 0 };
	struct task_output_place place = { 0 };
	struct transfer *t = NULL;
	const char *why = "";

	enum mt_err err = task_check_output_send(w->core->tasks, q, w->key, &body, &place, &why);
	cose_document_close(&body.document);
	if (!err) {
		t = transfer_take(w, q, &why);
		err = t ? MT_OK : MT_LIMIT;
	}
	if (err) {
		write_refuse(w, err, why);
		return;
	}
	t->place = place;
	t->write = w;
	if (!place.index) {
		send_start(t, w, PORT_NO_HANDLE);
		return;
	}
	err = core_output_read(w->core, &place, send_read, t);
	if (err) {
		transfer_drop(t, w, err);
	}
}

/* ---- how far it is ---- */

static void transfer_tell(struct core *c, const struct transfer *t, uint32_t connection, uint32_t request, uint64_t done)
{
	uint8_t space[512];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body;
	char text[512];

	if (t->ended && t->outcome != FETCH_DONE) {
		int size = snprintf(text, sizeof(text), "%s", outcome_of[t->outcome].text);
		if (t->status) {
			(void)snprintf(text + size, sizeof(text) - (size_t)size, " (HTTP %u)", t->status);
		}
		core_problem(c, connection, request, outcome_of[t->outcome].err, text);
		return;
	}
	builder_format(&b, "{\"schema\":\"mesatee.transfer.1\",\"state\":\"%s\",\"done\":%" PRIu64 ",\"size\":%" PRIu64 "}",
		       t->ended ? "done" : "running", done, t->size);
	enum mt_err full = builder_done(&b, &body);
	mt_assert(!full);
	core_answer(c, connection, request, 200, NODE_JSON, body);
}

static void transfer_seen(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct transfer_look *slot = context, l = *slot;
	struct core *c = l.core;
	struct cursor m = cursor_over(answer);
	uint64_t done = cursor_u64(&m);
	struct transfer *t = transfer_find(c, l.party, l.tag);

	*slot = (struct transfer_look){ 0 };
	c->port->memory_close(c->port->self, handle);
	if (!t) {
		core_problem(c, l.connection, l.request, MT_NOT_FOUND, "there is no such transfer of yours");
	} else {
		transfer_tell(c, t, l.connection, l.request, !err && cursor_done(&m) ? done : 0);
	}
}

void read_transfer(struct core *c, const struct core_request *q)
{
	uint8_t tag[32];
	size_t i = 0;
	bool is_tag = mt_unhex(q->parameter[0], tag, sizeof(tag)) == MT_OK;
	struct transfer *t = is_tag ? transfer_find(c, q->session->party, tag) : NULL;

	if (!t) {
		core_problem(c, q->connection, q->request, MT_NOT_FOUND, "there is no such transfer of yours");
		return;
	}
	if (t->ended) {
		transfer_tell(c, t, q->connection, q->request, t->size);
		return;
	}
	while (i < CORE_LOOKS_MAX && c->look[i].core) {
		i++;
	}
	enum mt_err err = i < CORE_LOOKS_MAX ? MT_OK : MT_LIMIT;
	if (!err) {
		c->look[i] = (struct transfer_look){ .core = c, .connection = q->connection, .request = q->request };
		memcpy(c->look[i].party, t->party, sizeof(t->party));
		memcpy(c->look[i].tag, t->tag, sizeof(t->tag));
		err = ree_transfer(c->ree, t->number, transfer_seen, &c->look[i]);
	}
	if (err) {
		if (i < CORE_LOOKS_MAX) {
			c->look[i] = (struct transfer_look){ 0 };
		}
		core_problem(c, q->connection, q->request, err, "this could not be read now: try again");
	}
}
