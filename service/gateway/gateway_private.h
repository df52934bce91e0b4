/* Shared by the files of this room only. */
#ifndef MT_GATEWAY_PRIVATE_H
#define MT_GATEWAY_PRIVATE_H

#include <openssl/ssl.h>

#include "api/ree.h"
#include "lib/box/box.h"
#include "lib/channel/channel.h"
#include "port/linux/linux.h"
#include "service/gateway/gateway.h"

#define GATEWAY_IN_MAX (BOX_HTTP_HEAD_MAX + ROUTE_BODY_MAX)
#define GATEWAY_CHUNK (64 * 1024)       /* bytes of a stream in hand, and of TLS records read at once: four fit the second-level cache */
#define GATEWAY_TURN_MAX (512 * 1024)   /* bytes of a stream until the others have their turn: about half a millisecond */
/*
 * An upload's bytes between two syncs, of which one is under way at most: the supplicant serves one call at a time, so the log waits for twice
 * this at most, and the last sync of an upload finds little left to do. 16 MiB are 5 to 150 ms of a disk's time.
 */
#define GATEWAY_SYNC_SIZE (16u << 20)
#define GATEWAY_TOKEN_LISTEN 0xffffffffu
#define GATEWAY_TOKEN_CORE 0xfffffffeu
#define GATEWAY_TOKEN_REE 0xfffffffdu

enum connection_state {
	CONNECTION_FREE,
	CONNECTION_HANDSHAKE,   /* TLS */
	CONNECTION_HELLO,       /* reading the verifier's frame */
	CONNECTION_EVIDENCE,    /* core makes the answer */
	CONNECTION_HEAD,        /* reading a request's head */
	CONNECTION_BODY,        /* reading its body */
	CONNECTION_WAITING,     /* core, or the supplicant, has it */
	CONNECTION_UPLOADING,   /* body goes to a file of the supplicant */
	CONNECTION_STREAMING,   /* a file of the supplicant goes out */
	CONNECTION_STATES
};

struct connection {
	enum connection_state state;
	uint32_t number;                /* never reused: what core knows it by */
	int socket, file;               /* file: of the supplicant, while a stream runs; -1 */
	SSL *ssl;
	bool attested, close_after, want_write;
	bool again;                     /* its turn was used up and it has more to do: nothing in the kernel may tell of that */
	uint32_t watched;               /* what epoll was told */
	size_t turn_left;               /* bytes of a stream that it may still move now */
	uint64_t since_ms;              /* when the present state began, or a stream last moved */

	uint8_t *in;                    /* owned; what was read and not yet used */
	size_t in_size, in_capacity;
	uint8_t *out;                   /* owned; what is still to be written */
	size_t out_size, out_at, out_capacity;

	/* the present request */
	uint32_t request;
	const struct route *route;
	uint8_t parameter[ROUTE_PARAMETERS_MAX][256];
	size_t parameter_size[ROUTE_PARAMETERS_MAX], parameter_count;
	uint64_t body_size, stream_left, stream_offset;
	uint32_t upload;                /* the supplicant's number of it; 0: none */
	size_t unsynced;                /* bytes of it since the last sync was asked for */
	bool syncing;
};

/* A connection has one call, and an upload a sync besides. */
#define GATEWAY_CALLS_MAX (NODE_CONNECTIONS_MAX + REE_UPLOADS_MAX)
/* Who waits for which answer of the supplicant. */
enum gateway_call { CALL_NONE, CALL_UPLOAD_OPEN, CALL_UPLOAD_SYNC, CALL_UPLOAD_CLOSE, CALL_BLOB_OPEN };
struct gateway_pending {
	enum gateway_call call;
	uint32_t id, connection;        /* connection: its number */
};

struct gateway {
	int epoll;
	SSL_CTX *tls;
	struct box *http, *cbor;
	bool open;                      /* core has said so */
	uint32_t next_connection, next_call;
	uint32_t again[NODE_CONNECTIONS_MAX];   /* tokens, each once: who may have used up a turn */
	bool again_listed[NODE_CONNECTIONS_MAX];
	size_t again_count;
	struct connection connection[NODE_CONNECTIONS_MAX];
	struct gateway_pending pending[GATEWAY_CALLS_MAX];
	uint8_t message[PORT_MESSAGE_MAX];      /* one message out */
	uint8_t received[PORT_MESSAGE_MAX];     /* one message in */
	uint8_t chunk[GATEWAY_CHUNK];
	uint8_t answer[ITEMS_SCRATCH(BOX_HTTP_HEAD_MAX)];
};

uint64_t gateway_now_ms(void);

/* connection.c */
void connection_accept(struct gateway *g);
void connection_drive(struct gateway *g, struct connection *c);
/* A turn for each that has used up its last one. */
void connection_turns(struct gateway *g);
void connection_close(struct gateway *g, struct connection *c);
struct connection *connection_find(struct gateway *g, uint32_t number);
void connection_move(struct connection *c, enum connection_state to);
/* Append to what is to be written. False when memory is out: the connection is then closed by the caller. */
bool connection_queue(struct connection *c, struct bytes b);
void connection_consume(struct connection *c, size_t size);
void connection_timeouts(struct gateway *g);
/* The disk does not take it: said to the peer, whose connection ends with that. */
void connection_upload_fail(struct gateway *g, struct connection *c);
void connection_gather(struct connection *c, bool on);

/* http.c: called when bytes are there; true when the state changed and it is worth going on. */
bool http_head(struct gateway *g, struct connection *c);
bool http_body(struct gateway *g, struct connection *c);
/* The whole of an answer with a body in memory. */
void http_answer(struct connection *c, unsigned status, enum node_body kind, struct bytes body);
void http_problem(struct connection *c, unsigned status, const char *error, const char *detail);
void http_stream_head(struct connection *c, uint64_t size);

/* relay.c: core and supplicant */
bool relay_hello(struct gateway *g, struct connection *c);
void relay_request(struct gateway *g, struct connection *c, struct bytes body);
void relay_closed(struct gateway *g, uint32_t number);
void relay_core_message(struct gateway *g, struct bytes body);
void relay_ree_message(struct gateway *g, struct message *m);
void relay_upload_sync(struct gateway *g, struct connection *c);
void relay_upload_close(struct gateway *g, struct connection *c);
void relay_upload_abort(struct gateway *g, struct connection *c);

#endif
