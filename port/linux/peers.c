/*
 * Peers and what waits for them.
 */
#include "port/linux/peers.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct waiting {
	struct waiting *next;
	port_handle handle[PORT_HANDLES_MAX];
	size_t handle_count, size;
	uint8_t body[];
};

struct peer *peer_find(struct peers *s, uint32_t number)
{
	for (size_t i = 0; number && i < PEERS_MAX; i++) {
		if (s->peer[i].number == number) {
			return &s->peer[i];
		}
	}
	return NULL;
}

MUST enum mt_err peer_watch(struct peers *s, struct peer *p, int action, bool writing)
{
	struct epoll_event e = { .events = EPOLLIN | (writing ? EPOLLOUT : 0),
				 .data.u32 = p->number };

	p->writing = writing;
	return epoll_ctl(s->epoll, action, p->socket, &e) == 0 ? MT_OK : MT_NO_MEMORY;
}

struct peer *peer_add(struct peers *s, uint32_t number, int socket)
{
	for (size_t i = 0; i < PEERS_MAX; i++) {
		struct peer *p = &s->peer[i];

		if (p->number) {
			continue;
		}
		*p = (struct peer){ .number = number, .socket = socket };
		p->last = &p->first;
		return p;
	}
	return NULL;
}

static void waiting_free(struct waiting *w)
{
	for (size_t i = 0; i < w->handle_count; i++) {
		memory_close(w->handle[i]);
	}
	/* It may have carried a key. */
	mt_wipe(w->body, w->size);
	mt_free(w);
}

void peer_remove(struct peers *s, struct peer *p)
{
	if (p->socket >= 0) {
		(void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, p->socket, NULL);
		close(p->socket);
	}
	while (p->first) {
		struct waiting *w = p->first;

		p->first = w->next;
		waiting_free(w);
	}
	*p = (struct peer){ 0 };
}

/* ---- sending ---- */

void peer_handles_close(const port_handle *handles, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		memory_close(handles[i]);
	}
}

/* Takes the handles on success only. */
static enum mt_err peer_queue(struct peers *s, struct peer *p, struct bytes body,
			      const port_handle *handles, size_t count)
{
	if (p->queued + body.size > PEERS_QUEUE_MAX) {
		return MT_LIMIT;
	}
	struct waiting *w = mt_alloc(sizeof(*w) + body.size);

	if (!w) {
		return MT_NO_MEMORY;
	}
	if (p->socket >= 0 && !p->writing && peer_watch(s, p, EPOLL_CTL_MOD, true) != MT_OK) {
		mt_free(w);
		return MT_NO_MEMORY;
	}
	memcpy(w->body, body.at, body.size);
	w->size = body.size;
	if (count > 0) {
		memcpy(w->handle, handles, count * sizeof(*handles));
	}
	w->handle_count = count;
	*p->last = w;
	p->last = &w->next;
	p->queued += body.size;
	return MT_OK;
}

/* Takes the handles, also when it fails. */
MUST enum mt_err peer_send(struct peers *s, struct peer *p, struct bytes body,
			   const port_handle *handles, size_t count)
{
	enum mt_err err = MT_STATE;

	if (body.size == 0 || body.size > PORT_MESSAGE_MAX || count > PORT_HANDLES_MAX) {
		peer_handles_close(handles, count);
		return MT_LIMIT;
	}
	if (p->socket >= 0 && !p->first) {
		err = message_send(p->socket, body, handles, count);
	}
	if (err == MT_STATE) {
		err = peer_queue(s, p, body, handles, count);
		if (!err) {
			return MT_OK;
		}
	}
	peer_handles_close(handles, count);
	return err;
}

void peer_flush(struct peers *s, struct peer *p)
{
	while (p->first) {
		struct waiting *w = p->first;

		/* A peer that is gone shows itself on the reading side. */
		if (message_send(p->socket, mt_bytes(w->body, w->size), w->handle,
				 w->handle_count) == MT_STATE) {
			break;
		}
		p->first = w->next;
		p->queued -= w->size;
		waiting_free(w);
	}
	if (!p->first) {
		p->last = &p->first;
	}
	if (p->writing != (p->first != NULL) &&
	    peer_watch(s, p, EPOLL_CTL_MOD, p->first != NULL) != MT_OK) {
		return; /* still asked for, or not yet: the next message to this peer asks again */
	}
}
