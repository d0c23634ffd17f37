"""What a request told by its products wants done: what is read of which product, and what is written where."""

from __future__ import annotations

import re
from collections.abc import Mapping

from intents.grammar.product_causes import LEAD, PLACED, TELL_ANY, WRITES, is_deed
from intents.grammar.product_reads import Done, inputs_of, reads_of
from intents.grammar.product_things import THING_SAID, TOPIC_SAID, topics
from intents.grammar.source import CHANNEL, EMAIL, PERSON, QUOTE, SERVICE, Source
from intents.grammar.steps import Context, read_deed
from intents.grammar.values import values_of
from intents.product_words import (
    CODE_HOSTS,
    FILE_STORES,
    MESSENGERS,
)

_DEEDS = re.compile(rf"\s*(?:,|;|→|\.(?=\s))\s*(?:and\s+)?(?:then\s+)?(?=\w|{SERVICE})|\s+and\s+(?:then\s+)?|\s+then\s+", re.IGNORECASE)


ME_STEP = {"action": "chat.post_message", "with": {"channel": "@me"}}


def pieces_of(source: Source, deed: str, answers: Mapping[str, str]) -> list[str]:
    pieces: list[str] = []
    for part in _DEEDS.split(deed):
        part = LEAD.sub("", part.strip()).strip(" .,")
        if not part:
            continue
        starts = not pieces or is_deed(part)
        if starts and not re.match(r"(?:subject|message|body|title|text|caption|name)\b", part, re.IGNORECASE):
            pieces.append(part)
        elif pieces:
            pieces[-1] += " and " + part
    return pieces


def done_by(source: Source, piece: str, context: Context, manual: bool, index: int, answers: Mapping[str, str], whole: str) -> Done:
    mine = {key.rpartition(":")[2]: value for key, value in answers.items() if key.startswith(f"step:{index}:")}
    here = topics(source, piece) or (topics(source, whole) if manual else [])
    reads = reads_of(source, piece, here, manual)
    if reads is not None:
        return reads
    if not here and TELL_ANY.search(piece) and not re.search(rf"{EMAIL}", piece):
        known = read_deed(source, piece, context, mine)
        steps = [step for step in known.steps if step["action"] == "chat.post_message" and step["with"].get("channel")]
        return Done(tuple(steps) or (dict(ME_STEP),))
    service = _target(source, piece, here, context)
    if (
        not service
        or (manual and service == "google_calendar")
        or not (
            WRITES.match(piece)
            or re.match(rf"(?:{SERVICE}|my\s+{SERVICE}|{PLACED}|I\b|please|new|find|in|look|requires?|an?\b)", piece, re.IGNORECASE)
        )
    ):
        return Done()
    return _written(source, piece, service, context, index, mine)


def _target(source: Source, piece: str, here: list[str], context: Context) -> str:
    """The product in which the deed is done: the last one that stands behind a word of place; else the one of the things made."""
    found = [(match, source.marked.service_at(match["s"])) for match in re.finditer(rf"\b{PLACED}(?P<s>{SERVICE})", piece, re.IGNORECASE)]
    placed = [name for match, name in found if not re.match(r"(?:from|of)\b", match[0], re.IGNORECASE)] or [name for _, name in found]
    if placed:
        return placed[0] if WRITES.match(piece) and len(placed) == 1 else placed[-1]
    marked = source.services(piece)
    if marked:
        return marked[0]
    if re.search(EMAIL, piece) or TOPIC_SAID["email"].search(piece):
        return "email" if "email" in source.lexicon.services else ""
    if "google_calendar" in here:
        return "google_calendar"
    stores = [service for service in context.services if service in FILE_STORES]
    if THING_SAID["files"].search(piece) and stores:
        return stores[-1]
    if re.match(r"(?:reply|respond|answer)\b", piece, re.IGNORECASE) and "email" in context.services:
        return "email"
    if re.match(r"comment\b", piece, re.IGNORECASE):
        return next((service for service in context.services if service in CODE_HOSTS), "")
    return here[0] if here and re.match(r"(?:send|post|write)\b", piece, re.IGNORECASE) else ""


