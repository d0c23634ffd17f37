"""An order said in one of the forms people use for it: which action, and every input it names. What fits no form is left to the other readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from intents.grammar.clauses import split_deeds, split_moving
from intents.grammar.events import hear_event
from intents.grammar.order_pattern import KINDS, TIMED, Form, first_words, form
from intents.grammar.request import POLITE
from intents.grammar.source import BLANK, CHANNEL, EMAIL, LINK, PERSON, QUOTE, REPO, SERVICE, Source
from intents.grammar.values import money_of
from intents.order_forms import ORDERS
from intents.when import duration, read_moment, read_schedule, window

ANY = ""  # a form that begins with a place for what was said
LISTS = frozenset({"mails", "people", "listed", "metric"})  # an “and” in these joins no deeds
LONGEST = 600  # characters of an order; longer ones are read by their parts

# “post … in slack”: the place goes with its word; “the trello card”: only the name.
_BEHIND_WORD = re.compile(
    rf"\s*\b(?:in|on|to|at|from|with|via|using|into|of)\s+(?:the\s+|our\s+|my\s+)?{SERVICE}(?!\s*\w*-)", re.IGNORECASE
)
_POINTING = re.compile(
    r"^(?:it|this|that|them|these|those|there|here|one|him|her|the|an?|of\b.*"
    r"|(?:(?:the|this|that|its?|my|our|an?|new|same)\s+)*(?:(?-i:attached|issue|ticket|event|card|page|task|message|pull\s+request)\s+)?"
    r"(?-i:files?|documents?|attachments?|pictures?|images?|photos?|pdf|report|card|task|item|page|ticket|deal|contact|record|meeting|list|lead"
    r"|title|name|text|messages?|event|issue|links?|url|summary|description|details|results?|error|comment))$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Ordered:
    """``step``: the action and what was said for it. ``around``: the words outside the places that may hold a time; ``single``: outside lists."""

    step: dict[str, Any]
    form: Form
    around: str
    single: str


def read_order(source: Source, part: str) -> dict[str, Any] | None:
    """The step that ``part`` of a sentence orders; None when it is said in no form. Words to be posted are left to the readers of messages."""
    ordered = _ordered(source, part, whole=False)
    return ordered.step if ordered else None


def read_whole_order(source: Source, text: str) -> dict[str, Any] | None:
    """The step that the whole of ``text`` orders, to be done once and now; None for what has a cause, a schedule or several deeds."""
    text = _THANKS.sub("", POLITE.sub("", text.strip(), count=1)).strip()
    if len(text) > LONGEST or _CAUSED.search(text) or BLANK in text:
        return None
    ordered = _ordered(source, text, whole=True)
    if ordered is None or (not ordered.form.strict and len(split_deeds(ordered.single)) > 1):
        return None
    if ordered.step["action"].endswith("post_message") and _tells_of_things(source, text):
        return None
    return None if read_schedule(ordered.around, source.now, source.timezone) is not None else ordered.step


def _tells_of_things(source: Source, text: str) -> bool:
    """ "post merged PRs to #dev": whatever comes, not these two words."""

    def hears(clause: str) -> str:
        heard = hear_event(source, clause)
        return "sure" if heard is not None and heard.event else ""

    return split_moving(text, hears) is not None


_CAUSED = re.compile(r"\b(?:when(?:ever)?|every|each|as\s+soon\s+as|any\s?time|unless|if|once|in\s+case|retry|retries)\b|→", re.IGNORECASE)


_THANKS = re.compile(r"[\s,]*\b(?:please|thanks|thank\s+you|cheers)\b[\s.!]*$", re.IGNORECASE)


def _ordered(source: Source, part: str, *, whole: bool) -> Ordered | None:
    if len(part) > LONGEST:
        return None
    return next(
        (found for text, more in _tailed(source, " ".join(part.split())) if (found := _formed(source, text, more, whole)) is not None), None
    )


@dataclass(frozen=True, slots=True)
class Tail:
    """What may be said behind any order that takes such an input: “with priority high”, “due Friday”."""

    input: str
    pattern: re.Pattern[str]
    read: Callable[[Source, str], Any]


def _tail(input: str, words: str, value: str, read: Callable[[Source, str], Any]) -> Tail:
    return Tail(input, re.compile(rf",?\s+(?:and\s+)?(?:{words})\s+(?P<v>{value})\s*\Z", re.IGNORECASE), read)


def _tailed(source: Source, part: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(the order, what was said behind it): with all of that taken off, then as it stands."""
    text, more = part, dict[str, Any]()
    for _ in range(len(TAILS)):
        found = next(((tail, match) for tail in TAILS if tail.input not in more and (match := tail.pattern.search(text))), None)
        if found is None:
            break
        tail, match = found
        value = tail.read(source, match["v"])
        if value in (None, "", []):
            break
        more[tail.input], text = value, text[: match.start()]
    if more:
        yield text, more
    yield part, {}


