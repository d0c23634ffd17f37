"""What changed in the map of who needs whom: one entry of its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MapChange:
    """``subject``: the id of a component, or both ends of a line as ``source>target``. ``text`` says it in a sentence, ``body`` before and after.

    ``by``: the actor who did it; empty for what the house saw by itself.
    """

    at: datetime
    subject: str
    text: str
    by: str
    body: Mapping[str, Any]
