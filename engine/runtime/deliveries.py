"""Deliveries as the inbox keeps them: one key a delivery, and what it said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.events import Happening
from engine.workflow.definition import Json

PREFIX = "hook:"
DEFAULT = "default"  # the account that is meant where none is named


def key_of(happening: Happening) -> str:
    """Two accounts of a service may use the same ids."""
    account = "" if happening.account in ("", DEFAULT) else f"{happening.account}:"
    return f"{PREFIX}{happening.service}:{account}{happening.id}"


def write(happenings: Iterable[Happening]) -> dict[str, Json]:
    return {"happenings": [_one(happening) for happening in happenings]}


def read(payload: Mapping[str, Json]) -> list[Happening]:
    raw: Any = payload.get("happenings") or []
    return [
        Happening(one["id"], one["service"], one["event"], datetime.fromisoformat(one["at"]), one["data"], one["account"]) for one in raw
    ]


def _one(happening: Happening) -> dict[str, Json]:
    return {
        "id": happening.id,
        "service": happening.service,
        "event": happening.event,
        "at": happening.at.isoformat(),
        "data": dict(happening.data),
        "account": happening.account,
    }
