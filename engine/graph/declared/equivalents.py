"""Alternatives and the catalogue's equivalents: the same knowledge, once as people declare it and once as steps look it up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.graph.declared.alternative import Alternative
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.workflow.catalogue import Action, Catalogue

SHIPPED = "Signalbox"


def from_catalogue(catalogue: Catalogue) -> tuple[Alternative, ...]:
    """Every equivalent that ships, as an alternative that copies its inputs."""
    said = (Evidence(kind=EvidenceKind.DECLARED, origin=SHIPPED),)
    return tuple(
        Alternative(
            instead_of=action.id,
            use=other,
            inputs={theirs: f"{{{{input.{ours}}}}}" for theirs, ours in names.items()},
            evidence=said,
        )
        for action in catalogue.actions.values()
        for other, names in action.equivalents.items()
        if other in catalogue.actions
    )


def into_catalogue(catalogue: Catalogue, alternatives: Iterable[Alternative]) -> Catalogue:
    """A catalogue whose actions know these as well, before those that ship, so that ``equivalent`` and every fallback find them.

    Only such as merely copy inputs and as the catalogue has nothing against: the rest needs ``Alternative.arguments`` at the time of asking.
    """
    declared: dict[str, dict[str, dict[str, str]]] = {}
    for one in alternatives:
        names = one.renames()
        if names is not None and not one.faults(catalogue):
            declared.setdefault(one.instead_of, {})[one.use] = names
    return Catalogue(
        replace(service, actions=tuple(_taught(action, declared.get(action.id, {})) for action in service.actions))
        for service in catalogue.services.values()
    )


def _taught(action: Action, declared: Mapping[str, Mapping[str, str]]) -> Action:
    """Of two ways to fill one action, the one that people declared."""
    shipped = {other: names for other, names in action.equivalents.items() if other not in declared}
    return replace(action, equivalents={**declared, **shipped}) if declared else action
