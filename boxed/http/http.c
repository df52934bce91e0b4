/*
 * Heads of HTTP/1.1 messages (RFC 9112) to items: picohttpparser finds the parts; before and after it stands what it
 * is lenient about and request smuggling lives on.
 *
 * Request:  [ method, target, minor version, head size, [ [ name, value ]... ] ]
 * Response: [ status, minor version, head size, [ [ name, value ]... ] ]
 * []: the head is not complete; nothing in it is wrong so far.
 *
 * Refused: a line that does not end in CRLF, control characters, an empty first line, a version other than 1.0 and
 * 1.1, folded lines, space before a colon, values that are not UTF-8, a target that is neither a path nor "*", more
 * than HEADERS_MAX fields or HEAD_MAX bytes, any Transfer-Encoding, a Content-Length that is repeated or no number,
 * a Host that is repeated or, in a 1.1 request, missing.
 */
#include <string.h>

#include <picohttpparser.h>

#include "boxed/box_abi.h"

#define HEAD_MAX 16384                  /* BOX_HTTP_HEAD_MAX of lib/box/box.h */
#define HEADERS_MAX 64
#define CONTENT_LENGTH_DIGITS 18        /* keeps the number below 2^63 */
#define VERSION_SIZE 8                  /* "HTTP/1.1" */

enum operation {
	REQUEST = 0,
	RESPONSE = 1,
};

enum scan {
	SCAN_BAD,
	SCAN_MORE,
	SCAN_COMPLETE,
};

struct head {
	uint8_t *at;
	uint32_t size;                  /* up to and with the empty line */
	uint32_t first_line_size;       /* without its CRLF */
	int minor;
	int status;
	const char *method, *target;
	size_t method_size, target_size;
	struct phr_header header[HEADERS_MAX];
	size_t header_count;
};

/* RFC 9112, 2.2 and 5.2: lines end in CRLF and nothing else, none begins with white space; RFC 9110, 5.5: no controls. */
static enum scan head_scan(struct head *h, uint32_t size)
{
	uint32_t line_start = 0;

	for (uint32_t i = 0; i < size; i++) {
		uint8_t c = h->at[i];

		if (c == '\r') {
			if (i + 1 == size) {
				break;
			}
			if (h->at[i + 1] != '\n') {
				return SCAN_BAD;
			}
			if (i == line_start) {          /* the empty line */
				h->size = i + 2;
				return line_start == 0 ? SCAN_BAD : SCAN_COMPLETE;
			}
			if (line_start == 0) {
				h->first_line_size = i;
			}
			line_start = i + 2;
			i++;
		} else if ((c < 0x20 && c != '\t') || c == 0x7f) {
			return SCAN_BAD;
		} else if (i == line_start && (c == ' ' || c == '\t')) {
			return SCAN_BAD;
		}
	}
	return size >= HEAD_MAX ? SCAN_BAD : SCAN_MORE;
}

static bool is_version(const uint8_t *at)
{
	return memcmp(at, "HTTP/1.", VERSION_SIZE - 1) == 0 && (at[VERSION_SIZE - 1] == '0' || at[VERSION_SIZE - 1] == '1');
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* RFC 9110, 5.6.2. */
static bool is_token(const char *at, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char c = at[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool mark = false;

		for (const char *m = "!#$%&'*+-.^_`|~"; *m; m++) {
			mark |= c == *m;
		}
		if (!letter && !mark && !is_digit((uint8_t)c)) {
			return false;
		}
	}
	return size > 0;
}

/* RFC 9112, 3.2: origin-form or asterisk-form; visible ASCII, no fragment. */
static bool is_target(const char *at, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (at[i] <= 0x20 || at[i] >= 0x7f || at[i] == '#') {
			return false;
		}
	}
	return size > 0 && (at[0] == '/' || (at[0] == '*' && size == 1));
}

/*
 * RFC 9112, 3: three parts, two spaces. With that the version stands at a fixed place and is checked before
 * picohttpparser reads a number there, without a limit, into an int.
 */
static bool request_parse(struct head *h)
{
	uint32_t spaces = 0;

	for (uint32_t i = 0; i < h->first_line_size; i++) {
		spaces += h->at[i] == ' ';
	}
	if (spaces != 2 || h->first_line_size < VERSION_SIZE + 1) {
		return false;
	}
	const uint8_t *version = h->at + h->first_line_size - VERSION_SIZE;

	if (version[-1] != ' ' || !is_version(version)) {
		return false;
	}
	h->header_count = HEADERS_MAX;
	int end = phr_parse_request((const char *)h->at, h->size, &h->method, &h->method_size, &h->target,
				    &h->target_size, &h->minor, h->header, &h->header_count, 0);

	return end == (int)h->size && is_token(h->method, h->method_size) && is_target(h->target, h->target_size);
}

