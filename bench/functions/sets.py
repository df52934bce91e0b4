"""Private intersection from encrypted files: bench/psi.c measures, in one process with its anchor."""
from figures import Row, said


def rows() -> list[Row]:
    found = []
    for line in said("build/release/bench/psi").splitlines():
        what, ours, anchor, limit, unit, peer, note = line.split("|")
        found.append(Row(what, float(ours), unit, peer, float(anchor), float(limit) or None, note))
    return found
