/*
 * log_replay. The first byte chooses:
 *   'E': edits of a good file, (block u8, offset u16, value u8) each; 'M': blocks moved, (from u8, to u8) each;
 *   'R': raw blocks; 'I': count and entries of a batch, sealed behind the good ones as the log itself would seal them,
 *   so that the fuzzer gets behind the cipher and the chain.
 * Whatever comes, the fold sees a first part of the good entries, byte for byte, then nothing ('I' may add its own).
 */
#include "lib/log/log.h"

#include <string.h>

enum { GOOD_BATCHES = 6, GOOD_BLOCKS = 9, FILE_BLOCKS = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct secret key = { "key of the log fuzzer" };
static const uint8_t id[LOG_ID_SIZE] = "fuzz";
static uint8_t good[FILE_BLOCKS * LOG_BLOCK];
static uint8_t good_chain[LOG_HASH_SIZE]; /* what a batch behind the good ones must hold */
static bool only_good;

/* Entry i is i % 2 ? 5000 : 7 bytes of value i: batches of one and of two blocks. */
static struct bytes good_entry(uint64_t i)
{
	static uint8_t memory[5000];

	memset(memory, (int)i, sizeof(memory));
	return mt_bytes(memory, i % 2 ? sizeof(memory) : 7);
}

static enum mt_err fold(void *context, uint64_t index, struct bytes entry)
{
	uint64_t *count = context;

	mt_assert(index == *count);
	mt_assert(!only_good || (index < GOOD_BATCHES && mt_equal(entry, good_entry(index))));
	mt_assert(entry.size <= LOG_ENTRY_MAX);
	(*count)++;
	return MT_OK;
}

/* The head of a batch: sequence and first index are both `i` here. */
static void head_put(struct builder *b, uint64_t i, struct bytes count)
{
	builder_u64(b, i);
	builder_u64(b, i);
	builder_bytes(b, count);
	builder_bytes(b, mt_bytes(good_chain, sizeof(good_chain)));
}

/* The chain as file_private.h describes it. */
static void good_chain_make(void)
{
	struct bytes parts[2] = { mt_bytes(id, sizeof(id)) };

	crypto_label_sha256("mesatee-log-chain-1", parts, 1, good_chain);
	for (uint64_t i = 0; i < GOOD_BATCHES; i++) {
		uint8_t inside[6000];
		struct builder b = builder_over(inside, sizeof(inside));

		head_put(&b, i, mt_bytes("\0\0\0\1", 4));
		builder_bytes32(&b, good_entry(i));
		mt_assert(builder_done(&b, &parts[1]) == MT_OK);
		crypto_label_sha256("mesatee-log-chain-1", parts, 2, good_chain);
	}
}

static void good_make(void)
{
	uint64_t count = 0, index = 0;
	struct log *log = NULL;
	struct log_write w;

	mt_assert(log_open(&key, id, fold, &count, &log) == MT_OK && log_replay_end(log) == MT_OK);
	for (uint64_t i = 0; i < GOOD_BATCHES; i++) {
		mt_assert(log_stage(log, good_entry(i), &index) == MT_OK && log_batch(log, &w) == MT_OK);
		memcpy(good + w.offset, w.bytes.at, w.bytes.size);
		mt_assert(log_commit(log) == MT_OK);
	}
	mt_assert(log_file_size(log) == GOOD_BLOCKS * LOG_BLOCK);
	log_close(log);
	good_chain_make();
}

static void file_try(const uint8_t *file, size_t size, size_t step)
{
	uint64_t count = 0;
	struct log *log = NULL;
	enum mt_err err = log_open(&key, id, fold, &count, &log);

	for (size_t at = 0; at < size && !err; at += step) {
		err = log_replay(log, mt_bytes(file + at, size - at < step ? size - at : step));
	}
	err = err ? err : log_replay_end(log);
	mt_assert(err == MT_OK || err == MT_TAMPERED);
	if (!err) {
		mt_assert(log_tree_size(log_tree(log)) == count && log_file_size(log) <= size);
	}
	log_close(log);
}

/* Put a batch of this count (4 bytes) and these entries behind the good ones. */
static void inside_put(uint8_t *file, struct bytes count, struct bytes entries)
{
	static uint8_t memory[20100];
	struct builder in = builder_over(memory, sizeof(memory));
	struct bytes inside;

	head_put(&in, GOOD_BATCHES, count);
	builder_bytes(&in, entries);
	mt_assert(builder_done(&in, &inside) == MT_OK);
	struct builder b = builder_over(file + GOOD_BLOCKS * LOG_BLOCK, (FILE_BLOCKS - GOOD_BLOCKS) * LOG_BLOCK);
	static const uint8_t nonce[CRYPTO_NONCE_SIZE] = "fuzz nonce";
	struct crypto_aead *aead = NULL;
	struct secret batch_key;

	builder_text(&b, "MTLOGB\x01");
	builder_u8(&b, 0);
	builder_u32(&b, (uint32_t)(inside.size + CRYPTO_TAG_SIZE));
	builder_bytes(&b, mt_bytes(nonce, sizeof(nonce)));
	crypto_derive(&key, "mesatee-log-batch-1", mt_bytes(id, sizeof(id)), &batch_key);
	mt_assert(crypto_aead_open(&batch_key, &aead) == MT_OK);
	crypto_aead_seal(aead, nonce, mt_bytes(b.at, 12), inside, b.at + b.size);
	crypto_aead_close(aead);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t file[sizeof(good)];

	if (mt_is_zero(mt_bytes(good, sizeof(good)))) {
		only_good = true;
		good_make();
	}
	if (size < 2 || size > 20000) {
		return 0;
	}
	memcpy(file, good, sizeof(file));
	only_good = data[0] != 'I';
	size_t step = (1 + data[1] % FILE_BLOCKS) * LOG_BLOCK, at = 2;
	switch (data[0]) {
	case 'E':
		for (; at + 4 <= size; at += 4) {
			file[data[at] % FILE_BLOCKS * LOG_BLOCK + (data[at + 1] << 8 | data[at + 2]) % LOG_BLOCK] ^=
				data[at + 3];
		}
		break;
	case 'M':
		for (; at + 2 <= size; at += 2) {
			memcpy(file + data[at + 1] % FILE_BLOCKS * LOG_BLOCK, good + data[at] % FILE_BLOCKS * LOG_BLOCK,
			       LOG_BLOCK);
		}
		break;
	case 'I':
		if (size >= 6) {
			inside_put(file, mt_bytes(data + 2, 4), mt_bytes(data + 6, size - 6));
		}
		break;
	default:
		memset(file, 0, sizeof(file));
		memcpy(file, data + at, size - at);
		break;
	}
	file_try(file, sizeof(file), step);
	return 0;
}
