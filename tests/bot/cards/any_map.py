"""Any answer about the map."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from engine.commands import map_shown as m
from engine.errors import Problem
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line, LineKind
from engine.graph.declared.reading import Form, Reading
from engine.graph.discovery.findings import Finding, Oddity
from engine.graph.discovery.map import Map, Quiet
from engine.graph.discovery.suggestions import Suggestion
from engine.graph.map_change import MapChange
from tests.bot.cards.any_card import words

moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
ids = st.sampled_from(["shop", "db", "platform:x", "…"])


def listed(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(of, max_size=7).map(tuple)


evidence = st.builds(Evidence, kind=st.sampled_from(EvidenceKind), origin=words, since=st.none() | moments)
components = st.builds(
    Component,
    id=ids,
    name=words,
    kind=st.sampled_from(ComponentKind),
    owner=words,
    tier=st.none() | st.integers(1, 4),
    lifecycle=words,
    part_of=words,
)
lines = st.builds(Line, source=ids, target=ids, kind=st.sampled_from(LineKind), group=words, soft=st.booleans(), evidence=listed(evidence))
findings = st.builds(Finding, st.sampled_from(Oddity), words, words)
changes = st.builds(MapChange, at=moments, subject=words, text=words, by=words, body=st.just({"noun": "line", "what": "added"}))
suggestions = st.builds(
    Suggestion,
    source=ids,
    target=ids,
    confidence=st.floats(0, 1),
    together=st.integers(3, 99),
    lift=st.just((2.0, 1.0, 3.0)),
    because=words,
)
rows = st.builds(m.SuggestedLine, suggestion=suggestions, dependant=words, cause=words, answer=st.sampled_from(["", "yes", "no"]), by=words)
asked_once = st.lists(rows, max_size=3, unique_by=lambda row: row.suggestion.id).map(tuple)
problems = listed(st.builds(Problem, words, line=st.integers(0, 99)))
readings = st.builds(Reading, form=st.sampled_from(Form), lost=problems, doubts=problems, more=st.integers(0, 9))
BY_TYPE: dict[type, st.SearchStrategy[Any]] = {
    m.DependenciesShown: st.builds(
        m.DependenciesShown, map=st.builds(lambda found: Map(components={one.id: one for one in found}), listed(components)), about=st.none() | components,
        sentences=st.lists(words, min_size=1, max_size=3).map(tuple), needs=listed(lines), needed_by=listed(lines),
        quiet=listed(st.builds(Quiet, lines, words)), alternatives=listed(st.builds(Alternative, instead_of=words, use=words)),
        findings=listed(findings), drawing=st.just({}),
    ),
    m.MapEdited: st.builds(m.MapEdited, id=st.just("map_0123456789abcdef"), revision=st.integers(1, 9), text=words),
    m.MapHistoryShown: st.builds(m.MapHistoryShown, words=words, changes=listed(changes)),
    m.MapCheckedShown: st.builds(m.MapCheckedShown, findings=listed(findings), components=st.integers(0, 9), lines=st.integers(0, 9)),
    m.SuggestionsShown: st.builds(m.SuggestionsShown, id=st.just("sug_20261123"), rows=asked_once, learnt=st.none() | moments),
    m.ImportPlanned: st.builds(m.ImportPlanned, source=words, reading=readings, changes=listed(changes), replaces=st.booleans()),
}  # fmt: skip
