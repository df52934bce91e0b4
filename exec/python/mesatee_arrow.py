"""
Tables as Arrow IPC, the file and the streaming format, as numpy arrays: docs/python.md says how. `import mesatee_arrow` in a Python function.

    read(path), batches(path), fields(path), write(path, columns), to_pandas(columns)       a path, or an open file of bytes

What is read is foreign: each offset, size and count is held against the file before anything is allocated for it, and a file that does not add up
is a ValueError. Nothing is read whole: a buffer is read when its column is wanted, into the memory that the array then has.
Facts: Apache Arrow's "Columnar Format" 1.5 with its Schema.fbs, Message.fbs and File.fbs; "FlatBuffer Internals" for the bytes of metadata.
"""
import contextlib
import struct
from collections import namedtuple

import numpy as np

_MAGIC, _GOES_ON = b"ARROW1", 0xFFFFFFFF
_METADATA_MAX = 1 << 23                 # of one message, or of the footer: some 50,000 columns
_ZONE_MAX = 64                          # a field has its own copy of a time zone's name
_TEXTS = 1 << 16                        # rows whose text is held in one piece while it is cut
_SCHEMA, _DICTIONARY, _BATCH = 1, 2, 3  # Message.fbs, MessageHeader
_UNITS = ("s", "ms", "us", "ns")
# Schema.fbs, Type, in its order.
_KINDS = ("none null int float binary string bool decimal date time timestamp interval list struct union fixed_size_binary fixed_size_list map "
          "duration large_binary large_string large_list run_end_encoded binary_view string_view list_view large_list_view").split()

Field = namedtuple("Field", "name type nullable")
Field.__doc__ = "A column of a file: its type in Arrow's words."
# How values lie in a file. form: null, bits, fixed or varying; storage: numpy's name of a value there, or of an offset; dtype: of the array.
_Type = namedtuple("_Type", "text form storage dtype")
# coded: the dictionary's number, the type of the codes, and whether values are in order; or None.
_Column = namedtuple("_Column", "field type coded")


class Coded:
    """A dictionary-encoded column: row i is values[codes[i]]. Either may be masked."""

    def __init__(self, codes, values, ordered=False):
        self.codes, self.values, self.ordered = codes, values, ordered

    def __repr__(self):
        return f"Coded(codes={self.codes!r}, values={self.values!r}, ordered={self.ordered})"

    def __len__(self):
        return len(self.codes)

    def decoded(self):
        """The column as an array of its values."""
        codes = np.ma.filled(self.codes, 0)
        if not len(self.values):
            return np.ma.masked_all(len(codes), self.values.dtype)
        mask = np.ma.getmaskarray(self.codes) | np.ma.getmaskarray(self.values)[codes]
        return _array(np.ma.getdata(self.values)[codes], mask if mask.any() else None)


def _array(values, mask):
    return values if mask is None else np.ma.array(values, mask=mask, copy=False)


def _wrong(what):
    return ValueError("arrow: " + what)


# ---- FlatBuffers, read ----

class _Table:
    """A table of a FlatBuffer. What a slot points to is looked at when it is asked for, and then held against the data's end."""

    def __init__(self, data, at=None):
        self.data = data
        self.at = self.number("<I", 0) if at is None else at
        self.slots = self.at - self.number("<i", self.at)
        self.slots_end = self.slots + self.number("<H", self.slots)

    def number(self, form, at):
        if at < 0 or at + struct.calcsize(form) > len(self.data):
            raise _wrong("an offset leads out of the metadata")
        return struct.unpack_from(form, self.data, at)[0]

    def find(self, slot):
        """Where a slot's content lies; 0: it has none."""
        entry = self.slots + 4 + 2 * slot
        offset = self.number("<H", entry) if entry + 2 <= self.slots_end else 0
        return offset and self.at + offset

    def get(self, slot, form, default=0):
        at = self.find(slot)
        return self.number(form, at) if at else default

    def table(self, slot):
        at = self.find(slot)
        return _Table(self.data, at + self.number("<I", at)) if at else None

    def sequence(self, slot, size):
        """(start, count) of a vector whose elements have `size` bytes."""
        at = self.find(slot)
        if not at:
            return 0, 0
        at += self.number("<I", at)
        count = self.number("<I", at)
        if count * size > len(self.data) - at - 4:
            raise _wrong("a vector is longer than the metadata")
        return at + 4, count

    def tables(self, slot):
        start, count = self.sequence(slot, 4)
        return (_Table(self.data, at + self.number("<I", at)) for at in range(start, start + 4 * count, 4))

    def structs(self, slot, form):
        size = struct.calcsize(form)
        start, count = self.sequence(slot, size)
        return list(struct.iter_unpack(form, self.data[start:start + count * size]))

    def text(self, slot, count_max=_METADATA_MAX):
        start, count = self.sequence(slot, 1)
        if count > count_max:
            raise _wrong(f"a name of {count} bytes")
        return _text(self.data[start:start + count], "a name")


