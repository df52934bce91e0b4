#include "test/unit/supplicant_process.h"

#include "ree/supplicant/supplicant.h"
#include "test/test.h"
#include "test/unit/disk_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static uint8_t buffer[PORT_MESSAGE_MAX];
uint8_t name_one[REE_NAME_SIZE] = { 1 }, name_two[REE_NAME_SIZE] = { 2, 0xff };

void supplicant_start(struct node *n)
{
	int core[2], gateway[2], fetch[2];

	if (message_pair(core) != MT_OK || message_pair(gateway) != MT_OK || message_pair(fetch) != MT_OK) {
		abort();
	}
	fflush(NULL);
	n->pid = fork();
	if (n->pid == 0) {
		int state = fcntl(n->state, F_DUPFD, 64), first = fcntl(core[1], F_DUPFD, 64),
		    second = fcntl(gateway[1], F_DUPFD, 64), third = fcntl(fetch[1], F_DUPFD, 64);

		dup2(first, SUPPLICANT_FD_CORE);
		dup2(second, SUPPLICANT_FD_GATEWAY);
		dup2(state, SUPPLICANT_FD_STATE);
		dup2(third, SUPPLICANT_FD_FETCH);
		close_range(SUPPLICANT_FD_FETCH + 1, ~0U, 0);
		_exit(supplicant_run());
	}
	close(core[1]);
	close(gateway[1]);
	close(fetch[1]);
	n->core = core[0];
	n->gateway = gateway[0];
	n->fetch = fetch[0];
}

struct node node_open(void)
{
	struct node n = { .folder = "/tmp/mesatee-test-XXXXXX" };

	fault = FAULT_NONE;
	if (!mkdtemp(n.folder)) {
		abort();
	}
	n.state = open(n.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	supplicant_start(&n);
	return n;
}

int supplicant_stop(struct node *n)
{
	int status = -1;

	close(n->core);
	close(n->gateway);
	close(n->fetch);
	waitpid(n->pid, &status, 0);
	return status;
}

void node_close(struct node *n)
{
	char command[64];

	supplicant_stop(n);
	close(n->state);
	snprintf(command, sizeof(command), "rm -rf %s", n->folder);
	CHECK(system(command) == 0, "clean");
}

/* ---- calls ---- */


struct builder call(uint8_t *wire, size_t capacity, uint8_t type)
{
	struct builder b = builder_over(wire, capacity);

	builder_u8(&b, type);
	builder_u32(&b, 0xabcd0000u + type);
	return b;
}

/* MT_STATE stands for a supplicant that is gone. */
struct answer ask(int socket, const struct builder *b, port_handle handle)
{
	struct answer a = { .err = MT_STATE, .handle = PORT_NO_HANDLE };
	struct message m = { 0 };
	struct bytes body = { 0 };

	CHECK(builder_done(b, &body) == MT_OK, "test");
	if (message_send_wait(socket, body, &handle, handle != PORT_NO_HANDLE) != MT_OK ||
	    message_wait(socket, buffer, &m) != MT_OK) {
		return a;
	}
	struct cursor c = cursor_over(m.body);

	CHECK(cursor_u8(&c) == REE_ANSWER && cursor_u32(&c) == 0xabcd0000u + body.at[0],
	      "addressed to us");
	a.err = (enum mt_err)cursor_u8(&c);
	a.fields = cursor_take(&c, cursor_left(&c));
	a.handle = m.handle_count == 1 ? m.handle[0] : PORT_NO_HANDLE;
	CHECK(cursor_ok(&c) && m.handle_count <= 1 &&
		      (a.err == MT_OK || (a.fields.size == 0 && m.handle_count == 0)),
	      "shape");
	return a;
}

enum mt_err log_write(const struct node *n, uint64_t extend_to, uint64_t offset,
			     const char *text)
{
	uint8_t wire[256];
	struct builder b = call(wire, sizeof(wire), REE_LOG_WRITE);

	builder_u64(&b, extend_to);
	builder_u64(&b, offset);
	builder_text(&b, text);
	return ask(n->core, &b, PORT_NO_HANDLE).err;
}

struct bytes log_read(const struct node *n, uint64_t offset, uint32_t size)
{
	uint8_t wire[64];
	struct builder b = call(wire, sizeof(wire), REE_LOG_READ);

