"""A component: one thing of the map that can be up or down, or that others belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from engine.errors import Invalid
from engine.graph.declared import raw as read
from engine.graph.declared.evidence import Evidence

MOST_ALIASES: Final = 20
MOST_EVIDENCE: Final = 50
_URL = re.compile(r"https?://[^\s<>\"'|\\^`{}]{1,1000}", re.IGNORECASE)


class ComponentKind(StrEnum):
    SERVICE = "service"  # a product that Signalbox connects to
    COMPONENT = "component"  # something of one's own that runs
    INFRA = "infra"  # a database, a queue, a cache
    PLATFORM = "platform"  # what several services share: one sign-in, one cloud
    EXTERNAL = "external"  # somebody else's
    API = "api"  # what some provide and others use
    LIBRARY = "library"  # built in, never down
    WORKFLOW = "workflow"
    SYSTEM = "system"  # what components are part of
    TEAM = "team"


class Criticality(StrEnum):
    UNKNOWN = ""
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """``tier`` 1 (the most important) to 4. ``service``: id of the connected service that it is. ``part_of``: id of the system around it.

    ``aliases`` are ids under which other catalogues know it. ``lifecycle`` is free text (experimental, production, deprecated …).
    """

    id: str
    name: str = ""
    kind: ComponentKind = ComponentKind.COMPONENT
    owner: str = ""
    tier: int | None = None
    criticality: Criticality = Criticality.UNKNOWN
    lifecycle: str = ""
    url: str = ""
    about: str = ""
    aliases: tuple[str, ...] = ()
    service: str = ""
    part_of: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or self.id

    def to_json(self) -> dict[str, Any]:
        """What is empty is left out."""
        made: dict[str, Any] = {"id": self.id, "kind": self.kind.value}
        texts = {name: getattr(self, name) for name in ("name", "owner", "criticality", "lifecycle", "url", "about", "service", "part_of")}
        made |= {name: str(value) for name, value in texts.items() if value}
        if self.tier is not None:
            made["tier"] = self.tier
        if self.aliases:
            made["aliases"] = list(self.aliases)
        if self.evidence:
            made["evidence"] = [one.to_json() for one in self.evidence]
        return made

    @classmethod
    def from_json(cls, raw: Any) -> Component:
        """Raises Invalid with a sentence."""
        found = read.mapping(raw, "A component")
        read.only(found, FIELDS, "A component")
        aliases = read.sequence(found.get("aliases"), "“aliases”")
        if len(aliases) > MOST_ALIASES:
            raise Invalid(f"A component has at most {MOST_ALIASES} aliases.")
        return cls(
            id=read.identity(found.get("id"), "The id of a component"),
            name=read.words(found.get("name"), "“name”"),
            kind=read.word(found.get("kind", "component"), ComponentKind, "The kind of a component"),
            owner=read.words(found.get("owner"), "“owner”"),
            tier=None if found.get("tier") is None else read.whole(found["tier"], "“tier”", 1, 4),
            criticality=read.word(found.get("criticality") or "", Criticality, "“criticality”"),
            lifecycle=read.words(found.get("lifecycle"), "“lifecycle”", 40),
            url=web_address(found.get("url")),
            about=read.words(found.get("about"), "“about”", 300),
            aliases=tuple(dict.fromkeys(read.identity(alias, "An alias") for alias in aliases)),
            service=read.words(found.get("service"), "“service”", 60),
            part_of=read.identity(found["part_of"], "“part_of”") if found.get("part_of") else "",
            evidence=evidence_of(found.get("evidence")),
        )


FIELDS: Final = (
    *("id", "name", "kind", "owner", "tier", "criticality", "lifecycle", "url", "about", "aliases", "service", "part_of", "evidence"),
)


def web_address(raw: Any) -> str:
    """An http or https address, empty for none. Raises Invalid for any other: it may become a link."""
    text = read.words(raw, "“url”", 1_001)
    if text and not _URL.fullmatch(text):
        raise Invalid(f"“url” is a web address that begins with http:// or https://, not {read.shown(text)}.")
    return text


def evidence_of(raw: Any) -> tuple[Evidence, ...]:
    listed = read.sequence(raw, "“evidence”")
    if len(listed) > MOST_EVIDENCE:
        raise Invalid(f"At most {MOST_EVIDENCE} pieces of evidence are kept of one thing.")
    return tuple(Evidence.from_json(one) for one in listed)
