"""Fault words: ``github down, trello lost answers 30 %, 20 times, seed 7, approvals no`` as a wish."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.errors import Rejected
from engine.rehearsal.wish import RANDOM_SHARE, FaultWish, Reply

EXAMPLE = "github down, trello lost answers 30%, random, 20 times, seed 7, approvals no"

_KINDS: Mapping[str, str] = {
    "down": r"down|off(?:line)?|unreachable|not\s+there|gone|dead",
    "slow": r"slow(?:ly)?|lagging",
    "429": r"429s?|throttled|rate[\s-]?limited|too\s+many\s+requests",
    "lost_answer": r"lost[\s_-]answers?|los(?:es|ing)\s+(?:its\s+)?answers?|time[sd]?[\s-]?outs?|timing\s+out",
    "lost_ask": r"lost[\s_-](?:asks?|requests?)",
    "5xx": r"5xx|50[0-9]s?|failing|fails?|broken|errors?",
    "random": r"random|chaos|anything",
}
_KIND = re.compile(f"(?:{'|'.join(f'(?P<k{number}>{pattern})' for number, pattern in enumerate(_KINDS.values()))})" + r"(?!\w)", re.I)
_COUNT = re.compile(r"(?P<n>\d{1,6})\s*(?:x|times|trials?|runs?)\b", re.I)
_SEED = re.compile(r"seed\s*[:=]?\s*(?P<n>\d{1,18})\b", re.I)
_SHARE = re.compile(
    r"(?:in\s+|for\s+)?(?:(?P<percent>\d{1,3}(?:\.\d+)?)\s*%|(?P<share>0?\.\d+|1\.0))(?:\s*of\s+(?:all\s+|the\s+)*(?:calls|asks))?", re.I
)
_REPLY = re.compile(
    r"(?:(?:approvals?|answers?|saying|say)\s*[:=]?\s*(?P<said>yes|no|nobody|none)\b|(?P<nobody>nobody)(?:\s+answers)?\b)", re.I
)
_FILLER = re.compile(
    r"(?:with|and|on|faults?|is|are|of|the|when|while|if|in|being|having|has|it|services?|everything|every|all|but)\b|[,;.]", re.I
)
_BREAK = re.compile(r"[,;.]|and\b", re.I)


@dataclass(slots=True)
class _Reading:
    """What was said so far; ``named`` are services that wait for what goes wrong with them."""

    services: Mapping[str, str]
    faults: list[FaultWish] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    open: bool = False  # the last fault named no service, and one may still follow
    trials: int | None = None
    seed: int | None = None
    reply: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """None: not said."""

    faults: tuple[FaultWish, ...] = ()
    trials: int | None = None
    seed: int | None = None
    reply: Reply | None = None


def read_words(text: str, services: Mapping[str, str]) -> Words:
    """``services``: what people call them (lower case) → id. Raises Rejected, naming the word that was not understood."""
    reading, at = _Reading(services), 0
    while (at := _skipped(text, at)) < len(text):
        at = _count(reading, text, at) or _fault(reading, text, at) or _service(reading, text, at) or _filler(reading, text, at)
    _finish(reading)
    return Words(faults=tuple(reading.faults), trials=reading.trials, seed=reading.seed, reply=reading.reply)


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _count(reading: _Reading, text: str, at: int) -> int:
    if found := _COUNT.match(text, at):
        reading.trials = int(found["n"])
    elif found := _SEED.match(text, at):
        reading.seed = int(found["n"])
    elif found := _REPLY.match(text, at):
        said = (found["said"] or "nobody").lower()
        reading.reply = Reply.NOBODY if said == "none" else Reply(said)
    return found.end() if found else 0


def _fault(reading: _Reading, text: str, at: int) -> int:
    if found := _KIND.match(text, at):
        kind = next(name for number, name in enumerate(_KINDS) if found[f"k{number}"])
        share = RANDOM_SHARE if kind == "random" else 1.0
        reading.faults += [FaultWish(service, kind, share) for service in reading.named or [""]]
        reading.open, reading.named = not reading.named, []
        return found.end()
    if (found := _SHARE.match(text, at)) and reading.faults:
        share = float(found["share"]) if found["share"] else float(found["percent"]) / 100
        reading.faults[-1] = replace(reading.faults[-1], share=share)
        return found.end()
    return 0


def _service(reading: _Reading, text: str, at: int) -> int:
    """The longest name that stands here."""
    rest = text[at:].casefold()
    for name in sorted(reading.services, key=len, reverse=True):
        if rest.startswith(name) and not rest[len(name) : len(name) + 1].isalnum():
            service = reading.services[name]
            if reading.open:
                reading.faults[-1] = replace(reading.faults[-1], service=service)
                reading.open = False
            else:
                reading.named.append(service)
            return at + len(name)
    return 0


def _filler(reading: _Reading, text: str, at: int) -> int:
    found = _FILLER.match(text, at)
    if found is None:
        word = text[at:].split()[0]
        raise Rejected(f"“{word[:40]}” is nothing that a rehearsal knows. Say for example: {EXAMPLE}.")
    if _BREAK.fullmatch(found[0]):
        reading.open = False
    return found.end()


def _finish(reading: _Reading) -> None:
    """Services that were named last suffer what was said before them; with nothing said, it is asked what."""
    if reading.named and not reading.faults:
        raise Rejected(f"What should go wrong with {' and '.join(reading.named)}? Say for example: {EXAMPLE}.")
    reading.faults += [replace(reading.faults[-1], service=service) for service in reading.named]
