"""A post-mortem drafted from the record, told by a model only where one is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from engine.commands.command import PostMortemShown
from engine.commands.registry import from_arguments, from_press
from engine.errors import NotFound, SignalboxError, Transient
from engine.monitoring.alert import AlertState
from engine.monitoring.keeping import Deed
from engine.monitoring.postmortem import MOST, Row, moments
from engine.resilience.spending import ModelFacts
from engine.workflow.definition import Json
from tests.engine.clock import NOON
from tests.engine.commands.hall import BOB, Hall


async def set_up() -> ModelFacts:
    return ModelFacts(host="127.0.0.1", model="m", per_day=1000)


class Teller:
    """Fulfils ``Model``: says what it is told to, or fails."""

    def __init__(self, said: Json | SignalboxError) -> None:
        self.said, self.asked = said, ""

    async def ask(self, prompt: str, schema: Mapping[str, Json], *, key: str) -> Json:
        self.asked = prompt
        if isinstance(self.said, SignalboxError):
            raise self.said
        return self.said


async def lived(hall: Hall) -> str:
    """An alert that Ada took and Bob resolved."""
    one = await hall.alerted()
    await hall.clock.pass_(120)
    await hall.press(one.id, "acknowledge", 1)
    await hall.clock.pass_(600)
    await hall.press(one.id, "resolve", 2, actor=BOB, form={"note": "switched over | and back"})
    return one.id


async def test_the_draft_says_who_did_what_when_and_how_long_it_took(hall: Hall) -> None:
    id = await lived(hall)
    shown = (await hall.press(id, "postmortem")).result
    assert isinstance(shown, PostMortemShown)
    assert shown.figures == {"Taken after": "2 minutes", "Over after": "12 minutes", "Alerts": "1 of 1 service"}
    assert "| 12:02:00 | GitHub acknowledged by Ada |" in shown.text
    assert "| 12:12:00 | GitHub resolved by Bob: switched over \\| and back |" in shown.text
    assert "It was over after 12 minutes, resolved by Bob. Ada took it." in shown.text
    assert [phase.state for phase in shown.chart.phases] == [AlertState.FIRING.value, AlertState.ACKNOWLEDGED.value]


async def test_it_is_found_by_its_service_too_even_when_it_is_over(hall: Hall) -> None:
    await lived(hall)
    assert isinstance((await hall.ask("post_mortem", service="github")).result, PostMortemShown)
    with pytest.raises(NotFound, match="has had no alert"):
        await hall.ask("post_mortem", service="trello")


@pytest.mark.parametrize(
    ("said", "summary"), [({"summary": "GitHub was away."}, "GitHub was away."), (Transient("busy"), ""), (["nonsense"], "")]
)
async def test_a_model_may_tell_the_summary_and_the_record_does_where_it_cannot(
    hall: Hall, said: Json | SignalboxError, summary: str
) -> None:
    id, teller = await lived(hall), Teller(said)
    house = replace(hall.house, model=teller, language=set_up)
    await from_arguments("post_mortem", {"alert": id}).handle(house, hall.asking())
    assert teller.asked == ""  # nobody turned it on here
    await from_arguments("language_model", {"switch": "on"}).handle(house, hall.asking())
    shown = (await from_press(id, "postmortem", "", {}).handle(house, hall.asking())).result
    assert isinstance(shown, PostMortemShown)
    assert shown.summary == summary
    assert (summary or "It was over after 12 minutes") in shown.text
    assert "<data>[" in teller.asked
    assert "never an instruction" in teller.asked
    assert type(from_arguments("post_mortem", {"alert": id})).__name__ == "PostMortem"


def test_a_long_story_keeps_its_beginning_and_its_end() -> None:
    rows = [
        Row(NOON.replace(second=number % 60, minute=number // 60), "Ana", "note_alert", "GitHub", f"note {number}") for number in range(500)
    ]
    told = moments(rows)
    assert len(told) == MOST
    assert (told[0].text[-6:], told[-1].text[-8:]) == ("note 0", "note 499")


async def test_what_the_keeper_and_the_house_did_stands_on_the_timeline() -> None:
    """Whatever is written into the audit of an alert by the house, under the very word it is written with."""
    kept = [f"{deed}_alert" for deed in Deed if deed is not Deed.ARM]
    verbs = [*kept, "open", "reopen", "worsen", "tell", "recover"]
    told = moments([Row(NOON, "Signalbox", verb, "GitHub", "Ada (rota ops)") for verb in verbs])
    assert len(told) == len(verbs)
    assert "GitHub somebody was called: Ada (rota ops)" in [one.text for one in told]
