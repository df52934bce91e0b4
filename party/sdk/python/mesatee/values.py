"""What the library answers, as values that do not change. Ids, hashes and tags are text of 64 hex digits."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, List, Optional, Sequence, Tuple

from . import binding, units


def _text(raw: Optional[bytes]) -> str:
    return (raw or b"").decode("utf-8", "replace")


def _table(title: str, rows: Sequence[Sequence[str]]) -> str:
    """A small table for notebooks. Everything in it is escaped: some of it is from the node or other parties."""
    lines = (
        "<tr>" + "".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<b>{html.escape(title)}</b><table>{''.join(lines)}</table>"


@dataclass(frozen=True)
class Part:
    """One checked part of a verdict or a receipt: what it is, what it must be, who vouches for what it is."""

    name: str
    passed: bool
    have: str
    want: str
    vouched_by: str


def _parts(raw: Any) -> Tuple[Part, ...]:
    return tuple(
        Part(_text(p.name), p.passed, _text(p.have), _text(p.want), _text(p.vouched_by))
        for p in raw.part[: raw.part_count]
    )


def _part_rows(parts: Sequence[Part]) -> List[List[str]]:
    return [
        [
            "ok" if p.passed else "FAILED",
            p.name,
            p.have if p.passed else f"{p.have or 'missing'}, must be {p.want}",
            p.vouched_by,
        ]
        for p in parts
    ]


@dataclass(frozen=True, repr=False)
class Verdict:
    """The appraisal of a node's evidence. The level (1 to 5; 0: nothing) is computed, never told by the node."""

    passed: bool
    level: int
    level_name: str
    protects: str  # against what
    limits: str  # against what not
    root: str  # ids; empty when not established
    log_id: str
    engine: str
    rollback_by_clients: bool  # rollback across restarts is found by clients only
    log_size: int  # entries, of the newest tree head that was verified
    parts: Tuple[Part, ...]

    @property
    def failed(self) -> Tuple[Part, ...]:
        """The parts that fall short."""
        return tuple(part for part in self.parts if not part.passed)

    def __repr__(self) -> str:
        said = "passed" if self.passed else "FAILED"
        return f"<Verdict {said}: level {self.level} ({self.level_name}), {len(self.parts)} parts>"

    def _repr_html_(self) -> str:
        head = [["protects against", self.protects], ["not against", self.limits]]
        return _table(repr(self)[1:-1], head) + _table("parts", _part_rows(self.parts))


def verdict_of(raw: binding.Verdict) -> Verdict:
    return Verdict(
        raw.passed,
        raw.level,
        _text(raw.level_name),
        _text(raw.protects),
        _text(raw.limits),
        _text(raw.root),
        _text(raw.log_id),
        _text(raw.engine),
        raw.rollback_by_clients,
        raw.log_size,
        _parts(raw),
    )


@dataclass(frozen=True)
class Dataset:
    """A dataset of this party's. Its key lies in the home folder; the node has ciphertext."""

    tag: str

    def __repr__(self) -> str:
        return f"<Dataset {self.tag}>"


@dataclass(frozen=True)
class Function:
    """A function that the node has; its hash is the SHA-256 of the module or source."""

    hash: str
    name: str = ""

    def __repr__(self) -> str:
        return f"<Function {self.name} {self.hash}>"


@dataclass(frozen=True)
class Input:
    """An input of a contract: the function sees it as /in/NAME."""

    name: str
    owner: str
    tag: str


@dataclass(frozen=True)
class Output:
    """An output of a contract, for its owners: one alone, or several only all together.

    Guards: at most `size` bytes (a number, or text like "64M"); at least `rows` lines (0: no such guard).
    """

    owners: Tuple[str, ...]
    size: units.Size = "64M"
    rows: int = 0
    name: str = ""  # filled in where a contract is read


