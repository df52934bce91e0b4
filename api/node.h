/*
 * Messages between the gateway, which holds connections, and core, which decides. Big endian; x32 = u32-sized bytes.
 * Core believes nothing in them but what a signature or an exporter proves; a hijacked gateway can delay, drop and see metadata.
 */
#ifndef MT_API_NODE_H
#define MT_API_NODE_H

enum node_type {
	/* gateway -> core, after the client's hello frame:
	 * connection u32 | form u8 | spki[32] | context[32] | exporter[32] | party exporter[32] | nonce[32] */
	NODE_HELLO = 1,
	/* core -> gateway: connection u32 | error u8 | answer frame x32 (lib/channel) */
	NODE_EVIDENCE = 2,
	/* gateway -> core: connection u32 | request u32 | route u8 | attested u8 | count u8, each parameter x32 | body size u64 | body x32
	 * (ROUTE_DATA_PUT: the size is declared, the body empty) */
	NODE_REQUEST = 3,
	/* core -> gateway: connection u32 | request u32 | status u16 | kind u8 (enum node_body) | body x32 */
	NODE_ANSWER = 4,
	/* core -> gateway: connection u32 | request u32 | space u8 | name[32]: answer 200 with this blob of the supplicant */
	NODE_STREAM = 5,
	/* core -> gateway: connection u32 | request u32 | name[32] | size u64: take the body, store it under the name, answer 201 */
	NODE_UPLOAD = 6,
	/* gateway -> core: connection u32 */
	NODE_CLOSED = 7,
	/* core -> gateway, once: accept connections from now on */
	NODE_OPEN = 8,
};

enum node_body {
	NODE_JSON = 0, NODE_CBOR = 1, NODE_TEXT = 2, NODE_OCTETS = 3, NODE_PROBLEM = 4,
};

#define NODE_CONNECTIONS_MAX 1024       /* also core's table of sessions */

#endif
