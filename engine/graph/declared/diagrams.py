"""The map as Graphviz DOT and as Mermaid, for documents and wikis. Names are text there, never mark-up."""

from __future__ import annotations

from collections.abc import Iterable

from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.line import Line, LineKind

_SHAPES = {ComponentKind.INFRA: "cylinder", ComponentKind.EXTERNAL: "ellipse", ComponentKind.WORKFLOW: "note", ComponentKind.TEAM: "tab"}
_SIGNS = str.maketrans({sign: f"#{ord(sign)};" for sign in '"<>&#;`|\\[]{}()'})


def to_dot(components: Iterable[Component], lines: Iterable[Line]) -> str:
    """A digraph from left to right: whoever needs on the left."""
    rows = ["digraph map {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    rows += [f"  {_dot(one.id)} [label={_dot(one.label)}, shape={_SHAPES.get(one.kind, 'box')}];" for one in components]
    for line in lines:
        style = "dashed" if line.soft or not line.kind.can_break or line.kind is LineKind.ALTERNATIVE else "solid"
        rows.append(f"  {_dot(line.source)} -> {_dot(line.target)} [label={_dot(_said(line))}, style={style}];")
    return "\n".join([*rows, "}", ""])


def to_mermaid(components: Iterable[Component], lines: Iterable[Line]) -> str:
    """A flowchart from left to right. Ids are numbered, since Mermaid's own may hold letters and digits only."""
    numbers: dict[str, str] = {}
    rows = ["flowchart LR"]
    for one in components:
        rows.append(f'  {_number(one.id, numbers)}["{_mermaid(one.label)}"]')
    for line in lines:
        for end in (line.source, line.target):
            if end not in numbers:
                rows.append(f'  {_number(end, numbers)}["{_mermaid(end)}"]')
        arrow = "-.->" if line.soft or not line.kind.can_break or line.kind is LineKind.ALTERNATIVE else "-->"
        rows.append(f'  {numbers[line.source]} {arrow}|"{_mermaid(_said(line))}"| {numbers[line.target]}')
    return "\n".join([*rows, ""])


def _said(line: Line) -> str:
    group = f" ({line.at_least} of {line.group})" if line.group and " of " not in line.group else f" ({line.group})" if line.group else ""
    return line.kind.value + group


def _dot(text: str) -> str:
    r"""A quoted string of DOT: only ``"`` and ``\`` mean anything in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mermaid(text: str) -> str:
    """Entity codes for every sign that means something to Mermaid or HTML."""
    return text.translate(_SIGNS)


def _number(id: str, numbers: dict[str, str]) -> str:
    return numbers.setdefault(id, f"n{len(numbers)}")
