"""One `struct mesatee`, kept from two threads at once, from a forked child, and from use after its end. Private."""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional

from . import errors, units
from .binding import PROGRESS, Library

Progress = Callable[[str, int, int], Any]  # what is done, bytes of it, bytes in all (0 and 0: unknown)

_opening = threading.Lock()  # mesatee_open() sets the process's handlers
_default: Optional[Library] = None


def library_default() -> Library:
    """The one that every call without `library` shares."""
    global _default
    with _opening:
        if _default is None:
            _default = Library()
        return _default


def _close(library: Library, pointer: int, process: int) -> None:
    # A child has a copy of the connection: ending it would write to its parent's.
    if os.getpid() == process:
        library.close(pointer)


class Handle:
    """Calls go through `with handle.held() as h: h.check(h.library.NAME(h.pointer, ...))`."""

    def __init__(
        self, home: Optional[units.PathLike], library: Optional[Library], progress: Optional[Progress] = None
    ) -> None:
        self.library = library or library_default()
        self._lock = threading.Lock()
        self._thread: Optional[int] = None
        self._process = os.getpid()
        self._raised: Optional[BaseException] = None
        place = None if home is None else units.path("home", home)
        out = ctypes.c_void_p()
        with _opening:
            code = self.library.open(place, ctypes.byref(out))
        self._pointer = out.value
        if not self._pointer:
            raise errors.Failed("out of memory")
        self._end = weakref.finalize(self, _close, self.library, self._pointer, self._process)
        try:
            self.check(code)
            self._progress_set(progress)
        except BaseException:
            self.close()
            raise

    def _progress_set(self, progress: Optional[Progress]) -> None:
        if progress is None:
            return
        if not callable(progress):
            raise TypeError(f"progress must be a function of (what, done, total), not {units.kind(progress)}")
        me = weakref.ref(self)

        def call(_: Any, what: bytes, done: int, total: int) -> None:
            # C cannot be unwound: what the function raises waits until the call is over.
            handle = me()
            if handle is None or handle._raised is not None:
                return
            try:
                progress((what or b"").decode("utf-8", "replace"), done, total)
            except BaseException as why:
                handle._raised = why

        self._call = PROGRESS(call)  # as long as C may call it
        self.library.progress_set(self._pointer, self._call, None)

    @property
    def pointer(self) -> int:
        """For a call; only while held."""
        assert self._pointer
        return self._pointer

    @contextmanager
    def held(self) -> Iterator["Handle"]:
        """One caller at a time; another thread waits."""
        if self._thread == threading.get_ident():
            raise errors.Usage("a progress function called the node that it reports on", "let it only report")
        with self._lock:
            if not self._pointer:
                raise errors.Usage("this node is closed", "connect again: mesatee.connect()")
            if os.getpid() != self._process:
                raise errors.Usage(
                    "this connection is another process's", "connect after the fork, in each process of its own"
                )
            self._thread = threading.get_ident()
            try:
                yield self
            finally:
                self._thread = None
                raised, self._raised = self._raised, None
                if raised is not None:
                    raise raised

    def check(self, code: int) -> None:
        """Raise what the code says, with the library's words."""
        if code:
            words = (self.library.error(self._pointer), self.library.help(self._pointer))
            raise errors.of_code(code, *((w or b"").decode("utf-8", "replace") for w in words))

    def close(self) -> None:
        """End the connection. More than once is allowed."""
        if self._thread == threading.get_ident():
            raise errors.Usage("a progress function closed the node that it reports on", "let it only report")
        with self._lock:
            self._pointer = None
            self._end()
