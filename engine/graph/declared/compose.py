"""Reads docker compose files: services, what they wait for, share and name in their environment.

Taken: ``depends_on`` in both forms, ``links``, ``external_links``, ``volumes_from``, ``network_mode``/``ipc``/``pid: service:…``, hosts of
other services in ``environment``, ``extends`` within the file, ``image`` (known infrastructure), labels ``owner``, ``tier``, ``criticality``,
``lifecycle`` behind any prefix, ``signalbox.service``, ``signalbox.kind`` and ``signalbox.url``. Not read, and said: other files (``include``, ``env_file``, ``extends: file``).
Source: the Compose Specification, 05-services.md, and its schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.facts import Facts
from engine.graph.declared.gathering import Gathering
from engine.graph.declared.hosts import hosts_in
from engine.graph.declared.images import infra_of
from engine.graph.declared.line import Line, LineKind
from engine.graph.declared.names import LONGEST_NAME, clean, quoted
from engine.graph.declared.nodes import NOTHING, Node, pairs, texts

CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")
MOST_EXTENDS = 20  # one after the other


@dataclass(slots=True)
class _Service:
    """A service with what ``extends`` brings in. ``hosts``: names under which others reach it."""

    key: str
    id: str
    line: int
    parts: tuple[Node, ...]  # itself first, then what it extends
    hosts: set[str] = field(default_factory=set)
    networks: frozenset[str] = frozenset()

    def get(self, *path: str) -> Node:
        """The first that says it."""
        return next((found for part in self.parts if not (found := part.get(*path)).empty), NOTHING)

    def all(self, *path: str) -> Iterator[Node]:
        """Of everything it is made of, what it extends first."""
        return (found for part in reversed(self.parts) if not (found := part.get(*path)).empty)


def read_compose(document: Node, gathering: Gathering) -> None:
    found: dict[str, _Service] = {}
    raw = document.get("services").entries
    for key, node in raw.items():
        if not node.entries and not node.empty:
            gathering.lost(f"The service {quoted(key)} is not a mapping.", node.line)
            continue
        id = gathering.name(key, node.line)
        if id:
            parts = tuple(_extended(key, node, raw, gathering))
            found[key] = _Service(key, id, node.line, parts)
    hosts = _reach(found)
    for service in found.values():
        gathering.add(_component(service, gathering), service.line)
    for service in found.values():
        _lines(service, found, hosts, gathering)
    _elsewhere(document, gathering)


def _extended(key: str, node: Node, raw: Mapping[str, Node], gathering: Gathering) -> Iterator[Node]:
    """The service and those it extends, one after the other, as far as they stand in this file."""
    seen = {key}
    while len(seen) <= MOST_EXTENDS:
        yield node
        extends = node.get("extends")
        other = extends.text or extends.said("service")
        if not other:
            return
        if extends.get("file").text:
            gathering.doubt(f"{quoted(key)} extends {quoted(other)} of another file, which was not read.", extends.line)
            return
        if other in seen or other not in raw:
            gathering.doubt(
                f"{quoted(key)} extends {quoted(other)}, which {'goes round in a circle' if other in seen else 'is not here'}.",
                extends.line,
            )
            return
        seen.add(other)
        node = raw[other]


def _component(service: _Service, gathering: Gathering) -> Component:
    image = service.get("image").text or ""
    infra = "" if service.get("build").text or service.get("build").entries else infra_of(image)
    facts = Facts(gathering, [pair for node in service.all("labels") for pair in pairs(node)], service.line)
    return Component(
        id=service.id,
        name=gathering.names.get(service.id, "") if gathering.names.get(service.id) != service.id else "",
        kind=facts.kind() or (ComponentKind.INFRA if infra else ComponentKind.COMPONENT),
        about=infra,
        owner=facts.owner(),
        tier=facts.tier(),
        criticality=facts.criticality(),
        lifecycle=facts.lifecycle(),
        url=facts.url(),
        service=facts.service(),
        evidence=gathering.declared,
    )


def _reach(found: Mapping[str, _Service]) -> dict[str, set[str]]:
    """Host → keys of the services that answer to it; fills in hosts and networks."""
    hosts: dict[str, set[str]] = {}
    for key, service in found.items():
        networks = service.get("networks")
        aliases = {text.casefold() for node in networks.entries.values() for text, _ in texts(node.get("aliases"))}
        named = (key, service.get("container_name").text, service.get("hostname").text)
        service.hosts = {name.casefold() for name in named if name} | aliases
        service.networks = frozenset(networks.entries) or frozenset(text for text, _ in texts(networks)) or frozenset({"default"})
        for host in service.hosts:
            hosts.setdefault(host, set()).add(key)
    return hosts


def _lines(service: _Service, found: Mapping[str, _Service], hosts: Mapping[str, set[str]], gathering: Gathering) -> None:
    waits = [*_waits(service, found, gathering), *_shares(service)]
    needed = {_join(service, target, found, gathering, line, soft) for target, line, soft in waits}
    linked = {alias.casefold(): other for node in service.all("links") for other, alias in _linked(node)}
    for variable, targets, line in _named(service, hosts, linked):
        others = [found[key] for key in targets if key in found and found[key] is not service and found[key].id not in needed]
        group = f"{variable} of {service.key}"[:LONGEST_NAME] if len(others) > 1 else ""
        if group:
            names = " and ".join(quoted(other.key) for other in others[:4])
            gathering.doubt(f"{variable} of {quoted(service.key)} lists {names}; one of them is taken to be enough.", line)
        for other in others:
            made = Line(source=service.id, target=other.id, kind=LineKind.CALLS, group=group, evidence=gathering.declared)
            gathering.join(made, line)
            if not _meet(service, other):
                gathering.doubt(f"{variable} of {quoted(service.key)} names {quoted(other.key)}, but the two share no network.", line)


def _join(service: _Service, target: str, found: Mapping[str, _Service], gathering: Gathering, line: int, soft: bool) -> str:
    """The id of the target, "" where it has none."""
    other = found[target].id if target in found else gathering.name(target, line)
    if other:
        gathering.join(Line(source=service.id, target=other, soft=soft, evidence=gathering.declared), line)
    return other


def _waits(service: _Service, found: Mapping[str, _Service], gathering: Gathering) -> Iterator[tuple[str, int, bool]]:
    """(target, line, soft) of ``depends_on``. What has only to be run once, or is not required, is a soft need."""
    for node in service.all("depends_on"):
        yield from ((text, line, False) for text, line in texts(node) if not node.entries)
        for target, how in node.entries.items():
            condition = how.said("condition") or CONDITIONS[0]
            if condition not in CONDITIONS:
                gathering.doubt(f"{quoted(condition)} is no condition of depends_on; taken as {CONDITIONS[0]}.", how.get("condition").line)
            if condition == "service_healthy" and target in found and not _checked(found[target]):
                gathering.doubt(
                    f"{quoted(service.key)} waits until {quoted(target)} is healthy, but no healthcheck stands there.", how.line
                )
            yield target, how.line, condition == CONDITIONS[2] or how.said("required") == "false"


def _checked(service: _Service) -> bool:
    """A healthcheck may also come with the image; one that is switched off is none."""
    check = service.get("healthcheck")
    return check.said("disable") != "true" and (bool(check.entries) or bool(service.get("image").text))


def _shares(service: _Service) -> Iterator[tuple[str, int, bool]]:
    for node in service.all("links"):
        yield from ((other, node.line, False) for other, _ in _linked(node))
    for name in ("external_links", "volumes_from"):
        for node in service.all(name):
            for text, line in texts(node):
                if not text.startswith("container:"):
                    yield text.partition(":")[0], line, False
    for name in ("network_mode", "ipc", "pid"):
        node = service.get(name)
        if (node.text or "").startswith("service:"):
            yield (node.text or "").partition(":")[2], node.line, False


def _linked(node: Node) -> Iterator[tuple[str, str]]:
    """(service, the name it goes by)."""
    for text, _ in texts(node):
        other, _, alias = text.partition(":")
        yield other, alias or other


def _named(service: _Service, hosts: Mapping[str, set[str]], linked: Mapping[str, str]) -> Iterator[tuple[str, list[str], int]]:
    """(variable, keys of the services its value names, line). Several in one variable are a list of places to ask, any of which will do."""
    for node in service.all("environment"):
        for variable, value in pairs(node):
            keys: dict[str, None] = {}
            for host in hosts_in(variable, value.text or ""):
                keys |= dict.fromkeys(sorted(hosts.get(host, set()) | ({linked[host]} if host in linked else set())))
            if keys:
                yield clean(variable, 60), list(keys), value.line


def _meet(one: _Service, other: _Service) -> bool:
    modes = {one.get("network_mode").text, other.get("network_mode").text} - {None}
    return bool(modes) or bool(one.networks & other.networks)


def _elsewhere(document: Node, gathering: Gathering) -> None:
    """What stands in files that were not handed over."""
    include = document.get("include")
    if not include.empty:
        gathering.doubt("Files under “include” were not read; import them too.", include.line)
    with_file = [(key, node.get("env_file")) for key, node in document.get("services").entries.items() if not node.get("env_file").empty]
    if with_file:
        names = ", ".join(quoted(key) for key, _ in with_file[:5]) + (" …" if len(with_file) > 5 else "")
        gathering.doubt(f"The env_file of {names} was not read; services that are named only there are not known.", with_file[0][1].line)


def is_compose(document: Node) -> bool:
    """Services, each a mapping with something that only a container has."""
    services = document.get("services").entries
    marks = {"image", "build", "depends_on", "ports", "environment", "command", "volumes", "networks", "extends", "container_name", "links"}
    return bool(services) and any(marks & node.entries.keys() or node.empty for node in services.values())
