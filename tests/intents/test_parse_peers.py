"""What the reader of sentences is measured beside: pieces of words as the small sentence model takes them, and a language model that may not be there."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from benchmarks.minilm import split
from benchmarks.parse import beside, reading
from benchmarks.parse_peers import MODEL, Peer, SmallModel, Unready, peers
from tests.intents.model_fake import Body, ModelFake, serving

FLOW = {
    "trigger": {"type": "event_based", "service": "github"},
    "steps": [{"action": "trello.create_card"}, {"action": "chat.post_message"}],
}
GOLD = {"text": "pr merged → trello card, tell #ops", "gold": {"command": "create_workflow", "arguments": {"workflow": FLOW}}}


def test_words_are_split_at_signs_and_lose_their_accents() -> None:
    assert list(split("Größe: naïve,\tÉTÉ!  a-b 我们\u200b x\u0301")) == [
        "große",
        ":",
        "naive",
        ",",
        "ete",
        "!",
        "a",
        "-",
        "b",
        "我",
        "们",
        "x",
    ]


def test_a_workflow_is_compared_by_what_starts_it_and_the_services_it_asks() -> None:
    assert reading(GOLD["gold"]) == {"command": "create_workflow", "trigger": "github", "actions": ["chat", "trello"]}
    assert reading({"command": "help", "arguments": {}}) == {"command": "help", "trigger": "", "actions": []}
    assert reading({"command": "create_workflow", "arguments": {"workflow": {"trigger": {"type": "scheduled"}}}})["trigger"] == "scheduled"


def test_a_language_model_is_asked_only_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MODEL, raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert not any(isinstance(peer, SmallModel) for peer in peers())
    monkeypatch.setenv(MODEL, "small")
    assert isinstance(peers()[-1], SmallModel)
    monkeypatch.delenv("OPENAI_BASE_URL")
    with pytest.raises(Unready, match="OPENAI_BASE_URL does not say where"):
        peers()[-1].needs()


async def test_a_language_model_is_told_the_task_and_what_is_no_reading_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def reply(body: Body) -> tuple[int, str]:
        said = body["messages"][1]["content"]
        return 200, f"Here: {json.dumps(reading(GOLD['gold']))}." if said == GOLD["text"] else "I would rather not."

    async with serving(ModelFake(reply)) as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
        found = await asyncio.to_thread(SmallModel("small").predict, [GOLD["text"], "hello"])
    assert found == [reading(GOLD["gold"]), {"command": None, "trigger": "", "actions": []}]
    assert "create_workflow" in fake.requests[0]["messages"][0]["content"]


@pytest.mark.parametrize(("status", "said"), [(500, "answers 500"), (404, "answers 404")])
async def test_a_server_that_answers_nothing_of_use_is_left_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    async with serving(ModelFake(lambda body: (status, "no"))) as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
        with pytest.raises(Unready, match=f"{said}.*0 of 9 sentences"):
            await asyncio.to_thread(SmallModel("small").predict, ["x"] * 9)
    assert len(fake.requests) < 9


def test_a_server_that_is_not_there_and_a_peer_that_is_not_installed_are_lines_of_the_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Absent(Peer):
        name = "absent"

        def needs(self) -> None:
            raise Unready("not installed: make install-parse-peers")

        def predict(self, texts: object) -> list[dict[str, object]]:
            raise AssertionError(texts)

    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setattr("benchmarks.parse_peers.peers", lambda: [Absent(), SmallModel("small")])
    row = {"text": "list my workflows", "gold": {"command": "list_workflows", "arguments": {}}}
    ours, absent, model = beside([row] * 3)
    assert (ours["name"], ours["command"]) == ("Signalbox", 1.0)
    assert absent == {"name": "absent", "note": "not installed: make install-parse-peers"}
    assert "nobody answers at http://127.0.0.1:9/v1" in model["note"]
    assert "command" not in model
