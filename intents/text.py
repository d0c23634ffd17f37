"""From what was typed to what is read: mentions, quotes and links masked, slang and dirt gone, the original always recoverable."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from intents.when.tape import BLANK

LIMIT = 4000
QUOTE = "[\ue000-\ue0ff]"  # one character stands for a quoted text
LINK = "[\ue100-\ue17f]"  # ... for a link

_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f\U000e0000-\U000e007f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff]")
QUOTED = re.compile(
    r"(?<![\w])(?:'(?P<a>(?:[^'\n]|(?<=\w)'(?=\w)){1,400}?)'(?!\w)|\"(?P<b>[^\"\n]{1,400})\"|“(?P<c>[^”\n]{1,400})”"
    r"|«\s*(?P<d>[^»\n]{1,400}?)\s*»|‘(?P<e>[^’\n]{1,400}(?:’\w[^’\n]*)*)’(?!\w)|`(?P<f>[^`\n]{1,400})`"
    r"|„(?P<g>[^“”\n]{1,400})[“”])"
)
_FENCED = re.compile(r"```(?:[a-z]{1,12}\n)?(?P<code>(?:(?!```).){1,4000}?)```", re.DOTALL)
_CITED = re.compile(r"^(?:[ \t]*>{1,3}(?!>)[ \t]?[^\n]+(?:\n|\Z))+", re.MULTILINE)
_COMPATIBLE = re.compile("[\uff01-\uff5e\ufb00-\ufb06\U0001d400-\U0001d7ff]+")
_LINKED = re.compile(r"https?://[^\s<>\"'|)\]]+[^\s<>\"'|)\].,;:!?]", re.IGNORECASE)
_SLACK_CHANNEL = re.compile(r"<#([A-Z0-9]+)\|([^>]*)>")
_NUMERIC_CHANNEL = re.compile(r"<#(\w+)\|?>")
_MENTION = re.compile(r"<(?:@!?|@&|!subteam\^)([A-Za-z0-9]+)(?:\|@?([^>]*))?>")
_SPECIAL = re.compile(r"<!(here|channel|everyone)(?:\|[^>]*)?>")
_SLACK_LINK = re.compile(r"<(?:mailto:)?((?:https?://)?[^\s<>|]+[@./][^\s<>|]+)(?:\|[^>]*)?>")
_DISCORD_EMOJI = re.compile(r"<a?(:\w+:)\d+>")
_WISH = re.compile(
    r"^(?=\S)(?:(?:hi|hey|hello|please|so|well)\b[\s,!]*)?(?:I|we)(?:'d|\s+would)\s+(?:really\s+|very\s+much\s+|so\s+)*(?:appreciate|love|like|be\s+(?:so\s+|very\s+)?(?:grateful|glad|happy|thankful))\s+(?:it\s+)?if\s+",
    re.IGNORECASE,
)
_ARROW = re.compile(
    r"\s*(?:→|⇒|➜|➡️?|⟶|-+>|=+>|»)\s*|(?<=[a-z][a-z][a-z])\s+>\s+(?=(?:tell|dm|ping|post|notify|create|open|add)\b|[#@]|<[#@])"
)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\U0001f1e6-\U0001f1ff\u20e3]+")

SLANG = {
    "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "plse": "please", "pleas": "please", "w": "with", "wen": "when", "whn": "when",
    "evry": "every", "evrey": "every", "smth": "something", "sth": "something", "ppl": "people", "tix": "ticket", "tkt": "ticket", "msg": "message",
    "msgs": "messages", "prio": "priority", "crit": "critical", "sev": "severity", "tmrw": "tomorrow", "tmr": "tomorrow", "2moro": "tomorrow",
    "dont": "don't", "doesnt": "doesn't", "isnt": "isn't", "cant": "can't", "wont": "won't", "whos": "who's", "hows": "how's", "whats": "what's",
    "wats": "what's", "wat": "what", "gonna": "going to", "wanna": "want to", "gotta": "got to", "im": "I'm", "ive": "I've", "thx": "thanks", "ty": "thanks",
    "rn": "right now", "asap": "", "lol": "", "lmao": "", "haha": "", "btw": "", "fyi": "", "imo": "", "cuz": "because", "bc": "because",
    "n": "and", "shud": "should", "cud": "could", "lemme": "let me", "gimme": "give me", "tho": "", "thru": "through", "til": "till", "mins": "minutes",
    "hrs": "hours", "secs": "seconds", "b4": "before", "wf": "workflow", "wfs": "workflows", "notif": "notify", "resp": "response", "avg": "average",
    "err": "error", "calender": "calendar", "acknowlege": "acknowledge", "ackn": "acknowledge", "ack'ed": "acknowledged", "wich": "which", "teh": "the",
    "somone": "someone", "shedule": "schedule", "recieve": "receive", "recieved": "received", "kickoff": "kick off",
}  # fmt: skip
_WORD = re.compile(r"(?<![\w#@/.:'’=-])[A-Za-z0-9'’]+(?![\w/@=’-]|\.\w|'\w)")


@dataclass(frozen=True, slots=True)
class Utterance:
    """``text`` holds one private-use character for each quoted text or link; ``places`` maps spoken channels to addresses."""

    raw: str
    text: str
    quotes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    places: dict[str, str] = field(default_factory=dict)

    def plain(self, text: str, *, quoted: bool = False) -> str:
        """Masks back to words; ``quoted`` puts quotation marks around them."""
        mark = "'" if quoted else ""
        shown = re.sub(
            QUOTE, lambda m: mark + self.quotes[ord(m[0]) - 0xE000] + mark if ord(m[0]) - 0xE000 < len(self.quotes) else "", text
        )
        shown = re.sub(LINK, lambda m: self.links[ord(m[0]) - 0xE100] if ord(m[0]) - 0xE100 < len(self.links) else "", shown)
        return re.sub(r"[ \t]+", " ", shown.replace(BLANK, " ")).strip()


def clean(raw: str) -> str:
    """Without invisible and control characters; a lone surrogate or private-use character can do no harm further on."""
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", raw))
    text = unicodedata.normalize("NFC", html.unescape(text))
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    return re.sub(r"[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]", " ", text).strip()


def read_utterance(raw: str, face: str = "") -> Utterance:
    """Mask and normalise ``raw``; ``face`` is where it was said (``slack``), for the addresses of channels."""
    places: dict[str, str] = {}
    text = _mentions(clean(raw), face, places)
    links: list[str] = []
    quotes: list[str] = []
    text = _SLACK_LINK.sub(r"\1", text)
    text = _quoted(text, lambda inner, whole: _masked(quotes, inner, 0xE000, 256, whole))
    text = _LINKED.sub(lambda match: _masked(links, match[0], 0xE100, 128, match[0]), text)
    return Utterance(raw=raw, text=_WISH.sub("please ", _tidy(text)), quotes=tuple(quotes), links=tuple(links), places=places)


def spoken(text: str) -> str:
    """``text`` without what it only cites: quoted words, code, lines behind “>”. What is cited is never an instruction to us."""
    return _quoted(text, lambda inner, whole: " ")


def _quoted(text: str, put: Callable[[str, str], str]) -> str:
    """Every citation in ``text`` replaced by ``put(its words, the whole of it)``."""
    text = _FENCED.sub(lambda match: put(match["code"], match[0]), text)
    text = _CITED.sub(lambda match: put(re.sub(r"(?m)^[ \t]*>{1,3}[ \t]?", "", match[0]), match[0]) + "\n", text)
    return QUOTED.sub(lambda match: put(next(group for group in match.groups() if group is not None), match[0]), text)


def _masked(store: list[str], inner: str, base: int, room: int, whole: str) -> str:
    if len(store) >= room:
        return whole
    if base == 0xE000:  # a quotation inside another is words of the outer one
        inner = re.sub(QUOTE, lambda match: store[ord(match[0]) - base] if ord(match[0]) - base < len(store) else "", inner)
    store.append(inner.strip())
    return chr(base + len(store) - 1)


def _mentions(text: str, face: str, places: dict[str, str]) -> str:
    def channel(match: re.Match[str]) -> str:
        name = "#" + (match[2].strip().replace(" ", "-") or match[1])
        if face:
            places[name] = f"{face}:{match[1]}"
        return name

    def numbered(match: re.Match[str]) -> str:
        name = f"<#{match[1]}>"
        if face:
            places[name] = f"{face}:{match[1]}"
        return name

    def person(match: re.Match[str]) -> str:
        name = "@" + ((match[2] or "").strip().replace(" ", "-") or match[1])
        if face:
            places[name] = f"{face}:{'&' if match[0].startswith('<@&') else ''}{match[1]}"  # so that a group is told from a person
        return name

    text = _NUMERIC_CHANNEL.sub(numbered, _SLACK_CHANNEL.sub(channel, text))
    text = _MENTION.sub(person, text)
    return _DISCORD_EMOJI.sub(r"\1", _SPECIAL.sub(r"@\1", text))


# Nobody means a word or a phrase five times in a row; readers would weigh each.
_STAMMER = re.compile(r"(?<!\S)(\S{1,40}(?:\s\S{1,40}){0,5}?)(?:\s\1(?!\S)){4,}")
_RUN = re.compile(r"([^\w\s*])\1{5,}")


def _tidy(text: str) -> str:
    text = re.sub(r"[ \t]{2,}", " ", text)
    text = _COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _ARROW.sub(" → ", text)
    text = re.sub(r"\bw/o\b", "without", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<!\w)w/\s*", "with ", text, flags=re.IGNORECASE)
    text = _EMOJI.sub(" ", text).replace("’", "'").replace("…", "...")
    text = _WORD.sub(_unslang, text)
    text = _STAMMER.sub(r"\1 \1", _RUN.sub(r"\1\1\1", text))
    text = re.sub(r"\b(retry|try)\s+(\d+)\s*x\b", r"\1 \2 times", text, flags=re.IGNORECASE)
    return re.sub(r"[ \t]*\n[ \t\n]*", ". ", re.sub(r"[ \t]+", " ", text)).strip().replace(":.", ":").replace("..", ".")


_ADDRESSED = re.compile(
    r"(?<!\w)@signalbox\b[,:]?\s*|^\s*(?:hey|hi|hello|yo|ok|okay)?[\s,]*\bsignalbox\s*[,:]\s*|^\s*signalbox\s+(?=\w)", re.IGNORECASE
)
_GREETED = re.compile(
    r"^\s*(?:(?:hi|hey|hello|yo|hiya|howdy|good\s+(?:morning|afternoon|evening|day)|morning|dear\s+\w+|guys|folks|team"
    r"|there|bot|everyone|all(?!\s+(?:the|of|my|our|days|new|open|failed|critical)\b))\b\s*[,!.:–-]*\s*)+(?=\S)",
    re.IGNORECASE,
)


def unaddressed(text: str) -> str:
    """Without "hey @signalbox", "Good morning!" in front."""
    return _GREETED.sub("", _ADDRESSED.sub(" ", text).strip(), count=1).strip()


def _unslang(match: re.Match[str]) -> str:
    word = match[0]
    if word.isupper() and len(word) > 1:  # WF, TY, BC: somebody's project key
        return word
    return SLANG.get(word.lower(), word)
