/* Shared by the files of the world only. */
#ifndef MT_TEST_WORLD_PRIVATE_H
#define MT_TEST_WORLD_PRIVATE_H

#include "test/story/world.h"
#include "test/test.h"

struct world_memory {
	bool used, sealed, writable;            /* writable: somebody maps it so */
	uint8_t *at;
	size_t size;
	unsigned shares;                        /* handles that lead here */
};
struct world_blob {
	bool used;
	enum ree_space space;
	uint8_t name[32];
	uint8_t *at;
	size_t size;
};
struct world_peer {
	bool alive;
	enum port_worker kind;
	uint64_t deadline_ms;                   /* 0: none */
	uint8_t *artifact;                      /* owned; what a run worker loaded */
	size_t artifact_size;
};
/* A message on its way from core to somebody, or from somebody to core. */
struct world_message {
	struct world_message *next;
	bool to_core, gone, used, deadline;
	uint32_t peer;
	uint8_t *body;
	size_t size;
	port_handle handle[PORT_HANDLES_MAX];
	size_t handle_count;
};

struct world {
	uint64_t now_ms;
	struct sim_disk *disk;
	unsigned log_file;
	struct box *cbor;
	struct core *core;
	struct port port;
	struct port_facts facts;
	struct secret platform;
	uint8_t measurement[1024], configuration[256];
	size_t measurement_size, configuration_size;
	struct attest_measurements images;
	char fault[256];
	bool open;                              /* core said so */

	int memory_of[WORLD_HANDLES_MAX];       /* handle - 1 -> memory index + 1 */
	struct world_memory memory[WORLD_HANDLES_MAX];
	struct world_blob blob[WORLD_BLOBS_MAX], kept[WORLD_BLOBS_MAX];
	struct world_peer peer[WORLD_PEERS_MAX];        /* by number - PORT_WORKER_FIRST */
	uint32_t peers;
	struct world_message *first, *last;

	uint32_t next_connection, next_request;
	struct world_answer *answer;            /* where the next NODE_ANSWER goes */
	uint8_t frame[CHANNEL_FRAME_MAX];       /* the last NODE_EVIDENCE */
	size_t frame_size;
	uint8_t frame_error;
	world_function *function;
	size_t runs;
	uint64_t ree_calls, ree_fail_at;
	enum mt_err ree_fail;
	struct world_transfer transfer[REE_TRANSFERS_MAX];
	size_t transfer_count;
};

void world_pump(struct world *w);
void world_step(struct world *w);               /* one message, which must be there */
void world_post(struct world *w, struct world_message *m);
struct world_message *world_message_new(uint32_t peer, struct bytes body);
port_handle world_memory_new(struct world *w, struct bytes content, bool sealed);
struct world_memory *world_memory_get(struct world *w, port_handle h);
void world_memory_drop(struct world *w, port_handle h);
void world_port_fill(struct world *w);
void world_event(struct world *w, enum port_event_kind kind);

/* parties.c */
struct bytes world_hex(const uint8_t *hash, char digits[65]);
/* The log that the node has now, from its public genesis. */
void world_log_id(struct world *w, uint8_t out[32]);

/* doubles.c, workers.c */
void world_gateway(struct world *w, struct world_message *m);
void world_supplicant(struct world *w, struct world_message *m);
void world_worker(struct world *w, struct world_message *m);

#endif
