"""Names people say, turned into the ids services want: by a link, by an id said as such, or by asking the service once in a while."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import unquote

from connectors._kit.custom import Memory
from connectors._kit.described_wire import Lookup, Pages, Request
from connectors._kit.description import Operation
from connectors._kit.filling import names_in
from connectors._kit.nearest import did_you_mean
from connectors._kit.picking import at, fits
from engine.errors import NotFound, Rejected

Ask: TypeAlias = Callable[[Request, Mapping[str, Any], str, Pages | None], Awaitable[Any]]
MOST_SHOWN = 5
MOST_READ = 10_000  # items of one look-up
LONGEST = 2_000  # characters of a name or a link; what is longer is neither, and is not searched
FRESH = 5.0  # seconds in which asking again for a name that was not there is no use


class Names:
    """The look-ups of one account. ``ask`` puts a request filled from a scope and reads all its pages."""

    def __init__(self, service: str, lookups: Mapping[str, Lookup], memory: Memory, ask: Ask) -> None:
        self._service = service
        self._lookups = lookups
        self._memory = memory
        self._ask = ask

    async def resolve(self, operation: Operation, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """``{<input>_id}``, ``{<input>_name}`` and what the look-ups give besides, for every input with one that was said or is chosen.

        Raises NotFound for a name nobody has (with the nearest), Rejected for one that several have, else what asking raises.
        """
        found: dict[str, Any] = {}
        for name in ordered(operation, self._lookups):
            lookup = self._lookups[operation.inputs[name].lookup]
            said = arguments.get(name)
            if said is None and not (lookup.choose and self._is_needed(name, operation, arguments)):
                continue
            if self._is_name(lookup, said):
                found |= await self._about_the_account(lookup, operation, {**arguments, **found})
            scope = {**arguments, **found}
            if isinstance(said, list):
                found |= await self._several(name, lookup, said, scope)
            else:
                found |= _placeholders(name, lookup, await self.one(lookup, said, scope))
        return found

    async def _about_the_account(self, lookup: Lookup, operation: Operation, scope: Mapping[str, Any]) -> dict[str, Any]:
        """``{me_id}`` and the like: look-ups that come first and are no input, of which the account has one."""
        names = [name for name in lookup.after if name not in operation.inputs and name in self._lookups and f"{name}_id" not in scope]
        found = {name: await self.one(self._lookups[name], None, scope) for name in names}
        return {key: value for name, item in found.items() for key, value in _placeholders(name, self._lookups[name], item).items()}

    def _is_needed(self, name: str, operation: Operation, arguments: Mapping[str, Any]) -> bool:
        """Whether what is chosen for an input that was not said is used at all: by the operation itself, or by the look-up of another's name."""
        after = [(other, self._lookups[wanted.lookup]) for other, wanted in operation.inputs.items() if wanted.lookup]
        after = [(other, lookup) for other, lookup in after if name in lookup.after]
        if any(self._is_name(lookup, arguments.get(other)) for other, lookup in after):
            return True
        if operation.request is None:
            return not after
        parts = (operation.request, *([operation.read_back.request] if operation.read_back else []))
        used = set().union(*(names_in([part.path, part.query, part.body, part.headers]) for part in parts))
        used |= {how.ask for how in operation.outputs.values()}
        return not after or any(one.startswith(f"{name}_") for one in used)

    def _is_name(self, lookup: Lookup, said: Any) -> bool:
        """Whether the service has to be asked for it."""
        if said is None:
            return bool(lookup.choose)
        return any(lookup.gives or not _as_id(lookup, str(each).strip()) for each in (said if isinstance(said, list) else [said]))

    async def _several(self, name: str, lookup: Lookup, said: Sequence[Any], scope: Mapping[str, Any]) -> dict[str, Any]:
        items = [_placeholders(name, lookup, await self.one(lookup, each, scope)) for each in said]
        return {key: [item[key] for item in items] for key in (items[0] if items else {})}

    async def one(self, lookup: Lookup, said: Any, scope: Mapping[str, Any]) -> Mapping[str, Any]:
        """``{"id", "name", …}`` of what is meant by ``said`` (None: chosen)."""
        text = "" if said is None else str(said).strip()
        lookup = self._lookups[lookup.people] if lookup.people and text.startswith("@") else lookup
        known = _as_id(lookup, text)
        if known and not lookup.gives:
            return {"id": known, "name": text}
        items, fitting = await self._fitting(lookup, {**scope, "name": known or _bare(text)}, text, known)
        if len(fitting) > 1 and lookup.choose != "first":
            names = [_name(item, lookup) for item in fitting]
            raise (
                Rejected(
                    f"{self._service} has several {lookup.what}s called “{text}”: {_listed(names, fitting, lookup)}. Say which by its id."
                )
                if text
                else _which(self._service, lookup, names)
            )
        if not fitting:
            near = did_you_mean(text, [_name(item, lookup) for item in items])
            raise NotFound(
                f"{self._service} has no {lookup.what} “{text}”, or the credential may not see it.{near}"
                if text
                else f"{self._service} shows no {lookup.what} to this credential."
            )
        item = fitting[0]
        return {"id": at(item, lookup.id), "name": _name(item, lookup), **{key: at(item, path) for key, path in lookup.gives.items()}}

    async def _fitting(self, lookup: Lookup, scope: Mapping[str, Any], text: str, known: str) -> tuple[Sequence[Any], Sequence[Any]]:
        """All items, and those that are called so: of what is remembered, and when none is, of what there is now."""
        for seconds in (lookup.seconds, min(lookup.seconds, FRESH)):
            items = await self._items(lookup, scope, seconds)
            fitting = items if not text else [item for item in items if _is_called(item, lookup, text, known)]
            if fitting:
                exact = [item for item in fitting if _name(item, lookup) == text]
                return items, exact or fitting
        return items, fitting

    async def _items(self, lookup: Lookup, scope: Mapping[str, Any], seconds: float) -> Sequence[Any]:
        request, pages = lookup.request, lookup.pages and replace(lookup.pages, most="lookup_most")  # the ask's own limit is another list's
        asked = {name: scope.get(name) for name in sorted(names_in([request.path, request.query, request.body, request.headers]))}

        async def load() -> Sequence[Any]:
            body = await self._ask(request, {**scope, "lookup_most": MOST_READ}, f"the look-up of a {lookup.what}", pages)
            among = at(body, lookup.among)
            items = _flat(among) if isinstance(among, list) else [] if among is None else [among]
            return [item for item in items if fits(item, lookup.where)]

        key = f"{lookup.what}:{request.path}:{json.dumps(asked, sort_keys=True, default=str)}"
        found: Sequence[Any] = await self._memory.recall(key, load, seconds=seconds)
        return found


