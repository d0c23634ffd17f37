"""What the preview of a schedule says about when it fires: by the schedule's clock, by the asker's, over a change of clocks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.card import Fields, Text
from bot.cards.schedule import clock_change, fire_fields
from bot.cards.workflow import preview
from engine.commands.command import PreviewShown
from tests.engine.commands.hall import ADA, Hall

DAILY = {
    "name": "Morning report",
    "trigger": {"type": "scheduled", "cron": "0 9 * * *", "timezone": "America/New_York"},
    "steps": [{"action": "chat.post_message", "with": {"channel": "#ops", "text": "Good morning"}}],
}
BERLIN = "Europe/Berlin"


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    async with Hall() as hall:
        yield hall


async def previewed(hall: Hall, zone: str, trigger: dict[str, str] | None = None) -> PreviewShown:
    raw = {**DAILY, "trigger": {**DAILY["trigger"], **(trigger or {})}}  # type: ignore[dict-item]
    outcome = await hall.ask("create_workflow", workflow=raw, actor=replace(ADA, timezone=zone))
    assert isinstance(outcome.result, PreviewShown)
    return outcome.result


def fields(shown: PreviewShown) -> dict[str, str]:
    return {
        label: "".join(span if isinstance(span, str) else "·" for span in line)
        for part in preview(shown).body
        if isinstance(part, Fields)
        for label, line in part.items
    }


async def test_the_preview_tells_the_next_three_times_in_the_zone_of_the_schedule_and_on_the_askers_clock(hall: Hall) -> None:
    told = fields(await previewed(hall, BERLIN))
    assert told["In America/New_York"] == "Wed 4 Mar 09:00 EST · Thu 5 Mar 09:00 EST · Fri 6 Mar 09:00 EST"
    assert told["For you, in Europe/Berlin"] == "Wed 4 Mar 15:00 CET · Thu 5 Mar 15:00 CET · Fri 6 Mar 15:00 CET"
    assert "Fires next" in told


async def test_an_asker_of_the_same_zone_reads_the_times_once(hall: Hall) -> None:
    told = fields(await previewed(hall, "America/New_York"))
    assert [label for label in told if label.startswith(("In ", "For you"))] == ["In America/New_York"]


async def test_a_fire_on_the_other_side_of_a_clock_change_is_noted(hall: Hall) -> None:
    weekly = await previewed(hall, "UTC", {"cron": "0 9 * * 1"})  # New York's clocks go forward on 8 March
    notes = ["".join(map(str, part.spans)) for part in preview(weekly).body if isinstance(part, Text)]
    (note,) = [note for note in notes if "clocks" in note]
    assert "The clocks in America/New_York change before Mon 9 Mar (EST to EDT)" in note
    assert fields(weekly)["For you, in UTC"] == "Mon 9 Mar 13:00 UTC · Mon 16 Mar 13:00 UTC · Mon 23 Mar 13:00 UTC"


async def test_without_a_clock_change_there_is_no_note(hall: Hall) -> None:
    shown = await previewed(hall, BERLIN)
    assert not clock_change(shown.draft.asked_at, shown.fires, shown.timezone, shown.asker_timezone)


def test_nothing_is_said_of_a_schedule_that_has_ended() -> None:
    assert fire_fields((), BERLIN, "UTC") == []


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([BERLIN, "Asia/Tokyo", "America/Lima"]),
)
def test_a_change_is_noted_exactly_where_the_offset_differs(since: datetime, zone: str) -> None:
    fires = [since + timedelta(days=days) for days in (1, 2, 30)]
    offsets = {at.astimezone(ZoneInfo(zone)).utcoffset() for at in (since, *fires)}
    assert bool(clock_change(since, fires, zone, "UTC")) == (len(offsets) > 1)
