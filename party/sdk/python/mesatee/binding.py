"""api/mesatee.h in ctypes, and where the library lies. Private: the package's other modules are what to use.

Structs are written down here by hand. `layout` (beside this package) makes C assertions of them, which `make sdk`
compiles against api/mesatee.h, and names the library's symbols after their digest: a library with other structs is not
built, and not loaded.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from ctypes import POINTER, c_bool, c_char, c_char_p, c_int, c_size_t, c_uint, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any, List, Optional, Union

from .errors import Failed, NotFound

ID_SIZE = 65
NAME_SIZE = 65
ARGUMENTS_MAX = 64
INPUTS_MAX = 12
OUTPUTS_MAX = 12
PARTIES_MAX = 16
SHARES_MAX = 16
CONSTANTS = {
    "ID_SIZE": ID_SIZE,
    "NAME_SIZE": NAME_SIZE,
    "ARGUMENTS_MAX": ARGUMENTS_MAX,
    "INPUTS_MAX": INPUTS_MAX,
    "OUTPUTS_MAX": OUTPUTS_MAX,
    "PARTIES_MAX": PARTIES_MAX,
    "SHARES_MAX": SHARES_MAX,
}
CODES = {
    "OK": 0,
    "FAILED": 1,
    "USAGE": 2,
    "NOT_FOUND": 3,
    "REFUSED": 4,
    "NOT_VERIFIED": 5,
    "UNREACHABLE": 6,
    "NOT_READY": 7,
    "CONFLICT": 8,
    "BUG": 70,
}

Id = c_char * ID_SIZE
Name = c_char * NAME_SIZE


class Part(ctypes.Structure):
    """struct mesatee_part"""

    _fields_ = [
        ("name", Name),
        ("passed", c_bool),
        ("have", c_char * 80),
        ("want", c_char * 80),
        ("vouched_by", c_char_p),
    ]


class Verdict(ctypes.Structure):
    """struct mesatee_verdict"""

    _fields_ = [
        ("passed", c_bool),
        ("level", c_uint),
        ("level_name", c_char_p),
        ("protects", c_char_p),
        ("limits", c_char_p),
        ("root", Id),
        ("log_id", Id),
        ("engine", Id),
        ("rollback_by_clients", c_bool),
        ("log_size", c_uint64),
        ("part_count", c_size_t),
        ("part", Part * 64),
    ]


class Input(ctypes.Structure):
    """struct mesatee_input"""

    _fields_ = [("name", c_char_p), ("owner", c_char_p), ("tag", c_char_p)]


class Output(ctypes.Structure):
    """struct mesatee_output"""

    _fields_ = [
        ("name", c_char_p),
        ("owner", c_char_p * PARTIES_MAX),
        ("owner_count", c_size_t),
        ("size_max", c_uint64),
        ("rows_min", c_uint64),
    ]


class Terms(ctypes.Structure):
    """struct mesatee_terms"""

    _fields_ = [
        ("function", c_char_p),
        ("argument", c_char_p * ARGUMENTS_MAX),
        ("argument_count", c_size_t),
        ("input", Input * INPUTS_MAX),
        ("input_count", c_size_t),
        ("output", Output * OUTPUTS_MAX),
        ("output_count", c_size_t),
        ("participant", c_char_p * PARTIES_MAX),
        ("participant_count", c_size_t),
        ("memory_max", c_uint64),
        ("wall_ms", c_uint64),
        ("runs", c_uint64),
        ("expiry", c_uint64),
        ("deterministic", c_bool),
        ("level_min", c_uint),
        ("log_id", Id),
        ("executor", Id),
        ("policy", Id),
    ]


class Run(ctypes.Structure):
    """struct mesatee_run"""

    _fields_ = [
        ("run", c_uint64),
        ("state", c_char * 16),
        ("cause", c_char * 257),
        ("exit_code", c_uint32),
        ("started_ms", c_uint64),
        ("ended_ms", c_uint64),
        ("wall_ms", c_uint64),
        ("cpu_us", c_uint64),
        ("memory_peak", c_uint64),
    ]


class Approval(ctypes.Structure):
    """struct mesatee_approval"""

    _fields_ = [("party", Id), ("approved", c_bool)]


class Task(ctypes.Structure):
    """struct mesatee_task"""

    _fields_ = [
        ("contract", Id),
        ("function", Id),
        ("state", c_char * 16),
        ("created_ms", c_uint64),
        ("expiry", c_uint64),
        ("runs_used", c_uint64),
        ("runs", c_uint64),
        ("approval", Approval * PARTIES_MAX),
        ("approval_count", c_size_t),
        ("last", Run),
    ]


class Format(ctypes.Structure):
    """struct mesatee_format"""

    _fields_ = [("format", c_char_p), ("key_file", c_char_p), ("iv", c_char_p), ("cmac", c_char_p), ("name", c_char_p)]


class Formatted(ctypes.Structure):
    """struct mesatee_formatted"""

    _fields_ = [("cmac", c_char * 33), ("iv", c_char * 25)]


class Fetched(ctypes.Structure):
    """struct mesatee_fetched"""

    _fields_ = [("tag", Id), ("size", c_uint64), ("owner_count", c_size_t)]


class ReceiptOutput(ctypes.Structure):
    """The struct without a name in struct mesatee_receipt"""

    _fields_ = [("name", Name), ("tag", Id), ("size", c_uint64)]


class Receipt(ctypes.Structure):
    """struct mesatee_receipt"""

    _fields_ = [
        ("passed", c_bool),
        ("level", c_uint),
        ("level_name", c_char_p),
        ("contract", Id),
        ("function", Id),
        ("log_id", Id),
        ("run", c_uint64),
        ("index", c_uint64),
        ("log_size", c_uint64),
        ("outcome", c_char * 16),
        ("cause", c_char * 257),
        ("exit_code", c_uint32),
        ("started_ms", c_uint64),
        ("ended_ms", c_uint64),
        ("wall_ms", c_uint64),
        ("cpu_us", c_uint64),
        ("memory_peak", c_uint64),
        ("bytes_in", c_uint64),
        ("bytes_out", c_uint64),
        ("output", ReceiptOutput * OUTPUTS_MAX),
        ("output_count", c_size_t),
        ("part_count", c_size_t),
        ("part", Part * 32),
    ]


STRUCTS = {
    "mesatee_part": Part,
    "mesatee_verdict": Verdict,
    "mesatee_input": Input,
    "mesatee_output": Output,
    "mesatee_terms": Terms,
    "mesatee_run": Run,
    "mesatee_approval": Approval,
    "mesatee_task": Task,
    "mesatee_format": Format,
    "mesatee_formatted": Formatted,
    "mesatee_fetched": Fetched,
    "mesatee_receipt": Receipt,
}

PROGRESS = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_uint64, c_uint64)
EACH_TASK = ctypes.CFUNCTYPE(None, c_void_p, POINTER(Task))

# Name without "mesatee_": what it returns, what it takes. struct mesatee and struct mesatee_contract are opaque.
FUNCTIONS = {
    "open": (c_int, [c_char_p, POINTER(c_void_p)]),
    "close": (None, [c_void_p]),
    "error": (c_char_p, [c_void_p]),
    "help": (c_char_p, [c_void_p]),
    "identity": (c_int, [c_void_p, c_bool, c_char_p]),
    "party_add": (c_int, [c_void_p, c_char_p, c_char_p]),
    "party_find": (c_int, [c_void_p, c_char_p, c_char_p]),
    "party_name": (c_char_p, [c_void_p, c_char_p]),
    "party_at": (c_bool, [c_void_p, c_size_t, POINTER(c_char_p), POINTER(c_char_p)]),
    "policy_use": (c_int, [c_void_p, c_char_p]),
    "policy_hash": (c_char_p, [c_void_p]),
    "policy_name": (c_char_p, [c_void_p]),
    "policy_level": (c_uint, [c_void_p]),
    "connect": (c_int, [c_void_p, c_char_p]),
    "disconnect": (None, [c_void_p]),
    "verdict": (POINTER(Verdict), [c_void_p]),
    "status": (c_int, [c_void_p, POINTER(c_char_p)]),
    "progress_set": (None, [c_void_p, PROGRESS, c_void_p]),
    "put": (c_int, [c_void_p, c_char_p, c_char_p, c_char_p]),
    "put_from": (c_int, [c_void_p, c_char_p, POINTER(Format), c_char_p, c_char_p]),
    "put_at": (c_int, [c_void_p, c_char_p, c_char_p, c_char_p]),
    "publish": (c_int, [c_void_p, c_char_p, c_char_p, c_char_p]),
    "contract_make": (c_int, [c_void_p, POINTER(Terms), c_bool, POINTER(c_void_p)]),
    "contract_get": (c_int, [c_void_p, c_char_p, POINTER(c_void_p)]),
    "contract_hash": (c_char_p, [c_void_p]),
    "contract_terms": (POINTER(Terms), [c_void_p]),
    "contract_free": (None, [c_void_p]),
    "approve": (c_int, [c_void_p, c_void_p, c_bool]),
    "withdraw": (c_int, [c_void_p, c_char_p]),
    "cancel": (c_int, [c_void_p, c_char_p]),
    "run": (c_int, [c_void_p, c_char_p, POINTER(c_uint64)]),
    "wait": (c_int, [c_void_p, c_char_p, c_uint64, c_uint64, POINTER(Run)]),
    "tasks": (c_int, [c_void_p, c_char_p, EACH_TASK, c_void_p, POINTER(c_char_p)]),
    "get": (c_int, [c_void_p, c_char_p, c_uint64, c_char_p, c_char_p, POINTER(Fetched)]),
    "get_as": (
        c_int,
        [c_void_p, c_char_p, c_uint64, c_char_p, c_char_p, POINTER(Format), POINTER(Fetched), POINTER(Formatted)],
    ),
    "get_to": (c_int, [c_void_p, c_char_p, c_uint64, c_char_p, c_char_p, c_char_p, POINTER(Fetched)]),
    "combine": (c_int, [c_void_p, c_char_p, POINTER(c_char_p), c_size_t, c_char_p]),
    "combine_as": (
        c_int,
        [c_void_p, c_char_p, POINTER(c_char_p), c_size_t, c_char_p, POINTER(Format), POINTER(Formatted)],
    ),
    "receipt": (c_int, [c_void_p, c_char_p, c_uint64, c_char_p]),
    "verify": (c_int, [c_void_p, c_char_p, POINTER(Receipt)]),
    "role": (c_int, [c_void_p, c_char_p, c_bool]),
    "stop": (c_int, [c_void_p]),
}


def assertions() -> str:
    """What must be true of api/mesatee.h for this module to be right, in C."""
    lines: List[str] = []

    def say(what: str, value: int) -> None:
        lines.append(
            f'_Static_assert({what} == {value}, "party/sdk/python/mesatee/binding.py differs from api/mesatee.h");'
        )

    for name, value in {**CONSTANTS, **CODES}.items():
        say(f"MESATEE_{name}", value)
    for name, kind in STRUCTS.items():
        say(f"sizeof(struct {name})", ctypes.sizeof(kind))
        for field, *_ in kind._fields_:
            place = getattr(kind, field)
            say(f"offsetof(struct {name}, {field})", place.offset)
            say(f"sizeof(((struct {name} *)0)->{field})", place.size)
    for field, *_ in ReceiptOutput._fields_:
        place = Receipt.output.offset + getattr(ReceiptOutput, field).offset
        say(f"offsetof(struct mesatee_receipt, output[0].{field})", place)
    return "\n".join(lines) + "\n"


def symbol_version() -> str:
    """The version that the library's symbols have: it changes with the layout of any struct."""
    return "MESATEE_" + hashlib.sha256(assertions().encode()).hexdigest()[:16]


