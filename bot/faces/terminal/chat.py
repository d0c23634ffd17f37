"""The terminal face: a prompt with completion, cards as they come, buttons by number."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, ThreadedCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Console

from bot.cards.wire import from_json
from bot.faces.terminal.client import Client
from bot.faces.terminal.write import clean, render
from bot.faces.waiting import shown_when_long
from engine.errors import SignalboxError

WELCOME = """Signalbox. Say what should happen, or ask; a number presses a button. /signalbox help lists everything, /attach FILE takes
a file along, Ctrl-D leaves.
Try:  when a pull request is merged in GitHub, create a Trello card on the Release board and tell #releases"""
ATTACH = "/attach"
AGAIN = 2.0  # seconds until the news are listened to again after they broke off


@contextmanager
def typing_ahead(fd: int) -> Iterator[None]:
    """What is typed before the next prompt waits for it; left to itself the terminal would echo it anywhere and eat a Ctrl-D."""
    try:
        import termios
        import tty
    except ImportError:  # Windows keeps what is typed by itself
        yield
        return
    if not os.isatty(fd):
        yield
        return
    before = termios.tcgetattr(fd)
    tty.setcbreak(fd, termios.TCSANOW)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


class Words(Completer):
    """Offers the slash commands while the line begins with a slash."""

    def __init__(self, commands: tuple[tuple[str, str], ...]) -> None:
        self._commands = commands

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        typed = document.text_before_cursor
        if typed.startswith("/"):
            for words, hint in self._commands:
                if words.startswith(typed):
                    yield Completion(words, start_position=-len(typed), display_meta=hint)


def _leaving() -> KeyBindings:
    """Ctrl-D leaves a form at once; the prompt's own leaves only an empty line."""
    keys = KeyBindings()

    @keys.add("c-d")
    def _leave(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError())

    return keys


def _shown_again(item: Mapping[str, Any], form: Mapping[str, str]) -> str:
    """What was typed before, to be corrected; a secret is typed anew."""
    return "" if item["kind"] == "secret" else form[item["name"]]


