"""The catalogue: which services, actions and events exist, and what each takes and gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from engine.errors import NotFound
from engine.workflow.definition import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input of an action, or one field of an event or output. ``type``: string, number, integer, boolean, datetime, array, object, any.

    ``each``: what every entry of an array of groups holds, where that is known. ``own_host``: an address whose host must stand in the definition
    itself, so that no value from outside can lead the request elsewhere.
    """

    name: str
    type: str = "string"
    required: bool = False
    enum: tuple[Json, ...] = ()
    default: Json = None
    help: str = ""
    each: tuple[Field, ...] = ()
    own_host: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """``repeatable``: asking twice with the same key does the thing once (or does nothing but read)."""

    service: str
    operation: str
    title: str = ""
    inputs: tuple[Field, ...] = ()
    outputs: tuple[Field, ...] = ()
    writes: bool = True
    repeatable: bool = False
    equivalents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # "asana.create_task" -> {its input: our input}

    @property
    def id(self) -> str:
        return f"{self.service}.{self.operation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """``open``: it may hold more than its fields, such as whatever a webhook was sent."""

    service: str
    event: str
    title: str = ""
    fields: tuple[Field, ...] = ()
    open: bool = False

    @property
    def id(self) -> str:
        return f"{self.service}.{self.event}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A product we know of. ``connected``: a connector for it ships; without one its workflows are understood but refused with that reason."""

    id: str
    name: str
    category: str
    aliases: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    events: tuple[EventSpec, ...] = ()
    connected: bool = False


