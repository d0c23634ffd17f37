"""The door for files from outside: bytes become text of a bounded size, and what cannot be text is said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from engine.errors import Invalid, Problem

MAX_BYTES: Final = 16 * 1024 * 1024
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# What neither YAML nor a person can read: control characters, halves of pairs, and two that are no characters.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\ufeff]")
REPLACED: Final = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Text:
    """``remarks``: what was changed so that it can be read."""

    text: str
    remarks: tuple[Problem, ...] = ()


def text_of(data: bytes | str) -> Text:
    """UTF-8, or UTF-16 with its mark; lines end in ``\\n``. Raises Invalid for what is too large, not text, or empty."""
    size = len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise Invalid(f"The file is {size / 1024 / 1024:.1f} MiB large; at most {MAX_BYTES // 1024 // 1024} MiB are read. Split it.")
    text = _decoded(data) if isinstance(data, bytes) else data.removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Invalid("The file is empty.")
    found = _CONTROL.search(text)
    if not found:
        return Text(text)
    line = text.count("\n", 0, found.start()) + 1
    text, count = _CONTROL.subn(REPLACED, text)
    what = "A control character was" if count == 1 else f"{count:,} control characters were"
    return Text(text, (Problem(f"{what} replaced; the first stands here.", line=line),))


def _decoded(data: bytes) -> str:
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, len(mark) + error.start) + 1
        raise Invalid(
            "The file cannot be read:", [Problem("This is not UTF-8 text. Save it as UTF-8 and import it again.", line=line)]
        ) from error
