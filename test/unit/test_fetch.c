/*
 * The fetcher without its network: which addresses and names are taken, what an order is, and how long it tries. Time is an argument; the
 * connections and the supplicant are doubles.
 */
#include "ree/fetch/jobs.h"

#include "port/linux/linux.h"
#include "test/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	unsigned begun, dropped, told, ended;
	uint8_t outcome;
	uint16_t status;
	uint64_t at;
} seen;
static bool no_memory;

enum mt_err message_send_wait(int socket, struct bytes body, const port_handle *handles, size_t count)
{
	struct cursor c = cursor_over(body);
	uint8_t type = cursor_u8(&c);

	CHECK(socket == 3 && !handles && count == 0 && cursor_u32(&c) == 7, "of this transfer");
	if (type == FETCH_AT) {
		seen.told++;
		seen.at = cursor_u64(&c);
	} else {
		seen.ended += type == FETCH_ENDED;
		seen.outcome = cursor_u8(&c);
		seen.status = cursor_u16(&c);
	}
	CHECK(cursor_done(&c), "whole");
	return MT_OK;
}

bool web_begin(struct job *job)
{
	seen.begun++;
	job->easy = no_memory ? NULL : job;
	return !no_memory;
}

void web_drop(struct job *job)
{
	seen.dropped += job->easy != NULL;
	job->easy = NULL;
}

/* ---- addresses ---- */

static bool public(const char *text)
{
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
		return address_public((const void *)&four, sizeof(four));
	}
	CHECK(inet_pton(AF_INET6, text, &six.sin6_addr) == 1, text);
	return address_public((const void *)&six, sizeof(six));
}

static void test_addresses(void)
{
	static const char *const private[] = {
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.169.254",
		"172.16.0.0", "172.31.255.255", "192.0.0.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "224.0.0.1",
		"239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"::ffff:0.0.0.0", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:1ff::1", "2001:db8::1", "2002:7f00:1::", "fc00::1",
		"fdff::1", "fe80::1", "fec0::1", "ff02::1", "1000::1", "4000::1", "5f00::1",
	};
	static const char *const open[] = {
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.0.1", "169.255.0.1",
		"172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.0.1", "192.169.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.255",
		"::ffff:1.1.1.1", "2001:200::1", "2001:4860::1", "2003::1", "2a00::1", "2606:4700::1111", "3fff:ffff::1",
	};
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x01010101) };

	for (size_t i = 0; i < MT_COUNT(private); i++) {
		CHECK(!public(private[i]), private[i]);
	}
	for (size_t i = 0; i < MT_COUNT(open); i++) {
		CHECK(public(open[i]), open[i]);
	}
	CHECK(!address_public((const void *)&four, sizeof(four) - 1), "cut");
	four.sin_family = AF_UNIX;
	CHECK(!address_public((const void *)&four, sizeof(four)), "another family");
}

/* The judgement that every connection meets. */
static void test_reach(void)
{
	struct sockaddr_in inward = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
			   outward = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x01010101) };
	struct jobs none = { 0 }, all = { .private_too = true };
	struct job job = { .jobs = &none };

	CHECK(job_may_reach(&job, (const void *)&outward, sizeof(outward)) && !job.refused, "out");
	CHECK(!job_may_reach(&job, (const void *)&inward, sizeof(inward)) && job.refused, "in");
	job = (struct job){ .jobs = &all };
	CHECK(job_may_reach(&job, (const void *)&inward, sizeof(inward)) && !job.refused, "in, where the operator says so");
}

/* ---- orders ---- */

static void test_orders(void)
{
	struct bytes whole = hex("01 00000007 0000000000000005 75 72 6c");
	struct order o = { 0 };
	static uint8_t longest[13 + REE_URL_MAX + 1];

	CHECK(order_decode(whole, &o) == MT_OK && !o.gives && o.number == 7 && o.size == 5 && mt_equal(o.url, mt_text("url")), "whole");
	for (size_t n = 0; n <= 13; n++) {
		CHECK(order_decode(first(whole, n), &o) == MT_MALFORMED, "every prefix without a URL");
	}
	CHECK(order_decode(hex("02 00000007 0000000000000000 75"), &o) == MT_OK && o.gives, "the other kind");
	CHECK(order_decode(hex("00 00000007 0000000000000005 75"), &o) == MT_MALFORMED, "no kind");
	CHECK(order_decode(hex("03 00000007 0000000000000005 75"), &o) == MT_MALFORMED, "no kind");
	CHECK(order_decode(hex("01 00000000 0000000000000005 75"), &o) == MT_MALFORMED, "no number");
	CHECK(order_decode(hex("01 00000007 0000001000000001 75"), &o) == MT_MALFORMED, "too large");
	memcpy(longest, whole.at, 13);
	memset(longest + 13, 'u', sizeof(longest) - 13);
	CHECK(order_decode(mt_bytes(longest, sizeof(longest) - 1), &o) == MT_OK, "the longest");
	CHECK(order_decode(mt_bytes(longest, sizeof(longest)), &o) == MT_MALFORMED, "too long");
}

