"""What the house keeps as a file: its limits, its name, its kind. Pure."""

from __future__ import annotations

import re
from mimetypes import guess_type

from engine.errors import Rejected

LARGEST = 25 * 1024 * 1024  # bytes of one file
MOST = 500 * 1024 * 1024  # bytes of all of them; then the oldest go
ID = re.compile(r"\bfile_[0-9A-Za-z]{1,40}")
UNKNOWN = "application/octet-stream"
LONGEST_NAME = 200  # characters


def named(name: str) -> str:
    """The last part of a path without signs that no system takes in a name; “file” when nothing is left."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(letter if letter.isprintable() and letter not in '<>:"|?*' else "_" for letter in last).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > LONGEST_NAME:
        plain = f"{stem[: LONGEST_NAME - 20]}{dot}{ending[:19]}" if stem else plain[:LONGEST_NAME]
    return plain or "file"


def media_type_of(name: str) -> str:
    return guess_type(name, strict=False)[0] or UNKNOWN


def check_size(name: str, size: int) -> None:
    """Raises Rejected for an empty file or one that is too large."""
    if size == 0:
        raise Rejected(f"“{name}” is empty, so there is nothing to keep.")
    if size > LARGEST:
        raise Rejected(f"“{name}” is too large: {size / 1024 / 1024:.1f} MB, and at most {LARGEST // 1024 // 1024} MB are kept.")


def readable(size: int) -> str:
    """``812 B``, ``14 KB``, ``3.2 MB``."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def over(sizes: list[tuple[str, int]], room: int) -> list[str]:
    """Of files (id, size), oldest first, those that have to go so that ``room`` more bytes fit in."""
    total, gone = sum(size for _, size in sizes) + room, []
    for file_id, size in sizes:
        if total <= MOST:
            break
        gone.append(file_id)
        total -= size
    return gone
