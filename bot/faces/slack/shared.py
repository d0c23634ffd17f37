"""A file that somebody shared in Slack, as its message tells of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shared:
    """A file of a message. ``url`` is "" where Slack wants to be asked first."""

    id: str
    name: str
    media_type: str
    size: int
    url: str
