"""
The writing half of mesatee_arrow, and its way to and from pandas. Metadata is V5; nothing is compressed.
"""
import struct
from collections import namedtuple

import numpy as np

from mesatee_arrow import _BATCH, _DICTIONARY, _GOES_ON, _KINDS, _MAGIC, _SCHEMA, _UNITS, Coded, _array, _begins, _opened, _wrong

_ROWS = 1 << 18                         # of one batch


# ---- FlatBuffers, written ----
# A table is a list of slots, each None, (form, number), another table, a text, or a vector: (form, [...]) of structs, ("", [...]) of tables.
# What a slot points to comes behind it.

def _flat(root):
    out = bytearray(4)
    _point(out, 0, root)
    return out + bytes(-len(out) % 8)


def _point(out, slot, value):
    at = _place(out, value)
    struct.pack_into("<I", out, slot, at - slot)


def _place(out, value):
    """Where the value lies, now that it has been put behind what is there."""
    if isinstance(value, str):
        data = value.encode()
        out += bytes(-len(out) % 4)
        at = len(out)
        out += struct.pack("<I", len(data)) + data + b"\0"
        return at
    if isinstance(value, tuple):
        form, rows = value
        out += bytes((4 - len(out)) % 8)
        at = len(out)
        out += struct.pack("<I", len(rows))
        out += b"".join(struct.pack(form, *row) for row in rows) if form else bytes(4 * len(rows))
        for i, row in enumerate(() if form else rows):
            _point(out, at + 4 + 4 * i, row)
        return at
    slots_size = 4 + 2 * len(value)
    out += bytes((-len(out) - slots_size) % 8)
    slots = len(out)
    at = end = slots + slots_size
    end += 4
    sizes = [0 if v is None else struct.calcsize(v[0]) if _is_number(v) else 4 for v in value]
    places = [0] * len(value)
    for i in sorted(range(len(value)), key=lambda i: -sizes[i]):
        if sizes[i]:
            places[i] = end + -end % sizes[i]
            end = places[i] + sizes[i]
    out += bytes(end - slots)
    struct.pack_into(f"<HH{len(value)}Hi", out, slots, slots_size, end - at, *(p and p - at for p in places), slots_size)
    for place, v in zip(places, value):
        if _is_number(v):
            struct.pack_into(v[0], out, place, v[1])
        elif v is not None:
            _point(out, place, v)
    return at


def _is_number(value):
    return isinstance(value, tuple) and not isinstance(value[1], list)


# ---- a table, written ----

# How a column is written: the type's word in _KINDS, its details as a table, and what numpy calls a value in the file; "" where that is no one size.
_Shape = namedtuple("_Shape", "word details storage")


def _shape_of(name, values):
    data = np.ma.getdata(values)
    letter, size = data.dtype.kind, data.dtype.itemsize
    if letter == "O":
        some = next((v for v, hidden in zip(data, np.ma.getmaskarray(values)) if v is not None and not hidden), None)
        letter = "0" if some is None else "U" if isinstance(some, str) else "S" if isinstance(some, bytes) else type(some).__name__
    if letter in "0UTS":
        return _Shape("null" if letter == "0" else "binary" if letter == "S" else "string", [], "")
    if letter == "b":
        return _Shape("bool", [], "")
    if letter in "iu":
        return _Shape("int", [("<i", 8 * size), ("<?", letter == "i")], f"<{letter}{size}")
    if letter == "f" and size in (2, 4, 8):
        return _Shape("float", [("<h", size.bit_length() - 2)], f"<f{size}")
    if letter == "V" and size and not data.dtype.fields:
        return _Shape("fixed_size_binary", [("<i", size)], f"V{size}")
    if letter in "mM" and np.datetime_data(data.dtype) == ("D", 1) and letter == "M":
        return _Shape("date", [("<h", 0)], "<M8[D]")
    if letter in "mM" and np.datetime_data(data.dtype)[0] in _UNITS and np.datetime_data(data.dtype)[1] == 1:
        unit = np.datetime_data(data.dtype)[0]
        return _Shape("timestamp" if letter == "M" else "duration", [("<h", _UNITS.index(unit))], f"<{letter}8[{unit}]")
    raise _wrong(f"column {name!r}: {data.dtype if data.dtype.kind != 'O' else letter} is not written here")


def _shapes_of(name, coded):
    """Of codes, of values (of which there may be none), and whether they are in order."""
    shape = _shape_of(name, coded.values)
    return _shape_of(name, coded.codes), _Shape("string", [], "") if shape.word == "null" else shape, coded.ordered


