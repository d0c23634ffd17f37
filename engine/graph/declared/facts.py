"""Owner, tier and the like, as labels and annotations of catalogues say them: ``example.com/tier: "1"``, ``team: shop``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from engine.errors import Invalid
from engine.graph.declared.component import ComponentKind, Criticality, web_address
from engine.graph.declared.gathering import Gathering
from engine.graph.declared.known import same_service
from engine.graph.declared.names import clean, quoted
from engine.graph.declared.nodes import Node
from engine.workflow.catalogue import did_you_mean

_TIER = re.compile(r"(?:tier|t)?[-_ ]?([0-9]{1,3})", re.IGNORECASE)
_LAST = re.compile(r"[./]")
_OURS: Final = frozenset({"service", "kind", "url"})
_CRITICAL: Final = {"mission-critical": Criticality.CRITICAL, "business-critical": Criticality.CRITICAL, "normal": Criticality.MEDIUM}


class Facts:
    """Labels by the last part of their name, whatever stands before it; ``service``, ``kind`` and ``url`` mean too much elsewhere and are
    taken from ``signalbox/…`` and ``signalbox.…`` only. Of one that is said twice the later counts.
    """

    def __init__(self, gathering: Gathering, labels: Iterable[tuple[str, Node]], line: int) -> None:
        self.gathering, self.line = gathering, line
        self.labels: dict[str, Node] = {}
        for name, node in labels:
            last = _LAST.split(name)[-1].casefold().replace("_", "-")
            if node.text and (last not in _OURS or name.casefold().startswith(("signalbox/", "signalbox."))):
                self.labels[last] = node

    def said(self, *names: str) -> tuple[str, int]:
        """(text, line) of the first of the names that there is."""
        for name in names:
            if name in self.labels:
                return clean(self.labels[name].text or "", 300), self.labels[name].line or self.line
        return "", self.line

    def owner(self) -> str:
        return clean(self.said("owner", "team")[0])

    def lifecycle(self) -> str:
        return clean(self.said("lifecycle")[0], 40)

    def tier(self, text: str = "", line: int = 0) -> int | None:
        """1 to 4; what is anything else is told and left out."""
        if not text:
            text, line = self.said("tier", "service-tier")
        found = _TIER.fullmatch(text)
        if not text or (found and 1 <= int(found[1]) <= 4):
            return int(found[1]) if found else None
        self.gathering.doubt(f"A tier is 1, 2, 3 or 4; {quoted(text)} was left out.", line)
        return None

    def criticality(self) -> Criticality:
        text, line = self.said("criticality")
        word = text.casefold()
        if word in _CRITICAL:
            return _CRITICAL[word]
        if word in {kind.value for kind in Criticality}:
            return Criticality(word)
        self.gathering.doubt(f"A criticality is low, medium, high or critical; {quoted(text)} was left out.", line)
        return Criticality.UNKNOWN

    def kind(self) -> ComponentKind | None:
        text, _ = self.said("kind")
        return ComponentKind(text) if text in {kind.value for kind in ComponentKind} else None

    def url(self, text: str = "", line: int = 0) -> str:
        if not text:
            text, line = self.said("url")
        try:
            return web_address(text)
        except Invalid:
            self.gathering.doubt(f"{quoted(text)} is no web address and was left out.", line)
            return ""

    def service(self, text: str = "", line: int = 0) -> str:
        """Id of the connected service that this is, as the label ``service`` says; what nobody knows is told."""
        if not text:
            text, line = self.said("service")
        services = self.gathering.known.services
        if not text or text.casefold() == "none" or not services:
            return ""
        found = same_service(text, services)
        if not found:
            self.gathering.doubt(f"Signalbox knows no service {quoted(text)}.{did_you_mean(text, services)}", line)
        return found
