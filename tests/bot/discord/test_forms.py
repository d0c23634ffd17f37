"""Forms on Discord: opened by what was said, five questions at most, and what was refused stands there when it is opened again; who has a role."""

from __future__ import annotations

import pytest

from bot.cards.card import Button, Card, Form, FormField
from bot.faces.discord import modal
from bot.faces.face import Opening, Press, Reply, Turn
from engine.errors import NotFound
from engine.parties import Actor, Address
from tests.bot.discord.stage import StageConversation, on_stage
from tests.peers.discord import FakeDiscord

FORM = Form("Run Ship", (FormField("version", "version"), FormField("count", "count (integer)", "integer", "2", required=False)), submit="Run")
CARD = Card("Run Ship", id="wf_1", version=3, actions=(Button("run", "Fill in and run", form=FORM),))


def opening(form: Form = FORM) -> Turn:
    return Turn((Reply(CARD),), opens=Opening("wf_1", "run", "", 3, form))


def refusing(press: Press) -> Turn:
    return Turn() if press.form.get("count") == "7" else Turn((Reply(Card("count: 7 is what is wanted")),), ok=False, faults={"count": "7"})


async def test_a_run_that_asks_for_a_form_opens_it_as_the_first_answer():
    conversation = StageConversation(hearing=lambda said: opening(), pressing=refusing, forms=lambda press: FORM)
    async with FakeDiscord() as fake, on_stage(fake, conversation) as stage:
        opened = await fake.slash("flow run workflow:Ship")
        assert opened.modal
        assert opened.modal["title"] == "Run Ship"
        refused = await fake.submit(opened, {"version": "1.4", "count": "3"})
        await fake.until(lambda: refused.messages, "the reason")
        assert refused.private
        await stage.face.post(Address("discord", "#ops"), CARD, "k1")
        again = await fake.click(fake.messages("ops")[0], "Fill in")
        assert again.modal
        assert [label["component"].get("value", "") for label in again.modal["components"]] == ["1.4", "3"], "what was typed stands there"
        await fake.submit(again, {"count": "7"})
        await fake.until(lambda: len(stage.conversation.presses) == 2)
        assert dict(stage.conversation.presses[-1].form) == {"version": "1.4", "count": "7"}
        fresh = await fake.click(fake.messages("ops")[0], "Fill in")
        assert fresh.modal
        assert [label["component"].get("value", "") for label in fresh.modal["components"]] == ["", "2"], "what was taken is forgotten"


async def test_a_form_that_discord_cannot_hold_is_left_to_its_button():
    many = Form("Run", tuple(FormField(f"f{number}", f"f{number}") for number in range(6)))
    async with FakeDiscord() as fake, on_stage(fake, StageConversation(hearing=lambda said: opening(many))):
        exchange = await fake.slash("flow run workflow:Ship")
        assert exchange.modal is None
        assert "Run Ship" in exchange.text


async def test_a_run_that_takes_its_time_is_acknowledged_and_shows_the_button():
    async with FakeDiscord() as fake, on_stage(fake, StageConversation(hearing=lambda said: opening(), hear_takes=2.2)):
        exchange = await fake.slash("flow run workflow:Ship")
        assert exchange.modal is None
        assert "Run Ship" in exchange.text


def test_what_finds_no_room_in_a_form_is_said_at_its_end():
    fields = tuple(FormField(f"f{number}", f"f{number}", required=number == 6, help="why") for number in range(7))
    shown = modal.modal(Form("Retry", fields), "x")["components"]
    assert [question["label"] for question in shown] == ["f0", "f1", "f2", "f3", "f6"]
    assert shown[-1]["description"] == "why 2 more can be changed on the web page or in words."


async def test_who_has_a_role_is_asked_of_discord():
    fake = FakeDiscord()
    role = fake.world.add_role("ops-leads", "ben")
    async with fake, on_stage(fake) as stage:
        ana, ben = (Actor("discord", fake.user(name).id, name) for name in ("ana", "ben"))
        for group in (role, "ops-leads", "@Ops-Leads"):
            assert await stage.face.belongs(ben, group)
            assert not await stage.face.belongs(ana, group)
        assert not await stage.face.belongs(Actor("discord", "12345", "gone"), role)
        with pytest.raises(NotFound, match="no role @nobody"):
            await stage.face.belongs(ana, "nobody")


def test_a_secret_that_was_refused_does_not_stand_in_the_form_again() -> None:
    form = Form("Connect", (FormField("url", "Url"), FormField("token", "Token", "secret")))
    again = modal.refilled(form, {"url": "https://x.example", "token": "hush-hush"})
    assert [field.value for field in again.fields] == ["https://x.example", ""]
