"""Conditions that were said but made no difference to what was read: asked about, because a workflow that ignores one does what was not meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

_ASK = "I could not read the condition “{}”. "
_WHICH = "Which field should have which value?{} Or say “without it”."
_PLANNED = "It runs on a schedule, so there is no event whose values could decide. On which days or at which times should it run? Or say “without it”."
_WITHOUT = re.compile(
    r"^\s*(?:(?:do\s+(?:it\s+)?|leave\s+it\s+|just\s+)?(?:without|out)(?:\s+(?:it|that|this|(?:the|any|a)?\s*(?:condition|restriction|filter))s?)?"
    r"|(?:forget|drop|remove|skip|ignore)\s+(?:it|that|(?:the|this)\s+(?:condition|restriction|filter))|no\s+(?:condition|restriction|filter)s?|always|all(?:\s+of\s+them)?|any)\s*[.!]*\s*$",
    re.IGNORECASE,
)
_OWN_HEAD = re.compile(r"^\s*(?:but\s+)?(?:only\s+)?(?:unless|except|if|when|on|not|skip|for|from|in|at|between|every)\b", re.IGNORECASE)
_HEAD = (
    r"unless|except(?:ing|\s+(?:for|if|when|on|in|from))?|excluding|exclude|apart\s+from|other\s+than|provided(?:\s+that)?|providing|as\s+long\s+as|so\s+long\s+as"
    r"|(?:but|and)\s+(?:only|not|never|skip|ignore|leave\s+out)|but\s+(?:just|without)|(?:only|just)\s+(?:if|when|while|during|for|on|in|between|after|before|where|from|with|by)"
    r"|(?:not|never)\s+(?:on|if|when|during|for|in|from|at|by|between|before|after|while)|skip(?:ping)?|ignor(?:e|ing)|leav(?:e|ing)\s+out|assuming"
)
_RESTRICTION = re.compile(rf"[,;(\s–-]+(?P<said>(?:{_HEAD})\b[^,;.!?()→]*?)(?=\s*(?:[,;.!?()→]|=>|->|$|\bthen\b))", re.IGNORECASE)
_IF = re.compile(r"[,;(\s–-]+(?P<said>(?:but\s+)?(?:if|when)\b[^,;.!?()→]*?)\s*[.!]*\s*\)?\s*$", re.IGNORECASE)
_COURTESY = re.compile(
    r"^(?:but\s+)?(?:if|when|unless|as\s+long\s+as|provided(?:\s+that)?|only\s+if)\s+(?:possible|you\s+(?:can|could|like|want|don't\s+mind|have\s+time|get\s+a\s+chance|would)|needed|necessary"
    r"|(?:that|it)(?:'s|\s+is)\s+(?:ok\w*|possible|all\s+right|fine|not\s+too)\b|that\s+(?:works|makes\s+sense)|i(?:'m|\s+am)\s+(?:not\s+mistaken|wrong)|i\s+may|not|any|appropriate"
    r"|yes\b|so\b|(?:something|anything|it|that|this|any\s+of\s+(?:it|them)|(?:any|a|one|some)\s+(?:step|part)\w*)\s+(?:fails?|breaks?|goes\s+wrong|errors?)|[\w.]+\s+(?:is|are)\s+(?:down|unavailable|offline|not\s+(?:available|reachable))"
    r"|i\s+(?:say|tell|ask|change|call|click|press|want)|someone\s+asks)\b",
    re.IGNORECASE,
)

_LENGTH = r"(?:\d+|an?|one|two|three|four|five|six|seven|ten|few|several)\s+(?:minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|months?)"
# What a cause is said to be or to lack, and no event tells by itself: "an overdue task", "has no review in 2 days", "leaves Backlog".
_QUALITY = re.compile(
    r"\b(?P<said>(?:overdue|past\s+due|starred|stale|unanswered|unassigned|unread|unreviewed|untouched|expired|expiring|inactive|duplicate|urgent|important|vip|abandoned|recurring)\b(?:\s+(?:for|since|by)\s+"
    rf"(?:(?:more|longer)\s+than\s+|over\s+|at\s+least\s+)?{_LENGTH})?"
    r"|(?:(?:and|but)\s+)?(?:(?:it|that|which|who|he|she|they)\s+)?(?:still\s+)?(?:(?:has|have|had|gets?|got|is|are|was|were|does|do|did)\s?(?:no|not|n't|never|nothing|nobody)\b|(?:hasn|haven|isn|aren|wasn|doesn|don|didn)'?t\b|without\b(?=\s+(?:an?\s+|any\s+)?(?:review|reply|answer|response|assignee|owner|label|description|due))|nobody\b|no\s+one\b)[^,;:.→?]{3,60}"
    rf"|(?:(?:for|in|within|older\s+than|after)\s+)(?:more\s+than\s+|longer\s+than\s+|over\s+|at\s+least\s+)?{_LENGTH}"
    r"|(?:between|outside(?:\s+of)?|during|after|before|past|from)\s+(?:\d{1,2}(?::\d\d)?\s*(?:am|pm|h|o'clock)?(?:\s*(?:and|to|-|–)\s*\d{1,2}(?::\d\d)?\s*(?:am|pm|h)?)?(?!\s*(?:%|minutes?|hours?|days?|weeks?|usd|eur|dollars|euros|\d))|(?:business|office|working|work)\s+(?:hours?|days?|time)|(?:the\s+)?(?:night|weekends?))"
    r"|at\s+night|on\s+(?:the\s+)?(?:weekends?|weekdays|holidays)|for\s+the\s+(?:first|second|third|fourth|fifth|\d+(?:st|nd|rd|th))\s+time(?:\s+(?:today|this\s+\w+|in\s+a\s+row))?|(?:\w+\s+)?times\s+in\s+a\s+row"
    r"|(?:drops?|falls?|decreases?|declines?|shrinks?|rises?|increases?|grows?|jumps?|spikes?|goes\s+(?:up|down))\s+(?:by\s+)?(?:more\s+than\s+|over\s+|at\s+least\s+)?\d+(?:\.\d+)?\s*(?:%|percent)(?!\s+(?:error|of))"
    r"|(?:leaves|leaving|left|out\s+of)\s+(?:the\s+)?(?:(?:list|column|stage|status)\s+)?[A-Z]\w+)",
    re.IGNORECASE,
)
_INSTEAD = re.compile(  # "…, otherwise tell @mary": one thing or another
    r"(?:[,;.–—-]\s*|\s+)(?:or\s+)?(?P<said>(?:otherwise|or\s+else|(?<!someone\s)(?<!anyone\s)(?<!somebody\s)(?<!anybody\s)(?<!something\s)(?<!anything\s)(?<!nobody\s)else(?!\s+(?:than|but|is|was|has)\b)|if\s+not|in\s+(?:all|any)\s+other\s+cases?|for\s+(?:all|the)\s+(?:others|rest))\b\s*[,:→-]*\s*(?!nothing\b|do\s+nothing|ignore|skip|leave|drop|don't|forget|stop)\S[^.;]{1,80})",
    re.IGNORECASE,
)
_EITHER_WAY = "A workflow does the same whatever the event says, so I cannot do “{}” in the same one. Make two of it, each with its condition, or say “without it”."


def said_instead(text: str) -> str:
    """What is to be done where the condition does not hold; "" where nothing of that was said."""
    match = _INSTEAD.search(text)
    return match["said"].strip() if match is not None else ""


def instead_question(words: str) -> str:
    return _EITHER_WAY.format(words)


_APPROVAL = re.compile(r"\b(?:approval|consent|sign-?off|permission|go-?ahead)\s*$", re.IGNORECASE)  # no condition: who has to say yes is asked
_OTHERWISE = re.compile(r"\bother(?:wise|\s+(?:days?|times?))\b", re.IGNORECASE)


def said_conditions(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, words) of each restriction in ``text`` (quotes masked): "unless …", "but only …", "skip …", and an "if …" at the very end."""
    taken: list[tuple[int, int]] = []
    for match in (*_RESTRICTION.finditer(text), *filter(None, [_IF.search(text)])):
        words = match["said"].strip()
        if (
            len(words.split()) < 2
            or _COURTESY.match(words)
            or _APPROVAL.search(words)
            or _OTHERWISE.search(words)
            or any(start < match.end() and match.start() < end for start, end in taken)
        ):
            continue
        taken.append((match.start(), match.end()))
        yield match.start(), match.end(), words


