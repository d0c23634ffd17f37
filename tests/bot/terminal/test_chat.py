"""A conversation at the prompt, typed by a pipe, with a real house behind a real port."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from httpx2 import AsyncClient
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from bot.faces import waiting
from bot.faces.http.server import HttpServer
from bot.faces.terminal import chat
from bot.faces.terminal.chat import Terminal, Words
from bot.faces.terminal.client import Client
from engine.events import AlertSaved
from tests.bot.rest.house import TOKEN, RestHouse
from tests.engine.commands.hall import an_alert

SENTENCE = "when a pull request is merged, make a card"
COMMANDS = (("/flow list", "List workflows."), ("/flow show", "Show one."), ("/health", "Health."))


class Seat:
    """Somebody at the prompt."""

    def __init__(self, keys: PipeInput, out: io.StringIO, terminal: Terminal) -> None:
        self._keys, self._out, self.terminal = keys, out, terminal

    @property
    def screen(self) -> str:
        return self._out.getvalue()

    def type(self, text: str) -> None:
        self._keys.send_text(text)

    async def see(self, *words: str, times: int = 1) -> None:
        await until(lambda: all(self.screen.count(word) >= times for word in words), lambda: self.screen)

    def number(self, label: str) -> str:
        """The last number shown before a button's label."""
        return re.findall(rf"(\d+)  {re.escape(label)}", self.screen)[-1]


async def until(true: Callable[[], Any], what: Callable[[], str] = str) -> None:
    for _ in range(6000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"waited in vain; there stands:\n{what()}")


async def listened_to(house: RestHouse) -> None:
    """Until somebody subscribes to the news."""
    await until(lambda: house.rest.feed._listeners)  # type: ignore[attr-defined]


@asynccontextmanager
async def seated(client: Client) -> AsyncIterator[Seat]:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        out = io.StringIO()
        console = Console(file=out, width=160, color_system=None, legacy_windows=False)
        terminal = Terminal(client, console, "Ada", "#ops", COMMANDS)
        running = asyncio.create_task(terminal.run())
        try:
            yield Seat(keys, out, terminal)
        finally:
            keys.send_text("\x04")
            await asyncio.wait({running}, timeout=5)
            assert running.done(), "Ctrl-D leaves"
            await running


@pytest.fixture
async def seat(client: Client) -> AsyncIterator[Seat]:
    async with seated(client) as seat:
        yield seat


async def test_a_sentence_is_previewed_and_confirmed_by_its_number(seat: Seat, house: RestHouse) -> None:
    await seat.see("Say what should happen")
    seat.type(f"{SENTENCE}\n")
    await seat.see("New workflow: Release flow", "Confirm")
    seat.type(f"{seat.number('Confirm')}\n")
    await seat.see("Confirmed", "Stored as")
    assert [flow.name for flow in await house.store.workflows.list()] == ["Release flow"]