@dataclass(frozen=True)
class Terms:
    """What a contract says. Parties are ids; memory in bytes, expiry in Unix seconds."""

    function: str
    arguments: Tuple[str, ...]
    inputs: Tuple[Input, ...]
    outputs: Tuple[Output, ...]
    participants: Tuple[str, ...]
    memory: int
    wall_ms: int
    runs: int
    expiry: int
    deterministic: bool
    level: int
    log_id: str
    executor: str
    policy: str


def terms_of(raw: binding.Terms) -> Terms:
    inputs = tuple(Input(_text(i.name), _text(i.owner), _text(i.tag)) for i in raw.input[: raw.input_count])
    outputs = tuple(
        Output(tuple(map(_text, o.owner[: o.owner_count])), o.size_max, o.rows_min, _text(o.name))
        for o in raw.output[: raw.output_count]
    )
    return Terms(
        _text(raw.function),
        tuple(map(_text, raw.argument[: raw.argument_count])),
        inputs,
        outputs,
        tuple(map(_text, raw.participant[: raw.participant_count])),
        raw.memory_max,
        raw.wall_ms,
        raw.runs,
        raw.expiry,
        raw.deterministic,
        raw.level_min,
        _text(raw.log_id),
        _text(raw.executor),
        _text(raw.policy),
    )


