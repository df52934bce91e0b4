/*
 * Core's TEE between doubles: the test is the door, the supplicant with its medium, and every instance; images and the table of sessions are the real
 * ones. One world at a time.
 */
#ifndef MT_TEST_TEE_CORE_H
#define MT_TEST_TEE_CORE_H

#include "api/tee_worker.h"
#include "port/linux/linux.h"
#include "service/tee/tee.h"

#define SENT_MAX 64
#define FILE_MAX (64 * 1024)
#define FIRST_PEER 100
#define FLAGS_SHARED (TEE_TA_SINGLE_INSTANCE | TEE_TA_MULTI_SESSION)

/* What was said to somebody, with the handles that went along. */
struct sent {
	uint32_t peer;
	uint8_t *at;
	size_t size, handle_count;
	port_handle handle[4];
};

extern struct world {
	struct port port;
	struct ree *ree;
	struct tee *tee;
	struct sent sent[SENT_MAX];
	size_t sent_count, taken;
	uint32_t next_peer, killed;
	bool full;              /* nobody can be told anything */
	uint8_t file[REE_TRUSTED_FILES][FILE_MAX], asked[PORT_MESSAGE_MAX];     /* the medium, and what is wanted of it */
	size_t file_size[REE_TRUSTED_FILES], asked_size;
	bool broken;            /* the medium answers nothing but errors */
	uint32_t version;       /* of the images that are made */
	bool generous;          /* it answers with more than was wanted */
	uint64_t now;
	struct crypto_signer *signer, *stranger;
} w;

extern const uint8_t uuid_a[IMAGE_UUID_SIZE], uuid_b[IMAGE_UUID_SIZE];
#define UUID_A "a1000000000000000000000000000000"
#define UUID_B "b2000000000000000000000000000000"
#define NOBODY "00000000000000000000000000000000"

void world_open(void);
/* The next life, over the same files. */
void again(void);
void world_close(void);
/* What was said so far was said. */
void forget(void);
/* The supplicant answers about its files until nothing more is wanted of them. */
void settle(void);
/* The next thing that was said, if it was to this peer and begins so; { 0 } if not. The peer's row, and what follows the type. */
struct sent *said(uint32_t peer, const char *begins, struct cursor *rest);
bool is_said(uint32_t peer, const char *whole);
bool hear_of(uint32_t peer, struct bytes body, const port_handle *handles, size_t count);
void hear(uint32_t peer, const char *text);
void gone(uint32_t peer);
/* Client 7, the node's own user 1000 of group 100, opens `uuid` as request 5. */
void client_opens(const char *uuid, uint32_t login, uint32_t group);
/* An image of `content` for `uuid`, signed. */
struct bytes image_of(const uint8_t uuid[IMAGE_UUID_SIZE], enum image_kind kind, struct crypto_signer *signer, struct bytes content);
/* The supplicant answers question `id` for an image; NULL: it has none. */
void supplicant_gives(uint32_t id, const struct bytes *image);
/* The same to the question that is next. */
void image_given(const char *uuid, const struct bytes *image);
/* The supplicant's image of `uuid` runs as `peer` and says that it is up. */
void instance_up(const char *uuid_text, const uint8_t uuid[IMAGE_UUID_SIZE], uint32_t peer, uint32_t flags);
/* The session that an instance is asked to open; 0: it is not. */
uint32_t open_asked(uint32_t peer, uint32_t login, const char *client);
void open_answered(uint32_t peer, uint32_t session, uint32_t result);
bool client_hears_opened(uint32_t result, uint32_t origin, uint32_t session, size_t bells);
/* A whole opening of the shared TA A at FIRST_PEER; the session. */
uint32_t session_up(void);
port_handle window_make(void);

#endif
