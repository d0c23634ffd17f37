"""The terminal face: a prompt with completion, cards as they come, buttons by number."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion, ThreadedCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Console

from bot.cards.wire import from_json
from bot.faces.terminal.client import Client
from bot.faces.terminal.write import clean, render
from engine.errors import SignalboxError

WELCOME = """Signalbox. Say what should happen, or ask; a number presses a button. /signalbox help lists everything, Ctrl-D leaves.
Try:  when a pull request is merged in GitHub, create a Trello card on the Release board and tell #releases"""


class Words(Completer):
    """Offers the slash commands while the line begins with a slash."""

    def __init__(self, commands: tuple[tuple[str, str], ...]) -> None:
        self._commands = commands

    def get_completions(self, document: Document, complete_event: object) -> Any:
        typed = document.text_before_cursor
        if typed.startswith("/"):
            for words, hint in self._commands:
                if words.startswith(typed):
                    yield Completion(words, start_position=-len(typed), display_meta=hint)


class Terminal:
    """One conversation with a running Signalbox in one channel."""

    def __init__(self, client: Client, console: Console, name: str, channel: str, commands: tuple[tuple[str, str], ...]) -> None:
        self._client, self._console, self._name, self._channel = client, console, name, channel
        self._prompt: PromptSession[str] = PromptSession(completer=ThreadedCompleter(Words(commands)), complete_while_typing=True)
        self._buttons: dict[int, Mapping[str, Any]] = {}
        self._next = 1
        self._shown: dict[str, str] = {}

    async def run(self) -> None:
        """Until Ctrl-D or Ctrl-C."""
        self._console.print(WELCOME, highlight=False)
        listening = asyncio.create_task(self._listen())
        try:
            with patch_stdout(raw=True):
                while True:
                    await self._turn((await self._prompt.prompt_async("› ")).strip())
        except (EOFError, KeyboardInterrupt):
            return
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _turn(self, typed: str) -> None:
        if not typed:
            return
        try:
            button = self._buttons.get(int(typed)) if typed.isdigit() else None
            if button is not None:
                answer = await self._client.press(button, self._name, await self._filled(button))
            else:
                answer = await self._client.say(typed, self._name, self._channel)
        except SignalboxError as error:
            self._console.print(clean(str(error)), style="yellow", highlight=False)
            return
        for card in answer.get("cards", ()):
            self.show(card)
        if reason := answer.get("error"):
            self._console.print(clean(str(reason)), style="yellow", highlight=False)

    async def _filled(self, button: Mapping[str, Any]) -> dict[str, str] | None:
        form = button.get("form")
        if not form:
            return None
        values = {}
        for item in form["fields"]:
            many = item["kind"] == "text"
            hint = " (Esc Enter ends)" if many else ""
            values[item["name"]] = await PromptSession[str]().prompt_async(
                f"{item['label']}{hint}: ", default=item["value"], multiline=many
            )
        return values

    def show(self, card: Mapping[str, Any]) -> None:
        """A card, once for each state it is in."""
        drawn = json.dumps(card, sort_keys=True)
        if card["id"] and self._shown.get(card["id"]) == drawn:
            return
        self._shown[card["id"]] = drawn
        numbered: dict[int, tuple[str, str]] = {}
        for button in card["actions"]:
            numbered[self._next] = (button["verb"], button["label"])
            self._buttons[self._next] = button
            self._next += 1
        self._console.print(render(from_json(card), numbered))

    async def _listen(self) -> None:
        """Cards that change, or come by themselves, in our channel."""
        with contextlib.suppress(SignalboxError, OSError):
            async for name, data in self._client.events():
                if name == "message" and data.get("channel") == self._channel and data.get("card"):
                    self.show(data["card"])