def _formed(source: Source, part: str, more: dict[str, Any], whole: bool) -> Ordered | None:
    for service, text in _without_service(source, part):
        for shape in _forms(_first_word(text)):
            own = shape.action.partition(".")[0]
            if own != service and not (shape.bare and not service):
                continue
            match = shape.pattern.match(" " + text)
            if match is None or (not whole and "message" in shape.kinds.values()) or more.keys() & shape.kinds.keys():
                continue
            step = _step(source, shape, match, more)
            if step is not None:
                return Ordered(step, shape, _around(shape, match, TIMED), _around(shape, match, LISTS))
    return None


def _around(shape: Form, match: re.Match[str], kinds: frozenset[str]) -> str:
    spans = sorted((match.span(name) for name, kind in shape.kinds.items() if kind in kinds and match[name]), reverse=True)
    text = match.string
    for start, end in spans:
        text = f"{text[:start]} {text[end:]}"
    return text


def _first_word(text: str) -> str:
    match = re.match(r"[\w-]+", text)
    return match[0].lower() if match else ""


def _without_service(source: Source, part: str) -> Iterator[tuple[str, str]]:
    """(the service that is named, the words without its name), each way its name can be taken out; ("", part) where none is named."""
    named = source.services(part)
    if not named:
        yield "", part
        return
    for service in named:
        others = _but(source, part, service)
        for pattern in (_BEHIND_WORD, re.compile(SERVICE)):
            yield service, re.sub(r"\s+", " ", re.sub(SERVICE, " ", pattern.sub(" ", others))).strip()
    yield "", source.marked.plain(part)


def _but(source: Source, part: str, service: str) -> str:
    """The names of all other services as plain words."""
    return re.sub(SERVICE, lambda match: match[0] if source.marked.service_at(match[0]) == service else source.marked.plain(match[0]), part)


@cache
def _by_first_word() -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for action, forms in ORDERS.items():
        for written in forms:
            for word in first_words(written) or (ANY,):
                found.setdefault(word, []).append((action, written))
    return {word: tuple(forms) for word, forms in found.items()}


@cache
def _compiled(action: str, written: str) -> Form:
    return form(action, written)


def _forms(word: str) -> Iterator[Form]:
    known = _by_first_word()
    for action, written in (*known.get(word, ()), *known.get(ANY, ())):
        yield _compiled(action, written)


def _inputs(source: Source, action: str) -> frozenset[str] | None:
    """What the action takes; None where the catalogue has no such action."""
    service, _, operation = action.partition(".")
    known = source.lexicon.services.get(service)
    found = next((action for action in known.actions if action.operation == operation), None) if known else None
    return None if found is None else frozenset(field.name for field in found.inputs)


# --- what was said at each place -------------------------------------------------------------------------------------------------


_ATTRIBUTE = re.compile(r"(?:with\s+(?:an?\s+|the\s+)?(?:priority|label|tag|type|status|due|severity)|assigned|labell?ed|tagged|due)\s", re.IGNORECASE)
_PLACE = re.compile(  # "in SUP project" calls nothing "project"
    r"(?:project|board|list|folder|page|database|channel|column|repo|repository|calendar)(?:\s+(?:with|and|in|on|to|for|at|by)\b|\s*$)", re.IGNORECASE
)


def _step(source: Source, shape: Form, match: re.Match[str], more: dict[str, Any]) -> dict[str, Any] | None:
    said: dict[str, Any] = {**shape.always, **more}
    for name, kind in shape.kinds.items():
        if match[name] is None:
            continue
        value = _READ.get(kind, _named)(source, match[name].strip())
        if value in (None, "", []) or (isinstance(value, str) and (_PLACE.match(value) or _ATTRIBUTE.match(value)) and not re.fullmatch(QUOTE, match[name].strip())):
            return None
        said |= value if isinstance(value, dict) else {name: value}
    inputs = _inputs(source, shape.action)
    said = _fitting(shape, said)
    return {"action": shape.action, "with": said} if inputs is not None and set(said) <= inputs else None