def _places() -> List[Path]:
    """Where the library may lie: in the package; in the build of the tree that the package is a part of."""
    here = Path(__file__).resolve().parent
    places = [here / "libmesatee.so"]
    if here.parts[-4:-1] == ("party", "sdk", "python"):
        places.append(here.parents[3] / "build" / "release" / "lib" / "libmesatee.so")
    return places


class Library:
    """The C client library, loaded: `path`, else the one in the package, else that of the tree's build.

    It is what verifies, so no environment variable and no search path names it.
    Raises NotFound, or Failed when it is another version.
    """

    def __init__(self, path: Optional[Union[str, "os.PathLike[str]"]] = None) -> None:
        places = [Path(path).resolve()] if path is not None else _places()
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            raise NotFound(f"no client library in {' or '.join(map(str, places))}", "build it: make sdk")
        self.path = found
        try:
            self._loaded = ctypes.CDLL(str(found))
        except OSError as why:
            raise Failed(f"the client library cannot be loaded: {why}") from why
        version = ctypes.CDLL(None).dlvsym
        version.restype, version.argtypes = c_void_p, [c_void_p, c_char_p, c_char_p]
        if not version(self._loaded._handle, b"mesatee_open", symbol_version().encode()):
            raise Failed(f"{found} has not the structs of this package", "build it from the same tree: make sdk")
        for name, (result, arguments) in FUNCTIONS.items():
            function = getattr(self._loaded, f"mesatee_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:  # for type checkers: the functions are set in __init__
        raise AttributeError(name)

    def __repr__(self) -> str:
        return f"Library({str(self.path)!r})"
