"""Where the sentence parts: what starts it, what is to be done, and each deed from the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from intents.grammar.source import BLANK, CHANNEL, EMAIL, LINK, PERSON, QUOTE, SERVICE, tidy

_FILL = (
    r"(?:(?:and|then|also|please|just|simply|so|you\s+(?:could|can|would|should|may|might)|you|to|kindly|automatically|immediately|always"
    r"|I\s+want(?:\s+you)?(?:\s+to)?|I\s+want\s+that(?:\s+\w+){0,3}|I'd\s+like(?:\s+you)?(?:\s+to)?|we\s+(?:want"
    r"|need)(?:\s+to)?|(?:would\s+you\s+|could\s+you\s+|please\s+)?be\s+so\s+(?:kind|nice|good)\s+(?:as\s+)?(?:to|and)|can\s+you|could\s+you|would\s+you|it\s+(?:should|must|has\s+to)|after(?:wards)?|finally|next"
    r"|first|in\s+addition|it\s+would\s+be\s+nice\s+to|go\s+ahead\s+and|the\s+bot\s+(?:should|must|sends?))\s*,?\s+)*"
)
_VERB_LIST = (
    "create make open add file raise log post tell notify ping message send email mail dm page inform announce let shout say write "
    "drop give invite set update change move transition assign close complete finish archive search query list pull get fetch run "
    "trigger dispatch start merge label refund track upload save put store share copy append delete remove cancel comment reply "
    "react ask warn remind welcome forward flag report publish broadcast call hit mark resolve greet schedule book dump kick tag "
    "insert note record register push find look collect draft cut attach alert back export generate tick reopen escalate launch "
    "execute do use download check sync duplicate turn cc show shut submit bump mention summarise summarize brief prepare build "
    "hand gather nudge text deliver answer thank congratulate spin edit rename reschedule relocate transfer shift clone grant squash rerun invoke "
    "compile produce count retrieve load request obtain wait drag apply stick pay enter jot fill link ring bring loop wake respond rebase pipe "
    "route relay mirror stream set archive print render rotate unassign untag pin bill charge credit reimburse plan arrange reserve chase poke "
    "celebrate cheer praise highlight recap advise leave extend attach queue duplicate zip compose transition promote demote yell holler scream intimate"
)
VERBS = _VERB_LIST.split()
_IMPERATIVE = r"(?:" + "|".join(VERBS) + r"|e-mail)"
_NOUNS = (
    r"(?:issue|task|ticket|card|page|item|deal|contact|record|file|folder|invoice|note|comment|event|meeting|message"
    r"|thread|bug|story|post|release|pipeline|lead|opportunity|report|update|customer|space|channel|row|entry|call|merge\s+request|pull\s+request"
    r"|mr|pr|account|case|to-?do|reminder|reply|refund|label|copy|backup|document|doc|query|line|email|mail|notification|block|bullet)"
)
_REPORT = r"(?:health\s+report|alerts?\s+(?:digest|summary|overview|recap)|workflow\s+(?:analytics|stats|statistics)|impact\s+(?:report|analysis|assessment|summary)|status\s+report|health\s+check|analytics)"
_PASSIVE = (
    rf"(?:(?:the|a|an|its|this|that|these|{SERVICE}|{QUOTE}|#[\w-]+|(?!then\b)[\w-]+)\s+){{1,6}}?(?:should|must|has\s+to"
    rf"|have\s+to|needs?\s+to|shall|is\s+to|are\s+to|will|gets?|is|are)\s+(?:also\s+|then\s+"
    rf"|automatically\s+)?be(?:en)?\s+\w+(?:ed|ld|nt|en|ut|id|told)\b"
)
_DEED = (
    rf"^\s*[,;:]?\s*{_FILL}(?:"
    rf"\b(?:@@)\b(?!\s+(?:is|are|was|has|fails?|opens|gets|goes|comes|fires?\b(?!\s+off)|resolved|clears|triggers"
    rf"|digests?|reports?\b(?=\s+(?:is|looks))|sound|created|closed|in\s+(?:at|by))\b)"
    rf"|(?:(?:an?|one|another|new|the|also|my)\s+)*(?:(?!in\b|on\b|to\b|from\b|of\b|for\b|with\b|at\b"
    rf"|and\b)[\w-]+\s+){{0,2}}?{SERVICE}\s+(?:(?:(?-i:[A-Z]{{2,10}})\s+)?{_NOUNS}\b|{CHANNEL}|channel\b|dm\b|ping\b|alert\s+to)(?!\s+(?:is|gets|was|has|are"
    rf"|fails?|failed|breaks|opens|opened|closes|succeeds|lands|arrives|comes|goes|changes|drops|rises|moves|moved"
    rf"|starts|published|merged|created|updated|cancelled|crashes)\b)"
    rf"|(?:an?|one|new|another)\s+(?:[\w-]+\s+){{0,2}}{_NOUNS}\b.{{0,40}}?\b(?:in|on|to|for)\s+(?:the\s+)?(?:{SERVICE}|{CHANNEL}|{PERSON})"
    rf"|{QUOTE}\s+(?:in|to|into|on|at)\s+(?:the\s+)?(?:{CHANNEL}|{SERVICE}|{PERSON}|{EMAIL})"
    rf"|(?:an?\s+|the\s+)?(?:[\w-]+\s+){{0,2}}(?:query|search|look-?up|export|listing)\s+(?:from|in|of|on)\s+{SERVICE}"
    rf"|(?:the\s+|an?\s+)?{_REPORT}\b"
    rf"|{EMAIL}\s+(?:should|must|gets?|receives?)\b|an?\s+(?:e-?mail|mail|message|dm|note|word|line)\s+(?:to|for|in)\s+(?:{EMAIL}|{PERSON}|{CHANNEL})"
    rf"|(?:{CHANNEL}|{PERSON})\s+(?:on|in)\s+{SERVICE}\s+(?:should|must|gets?|receives?)\b"
    rf"|(?:{CHANNEL}|{PERSON})\s+(?:told|informed|notified|pinged|should|must|gets?|receives?|has\s+to|needs\s+to)\b"
    rf"|(?:posted|shared|sent|told|uploaded|created|notified|mailed|emailed|announced|saved|moved|copied|added|assigned"
    rf"|closed|flagged|reported|logged|recorded|listed|mentioned|forwarded|mirrored|archived|published|filed|pinged|escalated|noted|stored|tracked)\b.*?(?:{CHANNEL}|{PERSON}|{EMAIL}|{SERVICE}|\bto\b|\bin\b)"
    rf"|{SERVICE}\s+(?:channel\s+)?{CHANNEL}\s+(?:gets?|receives?|should|must|hears?)\b"
    rf"|(?:an?|one)\s+(?:[\w-]+\s+){{1,3}}(?:in|to)\s+{CHANNEL}"
    rf"|{SERVICE}\s*:\s"
    rf"|{_PASSIVE}"
    rf"|(?:GET|POST|PUT|PATCH|DELETE)\s+{LINK}"
    rf"|[a-z_]+\.[a-z_]+\b"
    rf"|I(?:'d|\s+would)?\s+(?:like|want|need)\s+to\s+(?:know|be\s+\w+)|I\s+(?:get|want|need)\b|we\s+(?:should|want"
    rf"|need|get)\b|people\s+get\b|(?:all|every)\s+it\b|(?:it|the\s+bot)\s+{_IMPERATIVE}(?:e?s)\b"
    rf")"
)
ACTION = re.compile(_DEED.replace("@@", _IMPERATIVE), re.IGNORECASE)
DEED = re.compile(_DEED.replace("@@", f"{_IMPERATIVE}(?:e?s)?|(?:it\\s+)?{_IMPERATIVE}(?:e?s)|notifies|replies|copies"), re.IGNORECASE)
_BARE = re.compile(
    rf"^\s*(?:in\s+|to\s+|also\s+|and\s+)*(?:{CHANNEL}|{PERSON}|{EMAIL}|{SERVICE}\s+{CHANNEL}"
    rf"|{SERVICE}(?:\s+channel\s+(?:{QUOTE}|[\w-]+))?)(?:\s+(?:too|as\s+well|directly))?\s*[.!?]*\s*$",
    re.IGNORECASE,
)

_WHEN = (
    r"(?:when(?:ever)?|once|as\s+soon\s+as|each\s+time|every\s+time|any\s?time|the\s+(?:moment|second|minute|instant)|in\s+case|upon|if|after"
    r"|should|on|as\s+often\s+as|for(?=\s+(?:each|every|any|all|new)\b))"
)
_START = re.compile(
    rf"^\s*(?:(?:so|ok|okay|also|and|then|first|hi|hey|hello|please|that|it\s+is\s+possible\s+that"
    rf"|is\s+it\s+possible\s+that|would\s+it\s+be\s+possible\s+(?:that|to)|I\s+want(?:\s+that)?|I\s+would\s+need(?:\s+that)?|I\s+(?:would"
    rf"|'d)\s+like\s+that|I\s+need(?:\s+that)?|we\s+(?:want|need)(?:\s+that)?|could\s+you|can\s+you"
    rf"|make\s+(?:it\s+)?so(?:\s+that)?)\s*,?\s+)*{_WHEN}\b(?!\s+(?:possible|you\s+can|not)\b)\s*",
    re.IGNORECASE,
)
_MIDDLE = re.compile(
    r"\s*,?\s+(?P<m>when(?:ever)?|once|as\s+soon\s+as|each\s+time|every\s+time|any\s?time|the\s+(?:moment|second|minute|instant)|in\s+case|upon"
    r"|if|after|for\s+(?:each|every|all|any)(?:\s+new)?|on\s+every|on\s+each)\s+",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    rf"\s*→\s*|:\s+|\?\s+|\s+=\s+|\s*,(?!(?<=\d,)\d{{3}}\b)\s*(?:and\s+then\s+|then\s+|and\s+also\s+|and\s+|so\s+)?|\s+then\s+|\s+[–—-]\s+"
    rf"|;\s*|\.\s+(?:then\s+)?|\s*{BLANK}+\s*,?\s*",
    re.IGNORECASE,
)
_OUGHT = r"(?:should|must|has\s+to|have\s+to|needs?\s+to|shall|is\s+to|are\s+to|ought\s+to|can|will)"
_LIKEWISE = r"(?:(?:also|then|automatically|always|all|each|both|every\s+one|immediately|directly|straight\s?away|please|just|simply)\s+)*"
_PLACE = rf"(?:(?:the|our|my|a|an)\s+)?(?:[\w-]+\s+)?(?:{CHANNEL}|{SERVICE}|{PERSON}|{EMAIL})"
_MODAL = re.compile(
    rf"\s+{_OUGHT}\s+{_LIKEWISE}(?=\w)"
    rf"|\s+{_LIKEWISE}(?:goes|go|gets?\s+(?:posted|sent|announced|reported|forwarded|copied|added|moved|put|saved|shared|logged|mirrored)"
    rf"|lands?|ends?\s+up|belongs?|shows?\s+up|appears?|comes?|turns?|feeds?)\s+(?:in|to|into|on|straight\s+(?:in)?to)\s+(?=(?:an?\s+(?:new\s+)?)?{_PLACE}|/\w|the\s+(?:folder|list|board|stage|column)\b)"
    rf"|\s+{_LIKEWISE}(?:becomes?|makes?|creates?|opens?|starts?|triggers?|means?|spawns?|gives?|gets?|causes?|produces?|generates?|runs?|calls?|notif(?:y|ies)"
    rf"|pings?|pages?|adds?|moves?|closes?|updates?|sends?|posts?|alerts?|merges?|refunds?|archives?|uploads?|emails?|messages?|dms?)\s+(?=(?:an?|the|one|its|their|{PERSON}|{CHANNEL}"
    rf"|{SERVICE}|{EMAIL})(?:\s|$))",
    re.IGNORECASE,
)
_CONJOINED = re.compile(
    rf"\s*(?:,(?!(?<=\d,)\d{{3}}\b)\s*(?:and\s+)?(?:then\s+|also\s+|finally\s+|afterwards\s+)?|;\s*(?:and\s+|then\s+)*|\s+and\s+(?:then\s+"
    rf"|also\s+|afterwards\s+|after\s+|finally\s+)?|\s+then\s+|\s+(?:\+|&)\s+|\s+plus\s+|\s+as\s+well\s+as\s+|\.\s+|→"
    rf"|:\s+|\s*{BLANK}+\s*|\s+but\s+also\s+|\s+before\s+(?=\w+ing\b)|\s+followed\s+by\s+)",
    re.IGNORECASE,
)

Hears = Callable[[str], str]  # a clause → "sure" (it is a cause), "open" (of several services) or ""


@dataclass(frozen=True, slots=True)
class Parts:
    """``cause`` is the clause that starts it ("" = none found), ``deeds`` what is to be done. ``marked``: a word such as "when" was there."""

    cause: str
    deeds: str
    marked: bool = False
    firm: bool = False  # "when", "whenever", "as soon as": what follows is a cause whether we know it or not


LONGEST_CAUSE = 400  # characters; a border further on is none
MOST_BORDERS = 80
MOST_SENTENCES = 30


_SENTENCE_END = re.compile(  # no end behind "Mr." and "Rs."
    r"(?<=[.!?])(?<!\bRs\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bMrs\.)(?<!\bSt\.)(?<!\bvs\.)(?<!\bno\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bapprox\.)\s+(?=\S)"
)


def sentences(text: str) -> list[str]:
    """Split where a sentence ends; a colon or arrow keeps it going."""
    found = [part for part in _SENTENCE_END.split(text) if part.strip(f" .!?,{BLANK}")]
    return found[:MOST_SENTENCES]


def starts_deed(text: str) -> bool:
    return bool(ACTION.match(text))


def boundaries(text: str) -> list[tuple[int, int, int]]:
    """In the order to be tried, as many as a sentence of people has."""
    return sorted(border for border in _borders(text) if border[1] <= LONGEST_CAUSE)[:MOST_BORDERS]


def _borders(text: str) -> Iterator[tuple[int, int, int]]:
    """(rank, end of the left, start of the right): arrows first, then colons, other punctuation in order, then bare verbs."""
    for match in _BOUNDARY.finditer(text):
        sign = match[0].strip()
        rank = 0 if "→" in sign else 1 if sign in (":", "=") else 2
        yield rank, match.start(), match.end()
    for match in re.finditer(r"\s+(?=\S)", text):
        yield 3, match.start(), match.end()


_HANGING = re.compile(
    r"\b(?:(?<!comes\s)(?<!come\s)(?<!came\s)(?<!coming\s)in|on|to|from|of|the|a|an|with|by|for|at|and|or|into|as|is|are|new|its|my|our|i|we|you|someone|somebody"
    r"|anyone|people|who|that)\s*$",
    re.IGNORECASE,
)
_WEAK = re.compile(r"\b(?:on|after|should|upon|for)\s*$", re.IGNORECASE)


def split_start(text: str, hears: Hears) -> Parts | None:
    """A sentence that begins with its cause: "when X, do Y", "if X do Y". ``hears(clause)`` says whether a clause is a cause."""
    start = _START.match(text)
    if start is None:
        return None
    found = _divide(text[start.end() :], hears)
    if found is not None and _WEAK.search(start[0]) and not hears(found[0]):
        return None
    firm = bool(re.search(r"\b(?:when(?:ever)?|as\s+soon\s+as|each\s+time|every\s+time)\s*$", start[0], re.IGNORECASE))
    return Parts(found[0], found[1], marked=True, firm=firm) if found else None


_VERBAL = re.compile(rf"^\s*[,;:]?\s*{_FILL}(?:\b{_IMPERATIVE}\b|{CHANNEL}|{PERSON}|{_PASSIVE})", re.IGNORECASE)


def _later(text: str, border: tuple[int, int, int]) -> bool:
    """Between two words and before no verb: a deed told as a thing ("… an invoice in Stripe") is looked for last."""
    return border[0] == 3 and not _VERBAL.match(text[border[2] :])


def _divide(text: str, hears: Hears) -> tuple[str, str] | None:
    """The first border whose left is a cause and whose right is a deed; failing that, whose right is a deed."""
    open_cause: tuple[str, str] | None = None
    fallback: tuple[str, str] | None = None
    for rank, end, begin in sorted(boundaries(text), key=lambda border: (_later(text, border), border)):
        left, right = text[:end], text[begin:]
        if not left.strip() or not starts_deed(right) or (rank == 3 and (_HANGING.search(left) or re.match(QUOTE, right))):
            continue
        heard = hears(left)
        if heard == "sure":
            return _earlier(text, left, hears) or (left, right)
        if heard and open_cause is None:
            open_cause = (left, right)
            if rank < 3:
                return open_cause
        if fallback is None and len(left.split()) > (1 if rank < 3 else 2):
            fallback = (left, right)
    return open_cause or fallback


def _earlier(text: str, left: str, hears: Hears) -> tuple[str, str] | None:
    """ "a deed is done create an invoice in X, send it": the first deed begins before the comma, between two words."""
    for match in re.finditer(r"\s+(?=\S)", left):
        cause = left[: match.start()]
        if _ORDER.match(left[match.end() :]) and not _HANGING.search(cause) and hears(cause) == "sure":
            return cause, text[match.end() :]
    return None


def split_middle(text: str, hears: Hears) -> Parts | None:
    """A sentence that ends with its cause: "do Y when X (, and do Z)"."""
    for match in list(_MIDDLE.finditer(text))[:20]:
        left, right = text[: match.start()], text[match.end() :]
        if not DEED.match(left) and not re.search(rf"{CHANNEL}|{PERSON}|{SERVICE}|{EMAIL}|\bme\b|\bI\b|\bus\b", left):
            continue
        each = match["m"].lower().startswith(("for", "on", "after", "upon"))
        cause, rest = _tail(right, hears)
        if match["m"].lower().startswith(("for", "on")) and hears(cause) != "sure":
            cause, rest = _tail("new " + right, hears)
        doubtful = each or match["m"].lower() == "if"
        if hears(cause) or not doubtful:
            firm = match["m"].lower() in ("when", "whenever", "as soon as", "each time", "every time")
            return Parts(cause, " . ".join(part for part in (left, rest) if part.strip()), marked=True, firm=firm)
    return None


def _tail(text: str, hears: Hears) -> tuple[str, str]:
    joined = [(2, match.start(), match.end()) for match in _AND_ALSO.finditer(text)]
    for rank, end, begin in (*boundaries(text), *joined):
        if rank < 3 and starts_deed(text[begin:]) and hears(text[:end]):
            return text[:end], text[begin:]
    return text, ""


_AND_ALSO = re.compile(r"\s+and\s+(?:(?:also|then|afterwards|finally|please)\s+)+", re.IGNORECASE)


_ORDER = re.compile(rf"^\s*{_FILL}\b{_IMPERATIVE}\s+(?:the|an?|one|it|new|me|us|this|that|all|#|@)", re.IGNORECASE)


FREE = re.compile(rf"{CHANNEL}|{SERVICE}|{PERSON}|{EMAIL}|{LINK}")
_LATER = re.compile(r"^\s*(?:so|therefore|thus|hence|meaning)\s+", re.IGNORECASE)


def split_unmarked(text: str, hears: Hears) -> Parts | None:
    """ "X → Y", "X: Y", "X = Y", "X? then Y", "X so Y", "X should be Y", "X becomes Y", "every new X goes to Y"."""
    for _, end, begin in [border for border in boundaries(text) if border[0] < 3]:
        left, right, sign = text[:end], text[begin:], text[end:begin]
        if _ORDER.match(left) and "→" not in sign and "?" not in sign:
            continue
        loud = "→" in sign or "?" in sign
        if left.strip() and (starts_deed(right) or _BARE.match(right) or (loud and FREE.search(right))):
            cause = _as_cause(left, hears, loud=loud or ":" in sign or "=" in sign)
            if cause:
                return Parts(cause, right)
    for modal in list(_MODAL.finditer(text))[:8]:
        left, deed = text[: modal.start()], _as_deed(text[modal.start() :])
        who = _WHO_SHOULD.search(left)
        if who is not None:
            left, deed = left[: who.start()], f"tell {who['who']}{'' if re.match(r'(?:hear|know|see|learn|get|be)', deed) else ' ' + deed}"
        cause = _as_cause(left, hears, loud=True)
        if cause and not _ORDER.match(left):
            return Parts(cause, deed)
    return None


_WHO_SHOULD = re.compile(
    rf"(?:[,;:.–]\s*|\s+(?=either|both|in\s+(?:any|each|either)\s+case|then|so\b))(?:(?:either\s+way|both\s+times|in\s+(?:any|each|either)\s+case|then|so|and)\s+)*(?P<who>{CHANNEL}|{PERSON})\s*$",
    re.IGNORECASE,
)


def _as_cause(left: str, hears: Hears, *, loud: bool) -> str:
    """``left`` as something that happens; where the sign behind it leaves no doubt, things alone are new things ("stripe chargebacks → …")."""
    left = re.sub(
        r"^\s*(?:(?:and|also|so|please|hi|hey|ok|um|(?:all|any)(?!\s+of\b)|the\s+fact\s+that)\s+)*", "", left, flags=re.IGNORECASE
    )
    if not left.strip():
        return ""
    if hears(left):
        return left
    fresh = "new " + re.sub(r"^(?:every|each|an?|the|new)\s+", "", left, flags=re.IGNORECASE)
    return (
        fresh
        if loud and not re.match(r"(?:it|this|that|he|she|they|we|I|you|my|our)\b", left, re.IGNORECASE) and hears(fresh) == "sure"
        else ""
    )


_RESULT = re.compile(
    r"^\s*(?:becom(?:es?|ing)|turn(?:s|ed)?\s+into|be\s+turned\s+into|be\s+made\s+into|mak(?:es?)|spawns?|causes?|means?)\s+", re.IGNORECASE
)
_COMES = re.compile(
    r"^\s*(?:be\s+)?(?:goes|go|gets?|lands?|ends?\s+up|belongs?|shows?\s+up|seen|visible|known|appears?|comes?|turns?\s+up|found|feeds?|live)\s+(?:straight\s+)?(?P<p>in|to|into|on|at)\b",
    re.IGNORECASE,
)


def _as_deed(text: str) -> str:
    """ "goes to #x" → "post it to #x"; "must become a trello card" → "create a trello card"; "should land in notion" → "add it to notion"."""
    text = re.sub(rf"^\s*{_OUGHT}\s+{_LIKEWISE}", "", text, flags=re.IGNORECASE)
    text = re.sub(rf"^\s*{_LIKEWISE}", "", text, flags=re.IGNORECASE)
    come = _COMES.match(text)
    if come is not None:
        place = text[come.end() :]
        told = re.match(rf"\s*(?:the\s+|our\s+)?(?:[\w-]+\s+)?(?:{CHANNEL}|{PERSON}|{EMAIL})", place)
        return f"{'post' if told else 'add'} it {come['p']}{place}"
    text = _RESULT.sub("create ", text)
    return re.sub(r"^\s*(?:be|get|gets)\s+(?=\w+(?:ed|en|nt|ld|ut|de|wn)\b)", "", text, flags=re.IGNORECASE)


_QUALIFIED = (
    r"(?:(?:all|every|each|any|new|incoming|inbound|fresh|newly|latest|upcoming|failed|failing|broken|successful|completed|finished|closed|merged"
    r"|cancelled|canceled|solved|resolved|paid|unpaid|updated|changed|edited|moved|created|opened|published|signed|lost|won|refunded|disputed"
    r"|overdue|starting)\b)"
)
_MOVING = re.compile(
    rf"^\s*(?:{_FILL})(?P<verb>post|send|copy|forward|add|save|upload|share|announce|put|report|log|mirror|sync|pipe|route|collect|bring|relay|shout"
    rf"|back\s+up|archive|drop|push|translate|track|publish|email|mail|dump|list|store|record|show|note|feed|move|stream|flag|escalate)\s+(?:me\s+)?(?P<what>(?:(?:{_QUALIFIED}|\S+\s+{_QUALIFIED}"
    rf"|(?:{SERVICE}\s+)?(?:\w+\s+){{0,2}}?\w+s(?=\s+(?:(?:{SERVICE}\s+)?\w+(?:ed|id|en|lost|won)|from|with|about|containing|mentioning|over|above|by)\b))\s+)+(?:of\s+the\s+)?.+?)\s+(?P<where>(?:to|in|into|on|as|with)\s+(?:the\s+"
    rf"|an?\s+)?(?:\w+\s+)?(?:{SERVICE}|{CHANNEL}|{EMAIL}|{PERSON}).*)$",
    re.IGNORECASE,
)


def split_moving(text: str, hears: Hears) -> Parts | None:
    """ "post every new notion page in the Changelog database to discord": the object is the cause."""
    text = text.strip()
    match = _MOVING.match(text)
    if match is None:
        return None
    for wanted in ("sure", "open"):
        for place in re.finditer(
            rf"\s+(?=(?:to|into|in|on|as|with)\s+(?:the\s+|an?\s+)?(?:\w+\s+)?(?:{SERVICE}|{CHANNEL}|{EMAIL}|{PERSON}))", text
        ):
            left = text[match.start("what") : place.start()]
            for cause in (left, "new " + left):
                if place.start() > match.start("what") and hears(cause) == wanted:
                    return Parts(cause, f"{match['verb']} it {text[place.end() :]}")
    what = match["what"] if hears(match["what"]) else "new " + match["what"]
    return Parts(what, f"{match['verb']} it {match['where']}") if hears(what) else None


_SORT = (
    rf"(?:{_QUALIFIED}|an?\b|one\b|\S+\s+{_QUALIFIED}|(?:{SERVICE}\s+)?(?:\w+\s+){{0,2}}\w+s\s+(?:being\s+|that\s+are\s+|which\s+are\s+)?\w+(?:ed|id|ing)\b"
    rf"|(?:{SERVICE}\s+)?\w+\s+(?:changes|updates|failures|cancellations|completions|merges|uploads|edits)\b|\w+\s+on\s+every)"
)
_TELLING = (
    r"(?:tell|let|notify|inform|ping|alert|warn|page|dm|message|e-?mail|mail|update|brief|remind|post|announce|shout|report|send|keep|give|write|say|drop"
    r"|show|copy|cc|text|nudge|slack|flag|use|put)"
)
_ABOUT = re.compile(
    rf"^\s*(?P<deed>{_FILL}\b{_TELLING}\b.*?)\s*,?\s+(?P<by>about|of|on|for|regarding|with|concerning|at|following|upon|after)\s+(?P<what>(?:the\s+)?{_SORT}.*)$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"\b(?:amount|number|total|sum|count|size|average|list|rest|name|names|most|least|maximum|minimum)\s*$", re.IGNORECASE)
_WISHED = re.compile(
    r"^\s*(?:please\s+)?(?:(?:I|we|you)\s*(?:would|'d)?\s*(?:like|want|need|love)|have|get|let)\s+(?:to\s+(?:see|have|get|know\s+about)\s+)?(?P<what>(?!(?:to|an?|one|some|the|my|our)\s(?!.*\b(?:new|every|each|incoming)\b)).+?)\s+(?P<deed>(?:to\s+be\s+|be\s+)?"
    r"(?:posted|announced|sent|shown|reported|shared|forwarded|logged|listed|copied|added|mirrored|uploaded|saved|put|flagged|mentioned|published|pushed|dropped"
    rf"|(?:in|to|on)(?=\s+(?:the\s+|our\s+)?(?:[\w-]+\s+)?(?:{CHANNEL}|{SERVICE}|{PERSON}|{EMAIL})))\s+.+)$",
    re.IGNORECASE,
)
_KEPT = re.compile(
    rf"^\s*(?P<deed>{_FILL}(?:keep|notify|alert|warn|inform|ping|update|brief|page|tell)\s+(?:{CHANNEL}|{PERSON}|{EMAIL}|us|me)(?:\s+(?:posted|informed|updated|in\s+the\s+loop|up\s+to\s+date|know))?)(?:\s+(?:please|pls|always|immediately))*"
    rf"\s+(?:about|of|on|for|regarding|at)\s+(?P<what>(?:any\s+|all\s+)?(?:{SERVICE}\s+(?:\w+\s+)?\w+s(?=\s+(?:over|above|below|under|with|from|in|by|that|which|where|worth|for|on|named|about|containing|mentioning)\b|\W*$)|(?:\w+\s+)?\w+s\s+(?:in|on|from|of)\s+{SERVICE}|(?:critical|warning|info|high|severe|urgent)\s+alerts)\b.*)$",
    re.IGNORECASE,
)


_WATCHED = re.compile(
    r"^\s*(?:please\s+)?(?:watch(?:\s+out\s+for)?|monitor|keep\s+(?:an\s+)?eyes?\s+on|observe|look\s+out\s+for|check|follow|track)\s+(?P<what>.+?)\s*(?:,\s*(?:and\s+)?(?:then\s+)?|\s+and\s+(?:then\s+)?)(?P<deed>.+)$",
    re.IGNORECASE,
)


def split_watched(text: str, hears: Hears) -> Parts | None:
    """ "watch gitlab throughput for anomalies and tell #build"."""
    match = _WATCHED.match(text.strip())
    if match is None or not starts_deed(match["deed"]) or hears(match["what"]) != "sure":
        return None
    return Parts(match["what"], match["deed"])


def split_about(text: str, hears: Hears) -> Parts | None:
    """ "tell #ops about every new ticket", "I want failed builds announced in #ci": told of, what happens is the cause."""
    text = text.strip()
    for match in (_ABOUT.match(text), _WISHED.match(text), _KEPT.match(text)):
        if match is None or _AMOUNT.search(text[: match.start("by")] if match.re is _ABOUT else ""):
            continue  # "the total amount of e-mails arrived" is a figure, not news
        deed = _wished(match["deed"]) if match.re is _WISHED else match["deed"]
        if not FREE.search(deed) and not re.search(r"\b(?:me|us)\b", deed):
            continue
        cause = _as_cause(match["what"], hears, loud=True)
        if cause:
            return Parts(cause, re.sub(r"\s+know$", " know", deed))
    return None


def _wished(deed: str) -> str:
    deed = re.sub(r"^\s*(?:to\s+)?be\s+", "", deed, flags=re.IGNORECASE)
    return re.sub(r"^(?=(?:in|to|on)\b)", "post it ", deed, flags=re.IGNORECASE)


_BEFORE = re.compile(r"\s+before\s+(?:you\s+(?:are\s+)?|we\s+(?:are\s+)?)?(\w{3,14})ing\s+(?=\w|[^\x00-\x7f])", re.IGNORECASE)


def _base(stem: str) -> str:
    """The verb whose "-ing" form begins with ``stem``: creat → create, run(n) → run; "" for none that is a deed."""
    stem = stem.lower()
    return next((verb for verb in (stem, f"{stem}e", stem[:-1]) if verb in VERBS), "")


def split_deeds(text: str) -> list[str]:
    """Each deed for itself: split at conjunctions, mended where the right side is no deed of its own."""
    text = _BEFORE.sub(lambda match: f", then {_base(match[1])} " if _base(match[1]) else match[0], text)
    pieces: list[str] = []
    end = 0
    for match in _CONJOINED.finditer(text):
        if match.start() < end:
            continue
        right = text[match.end() :]
        if _held(text[end : match.start()], match[0], right):
            continue
        ahead = _BARE.match(_until_next(right)) and (pieces_has_place(text[end : match.start()]) or "→" in match[0])
        if ((DEED.match(right) or _GUARD.match(right)) and not _inside(text, match)) or ahead:
            pieces.append(text[end : match.start()])
            end = match.end()
    pieces.append(text[end:])
    return [piece for piece in (tidy(piece) for piece in pieces) if piece.strip(" .!?")]


_GUARD = re.compile(
    rf"^\s*(?:and\s+|but\s+|then\s+)*(?:if|when|whenever|in\s+case)\s+.+?(?:,\s*(?:then\s+)?|\s+then\s+|\s+)(?={_IMPERATIVE}\b|{SERVICE})",
    re.IGNORECASE,
)


# "…, label crash": said of what was just made, no deed of its own.
_ATTRIBUTE = re.compile(
    r"^(?:labels?|tags?|priority|assignee|title|due|list|board|project|status|stage|group|type|amount|owner|note|text|name)\b\s*[:=]?\s+(?!(?:it|the|them|that|this|as|in|on|to|for|a|an)\b)",
    re.IGNORECASE,
)


def _held(left: str, sign: str, right: str) -> bool:
    """What must stay together: "if there are fewer than ten, alert …", "remind #x … to do y"."""
    if re.match(r"\s*(?:and\s+|but\s+)*(?:if|when|whenever|in\s+case)\b", left, re.IGNORECASE) and not re.search(
        rf"\b{_IMPERATIVE}\b", left, re.IGNORECASE
    ):
        return True
    if (
        _ATTRIBUTE.match(right)
        and "," in sign
        and re.match(rf"\s*{_FILL}(?:creat|open|make|file|raise|add|new|an?\b|log)|.*\bnew\b", left, re.IGNORECASE)
    ):
        return True
    if re.match(r"\s*assigned\s+to\b", right, re.IGNORECASE) and re.search(
        r"\b(?:creat|open|make|file|raise|add|new|log)", left, re.IGNORECASE
    ):
        return True  # said of what is made
    return BLANK in sign and bool(re.match(r"\s*(?:to|of|about|for)\b", right, re.IGNORECASE)) and not re.match(r"[\s,;]*[,;.]", sign)


def _inside(text: str, match: re.Match[str]) -> bool:
    """ "every Monday and Friday", "mark it done and dusted": nothing to split when a colon only introduces a message's text."""
    return match[0].strip() == ":" and bool(re.search(rf"(?:{CHANNEL}|{PERSON}|\btext|\bmessage)\s*$", text[: match.start()]))


def _until_next(text: str) -> str:
    match = _CONJOINED.search(text)
    return text[: match.start()] if match else text


def pieces_has_place(text: str) -> bool:
    return bool(re.search(rf"{CHANNEL}|{PERSON}|{EMAIL}", text))


def is_bare(piece: str) -> bool:
    return bool(_BARE.match(piece))
