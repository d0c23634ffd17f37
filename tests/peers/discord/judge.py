"""Whether a request's body would be accepted: by Discord's own API description where it is at hand, and by the rules it leaves out."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from tests.peers.discord.world import V2, walk
from tests.shared_data import shared

_V2_ONLY = {9, 10, 12, 13, 14, 17}


def faults(template: str, method: str, body: Any) -> list[str]:
    """Everything wrong with ``body`` for this operation; ``template`` as in the description (``/channels/{channel_id}/messages``)."""
    found = [
        f"{error.instance_path_as_str if hasattr(error, 'instance_path_as_str') else list(error.instance_path)}: {error.message[:300]}"
        for error in _errors(template, method, body)
    ]
    return found + _rules(body)


def message_faults(body: dict[str, Any]) -> list[str]:
    """The same for a new message."""
    return faults("/channels/{channel_id}/messages", "post", body)


def modal_faults(modal: dict[str, Any]) -> list[str]:
    return faults("/interactions/{interaction_id}/{interaction_token}/callback", "post", {"type": 9, "data": modal})


def _errors(template: str, method: str, body: Any) -> list[Any]:
    validator = _validator(template, method)
    return list(validator.iter_errors(body)) if validator else []


@cache
def _description() -> dict[str, Any] | None:
    try:
        path = shared("data/chat/discord_openapi.json")
    except pytest.skip.Exception:
        return None
    described: dict[str, Any] = json.loads(path.read_text())
    # Discord takes numbers where its description says text; discord.py sends attachment and mention ids as numbers.
    described["components"]["schemas"]["SnowflakeType"] = {"type": ["string", "integer"]}
    return described


@cache
def _validator(template: str, method: str) -> Any:
    described = _description()
    operation = described["paths"].get(template, {}).get(method) if described else None
    content = (operation or {}).get("requestBody", {}).get("content", {}).get("application/json")
    if not described or not content:
        return None
    return jsonschema_rs.validator_for({**content["schema"], "components": described["components"]})


def _rules(body: Any) -> list[str]:
    """What the description does not say: totals, uniqueness, what goes with what."""
    if isinstance(body, list):
        return [] if len({command["name"] for command in body}) == len(body) else ["two commands of one name"]
    found: list[str] = []
    for part in (body, body.get("data") if isinstance(body, dict) else None):
        if isinstance(part, dict) and ("components" in part or "content" in part):
            found += _modal(part) if "title" in part else _message(part)
    return found


def _message(body: dict[str, Any]) -> list[str]:
    components = body.get("components") or []
    every = list(walk(components))
    kinds = {component["type"] for component in every}
    v2 = bool((body.get("flags") or 0) & V2)
    text = [component["content"] for component in every if component["type"] == 10]
    ids = Counter(component["custom_id"] for component in every if component.get("custom_id"))
    numbers = Counter(component["id"] for component in every if component.get("id"))
    checks = {
        "more than 40 components": len(every) > 40,
        "more than 4,000 characters of text": sum(len(t.encode("utf-16-le", "surrogatepass")) // 2 for t in text) > 4000,
        "a text that is blank": any(not t.strip() for t in text),
        "a custom id twice": any(count > 1 for count in ids.values()),
        "a component id twice": any(count > 1 for count in numbers.values()),
        "components of the second kind without their flag": bool(kinds & _V2_ONLY) and not v2,
        "text or embeds beside components of the second kind": v2 and bool(body.get("content") or body.get("embeds")),
        "a message of the second kind without components": v2 and "components" in body and not components,
        "content of more than 2,000 characters": len(body.get("content") or "") > 2000,
        "a button with neither custom id nor url": any(c["type"] == 2 and not c.get("custom_id") and not c.get("url") for c in every),
        "a row of more than five": any(c["type"] == 1 and not 1 <= len(c["components"]) <= 5 for c in every),
        "half a character": any("\ud800" <= c <= "\udfff" for t in text for c in t),
    }
    return [fault for fault, broken in checks.items() if broken] + _references(body, every)


def _references(body: dict[str, Any], every: list[dict[str, Any]]) -> list[str]:
    """Attachments of such a message must each be shown by a component, and nothing else can be."""
    attached = {attachment.get("filename") for attachment in body.get("attachments") or []}
    media = [item["media"]["url"] for c in every if c["type"] == 12 for item in c["items"]]
    media += [c["file"]["url"] for c in every if c["type"] == 13]
    shown = {url.removeprefix("attachment://") for url in media if url.startswith("attachment://")}
    found = [f"a component shows {name}, which is not attached" for name in shown - attached]
    found += [f"{name} is attached but shown by no component" for name in attached - shown] if every else []
    return found + [f"{name} is no attachment name" for name in shown if not re.fullmatch(r"[A-Za-z0-9._-]+", name)]


def _modal(modal: dict[str, Any]) -> list[str]:
    every = list(walk(modal["components"]))
    ids = Counter(component["custom_id"] for component in every if component.get("custom_id"))
    checks = {
        "more than five questions": len(modal["components"]) > 5,
        "a custom id twice": any(count > 1 for count in ids.values()),
        "an option twice": any(len({o["value"] for o in c["options"]}) < len(c["options"]) for c in every if c["type"] == 3),
    }
    return [fault for fault, broken in checks.items() if broken]
