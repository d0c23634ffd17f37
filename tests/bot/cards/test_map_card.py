"""Cards of the map."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.cards.card import Table, Text
from bot.cards.map import dependencies, edited, suggestions
from engine.commands.map_shown import DependenciesShown, MapEdited, SuggestedLine, SuggestionsShown
from engine.graph.declared.component import Component
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line
from engine.graph.discovery.map import Map
from engine.graph.discovery.suggestions import Suggestion

AT = datetime(2026, 11, 23, tzinfo=UTC)
GUESS = Suggestion(source="shop", target="db", confidence=0.87, together=6, lift=(40.0, 15.0, 90.0), because="They fell six times.")


def test_what_people_wrote_stays_text() -> None:
    evidence = (Evidence(kind=EvidenceKind.DECLARED, origin="Ada (*x* <!channel>)", since=AT),)
    line = Line(source="shop", target="db", evidence=evidence)
    map = Map(components={"shop": Component(id="shop", name="<b>@everyone</b>"), "db": Component(id="db")}, lines=(line,))
    shown = DependenciesShown(
        map=map, about=map.components["shop"], sentences=("“<b>@everyone</b>” needs “db”.",), needs=(line,), drawing={}
    )
    card = dependencies(shown, None, "a picture")
    table = next(part for part in card.body if isinstance(part, Table))
    assert table.rows == (("db", "needs", "declared (Ada (*x* <!channel>))"),)
    assert all(isinstance(span, str) for part in card.body[:1] if isinstance(part, Text) for span in part.spans)


def test_a_change_carries_the_version_that_undo_must_have_seen() -> None:
    card = edited(MapEdited(id="map_0123456789abcdef", revision=4, text="“shop” needs “db” from now on.\n“db” is new on the map."))
    assert (card.version, [button.verb for button in card.actions]) == (4, ["undo"])


def test_each_open_suggestion_has_a_yes_and_a_no_and_an_answered_one_none() -> None:
    rows = (
        SuggestedLine(suggestion=GUESS, dependant="Shop", cause="DB"),
        SuggestedLine(suggestion=GUESS, dependant="Shop", cause="DB", answer="yes", by="Ada"),
    )
    card = suggestions(SuggestionsShown(id="sug_20261123", rows=rows, learnt=AT))
    assert [(button.verb, button.label, button.arg) for button in card.actions] == [("yes", "1. Yes", GUESS.id), ("no", "1. No", GUESS.id)]
    assert card.title == "Who may need whom: 1 to answer"