def _parts_of(name, shape, values):
    """(nulls, buffers) of some rows. What lies under a mask is not written: somebody hid it."""
    data, mask = np.ma.getdata(values), np.ma.getmaskarray(values)
    if shape.word == "null":
        return len(data), []
    if shape.word in ("string", "binary"):
        wanted, texts = str if shape.word == "string" else bytes, data.astype(object).tolist()
        if mask.any():
            texts = [None if hidden else t for t, hidden in zip(texts, mask.tolist())]
        kinds = set(map(type, texts)) - {type(None)}
        if not all(issubclass(kind, wanted) for kind in kinds):
            raise _wrong(f"column {name!r}: something else among {shape.word} values")
        mask = np.fromiter((t is None for t in texts), bool, len(texts))
        texts = [wanted() if t is None else t for t in texts] if mask.any() else texts
        whole = wanted().join(texts)
        if wanted is str and not whole.isascii():
            texts = [t.encode() for t in texts]
            whole = b"".join(texts)
        offsets = np.zeros(len(texts) + 1, "<i8")
        np.cumsum(list(map(len, texts)), out=offsets[1:])
        if offsets[-1] > 2**31 - 1:
            raise _wrong(f"column {name!r}: more than 2 GiB in one batch")
        buffers = [offsets.astype("<i4"), np.frombuffer(whole.encode() if isinstance(whole, str) else whole, "u1")]
    elif shape.word == "bool":
        buffers = [np.packbits(data & ~mask, bitorder="little")]
    else:
        if data.dtype.kind in "mM":
            mask = mask | np.isnat(data)
        data = np.array(data, shape.storage) if mask.any() else np.ascontiguousarray(data, shape.storage)
        if mask.any():
            data[mask] = np.zeros(1, data.dtype)[0]
        if shape.word == "date":
            data = data.view("<i8")
            if len(data) and not -2**31 <= data.min() <= data.max() < 2**31:
                raise _wrong(f"column {name!r}: a day beyond date32")
            data = data.astype("<i4")
        buffers = [data]
    nulls = int(np.count_nonzero(mask))
    return nulls, [b.view("u1") for b in (np.packbits(~mask[:len(mask) if nulls else 0], bitorder="little"), *buffers)]


class _Writer:
    def __init__(self, file, stream):
        self.file, self.stream, self.at = file, stream, 0
        self.blocks, self.known, self.values = {_SCHEMA: [], _DICTIONARY: [], _BATCH: []}, None, {}
        if not stream:
            self.put(_MAGIC.ljust(8, b"\0"))

    def put(self, data):
        padding = bytes(-len(data) % 8)
        self.file.write(data)
        self.file.write(padding)
        self.at += len(data) + len(padding)

    def message(self, kind, header, buffers=()):
        size = sum(b.nbytes + -b.nbytes % 8 for b in buffers)
        metadata = _flat([("<h", 4), ("<B", kind), header, ("<q", size)])
        self.blocks[kind].append((self.at, 8 + len(metadata), size))
        self.put(struct.pack("<II", _GOES_ON, len(metadata)))
        for part in (metadata, *buffers):
            self.put(part)

    def record(self, rows, parts):
        """A RecordBatch's table and its buffers."""
        buffers, places, at = [b for _, own in parts for b in own], [], 0
        for b in buffers:
            places.append((at, b.nbytes))
            at += b.nbytes + -b.nbytes % 8
        return [("<q", rows), ("<qq", [(rows, nulls) for nulls, _ in parts]), ("<qq", places)], buffers

    def batch(self, columns):
        columns = _arrays_of(columns)
        shapes = {name: _shapes_of(name, c) if isinstance(c, Coded) else _shape_of(name, c) for name, c in columns.items()}
        if self.known is None:
            self.known = shapes
            self.schema = [("<h", 0), ("", [self.field(i, name) for i, name in enumerate(shapes)])]
            self.message(_SCHEMA, self.schema)
        for name in self.known.keys() | shapes.keys():
            had, has = self.known.get(name), shapes.get(name)
            if had != has and not (has and has[0] == "null" and had and had[0] in ("string", "binary")):
                raise _wrong(f"column {name!r}: another type than in the first batch, or not in both")
        rows = {len(c) for c in columns.values()}
        if len(rows) > 1:
            raise _wrong("columns of unlike length")
        for i, name in enumerate(self.known):
            if isinstance(columns[name], Coded):
                self.dictionary(i, name, columns[name])
        for at in range(0, max(rows, default=0), _ROWS):
            cut = {name: (c.codes if isinstance(c, Coded) else c)[at:at + _ROWS] for name, c in columns.items()}
            parts = [_parts_of(name, s if isinstance(s, _Shape) else s[0], cut[name]) for name, s in self.known.items()]
            self.message(_BATCH, *self.record(min(_ROWS, max(rows) - at), parts))

    def field(self, i, name):
        shape, coded = self.known[name], None
        if not isinstance(shape, _Shape):
            index, shape, ordered = shape
            if index.word != "int":
                raise _wrong(f"column {name!r}: its codes are no whole numbers")
            coded = [("<q", i), index.details, ("<?", ordered)]
        return [name, ("<?", True), ("<B", _KINDS.index(shape.word)), shape.details, coded, ("", [])]

    def dictionary(self, i, name, column):
        count = len(column.values)
        codes = np.ma.compressed(column.codes)
        if len(codes) and not 0 <= codes.min() <= codes.max() < count:
            raise _wrong(f"column {name!r}: a code without a value")
        if i in self.values and len(self.values[i]) == count and _begins(self.values[i], column.values):
            return
        if i in self.values and not self.stream:
            raise _wrong(f"column {name!r}: another dictionary; the streaming format (stream=True) could have it")
        self.values[i] = column.values
        record, buffers = self.record(count, [_parts_of(name, self.known[name][1], column.values)])
        self.message(_DICTIONARY, [("<q", i), record], buffers)

    def end(self):
        if self.known is None:
            raise _wrong("no batch, so no columns")
        self.put(struct.pack("<II", _GOES_ON, 0))
        if not self.stream:
            blocks = [("<qi4xq", self.blocks[kind]) for kind in (_DICTIONARY, _BATCH)]
            footer = _flat([("<h", 4), self.schema, *blocks])
            self.file.write(footer + struct.pack("<I", len(footer)) + _MAGIC)


