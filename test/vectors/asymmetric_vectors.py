#!/usr/bin/env python3
"""
asymmetric_vectors.py > asymmetric_vectors.h: keys, signatures, ciphertexts and shared secrets by Python's package `cryptography`; the concatenation
KDF is its ConcatKDFHash. Keys are new in each run, so another run gives another file that is as good.
"""
import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dh, dsa, ec, ed25519, padding, rsa, utils, x25519, x448
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
HASHES = ["MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3_224", "SHA3_256", "SHA3_384", "SHA3_512"]
MESSAGE = b"what is signed"


def hash_of(name):
    return getattr(hashes, name)()


def digest(name):
    return hashlib.new(name.lower(), MESSAGE).digest()


def number(n, size=0):
    return n.to_bytes(size or (n.bit_length() + 7) // 8, "big")


def row(*cells):
    print("\t{ " + ", ".join('"%s"' % c.hex() if isinstance(c, bytes) else str(c) for c in cells) + " },")


def rsa_tables():
    key = rsa.generate_private_key(65537, 2048)
    private, public = key.private_numbers(), key.public_key()
    print("/* n, e, d, p, q, d mod p - 1, d mod q - 1, 1 / q mod p */\nstatic const char *const rsa_key[8] = {")
    for n in (private.public_numbers.n, private.public_numbers.e, private.d, private.p, private.q, private.dmp1, private.dmq1, private.iqmp):
        print('\t"%s",' % number(n).hex())
    print("};\n\nstatic const struct { uint32_t algorithm; int exact; int salt; const char *digest, *signature; } rsa_signatures[] = {")
    for name in HASHES:
        h = utils.Prehashed(hash_of(name))
        row("TEE_ALG_RSASSA_PKCS1_V1_5_" + name, 1, -1, digest(name), key.sign(digest(name), padding.PKCS1v15(), h))
        for salt in (-1, 0, 30):
            size = hash_of(name).digest_size if salt < 0 else salt
            row("TEE_ALG_RSASSA_PKCS1_PSS_MGF1_" + name, 0, salt, digest(name), key.sign(digest(name), padding.PSS(padding.MGF1(hash_of(name)), size), h))
    print("};\n\nstatic const struct { uint32_t algorithm; uint32_t mgf; const char *label, *plain, *cipher; } rsa_ciphers[] = {")
    row("TEE_ALG_RSAES_PKCS1_V1_5", 0, b"", MESSAGE, public.encrypt(MESSAGE, padding.PKCS1v15()))
    row("TEE_ALG_RSA_NOPAD", 0, b"", MESSAGE, number(pow(int.from_bytes(MESSAGE, "big"), 65537, private.public_numbers.n), 256))
    for name in HASHES[1:6]:            # the package has OAEP with no other
        row("TEE_ALG_RSAES_PKCS1_OAEP_MGF1_" + name, 0, b"", MESSAGE,
            public.encrypt(MESSAGE, padding.OAEP(padding.MGF1(hash_of(name)), hash_of(name), None)))
        row("TEE_ALG_RSAES_PKCS1_OAEP_MGF1_" + name, "TEE_ALG_SHA1", b"label", MESSAGE,
            public.encrypt(MESSAGE, padding.OAEP(padding.MGF1(hashes.SHA1()), hash_of(name), b"label")))
    print("};\n")


def curve_tables():
    print("static const struct { uint32_t curve, size; const char *x, *y, *d, *other_x, *other_y, *shared, *signature; } curve_vectors[] = {")
    for i, curve in enumerate((ec.SECP192R1(), ec.SECP224R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())):
        size = (curve.key_size + 7) // 8
        key, other = ec.generate_private_key(curve), ec.generate_private_key(curve)
        p, q = key.public_key().public_numbers(), other.public_key().public_numbers()
        r, s = utils.decode_dss_signature(key.sign(digest("SHA256"), ec.ECDSA(utils.Prehashed(hashes.SHA256()))))
        row(i + 1, curve.key_size, number(p.x, size), number(p.y, size), number(key.private_numbers().private_value, size), number(q.x, size),
            number(q.y, size), key.exchange(ec.ECDH(), other.public_key()), number(r, size) + number(s, size))
    print("};\n")


def field_tables():
    print("static const struct { uint32_t size; const char *p, *q, *g, *public, *private, *digest, *signature; } dsa_vectors[] = {")
    for size, name in ((1024, "SHA1"), (2048, "SHA256")):
        key = dsa.generate_private_key(size)
        n = key.private_numbers()
        f = n.public_numbers.parameter_numbers
        half = (f.q.bit_length() + 7) // 8
        r, s = utils.decode_dss_signature(key.sign(digest(name), utils.Prehashed(hash_of(name))))
        row(size, number(f.p), number(f.q), number(f.g), number(n.public_numbers.y), number(n.x), digest(name), number(r, half) + number(s, half))
    print("};\n\nstatic const struct { uint32_t size; const char *p, *g, *public, *private, *other, *shared; } dh_vectors[] = {")
    field = dh.generate_parameters(2, 512)
    key, other = field.generate_private_key(), field.generate_private_key().public_key()
    n, f = key.private_numbers(), field.parameter_numbers()
    y = other.public_numbers().y
    row(512, number(f.p), number(f.g), number(n.public_numbers.y), number(n.x), number(y), number(pow(y, n.x, f.p)))
    print("};\n")


def raw_tables():
    print("static const struct { uint32_t algorithm, type, public_id, private_id; const char *public, *private, *other, *shared; } raw_vectors[] = {")
    for name, module in (("X25519", x25519.X25519PrivateKey), ("X448", x448.X448PrivateKey)):
        key, other = module.generate(), module.generate().public_key()
        row("TEE_ALG_" + name, "TEE_TYPE_%s_KEYPAIR" % name, "TEE_ATTR_%s_PUBLIC_VALUE" % name, "TEE_ATTR_%s_PRIVATE_VALUE" % name,
            key.public_key().public_bytes(*RAW), key.private_bytes_raw(), other.public_bytes(*RAW), key.exchange(other))
    print("};\n")
    key = ed25519.Ed25519PrivateKey.generate()
    print('static const char ed25519_public[] = "%s",\n\ted25519_private[] = "%s",\n\ted25519_signature[] = "%s";     /* of "%s" */\n' % (
        key.public_key().public_bytes(*RAW).hex(), key.private_bytes_raw().hex(), key.sign(MESSAGE).hex(), MESSAGE.decode()))


def derivation_tables():
    print("/* Salt \"salt\", info \"info\". */\nstatic const struct { uint32_t algorithm, size; const char *out; } hkdf_vectors[] = {")
    secret = b"thirty bytes of secret, or so."
    for name in HASHES[:6]:
        for size in (16, 100):
            row("TEE_ALG_HKDF_%s_DERIVE_KEY" % name, size, HKDF(hash_of(name), size, b"salt", b"info").derive(secret))
    print("}, concat_vectors[] = {")
    for name in HASHES[1:6]:
        for size in (16, 100):
            row("TEE_ALG_CONCAT_KDF_%s_DERIVE_KEY" % name, size, ConcatKDFHash(hash_of(name), size, b"info").derive(secret))
    print("}, pbkdf2_vectors[] = {")
    for size in (16, 100):
        row("TEE_ALG_PBKDF2_HMAC_SHA1_DERIVE_KEY", size, PBKDF2HMAC(hashes.SHA1(), size, b"salt", 50).derive(secret))
    print("};\nstatic const char derivation_secret[] = \"%s\";" % secret.decode())


print("/* Made by asymmetric_vectors.py, which says how. */\n#ifndef ASYMMETRIC_VECTORS_H\n#define ASYMMETRIC_VECTORS_H\n")
rsa_tables()
curve_tables()
field_tables()
raw_tables()
derivation_tables()
print("\n#endif")