def _text(data, what):
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _wrong(what + " is not UTF-8") from None


# ---- the schema ----

def _type_of(kind, t, name):
    """The type of a field; `t` is the table that belongs to its kind."""
    def unit(default=1):
        i = t.get(0, "<h", default)
        if not 0 <= i < 4:
            raise _wrong(f"column {name!r}: {word} in an unknown unit")
        return _UNITS[i]

    word = _KINDS[kind] if kind < len(_KINDS) else f"type {kind}"
    if t is None:
        raise _wrong(f"column {name!r}: {word} without its details")
    if word == "null":
        return _Type(word, "null", "", "O")
    if word == "bool":
        return _Type(word, "bits", "", "?")
    if word in ("binary", "string", "large_binary", "large_string"):
        return _Type(word, "varying", "<i8" if word.startswith("large") else "<i4", "O")
    width = 0
    if word == "int":
        width, sign = t.get(0, "<i"), "int" if t.get(1, "<?") else "uint"
        if width in (8, 16, 32, 64):
            return _Type(f"{sign}{width}", "fixed", f"<{sign[0]}{width // 8}", f"<{sign[0]}{width // 8}")
    if word == "float" and 0 <= t.get(0, "<h") < 3:
        size = 2 << t.get(0, "<h")
        return _Type({2: "halffloat", 4: "float", 8: "double"}[size], "fixed", f"<f{size}", f"<f{size}")
    if word == "fixed_size_binary":
        width = t.get(0, "<i")
        if width > 0:
            return _Type(f"{word}[{width}]", "fixed", f"V{width}", f"V{width}")
    if word == "date" and t.get(0, "<h", 1) in (0, 1):
        return _Type("date32[day]", "fixed", "<i4", "<M8[D]") if t.get(0, "<h", 1) == 0 else _Type("date64[ms]", "fixed", "<i8", "<M8[ms]")
    if word == "time":
        width = t.get(1, "<i", 32)
        if width == (32 if unit() in ("s", "ms") else 64):
            return _Type(f"time{width}[{unit()}]", "fixed", f"<i{width // 8}", f"<m8[{unit()}]")
    if word == "timestamp":
        zone = t.text(1, _ZONE_MAX)
        return _Type(f"timestamp[{unit(0)}{', tz=' + zone if zone else ''}]", "fixed", "<i8", f"<M8[{unit(0)}]")
    if word == "duration":
        return _Type(f"duration[{unit()}]", "fixed", "<i8", f"<m8[{unit()}]")
    raise _wrong(f"column {name!r}: {word}{f' of width {width}' if width else ''} is not read here")


def _columns_of(schema):
    if schema is None or not schema.find(1):
        raise _wrong("no schema")
    if schema.get(0, "<h") != 0:
        raise _wrong("big-endian values are not read here")
    columns, names = {}, 0
    for f in schema.tables(1):
        name = f.text(0)
        names += len(name) + 4
        if name in columns or names > len(schema.data):
            raise _wrong(f"two columns are called {name[:200]!r}")
        kind = _type_of(f.get(2, "<B"), f.table(3), name)
        if f.sequence(5, 4)[1]:
            raise _wrong(f"column {name!r}: {kind.text} with children")
        encoding, coded, text = f.table(4), None, kind.text
        if encoding:
            index = encoding.table(1)
            index = _type_of(2, index, name) if index else _Type("int32", "fixed", "<i4", "<i4")
            if encoding.get(3, "<h") != 0 or kind.form == "null":
                raise _wrong(f"column {name!r}: a dictionary of {text} of an unknown kind")
            coded = encoding.get(0, "<q"), index, encoding.get(2, "<?", False)
            text = f"dictionary<values={text}, indices={index.text}, ordered={int(coded[2])}>"
        columns[name] = _Column(Field(name, text, f.get(1, "<?", False)), kind, coded)
    return columns


