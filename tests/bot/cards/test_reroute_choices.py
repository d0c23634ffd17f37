"""What was done elsewhere is chosen one by one on the card that asks about it."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.cards.reroute import reroutes as draw
from engine.commands.reroutes_shown import ReroutesShown
from engine.workflow.putting_right import Batch, Reroute

BODY = {
    "state": "open", "run": "run_1", "step": "card", "workflow": "wf_1", "name": "nightly-sync", "where": "slack:C1",
    "action": "jira.create_issue", "instead": "trello.create_card", "arguments": {"title": "x"}, "output": {},
}  # fmt: skip


def thing(stream: str) -> Reroute:
    return Reroute(stream=stream, at=datetime(2026, 11, 23, tzinfo=UTC), service="jira", body=BODY)


def shown(*listed: str) -> ReroutesShown:
    things = (thing("reroute:jira:run_1:a"), thing("reroute:jira:run_1:b"), thing("reroute:jira:run_1:c"))
    return ReroutesShown(service="jira", things=things, batch=Batch(id="put_0123456789abcdef", service="jira", where="slack:C1", items=listed))


def test_each_thing_of_the_batch_can_be_chosen_for_itself() -> None:
    card = draw(shown("reroute:jira:run_1:a", "reroute:jira:run_1:b", "reroute:jira:run_1:c"))
    forms = [button.form for button in card.actions if button.form is not None]
    assert [[field.name for field in form.fields] for form in forms] == [["thing0", "thing1", "thing2"]]


def test_a_thing_that_came_after_the_batch_has_no_place_in_its_form() -> None:
    card = draw(shown("reroute:jira:run_1:a", "reroute:jira:run_1:b"))
    forms = [button.form for button in card.actions if button.form is not None]
    assert [[field.name for field in form.fields] for form in forms] == [["thing0", "thing1"]]


def test_with_one_thing_of_the_batch_left_there_is_nothing_to_choose() -> None:
    assert all(button.form is None for button in draw(shown("reroute:jira:run_1:a")).actions)