def _fitting(shape: Form, said: dict[str, Any]) -> dict[str, Any]:
    """A number with its repository is two inputs; money is an amount and, where the action takes one, a currency."""
    service, _, operation = shape.action.partition(".")
    if "#" in said:
        number = said.pop("#")
        said[next(name for name, kind in shape.kinds.items() if kind in ("ref", "here"))] = number
    if "at" in said:
        said["project" if service == "gitlab" else "repo"] = said.pop("at")
    for name in ("status", "state"):
        said |= {name: _THEIR_WORDS[service, said[name]]} if (service, said.get(name)) in _THEIR_WORDS else {}
    if operation not in ("create_invoice", "create_deal"):
        said.pop("currency", None)
    return said


_MARKED = re.compile(rf"{QUOTE}|{LINK}|{CHANNEL}|{PERSON}|{EMAIL}")


# What a product calls what people call otherwise.
_THEIR_WORDS = {
    ("quickbooks", "unpaid"): "open", ("stripe", "successful"): "succeeded", ("stripe", "paid"): "succeeded", ("zendesk", "done"): "solved",
    ("zendesk", "closed"): "solved",
}  # fmt: skip


def _named(source: Source, text: str) -> str:
    """What something is called; nothing for “it” and “the title”, which only point, nor where more was said than a name."""
    plain = source.plain(text).strip(" .,;:!?")
    if re.fullmatch(QUOTE, text):
        return plain
    more = _MARKED.search(text)
    if re.search(r",\s+and\s+the\b|\b(?:informed|notified|drawn\s+up)\b", plain):
        return ""  # the next deed is no name
    if re.search(r"\S\s+(?:called|named|titled)\s+\S", plain):
        return ""  # "worth 5000 EUR called Renewal": the name begins behind the word
    if _POINTING.match(plain) or (more and more[0] != text) or any(tail.pattern.search(" " + text) for tail in TAILS):
        return ""
    return plain


_SOUGHT = re.compile(
    r"^(?:all\s+|the\s+|any\s+)*(?:tickets?|issues?|bugs?|cards?|tasks?|items?|files?|documents?)\b\s*(?:about|with|for|named|called|matching|containing)?\s*",
    re.IGNORECASE,
)
_NARROWED = re.compile(r"\b(?:assigned|unassigned|status|priority|labell?ed|tagged|overdue|in\s+project)\b", re.IGNORECASE)


def _query(source: Source, text: str) -> str:
    """The words that are looked for; nothing where they narrow by what has an input of its own."""
    return "" if _NARROWED.search(text) else _named(source, _SOUGHT.sub("", text))


_NOT_WORDS = re.compile(
    r"^(?:(?:the|a|an|my|our|all|any|this|that|its?|new|open|today's|weekly|daily)\b(?!.*\b(?:is|are|was|were|has|have|will|can|should|must|starts?|ends?|failed|works?)\b))"
    r"|\b(?:reports?|digests?|summary|analytics|lists?|overview|files?|poll|message|reminder)\b",
    re.IGNORECASE,
)


def _message(source: Source, text: str) -> str:
    """Words to be posted as they are; “the weekly report” is a thing to be made, not words."""
    return "" if _NOT_WORDS.search(text) else _words(source, text)


def _words(source: Source, text: str) -> str:
    return "" if _POINTING.match(text.strip()) else source.plain(text).strip(" ,;")


def _reference(source: Source, text: str) -> dict[str, Any] | None:
    """``acme/web#17``, ``#17`` or a link to either."""
    if re.fullmatch(LINK, text):
        linked = re.match(
            r"https?://[^/]+/(?P<at>[\w.-]+(?:/[\w.-]+)+?)/(?:-/)?(?:issues|pull|pulls|merge_requests)/(?P<n>\d+)", source.plain(text)
        )
        return {"at": linked["at"], "#": int(linked["n"])} if linked else None
    match = re.fullmatch(rf"(?:(?P<at>{REPO})[#!]|[#!])?(?P<n>\d+)", text)
    if match is None:
        return None
    return {"#": int(match["n"]), **({"at": match["at"]} if match["at"] else {})}


def _money(source: Source, text: str) -> dict[str, Any] | None:
    found = money_of(text) or money_of(f"amount of {text}")
    if found is None:
        return None
    amount = int(found[0]) if found[0] == int(found[0]) else found[0]
    return {"amount": amount, **({"currency": found[1]} if found[1] else {})}


