"""A verified node, its contracts and runs; and what needs no node: verify() and combine().

Everything that protects a party happens in the C library (api/mesatee.h), with the policy that connect() was given.
"""

from __future__ import annotations

import builtins
import ctypes
import dis
import inspect
import json
import os
import tempfile
import textwrap
import time
import weakref
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from . import binding, errors, units, values
from .handle import Handle, Progress
from .values import Dataset, Format, Function, Output, Receipt, Result, RunState, Task, Terms, Verdict

Owners = Union[str, Sequence[str], Output]
Given = Union[Dataset, Tuple[str, Union[str, Dataset]]]

_SLICE_MS = 1000  # C is waited for that long at most, so that Ctrl-C is heard
_RUNS_MAX = 1_000_000


@contextmanager
def _in_memory(data: bytes) -> Iterator[bytes]:
    """A path under which C finds the bytes; they are on no disk."""
    fd = os.memfd_create("mesatee")
    try:
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        yield f"/proc/self/fd/{fd}".encode()
    finally:
        os.close(fd)


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder that is this user's alone, in memory where there is a place for that, and gone afterwards."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="mesatee-", dir=memory) as folder:
        yield Path(folder)


def _content(value: Any) -> Optional[bytes]:
    """Bytes, or a table as CSV without its index. None: something else."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if callable(getattr(value, "to_csv", None)):
        return str(value.to_csv(index=False)).encode()
    return None


def _loaded(code: CodeType) -> Iterator[str]:
    """Names that a function, or one within it, takes from its module."""
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            yield step.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _loaded(constant)


def _source(function: Callable[..., Any]) -> bytes:
    """A Python function as a module of its own: it must bring everything with it."""
    name = getattr(function, "__name__", "")
    if not inspect.isfunction(function) or not name.isidentifier() or function.__qualname__.endswith(">"):
        raise TypeError(f"a function made by `def` can be published, not {units.kind(function)} {name}".rstrip())
    if len(inspect.signature(function).parameters) != 3:
        raise TypeError(f"{name}() must take three arguments: inputs, outputs, args")
    needed = sorted({*_loaded(function.__code__), *function.__code__.co_freevars} - {name, *dir(builtins)})
    if needed:
        raise TypeError(f"{name}() uses {', '.join(needed)} from outside; import and define everything within it")
    source = textwrap.dedent(inspect.getsource(function))
    if not source.startswith("def "):
        raise TypeError(f"{name}() has a decorator; the node would not have it")
    return (source + ("" if name == "main" else f"\nmain = {name}\n")).encode()


def _owners(name: str, owners: Owners, max_size: units.Size, min_rows: int) -> Output:
    if isinstance(owners, Output):
        return owners
    if isinstance(owners, str):
        owners = (owners,)
    if not isinstance(owners, (list, tuple)) or not owners:
        raise TypeError(f'outputs["{name}"] must be an owner, a list of owners or an Output, not {units.kind(owners)}')
    return Output(tuple(owners), max_size, min_rows)


def _given(name: str, given: Given) -> Tuple[str, str]:
    """Owner and tag."""
    if isinstance(given, Dataset):
        return "self", given.tag
    if isinstance(given, tuple) and len(given) == 2:
        owner, tag = given
        return owner, tag.tag if isinstance(tag, Dataset) else tag
    raise TypeError(f'inputs["{name}"] must be a Dataset or a pair (owner, tag), not {units.kind(given)}')


def _raw(format: Optional[Format]) -> Optional[Any]:
    """For C: a pointer, which is None where a file is as it is."""
    if format is not None and not isinstance(format, Format):
        raise TypeError(f"format must be a mesatee.Format, not {units.kind(format)}")
    return None if format is None else ctypes.byref(format.raw())


def _result(content: bytes, formatted: binding.Formatted) -> Result:
    result = Result(content)
    result.cmac, result.iv = formatted.cmac.decode(), formatted.iv.decode()
    return result


def _mapping(what: str, value: Any, largest: int) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{what} must be a dict from names, not {units.kind(value)}")
    if len(value) > largest:
        raise ValueError(f"a contract has at most {largest} {what}")
    return value


def _list(what: str, value: Any, largest: int) -> Sequence[str]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise TypeError(f"{what} must be a list of texts, not {units.kind(value)}")
    if len(value) > largest:
        raise ValueError(f"a contract has at most {largest} {what}")
    return value


class Node:
    """A node that has passed the policy, on this connection. Made by connect(); ends with close() or its `with` block.

    One thread at a time; another one waits. Every method raises mesatee.Error with the library's words. When the
    connection has ended, the next call connects and verifies again.
    """

    def __init__(self, handle: Handle, url: str) -> None:
        self._handle = handle
        self.url = url

    def __enter__(self) -> "Node":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """End the connection. More than once is allowed."""
        self._handle.close()

    def __repr__(self) -> str:
        return f"<Node {self.url}>"

    # ---- what the node is, who I am ----

    @property
    def verdict(self) -> Verdict:
        """The appraisal of the last connection."""
        with self._handle.held() as h:
            return values.verdict_of(h.library.verdict(h.pointer).contents)

    @property
    def policy_hash(self) -> str:
        """The hash that a contract must name to be approved under the policy in use."""
        with self._handle.held() as h:
            return (h.library.policy_hash(h.pointer) or b"").decode()

    def status(self) -> Dict[str, Any]:
        """The node's own word on itself (schema mesatee.status.1)."""
        text = ctypes.c_char_p()
        with self._handle.held() as h:
            h.check(h.library.status(h.pointer, ctypes.byref(text)))
            found: Dict[str, Any] = json.loads(text.value or b"{}")
            return found

    @property
    def id(self) -> str:
        """This party's id: what it tells the others. The key is made in the home folder when there is none."""
        out = ctypes.create_string_buffer(binding.ID_SIZE)
        with self._handle.held() as h:
            h.check(h.library.identity(h.pointer, True, out))
        return out.value.decode()

    def know(self, name: str, id: str) -> None:
        """Remember another party's id under a name of my own. Conflict when the name is another's."""
        arguments = units.text("name", name), units.text("id", id)
        with self._handle.held() as h:
            h.check(h.library.party_add(h.pointer, *arguments))

    @property
    def parties(self) -> Dict[str, str]:
        """The names that I gave, and their ids."""
        name, id = ctypes.c_char_p(), ctypes.c_char_p()
        found: Dict[str, str] = {}
        with self._handle.held() as h:
            while h.library.party_at(h.pointer, len(found), ctypes.byref(name), ctypes.byref(id)):
                found[(name.value or b"").decode()] = (id.value or b"").decode()
        return found

    def _party(self, id: str) -> str:
        """An id as a person reads it."""
        with self._handle.held() as h:
            name = h.library.party_name(h.pointer, id.encode())
        return f"{name.decode()} ({id[:8]})" if name else id

    # ---- data and functions ----

    def put(self, data: Any, format: Optional[Format] = None, *, at: Optional[str] = None) -> Dataset:
        """Encrypt here, upload the ciphertext, register it.

        `data`: a path, bytes, or a table with to_csv() (pandas), which becomes CSV without its index. The key stays in
        the home folder; bytes and tables touch no disk in the clear. Conflict when the file changes meanwhile.
        With `format` data is a file of Teaclave's; NotVerified when it does not open. No byte leaves before it did.
        With `at` data is a file of seal(), or its header alone, and the node takes the ciphertext from that URL:
        "https://...", "http://...", or "file:NAME" in a folder of its operator, who must have allowed it (docs/data.md).
        """
        if at is not None:
            if format is not None:
                raise errors.Usage("at= takes ciphertext as it is", "seal() with format=, then put() with at=")
            return self._put_at(units.path("data", data), units.text("at", at))
        content = _content(data)
        if content is not None:
            with _in_memory(content) as place:
                return self._put(place, format)
        if not isinstance(data, (str, os.PathLike)):
            raise TypeError(f"put() takes a path, bytes or a table with to_csv(), not {units.kind(data)}")
        return self._put(units.path("data", data), format)

    def seal(self, data: Any, to: units.PathLike, format: Optional[Format] = None) -> Dataset:
        """Encrypt here, into the file `to`, and send nothing: put it where the node can reach it, then put() with `at`.

        `data` and `format` as in put(). The key stays in the home folder.
        """
        content = _content(data)
        sealed = units.path("to", to)
        if content is not None:
            with _in_memory(content) as place:
                return self._put(place, format, sealed)
        return self._put(units.path("data", data), format, sealed)

    def _put(self, place: bytes, format: Optional[Format], sealed: Optional[bytes] = None) -> Dataset:
        tag = ctypes.create_string_buffer(binding.ID_SIZE)
        raw = _raw(format)
        with self._handle.held() as h:
            h.check(h.library.put_from(h.pointer, place, raw, sealed, tag))
        return Dataset(tag.value.decode())

    def _put_at(self, sealed: bytes, url: bytes) -> Dataset:
        tag = ctypes.create_string_buffer(binding.ID_SIZE)
        with self._handle.held() as h:
            h.check(h.library.put_at(h.pointer, sealed, url, tag))
        return Dataset(tag.value.decode())

    def publish(
        self, function: Union[units.PathLike, bytes, Callable[..., Any]], name: Optional[str] = None
    ) -> Function:
        """Give the node a function: a path (.wasm, .py, .zip), bytes of one, or a Python function of three arguments.

        `name`: 1 to 64 of a-z A-Z 0-9 . _ -; by itself the file's or function's. One that is registered already is
        returned as well: a function is its hash. The others read what they approve: give them the same file.
        """
        if isinstance(function, (bytes, bytearray)):
            with _in_memory(bytes(function)) as place:
                return self._publish(place, name or "function")
        if isinstance(function, (str, os.PathLike)):
            return self._publish(units.path("function", function), name or Path(function).stem)
        if callable(function):
            with _in_memory(_source(function)) as place:
                return self._publish(place, name or function.__name__)
        raise TypeError(f"publish() takes a path, bytes or a Python function, not {units.kind(function)}")

    def _publish(self, place: bytes, name: str) -> Function:
        digest = ctypes.create_string_buffer(binding.ID_SIZE)
        called = units.text("name", name)
        with self._handle.held() as h:
            try:
                h.check(h.library.publish(h.pointer, place, called, digest))
            except errors.Conflict:
                if not digest.value:
                    raise
        return Function(digest.value.decode(), name)

    # ---- contracts ----

    def contract(
        self,
        *,
        function: Union[Function, str],
        inputs: Mapping[str, Given],
        outputs: Mapping[str, Owners],
        args: Sequence[str] = (),
        participants: Sequence[str] = (),
        memory: units.Size = "1G",
        wall: units.Duration = "10m",
        runs: int = 1,
        expires: units.Moment = "7d",
        level: Optional[int] = None,
        max_size: units.Size = "64M",
        min_rows: int = 0,
        deterministic: bool = False,
        only_build: bool = False,
    ) -> "Contract":
        """Make a contract against this node and give it to it; nobody has approved it then.

        function      a Function or its hash
        inputs        name to Dataset (mine), or to (owner, tag); owners are names of know(), ids or "self"
        outputs       name to its owner, a list of owners (only all together), or an Output with guards of its own
        args          texts: sys.argv[1:]
        participants  who must approve besides the owners and me
        memory, wall  of a run: bytes or "2G"; seconds or "120s"
        runs          how often it may run; expires: a time from now on, or a datetime with its zone
        level         the least one, 1 to 5; None: the policy's
        max_size, min_rows    guards of every output that is no Output: bytes or "64M"; lines
        only_build    send nothing
        """
        digest = function.hash if isinstance(function, Function) else function
        raw = binding.Terms(
            function=units.text("function", digest),
            memory_max=units.size("memory", memory),
            wall_ms=units.milliseconds("wall", wall),
            runs=units.number("runs", runs, 1, _RUNS_MAX),
            expiry=units.moment("expires", expires),
            deterministic=bool(deterministic),
            level_min=0 if level is None else units.number("level", level, 1, 5),
        )
        for i, text in enumerate(_list("args", args, binding.ARGUMENTS_MAX)):
            raw.argument[i] = units.text(f"args[{i}]", text)
        raw.argument_count = len(args)
        for i, who in enumerate(_list("participants", participants, binding.PARTIES_MAX)):
            raw.participant[i] = units.text(f"participants[{i}]", who)
        raw.participant_count = len(participants)
        for i, (name, given) in enumerate(_mapping("inputs", inputs, binding.INPUTS_MAX).items()):
            owner, tag = _given(name, given)
            raw.input[i] = binding.Input(
                units.text("an input's name", name),
                units.text(f'the owner of inputs["{name}"]', owner),
                units.text(f'the tag of inputs["{name}"]', tag),
            )
        raw.input_count = len(inputs)
        for i, (name, owners) in enumerate(_mapping("outputs", outputs, binding.OUTPUTS_MAX).items()):
            raw.output[i] = self._output(name, _owners(name, owners, max_size, min_rows))
        raw.output_count = len(outputs)
        if not outputs:
            raise ValueError("a contract without an output would tell nobody anything")
        out = ctypes.c_void_p()
        with self._handle.held() as h:
            try:
                h.check(h.library.contract_make(h.pointer, ctypes.byref(raw), bool(only_build), ctypes.byref(out)))
            except errors.Error:
                h.library.contract_free(out)
                raise
        return Contract(self, out)

    @staticmethod
    def _output(name: str, output: Output) -> binding.Output:
        owners = _list(f'owners of outputs["{name}"]', output.owners, binding.PARTIES_MAX)
        raw = binding.Output(
            name=units.text("an output's name", name),
            owner_count=len(owners),
            size_max=units.size(f'the size of outputs["{name}"]', output.size),
            rows_min=units.number(f'the rows of outputs["{name}"]', output.rows),
        )
        for i, owner in enumerate(owners):
            raw.owner[i] = units.text(f'an owner of outputs["{name}"]', owner)
        return raw

    def fetch_contract(self, hash: str) -> "Contract":
        """The contract of that hash, for reading and approving; what came is hashed and compared."""
        out = ctypes.c_void_p()
        name = units.text("hash", hash)
        with self._handle.held() as h:
            h.check(h.library.contract_get(h.pointer, name, ctypes.byref(out)))
        return Contract(self, out)

    def tasks(self, hash: Optional[str] = None) -> List[Task]:
        """My contracts as the node has them, newest first; or the one of that hash."""
        found: List[Task] = []
        each = binding.EACH_TASK(lambda _, task: found.append(values.task_of(task.contents)))
        name = None if hash is None else units.text("hash", hash)
        with self._handle.held() as h:
            h.check(h.library.tasks(h.pointer, name, each, None, None))
        return found

    # ---- receipts, operators ----

    def verify(self, receipt: Union[bytes, units.PathLike]) -> Receipt:
        """Check a receipt under the policy in use, as mesatee.verify() does."""
        return _verify(self._handle, receipt)

    def admit(self, party: str, yes: bool = True) -> None:
        """An operator's: admit a party, or take it out."""
        who = units.text("party", party)
        with self._handle.held() as h:
            h.check(h.library.role(h.pointer, who, bool(yes)))

    def stop(self) -> None:
        """An operator's: stop the node."""
        with self._handle.held() as h:
            h.check(h.library.stop(h.pointer))


