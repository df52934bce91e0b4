#include "test/tee_world.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/tee_api_defines.h"
#include "api/tee_door.h"
#include "api/tee_worker.h"
#include "tee/call/call.h"
#include "test/ta/try.h"

#define PATIENCE_MS 10000

/* ---- one process ---- */

void tee_path(const char *name, char *out, size_t capacity)
{
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = 0;
	char *slash = strrchr(self, '/');

	snprintf(out, capacity, "%.*s/%s", slash ? (int)(slash - self) : 0, self, name);
}

port_handle tee_image(const char *name)
{
	char path[1024];
	struct stat facts;
	port_handle out = PORT_NO_HANDLE;

	tee_path(name, path, sizeof(path));
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &facts) != 0) {
		printf("  no %s\n", path);
		abort();
	}
	uint8_t *bytes = malloc((size_t)facts.st_size);

	if (!bytes || read(fd, bytes, (size_t)facts.st_size) != facts.st_size || memory_make(mt_bytes(bytes, (size_t)facts.st_size), &out) != MT_OK) {
		abort();
	}
	free(bytes);
	close(fd);
	return out;
}

bool tee_process_start(struct tee_process *out)
{
	char path[1024];
	int pair[2];

	tee_path("../bin/ta", path, sizeof(path));
	if (message_pair(pair) != MT_OK) {
		return false;
	}
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(pair[1], WORKER_FD_CORE);
		/* A fault of the application is meant to end it, and not to be told at length. */
		char *const environment[] = { (char *)(uintptr_t)"ASAN_OPTIONS=handle_segv=0:handle_sigbus=0", NULL };

		execle(path, "ta", (char *)NULL, environment);
		_exit(99);
	}
	close(pair[1]);
	*out = (struct tee_process){ .pid = pid, .socket = pair[0] };
	return pid > 0;
}

bool tee_process_send(struct tee_process *p, struct bytes body, port_handle handle)
{
	return message_send_wait(p->socket, body, &handle, handle == PORT_NO_HANDLE ? 0 : 1) == MT_OK;
}

bool tee_process_take(struct tee_process *p, uint8_t type, uint8_t *buffer, struct message *out)
{
	for (;;) {
		struct pollfd ready = { .fd = p->socket, .events = POLLIN };

		if (poll(&ready, 1, PATIENCE_MS) != 1 || message_receive(p->socket, buffer, out) != MT_OK) {
			return false;
		}
		if (out->body.at[0] == type) {
			return true;
		}
		message_close(out);
	}
}

uint32_t tee_process_load(struct tee_process *p, port_handle image, const uint8_t uuid[16], bool debug, char *reason, size_t capacity)
{
	static uint8_t buffer[PORT_MESSAGE_MAX];
	uint8_t space[64];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes body = { 0 };
	struct message m = { 0 };

	builder_u8(&b, TEE_WORKER_LOAD);
	builder_bytes(&b, mt_bytes(uuid, 16));
	builder_u8(&b, debug);
	if (builder_done(&b, &body) != MT_OK || !tee_process_send(p, body, image) || !tee_process_take(p, TEE_WORKER_LOADED, buffer, &m)) {
		return TEE_ERROR_COMMUNICATION;
	}
	struct cursor c = cursor_over(m.body);

	(void)cursor_u8(&c);
	uint32_t result = cursor_u32(&c);

	(void)cursor_u32(&c);
	struct bytes text = cursor_take32(&c);

	if (reason) {
		snprintf(reason, capacity, "%.*s", (int)text.size, (const char *)text.at);
	}
	return cursor_done(&c) ? result : TEE_ERROR_COMMUNICATION;
}

int tee_process_end(struct tee_process *p)
{
	int status = 0;

	for (int i = 0; i < PATIENCE_MS && waitpid(p->pid, &status, WNOHANG) == 0; i++) {
		if (i == PATIENCE_MS - 1) {
			kill(p->pid, SIGKILL);
		}
		usleep(1000);
	}
	(void)waitpid(p->pid, &status, 0);
	close(p->socket);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* ---- the TEE ---- */

#define CLIENTS_MAX 32
#define INSTANCES_MAX 32
#define SESSIONS_MAX 256

struct instance {
	struct tee_process process;     /* pid 0: free */
	uint32_t panic;
};
struct session {
	uint32_t number, request;       /* 0: free */
	size_t client, instance;
	bool closing;
};

static struct {
	int listen;
	enum tee_lie lie;
	bool process_each;
	port_handle image;
	int client[CLIENTS_MAX];        /* 0: free */
	struct instance instance[INSTANCES_MAX];
	struct session session[SESSIONS_MAX];
	uint32_t numbers;
} world;

static uint8_t in[PORT_MESSAGE_MAX], in_client[PORT_MESSAGE_MAX], out[PORT_MESSAGE_MAX], data[CALL_WIRE_DATA_MAX];
static const uint8_t try_uuid[16] = TRY_UUID_BYTES;

static void send_to(int socket, struct builder *b, const port_handle *handles, size_t count)
{
	struct bytes body = { 0 };

	if (builder_done(b, &body) == MT_OK) {
		(void)!message_send_wait(socket, body, handles, count);
	}
}

static struct session *session_of(uint32_t number)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (world.session[i].number == number) {
			return &world.session[i];
		}
	}
	return NULL;
}

