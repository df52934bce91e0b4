#!/usr/bin/env python3
"""Arrow IPC by its own implementation, pyarrow, on the other side of exec/python/mesatee_arrow.py.

    arrow.py make FOLDER        what test/builtin/test_arrow reads: files, and in values.json what is in them
    arrow.py check TRY FOLDER   both ways against the module in the real worker, and files with damage: whoever takes one, takes the same. TRY is
                                test/builtin/try.c's program, FOLDER the interpreter's. Ends like every test
"""
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import zipfile

import pyarrow as pa
import pyarrow.ipc as ipc

ROWS = 19
CODES = pa.dictionary(pa.int8(), pa.string())


def holes(values):
    return [None if i % 5 == 3 else v for i, v in enumerate(values)]


def column(values, type):
    """Of whole numbers for what is a number on disk."""
    if pa.types.is_temporal(type):
        return pa.array(values, pa.int32() if type.bit_width == 32 else pa.int64()).cast(type)
    return pa.array(values, type)


def all_types():
    limits = {t: (-2**(t.bit_width - 1), 2**(t.bit_width - 1) - 1) for t in (pa.int8(), pa.int16(), pa.int32(), pa.int64())}
    limits |= {t: (0, 2**t.bit_width - 1) for t in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())}
    wanted = {str(t): (t, [low, high, *range(ROWS - 2)]) for t, (low, high) in limits.items()}
    wanted |= {str(t): (t, [-0.5, float("inf"), float("nan"), *(i / 4 for i in range(ROWS - 3))]) for t in (pa.float16(), pa.float32(), pa.float64())}
    numbers = [-1, 2**31 - 1, *range(ROWS - 2)]
    for t in (pa.date32(), pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("us", tz="Europe/Berlin"), pa.timestamp("ns"), pa.duration("s"),
              pa.duration("ms"), pa.duration("us"), pa.duration("ns")):
        wanted[str(t)] = t, numbers
    wanted["date64"] = pa.date64(), [i * 86400000 for i in range(-1, ROWS - 1)]
    for t in (pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")):
        wanted[str(t)] = t, [0, 86399, *range(ROWS - 2)]
    texts = ["", "ä", "a\0b", "\U0001f600" * 3, *(f"text {i}" for i in range(ROWS - 4))]
    for t in (pa.string(), pa.large_string()):
        wanted[str(t)] = t, texts
        wanted[f"{t}, ascii"] = t, [f"{i}" * (i % 4) for i in range(ROWS)]
    for t in (pa.binary(), pa.large_binary()):
        wanted[str(t)] = t, [b"", b"\xff\0", *(bytes([i] * i) for i in range(ROWS - 2))]
    wanted["binary[3]"] = pa.binary(3), [bytes([i, 0, 0]) for i in range(ROWS)]
    wanted["bool"] = pa.bool_(), [i % 3 == 0 for i in range(ROWS)]
    wanted["codes"] = CODES, [f"v{i % 4}" for i in range(ROWS)]
    wanted["wide codes"] = pa.dictionary(pa.uint32(), pa.int16(), ordered=True), [i % 3 - 1 for i in range(ROWS)]
    table = {}
    for name, (t, values) in wanted.items():
        table[name] = column(values, t)
        table[name + ", holes"] = column(holes(values), t)
    return pa.table(table | {"null": pa.nulls(ROWS), "none of them": pa.array([None] * ROWS, pa.int32())})


def written(batches, schema, stream=False, **options):
    space = io.BytesIO()
    with (ipc.new_stream if stream else ipc.new_file)(space, schema, options=ipc.IpcWriteOptions(**options)) as writer:
        for batch in batches:
            writer.write(batch)
    return space.getvalue()


def coded(*parts):
    """Batches whose dictionaries are as given: pairs of codes and values."""
    return [pa.record_batch({"c": pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(values))}) for codes, values in parts]