	builder_u64(&b, offset);
	builder_u32(&b, size);
	struct answer a = ask(n->core, &b, PORT_NO_HANDLE);

	CHECK(a.err == MT_OK, mt_err_name(a.err));
	return first(a.fields, a.fields.size);
}

struct answer named(int socket, uint8_t type, enum ree_space space,
			   const uint8_t name[REE_NAME_SIZE], port_handle handle)
{
	uint8_t wire[64];
	struct builder b = call(wire, sizeof(wire), type);

	builder_u8(&b, (uint8_t)space);
	builder_bytes(&b, mt_bytes(name, REE_NAME_SIZE));
	if (type == REE_BLOB_HEAD) {
		builder_u32(&b, 4);
	}
	return ask(socket, &b, handle);
}

enum mt_err blob_put(const struct node *n, const uint8_t name[REE_NAME_SIZE],
			    const char *text)
{
	port_handle h = PORT_NO_HANDLE;

	CHECK(memory_make(mt_text(text), &h) == MT_OK, "memory");
	enum mt_err err = named(n->core, REE_BLOB_PUT, REE_ARTIFACT, name, h).err;

	memory_close(h);
	return err;
}

/* The blob's text; NULL: there is none. */
const char *blob_get(const struct node *n, enum ree_space space,
			    const uint8_t name[REE_NAME_SIZE])
{
	struct answer a = named(n->core, REE_BLOB_GET, space, name, PORT_NO_HANDLE);
	struct bytes b = { 0 };

	if (a.err) {
		CHECK(a.err == MT_NOT_FOUND, mt_err_name(a.err));
		return NULL;
	}
	CHECK(memory_map(a.handle, &b) == MT_OK, "sealed memory");
	struct cursor c = cursor_over(a.fields);

	CHECK(cursor_u64(&c) == b.size && cursor_done(&c), "its size");
	char *text = test_alloc(b.size + 1);

	if (b.size) {
		memcpy(text, b.at, b.size);
	}
	memory_unmap(b);
	memory_close(a.handle);
	return text;
}

bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

struct answer upload_open(const struct node *n, const uint8_t name[REE_NAME_SIZE],
				 uint64_t size, uint32_t *upload)
{
	uint8_t wire[64];
	struct builder b = call(wire, sizeof(wire), REE_UPLOAD_OPEN);

	builder_bytes(&b, mt_bytes(name, REE_NAME_SIZE));
	builder_u64(&b, size);
	struct answer a = ask(n->gateway, &b, PORT_NO_HANDLE);
	struct cursor c = cursor_over(a.fields);

	*upload = a.err ? 0 : cursor_u32(&c);
	return a;
}

enum mt_err upload_end(const struct node *n, uint8_t type, uint32_t upload)
{
	uint8_t wire[64];
	struct builder b = call(wire, sizeof(wire), type);

	builder_u32(&b, upload);
	return ask(n->gateway, &b, PORT_NO_HANDLE).err;
}

enum mt_err upload(const struct node *n, const uint8_t name[REE_NAME_SIZE], const char *text,
			  uint64_t size)
{
	uint32_t number;
	struct answer a = upload_open(n, name, size, &number);

	if (a.err) {
		return a.err;
	}
	CHECK(__real_pwrite(a.handle, text, strlen(text), 0) == (ssize_t)strlen(text),
	      "the gateway writes");
	memory_close(a.handle);
	enum mt_err err = upload_end(n, REE_UPLOAD_SYNC, number);

	if (err) {
		enum mt_err closed = upload_end(n, REE_UPLOAD_CLOSE, number);

		CHECK(closed == MT_NOT_FOUND || closed == MT_STATE,
		      "what a sync has lost is not kept by the next one");
		return err;
	}
	return upload_end(n, REE_UPLOAD_CLOSE, number);
}

size_t incoming_count(const struct node *n)
{
	char command[96], line[16] = "";

	snprintf(command, sizeof(command), "ls %s/incoming | wc -l", n->folder);
	FILE *p = popen(command, "r");

	CHECK(p && fgets(line, sizeof(line), p), "count");
	pclose(p);
	return (size_t)atoi(line);
}
