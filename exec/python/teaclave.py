# Payloads of Teaclave's Python executor, MesaPy, which is Python 2.7: what docs/python.md promises of them. Facts: executor/src/mesapy.rs of
# Apache Teaclave 0.6. Their strings are bytes: here a str of one character a byte, in the source too, so that all of it is read as Latin-1.
# What Python 2 means otherwise, in the same words, is converted where that is exact (_Python2), and is an error that names its line elsewhere.
import ast
import io
import os
import re
import tokenize
import types

_TEACLAVE_RESULT_SIZE_MAX = 20480       # MAXPYBUFLEN


class _Str(str):
    """Python 2's str: text to whoever takes text, bytes to whoever takes bytes (marshal, struct, numpy.frombuffer)."""
    __slots__ = ("_bytes",)

    def __new__(cls, value=""):
        return str.__new__(cls, bytes(value).decode("latin-1") if isinstance(value, (bytes, bytearray, memoryview)) else value)

    def __buffer__(self, flags):
        """Always the same bytes: numpy.frombuffer asks twice, and keeps the second answer while it reads the first."""
        if not hasattr(self, "_bytes"):
            self._bytes = _raw(self)
        return memoryview(self._bytes)

    def __add__(self, other):
        return str.__add__(self, other) if type(other) is str else _Str(_raw(self) + _raw(other))

    def __radd__(self, other):
        return str.__add__(other, self) if type(other) is str else _Str(_raw(other) + _raw(self))

    def __iter__(self):
        return map(_wrapped, str.__iter__(self))

    def __repr__(self):
        return repr(_raw(self))[1:]

    def decode(self, encoding="ascii", errors="strict"):
        return _raw(self).decode(encoding, errors)

    def encode(self, encoding="ascii", errors="strict"):
        return _Str(self.decode().encode(encoding, errors))


def _raw(value):
    return str.encode(value, "latin-1") if isinstance(value, str) else value


def _wrapped(value):
    """What the library gave, as Python 2 would have: the common kinds first, a table is split into many of them."""
    kind = type(value)
    if kind is bytes:
        return str.__new__(_Str, value, "latin-1")
    if kind is str:
        return str.__new__(_Str, value)
    if kind in (list, tuple, set, frozenset):
        return kind([_wrapped(v) for v in value])
    return {_wrapped(k): _wrapped(v) for k, v in value.items()} if kind is dict else value


def _str_methods():
    """Give _Str its methods: those that know of letters and spaces by way of bytes, whose letters are ASCII, as Python 2's are."""
    def by_bytes(method):
        return lambda self, *given: _wrapped(method(_raw(self), *map(_raw, given)))

    def by_text(method):
        return lambda self, *given, **named: _wrapped(method(self, *given, **named))

    for name in ("capitalize center expandtabs isalnum isalpha isdigit islower isspace istitle isupper ljust lower lstrip partition replace rjust "
                 "rpartition rsplit rstrip split splitlines strip swapcase title translate upper zfill").split():
        setattr(_Str, name, by_bytes(getattr(bytes, name)))
    for name in "__getitem__ __mod__ __mul__ __rmul__ format join".split():
        setattr(_Str, name, by_text(getattr(str, name)))


_str_methods()


class _TeaclaveFile:
    """An input or output: bytes as _Str. Closing, seeking and the rest are those of the file below."""

    def __init__(self, path, mode):
        self._file = io.open(path, mode)

    def read(self, *size):
        return _wrapped(self._file.read(*size))

    def readline(self, *size):
        return _wrapped(self._file.readline(*size))

    def readlines(self, *hint):
        return _wrapped(self._file.readlines(*hint))

    def write(self, data):
        self._file.write(_raw(data))

    def writelines(self, lines):
        self._file.writelines(map(_raw, lines))

    def __iter__(self):
        return map(_wrapped, self._file)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self._file.close()

    def __getattr__(self, name):
        return getattr(self._file, name)


def _teaclave_error(text):
    error = RuntimeError(text)
    error.message = _Str(text)
    return error


def _teaclave_opener(outputs):
    def teaclave_open(name, mode):
        if mode not in ("rb", "wb"):
            raise _teaclave_error("Teaclave Not Supported")
        name = os.fsdecode(_raw(name))
        if name not in (os.listdir("/in") if mode == "rb" else outputs):
            raise _teaclave_error("fileio_init: teaclave_ffi_error")
        return _TeaclaveFile(("/in/" if mode == "rb" else "/out/") + name, mode)

    return teaclave_open


# ---- Python 2 ----

def _integral(value):
    return isinstance(value, int) or getattr(getattr(value, "dtype", None), "kind", "") in ("i", "u", "b")


def _divided(a, b):
    return a // b if _integral(a) and _integral(b) else a / b


class _Divisor:
    """The right side of `/=`: the left side's type does not know it, so Python asks here, and the left side is changed in place if it can be."""

    def __init__(self, value):
        self.value = value

    def __rtruediv__(self, left):
        if _integral(left) and _integral(self.value):
            left //= self.value
        else:
            left /= self.value
        return left

    def __array_ufunc__(self, ufunc, method, left, *right, **named):
        return self.__rtruediv__(left)          # numpy's way to ask


