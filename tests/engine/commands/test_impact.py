"""What breaks, over the whole map: several at once, what falls with it, what is due, and what a workflow stands on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.commands.command import Done, ImpactShown
from engine.errors import Invalid, NotFound
from engine.events import RollupsSaved
from engine.graph.declared.component import Component
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line
from engine.graph.discovery.map import Knowledge, Map
from engine.graph.discovery.merging import merge
from engine.graph.discovery.workflows import workflow_lines
from engine.graph.falling import answers_of
from engine.monitoring.rollup import Rollup, Span
from engine.monitoring.sample import Source
from engine.monitoring.sketch import Sketch
from tests.engine.clock import NOON
from tests.engine.commands.hall import NIGHTLY, RELEASE, Hall

SAID = (Evidence(kind=EvidenceKind.DECLARED, origin="Ada", since=NOON, seen=NOON),)
FALLS_BACK = {
    "name": "Intake",
    "trigger": {"type": "manual"},
    "steps": [{"action": "trello.create_card", "with": {"board": "In", "title": "x"}}],
    "options": {"fallback": {"trello": "asana"}},
}


async def mapped(hall: Hall, *lines: tuple[str, str], names: tuple[str, ...] = ()) -> Map:
    """The map of the stored workflows and these needs, as the house would keep it."""
    told = Knowledge(
        components=tuple(Component(id=name, name=name.title(), evidence=SAID) for name in names),
        lines=tuple(Line(source=source, target=target, evidence=SAID) for source, target in lines),
    )
    map = merge([workflow_lines(await hall.store.workflows.list(), hall.house.catalogue), told], at=NOON)
    answers = answers_of(map)
    hall.house = replace(hall.house, map=lambda: map, answers=lambda: answers)
    return map


async def shown(hall: Hall, service: str, **more: str) -> ImpactShown:
    outcome = await hall.ask("show_impact", service=service, **more)
    assert isinstance(outcome.result, ImpactShown)
    return outcome.result


async def test_a_component_takes_the_services_along_that_need_it(hall: Hall) -> None:
    await hall.stored(RELEASE)
    await mapped(hall, ("trello", "vault"), names=("vault",))
    found = await shown(hall, "vault")
    assert [(one.name, one.survives_by) for one in found.impact.workflows] == [("Release", "")]
    assert found.further[0] == "With it fall: Trello."


async def test_several_at_once_close_the_way_round_too(hall: Hall) -> None:
    await hall.stored(FALLS_BACK)
    await mapped(hall)
    alone, both = await shown(hall, "trello"), await shown(hall, "trello and asana")
    assert [one.survives_by for one in alone.impact.workflows] == ["asana"]
    assert [one.survives_by for one in both.impact.workflows] == [""]


async def test_a_component_that_no_workflow_needs_breaks_nothing(hall: Hall) -> None:
    await hall.stored(RELEASE)
    await mapped(hall, ("checkout", "payments"), names=("checkout", "payments"))
    found = await shown(hall, "payments")
    assert (found.impact.workflows, found.further) == ((), ("With it fall: Checkout.",))
    assert (await shown(hall, "checkout")).impact.because.startswith("No active workflow needs Checkout")


async def test_services_that_nothing_needs_may_be_asked_of_together(hall: Hall) -> None:
    await mapped(hall)
    found = await shown(hall, "trello and slack degraded")
    assert (found.impact.state, found.impact.workflows, found.named) == ("degraded", (), ("Trello", "Slack"))


async def test_a_fallback_that_needs_the_same_vault_is_none(hall: Hall) -> None:
    await hall.stored(FALLS_BACK)
    await mapped(hall, ("trello", "vault"), ("asana", "vault"), names=("vault",))
    assert [one.survives_by for one in (await shown(hall, "vault")).impact.workflows] == [""]


async def test_what_is_due_and_under_way_and_where_it_is_told(hall: Hall) -> None:
    await hall.stored(NIGHTLY, where="slack:C9")
    await mapped(hall)
    further = (await shown(hall, "slack")).further
    assert any(said.startswith("Due within a day: “Nightly report” (1 time") for said in further)
    assert "Whose cards stand in: C9." in further


async def test_a_state_may_be_said_with_the_service(hall: Hall) -> None:
    await hall.stored(RELEASE)
    await mapped(hall)
    assert (await shown(hall, "trello degraded")).impact.state == "degraded"
    assert (await shown(hall, "trello over its quota")).impact.state == "over quota"
    with pytest.raises(Invalid, match="down, degraded or over quota"):
        await shown(hall, "trello", state="sleepy")


async def test_an_unknown_thing_is_refused_with_what_is_called_alike(hall: Hall) -> None:
    await hall.stored(RELEASE)
    await mapped(hall, ("trello", "vault"), names=("vault",))
    with pytest.raises(NotFound, match="Did you mean “Vault”"):
        await shown(hall, "valt")


async def test_what_a_workflow_stands_on_names_single_points_and_its_availability(hall: Hall) -> None:
    flow = await hall.stored(RELEASE)
    await mapped(hall)
    rows = tuple(
        Rollup(
            service=service, account="default", source=Source.PROBE, span=Span.DAY, at=NOON - timedelta(days=2), count=1000, errors=errors,
            untold=0, micros=1, sandbox=0, sketch=Sketch.of([0.1]),
        )
        for service, errors in (("trello", 10), ("slack", 0))
    )  # fmt: skip
    await hall.store.ledger.record(RollupsSaved(rows))
    outcome = await hall.ask("show_impact", workflow=flow.name)
    assert isinstance(outcome.result, Done)
    assert "It stops if any one of these fails:" in outcome.result.text
    assert "Expected to be up 99.000% of the time (exactly reckoned): down 432 minutes a month." in outcome.result.text
    assert "If Trello failed half as often, 216 minutes a month less." in outcome.result.text


async def test_an_alternative_that_falls_with_what_it_replaces_is_called_a_trap(hall: Hall) -> None:
    flow = await hall.stored(FALLS_BACK)
    await mapped(hall, ("trello", "vault"), ("asana", "vault"), names=("vault",))
    outcome = await hall.ask("show_impact", workflow=flow.name)
    assert isinstance(outcome.result, Done)
    assert "Beware: what stands in for “Trello” falls with it, for both need Vault." in outcome.result.text


async def test_without_any_check_no_availability_is_claimed(hall: Hall) -> None:
    flow = await hall.stored(RELEASE)
    await mapped(hall)
    outcome = await hall.ask("show_impact", workflow=flow.name)
    assert isinstance(outcome.result, Done)
    assert "not known yet" in outcome.result.text
