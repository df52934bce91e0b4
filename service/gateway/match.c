#include "service/gateway/gateway.h"

#include <string.h>

/* One path against one pattern; characters that could mean something to anybody else on the way are not allowed in a parameter. */
static bool match_segment_ok(struct bytes segment, bool rest)
{
	for (size_t i = 0; i < segment.size; i++) {
		uint8_t c = segment.at[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
		if (!plain && !(rest && c == '/')) {
			return false;
		}
	}
	return segment.size > 0;
}

static bool match_path(const char *pattern, struct bytes path, struct bytes parameter[ROUTE_PARAMETERS_MAX], size_t *count)
{
	size_t at = 0, found = 0;

	while (*pattern) {
		if (*pattern != '{') {
			if (at >= path.size || path.at[at] != (uint8_t)*pattern) {
				return false;
			}
			at++;
			pattern++;
			continue;
		}
		bool rest = pattern[1] == '*';
		size_t end = at;
		while (end < path.size && (rest || path.at[end] != '/')) {
			end++;
		}
		struct bytes segment = mt_bytes(path.at + at, end - at);
		if (found == ROUTE_PARAMETERS_MAX || !match_segment_ok(segment, rest)) {
			return false;
		}
		parameter[found++] = segment;
		at = end;
		pattern = strchr(pattern, '}') + 1;
	}
	*count = found;
	return at == path.size;
}

MUST enum mt_err gateway_match(struct bytes method, struct bytes target, const struct route **route,
			       struct bytes parameter[ROUTE_PARAMETERS_MAX], size_t *count)
{
	struct bytes found[ROUTE_PARAMETERS_MAX] = { 0 };
	size_t found_count = 0;
	bool path_known = false;

	for (size_t i = 0; i < ROUTES; i++) {
		if (!match_path(routes[i].path, target, found, &found_count)) {
			continue;
		}
		if (mt_equal(method, mt_text(routes[i].method))) {
			*route = &routes[i];
			memcpy(parameter, found, sizeof(found));
			*count = found_count;
			return MT_OK;
		}
		path_known = true;
	}
	return path_known ? MT_DENIED : MT_NOT_FOUND;
}
