"""A file's content on its way to a service; it never stands in a fact, an event or a card."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FileContent:
    name: str
    media_type: str
    content: bytes = field(repr=False)
