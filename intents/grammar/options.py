"""Options said beside the deeds: retries, approval, fallback, timeout, what to do on failure, the workflow's name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from intents.grammar.source import CAPITALS, CHANNEL, PERSON, QUOTE, SERVICE, Source
from intents.when import DURATION, NUMBER, duration, number
from intents.when.tape import BLANK, Tape

_LEAD = r"(?:(?:^|(?<=[\s,;.:–()-]))(?:[,;–(-]\s*)?(?:(?:and|but|also|with|please|it|then)\s+)*)"
_WRONG = (
    r"(?:fails?|failed|(?:doesn't|does\s+not|didn't|won't|will\s+not|can't|can\s+not|cannot|couldn't|could\s+not)\s+(?:work|function|succeed|go\s+through|happen|get\s+through|arrive"
    r"|be\s+(?:done|sent|created|made|posted|delivered|completed|uploaded|saved|written|reached|opened|added))(?:\s+out)?|goes\s+(?:wrong|south|down|belly\s+up)|breaks|dies|crashes|bombs|blows\s+up|times\s+out|gets\s+stuck|errors?(?:\s+out)?|is\s+(?:not|im)\s?possible)"
    rf"(?!\s+(?:with|in|at|on)\s+(?:the\s+|our\s+)?{SERVICE}(?!\s*{SERVICE}))"
)
_ANY = (
    r"(?:that|it|this|anything|something|any\s+(?:of\s+(?:them|it|that|this)|step)|one\s+of\s+(?:them|these"
    r"|the\s+steps)|the\s+(?:\w+\s+)?(?:step|run|workflow|flow|thing|whole\s+thing|upload|post|message|call|backup"
    r"|creation|e-?mail|mail|request|job|export|sync|merge|refund)|(?:this|that)\s+(?:step|run|workflow|flow|upload|post|message|call|backup|e-?mail|mail|request|job|export|sync|merge|refund))"
)
_IF_WRONG = (
    rf"(?:(?:if|when|whenever|should|in\s+case|once)\s+(?:{_ANY}\s+)(?:still\s+|ever\s+)?{_WRONG}|on\s+(?:fail(?:ure)?"
    rf"|error)s?|in\s+case\s+of\s+(?:a\s+|an\s+)?(?:failure|error|problem)s?|otherwise\s+if\s+it\s+fails)"
)

_RETRY = re.compile(
    rf"{_LEAD}(?:(?P<none>no\s+retr(?:y|ies)|(?:don't|do\s+not|never|without)\s+retr(?:y|ies|ying))"
    rf"|(?:retr(?:y|ies)|(?:keep\s+(?:on\s+)?)?(?:re-?)?try(?:ing)?(?:\s+again)?|attempt|repeat)(?:\s+(?:it|that|this|the\s+\w+))?\s*(?:up\s+to|at\s+most"
    rf"|max(?:imum)?(?:\s+of)?|for|[:=])?\s*(?P<a>{NUMBER}|once|twice)\b(?:\s*(?:x\b|times?|retries|attempts"
    rf"|more\s+times?))?"
    rf"|(?:up\s+to\s+|with\s+|at\s+most\s+|max\.?\s+|do\s+)?(?P<b>{NUMBER})\s*(?:x\s+)?(?:retries|retry|re-?tries|attempts|tries)\b)"
    rf"(?:\s+(?:if|when|in\s+case)\s+(?:something|it|that|anything|this|one)\s+{_WRONG}|\s+on\s+(?:failure|error)s?)?",
    re.IGNORECASE,
)
_TIMEOUT = re.compile(
    rf"{_LEAD}(?:(?:with\s+)?(?:an?\s+)?time\s?-?out\s*(?:of|after|in|is|[:=])?\s*(?P<a>{DURATION})|(?:give"
rf"|giving)\s+up\s+after\s+(?P<b>{DURATION})|(?:with\s+)?(?:an?\s+)?(?P<c>{DURATION})\s+time\s?-?out"
    rf"|(?:(?:it|this|that|the\s+(?:run|workflow|flow|whole\s+thing|thing))\s+)?(?:(?:do\s+not|don't|never)\s+let\s+(?:it|this|that|the\s+(?:run|workflow|flow|whole\s+thing))\s+|(?:must|should|may|can|shall)\s?(?:not|n't)\s+|mustn't\s+|shouldn't\s+|can't\s+|cannot\s+)(?:take|run|last|need)\s+(?:for\s+)?(?:any\s+)?(?:longer|more)\s+than\s+(?P<d>{DURATION})"
    rf"|(?:(?:it|this|that|the\s+(?:run|workflow|flow|whole\s+thing|thing))\s+)?(?:may|can|must|should|is\s+allowed\s+to)\s+(?:take|run|last)\s+(?:at\s+most|no\s+more\s+than|no\s+longer\s+than|up\s+to|max(?:imum)?\.?)\s+(?P<e>{DURATION})"
    rf"|give\s+up\s+(?:if|when|once)\s+it\s+(?:takes|runs|lasts|needs)\s+(?:for\s+)?(?:longer|more)\s+than\s+(?P<g>{DURATION})|(?:abort|stop|cancel|kill|abandon)\s+(?:it|this|that|the\s+(?:run|workflow|flow|whole\s+thing))\s+(?:after|(?:if|when)\s+it\s+(?:takes|runs|lasts|needs)\s+(?:for\s+)?(?:longer|more)\s+than)\s+(?P<f>{DURATION}))", re.IGNORECASE
)  # fmt: skip

_WHO = rf"(?P<who>{PERSON}|{CHANNEL}|the\s+[\w-]+(?:\s+(?:team|leads?|managers?|owner))?|(?!(?:on|at|in|when|if|first|either|both|whoever|anyone|somebody|someone|any|all|before|after|is|it|that|this|for|to|the|a|an)\b)[^\W\d_]+(?:\s+(?:team|leads?|managers?))?)"
_APPROVE = (
    r"(?:approves?|approved?|sign(?:s|ed)?\s+(?:it\s+|this\s+)?off|ok(?:ay)?s?(?:\s+it)?|confirms?"
    r"|gives?\s+(?:the\s+)?(?:ok|go-?ahead|approval))"
)
_FIRST = (
    r"(?:\s+(?:it|this|that|them|on\s+it|each\s+(?:one|time|run)))?(?:\s+(?:first|before(?:hand)?(?:\s+(?:it"
    r"|that)\s+(?:runs|happens|goes\s+out))?|though))?"
)
_APPROVALS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_LEAD}(?:(?:needs?|requires?|with|must\s+have|wants?|only\s+with|subject\s+to|pending)\s+(?:an?\s+"
        rf"|the\s+)?)?(?<!\bfor\s)(?<!ask\s)(?:approval|approver|sign-?off|permission|consent|blessing|green\s+light|go-?ahead|thumbs[\s-]up|ok(?:ay)?)\s*(?:(?:is\s+)?(?:required"
        rf"|needed)\s+)?(?:from|by|of|[:=])\s*{_WHO}(?:\s+(?:is\s+)?(?:required|needed))?{_FIRST}",
        rf"{_LEAD}(?P<who>{PERSON}|{CHANNEL})\s+(?:(?:has|have|needs?|ought)\s+to|must|should|shall|will\s+have\s+to"
        rf"|is\s+to)\s+(?:{_APPROVE}|give\s+(?:approval|permission)){_FIRST}",
        rf"{_LEAD}(?:(?:it|this|that)\s+)?(?:must|has\s+to|have\s+to|should|needs?\s+to|is\s+to|to)\s+be\s+(?:approved"
        rf"|confirmed|signed\s+off|ok'?d|ok'?ed)\s+(?:first\s+)?by\s+{_WHO}{_FIRST}",
        rf"{_LEAD}(?:only\s+)?(?:after|once|when|if)\s+(?P<who>{PERSON}|{CHANNEL}|(?-i:[A-ZÀ-Þ][^\W\d_]+(?:\s[A-ZÀ-Þ][^\W\d_]+)?))\s+(?:has\s+|have\s+)?{_APPROVE}{_FIRST}",
        rf"{_LEAD}(?:after|following|upon)\s+(?:the\s+)?(?:approval|sign-?off)\s+(?:by|of|from)\s+{_WHO}",
        rf"{_LEAD}(?:needs?|requires?)\s+that\s+(?P<who>{PERSON}|{CHANNEL})\s+{_APPROVE}{_FIRST}",
        rf"{_LEAD}(?P<who>{PERSON}|{CHANNEL})\s+{_APPROVE}\s+(?:it\s+)?first",
        rf"{_LEAD}(?:get|have|let)\s+(?P<who>{PERSON}|{CHANNEL})\s+(?:to\s+)?(?:approve|confirm|ok|okay|sign\s+(?:it\s+|this\s+)?off|give\s+(?:the\s+)?(?:ok|go-?ahead|approval)){_FIRST}",
        rf"{_LEAD}approver\s+(?:is\s+)?{_WHO}",
        rf"{_LEAD}(?:needs?\s+|requires?\s+|with\s+)?(?:approval|sign-?off)\s+(?P<who>{PERSON}|{CHANNEL})",
    )
]

_DOWN = (
    r"(?:(?:is|'s|are|was|be|gets|goes|looks|seems|happens\s+to\s+be)?\s*(?:currently\s+)?(?:not\s+(?:working"
    r"|reachable|available|responding|up|answering)|down|unavailable|offline|unreachable|out|broken|dead|failing"
    r"|having\s+(?:problems|issues|trouble))"
    r"|(?:can't|cannot|could\s+not|couldn't)\s+be\s+reached|(?:doesn't|does\s+not|isn't|is\s+not|won't"
    r"|will\s+not)\s+(?:respond|work|answer|reply|available|working|reachable|responding|up)|fails|has\s+(?:problems"
    r"|issues|an\s+outage|trouble)|breaks|times\s+out)"
)
_TAKE = (
    r"(?:(?:then\s+)?(?:please\s+)?(?:you\s+(?:can\s+)?)?(?:use|take|go\s+(?:to|with|for)|try|switch\s+(?:over\s+)?to"
    r"|fall\s*back\s+(?:to|on)|do\s+(?:it|that|this|the\s+same)\s+(?:in|on|with)|put\s+(?:it|them|the\s+\w+)\s+(?:in"
    r"|on|into)|send\s+(?:it|them)\s+(?:to|via|through)|create\s+it\s+in|make\s+it\s+in"
    r"|everything\s+(?:should\s+)?go(?:es)?\s+to|it\s+goes\s+to|save\s+(?:it|them)\s+(?:to|in))\s+)"
)
_A, _B = f"(?P<a>{SERVICE})", f"(?P<b>{SERVICE})"
_FALLBACKS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_LEAD}(?:if|when|whenever|in\s+case"
rf"|should)\s+{_A}(?:\s+|(?='s\b))(?:ever\s+)?(?:be\s+)?{_DOWN}\s*,?\s*{_TAKE}{_B}(?:\s+instead)?(?:\s+of\s+it)?",
        rf"{_LEAD}(?:if|when|whenever|in\s+case|should)\s+{_A}(?:\s+|(?='s\b))(?:ever\s+)?(?:be\s+)?{_DOWN}\s*,?\s*{_B}(?:\s+instead)",
        rf"{_LEAD}{_A}\s+{_DOWN}\s*\?\s*{_TAKE}?{_B}(?:\s+instead)?",
        rf"{_LEAD}{_TAKE}?{_B}\s+(?:instead\s+)?(?:if|when|whenever|in\s+case|should)\s+{_A}(?:\s+|(?='s\b))(?:be\s+)?{_DOWN}",
        rf"{_LEAD}(?:(?:with\s+)?fall\s?-?back|back-?up)\s*[:=]?\s*(?:from\s+|for\s+)?{_A}\s*(?:→|->|=|to|is|:)\s*{_B}",
        rf"{_LEAD}fall(?:s|ing)?\s*-?back\s*(?:to|on|[:=]|is)\s*(?:an?\s+|the\s+)?{_B}(?:\s+(?:issue|ticket|task|card|message|file|page|one|dm|post))?(?:\s+(?:if|when|whenever|in\s+case|for)\s+{_A}(?:\s+{_DOWN})?)?",
        rf"{_LEAD}(?:with\s+|use\s+)?{_B}\s+(?:as|is|being)\s+(?:the\s+|a\s+)?(?:fall\s?-?back|back-?up|plan\s+b"
rf"|alternative|stand-?in)(?:\s+(?:for|of)\s+{_A})?",
        rf"{_LEAD}{_B}\s+instead\s+of\s+{_A}\s+(?:if|when)\s+(?:it|that|the\s+latter)\s+{_DOWN}",
    )
]  # fmt: skip

_DEED = (
    r"(?:tell|dm|post|notify|ping|let|inform|warn|alert|page|message|email|mail|send|create|make|open|add|write|say"
    r"|call|file|raise|drop|report|update|yell|shout|holler|scream|intimate|nudge|flag|escalate|text|dm)"
)
_CAUSE_NEXT = r"\s*:\s+(?:when(?:ever)?|if|every|each|as\s+soon\s+as|once|on|upon|after)\b"  # "if it fails tell @me: every night …"
_FAILURES = [
    re.compile(
        rf"{_LEAD}{_IF_WRONG}\s*[,:]?\s*(?:then\s+)?(?P<deed>(?:(?!{_CAUSE_NEXT})[^.;{BLANK}])+(?:\.(?=\w)(?:(?!{_CAUSE_NEXT})[^.;{BLANK}])+)*)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?P<deed>(?:^|(?<=[.;,!?])\s*|(?<=\sand\s))(?:and\s+)?(?:please\s+)?\b{_DEED}\b[^.;,]*?)\s+{_IF_WRONG}", re.IGNORECASE),
]
_THING = (
    r"(?:workflow|flow|automation|button|command|shortcut|job|routine|rule|one|something(?:\s+(?:I|we|one"
    r"|you)\s+can\s+[\w\s]+?)?|task\s+that)"
)
_NAMED = [
    re.compile(rf"(?:^|(?<=[.;\s]))name\s*[:=]\s*(?P<name>{QUOTE}|[\w][\w-]*(?:\s[\w-]+){{0,4}}?)\s*(?:[.;,\n]|$)", re.IGNORECASE),
    re.compile(
        rf"(?P<keep>\b{_THING})\s*,?\s*(?:which\s+is\s+|that\s+is\s+)?(?:called|named"
        rf"|with\s+(?:the\s+)?name)\s+(?P<name>{QUOTE}|{CAPITALS}|[\w]+(?:-[\w]+)+|\w+(?=\s*[:,.]))",
        re.IGNORECASE,
    ),
    re.compile(rf"(?P<keep>\b(?:workflow|flow|automation|button|command|shortcut|job|routine|rule))\s+(?P<name>{QUOTE})(?=\s*(?:that|which|to|for|:|,))", re.IGNORECASE),
    re.compile(
        rf"{_LEAD}(?:call|name|title)\s+(?:it|this|that|the\s+(?:workflow|flow|automation))\s+(?P<name>{QUOTE}|{CAPITALS}"
        rf"|[\w-]+(?:\s[\w-]+){{0,3}}?)\s*(?=[.;,]|$)",
        re.IGNORECASE,
    ),
]


@dataclass(slots=True)
class Said:
    """What was said of options. ``failing`` holds the texts of the steps to take on failure."""

    retries: int | None = None
    approval: str = ""
    timeout: str = ""
    fallback: dict[str, str] = field(default_factory=dict)
    spare: str = ""  # a fallback said without for whom
    failing: list[str] = field(default_factory=list)
    name: str = ""

    def as_options(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        if self.retries is not None:
            out["retries"] = self.retries
        if self.approval:
            out["approval"] = self.approval
        if self.timeout:
            out["timeout"] = self.timeout
        if self.fallback:
            out["fallback"] = dict(self.fallback)
        return out


def read_options(source: Source) -> tuple[Said, str]:
    """(options, the text without them)."""
    tape, said = Tape(source.text), Said()
    _name(tape, said, source)
    _retries(tape, said)
    _timeout(tape, said)
    _fallbacks(tape, said, source)
    _approval(tape, said)
    _failures(tape, said)
    return said, tape.text


def _name(tape: Tape, said: Said, source: Source) -> None:
    for pattern in _NAMED:
        match = pattern.search(tape.text)
        if match is None:
            continue
        said.name = source.plain(match["name"]).strip(" .:")
        keep = match.end("keep") if "keep" in pattern.groupindex else match.start()
        tape.cut(keep, match.end("name"))
        return


def _retries(tape: Tape, said: Said) -> None:
    match = _RETRY.search(tape.text)
    if match is None:
        return
    count = 0 if match["none"] else number(match["a"] or match["b"])
    if count is not None and 0 <= count <= 100 and count == int(count):
        said.retries = int(count)
        tape.cut(match.start(), match.end())


def _timeout(tape: Tape, said: Said) -> None:
    match = tape.take(_TIMEOUT)
    length = duration(next(said for said in match.groups() if said)) if match else None
    said.timeout = length.iso if length else ""


def _fallbacks(tape: Tape, said: Said, source: Source) -> None:
    for pattern in _FALLBACKS:
        while (match := pattern.search(tape.text)) is not None:
            spare = source.marked.service_at(match["b"])
            if match["a"]:
                said.fallback[source.marked.service_at(match["a"])] = spare
            else:
                said.spare = spare
            tape.cut(match.start(), match.end())


def _approval(tape: Tape, said: Said) -> None:
    for pattern in _APPROVALS:
        match = pattern.search(tape.text)
        got = match is not None and re.match(r"\W*(?:(?:and|then|but|also|please)\s+)*(?:get|have|let)\s", match[0], re.IGNORECASE)
        if match is None or (not got and re.search(r"\b(?:ask|asks|get|request)\b[^.;,]*$", tape.text[: match.start("who")], re.IGNORECASE)):
            continue
        said.approval = re.sub(r"^the\s+", "", match["who"], flags=re.IGNORECASE)
        tape.cut(match.start(), match.end())
        return


def _failures(tape: Tape, said: Said) -> None:
    for pattern in _FAILURES:
        match = pattern.search(tape.text)
        if match is not None:
            said.failing.append(match["deed"].strip())
            tape.cut(match.start(), match.end())
            return


def place_spare(said: Said, services: list[str], source: Source) -> None:
    """A fallback without for whom stands in for the first service of its own kind."""
    if not said.spare:
        return
    kinds = {service: source.lexicon.services[service].category for service in services if service in source.lexicon.services}
    kind = source.lexicon.services[said.spare].category
    behind = next((service for service, category in kinds.items() if category == kind and service != said.spare), None)
    behind = behind or next((service for service in kinds if service != said.spare), None)
    if behind:
        said.fallback[behind] = said.spare
