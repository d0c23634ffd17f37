"""What the catalogue promises: stable names, honest look-ups, declared stand-ins."""

from __future__ import annotations

import re

import pytest

from engine.errors import NotFound
from engine.workflow.catalogue import Action, Catalogue, EventSpec, Field, Service, did_you_mean
from engine.workflow.catalogue_data import KNOWN
from tests.shared_data import shared


def test_every_id_is_unique_and_titled() -> None:
    catalogue = Catalogue(KNOWN)
    assert len(catalogue.services) == len(KNOWN) == 27
    assert sum(len(s.actions) for s in KNOWN) == len(catalogue.actions)
    assert sum(len(s.events) for s in KNOWN) == len(catalogue.events)
    assert all(entry.title for entry in (*catalogue.actions.values(), *catalogue.events.values()))


def test_every_id_of_the_contract_is_there_and_in_its_order() -> None:
    """More may have come since; none may go, or be called something else."""
    text = shared("contracts/catalogue.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)`[^|]*\| (\w+) \| ([^|]*) \| ([^|]*) \|$", text, re.M)
    assert len(rows) == 27
    known = Catalogue(KNOWN)
    for service, category, actions, events in rows:
        assert known.service(service).category == category
        promised = [word.strip() for word in actions.split(",")]
        told = [word.strip() for word in events.split(",")]
        assert [a.operation for a in known.service(service).actions if a.operation in promised] == promised
        assert [e.event for e in known.service(service).events if e.event in told] == told


def test_reads_may_be_repeated_and_writes_may_not() -> None:
    for action in Catalogue(KNOWN).actions.values():
        assert action.repeatable is not action.writes


@pytest.mark.parametrize(
    ("kind", "id", "sentence"),
    [
        ("service", "jiira", "There is no service “jiira”. Did you mean “jira”?"),
        ("service", "SFDC", "There is no service “SFDC”. Did you mean “salesforce”?"),
        ("action", "trelo.create_card", "There is no service “trelo”. Did you mean “trello”?"),
        ("action", "github.create_isue", "GitHub has no action “create_isue”. Did you mean “github.create_issue”?"),
        ("event", "google_analytics.zzz", "Google Analytics has no event “zzz”. It has metric_threshold."),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_ones(kind: str, id: str, sentence: str) -> None:
    with pytest.raises(NotFound) as caught:
        getattr(Catalogue(KNOWN), kind)(id)
    assert str(caught.value) == sentence


def test_hostile_names_stay_short_in_the_answer() -> None:
    with pytest.raises(NotFound) as caught:
        Catalogue(KNOWN).action("x" * 100_000)
    assert len(str(caught.value)) < 200


def test_nothing_alike_offers_nothing() -> None:
    assert did_you_mean("qqqqqq", ["trello", "jira"]) == ""
    assert did_you_mean("", ["trello"]) == ""


def test_equivalents_name_inputs_that_both_sides_have() -> None:
    catalogue = Catalogue(KNOWN)
    for action in catalogue.actions.values():
        for other, inputs in action.equivalents.items():
            theirs = {field.name for field in catalogue.action(other).inputs}
            ours = {field.name for field in action.inputs}
            assert set(inputs) <= theirs
            assert set(inputs.values()) <= ours
            assert action.id in catalogue.action(other).equivalents


def test_a_card_can_stand_in_for_a_task() -> None:
    found = Catalogue(KNOWN).equivalent("asana.create_task", "trello")
    assert found is not None
    action, inputs = found
    assert action.id == "trello.create_card"
    assert inputs["board"] == "project"
    assert Catalogue(KNOWN).equivalent("asana.create_task", "stripe") is None


def test_a_connector_makes_its_entry_exact_and_keeps_the_words_people_use() -> None:
    mine = Service(
        id="trello",
        name="",
        category="",
        aliases=("cards",),
        actions=(Action(service="trello", operation="create_card", title="New card", inputs=(Field(name="title"), Field(name="list"))),),
        events=(EventSpec(service="trello", event="card_created", title="New"),),
    )
    extra = Service(id="wiki", name="Wiki", category="development")
    catalogue = Catalogue.merge(KNOWN, [mine, extra])
    trello = catalogue.service("trello")
    assert (trello.name, trello.category, trello.connected) == ("Trello", "project_management", True)
    assert {"trello card", "cards"} <= set(trello.aliases)
    assert [action.title for action in trello.actions] == ["New card"]
    assert dict(catalogue.action("trello.create_card").equivalents["asana.create_task"]) == {"title": "title", "section": "list"}
    assert set(catalogue.action("asana.create_task").equivalents["trello.create_card"]) == {"title", "list"}
    assert catalogue.connected == ("trello", "wiki")
    assert not catalogue.service("asana").connected


def test_what_a_connector_cannot_do_with_what_it_would_get_is_no_stand_in() -> None:
    needy = Action(service="trello", operation="create_card", inputs=(Field(name="title"), Field(name="colour", required=True)))
    mine = Service(id="trello", name="Trello", category="project_management", actions=(needy,))
    assert Catalogue.merge(KNOWN, [mine]).equivalent("asana.create_task", "trello") is None
    assert Catalogue.merge(KNOWN, []).equivalent("asana.create_task", "trello") is not None
