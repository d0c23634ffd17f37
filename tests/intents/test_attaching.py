"""Which file “this” is; and which time is that of the thing itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.ports import Said, Understood
from engine.workflow.catalogue import Action, Catalogue, Field, Service
from engine.workflow.catalogue_data import KNOWN
from intents.attaching import MISSING, attached, means_a_file
from intents.beginnings import with_beginning
from intents.recognise import Recogniser

BOX = Service(
    id="box",
    name="Box",
    category="file_storage",
    actions=(
        Action(service="box", operation="upload_file", inputs=(Field(name="file", type="file"), Field(name="folder"), Field(name="url"))),
    ),
)
CATALOGUE = Catalogue.merge(KNOWN, [BOX])
REPORT, PLAN = ("file_1", "report.csv"), ("file_2", "plan.pdf")


def order(*said: dict[str, Any], trigger: str = "manual") -> Understood:
    steps = [{"action": "box.upload_file", "with": one} for one in said]
    return Understood(command="create_workflow", confidence=0.9, arguments={"workflow": {"trigger": {"type": trigger}, "steps": steps}})


def files_of(understood: Understood) -> list[Any]:
    workflow: Any = understood.arguments["workflow"]
    return [step["with"].get("file") for step in workflow["steps"]]


@pytest.mark.parametrize(
    ("said", "files", "meant"),
    [
        ({"folder": "/r"}, [REPORT], ["report.csv"]),
        ({"file": "this"}, [REPORT, PLAN], ["report.csv", "plan.pdf"]),
        ({"file": "Plan.pdf"}, [REPORT, PLAN], ["plan.pdf"]),
    ],
)
def test_what_is_open_is_what_was_attached(said: dict[str, Any], files: list[tuple[str, str]], meant: list[str]) -> None:
    assert [file["name"] for file in files_of(attached(order(said), "upload this", files, CATALOGUE))] == meant


@pytest.mark.parametrize("said", [{"file": "file_7"}, {"file": "{{steps.a.output.id}}"}, {"url": "https://x.example/a"}])
def test_what_is_said_stays(said: dict[str, Any]) -> None:
    assert attached(order(said), "upload this", [REPORT], CATALOGUE) == order(said)


def test_without_a_file_it_is_asked_for_unless_an_event_may_bring_it() -> None:
    assert attached(order({}), "upload this", [], CATALOGUE).question == MISSING
    assert attached(order({}, trigger="event_based"), "upload it to box", [], CATALOGUE).question is None
    assert files_of(attached(order({}, trigger="event_based"), "save the event's text", [REPORT], CATALOGUE)) == [None]


def test_the_parser_by_itself_knows_of_no_files_and_asks_for_none() -> None:
    said = Said(text="upload this to box folder Reports", now=datetime(2026, 11, 23, tzinfo=UTC), timezone="UTC")
    assert Recogniser(CATALOGUE).read(said).question is None


def test_words_that_mean_a_file() -> None:
    assert all(means_a_file(text) for text in ("upload this to box", "put it on dropbox", "the attached file", "send my screenshot to ops"))
    assert not any(means_a_file(text) for text in ("create a card", "what breaks if box goes down?"))


def test_the_time_of_an_event_is_when_it_begins_and_a_recurrence_stays_a_schedule() -> None:
    steps = [{"action": "google_calendar.create_event", "with": {"title": "Review"}}]
    once = with_beginning({"trigger": {"type": "scheduled", "at": "2026-11-24T15:00:00+00:00"}, "steps": steps})
    assert once["trigger"] == {"type": "manual"}
    assert once["steps"][0]["with"]["start"] == "2026-11-24T15:00:00+00:00"
    weekly = {"trigger": {"type": "scheduled", "cron": "0 9 * * 1"}, "steps": steps}
    assert with_beginning(weekly) == weekly
