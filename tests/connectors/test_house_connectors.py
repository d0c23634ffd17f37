"""The house as a service: what chat says and where, and what Signalbox reports about itself."""

from __future__ import annotations

from typing import Any

import pytest

from connectors._kit.shelf import Shelf
from engine.errors import Invalid, Rejected
from engine.parties import Address
from engine.ports import Call
from engine.workflow.definition import Json
from storage.memory import MemoryStore
from tests.connectors.rig import HeardSpeaker, SetClock, call, open_shelf

HERE: dict[str, Any] = {
    "run": "run_1",
    "step": "tell",
    "workflow": "wf_00000001",
    "actor": "slack:U7",
    "where": "slack:C0/17.5",
    "home": "slack",
    "places": {"#ops": "slack:C1", "#desk": "discord:99", "@anna": "slack:@U2"},
}


@pytest.fixture
def speaker() -> HeardSpeaker:
    return HeardSpeaker()


@pytest.fixture
def shelf(speaker: HeardSpeaker) -> Shelf:
    return open_shelf({}, speaker=speaker)


@pytest.mark.parametrize(
    ("said", "to"),
    [
        ({"channel": "#ops"}, Address("slack", "C1")),
        ({"channel": "ops"}, Address("slack", "C1")),
        ({"channel": "#desk"}, Address("discord", "99")),
        ({"channel": "#unplaced"}, Address("slack", "#unplaced")),
        ({"channel": "unplaced"}, Address("slack", "#unplaced")),
        ({"channel": "discord:123"}, Address("discord", "123")),
        ({"channel": "web:#ops/t1"}, Address("web", "#ops", "t1")),
        ({"channel": "@me"}, Address("slack", "@U7")),
        ({"user": "@anna"}, Address("slack", "@U2")),
        ({"to": "@ben"}, Address("slack", "@ben")),
        ({}, Address("slack", "C0", "17.5")),
        ({"channel": "#ops", "thread": "18.6"}, Address("slack", "C1", "18.6")),
    ],
)
async def test_a_spoken_channel_is_the_place_it_meant_where_it_was_spoken(
    said: dict[str, str], to: Address, shelf: Shelf, speaker: HeardSpeaker
) -> None:
    answer = await shelf.perform(call("chat.post_message", {**said, "text": "Hi"}, **HERE))
    assert speaker.said["example"][0] == to
    assert answer.output == {"id": "m1", "text": "Hi", "channel": f"{to.face}:{to.channel}"}
    assert not answer.sandbox


async def test_the_same_ask_is_said_once(shelf: Shelf, speaker: HeardSpeaker) -> None:
    ask = call("chat.post_message", {"channel": "#ops", "text": "Hi"}, **HERE)
    assert await shelf.perform(ask) == await shelf.perform(ask)
    assert list(speaker.said) == ["example"]
    assert speaker.said["example"][1] == {"text": "Hi", "title": "", "run": "run_1", "step": "tell", "workflow": "wf_00000001"}


async def test_nothing_to_say_nowhere_to_say_it_and_nobody_to_say_it_are_refused_in_words(shelf: Shelf) -> None:
    with pytest.raises(Rejected, match="text is empty"):
        await shelf.perform(call("chat.post_message", {"channel": "#ops", "text": "  "}, **HERE))
    with pytest.raises(Invalid, match="“text” is missing"):
        await shelf.perform(call("chat.post_message", {"channel": "#ops"}, **HERE))
    with pytest.raises(Rejected, match="give the step a channel"):
        await shelf.perform(call("chat.post_message", {"text": "Hi"}))
    with pytest.raises(Rejected, match="not started by a person"):
        await shelf.perform(call("chat.post_message", {"channel": "@me", "text": "Hi"}, home="slack", actor="schedule"))
    with pytest.raises(Rejected, match="no chat is connected"):
        await open_shelf({}).perform(call("chat.post_message", {"channel": "#ops", "text": "Hi"}, **HERE))


