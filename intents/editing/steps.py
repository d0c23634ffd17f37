"""Steps taken out, put in and moved by a sentence: “remove the second step”, “stop telling #sales”, “also tell #sales”, “swap steps 1 and 2”."""

from __future__ import annotations

import re
from dataclasses import replace

from intents.editing.work import NTH, STEP, Question, Raw, Result, Work, inner_blocks, place_of
from intents.grammar.clauses import split_deeds, starts_deed
from intents.grammar.source import CHANNEL, EMAIL, PERSON, SERVICE
from intents.grammar.steps import MESSENGERS, Context, read_deed

_REMOVE = r"(?:remove|drop|delete|skip|take\s+(?:out|away)|leave\s+out|get\s+rid\s+of|cut|kill|lose|forget|no\s+more|without|omit|scrap)"
_TELLING = r"(?:tell|post|notify|ping|message|inform|mail|e-?mail|send|writ|announc|warn|alert|remind|updat|dm)(?:e|ing|ting|s)?"
_STOP = r"(?:stop|don't|do\s+not|no\s+longer|quit|never|please\s+don't|not)"
_ANY_MORE = r"(?:\s+(?:any\s?more|any\s+longer|at\s+all|from\s+now\s+on|please))*"
_DESTINATION = rf"(?:{CHANNEL}|{PERSON}|{EMAIL})"
_NOT_STEPS = r"approvals?|conditions?|filters?|retr\w+|time\s?outs?|fall\s?backs?|schedule|trigger|workflow|flow|preview|draft|it|that|this|one|alert|alerts|all|everything"


def read_removed(work: Work) -> Result:
    named = work.match(rf"{_REMOVE}\s+(?P<s>{STEP}){_ANY_MORE}")
    if named is not None:
        return _taken_out(work, named["s"])
    stopped = work.match(rf"{_STOP}\s+(?P<v>\w+)(?:\s+(?P<w>.+?))?{_ANY_MORE}")
    removed = work.match(rf"{_REMOVE}\s+(?:the\s+|that\s+|this\s+|any\s+)?(?P<w>.+?)(?:\s+step)?{_ANY_MORE}")
    found = stopped or removed
    if found is None:
        return None
    words = f"{found['v']} {found['w'] or ''}" if stopped else found["w"]
    if re.fullmatch(rf"(?:the\s+)?(?:{_NOT_STEPS})", words.strip(), re.IGNORECASE):
        return None
    indexes = meant(work, words)
    if not indexes:
        return _within(work, words) or (_unfound(work, words) if _sounds_like_step(work, words) else None)
    if len(indexes) > 1:
        return work.which(f"Which of the {len(indexes)} steps should go?", indexes, "remove step {n}")
    return _without(work, indexes[0])


def _sounds_like_step(work: Work, words: str) -> bool:
    return bool(
        re.search(
            rf"{SERVICE}|{_DESTINATION}|\b(?:posts?|messages?|steps?|cards?|tasks?|issues?|mails?|emails?|notifications?)\b",
            words,
            re.IGNORECASE,
        )
    )


def _unfound(work: Work, words: str) -> Question:
    steps = "; ".join(work.label(index) for index in range(min(len(work.steps), 6)))
    return Question(f"No step does “{work.source.plain(words).strip()}”. There are: {steps}. Say for example “remove step 1”.")


def meant(work: Work, words: str) -> list[int]:
    """The steps that words describe: by their place (#ops), their service, what they make."""
    places = re.findall(_DESTINATION, words)
    services = work.source.services(words)
    deed = re.sub(rf"{SERVICE}|{_DESTINATION}", " ", words)
    found = list(range(len(work.steps)))
    narrowed = False
    if places:
        found, narrowed = [index for index in found if any(_mentions(work.steps[index], place) for place in places)], True
    if services:
        found, narrowed = [index for index in found if _served(work, work.steps[index], services)], True
    objects = [
        word for word in re.findall(r"[a-z]{3,}", deed.lower()) if word not in ("the", "and", "step", "that", "this", "any", "more", "for")
    ]
    telling = bool(re.search(rf"\b(?:{_TELLING}|posts?|messages?|notifications?|announcements?|pings?)\b", deed, re.IGNORECASE))
    nouns = {word.rstrip("s") for word in objects}
    by_noun = [index for index in found if nouns & set(str(work.steps[index].get("action", "")).partition(".")[2].split("_")[1:])]
    tells = [index for index in found if telling and _tells(work.steps[index])]
    if by_noun:
        return by_noun
    if tells and (narrowed or telling):
        return tells
    return found if narrowed else []


