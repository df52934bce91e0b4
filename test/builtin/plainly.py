"""What mesatee_arrow gave, as JSON can say it and test/interop/arrow.py does: numbers on disk as such, bytes as hex, decoded texts, None."""
import mesatee_arrow
import numpy as np


def plain(column, type):
    if isinstance(column, mesatee_arrow.Coded):
        column = column.decoded()
    data, mask = np.ma.getdata(column), np.ma.getmaskarray(column)
    if data.dtype.kind in "mM":
        data = data.astype("<i8")
    values = data.tolist()
    if data.dtype.kind == "f":
        values = [repr(v) for v in values]
    return [None if hidden else v.hex() if isinstance(v, bytes) else v for v, hidden in zip(values, mask.tolist())]


def described(fields, columns):
    return [[f.name, f.type, f.nullable, plain(columns[f.name], f.type)] for f in fields]