static void instance_serve(size_t instance);

/* What it has sent comes before what is sent to it; its end too. */
static bool instance_alive(size_t instance)
{
	struct tee_process *p = &world.instance[instance].process;

	while (p->pid && message_waiting(p->socket)) {
		instance_serve(instance);
	}
	return p->pid != 0;
}

/* The instance for a new session; it is started where there is none. INSTANCES_MAX: none can be had. */
static size_t instance_for(void)
{
	size_t free = INSTANCES_MAX;

	for (size_t i = 0; i < INSTANCES_MAX; i++) {
		if (instance_alive(i) && !world.process_each) {
			return i;
		}
		free = world.instance[i].process.pid ? free : i;
	}
	if (free == INSTANCES_MAX || !tee_process_start(&world.instance[free].process) ||
	    tee_process_load(&world.instance[free].process, world.image, try_uuid, false, NULL, 0) != 0) {
		return INSTANCES_MAX;
	}
	return free;
}

static void opened(int socket, uint32_t request, uint32_t result, uint32_t origin, uint32_t session, const struct message *m)
{
	struct builder b = builder_over(out, sizeof(out));

	builder_u8(&b, world.lie == TEE_NONSENSE ? 99 : TEE_DOOR_OPENED);
	builder_u32(&b, request);
	builder_u32(&b, result);
	builder_u32(&b, origin);
	builder_u32(&b, session);
	if (world.lie == TEE_SILENT || world.lie == TEE_NONSENSE) {
		shutdown(socket, SHUT_RDWR);
	}
	send_to(socket, &b, m ? m->handle : NULL, m && world.lie != TEE_NO_BELLS ? m->handle_count : 0);
}

static void client_open(size_t client, struct cursor *c, struct message *m)
{
	uint32_t request = cursor_u32(c);
	struct bytes uuid = cursor_take(c, 16);
	uint32_t login = cursor_u32(c);

	(void)cursor_u32(c);
	uint64_t size = cursor_u64(c);
	struct session *s = session_of(0);
	if (!cursor_done(c) || m->handle_count != 1 || !s) {
		return;
	}
	size_t instance = mt_equal(uuid, mt_bytes(try_uuid, 16)) ? instance_for() : INSTANCES_MAX;

	if (instance == INSTANCES_MAX) {
		opened(world.client[client], request, TEE_ERROR_ITEM_NOT_FOUND, TEE_ORIGIN_TEE, 0, NULL);
		return;
	}
	*s = (struct session){ .number = ++world.numbers, .request = request, .client = client, .instance = instance };
	struct builder b = builder_over(out, sizeof(out));

	builder_u8(&b, TEE_WORKER_OPEN);
	builder_u32(&b, s->number);
	builder_u32(&b, login);
	builder_bytes(&b, mt_bytes(try_uuid, 16));
	builder_u64(&b, size);
	send_to(world.instance[instance].process.socket, &b, m->handle, 1);
}

static void closed(struct session *s)
{
	struct builder b = builder_over(out, sizeof(out));

	builder_u8(&b, TEE_DOOR_CLOSED);
	builder_u32(&b, s->number);
	send_to(world.client[s->client], &b, NULL, 0);
	*s = (struct session){ 0 };
}

/* Regions and closings go on as they are, but for their first byte. */
static void client_pass(uint8_t type, struct cursor *c, struct message *m)
{
	static const uint8_t becomes[] = { [TEE_DOOR_CLOSE] = TEE_WORKER_CLOSE, [TEE_DOOR_REGION] = TEE_WORKER_REGION,
					   [TEE_DOOR_REGION_END] = TEE_WORKER_REGION_END };
	struct session *s = session_of(cursor_u32(c));

	if (!s || type >= MT_COUNT(becomes)) {
		return;
	}
	struct tee_process *p = &world.instance[s->instance].process;
	if (!instance_alive(s->instance)) {
		if (type == TEE_DOOR_CLOSE) {
			closed(s);
		}
		return;
	}
	struct builder b = builder_over(out, sizeof(out));

	s->closing = type == TEE_DOOR_CLOSE;
	builder_u8(&b, becomes[type]);
	builder_bytes(&b, mt_bytes(m->body.at + 1, m->body.size - 1));
	send_to(p->socket, &b, m->handle, m->handle_count);
}

static void client_gone(size_t client)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *s = &world.session[i];
		struct builder b = builder_over(out, sizeof(out));

		if (!s->number || s->client != client) {
			continue;
		}
		builder_u8(&b, TEE_WORKER_CLOSE);
		builder_u32(&b, s->number);
		if (world.instance[s->instance].process.pid) {
			send_to(world.instance[s->instance].process.socket, &b, NULL, 0);
		}
		*s = (struct session){ 0 };
	}
	close(world.client[client]);
	world.client[client] = 0;
}

