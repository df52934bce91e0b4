"""Amounts and texts on their way into C. What has a wrong type or does not fit is refused: ctypes would cut it."""

from __future__ import annotations

import datetime
import os
import re
import time
from typing import Any, Mapping, Union

Size = Union[int, str]  # bytes: 67108864, "64M"
Duration = Union[int, float, str, datetime.timedelta]  # seconds: 120, 0.5, "120s", "7d"
Moment = Union[Duration, datetime.datetime]  # from now on, or a time with its zone
PathLike = Union[str, "os.PathLike[str]"]

_SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_TIMES_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_NUMBER_MAX = (1 << 63) - 1


def kind(value: Any) -> str:
    """How a value's type is called in a message."""
    return type(value).__name__


def _unit(what: str, text: str, units: Mapping[str, int], example: str) -> int:
    found = re.fullmatch(r"([0-9]{1,18})([A-Za-z]*)", text)
    if not found or found.group(2) not in units:
        raise ValueError(f"{what} is {text!r}; it must be like {example}")
    return number(what, int(found.group(1)) * units[found.group(2)])


def number(what: str, value: Any, low: int = 0, high: int = _NUMBER_MAX) -> int:
    """A whole number from low to high."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what} must be a whole number, not {kind(value)}")
    if not low <= value <= high:
        raise ValueError(f"{what} is {value}; it must be from {low} to {high}")
    return value


def size(what: str, value: Size) -> int:
    """Bytes: a number, or text with K, M, G or T (powers of 1024)."""
    if isinstance(value, str):
        return _unit(what, value, _SIZES, '"512K", "64M" or "2G"')
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f'{what} must be a number of bytes or text like "64M", not {kind(value)}')
    return number(what, value)


def milliseconds(what: str, value: Duration) -> int:
    """A time: a number of seconds, a timedelta, or text with ms, s, m, h or d."""
    if isinstance(value, str):
        return _unit(what, value, _TIMES_MS, '"500ms", "60s", "10m", "2h" or "7d"')
    if isinstance(value, datetime.timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f'{what} must be a number of seconds, a timedelta or text like "60s", not {kind(value)}')
    if not 0 <= value <= _NUMBER_MAX // 1000:  # also refuses what is no number
        raise ValueError(f"{what} is {value}; it must be from 0 seconds on")
    return int(round(value * 1000))


def moment(what: str, value: Moment) -> int:
    """Unix seconds: a datetime with a zone, or a time from now on."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise ValueError(f"{what} is a datetime without a time zone; add one: datetime.now(timezone.utc)")
        return number(what, int(value.timestamp()))
    return int(time.time()) + milliseconds(what, value) // 1000


def text(what: str, value: Any) -> bytes:
    """Text for C: UTF-8 without a zero."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be text, not {kind(value)}")
    if "\0" in value:
        raise ValueError(f"{what} has a zero character")
    return value.encode()


def path(what: str, value: Any) -> bytes:
    """A path for C."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{what} must be a path, not {kind(value)}")
    encoded = os.fsencode(value)
    if b"\0" in encoded:
        raise ValueError(f"{what} has a zero character")
    return encoded


def shown_size(count: int) -> str:
    """Bytes for people: 64M where it is exact."""
    for unit in ("T", "G", "M", "K"):
        if count >= _SIZES[unit] and count % _SIZES[unit] == 0:
            return f"{count // _SIZES[unit]}{unit}"
    return f"{count} bytes"
