"""The build backend (PEP 517): a wheel of the package and the library that `make sdk` linked. Deterministic."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[2]
LIBRARY = TREE / "build" / "release" / "lib" / "libmesatee.so"
TAG = "py3-none-linux_x86_64"  # the library's machine; the Python part asks for none
TIMES = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say


def version() -> str:
    """The tree's, in the form that pip wants: 0.1.0-dev is 0.1.0.dev0."""
    words = (TREE / "VERSION").read_text(encoding="ascii").split()
    return words[0].replace("-dev", ".dev0")


def metadata() -> str:
    """What pip keeps of the package."""
    return (
        f"Metadata-Version: 2.1\nName: mesatee\nVersion: {version()}\n"
        "Summary: A party's side of MesaTEE: verify a node, approve exactly one computation, check its receipt\n"
        "License: Apache-2.0\nRequires-Python: >=3.9\n"
    )


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """Write the wheel into wheel_directory and return its name."""
    if not LIBRARY.exists():
        raise SystemExit(f"{LIBRARY} is not there: run `make sdk` in {TREE} first")
    content = {
        f"mesatee/{file.name}": file.read_bytes()
        for file in sorted((HERE / "mesatee").iterdir())
        if file.suffix == ".py" or file.name == "py.typed"
    }
    content["mesatee/libmesatee.so"] = LIBRARY.read_bytes()
    info = f"mesatee-{version()}.dist-info"
    content[f"{info}/METADATA"] = metadata().encode()
    content[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: mesatee\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode()
    record = []
    for name, data in content.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{name},sha256={digest},{len(data)}\n")
    content[f"{info}/RECORD"] = ("".join(record) + f"{info}/RECORD,,\n").encode()
    wheel = f"mesatee-{version()}-{TAG}.whl"
    with zipfile.ZipFile(Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            entry = zipfile.ZipInfo(name, TIMES)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return wheel
