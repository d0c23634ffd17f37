"""What an operation does to the things of the sandbox: what it answers, and what is so afterwards. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors._kit.description import Effect, Operation
from connectors._kit.filling import ABSENT, fill, names_in
from connectors._kit.made_up import as_moment, made_up
from connectors._kit.things import fitting, meant
from engine.errors import NotFound
from engine.ports import Thing
from engine.workflow.definition import Json

FRESH = frozenset(made_up("")) | {"key"}
LONGEST_ID = 200
LONGEST_TEXT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One ask as it reaches a sandbox. ``known``: all things of the account, newest first; ``template``: how it is answered; ``scope``: what that may say."""

    service: str
    name: str  # the service's, for sentences
    operation: Operation
    effect: Effect
    said: Mapping[str, Any]
    template: Mapping[str, Any]
    written: bool  # the template was written for the sandbox
    scope: Mapping[str, Any]
    known: Sequence[Thing]
    now: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """``thing``: the one it was about, as it is now; ``before``: as it was; ``parent``: what it belongs to (the card of a comment)."""

    output: Mapping[str, Json]
    thing: Thing | None = None
    before: Thing | None = None
    parent: Thing | None = None


def done(deed: Deed) -> Done:
    """Raises NotFound for what was removed."""
    return {"create": _created, "change": _changed, "remove": _removed, "find": _found}[deed.effect.kind](deed)


def _created(deed: Deed) -> Done:
    parent = _alive(deed, meant(deed.known, deed.effect, deed.said)) if deed.effect.by else None
    output = _answered(deed, parent, frozenset(deed.effect.by))
    output = {name: _stamped(deed, name, value) for name, value in output.items()}
    output, sets = _with_sets(deed, output)
    fields = {**_plain(deed), **_there(output), **sets}
    thing = Thing(service=deed.service, kind=deed.effect.thing, id=_id_of(fields, deed), at=deed.now, fields=_kept(fields))
    return Done(output, thing, None, parent)


def _changed(deed: Deed) -> Done:
    before = _alive(deed, meant(_of_kind(deed), deed.effect, deed.said))
    output, sets = _with_sets(deed, _answered(deed, before, frozenset(deed.operation.inputs)))
    said = {name: value for name, value in _plain(deed).items() if name not in deed.effect.by}
    fields = {**(before.fields if before else _plain(deed)), **said, **_there(output), **sets}
    thing = Thing(
        service=deed.service,
        kind=deed.effect.thing,
        id=before.id if before else _id_of(fields, deed),
        at=before.at if before else deed.now,
        fields=_kept(fields),
    )
    return Done(output, thing, before)


def _removed(deed: Deed) -> Done:
    made = _changed(deed)
    return replace(made, thing=replace(made.thing, gone=True) if made.thing else None)


def _found(deed: Deed) -> Done:
    things = [thing for thing in _of_kind(deed) if not thing.gone]
    if deed.effect.items not in deed.operation.outputs:
        thing = _alive(deed, meant(_of_kind(deed), deed.effect, deed.said))
        return Done(_answered(deed, thing, frozenset(deed.operation.inputs)), thing)
    if not things:  # nothing was made here yet: what the service would show to a newcomer
        return Done(_answered(deed, None, frozenset()))
    limit = deed.said.get("limit")
    found = fitting(things, deed.effect, deed.said)[: limit if isinstance(limit, int) and limit > 0 else None]
    shape = deed.operation.outputs[deed.effect.items].each
    items: list[Json] = [{name: _field(thing, name) for name in shape} if shape else dict(thing.fields) for thing in found]
    counted: dict[str, Json] = {
        name: len(items)
        for name, pick in deed.operation.outputs.items()
        if pick.count or (name in ("count", "total") and pick.type == "integer")
    }
    return Done({**_answered(deed, None, frozenset()), **counted, deed.effect.items: items})


def _field(thing: Thing, name: str) -> Json:
    return thing.fields.get(name, thing.id if name == thing.kind else None)


def _of_kind(deed: Deed) -> list[Thing]:
    return [thing for thing in deed.known if thing.kind == deed.effect.thing]


def _alive(deed: Deed, thing: Thing | None) -> Thing | None:
    if thing is not None and thing.gone:
        said = next((deed.said[name] for name in deed.effect.by if deed.said.get(name)), thing.id)
        raise NotFound(f"{deed.name} (sandbox) has no {thing.kind.replace('_', ' ')} “{said}” any more: it was removed.")
    return thing


def _answered(deed: Deed, about: Thing | None, its_own: frozenset[str]) -> dict[str, Json]:
    """The template with values. What it would make up of the thing (its id, its link, the name it was called by) is the thing's own, where one is known;
    so are inputs (``its_own``) that were not said now.
    """
    output = {}
    for name, part in deed.template.items():
        made = fill(part, {**(about.fields if about else {}), **deed.scope})
        output[name] = None if made is ABSENT else made
        if about is not None and about.fields.get(name) is not None and _is_the_things(deed, name, part, its_own):
            output[name] = about.fields[name]
    return output


def _is_the_things(deed: Deed, name: str, part: Any, its_own: frozenset[str]) -> bool:
    if name in deed.effect.by:
        return True
    if name in deed.effect.sets or deed.said.get(name) is not None:
        return False
    if deed.effect.kind == "create":  # about the parent: only what names it
        return False
    named = names_in(part)
    spoken = {form for by in deed.effect.by for form in (by, f"{by}_id", f"{by}_name")}
    return bool(named & (FRESH | spoken)) or name in its_own or (not named and not deed.written)


def _stamped(deed: Deed, name: str, value: Json) -> Json:
    """The moment of an example is not the moment of what is made now."""
    pick, part = deed.operation.outputs.get(name), deed.template.get(name)
    fixed = isinstance(part, str) and not names_in(part)
    if pick is None or pick.type != "datetime" or name in deed.operation.inputs or not fixed:
        return value
    return as_moment(deed.now, str(value))


def _plain(deed: Deed) -> dict[str, Json]:
    """What was said, without what files hold."""
    files = {name for name, wanted in deed.operation.inputs.items() if wanted.type == "file"}
    return {name: deed.said[name] for name in deed.operation.inputs if name not in files and deed.said.get(name) is not None}


def _there(output: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in output.items() if value is not None}


def _with_sets(deed: Deed, output: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """The output and what the effect ``sets``, which the output tells, too; its templates may say fields of the output."""
    filled = {name: fill(part, {**output, **deed.scope}) for name, part in deed.effect.sets.items()}
    sets = {name: value for name, value in filled.items() if value is not ABSENT and value is not None}
    return {**output, **{name: value for name, value in sets.items() if name in output}}, sets


def _id_of(fields: Mapping[str, Json], deed: Deed) -> str:
    """How the thing is told from others."""
    for name in ("id", deed.effect.thing, *deed.effect.by):
        text = str(fields[name]) if isinstance(fields.get(name), str | int) else ""
        if text and text.isprintable() and len(text) <= LONGEST_ID:
            return text
    return str(deed.scope["fresh_id"])


def _kept(fields: Mapping[str, Json]) -> dict[str, Json]:
    """Long texts are kept as far as anybody searches in them."""
    return {name: value[:LONGEST_TEXT] if isinstance(value, str) else value for name, value in fields.items()}