def said_qualities(text: str, cause: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, words) of what ``cause``, a part of ``text``, is said to be or to lack."""
    at = text.casefold().find(cause.casefold()) if cause else -1
    if at < 0:
        return
    for match in _QUALITY.finditer(text, at, at + len(cause)):
        yield match.start(), match.end(), match["said"].strip()


def idle_condition(text: str, workflow: Mapping[str, Any], read: Callable[[str], Mapping[str, Any] | None], cause: str = "") -> str:
    """The first restriction without which ``read`` makes the same workflow of ``text``; "" where each makes a difference.

    ``read`` gives the workflow of other words, or None; ``cause``: the words that start it. At most four restrictions are tried: reading costs milliseconds.
    """
    for index, (start, end, words) in enumerate((*said_conditions(text), *said_qualities(text, cause))):
        if index == 4:
            break
        instead = "moves" if _LEAVING.match(words) else "crosses a threshold" if words.endswith(("%", "percent")) else ""
        if read(f"{text[:start]} {instead} {text[end:]}".strip()) == workflow:
            return words
    return ""


_LEAVING = re.compile(r"lea(?:ves|ving|ft)\b|out\s+of\b", re.IGNORECASE)


def without_condition(text: str, condition: str) -> str:
    """``text`` without the restriction that shares most words with ``condition``; the same text where none shares any."""
    wanted = set(condition.casefold().split())
    found = sorted((*said_conditions(text), *said_qualities(text, text)), key=lambda one: len(wanted & set(one[2].casefold().split())), reverse=True)
    if not found or not wanted & set(found[0][2].casefold().split()):
        return text
    start, end, _ = found[0]
    return f"{text[:start]} {text[end:]}".strip()


def condition_question(condition: str, *, scheduled: bool, fields: Sequence[str] = ()) -> str:
    """What to ask about ``condition``; ``fields``: the names that the event's values have."""
    known = f" It knows: {', '.join(fields)}." if fields else ""
    return _ASK.format(condition) + (_PLANNED if scheduled else _WHICH.format(known))


def wants_none(answer: str) -> bool:
    """Whether ``answer`` leaves out what was asked about: "without it"."""
    return bool(_WITHOUT.match(answer))


def with_condition(text: str, answer: str) -> str:
    """``text`` with what ``answer`` says must hold; the text alone where the answer wants no condition."""
    if wants_none(answer):
        return text
    said = answer.strip().rstrip(".!")
    return f"{text.rstrip(' .!')}, {said if _OWN_HEAD.match(said) else f'but only if {said}'}"
