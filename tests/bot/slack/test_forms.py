"""Forms in Slack: opened by what was said, numbers as numbers, faults where they were typed; and who is in a user group."""

from __future__ import annotations

import pytest

from bot.cards.card import Button, Card, Form, FormField
from bot.faces.face import Opening, Press, Reply, Turn, Utterance
from bot.faces.slack import modal
from bot.faces.slack.buttons import Pressed
from bot.faces.slack.face import SlackFace
from engine.errors import NotFound, Rejected
from engine.parties import Actor
from tests.bot.slack.conftest import Facing
from tests.bot.slack.house import SmallHouse, WallClock
from tests.peers.slack.fake import FakeSlack
from tests.peers.slack.judge import faults_of_view

FORM = Form("Run Ship", (FormField("version", "version"), FormField("count", "count (integer)", "integer", "2", required=False)), submit="Run")
CARD = Card("Run Ship", id="wf_1", version=3, actions=(Button("run", "Fill in and run", form=FORM),))
OPENS = Turn((Reply(CARD),), opens=Opening("wf_1", "run", "", 3, FORM))


class Asking(SmallHouse):
    """Whatever is said asks for the form; what is sent is refused at a field."""

    async def hear(self, utterance: Utterance) -> Turn:
        return OPENS

    async def press(self, press: Press) -> Turn:
        self.presses.append(press)
        if press.form.get("count") == "7":
            return Turn()
        return Turn((Reply(Card("“Ship” was not started.")),), ok=False, faults={"count": "7 is what is wanted", "other": "not in the form"})


@pytest.fixture
def house() -> SmallHouse:
    return Asking()


async def test_a_command_that_asks_for_a_form_opens_it_at_once(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    await slack.slash("/flow run Ship")
    view = await slack.modal()
    assert [block["element"]["type"] for block in view.content["blocks"]] == ["plain_text_input", "number_input"]
    refused = await slack.submit(view, {"version": "1.4", "count": "3"})
    assert list(refused.errors.values()) == ["7 is what is wanted"]
    assert next(iter(refused.errors)).endswith("|count")
    await slack.submit(view, {"version": "1.4", "count": "7"})
    await slack.until(lambda: len(house.presses) == 2, what="the second press")
    press = house.presses[-1]
    assert (press.card, press.verb, press.version, press.form, press.where.channel) == ("wf_1", "run", 3, {"version": "1.4", "count": "7"}, "C1")
    assert slack.ephemerals("ana") == [], "nothing is said beside the form"


async def test_where_the_form_does_not_come_up_its_button_is_shown(face: SlackFace, slack: FakeSlack) -> None:
    slack.fail("views.open", "expired_trigger_id")
    await slack.slash("/flow run Ship")
    await slack.until(lambda: slack.ephemerals("ana"), what="the card with its button")
    assert list(slack.ephemerals("ana")[0].buttons()) == ["Fill in and run"]


async def test_a_mention_has_no_form_to_open_and_shows_its_button(face: SlackFace, slack: FakeSlack) -> None:
    await slack.mention("run ship")
    await slack.until(lambda: slack.ephemerals("ana"), what="the card with its button")


@pytest.mark.parametrize(("kind", "value", "kept"), [("integer", "-12", True), ("integer", "1.5", False), ("number", "1.5", True), ("number", "NaN", False), ("number", "", False)])
def test_a_number_is_asked_for_as_one_and_only_a_number_stands_in_it(kind: str, value: str, *, kept: bool) -> None:
    form = Form("Run", (FormField("n", "n", kind, value),))
    view = modal.view(form, modal.Place(Pressed("wf_1", 1, "run", "", True), "C1", "", ""))
    (block,) = view["blocks"]
    assert ("initial_value" in block["element"]) is kept
    assert faults_of_view(view) == []


async def test_who_is_in_a_user_group_is_asked_of_slack_and_remembered_for_a_minute(facing: Facing, slack: FakeSlack, house: SmallHouse, clock: WallClock) -> None:
    face = facing(house)
    await face.start()
    ana, ben = Actor("slack", "U1", "ana"), Actor("slack", "U2", "ben")
    for group in ("S0000OPS", "ops-leads", "@ops-leads"):
        assert await face.belongs(ben, group)
        assert not await face.belongs(ana, group)
    assert [method for method, _ in slack.calls].count("usergroups.list") == 1
    with pytest.raises(NotFound, match="no user group @nobody"):
        await face.belongs(ana, "nobody")


async def test_without_the_permission_it_is_said_which_one_is_missing(facing: Facing, slack: FakeSlack, house: SmallHouse) -> None:
    slack.api.scopes.discard("usergroups:read")
    face = facing(house)
    await face.start()
    with pytest.raises(Rejected, match="usergroups:read"):
        await face.belongs(Actor("slack", "U1", "ana"), "S0000OPS")
