"""A text as words for counting: figures, places, people, links and quotations become kinds, services become themselves."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from intents.opinion.names import service_at

LIMIT = 2_000  # characters that are looked at
_MOST = 240  # words that are looked at

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (f" {kind} ", re.compile(pattern))
    for kind, pattern in (
        ("_quoted", r"```.*?```|`[^`]*`|“[^”]*”|\"[^\"]*\"|«[^»]*»|(?<!\w)'[^']{1,80}'(?!\w)"),
        ("_url", r"https?://\S+|www\.\S+"),
        ("_chan", r"<#[^>]*>|(?<!\w)#[A-Za-z][\w-]*"),
        ("_mail", r"[\w.+-]+@[\w-]+\.[\w.]+"),
        ("_user", r"<@[^>]*>|(?<!\w)@[\w.-]+"),
        ("_arrow", r"-+>|=+>|→|➜|⇒|»"),
        ("_key", r"\b[A-Z]{2,6}-\d+\b|\b(?:al|alt)-\d+\b|#\d+\b|\b(?:wf|run|r)[_-]\w+\b|\b01[0-9A-HJKMNP-TV-Z]{3,24}\b"),
        ("_time", r"\b\d{1,2}(?::\d\d|[.]\d\d(?=\s*(?:uhr|h\b)))?\s?(?:am|pm|a\.m\.|p\.m\.|uhr|o'clock)\b|\b\d{1,2}:\d\d\b|\b(?:noon|midnight)\b"),
        ("_money", r"[$€£]\s?\d[\d.,]*k?|\b\d[\d.,]*k?\s?(?:usd|eur|gbp|dollars|euros|bucks|[$€£])"),
        ("_share", r"\b\d[\d.,]*\s?(?:%|percent|per cent)"),
        ("_dur", r"\b(?:\d[\d.,]*|an?|one|two|three|half an|few)\s?(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|min|m|hours?|hrs?|h|days?|d|weeks?|w|months?)\b"),
        ("_times", r"\b\d+\s?x\b"),
    )
)  # fmt: skip
_CLITICS = re.compile(r"(?<=\w)['’](s|re|m|ll|ve|d|t)\b")
_WORD = re.compile(r"_[a-z]+|monday\.com|box\.com|\w+(?:[-_]\w+)*|[,;:.?!+&]|[^\w\s]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is counted; ``service`` where it names one."""

    word: str
    service: str = ""


def tokens_of(text: str) -> list[Token]:
    """Total: any text, its first 2,000 characters."""
    plain = unicodedata.normalize("NFKC", text[:LIMIT].replace("\x00", " "))
    plain = "".join(" " if letter in "\n\t\r" else letter for letter in plain if unicodedata.category(letter) != "Cf")
    for kind, pattern in _KINDS:
        plain = pattern.sub(kind, plain)
    words = _WORD.findall(_CLITICS.sub(r" \1", plain))[:_MOST]
    out: list[Token] = []
    at = 0
    while at < len(words):
        service, taken = service_at(words, at)
        if service:
            out.append(Token("_svc", service))
        else:
            out.append(Token(_shaped(words[at])))
            taken = 1
        at += taken
    return out


def _shaped(word: str) -> str:
    if word.startswith("_"):
        return word
    if word[0].isdigit():
        return "_num" if word.replace(".", "").isdigit() else "_code"
    if "-" in word or "_" in word:
        return "_slug"
    return word.lower()


def services_of(tokens: list[Token]) -> tuple[str, ...]:
    """The services named, in order, each once."""
    return tuple(dict.fromkeys(token.service for token in tokens if token.service))
