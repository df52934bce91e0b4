/* COSE_Sign1 in our one profile: what is signed opens, and nothing else does. */
#include "test/test.h"

#include <string.h>

#include "lib/cose/cose.h"
#include "port/linux/box_port.h"

#define TYPE "mesatee-test-1"

extern const struct box_kind box_evil;

static struct box *box, *evil;
static struct crypto_signer *alice, *bob;

static void begin(void)
{
	static const struct secret a = { { 1 } }, b = { { 2 } };

	if (!box) {
		box_port_install();
		mt_assert(!box_open(&box_cbor, &box) && !box_open(&box_evil, &evil));
	}
	mt_assert(!crypto_signer_open_p256(&a, &alice) && !crypto_signer_open_p256(&b, &bob));
}

static void end(void)
{
	crypto_signer_close(alice);
	crypto_signer_close(bob);
}

static struct bytes signed_by(struct crypto_signer *signer, const char *type, struct bytes payload)
{
	size_t capacity = payload.size + COSE_OVERHEAD;
	struct builder b = builder_over(test_alloc(capacity), capacity);
	struct bytes message;

	mt_assert(!cose_sign(signer, type, payload, &b) && !builder_done(&b, &message));
	return message;
}

static enum mt_err open_as(const char *type, struct bytes message)
{
	struct cose c = { 0 };
	enum mt_err err = cose_open(box, type, message, &c);

	CHECK(!err || (!c.payload.at && !c.scratch), "output on success only");
	cose_close(&c);
	return err;
}

static void test_round_trip(void)
{
	static const size_t sizes[] = { 0, 1, 23, 24, 255, 256, 65535, 65536, 90000 };
	uint8_t id[32];

	begin();
	crypto_p256_id(crypto_signer_public(alice).at, id);
	for (size_t i = 0; i < MT_COUNT(sizes); i++) {
		uint8_t *payload = test_alloc(sizes[i]);
		struct cose c = { 0 };
		memset(payload, 0x5a, sizes[i]);
		struct bytes message = signed_by(alice, TYPE, mt_bytes(payload, sizes[i]));
		CHECK(message.size - sizes[i] <= COSE_OVERHEAD, "the overhead is as said");
		CHECK(!cose_open(box, TYPE, first(message, message.size), &c) && mt_equal(c.payload, mt_bytes(payload, sizes[i])), "the payload");
		CHECK(memcmp(c.signer, id, 32) == 0 && mt_equal(mt_bytes(c.public_key, 65), crypto_signer_public(alice)), "and whose it is");
		cose_close(&c);
	}
	end();
}

static void test_every_byte(void)
{
	begin();
	struct bytes message = signed_by(alice, TYPE, mt_text("a payload"));
	for (size_t n = 0; n < message.size; n++) {
		CHECK(open_as(TYPE, first(message, n)) == MT_MALFORMED, "every prefix");
		for (unsigned bit = 0; bit < 8; bit++) {
			uint8_t *bent = test_alloc(message.size);
			memcpy(bent, message.at, message.size);
			bent[n] ^= (uint8_t)(1u << bit);
			enum mt_err err = open_as(TYPE, mt_bytes(bent, message.size));
			CHECK(err == MT_MALFORMED || err == MT_TAMPERED || err == MT_DENIED, "every changed bit");
		}
	}
	uint8_t *longer = test_alloc(message.size + 1);
	memcpy(longer, message.at, message.size);
	CHECK(open_as(TYPE, mt_bytes(longer, message.size + 1)) == MT_MALFORMED, "a byte left over");
	end();
}

/* ---- the parts, each bent ---- */

enum bent_part {
	HONEST, NO_TAG, OTHER_TAG, THREE_PARTS, FIVE_PARTS, UNPROTECTED, DETACHED, TEXT_PAYLOAD, SHORT_SIGNATURE, LONG_SIGNATURE, OTHER_SIGNATURE,
	OTHER_ALGORITHM, OTHER_TYPE, NO_TYPE, NUMBER_TYPE, SHORT_KID, OTHER_KID, SHORT_KEY, KEY_OFF_CURVE, OTHER_KEY, MORE_HEADER, HEADER_NO_MAP,
	HEADER_UNSORTED, HEADER_TWICE, HEADER_LEFT_OVER, CRITICAL,
};

