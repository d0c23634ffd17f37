"""Requests for workflows put together from an event or a time, deeds, conditions and options, with the part each word belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents.opinion.names import NAMES
from intents.opinion.phrases.deed_words import ACTIONS, EVENTS
from intents.opinion.phrases.sampling import Dice, drawn, misspelt
from intents.opinion.phrases.slots import SLOTS

Piece = tuple[str, str, str]  # part (T event, S time, A deed, C condition, O rest), words, id
_UNNAMED = frozenset({"chat", "email", "signalbox", "http", "ai_predicted"})
_KNOWN_BY_NOUN = frozenset({"trello", "notion", "stripe", "zendesk", "hubspot", "github", "gitlab", "google_calendar"})
_SPOKEN = {"teams": ("Teams", "Microsoft Teams", "MS Teams", "Teams"), "box": ("Box", "Box", "box.com"), "monday": ("monday.com", "Monday.com"),
           "google_drive": ("google drive", "gdrive", "Google Drive", "Drive"), "google_calendar": ("google calendar", "gcal", "my calendar", "the calendar")}  # fmt: skip
_START = "(when|when|when|whenever|if|once|as soon as|every time|each time|any time|after|the moment|in case|wheneva)"
_THEN = "(,|, then|then|, please|, i want you to|, you should|,|,| )"
_JOIN = "(and|, then|then|,|, and|and also|and then|+|&|, also|as well as|after that|. then|; |. also|, and after that|plus)"
_DETAIL = (
    "(called ('{Q}'|{Q}|\"{Q}\")|'{Q}'|\"{Q}\"|for {P}|in (project|board|folder|list|the folder|the database|the board) ({Q}|'{Q}'|DEV)|titled '{Q}'|about {Q}|with (priority|label|title|amount|region) ({Q}|high|'{Q}')"
    "|assigned to {P}|named after the customer|in acme/{Q}|due tomorrow|in {Q}|of {Q}|on main|for the (customer|account|client)|with the details|for the last {N} days|{A}|to '{Q}')"
)


@dataclass(frozen=True, slots=True)
class Composed:
    """``trigger`` is an event's id or a kind; ``actions`` are ids in order."""

    pieces: tuple[Piece, ...]
    trigger: str
    actions: tuple[str, ...]


def composed(dice: Dice) -> Composed:
    """One request."""
    kind = dice.below(100)
    deeds = [_deed(dice) for _ in range(1 + (dice.chance(45)) + (dice.chance(12)))]
    if kind < 52:
        event = _named_event(dice, dice.one(tuple(EVENTS)))
        return Composed(_noisy(_arranged(dice, [event], deeds), dice), event[2], tuple(deed[2] for deed in deeds))
    if kind < 76:
        when: Piece = ("S", drawn("{SCHED}", SLOTS, dice), "scheduled")
        return Composed(_noisy(_scheduled(dice, when, deeds), dice), "scheduled", tuple(deed[2] for deed in deeds))
    if kind < 88:
        return Composed(_noisy(_around(dice, _chain(dice, deeds), False), dice), "manual", tuple(deed[2] for deed in deeds))
    events = [_named_event(dice, _plain_event(dice)) for _ in range(2 + dice.chance(15))]
    return Composed(_noisy(_arranged(dice, events, deeds), dice), "cross_service", tuple(deed[2] for deed in deeds))


def _plain_event(dice: Dice) -> str:
    return dice.one([event for event in EVENTS if event != "ai_predicted"])


def _spoken(service: str, dice: Dice) -> str:
    names = _SPOKEN.get(service) or NAMES[service]
    name = dice.one(names)
    return name.title() if dice.chance(30) else name


def _named_event(dice: Dice, event: str) -> Piece:
    service = event.partition(".")[0]
    thing, happening = EVENTS[event]
    happening = dice.one(_split(happening))
    thing = dice.one(_split(thing)) if thing.startswith("(") else thing
    named = service not in _UNNAMED and not (service in _KNOWN_BY_NOUN and dice.chance(35))
    name = _spoken(service, dice) if named else ""
    bare = event in ("signalbox.health_changed", "ai_predicted") or thing.split(" ")[0] in ("someone", "somebody")
    article = "" if bare else dice.one(("a ", "a ", "a new ", "the ", "any ", "an ", "", "some ", "another ", "our ", "one of our "))
    what = drawn(thing, SLOTS, dice)
    how = drawn(happening, SLOTS, dice)
    where = dice.one(("in", "on", "at", "from", "within", "inside")) + " " + name if name else ""
    shape = dice.below(6 if not bare and name else 3)
    made = event.rpartition("_")[2] in ("created", "opened", "added", "published", "received", "posted")
    text = (
        f"{article}{what} {how} {where}",
        f"{where} {article}{what} {how}" if dice.chance(30) else f"{article}{what} {where} {how}",
        f"{article}{what} {how} {where}",
        f"{article}{name} {what} {how}",
        f"new {name} {what}" if made else f"{name} {what} {how}",
        f"{name} has a new {what}" if made and dice.chance(30) else (f"new {what} {where}" if made else f"{article}{name} {what} {how}"),
    )[shape]
    return "T", _tidy(text), event