def _moment(source: Source, text: str) -> str:
    """A day alone is enough for what is due; a time that cannot be is not taken."""
    moment = read_moment(text, source.now, source.timezone)
    covered = sum(end - start for start, end in moment.spans) if moment else 0
    if moment is None or moment.problem or covered < len(text.strip()) - 4:
        return ""
    return moment.at.isoformat(timespec="seconds") if moment.has_time else moment.at.date().isoformat()


def _day(source: Source, text: str) -> dict[str, str] | None:
    """From that day's beginning to the next day's."""
    moment = read_moment(text, source.now, source.timezone)
    if moment is None or moment.problem:
        return None
    first = moment.at.replace(hour=0, minute=0, second=0, microsecond=0)
    return {"start": first.isoformat(timespec="seconds"), "end": (first + timedelta(days=1)).isoformat(timespec="seconds")}


def _lasting(source: Source, text: str) -> str:
    found = duration(text)
    return found.iso if found and re.fullmatch(r"[\w\s.,-]+", text) else ""


def _person(source: Source, text: str) -> str:
    return "@me" if text.lower() == "me" else _named(source, text)


def _people(source: Source, text: str) -> list[str]:
    return [part for part in re.split(r"\s*(?:,|&|\band\b)\s*", text) if part]


def _one_or_more(source: Source, text: str) -> Any:
    people = _people(source, text)
    return people[0] if len(people) == 1 else people


def _listed(source: Source, text: str) -> list[str]:
    return [source.plain(word) for word in re.split(r"\s*(?:,|\band\b)\s*", text) if word]


def _metric(source: Source, text: str) -> Any:
    names = [name.strip().lower().replace(" ", "_") for name in re.split(r"\s*,\s*|\s+and\s+", _named(source, text)) if name.strip()]
    return names[0] if len(names) == 1 else {"metrics": names} if names else ""


def _key(source: Source, text: str) -> str:
    """A link counts where it leads to an issue."""
    plain = source.plain(text)
    return plain if not re.fullmatch(LINK, text) or re.search(r"/browse/|/issues/[A-Z]|selectedIssue=", plain) else ""


def _sought(source: Source, text: str) -> str:
    """Plain words to be looked for; not “files in …” nor “new files”."""
    other = re.search(r"\b(?:in|on|of|from|by|folders?|files?|documents?|docs|all|recent|new|latest|and)\b", text, re.IGNORECASE)
    return "" if other else _named(source, text)


_READ: dict[str, Callable[[Source, str], Any]] = {
    "message": _message, "words": _message, "query": _query, "rest": _words, "said": _words, "text": _words,
    "ref": _reference, "here": _reference, "money": _money, "when": _moment, "long": _lasting,
    "span": lambda source, text: "" if re.search(r"\b(?:and|then)\b|,", text) else window(text), "number": lambda source, text: int(text.lstrip("#")),
    "code": lambda source, text: text.lstrip("#"), "slug": lambda source, text: "-".join(text.lstrip("#").split()), "key": _key,
    "sought": _sought,
    "emoji": lambda source, text: text.strip(":"), "state": lambda source, text: text.lower(), "verb": lambda source, text: text.upper(),
    "person": _person, "people": _people, "mails": _one_or_more, "metric": _metric, "day": _day, "listed": _listed,
}  # fmt: skip
TAILS: tuple[Tail, ...] = (
    _tail("priority", r"(?:with\s+)?(?:the\s+|a\s+)?priority(?:\s+of|:)?", r"(?!and\b)[\w-]+", lambda source, text: text.lower()),
    Tail("priority", re.compile(r"\s+with\s+(?:an?\s+)?(?P<v>urgent|highest|high|medium|normal|low|lowest|critical)\s+prio(?:rity)?\s*\Z",
         re.IGNORECASE), lambda source, text: text.lower()),
    _tail("labels", r"(?:labell?ed|tagged|with\s+(?:the\s+)?(?:labels?|tags?))(?:\s+(?:as|with))?",
          KINDS["listed"], _listed),
    _tail("assignee", r"(?:assigned|assign\s+it)\s+to", KINDS["person"], _person),
    _tail("due", r"due(?:\s+(?:on|by))?", KINDS["when"], _moment),
    _tail("text", r"(?:with|and)\s+(?:the\s+)?(?:text|description|body|note)(?::|\s+saying)?", QUOTE, _named),
)  # fmt: skip