static void test_names(void)
{
	static const char *const bad[] = { "", ".", "..", "/", "/a", "a/", "a//b", "../a", "a/..", "a/../b", "./a", "a/./b" };
	static const char *const good[] = { "a", "a/b", "a.b", "..a", "...", ".a", "a/..b/c" };

	for (size_t i = 0; i < MT_COUNT(bad); i++) {
		CHECK(!folder_name_ok(bad[i]), bad[i]);
	}
	for (size_t i = 0; i < MT_COUNT(good); i++) {
		CHECK(folder_name_ok(good[i]), good[i]);
	}
}

/* ---- the folder ---- */

static struct jobs s;

static enum fetch_outcome folder_try(const char *url, uint64_t size, int to)
{
	struct order o = { .number = 7, .size = size, .url = mt_text(url) };

	memset(&seen, 0, sizeof(seen));
	s = (struct jobs){ .folder = true, .socket = 3 };
	job_begin(&s, &o, fcntl(to, F_DUPFD_CLOEXEC, 10), 1000);
	for (int i = 0; i < 10 && s.job[0].kind != JOB_FREE; i++) {
		job_turn(&s.job[0], 1000);
	}
	CHECK(seen.ended == 1, "once");
	return seen.outcome;
}

static void test_folder(void)
{
	char folder[] = "/tmp/mesatee-test-XXXXXX", command[256], got[8] = "";
	int to = memfd_create("to", MFD_CLOEXEC);

	snprintf(command, sizeof(command), "cd %s && mkdir in && echo 1234567 >in/file && ln -s in/file link && ln -s in folder && ln -s /etc/passwd out "
		 "&& mkfifo pipe", mkdtemp(folder) ? folder : "/nowhere");
	CHECK(system(command) == 0 && dup2(open(folder, O_RDONLY | O_DIRECTORY), FETCH_FD_FOLDER) == FETCH_FD_FOLDER, "prepare");
	CHECK(folder_try("file:in/file", 8, to) == FETCH_DONE && pread(to, got, 8, 0) == 8 && memcmp(got, "1234567\n", 8) == 0, "a file");
	CHECK(folder_try("file:in/file", 7, to) == FETCH_SIZE && folder_try("file:in/file", 9, to) == FETCH_SIZE, "another size");
	CHECK(folder_try("file:in", 8, to) == FETCH_NOTHING && folder_try("file:pipe", 8, to) == FETCH_NOTHING, "no regular file");
	CHECK(folder_try("file:none", 8, to) == FETCH_NOTHING && folder_try("file:in/file/x", 8, to) == FETCH_NOTHING, "nothing there");
	CHECK(folder_try("file:link", 8, to) == FETCH_URL && folder_try("file:folder/file", 8, to) == FETCH_URL &&
		      folder_try("file:out", 8, to) == FETCH_URL,
	      "a symbolic link");
	close(FETCH_FD_FOLDER);
	close(to);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	CHECK(system(command) == 0, "clean");
}

/* ---- how long ---- */

static struct job *begin(const char *url, uint64_t size, bool gives)
{
	struct order o = { .gives = gives, .number = 7, .size = size, .url = mt_text(url) };
	int file = memfd_create("file", MFD_CLOEXEC);

	s = (struct jobs){ .network = true, .socket = 3 };
	memset(&seen, 0, sizeof(seen));
	job_begin(&s, &o, file, 1000);
	return &s.job[0];
}

static void test_refused(void)
{
	static const struct {
		const char *url;
		enum fetch_outcome want;
	} row[] = {
		{ "ftp://x/", FETCH_URL },     { "httpx://x/", FETCH_URL }, { "x", FETCH_URL },
		{ "http:/x", FETCH_URL },      { "file:a", FETCH_NO_FOLDER }, { "FILE:../a", FETCH_URL },
		{ "file:///etc/x", FETCH_URL }, { " http://x/", FETCH_URL },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(begin(row[i].url, 5, false)->kind == JOB_FREE && seen.ended == 1 && seen.outcome == row[i].want, row[i].url);
	}
	CHECK(begin("file:a", 5, true)->kind == JOB_FREE && seen.outcome == FETCH_URL, "nothing goes to the folder");
	s = (struct jobs){ .socket = 3 };
	struct order o = { .number = 7, .size = 5, .url = mt_bytes("http://x/\0y", 11) };

	memset(&seen, 0, sizeof(seen));
	job_begin(&s, &o, memfd_create("file", MFD_CLOEXEC), 1000);
	CHECK(seen.outcome == FETCH_URL, "a zero in it");
	o.url = mt_text("http://x/");
	job_begin(&s, &o, memfd_create("file", MFD_CLOEXEC), 1000);
	CHECK(seen.outcome == FETCH_NO_NETWORK && seen.begun == 0, "without a network");
	no_memory = true;
	CHECK(begin("http://x/", 5, false)->kind == JOB_FREE && seen.outcome == FETCH_GAVE_UP, "without memory");
	no_memory = false;
}

