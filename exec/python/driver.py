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
