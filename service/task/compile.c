/* A module through the compile worker into a sealed artifact, and the cache of opened artifacts. */
#include "service/task/driver.h"

#include "api/builtin.h"

#include <stdio.h>
#include <string.h>

#define ARTIFACT_PURPOSE "artifact"

void task_artifact_name(const uint8_t module_hash[32], const uint8_t engine_hash[32], uint8_t out[32])
{
	struct bytes part[2] = { mt_bytes(module_hash, 32), mt_bytes(engine_hash, 32) };

	crypto_label_sha256("mesatee-artifact-1", part, 2, out);
}

/* ---- cache ---- */

port_handle task_artifact_cached(struct task_driver *d, const uint8_t module_hash[32])
{
	const struct port *port = d->host.port;
	port_handle copy = PORT_NO_HANDLE;

	for (size_t i = 0; i < TASK_ARTIFACTS_CACHED; i++) {
		struct artifact *a = &d->artifact[i];
		if (a->handle != PORT_NO_HANDLE && memcmp(a->hash, module_hash, 32) == 0) {
			a->used = ++d->clock;
			return port->memory_share(port->self, a->handle, &copy) ? PORT_NO_HANDLE : copy;
		}
	}
	return PORT_NO_HANDLE;
}

static void artifact_keep(struct task_driver *d, const uint8_t module_hash[32], port_handle take_handle)
{
	struct artifact *oldest = &d->artifact[0];

	for (size_t i = 1; i < TASK_ARTIFACTS_CACHED; i++) {
		if (d->artifact[i].used < oldest->used) {
			oldest = &d->artifact[i];
		}
	}
	d->host.port->memory_close(d->host.port->self, oldest->handle);
	memcpy(oldest->hash, module_hash, 32);
	oldest->handle = take_handle;
	oldest->used = ++d->clock;
}

MUST enum mt_err task_artifact_load(struct task_driver *d, const uint8_t module_hash[32], struct bytes blob, port_handle *out)
{
	const struct port *port = d->host.port;
	uint8_t name[32];
	port_handle handle = PORT_NO_HANDLE;

	if (blob.size < SEAL_OVERHEAD) {
		return MT_TAMPERED;
	}
	uint8_t *plain = mt_alloc(blob.size);
	if (!plain) {
		return MT_NO_MEMORY;
	}
	task_artifact_name(module_hash, d->host.executor_hash[CONTRACT_WASM], name);
	enum mt_err err = seal_unwrap(d->host.root, ARTIFACT_PURPOSE, mt_bytes(name, 32), blob, plain);
	if (!err) {
		err = port->memory_make(port->self, mt_bytes(plain, blob.size - SEAL_OVERHEAD), &handle);
	}
	mt_free(plain);
	if (err) {
		return err;
	}
	artifact_keep(d, module_hash, handle);
	*out = task_artifact_cached(d, module_hash);
	return *out == PORT_NO_HANDLE ? MT_NO_MEMORY : MT_OK;
}

/* ---- compiling ---- */

static void compile_over(struct compile *c, enum mt_err err, const char *detail)
{
	const struct port *port = c->driver->host.port;
	struct compile done = *c;

	if (c->peer) {
		port->kill(port->self, c->peer);
	}
	*c = (struct compile){ 0 };
	done.done(done.context, err, done.executor, done.module_size, detail);
}

static void compile_stored(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct compile *c = context;

	(void)answer;
	c->driver->host.port->memory_close(c->driver->host.port->self, handle);
	compile_over(c, err, err ? "the artifact could not be stored" : "");
}

/* One of our own, which this build has translated: there is nothing to compile. */
static bool is_builtin(const struct compile *c)
{
	for (size_t i = 0; i < builtin_function_count; i++) {
		if (memcmp(builtin_functions[i].hash, c->hash, sizeof(c->hash)) == 0) {
			return c->driver->host.executor_hash[CONTRACT_BUILTIN];
		}
	}
	return false;
}

/* The worker's artifact, sealed and sent to the disk. Nothing of it is believed: it is native code that only a run worker will load. */
static enum mt_err compile_store(struct compile *c, port_handle artifact)
{
	const struct task_host *host = &c->driver->host;
	const struct port *port = host->port;
	struct bytes plain = { 0 };
	uint8_t name[32];
	port_handle sealed = PORT_NO_HANDLE;

	enum mt_err err = port->memory_map(port->self, artifact, &plain);
	if (err) {
		return err;
	}
	uint8_t *blob = mt_alloc(plain.size + SEAL_OVERHEAD);
	task_artifact_name(c->hash, host->executor_hash[CONTRACT_WASM], name);
	err = blob ? seal_wrap(host->root, ARTIFACT_PURPOSE, mt_bytes(name, 32), plain, blob) : MT_NO_MEMORY;
	if (!err) {
		err = port->memory_make(port->self, mt_bytes(blob, plain.size + SEAL_OVERHEAD), &sealed);
	}
	if (!err) {
		err = ree_blob_put(host->ree, REE_ARTIFACT, name, sealed, compile_stored, c);
	}
	port->memory_unmap(port->self, plain);
	mt_free(blob);
	return err;
}