/* Attempts come further and further apart, and end a minute after the last progress. */
static void test_patience(void)
{
	struct job *job = begin("http://x/", 100, false);
	uint64_t now = 1000, before = 0;

	CHECK(job->kind == JOB_WEB && seen.begun == 1, "it begins");
	for (unsigned i = 0; job->kind != JOB_FREE && i < 100; i++) {
		job_again(job, now);
		if (job->kind == JOB_FREE) {
			break;
		}
		uint64_t pause = job->again_ms - now;

		CHECK(pause >= before && pause <= JOB_PAUSE_MAX_MS, "not sooner than before");
		before = pause;
		job_turn(job, job->again_ms - 1);
		CHECK(job->kind == JOB_PAUSE, "not yet");
		now = job->again_ms;
		job_turn(job, now);
		CHECK(job->kind == JOB_WEB, "again");
	}
	CHECK(seen.ended == 1 && seen.outcome == FETCH_GAVE_UP && now <= 1000 + JOB_PATIENCE_MS && now > 40000, "patience ends");
	CHECK(seen.begun > 5 && seen.begun < 15, "so many attempts");
	job = begin("http://x/", 100, false);
	CHECK(job_moved(job, 10, 30000), "progress");
	job_again(job, 30000);
	job_turn(job, 1000 + JOB_PATIENCE_MS + 1);
	CHECK(job->kind == JOB_WEB && job->at == 10 && job->began == 10, "goes on where it was");
	job_turn(job, 30000 + JOB_PATIENCE_MS);
	CHECK(job->kind == JOB_FREE && seen.outcome == FETCH_GAVE_UP, "counted from the progress");
}

/* Bytes that come again are no progress: a server that always breaks off at the same place has no more time than a silent one. */
static void test_same_bytes(void)
{
	struct job *job = begin("http://x/", 100, false);

	CHECK(job_moved(job, 50, 2000), "so far");
	for (uint64_t now = 10000; now < 2000 + JOB_PATIENCE_MS; now += 5000) {
		job->at = 0;
		CHECK(job_moved(job, 50, now), "the same again");
		job_turn(job, now);
		CHECK(job->kind == JOB_WEB, "still");
	}
	job_turn(job, 2000 + JOB_PATIENCE_MS);
	CHECK(job->kind == JOB_FREE, "and no longer");
}

/* A byte now and then does not hold a place for ever. */
static void test_slow(void)
{
	struct job *job = begin("http://x/", 1 << 20, false);
	uint64_t now = 1000, end = now + JOB_START_MS + (1 << 20) / JOB_BYTES_PER_MS;

	while (job->kind != JOB_FREE && now < 2 * end) {
		now += 1000;
		CHECK(job_moved(job, 1, now), "a byte");
		job_turn(job, now);
	}
	CHECK(now <= end + 1000 && seen.outcome == FETCH_GAVE_UP, "an end");
	CHECK(seen.told > 100 && seen.at > 0, "told meanwhile");
}

static void test_sending(void)
{
	struct job *job = begin("http://x/", 100, true);

	CHECK(job_moved(job, 60, 2000), "part of it");
	job_again(job, 2000);
	job_turn(job, job->again_ms);
	CHECK(job->kind == JOB_WEB && job->at == 0, "a PUT begins anew");
	job->status = 204;
	job_end(job, FETCH_DONE);
	CHECK(seen.ended == 1 && seen.outcome == FETCH_DONE && seen.status == 0 && job->url[0] == 0, "done, and the URL forgotten");
}

/* Never more than was declared, whatever comes. */
static void test_bounds(void)
{
	struct job *job = begin("http://x/", 10, false);
	struct stat facts;

	CHECK(job_take(job, mt_text("12345678"), 2000) && job->at == 8, "a part");
	CHECK(!job_take(job, mt_text("901"), 2000) && job->verdict == FETCH_SIZE, "more");
	CHECK(fstat(job->file, &facts) == 0 && facts.st_size == 8, "is not written");
	CHECK(job_take(job, mt_text("90"), 2000) && job->at == 10 && !job_take(job, mt_text("x"), 2000), "exactly so much");
	job_end(job, FETCH_SIZE);
}

static void test_waits(void)
{
	struct job *job = begin("http://x/", 100, false);

	CHECK(jobs_wait_ms(&s, 1000) == JOB_TELL_MS, "connections wake by themselves");
	job_again(job, 1000);
	CHECK(jobs_wait_ms(&s, 1400) == 100 && jobs_wait_ms(&s, 9000) == 0, "the next attempt");
	job_end(job, FETCH_GAVE_UP);
	CHECK(jobs_wait_ms(&s, 1000) == -1, "nothing to do");
}

const struct test tests[] = {
	{ "addresses", test_addresses }, { "reach", test_reach }, { "folder", test_folder }, { "bounds", test_bounds }, { "orders", test_orders }, { "names", test_names },	 { "refused", test_refused }, { "patience", test_patience },
	{ "same bytes", test_same_bytes }, { "slow", test_slow },   { "sending", test_sending }, { "waits", test_waits },   TESTS_END,
};