def good():
    table = all_types()
    parts, one = table.to_batches(max_chunksize=8), pa.schema([("c", CODES)])
    grown = coded(([0, 1, None], ["a", "b"]), ([2, 0], ["a", "b", "c"]), ([3], ["a", "b", "c", "d"]))
    changed = coded(([0, 1], ["a", "b"]), ([0, 1, None], ["b", "ä"]))
    some = pa.table({"a": pa.array([1, None, 3]), "b": ["x", "y", None]})
    return {
        "types.arrow": written(parts, table.schema), "types.arrows": written(parts, table.schema, True),
        "older.arrows": written(parts, table.schema, True, metadata_version=ipc.MetadataVersion.V4, use_legacy_format=True),
        "grown.arrow": written(grown, one, emit_dictionary_deltas=True), "grown.arrows": written(grown, one, True, emit_dictionary_deltas=True),
        "changed.arrows": written(changed, one, True), "none.arrow": written([], table.schema), "none.arrows": written([], table.schema, True),
        "no_rows.arrows": written(some.slice(0, 0).to_batches() or [pa.RecordBatch.from_pylist([], some.schema)], some.schema, True),
        "some.arrow": written(some.to_batches(), some.schema), "no_columns.arrow": written([], pa.schema([])),
        "cut_out.arrow": written([b.slice(3, 5) for b in parts[:2]], table.schema),
    }


def refused():
    """Each with the words that the refusal has."""
    found = {}
    for name, t, value, words in (
            ("list", pa.list_(pa.int32()), [1], "list"), ("large_list", pa.large_list(pa.int32()), [1], "large_list"),
            ("fixed_size_list", pa.list_(pa.int32(), 2), [1, 2], "fixed_size_list"), ("struct", pa.struct([("x", pa.int8())]), {"x": 1}, "struct"),
            ("map", pa.map_(pa.string(), pa.int8()), [("k", 1)], "map"), ("decimal", pa.decimal128(9, 2), 1, "decimal"),
            ("interval", pa.month_day_nano_interval(), (1, 2, 3), "interval"), ("string_view", pa.string_view(), "x", "string_view"),
            ("binary_view", pa.binary_view(), b"x", "binary_view"), ("list_view", pa.list_view(pa.int8()), [1], "list_view"),
            ("run_end_encoded", pa.run_end_encoded(pa.int32(), pa.int8()), 1, "run_end_encoded"), ("binary_0", pa.binary(0), b"", "fixed_size_binary"),
            ("coded_list", pa.dictionary(pa.int8(), pa.list_(pa.int8())), None, "list")):
        array = pa.array([value, None], t) if name != "coded_list" else pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), pa.array([[1]]))
        found[name] = written([pa.record_batch({"the column": array})], pa.schema([("the column", array.type)])), f"'the column': {words} "
    union = pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["x", "y"])])
    found["union"] = written([pa.record_batch({"the column": union})], pa.schema([("the column", union.type)])), "'the column': union "
    plain = pa.record_batch({"the column": pa.array(range(100))})
    for codec in ("lz4", "zstd"):
        found[codec] = written([plain], plain.schema, compression=codec), "compressed bodies (lz4, zstd) "
    twice = pa.record_batch([pa.array([1]), pa.array([2])], names=["a", "a"])
    found["twice"] = written([twice], twice.schema), "two columns are called 'a'"
    return found


def plain(array):
    """A column as JSON can say it: numbers on disk as such, bytes as hex, decoded texts, None."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_temporal(array.type):
        array = array.cast(pa.int32() if array.type.bit_width == 32 else pa.int64())
    values = array.to_pylist()
    return [v.hex() if isinstance(v, bytes) else repr(float(v)) if pa.types.is_floating(array.type) and v is not None else v for v in values]


def described(table):
    return [[f.name, str(f.type), f.nullable, plain(table[i].combine_chunks() if table[i].num_chunks else pa.array([], f.type))]
            for i, f in enumerate(table.schema)]


def opened(data):
    table = (ipc.open_file if data[:6] == b"ARROW1" else ipc.open_stream)(data).read_all()
    table.validate(full=True)
    return table


def make(folder):
    values = {}
    for name, data in good().items():
        values[name] = described(opened(data))
        with open(f"{folder}/{name}", "wb") as file:
            file.write(data)
    for name, (data, words) in refused().items():
        values[f"refused_{name}"] = words
        with open(f"{folder}/refused_{name}", "wb") as file:
            file.write(data)
    with open(f"{folder}/values.json", "w", encoding="utf-8") as file:
        json.dump({"pyarrow": pa.__version__, "files": values}, file, separators=(",", ":"))


# ---- against each other ----

# Reads each file of a zip and says what is in it, or None; and writes each table again, in both formats.
FUNCTION = """
import io, json, sys, zipfile
import mesatee_arrow
sys.path.insert(0, "/function/function.zip")
from plainly import described

