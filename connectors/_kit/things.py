"""The things of the sandbox as people name them: which one is meant, which ones fit a search. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors._kit.description import Effect
from engine.ports import Thing

NAMES = ("id", "number", "key", "url", "link", "title", "name", "subject", "summary", "email", "path", "code")
OPERATOR = re.compile(r"\S+[:=]\S*")  # “is:open”: the vendor's own words of a search
TITLES = ("title", "name", "subject", "summary", "text", "description", "content")


def meant(things: Sequence[Thing], effect: Effect, values: Mapping[str, Any]) -> Thing | None:
    """The thing that ``effect.by`` names: by id, number, link or title. Of several that are called the same, the newest (they come first).

    One of the inputs must name it; the others, where the thing has a field of that name, must not contradict (numbers are counted anew in every
    project, other ids are not).
    """
    said = {name: values[name] for name in effect.by if values.get(name) not in (None, "", [])}
    for thing in things:
        named = [name for name, value in said.items() if _named(thing, name, value)]
        by_id = any(_plain(value) == thing.id.casefold() and not thing.id.isdigit() for value in said.values())
        if by_id or (named and all(name in named or _agrees(thing, name, value) for name, value in said.items())):
            return thing
    return None


def _named(thing: Thing, by: str, said: Any) -> bool:
    forms = set(_forms(said))
    names = dict.fromkeys((*NAMES, thing.kind, by, f"{thing.kind}_id"))
    return any(_plain(thing.fields[name]) in forms for name in names if thing.fields.get(name) is not None) or thing.id.casefold() in forms


def _forms(said: Any) -> Iterator[str]:
    """Ways to write the same name: ``#17``, ``acme/web#17`` and the end of a link."""
    text = _plain(said)
    yield text
    yield text.lstrip("#@")
    if "#" in text:
        yield text.rpartition("#")[2]
    if "://" in text:
        yield text.partition("?")[0].rstrip("/").rpartition("/")[2]


def _plain(value: Any) -> str:
    return str(value).strip().casefold()


def _agrees(thing: Thing, name: str, said: Any) -> bool:
    known = thing.fields.get(name)
    return known is None or bool(set(_forms(said)) & set(_forms(known)))


def fitting(things: Iterable[Thing], effect: Effect, values: Mapping[str, Any]) -> list[Thing]:
    """Those that a search finds: texts are searched for word by word, other values must be equal; what is not said does not matter."""
    rules = [(field, values[name]) for name, field in effect.matching.items() if values.get(name) not in (None, "", [])]
    return [thing for thing in things if all(_fits(thing, field, wanted) for field, wanted in rules)]


def _fits(thing: Thing, field: str, wanted: Any) -> bool:
    known = thing.fields.get(field)
    if known is None and field in TITLES:
        known = next((thing.fields[name] for name in TITLES if thing.fields.get(name)), None)
    if isinstance(wanted, list):
        return all(_fits(thing, field, part) for part in wanted)
    if known is None:
        return False
    if isinstance(known, list):
        return _plain(wanted) in {_plain(part) for part in known}
    if isinstance(wanted, str):
        text = _plain(known)
        words = OPERATOR.sub(" ", _plain(wanted)).replace('"', " ").split()
        return all(word.lstrip("#@") in text for word in words)
    return bool(known == wanted)
