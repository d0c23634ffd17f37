"""Reads Backstage catalogues: ``catalog-info.yaml`` with one or many documents, or the answer of the catalogue's API.

    dependsOn ─▶ needs          dependencyOf ─▶ is needed by      consumesApis ─▶ needs the API      providesApis ─▶ the API needs it
    system, subcomponentOf, domain, subdomainOf ─▶ part_of        owner ─▶ owner

A library cannot be down, so a line to one is soft. Templates, locations and users are not taken, and said so. Sources: the descriptor format of
catalogue entities, and how references are completed there: ``dependsOn`` has no kind of its own, so the one that is there is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.facts import Facts
from engine.graph.declared.gathering import Gathering
from engine.graph.declared.line import Line
from engine.graph.declared.names import clean, quoted
from engine.graph.declared.nodes import Node, pairs, texts
from engine.graph.declared.references import DEFAULT_NAMESPACE, Reference, parse_reference

KINDS = {
    "component": ComponentKind.COMPONENT,
    "resource": ComponentKind.INFRA,
    "api": ComponentKind.API,
    "system": ComponentKind.SYSTEM,
    "domain": ComponentKind.SYSTEM,
    "group": ComponentKind.TEAM,
}
NOT_TAKEN = {"template": "a template", "user": "a person", "location": "a pointer to other files"}
_THEIRS = frozenset({"external", "saas", "third-party", "thirdparty", "vendor", "external-service"})
_PARTS = (("system", "system"), ("subcomponentOf", "component"), ("domain", "domain"), ("subdomainOf", "domain"))
# field of an entity, kind it speaks of, whether the entity is the one that needs
_LINES = (("dependsOn", "", True), ("dependencyOf", "", False), ("consumesApis", "api", True), ("providesApis", "api", False))


def read_backstage(documents: Sequence[Node], gathering: Gathering) -> None:
    entities = [(node, found) for node in _entities(documents) if (found := _entity(node, gathering))]
    _tell_doubles(entities, gathering)
    for node, entity in entities:
        gathering.add(_component(node, entity, gathering), node.line)
    libraries = {id for id, component in gathering.components.items() if component.kind is ComponentKind.LIBRARY}
    for node, entity in entities:
        for line, place in _lines(node, entity, gathering):
            gathering.join(replace(line, soft=line.target in libraries), place)
    _tell_providers(entities, gathering)


def is_entity(node: Node) -> bool:
    return bool(node.said("kind")) and (bool(node.said("apiVersion")) or bool(node.said("metadata", "name")))


def _entities(documents: Sequence[Node]) -> Iterator[Node]:
    """Of the documents, of lists of entities, and of ``{"items": […]}`` as the API answers."""
    for node in documents:
        listed = node.items or node.get("items").items
        yield from (listed if listed and not is_entity(node) else [node])


def _entity(node: Node, gathering: Gathering) -> Reference | None:
    kind, name = node.said("kind").casefold(), node.said("metadata", "name")
    if kind in NOT_TAKEN:
        other = ", ".join(text for text, _ in texts(node.get("spec", "targets"))) or node.said("spec", "target")
        hint = f" Import what it points to: {clean(other, 200)}." if kind == "location" and other else ""
        gathering.doubt(f"{quoted(name or kind)} is {NOT_TAKEN[kind]} and has no place in the map.{hint}", node.line)
        return None
    if kind not in KINDS:
        what = f"The kind {quoted(node.said('kind'))} is not read" if kind else "A kind is missing"
        gathering.lost(f"{what}; components, APIs, resources, systems, domains and groups are.", node.line)
        return None
    entity = parse_reference(name, kind, node.said("metadata", "namespace") or DEFAULT_NAMESPACE) if name else None
    entity = Reference(kind, entity.namespace, entity.name) if entity else None
    if entity is None or not entity.id:
        gathering.lost(f"A {kind} has no name under metadata.", node.line)
        return None
    return entity


def _component(node: Node, entity: Reference, gathering: Gathering) -> Component:
    spec, meta = node.get("spec"), node.get("metadata")
    facts = Facts(gathering, [*_tagged(meta), *pairs(meta.get("labels")), *pairs(meta.get("annotations"))], node.line)
    link = next((one.get("url") for one in meta.get("links").items if one.said("url")), None)
    title = clean(meta.said("title") or node.said("spec", "profile", "displayName") or meta.said("name"))
    return Component(
        id=entity.id,
        name="" if title == entity.id else title,
        kind=facts.kind() or _kind(entity, spec.said("type").casefold()),
        owner=_owner(spec.get("owner"), entity, gathering) or facts.owner(),
        tier=facts.tier(),
        criticality=facts.criticality(),
        lifecycle=clean(spec.said("lifecycle"), 40) or facts.lifecycle(),
        url=facts.url() or (facts.url(link.text or "", link.line) if link else ""),
        about=clean(meta.said("description"), 300),
        service=facts.service(),
        part_of=_part_of(spec, entity, gathering),
        evidence=gathering.declared,
    )


def _tagged(meta: Node) -> Iterator[tuple[str, Node]]:
    """``tier-1`` and ``tier1`` among the tags."""
    for text, line in texts(meta.get("tags")):
        if text.casefold().startswith("tier") and text[4:].lstrip("-:").isdigit():
            yield "tier", Node(text[4:].lstrip("-:"), line)


def _kind(entity: Reference, type: str) -> ComponentKind:
    if type in _THEIRS and entity.kind in ("component", "resource"):
        return ComponentKind.EXTERNAL
    return ComponentKind.LIBRARY if type == "library" and entity.kind == "component" else KINDS[entity.kind]


def _owner(node: Node, entity: Reference, gathering: Gathering) -> str:
    """``team-a`` of ``group:default/team-a``; a person keeps ``user:``."""
    if not node.text:
        return ""
    found = parse_reference(node.text, "group", entity.namespace)
    if found is None:
        gathering.doubt(f"{quoted(node.text)} is no reference to an owner and was left out.", node.line)
        return ""
    name = found.name if found.namespace == DEFAULT_NAMESPACE else f"{found.namespace}/{found.name}"
    return clean(name if found.kind == "group" else f"{found.kind}:{name}")


def _part_of(spec: Node, entity: Reference, gathering: Gathering) -> str:
    for name, kind in _PARTS:
        node = spec.get(name)
        if node.text:
            found = parse_reference(node.text, kind, entity.namespace)
            if found is not None and found.id and found.id != entity.id:
                return found.id
            gathering.doubt(f"{quoted(node.text)} under {name} is no reference and was left out.", node.line)
    return ""


def _lines(node: Node, entity: Reference, gathering: Gathering) -> Iterator[tuple[Line, int]]:
    for name, kind, needs in _LINES:
        field = node.get("spec", name)
        if not field.empty and not field.items and field.text is None:
            gathering.lost(f"{name} of {quoted(entity.name)} is a list of references.", field.line)
        for text, place in texts(field):
            other = parse_reference(text, kind, entity.namespace)
            if other is None or not other.id:
                gathering.lost(f"{quoted(text)} under {name} is no reference; one has the form kind:namespace/name.", place)
                continue
            source, target = (entity.id, other.id) if needs else (other.id, entity.id)
            gathering.names.setdefault(other.id, other.name)
            yield Line(source=source, target=target, evidence=gathering.declared), place


def _tell_doubles(entities: Sequence[tuple[Node, Reference]], gathering: Gathering) -> None:
    """A component and a resource of one name would be one thing in the map."""
    kinds: dict[str, str] = {}
    for node, entity in entities:
        before = kinds.setdefault(entity.id, entity.kind)
        if before != entity.kind:
            gathering.doubt(
                f"A {before} and a {entity.kind} are both called {quoted(entity.name)}; they are taken for one thing.", node.line
            )


def _tell_providers(entities: Sequence[tuple[Node, Reference]], gathering: Gathering) -> None:
    """Whether several providers stand in for each other is nothing that the format can say."""
    places = {entity.id: node.line for node, entity in entities}
    providers: dict[str, list[str]] = {}
    for line in gathering.lines.values():
        if line.source.startswith("api:"):
            providers.setdefault(line.source, []).append(line.target)
    for api, names in providers.items():
        if len(names) > 1:
            said = " and ".join(quoted(name) for name in names[:4])
            gathering.doubt(
                f"{said} provide {quoted(api)}; all are taken to be needed until somebody says that one is enough.", places.get(api, 0)
            )
