"""What people do on Discord reaches the conversation, and its answers reach them: the real discord.py on a fake Discord."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cards.card import Button, Card, Form, FormField, Style, Text
from bot.faces import waiting
from bot.faces.face import Reply, Turn
from engine.errors import Rejected
from engine.parties import Address
from tests.bot.discord.stage import StageClock, StageConversation, on_stage
from tests.peers.discord import FakeDiscord

PREVIEW = Card(
    "Preview of “release”",
    (Text(("Runs when a pull request is merged.",)),),
    id="prv_01JD",
    version=3,
    actions=(
        Button("confirm", "Confirm", style=Style.PRIMARY),
        Button("edit", "Edit", form=Form("Edit the preview", (FormField("yaml", "Definition", kind="text", value="name: release"),))),
        Button("cancel", "Cancel"),
        Button("delete", "Delete", confirm="Delete “release” for good?"),
    ),
)


def says(*cards: Card, private: bool = True, tracked: bool = False) -> Turn:
    return Turn(tuple(Reply(card, private=private, tracked=tracked) for card in cards))


async def test_a_slash_command_becomes_the_same_words_as_everywhere_and_is_answered_in_private():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        exchange = await fake.slash("flow run workflow:release inputs:env=prod", "ana", "ops")
        heard = stage.conversation.heard[0]
        assert heard.text == "/flow run release env=prod"
        assert heard.where == Address("discord", fake.channel("ops").id)
        assert (heard.actor.face, heard.actor.user, heard.actor.name, heard.actor.locale) == (
            "discord",
            fake.user("ana").id,
            "Ana",
            "en-GB",
        )
        assert heard.id == exchange.id
        assert exchange.text == "### Answer\n/flow run release env=prod"
        assert exchange.private
        assert fake.messages("ops") == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("flow list", "/flow list"),
        ("flow list service:trello", "/flow list trello"),
        ("flow pause workflow:release until:monday 9:00", "/flow pause release until monday 9:00"),
        ("flow create when a PR is merged tell <#12>", "/flow create when a PR is merged tell <#12>"),
        ("flow history", "/flow history"),
        ("health", "/health"),
        ("health service:trello", "/health trello"),
        ("alerts list show:open service:trello", "/alerts list open service:trello"),
        ("signalbox what breaks if trello goes down?", "/signalbox what breaks if trello goes down?"),
        ("impact trello", "/impact trello"),
        ("ack alert:github", "/ack github"),
        ("service github", "/service github"),
        ("doctor", "/doctor"),
    ],
)
async def test_every_command_is_said_in_the_words_of_the_house(typed: str, words: str):
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await fake.slash(typed)
        assert [utterance.text for utterance in stage.conversation.heard] == [words]


async def test_a_public_answer_stands_in_the_channel_and_the_thinking_goes_away():
    conversation = StageConversation(hearing=lambda utterance: says(Card("Paused"), private=False))
    async with FakeDiscord() as fake, on_stage(fake, conversation):
        exchange = await fake.slash("flow pause workflow:release")
        assert exchange.cleared
        assert [message.text for message in fake.messages("ops")] == ["### Paused"]


async def test_a_tracked_answer_is_left_to_the_outbox():
    conversation = StageConversation(hearing=lambda utterance: says(PREVIEW, private=False, tracked=True))
    async with FakeDiscord() as fake, on_stage(fake, conversation):
        exchange = await fake.slash("flow create when a PR is merged")
        assert exchange.cleared
        assert exchange.messages == []
        assert fake.messages("ops") == []


async def test_where_the_card_cannot_stand_the_asker_is_told_which_permissions_are_missing():
    conversation = StageConversation(hearing=lambda utterance: says(PREVIEW, private=False, tracked=True))
    fake = FakeDiscord()
    fake.add_channel("closed", writable=False)
    async with fake, on_stage(fake, conversation):
        exchange = await fake.slash("flow create when a PR is merged", channel="closed")
        assert "Send Messages" in exchange.text
        assert exchange.private


async def test_a_public_answer_that_may_not_stand_there_is_shown_to_the_asker_with_the_reason():
    conversation = StageConversation(hearing=lambda utterance: says(Card("Paused"), private=False))
    fake = FakeDiscord()
    fake.add_channel("closed", writable=False)
    async with fake, on_stage(fake, conversation):
        exchange = await fake.slash("flow list", channel="closed")
        assert exchange.private
        await fake.until(lambda: "permissions" in exchange.text)
        assert "Paused" in exchange.text


async def test_several_private_answers_all_arrive_and_all_stay_private():
    conversation = StageConversation(hearing=lambda utterance: says(Card("One"), Card("Two"), Card("Three")))
    async with FakeDiscord() as fake, on_stage(fake, conversation):
        exchange = await fake.slash("health")
        await fake.until(lambda: len(exchange.messages) == 3)
        assert [message.text for message in exchange.messages] == ["### One", "### Two", "### Three"]
        assert exchange.private


async def test_a_mention_is_heard_without_our_name_and_answered_directly_when_the_answer_is_private():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await fake.mention("what breaks if trello goes down?", "ana", "ops")
        await fake.until(lambda: fake.dms("ana"), "a direct message")
        assert stage.conversation.heard[0].text == "what breaks if trello goes down?"
        assert stage.conversation.heard[0].direct
        assert "what breaks if trello goes down?" in fake.dms("ana")[0].text
        assert fake.messages("ops") == []


async def test_a_public_answer_to_a_mention_stands_in_the_channel():
    conversation = StageConversation(hearing=lambda utterance: says(Card("Done"), private=False))
    async with FakeDiscord() as fake, on_stage(fake, conversation):
        await fake.mention("pause release", "ana", "releases")
        await fake.until(lambda: fake.messages("releases"))
        assert fake.messages("ops") == []


async def test_who_accepts_no_direct_messages_is_told_in_the_channel_that_there_is_an_answer():
    async with FakeDiscord() as fake, on_stage(fake):
        fake.user("ben").accepts_direct = False
        await fake.mention("health", "ben", "ops")
        await fake.until(lambda: fake.messages("ops"))
        assert "direct messages" in fake.messages("ops")[0].text


async def test_a_direct_message_is_answered_where_it_was_said():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await fake.dm("health", "ana")
        await fake.until(lambda: fake.dms("ana"))
        assert stage.conversation.heard[0].text == "health"


async def test_what_is_not_said_to_us_is_not_heard_and_bots_are_never_answered():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await fake.say("health is what matters", "ana", "ops")
        await stage.face.post(Address("discord", "#ops"), Card("Posted by ourselves"), "k1")
        await fake.mention("ping", "ben", "ops")
        await fake.until(lambda: stage.conversation.heard)
        assert [utterance.text for utterance in stage.conversation.heard] == ["ping"]


async def test_an_empty_mention_asks_for_help():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await fake.mention("", "ana", "ops")
        await fake.until(lambda: stage.conversation.heard)
        assert stage.conversation.heard[0].text == "help"


async def test_what_is_said_in_a_thread_is_answered_in_the_thread():
    conversation = StageConversation(hearing=lambda utterance: says(Card("Done"), private=False))
    fake = FakeDiscord()
    thread = fake.add_thread("ops", "outage")
    async with fake, on_stage(fake, conversation) as stage:
        await fake.mention("pause release", "ana", thread)
        await fake.until(lambda: fake.messages(thread))
        assert stage.conversation.heard[0].where == Address("discord", fake.channel("ops").id, thread.id)


async def test_completions_come_from_the_conversation_and_hold_only_what_belongs_into_the_option():
    conversation = StageConversation(completions=[("/flow run release", "on merge"), ("/flow run release notes", ""), ("/flow list", "")])
    async with FakeDiscord() as fake, on_stage(fake, conversation) as stage:
        offered = await fake.complete("flow run workflow:rel")
        assert stage.conversation.asked_to_complete == ["/flow run rel"]
        assert offered == [("release — on merge", "release"), ("release notes", "release notes")]


async def test_a_press_carries_the_card_the_version_and_the_verb():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        ref = await stage.face.post(Address("discord", "#ops"), PREVIEW, "k1")
        await fake.click(fake.messages("ops")[0], "Confirm", "ben")
        await fake.until(lambda: stage.conversation.presses)
        press = stage.conversation.presses[0]
        assert (press.card, press.verb, press.arg, press.version) == ("prv_01JD", "confirm", "", 3)
        assert press.actor.name == "Ben"
        assert press.message == ref


async def test_a_stale_press_is_answered_only_to_whoever_pressed():
    conversation = StageConversation(pressing=lambda press: says(Card("That was decided already")))
    async with FakeDiscord() as fake, on_stage(fake, conversation) as stage:
        await stage.face.post(Address("discord", "#ops"), PREVIEW, "k1")
        exchange = await fake.click(fake.messages("ops")[0], "Confirm", "ben")
        await fake.until(lambda: exchange.messages)
        assert exchange.private
        assert [seen.text for seen in fake.private("ben")] == ["### That was decided already"]
        assert fake.private("ana") == []


async def test_a_button_with_a_form_opens_it_prefilled_and_what_is_sent_comes_back_as_a_press():
    conversation = StageConversation(forms=lambda press: PREVIEW.actions[1].form)
    async with FakeDiscord() as fake, on_stage(fake, conversation) as stage:
        await stage.face.post(Address("discord", "#ops"), PREVIEW, "k1")
        opened = await fake.click(fake.messages("ops")[0], "Edit")
        assert opened.modal
        assert opened.modal["title"] == "Edit the preview"
        await fake.submit(opened, {"yaml": "name: other\nsteps: []"})
        await fake.until(lambda: stage.conversation.presses)
        press = stage.conversation.presses[0]
        assert (press.verb, press.version, dict(press.form)) == ("edit", 3, {"yaml": "name: other\nsteps: []"})


async def test_a_form_that_is_out_of_date_is_refused_in_private_with_the_reason():
    def refuse(press: object) -> None:
        raise Rejected("The preview was confirmed already.")

    async with FakeDiscord() as fake, on_stage(fake, StageConversation(forms=refuse)) as stage:
        await stage.face.post(Address("discord", "#ops"), PREVIEW, "k1")
        exchange = await fake.click(fake.messages("ops")[0], "Edit")
        assert "confirmed already" in exchange.text
        assert exchange.private


async def test_a_text_too_long_for_a_form_is_never_shown_cut():
    long = Form("Edit", (FormField("yaml", "Definition", kind="text", value="x" * 4001),))
    async with FakeDiscord() as fake, on_stage(fake, StageConversation(forms=lambda press: long)) as stage:
        await stage.face.post(Address("discord", "#ops"), PREVIEW, "k1")
        exchange = await fake.click(fake.messages("ops")[0], "Edit")
        assert exchange.modal is None
        assert "/flow import" in exchange.text


async def test_a_dangerous_button_asks_first_and_no_means_no():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await stage.face.post(Address("discord", "#ops"), PREVIEW, "k1")
        asked = await fake.click(fake.messages("ops")[0], "Delete")
        assert "for good?" in asked.text
        assert asked.private
        assert stage.conversation.presses == []
        await fake.click(asked.messages[0], "No")
        await fake.until(lambda: not asked.messages, "the question to go away")
        assert stage.conversation.presses == []
        again = await fake.click(fake.messages("ops")[0], "Delete")
        await fake.click(again.messages[0], "Yes")
        await fake.until(lambda: not again.messages)
        assert [(press.verb, press.version) for press in stage.conversation.presses] == [("delete", 3)]


async def test_a_bare_create_asks_in_a_form_and_hears_what_is_written_there():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        opened = await fake.slash("flow create")
        answered = await fake.submit(opened, {"text": "every day at 9\npost the report in #ops"})
        assert stage.conversation.heard[0].text == "/flow create\nevery day at 9\npost the report in #ops"
        assert "post the report" in answered.text


async def test_an_uploaded_definition_is_read():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await fake.slash("flow import", file=("release.yml", b"name: release\n"))
        assert stage.conversation.heard[0].text == "/flow import\nname: release\n"


async def test_an_upload_that_is_no_text_is_refused_with_what_to_do():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        exchange = await fake.slash("flow import", file=("release.yml", b"\xff\xfe\x00"))
        assert "UTF-8" in exchange.text
        assert stage.conversation.heard == []


async def test_nothing_is_heard_that_could_not_be_written_down():
    async with FakeDiscord() as fake, on_stage(fake, StageConversation(storage_down=True)) as stage:
        exchange = await fake.slash("flow list")
        assert "free some space" in exchange.text
        assert stage.conversation.heard == []


async def test_a_slow_store_does_not_keep_discord_waiting():
    async with FakeDiscord() as fake, on_stage(fake, StageConversation(accept_takes=1.3)) as stage:
        exchange = await fake.slash("flow list")
        assert exchange.acknowledged == 5
        assert len(stage.conversation.heard) == 1


async def test_a_button_of_another_age_says_so():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await stage.face.post(Address("discord", "#ops"), PREVIEW, "k1")
        message = fake.messages("ops")[0]
        message.button("Confirm")["custom_id"] = "v0:confirm:1"
        exchange = await fake.click(message, "Confirm")
        assert "fresh card" in exchange.text
        assert exchange.private
        assert stage.conversation.presses == []


async def test_old_buttons_work_after_a_restart():
    conversation = StageConversation(forms=lambda press: PREVIEW.actions[1].form)
    async with FakeDiscord() as fake:
        async with on_stage(fake, conversation) as stage:
            await stage.face.post(Address("discord", "#ops"), PREVIEW, "k1")
        async with on_stage(fake, conversation) as stage:
            card = fake.messages("ops")[0]
            await fake.click(card, "Confirm")
            assert (await fake.click(card, "Edit")).modal
            asked = await fake.click(card, "Delete")
            assert "Delete" in asked.text
            await fake.click(asked.messages[0], "Yes")
            await fake.until(lambda: len(conversation.presses) == 2)
            assert [press.verb for press in conversation.presses] == ["confirm", "delete"]


async def test_what_a_resumed_connection_repeats_is_done_once():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await stage.face.post(Address("discord", "#ops"), PREVIEW, "k1")
        await fake.slash("flow list")
        await fake.dm("health")
        await fake.click(fake.messages("ops")[0], "Confirm")
        await fake.until(lambda: stage.conversation.presses and fake.dms("ana"))
        await fake.replay()
        await fake.slash("doctor")
        assert [utterance.text for utterance in stage.conversation.heard] == ["/flow list", "health", "/doctor"]
        assert len(stage.conversation.presses) == 1
        assert len(fake.dms("ana")) == 1
        assert len([path for _, path in fake.rest.log if path.endswith("/callback")]) == 3


async def test_what_was_seen_before_a_restart_is_not_heard_again():
    conversation = StageConversation()
    async with FakeDiscord() as fake:
        async with on_stage(fake, conversation):
            said = await fake.dm("health")
            await fake.until(lambda: fake.dms("ana"))
        async with on_stage(fake, conversation):
            await fake.rest.announce("MESSAGE_CREATE", fake.world.direct(fake.user("ana").id), said.raw)
            await fake.slash("doctor")
            assert [utterance.text for utterance in conversation.heard] == ["health", "/doctor"]


async def test_when_the_interaction_is_over_the_private_answer_comes_as_a_direct_message():
    clock = StageClock()

    def after_a_quarter_of_an_hour(utterance: object) -> Turn:
        clock.ahead += timedelta(minutes=15)
        return says(Card("At last"))

    async with FakeDiscord() as fake, on_stage(fake, StageConversation(hearing=after_a_quarter_of_an_hour), clock):
        await fake.slash("health")
        await fake.until(lambda: fake.dms("ana"))
        assert "At last" in fake.dms("ana")[0].text


async def test_a_lost_acknowledgement_does_not_lose_the_answer():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        fake.fail("POST", "/callback$", status=404, code=10062)
        await fake.slash("health", wait=False)
        await fake.until(lambda: fake.dms("ana"), "the answer by direct message")
        assert len(stage.conversation.heard) == 1


@pytest.mark.parametrize(("takes", "moment", "shown"), [(0.0, 1.0, False), (0.1, 0.01, True)])
async def test_who_waits_longer_than_a_moment_sees_it_typing(monkeypatch: pytest.MonkeyPatch, takes: float, moment: float, shown: bool):
    monkeypatch.setattr(waiting, "MOMENT", moment)
    async with FakeDiscord() as fake, on_stage(fake, StageConversation(hear_takes=takes)):
        await fake.dm("health", "ana")
        await fake.until(lambda: fake.dms("ana"))
        assert any(path.endswith("/typing") for _, path in fake.rest.log) is shown
        assert "health" in fake.dms("ana")[-1].text


async def test_an_answer_comes_where_typing_may_not_be_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(waiting, "MOMENT", 0.01)
    async with FakeDiscord() as fake, on_stage(fake, StageConversation(hear_takes=0.1)):
        fake.fail("POST", "/typing$", status=403, code=50001)
        await fake.dm("health", "ana")
        await fake.until(lambda: fake.dms("ana"))
        assert "health" in fake.dms("ana")[-1].text