_OPERATIONS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (("slack",), r"\bpresence\b|\bstatus\b|\b(?:away|online|offline)\b", ("set_presence",)),
    (("slack",), r"\bpurpose\b|\bdescription\b", ("set_purpose", "set_topic")),
    (("slack",), r"\btopic\b", ("set_topic",)),
    (("slack",), r"\bcreate\b.*\bchannel\b", ("create_channel",)),
    (MESSENGERS, "", ("post_message",)),
    (("email",), "", ("send_email",)),
    (FILE_STORES, r"\b(?:delete|remove)\b", ()),
    (FILE_STORES, r"\b(?:move|rename|transfer|shift|change|replace|relocate)\b", ("move_file", "copy_file")),
    (FILE_STORES, r"\bcopy\b|\bduplicate\b", ("copy_file", "move_file")),
    (FILE_STORES, r"\bshare\b.*\bwith\b", ("share_file",)),
    (FILE_STORES, r"\b(?:create|make|new|add|start|generate|establish|build)\b.*\b(?:folder|directory)|\bfolder\b.*\bnamed\b", ("create_folder",)),
    (FILE_STORES, "", ("upload_file",)),
    (CODE_HOSTS, r"\bcomment", ("add_comment",)),
    (CODE_HOSTS, r"\b(?:create|open|file|new|make|raise|submit)\b.*\bissue\b", ("create_issue",)),
    (("google_calendar",), r"\b(?:delete|cancel|remove)\b", ("delete_event",)),
    (("google_calendar",), r"\b(?:move|change|update|reschedule)\b", ("update_event",)),
    (("google_calendar",), r"\b(?:add|create|make|schedule|book|put|new|plan)\b", ("create_event",)),
)  # fmt: skip


_PRESENCE = re.compile(r"\b(?:presence|nearness|away|online|offline|(?:my|our)\s+\S*\s*status)\b", re.IGNORECASE)
ASK_PRESENCE = "I cannot set somebody's presence in Slack. Should I set a channel's topic instead, or post something?"


def _written(source: Source, piece: str, service: str, context: Context, index: int, answers: Mapping[str, str]) -> Done:
    if service == "slack" and _PRESENCE.search(piece) and "slack.set_presence" not in {sense.id for sense in source.lexicon.actions}:
        return Done(({"action": "slack.set_topic", "with": {}},), ASK_PRESENCE, "steps")
    known = read_deed(source, piece, context, dict(answers))
    if known.steps and all(step["action"].startswith(service + ".") for step in known.steps):
        context.note(known.steps)
        return Done(known.steps, known.question, f"step:{index}:{known.slot}", known.choices)
    ids = {sense.id for sense in source.lexicon.actions}
    for services, words, names in _OPERATIONS:
        if service in services and re.search(words, piece, re.IGNORECASE):
            name = next((name for name in names if f"{service}.{name}" in ids), "")
            return _filled(source, piece, service, name, index, answers) if name else Done()
    return Done()


def _filled(source: Source, piece: str, service: str, name: str, index: int, answers: Mapping[str, str]) -> Done:
    action = f"{service}.{name}"
    said = values_of(source, piece, service, name, inputs_of(source, action))
    place = {"send_email": "to", "post_message": "channel"}.get(name, "")
    if not place:
        return Done(({"action": action, "with": said},))
    where = re.search(EMAIL if place == "to" else rf"{CHANNEL}|{PERSON}", piece)
    found = where[0] if where else answers.get("channel", "") or ("@me" if re.search(r"\b(?:me|myself)\b", piece) else "")
    quotes = re.findall(QUOTE, piece)
    if quotes and "text" not in said:
        said["text"] = source.quote(quotes[-1])
    if found:
        return Done(({"action": action, "with": {**said, place: found}},))
    question = (
        "To which address should I send the email?"
        if place == "to"
        else "Where should I post that? Name a channel such as #ops, or a person."
    )
    return Done(({"action": action, "with": said},), question, f"step:{index}:channel", ("#",))
