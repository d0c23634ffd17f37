"""The map, as people ask and change it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from engine.commands.command import Asked, Done, FileShown, Outcome, PreviewShown
from engine.commands.map_shown import DependenciesShown, ImportPlanned, MapCheckedShown, MapEdited, MapHistoryShown, SuggestionsShown
from engine.errors import Conflict, Forbidden, Invalid, NotFound, Rejected
from engine.events import DetectorSaved
from engine.graph.discovery.suggestions import Rejection, Suggestion
from engine.graph.stored import ANSWERS, SUGGESTED, suggested_body
from engine.parties import Role
from engine.runtime.atlas import Atlas, History
from tests.engine.commands.hall import ADA, BOB, Hall

COMPOSE = """
services:
  shop: {image: shop, depends_on: [db, cache]}
  db: {image: postgres}
  cache: {image: redis}
"""


class Mapped(Hall):
    """A hall that keeps a map."""

    def __init__(self) -> None:
        super().__init__()
        self.atlas = Atlas(self.store, self.clock, self.house.catalogue)
        self.house = replace(self.house, map=self.atlas.map, remap=self.atlas.look, foremap=self.atlas.would)

    def lines(self) -> set[tuple[str, str]]:
        return {(line.source, line.target) for line in self.house.map().lines}


@pytest.fixture
async def hall() -> AsyncIterator[Mapped]:
    hall = Mapped()
    async with hall:
        yield hall


async def edited(asked: Any) -> MapEdited:
    result = (await asked).result
    assert isinstance(result, MapEdited)
    return result


def text(outcome: Outcome) -> str:
    assert isinstance(outcome.result, (Done, MapEdited))
    return outcome.result.text


async def needs(hall: Mapped, source: str, target: str, **more: Any) -> MapEdited:
    return await edited(hall.ask("add_dependency", source=source, target=target, **more))


async def test_who_said_so_and_why_stands_on_the_map_at_once(hall: Mapped) -> None:
    said = await needs(hall, "Checkout", "Payments", because="it takes the money")
    assert "“Checkout” needs “Payments” from now on." in said.text
    assert "new on the map" in said.text
    line = hall.house.map().needs_of("checkout")[0]
    assert line.target == "payments"
    assert line.evidence[0].origin == "Ada (it takes the money)"
    assert hall.house.map().label("checkout") == "Checkout"
    assert ("Ada", "add_dependency", "done") in await hall.audited("map")


async def test_the_same_said_again_changes_nothing(hall: Mapped) -> None:
    await needs(hall, "checkout", "payments")
    again = text(await hall.ask("add_dependency", source="CHECKOUT", target="payments"))
    assert again == "“checkout” needs “payments” already: declared by Ada. Nothing was changed."


async def test_undo_takes_back_the_last_change_only_where_it_is_still_the_last(hall: Mapped) -> None:
    first = await needs(hall, "checkout", "payments")
    second = await needs(hall, "checkout", "fraud")
    with pytest.raises(Conflict, match="changed again"):
        await hall.press(first.id, "undo", first.revision)
    undone = await edited(hall.press(second.id, "undo", second.revision))
    assert hall.lines() == {("checkout", "payments")}
    await hall.press(undone.id, "undo", undone.revision)
    assert hall.lines() == {("checkout", "payments"), ("checkout", "fraud")}


async def test_a_name_spelt_much_like_a_known_one_is_asked_about(hall: Mapped) -> None:
    await needs(hall, "checkout", "payments")
    asked = (await hall.ask("add_dependency", source="chekout", target="fraud")).result
    assert isinstance(asked, Asked)
    assert asked.options[0][0] == "checkout"
    assert asked.options[-1][0] == "chekout is new"
    assert hall.lines() == {("checkout", "payments")}
    await hall.ask(asked.deeds[-1][0], **asked.deeds[-1][1])
    assert ("chekout", "fraud") in hall.lines()


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [("shop", "SHOP", "cannot need itself"), ("!!!", "db", "letters or digits"), ("x" * 200, "db", "at most 80")],
)
async def test_what_cannot_be_a_line_is_refused_with_the_reason(hall: Mapped, source: str, target: str, why: str) -> None:
    await needs(hall, "shop", "web")
    with pytest.raises(Rejected, match=why):
        await hall.ask("add_dependency", source=source, target=target, new=True)


async def test_a_line_that_closes_a_circle_is_taken_and_told(hall: Mapped) -> None:
    await needs(hall, "a-shop", "b-ledger")
    await needs(hall, "b-ledger", "c-bank")
    said = await needs(hall, "c-bank", "a-shop")
    assert "closes a circle: “a-shop” needs “c-bank” too (by “b-ledger”)" in said.text
    checked = (await hall.ask("check_map")).result
    assert isinstance(checked, MapCheckedShown)
    assert [one.oddity.value for one in checked.findings] == ["circle"]


async def test_what_a_workflow_says_of_itself_is_changed_in_the_workflow(hall: Mapped) -> None:
    await hall.stored()
    with pytest.raises(Rejected, match="its own steps say so"):
        await hall.ask("remove_dependency", source="Release", target="trello")
    with pytest.raises(Rejected, match="stands in its definition"):
        await hall.ask("describe_component", component="Release", owner="Shop")


async def test_a_no_to_what_a_file_says_is_kept_beside_it_and_can_be_undone(hall: Mapped) -> None:
    await hall.ask("import_map", text=COMPOSE, called="compose.yaml", how="now")
    said = await edited(hall.ask("remove_dependency", source="shop", target="cache", because="cut out last week"))
    assert "Compose.yaml said so" in said.text
    assert ("shop", "cache") not in hall.lines()
    await hall.press(said.id, "undo", said.revision)
    assert ("shop", "cache") in hall.lines()


async def test_no_such_line_names_those_there_are(hall: Mapped) -> None:
    await needs(hall, "checkout", "payments")
    said = text(await hall.ask("remove_dependency", source="payments", target="checkout"))
    assert said == "“payments” does not need “checkout”, so nothing was changed. It needs nothing at all."
    with pytest.raises(NotFound, match="Did you mean “payments”"):
        await hall.ask("remove_dependency", source="checkout", target="paiments")


async def test_owner_tier_and_alias_are_said_one_by_one(hall: Mapped) -> None:
    await needs(hall, "checkout", "payments")
    await hall.ask("describe_component", component="checkout", owner="Team Shop")
    await hall.ask("describe_component", component="checkout", tier="tier 1")
    await hall.ask("describe_component", component="checkout", alias="check-out-svc")
    one = hall.house.map().components["checkout"]
    assert (one.owner, one.tier, one.aliases) == ("Team Shop", 1, ("check-out-svc",))
    with pytest.raises(Invalid, match="A tier is 1"):
        await hall.ask("describe_component", component="checkout", tier="0")
    shown = (await hall.ask("show_dependencies", about="Check Out SVC")).result
    assert isinstance(shown, DependenciesShown)
    assert shown.about == one
    assert shown.sentences == ("“checkout” needs “payments”.", "Nothing needs “checkout”.")


async def test_workflows_and_services_are_shown_as_ever(hall: Mapped) -> None:
    with pytest.raises(NotFound, match="there is no workflow"):
        await hall.ask("show_dependencies")
    await hall.stored()
    shown = (await hall.ask("show_dependencies", workflow="release")).result
    assert isinstance(shown, DependenciesShown)
    assert shown.sentences[0].startswith("“Release” needs “Chat”")
    asana = (await hall.ask("show_dependencies", service="asana")).result
    assert isinstance(asana, DependenciesShown)
    assert asana.sentences[1] == "Nothing needs “Asana”."


# --- alternatives ------------------------------------------------------------------------------------------------------------


async def test_an_alternative_is_shown_first_and_holds_from_confirm_on(hall: Mapped) -> None:
    inputs = {"title": "{{input.title}}", "project": "Ops"}
    preview = (await hall.ask("declare_alternative", instead_of="trello.create_card", use="asana.create_task", inputs=inputs)).result
    assert isinstance(preview, PreviewShown)
    assert "may stand in for trello.create_card" in preview.text
    assert not hall.house.map().alternatives
    await hall.press(preview.draft.id, "confirm", preview.draft.revision)
    assert hall.house.map().alternatives[0].inputs == inputs
    assert hall.house.catalogue.fills("trello.create_card", "asana.create_task") == inputs


async def test_what_the_catalogue_says_against_an_alternative_is_told(hall: Mapped) -> None:
    with pytest.raises(Invalid, match="cannot stand in") as refused:
        await hall.ask(
            "declare_alternative", instead_of="trello.create_card", use="asana.create_task", inputs={"colour": "{{input.titel}}"}
        )
    assert len(refused.value.problems) >= 2
    with pytest.raises(Rejected, match="down together"):
        await hall.ask("declare_alternative", instead_of="trello.create_card", use="trello.move_card")


# --- catalogues --------------------------------------------------------------------------------------------------------------


async def test_a_file_is_shown_first_and_the_same_file_again_replaces_it(hall: Mapped) -> None:
    preview = (await hall.ask("import_map", text=COMPOSE, called="compose.yaml")).result
    assert isinstance(preview, PreviewShown)
    assert "docker compose file: 3 components, 2 lines" in preview.text
    assert "“shop” now needs “db”" in preview.text
    assert not hall.lines()
    done = (await hall.press(preview.draft.id, "confirm", preview.draft.revision)).result
    assert isinstance(done, MapEdited)
    assert hall.lines() == {("shop", "db"), ("shop", "cache")}
    await hall.ask("import_map", text="services: {shop: {depends_on: [db]}, db: {image: postgres}}", called="compose.yaml", how="now")
    assert hall.lines() == {("shop", "db")}
    with pytest.raises(NotFound, match=r"Did you mean “compose.yaml”"):
        await hall.ask("undo_map", source="compse.yaml")
    await hall.ask("undo_map")
    assert hall.lines() == {("shop", "db"), ("shop", "cache")}
    with pytest.raises(Conflict):
        await hall.press(preview.draft.id, "confirm", preview.draft.revision)


async def test_a_preview_stores_nothing(hall: Mapped) -> None:
    planned = (await hall.ask("import_map", text="from,to\nshop,db\nshop,shop\n", called="lines.csv", how="preview")).result
    assert isinstance(planned, ImportPlanned)
    assert len(planned.changes) == 3
    assert planned.reading.lost
    assert not hall.lines()
    assert not await hall.store.policies.of("map")


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (BOMB, "values"),
        ("\x00\xff", "Nothing of this file|none of the catalogues"),
        ("a: [", "Nothing of this file"),
        ("hello", "none of the catalogues"),
    ],
)
async def test_bombs_and_noise_are_refused_whole(hall: Mapped, content: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        await hall.ask("import_map", text=content, called="x.yaml", how="now")
    assert not await hall.store.policies.of("map")


async def test_nothing_handed_over_says_what_there_is(hall: Mapped) -> None:
    await hall.ask("import_map", text=COMPOSE, called="compose.yaml", how="now")
    with pytest.raises(Rejected, match=r"“compose.yaml”: 3 components, 2 lines"):
        await hall.ask("import_map")


async def test_what_is_exported_is_taken_in_again(hall: Mapped) -> None:
    await needs(hall, "checkout", "payments")
    exported = (await hall.ask("export_map")).result
    assert isinstance(exported, FileShown)
    planned = (await hall.ask("import_map", text=exported.text, called="own.yaml", how="preview")).result
    assert isinstance(planned, ImportPlanned)
    assert planned.changes == ()
    for form, begins in (("mermaid", "flowchart LR"), ("dot", "digraph map")):
        drawn = (await hall.ask("export_map", form=form)).result
        assert isinstance(drawn, FileShown)
        assert drawn.text.startswith(begins)
    with pytest.raises(Invalid, match="Did you mean “mermaid”"):
        await hall.ask("export_map", form="mermaidd")


async def test_two_owners_are_a_contradiction_that_the_check_names(hall: Mapped) -> None:
    for name, owner in (("a.yaml", "red"), ("b.yaml", "blue")):
        await hall.ask("import_map", text=f"signalbox: map/1\ncomponents: {{shop: {{owner: {owner}}}}}", called=name, how="now")
    checked = (await hall.ask("check_map", about="shop")).result
    assert isinstance(checked, MapCheckedShown)
    assert "two owners" in checked.findings[0].text


async def test_history_tells_what_changed_since_yesterday(hall: Mapped) -> None:
    history = History(hall.atlas, hall.store, hall.clock)
    await needs(hall, "a-shop", "b-ledger")
    await history.look()
    await needs(hall, "checkout", "payments")
    await history.look()
    shown = (await hall.ask("map_history", calendar="yesterday", about="checkout")).result
    assert isinstance(shown, MapHistoryShown)
    assert shown.words == " of “checkout”, since yesterday"
    assert any(one.text == "“checkout” now needs “payments” (declared, Ada)." for one in shown.changes)
    with pytest.raises(NotFound, match="is or was called"):
        await hall.ask("map_history", about="nothing-there")


# --- suggestions ---------------------------------------------------------------------------------------------------------------

GUESS = Suggestion(
    source="checkout", target="payments", confidence=0.9, together=6, lift=(40.0, 15.0, 90.0), because="They fell six times."
)


async def guessed(hall: Mapped, one: Suggestion = GUESS) -> SuggestionsShown:
    await hall.store.ledger.record(DetectorSaved(SUGGESTED, {"found": [suggested_body(one)]}, hall.clock.now()))
    shown = (await hall.ask("list_suggestions")).result
    assert isinstance(shown, SuggestionsShown)
    return shown


async def test_a_yes_makes_a_line_and_is_not_asked_again_while_it_stands(hall: Mapped) -> None:
    shown = await guessed(hall)
    said = await edited(hall.press(shown.id, "yes", arg=GUESS.id))
    assert hall.lines() == {("checkout", "payments")}
    with pytest.raises(Conflict, match="answered this already: yes"):
        await hall.press(shown.id, "no", arg=GUESS.id)
    await hall.press(said.id, "undo", said.revision)
    assert len((await guessed(hall)).rows) == 1


async def test_a_no_is_remembered_until_they_fell_together_twice_as_often(hall: Mapped) -> None:
    shown = await guessed(hall)
    await hall.press(shown.id, "no", arg=GUESS.id)
    kept = await hall.store.policies.get(ANSWERS, GUESS.id)
    assert kept is not None
    assert Rejection.from_json(kept.body).together == 6
    assert not (await guessed(hall, replace(GUESS, together=11))).rows
    assert (await guessed(hall, replace(GUESS, together=12))).rows
    with pytest.raises(NotFound, match="not suggested any more"):
        await hall.press(shown.id, "yes", arg="sg_0123456789")


# --- who may -------------------------------------------------------------------------------------------------------------------


async def test_who_may_only_look_changes_nothing(hall: Mapped) -> None:
    await hall.admin(ADA)
    await hall.admin(BOB, Role.VIEWER)
    asked: list[tuple[str, dict[str, Any]]] = [
        ("add_dependency", {"source": "a", "target": "b"}),
        ("import_map", {"text": COMPOSE}),
        ("undo_map", {}),
    ]
    for name, said in asked:
        with pytest.raises(Forbidden):
            await hall.ask(name, actor=BOB, **said)
