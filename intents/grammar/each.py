"""Orders whose object is what happens: "add label triage to every new issue", "assign new bugs to @sam", "turn won deals into invoices"."""

from __future__ import annotations

import re

from intents.grammar.clauses import Hears, Parts
from intents.grammar.source import CHANNEL, EMAIL, PERSON, SERVICE

_STOP = rf"(?=\s+(?:to|into|onto|as|with|for|by|via|through|and|so|then|instead)\b|\s*[,;.!?→]|\s+(?:in|on)\s+(?:the\s+)?(?:{CHANNEL}|{PERSON})|\s*$)"
_OBJECT = re.compile(
    rf"(?<!\ba )(?<!\ban )(?<!\bthe )(?<!\bone )(?<!\ba brand )\b(?P<how>(?:every|each|any)\s+(?:single\s+)?(?:new\s+|incoming\s+|fresh\s+)?|(?:all\s+)?(?:new|incoming|newly\s+\w+ed)\s+)(?P<what>\S.*?){_STOP}",
    re.IGNORECASE,
)
_STANDING = re.compile(  # what is there already is a batch, no news
    r"^(?:open|existing|old|older|stale|overdue|unassigned|remaining|single|other|unread|pending|current|active|of|time|day|hour|week|month|minute|one|\d)\b",
    re.IGNORECASE,
)
_HAPPENED = re.compile(
    r"(?:failed|disputed|merged|closed|completed|finished|solved|resolved|won|lost|paid|cancelled|canceled|published|declined)\b",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"^\s*(?:please\s+)?(?:convert|turn|transform|make)\s+(?P<what>(?:(?:all|every|each|any|new|our|the)\s+)*\S.*?)\s+into\s+(?P<into>\S.*)$",
    re.IGNORECASE,
)
_MANY = re.compile(r"\b\w+(?:s|people|staff|media)\b", re.IGNORECASE)


def split_each(text: str, hears: Hears) -> Parts | None:
    """The object as the cause, and the order about "the" object as the deed; None where it names nothing that happens.

    "Every X" without "new" is news only where the deed is another product's: "close every issue in GitHub" is a batch.
    """
    turned = _TURN.match(text)
    if turned is not None:
        what = re.sub(r"^(?:(?:all|every|each|any|new|our|the)\s+)+", "", turned["what"], flags=re.IGNORECASE)
        cause = next((one for one in (what, _single(what), f"new {what}") if hears(one) == "sure"), "")
        if cause and not _STANDING.match(what):
            return Parts(cause, f"create {_one(turned['into'])}")
    for match in _OBJECT.finditer(text):
        what, how = match["what"], match["how"].lower()
        fresh = "new" in how or "incoming" in how or "fresh" in how or _HAPPENED.match(what) is not None
        if _STANDING.match(what) or (not how.startswith(("every", "each", "any")) and not _MANY.search(what)):
            continue
        if not fresh and (not re.search(rf"{SERVICE}|\be-?mails?\b", what, re.IGNORECASE) or not re.search(f"{SERVICE}|{EMAIL}", text[: match.start()] + text[match.end() :])):
            continue
        cause = next((one for one in (f"new {what}", what) if hears(one) == "sure"), "")
        source = re.search(r"\s+(?:from|out\s+of|for|off)\s+$", text[: match.start()], re.IGNORECASE)
        if cause and source is not None and not text[match.end() :].strip(" .!"):
            return Parts(cause, text[: source.start()])
        if cause and text[: match.start()].strip():
            return Parts(cause, f"{text[: match.start()]}the {_single(what)}{text[match.end() :]}")
    return None


def _single(words: str) -> str:
    """The thing itself instead of many: "zendesk tickets with" → "zendesk ticket with"."""
    return re.sub(
        r"\b(issue|ticket|bug|card|task|item|deal|lead|contact|customer|page|file|document|message|email|invoice|payment|charge|pr|mr|request|release|order"
        r"|record|case|event|member|comment|subscription|dispute)s\b",
        r"\1",
        words,
        flags=re.IGNORECASE,
    )


def _one(words: str) -> str:
    single = _single(words)
    return single if re.match(r"(?:an?|the|one|new)\b", single, re.IGNORECASE) else f"a {single}"