class Catalogue:
    """Every service by id. Look-ups raise NotFound with the nearest names; see ``engine.workflow.catalogue_data`` for the stable ids."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.services: dict[str, Service] = {service.id: service for service in services}
        self.actions: dict[str, Action] = {a.id: a for s in self.services.values() for a in s.actions}
        self.events: dict[str, EventSpec] = {e.id: e for s in self.services.values() for e in s.events}
        self._declared: Mapping[tuple[str, str], Mapping[str, Json]] = {}
        self.edition = 0  # grows when people declare something else: what was worked out by an older one is to be worked out anew

    @classmethod
    def merge(cls, known: Iterable[Service], connected: Iterable[Service]) -> Catalogue:
        """What is known, made exact by the connectors that ship: their specs replace the known ones and their services are connected.

        Names, aliases and declared equivalents of the known entry are kept where the connector says nothing of its own.
        """
        shipped = {service.id: service for service in connected}
        merged = [_joined(entry, shipped.pop(entry.id, None)) for entry in known]
        return cls(_fitting([*merged, *(replace(service, connected=True) for service in shipped.values())]))

    def service(self, id: str) -> Service:
        found = self.services.get(id)
        if found is None:
            names = {s.id: s.id for s in self.services.values()} | {
                name: s.id for s in self.services.values() for name in (s.name, *s.aliases)
            }
            raise NotFound(f"There is no service “{_shown(id)}”.{did_you_mean(id, names)}")
        return found

    def action(self, id: str) -> Action:
        """By ``service.operation``. An unknown service is named as such, before the operation is looked for."""
        found = self.actions.get(id)
        if found is None:
            raise NotFound(self._missing(id, "action", [a.id for s in self._named(id) for a in s.actions]))
        return found

    def event(self, id: str) -> EventSpec:
        found = self.events.get(id)
        if found is None:
            raise NotFound(self._missing(id, "event", [e.id for s in self._named(id) for e in s.events]))
        return found

    def equivalent(self, action: str, service: str) -> tuple[Action, Mapping[str, str]] | None:
        """The action of ``service`` that was declared to stand in for ``action``, with {its input: our input}; None if there is none.

        For one that people of this house declared, ``fills`` says how its inputs are filled, and the names here are none.
        """
        for ours, theirs in self._declared:
            if ours == action and theirs.partition(".")[0] == service and theirs in self.actions:
                return self.actions[theirs], {}
        declared = self.actions[action].equivalents if action in self.actions else {}
        for other, inputs in declared.items():
            if other.partition(".")[0] == service and other in self.actions:
                return self.actions[other], inputs
        return None

    def declare(self, fills: Mapping[tuple[str, str], Mapping[str, Json]]) -> None:
        """What people declare to be equivalent, in place of what was declared before: (action, its stand-in) → the stand-in's inputs.

        Texts may hold ``{{input.name}}``: what the replaced action was to be given. It goes before what services declare themselves.
        """
        if self._declared != fills:
            self._declared = dict(fills)
            self.edition += 1

    def fills(self, action: str, other: str) -> Mapping[str, Json] | None:
        """How the inputs of ``other`` are filled where people declared it to stand in for ``action``; None where nobody did."""
        return self._declared.get((action, other))

    @property
    def connected(self) -> tuple[str, ...]:
        """Ids of the services a connector ships for, sorted."""
        return tuple(sorted(service.id for service in self.services.values() if service.connected))

    def _named(self, id: str) -> list[Service]:
        """The service an id begins with; raises NotFound if there is none."""
        return [self.service(id.partition(".")[0])]

    def _missing(self, id: str, kind: str, there: Sequence[str]) -> str:
        service = self.services[id.partition(".")[0]]
        if not there:
            return f"{service.name} has no {kind}s."
        near = did_you_mean(_last(id), {_last(name): name for name in there})
        return f"{service.name} has no {kind} “{_shown(id.partition('.')[2])}”." + (
            near or f" It has {listed(_last(name) for name in there)}."
        )


def did_you_mean(wanted: str, names: Mapping[str, str] | Iterable[str], *, limit: int = 3) -> str:
    """`` Did you mean “a” or “b”?`` (with a leading space) from what is spelt alike, or an empty string. A mapping leads from spelling to name."""
    found = nearest(wanted, names, limit=limit)
    return f" Did you mean {listed((f'“{name}”' for name in found), 'or')}?" if found else ""


def nearest(wanted: str, names: Mapping[str, str] | Iterable[str], *, limit: int = 3) -> list[str]:
    """The names that are spelt alike, the nearest first."""
    choices = dict(names) if isinstance(names, Mapping) else {name: name for name in names}
    scored = sorted(((_alike(_plain(wanted[:120]), _plain(name)), name) for name in choices), key=lambda pair: -pair[0])
    close = [name for score, name in scored if score >= max(70, scored[0][0] - 12)]
    return list(dict.fromkeys(choices[name] for name in close))[:limit]


def _alike(wanted: str, name: str) -> float:
    """0..100. Short words must differ by one letter at most: everything is part of something."""
    if min(len(wanted), len(name)) < 4:
        distance = OSA.distance(wanted, name)
        return 100 - 10 * distance if distance <= 1 and len(wanted) > 1 else 0
    return max(fuzz.WRatio(wanted, name), 100 * OSA.normalized_similarity(wanted, name))


def listed(names: Iterable[str], word: str = "and") -> str:
    """``a, b and c``."""
    parts = list(names)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}" if parts else ""


def _plain(text: str) -> str:
    return text.casefold().replace("_", " ").replace(".", " ").replace("-", " ")


def _last(id: str) -> str:
    return id.partition(".")[2]


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _joined(known: Service, shipped: Service | None) -> Service:
    if shipped is None:
        return known
    before = {action.id: action for action in known.actions}
    return replace(
        shipped,
        name=shipped.name or known.name,
        category=shipped.category or known.category,
        aliases=tuple(dict.fromkeys((*known.aliases, *shipped.aliases))),
        actions=tuple(_with_equivalents(action, before.get(action.id)) for action in shipped.actions),
        connected=True,
    )


def _fitting(services: Sequence[Service]) -> list[Service]:
    """Without equivalents that the other side, as its connector describes it, could not do: an input it lacks, or needs and would not get."""
    actions = {action.id: action for service in services for action in service.actions}
    return [replace(service, actions=tuple(_fitted(action, actions) for action in service.actions)) for service in services]


def _fitted(action: Action, actions: Mapping[str, Action]) -> Action:
    kept: dict[str, Mapping[str, str]] = {}
    for id, inputs in action.equivalents.items():
        if id not in actions:
            continue
        takes = {entry.name for entry in actions[id].inputs}
        shared = {theirs: ours for theirs, ours in inputs.items() if theirs in takes}
        if all(entry.name in shared or entry.default is not None for entry in actions[id].inputs if entry.required):
            kept[id] = shared
    return replace(action, equivalents=kept)


def _with_equivalents(action: Action, known: Action | None) -> Action:
    """A connector rarely knows who could stand in for it, so the known declaration is kept, cut to the inputs the connector takes."""
    if action.equivalents or known is None:
        return action
    ours = {entry.name for entry in action.inputs}
    kept = {other: {theirs: mine for theirs, mine in inputs.items() if mine in ours} for other, inputs in known.equivalents.items()}
    return replace(action, equivalents=kept)
