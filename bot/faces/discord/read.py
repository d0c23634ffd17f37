"""What Discord sends, as the house says it: application commands, mentions, presses and forms become utterances and presses.

Pure: payloads in, values out; nothing here waits or fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.faces.discord import commands

_SUBCOMMANDS = (1, 2)
_ATTACHMENT = 11


@dataclass(frozen=True, slots=True)
class Sentence:
    """An application command as words. ``ask`` is the question to put in a form first, ``file`` an uploaded file that ends it.

    ``may_open``: the answer may be a form.
    """

    text: str
    ask: str = ""
    file: Mapping[str, Any] | None = None
    may_open: bool = False


@dataclass(frozen=True, slots=True)
class Typing:
    """A command while it is being typed: the words so far, and how many of them stand before the value that is being typed."""

    words: str
    before: str


def sentence(data: Mapping[str, Any]) -> Sentence:
    """The words of an application command: ``/flow run release env=prod``."""
    root, subcommand, given = _parts(data)
    command = commands.find(root, subcommand)
    words = [f"/{root}", *([subcommand] if subcommand else [])]
    words += [_before(command, option) + _value(option) for option in _in_order(command, given) if option.get("type") != _ATTACHMENT]
    text = " ".join(word for word in words if word.strip())
    file = next((found for option in given if (found := _file(data, option))), None)
    ask = command.form if command and command.form and not given else ""
    return Sentence(text, ask=ask, file=file, may_open=bool(command and command.may_open))


def typing(data: Mapping[str, Any]) -> Typing:
    """The same while one option has the focus: it comes last."""
    root, subcommand, given = _parts(data)
    command = commands.find(root, subcommand)
    focused = next((option for option in given if option.get("focused")), {})
    others = [_before(command, option) + _value(option) for option in _in_order(command, given) if option is not focused]
    free = root == "signalbox"
    head = [] if free else [f"/{root}", *([subcommand] if subcommand else []), *others]
    before = " ".join(word for word in head if word.strip())
    before = (before + " " if before else "") + _before(command, focused)
    return Typing(before + _value(focused), before)


def choices(typing: Typing, offered: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """(what is shown, the value) of at most 25 completions: only what stands in this option, 100 characters at most."""
    found: dict[str, str] = {}
    for full, hint in offered:
        if not full.casefold().startswith(typing.before.casefold()):
            continue
        value = full[len(typing.before) :].strip()
        if value and len(value) <= 100:
            found.setdefault(value, f"{value} — {hint}"[:100] if hint else value)
    return [(shown, value) for value, shown in found.items()][:25]


def spoken(content: str, bot: int) -> str:
    """What was said to us, without our own name in front (or at the end); other mentions stay as Discord writes them."""
    me = rf"<@!?{bot}>"
    text = re.sub(rf"^\s*(?:{me}[\s,:]*)+|(?:\s*{me})+\s*$", "", content)
    return re.sub(me, "", text).strip() or "help"


def form_values(components: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The values of a submitted form by field name; of a choice its first."""
    values: dict[str, str] = {}
    for component in _leaves(components):
        chosen = component.get("values")
        values[str(component["custom_id"])] = str(chosen[0]) if chosen else str(component.get("value") or "")
    return values


def label_of(components: Sequence[Mapping[str, Any]], custom_id: str) -> str:
    """The words on the button that was pressed, from the message it stands on."""
    return next((str(leaf.get("label") or "") for leaf in _leaves(components) if leaf["custom_id"] == custom_id), "")


def _leaves(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        if component.get("custom_id"):
            yield component
        inner = component.get("component")
        yield from _leaves([*component.get("components", ()), *([inner] if inner else [])])


def _parts(data: Mapping[str, Any]) -> tuple[str, str, Sequence[Mapping[str, Any]]]:
    root, names = str(data.get("name", "")), []
    options: Sequence[Mapping[str, Any]] = data.get("options") or ()
    while options and options[0].get("type") in _SUBCOMMANDS:
        names.append(str(options[0]["name"]))
        options = options[0].get("options") or ()
    return root, " ".join(names), options


def _in_order(command: commands.Command | None, given: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """As declared, not as filled in: people may fill in the second option first."""
    order = [option.name for option in command.options] if command else []
    return sorted(given, key=lambda option: order.index(option["name"]) if option.get("name") in order else len(order))


def _before(command: commands.Command | None, option: Mapping[str, Any]) -> str:
    declared = next((known for known in command.options if known.name == option.get("name")), None) if command else None
    return declared.before if declared else ""


def _value(option: Mapping[str, Any]) -> str:
    return str(option.get("value", "")).strip()


def _file(data: Mapping[str, Any], option: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if option.get("type") != _ATTACHMENT:
        return None
    attachments = data.get("resolved", {}).get("attachments", {})
    found = attachments.get(str(option.get("value")))
    return found if isinstance(found, Mapping) else None