async def test_who_waits_longer_than_a_moment_sees_that_something_is_done(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOMENT", 0.0)
    await seat.see("Say what should happen")
    seat.type("hello there\n")
    await seat.see("\n…\n", "I did not understand")


async def test_a_number_of_a_card_that_changed_presses_nothing_any_more(seat: Seat, house: RestHouse) -> None:
    seat.type(f"{SENTENCE}\n")
    await seat.see("Cancel")
    confirm, cancel = seat.number("Confirm"), seat.number("Cancel")
    seat.type(f"{cancel}\n")
    await seat.see("Nothing was changed")
    seat.type(f"{confirm}\n")
    await seat.see("I did not understand")
    assert await house.store.workflows.list() == []


@pytest.mark.parametrize("typed", ["²", "99999999999999999999", "٣", "0"])
async def test_odd_numbers_are_words(seat: Seat, typed: str) -> None:
    seat.type(f"{typed}\n")
    await seat.see("I did not understand")


@pytest.mark.parametrize("leave", ["\x03", "\x04"])
async def test_a_form_is_filled_in_field_by_field_and_can_be_left(seat: Seat, house: RestHouse, leave: str) -> None:
    seat.type(f"{SENTENCE}\n")
    await seat.see("Edit")
    edit = seat.number("Edit")
    seat.type(f"{edit}\n")
    await seat.see("Edit the preview (Ctrl-D leaves it)")
    seat.type(leave)
    await seat.see("Left as it was.")
    seat.type(f"{edit}\n")
    await seat.see("Edit the preview", times=2)
    seat.type("x\x1b\r")  # appended to the YAML; Esc Enter ends
    await seat.see("not valid YAML")
    assert (await house.store.workflows.list()) == []


async def test_a_workflow_that_takes_inputs_asks_for_them_and_again_for_what_does_not_fit(seat: Seat, house: RestHouse) -> None:
    definition = {
        "name": "Ship", "trigger": {"type": "manual", "inputs": [{"name": "version", "required": True}, {"name": "count", "type": "integer", "default": 2}]},
        "steps": [{"action": "trello.create_card", "with": {"board": "B", "list": "L", "title": "{{inputs.version}} x{{inputs.count}}"}}],
    }  # fmt: skip
    async with AsyncClient(transport=httpx2.ASGITransport(house.app), base_url="http://127.0.0.1", headers={"authorization": f"Bearer {TOKEN}"}) as api:
        assert (await api.post("/api/v2/ai-workflows", json={"definition": definition})).status_code == 201
    seat.type("/flow run Ship\n")
    await seat.see("Run Ship (Ctrl-D leaves it)")
    seat.type("1.4\n")
    seat.type("x\n")  # behind the 2 that stands there
    await seat.see("count (integer): “2x” is no integer")
    seat.type("\x7f\x7f3\n")
    await until(lambda: house.world.asked, lambda: seat.screen)
    assert house.world.asked[0].arguments["title"] == "1.4 x3"


async def test_what_would_do_harm_is_asked_first(seat: Seat, house: RestHouse) -> None:
    happened: list[str] = []
    button = {"card": "run_1", "verb": "cancel", "arg": "", "version": 1, "label": "Cancel run", "style": "danger", "confirm": "Stop this run?",
              "url": "", "form": None}  # fmt: skip
    seat.terminal.show({"title": "Release · running", "id": "run_1", "version": 1, "tone": "progress", "summary": "", "link": "", "body": [],
                        "actions": [button], "footer": [], "mentions": []})  # fmt: skip
    house.store.ledger.listen(lambda events: happened.extend(type(event).__name__ for event in events))
    seat.type("1\nn\n/flow list\n")
    await seat.see("No workflows yet")
    assert "Audited" not in happened, "nothing was pressed"
    seat.type("1\ny\n")
    await seat.see("There is no run run_1")


async def test_an_attached_file_goes_with_what_is_said_next(seat: Seat, house: RestHouse, tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_bytes(b"a,b\n")
    seat.type("/attach\n")
    await seat.see("Say which file")
    seat.type(f"/attach {tmp_path / 'nowhere.csv'}\n")
    await seat.see("cannot be read")
    seat.type(f"/attach {tmp_path / 'report.csv'}\n")
    await seat.see("Attached.")
    seat.type("/flow list\n")
    await seat.see("No workflows yet")
    assert seat.terminal._files == []


async def test_a_button_that_opens_a_page_tells_its_address(seat: Seat) -> None:
    button = {"card": "", "verb": "open", "arg": "", "version": 0, "label": "Open", "style": "plain", "confirm": "", "url": "https://example.org/x", "form": None}
    seat.terminal.show({"title": "A page", "id": "", "version": 0, "tone": "neutral", "summary": "", "link": "", "body": [], "actions": [button],
                        "footer": [], "mentions": []})  # fmt: skip
    seat.type("1\n")
    await seat.see("Open https://example.org/x")


async def test_cards_change_and_alerts_appear_by_themselves(seat: Seat, house: RestHouse, client: Client) -> None:
    seat.type(f"{SENTENCE}\n")
    await seat.see("New workflow: Release flow")
    (preview,) = (await client.say(SENTENCE, "Bob", "#ops"))["cards"]
    mine = await client.card(next(id for id in seat.terminal._shown if id != preview["id"]))
    assert mine is not None
    await listened_to(house)
    await client.press(next(button for button in mine["actions"] if button["verb"] == "cancel"), "Bob")
    await seat.see("New workflow: Release flow · cancelled")
    assert f"{preview['id']}" not in seat.terminal._shown, "other people's previews are not ours to show"
    await house.store.ledger.record(AlertSaved(an_alert("alr_1", "github", house.clock.now())))
    await seat.see("GitHub · firing", "Acknowledge")


async def test_a_house_that_goes_away_is_told_once_and_listened_to_again(
    house: RestHouse, monkeypatch: pytest.MonkeyPatch, client: Client, server: HttpServer
) -> None:
    monkeypatch.setattr(chat, "AGAIN", 0.01)
    async with seated(client) as seat:
        seat.type("/flow list\n")
        await seat.see("No workflows yet")
        port = int(server.url.rpartition(":")[2])
        await listened_to(house)
        await server.stop()
        await seat.see("Cards do not change by themselves meanwhile.")
        seat.type("/flow list\n")
        await seat.see("Is it still running?", times=2)
        assert seat.screen.count("meanwhile.") == 1
        house.rest.closing.clear()
        house.web.hub.closing.clear()
        back = HttpServer(house.app, "127.0.0.1", port)
        await back.start()
        try:
            await listened_to(house)
            await house.store.ledger.record(AlertSaved(an_alert("alr_1", "github", house.clock.now())))
            await seat.see("GitHub · firing")
        finally:
            await back.stop()


async def test_ctrl_c_leaves_too(client: Client) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        terminal = Terminal(client, Console(file=io.StringIO()), "Ada", "#ops", COMMANDS)
        running = asyncio.create_task(terminal.run())
        keys.send_text("\x03")
        await asyncio.wait_for(running, 5)


def test_slash_commands_are_offered_and_sentences_left_alone() -> None:
    def offered(typed: str) -> list[str]:
        return [one.text for one in Words(COMMANDS).get_completions(Document(typed), CompleteEvent())]

    assert offered("/fl") == ["/flow list", "/flow show"]
    assert offered("list") == []
    assert offered("/x") == []


async def test_a_token_that_does_not_fit_is_said_in_words(server: HttpServer) -> None:
    async with Client(server.url, TOKEN + "x") as client, seated(client) as seat:
        seat.type("hello\n")
        await seat.see("refuses our token")
