"""A request without what people say around it: "The painters are in, so could you …, as nobody likes noise" → "could you …"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intents.grammar.source import BLANK, CHANNEL, EMAIL, LINK, PERSON, QUOTE, SERVICE

_MARK = re.compile(rf"{QUOTE}|{LINK}|{EMAIL}|{CHANNEL}|{PERSON}|{SERVICE}|→|{BLANK}")
_WHEN = r"(?:when(?:ever)?|each\s+time|every\s+time|any\s?time|as\s+soon\s+as|once|if|upon|should\s+an?)"
_TIMED = r"(?:(?:on|at|in|by|from|until|till)\s+(?:the\s+)?(?:\d|first|last|next|mon|tue|wed|thu|fri|sat|sun)|every|each|daily|weekly|monthly|tomorrow|tonight|today|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?)"
_WISH = (
    r"(?:(?:could|would|can|may|might|will)\s+(?:you|I|we|it|the|there|an?|please|my|our|someone|somebody|any|every)\b|please\b|kindly\b|pls\b|I(?:'d|\s+would|\s+was|\s+am|'m)\s+(?:like|love|need|appreciate|be|wondering|hoping|grateful)\b"
    rf"|I\s+(?:want|need)\b|let's\b|is\s+it\s+possible\b|it\s+would\s+(?:be|put)\b|{_WHEN}\b|{_TIMED}\b)"
)
_BEFORE = re.compile(
    rf"^(?P<talk>[^→]{{6,260}}?)(?:\s*[,;:–—]\s*(?:and\s+)?(?:(?:so|but|now|hence|therefore|then|thus)\b,?\s*)?|[.!?]\s+|\s+so\s+)(?P<rest>{_WISH}.*)$",
    re.IGNORECASE | re.DOTALL,
)
_CAUSAL = re.compile(rf"^\s*(?:(?:and|so|ok|okay|hi|hey|hello|please|also)\b[\s,]*)*(?:{_WHEN}|{_TIMED}|on|at|for|upon|in\s+case|any|all|new)\b|\b{_WHEN}\b", re.IGNORECASE)
_AFTER = re.compile(
    r"(?:\s*[,;–—(-]\s*|\s+)(?:because|otherwise\s+(?:people|we|they|nobody|everyone|I)|so\s+that|in\s+order\s+that|if\s+that\s+makes\s+sense|by\s+the\s+way)\b[^→]*$"
    r"|\s*[,;–—(]\s*(?:as|since|for|seeing\s+(?:as|that)|given\s+that|which\s+(?:is|was|would\s+be)|though|although|just\s+so)\s+(?:(?:I|we|he|she|they|it|there|this|that|poor|people|nobody|everyone|everybody|some|most|the|our|my|his|her)\b)[^→]*$",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"\b(?:(?:would|will|could)\s+you\s+be\s+(?:a\s+(?:dear|darling|star|sweetheart|pal|angel|love)|so\s+(?:kind|good|nice)|kind\s+enough)\s+(?:and|to|as\s+to)\s+|(?:please\s+)?(?:do\s+)?be\s+so\s+(?:kind|good)\s+as\s+to\s+"
    r"|I\s+(?:was|am)\s+(?:wondering|hoping)\s+(?:whether|if|that|you\s+could)?\s*(?:it\s+(?:might|would|could)\s+be\s+possible\s+(?:to|for\s+you\s+to)\s+|you\s+(?:could|might|would)\s+)?(?:please\s+)?"
    r"|it\s+would\s+(?:put\s+my\s+mind\s+at\s+(?:ease|rest)|be\s+(?:great|nice|lovely|wonderful|helpful|good|a\s+great\s+help|most\s+helpful))\s+if\s+(?:you\s+(?:could|would)\s+)?"
    r"|I\s+(?:would|'d)\s+be\s+(?:ever\s+so\s+|very\s+|most\s+|really\s+)?(?:grateful|thankful|glad|happy|obliged)\s+if\s+(?:you\s+(?:could|would)\s+)?|if\s+it\s+(?:isn't|is\s+not)\s+too\s+much\s+(?:bother|trouble|to\s+ask),?\s+)",
    re.IGNORECASE,
)


def plainer(text: str) -> Iterator[str]:
    """``text`` with less and less around it, the most likely first; nothing that names a place, a person, a product or words in quotes is left out."""
    seen = {text}
    polite = _POLITE.sub("please ", text)
    for candidate in (polite, _ended(polite), _begun(polite), _begun(_ended(polite)), _begun(_begun(_ended(polite)))):
        candidate = candidate.strip(" ,;")
        if candidate and candidate not in seen:
            seen.add(candidate)
            yield candidate


def _begun(text: str) -> str:
    match = _BEFORE.match(text)
    return match["rest"] if match is not None and not _MARK.search(match["talk"]) and not _CAUSAL.search(match["talk"]) else text


def _ended(text: str) -> str:
    match = _AFTER.search(text)
    return text[: match.start()] if match is not None and not _MARK.search(match[0]) else text
