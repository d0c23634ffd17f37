"""What somebody who runs a workflow by hand must say of its event."""

from __future__ import annotations

from typing import Any

from engine.workflow.event_fields import event_fields
from engine.workflow.parse import parse_definition


def fields(*steps: dict[str, Any], **more: Any) -> tuple[str, ...]:
    return event_fields(parse_definition({"trigger": {"type": "manual"}, "steps": list(steps), **more}))


def post(text: str, **more: Any) -> dict[str, Any]:
    return {"action": "chat.post_message", "with": {"text": text}, **more}


def test_fields_are_found_in_texts_and_conditions_in_order() -> None:
    assert fields(post("{{event.title}} {{event.url}}", when="event.amount > 3"), post("{{event.title}}")) == ("amount", "title", "url")


def test_fields_are_found_within_every_construct() -> None:
    each = {"foreach": {"items": "event.rows", "as": "row", "steps": [post("{{row.name}} {{index}} {{event.a}}")]}}
    which = {"switch": {"cases": [{"when": "event.b == 1", "steps": [post("{{event.c}}")]}], "else": [post("{{event.d}}")]}}
    wait = {"wait": {"event": "github.push", "where": "incoming.repo == event.repo"}}
    found = fields(each, which, wait, {"set": {"x": "{{event.e}}"}}, {"approve": {"text": "{{event.f}}?"}})
    assert found == ("rows", "a", "b", "c", "d", "repo", "e", "f")


def test_the_condition_of_the_whole_and_what_follows_a_failure_ask_for_nothing() -> None:
    assert fields(post("x"), when="event.base == 'main'", options={"on_failure": [post("{{event.who}}")]}) == ()
