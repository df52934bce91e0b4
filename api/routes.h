/*
 * The one table of HTTP routes: the gateway matches it, core answers by its ids, clients build their paths from it, docs/api.md lists it.
 *
 * {} stands for one path segment, {*} for the rest of the path; they become the request's parameters in order.
 * JSON bodies have a "schema" field; CBOR bodies are described in api/mesatee.cddl. Errors are problem+json (RFC 9457).
 */
#ifndef MT_API_ROUTES_H
#define MT_API_ROUTES_H

#include <stddef.h>

enum route_access {
	ROUTE_PUBLIC,           /* on any TLS connection */
	ROUTE_ATTESTED,         /* after the exchange of ALPN mesatee/1 */
	ROUTE_PARTY,            /* and after POST /v1/session on the same connection */
	ROUTE_SIGNED,           /* body: [request COSE, body] (application/cose), verified in core; state changes only by these */
};

enum route_id {
	ROUTE_STATUS, ROUTE_CHECKPOINT, ROUTE_TILE, ROUTE_LOG_KEY, ROUTE_GENESIS, ROUTE_CONSISTENCY,
	ROUTE_SESSION, ROUTE_DATA_PUT, ROUTE_FUNCTION_PUBLISH, ROUTE_FUNCTIONS, ROUTE_DATASET_ADD,
	ROUTE_CONTRACT_CREATE, ROUTE_CONTRACT, ROUTE_APPROVE, ROUTE_WITHDRAW, ROUTE_RUN, ROUTE_CANCEL,
	ROUTE_TASKS, ROUTE_TASK, ROUTE_RUN_END, ROUTE_FETCH, ROUTE_OUTPUT, ROUTE_RECEIPT, ROUTE_ROLE, ROUTE_STOP,
	ROUTE_DATA_FETCH, ROUTE_OUTPUT_SEND, ROUTE_TRANSFER,
	ROUTES
};

#define ROUTE_PARAMETERS_MAX 2
#define ROUTE_BODY_MAX (96 * 1024)      /* bytes of any body but that of ROUTE_DATA_PUT, which is streamed */

struct route {
	enum route_id id;
	const char *method, *path;
	enum route_access access;
	const char *does;               /* one line for docs */
};

static const struct route routes[ROUTES] = {
	{ ROUTE_STATUS, "GET", "/v1/status", ROUTE_PUBLIC, "JSON: version, level, log, counts" },
	{ ROUTE_CHECKPOINT, "GET", "/v1/log/checkpoint", ROUTE_PUBLIC, "text: signed note of the newest tree head (C2SP tlog-checkpoint)" },
	{ ROUTE_TILE, "GET", "/v1/log/tile/{*}", ROUTE_PUBLIC, "octets: a tile (C2SP tlog-tiles), also entries/" },
	{ ROUTE_LOG_KEY, "GET", "/v1/log/key", ROUTE_PUBLIC, "text: verifier key of the checkpoint" },
	{ ROUTE_GENESIS, "GET", "/v1/log/genesis", ROUTE_PUBLIC, "CBOR: entry 0" },
	{ ROUTE_CONSISTENCY, "GET", "/v1/log/consistency/{}/{}", ROUTE_PUBLIC, "CBOR: [root, proof] between two tree sizes" },
	{ ROUTE_SESSION, "POST", "/v1/session", ROUTE_ATTESTED, "party proof (COSE) for this connection" },
	{ ROUTE_DATA_PUT, "PUT", "/v1/data/{}", ROUTE_PARTY, "streamed ciphertext or module, named by content tag or SHA-256" },
	{ ROUTE_FUNCTION_PUBLISH, "POST", "/v1/functions", ROUTE_SIGNED, "[module SHA-256, name]: compile and register an uploaded module" },
	{ ROUTE_FUNCTIONS, "GET", "/v1/functions", ROUTE_PARTY, "JSON: registered functions" },
	{ ROUTE_DATASET_ADD, "POST", "/v1/datasets", ROUTE_SIGNED, "[content tag]: register an uploaded dataset" },
	{ ROUTE_CONTRACT_CREATE, "POST", "/v1/contracts", ROUTE_SIGNED, "contract" },
	{ ROUTE_CONTRACT, "GET", "/v1/contracts/{}", ROUTE_PARTY, "CBOR: the contract, for its participants" },
	{ ROUTE_APPROVE, "POST", "/v1/contracts/{}/approve", ROUTE_SIGNED, "approval body" },
	{ ROUTE_WITHDRAW, "POST", "/v1/contracts/{}/withdraw", ROUTE_SIGNED, "empty: take the approval back, wipe the keys" },
	{ ROUTE_RUN, "POST", "/v1/contracts/{}/run", ROUTE_SIGNED, "empty: start a run" },
	{ ROUTE_CANCEL, "POST", "/v1/contracts/{}/cancel", ROUTE_SIGNED, "empty: end the contract, kill a run" },
	{ ROUTE_TASKS, "GET", "/v1/tasks", ROUTE_PARTY, "JSON: the party's contracts and their runs" },
	{ ROUTE_TASK, "GET", "/v1/tasks/{}", ROUTE_PARTY, "JSON: one of them" },
	{ ROUTE_RUN_END, "GET", "/v1/tasks/{}/runs/{}", ROUTE_PARTY, "JSON: one run, answered when it has ended, or after about a second as it is" },
	{ ROUTE_FETCH, "POST", "/v1/tasks/{}/fetch", ROUTE_SIGNED, "[run, output, recipient key]: the output's key or share, sealed to it" },
	{ ROUTE_OUTPUT, "GET", "/v1/outputs/{}", ROUTE_PARTY, "octets: an output's ciphertext by content tag" },
	{ ROUTE_RECEIPT, "GET", "/v1/tasks/{}/receipt/{}", ROUTE_PARTY, "CBOR: receipt file of a run" },
	{ ROUTE_ROLE, "POST", "/v1/roles", ROUTE_SIGNED, "[party, role]: operator only" },
	{ ROUTE_STOP, "POST", "/v1/stop", ROUTE_SIGNED, "empty: operator only" },
	{ ROUTE_DATA_FETCH, "POST", "/v1/data/{}/fetch", ROUTE_SIGNED, "[size, URL]: take ciphertext with this content tag from there" },
	{ ROUTE_OUTPUT_SEND, "POST", "/v1/outputs/{}/send", ROUTE_SIGNED, "[URL]: PUT an output's ciphertext there" },
	{ ROUTE_TRANSFER, "GET", "/v1/transfers/{}", ROUTE_PARTY, "JSON: how far the party's last fetch or send of this content tag is; a problem when it failed" },
};

#endif
