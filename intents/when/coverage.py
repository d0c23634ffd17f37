"""Whether all that was said about a time was read: words of time left beside it mean that it was not surely understood."""

from __future__ import annotations

import re

from intents.when.calendar_words import FEAST, MONTHS, WEEKDAYS

_COUNTS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty "
    "thirty forty fifty sixty half couple few several dozen hundred twice thrice once times"
)
_UNITS = (
    "s sec secs second seconds m min mins minute minutes h hr hrs hour hours d day days w wk wks week weeks fortnight fortnights month months "
    "mo quarter quarters year years yr yrs q1 q2 q3 q4 semester decade century"
)
_DAYS = (
    "today tomorrow tonight yesterday weekday weekdays weekend weekends workday workdays business working holiday holidays bank feast leap "
    "morning mornings afternoon afternoons evening evenings night nights overnight noon midday midnight noonish lunch lunchtime dawn dusk "
    "sunrise sunset eod cob eow eom am pm spring summer autumn fall winter easter ramadan thanksgiving pentecost passover diwali hanukkah eid season mid mid-month midmonth oclock o'clock"
)
_ORDER = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
    "eighteenth nineteenth twentieth thirtieth last final penultimate next previous other alternate odd even every each "
    "daily weekly monthly quarterly yearly annually hourly nightly fortnightly biweekly bi-weekly bimonthly ago later earlier end start beginning "
    "starting ending middle soon"
)
_HARD = (
    frozenset(f"{_COUNTS} {_UNITS} {_DAYS} {_ORDER}".split())
    | (WEEKDAYS.keys() | {f"{day}s" for day in WEEKDAYS})
    | (MONTHS.keys() - {"may", "march", "mar"})
)
_TURNS = frozenset(
    [
        "past",
        "except",
        "excluding",
        "but",
        "not",
        "never",
        "before",
        "after",
        "until",
        "till",
        "til",
        "through",
        "between",
        "or",
        "unless",
        "around",
        "about",
        "since",
        "without",
        "skip",
        "skipping",
    ]
)
_GLUE = frozenset(
    [
        "the",
        "a",
        "an",
        "at",
        "on",
        "of",
        "in",
        "for",
        "to",
        "by",
        "and",
        ",",
        "&",
        "/",
        "-",
        "–",
        "(",
        ")",
        ":",
        "@",
        "this",
        "that",
        "it",
        "is",
        "it's",
        "was",
        "s",
        "from",
        "only",
        "also",
        "sharp",
        "exactly",
        "then",
        "than",
        "if",
        "when",
        "plus",
    ]
)

_TOKEN = re.compile(rf"{FEAST}|\d[\w:.,/'+-]*|[^\W\d_][\w'’.-]*|[^\s\w]", re.IGNORECASE)
_CUT, _TIME, _TURN, _JOIN, _ELSE = range(5)


def unread(text: str, spans: tuple[tuple[int, int], ...], hidden: re.Pattern[str]) -> str:
    """The words of time that stand beside what was read (``spans``) and were not read themselves; "" when there are none.

    *Beside* means with nothing between but words of time and small words. ``hidden`` matches spans of time that belong to something else
    ("of the last 7 days").
    """
    tokens = _tokens(text, spans, hidden)
    for first, last in _runs([kind for kind, _, _ in tokens]):
        left = _left(tokens[first : last + 1])
        if left:
            return re.sub(r"\s+", " ", text[left[0] : left[1]]).strip(" ,;.")
    return ""


def _tokens(text: str, spans: tuple[tuple[int, int], ...], hidden: re.Pattern[str]) -> list[tuple[int, int, int]]:
    """(kind, start, end) of each, in order."""
    apart = [match.span() for match in hidden.finditer(text) if not re.match(r"for\b|until\b", match[0], re.IGNORECASE)]
    found: list[tuple[int, int, int]] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        kind = _kind(match[0].lower().rstrip(".,:'"), text[end:], found)
        if any(start < stop and end > begin for begin, stop in spans):
            kind = _CUT
        elif any(start < stop and end > begin for begin, stop in apart):
            kind = _ELSE
        found.append((kind, start, end))
    return found


def _kind(word: str, behind: str, before: list[tuple[int, int, int]]) -> int:
    if word[:1].isdigit():
        plain = word.isdigit() and before and before[-1][0] == _ELSE  # "issue 4711 tomorrow at 9"
        return _ELSE if plain else _TIME
    if word in ("may", "march", "mar"):
        led = before and (
            before[-1][0] in (_TIME, _TURN) or (before[-1][0] == _JOIN and len(before) > 1 and before[-2][0] in (_TIME, _TURN))
        )
        return _TIME if re.match(r"\s+\d", behind) or led else _ELSE
    if word in _TURNS:
        return _TURN
    if word in _HARD or re.fullmatch(FEAST, word, re.IGNORECASE) or (word.endswith("ish") and word[:-3] in _HARD):
        return _TIME
    if re.fullmatch(r"(?:twenty|thirty)-(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)", word):
        return _TIME
    if word.endswith(("day", "days")) and len(word) > 4:  # a day that nobody knows: "blursday"
        return _TIME
    return _JOIN if word in _GLUE or word in ("", ";") else _ELSE


def _runs(kinds: list[int]) -> list[tuple[int, int]]:
    """(first, last) of each stretch about time that holds something that was read."""
    runs, start = [], None
    for at, kind in enumerate([*kinds, _ELSE]):
        if kind == _ELSE and start is not None:
            if _CUT in kinds[start:at]:
                runs.append((start, at - 1))
            start = None
        elif kind != _ELSE and start is None:
            start = at
    return runs


def _left(run: list[tuple[int, int, int]]) -> tuple[int, int] | None:
    """Start and end of the first stretch that was left over: words of time, and turns ("before", "except") that bear on something."""
    bearing = {_CUT, _TIME}
    for at, (kind, start, end) in enumerate(run):
        ahead = [later for later in run[at + 1 :] if later[0] in bearing]
        if kind == _TIME:
            return start, _stretch(run, at, end)
        if kind == _TURN and ahead:
            return start, _stretch(run, at, end)
    return None


def _stretch(run: list[tuple[int, int, int]], at: int, end: int) -> int:
    for kind, _, stop in run[at + 1 :]:
        if kind == _CUT:
            break
        if kind in (_TIME, _TURN):
            end = stop
    return end


def small_words(text: str) -> bool:
    """Whether ``text`` is nothing but words of time and small words."""
    return all(_kind(match[0].lower().rstrip(".,:'"), "", []) != _ELSE for match in _TOKEN.finditer(text))


def ends_unread(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """ "every 30 minutes until it is resolved": an end that is no time, right behind what was read."""
    for _, stop in spans:
        match = re.match(r"[\s,]*(until|till|til|unless|except)\b[^,.;]{0,60}", text[stop:], re.IGNORECASE)
        at = stop + match.start(1) if match is not None else 0
        if match is not None and not any(begin <= at < end for begin, end in spans):
            return match[0].strip(" ,")
    return ""