def _tells(step: Raw) -> bool:
    service, _, operation = str(step.get("action", "")).partition(".")
    return service in MESSENGERS or operation.startswith("send_")


def _mentions(step: Raw, place: str) -> bool:
    return any(isinstance(value, str) and value.casefold() == place.casefold() for value in step.get("with", {}).values())


def _served(work: Work, step: Raw, services: list[str]) -> bool:
    own = str(step.get("action", "")).partition(".")[0]
    return own in services or (own == "chat" and bool({"slack", "discord"} & set(services)))


def _taken_out(work: Work, words: str) -> Result:
    index = place_of(words, len(work.steps))
    return _without(work, index) if index is not None else _no_such(work)


def _no_such(work: Work) -> Question:
    count = len(work.steps)
    return Question(f"There is no such step: the workflow has {count} step{'s' if count != 1 else ''}.")


def _without(work: Work, index: int) -> Result:
    if len(work.steps) == 1:
        return Question("That is its only step. Delete the workflow, or say what it should do instead.")
    _taken_from(work.steps, index)
    return work.raw


def _taken_from(steps: list[Raw], index: int) -> None:
    """Who waited for it waits for what it waited for."""
    gone = steps.pop(index)
    for step in steps:
        if gone["id"] in step.get("needs", ()):
            step["needs"] = list(dict.fromkeys([*(id for id in step["needs"] if id != gone["id"]), *gone.get("needs", ())]))


def _within(work: Work, words: str) -> Result:
    """A step that stands within another one, or is done on failure or at the end."""
    found = [(block, index) for block in inner_blocks(work.raw) for index in meant(replace(work, raw={**work.raw, "steps": block}), words)]
    if not found:
        return None
    if len(found) > 1:
        return Question(
            f"{len(found)} inner steps fit “{work.source.plain(words).strip()}”. Name the service and the place, or press Edit."
        )
    block, index = found[0]
    options = work.raw.get("options", {})
    tail = next((name for name in ("on_failure", "finally") if options.get(name) is block), "")
    if len(block) == 1 and not tail:
        return Question("That is the only step there, and one has to be left. Say what it should do instead, or press Edit.")
    _taken_from(block, index)
    if not block:
        del options[tail]
    return work.raw


# --- order -----------------------------------------------------------------------------------------------------------------


def read_swapped(work: Work) -> Result:
    count = len(work.steps)
    found = work.match(
        rf"(?:swap|exchange|switch|flip|reverse)\s+(?:the\s+)?(?:steps?\s+)?(?P<a>{NTH})(?:\s+step)?\s+(?:and|with|,)\s+(?:the\s+)?(?:step\s+)?(?P<b>{NTH})(?:\s+(?:steps?|ones?))?"
    )
    if (
        found is None
        and count == 2
        and work.match(r"(?:swap|exchange|reverse|flip)\s+(?:the\s+(?:two\s+)?)?(?:steps|them|order|the\s+order)")
    ):
        return _moved(work, 1, 0)
    if found is not None:
        a, b = place_of(found["a"], count), place_of(found["b"], count)
        if a is None or b is None:
            return _no_such(work)
        steps = work.steps
        steps[a], steps[b] = steps[b], steps[a]
        return work.raw
    moved = work.match(
        rf"(?:move|put|do|run)\s+(?P<s>{STEP})\s+(?:to\s+(?:the\s+)?)?(?P<to>first|top|start|beginning|front|last|end|bottom|(?:before|after)\s+(?P<o>{STEP}))"
    )
    if moved is None:
        return None
    index = place_of(moved["s"], count)
    other = place_of(moved["o"], count) if moved["o"] else None
    if index is None or (moved["o"] and other is None):
        return _no_such(work)
    if other is not None:
        target = other + (moved["to"].lower().startswith("after")) - (index < other)
        return _moved(work, index, target)
    return _moved(work, index, 0 if moved["to"].lower() in ("first", "top", "start", "beginning", "front") else count - 1)


def _moved(work: Work, index: int, target: int) -> Raw:
    work.steps.insert(target, work.steps.pop(index))
    return work.raw


# --- more of them ------------------------------------------------------------------------------------------------------------

