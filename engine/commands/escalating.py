"""Escalations as commands speak of them: which there are, and how a ladder is read: ``rota ops, 10m rota backup, 20m #ops-leads``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.commands.command import Asking
from engine.commands.house import House
from engine.commands.whom import target
from engine.errors import NotFound, Rejected
from engine.monitoring.alert import Severity
from engine.monitoring.escalation import EVERYTHING, KIND, EscalationPolicy, Kind, Level, Target, escalation_of
from engine.workflow.catalogue import listed
from engine.workflow.durations import duration

EXAMPLE = "/escalation set critical: rota ops, 10m rota backup, 20m #ops-leads"
_REPEAT = re.compile(
    r",?\s*(?:repeat(?:ed)?|again)\s*(?:(?P<n>\d{1,3})\s*(?:x|times?)?|(?P<once>once)|(?P<twice>twice))?\s*$", re.IGNORECASE
)
_AFTER = re.compile(
    r"^(?:after\s+|in\s+)?(?P<after>\d+(?:\.\d+)?\s*(?:s|sec\w*|m|min\w*|h|hours?|hrs?))\s+(?:later\s+)?(?P<who>\S.*)$", re.IGNORECASE
)
_BETWEEN = re.compile(r"\s+(?:and|&|\+)\s+|\s+(?=[@#]|<[@#!]|rota\s)", re.IGNORECASE)


async def known(house: House) -> list[EscalationPolicy]:
    return [escalation_of(policy.id, policy.body, policy.revision) for policy in await house.store.policies.of(KIND)]


def speaks_of(policy: EscalationPolicy, kind: Kind, id: str) -> bool:
    return any(one.kind is kind and one.id == id for level in policy.levels for one in level.targets)


def subject(house: House, said: str) -> str:
    """The id of what it is for: a severity, a service or “all”. Raises Rejected, saying what there is."""
    word = said.strip().casefold().removesuffix(" alerts").strip()
    if word in (*Severity, EVERYTHING):
        return word
    if word in ("", "everything", "any", "every"):
        return EVERYTHING
    try:
        return house.service(word).id
    except NotFound as error:
        raise Rejected(
            f"“{said.strip()[:40]}” is neither a severity ({listed(Severity, 'or')}), nor a service, nor “all”. For example: {EXAMPLE}"
        ) from error


async def ladder(house: House, asking: Asking, said: str, places: Mapping[str, str]) -> tuple[tuple[Level, ...], int]:
    """(levels, repeats). A level without a time comes at once where it is the first. Raises Rejected, NotFound."""
    repeat = _REPEAT.search(said)
    text = said[: repeat.start()] if repeat else said
    found: dict[float, list[Target]] = {}
    for number, part in enumerate(piece.strip() for piece in re.split(r"[,;\n]|\s+then\s+", text) if piece.strip()):
        timed = _AFTER.match(part)
        if timed is None and number and not _again_the_same(part):
            raise Rejected(f"When is “{part[:40]}” called? Say it in front: 10m {part[:40]}. For example: {EXAMPLE}")
        after = duration(_spelled(timed["after"])) if timed else max(found, default=0.0)
        people = timed["who"] if timed else part
        found.setdefault(after, []).extend([await target(house, asking, one, places) for one in _BETWEEN.split(people) if one.strip()])
    levels = tuple(Level(after, tuple(dict.fromkeys(targets))) for after, targets in found.items())
    return levels, _times(repeat) if repeat else 0


def _again_the_same(part: str) -> bool:
    """Further people of the level before, after a comma."""
    return part.startswith(("@", "#", "<"))


def _spelled(after: str) -> str:
    """``10 minutes`` → ``10m``."""
    return re.sub(r"\s*([a-z])[a-z]*$", r"\1", after.strip().casefold())


def _times(repeat: re.Match[str]) -> int:
    return int(repeat["n"]) if repeat["n"] else 2 if repeat["twice"] else 1