class Contract:
    """Everything about one computation; its hash is its name. `terms` is what it says, show() the same for reading."""

    def __init__(self, node: Node, pointer: ctypes.c_void_p) -> None:
        library = node._handle.library
        self.node = node
        self._pointer = pointer
        weakref.finalize(self, library.contract_free, pointer)
        self.hash: str = (library.contract_hash(pointer) or b"").decode()
        self.terms: Terms = values.terms_of(library.contract_terms(pointer).contents)

    def __repr__(self) -> str:
        return f"<Contract {self.hash}>"

    def _rows(self) -> List[List[str]]:
        return values.terms_rows(self.terms, self.node._party, self.node.policy_hash)

    def show(self) -> str:
        """The whole contract as text: read it before approve()."""
        return values.show_rows(f"contract {self.hash}", self._rows())

    def _repr_html_(self) -> str:
        return values.show_html(f"contract {self.hash}", self._rows())

    def approve(self, only_check: bool = False) -> None:
        """Approve exactly this: signed, and the keys of my inputs sealed to the attested node for this contract alone.

        Refused unless I take part and it names the policy in use, no higher level than the verdict's, and this node's
        ledger and executor.
        """
        with self.node._handle.held() as h:
            h.check(h.library.approve(h.pointer, self._pointer, bool(only_check)))

    def withdraw(self) -> None:
        """Take my approval back: the node wipes my keys, a run under way ends."""
        with self.node._handle.held() as h:
            h.check(h.library.withdraw(h.pointer, self.hash.encode()))

    def cancel(self) -> None:
        """End the contract for everybody."""
        with self.node._handle.held() as h:
            h.check(h.library.cancel(h.pointer, self.hash.encode()))

    @property
    def state(self) -> Task:
        """How it stands, by the node's word."""
        return self.node.tasks(self.hash)[0]

    def run(self, wait: bool = True, timeout: Optional[units.Duration] = None) -> "Run":
        """Start a run. With `wait` it has finished when this returns; see Run.wait() for how it may not."""
        number = ctypes.c_uint64()
        limit = None if timeout is None else units.milliseconds("timeout", timeout)
        with self.node._handle.held() as h:
            h.check(h.library.run(h.pointer, self.hash.encode(), ctypes.byref(number)))
        run = Run(self, number.value)
        if wait:
            run.wait(None if limit is None else limit / 1000)
        return run

    def run_of(self, number: int) -> "Run":
        """A run that was started before, by anybody; numbers begin at 1."""
        return Run(self, units.number("number", number, 1))