def terms_rows(terms: Terms, party: Callable[[str], str], own_policy: str) -> List[List[str]]:
    """A contract for reading, line by line. Arguments are shown with everything escaped that could steer a screen."""
    rows = [["function", terms.function]]
    if terms.arguments:
        rows.append(["arguments", " ".join(map(json.dumps, terms.arguments))])
    rows += [[f"input /in/{i.name}", f"of {party(i.owner)}, dataset {i.tag}"] for i in terms.inputs]
    for o in terms.outputs:
        guard = f"at most {units.shown_size(int(o.size))}" + (f", at least {o.rows} lines" if o.rows else "")
        together = ", only all together" if len(o.owners) > 1 else ""
        rows.append([f"output /out/{o.name}", f"to {' and '.join(map(party, o.owners))}{together}; {guard}"])
    until = datetime.fromtimestamp(min(terms.expiry, 253402300799), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows += [
        ["all must approve", ", ".join(map(party, terms.participants))],
        [
            "limits",
            f"{units.shown_size(terms.memory)} memory, {terms.wall_ms} ms, {terms.runs} run(s), until {until}"
            + ", deterministic" * terms.deterministic,
        ],
        ["level", f"at least {terms.level}"],
        ["policy", f"{terms.policy}: {'yours' if terms.policy == own_policy else 'NOT yours'}"],
        ["executor", terms.executor],
        ["ledger", terms.log_id],
    ]
    return rows


@dataclass(frozen=True)
class RunState:
    """How a run stands: running, finished, failed or cancelled; and why. Times are Unix ms, memory_peak is bytes."""

    run: int
    state: str
    cause: str
    exit_code: int
    started_ms: int
    ended_ms: int
    wall_ms: int
    cpu_us: int
    memory_peak: int


def run_of(raw: binding.Run) -> RunState:
    return RunState(
        raw.run,
        _text(raw.state),
        _text(raw.cause),
        raw.exit_code,
        raw.started_ms,
        raw.ended_ms,
        raw.wall_ms,
        raw.cpu_us,
        raw.memory_peak,
    )


@dataclass(frozen=True)
class Task:
    """A contract as the node has it: its state, who approved it, its last run. The node's word, unlike a receipt."""

    contract: str
    function: str
    state: str
    created_ms: int
    expiry: int
    runs_used: int
    runs: int
    approvals: Tuple[Tuple[str, bool], ...]  # party's id, approved
    last: Optional[RunState]


def task_of(raw: binding.Task) -> Task:
    approvals = tuple((_text(a.party), a.approved) for a in raw.approval[: raw.approval_count])
    return Task(
        _text(raw.contract),
        _text(raw.function),
        _text(raw.state),
        raw.created_ms,
        raw.expiry,
        raw.runs_used,
        raw.runs,
        approvals,
        run_of(raw.last) if raw.last.run else None,
    )


class Result(bytes):
    """The content of an output, opened; `tag` is the name that the run's receipt gives it.

    Where a Format was asked for it is a file of that format; `cmac` and `iv` are what Teaclave must be told of it.
    """

    tag: str = ""
    cmac: str = ""
    iv: str = ""


@dataclass(frozen=True)
class Format:
    """An encrypted format of Apache Teaclave: "aes-gcm-128", "aes-gcm-256" or "teaclave-file-128" (docs/teaclave.md).

    key_file   16 or 32 bytes, or their hex digits
    iv, cmac   of a file that is put, in hex digits: aes-gcm's nonce; which file it must be (None: any)
    name       what a teaclave-file-128 is stored under; None: the last part of its path
    """

    format: str
    key_file: units.PathLike
    iv: Optional[str] = None
    cmac: Optional[str] = None
    name: Optional[str] = None

    def raw(self) -> binding.Format:
        """For C."""

        def optional(what: str, value: Optional[str]) -> Optional[bytes]:
            return None if value is None else units.text(what, value)

        return binding.Format(
            format=units.text("format", self.format),
            key_file=units.path("key_file", self.key_file),
            iv=optional("iv", self.iv),
            cmac=optional("cmac", self.cmac),
            name=optional("name", self.name),
        )


@dataclass(frozen=True)
class ReceiptOutput:
    """An output as a receipt names it; size in bytes."""

    name: str
    tag: str
    size: int


@dataclass(frozen=True, repr=False)
class Receipt:
    """What a receipt says, and every check that was made of it. mesatee.verify() returns it only when all passed.

    Times are Unix milliseconds; memory_peak, bytes_in and bytes_out are bytes; run counts from 1; index and log_size are
    of the ledger.
    """

    passed: bool
    level: int
    level_name: str
    contract: str
    function: str
    log_id: str
    run: int
    index: int
    log_size: int
    outcome: str  # finished, failed, cancelled
    cause: str
    exit_code: int
    started_ms: int
    ended_ms: int
    wall_ms: int
    cpu_us: int
    memory_peak: int
    bytes_in: int
    bytes_out: int
    outputs: Tuple[ReceiptOutput, ...]
    parts: Tuple[Part, ...]

    def output(self, name: str) -> ReceiptOutput:
        """The output of that name; KeyError when there is none."""
        for output in self.outputs:
            if output.name == name:
                return output
        raise KeyError(name)

    def __repr__(self) -> str:
        said = "verified" if self.passed else "NOT VERIFIED"
        what = f"run {self.run} {self.outcome}, level {self.level} ({self.level_name}), contract {self.contract}"
        return f"<Receipt {said}: {what}>"

    def _repr_html_(self) -> str:
        return _table(repr(self)[1:-1], _part_rows(self.parts))


def receipt_of(raw: binding.Receipt) -> Receipt:
    outputs = tuple(ReceiptOutput(_text(o.name), _text(o.tag), o.size) for o in raw.output[: raw.output_count])
    return Receipt(
        raw.passed,
        raw.level,
        _text(raw.level_name),
        _text(raw.contract),
        _text(raw.function),
        _text(raw.log_id),
        raw.run,
        raw.index,
        raw.log_size,
        _text(raw.outcome),
        _text(raw.cause),
        raw.exit_code,
        raw.started_ms,
        raw.ended_ms,
        raw.wall_ms,
        raw.cpu_us,
        raw.memory_peak,
        raw.bytes_in,
        raw.bytes_out,
        outputs,
        _parts(raw),
    )


def show_rows(title: str, rows: Sequence[Sequence[str]]) -> str:
    """Rows as lines of text."""
    width = max(len(row[0]) for row in rows)
    return "\n".join([title, *(f"  {row[0]:<{width}}  {row[1]}" for row in rows)])


def show_html(title: str, rows: Sequence[Sequence[str]]) -> str:
    """Rows as a small table."""
    return _table(title, rows)
