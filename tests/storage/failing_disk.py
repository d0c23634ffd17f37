"""A disk that fails on purpose: SQLite's own door to the operating system, with a switch in it.

It is registered with the library that Python's sqlite3 uses, so every error takes the way a real one takes, through SQLite's own handling.
"""

from __future__ import annotations

import ctypes
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path

import pytest

FULL, IOERR_WRITE, IOERR_FSYNC = 13, 10 | 3 << 8, 10 | 4 << 8

Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
Sync = CFUNCTYPE(c_int, c_void_p, c_int)
Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)  # the name as it lies there: SQLite keeps and reads on in it


class Methods(Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("rest", c_void_p * 13),
    )


class File(Structure):
    """sqlite3_file."""

    _fields_ = (("methods", POINTER(Methods)),)


class Vfs(Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = (
        ("version", c_int),
        ("size", c_int),
        ("longest", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("rest", c_void_p * 14),
    )


class FailingDisk:
    """``write`` and ``sync`` are what SQLite is told for files under ``folder``; 0 = all is well. ``syncs`` counts those asked for."""

    def __init__(self, folder: Path) -> None:
        self.write = self.sync = self.opened = self.syncs = 0
        self._folder = str(folder).encode()
        self._library = ctypes.CDLL("libsqlite3.so.0")
        self._library.sqlite3_vfs_find.restype = POINTER(Vfs)
        self._real = self._library.sqlite3_vfs_find(None)
        self._shim = Vfs.from_buffer_copy(self._real.contents)
        self._shim.name = b"failing"
        self._methods: dict[int, tuple[Methods, object, object]] = {}
        self._open_real = Open(self._real.contents.open)
        self._open = Open(self._opening)
        self._shim.open = ctypes.cast(self._open, c_void_p).value

    def put_in(self) -> None:
        self._library.sqlite3_vfs_register(ctypes.byref(self._shim), 1)

    def take_out(self) -> None:
        self._library.sqlite3_vfs_register(self._real, 1)
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._shim))

    def _opening(self, _vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        code: int = self._open_real(ctypes.cast(self._real, c_void_p).value, name, file, flags, out)
        if code == 0 and name and ctypes.string_at(name).startswith(self._folder):
            self.opened += 1
            opened = File.from_address(file)
            opened.methods = ctypes.pointer(self._switched(opened.methods.contents))
        return code

    def _switched(self, real: Methods) -> Methods:
        address = ctypes.addressof(real)
        if address not in self._methods:
            mine = Methods.from_buffer_copy(real)
            write_real, sync_real = Write(real.write), Sync(real.sync)

            def write(file: int, data: int, count: int, offset: int) -> int:
                return self.write or write_real(file, data, count, offset)

            def sync(file: int, flags: int) -> int:
                self.syncs += 1
                return self.sync or sync_real(file, flags)

            kept = Write(write), Sync(sync)
            mine.write, mine.sync = (ctypes.cast(call, c_void_p).value for call in kept)
            self._methods[address] = (mine, *kept)
        return self._methods[address][0]


@contextmanager
def failing_disk(folder: Path) -> Iterator[FailingDisk]:
    """Every SQLite file opened under ``folder`` meanwhile stands on it. Skips where Python's SQLite cannot be reached."""
    try:
        disk = FailingDisk(folder)
    except OSError:
        pytest.skip("needs a SQLite library that Python shares with others")
    disk.put_in()
    try:
        probe = sqlite3.connect(folder / "probe.db")
        probe.execute("CREATE TABLE t (x)")
        probe.close()
        (folder / "probe.db").unlink()
        if not disk.opened:
            pytest.skip("needs a SQLite library that Python shares with others")
        yield disk
    finally:
        disk.take_out()
