"""The postman and what it draws: the newest state, once, where it was wanted, and a word to whoever waits in vain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.announce import HousePostman
from bot.cards.card import Bold, Card, CodeBlock, Text
from bot.faces.face import FaceState
from bot.subjects import card_of, note
from engine.errors import NotFound, Rejected, Transient, Unanswered
from engine.events import Posting, PostingPutOff, PostingWanted
from engine.parties import Actor, Address, MessageRef
from engine.runtime.announcer import Announcer
from tests.bot.cards.test_drawings import words_of
from tests.bot.talk import Talk, card
from tests.engine.clock import settled
from tests.engine.commands.hall import ADA, BOB, MANUAL, OPS


@dataclass
class Wall:
    """Fulfils ``Face``: a wall that messages are pinned to. ``refuses``: what happens instead of pinning, by channel."""

    name: str = "slack"
    home: str = ""
    messages: dict[str, Card] = field(default_factory=dict)
    whispers: list[tuple[str, Card]] = field(default_factory=list)
    refuses: dict[str, Exception] = field(default_factory=dict)

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    def state(self) -> FaceState:
        return FaceState(self.name, configured=True, ready=True)

    async def post(self, to: Address, card: Card, key: str) -> MessageRef:
        if error := self.refuses.get(to.channel):
            raise error
        self.messages[key] = card
        return MessageRef(self.name, to.channel, key, to.thread)

    async def edit(self, ref: MessageRef, card: Card) -> None:
        if ref.message not in self.messages:
            raise Rejected("That message is gone.")
        self.messages[ref.message] = card

    async def find(self, to: Address, key: str) -> MessageRef | None:
        return MessageRef(self.name, to.channel, key, to.thread) if key in self.messages else None

    async def whisper(self, actor: Actor, where: Address, card: Card) -> None:
        if error := self.refuses.get("@"):
            raise error
        self.whispers.append((actor.id, card))

    async def home_channel(self) -> str:
        return self.home


class Street(Talk):
    """The conversation with a postman and one wall."""

    def __init__(self) -> None:
        super().__init__()
        self.wall = Wall()
        self.postman = HousePostman()
        self.postman.join(self.house, {"slack": self.wall})

    async def posting(self, subject: str) -> Posting:
        (found,) = await self.store.postings.of(subject)
        return found


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with Street() as street:
        yield street


async def test_a_card_is_posted_once_and_edited_to_its_newest_state(street: Street) -> None:
    preview = card(await street.say("make it"))
    posting = await street.posting(preview.id)
    ref = await street.postman.deliver(posting)
    assert street.wall.messages == {preview.id: preview}
    await street.push(preview, "cancel")
    assert await street.postman.deliver(replace(posting, ref=ref)) == ref
    assert street.wall.messages[preview.id].actions == ()
    assert len(street.wall.messages) == 1


async def test_through_the_announcer_a_press_changes_the_card_that_stands(street: Street) -> None:
    announcer = Announcer(street.store, street.postman, street.clock)
    await announcer.start()
    try:
        preview = card(await street.say("make it"))
        await settled(200)
        await street.push(preview, "confirm", actor=BOB)
        await settled(200)
        assert "Confirmed  by  Bob" in words_of(street.wall.messages[preview.id])
        assert len(street.wall.messages) == 1
    finally:
        await announcer.stop()


async def test_what_stands_already_is_found_again_by_its_subject(street: Street) -> None:
    preview = card(await street.say("make it"))
    posting = await street.posting(preview.id)
    assert await street.postman.look(posting) is None
    ref = await street.postman.deliver(posting)
    assert await street.postman.look(posting) == ref


async def test_a_preview_that_cannot_stand_there_is_given_to_whoever_asked_with_the_reason(street: Street) -> None:
    street.wall.refuses["C1"] = Rejected("I am not in this channel. /invite me first.")
    preview = card(await street.say("make it"))
    posting = await street.posting(preview.id)
    with pytest.raises(Rejected, match="/invite me") as refused:
        await street.postman.deliver(posting)
    await street.store.ledger.record(PostingPutOff(posting.id, None, str(refused.value)))
    (who, why), (_, given) = street.wall.whispers
    assert who == ADA.id
    assert "/invite me first" in why.title
    assert given == preview
    (reply,) = (await street.push(given, "confirm")).replies
    assert (reply.tracked, reply.card.title) == (False, "New workflow: Release · confirmed"), "nothing stands that could say it"


async def test_a_run_that_cannot_be_shown_is_told_to_the_person_who_started_it_and_to_nobody_for_a_schedule(street: Street) -> None:
    street.wall.refuses["C1"] = Rejected("No.")
    workflow = await street.stored({**MANUAL, "trigger": {"type": "manual"}})
    mine = (await street.say("/flow run deploy")).run
    await street.runner.start(workflow, by="schedule", run_id="run_s", where=OPS)
    await street.runner.start(workflow, by="rest:api", run_id="run_r", where=OPS)
    for id in (str(mine), "run_s", "run_r"):
        with pytest.raises(Rejected):
            await street.postman.deliver(await street.posting(id))
    assert {who for who, _ in street.wall.whispers} == {ADA.id}


async def test_a_whisper_that_fails_does_not_hide_why_the_card_could_not_stand(street: Street) -> None:
    street.wall.refuses = {"C1": Rejected("Archived."), "@": Transient("Busy.")}
    preview = card(await street.say("make it"))
    with pytest.raises(Rejected, match="Archived"):
        await street.postman.deliver(await street.posting(preview.id))


@pytest.mark.parametrize("error", [Transient("Later.", 3.0), Unanswered("Who knows.")])
async def test_other_failures_of_a_face_are_the_announcers_to_handle(street: Street, error: Exception) -> None:
    street.wall.refuses["C1"] = error
    preview = card(await street.say("make it"))
    with pytest.raises(type(error)):
        await street.postman.deliver(await street.posting(preview.id))
    assert street.wall.whispers == []


async def test_news_go_to_the_home_channel_once_there_is_one(street: Street) -> None:
    alert = await street.alerted()
    wanted = replace(await street.posting(alert.id), to=Address("slack", "*"))
    with pytest.raises(Transient, match="invite it to one"):
        await street.postman.deliver(wanted)
    street.wall.home = "C7"
    assert (await street.postman.deliver(wanted)).channel == "C7"


async def test_a_face_that_is_off_and_a_house_that_is_not_joined_are_sentences(street: Street) -> None:
    alert = await street.alerted()
    posting = await street.posting(alert.id)
    with pytest.raises(Rejected, match="discord is not switched on"):
        await street.postman.deliver(replace(posting, to=Address("discord", "9")))
    with pytest.raises(Transient, match="still starting"):
        await HousePostman().deliver(posting)


# --- subjects -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["draft", "run", "alert", "workflow", "doubt", "approval", "", "nonsense"])
async def test_the_card_of_what_is_gone_is_refused_in_words(street: Street, kind: str) -> None:
    with pytest.raises(NotFound):
        await card_of(street.house, kind, "dbt_none_0", {})


async def test_a_message_of_a_workflow_names_the_workflow(street: Street) -> None:
    workflow = await street.stored()
    payload: dict[str, Any] = {"text": "Merged\nAll well", "workflow": workflow.id}
    await street.store.ledger.record(PostingWanted("k1", "note", OPS, payload=payload))
    await street.postman.deliver(await street.posting("k1"))
    said = street.wall.messages["k1"]
    assert (said.title, said.body, said.footer) == ("Merged", (Text(("All well",)),), ("from the workflow ", Bold("Release")))


def test_a_file_that_was_uploaded_is_shown_with_its_name_and_text() -> None:
    said = note({"text": "The figures", "file": {"name": "r.csv", "text": "a,b\n1,2\n"}})
    assert said.title == "The figures"
    assert said.body == (Text((Bold("r.csv"),)), CodeBlock("a,b\n1,2\n", ""))
    assert note({"text": "x", "file": {"name": "flow.yml", "text": "a: 1"}}).body[1] == CodeBlock("a: 1", "yaml")


@pytest.mark.parametrize(
    ("payload", "title"),
    [({}, "Message"), ({"text": None}, "Message"), ({"text": "x" * 200}, "Message"), ({"text": "a", "title": "T"}, "T"), ({"tone": "loud"}, "Message"), ({"file": 7}, "Message")],
)
def test_a_note_always_has_a_title(payload: dict[str, Any], title: str) -> None:
    assert note(payload).title == title
