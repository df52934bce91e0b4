/*
 * COSE_Sign1 (RFC 9052) with ES256, in the one profile that MesaTEE signs and accepts.
 *
 * Wire form: tag 18, array of 4: protected bstr, unprotected {}, payload bstr, signature bstr[64].
 * Protected header, deterministic CBOR: { 1: -7, 3: type tstr, 4: kid bstr[32], -65537: public key bstr[65] }.
 * `type` names what is signed, so that a signature for one purpose never serves another. kid = SHA-256 of the DER
 * SubjectPublicKeyInfo, the name of a party or of a root; the public key stands beside it and must fit it.
 * Anything else (other algorithms, detached payloads, unprotected parameters, bytes left over) is MT_MALFORMED.
 *
 * Hides: the Sig_structure, the box round trip, the comparison with our own encoding.
 * Class N. Allocates in cose_open() only (about 17 times the message).
 */
#ifndef MT_COSE_H
#define MT_COSE_H

#include "lib/base/base.h"
#include "lib/box/box.h"
#include "lib/crypto/crypto.h"

#define COSE_MESSAGE_MAX (96 * 1024)    /* bytes of a whole message */
#define COSE_TYPE_MAX 64
#define COSE_OVERHEAD 320               /* largest difference between message and payload */
#define COSE_ID_SIZE 32

/* Sign `payload` as `type`; the message is appended to `out`. MT_LIMIT when out is too small. */
MUST enum mt_err cose_sign(struct crypto_signer *p256, const char *type, struct bytes payload, struct builder *out);

/* A message whose form and signature were checked. Its bytes live until cose_close(). */
struct cose {
	struct bytes payload;
	uint8_t signer[COSE_ID_SIZE];                   /* kid: whose signature it is. Whether that one may is the caller's question */
	uint8_t public_key[CRYPTO_P256_PUBLIC_SIZE];
	uint8_t *scratch;                               /* private */
};

/*
 * Decode through `box` (box_cbor), compare with our own encoding, check that kid fits the key and the signature fits all.
 * MT_MALFORMED, MT_DENIED (another type than asked for), MT_TAMPERED (signature, kid, or a lying box), MT_LIMIT, MT_NO_MEMORY.
 */
MUST enum mt_err cose_open(struct box *box, const char *type, struct bytes message, struct cose *out);
/* The same without checking the signature: for entries of our own sealed log, whose signatures were checked before they were logged. */
MUST enum mt_err cose_open_trusted(struct box *box, const char *type, struct bytes message, struct cose *out);
void cose_close(struct cose *c);                        /* a zeroed struct is allowed */

/* A CBOR document decoded through the box and compared: what every decoder of signed objects starts with. */
struct cose_document {
	struct items items;
	uint8_t *scratch;
};
MUST enum mt_err cose_document_open(struct box *box, struct bytes document, struct cose_document *out);
void cose_document_close(struct cose_document *d);

#endif