class Run:
    """One run of a contract."""

    def __init__(self, contract: Contract, number: int) -> None:
        self.contract = contract
        self.number = number
        self.state: Optional[RunState] = None  # what wait() heard last

    def __repr__(self) -> str:
        return f"<Run {self.number} of {self.contract.hash}: {self.state.state if self.state else 'started'}>"

    def wait(self, timeout: Optional[units.Duration] = None) -> RunState:
        """Wait until it has finished, for at most `timeout` (seconds, or text like "60s").

        RunFailed when it failed or was cancelled; TimedOut when it goes on.
        """
        until = None if timeout is None else time.monotonic() + units.milliseconds("timeout", timeout) / 1000
        handle, name = self.contract.node._handle, self.contract.hash.encode()
        while True:
            left = _SLICE_MS if until is None else min(_SLICE_MS, int((until - time.monotonic()) * 1000))
            raw = binding.Run()
            failure: Optional[errors.Error] = None
            with handle.held() as h:
                try:
                    h.check(h.library.wait(h.pointer, name, self.number, max(left, 1), ctypes.byref(raw)))
                except errors.Error as why:
                    failure = why
            if raw.run:
                self.state = values.run_of(raw)
            if failure is None:
                assert self.state
                return self.state
            ended = raw.state in (b"failed", b"cancelled")
            if ended:
                error = errors.RunFailed(failure.text, failure.help)
                error.run = self.state
                raise error from None
            if not (isinstance(failure, errors.Unreachable) and raw.state == b"running"):
                raise failure
            if until is not None and time.monotonic() >= until:
                raise errors.TimedOut(failure.text, failure.help) from None

    def fetch(self, output: str, to: Optional[units.PathLike] = None, format: Optional[Format] = None) -> Result:
        """The content of one output of mine, opened. With `to` it is written there as well, whole or not at all.

        An output of several owners has no content for one of them: fetch_share(). With `format` it is sealed for
        Teaclave, and the result is that file.
        """
        formatted = binding.Formatted()
        with _private_folder() as folder:
            place = Path(folder / "output") if to is None else Path(to)
            fetched = self._get(output, place, format, formatted)
            if fetched.owner_count > 1:
                raise errors.Usage(
                    f"{output} belongs to {fetched.owner_count} owners together",
                    "fetch_share(), then mesatee.combine()",
                )
            result = _result(place.read_bytes(), formatted)
        result.tag = fetched.tag.decode()
        return result

    def fetch_share(self, output: str, to: units.PathLike) -> Path:
        """Write the ciphertext of an output of several owners to `to`; my share of its key lies beside it: its path."""
        fetched = self._get(output, Path(to), None, binding.Formatted())
        if fetched.owner_count < 2:
            raise errors.Usage(f"{output} is yours alone, and was written to {to}", "fetch() reads it")
        return Path(f"{os.fspath(to)}.share")

    def send(self, output: str, to: str, key: units.PathLike) -> Path:
        """Have the node PUT the ciphertext of an output of mine to the URL `to`, perhaps a presigned one.

        Nothing of it comes here but its key, or my share of it, in a file beside `key`: its path. mesatee.combine()
        opens what was downloaded from there. The node's operator must have allowed it (docs/data.md).
        """
        raw = binding.Fetched()
        name, url, path = units.text("output", output), units.text("to", to), units.path("key", key)
        with self.contract.node._handle.held() as h:
            h.check(
                h.library.get_to(
                    h.pointer, self.contract.hash.encode(), self.number, name, url, path, ctypes.byref(raw)
                )
            )
        return Path(f"{os.fspath(key)}.share")

    def _get(
        self, output: str, place: Path, format: Optional[Format], formatted: binding.Formatted
    ) -> binding.Fetched:
        raw = binding.Fetched()
        name, path, sealed = units.text("output", output), units.path("to", place), _raw(format)
        contract = self.contract.hash.encode()
        with self.contract.node._handle.held() as h:
            h.check(
                h.library.get_as(
                    h.pointer, contract, self.number, name, path, sealed, ctypes.byref(raw), ctypes.byref(formatted)
                )
            )
        return raw

    def receipt(self, to: Optional[units.PathLike] = None) -> bytes:
        """The receipt file of the run, whatever its end was. It is not checked yet: mesatee.verify().

        With `to` it is written there as well.
        """
        with _private_folder() as folder:
            place = Path(folder / "receipt") if to is None else Path(to)
            path = units.path("to", place)
            with self.contract.node._handle.held() as h:
                h.check(h.library.receipt(h.pointer, self.contract.hash.encode(), self.number, path))
            return place.read_bytes()


