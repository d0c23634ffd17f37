"""A card as JSON and back: what the web page, the REST API and the command line are given.

``to_json`` → {title, id, version, tone, summary, link, body: [part], actions: [button], footer: [span], mentions: [span]}

span    a plain string, or {kind: bold|code, text} {kind: link, text, url} {kind: user, id, name, ping} {kind: channel, id, name}
        {kind: moment, at, style}
part    {kind: text, spans, small} {kind: fields, items: [{label, value: [span]}]} {kind: table, columns, rows}
        {kind: steps, items: [{mark, text: [span], depth}]} {kind: picture, src, alt, name} {kind: code, text, language} {kind: file, id, name, size}
        {kind: divider}
button  {card, verb, arg, version, label, style, confirm, url, form: null | {title, submit, fields: [{name, label, kind, value,
        required, help, options: [{value, label}]}]}}: card, verb, arg and version together are the body that presses it
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never, cast

from bot.cards.card import (
    Bold,
    Button,
    Card,
    Channel,
    Code,
    CodeBlock,
    Divider,
    Fields,
    Form,
    FormField,
    KeptFile,
    Line,
    Link,
    Mark,
    Moment,
    Part,
    Picture,
    Span,
    Steps,
    Style,
    Table,
    Text,
    Tone,
    User,
)
from engine.workflow.definition import Json

JsonObject = dict[str, Json]

PNG_URL = "data:image/png;base64,"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Controls, what turns the reading direction around, what takes no room (a name could pass for another), and what is no Unicode.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_SAFE_URL = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)


def to_json(card: Card) -> JsonObject:
    """Total: takes any card. Links that are neither http(s) nor mailto are dropped and their text is kept."""
    return {
        "title": plain(card.title),
        "id": plain(card.id),
        "version": card.version,
        "tone": card.tone.value,
        "summary": plain(card.summary),
        "link": safe_url(card.link),
        "body": [_part(part) for part in card.body],
        "actions": [_button(button, card) for button in card.actions],
        "footer": _line(card.footer),
        "mentions": _line(card.mentions),
    }


def plain(text: str) -> str:
    """Text that every reader of JSON can take and that disguises nothing: what cannot be seen or is no Unicode becomes U+FFFD.

    Joiners and the weak marks of direction stay: emoji, Persian and Hebrew need them.
    """
    return _UNSPEAKABLE.sub("\ufffd", text)


def storable(text: str) -> str:
    """As it is, but for what no JSON and no database takes."""
    return _UNSTORABLE.sub("\ufffd", text)


def safe_url(url: str) -> str:
    """The URL if it may be shown as a link, else ""."""
    return url if _SAFE_URL.fullmatch(url) and plain(url) == url else ""


def _line(spans: Line) -> list[Json]:
    return [_span(span) for span in spans]


def _span(span: Span) -> Json:
    match span:
        case str():
            return plain(span)
        case Bold(text):
            return {"kind": "bold", "text": plain(text)}
        case Code(text):
            return {"kind": "code", "text": plain(text)}
        case Link(text, url):
            return {"kind": "link", "text": plain(text), "url": safe} if (safe := safe_url(url)) else plain(text)
        case User(id, name, ping):
            return {"kind": "user", "id": plain(id), "name": plain(name), "ping": ping}
        case Channel(id, name):
            return {"kind": "channel", "id": plain(id), "name": plain(name)}
        case Moment(at, style):
            return {"kind": "moment", "at": at.isoformat(), "style": plain(style)}
    assert_never(span)


def _part(part: Part) -> JsonObject:
    match part:
        case Text(spans, small):
            return {"kind": "text", "spans": _line(spans), "small": small}
        case Fields(items):
            return {"kind": "fields", "items": [{"label": plain(label), "value": _line(value)} for label, value in items]}
        case Table(columns, rows):
            return {"kind": "table", "columns": [plain(c) for c in columns], "rows": [[plain(cell) for cell in row] for row in rows]}
        case Steps(items):
            lines = enumerate(items)
            return {
                "kind": "steps",
                "items": [{"mark": mark.value, "text": _line(text), "depth": part.depth(at)} for at, (mark, text) in lines],
            }
        case Picture(png, alt, name):
            return {"kind": "picture", "src": PNG_URL + base64.b64encode(png).decode("ascii"), "alt": plain(alt), "name": plain(name)}
        case CodeBlock(text, language):
            return {"kind": "code", "text": plain(text), "language": plain(language)}
        case KeptFile(id, name, size):
            return {"kind": "file", "id": plain(id), "name": plain(name), "size": size}
        case Divider():
            return {"kind": "divider"}
    assert_never(part)


def _button(button: Button, card: Card) -> JsonObject:
    return {
        "card": plain(card.id),
        "verb": plain(button.verb),
        "arg": plain(button.arg),
        "version": card.version,
        "label": plain(button.label),
        "style": button.style.value,
        "confirm": plain(button.confirm),
        "url": safe_url(button.url),
        "form": _form(button.form) if button.form else None,
    }


def _form(form: Form) -> JsonObject:
    return {"title": plain(form.title), "submit": plain(form.submit), "fields": [_form_field(field) for field in form.fields]}


def _form_field(field: FormField) -> JsonObject:
    return {
        "name": plain(field.name),
        "label": plain(field.label),
        "kind": plain(field.kind),
        "value": storable(field.value),  # comes back, and must not have changed
        "required": field.required,
        "help": plain(field.help),
        "options": [{"value": storable(value), "label": plain(label)} for value, label in field.options],
    }


# --- and back ----------------------------------------------------------------------------------------------------------


def from_json(data: Mapping[str, Any]) -> Card:
    """The card that ``to_json`` wrote, for a client that shows cards of another process. Raises KeyError, TypeError or ValueError on
    anything ``to_json`` would not write."""
    return Card(
        title=data["title"],
        body=tuple(_read_part(part) for part in data["body"]),
        id=data["id"],
        version=data["version"],
        tone=Tone(data["tone"]),
        actions=tuple(_read_button(button) for button in data["actions"]),
        footer=_read_line(data["footer"]),
        summary=data["summary"],
        link=data["link"],
        mentions=cast("tuple[User, ...]", _read_line(data["mentions"])),
    )


def _read_line(spans: list[Any]) -> Line:
    return tuple(_read_span(span) for span in spans)


def _read_span(span: Any) -> Span:
    if isinstance(span, str):
        return span
    match span["kind"]:
        case "bold":
            return Bold(span["text"])
        case "code":
            return Code(span["text"])
        case "link":
            return Link(span["text"], span["url"])
        case "user":
            return User(span["id"], span["name"], span["ping"])
        case "channel":
            return Channel(span["id"], span["name"])
        case "moment":
            return Moment(datetime.fromisoformat(span["at"]), span["style"])
    raise ValueError(f"no span is of the kind {span['kind']}")


def _read_part(part: Mapping[str, Any]) -> Part:
    match part["kind"]:
        case "text":
            return Text(_read_line(part["spans"]), part["small"])
        case "fields":
            return Fields(tuple((item["label"], _read_line(item["value"])) for item in part["items"]))
        case "table":
            return Table(tuple(part["columns"]), tuple(tuple(row) for row in part["rows"]))
        case "steps":
            items = tuple((Mark(item["mark"]), _read_line(item["text"])) for item in part["items"])
            return Steps(items, tuple(int(item.get("depth", 0)) for item in part["items"]))
        case "picture":
            return Picture(png_of(part["src"]), part["alt"], part["name"])
        case "code":
            return CodeBlock(part["text"], part["language"])
        case "file":
            return KeptFile(part["id"], part["name"], part["size"])
        case "divider":
            return Divider()
    raise ValueError(f"no part is of the kind {part['kind']}")


def png_of(src: str) -> bytes:
    """The bytes of a picture's data URL. Raises ValueError."""
    if not src.startswith(PNG_URL):
        raise ValueError("a picture is a data URL of a PNG")
    return base64.b64decode(src.removeprefix(PNG_URL), validate=True)


def _read_button(data: Mapping[str, Any]) -> Button:
    form = data["form"]
    return Button(
        verb=data["verb"],
        label=data["label"],
        arg=data["arg"],
        style=Style(data["style"]),
        confirm=data["confirm"],
        form=_read_form(form) if form else None,
        url=data["url"],
    )


def _read_form(data: Mapping[str, Any]) -> Form:
    return Form(title=data["title"], fields=tuple(_read_form_field(field) for field in data["fields"]), submit=data["submit"])


def _read_form_field(data: Mapping[str, Any]) -> FormField:
    options = tuple((option["value"], option["label"]) for option in data["options"])
    return FormField(data["name"], data["label"], data["kind"], data["value"], data["required"], data["help"], options)
