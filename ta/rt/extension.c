/* What OP-TEE has beyond GP: caches, UUIDs of text. */
#include "ta/rt/rt.h"

#include "api/tee_internal_api_extensions.h"

/* OP-TEE's utee_cache_operation. */
enum cache_operation { CACHE_CLEAN = 0, CACHE_FLUSH = 1, CACHE_INVALIDATE = 2 };

static TEE_Result cache(char *at, size_t size, enum cache_operation what)
{
	return size == 0 ? TEE_SUCCESS : RT_CALL(TA_CALL_CACHE, rt_at(at), size, (uint64_t)what);
}

TEE_Result TEE_CacheClean(char *buf, size_t len)
{
	return cache(buf, len, CACHE_CLEAN);
}

TEE_Result TEE_CacheFlush(char *buf, size_t len)
{
	return cache(buf, len, CACHE_FLUSH);
}

TEE_Result TEE_CacheInvalidate(char *buf, size_t len)
{
	return cache(buf, len, CACHE_INVALIDATE);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

TEE_Result tee_uuid_from_str(TEE_UUID *uuid, const char *s)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	uint8_t byte[16] = { 0 };
	size_t digits = 0;

	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		int value = digit(s[i]); /* a text that ends before is seen at its NUL */
		if (form[i] == '-' ? s[i] != '-' : value < 0) {
			return TEE_ERROR_BAD_FORMAT;
		}
		if (form[i] == 'x') {
			byte[digits / 2] = (uint8_t)(byte[digits / 2] << 4 | value);
			digits++;
		}
	}
	if (s[sizeof(form) - 1] != 0) {
		return TEE_ERROR_BAD_FORMAT;
	}
	*uuid = (TEE_UUID){
		.timeLow = (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3],
		.timeMid = (uint16_t)(byte[4] << 8 | byte[5]),
		.timeHiAndVersion = (uint16_t)(byte[6] << 8 | byte[7]),
	};
	for (size_t i = 0; i < sizeof(uuid->clockSeqAndNode); i++) {
		uuid->clockSeqAndNode[i] = byte[8 + i];
	}
	return TEE_SUCCESS;
}
