"""How words are written down before they are acted on, and read back after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.faces.face import Utterance
from engine.parties import Actor, Address
from engine.workflow.definition import Json

LONGEST = 270_000  # characters of one utterance: the largest definition behind /flow import; more is refused with a sentence


def key_of(utterance: Utterance) -> str:
    """Under which name it is noted, the same for every delivery of it."""
    return f"said:{utterance.where.face}:{utterance.id}"


def write(utterance: Utterance, at: datetime) -> dict[str, Json]:
    """Plain values; files that are still to be fetched are left out, and of what is too long only as much as shows that it is."""
    return {
        "id": utterance.id,
        "at": at.isoformat(),
        "where": str(utterance.where),
        "user": utterance.actor.user,
        "face": utterance.actor.face,
        "name": utterance.actor.name,
        "timezone": utterance.actor.timezone,
        "locale": utterance.actor.locale,
        "text": utterance.text[: LONGEST + 1],
        "direct": utterance.direct,
        "files": list(utterance.files),
    }


def read_back(payload: Mapping[str, Json]) -> tuple[Utterance, datetime | None]:
    """What ``write`` made of it, and when it was said. Raises ValueError or the hall's errors on anything else."""
    words = {name: str(payload.get(name) or "") for name in ("id", "where", "face", "user", "name", "timezone", "locale", "text")}
    where = Address.parse(words["where"])
    actor = Actor(words["face"] or where.face, words["user"], words["name"], words["timezone"], words["locale"])
    known: Any = payload.get("files") or ()
    utterance = Utterance(
        id=words["id"], actor=actor, where=where, text=words["text"], direct=bool(payload.get("direct", True)), files=tuple(known)
    )
    at = payload.get("at")
    return utterance, datetime.fromisoformat(at) if isinstance(at, str) else None