def _arrays_of(columns):
    """The columns of a batch as arrays of one dimension: from a dictionary, or a table of pandas."""
    def array(name, c):
        c = Coded(array(name, c.codes), array(name, c.values), bool(c.ordered)) if isinstance(c, Coded) else np.asanyarray(c)
        if not isinstance(name, str) or not isinstance(c, Coded) and c.ndim != 1:
            raise _wrong(f"column {name!r}: a name is a text, a column has one dimension")
        return c

    if hasattr(columns, "columns"):
        if not columns.columns.is_unique:
            raise _wrong("two columns have one name")
        columns = {name: _array_of_series(columns[name]) for name in columns.columns}
    return {name: array(name, c) for name, c in columns.items()}


def _array_of_series(series):
    if hasattr(series, "cat"):
        codes = series.cat.codes.to_numpy()
        return Coded(np.ma.array(codes, mask=codes < 0), series.cat.categories.to_numpy(object if series.cat.categories.dtype == "str" else None),
                     series.cat.ordered)
    if isinstance(series.dtype, np.dtype) and series.dtype.kind != "O":
        return series.to_numpy()
    dtype, missing = getattr(series.dtype, "numpy_dtype", np.dtype(object)), series.isna().to_numpy()
    values = np.array(series, object)
    values[missing] = None if dtype.kind == "O" else dtype.type(0)
    return _array(values.astype(dtype), missing if missing.any() else None)


def write(path, columns, stream):
    with _opened(path, "wb") as file:
        writer = _Writer(file, stream)
        for batch in (columns,) if isinstance(columns, dict) or hasattr(columns, "columns") else columns:
            writer.batch(batch)
        writer.end()


def to_pandas(columns):
    import pandas

    def series(c):
        if isinstance(c, Coded):
            if np.ma.count_masked(c.values) or not pandas.Index(np.ma.getdata(c.values)).is_unique:
                return series(c.decoded())
            return pandas.Categorical.from_codes(np.ma.filled(c.codes.astype("<i8"), -1), np.ma.getdata(c.values), ordered=c.ordered)
        if not np.ma.isMaskedArray(c):
            return c if c.dtype.kind != "V" else c.astype(object)
        data, mask = c.data, np.ma.getmaskarray(c)
        if data.dtype.kind in "iu":
            return pandas.arrays.IntegerArray(data, mask)
        if data.dtype.kind == "b":
            return pandas.arrays.BooleanArray(data, mask)
        if data.dtype.kind in "fmM":
            return c.filled(np.nan if data.dtype.kind == "f" else np.array("NaT", data.dtype))
        return np.where(mask, None, data.astype(object))

    return pandas.DataFrame({name: series(c) for name, c in columns.items()})
