"""Journey 2: what is said of time fires in the zone it was said in, once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import main
from engine.parties import Actor, Address
from engine.runtime.clock import SystemClock
from engine.settings import read_settings
from tests.journeys.doors import DOORS, containing, house_with, see

SENTENCE = "every weekday at 9 post the health report in #ops"


class ShiftedClock(SystemClock):
    """Real time, displaced: one can be in another week without waiting for it."""

    def __init__(self, now: datetime) -> None:
        self._ahead = timedelta()
        self._ahead = now - self.now()

    def now(self) -> datetime:
        return super().now() + self._ahead


@pytest.mark.parametrize("door", DOORS)
async def test_a_schedule_is_echoed_in_words_with_its_next_three_fires_and_keeps_the_speakers_zone(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path, SIGNALBOX_TIMEZONE="Europe/Berlin") as (app, hall):
        await hall.say(SENTENCE)
        preview = await see(hall, containing("weekday", "9:00", "Fires next", button="Confirm"))
        await hall.press(preview, "Confirm")
        await see(hall, containing("Confirmed", no_button="Confirm"))
        (workflow,) = await app.store.workflows.list()
        due = (await app.store.schedules.all())[workflow.id]
        zone = workflow.definition.trigger.timezone
        assert zone
        assert due.astimezone(ZoneInfo(zone)).strftime("%H:%M") == "09:00"
        assert due.astimezone(ZoneInfo(zone)).weekday() < 5


def settings_for(folder: Path) -> Mapping[str, str]:
    return {"SIGNALBOX_DATA": str(folder), "SIGNALBOX_PORT": "0", "SIGNALBOX_TIMEZONE": "UTC", "SIGNALBOX_PROBE_INTERVAL": "3600"}


async def scheduled(app: main.App, misfire: str, when: Mapping[str, str] | None = None) -> str:
    raw = {
        "name": f"report-{misfire}",
        "trigger": {"type": "scheduled", "misfire": misfire, **(when or {"cron": "0 9 * * 1-5", "timezone": "Europe/Berlin"})},
        "steps": [{"action": "signalbox.health_report"}, {"action": "chat.post_message", "with": {"channel": "#ops", "text": "{{steps.health_report.output.text}}"}}],
    }
    actor, where = Actor("rest", "api", "Ana"), Address("web", "#ops")
    outcome = await app.conversation.do("create_workflow", {"workflow": raw}, actor, where, f"key-{misfire}")
    await app.conversation.do("confirm_draft", {"draft": outcome.result.draft.id}, actor, where, f"press-{misfire}")  # type: ignore[union-attr]
    return next(w.id for w in await app.store.workflows.list() if w.name == f"report-{misfire}")


async def runs_of(app: main.App, workflow: str, count: int) -> list[str]:
    for _ in range(200):
        runs = await app.store.runs.list(workflow=workflow)
        if len(runs) >= count and all(run.state.over for run in runs):
            break
        await asyncio.sleep(0.02)
    return [run.id for run in runs]


async def test_a_fire_that_was_due_while_the_house_was_down_is_made_up_once_or_skipped_as_the_definition_says(tmp_path: Path) -> None:
    settings = read_settings(settings_for(tmp_path))
    monday = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # an hour before 9 in Berlin
    async with await main.build(settings, clock=ShiftedClock(monday)) as app:
        once, skip = await scheduled(app, "once"), await scheduled(app, "skip")
    thursday = monday + timedelta(days=3, hours=5)  # four fires later
    async with await main.build(settings, clock=ShiftedClock(thursday)) as app:
        assert await runs_of(app, once, 1) == [f"run_{once}_20261126T080000Z"], "the latest of those missed, once"
        assert await runs_of(app, skip, 0) == []
        messages = await app.store.web_messages.list("#ops", reader="")
        assert any("Health:" in str(message.card) for message in messages)
    async with await main.build(settings, clock=ShiftedClock(thursday + timedelta(minutes=1))) as app:
        await asyncio.sleep(0.3)
        assert len(await runs_of(app, once, 1)) == 1, "never twice, not even after another restart"


async def test_a_fire_comes_at_its_time_while_the_house_is_up(tmp_path: Path) -> None:
    async with await main.build(read_settings(settings_for(tmp_path))) as app:
        at = (app.clock.now() + timedelta(seconds=2)).replace(microsecond=0)
        workflow = await scheduled(app, "once", {"at": at.isoformat()})
        assert await runs_of(app, workflow, 1) == [f"run_{workflow}_{at:%Y%m%dT%H%M%SZ}"]
        assert workflow not in await app.store.schedules.all(), "a moment comes once"