static void header_write(enum bent_part part, struct builder *h)
{
	uint8_t id[32], key[65];

	memcpy(key, crypto_signer_public(part == OTHER_KEY ? bob : alice).at, sizeof(key));
	crypto_p256_id(crypto_signer_public(part == OTHER_KID ? bob : alice).at, id);
	key[64] ^= part == KEY_OFF_CURVE;
	if (part == KEY_OFF_CURVE) {
		crypto_p256_id(key, id);        /* the name fits the bytes, which are no point */
	}
	if (part == HEADER_NO_MAP) {
		cbor_array(h, 0);
		return;
	}
	cbor_map(h, part == MORE_HEADER || part == HEADER_TWICE || part == CRITICAL ? 5 : part == NO_TYPE ? 3 : 4);
	if (part == HEADER_UNSORTED) {
		cbor_uint(h, 3);
		cbor_tstr(h, mt_text(TYPE));
	}
	cbor_uint(h, 1);
	cbor_int(h, part == OTHER_ALGORITHM ? -35 : -7);
	if (part == CRITICAL) {
		cbor_uint(h, 2);
		cbor_array(h, 1);
		cbor_uint(h, 4);
	}
	if (part == NUMBER_TYPE) {
		cbor_uint(h, 3);
		cbor_uint(h, 7);
	} else if (part != NO_TYPE && part != HEADER_UNSORTED) {
		cbor_uint(h, 3);
		cbor_tstr(h, mt_text(part == OTHER_TYPE ? "mesatee-test-2" : TYPE));
	}
	for (int i = 0; i < (part == HEADER_TWICE ? 2 : 1); i++) {
		cbor_uint(h, 4);
		cbor_bstr(h, mt_bytes(id, part == SHORT_KID ? 31 : 32));
	}
	if (part == MORE_HEADER) {
		cbor_uint(h, 5);
		cbor_uint(h, 0);
	}
	cbor_int(h, -65537);
	cbor_bstr(h, mt_bytes(key, part == SHORT_KEY ? 64 : 65));
	if (part == HEADER_LEFT_OVER) {
		cbor_null(h);
	}
}

/* Bent, then signed as it stands: form and meaning are refused, not only the signature. */
static struct bytes bent(enum bent_part part)
{
	uint8_t header_space[512], signed_space[1024], signature[65] = { 0 };
	struct builder h = builder_over(header_space, sizeof(header_space)), s = builder_over(signed_space, sizeof(signed_space)),
		       b = builder_over(test_alloc(1024), 1024);
	struct bytes header, to_sign, whole;

	header_write(part, &h);
	mt_assert(!builder_done(&h, &header));
	cbor_array(&s, 4);
	cbor_tstr(&s, mt_text("Signature1"));
	cbor_bstr(&s, header);
	cbor_bstr(&s, mt_bytes(NULL, 0));
	cbor_bstr(&s, mt_text("pay"));
	mt_assert(!builder_done(&s, &to_sign) && !crypto_sign(part == OTHER_SIGNATURE ? bob : alice, to_sign, signature));
	if (part != NO_TAG) {
		cbor_tag(&b, part == OTHER_TAG ? 17 : 18);
	}
	cbor_array(&b, part == THREE_PARTS ? 3 : part == FIVE_PARTS ? 5 : 4);
	cbor_bstr(&b, header);
	cbor_map(&b, part == UNPROTECTED);
	if (part == UNPROTECTED) {
		cbor_uint(&b, 4);
		cbor_bstr(&b, mt_text("kid"));
	}
	if (part == DETACHED) {
		cbor_null(&b);
	} else if (part == TEXT_PAYLOAD) {
		cbor_tstr(&b, mt_text("pay"));
	} else {
		cbor_bstr(&b, mt_text("pay"));
	}
	if (part != THREE_PARTS) {
		cbor_bstr(&b, mt_bytes(signature, part == SHORT_SIGNATURE ? 63 : part == LONG_SIGNATURE ? 65 : 64));
	}
	if (part == FIVE_PARTS) {
		cbor_null(&b);
	}
	mt_assert(!builder_done(&b, &whole));
	return whole;
}

