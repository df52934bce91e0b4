/*
 * The fetcher over doubles of its network and its supplicant: orders, names and addresses.
 *
 *   0: any times: what u8 (0 an order: size u16, message; 1 time passes: u16 seconds; 2 bytes move: u16; 3 an attempt fails)
 *   1: a name of the folder      2: an address
 *
 * Whatever comes, nothing is moved beyond what was declared, every job ends once, no name that is taken has an empty, "." or ".." part, and no
 * address that is taken is in a block that is not.
 */
#include "fuzz/ports.h"
#include "port/linux/linux.h"
#include "ree/fetch/jobs.h"

#include <netinet/in.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_close(int fd);
int __wrap_fdatasync(int fd);

static struct jobs s;
static unsigned begun, ended;

int __wrap_close(int fd)
{
	mt_assert(fd == 7);
	return 0;
}

int __wrap_fdatasync(int fd)
{
	mt_assert(fd == 7);
	return 0;
}

enum mt_err message_send_wait(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	struct cursor c = cursor_over(body);
	uint8_t type = cursor_u8(&c);

	(void)handles;
	(void)cursor_u32(&c);
	if (type == FETCH_AT) {
		(void)cursor_u64(&c);
	} else {
		mt_assert(type == FETCH_ENDED && cursor_u8(&c) < FETCH_OUTCOMES);
		(void)cursor_u16(&c);
		ended++;
	}
	mt_assert(socket == 3 && count == 0 && cursor_done(&c));
	return MT_OK;
}

bool web_begin(struct job *job)
{
	mt_assert(strlen(job->url) <= REE_URL_MAX && strncasecmp(job->url, "http", 4) == 0);
	job->easy = job;
	return true;
}

void web_drop(struct job *job)
{
	job->easy = NULL;
}

static void order(struct bytes *in, uint64_t now_ms)
{
	struct bytes message = fuzz_message(in);
	struct order o;

	if (order_decode(message, &o) == MT_OK) {
		size_t free = 0;

		for (size_t i = 0; i < REE_TRANSFERS_MAX; i++) {
			free += s.job[i].kind == JOB_FREE;
		}
		begun += free > 0;
		job_begin(&s, &o, 7, now_ms);
	}
	fuzz_free(message);
}

static void life(struct bytes *in)
{
	uint64_t now_ms = 1000;

	s = (struct jobs){ .network = true, .socket = 3 };
	begun = ended = 0;
	while (in->size) {
		uint8_t what = fuzz_u8(in);
		uint16_t by = what % 4 == 0 ? 0 : fuzz_u16(in);
		struct job *job = &s.job[what / 4 % REE_TRANSFERS_MAX];

		if (what % 4 == 0) {
			order(in, now_ms);
		} else if (what % 4 == 1) {
			now_ms += (uint64_t)by * 1000;
		} else if (job->kind == JOB_WEB && what % 4 == 2) {
			mt_assert(job_moved(job, by < job->size - job->at ? by : job->size - job->at, now_ms));
		} else if (job->kind == JOB_WEB) {
			job_again(job, now_ms);
		}
		for (size_t i = 0; i < REE_TRANSFERS_MAX; i++) {
			job_turn(&s.job[i], now_ms);
			mt_assert(s.job[i].at <= s.job[i].size && s.job[i].kind != JOB_FOLDER);
		}
		(void)jobs_wait_ms(&s, now_ms);
	}
	for (int k = 0; k < 2000; k++) { /* whatever they are, all of them end */
		now_ms += 3600 * 1000;
		for (size_t i = 0; i < REE_TRANSFERS_MAX; i++) {
			job_turn(&s.job[i], now_ms);
		}
	}
	mt_assert(begun == ended);
}

static void name(struct bytes in)
{
	char *text = malloc(in.size + 3);

	text[0] = '/';
	if (in.size) {
		memcpy(text + 1, in.at, in.size);
	}
	text[in.size + 1] = 0;
	if (folder_name_ok(text + 1)) {
		size_t size = strlen(text);

		text[size] = '/';
		text[size + 1] = 0;
		mt_assert(!strstr(text, "//") && !strstr(text, "/./") && !strstr(text, "/../"));
	}
	free(text);
}

static void address(struct bytes in)
{
	struct sockaddr_storage a = { 0 };
	size_t size = in.size < sizeof(a) ? in.size : sizeof(a);

	if (size) {
		memcpy(&a, in.at, size);
	}
	if (!address_public((void *)&a, size)) {
		return;
	}
	if (a.ss_family == AF_INET) {
		uint32_t ip = ntohl(((struct sockaddr_in *)(void *)&a)->sin_addr.s_addr);
		mt_assert(ip >> 24 != 0 && ip >> 24 != 127 && ip >> 24 != 10 && ip >> 28 < 14 && ip >> 16 != 0xc0a8 && ip >> 16 != 0xa9fe);
	} else {
		struct in6_addr ip = ((struct sockaddr_in6 *)(void *)&a)->sin6_addr;
		mt_assert(a.ss_family == AF_INET6 && !IN6_IS_ADDR_LOOPBACK(&ip) && !IN6_IS_ADDR_LINKLOCAL(&ip) && !IN6_IS_ADDR_MULTICAST(&ip) &&
			  !IN6_IS_ADDR_UNSPECIFIED(&ip) && !IN6_IS_ADDR_SITELOCAL(&ip));
		mt_assert(!IN6_IS_ADDR_V4MAPPED(&ip) || (ip.s6_addr[12] != 127 && ip.s6_addr[12] != 10 && ip.s6_addr[12] != 0));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = mt_bytes(data, size);
	uint8_t which = fuzz_u8(&in) % 3;

	if (which == 0) {
		life(&in);
	} else if (which == 1) {
		name(in);
	} else {
		address(in);
	}
	return 0;
}
