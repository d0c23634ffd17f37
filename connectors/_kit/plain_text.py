"""What steps hand on, as the text of a file: texts as they are, anything else as readable JSON; and e-mail addresses among what people say. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from engine.errors import Rejected


def as_file_text(value: Any) -> str:
    """Lists and groups are written with their names and indented; what is not there is empty."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def addresses(said: Iterable[Any]) -> list[str]:
    """The e-mail addresses among people; raises Rejected for one who was named otherwise, as services invite by e-mail only."""
    found = [str(one).strip().removeprefix("mailto:") for one in said]
    for one in found:
        name, _, host = one.partition("@")
        if not name or "." not in host or any(letter.isspace() for letter in one):
            raise Rejected(f"“{one[:80]}” is no e-mail address. People are invited by theirs, such as anna@acme.example.")
    return found
