"""The events that a deed in the sandbox sets off, with fields that agree with what was done. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors._kit.connector import Connector
from connectors._kit.description import Pick
from connectors._kit.effects import Done
from connectors._kit.made_up import SHORTEST, as_moment, swapped
from engine.events import Happening
from engine.ports import Call
from engine.workflow.definition import Json

BEFORE = ("from_", "old_", "previous_")  # how events call what was so until then


def told(connector: Connector, call: Call, said: Mapping[str, Any], done: Done, now: datetime) -> tuple[Happening, ...]:
    """One for each trigger that the operation's effect ``tells``; told again, it is the same one."""
    effect = connector.description.operations[call.operation].effect
    names = effect.tells if effect else ()
    return tuple(
        Happening(
            id=f"sandbox-{hashlib.sha256(f'{call.service}.{call.operation} {call.key} {name}'.encode()).hexdigest()[:24]}",
            service=call.service,
            event=name,
            at=now,
            data=_fields(connector, call.operation, name, said, done, now),
            account=call.account,
        )
        for name in names
    )


def _fields(connector: Connector, operation: str, event: str, said: Mapping[str, Any], done: Done, now: datetime) -> dict[str, Json]:
    trigger, example = connector.description.triggers[event], connector.examples.triggers[event].event
    inputs = connector.description.operations[operation].inputs
    known = {**_of(done.parent), **_of(done.thing), **{name: value for name, value in done.output.items() if value is not None}}
    instead = _instead(connector, operation, said, done)
    fields: dict[str, Json] = {}
    for name in dict.fromkeys((*example, *trigger.fields)):
        shown = example.get(name)
        pick = trigger.fields.get(name)
        if (base := _base(name)) in known:
            fields[name] = _before(base, known, done, shown)
        elif name in known:
            fields[name] = known[name]
        elif name == "changed" and isinstance(shown, list):
            fields[name] = _changed(said, done)
        elif name in inputs or shown is None:
            fields[name] = None
        elif pick is not None and pick.type == "datetime":
            fields[name] = as_moment(now, str(shown))
        else:
            fields[name] = swapped(shown, instead)
    return {name: _as_declared(value, trigger.fields.get(name)) for name, value in fields.items()}


def _as_declared(value: Json, pick: Pick | None) -> Json:
    """An id that is a number in an answer and a text in an event, or the other way round."""
    if pick is not None and pick.type == "string" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if pick is not None and pick.type == "integer" and isinstance(value, str) and value.isdecimal():
        return int(value)
    return value


def _of(thing: Any) -> dict[str, Json]:
    return {**thing.fields, thing.kind: thing.fields.get(thing.kind, thing.id), "id": thing.fields.get("id", thing.id)} if thing else {}


def _base(name: str) -> str | None:
    return next((name.removeprefix(sign) for sign in BEFORE if name.startswith(sign)), None)


def _before(base: str, known: Mapping[str, Json], done: Done, shown: Json) -> Json:
    """What ``base`` was until then; where examples leave it out unless it changed, so is it here."""
    was = done.before.fields.get(base) if done.before else None
    return None if shown is None and was == known[base] else was


def _changed(said: Mapping[str, Any], done: Done) -> list[Json]:
    was = done.before.fields if done.before else {}
    now = done.thing.fields if done.thing else {}
    return [name for name in sorted(now) if was.get(name) != now[name] and (not was or name in said or name in was)]


def _instead(connector: Connector, operation: str, said: Mapping[str, Any], done: Done) -> dict[Any, Json]:
    """Values of the examples → what they are here: the trigger's example is most often about the very thing of the operation's."""
    example = connector.examples.operations[operation]
    pairs = [(value, said.get(name)) for name, value in example.ask.items()]
    pairs += [(value, done.output.get(name)) for name, value in example.output.items()]
    return {old: new for old, new in pairs if _tells_apart(old) and new is not None and not isinstance(new, dict | list)}


def _tells_apart(value: Any) -> bool:
    return (isinstance(value, str) and len(value) >= SHORTEST) or (isinstance(value, int) and not isinstance(value, bool) and value > 9)
