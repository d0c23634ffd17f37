from __future__ import annotations

from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.diagrams import to_dot, to_mermaid
from engine.graph.declared.line import Line, LineKind

PARTS = [Component(id="web", name='The "web" <b>'), Component(id="db", kind=ComponentKind.INFRA)]
LINES = [
    Line(source="web", target="db"),
    Line(source="web", target="mail", kind=LineKind.CALLS, soft=True),
    Line(source="web", target="s-1", group="search", at_least=2),
]


def test_graphviz_gets_quoted_names_and_dashes_for_what_is_soft() -> None:
    text = to_dot(PARTS, LINES)
    assert '"web" [label="The \\"web\\" <b>", shape=box];' in text
    assert '"web" -> "db" [label="needs", style=solid];' in text
    assert '"web" -> "mail" [label="calls", style=dashed];' in text
    assert 'label="needs (2 of search)"' in text


def test_mermaid_gets_no_sign_that_means_something_to_it() -> None:
    text = to_mermaid(PARTS, LINES)
    assert 'n0["The #34;web#34; #60;b#62;"]' in text
    assert 'n0 -->|"needs"| n1' in text
    assert 'n0 -.->|"calls"| n2' in text
    assert text.count("\n") == 1 + 4 + 3
