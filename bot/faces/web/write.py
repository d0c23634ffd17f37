"""Messages and health as the page's JSON. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards.wire import PNG_URL, plain
from bot.cards.words import service
from engine.events import WebMessageSaved
from engine.monitoring.alert import ServiceState
from engine.workflow.definition import Json

# Worst first: of several accounts of a service the page shows the worst.
_ORDER = ("offline", "unhealthy", "degraded", "unknown", "healthy")


def message_json(message: WebMessageSaved) -> dict[str, Json]:
    """{id, channel, at, author, author_id, text, card, private}."""
    return {
        "id": message.id,
        "channel": message.channel,
        "at": message.at.isoformat(),
        "author": plain(message.author),
        "author_id": message.author_id,
        "text": plain(message.text),
        "card": _linked(message.card, message.id) if message.card else None,
        "private": bool(message.only_for),
    }


def _linked(card: Mapping[str, Json], message_id: str) -> dict[str, Json]:
    """The card with its pictures by address instead of inline, so that a browser loads each once."""
    body: Any = card.get("body", [])
    return {**card, "body": [_picture_linked(part, index, message_id) for index, part in enumerate(body)]}


def _picture_linked(part: Any, index: int, message_id: str) -> Any:
    if part["kind"] != "picture" or not part["src"].startswith(PNG_URL):
        return part
    digest = hashlib.sha256(part["src"].encode()).hexdigest()[:12]
    width, height = _size(part["src"])
    return {**part, "src": f"/web/pictures/{message_id}/{index}?v={digest}", "width": width, "height": height}


def _size(src: str) -> tuple[int, int]:
    """Pixels, from the header every PNG begins with; (0, 0) when it does not. Known before it is loaded, a picture moves nothing."""
    head = base64.b64decode(src[len(PNG_URL) : len(PNG_URL) + 32])
    if len(head) < 24 or head[12:16] != b"IHDR":
        return 0, 0
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def health_json(states: Sequence[ServiceState], firing: int, acknowledged: int) -> dict[str, Json]:
    """{services: [{service, name, account, status, detail, since, sandbox}] worst first, healthy, total, alerts: {firing, acknowledged}}."""
    worst: dict[str, ServiceState] = {}
    for state in states:
        if state.service not in worst or _rank(state) < _rank(worst[state.service]):
            worst[state.service] = state
    shown = sorted(worst.values(), key=lambda state: (_rank(state), state.service))
    counts = Counter(_status(state) for state in shown)
    return {
        "services": [_service_json(state) for state in shown],
        "healthy": counts["healthy"],
        "total": len(shown),
        "alerts": {"firing": firing, "acknowledged": acknowledged},
    }


def _service_json(state: ServiceState) -> dict[str, Json]:
    return {
        "service": state.service,
        "name": plain(service(state.service)),
        "account": state.account,
        "status": _status(state),
        "detail": plain(state.detail),
        "since": state.since.isoformat() if state.since else None,
        "sandbox": state.sandbox,
    }


def _status(state: ServiceState) -> str:
    return "misconfigured" if state.misconfigured else state.status


def _rank(state: ServiceState) -> int:
    status = "unknown" if state.misconfigured else state.status
    return _ORDER.index(status) if status in _ORDER else len(_ORDER)
