#!/usr/bin/env python3
"""Teaclave's encrypted files from the description of their bytes alone (party/teaclave/teaclave.h), over the package `cryptography`.

    teaclave.py make FOLDER     the files that test/unit/test_teaclave.c opens
    teaclave.py check PROGRAM   both ways against test/unit/teaclave_file.c; ends like every test
"""
import itertools
import os
import random
import struct
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

NODE, HEAD, DATA, CHILDREN = 4096, 3072, 96, 32
ZERO_IV = bytes(12)


def gcm_write(key, iv, plain):
    return AESGCM(key).encrypt(iv, plain, bytes(8))


def gcm_read(key, iv, file):
    return AESGCM(key).decrypt(iv, file, bytes(8))


def zero_key(key, key_id):
    label = b"SGX-PROTECTED-FS-METADATA-KEY".ljust(64, b"\0")
    mac = CMAC(AES(key))
    mac.update(struct.pack("<I64sIQ32sII", 1, label, 0, 0, key_id, 128, 0))
    return mac.finalize()


def merkle_at(number):
    return 1 + number * (DATA + 1)


def file_write(key, name, plain, chance):
    """The whole file. `chance` gives the keys."""
    head, rest = plain[:HEAD], plain[HEAD:]
    blocks = [rest[at:at + NODE].ljust(NODE, b"\0") for at in range(0, len(rest), NODE)]
    merkles = -(-len(blocks) // DATA)
    nodes = {}

    def seal(number, text):
        own = chance(16)
        sealed = AESGCM(own).encrypt(ZERO_IV, text, None)
        nodes[number] = sealed[:-16]
        return own + sealed[-16:]

    data = [seal(index + 2 + index // DATA, block) for index, block in enumerate(blocks)]
    merkle = {}
    for number in range(merkles - 1, -1, -1):
        entries = b"".join(data[number * DATA:(number + 1) * DATA]).ljust(DATA * 32, b"\0")
        entries += b"".join(merkle.get(number * CHILDREN + 1 + c, bytes(32)) for c in range(CHILDREN))
        merkle[number] = seal(merkle_at(number), entries)
    key_id = chance(32)
    text = name.ljust(260, b"\0") + struct.pack("<Q", len(plain)) + merkle.get(0, bytes(32)) + head.ljust(HEAD, b"\0")
    sealed = AESGCM(zero_key(key, key_id)).encrypt(ZERO_IV, text, None)
    zero = struct.pack("<QBBBBHH32s16s16s16s", 0x5347585F46494C45, 1, 0, 1, 0, 0, 0, key_id, bytes(16), bytes(16), sealed[-16:])
    nodes[0] = (zero + sealed[:-16]).ljust(NODE, b"\0")
    assert sorted(nodes) == list(range(len(nodes)))
    return b"".join(nodes[number] for number in range(len(nodes)))


def file_read(key, name, file):
    """The plaintext, every node checked; what no reader looks at must be zero in a file of ours."""
    node = [file[at:at + NODE] for at in range(0, len(file), NODE)]
    magic, major, minor, flags, update, policy, svn, key_id, cpu, attributes, gmac = struct.unpack_from("<QBBBBHH32s16s16s16s", node[0])
    assert (magic, major, minor, flags, update, policy, svn, cpu, attributes) == (0x5347585F46494C45, 1, 0, 1, 0, 0, 0, bytes(16), bytes(16))
    assert node[0][96 + 3372:] == bytes(628)
    text = AESGCM(zero_key(key, key_id)).decrypt(ZERO_IV, node[0][96:96 + 3372] + gmac, None)
    size, = struct.unpack_from("<Q", text, 260)
    assert text[:260] == name.ljust(260, b"\0")
    blocks = -(-max(size - HEAD, 0) // NODE)
    entry, plain = {0: text[268:300]}, [text[300:]]
    assert len(node) == 1 + blocks + -(-blocks // DATA)
    used, keys = [0], set()

    def unseal(number, given):
        used.append(number)
        keys.add(given[:16])
        return AESGCM(given[:16]).decrypt(ZERO_IV, node[number] + given[16:], None)

    for number in range(-(-blocks // DATA)):
        merkle = unseal(merkle_at(number), entry[number])
        entries = [merkle[at:at + 32] for at in range(0, NODE, 32)]
        entry |= {number * CHILDREN + 1 + c: entries[DATA + c] for c in range(CHILDREN)}
        here = range(number * DATA, min(blocks, (number + 1) * DATA))
        plain += [unseal(d + 2 + d // DATA, entries[d % DATA]) for d in here]
        assert entries[len(here):DATA] == [bytes(32)] * (DATA - len(here))
    assert sorted(used) == list(range(len(node))) and len(keys) == len(used) - 1
    whole = b"".join(plain)
    assert whole[size:] == bytes(len(whole) - size)
    return whole[:size]


def text_of(size):
    return bytes((7 * at + at // 251) & 255 for at in range(size))


def make(folder):
    chance = random.Random(2026).randbytes
    key, long_key, iv = bytes(range(16)), bytes(range(32)), bytes(range(100, 112))
    for name, content in (("gcm_128", gcm_write(key, iv, text_of(1000))), ("gcm_256", gcm_write(long_key, iv, text_of(1000))),
                          ("gcm_none", gcm_write(key, iv, b"")), ("file_head", file_write(key, b"file_head", text_of(1000), chance)),
                          ("file_none", file_write(key, b"file_none", b"", chance)),
                          ("file_nodes", file_write(key, b"file_nodes", text_of(HEAD + NODE + 1), chance))):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)


def check(program):
    """Every format and size, written by one and read by the other."""
    passed = failed = 0
    chance = os.urandom
    sizes = (0, 1, 15, 16, 17, 3071, 3072, 3073, 7168, 7169, 3072 + 96 * 4096, 3073 + 96 * 4096, (1 << 20) - 1, 1 << 20, 3 << 20, 3073 + 33 * 96 * 4096)
    with tempfile.TemporaryDirectory() as work:
        for form, size in itertools.product(("aes-gcm-128", "aes-gcm-256", "teaclave-file-128"), sizes):
            key, iv, path = chance(32 if form == "aes-gcm-256" else 16), chance(12), os.path.join(work, "f")
            plain = chance(size)
            sealed = file_write(key, b"f", plain, chance) if form == "teaclave-file-128" else gcm_write(key, iv, plain)
            with open(path, "wb") as file:
                file.write(sealed)
            ours = subprocess.run([program, "read", form, key.hex(), iv.hex(), path], stdout=subprocess.PIPE, check=False)
            wrote = subprocess.run([program, "write", form, key.hex(), iv.hex(), path], input=plain, stdout=subprocess.PIPE, check=False)
            with open(path, "rb") as file:
                sealed = file.read()
            theirs = file_read(key, b"f", sealed) if form == "teaclave-file-128" else gcm_read(key, iv, sealed)
            cmac = sealed[80:96] if form == "teaclave-file-128" else sealed[-16:]
            good = ours.returncode == 0 and ours.stdout == plain and wrote.stdout.decode().strip() == cmac.hex() and theirs == plain
            passed, failed = passed + good, failed + (not good)
            if not good:
                print(f"{form}, {size} bytes: FAILED")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(make(sys.argv[2]) if sys.argv[1] == "make" else check(sys.argv[2]))