/* RFC 9112, 4: "HTTP/1.1 200 reason"; the space after the status is not optional. */
static bool response_parse(struct head *h)
{
	const uint8_t *status = h->at + VERSION_SIZE + 1;
	const char *reason = NULL;
	size_t reason_size = 0;

	if (h->first_line_size < VERSION_SIZE + 5 || !is_version(h->at) || status[-1] != ' ' || !is_digit(status[0]) ||
	    !is_digit(status[1]) || !is_digit(status[2]) || status[3] != ' ' || status[0] == '0') {
		return false;
	}
	h->header_count = HEADERS_MAX;
	int end = phr_parse_response((const char *)h->at, h->size, &h->minor, &h->status, &reason, &reason_size,
				     h->header, &h->header_count, 0);

	return end == (int)h->size;
}

static bool name_is(const struct phr_header *header, const char *name)
{
	return header->name_len == strlen(name) && memcmp(header->name, name, header->name_len) == 0;
}

static bool content_length_ok(const struct phr_header *header)
{
	for (size_t i = 0; i < header->value_len; i++) {
		if (!is_digit((uint8_t)header->value[i])) {
			return false;
		}
	}
	return header->value_len > 0 && header->value_len <= CONTENT_LENGTH_DIGITS;
}

/* The name in lower case, in place; the value without the white space around it (RFC 9112, 5.1). */
static void header_normalise(struct head *h, struct phr_header *header)
{
	uint8_t *name = h->at + (header->name - (const char *)h->at);

	for (size_t i = 0; i < header->name_len; i++) {
		if (name[i] >= 'A' && name[i] <= 'Z') {
			name[i] = (uint8_t)(name[i] + ('a' - 'A'));
		}
	}
	while (header->value_len > 0) {
		char last = header->value[header->value_len - 1];

		if (last != ' ' && last != '\t') {
			break;
		}
		header->value_len--;
	}
}

/* RFC 9112, 6.1 and 6.3, 3.2: what decides where a message ends, and for whom it is, must be beyond doubt. */
static bool headers_ok(struct head *h, enum operation operation)
{
	unsigned content_lengths = 0, hosts = 0;

	for (size_t i = 0; i < h->header_count; i++) {
		struct phr_header *header = &h->header[i];

		header_normalise(h, header);
		if (!text_is_utf8((const uint8_t *)header->value, header->value_len) ||
		    name_is(header, "transfer-encoding")) {
			return false;
		}
		if (name_is(header, "content-length")) {
			content_lengths++;
			if (!content_length_ok(header)) {
				return false;
			}
		}
		hosts += name_is(header, "host");
	}
	if (operation == REQUEST && (hosts > 1 || (hosts == 0 && h->minor == 1))) {
		return false;
	}
	return content_lengths <= 1;
}

static void answer_text(struct answer *a, const struct head *h, const char *at, size_t size)
{
	answer_add(a, ANSWER_TSTR, size ? (uint32_t)(at - (const char *)h->at) : 0, size);
}

static void answer_number(struct answer *a, uint32_t value)
{
	answer_add(a, ANSWER_UINT, 0, value);
}

static void answer_head(struct answer *a, const struct head *h, enum operation operation)
{
	if (operation == REQUEST) {
		answer_add(a, ANSWER_ARRAY, 0, 5);
		answer_text(a, h, h->method, h->method_size);
		answer_text(a, h, h->target, h->target_size);
	} else {
		answer_add(a, ANSWER_ARRAY, 0, 4);
		answer_number(a, (uint32_t)h->status);
	}
	answer_number(a, (uint32_t)h->minor);
	answer_number(a, h->size);
	answer_add(a, ANSWER_ARRAY, 0, h->header_count);
	for (size_t i = 0; i < h->header_count; i++) {
		answer_add(a, ANSWER_ARRAY, 0, 2);
		answer_text(a, h, h->header[i].name, h->header[i].name_len);
		answer_text(a, h, h->header[i].value, h->header[i].value_len);
	}
}

enum box_verdict box_main(uint32_t operation, uint8_t *input, uint32_t size, struct answer *answer)
{
	struct head h = { .at = input };

	answer_open(answer);
	switch (head_scan(&h, size < HEAD_MAX ? size : HEAD_MAX)) {
	case SCAN_BAD:
		return BOX_REFUSED;
	case SCAN_MORE:
		answer_add(answer, ANSWER_ARRAY, 0, 0);
		return answer_close(answer, NULL, 0);
	case SCAN_COMPLETE:
		break;
	}
	if (operation > RESPONSE || !(operation == REQUEST ? request_parse(&h) : response_parse(&h)) ||
	    !headers_ok(&h, (enum operation)operation)) {
		return BOX_REFUSED;
	}
	answer_head(answer, &h, (enum operation)operation);
	return answer_close(answer, input, h.size);
}
