"""One request to be read as a command: its words without politeness, and the slots that many commands share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process

from intents.grammar.small_words import FILLER
from intents.grammar.source import CAPITALS, QUOTE, SERVICE, Source
from intents.when import window


@dataclass(frozen=True, slots=True)
class Answer:
    """A command understood. ``slot`` is the argument that ``question`` asks for; ``options`` are one-press answers."""

    command: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    question: str = ""
    slot: str = ""
    sure: float = 0.95
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """``text`` is masked and marked (see Source) and stripped of politeness; ``source.text`` is the whole."""

    text: str
    source: Source

    def search(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.text, re.IGNORECASE)

    def match(self, pattern: str) -> re.Match[str] | None:
        return re.match(pattern, self.text, re.IGNORECASE)

    @property
    def service(self) -> str:
        """The first service named; "" if none."""
        services = self.source.services(self.text)
        return services[0] if services else ""

    @property
    def services(self) -> list[str]:
        return self.source.services(self.text)

    @property
    def window(self) -> str:
        match = self.search(_WINDOW)
        return (window(match[0]) or "") if match else ""

    @property
    def conditional(self) -> bool:
        """Speaks of "when …", "every …": more likely a workflow than a command."""
        return bool(
            re.search(
                r"\b(?:when(?:ever)?|each\s+time|(?:every|each)(?!\s+(?:single\s+)?(?:open\s+|critical\s+)?(?:alerts?"
                r"|work\s?flows?|flows?|automations?|warnings?|one)\b)|as\s+soon\s+as|once\s+(?:a|the|an))\b|→|\bif\b",
                self.text,
                re.IGNORECASE,
            )
        )


_WINDOW = (
    r"\b(?:(?:in|over|for|during|of|from|within)\s+)?(?:the\s+|these\s+)?(?:last|past|previous|next|coming"
    r"|following)\s+(?:[\w-]+\s+)?(?:seconds?|minutes?|min|hours?|hrs?|h|days?|weeks?|months?|quarters?|years?)\b"
    r"|\b(?:last|past|next)?\s*\d+\s*(?:m|min|minutes?|h|hrs?|hours?|d|days?|w|weeks?|mo|months?)\b|\b(?:today"
    r"|yesterday|this\s+(?:week|month|morning)|overnight)\b"
)


def window_in(text: str) -> tuple[str, tuple[int, int] | None]:
    """(ISO 8601 duration, where it stands) of the span of time that ``text`` speaks of; ("", None) if of none."""
    match = re.search(_WINDOW, text, re.IGNORECASE)
    said = window(match[0]) if match else None
    return (said, match.span()) if said and match else ("", None)


POLITE = re.compile(
    r"^\s*(?:(?:please|kindly|ok(?:ay)?|so|well|now|then|and|also|just|hm+|uh|um|right|sorry|quick(?:ly)?|yo|hey|hi"
    r"|hello|guys|thanks|oh|omg|lol|ugh|argh|wow|damn|shit|gosh|jeez|oops|btw|fyi|help(?=\s*[,!:-]+\s*\w)|folks|team|dear\s+(?:bot|signalbox)|oh\s+no|good\s+(?:morning|evening|day)|real\s+quick)\b[\s,!.:-]*"
    r"|(?:can|could|would|will|may)\s+(?:you|we|I|someone|somebody|u)\s+(?:please\s+|maybe\s+|quickly\s+|kindly\s+|just\s+|possibly\s+)*"
    r"|(?:I|we)\s*(?:would|'d)\s+(?:like|love)\s+(?:you\s+)?to\s+|(?:I|we)\s+(?:want|need)\s+(?:you\s+)?to\s+"
    r"|(?:(?:would|could|will)\s+you\s+)?be\s+so\s+(?:kind|nice|good)\s+(?:as\s+)?(?:to|and)\s+|would\s+you\s+mind\s+|let's\s+|(?:you\s+)?(?:should|must)\s+|is\s+it\s+possible\s+to\s+|go\s+ahead\s+and\s+"
    r"|to\s+(?=(?:delete|run|pause|resume|eliminate|stop|show|list)\b))+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s,]*\b(?:please|thanks(?:\s+a\s+lot)?|thank\s+you|right\s+now|(?<!for\s)now|for\s+me|for\s+us|immediately"
    r"|at\s+once|today\s+please|if\s+possible|cheers|mate|exactly|(?:would|will|could|can)\s+(?:you|ya|u)|ok(?:ay)?|yeah|would\s+be\s+(?:great|nice|good|lovely)|straight\s+away|right\s+away|asap)\b)+[\s.!?]*$",
    re.IGNORECASE,
)


_REASON = re.compile(
    r"^(?P<order>(?:cancel|abort|kill|stop|halt|pause|retry|re-?run|delete|restart|resume)\s+\S.*?)\s*,?\s+(?:because|cuz|coz|cause|since\s+(?:it|they|we|the)|as\s+(?:it|they)|(?:it'?s|its|it\s+is|they'?re)\s+\w+ing"
    r"|it\s+keeps?)\b.*$",
    re.IGNORECASE,
)


_TO_ME = re.compile(r"\b(?P<verb>show|give|tell|send|explain|list)\s+to\s+(?P<whom>me|us)\b", re.IGNORECASE)
_NAME_FIRST = re.compile(  # "nightly-sync → pause", "nightly-sync: run"
    rf"^(?P<name>[\w.]+(?:[-_][\w.]+)+|{QUOTE})\s*(?:→|:)\s*(?P<verb>pause|resume|unpause|run|start|stop|delete|show|retry|cancel|disable|enable)(?:\s+(?:now|it|please))*\s*(?:[.!]*|,.*)$",
    re.IGNORECASE,
)


def without_politeness(text: str) -> str:
    """The order alone: without greetings, thanks, and the reason behind what is to be stopped or done again."""
    text = POLITE.sub("", text.strip(), count=1)
    text = _REASON.sub(r"\g<order>", text)
    text = _TO_ME.sub(r"\g<verb> \g<whom>", text)
    text = _NAME_FIRST.sub(r"\g<verb> \g<name>", text)
    text = _TAIL.sub("", text)
    return text.strip(" ,;")


# --- workflows by name ---------------------------------------------------------------------------------------------------------

FLOW = r"(?:work\s?flows?|flows?|automations?|automatisms?|jobs?|routines?)"
NAME = rf"(?P<w>{QUOTE}|[\w\u00c0-\u024f@{SERVICE[1:-1]}{QUOTE[1:-1]}][\w\u00c0-\u024f .&'/+_{SERVICE[1:-1]}{QUOTE[1:-1]}-]{{0,70}}?)"
_AROUND = re.compile(
    rf"^\s*(?:(?:the|our|my|that|this|a|an|all|of)\s+)*(?:{FLOW}\s+)?(?:(?:called|named)\s+)?|\s*\b(?:{FLOW}|thing"
    rf"|please|now|today)\b\s*$|[\s.!?,;:]+$",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"^(?:\*+|it|that|this|(?:them|those|these)(?:\s+all)?|one|that\s+one|this\s+one|the\s+one|the\s+last\s+one|last\s+one|same|all|(?:(?:the|that|this|my|our)\s+)?(?:(?:other|old|older|oldest|newer|newest|duplicate|double|bigger|smaller|new|first|second|failed|broken|latest|last|paused|same|stuck|previous|wrong)\s*)+(?:one|thing|run)?"
    r"|every(?:thing)?|all\s+of\s+(?:them|it)|both|everything|something|anything|the|an?|our|my|failed\s+(?:one|run)"
    r"|the\s+failed\s+(?:one|run)|the|(?:the\s+)?(?:usual|current|same)|(?:the\s+|that\s+|this\s+)?(?:usual|current|latest|last|old|new|first|second|other|previous"
    r"|running|same|right|failed|broken|stuck|paused|big|little|long|slow)\s+(?:ones?|thing|run|job|workflow|stuff)|)$",
    re.IGNORECASE,
)
_ALL = re.compile(
    rf"^(?:all|every|each|everything|all\s+(?:of\s+)?(?:the|our|my|them|those)?|any"
    rf"|each\s+and\s+every)\s*(?:single\s+)?(?:of\s+)?(?:the\s+|our\s+|my\s+)?(?:{FLOW})?$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"^(?:i|you|we|me|my|your|it|he|she|they|us|what|who|whom|whose|how|where|when|why|which|there|their|his|her|to"
r"|rid|involved|sure|back|up|out|help|someone|somebody|anyone|everyone|people|not|some|any|much|many|tell|clear"
r"|can|could|would|is|are|do|does|did|being|doing|getting|having|acting|in|on|of|for|with|at|from)\b"
    r"|\s(?:the|a|an|you|my|me|your|i|he|she|they|that|which|who|what|because|when|if|is|are|was|were|do|does|did|will"
r"|would|can|could|out|like|than|been|on|from|with|at|by)\b", re.IGNORECASE
)  # fmt: skip
_FOREIGN = re.compile(
    r"\b(?:video|movie|film|music|song|playlist|podcast|recording|slides?|presentation|timer|alarm|clock|meeting|call"
    r"|game|match|printer|phone|laptop|computer|screen|car|lights?|heating|door|coffee|lunch|dinner|pizza|"
    r"flight|hotel|appointment|dentist|doctor|weather|volume|sound|tv|television|message|email|mail|tab|browser|server"
    r"|database|docker|kubernetes|marathon|errand|errands|water|subscription|account|reservation|order|package|python"
    r"|script|sql|query|"
    r"table|csv|spreadsheet|essay|poem|joke|story|recipe|list|shopping|card|bank|credit|insurance|payment|bill|rent"
    r"|tax|taxes|vacation|holiday|translation|calculator|math|number|dice|coin|location|map|route|traffic|gas|tire|oil"
    r"|engine)s?\b",
    re.IGNORECASE,
)


def workflow_name(source: Source, text: str) -> str:
    """The name meant: as the team writes it when it is known, else as said. "" for "it", "that one", "all"."""
    name = source.plain(_trimmed(text))
    name = _bare_identifier(name)
    if _POINTING.match(name) or _ALL.match(source.plain(text).strip(" .!?")):
        return ""
    return known_name(name, source.workflows) or name


def _bare_identifier(name: str) -> str:
    """“nightly-export” of “nightly-export right away”: a name written as one word has no small words about it."""
    words = name.split()
    whole = [word for word in words if re.fullmatch(r"\w[\w.]*(?:[-_][\w.]*\w)+", word)]
    if len(whole) == 1 and all(FILLER.fullmatch(word) or _BESIDE.fullmatch(word) for word in words if word != whole[0]):
        return whole[0]
    if name[:1].isupper():
        while len(words) > 1 and FILLER.fullmatch(words[-1]) and words[-1].islower():
            words.pop()
        return " ".join(words)
    return name


_BESIDE = re.compile(
    r"(?:old|new|failed|failing|broken|current|latest|last|previous|runs?|execution|life|flow|workflow|over|paused|stuck|running|whole|entire)",
    re.IGNORECASE,
)


def _trimmed(text: str) -> str:
    before = None
    while before != text:
        before, text = text, _AROUND.sub("", text).strip()
    return text


def known_name(name: str, names: Sequence[str]) -> str:
    """The team's own name nearest to ``name``; "" when none is near."""
    for known in names:
        if known.casefold() == name.casefold():
            return known
    if not names or not name:
        return ""
    plain = {known: _comparable(known) for known in names}
    found = process.extractOne(_comparable(name), plain, scorer=fuzz.ratio, score_cutoff=82)
    return found[2] if found else ""


