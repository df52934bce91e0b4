/*
 * What the fetcher moves: files of the store are handed to it, and its word of the end becomes core's answer. Private to the
 * supplicant. Class U. One thread.
 */
#ifndef MT_REE_SUPPLICANT_TRANSFER_H
#define MT_REE_SUPPLICANT_TRANSFER_H

#include "api/fetch.h"
#include "ree/supplicant/store.h"

struct transfer {
	uint32_t number; /* 0: the row is free; else core's number of it */
	uint32_t id; /* of the call that waits for its end */
	uint32_t upload; /* the store's; 0: something is sent */
	uint64_t size, done;
};

struct transfers {
	int socket; /* to the fetcher; -1: there is none any more */
	bool heard; /* it has started */
	struct transfer row[REE_TRANSFERS_MAX];
};

/* The end of one, for core. */
struct transfer_end {
	uint32_t id;
	uint8_t outcome; /* enum fetch_outcome */
	uint16_t status;
};

/* One that begins: core's request. */
struct transfer_order {
	uint32_t number, id;
	struct bytes url;
};

/*
 * Begin. True: the answer comes with the end. False: *err is the answer, or with MT_OK *outcome (there is no
 * fetcher). transfer_send() takes the handle.
 */
bool transfer_fetch(struct transfers *t, struct store *s, const struct transfer_order *order,
		    const uint8_t name[REE_NAME_SIZE], uint64_t size, enum mt_err *err,
		    uint8_t *outcome);
bool transfer_send(struct transfers *t, const struct transfer_order *order, int take_handle,
		   uint64_t size, enum mt_err *err, uint8_t *outcome);
/* MT_NOT_FOUND: it is not under way. */
MUST enum mt_err transfer_done(const struct transfers *t, uint32_t number, uint64_t *done);

/*
 * A message of the fetcher. True: one has ended, as *end says; what was taken is in its place then. Anything that
 * does not make sense is nothing.
 */
bool transfer_hear(struct transfers *t, struct store *s, struct bytes message,
		   struct transfer_end *end);
/* The fetcher is gone. One of those that end with it; false: no more. */
bool transfer_lose(struct transfers *t, struct store *s, struct transfer_end *end);

#endif
