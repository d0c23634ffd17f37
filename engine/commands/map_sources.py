"""What one source declares of the map, changed: the body before it is kept beside, so that the last change of each can be undone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import blake2b

from engine.commands.command import Asking
from engine.commands.house import House
from engine.errors import Conflict, Invalid, Rejected
from engine.events import Event, PolicySaved
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line
from engine.graph.declared.names import clean
from engine.graph.discovery.map import Knowledge, Told
from engine.graph.stored import BY_HAND, KIND, body_of, knowledge_of
from engine.ports import Policy

BEFORE = "map_before"  # kind of the policies that hold what a source declared before its last change
MOST_BY_HAND = 5_000  # of lines, components and alternatives together; more belongs into a file
MOST_SOURCES = 500


@dataclass(frozen=True, slots=True)
class Source:
    """``revision`` 0: it has never declared anything."""

    id: str
    revision: int = 0
    told: Knowledge = field(default_factory=Knowledge)

    @property
    def empty(self) -> bool:
        return not (self.told.components or self.told.lines or self.told.alternatives)


def card_id(source: str) -> str:
    """By what a card names a source, whatever that is called."""
    return "map_" + blake2b(source.encode("utf-8", "replace"), digest_size=8).hexdigest()


async def source_of(house: House, id: str = BY_HAND) -> Source:
    """Raises Rejected where what was said by hand cannot be read; a file that cannot be read says nothing."""
    policy = await house.store.policies.get(KIND, id)
    return _source(id, policy)


async def sources(house: House) -> list[Source]:
    """Those that declare something now, by name; one that cannot be read declares nothing."""
    found = []
    for policy in await house.store.policies.of(KIND):
        try:
            found.append(Source(policy.id, policy.revision, knowledge_of(policy.body)))
        except Invalid:
            found.append(Source(policy.id, policy.revision))
    return [one for one in found if not one.empty]


def _source(id: str, policy: Policy | None) -> Source:
    if policy is None:
        return Source(id)
    try:
        return Source(id, policy.revision, knowledge_of(policy.body))
    except Invalid as error:
        if id != BY_HAND:
            return Source(id, policy.revision)  # taking the file in again mends it
        raise Rejected(f"What was said of the map by hand cannot be read: {error}") from error


def said_by(asking: Asking, because: str = "") -> tuple[Evidence, ...]:
    """A person's word, with its reason."""
    return (Evidence(kind=EvidenceKind.DECLARED, origin=_origin(asking, because), since=asking.at, seen=asking.at),)


def denied_by(asking: Asking, because: str = "") -> tuple[Evidence, ...]:
    return (Evidence(kind=EvidenceKind.DENIED, origin=_origin(asking, because), since=asking.at, seen=asking.at),)


def _origin(asking: Asking, because: str) -> str:
    why = clean(because, 120)
    return clean(asking.actor.name, 60) + (f" ({why})" if why else "")


def with_line(told: Knowledge, line: Line) -> Knowledge:
    """In place of whatever was said of the same two before, a no too."""
    kept = tuple(one for one in told.lines if (one.source, one.target) != (line.source, line.target) or one.group)
    return replace(told, lines=(*kept, line))


def without_lines(told: Knowledge, source: str, target: str) -> Knowledge:
    return replace(told, lines=tuple(one for one in told.lines if (one.source, one.target) != (source, target)))


def with_component(told: Knowledge, component: Component) -> Knowledge:
    return replace(told, components=(*(one for one in told.components if one.id != component.id), component))


def with_alternative(told: Knowledge, one: Alternative) -> Knowledge:
    return replace(told, alternatives=(*(other for other in told.alternatives if other.key != one.key), one))


async def declare(
    house: House, asking: Asking, source: Source, told: Told, *, verb: str, subject: str, detail: str, more: tuple[Event, ...] = ()
) -> int:
    """Store what the source declares from now on, with the audit, and what it declared before for Undo; its new revision.

    Raises Conflict where somebody else changed it since it was read, Rejected beyond what may be said by hand.
    """
    if source.id == BY_HAND and len(told.lines) + len(told.components) + len(told.alternatives) > MOST_BY_HAND:
        raise Rejected(f"At most {MOST_BY_HAND:,} things of the map are said by hand. Put them into a file and import that: /deps import")
    before = await house.store.policies.get(BEFORE, source.id)
    former = {"told": body_of(source.told)}
    try:
        await house.store.ledger.record(
            PolicySaved(KIND, source.id, body_of(told), asking.at, source.revision + 1),
            PolicySaved(BEFORE, source.id, former, asking.at, before.revision + 1 if before else 1),
            house.audit(asking, verb, subject, detail[:300]),
            *more,
        )
    except Conflict as error:
        raise Conflict(
            "Somebody else changed the map at the same moment, so nothing was changed. Look again and say it once more."
        ) from error
    await house.remap()
    return source.revision + 1


async def former_of(house: House, id: str) -> Knowledge | None:
    """What the source declared before its last change; None where nothing is kept."""
    policy = await house.store.policies.get(BEFORE, id)
    return knowledge_of(policy.body.get("told") or {}) if policy is not None else None  # type: ignore[arg-type]
