"""The map at run time: merged from what tells, renewed when something does, its history written down once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.events import PolicySaved, TrafficCounted, WorkflowSaved
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line
from engine.graph.discovery.map import Knowledge
from engine.graph.stored import BY_HAND, KIND, body_of
from engine.graph.traffic import Traffic, span_of
from engine.runtime.archive import Archive
from engine.runtime.atlas import Atlas, History
from engine.workflow.catalogue import Catalogue
from storage.memory import MemoryStore
from tests.engine.clock import NOON, StandingClock
from tests.engine.runtime.world import CATALOGUE, changed, definition, step, workflow

SAID = Evidence(kind=EvidenceKind.DECLARED, origin="Ada", since=NOON, seen=NOON)
NEEDS = Line(source="safe", target="vault", evidence=(SAID,))
FLOW = workflow(definition(step("a", "safe.do", arguments={"title": "x"}), fallback={"safe": "spare"}))


class Scene:
    def __init__(self) -> None:
        self.clock, self.store = StandingClock(), MemoryStore()
        self.catalogue = Catalogue(CATALOGUE.services.values())
        self.atlas = Atlas(self.store, self.clock, self.catalogue)
        self.history = History(self.atlas, self.store, self.clock)
        self.revision = 0

    async def declare(self, *told: Line | Component | Alternative) -> None:
        self.revision += 1
        knowledge = Knowledge(
            components=tuple(one for one in told if isinstance(one, Component)),
            lines=tuple(one for one in told if isinstance(one, Line)),
            alternatives=tuple(one for one in told if isinstance(one, Alternative)),
        )
        await self.store.ledger.record(PolicySaved(KIND, BY_HAND, body_of(knowledge), self.clock.now(), self.revision))

    async def look(self) -> None:
        await self.atlas.look()
        await self.history.look()

    async def told(self) -> list[str]:
        return [change.text for change in reversed(await self.store.map_changes.list())]


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_what_is_declared_and_what_workflows_say_stand_in_one_map(scene: Scene) -> None:
    await scene.store.ledger.record(WorkflowSaved(FLOW))
    await scene.declare(NEEDS, Component(id="vault", owner="infra", tier=1))
    await scene.look()
    assert {(line.source, line.target) for line in scene.atlas.map().lines} >= {("safe", "vault"), (FLOW.id, "safe"), (FLOW.id, "spare")}
    assert scene.atlas.map().components["vault"].owner == "infra"
    assert scene.atlas.declared() == [("safe", "vault")]


async def test_nothing_is_read_again_until_something_changes(scene: Scene) -> None:
    await scene.look()
    first = scene.atlas.map()
    await scene.look()
    assert scene.atlas.map() is first
    await scene.declare(NEEDS)
    await scene.look()
    assert scene.atlas.map() is not first


async def test_observed_calls_bring_their_volumes(scene: Scene) -> None:
    await scene.store.ledger.record(WorkflowSaved(FLOW))
    await scene.store.ledger.record(TrafficCounted((Traffic(span_of(scene.clock.now()), FLOW.id, "safe", "do", 336, 0, 1),)))
    await scene.look()
    volumes = {(line.source, line.target): line.per_hour for line in scene.atlas.map().lines}
    assert volumes[FLOW.id, "safe"] == pytest.approx(2.0)


async def test_a_declared_alternative_stands_in_where_the_catalogue_knew_none(scene: Scene) -> None:
    inputs = {"titel": "{{input.title}} (from Safe)"}
    assert scene.catalogue.equivalent("a.do", "spare") is None
    await scene.declare(Alternative(instead_of="a.do", use="spare.do", inputs=inputs))
    await scene.look()
    found = scene.catalogue.equivalent("a.do", "spare")
    assert found is not None
    assert (found[0].id, scene.catalogue.fills("a.do", "spare.do")) == ("spare.do", inputs)


async def test_every_change_is_told_once_over_a_restart(scene: Scene) -> None:
    await scene.declare(NEEDS)
    await scene.look()
    told = await scene.told()
    assert any("needs" in text for text in told)
    again = Atlas(scene.store, scene.clock, scene.catalogue)
    await again.look()
    await History(again, scene.store, scene.clock).look()
    assert await scene.told() == told
    await scene.declare()
    await scene.look()
    assert len(await scene.told()) > len(told)


async def test_a_workflow_that_changes_is_news_of_the_map(scene: Scene) -> None:
    await scene.store.ledger.record(WorkflowSaved(FLOW))
    await scene.look()
    other = changed(FLOW, definition=definition(step("a", "a.do")), version=2, updated_at=scene.clock.now() + timedelta(seconds=1))
    await scene.store.ledger.record(WorkflowSaved(other))
    await scene.look()
    assert {line.target for line in scene.atlas.map().needs_of(FLOW.id)} == {"a"}


async def test_one_source_that_cannot_be_read_does_not_take_the_others_with_it(scene: Scene) -> None:
    await scene.store.ledger.record(PolicySaved(KIND, "old file", {"lines": [{"from": "a"}]}, scene.clock.now(), 1))
    await scene.declare(NEEDS)
    await scene.look()
    assert scene.atlas.declared() == [("safe", "vault")]


async def test_a_workflow_that_ran_before_learns_who_stands_in_as_soon_as_it_is_declared(scene: Scene) -> None:
    archive = Archive(scene.store, scene.catalogue)
    before = archive.outline(FLOW)
    scene.catalogue.declare({})
    assert archive.outline(FLOW) is before
    scene.catalogue.declare({("safe.do", "spare.do"): {"titel": "{{input.title}}!"}})
    other = archive.outline(FLOW).places["a"].other("spare.do")
    assert other is not None
    assert other.fills == {"titel": "{{input.title}}!"}


async def test_an_alternative_that_cannot_work_is_not_taught(scene: Scene) -> None:
    await scene.declare(Alternative(instead_of="a.look", use="spare.do"))  # a write for a read
    await scene.look()
    assert scene.catalogue.equivalent("a.look", "spare") is None


async def test_what_people_declare_goes_before_what_services_do(scene: Scene) -> None:
    await scene.declare(Alternative(instead_of="safe.do", use="spare.do", inputs={"titel": "Mine: {{input.title}}"}))
    await scene.look()
    found = scene.catalogue.equivalent("safe.do", "spare")
    assert found is not None
    assert scene.catalogue.fills("safe.do", found[0].id) == {"titel": "Mine: {{input.title}}"}
