"""
bench/functions: what the functions that come with MesaTEE and functions in Python do, against others in the same run; from the top of the tree,
by `make bench-functions`. The others (peers.txt) are installed into build/peers; where that fails, our figures stand alone.
A missed budget is a figure, not a failure.
"""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
PEERS, LIST = "build/peers", "bench/functions/peers.txt"


def installed() -> bool:
    """Whether build/peers holds what the list says; a copy of the list is left there when it does."""
    kept = f"{PEERS}/list"
    with open(LIST, encoding="utf-8") as file:
        want = file.read()
    if os.path.exists(kept):
        with open(kept, encoding="utf-8") as file:
            if file.read() == want:
                return True
    for command in ([sys.executable, "-m", "venv", PEERS], [f"{PEERS}/bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", LIST]):
        print("bench-functions:", " ".join(command), flush=True)
        if subprocess.run(command, check=False).returncode:
            return False
    with open(kept, "w", encoding="utf-8") as file:
        file.write(want)
    return True


def figures(peers: bool) -> None:
    import inference
    import interpreter
    import learning
    import sets
    from figures import HEAD, show
    rows = []
    for name, part in (("sets", sets.rows), ("learning", learning.rows if peers else learning.alone),
                       ("inference", inference.rows if peers else inference.alone), ("Python", interpreter.rows if peers else interpreter.alone)):
        print(f"== {name}", flush=True)
        rows += show(part())
    print("== all", HEAD, sep="\n")
    show(rows)


def main() -> None:
    if sys.argv[1:] == ["with-peers"]:
        figures(True)
    elif installed():
        one = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
        os.execve(f"{PEERS}/bin/python", [f"{PEERS}/bin/python", os.path.dirname(__file__), "with-peers"], one)
    else:
        print("bench-functions: nobody to compare with (no network?): our figures alone")
        figures(False)


main()
