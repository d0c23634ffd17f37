"""Many ways of saying the same time, brought to the one that the grammar reads; what was read can be traced back to what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from intents.when.calendar_words import FEAST, FEASTS, MONTH, WEEKDAY
from intents.when.numbers import DURATION, UNIT, duration, number

_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
_ONES = {word: index for index, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])}
_TEENS = {
    word: index
    for index, word in enumerate(["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"], 10)
}  # fmt: skip
_HOURS = {**{word: value for word, value in _ONES.items() if value}, **{word: value for word, value in _TEENS.items() if value < 13}}
_NAMES = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mondays", "tuesdays", "wednesdays", "thursdays", "fridays",
    "saturdays", "sundays", "january", "february", "august", "september", "october", "november", "december", "tomorrow", "weekday", "weekdays",
    "weekend", "weekends", "everyday", "morning", "mornings", "afternoon", "afternoons", "evening", "evenings", "minutes", "fortnight", "fortnights", "fortnightly", "midnight", "quarterly",
)  # fmt: skip
_REAL = frozenset(
    {"everybody", "quarters", "mooring", "moorings", "sundry", "minute", "remember", "remembers", "members", "untested", "minuter"}
)  # near to a name, and words of their own
_SLIPS = {
    "evry": "every",
    "evrey": "every",
    "evey": "every",
    "eveyr": "every",
    "ervery": "every",
    "everry": "every",
    "eery": "every",
    "daly": "daily",
}

_NTH = {
    word: index
    for index, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
         "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"], 1)
} | {"thirtieth": 30}  # fmt: skip
_NTH |= {
    f"{tens}{gap}{one}": value + _NTH[one]
    for tens, value in (("twenty", 20), ("thirty", 30))
    for gap in ("-", " ")
    for one in list(_NTH)[: 9 if value == 20 else 1]
}
_NTH_WORD = "(?:" + "|".join(sorted(_NTH, key=len, reverse=True)) + ")"
_DAY = rf"(?:{WEEKDAY}|today|tomorrow)"
_CLOSE = r"(?:eod|cob|end\s+of\s+business|end\s+of\s+(?:the\s+)?(?:business\s+)?day|close\s+of\s+(?:business|play))"
_DATE = rf"(?:{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH})"


@dataclass(frozen=True, slots=True)
class Worded:
    """``text`` as it is to be read; its character *i* stands for ``origin[i]`` (start, end) of what was typed."""

    text: str
    origin: tuple[tuple[int, int], ...]

    def back(self, spans: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        """Spans of ``text`` as spans of what was typed."""
        return tuple((self.origin[start][0], self.origin[stop - 1][1]) for start, stop in spans if start < stop)


def reworded(text: str) -> Worded:
    """``text`` with slips of the pen put right and other wordings replaced."""
    worded = Worded(text, tuple((at, at + 1) for at in range(len(text))))
    for pattern, replace in _RULES:
        worded = _applied(worded, pattern, replace)
    return worded


def _applied(worded: Worded, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> Worded:
    out, origin, end = [], [], 0
    for match in pattern.finditer(worded.text):
        new = replace(match)
        if new == match[0]:
            continue
        out += [worded.text[end : match.start()], new]
        covered = (worded.origin[match.start()][0], worded.origin[match.end() - 1][1])
        origin += [*worded.origin[end : match.start()], *[covered] * len(new)]
        end = match.end()
    if not end:
        return worded
    return Worded("".join([*out, worded.text[end:]]), (*origin, *worded.origin[end:]))


def _mended(match: re.Match[str]) -> str:
    word = match[0].lower()
    if word in _SLIPS:
        return _SLIPS[word]
    if len(word) < 6 or word in _NAMES or word in _REAL:
        return match[0]
    slips = 1 if len(word) < 8 else 2
    near = [name for name in _NAMES if abs(len(name) - len(word)) <= slips and name[0] == word[0] and OSA.distance(word, name) <= slips]
    return min(near, key=lambda name: OSA.distance(word, name)) if near else match[0]


def _compound(match: re.Match[str]) -> str:
    return str(_TENS[match[1].lower()] + (_ONES[match[2].lower()] if match[2] else 0))


def _hour_and_minute(match: re.Match[str]) -> str:
    minutes = {**_TENS, **_TEENS}[match["m"].lower()] + (_ONES[match["one"].lower()] if match["one"] else 0)
    return f"{_HOURS[match['h'].lower()]}:{minutes}"


def _minutes(match: re.Match[str]) -> str:
    """ "every 1h30m", "every 2 hours and 30 minutes", "every 1.5 hours" in minutes; what is no whole number of them stays."""
    total = (number(match["h"]) or 0) * 60 + (int(match["m"] or 0)) + (30 if match["half"] else 0)
    if not match["m"] and not match["half"] and float(number(match["h"]) or 0).is_integer():
        return match[0]
    return f"every {int(total)} minutes" if total == int(total) and total else match[0]


def _listed(match: re.Match[str]) -> str:
    return ", ".join(re.split(r"\s*[+]\s*|\s+(?!and\b|&)", match[0]))


def _said(template: str) -> Callable[[re.Match[str]], str]:
    return lambda match: match.expand(template)


def _feast(match: re.Match[str]) -> str:
    month, day = FEASTS[match["f"].lower().replace("’", "'")]
    return f"every year on {(['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'])[month - 1]} {day}"


def _rule(pattern: str, replace: str | Callable[[re.Match[str]], str]) -> tuple[re.Pattern[str], Callable[[re.Match[str]], str]]:
    return re.compile(pattern, re.IGNORECASE), _said(replace) if isinstance(replace, str) else replace


def _minutes_of_every(match: re.Match[str]) -> str:
    if match["h"] is None:
        return "every 90 minutes" if match["half"] else match[0]
    return _minutes(match)


def _glued(match: re.Match[str]) -> str:
    """ "2h30" is two and a half hours after "in" or "for", half past two after "at"."""
    before = match.string[: match.start()]
    if re.search(r"\b(?:in|for|another|next|after|within|every)\s+$", before, re.IGNORECASE):
        return f"{match[1]} hours and {int(match[2])} minutes"
    return match[0]


def _ordinal(day: int) -> str:
    return f"{day}{'th' if 10 < day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def _nth(match: re.Match[str]) -> str:
    """The day of a month in figures: "april (the) first", "the twenty-third", "first and fifteenth of"."""

    def figure(one: re.Match[str]) -> str:
        return _ordinal(_NTH[one[0].lower()])

    return re.sub(rf"\b{_NTH_WORD}\b", figure, match[0], flags=re.IGNORECASE)


def _offset(match: re.Match[str]) -> str:
    """ "10 minutes before midnight", "an hour after noon" as the time that is; with a day named beside a midnight it stays a question."""
    clock = match["c"].lower()
    length = duration(match["n"])
    if length is None or length.seconds % 60 or length.seconds >= 12 * 3600:
        return match[0]
    if "night" in clock and re.search(rf"\b(?:{WEEKDAY}|tomorrow)\b", match.string, re.IGNORECASE):
        return match[0]
    written = re.match(r"(\d{1,2})(?::(\d\d))?\s*([ap]?)", clock)
    if written is not None and match["t"].lower() in ("to", "past"):
        return match[0]
    start = 0 if "night" in clock else 720
    if written is not None:
        hour = int(written[1]) % 12 + 12 * (written[3] == "p") if written[3] else int(written[1])
        start = hour * 60 + int(written[2] or 0)
        if not length.seconds // 60 <= start < 1440 - length.seconds // 60:
            return match[0]
    minutes = start + int(length.seconds // 60) * (-1 if match["t"].lower() in ("before", "to") else 1)
    return f"at {minutes % 1440 // 60}:{minutes % 60:02}"


def _day_at(match: re.Match[str]) -> str:
    """ "tomorrow 0900", "Friday 1530"; "Friday 2027" would be a year."""
    return match[0] if match["h"] == "20" and match["m"][0] in "23" else f"{match['d']} at {match['h']}:{match['m']}"


def _every_in_months(match: re.Match[str]) -> str:
    return f"every year on {match['what']} of {match['months']}"


_PLAIN_DAYS = rf"(?:{WEEKDAY})s?"
_RULES = (
    _rule(rf"\b(first|second|third|fourth|fifth)\s+(?=of\s+{MONTH}\b)", lambda m: {"first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th"}[m[1].lower()] + " "),
    _rule(r"(?<![\w#@/.:'’=-])[a-z]{4,12}(?![\w/@=’'-])", _mended),
    _rule(rf"\b({WEEKDAY})\.(?=\s+(?:at|@|\d))", r"\1"),
    _rule(r"\b(?:m-f)\b(?=\s+(?:at|@|\d))", "mon-fri"),
    _rule(rf"\b({MONTH})\.(?=\s+\d)", r"\1"),
    _rule(rf"\b(\d{{1,2}})-({MONTH})-(\d{{4}})\b", r"\1 \2 \3"),
    _rule(r"\btonite\b", "tonight"),
    _rule(r"(?<!last )(?<!first )(?<!every )(?<!each )(?<!next )(?<!a )(?<!the )(?<!working )(?<!business )(?<!work )\b(?:weekday|workday)(?=,?\s+(?:(?:at|@)\s*)?\d{1,2}(?::\d\d|\s*[ap]m))", "weekdays"),
    _rule(r"\b2\s?x\s+(?=(?:an?|per|each|every|daily|weekly|monthly)\b)", "twice "),
    _rule(r"\b(\d{1,2})\s?x\s+(?=(?:an?|per|each|every|daily|weekly|monthly)\b)", r"\1 times "),
    _rule(r"\ball\s+(?:the\s+)?days\b(?!\s+(?:of|in|except|but)\b)", "every day"),
    _rule(r"\bevery\s+min\b", "every minute"),
    _rule(rf"\b((?:{WEEKDAY})s?|weekdays?|daily|nightly|every\s*day|each\s+day|every\s+night|of\s+(?:the\s+|each\s+|every\s+)?month|mon-fri|m-f)\s+([01]\d|2[0-3])([0-5]\d)\b(?![:/.-]?\d)", lambda m: m[0] if m[2] == "20" and m[3][0] in "23" else f"{m[1]} at {m[2]}:{m[3]}"),
    _rule(r"@\s*([01]\d|2[0-3])([0-5]\d)\b(?![:/.-]\d)", r"at \1:\2"),
    _rule(r"\b(?:at|@)\s*(\d{1,2})\s+hours?\b(?!\s+(?:and|or|from|before|after|intervals?)\b)", r"at \1:00"),
    _rule(r"(?<=,)\s*(\d{1,2})\s+(?=(?:sharp|o'?clock)\b)", r" at \1 "),
    _rule(r"\b(?:on\s+)?the\s+(\d{1,2})\s+(?=of\s+(?:each|every|the|a)\s+months?\b)", lambda m: f"on the {_ordinal(int(m[1]))} "),
    _rule(r"\b(?:each|every)\s+(\d{1,2})\s+(?=of\s+(?:the|each|every)\s+month\b)", lambda m: f"on the {_ordinal(int(m[1]))} "),
    _rule(r"\b(\d{1,2}(?:st|nd|rd|th))\s+of\s+month\b", r"\1 of the month"),
    _rule(r"\b(?:at\s+)?(?:the\s+)?(?:beginning|start)\s+of\s+(?P<p>each|every)\s+(?P<u>month|quarter|year)\b", r"on the first day of \g<p> \g<u>"),
    _rule(rf"\b(?P<w>next\s+year),?\s+(?:on\s+)?(?:the\s+)?(?P<d>{_DATE})\b(?!\s*[:\d])", r"\g<d> \g<w>"),
    _rule(r"\bday\s+in,?\s+(?:and\s+)?day\s+out\b", "every day"),
    # numbers
    _rule(rf"\b(?:{MONTH})\s+(?:the\s+)?{_NTH_WORD}\b(?!\s+(?:{WEEKDAY}|week|work|business|day)s?\b)", _nth),
    _rule(rf"\b{_NTH_WORD}(?:\s*(?:,\s*and|,|and|&)\s*(?:the\s+)?{_NTH_WORD})*\s+(?=(?:day\s+)?(?:of|in)\s+(?:(?:next|this|the|each|every|a)\s+month|{MONTH})\b)", lambda m: m[0] if re.search(r"day\s", m.string[m.end():m.end() + 4]) and m[0].split()[0].lower() in ("first", "second") else _nth(m)),
    _rule(rf"\b(?:the|on)\s+{_NTH_WORD}\b(?=\s*(?:at|@|,|\d|$)(?!\s*second\b))", lambda m: _nth(m) if m[0].split()[-1].lower() not in ("second",) else m[0]),
    _rule(rf"\b{_NTH_WORD}\s+({MONTH})\b", _nth),
    _rule(rf"\b(?P<d>{_DAY})\s+(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)\s*(?:h|hrs|hours)?\b(?![:/.-]?\d)", _day_at),
    _rule(rf"(?<![\w:.])(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)\s*(?:h|hrs|hours)?\s+(?P<on>on\s+)?(?P<d>{_DAY})\b", lambda m: m[0] if m["h"] == "20" and m["m"][0] in "23" else f"{m['d']} at {m['h']}:{m['m']}"),
    _rule(rf"\b(?P<n>{DURATION}|(?:five|ten|twenty|\d{{1,2}})(?=\s+(?:to|past)))\s+(?P<t>before|after|to|past)\s+(?P<c>midnight|noon|midday|\d{{1,2}}(?::\d\d)?\s*[ap]m|\d{{1,2}}:\d\d)(?![\w:])", _offset),
    _rule(rf"\b(?P<h>{'|'.join(_HOURS)})\s+(?P<m>thirty|fifteen|forty-five|forty\s+five)\s*(?P<ap>[ap]\.?m\b\.?)", lambda m: f"at {_HOURS[m['h'].lower()]}:{ {'t': 30, 'f': 15}[m['m'][0].lower()] if 'fort' not in m['m'].lower() else 45}{m['ap']}"),
    _rule(rf"(?<!past )(?<!to )\b(?:at\s+)?(?P<h>{'|'.join(_HOURS)})\s*(?P<ap>[ap]\.?m\b\.?)", lambda m: f"at {_HOURS[m['h'].lower()]}{m['ap']}"),
    _rule(r"\b(?P<e>every|each)\s+(?P<c>noon|midday|midnight)\b", r"every day at \g<c>"),
    _rule(r"\b(?:at|on)\s+the\s+(?:start|top|beginning)\s+of\s+(?=(?:every|each)\s+hour\b)", ""),
    _rule(rf"(?<![\w:.])(?P<h>1[3-9]|2[0-3])\.(?P<m>[0-5]\d)\s+(?=(?:on\s+)?{_DAY}\b)", r"\g<h>:\g<m> "),
    _rule(r"^\s*(\d{1,2})\s+(?=(?:today|tomorrow)\b)", r"at \1 "),
    _rule(rf"\b(?:on\s+|in\s+)?the\s+(?P<p>morning|evening|afternoon|night)\s+of\s+(?P<d>(?:the\s+)?(?:{_DATE}|\d{{1,2}}(?:st|nd|rd|th))|{_DAY})\s+(?P<t>at\s+\d{{1,2}}(?::\d\d)?)(?!\s*[ap]m|\d)", r"\g<d> \g<t> in the \g<p>"),
    _rule(r"\blater\s+(?=(?:today|tonight|this\s+(?:afternoon|evening))\b)", ""),
    _rule(r"\bat\s+lunch(?:time)?\s+((?:on\s+)?" + _DAY + r")\b", r"\1 lunchtime"),
    _rule(rf"\b({_DAY})\s+at\s+lunch(?:time)?\b", r"\1 lunchtime"),
    _rule(rf"\b(?P<w>(?:next|this)\s+month),?\s+on\s+the\s+(?P<d>(?:first|second|third|fourth|last|1st|2nd|3rd|4th)\s+(?:{WEEKDAY}|day|(?:work(?:ing)?|business|week)\s?day))\b", r"the \g<d> of \g<w>"),
    _rule(rf"\b(?P<f>{FEAST})\s+(?P<p>morning|afternoon|evening|night)\s+(?P<t>at\s+\d{{1,2}}(?::\d\d)?)(?!\s*[ap]m|[\d:])", r"\g<f> \g<t> in the \g<p>"),
    _rule(rf"\b({WEEKDAY})\s+next(?=\s+(?:at|@|\d)|\s*$)", r"next \1"),
    _rule(rf"\b(?:every|each)\s+(?P<months>{MONTH}(?:\s*(?:,|and|&)\s*{MONTH})*)\s+on\s+(?P<what>the\s+(?:\d{{1,2}}(?:st|nd|rd|th)|(?:first|second|third|fourth|last|1st|2nd|3rd|4th)\s+(?:{WEEKDAY}|day)))\b", _every_in_months),
    _rule(rf"\b(?:at\s+)(?P<h>{'|'.join(_HOURS)})\s+(?P<m>{'|'.join([*_TENS, *_TEENS])})(?:[\s-](?P<one>{'|'.join(_ONES)}))?\b(?!\s+{UNIT}\b)", lambda m: "at " + _hour_and_minute(m)),
    _rule(rf"\b({'|'.join(_TENS)})[\s-]({'|'.join(list(_ONES)[1:])})\b", _compound),
    _rule(r"\b(seven|nine)teen\b", lambda m: "17" if m[1].lower() == "seven" else "19"),
    _rule(r"\bat\s+([01]\d|2[0-3])([0-5]\d)\s*(?:h|hrs|hours)?\b(?![:/.-]\d)", r"at \1:\2"),
    _rule(r"\b12\s+(noon|midday|midnight)\b", r"\1"),
    # lengths
    _rule(r"\b(?P<every>every|each)\s+(?P<h>\d+(?:[.,]\d+)?|an?|one|two|three)?\s*h(?:ours?|rs?)?(?:(?:\s*(?:and\s+)?(?P<m>\d{1,2})\s*(?:m|min|mins|minutes)?\b)|(?P<half>\s+and\s+a\s+half\b)|\b)", lambda m: _minutes_of_every(m)),
    _rule(r"\b(?:(?:three\s+quarters|3/4)\s+of\s+an\s+hour)\b", "45 minutes"),
    _rule(r"\b(?:a\s+)?quarter(?:\s+of\s+an|-)?\s*hour\b", "15 minutes"),
    _rule(r"\b(?<!the )half(?:\s+an|-)?\s*hour\b", "30 minutes"),
    _rule(r"\bon\s+the\s+half[\s-]hour\b", "at :30"),
    _rule(r"\b(\d+)\s*h\s*([0-5]?\d)\s*(?:m|min|mins|minutes)?\b", lambda m: _glued(m)),
    # days
    _rule(rf"\b{_PLAIN_DAYS}(?:(?:\s*\+\s*|\s+){_PLAIN_DAYS})+\b", _listed),
    _rule(r"\b(?:every\s+)?alternat(?:e|ing)\s+(?=[a-z])", "every other "),
    _rule(rf"\b{_CLOSE}\s+(?:on\s+|of\s+)?((?:every\s+|each\s+)?{_DAY}s?|(?:every\s+|each\s+)?(?:weekday|workday|working\s+day)s?|every\s*day|each\s+day|daily)\b", r"\1 at 17:00"),
    _rule(rf"\b({_DAY}s?|weekdays?|workdays?|every\s*day|daily)(?:\s+by|\s+at(?:\s+the)?|,)?\s+{_CLOSE}\b", r"\1 at 17:00"),
    _rule(r"\bfirst\s+thing\s+(?:in\s+the\s+morning\s+)?(?=tomorrow\b)(tomorrow)(?:\s+morning)?\b(?!\s+at\b)", r"\1 morning"),
    _rule(r"\btomorrow,?\s+first\s+thing\b(?!\s+at\b)", "tomorrow morning"),
    _rule(r"(?<!at )(?<!by )(?<!to )(?<!past )(?<![:/.\d-])\b(\d{1,2})\s+(in\s+the\s+(?:morning|afternoon|evening))\b", r"at \1 \2"),
    _rule(r"\b(every|each)\s+(\d{1,2})(?:nd|rd|th)\s+(day|week|month|hour|minute)\b(?!\s+(?:of|in)\b)", r"\1 \2 \3s"),
    _rule(r"\btonight\s+at\s+midnight\b|\bmidnight\s+tonight\b", "at midnight"),
    _rule(r"\bthis\s+(morning|afternoon|evening)\s+(at\s+[\d:.]+)\b(?!\s*[ap]\.?m)", r"today \2 in the \1"),
    _rule(rf"\bevery\s+day\s+(?:but|other\s+than|save|bar)\s+(?=(?:on\s+)?{_PLAIN_DAYS}\b|weekends?\b)", "every day except "),
    # months, quarters, years
    _rule(r"\b(?:second|2nd|next)(?:\s+to|-to)?[\s-]last\b|\blast\s+but\s+one\b|\bnext[\s-]to[\s-]last\b", "penultimate"),
    _rule(r"\b(?:at\s+|on\s+)?(?:the\s+)?end\s+of\s+(?P<p>each|every)\s+(?P<u>month|quarter|year)\b", r"on the last day of \g<p> \g<u>"),
    _rule(r"\b(?:every|each)\s+(month|quarter)[\s-]end\b|\b(?:at|on)\s+(?:the\s+)?(month|quarter)[\s-]end\b(?=.*\b(?:every|each)\b)", lambda m: f"on the last day of every {m[1] or m[2]}"),
    _rule(r"\b(?:at\s+)?(?:the\s+)?end\s+of\s+(?:the\s+)?month\b(?=.*\b(?:every|each)\s+month\b)", "on the last day of the month"),
    _rule(rf"\b(?:every|each)\s+(?:last|final)\s+({WEEKDAY})\b(?!\s+(?:of|in)\b)", r"every last \1 of the month"),
    _rule(rf"\b(?:every|each)\s+(?P<d>{_DATE})\b(?!\s+(?:to|-|until)\b|\s+and\s+(?!(?:(?:on|every|each)\s+)?{_DATE}))", r"every year on \g<d>"),
    _rule(rf"\b(?:every|each)\s+(?P<f>{FEAST})\b", _feast),
    _rule(r"\bonce\s+(?:a|per|every)\s+month\b", "every month"),
    _rule(r"\bonce\s+(?=(?:daily|weekly|monthly|yearly|hourly)\b)", ""),
    _rule(r"\b(?:every|each)\s+fortnight\b", "every 2 weeks"),
    _rule(r"\bonce\s+(?=every\b)", ""),
    _rule(r"\b(\d+|one|two|three|four|five)\s+and\s+a\s+half\s+(hours?|days?|weeks?)\b", lambda m: f"{int(number(m[1]) or 0)}.5 {m[2]}"),
    _rule(r"\b(first|last)\s+of\s+(every|each|the)\s+quarter\b", r"\1 day of \2 quarter"),
    _rule(r"\b(every|each)\s+week\s+day\b", r"\1 weekday"),
    _rule(r"\b(?P<u>\d{4})/(\d\d)/(\d\d)\b", r"\1-\2-\3"),
    _rule(r"\b(\d{1,2})-(\d{1,2})-(\d{4})\b", r"\1/\2/\3"),
    _rule(r"\b(?:on\s+)?day\s+(\d{1,2})\s+(?:of\s+(?:the|each|every)\s+month)", r"on day \1 of the month"),
    _rule(r"\bmonthly\s+on\s+day\s+(\d{1,2})\b", r"on day \1 of the month"),
)  # fmt: skip
