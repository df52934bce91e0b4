"""
Functions in Python against the native CPython that runs this: start and imports, and kernels.py. `alone` is the same interpreter by a worker
whose host answers nothing (bench/host_none.c): what exec/python/host.h brings.
"""
import subprocess
import sys
import tempfile
import time
from typing import Callable

from figures import TRY, Row, said

ALONE = "build/release/bench/try_alone"
KERNELS = "bench/functions/kernels.py"
STARTS = {"bare": "pass", "numpy": "import numpy", "pandas": "import pandas", "scikit-learn": "import sklearn.linear_model"}
ROUNDS = 3


def function(program: str, source: str, folder: str) -> str:
    said(program, "-p", "build/third/lib", "-o", f"o={folder}/o", source)
    with open(f"{folder}/o", encoding="utf-8") as file:
        return file.read()


def wall_ms(run: Callable) -> float:
    begin = time.monotonic()
    run()
    return (time.monotonic() - begin) * 1e3


def starts(peers: bool) -> list[Row]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, source in STARTS.items():
            with open(f"{folder}/function", "w", encoding="utf-8") as file:
                file.write(source)
            ours = min(wall_ms(lambda: function(TRY, f"{folder}/function", folder)) for _ in range(ROUNDS))
            theirs = peers and min(wall_ms(lambda: subprocess.run([sys.executable, "-c", source], check=True)) for _ in range(ROUNDS))
            found.append(Row(f"Python, a new process: {name}", ours, "ms", version() if peers else "", theirs or None))
    return found


def version() -> str:
    return "CPython {}.{}".format(*sys.version_info)


def times(text: str) -> dict[str, float]:
    return {what: float(ms) for what, ms in (line.split("|") for line in text.splitlines())}


def kernels(peers: bool) -> list[Row]:
    ours, alone, theirs = {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for best, text in ((ours, function(TRY, KERNELS, folder)), (alone, function(ALONE, KERNELS, folder)),
                               (theirs, said(sys.executable, KERNELS) if peers else "")):
                for what, ms in times(text).items():
                    best[what] = min(ms, best.get(what, ms))
    found = []
    for what, ms in ours.items():
        found.append(Row(f"Python: {what}", ms, "ms", version() if peers else "", theirs.get(what)))
        if alone[what] > 1.2 * ms:
            found.append(Row("    against a host that answers nothing", ms, "ms", "the same, alone", alone[what]))
    return found


def rows(peers: bool = True) -> list[Row]:
    return starts(peers) + kernels(peers)


def alone() -> list[Row]:
    return rows(peers=False)
