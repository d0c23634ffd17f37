"""What a button carries over the wire and back: an opaque id, the version that was on the screen, and nothing to be trusted.

action_id   ``v1|verb|n``                      which deed; n makes it unique in its message
value       ``{"c": card, "v": version, "a": arg, "f": 1}``   on what; f only where the deed needs a form first
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.cards.card import Button, Card, Style
from bot.faces.slack.text import clean, cut, one_line, safe_url

Element = dict[str, Any]

VERSION = "v1"
LINK = "open"  # a button that only opens a page is pressed too; nothing is to be done

_STYLES = {Style.PRIMARY: "primary", Style.DANGER: "danger"}


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button said when it was pressed."""

    card: str
    version: int
    verb: str
    arg: str
    form: bool


def element(button: Button, card: Card, number: int) -> Element | None:
    """The Block Kit button, None for a link that Slack would refuse."""
    url = safe_url(button.url)
    if button.url and not url:
        return None
    label = cut(one_line(button.label) or one_line(button.verb) or "…", 75)
    made: Element = {
        "type": "button",
        "action_id": action_id(LINK if url else button.verb, number),
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "accessibility_label": cut(f"{label}: {one_line(card.title)}", 75),
    }
    if url:
        return made | {"url": url}
    made["value"] = _value(button, card)
    if style := _STYLES.get(button.style):
        made["style"] = style
    if button.confirm and button.form is None:
        made["confirm"] = _confirm(button, label)
    return made


def action_id(verb: str, number: int) -> str:
    return f"{VERSION}|{cut(one_line(verb), 200)}|{number}"


def _value(button: Button, card: Card) -> str:
    said: dict[str, Any] = {"c": cut(clean(card.id), 200), "v": card.version}
    if button.arg:
        said["a"] = cut(clean(button.arg), 200)
    if button.form is not None:
        said["f"] = 1
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _confirm(button: Button, label: str) -> Element:
    asked: Element = {
        "title": {"type": "plain_text", "text": "Are you sure?"},
        "text": {"type": "plain_text", "text": cut(one_line(button.confirm), 300) or "Are you sure?"},
        "confirm": {"type": "plain_text", "text": cut(label, 30)},
        "deny": {"type": "plain_text", "text": "No, leave it"},
    }
    return asked | ({"style": "danger"} if button.style is Style.DANGER else {})


def read(action_id: str, value: str) -> Pressed | None:
    """None for a button that is not ours, is of another version, or was tampered with."""
    version, _, rest = action_id.partition("|")
    verb, _, _ = rest.rpartition("|")
    if version != VERSION or not verb or verb == LINK:
        return None
    try:
        said = json.loads(value)
    except ValueError:
        return None
    return _pressed(verb, said) if isinstance(said, dict) else None


def _pressed(verb: str, said: dict[str, Any]) -> Pressed | None:
    card, version, arg = said.get("c"), said.get("v"), said.get("a", "")
    if not isinstance(card, str) or not isinstance(version, int) or not isinstance(arg, str):
        return None
    return Pressed(card, version, verb, arg, bool(said.get("f")))
