#!/usr/bin/env python3
"""
image_vectors.py > image_vectors.h: links of signed images as OP-TEE's sign_encrypt.py lays them out, signed by Python's package `cryptography`. A test puts images together of
them. Keys are new in each run, so another run gives another file that is as good. UUIDs and names of `first`, `second` and `by_second` are those of the example in OP-TEE's
documentation (building/trusted_applications, subkeys).
"""
import hashlib
import struct
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

PSS, PKCS1 = 0x70414930, 0x70004830
TA, ENCRYPTED, SUBKEY = 1, 2, 3
TOP = uuid.UUID("f04fa996-148a-453c-b037-1dcfbad120a6")
MID = uuid.UUID("1a5948c5-1aa0-518c-86f4-be6f6a057b16")
LEAF = uuid.UUID("5c206987-16a3-59cc-ab0f-64b9cfc9e758")
OTHER = uuid.UUID("00000000-0000-4000-8000-000000000001")
ELF, WASM = b"\x7fELF and so on", b"\0asm\1\0\0\0 and so on"


def key(bits=2048):
    return rsa.generate_private_key(65537, bits)


def number(n):
    return n.to_bytes((n.bit_length() + 8) // 8, "big")


def signed(by, kind, size, body, algorithm=PSS, digest=None, salt=32):
    width = (by.key_size + 7) // 8
    head = struct.pack("<IIIIHH", 0x4f545348, kind, size, algorithm, 32, width)
    digest = hashlib.sha256(head + body).digest()
    how = padding.PSS(padding.MGF1(hashes.SHA256()), salt) if algorithm == PSS else padding.PKCS1v15()
    return head + digest + by.sign(digest, how, utils.Prehashed(hashes.SHA256())) + body


def application(by, name=LEAF, version=7, content=ELF, **how):
    return signed(by, TA, len(content), name.bytes + struct.pack("<I", version) + content, **how)


def subkey(by, public, name, next_name, depth, version=3, algorithm=PSS, e=None, next_algorithm=PSS, identity=False, offset=60):
    numbers = public.public_key().public_numbers()
    n, e = number(numbers.n), number(numbers.e if e is None else e)
    text = b"" if identity else next_name.encode().ljust(64, b"\0")
    body = name.bytes + struct.pack("<IIIIIIIIIII", len(text), version, depth, next_algorithm, 2, 0xD0000130, offset, len(n), 0xD0000230,
                                    60 + len(n), len(e)) + n + e
    return signed(by, SUBKEY, len(body), body, algorithm) + text


def row(name, value):
    print('static const char image_%s[] =' % name)
    for at in range(0, len(value), 60):
        print('\t"%s"' % value[at:at + 60].hex())
    print("\t;")


def main():
    root, large, stranger, one, two = key(), key(4096), key(), key(), key()
    print("/* By test/vectors/image_vectors.py. */")
    for name, k in ("root", root), ("large", large), ("stranger", stranger):
        numbers = k.public_key().public_numbers()
        row(name + "_n", numbers.n.to_bytes(k.key_size // 8, "big"))
    row("pss", application(root))
    row("pkcs1", application(root, algorithm=PKCS1))
    row("by_large", application(large, content=WASM, version=0x01020304))
    row("by_stranger", application(stranger))
    row("no_salt", application(root, salt=0))
    row("text", application(root, content=b"#!/bin/sh"))
    row("old", signed(root, 0, len(ELF), ELF))
    row("encrypted", signed(root, ENCRYPTED, len(ELF), LEAF.bytes + struct.pack("<IIIHH", 1, 0x40000810, 0, 12, 16) + bytes(28) + ELF))
    row("unknown", signed(root, 4, len(ELF), ELF))
    row("first", subkey(root, one, TOP, "mid_level_subkey", 4))
    row("second", subkey(one, two, MID, "subkey1_ta", 3, version=5))
    row("second_deep", subkey(one, two, MID, "subkey1_ta", 4))
    row("second_other", subkey(one, two, OTHER, "subkey1_ta", 3))
    row("by_second", application(two))
    row("by_second_other", application(two, name=OTHER))
    row("by_second_stray", application(two, name=uuid.UUID(bytes=hashlib.sha512(OTHER.bytes + b"subkey1_ta").digest()[:16], version=5)))
    row("by_second_pkcs1", application(two, algorithm=PKCS1))
    row("by_first_mid", application(one, name=MID))
    row("last_only", subkey(root, one, TOP, "mid_level_subkey", 0))
    row("weak", subkey(root, key(1024), TOP, "mid_level_subkey", 4))
    row("exponent_one", subkey(root, one, TOP, "mid_level_subkey", 4, e=1))
    row("outside", subkey(root, one, TOP, "mid_level_subkey", 4, offset=4000))
    for depth in range(9, 4, -1):
        row("same_%d" % depth, subkey(root if depth == 9 else one, one, LEAF, "", depth, identity=True))
    row("by_same", application(one))


main()
