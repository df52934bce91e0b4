#!/usr/bin/env python3
"""
operation_vectors.py > operation_vectors.h: vectors for tee/operation by an independent implementation, Python's hashlib and its package
`cryptography`; CBC-MAC and ciphertext stealing are written out below from their definitions (ISO/IEC 9797-1; SP 800-38A addendum, CBC-CS3).
Data are SHA-256 of a counter, so a run gives the same file.
"""
import hashlib
import hmac

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import cmac, hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

COUNT = 0
LONG = 70000                            # additional data whose size takes six bytes (SP 800-38C, A.2.2)


def data(size):
    global COUNT
    out = b""
    while len(out) < size:
        COUNT += 1
        out += hashlib.sha256(b"operation %d" % COUNT).digest()
    return out[:size]


def row(*cells):
    print("\t{ " + ", ".join(c if isinstance(c, str) else '"%s"' % c.hex() for c in cells) + " },")


def table(head):
    print(head + " = {")


HASHES = ["MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "SM3", "SHA3_224", "SHA3_256", "SHA3_384", "SHA3_512"]


def digest(name, message):
    if name == "MD5SHA1":
        return hashlib.md5(message).digest() + hashlib.sha1(message).digest()
    if name.startswith("SHAKE"):
        return getattr(hashlib, "shake_" + name[5:])(message).digest(400)
    return hashlib.new(name.lower(), message).digest()


def cipher_of(name, key):
    if name == "DES":
        return TripleDES(key * 3)
    if name == "DES3":
        return TripleDES(key)
    return getattr(algorithms, name)(key)


def run(name, key, mode, message):
    e = Cipher(cipher_of(name, key), mode).encryptor()
    return e.update(message) + e.finalize()


def pad(message, block):
    size = block - len(message) % block
    return message + bytes([size]) * size


def cts(key, iv, message):
    if len(message) == 16:
        return run("AES", key, modes.CBC(iv), message)
    tail = len(message) % 16 or 16
    whole = run("AES", key, modes.CBC(iv), message + bytes(16 - tail))
    return whole[:-32] + whole[-16:] + whole[-32:-32 + tail]


def digests():
    table("static const struct { uint32_t algorithm; const char *message, *digest; } digest_vectors[]")
    for name in HASHES + ["MD5SHA1", "SHAKE128", "SHAKE256"]:
        for size in (0, 3, 63, 64, 135, 136, 167, 168, 300):
            message = data(size)
            row("TEE_ALG_" + name, message, digest(name, message))
    print("};\n")


def macs():
    table("static const struct { uint32_t algorithm, type; const char *key, *iv, *message, *mac; } mac_vectors[]")
    for name in HASHES:
        for key_size, size in ((32, 0), (48, 200), (64, 64)):
            key, message = data(key_size), data(size)
            row("TEE_ALG_HMAC_" + name, "TEE_TYPE_HMAC_" + name, key, b"", message, hmac.new(key, message, name.lower()).digest())
    for key_size in (128, 1024 // 8):
        key, message = data(key_size), data(50)
        row("TEE_ALG_HMAC_SHA256", "TEE_TYPE_HMAC_SHA256", key, b"", message, hmac.new(key, message, "sha256").digest())
    for name, sizes, block in (("AES", (16, 24, 32), 16), ("DES", (8,), 8), ("DES3", (16, 24), 8)):
        for key_size in sizes:
            for size in (0, 5, block, 2 * block, 3 * block + 1, 80):
                key, message, iv = data(key_size), data(size), data(block)
                if name != "DES":
                    c = cmac.CMAC(cipher_of(name, key))
                    c.update(message)
                    row("TEE_ALG_%s_CMAC" % name, "TEE_TYPE_" + name, key, b"", message, c.finalize())
                for start in (b"", iv):
                    zero = start or bytes(block)
                    if size % block == 0 and size:
                        row("TEE_ALG_%s_CBC_MAC_NOPAD" % name, "TEE_TYPE_" + name, key, start, message,
                            run(name, key, modes.CBC(zero), message)[-block:])
                    row("TEE_ALG_%s_CBC_MAC_PKCS5" % name, "TEE_TYPE_" + name, key, start, message,
                        run(name, key, modes.CBC(zero), pad(message, block))[-block:])
    print("};\n")


def ciphers():
    table("static const struct { uint32_t algorithm, type; const char *key, *key2, *iv, *plain, *cipher; } cipher_vectors[]")
    for name, sizes, block in (("AES", (16, 24, 32), 16), ("DES", (8,), 8), ("DES3", (16, 24), 8), ("SM4", (16,), 16)):
        for key_size in sizes:
            for size in (block, 5 * block, 40 * block):
                key, iv, plain = data(key_size), data(block), data(size)
                row("TEE_ALG_%s_ECB_NOPAD" % name, "TEE_TYPE_" + name, key, b"", b"", plain, run(name, key, modes.ECB(), plain))
                row("TEE_ALG_%s_CBC_NOPAD" % name, "TEE_TYPE_" + name, key, b"", iv, plain, run(name, key, modes.CBC(iv), plain))
            if block == 16:
                for size, iv in ((1, data(16)), (77, data(16)), (64, b"\xff" * 16)):
                    key, plain = data(key_size), data(size)
                    row("TEE_ALG_%s_CTR" % name, "TEE_TYPE_" + name, key, b"", iv, plain, run(name, key, modes.CTR(iv), plain))
    for key_size in (16, 24, 32):
        for size in (16, 17, 31, 32, 33, 48, 63, 64, 65, 200):
            key, iv, plain = data(key_size), data(16), data(size)
            row("TEE_ALG_AES_CTS", "TEE_TYPE_AES", key, b"", iv, plain, cts(key, iv, plain))
            if key_size != 24:
                key2 = data(key_size)
                row("TEE_ALG_AES_XTS", "TEE_TYPE_AES", key, key2, iv, plain, run("AES", key + key2, modes.XTS(iv), plain))
    for size in (0, 1, 15, 16, 17, 64, 100):
        key, iv, plain = data(16), data(16), data(size)
        row("TEE_ALG_SM4_ECB_PKCS5", "TEE_TYPE_SM4", key, b"", b"", plain, run("SM4", key, modes.ECB(), pad(plain, 16)))
        row("TEE_ALG_SM4_CBC_PKCS5", "TEE_TYPE_SM4", key, b"", iv, plain, run("SM4", key, modes.CBC(iv), pad(plain, 16)))
    print("};\n")


def authenticated():
    table("static const struct { uint32_t algorithm; const char *key, *nonce, *aad, *plain, *cipher, *tag; } authenticated_vectors[]")
    for key_size in (16, 24, 32):
        for nonce, tag, aad, size in ((12, 16, 0, 0), (12, 12, 20, 60), (8, 13, 16, 64), (60, 16, 33, 129)):
            key, n, a, plain = data(key_size), data(nonce), data(aad), data(size)
            e = Cipher(algorithms.AES(key), modes.GCM(n)).encryptor()
            e.authenticate_additional_data(a)
            text = e.update(plain) + e.finalize()
            row("TEE_ALG_AES_GCM", key, n, a, plain, text, e.tag[:tag])
        for nonce, tag, aad, size in ((7, 4, 8, 4), (13, 16, 0, 0), (12, 10, 20, 24), (13, 8, LONG, 33), (8, 6, 14, 16), (9, 12, 15, 100),
                                      (11, 14, 30, 1)):
            key, n, a, plain = data(key_size), data(nonce), b"a" * aad if aad == LONG else data(aad), data(size)
            sealed = AESCCM(key, tag_length=tag).encrypt(n, plain, a)
            row("TEE_ALG_AES_CCM", key, n, '"*"' if aad == LONG else a, plain, sealed[:size], sealed[size:])
    print("};")


print("/* Made by operation_vectors.py, which says how. An additional datum of \"*\" is 70000 times the letter a. */")
print("#ifndef OPERATION_VECTORS_H\n#define OPERATION_VECTORS_H\n")
digests()
macs()
ciphers()
authenticated()
print("\n#endif")
