"""Ways to go on from what is typed so far: slash forms, workflows by name, services, and beginnings of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from intents.lexicon import Lexicon
from intents.slash import FORMS

_TAKES_WORKFLOW = (
    "/flow show ",
    "/flow run ",
    "/flow pause ",
    "/flow resume ",
    "/flow edit ",
    "/flow delete ",
    "/flow history ",
    "/flow export ",
    "/flow approve ",
    "/flow decline ",
    "/flow retry ",
    "/flow cancel ",
    "/flow skip ",
    "/flow pause-run ",
    "/flow resume-run ",
    "/flow doubt ",
    "/flow versions ",
    "/flow diff ",
    "/flow rollback ",
    "/analytics ",
    "/predict ",
    "/predict calibration",
    "/analytics workflow ",
)
_TAKES_SERVICE = (
    "/health ",
    "/analytics service ",
    "/impact ",
    "/deps ",
    "/connect ",
    "/service ",
    "/ack ",
    "/alerts snooze ",
    "/alerts escalate ",
    "/alerts unack ",
    "/alerts keep ",
    "/alerts wake ",
    "/alerts reopen ",
    "/alerts note ",
    "/resolve ",
    "/flow list ",
    "/alerts service:",
)
_STARTERS = (
    ("when a pull request is merged in GitHub, tell #releases", "a workflow that an event starts"),
    ("every weekday at 9 post the health report in #ops", "a workflow on a schedule"),
    ("how healthy are our services?", "health of all services"),
    ("what breaks if GitHub goes down?", "who depends on a service"),
    ("list workflows", "the workflows there are"),
    ("show open alerts", "what is firing"),
    ("pause ", "pause a workflow"),
    ("resume ", "let a workflow run again"),
    ("run ", "run a workflow now"),
    ("delete ", "delete a workflow (asks first)"),
    ("who is on call?", "the on-call person"),
    ("help", "what I can do"),
)
_VERBS = ("run ", "pause ", "resume ", "delete ", "show ", "edit ")


def complete(typed: str, workflows: Sequence[str], lexicon: Lexicon, limit: int) -> list[tuple[str, str]]:
    """(full text, hint), the likeliest first, at most ``limit``; nothing that is already typed in full."""
    text = typed.lstrip()
    if limit <= 0 or len(text) > 200:
        return []
    found = dict.fromkeys(entry for entry in _all(text, workflows, lexicon) if entry[0] != typed)
    return list(found)[:limit]


def _all(text: str, workflows: Sequence[str], lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    low = text.lower()
    for form in _TAKES_WORKFLOW:
        if low.startswith(form):
            yield from _names(form, low[len(form) :], workflows)
    for form in _TAKES_SERVICE:
        if low.startswith(form):
            yield from _services(form, low[len(form) :], lexicon)
    if low.startswith("/") or not low:
        yield from ((form.typed, form.does) for form in FORMS if form.typed.lower().startswith(low) and form.typed.strip() != low.strip())
    if not low.startswith("/"):
        yield from ((words, hint) for words, hint in _STARTERS if words.lower().startswith(low))
        for verb in _VERBS:
            if low.startswith(verb):
                yield from _names(verb, low[len(verb) :], workflows)


def _names(form: str, begun: str, workflows: Sequence[str]) -> Iterator[tuple[str, str]]:
    first = [name for name in workflows if name.lower().startswith(begun)]
    inside = [name for name in workflows if begun and begun in name.lower() and name not in first]
    yield from ((form + name, "workflow") for name in (*first, *inside))


def _services(form: str, begun: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    for service in lexicon.services.values():
        if service.id.startswith(begun) or service.name.lower().startswith(begun):
            yield form + service.id, service.name
