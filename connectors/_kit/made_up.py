"""What the sandbox makes up: ids, numbers, addresses and times that look fresh, and are the same for the same key. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors._kit.connector import Connector
from connectors._kit.description import Operation
from connectors._kit.filling import ABSENT, fill
from engine.ports import Answer, Call

SHORTEST = 3  # characters; a shorter value of an example stands in too many places by chance


def made_up(key: str) -> dict[str, Any]:
    """Values for the templates of ``Example.sandbox``."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return {
        "fresh_number": 100 + int(digest[:6], 16) % 9900,
        "fresh_id": digest[:24],
        "fresh_sha": digest[:40],
        "fresh_code": digest[24:32],
        "fresh_digits": str(int(digest[:16], 16))[:13].rjust(13, "1"),
        "fresh_uuid": f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}",
    }


def scope_of(connector: Connector, operation: Operation, call: Call, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """All that a template may say: what was said, ids of what was named, ``{fresh_…}`` and ``{now}``."""
    looked_up = {}
    for name, wanted in operation.inputs.items():
        if wanted.lookup and values.get(name) is not None:
            said = values[name]
            looked_up[f"{name}_id"] = [_id_of(part) for part in said] if isinstance(said, list) else _id_of(said)
            looked_up[f"{name}_name"] = said
    return {**looked_up, **values, **made_up(call.key), "key": call.key, "now": as_moment(now, "Z")}


def _id_of(name: Any) -> str:
    return hashlib.sha256(str(name).strip().casefold().encode()).hexdigest()[:24]


def as_moment(now: datetime, like: str) -> str:
    """ISO 8601, written as ``like`` is."""
    moment = now.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if like.endswith("Z") else moment.isoformat(timespec="seconds")


def example_answer(connector: Connector, call: Call, values: Mapping[str, Any]) -> Answer:
    """The answer of the operation's example with these values in it; without a template for the sandbox, its output as it stands."""
    example = connector.examples.operations[call.operation]
    filled = {name: fill(part, {**values, **made_up(call.key)}) for name, part in (example.sandbox or example.output).items()}
    return Answer({name: None if value is ABSENT else value for name, value in filled.items()}, sandbox=True)


def template_of(connector: Connector, operation: str) -> Mapping[str, Any]:
    """How the sandbox answers. Where the examples have no template of their own, one is drawn from the example's ask and output: what was asked for is
    answered with what is asked for, and whatever holds the id of what was made gets an id of its own.
    """
    example = connector.examples.operations[operation]
    if example.sandbox:
        return example.sandbox
    asked = {value: f"{{{name}}}" for name, value in example.ask.items() if isinstance(value, str) and len(value) >= SHORTEST}
    made = example.output.get("id")
    fresh = {made: fresh_like(made)} if made is not None and made not in asked and _makes(connector, operation) else {}
    return {name: swapped(value, {**asked, **fresh}) for name, value in example.output.items()}


def _makes(connector: Connector, operation: str) -> bool:
    effect = connector.description.operations[operation].effect
    return effect is not None and effect.kind == "create"


def fresh_like(example: Any) -> str:
    """The placeholder for a fresh id that looks like this one."""
    if isinstance(example, int):
        return "{fresh_number}"
    text = str(example)
    if text.isdigit():
        return "{fresh_digits}"
    head, dash, tail = text.rpartition("-")
    if dash and tail.isdigit() and head.isupper():  # OPS-17
        return f"{head}-{{fresh_number}}"
    head, line, tail = text.partition("_")
    return f"{head}_{{fresh_id}}" if line and head.isalpha() and len(tail) > len(head) else "{fresh_id}"


def swapped(value: Any, instead: Mapping[Any, Any]) -> Any:
    """``value`` with every old value replaced by the new one, also where it is a part of a text."""
    if isinstance(value, Mapping):
        return {name: swapped(part, instead) for name, part in value.items()}
    if isinstance(value, list):
        return [swapped(part, instead) for part in value]
    if isinstance(value, bool) or value is None:
        return value
    if value in instead:
        return instead[value]
    if isinstance(value, str):
        for old, new in instead.items():
            if isinstance(old, str) and len(old) > SHORTEST and isinstance(new, str) and old in value:
                value = value.replace(old, new)
    return value
