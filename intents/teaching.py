"""What the team means by its own words: told in a sentence, looked up before anything else is read.

"when I say ship it, I mean run release-train"    ─▶ teach_phrase
"ship it"                                         ─▶ read as "run release-train"
"forget ship it"                                  ─▶ forget_phrase
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from intents.grammar.request import Answer, Request, without_politeness

LONGEST_PHRASE, LONGEST_MEANING = 60, 400  # characters
_SAID = (
    r"(?:when(?:ever)?|if)\s+(?:I|we|you|somebody|someone|anyone|people|they)\s+(?:says?|writes?|types?|asks?\s+for|hears?|reads?)\s+(?P<p1>.{2,90}?)"
    r"[\s,:;–—-]+(?:then\s+)?(?:I|we|they|you|it|that)(?:\s+(?:really|actually|always|just))?\s*(?:'d|should|must)?\s*(?:means?|understand|read(?:\s+it\s+as)?)\s*[:,]?\s+(?P<m1>.+)"
)
_MEANS = r"(?:by\s+(?P<p2>.{2,90}?)[\s,]+(?:I|we)\s+(?:really\s+|actually\s+)?mean\s*[:,]?\s+(?P<m2>.+))"
_CALLED = r"(?:(?:remember|learn|note)\s*(?:that|:)?\s+(?P<p3>[^,]{2,90}?)\s+(?:means|stands\s+for|is\s+short\s+for)\s*[:,]?\s+(?P<m3>.+))"
_TEACH = re.compile(rf"^\s*(?:please\s+|from\s+now\s+on,?\s+)?(?:{_SAID}|{_MEANS}|{_CALLED})\s*$", re.IGNORECASE | re.DOTALL)
_FORGET = re.compile(
    r"^\s*(?:please\s+)?(?:forget|unlearn)\s+(?:what\s+(?P<p1>.{2,90}?)\s+means|(?:the\s+)?phrase\s+(?P<p2>.{2,90}?))\s*[.!]*\s*$",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"^\s*(?:what\s+(?:have\s+(?:I|we)\s+taught\s+you|(?:did|have)\s+you\s+learn(?:t|ed)?\s+from\s+us)|(?:show|list)\s+(?:me\s+)?(?:the\s+|our\s+|all\s+|my\s+)*"
    r"(?:taught\s+|learnt\s+|learned\s+)?(?:phrases|aliases|shorthands?|nicknames))\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"^\s*(?:but\s+)?(?:why(?:\s+so|\s+that|\s+did\s+you\s+(?:think|say|read|understand|do|assume|come\s+up\s+with)\s+(?:that|this|it|so)"
    r"|\s+do\s+you\s+think\s+(?:that|so))?|what\s+(?:made|makes)\s+you\s+think\s+(?:that|so)|how\s+(?:did|do)\s+you\s+(?:read|understand|get|parse)\s+(?:that|this|it)"
    r"|how\s+come\s+you\s+(?:think|thought|read)\s+(?:that|so)|explain\s+(?:yourself|your\s+reading|how\s+you\s+(?:read|understood)\s+(?:that|it|this)))\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_RESERVED = frozenset(
    [
        "yes",
        "no",
        "ok",
        "okay",
        "y",
        "n",
        "cancel",
        "stop",
        "help",
        "undo",
        "why",
        "confirm",
        "discard",
        "thanks",
        "thank",
        "hello",
        "hi",
        "hey",
        "sure",
        "nothing",
        "delete",
        "resolve",
        "run",
        "acknowledge",
        "ack",
    ]
)


def read_teaching(request: Request) -> Answer | None:
    """Teaching, forgetting, what was taught, and how the last request was read."""
    text = request.source.utterance.plain(request.source.utterance.text).strip()
    if _WHY.match(text):
        return Answer("explain_reading")
    if _LIST.match(text):
        return Answer("list_phrases")
    forgotten = _FORGET.match(text)
    if forgotten is not None:
        return Answer("forget_phrase", {"phrase": _bare(forgotten["p1"] or forgotten["p2"])})
    taught = _TEACH.match(text)
    if taught is None:
        return None
    phrase, means = (_bare(next(filter(None, (taught[f"{part}{n}"] for n in (1, 2, 3))), "")) for part in ("p", "m"))
    return _taught(phrase, means)


def _taught(phrase: str, means: str) -> Answer | None:
    if not phrase or not means:
        return None
    known: dict[str, str] = {"phrase": phrase[:LONGEST_PHRASE], "means": means[:LONGEST_MEANING]}
    if len(phrase) > LONGEST_PHRASE or len(means) > LONGEST_MEANING:
        return Answer(
            "teach_phrase",
            known,
            f"That is long: a phrase has up to {LONGEST_PHRASE} characters, what it means up to {LONGEST_MEANING}. Say it shorter?",
            "means",
        )
    if phrase.startswith("/") or normal(phrase) in _RESERVED or not normal(phrase):
        return Answer(
            "teach_phrase", known, f"“{phrase}” has a meaning of its own here. Which other words should I learn instead?", "phrase"
        )
    return Answer("teach_phrase", known)


def _bare(text: str) -> str:
    return text.strip().strip("\"'“”‘’`*_").strip(" .!,;:").strip("\"'“”‘’`")


def normal(text: str) -> str:
    """As phrases are compared: case, punctuation around words and doubled blanks do not count."""
    return re.sub(r"[^\w]+", " ", text.casefold()).strip()


def expanded(text: str, taught: Mapping[str, str]) -> tuple[str, str]:
    """(the words that are meant, the phrase that was said); (``text``, "") where nothing was taught.

    A phrase counts when it is all that was said, or when something follows it ("ship it with version=2"). ``taught``: normal form → meaning.
    """
    if not taught:
        return text, ""
    plain = without_politeness(text)
    if (means := taught.get(normal(plain))) is not None:
        return means, normal(plain)
    words = list(re.finditer(r"[^\W_]+(?:[-_'][^\W_]+)*|[^\w\s]+", plain))
    for end in range(min(len(words) - 1, 12), 0, -1):
        head = plain[: words[end - 1].end()]
        if (means := taught.get(normal(head))) is not None:
            return f"{means} {plain[words[end - 1].end() :].strip(' ,;:')}".strip(), normal(head)
    return text, ""


# --- typed -------------------------------------------------------------------------------------------------------------------


def _teach(words: str) -> Answer:
    phrase, between, means = (
        (part.strip() for part in re.split(r"(\s*=\s*|\s+means\s+|\s*→\s*)", words, maxsplit=1))
        if re.search(r"=|→|\smeans\s", words)
        else (words.strip(), "", "")
    )
    if not between or not phrase or not means:
        return Answer(
            "teach_phrase",
            {"phrase": phrase} if phrase else {},
            "What should which phrase mean? For example /signalbox teach ship it = run release-train",
            "means",
        )
    return _taught(_bare(phrase), _bare(means)) or Answer("teach_phrase", {}, "What should which phrase mean?", "means")


def _forget(words: str) -> Answer:
    return (
        Answer("forget_phrase", {"phrase": _bare(words)})
        if _bare(words)
        else Answer("forget_phrase", {}, "Which phrase should I forget?", "phrase")
    )


TAUGHT: Mapping[str, Callable[[str], Answer]] = {
    "teach": _teach,
    "forget": _forget,
    "taught": lambda words: Answer("list_phrases", {"form": words.strip()} if words.strip() else {}),
    "why": lambda words: Answer("explain_reading"),
}  # fmt: skip
