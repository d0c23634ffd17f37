"""The seed's form and our definition, both ways."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faces.rest.seed import condition_text, conditions_of, raw_definition
from engine.workflow.catalogue import Catalogue
from engine.workflow.catalogue_data import KNOWN
from engine.workflow.definition import Definition, Trigger, TriggerType
from engine.workflow.expression import Condition

CATALOGUE = Catalogue(KNOWN)
NOTHING = Definition(name="x", trigger=Trigger(type=TriggerType.MANUAL), steps=())

words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
values = st.one_of(words, st.booleans(), st.none(), st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6).map(lambda x: round(x, 3)))
conditions = st.dictionaries(st.one_of(st.sampled_from(["branch", "pr_state", "in", "a b", 'quo"te', "é"]), words.filter(bool)), values, max_size=4)


@given(conditions, st.booleans())
def test_conditions_are_read_back_as_they_were_written(given: dict, lenient: bool):
    text = condition_text(given, frozenset(given) & {"branch", "pr_state"} if lenient else frozenset())
    assert conditions_of(replace(NOTHING, when=text)) == given


@given(conditions)
def test_an_event_that_has_what_is_asked_for_fulfils_every_condition(given: dict):
    text = condition_text(given)
    assert not text or Condition.compile(text).holds({"event": given})


@pytest.mark.parametrize(
    ("event", "holds"),
    [({"n": 30}, True), ({"n": 45}, True), ({"n": 30.5}, True), ({"n": 29}, False), ({}, False), ({"n": "many"}, False)],
)
def test_numbers_mean_at_least(event: dict, holds: bool):
    assert Condition.compile(condition_text({"n": 30})).explain({"event": event})[0] is holds


@pytest.mark.parametrize("when", ["event.a == 'x'", "event.a > 3", "event.a == 1 || event.b == 2", "inputs.a == 1", 'event.a == "x" &&', "size(event.a) == 2"])
def test_a_condition_that_is_not_the_seeds_is_not_shown_as_one(when: str):
    assert conditions_of(replace(NOTHING, when=when)) == {}


def test_any_event_of_the_trigger_service_starts_it():
    raw = raw_definition({"name": "x", "trigger_service": "github", "action_services": ["trello"]}, CATALOGUE)
    assert raw["trigger"]["type"] == "cross_service"
    assert set(raw["trigger"]["any"]) == {f"github.{event.event}" for event in CATALOGUE.service("github").events}


def test_event_type_and_action_choose_the_event_and_are_not_asked_of_it_again():
    chosen = {"event_type": "pull_request", "action": "opened", "base": "main"}
    raw = raw_definition({"name": "x", "trigger_service": "github", "action_services": ["trello"], "conditions": chosen}, CATALOGUE)
    assert (raw["trigger"]["type"], raw["trigger"]["event"]) == ("event_based", "pull_request_opened")
    condition = Condition.compile(raw["when"])
    assert condition.holds({"event": {"base": "main"}})
    assert condition.holds({"event": {"base": "main", "event_type": "pull_request", "action": "opened"}})
    assert not condition.holds({"event": {"base": "main", "action": "closed"}})
    assert not condition.holds({"event": {"base": "dev"}})
    assert conditions_of(replace(NOTHING, when=raw["when"])) == chosen


def test_a_service_without_events_is_started_by_hand():
    raw = raw_definition({"name": "x", "trigger_service": "teams", "action_services": ["trello"]}, CATALOGUE)
    assert raw["trigger"]["type"] == "event_based"
    silent = Catalogue([replace(CATALOGUE.service("http"), events=()), CATALOGUE.service("trello")])
    assert raw_definition({"name": "x", "trigger_service": "http", "action_services": ["trello"]}, silent)["trigger"] == {"type": "manual"}


def test_a_service_means_its_first_action_and_a_dotted_name_means_itself():
    raw = raw_definition({"name": "x", "trigger_service": "github", "action_services": ["trello", "github.add_comment"]}, CATALOGUE)
    assert [step["action"] for step in raw["steps"]] == ["trello.create_card", "github.add_comment"]


@pytest.mark.parametrize("platform", ["slack", "discord", "teams", "google_chat"])
def test_a_chat_platform_without_a_connector_means_the_house_s_own_voice(platform: str):
    shipped = [CATALOGUE.service(id) for id in ("chat", "github", "trello")]
    catalogue = Catalogue.merge(KNOWN, shipped)
    asked = {"name": "x", "trigger_service": "github", "action_services": [platform, f"{platform}.post_message", "trello"]}
    assert [step["action"] for step in raw_definition(asked, catalogue)["steps"]] == ["chat.post_message"] * 2 + ["trello.create_card"]
    connected = Catalogue.merge(KNOWN, [*shipped, CATALOGUE.service(platform)])
    assert raw_definition(asked, connected)["steps"][0]["action"].partition(".")[0] == platform
