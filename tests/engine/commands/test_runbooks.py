"""Runbooks: set by people, named on the alerts they are about, never instead of what the sender said."""

from __future__ import annotations

import pytest

from engine.commands.command import Done
from engine.errors import NotFound, Rejected
from engine.monitoring.signal import Signal
from engine.runtime.alerts import Alerting
from tests.engine.commands.hall import OPS, Hall

PAGE = "https://wiki.example/github"


def signal(hall: Hall, rule: str = "availability", runbook: str = "") -> Signal:
    return Signal(rule=rule, service="github", account=rule, at=hall.clock.now(), firing=True, because="3 checks failed.", runbook=runbook)


async def test_the_most_particular_page_stands_on_the_alert_and_the_senders_own_before_it(hall: Hall) -> None:
    alerting = Alerting(hall.store, hall.clock, addresses=lambda: [OPS])
    await hall.ask("set_runbook", about="GitHub", page=PAGE)
    await hall.ask("set_runbook", about="github credential", page=f"{PAGE}/keys")
    for rule, own, said in (
        ("availability", "", PAGE),
        ("credential", "", f"{PAGE}/keys"),
        ("x", "https://own.example", "https://own.example"),
    ):
        changed = await alerting.take([signal(hall, rule, own)])
        assert next(one.runbook for one in changed if one.rule == rule) == said
    await hall.ask("set_runbook", about="github", page="off")
    assert next(one.runbook for one in await alerting.take([signal(hall, "throughput")]) if one.rule == "throughput") == ""


async def test_they_are_listed_and_what_is_no_page_is_refused(hall: Hall) -> None:
    assert isinstance((await hall.ask("set_runbook")).result, Done)
    with pytest.raises(Rejected, match="Which page"):
        await hall.ask("set_runbook", about="github", page="javascript:alert(1)")
    with pytest.raises(NotFound, match="No runbook is set"):
        await hall.ask("set_runbook", about="github", page="off")
    await hall.ask("set_runbook", about="all", page=PAGE)
    result = (await hall.ask("set_runbook")).result
    assert isinstance(result, Done)
    assert f"every service: {PAGE}" in result.text
    assert await hall.audited("runbook:all") == [("Ada", "set_runbook", "done")]