async def test_an_approval_is_a_card_of_its_own_and_its_answer_comes_later(shelf: Shelf, speaker: HeardSpeaker) -> None:
    answer = await shelf.perform(call("chat.ask_approval", {"approver": "@cfo", "channel": "#ops", "text": "Refund?"}, **HERE))
    assert answer.pending
    ((subject, (to, payload, kind)),) = speaker.said.items()
    assert (to, kind) == (Address("slack", "C1"), "approval")
    assert payload == {
        "text": "Refund?",
        "approver": "@cfo",
        "asked_by": "slack:U7",
        "run": "run_1",
        "step": "tell",
        "workflow": "wf_00000001",
    }
    assert subject.startswith("apr_")
    assert len(subject) <= 40
    assert subject.isidentifier()


async def test_a_file_is_posted_with_its_name_and_text(shelf: Shelf, speaker: HeardSpeaker) -> None:
    await shelf.perform(call("chat.upload_file", {"channel": "#ops", "file": {"name": "r.csv", "text": "a,b\n"}}, **HERE))
    assert speaker.said["example"][1]["file"] == {"name": "r.csv", "text": "a,b\n"}
    files = MemoryStore(SetClock()).files
    shelf.lend(files=files)
    kept = await files.keep("plan.pdf", b"%PDF\xff")
    for key, file in (("k2", kept.id), ("k3", {"name": "plan.pdf", "base64": "JVBERv8="})):
        await shelf.perform(call("chat.upload_file", {"channel": "#ops", "file": file}, key=key, **HERE))
        handed = speaker.said[key][1]["file"]
        assert (handed["name"], await files.read(handed["id"])) == ("plan.pdf", b"%PDF\xff")
    with pytest.raises(Invalid, match="does not look right"):
        await shelf.perform(call("chat.upload_file", {"name": "../../etc/passwd", "content": "x"}, **HERE))


async def test_the_house_is_never_sandboxed_and_never_probed(speaker: HeardSpeaker) -> None:
    shelf = open_shelf({}, sandbox_mode="all", speaker=speaker)
    modes = {a.service: (a.mode, a.probed) for a in shelf.accounts()}
    assert (modes["chat"], modes["signalbox"]) == (("live", False), ("live", False))
    assert modes["github"] == ("sandbox", True)
    await shelf.perform(call("chat.post_message", {"channel": "#ops", "text": "Hi"}, **HERE))
    assert speaker.said


async def test_a_report_is_made_by_what_main_joined_in_even_after_the_shelf_was_opened() -> None:
    asked: list[Call] = []

    async def health(ask: Call) -> Json:
        asked.append(ask)
        return {"text": "All well.", "overall_score": 99.0}

    shelf = open_shelf({})
    with pytest.raises(Rejected, match="no engine running"):
        await shelf.perform(call("signalbox.health_report"))
    shelf.join(providers={"health_report": health})
    answer = await shelf.perform(call("signalbox.health_report", {"service": "github", "window": None}, key="k9"))
    assert answer.output == {"text": "All well.", "overall_score": 99.0}
    assert (asked[0].arguments, asked[0].key) == ({"service": "github"}, "k9")


async def test_a_provider_gets_checked_arguments_and_a_report_without_text_is_our_own_fault() -> None:
    seen: dict[str, Any] = {}

    async def digest(ask: Call) -> Json:
        seen.update(ask.arguments)
        return {"count": 1}

    with pytest.raises(Rejected, match="gave no text"):
        await open_shelf({}, providers={"alert_digest": digest}).perform(call("signalbox.alert_digest", {"severity": "high"}))
    assert seen == {"severity": "high"}
    with pytest.raises(Invalid, match="does not look right"):
        await open_shelf({}, providers={"alert_digest": digest}).perform(call("signalbox.alert_digest", {"window": "a while"}))


async def test_a_fault_of_ours_inside_a_connector_is_in_doubt_and_logged_not_a_crash(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(ask: Call) -> Json:
        raise KeyError("canary")

    with pytest.raises(Exception, match="failed inside Signalbox") as caught:
        await open_shelf({}, providers={"run_workflow": broken}).perform(call("signalbox.run_workflow", {"workflow": "w"}))
    assert type(caught.value).__name__ == "Unanswered"
    assert "signalbox.run_workflow failed" in caplog.text
