#include "lib/attest/attest.h"

#include <string.h>

/* Append in order; names must ascend, so that there are no duplicates and one list has one form. */
static enum mt_err measurement_add(struct attest_measurements *m, struct bytes name, const uint8_t hash[ATTEST_HASH_SIZE])
{
	if (m->count == ATTEST_MEASUREMENTS_MAX) {
		return MT_LIMIT;
	}
	if (name.size == 0 || name.size > ATTEST_NAME_MAX || memchr(name.at, 0, name.size)) {
		return MT_MALFORMED;
	}
	struct attest_measurement *item = &m->item[m->count];
	memset(item, 0, sizeof(*item));
	memcpy(item->name, name.at, name.size);
	memcpy(item->hash, hash, ATTEST_HASH_SIZE);
	if (m->count && strcmp(m->item[m->count - 1].name, item->name) >= 0) {
		return MT_MALFORMED;
	}
	m->count++;
	return MT_OK;
}

MUST enum mt_err attest_measurements_decode(struct bytes wire, struct attest_measurements *out)
{
	struct attest_measurements m = { 0 };
	struct cursor c = cursor_over(wire);
	uint32_t count = cursor_u32(&c);

	if (count > ATTEST_MEASUREMENTS_MAX) {
		return MT_LIMIT;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint8_t hash[ATTEST_HASH_SIZE];
		struct bytes name = cursor_take32(&c);
		cursor_copy(&c, hash, sizeof(hash));
		if (!cursor_ok(&c)) {
			return MT_MALFORMED;
		}
		enum mt_err err = measurement_add(&m, name, hash);
		if (err) {
			return err;
		}
	}
	if (!cursor_done(&c)) {
		return MT_MALFORMED;
	}
	*out = m;
	return MT_OK;
}

/* "64 hex digits, two spaces, name, newline" (the form of sha256sum). */
MUST enum mt_err attest_measurements_from_text(struct bytes text, struct attest_measurements *out)
{
	struct attest_measurements m = { 0 };

	while (text.size) {
		const uint8_t *end = memchr(text.at, '\n', text.size);
		uint8_t hash[ATTEST_HASH_SIZE];
		const size_t digits = 2 * ATTEST_HASH_SIZE;

		if (!end || (size_t)(end - text.at) < digits + 3) {
			return MT_MALFORMED;
		}
		size_t line_size = (size_t)(end - text.at);
		if (text.at[digits] != ' ' || text.at[digits + 1] != ' ' ||
		    mt_unhex(mt_bytes(text.at, digits), hash, sizeof(hash))) {
			return MT_MALFORMED;
		}
		enum mt_err err = measurement_add(&m, mt_bytes(text.at + digits + 2, line_size - digits - 2), hash);
		if (err) {
			return err;
		}
		text = mt_bytes(end + 1, text.size - line_size - 1);
	}
	*out = m;
	return MT_OK;
}

static void measurements_hash(const struct attest_measurements *m, const char *label,
			      bool (*wanted)(const char *name), uint8_t out[ATTEST_HASH_SIZE])
{
	struct bytes part[2 * ATTEST_MEASUREMENTS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (wanted && !wanted(m->item[i].name)) {
			continue;
		}
		part[count++] = mt_text(m->item[i].name);
		part[count++] = mt_bytes(m->item[i].hash, ATTEST_HASH_SIZE);
	}
	crypto_label_sha256(label, part, count, out);
}

void attest_measurements_hash(const struct attest_measurements *m, uint8_t out[ATTEST_HASH_SIZE])
{
	measurements_hash(m, ATTEST_LABEL_MEASUREMENT, NULL, out);
}

const struct attest_measurement *attest_measurement_find(const struct attest_measurements *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++) {
		if (strcmp(m->item[i].name, name) == 0) {
			return &m->item[i];
		}
	}
	return NULL;
}

/* The engine's library and what the loader puts under it: both executors stand on them. */
static bool measurement_is_library(const char *name)
{
	return strncmp(name, "lib", 3) == 0 || strncmp(name, "ld-linux", 8) == 0;
}

/* What executes a wasm function: the worker and the compiler. */
static bool measurement_is_wasm(const char *name)
{
	return strcmp(name, "run") == 0 || strcmp(name, "compile") == 0 || measurement_is_library(name);
}

/* What executes a Python function: the worker, the interpreter, its standard library. */
static bool measurement_is_python(const char *name)
{
	return strcmp(name, "python") == 0 || strncmp(name, "python.", 7) == 0 || strncmp(name, "python-", 7) == 0 ||
	       measurement_is_library(name);
}

static bool measurement_is_builtin(const char *name)
{
	return strcmp(name, "builtin") == 0;
}

const char *attest_executor_name(unsigned executor)
{
	static const char *const name[ATTEST_EXECUTORS] = {
		[ATTEST_EXECUTOR_WASM] = "wasm", [ATTEST_EXECUTOR_PYTHON] = "python", [ATTEST_EXECUTOR_BUILTIN] = "builtin",
	};

	return executor < ATTEST_EXECUTORS ? name[executor] : NULL;
}

MUST enum mt_err attest_executor_hash(const struct attest_measurements *m, enum attest_executor executor, uint8_t out[ATTEST_HASH_SIZE])
{
	static const struct {
		const char *needs[3];
		bool (*is_part)(const char *name);
	} of[] = {
		[ATTEST_EXECUTOR_WASM] = { { "run", "compile", "run" }, measurement_is_wasm },
		[ATTEST_EXECUTOR_PYTHON] = { { "python", "python.cwasm", "python-stdlib.zip" }, measurement_is_python },
		[ATTEST_EXECUTOR_BUILTIN] = { { "builtin", "builtin", "builtin" }, measurement_is_builtin },
	};

	if (!attest_executor_name(executor)) {
		return MT_NOT_FOUND;
	}
	for (size_t i = 0; i < MT_COUNT(of[executor].needs); i++) {
		if (!attest_measurement_find(m, of[executor].needs[i])) {
			return MT_NOT_FOUND;
		}
	}
	measurements_hash(m, ATTEST_LABEL_ENGINE, of[executor].is_part, out);
	return MT_OK;
}
