"""The text that the readers of a workflow share: masked, with services marked, and the way back to plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from intents.lexicon import SERVICE, Lexicon, Marked
from intents.text import LINK, QUOTE, Utterance
from intents.when.tape import BLANK


@dataclass(frozen=True, slots=True)
class Source:
    """One request. ``text`` holds one character for each quote, link and service."""

    text: str
    utterance: Utterance
    marked: Marked
    lexicon: Lexicon
    now: datetime
    timezone: str
    workflows: tuple[str, ...] = ()

    def plain(self, text: str) -> str:
        """Back to words, without quotation marks."""
        return self.utterance.plain(self.marked.plain(text)).strip(" ,;:")

    def quote(self, mark: str) -> str:
        return self.utterance.plain(mark)

    def services(self, text: str) -> list[str]:
        return self.marked.services_in(text)


def tidy(text: str) -> str:
    """Blanks, doubled spaces and stray punctuation gone."""
    text = re.sub(rf"\s*{BLANK}+\s*", " ", text)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"\s+([,.;:?!])", r"\1", text).strip(" ,;–-")


CHANNEL = r"(?:(?<![\w&])#[\w][\w-]*|<#\w+>)"
PERSON = r"(?:(?<![\w.])@[\w][\w.-]*\w|(?<![\w.])@\w)"
EMAIL = r"(?:[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
REPO = r"(?:(?<![\w/.@:])[\w.-]+/[\w.-]+(?![\w/]))"
THING = rf"(?:{REPO}[#!]\d{{1,9}}\b|(?-i:\b[A-Z][A-Z0-9]+-\d+\b))"  # one thing of a product: acme/web#17, OPS-12
CAPITALS = r"(?-i:(?:[A-Z0-9À-Þ][\w&.'-]*|/[\w/-]+)(?:\s+(?:[A-Z0-9À-Þ][\w&'-]*|of|and|&)(?=\s|$|[,.;:!?)])(?<!\band)(?<!\bof))*)"
__all__ = ["BLANK", "CAPITALS", "CHANNEL", "EMAIL", "LINK", "PERSON", "QUOTE", "REPO", "SERVICE", "THING", "Source", "tidy"]
