"""What can go wrong, by what the caller can do about it: an exception for each value of `enum mesatee_err`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from .values import Receipt, RunState, Verdict


class Error(Exception):
    """The base of all. `text` says what failed and why, `help` what to do (may be empty), `code` is the C number."""

    code = 0

    def __init__(self, text: str, help: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.help = help

    def __str__(self) -> str:
        return f"{self.text}\nhelp: {self.help}" if self.help else self.text


class Failed(Error):
    """This machine failed: a file, memory."""

    code = 1


class RunFailed(Failed):
    """The run failed or was cancelled; `run` says how it ended. Its receipt says the same, signed."""

    run: Optional["RunState"] = None


class Usage(Error, ValueError):
    """The call makes no sense: an argument."""

    code = 2


class NotFound(Error):
    """There is no such thing."""

    code = 3


class Refused(Error):
    """The node, the policy, or what an approval demands, refuses it."""

    code = 4


class NotVerified(Error):
    """Evidence, ledger, receipt or data are not what they must be. Never the same as unreachable.

    `verdict` (of a connection) or `receipt` (of a check) has every part, those that failed among them.
    """

    code = 5
    verdict: Optional["Verdict"] = None
    receipt: Optional["Receipt"] = None


class Unreachable(Error):
    """No connection, or no answer in time."""

    code = 6


class TimedOut(Unreachable):
    """The run has not ended within the timeout. It goes on."""


class NotReady(Error):
    """The node is starting, stopping or full: later."""

    code = 7


class Conflict(Error):
    """Not in this state, or there already."""

    code = 8


class Bug(Error):
    """A fault of MesaTEE's own: the node called our message malformed."""

    code = 70


_BY_CODE = {
    kind.code: kind for kind in (Failed, Usage, NotFound, Refused, NotVerified, Unreachable, NotReady, Conflict, Bug)
}


def of_code(code: int, text: str, help: str) -> Error:
    """The exception for a code of the C library; an unknown one is a Bug."""
    return _BY_CODE.get(code, Bug)(text, help)