def _rounded(value, digits=0):
    from decimal import ROUND_HALF_UP, Decimal
    return float(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _list_of(function):
    return lambda *given: list(function(*given))


class _Python2(ast.NodeTransformer):
    """What Python 3 reads in the same words but otherwise."""

    def __init__(self, tree):
        future = {name.name for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__" for name in node.names}
        self.division, self.bytes = "division" not in future, "unicode_literals" not in future

    @staticmethod
    def call(name, *arguments):
        return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])

    def visit_BinOp(self, node):
        self.generic_visit(node)
        return self.call("_divided", node.left, node.right) if self.division and isinstance(node.op, ast.Div) else node

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if self.division and isinstance(node.op, ast.Div):
            node.value = self.call("_Divisor", node.value)
        return node

    def visit_Expr(self, node):
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_JoinedStr(self, node):
        return node

    def visit_Constant(self, node):
        if not isinstance(node.value, str):
            return node
        if self.bytes and node.kind != "u":
            return self.call("_Str", node)
        if not node.value.isascii():
            raise SyntaxError("a unicode literal beyond ASCII", ("main.py", node.lineno, node.col_offset + 1, None))
        return node

    def visit_ExceptHandler(self, node):
        """`except E, e:`, which since Python 3.14 means two classes. A tuple in parentheses ends behind its last element."""
        pair = node.type if isinstance(node.type, ast.Tuple) and len(node.type.elts) == 2 else None
        last = pair.elts[1] if pair else None
        if isinstance(last, ast.Name) and (last.end_lineno, last.end_col_offset) == (pair.end_lineno, pair.end_col_offset):
            node.type, node.name = pair.elts[0], last.id
        return self.generic_visit(node)


def _print_calls(source):
    """Every `print` as a call: in Python 2 it is a keyword, and what stands behind it is its tuple."""
    edits, depth, last = [], None, None
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if depth == 0 and (token.type in (tokenize.NEWLINE, tokenize.COMMENT, tokenize.ENDMARKER) or token.string == ";"):
            edits.append((last.end, ")"))
            depth = None
        if depth is not None:
            if last.string == "print" and token.string == ">>":
                raise SyntaxError("print >> file", ("main.py", token.start[0], token.start[1] + 1, token.line))
            depth += (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))
        elif token.type == tokenize.NAME and token.string == "print":
            edits.append((token.end, "("))
            depth = 0
        last = token
    lines = source.split("\n")
    for (row, column), text in reversed(edits):
        lines[row - 1] = lines[row - 1][:column] + text + lines[row - 1][column:]
    return "\n".join(lines)


def _python2_code(source):
    if not re.search(r"(?m)^from __future__ import .*\bprint_function\b", source):
        source = _print_calls(source)
    tree = ast.parse(source, "main.py")
    return compile(ast.fix_missing_locations(_Python2(tree).visit(tree)), "main.py", "exec", dont_inherit=True)


# ---- the payload ----

def _teaclave_source(path):
    """The source of a payload, or None: it is a function of our own form. The rule is in docs/python.md."""
    if not path.endswith(".py"):
        return None
    with io.open(path, "rb") as file:
        data = file.read()
    if b"entrypoint" not in data:
        return None
    source = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").replace("\r\n", "\n")
    ours = re.search(r"(?m)^def main *\([^,()]+,[^,()]+,[^,()]+\)", source)
    return source if re.search(r"(?m)^def entrypoint *\(", source) and not ours else None


def _module(name, contents):
    made = types.ModuleType(name)
    vars(made).update(contents)
    return made


def _module_of_bytes(name):
    """A module of the library whose functions give _Str where they give bytes."""
    def wrapping(function):
        return lambda *given, **named: _wrapped(function(*given, **named))

    functions = (types.FunctionType, types.BuiltinFunctionType)
    return _module(name, {k: wrapping(v) if isinstance(v, functions) else v for k, v in vars(__import__(name)).items()})


def _module_numpypy():
    import numpy
    return _module("_numpypy", {"multiarray": numpy, "umath": numpy})


def _teaclave_builtins(opener):
    """What the payload alone has: others go on with Python 3's."""
    import builtins
    from functools import partial, reduce
    offered = {name: partial(_module_of_bytes, name) for name in ("base64", "binascii", "marshal", "struct", "zlib")}
    offered |= {"teaclave": lambda: _module("teaclave", {"open": opener}), "_numpypy": _module_numpypy}

    def imported(name, *given, **named):
        top = name.partition(".")[0]
        return offered[top]() if top in offered else __import__(name, *given, **named)

    return vars(builtins) | {
        "__import__": imported, "teaclave_open": opener, "_divided": _divided, "_Divisor": _Divisor, "_Str": _Str, "str": _Str, "bytes": _Str,
        "unicode": str, "basestring": str, "unichr": chr, "chr": lambda code: _Str(bytes([code])), "long": int, "xrange": range, "reduce": reduce,
        "range": _list_of(range), "map": _list_of(map), "filter": _list_of(filter), "zip": _list_of(zip), "round": _rounded}


def _teaclave_run(source, arguments, outputs):
    """Call entrypoint(); its result goes to the output of that name, unless the payload wrote that one itself."""
    world = {"__name__": "__builtin__", "__builtins__": _teaclave_builtins(_teaclave_opener(outputs))}
    exec(_python2_code(source), world)
    result = world["entrypoint"]([_Str(os.fsencode(a)) for a in arguments])
    result = b"" if result is None else bytes(_raw(result)) if isinstance(result, (str, bytes)) else None
    if result is None:
        raise TypeError("entrypoint() returns a str or None")
    if len(result) > _TEACLAVE_RESULT_SIZE_MAX:
        raise ValueError("MESAPY_ERROR_BUFFER_TOO_SHORT")
    if "result" in outputs and "result" not in os.listdir("/out"):
        with io.open("/out/result", "wb") as file:
            file.write(result)
