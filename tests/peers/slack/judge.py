"""Whether Slack would take a message or a modal, by three judges that each see what the others miss.

1. the JSON Schemas of the measuring data, where they are at hand (made from Slack's own types)
2. slack_sdk's models with their validators
3. rules found in Slack's documentation and in what people ran into
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

_DATA = Path(os.environ.get("SIGNALBOX_SHARED", str(Path(__file__).resolve().parents[4] / "shared"))) / "data" / "chat"

BLOCKS_TOGETHER = 13_200
_PINGS_ALL = re.compile(r"<!(?:channel|here|everyone)")
_UNESCAPED = re.compile(r"&(?!amp;|lt;|gt;)")


@cache
def schema(name: str) -> jsonschema_rs.Validator | None:
    """``message`` or ``modal``; None where the measuring data is not at hand."""
    path = _DATA / f"slack_{name}.schema.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text())) if path.exists() else None


def faults_of_message(payload: dict[str, Any]) -> list[str]:
    """Empty when Slack would take it."""
    blocks = payload.get("blocks") or []
    attached = [block for attachment in payload.get("attachments") or [] for block in attachment.get("blocks") or []]
    faults = [*_by_schema("message", {key: payload[key] for key in ("text", "blocks", "attachments") if payload.get(key)})]
    faults += _by_models(blocks) + _by_models(attached)
    faults += [*_by_rules(blocks), *_by_rules(attached), *_together(blocks, attached)]
    if not payload.get("text", "").strip():
        faults.append("no_text: notifications and screen readers get nothing")
    if _UNESCAPED.search(payload.get("text", "")) or _PINGS_ALL.search(payload.get("text", "")):
        faults.append("text is not escaped")
    return faults


def faults_of_view(view: dict[str, Any]) -> list[str]:
    faults = [*_by_schema("modal", view)]
    blocks = view.get("blocks") or []
    faults += _by_models(blocks)
    try:
        View(**view).to_dict()
    except SlackObjectFormationError as error:
        faults.append(f"slack_sdk: {error}")
    faults += [*_by_rules(blocks, surface="modal")]
    if any(block["type"] == "input" for block in blocks) and "submit" not in view:
        faults.append("a modal with inputs needs submit")
    if not 1 <= len(blocks) <= 100:
        faults.append("a modal has 1 to 100 blocks")
    faults += [f"input longer than its limit in {block['block_id']}" for block in blocks if _overfull(block)]
    return faults


def _overfull(block: dict[str, Any]) -> bool:
    element = block.get("element", {})
    return len(element.get("initial_value", "")) > element.get("max_length", 3000)


def _by_schema(name: str, thing: dict[str, Any]) -> Iterator[str]:
    validator = schema(name)
    if validator is not None and not validator.is_valid(thing):
        yield from (f"schema: {error.message[:200]} [json-pointer:/{'/'.join(map(str, error.instance_path))}]" for error in validator.iter_errors(thing))


def _by_models(blocks: list[dict[str, Any]]) -> list[str]:
    faults = []
    for block in blocks:
        parsed = Block.parse(block)
        if parsed is None:
            faults.append(f"slack_sdk knows no block {block.get('type')}")
            continue
        try:
            parsed.to_dict()
        except SlackObjectFormationError as error:
            faults.append(f"slack_sdk: {block['type']}: {error}")
    return faults


def _by_rules(blocks: list[dict[str, Any]], surface: str = "message") -> Iterator[str]:
    if surface == "message" and len(blocks) > 50:
        yield "no more than 50 items allowed [json-pointer:/blocks]"
    for id, times in Counter(block["block_id"] for block in blocks if "block_id" in block).items():
        if times > 1 or not id:
            yield f"block_id {id!r} is not unique"
    for number, block in enumerate(blocks):
        yield from _of_block(block, f"/blocks/{number}")


def _of_block(block: dict[str, Any], place: str) -> Iterator[str]:
    ids = Counter(element["action_id"] for element in block.get("elements", ()) if "action_id" in element)
    yield from (f"action_id {id!r} is not unique in its block {place}" for id, times in ids.items() if times > 1)
    for kind, text in _text_objects(block):
        if not text.strip():
            yield f"must be more than 0 characters [json-pointer:{place}]"
        if kind == "mrkdwn" and (_UNESCAPED.search(text) or _PINGS_ALL.search(text)):
            yield f"mrkdwn is not escaped [json-pointer:{place}]"
    for element in block.get("elements", ()):
        if element.get("type") == "button":
            yield from _of_button(element, place)
    if block["type"] == "rich_text":
        yield from _of_rich_text(block, place)
    if block["type"] == "table":
        yield from _of_table(block, place)
    if block["type"] == "image" and not block.get("alt_text", "").strip():
        yield f"an image without words [json-pointer:{place}]"


def _of_button(element: dict[str, Any], place: str) -> Iterator[str]:
    if "url" in element and not re.match(r"https?://[^\s]+$", element["url"]) and not element["url"].startswith("mailto:"):
        yield f"invalid url [json-pointer:{place}]"
    if not element.get("action_id") or not element.get("accessibility_label"):
        yield f"a button without action_id or accessibility_label [json-pointer:{place}]"
    if len(element.get("confirm", {}).get("text", {}).get("text", "")) > 300:
        yield f"confirm too long [json-pointer:{place}]"


def _of_rich_text(block: dict[str, Any], place: str) -> Iterator[str]:
    for section in block["elements"]:
        if not section["elements"]:
            yield f"empty rich text [json-pointer:{place}]"
        for element in section["elements"]:
            if element["type"] == "text" and not element["text"]:
                yield f"empty text [json-pointer:{place}]"
            if element["type"] == "user" and not re.fullmatch(r"[UW][A-Z0-9]+", element["user_id"]):
                yield f"invalid user [json-pointer:{place}]"
            if element["type"] == "channel" and not re.fullmatch(r"[CG][A-Z0-9]+", element["channel_id"]):
                yield f"invalid channel [json-pointer:{place}]"


def _of_table(block: dict[str, Any], place: str) -> Iterator[str]:
    rows = block["rows"]
    if not 1 <= len(rows) <= 100 or any(not 1 <= len(row) <= 20 for row in rows) or len({len(row) for row in rows}) > 1:
        yield f"a table has 1 to 100 rows of 1 to 20 cells, all alike [json-pointer:{place}]"
    cells = [cell["text"] for row in rows for cell in row]
    if not all(cells):
        yield f"must be more than 0 characters [json-pointer:{place}/rows]"
    if sum(map(len, cells)) > 10_000:
        yield f"more than 10000 characters in a table [json-pointer:{place}]"


def _text_objects(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        if part.get("type") in ("mrkdwn", "plain_text") and "text" in part:
            yield part["type"], part["text"]
        for value in part.values():
            yield from _text_objects(value)
    elif isinstance(part, list):
        for one in part:
            yield from _text_objects(one)


def _together(blocks: list[dict[str, Any]], attached: list[dict[str, Any]]) -> Iterator[str]:
    if sum(block["type"] == "table" for block in [*blocks, *attached]) > 1:
        yield "only_one_table_allowed"
    if sum(len(json.dumps(block, ensure_ascii=False)) for block in [*blocks, *attached]) > BLOCKS_TOGETHER:
        yield "msg_blocks_too_long"
    if any(unspeakable(text) for text in _strings([*blocks, *attached])):
        yield "control characters or halves of surrogate pairs"


def unspeakable(text: str) -> bool:
    return any((ord(char) < 32 and char not in "\n\t") or 0xD800 <= ord(char) <= 0xDFFF for char in text)


def _strings(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from _strings(value)
    elif isinstance(part, list):
        for one in part:
            yield from _strings(one)