def _flat(found: Sequence[Any]) -> list[Any]:
    """A path through several lists gives a list of lists."""
    return [one for item in found for one in (_flat(item) if isinstance(item, list) else [item])]


def ordered(operation: Operation, lookups: Mapping[str, Lookup]) -> list[str]:
    """The inputs that are looked up, those first that others come after."""
    names = [name for name, wanted in operation.inputs.items() if wanted.lookup]
    done: list[str] = []
    while names:
        ready = [
            name
            for name in names
            if not any(f"{before}" in names and before != name for before in lookups[operation.inputs[name].lookup].after)
        ]
        for name in ready or names[:1]:
            done.append(name)
            names.remove(name)
    return done


def unasked(operation: Operation, lookups: Mapping[str, Lookup], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The same placeholders without asking anybody, for the sandbox: what is said is the name, and an id of its own is made of it."""
    found: dict[str, Any] = {}
    for name in ordered(operation, lookups):
        lookup, said = lookups[operation.inputs[name].lookup], arguments.get(name)
        if said is None:
            continue
        parts = [_made(lookup, str(each)) for each in (said if isinstance(said, list) else [said])]
        items = [_placeholders(name, lookup, part) for part in parts]
        found |= {key: [item[key] for item in items] for key in (items[0] if items else {})} if isinstance(said, list) else items[0]
    return found


def _made(lookup: Lookup, said: str) -> dict[str, Any]:
    known = _as_id(lookup, said.strip())
    return {"id": known or _bare(said), "name": _bare(said), **dict.fromkeys(lookup.gives, _bare(said))}


def _placeholders(name: str, lookup: Lookup, item: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}_{key}": value for key, value in item.items()}


def _as_id(lookup: Lookup, text: str) -> str:
    """The id that was said as such or stands in a link; empty when it is a name."""
    if len(text) > LONGEST:
        return ""
    if lookup.link and (match := re.search(lookup.link, text)):
        return unquote(match["id"])
    return text if lookup.is_id and re.fullmatch(lookup.is_id, text) else ""


def _is_called(item: Any, lookup: Lookup, text: str, known: str) -> bool:
    if known:
        return str(at(item, lookup.id)) == known
    wanted = _bare(text).casefold()
    return any(isinstance(name, str) and _bare(name).casefold() == wanted for path in lookup.names for name in _all(at(item, path)))


def _all(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _bare(text: str) -> str:
    return " ".join(text.strip().lstrip("#@").split())


def _name(item: Any, lookup: Lookup) -> str:
    return next((str(name) for path in lookup.names for name in _all(at(item, path)) if name), str(at(item, lookup.id)))


def _listed(names: Sequence[str], items: Sequence[Any], lookup: Lookup) -> str:
    shown = [f"{name} ({at(item, lookup.id)})" for name, item in zip(names, items, strict=True)]
    return ", ".join(shown[:MOST_SHOWN]) + (" …" if len(shown) > MOST_SHOWN else "")


def _which(service: str, lookup: Lookup, names: Sequence[str]) -> Rejected:
    shown = ", ".join(names[:MOST_SHOWN]) + (" …" if len(names) > MOST_SHOWN else "")
    return Rejected(f"{service} has several {lookup.what}s; say which: {shown}.")