class Terminal:
    """One conversation with a running Signalbox in one channel. ``zone``: the reader's own, for the times on cards."""

    def __init__(
        self, client: Client, console: Console, name: str, channel: str, commands: tuple[tuple[str, str], ...], zone: tzinfo | None = None
    ) -> None:
        self._client, self._console, self._name, self._channel, self._zone = client, console, name, channel, zone
        self._prompt: PromptSession[str] = PromptSession(completer=ThreadedCompleter(Words(commands)), complete_while_typing=True)
        self._buttons: dict[int, Mapping[str, Any]] = {}
        self._shown: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._states: dict[str, str] = {}
        self._files: list[str] = []  # ids of those that go with the next message

    async def run(self) -> None:
        """Until Ctrl-D or Ctrl-C."""
        self._console.print(WELCOME, highlight=False, markup=False)
        listening = asyncio.create_task(self._listen())
        try:
            with typing_ahead(self._prompt.input.fileno()), patch_stdout(raw=True):
                while True:
                    await self._turn((await self._prompt.prompt_async("› ")).strip())
        except (EOFError, KeyboardInterrupt):
            return
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    # --- what is typed -------------------------------------------------------------------------------------------------

    async def _turn(self, typed: str) -> None:
        if not typed:
            return
        button = self._buttons.get(int(typed)) if typed.isdecimal() and len(typed) < 7 else None
        try:
            if typed.partition(" ")[0] == ATTACH:
                await self._attach(typed.removeprefix(ATTACH).strip())
                return
            if button is not None:
                answer = await self._press(button)
            else:
                async with shown_when_long(self._still_at_it):
                    answer = await self._say(typed)
        except SignalboxError as error:
            self._tell(str(error))
            return
        self._shown_of(answer)
        if (opened := answer.get("opens")) and isinstance(opened, dict):
            await self._open(opened)

    async def _still_at_it(self) -> None:
        self._tell("…", style="dim")

    async def _attach(self, path: str) -> None:
        """A file for what is said next."""
        if not path:
            self._tell(f"Say which file: {ATTACH} report.csv")
            return
        self._files.append(await self._client.hand_over(Path(path.strip("'\""))))
        self._tell(f"Attached. Say what to do with it: upload this to dropbox /reports ({len(self._files)} for the next message)", style="dim")

    async def _say(self, typed: str) -> dict[str, Any]:
        answer = await self._client.say(typed, self._name, self._channel, self._files)
        self._files = []  # only now: what could not be said keeps them
        return answer

    def _shown_of(self, answer: Mapping[str, Any]) -> None:
        cards = answer.get("cards") or ()
        for card in cards:
            self.show(card)
        if not cards and (reason := answer.get("error")):
            self._tell(str(reason))

    async def _open(self, button: Mapping[str, Any]) -> None:
        """A form that what was said asks for."""
        try:
            self._shown_of(await self._press(button))
        except SignalboxError as error:
            self._tell(str(error))

    async def _press(self, button: Mapping[str, Any]) -> dict[str, Any]:
        if button["url"]:
            self._tell(f"Open {button['url']}")
            return {}
        try:
            form = await self._filled(button["form"]) if button["form"] else None
            if form is None and button["confirm"] and not await self._sure(str(button["confirm"])):
                return {}
        except (EOFError, KeyboardInterrupt):
            self._tell("Left as it was.")
            return {}
        answer = await self._client.press(button, self._name, form)
        while form is not None and not answer.get("success", True) and (faults := self._faults(button["form"], answer)):
            try:
                form |= {item["name"]: await self._field(item | {"value": _shown_again(item, form)}, why) for item, why in faults}
            except (EOFError, KeyboardInterrupt):
                self._tell("Left as it was.")
                return {}
            answer = await self._client.press(button, self._name, form)
        return answer

    @staticmethod
    def _faults(form: Mapping[str, Any], answer: Mapping[str, Any]) -> list[tuple[dict[str, Any], str]]:
        """The fields that are to be asked for again, each with what is wrong."""
        told = answer.get("faults") or {}
        return [(item, str(told[item["name"]])) for item in form["fields"] if item["name"] in told]

    async def _sure(self, question: str) -> bool:
        said = await PromptSession[str]().prompt_async(f"{clean(question)} [y/N] ")
        return said.strip().casefold() in ("y", "yes")

    async def _filled(self, form: Mapping[str, Any]) -> dict[str, str]:
        """Each field asked for; Ctrl-D or Ctrl-C leaves the form."""
        self._tell(f"{form['title']} (Ctrl-D leaves it)", style="bold")
        return {item["name"]: await self._field(item) for item in form["fields"]}

    async def _field(self, item: Mapping[str, Any], wrong: str = "") -> str:
        if wrong:
            self._tell(f"{item['label']}: {wrong}", style="red")
        many = item["kind"] == "text"
        choices = ", ".join(option["value"] for option in item["options"])
        hints = [item["help"], choices, "Esc Enter ends" if many else "", "" if item["required"] else "may stay empty"]
        hint = "; ".join(filter(None, hints))
        label = clean(f"{item['label']} ({hint}): " if hint else f"{item['label']}: ")
        asked = PromptSession[str](key_bindings=_leaving(), is_password=item["kind"] == "secret")
        return await asked.prompt_async(label + ("\n" if many else ""), default=item["value"], multiline=many)

    # --- what is shown -------------------------------------------------------------------------------------------------

    def show(self, card: Mapping[str, Any]) -> None:
        """A card, once for each state it is in; its buttons get fresh numbers, those of its former state press nothing any more."""
        drawn = json.dumps(card, sort_keys=True)
        id = card["id"]
        if id and (self._shown.get(id) == drawn or card["version"] < self._versions.get(id, 0)):
            return  # seen already, or asked for before it changed and come late
        if id:
            self._shown[id] = drawn
            self._versions[id] = card["version"]
            self._buttons = {number: button for number, button in self._buttons.items() if button["card"] != id}
        numbered: dict[int, tuple[str, str]] = {}
        for number, button in enumerate(card["actions"], max(self._buttons, default=0) + 1):
            numbered[number] = (button["verb"], button["label"])
            self._buttons[number] = button
        self._console.print(render(from_json(card), numbered, self._zone))

    def _tell(self, text: str, style: str = "yellow") -> None:
        self._console.print(clean(text), style=style, highlight=False, markup=False)

    # --- news ----------------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Cards that change by themselves, and alerts; listens again when it broke off."""
        told = False
        while True:
            try:
                async for name, data in self._client.events():
                    told = False
                    await self._heard(name, data)
            except SignalboxError as error:
                if not told:
                    self._tell(f"{error} Cards do not change by themselves meanwhile.")
                told = True
            await asyncio.sleep(AGAIN)

    async def _heard(self, name: str, data: Mapping[str, Any]) -> None:
        id, state = str(data.get("id") or ""), str(data.get("state") or "")
        if name not in ("draft", "run", "alert") or (name != "alert" and id not in self._shown):
            return
        if name == "run" and self._states.get(id, "running") == state:
            return  # steps of a long run would fill the screen; its end and its questions are told
        self._states[id] = state
        card = await self._client.card(id) if state else None
        if card is not None:
            self.show(card)
