"""Reads and writes the house's own form of a map, as YAML or JSON: what is exported and imported again is the same.

    signalbox: map/1
    components:
      checkout:
        owner: shop
        tier: 1
        needs:
          - payments
          - {to: cache, soft: true}
          - any: [search-a, search-b]                    # one of them is enough
          - {at_least: 2, of: [broker-1, broker-2, broker-3]}
        calls: [fraud]
        listens: [orders]
    lines:                                               # the long form, with volumes and evidence
      - {from: checkout, to: ledger, kind: calls, evidence: [{kind: observed, per_hour: 1200}]}
    alternatives:
      - {instead_of: jira.create_issue, use: asana.create_task, inputs: {title: "{{input.title}}"}}

Where no evidence is named, the file itself is it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import yaml

from engine.errors import Invalid
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import FIELDS as COMPONENT_FIELDS
from engine.graph.declared.component import Component
from engine.graph.declared.gathering import Gathering
from engine.graph.declared.line import LARGEST_GROUP, Line, LineKind
from engine.graph.declared.names import LONGEST_NAME, quoted
from engine.graph.declared.nodes import Node
from engine.workflow.catalogue import did_you_mean

MARK: Final = "signalbox"
VERSION: Final = "map/1"
PARTS: Final = ("components", "lines", "alternatives")
_KINDS: Final = tuple(kind.value for kind in LineKind)
_SHORT: Final = ("to", "any", "of", "at_least", "group", "soft")


def is_own(document: Node) -> bool:
    found = document.entries
    return MARK in found or (bool(found) and found.keys() <= set(PARTS))


def read_own(document: Node, gathering: Gathering) -> None:
    """Raises Invalid for another version of the form."""
    version = document.said(MARK) or VERSION
    if version != VERSION:
        raise Invalid(f"This map is written as {quoted(version)}; this house reads {VERSION}.")
    for key, node in document.entries.items():
        if key not in (MARK, *PARTS):
            gathering.doubt(f"A map has no part {quoted(key)}; it was left out.{did_you_mean(key, PARTS)}", node.line)
    for key, node in _components(document.get("components"), gathering):
        _read_component(key, node, gathering)
    for node in document.get("lines").items:
        _read_line(node, gathering)
    for node in document.get("alternatives").items:
        _read_alternative(node, gathering)


def _components(node: Node, gathering: Gathering) -> Iterator[tuple[str, Node]]:
    """(name, fields) of a mapping, or of a list whose entries have an id."""
    yield from node.entries.items()
    for one in node.items:
        if one.said("id"):
            yield one.said("id"), Node({key: part for key, part in one.entries.items() if key != "id"}, one.line)
        else:
            gathering.lost("A component in a list has an “id”.", one.line)


def _read_component(key: str, node: Node, gathering: Gathering) -> None:
    id = gathering.name(key, node.line)
    if not id:
        return
    component = Component(id=id, evidence=gathering.declared)
    fields = dict(node.entries)
    if key != id and "name" not in fields:
        fields["name"] = Node(key, node.line)
    for name, value in fields.items():
        if name in _KINDS:
            continue
        try:
            component = replace(component, **_field(id, name, value))
        except Invalid as error:
            gathering.lost(f"{quoted(key)}: {error}", value.line or node.line)
    gathering.add(component, node.line)
    for name in _KINDS:
        for line, place in _short(id, LineKind(name), node.get(name), gathering):
            gathering.join(line, place)


def _field(id: str, name: str, value: Node) -> dict[str, Any]:
    """One field, checked by itself, so that a wrong one takes no other along. Raises Invalid."""
    if name not in COMPONENT_FIELDS or name == "id":
        raise Invalid(f"a component has no field {quoted(name)}.{did_you_mean(name, (*COMPONENT_FIELDS, *_KINDS))}")
    made = Component.from_json({"id": id, name: value.json()})
    return {name: getattr(made, name)}


def _short(source: str, kind: LineKind, node: Node, gathering: Gathering) -> Iterator[tuple[Line, int]]:
    """Lines of ``needs: [payments, {any: […]}]``."""
    for one in node.items or ([] if node.empty else [node]):
        targets, group, at_least, soft = [one.text or ""], "", 1, False
        if one.entries:
            try:
                targets, group, at_least, soft = _long(one)
            except Invalid as error:
                gathering.lost(f"{quoted(source)}: {error}", one.line)
                continue
        ids = [id for target in targets if (id := gathering.name(target, one.line))]
        if at_least > len(ids) > 0:
            gathering.doubt(f"{quoted(source)} wants {at_least} of {len(ids)}; all of them are taken to be needed.", one.line)
            at_least = len(ids)
        group = group or (_group(at_least, ids) if one.get("any").items or one.get("of").items else "")
        for target in ids:
            yield (
                Line(source=source, target=target, kind=kind, group=group, at_least=at_least, soft=soft, evidence=gathering.declared),
                one.line,
            )


def _long(node: Node) -> tuple[list[str], str, int, bool]:
    """(targets, group, at least, soft). Raises Invalid."""
    for key in node.entries:
        if key not in _SHORT:
            raise Invalid(f"a line has no field {quoted(key)}.{did_you_mean(key, _SHORT)}")
    listed = [one.text or "" for name in ("any", "of") for one in node.get(name).items]
    targets = listed or [node.said("to")]
    if not all(targets) or len(targets) > LARGEST_GROUP:
        raise Invalid(f"a line names what it leads to: “to”, or a list of at most {LARGEST_GROUP} under “any” or “of”.")
    checked = Line.from_json(
        {
            "from": "one",
            "to": "other",
            "group": node.get("group").json() or ("a group" if listed else ""),
            "at_least": 1 if node.get("at_least").empty else node.get("at_least").json(),
            "soft": False if node.get("soft").empty else node.get("soft").json(),
        }
    )
    return targets, checked.group if node.said("group") else "", checked.at_least, checked.soft


def _group(at_least: int, ids: list[str]) -> str:
    """The same name for the same group, however often and in whatever order it is read."""
    name = f"{at_least} of {', '.join(sorted(ids))}"
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 8]} {hashlib.sha256(name.encode()).hexdigest()[:7]}"


def _read_line(node: Node, gathering: Gathering) -> None:
    raw = node.json()
    try:
        line = Line.from_json(raw)
    except Invalid as error:
        gathering.lost(str(error), node.line)
        return
    for key in ("from", "to"):
        gathering.name(node.said(key), node.line)
    gathering.join(line if "evidence" in node.entries else replace(line, evidence=gathering.declared), node.line)


def _read_alternative(node: Node, gathering: Gathering) -> None:
    try:
        found = Alternative.from_json(node.json())
    except Invalid as error:
        gathering.lost(str(error), node.line)
        return
    gathering.offer(found if "evidence" in node.entries else replace(found, evidence=gathering.declared), node.line)


def to_raw(components: Iterable[Component], lines: Iterable[Line], alternatives: Iterable[Alternative] = ()) -> dict[str, Any]:
    """Plain JSON values that ``read_own`` reads to the same components, lines and alternatives in the same order."""
    made: dict[str, Any] = {MARK: VERSION}
    made["components"] = {one.id: {key: value for key, value in _with_evidence(one).items() if key != "id"} for one in components}
    made["lines"] = [_with_evidence(one) for one in lines]
    made["alternatives"] = [_with_evidence(one) for one in alternatives]
    return made


def to_yaml(components: Iterable[Component], lines: Iterable[Line], alternatives: Iterable[Alternative] = ()) -> str:
    """As ``to_raw``, as text for people."""
    text: str = yaml.dump(
        to_raw(components, lines, alternatives), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
    )
    return text


def _with_evidence(one: Component | Line | Alternative) -> dict[str, Any]:
    return {**one.to_json(), "evidence": [piece.to_json() for piece in one.evidence]}


_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # libyaml's writer where the wheel has it


class _Dumper(_Base):  # type: ignore[misc]
    """Without anchors; quotes what would else be read as something other than text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = None if Node(value, plain=True).json() == value else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _mapping(dumper: yaml.SafeDumper, value: Mapping[str, Any]) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items())


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
