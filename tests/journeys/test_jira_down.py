"""Journey: Jira is down on a Monday morning; Asana stands in, and afterwards the issue is made in Jira too, once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

import main
from engine.ports import Fault
from engine.workflow.run import RunState
from tests.journeys.doors import as_it_was, containing, house_with, see
from tests.journeys.test_incident import AheadClock

SETTINGS = {"SIGNALBOX_SANDBOX": "all", "SIGNALBOX_PROBE_INTERVAL": "0.2", "SIGNALBOX_ALERT_CHANNEL": "web:#ops"}
TITLE = "The printer is on fire"
FLOW = (
    "name: desk\ntrigger:\n  type: manual\nsteps:\n"
    f"  - id: issue\n    action: jira.create_issue\n    with: {{project: OPS, type: Task, title: {TITLE}}}\n"
    "options:\n  fallback: {jira: asana}\n"
)


def monday_at_9_05(now: datetime) -> datetime:
    """The next one."""
    return (now + timedelta(days=7 - now.weekday())).replace(hour=9, minute=5, second=0, microsecond=0)


async def printers(app: main.App) -> dict[str, int]:
    """How often the sandbox's services hold what the workflow makes."""
    held = {service: await app.store.things.of(service) for service in ("asana", "jira")}
    return {service: sum(thing.fields.get("title") == TITLE for thing in things) for service, things in held.items()}


async def test_while_jira_is_down_asana_stands_in_and_afterwards_the_issue_is_made_in_jira_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "RECONCILED", 0.05)  # half a minute between looks would show nothing more
    monkeypatch.setattr(main, "Reconciler", partial(main.Reconciler, well_for=timedelta(seconds=0.3)))
    clock = AheadClock()
    clock.ahead = monday_at_9_05(clock.now()) - clock.now()
    async with house_with("rest", tmp_path, clock=clock, **SETTINGS) as (app, hall):
        await hall.say(f"/flow import {FLOW}")
        await hall.press(await see(hall, containing("desk", button="Confirm")), "Confirm")
        await see(hall, containing("desk", "Confirmed"))

        # nine o'clock, and five minutes
        app.shelf.sandbox.inject(Fault("jira", "down"))
        await see(hall, containing("Jira", "firing", button="Acknowledge"), what="the alert")
        await hall.say("/impact jira")
        await see(
            hall, containing("If Jira is down", "desk carries on by Asana", "Asana stands in for Jira"), private="ana", what="the impact"
        )

        # work goes on elsewhere, and the card says why
        await hall.say("/flow run desk")
        why = "Asana instead of Jira: Jira's breaker has been open since 9:"
        await see(hall, containing("desk: done", "create task", why, no_button="Cancel"), what="the run's card")
        (workflow,) = await app.store.workflows.list()
        (run,) = await app.store.runs.list(workflow=workflow.id)
        assert run.state is RunState.SUCCEEDED
        reasons = [fact.data["because"] for fact in await app.store.runs.facts(run.id) if fact.data.get("because")]
        assert [str(reason)[: len(why)] for reason in reasons] == [why], "written down before the call left"
        assert await printers(app) == {"asana": 1, "jira": 0}
        assert await app.store.policies.of("reroutes") == [], "nobody is asked while it is down"

        # well again
        app.shelf.sandbox.mend("jira")
        await see(hall, containing("Jira resolved", "by itself"), what="the alert, over")
        card = await see(hall, containing("Jira is back", "1 thing was done elsewhere", button="Do it in Jira too"), what="the question")
        old = as_it_was(card)
        await hall.press(card, "Do it in Jira too", user="ben")
        done = await see(hall, containing("settled", "done here too", "Decided by ben", no_button="Do"), what="the card, settled")
        assert done.id == card.id, "the question was edited in place"
        assert await printers(app) == {"asana": 1, "jira": 1}

        # whoever presses later, with the version of then or of now, changes nothing
        runs = len(await app.store.runs.list())
        await hall.press_old(old, "Do it in Jira too", user="ana")
        await see(hall, containing("Nothing was changed", "since you looked"), private="ana", what="why the old press did nothing")
        forged = as_it_was(old)
        for button in forged.raw["actions"]:
            button["version"] = done.raw["version"]
        await hall.press_old(forged, "Do it in Jira too", user="ana")
        await see(hall, containing("There is nothing left to decide here"), private="ana", what="why the late press did nothing")
        await asyncio.sleep(0.3)  # some more looks of the reconciler
        assert len(await app.store.runs.list()) == runs
        assert await printers(app) == {"asana": 1, "jira": 1}
