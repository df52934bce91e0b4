"""Checks a receipt file with other people's code: its COSE receipt (RFC 9942) with scitt-cose.

usage: receipt.py FILE. Exits 0 and prints a line when accepted, 1 when not.
"""

import hashlib
import hmac
import sys

import cbor2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scitt_cose import verify_receipt


def main(path: str) -> int:
    with open(path, "rb") as file:
        receipt = cbor2.load(file)
    genesis = cbor2.loads(receipt[10])
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), genesis[1])
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    # What stands publicly in the log: a commitment to the entry, opened by the receipt's salt.
    entry = hmac.new(receipt[4], receipt[2], hashlib.sha256).digest()
    result = verify_receipt(receipt[8], leaf_entry_hex=entry.hex(), log_public_key_pem=pem)
    if not result.ok:
        print("receipt refused:", result.failed_at, result.errors, file=sys.stderr)
        return 1
    print(f"receipt accepted: entry {receipt[3]} of {receipt[6]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