def main(inputs, outputs, args):
    said, again = {}, zipfile.ZipFile(outputs["again"], "w")
    for name in (files := zipfile.ZipFile(inputs["files"])).namelist():
        try:
            whole = mesatee_arrow.read(io.BytesIO(files.read(name)))
            said[name] = described(mesatee_arrow.fields(io.BytesIO(files.read(name))), whole)
        except ValueError as why:
            said[name] = str(why)
            continue
        for stream in (False, True) if args == ["again"] else ():
            space = io.BytesIO()
            mesatee_arrow.write(space, whole, stream=stream)
            again.writestr(f"{name}.{int(stream)}", space.getvalue())
    again.close()
    json.dump(said, open(outputs["said"], "w"))
"""
PLAINLY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "builtin", "plainly.py")


def zipped(files):
    space = io.BytesIO()
    with zipfile.ZipFile(space, "w") as whole:
        for name, content in files.items():
            whole.writestr(name, content)
    return space.getvalue()


def by_worker(program, folder, files, *arguments):
    with tempfile.TemporaryDirectory() as work, open(PLAINLY, encoding="utf-8") as plainly:
        for name, content in (("files", zipped(files)), ("function", zipped({"__main__.py": FUNCTION, "plainly.py": plainly.read()}))):
            with open(f"{work}/{name}", "wb") as file:
                file.write(content)
        subprocess.run([program, "-p", folder, "-m", "1024", "-i", f"files={work}/files", "-o", f"said={work}/said", "-o", f"again={work}/again",
                        f"{work}/function", *arguments], check=True, timeout=600)
        with open(f"{work}/said", encoding="utf-8") as file, zipfile.ZipFile(f"{work}/again") as again:
            return json.load(file), {name: again.read(name) for name in again.namelist()}


def damaged(count):
    dice, sources = random.Random(1), [d for n, d in good().items() if len(d) < 60000]
    for i in range(count):
        data = bytearray(dice.choice(sources))
        at = dice.randrange(len(data))
        for _ in range(dice.choice((1, 1, 2, 4))):
            data[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, data[at] ^ 1 << dice.randrange(8)))
            at = dice.randrange(len(data))
        yield f"{i}", bytes(data)


def by_pyarrow(data):
    try:
        return described(opened(data))
    except Exception:
        return None


def check(program, folder):
    passed = failed = 0

    def hold(good, what):
        nonlocal passed, failed
        passed, failed = passed + bool(good), failed + (not good)
        if not good:
            print(f"{what}: FAILED")

    files = good()
    said, again = by_worker(program, folder, files, "again")
    for name, data in files.items():
        want = described(opened(data))
        hold(said[name] == want, f"{name}: as pyarrow reads it")
        for form in ("0", "1"):
            back = described(opened(again[f"{name}.{form}"]))
            hold([c[::3] for c in back] == [c[::3] for c in want], f"{name}: written in format {form}")
    hurt = dict(damaged(3000))
    said, _ = by_worker(program, folder, hurt)
    both = 0
    for name, data in hurt.items():
        if isinstance(said[name], list):
            want = by_pyarrow(data)
            both += want is not None
            hold(want is None or want == said[name], f"damage {name}: read otherwise")
    hold(both > 100, f"damage that both take: {both}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(make(sys.argv[2]) if sys.argv[1] == "make" else check(*sys.argv[2:]))