def _comparable(name: str) -> str:
    words = [
        word
        for word in re.split(r"[\W_]+", name.casefold())
        if word and word not in ("the", "workflow", "flow", "automation", "run", "my", "our")
    ]
    return " ".join(words) or name.casefold()


def plausible(source: Source, said: str, name: str) -> float:
    """How likely ``name`` names a workflow at all: 0 = no."""
    if not name:
        return 0.8
    if name.lstrip("#").isdigit() or re.fullmatch(r"[A-Z]{1,6}-\d{1,8}", name):
        return 0.0
    if name in source.workflows or re.match(QUOTE, said.strip()):
        return 1.0
    if re.search(rf"\b{FLOW}\b", said, re.IGNORECASE):
        return 0.97
    words = name.split()
    if _NO_NAME.search(name):
        return 0.0
    if _FOREIGN.search(name) or len(words) > 6 or re.search(rf"^{SERVICE}$", said.strip()):
        return 0.0
    if re.fullmatch(r"[\w.]+(?:[-_][\w.]+)+", name):
        return 0.96
    if re.fullmatch(CAPITALS, name):
        return 0.95
    return 0.9 if len(words) <= 4 else 0.6


def surely(request: Request, answer: Answer | None) -> Answer | None:
    """For loose wordings: only when the name is known or has the shape of one."""
    return answer if answer is not None and (answer.sure >= 0.95 or (answer.question and not answer.arguments.get("workflow"))) else None


def needs_workflow(
    request: Request, command: str, said: str, arguments: Mapping[str, Any] | None = None, *, verb: str = ""
) -> Answer | None:
    """The command about the workflow that was said, asking which when it only points ("it"); None when no workflow can be meant."""
    name = workflow_name(request.source, said)
    likely = plausible(request.source, said, name)
    more = {key: value for key, value in (arguments or {}).items() if value not in ("", None, {})}
    if likely == 0.0:
        return None
    if name:
        return Answer(command, {"workflow": name, **more}, sure=likely)
    return which_workflow(request.source, command, more, verb or command.partition("_")[0])


def which_workflow(source: Source, command: str, arguments: Mapping[str, Any], verb: str) -> Answer:
    names = list(source.workflows)[:5]
    return Answer(command, dict(arguments), f"Which workflow should I {verb}?", "workflow", 0.85, tuple((name, name) for name in names))
