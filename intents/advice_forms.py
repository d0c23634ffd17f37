"""Recommendations as they are said and typed: “apply advice 2 for release”, “allow retry advice for release”, ``/predict improve release``."""

from __future__ import annotations

import re
from typing import Any

from intents.grammar.request import NAME, Answer, Request, needs_workflow

_END = r"\s*[.!?]*\s*$"
_ADVICE = r"(?:the\s+)?(?:advice|recommendation|suggestion)"
_NUMBER = r"(?:\s+(?:number\s+|no\.?\s*|#)?(?P<number>\d{1,3}|rec_[0-9a-f]+))?"
_ABOUT = rf"\s+(?:for|of|about|to)\s+{NAME}{_END}"
_KIND = r"(?P<kind>retry|retries|fallbacks?|stand-in|cach(?:e|ing)|parallel(?:ise)?|timeouts?|schedule|dead\s+step|split)"
_DEEDS = {
    "apply_advice": r"(?:apply|accept|use|take|do)",
    "undo_advice": r"(?:undo|revert|take\s+back)",
    "dismiss_advice": r"(?:dismiss|reject|ignore|put\s+away)",
    "try_advice": r"(?:try|rehearse|replay|test)",
}


def read_advice(request: Request) -> Answer | None:
    return _deed(request) or _allowance(request)


def _deed(request: Request) -> Answer | None:
    for command, verb in _DEEDS.items():
        if by_id := request.match(rf"{verb}\s+{_ADVICE}\s+(?P<id>rec_[0-9a-f]+){_END}"):
            return Answer(command, {"advice": by_id["id"]})
        if match := request.match(rf"{verb}\s+{_ADVICE}{_NUMBER}{_ABOUT}"):
            more: dict[str, Any] = {"advice": match["number"]} if match["number"] else {}
            return needs_workflow(request, command, match["w"], more, verb=f"{verb_of(command)} advice for")
    return None


def _allowance(request: Request) -> Answer | None:
    """“allow retry advice for release”; “forbid” and “do not allow” end it; “for all workflows”, or nobody named, means all of them."""
    found = request.match(
        rf"(?P<word>allow|permit|forbid|disallow|(?:do\s+not|don't|no\s+longer|stop)\s+allow(?:ing)?)\s+{_KIND}\s+"
        rf"(?:advice|recommendations?|suggestions?)(?P<rest>\s+.*)?$"
    )
    if found is None:
        return None
    off = re.match(r"(?:allow|permit)$", found["word"], re.IGNORECASE) is None
    more: dict[str, Any] = {"kind": re.sub(r"\s+", " ", found["kind"].lower()), **({"off": True} if off else {})}
    rest = (found["rest"] or "").strip(" .!?")
    if not rest or re.fullmatch(r"(?:for|of|on)\s+(?:all|every|each)(?:\s+(?:the\s+)?(?:work\s?)?flows?)?|everywhere", rest, re.IGNORECASE):
        return Answer("allow_advice", more)
    name = re.sub(r"^(?:for|of|on)\s+", "", rest, flags=re.IGNORECASE)
    return needs_workflow(request, "allow_advice", name, more, verb="allow advice for")


def verb_of(command: str) -> str:
    return command.partition("_")[0]
