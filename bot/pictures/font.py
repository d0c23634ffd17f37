"""The bundled Roboto: where its files lie, which characters it can draw, and how wide a text becomes (OpenType ``cmap`` and ``hmtx``)."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FAMILY = "Roboto"


@lru_cache(maxsize=1)
def files() -> tuple[str, ...]:
    """Paths of the regular and the medium weight; no font of the machine is used."""
    import font_roboto

    return (str(font_roboto.Roboto), str(font_roboto.RobotoMedium))


@dataclass(frozen=True, slots=True)
class Metrics:
    """Advance widths in em by code point."""

    widths: Mapping[int, float]

    def width(self, text: str, size: float) -> float:
        """In the unit of ``size``; a character the font lacks counts as one em."""
        return sum(self.widths.get(ord(char), 1.0) for char in text) * size

    def draws(self, char: str) -> bool:
        return ord(char) in self.widths

    def fitted(self, text: str, size: float, room: float) -> str:
        """As much of the text as fits, ended by … where something is left out."""
        if self.width(text, size) <= room:
            return text
        kept = text
        while kept and self.width(kept.rstrip() + "…", size) > room:
            kept = kept[:-1]
        return kept.rstrip() + "…"


@lru_cache(maxsize=2)
def metrics(*, bold: bool = False) -> Metrics:
    data = Path(files()[1 if bold else 0]).read_bytes()
    tables = _tables(data)
    em = struct.unpack_from(">H", data, tables["head"] + 18)[0]
    advances = _advances(data, tables)
    return Metrics({char: advances[min(glyph, len(advances) - 1)] / em for char, glyph in _glyphs(data, tables["cmap"])})


def drawable(text: str, instead: str) -> str:
    """The text without what the font cannot draw, control characters and runs of blanks; ``instead`` when nothing is left of it."""
    able = metrics()
    shown = "".join(_shown(char, able) for char in text[:400])
    tidy = " ".join(shown.split())
    return tidy if any(char.isalnum() for char in tidy) else instead


def _shown(char: str, able: Metrics) -> str:
    if char.isspace() or (unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Mn") and not able.draws(char)):
        return " "
    return char if able.draws(char) and unicodedata.category(char) not in ("Cc", "Cf") else ""


def _tables(data: bytes) -> dict[str, int]:
    count = struct.unpack_from(">H", data, 4)[0]
    entries = (struct.unpack_from(">4sIII", data, 12 + 16 * index) for index in range(count))
    return {tag.decode("ascii"): offset for tag, _, offset, _ in entries}


def _advances(data: bytes, tables: Mapping[str, int]) -> list[int]:
    count = struct.unpack_from(">H", data, tables["hhea"] + 34)[0]
    return [struct.unpack_from(">H", data, tables["hmtx"] + 4 * index)[0] for index in range(count)]


def _glyphs(data: bytes, cmap: int) -> list[tuple[int, int]]:
    """(code point, glyph) of the table's full-Unicode part (format 12), which every Roboto has."""
    for index in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        start = cmap + struct.unpack_from(">HHI", data, cmap + 4 + 8 * index)[2]
        if struct.unpack_from(">H", data, start)[0] == 12:
            groups = struct.unpack_from(">I", data, start + 12)[0]
            spans = (struct.unpack_from(">III", data, start + 16 + 12 * group) for group in range(groups))
            return [(char, first + char - low) for low, high, first in spans for char in range(low, high + 1) if first + char - low]
    raise RuntimeError("The bundled font has no table of Unicode characters.")