static void compile_answered(struct compile *c, const struct port_event *event)
{
	struct cursor m = cursor_over(event->body);
	uint8_t type = cursor_u8(&m), how = cursor_u8(&m);
	struct bytes detail = cursor_take32(&m);
	char text[WORK_DETAIL_MAX + 1];
	const struct port *port = c->driver->host.port;
	port_handle artifact = event->handle_count ? event->handle[0] : PORT_NO_HANDLE;

	for (size_t i = 1; i < event->handle_count; i++) {
		port->memory_close(port->self, event->handle[i]);
	}
	if (!cursor_done(&m) || type != WORK_COMPILED || detail.size > WORK_DETAIL_MAX || (how == MT_OK && artifact == PORT_NO_HANDLE)) {
		port->memory_close(port->self, artifact);
		compile_over(c, MT_MALFORMED, "the compile worker gave no usable answer");
		return;
	}
	port->kill(port->self, c->peer);        /* one module, one answer: whatever else it says is not heard */
	c->peer = 0;
	snprintf(text, sizeof(text), "%.*s", (int)detail.size, detail.at ? (const char *)detail.at : "");
	enum mt_err err = how < MT_ERRS ? (enum mt_err)how : MT_MALFORMED;
	if (!err) {
		err = compile_store(c, artifact);
	}
	port->memory_close(port->self, artifact);
	if (err) {
		compile_over(c, err, text[0] ? text : "the artifact could not be kept");
	}
}

bool task_compile_event(struct task_driver *d, const struct port_event *event)
{
	for (size_t i = 0; i < TASK_COMPILES_MAX; i++) {
		struct compile *c = &d->compile[i];
		if (!c->used || c->peer != event->peer || !c->peer) {
			continue;
		}
		if (event->kind == PORT_MESSAGE) {
			compile_answered(c, event);
		} else {
			c->peer = 0;
			compile_over(c, event->deadline ? MT_LIMIT : MT_IO,
				     event->deadline ? "compiling took longer than 120 s" : "the compile worker died");
		}
		return true;
	}
	return false;
}

static enum mt_err compile_begin(struct compile *c, port_handle module)
{
	const struct port *port = c->driver->host.port;
	uint8_t hash[32], message[1] = { WORK_COMPILE };
	struct bytes content = { 0 };

	enum mt_err err = port->memory_map(port->self, module, &content);
	if (err) {
		return err;
	}
	c->module_size = content.size;
	crypto_sha256(content, hash);
	/* Four bytes decide, and both ways a worker judges the rest. */
	c->executor = content.size >= 4 && memcmp(content.at, "\0asm", 4) == 0 ? CONTRACT_WASM : CONTRACT_PYTHON;
	port->memory_unmap(port->self, content);
	if (memcmp(hash, c->hash, 32) != 0) {
		return MT_TAMPERED;
	}
	if (c->module_size > TASK_MODULE_SIZE_MAX) {
		return MT_LIMIT;
	}
	if (c->executor == CONTRACT_PYTHON) {
		return c->driver->host.executor_hash[CONTRACT_PYTHON] ? MT_OK : MT_DENIED;
	}
	if (is_builtin(c)) {
		c->executor = CONTRACT_BUILTIN;
		return MT_OK;
	}
	err = port->spawn(port->self, PORT_COMPILE, &c->peer);
	if (err) {
		return err;
	}
	port->deadline(port->self, c->peer, TASK_COMPILE_MS);
	port_handle copy = PORT_NO_HANDLE;
	err = port->memory_share(port->self, module, &copy);
	return err ? err : port->send(port->self, c->peer, mt_bytes(message, 1), &copy, 1);
}

static void compile_loaded(void *context, enum mt_err err, struct bytes answer, port_handle handle)
{
	struct compile *c = context;
	const struct port *port = c->driver->host.port;

	(void)answer;
	if (!err) {
		err = handle == PORT_NO_HANDLE ? MT_MALFORMED : compile_begin(c, handle);
	}
	port->memory_close(port->self, handle);
	if (!err && c->executor != CONTRACT_WASM) {
		compile_over(c, MT_OK, "");     /* the interpreter reads the source at each run; a built-in function is compiled */
	} else if (err) {
		compile_over(c, err, err == MT_NOT_FOUND ? "the module was not uploaded" :
				     err == MT_DENIED ? "it is no WebAssembly module, and this node does not run Python" :
				     err == MT_TAMPERED ? "the uploaded module has another hash: upload it again" :
				     err == MT_LIMIT ? "a module has at most 64 MiB" : "the module could not be read");
	}
}

MUST enum mt_err task_compile(struct task_driver *d, const uint8_t module_hash[32], task_compiled *done, void *context)
{
	for (size_t i = 0; i < TASK_COMPILES_MAX; i++) {
		struct compile *c = &d->compile[i];
		if (c->used) {
			continue;
		}
		*c = (struct compile){ .driver = d, .used = true, .done = done, .context = context };
		memcpy(c->hash, module_hash, 32);
		enum mt_err err = ree_blob_get(d->host.ree, REE_DATA, module_hash, compile_loaded, c);
		if (err) {
			*c = (struct compile){ 0 };
		}
		return err;
	}
	return MT_LIMIT;
}