def _deed(dice: Dice) -> Piece:
    action = "chat.post_message" if dice.chance(30) else dice.one(tuple(ACTIONS))
    service = action.partition(".")[0]
    deeds, things = ACTIONS[action]
    named = service not in _UNNAMED and not (service in _KNOWN_BY_NOUN and dice.chance(35))
    name = _spoken(service, dice) if named else ""
    where = f"{dice.one(('in', 'on', 'to', 'in', 'via', 'into', 'with', 'using', 'at', 'over in', 'on our'))} {name}" if name else ""
    text = drawn(f"{deeds} {things}".replace("{in}", "@@"), SLOTS, dice)
    inside = re.sub(r"\b(a|an|the) ", lambda match: f"{match[1]} {name} ", text, count=1)
    if name and dice.chance(10):
        text = f"in {name} " + text.replace("@@", "")
    elif name and inside != text and dice.chance(20):
        text = inside.replace("@@", "")
    tail = drawn(_DETAIL, SLOTS, dice) if dice.chance(30) and action != "chat.post_message" else ""
    said = text.replace("@@", f"{tail} {where}" if dice.chance(50) else f"{where} {tail}") if "@@" in text else f"{text} {tail}"
    if dice.chance(6) and not said.startswith("in "):
        said = (
            drawn("(i want it to|it should|have it|make it|signalbox should|then it must|remember to|be sure to)", SLOTS, dice) + " " + said
        )
    return "A", _tidy(said), action


def _split(words: str) -> list[str]:
    """Alternatives at the outermost level."""
    text = words[1:-1] if words.startswith("(") and _closes_last(words) else words
    out, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and depth == 0:
            out.append(text[start:at])
            start = at + 1
    return [*out, text[start:]]


def _closes_last(words: str) -> bool:
    depth = 0
    for at, letter in enumerate(words):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return at == len(words) - 1
    return False


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("?", "")).strip()


def _other(text: str, dice: Dice) -> Piece:
    return "O", drawn(text, SLOTS, dice), ""


def _extras(dice: Dice) -> list[Piece]:
    out: list[Piece] = []
    if dice.chance(25):
        out.append(("C", drawn("{COND}", SLOTS, dice), ""))
    if dice.chance(18):
        out += [_other("(,|.|;|and)", dice), _other("{OPT}", dice)]
    return out


def _chain(dice: Dice, deeds: list[Piece]) -> list[Piece]:
    out = [deeds[0]]
    for deed in deeds[1:]:
        out += [_other(_JOIN, dice), deed]
    return out


def _events(dice: Dice, events: list[Piece]) -> list[Piece]:
    out = [events[0]]
    for event in events[1:]:
        out += [_other("(and|or|and then|and|or|, or|and afterwards|followed by|and also|and when|or when|or if)", dice), event]
    return out + ([_other("within {DUR}", dice)] if len(events) > 1 and dice.chance(30) else [])


def _arranged(dice: Dice, events: list[Piece], deeds: list[Piece]) -> list[Piece]:
    trigger, chain = _events(dice, events), _chain(dice, deeds)
    condition: list[Piece] = [("C", drawn("{COND}", SLOTS, dice), "")] if dice.chance(30) else []
    shape = dice.below(10)
    if shape < 4:
        pieces = [_other(_START, dice), *trigger, *condition, _other(_THEN, dice), *chain]
    elif shape < 6:
        pieces = [*chain, _other(_START, dice), *trigger, *condition]
    elif shape == 6:
        pieces = [*trigger, *condition, _other("(->|=>|→|->)", dice), *_arrowed(dice, deeds)]
    elif shape == 7:
        pieces = [*trigger, *condition, _other("(:|,|=|...|?|—|so|means|should|must)", dice), *chain]
    elif shape == 8:
        pieces = [
            _other("(for every|for each|on every|on each|for any|on|with every|upon)", dice),
            *trigger,
            *condition,
            _other("(,|,| |:)", dice),
            *chain,
        ]
    else:
        opening = "(watch for|i want to know when|set up a workflow that fires when|create an automation:|make a flow: when|new workflow: when|workflow: if|whenever you see that)"
        pieces = [_other(opening, dice), *trigger, *condition, _other("(, and|and then|, then|,|. then)", dice), *chain]
    return _around(dice, [*pieces, *_extras(dice)], True)


def _arrowed(dice: Dice, deeds: list[Piece]) -> list[Piece]:
    out = [deeds[0]]
    for deed in deeds[1:]:
        out += [_other("(->|→|+|,|and|=>)", dice), deed]
    return out


def _scheduled(dice: Dice, when: Piece, deeds: list[Piece]) -> list[Piece]:
    chain = _chain(dice, deeds)
    shape = dice.below(4)
    if shape == 0:
        pieces = [when, _other("(,| |:|->|, please| i want you to)", dice), *chain]
    elif shape == 1:
        pieces = [*chain, when]
    elif shape == 2:
        pieces = [deeds[0], when, *(piece for deed in deeds[1:] for piece in (_other(_JOIN, dice), deed))]
    else:
        pieces = [
            _other("(schedule|set up a job to|automate this:|create a workflow that will|i need you to|make sure to)", dice),
            *chain,
            when,
        ]
    return _around(dice, [*pieces, *_extras(dice)], True)


def _around(dice: Dice, pieces: list[Piece], standing: bool) -> list[Piece]:
    start = [_other("{BOT}[,]", dice)] if dice.chance(12) else []
    start += [_other("{PLEASE}", dice)] if dice.chance(20) else []
    start += [_other("(i'd like an automation:|set this up:|create a workflow:)", dice)] if standing and dice.chance(5) else []
    end = [_other("{END}", dice)] if dice.chance(10) else []
    return [*start, *pieces, *end]


def _noisy(pieces: list[Piece], dice: Dice) -> tuple[Piece, ...]:
    low = dice.chance(40)
    slips = dice.chance(20)
    out: list[Piece] = []
    for kind, text, id in pieces:
        said = text.lower() if low else text
        out.append((kind, misspelt(said, dice) if slips and dice.chance(40) else said, id))
    return tuple(piece for piece in out if piece[1].strip())