def _verify(handle: Handle, receipt: Union[bytes, units.PathLike]) -> Receipt:
    if isinstance(receipt, (bytes, bytearray, memoryview)):
        with _in_memory(bytes(receipt)) as place:
            return _verify_file(handle, place, "the receipt")
    if not isinstance(receipt, (str, os.PathLike)):
        raise TypeError(f"a receipt is bytes or a path, not {units.kind(receipt)}")
    return _verify_file(handle, units.path("receipt", receipt), None)


def _verify_file(handle: Handle, place: bytes, called: Optional[str]) -> Receipt:
    raw = binding.Receipt()
    with handle.held() as h:
        try:
            h.check(h.library.verify(h.pointer, place, ctypes.byref(raw)))
        except errors.Error as why:
            if called:  # bytes have no path that would tell a reader anything
                why.text = why.text.replace(place.decode(), called)
                why.args = (why.text,)
            if isinstance(why, errors.NotVerified):
                why.receipt = values.receipt_of(raw)
            raise
    found = values.receipt_of(raw)
    if not found.passed:
        raise errors.Bug("the library accepted a receipt that did not pass")
    return found


def connect(
    url: str,
    policy: units.PathLike,
    home: Optional[units.PathLike] = None,
    *,
    progress: Optional[Progress] = None,
    library: Optional[binding.Library] = None,
) -> Node:
    """Connect to "https://HOST:PORT" and verify the node under the policy (a TOML file) before anything is sent.

    home      the folder of this party's key, datasets' keys and tree heads; None: $MESATEE_HOME, else ~/.config/mesatee
    progress  called with (what, bytes done, bytes in all) during transfers
    library   another client library than the package's

    NotVerified: the connection is closed, nothing was sent; its `verdict` says what differs.
    """
    address, rules = units.text("url", url), units.path("policy", policy)
    handle = Handle(home, library, progress)
    try:
        with handle.held() as h:
            h.check(h.library.policy_use(h.pointer, rules))
            try:
                h.check(h.library.connect(h.pointer, address))
            except errors.NotVerified as why:
                raw = h.library.verdict(h.pointer)
                why.verdict = values.verdict_of(raw.contents) if raw else None
                raise
    except BaseException:
        handle.close()
        raise
    return Node(handle, url)