_ADD = re.compile(
    rf"^(?:also|in\s+addition|additionally|plus|then|afterwards|finally|(?:add|insert|append|include)\s+(?:also\s+)?(?:(?:an?|one|another)(?:\s+(?:more|new|other|last|final|first))?\s+step"
    rf"(?:\s+(?P<at0>(?:after|before)\s+{STEP}))?\s*(?:that|which|to|:|where\s+you|,)?)?)\s*,?\s*",
    re.IGNORECASE,
)
_TOO = re.compile(r"\s*,?\s*(?:too|as\s+well|also|in\s+addition)$", re.IGNORECASE)
_AT = re.compile(
    rf"[\s,]*\b(?P<at>(?:right\s+|just\s+)?(?:after|before|behind)\s+(?:{STEP})|at\s+the\s+(?:end|start|beginning|top|bottom)|(?:as\s+the\s+)?(?:very\s+)?(?:first|last)(?:\s+(?:step|thing|of\s+all))?)$",
    re.IGNORECASE,
)


def read_added(work: Work) -> Result:
    text, at = work.text, ""
    lead = _ADD.match(text)
    if lead is not None:
        text, at = text[lead.end() :], lead["at0"] or ""
    front = re.match(rf"(?P<at>(?:after|before)\s+{STEP})\s*,?\s*(?P<rest>.+)", text, re.IGNORECASE)
    if front is not None and starts_deed(front["rest"]):
        text, at = front["rest"], front["at"]
    if (tail := _AT.search(text)) is not None and tail.start() > 0:
        text, at = text[: tail.start()], at or tail["at"]
    too = _TOO.search(text)
    if too is not None:
        text = text[: too.start()]
    if (lead is None and too is None and not at) or not text.strip():
        return None
    text = re.sub(rf"^(?:in|to|for)?\s*(?={_DESTINATION}\s*$)", "tell ", text)
    text = _imperative(text)
    if not starts_deed(text) and not re.match(rf"tell\s|.*{SERVICE}", text, re.IGNORECASE):
        return None
    return _added(work, text, at)


def _imperative(text: str) -> str:
    """ "that posts to #sales" → "post to #sales"."""
    text = re.sub(r"^(?:that|which|to|it)\s+", "", text)
    return re.sub(
        r"^(post|tell|create|open|notif(?=ies)|send|add|ping|ask|email|mail|close|update|move|upload|assign|write|make)(?:e?s|ing|ies)\b",
        lambda m: "notify" if m[1] == "notif" else m[1],
        text,
        flags=re.IGNORECASE,
    )


def _added(work: Work, text: str, at: str) -> Result:
    index = _index(work, at)
    if index is None:
        return _no_such(work)
    context = Context(services=[str(step["action"]).partition(".")[0] for step in work.steps if "action" in step])
    fresh: list[Raw] = []
    for piece in split_deeds(text):
        deed = read_deed(work.source, piece, context)
        if deed.question:
            names = work.source.lexicon.names
            choices = [choice for choice in deed.choices if choice in names][:5]
            said = work.source.plain(work.text)
            return Question(deed.question, tuple((names[choice], f"{said} in {names[choice]}") for choice in choices))
        if not deed.steps:
            return None
        fresh += [{**step, "with": dict(step.get("with", {}))} for step in deed.steps]
        context.note(deed.steps)
    if not fresh:
        return None
    _as_told_before(work, fresh)
    work.raw["steps"] = [*work.steps[:index], *fresh, *work.steps[index:]]
    return work.raw


def _as_told_before(work: Work, fresh: list[Raw]) -> None:
    """Who else is told hears what the others hear, where nothing else was said."""
    told = [step for step in work.steps if step.get("action") in {one["action"] for one in fresh} and step.get("with", {}).get("text")]
    for step in fresh:
        same = [one for one in told if one["action"] == step["action"]]
        if same and "text" not in step["with"] and _tells(step):
            step["with"]["text"] = same[-1]["with"]["text"]


def _index(work: Work, at: str) -> int | None:
    count = len(work.steps)
    if not at or re.search(r"\b(?:end|bottom)\b", at, re.IGNORECASE):
        return count
    if re.search(r"\b(?:start|beginning|top)\b", at, re.IGNORECASE) or re.match(r"(?:as\s+the\s+)?(?:very\s+)?first", at, re.IGNORECASE):
        return 0
    if re.match(r"(?:as\s+the\s+)?(?:very\s+)?last", at, re.IGNORECASE):
        return count
    place = place_of(at, count)
    return None if place is None else place + (re.search(r"\bbefore\b", at, re.IGNORECASE) is None)