static void client_serve(size_t client)
{
	struct message m = { 0 };

	if (message_receive(world.client[client], in_client, &m) != MT_OK) {
		client_gone(client);
		return;
	}
	struct cursor c = cursor_over(m.body);
	uint8_t type = cursor_u8(&c);

	if (type == TEE_DOOR_OPEN) {
		client_open(client, &c, &m);
	} else {
		client_pass(type, &c, &m);
	}
	message_close(&m);
}

/* System calls that come through: 200,000 stored bytes, and a time. */
static void call_answer(struct tee_process *p, struct bytes wire)
{
	static size_t stored = 200000;
	struct call call;
	struct bytes made = { 0 };
	uint32_t result = TEE_SUCCESS;

	if (call_wire_decode(wire, data, &call) != MT_OK) {
		return;
	}
	if (call.number == TA_CALL_STORAGE_READ) {
		size_t size = call.out[0].capacity < stored ? call.out[0].capacity : stored;

		memset(call.out[0].at, 's', size);
		call.out[0].size = size;
		stored -= size;
	} else if (call.number == TA_CALL_GET_TIME) {
		call.time = (struct ta_time){ 1234, 5 };
	} else {
		result = TEE_ERROR_NOT_IMPLEMENTED;
	}
	out[0] = TEE_WORKER_RETURN;
	if (call_answer_encode(&call, result, out + 1, sizeof(out) - 1, &made) == MT_OK) {
		(void)!message_send_wait(p->socket, mt_bytes(out, made.size + 1), NULL, 0);
	}
}

static void instance_gone(size_t instance)
{
	struct instance *at = &world.instance[instance];

	(void)tee_process_end(&at->process);
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *s = &world.session[i];
		struct builder b = builder_over(out, sizeof(out));

		if (s->number && s->instance == instance && s->closing) {
			closed(s);
		} else if (s->number && s->instance == instance && s->request) {
			opened(world.client[s->client], s->request, TEE_ERROR_TARGET_DEAD, TEE_ORIGIN_TEE, 0, NULL);
			*s = (struct session){ 0 };
		} else if (s->number && s->instance == instance) {
			builder_u8(&b, TEE_DOOR_DEAD);
			builder_u32(&b, s->number);
			builder_u32(&b, at->panic);
			send_to(world.client[s->client], &b, NULL, 0);
			s->instance = INSTANCES_MAX - 1;
		}
	}
	*at = (struct instance){ 0 };
}

static void instance_serve(size_t instance)
{
	struct instance *at = &world.instance[instance];
	struct message m = { 0 };

	if (message_receive(at->process.socket, in, &m) != MT_OK) {
		instance_gone(instance);
		return;
	}
	struct cursor c = cursor_over(m.body);
	uint8_t type = cursor_u8(&c);
	uint32_t number = cursor_u32(&c);
	struct session *s = session_of(number);

	if (type == TEE_WORKER_OPENED && s) {
		uint32_t result = cursor_u32(&c), origin = cursor_u32(&c), request = s->request;

		s->request = 0;
		opened(world.client[s->client], request, result, origin, number, &m);
		*s = result == 0 ? *s : (struct session){ 0 };
	} else if (type == TEE_WORKER_CLOSED && s && s->number) {
		closed(s);
	} else if (type == TEE_WORKER_CALL) {
		call_answer(&at->process, cursor_take(&c, cursor_left(&c)));
	} else if (type == TEE_WORKER_PANIC) {
		at->panic = number;
	}
	message_close(&m);
}

static void client_accept(void)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (!world.client[i]) {
			world.client[i] = accept4(world.listen, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
			return;
		}
	}
}

static _Noreturn void world_run(void)
{
	for (;;) {
		struct pollfd p[1 + CLIENTS_MAX + INSTANCES_MAX] = { { .fd = world.listen, .events = POLLIN } };

		for (size_t i = 0; i < CLIENTS_MAX; i++) {
			p[1 + i] = (struct pollfd){ .fd = world.client[i] ? world.client[i] : -1, .events = POLLIN };
		}
		for (size_t i = 0; i < INSTANCES_MAX; i++) {
			const struct tee_process *at = &world.instance[i].process;

			p[1 + CLIENTS_MAX + i] = (struct pollfd){ .fd = at->pid ? at->socket : -1, .events = POLLIN };
		}
		(void)poll(p, MT_COUNT(p), -1);
		for (size_t i = 0; i < INSTANCES_MAX; i++) {
			if (p[1 + CLIENTS_MAX + i].revents) {
				instance_serve(i);
			}
		}
		for (size_t i = 0; i < CLIENTS_MAX; i++) {
			if (p[1 + i].revents && world.client[i]) {
				client_serve(i);
			}
		}
		if (p[0].revents) {
			client_accept();
		}
	}
}

pid_t tee_world_start(const char *path, enum tee_lie lie, bool process_each)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	unlink(path);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 16) != 0) {
		perror("  tee_world");
		abort();
	}
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_IGN);
		world.listen = fd;
		world.lie = lie;
		world.process_each = process_each;
		world.image = tee_image("../test/ta/try.so");
		world_run();
	}
	close(fd);
	return pid;
}

void tee_world_stop(pid_t pid, const char *path)
{
	kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	unlink(path);
}