static void test_profile(void)
{
	static const struct {
		const char *why;
		enum bent_part part;
		enum mt_err want;
	} row[] = {
		{ "as it should be", HONEST, MT_OK },
		{ "no tag", NO_TAG, MT_MALFORMED }, { "another tag: COSE_Mac0", OTHER_TAG, MT_MALFORMED },
		{ "three parts", THREE_PARTS, MT_MALFORMED }, { "five parts", FIVE_PARTS, MT_MALFORMED },
		{ "an unprotected parameter", UNPROTECTED, MT_MALFORMED }, { "a detached payload", DETACHED, MT_MALFORMED },
		{ "a payload of text", TEXT_PAYLOAD, MT_MALFORMED }, { "a signature of 63 bytes", SHORT_SIGNATURE, MT_MALFORMED },
		{ "a signature of 65 bytes", LONG_SIGNATURE, MT_MALFORMED }, { "another's signature", OTHER_SIGNATURE, MT_TAMPERED },
		{ "ES384", OTHER_ALGORITHM, MT_MALFORMED }, { "signed as something else", OTHER_TYPE, MT_DENIED },
		{ "no type", NO_TYPE, MT_MALFORMED }, { "a content type that is a number", NUMBER_TYPE, MT_MALFORMED },
		{ "a kid of 31 bytes", SHORT_KID, MT_MALFORMED }, { "another's name over one's key", OTHER_KID, MT_TAMPERED },
		{ "a key of 64 bytes", SHORT_KEY, MT_MALFORMED }, { "a key that is no point", KEY_OFF_CURVE, MT_TAMPERED },
		{ "another's key under one's name", OTHER_KEY, MT_TAMPERED }, { "a parameter more", MORE_HEADER, MT_MALFORMED },
		{ "a header that is no map", HEADER_NO_MAP, MT_MALFORMED }, { "labels that do not ascend", HEADER_UNSORTED, MT_MALFORMED },
		{ "a label twice", HEADER_TWICE, MT_MALFORMED }, { "a header with bytes left over", HEADER_LEFT_OVER, MT_MALFORMED },
		{ "critical parameters", CRITICAL, MT_MALFORMED },
	};
	begin();
	for (size_t i = 0; i < MT_COUNT(row); i++) {
		CHECK(open_as(TYPE, bent(row[i].part)) == row[i].want, row[i].why);
	}
	CHECK(open_as("mesatee-test-", bent(HONEST)) == MT_DENIED && open_as(TYPE "1", bent(HONEST)) == MT_DENIED, "a type is compared whole");
	end();
}

/* Entries of our own log: form and type count, the signature was checked before it was logged. */
static void test_trusted(void)
{
	struct cose c = { 0 };

	begin();
	CHECK(!cose_open_trusted(box, TYPE, bent(OTHER_SIGNATURE), &c), "the signature is not looked at");
	cose_close(&c);
	CHECK(cose_open_trusted(box, TYPE, bent(OTHER_TYPE), &c) == MT_DENIED, "the type is");
	CHECK(cose_open_trusted(box, TYPE, bent(UNPROTECTED), &c) == MT_MALFORMED, "and the form");
	end();
}

static void test_limits(void)
{
	struct cose_document d = { 0 };
	uint8_t small[64];
	struct builder b = builder_over(small, sizeof(small));

	begin();
	CHECK(open_as(TYPE, mt_bytes(test_alloc(COSE_MESSAGE_MAX + 1), COSE_MESSAGE_MAX + 1)) == MT_LIMIT, "larger than the largest");
	CHECK(cose_document_open(box, mt_bytes(test_alloc(COSE_MESSAGE_MAX + 1), COSE_MESSAGE_MAX + 1), &d) == MT_LIMIT, "a document too");
	CHECK(cose_document_open(box, mt_bytes(NULL, 0), &d) == MT_MALFORMED && !d.scratch, "nothing is no document");
	CHECK(cose_sign(alice, TYPE, mt_text("pay"), &b) == MT_LIMIT, "no room for the message");
	end();
}

/* A box that answers in good form, but not what the document says. */
static void test_lying_box(void)
{
	struct cose c = { 0 };
	struct cose_document d = { 0 };

	begin();
	struct bytes message = signed_by(alice, TYPE, mt_text("a payload"));
	CHECK(cose_document_open(evil, message, &d) == MT_TAMPERED && !d.scratch, "a lie about a document");
	CHECK(cose_open(evil, TYPE, message, &c) == MT_TAMPERED, "a lie about a message");
	CHECK(cose_open_trusted(evil, TYPE, message, &c) == MT_TAMPERED, "also about one of our own log");
	end();
}

static void test_no_memory(void)
{
	begin();
	struct bytes message = signed_by(alice, TYPE, mt_text("a payload"));
	for (uint64_t at = 1, done = 0; !done; at++) {
		mt_alloc_fail_at(at);
		enum mt_err err = open_as(TYPE, message);
		mt_alloc_fail_at(0);
		CHECK(err == MT_OK || err == MT_NO_MEMORY, "opening");
		done = err == MT_OK;
		CHECK(!done || at > 3, "message, header and what was signed");
	}
	for (uint64_t at = 1, done = 0; !done; at++) {
		uint8_t space[512];
		struct builder b = builder_over(space, sizeof(space));
		mt_alloc_fail_at(at);
		enum mt_err err = cose_sign(alice, TYPE, mt_text("pay"), &b);
		mt_alloc_fail_at(0);
		CHECK(err == MT_OK || (err == MT_NO_MEMORY && b.size == 0), "signing");
		done = err == MT_OK;
	}
	end();
}

const struct test tests[] = {
	{ "round trip", test_round_trip },
	{ "every byte", test_every_byte },
	{ "profile", test_profile },
	{ "trusted", test_trusted },
	{ "limits", test_limits },
	{ "lying box", test_lying_box },
	{ "no memory", test_no_memory },
	TESTS_END
};