# ---- messages ----

def _metadata(file, at, size, end):
    if not 0 < size <= _METADATA_MAX or size > end - at:
        raise _wrong("metadata of a size that cannot be: the file is cut, damaged, or no Arrow IPC")
    file.seek(at)
    data = file.read(size)
    if len(data) != size:
        raise _wrong("the file became shorter")
    return data


def _message(file, at, end, kinds):
    """(kind, its table, where its body lies, the body's size, where its metadata begins), or None at the end of a stream."""
    size, = struct.unpack("<I", _metadata(file, at, 4, end))
    at += 4
    if size == _GOES_ON:
        size, = struct.unpack("<I", _metadata(file, at, 4, end))
        at += 4
    if size == 0:
        if at != end:
            raise _wrong("bytes behind the end of the stream")
        return None
    message = _Table(_metadata(file, at, size, end))
    kind, header, body = message.get(1, "<B"), message.table(2), message.get(3, "<q")
    if message.get(0, "<h") not in (3, 4):
        raise _wrong("metadata is of another version than V4 and V5")
    if kind not in kinds or header is None:
        raise _wrong(f"a message of kind {kind} where none may be")
    if not 0 <= body <= end - at - size:
        raise _wrong("a body is longer than the file: it is cut, or damaged")
    return kind, header, at + size, body


def _messages(file, size):
    """Whether it is a file, then its schema, then each message with a body: of the file format dictionaries first, both as the footer has them."""
    file.seek(0)
    if file.read(6) != _MAGIC:
        yield False
        kind, schema, body, at = *_message(file, 0, size, (_SCHEMA,))[:3], 0
        yield schema
        at = body
        while message := _message(file, at, size, (_DICTIONARY, _BATCH)):
            yield message
            at = message[2] + message[3]
        return
    yield True
    tail = _metadata(file, size - 10, 10, size) if size >= 20 else b""
    if tail[4:] != _MAGIC:
        raise _wrong("a file without its end: it is cut, or damaged")
    footer_size, = struct.unpack("<I", tail[:4])
    end = size - 10 - footer_size
    footer = _Table(_metadata(file, end, footer_size, size - 10) if end >= 8 else _metadata(file, 0, 0, 0))
    yield footer.table(1)
    for slot, kind in ((2, _DICTIONARY), (3, _BATCH)):
        at = 8
        for offset, metadata_size, body_size in footer.structs(slot, "<qi4xq"):
            if offset < at:
                raise _wrong("the footer's blocks overlap")
            message = _message(file, offset, end, (kind,))
            if message is None or message[2] - offset != metadata_size or message[3] != body_size:
                raise _wrong("the footer speaks of another message")
            at = message[2] + body_size
            yield message


# ---- values ----

