"""Which event a clause speaks of: by service, object and happening; or which services it may be about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents.grammar.source import QUOTE, REPO, SERVICE, Source
from intents.lexicon import Sense

ENOUGH = 4.0  # an object with its deed, or a phrase


@dataclass(frozen=True, slots=True)
class Heard:
    """An event understood; ``service`` empty = it could be of several (``choices``)."""

    service: str
    event: str
    score: float
    choices: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.service}.{self.event}"


_EXPLICIT = re.compile(r"\b([a-z_]{3,20})\.([a-z_]{3,30})\b")


# A workflow by its name is ours; "the deploy workflow" may be GitHub's.
_OWN_FLOW = re.compile(
    rf"(?:{QUOTE}|\b\w+(?:-\w+)+)\s+(?:workflow|flow|automation|run)s?\b.*\b(?:fail|break|crash|error|die|goes\s+wrong)|\b(?:workflow|flow|automation)\s+(?:{QUOTE}|\w+(?:-\w+)+)\s+(?:\w+\s+)?(?:fail|break|crash|error|die|goes\s+wrong)",
    re.IGNORECASE,
)


_OUR_FLOWS = re.compile(
    r"\b(?:(?:an?|any|every|each|our|my|the|some|one\s+of\s+(?:our|my|the|your|these)|any\s+of\s+(?:our|my|the|your|these))\s+)(?:(?!of\b)\w+\s+)?"
    r"(?:workflow|flow|automation)s?\b.*\b(?:fail\w*|break\w*|broke|crash\w*|errors?|dies|goes\s+wrong|has\s+(?:a\s+problem|trouble))\b"
    r"|\b(?:failed|failing|broken|crashed|failures?\s+(?:of|in))\s+(?:(?:our|my|the|any|an?|of|[\w]+(?:-[\w]+)+)\s+)*(?:workflows?|automations?|flows?)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<![\w-])(?:ci|actions?|builds?|jobs?|checks?|branch|commits?|repo\w*|pipelines?)(?![\w-])|\b[\w.-]+/[\w.-]+\b", re.IGNORECASE
)


_TAGGED = re.compile(  # "gets the tag 'vip'", "receives a label"
    r"\b(?:gets?|is\s+getting|is\s+(?:being\s+)?given|receives?|gains?|acquires?)\s+(?:(?:the|an?)\s+)?(?:tagged|labell?ed|tag|label)\b", re.IGNORECASE
)


def hear_event(source: Source, clause: str, *, service: str = "") -> Heard | None:
    """The event of ``clause``; ``service`` restricts it to one. None when nothing is said to happen."""
    literal = _literal(source, clause)
    if literal is not None:
        return literal
    clause = _TAGGED.sub("is updated with the tag", clause)
    named = [service] if service else source.services(clause)
    if not named and (_OWN_FLOW.search(clause) or (_OUR_FLOWS.search(clause) and not _CODE.search(clause))):
        return Heard("signalbox", "run_failed", 8.0)
    plain = re.sub(SERVICE, " ", clause)
    own = _our_own(source, plain) if named and not service else None
    if own is not None:
        return own
    if named:
        return _best_of(source, plain, named)
    return _unnamed(source, plain)


def _our_own(source: Source, plain: str) -> Heard | None:
    """ "an alert fires for stripe": ours, though another service is named."""
    for sense in source.lexicon.events:
        if sense.service == "signalbox" and sense.phrase and sense.name.startswith("alert") and sense.phrase.search(plain):
            return Heard("signalbox", sense.name, 8.0)
    return None


def _literal(source: Source, clause: str) -> Heard | None:
    for match in _EXPLICIT.finditer(source.marked.plain(clause)):
        sense = next((sense for sense in source.lexicon.events if sense.id == match[0]), None)
        if sense is not None:
            return Heard(sense.service, sense.name, 9.0)
    return None


def _best_of(source: Source, plain: str, services: list[str]) -> Heard | None:
    best: Heard | None = None
    for rank, service in enumerate(services):
        if service == "gitlab":
            plain = re.sub(r"\b(?:pull[\s-]?request|pr)(?=s?\b)", "merge request", plain, flags=re.IGNORECASE)
        for sense in source.lexicon.events:
            if sense.service != service:
                continue
            score = _score(sense, plain)
            if score >= ENOUGH and (best is None or score - 0.5 * rank > best.score):
                best = Heard(service, sense.name, score - 0.5 * rank)
    return best


_UNDONE = re.compile(r"\b(?:fail\w*|declin\w+|reject\w*|bounc\w+|unsuccessful|refused)\b", re.IGNORECASE)
_ANYTHING = re.compile(r"\b(?:anything|something|whatever|everything|stuff|things?)\b", re.IGNORECASE)


def _score(sense: Sense, plain: str) -> float:
    score = sense.score(plain)
    if score < ENOUGH and sense.deeds is not None and len(plain.split()) <= 3:
        alone = re.fullmatch(r"\W*(?:(?:is|was|gets|got|has|just|thing)\s+)*(?P<did>\w+(?:\s+\w+)?)\W*", plain)
        score = ENOUGH if alone and sense.deeds.fullmatch(alone["did"]) else score  # "asana done"
    if score < ENOUGH and _ANYTHING.search(plain) and not sense.strict:
        happens = sense.deeds is not None and sense.deeds.search(plain)
        spoken = sense.name == "message_posted" and re.search(r"\b(?:in|on|with|containing|mentioning)\b", plain)
        score = max(score, ENOUGH if happens or spoken else 0.0)
    if sense.name == "issue_transitioned" and re.search(r"\bpriority\b", plain, re.IGNORECASE):
        score -= 4
    if sense.name == "webhook_received" and re.search(r"(?<![\w/<])/\w", plain):
        score += 1.5  # a path is called, whatever is "posted" there
    if sense.name in _STATEFUL and re.search(r"\bfrom\s+(?-i:[A-Z])\w+(?:\s[A-Z]\w+)?\s+to\s+(?-i:[A-Z])", plain) and score > 0:
        score += 3
    if sense.name.endswith("_succeeded") and _UNDONE.search(plain):
        score -= 4
    if sense.name == "issue_created" and re.search(r"\b(?:transition|status|moves?|moved)\b", plain, re.IGNORECASE):
        score -= 2
    if sense.name.endswith("_created") and re.search(r"\bnew\b|\bcreated?s?\b", plain, re.IGNORECASE):
        score += 0.5
    return score + _nearness(sense, plain)


def _nearness(sense: Sense, plain: str) -> float:
    """The happening that stands right behind its object is the one that is meant ("issue is closed", not "closed ... issue opened")."""
    if sense.objects is None or sense.deeds is None:
        return 0.0
    first = sense.objects.search(plain)
    deed = sense.deeds.search(plain, first.end()) if first else None
    if first is None or deed is None:
        return 0.0
    return max(0.0, 0.4 - 0.01 * (deed.start() - first.end()))


_HOME = ("chat", "signalbox", "http", "email")  # need no name: the conversation itself, our own alerts, webhooks, mail

_STATEFUL = frozenset({"issue_transitioned", "status_changed", "card_moved"})
_MOVED = re.compile(
    r"\b(?:transition\w*|mov(?:es?|ed|ing)|status|dragg\w+|stuck|(?:goes|set|chang\w+|marked|becomes|reaches|turns?)\b.*\bto\b|cards?|turns?|becomes)\b",
    re.IGNORECASE,
)


def _unnamed(source: Source, plain: str) -> Heard | None:
    plain = _ANYTHING.sub(" ", plain)
    if len(plain.split()) < 2 or re.search(r"\b(?:post|message|tell|send)\W*$", plain, re.IGNORECASE):
        return None  # "at the end of the day post": an order, cut off
    scored = [(sense, _score(sense, plain)) for sense in source.lexicon.events]
    scored = [
        (sense, score) for sense, score in scored if score >= ENOUGH and sense.service not in ("slack", "discord", "teams", "google_chat")
    ]
    if not _MOVED.search(plain):  # a bare "issue is closed" has an event of its own elsewhere; "done" alone may be said of anything
        scored = [(sense, score) for sense, score in scored if sense.name not in _STATEFUL]
    if _CODE.search(plain) and re.search(r"\b(?:ci|actions?|builds?|jobs?)\b", plain, re.IGNORECASE):  # a build is no run of ours
        scored = [(sense, score) for sense, score in scored if sense.name != "run_failed"]
    if not scored:
        return None
    top = max(score for _, score in scored)
    near = [sense for sense, score in scored if score >= top - 1.2]
    home = [sense for sense in near if sense.service in _HOME]
    if home and (sense := max(home, key=lambda s: _score(s, plain))).phrase and sense.score(plain) >= ENOUGH:
        return Heard(sense.service, sense.name, top)
    services = list(dict.fromkeys(sense.service for sense in near))
    best = max(near, key=lambda sense: _score(sense, plain))
    if len(services) == 1 and (not best.generic or (services[0] == "github" and re.search(REPO, plain))):
        return Heard(best.service, best.name, top)
    own = [sense for sense in near if not sense.generic and sense.objects and sense.objects.search(plain)]
    if len({sense.service for sense in own}) == 1:
        return Heard(own[0].service, max(own, key=lambda s: _score(s, plain)).name, top)
    return Heard("", "", top, tuple(services))
