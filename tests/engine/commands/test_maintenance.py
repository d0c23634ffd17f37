"""Maintenance set, previewed with what it would mean, confirmed, extended and ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.commands.command import Outcome, PreviewShown, SilencesShown
from engine.commands.maintaining import shown
from engine.errors import Conflict, Invalid, NotFound, Rejected
from engine.events import Event
from engine.monitoring.silence import KIND, Silence, silence_of
from engine.runtime.maintenance import Maintenance
from tests.engine.clock import NOON
from tests.engine.commands.hall import NIGHTLY, RELEASE, Hall

HOUR = timedelta(hours=1)
CARD = [{"action": "trello.create_card", "with": {"board": "Release", "list": "To Do", "title": "x"}}]


async def windows(hall: Hall) -> list[Silence]:
    return [silence_of(policy.id, policy.body, policy.revision) for policy in await hall.store.policies.of(KIND)]


def text(outcome: Outcome) -> str:
    assert isinstance(outcome.result, PreviewShown)
    return outcome.result.text


async def confirmed(hall: Hall, **said: object) -> Silence:
    asked: dict[str, Any] = {"service": "Trello", "start": NOON + HOUR, "until": NOON + 3 * HOUR, **said}
    outcome = await hall.ask("set_maintenance", **asked)
    assert isinstance(outcome.result, PreviewShown)
    await hall.press(outcome.result.draft.id, "confirm", 1)
    (made,) = await windows(hall)
    return made


async def test_the_preview_says_what_the_window_would_mean_for_workflows(hall: Hall) -> None:
    await hall.stored(RELEASE)
    await hall.stored({**NIGHTLY, "name": "Cards", "trigger": {"type": "scheduled", "cron": "*/30 * * * *"}, "steps": CARD})
    said = text(await hall.ask("set_maintenance", service="trello", start=NOON + HOUR, until=NOON + 3 * HOUR))
    assert "Trello: Wednesday 2026-03-04 14:00 CET to Wednesday 2026-03-04 16:00 CET (2 hours)" in said
    assert "While it is down these stop: " in said
    assert "Release" in said
    assert "Due in that time: Cards (4 times)" in said
    assert await windows(hall) == [], "nothing is set before Confirm"


async def test_confirm_sets_it_once_and_says_so_in_the_audit(hall: Hall) -> None:
    made = await confirmed(hall, note="upgrade")
    assert (made.match.service, made.starts, made.ends, made.because, made.by_name) == (
        "trello",
        NOON + HOUR,
        NOON + 3 * HOUR,
        "upgrade",
        "Ada",
    )
    assert ("Ada", "set_maintenance", "done") in await hall.audited(made.id)
    listed = (await hall.ask("list_maintenance")).result
    assert isinstance(listed, SilencesShown)
    assert listed.silences == (made,)


async def test_a_window_can_be_extended_and_ended_from_its_card_and_not_twice(hall: Hall) -> None:
    made = await confirmed(hall)
    await hall.press(made.card, "extend", form={"by": "30m"})
    assert (await windows(hall))[0].ends == NOON + 3.5 * HOUR
    await hall.press(made.card, "end")
    (over,) = await windows(hall)
    assert (over.told, over.ends) == ("over", NOON)
    assert (await shown(hall.house, made.card)).silence.told == "over"
    with pytest.raises(Conflict, match="is over"):
        await hall.press(made.card, "end")


async def test_a_window_is_named_by_its_service(hall: Hall) -> None:
    made = await confirmed(hall)
    await hall.ask("extend_maintenance", window="Trello", by="PT1H")
    assert (await windows(hall))[0].ends == made.ends + HOUR
    with pytest.raises(NotFound, match="No window is set for GitHub"):
        await hall.ask("end_maintenance", window="github")


async def test_what_makes_no_sense_is_refused_with_what_to_say(hall: Hall) -> None:
    with pytest.raises(Rejected, match="Until when"):
        await hall.ask("set_maintenance", service="trello")
    with pytest.raises(Invalid):
        await hall.ask("set_maintenance", service="trello", until=NOON - HOUR)
    with pytest.raises(Invalid):
        await hall.ask("set_maintenance", service="trello", until=NOON + HOUR, every="FREQ=SOMETIMES")
    with pytest.raises(NotFound):
        await hall.ask("set_maintenance", service="trelo-x", until=NOON + HOUR)
    with pytest.raises(Rejected, match="neither maintenance nor silence"):
        await hall.ask("set_maintenance", service="trello", until=NOON + HOUR, kind="party")


async def test_a_moment_without_a_zone_is_meant_in_the_askers(hall: Hall) -> None:
    made = await confirmed(hall, start="2026-03-04T22:00:00", until="2026-03-04T23:30:00")
    assert (made.starts, made.ends) == (NOON + 9 * HOUR, NOON + 10.5 * HOUR)


async def test_a_window_that_recurs_three_times_is_over_for_good_then(hall: Hall) -> None:
    made = await confirmed(hall, every="FREQ=DAILY;COUNT=3;BYHOUR=14;BYMINUTE=0")
    look = Maintenance(hall.store, hall.clock, list)
    begun = []
    for _ in range(6 * 24):
        await look.look()
        (now,) = await windows(hall)
        begun += [now.window] if now.told == "begun" and now.window not in begun else []
        await hall.clock.pass_(3600)
    (over,) = await windows(hall)
    assert (begun, over.told, over.id) == ([1, 2, 3], "over", made.id)


@pytest.mark.parametrize(("verb", "form"), [("extend", {"by": "30m"}), ("end", {})])
async def test_a_press_at_the_moment_at_which_the_window_begins_is_not_refused(hall: Hall, verb: str, form: dict[str, str]) -> None:
    made = await confirmed(hall)
    await hall.clock.pass_(3600)
    record, crossed = hall.store.ledger.record, [True]

    async def begins_meanwhile(*events: Event) -> None:
        if crossed:
            crossed.pop()
            await Maintenance(hall.store, hall.clock, list).look()
        await record(*events)

    hall.store.ledger.record = begins_meanwhile  # type: ignore[method-assign]
    await hall.press(made.card, verb, form=form)
    (now,) = await windows(hall)
    assert (now.told, now.ends) == (("begun", NOON + 3.5 * HOUR) if verb == "extend" else ("over", NOON + HOUR))
