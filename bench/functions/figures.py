"""A figure of ours with what it is held against, and the table of all."""
import resource
import subprocess
from dataclasses import dataclass

TRY = "build/release/test/try"          # one function by the node's own workers, on files


@dataclass
class Row:
    """Less is better, for every unit. `limit` is the budget of DESIGN 13 in the same unit."""
    what: str
    ours: float
    unit: str
    peer: str = ""
    theirs: float | None = None
    limit: float | None = None
    note: str = ""

    def __str__(self) -> str:
        ratio = f"{self.ours / self.theirs:6.2f}" if self.theirs else " " * 6
        theirs = f"{self.theirs:10.3f}" if self.theirs else " " * 10
        budget = " " * 14 if self.limit is None else f"{self.limit:9.3f}{'     ' if self.ours <= self.limit else ' OVER'}"
        return f"{self.what:<46}{self.ours:10.3f} {self.unit:<4}{theirs} {ratio}  {self.peer:<27}{budget} {self.note}".rstrip()


HEAD = f"{'':<46}{'ours':>10} {'':<4}{'theirs':>10} {'ratio':>6}  {'theirs is':<27}{'budget':>9}"


def cpu_ms(*command: str) -> float:
    """Milliseconds of processor time that a command and its children take."""
    def used() -> float:
        of = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (of.ru_utime + of.ru_stime) * 1e3
    before = used()
    subprocess.run(command, check=True)
    return used() - before


def said(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def show(rows: list[Row]) -> list[Row]:
    for row in rows:
        print(row, flush=True)
    return rows
