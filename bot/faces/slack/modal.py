"""A form as a Slack modal, and what was typed into it back as values.

A text longer than one input takes (3,000 characters) is spread over several and put together again when it comes back:
the block_id ``n|joint|name`` says which piece it is and what joins it to the one before (``n`` a new line, ``-`` nothing).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.cards.card import Form, FormField
from bot.faces.face import Press
from bot.faces.slack.buttons import VERSION, Pressed
from bot.faces.slack.text import clean, cut, one_line, size

View = dict[str, Any]

INPUT = 3_000
PIECE = 2_700  # leaves room to type in every piece
PIECES = 20
BLOCKS = 100
OPTIONS = 100
CALLBACK = f"{VERSION}|form"
_IS_NUMBER = {"integer": re.compile(r"-?\d{1,15}", re.ASCII), "number": re.compile(r"-?\d{1,15}(?:\.\d{1,9})?", re.ASCII)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the form was opened from, so that its answer finds the card and the asker again."""

    pressed: Pressed
    channel: str
    message: str
    thread: str


def place(press: Press) -> Place:
    message = press.message.message if press.message else ""
    return Place(Pressed(press.card, press.version, press.verb, press.arg, True), press.where.channel, message, press.where.thread)


def view(form: Form, place: Place) -> View:
    """Total: any form becomes a valid modal; one that Slack cannot hold says so and offers nothing to send."""
    blocks = list(_inputs(form))
    if len(blocks) > BLOCKS or any(len(list(split(clean(field.value)))) > PIECES for field in form.fields):
        return _frame(form, [_notice("This is too long for a form in Slack. Open the web chat to change it there.")])
    asked = blocks or [_notice("There is nothing to fill in: send it as it is.")]
    return _frame(form, asked) | {"private_metadata": _metadata(place), "submit": _text(form.submit or "Save", 24)}


def _frame(form: Form, blocks: list[View]) -> View:
    title = _text(form.title or "Signalbox", 24)
    return {"type": "modal", "callback_id": CALLBACK, "title": title, "close": _text("Cancel", 24), "blocks": blocks}


def _notice(text: str) -> View:
    return {"type": "section", "text": _text(text, 200)}


def _text(text: str, limit: int) -> View:
    return {"type": "plain_text", "text": cut(one_line(text), limit) or "…", "emoji": False}


def _inputs(form: Form) -> Iterator[View]:
    for number, field in enumerate(form.fields):
        if field.kind == "choice" and _options(field):
            yield _block(field, number * PIECES, "-", _choice(field), field.label)
        elif field.kind in _IS_NUMBER:
            yield _block(field, number * PIECES, "-", _number(field), field.label)
        else:
            yield from _pieces(field, number)


def _block(field: FormField, number: int, joint: str, element: View, label: str) -> View:
    block = {
        "type": "input",
        "block_id": f"{number}|{joint}|{cut(clean(field.name), 200)}",
        "label": _text(label or field.name or "Value", 150),
        "element": element,
        "optional": not field.required,
    }
    return block | ({"hint": _text(field.help, 500)} if field.help.strip() else {})


def _many_lines(field: FormField) -> bool:
    return field.kind == "text" or "\n" in clean(field.value)


def _number(field: FormField) -> View:
    element: View = {"type": "number_input", "action_id": "value", "is_decimal_allowed": field.kind == "number"}
    return element | ({"initial_value": field.value} if _IS_NUMBER[field.kind].fullmatch(field.value) else {})


def _typed(value: str, *, multiline: bool) -> View:
    element: View = {"type": "plain_text_input", "action_id": "value", "multiline": multiline, "max_length": INPUT}
    return element | ({"initial_value": value} if value else {})


def _choice(field: FormField) -> View:
    options = _options(field)
    chosen = [option for option in options if option["value"] == field.value]
    element: View = {"type": "static_select", "action_id": "value", "options": options}
    return element | ({"initial_option": chosen[0]} if chosen else {})


def _options(field: FormField) -> list[View]:
    """Slack wants values of 1 to 150 characters, each once; others cannot be offered."""
    usable = {value: label for value, label in field.options if value and size(value) <= 150 and clean(value) == value}
    return [{"text": _text(label or value, 75), "value": value} for value, label in islice(usable.items(), OPTIONS)]


# --- long texts -------------------------------------------------------------------------------------------------------------


def _pieces(field: FormField, number: int) -> Iterator[View]:
    pieces = list(islice(split(clean(field.value)), PIECES))
    for index, (joint, text) in enumerate(pieces):
        label = field.label if len(pieces) == 1 else f"{field.label} ({index + 1} of {len(pieces)})"
        yield _block(field, number * PIECES + index, joint, _typed(text, multiline=len(pieces) > 1 or _many_lines(field)), label)


def split(text: str) -> Iterator[tuple[str, str]]:
    """(joint, piece): cut at line ends where there are any, so that nothing is lost by joining."""
    joint = "-"
    while size(text) > INPUT:
        head = _head(text)
        at = head.rfind("\n")
        if at > 0:
            yield joint, head[:at]
            joint, text = "n", text[at + 1 :]
        else:
            yield joint, head
            joint, text = "-", text[len(head) :]
    yield joint, text


def _head(text: str) -> str:
    head = text[:PIECE]
    while size(head) > PIECE:
        head = head[: -((size(head) - PIECE + 1) // 2)]
    return head


# --- and back ---------------------------------------------------------------------------------------------------------------


def _metadata(place: Place) -> str:
    pressed = place.pressed
    said = [pressed.card, pressed.version, pressed.verb, pressed.arg, place.channel, place.message, place.thread]
    short = [cut(clean(part), 200) if isinstance(part, str) else part for part in said]
    return json.dumps(short, ensure_ascii=False, separators=(",", ":"))


def place_of(private_metadata: str) -> Place | None:
    """None for a modal that is not ours."""
    try:
        card, version, verb, arg, channel, message, thread = json.loads(private_metadata)
        return Place(Pressed(str(card), int(version), str(verb), str(arg), True), str(channel), str(message), str(thread))
    except (ValueError, TypeError):
        return None


def values(state: Mapping[str, Any]) -> dict[str, str]:
    """``view.state.values`` → field name → text, pieces put together."""
    found: dict[str, str] = {}
    for block_id, actions in sorted(state.items(), key=_position):
        _, _, rest = block_id.partition("|")
        joint, _, name = rest.partition("|")
        value = _value(actions)
        found[name] = found[name] + ("\n" if joint == "n" else "") + value if name in found else value
    return found


def _position(item: tuple[str, Any]) -> int:
    number = item[0].partition("|")[0]
    return int(number) if number.isdecimal() else 0


def _value(actions: Any) -> str:
    if not isinstance(actions, Mapping):
        return ""
    for said in actions.values():
        if isinstance(said, Mapping):
            option = said.get("selected_option")
            chosen = option.get("value") if isinstance(option, Mapping) else said.get("value")
            return chosen if isinstance(chosen, str) else ""
    return ""


def inputs(blocks: Any) -> dict[str, str]:
    """Field name → the block_id under which an error about it is shown, in the form's order; of a text in pieces its first."""
    found: dict[str, str] = {}
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, Mapping) and block.get("type") == "input":
            block_id = str(block.get("block_id", ""))
            found.setdefault(block_id.partition("|")[2].partition("|")[2], block_id)
    return found