class _Batch:
    """The nodes and buffers of a record batch, taken in the schema's order."""

    def __init__(self, file, record, at, size, columns):
        if record is None or record.find(3):
            raise _wrong("a batch without its head" if record is None else "compressed bodies (lz4, zstd) are not read here")
        self.file, self.at, self.rows = file, at, record.get(0, "<q")
        self.nodes, self.buffers = record.structs(1, "<qq"), record.structs(2, "<qq")
        wanted = [c.coded[1] if c.coded else c.type for c in columns]
        if len(self.nodes) != len(wanted) or len(self.buffers) != sum(_buffer_count(t) for t in wanted):
            raise _wrong("a batch has other columns than the schema")
        end = 0
        for offset, length in self.buffers:
            if length < 0 or offset < (end if length else 0) or length > size - offset:
                raise _wrong("a batch's buffers overlap or lie outside")
            end = max(end, offset + length)
        self.next_node = self.next_buffer = 0

    def take(self, type, name, wanted):
        """The next column's values, or None if it is not wanted."""
        length, nulls = self.nodes[self.next_node]
        buffers = self.buffers[self.next_buffer:self.next_buffer + _buffer_count(type)]
        self.next_node, self.next_buffer, self.name = self.next_node + 1, self.next_buffer + len(buffers), name
        if length != self.rows or not 0 <= nulls <= length:
            raise self.wrong("a length that is not the batch's, or more nulls than rows")
        if not wanted:
            return None
        if type.form == "null":
            return _nulls(length)
        mask = None
        if buffers[0][1] or nulls:
            mask = ~self.bits(buffers[0])
            if np.count_nonzero(mask) != nulls:
                raise self.wrong("its nulls are not as many as it says")
            mask = mask if nulls else None
        if type.form == "bits":
            return _array(self.bits(buffers[1]), mask)
        if type.form == "varying":
            return _array(self.varying(type, buffers, mask), mask)
        values = self.fixed(buffers[1], type.storage, length)
        wide = values if values.dtype.itemsize == np.dtype(type.dtype).itemsize else values.astype("<i8")
        return _array(wide.view(type.dtype), mask)

    def wrong(self, what):
        return _wrong(f"column {self.name!r}: {what}")

    def bytes(self, offset, size, into):
        self.file.seek(self.at + offset)
        if self.file.readinto(into) != size:
            raise self.wrong("the file became shorter")
        return into

    def fixed(self, buffer, dtype, count):
        """The first `count` values of a buffer, which must have them."""
        size = count * np.dtype(dtype).itemsize
        if size > buffer[1]:
            raise self.wrong("more rows than its buffer has room for")
        return self.bytes(buffer[0], size, np.empty(size, np.uint8)).view(dtype)

    def bits(self, buffer):
        return np.unpackbits(self.fixed(buffer, "u1", (self.rows + 7) // 8), count=self.rows, bitorder="little").view(bool)

    def varying(self, type, buffers, mask):
        values = np.empty(self.rows, object)
        if not self.rows:
            return values
        offsets = self.fixed(buffers[1], type.storage, self.rows + 1)
        if offsets[0] < 0 or (offsets[1:] < offsets[:-1]).any() or offsets[-1] > buffers[2][1]:
            raise self.wrong("its offsets do not rise, or leave its buffer")
        for first in range(0, self.rows, _TEXTS):
            part = offsets[first:first + _TEXTS + 1]
            start, size = int(part[0]), int(part[-1] - part[0])
            data = bytes(self.bytes(buffers[2][0] + start, size, bytearray(size)))
            cuts = (part - start).tolist()
            if type.text.endswith("string") and data.isascii():
                data = data.decode("ascii")
            elif type.text.endswith("string"):
                hidden = mask[first:first + _TEXTS].tolist() if mask is not None else [False] * len(cuts)
                texts = [None if h else _text(data[a:b], f"column {self.name!r}: a text") for a, b, h in zip(cuts, cuts[1:], hidden)]
                values[first:first + _TEXTS] = texts
                continue
            values[first:first + _TEXTS] = [data[a:b] for a, b in zip(cuts, cuts[1:])]
        if mask is not None:
            values[mask] = None
        return values


def _buffer_count(type):
    return {"null": 0, "varying": 3}.get(type.form, 2)


def _nulls(count):
    """A column of nothing: however long, it has no memory of its own."""
    return np.ma.array(np.broadcast_to(np.array(None, object), count), mask=np.broadcast_to(np.True_, count), copy=False)


def _joined(parts, dtype="O"):
    """One column out of those of its batches."""
    if not parts:
        return np.empty(0, dtype)
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], Coded):
        before = np.cumsum([0] + [len(p.values) for p in parts]).tolist()
        codes = _joined([p.codes.astype("<i8") + b for p, b in zip(parts, before)])
        return Coded(codes, _joined([p.values for p in parts]), parts[0].ordered)
    if all(np.ma.isMaskedArray(p) and p.strides == (0,) for p in parts):
        return _nulls(sum(map(len, parts)))
    return (np.ma if any(map(np.ma.isMaskedArray, parts)) else np).concatenate(parts)


def _begins(whole, part):
    """Whether a dictionary is an earlier state of another one."""
    if whole is part:
        return True
    same = np.array_equal(np.ma.getmaskarray(whole)[:len(part)], np.ma.getmaskarray(part))
    return same and np.array_equal(np.ma.getdata(whole)[:len(part)], np.ma.getdata(part))


# ---- a table, read ----

