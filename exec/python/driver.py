def _mesatee(arguments, outputs):
    """Run the function: /function/main.py or /function/function.zip. Returns its exit code. Names and arguments come as hex."""
    import os
    import runpy
    import sys
    import traceback

    def text(hexadecimal):
        return os.fsdecode(bytes.fromhex(hexadecimal))

    arguments = [text(a) for a in arguments]
    path = "/function/" + os.listdir("/function")[0]
    sys.argv = [path] + arguments
    try:
        payload = _teaclave_source(path)
        if payload is not None:
            _teaclave_run(payload, arguments, [text(o) for o in outputs])
            return 0
        left = runpy.run_path(path, run_name="__main__")
        main = left.get("main")
        if callable(main) and getattr(getattr(main, "__code__", None), "co_argcount", 0) == 3:
            inputs = {name: "/in/" + name for name in os.listdir("/in")}
            main(inputs, {text(o): "/out/" + text(o) for o in outputs}, arguments)
        return 0
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 255
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1


def _mesatee_end(code):
    """The interpreter's own end flushes what a function left open; this is what is left of it before an exit."""
    import atexit
    import gc
    import io
    import os
    import sys

    atexit._run_exitfuncs()
    for left in gc.get_objects():
        if issubclass(type(left), (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)):
            try:
                left.flush()
            except Exception:
                pass
    gc.collect()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class _MesateeModules:
    """Finds and loads what functions import of ours, after everything else. The build puts their sources into _mesatee_modules."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        from importlib.machinery import ModuleSpec
        return ModuleSpec(name, _MesateeModules) if name in _mesatee_modules else None

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        exec(compile(_mesatee_modules[module.__name__], module.__name__ + ".py", "exec", dont_inherit=True), vars(module))

    @staticmethod
    def get_source(name):
        """For tracebacks."""
        return _mesatee_modules[name]


def _mesatee_warm(packages):
    """Before the first copy: import what functions ask for, and find whatever makes random numbers."""
    import atexit, pkgutil  # the end does; runpy does, when it runs something
    import gc
    import random

    global _mesatee_seeded, _mesatee_drawn
    seeded, drawn = (random.Random,), ()
    if packages:
        import mesatee_arrow, mesatee_arrow_write
        import numpy
        import pandas
        import scipy.stats
        import sklearn.cluster, sklearn.compose, sklearn.decomposition, sklearn.ensemble, sklearn.impute, sklearn.linear_model
        import sklearn.metrics, sklearn.model_selection, sklearn.naive_bayes, sklearn.neighbors, sklearn.pipeline
        import sklearn.preprocessing, sklearn.svm, sklearn.tree

        seeded, drawn = seeded + (numpy.random.RandomState,), (numpy.random.BitGenerator,)
    gc.collect()
    _mesatee_seeded = [o for o in gc.get_objects() if issubclass(type(o), seeded)]
    _mesatee_drawn = [o for o in gc.get_objects() if issubclass(type(o), drawn)]
    gc.freeze()  # a collection writes to all that it looks at, and each copy would then have its own


def _mesatee_apart():
    """In each copy, before its task: no random number that another one has, too; and what a task needs in memory of its own by then."""
    import gc
    import os
    import runpy
    import sys

    for generator in _mesatee_seeded:
        generator.seed()
    for generator in _mesatee_drawn:
        generator.state = type(generator)().state
    for folder in ("/in", "/out", "/function"):
        os.listdir(folder)
    source = "import os, sys\ndef main(inputs, outputs, args):\n    return [str(i) for i in range(3)] + sorted({**inputs, 'a': 1})\nmain({}, {}, [])\n"
    runpy._run_module_code(compile(source, "rehearsal", "exec"), None, "__main__", script_name="rehearsal")
    gc.get_objects()
    gc.collect()
    sys.stdout.flush()
