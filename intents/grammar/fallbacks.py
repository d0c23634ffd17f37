"""Which service stands in for which: two names and the word that tells their parts, in either order."""

from __future__ import annotations

import re

from intents.grammar.bare_names import with_bare_names
from intents.grammar.request import Answer, Request, without_politeness
from intents.grammar.source import CHANNEL, SERVICE

_A, _B = rf"(?P<a>{SERVICE})", rf"(?P<b>{SERVICE})"
_SPARE = (
    r"(?:fall\s?-?backs?|back-?ups?|stand-?ins?|plan\s+b|spares?|substitutes?|replacements?|alternatives?|alternates?|fail-?overs?|secondary|second\s+choice|reserve|safety\s+net"
    r"|understudy|relief|deputy)(?:\s+(?:service|option|provider|tool|choice|system|plan))?"
)
_THE = r"(?:(?:the|a|an|our|your|my|always|official|default|new|first)\s+)*"
_IS = r"\s*(?:(?:is|be|are|to|as|=|:|→|-|,|will\s+be|should\s+be|shall\s+be|must\s+be|becomes?|use|would\s+be|goes\s+to|with|service)\s*)*(?:now\s+|the\s+|use\s+)?"
_DOWN = r"(?:is|are|was|goes|has|gets?|stops?|fails?|dies|breaks?|falls?|can't|cannot|isn't|does\s*n[o']t|don't|won't|becomes?|acts?|drops?|crash\w*|down|out|offline)"
_FOR = r"\s+(?:for|of|to|behind)\s+(?:the\s+|our\s+)?"
_DO = r"(?:use|try|take|go\s+(?:with|to|via|through|over\s+to)|switch\s+(?:over\s+)?to|change\s+to|send\s+(?:\w+\s+)?(?:to|via|through)|rout\w*\s+(?:\w+\s+){0,2}(?:to|via|through)|move\s+(?:over\s+)?to|fall\s+back\s+(?:to|on|onto)|fail\s+over\s+to|rely\s+on|default\s+to|let|have)"
_WHEN = r"(?:if|when|whenever|while|as\s+soon\s+as|once|in\s+case|should|every\s+time|each\s+time|any\s+time)"
_STEPS = r"(?:(?:should|must|can|shall|will|could|is\s+to|may|to|has\s+to|needs\s+to)\s+)?(?:takes?\s+(?:over|its\s+place)|steps?\s+in|stands?\s+in|jumps?\s+in|fills?\s+in|covers?(?:\s+for)?|replaces?|backs?\s+up|takes?\s+(?:the\s+)?place)"

_WORDINGS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:fall(?:s|ing)?[\s-]?back|fail(?:s|ing)?[\s-]?over|switch(?:es)?(?:\s+over)?|change|roll\w*\s+over)\s+from\s+{_A}\s+(?:on)?to\s+{_B}",
        rf"\b(?:fall(?:s|ing)?[\s-]?back|fail(?:s|ing)?[\s-]?over)\s+(?:to|on|onto)\s+{_B}\s+(?:for|from|instead\s+of|in\s+place\s+of|{_WHEN})\s+(?:the\s+)?{_A}",
        rf"{_A}\s+(?:\w+\s+)?(?:falls?[\s-]?back|fails?[\s-]?over|switch(?:es)?\s+over)\s+(?:to|on|onto)\s+{_B}",
        rf"{_A}\s+(?:has|gets?|have|needs?)\s+{_B}\s+(?:as|for)\s+(?:its\s+|a\s+|the\s+|an\s+)?{_SPARE}",
        rf"{_A}(?:'s|'|s')?\s+{_SPARE}{_IS}{_B}",
        rf"\b{_SPARE}(?:{_FOR}|\s+){_A}{_IS}{_B}",
        rf"\b{_SPARE}\s*[:=]?\s*{_A}\s*(?:→|to|=|:|>|with|by|-)\s*{_B}",
        rf"{_B}\s+(?:\w+\s+){{0,2}}?(?:as|is|be|acts?\s+as|serves?\s+as|becomes?|will\s+be|should\s+be|to\s+be|works?\s+as|,)\s+{_THE}{_SPARE}{_FOR}{_A}",
        rf"\b(?:make|use|set|have|take|treat|declare|keep|name|register|add|want|with|call)\s+{_B}\s+(?:as\s+|be\s+|to\s+be\s+)?{_THE}{_SPARE}{_FOR}{_A}",
        rf"{_B}\s+(?:is|as|be|should\s+be|becomes?)\s+{_A}(?:'s|'|s')\s+{_THE}{_SPARE}",
        rf"{_B}\s+{_STEPS}\s+(?:for\s+|of\s+)?(?:{_WHEN}\s+)?(?:the\s+)?{_A}",
        rf"\b(?:let|have|make)\s+{_B}\s+(?:\w+\s+){{0,2}}?{_STEPS}\s+(?:for\s+)?(?:{_WHEN}\s+)?{_A}",
        rf"\b(?:pair|back)\s+{_A}\s+(?:up\s+)?with\s+{_B}",
        rf"\b{_WHEN}\s+{_A}\s+(?:\S+\s+)?{_DOWN}\b[^.;]*?\b{_DO}\s+{_B}(?:\s+(?:instead|take\s+over|step\s+in|stand\s+in|for\s+it|for\s+now))*$",
        rf"\b{_WHEN}\s+{_A}\s+(?:\S+\s+)?{_DOWN}\b[^.;]*?\s{_B}\s+{_STEPS}",
        rf"^(?:always\s+|just\s+)?{_DO}\s+{_B}\s+(?:instead\s+)?(?:{_WHEN}|instead\s+of)\s+{_A}\s+(?:\S+\s+)?{_DOWN}\b(?:\s+\w+){{0,3}}$",
    )
)


def fallback_said(request: Request) -> Answer | None:
    """``set_fallback`` for a sentence that does nothing but name a service and its stand-in."""
    source = with_bare_names(request.source, request.text)
    text = without_politeness(source.text)
    if re.search(rf"{CHANNEL}|\?\s*$", text) or len(set(source.services(text))) != 2 or len(text.split()) > 18:
        return None
    if re.search(
        r"\b(?:post|create|notify|tell|message|card|task|ticket|issue|upload|retry|retries|who|which|what|why)\b", text, re.IGNORECASE
    ):
        return None
    for wording in _WORDINGS:
        match = wording.search(text)
        if match is not None:
            service, spare = source.marked.service_at(match["a"]), source.marked.service_at(match["b"])
            return Answer("set_fallback", {"service": service, "fallback": spare}) if service != spare else None
    return None