def _tables(file, wanted):
    """First the columns that are wanted, then the arrays of one batch after the other."""
    size = file.seek(0, 2)
    messages = _messages(file, size)
    whole, schema = next(messages), next(messages)
    columns, rows, types, names, dictionaries = _columns_of(schema), 0, {}, {}, {}
    wanted = list(columns if wanted is None else wanted)
    for name in wanted:
        if name not in columns:
            raise _wrong(f"no column {name!r}")
    for name, column in columns.items():
        if column.coded:
            number = column.coded[0]
            if types.setdefault(number, column.type) != column.type:
                raise _wrong(f"column {name!r}: its dictionary has another type elsewhere")
            if name in wanted:
                names[number] = name
    yield {name: columns[name] for name in wanted}
    for kind, header, at, body in messages:
        if kind == _DICTIONARY:
            number, more = header.get(0, "<q"), header.get(2, "<?")
            if number not in types or (more and number not in dictionaries) or (whole and not more and number in dictionaries):
                raise _wrong("a dictionary that no column has, or one too many")
            batch = _Batch(file, header.table(1), at, body, [_Column(None, types[number], None)])
            values = batch.take(types[number], names.get(number), number in names)
            dictionaries[number] = _joined([dictionaries[number], values]) if more and number in names else values
            continue
        batch = _Batch(file, header, at, body, columns.values())
        rows += batch.rows
        if batch.rows < 0 or rows > max(1 << 16, 8 * size):
            raise _wrong("more rows than the file has bits")
        arrays = {}
        for name, (_, type, coded) in columns.items():
            values = batch.take(coded[1] if coded else type, name, name in wanted)
            if name in wanted:
                arrays[name] = _coded(batch, values, dictionaries.get(coded[0]), coded[2]) if coded else values
        yield {name: arrays[name] for name in wanted}


def _coded(batch, codes, values, ordered):
    data, mask = np.ma.getdata(codes), np.ma.getmask(codes)
    if mask is not np.ma.nomask:
        data[mask] = 0
    count = 0 if values is None else len(values)
    if np.ma.count(codes) if not count else len(data) and not 0 <= data.min() <= data.max() < count:
        raise batch.wrong("a code without a value in its dictionary")
    return Coded(codes, np.empty(0, object) if values is None else values, ordered)


def _opened(path, mode):
    """A path, or an object that is already a file of bytes: then it stays open."""
    return contextlib.nullcontext(path) if hasattr(path, "seek") else open(path, mode)


def fields(path):
    """The file's columns as a list of Field."""
    with _opened(path, "rb") as file:
        return [column.field for column in next(_tables(file, None)).values()]


def batches(path, columns=None):
    """A generator of the record batches, each a dictionary from a name to an array; of `columns` alone, if they are given."""
    with _opened(path, "rb") as file:
        tables = _tables(file, columns)
        next(tables)
        yield from tables


def read(path, columns=None):
    """The whole table, as a dictionary from a name to an array; of `columns` alone, if they are given."""
    with _opened(path, "rb") as file:
        tables = _tables(file, columns)
        wanted = next(tables)
        parts = {name: [] for name in wanted}
        for batch in tables:
            for name, array in batch.items():
                runs = parts[name]
                if not isinstance(array, Coded):
                    runs.append(array)
                elif runs and _begins(array.values, runs[-1].values):   # of a dictionary that grows only the last state is kept
                    runs[-1].codes.append(array.codes)
                    runs[-1].values = array.values
                else:
                    runs.append(Coded([array.codes], array.values, array.ordered))
    whole = {}
    for name, (_, type, coded) in wanted.items():
        runs = parts.pop(name)
        if coded:
            runs = runs or [Coded([], np.empty(0, type.dtype), coded[2])]
            runs = [Coded(_joined(r.codes, coded[1].dtype), r.values, r.ordered) for r in runs]
        whole[name] = _joined(runs, type.dtype)
    return whole


def write(path, columns, stream=False):
    """
    A table in the file format, or the streaming one: a dictionary from a name to an array (or Coded), a DataFrame, or any iterable of such, which
    then are batches one after the other.
    """
    from mesatee_arrow_write import write as whole
    whole(path, columns, stream)


def to_pandas(columns):
    """A DataFrame of what read() or batches() gave: masked whole numbers and bools as pandas' nullable ones, Coded as Categorical."""
    from mesatee_arrow_write import to_pandas as whole
    return whole(columns)
