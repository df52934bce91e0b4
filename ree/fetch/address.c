/* Addresses that a party must not reach through this machine. IANA's registries of special-purpose addresses, RFC 6890 and after. */
#include "ree/fetch/jobs.h"

#include <netinet/in.h>
#include <string.h>

struct block {
	uint8_t first[16];
	unsigned bits;
};

static const struct block four[] = {
	{ { 0 }, 8 }, /* this network, and unspecified */
	{ { 10 }, 8 }, /* private */
	{ { 100, 64 }, 10 }, /* carriers' own: RFC 6598 */
	{ { 127 }, 8 }, /* loopback */
	{ { 169, 254 }, 16 }, /* link-local, where clouds keep credentials */
	{ { 172, 16 }, 12 }, /* private */
	{ { 192, 0, 0 }, 24 }, /* protocol assignments */
	{ { 192, 168 }, 16 }, /* private */
	{ { 198, 18 }, 15 }, /* benchmarks: RFC 2544 */
	{ { 224 }, 4 }, /* multicast */
	{ { 240 }, 4 }, /* reserved, and broadcast */
};

/* Only 2000::/3 is given out for unicast; of that, without what embeds or leads to an IPv4 address. */
static const struct block six_given = { { 0x20 }, 3 };
static const struct block six[] = {
	{ { 0x20, 0x01, 0, 0 }, 23 }, /* protocol assignments, Teredo among them */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x20, 0x02 }, 16 }, /* 6to4 */
};
static const struct block six_mapped = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96 };

static bool inside(const struct block *b, const uint8_t *address)
{
	size_t whole = b->bits / 8;
	uint8_t mask = (uint8_t)(0xff00u >> b->bits % 8);

	return memcmp(address, b->first, whole) == 0 && ((address[whole] ^ b->first[whole]) & mask) == 0;
}

static bool inside_any(const struct block *b, size_t count, const uint8_t *address)
{
	for (size_t i = 0; i < count; i++) {
		if (inside(&b[i], address)) {
			return true;
		}
	}
	return false;
}

bool address_public(const struct sockaddr *address, size_t size)
{
	uint8_t ip[17] = { 0 }; /* one more: inside() looks at the byte behind the last whole one */

	if (size >= sizeof(struct sockaddr_in) && address->sa_family == AF_INET) {
		memcpy(ip, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
		return !inside_any(four, MT_COUNT(four), ip);
	}
	if (size < sizeof(struct sockaddr_in6) || address->sa_family != AF_INET6) {
		return false;
	}
	memcpy(ip, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	if (inside(&six_mapped, ip)) {
		return !inside_any(four, MT_COUNT(four), ip + 12);
	}
	return inside(&six_given, ip) && !inside_any(six, MT_COUNT(six), ip);
}