def verify(
    receipt: Union[bytes, units.PathLike], policy: units.PathLike, *, library: Optional[binding.Library] = None
) -> Receipt:
    """Check a receipt (bytes, or the path of a file) under a policy. No network, no home folder.

    NotVerified when any check fails; its `receipt` has all parts. Compare what the receipt says (contract, function,
    tags of outputs) with what you mean: a valid receipt of another contract is valid, too.
    """
    rules = units.path("policy", policy)
    with _private_folder() as folder:
        handle = Handle(folder, library)
        try:
            with handle.held() as h:
                h.check(h.library.policy_use(h.pointer, rules))
            return _verify(handle, receipt)
        finally:
            handle.close()


def combine(
    ciphertext: units.PathLike,
    shares: Sequence[units.PathLike],
    format: Optional[Format] = None,
    *,
    library: Optional[binding.Library] = None,
) -> Result:
    """Open an output of several owners: the file of fetch_share(), and the shares of all. Needs no node.

    Or one that send() has sent: what was downloaded, and the keys of all its owners.

    With `format` the result is a file of that format, sealed for Teaclave.
    """
    paths = [units.path("a share", share) for share in _list("shares", shares, binding.SHARES_MAX)]
    sealed, wanted, formatted = units.path("ciphertext", ciphertext), _raw(format), binding.Formatted()
    with _private_folder() as folder:
        handle = Handle(folder / "home", library)
        try:
            out = folder / "output"
            with handle.held() as h:
                array = (ctypes.c_char_p * len(paths))(*paths)
                place = os.fsencode(out)
                h.check(
                    h.library.combine_as(
                        h.pointer, sealed, array, len(paths), place, wanted, ctypes.byref(formatted)
                    )
                )
            return _result(out.read_bytes(), formatted)
        finally:
            handle.close()
