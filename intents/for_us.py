"""Is it for us at all? Evidence for and against, weighed into one score that can be read; no reader of commands decides that alone.

    score = what speaks for us (our services, places, nouns, deeds, an event with a deed, a time with a deed)
          - what speaks against (talk, opinions and the past, questions to people and of the world, other people's business)

Each kind of evidence counts once. Quotes and links are masked before, so what is quoted counts neither way. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from intents.grammar.source import BLANK, CHANNEL, EMAIL, LINK, PERSON, QUOTE, SERVICE, THING, Source
from intents.grammar.talk import INJECTION

FOREIGN = -2.0  # at or below: not for us, whatever a reader finds in the words
FIRM = -0.5  # at or above: a workflow of which nothing is open is believed
READS = frozenset(
    [
        "help",
        "show_workflow",
        "list_workflows",
        "run_history",
        "health_report",
        "service_metrics",
        "list_alerts",
        "explain_alert",
        "show_impact",
        "show_dependencies",
        "find_root_cause",
        "recommend_service",
        "predict_run",
        "workflow_analytics",
        "show_schedule",
        "on_call",
    ]
)  # commands that change nothing
LIKELY = 0.5  # at or above: a reader that is half sure is believed


@dataclass(frozen=True, slots=True)
class Weighed:
    """``score``: down to FOREIGN others are meant, from LIKELY on we are. ``reasons``: (what was found, its weight), in order."""

    score: float
    reasons: tuple[tuple[str, float], ...]

    @property
    def foreign(self) -> bool:
        return self.score <= FOREIGN

    @property
    def likely(self) -> bool:
        return self.score >= LIKELY

    def heard(self, command: str | None) -> bool:
        """Whether a second reader is worth hearing: where the first found nothing there must be words that speak for us."""
        return self.likely or (command is not None and not self.foreign)

    def believes(self, *, firm: bool) -> bool:
        """Whether a workflow that was read in the words is meant; a ``firm`` one, with a cause and nothing open, is evidence itself."""
        return self.score >= (FIRM if firm else LIKELY)


# --- what speaks for us -----------------------------------------------------------------------------------------------------------

_OUR_NOUN = (
    r"ack(?:ed|nowledged?)?|snoozed?|work\s?flows?|flows?|automations?|alerts?(?!\s+(?:and|tones?|sounds?)\b)|fallbacks?|thresholds?|webhooks?|on[\s-]?call|root\s+cause|rca|dependenc(?:y|ies)|deps"
    r"|health\s+(?:report|check|status)|error\s+rate|success\s+rate|response\s+times?|throughput|uptime|latency|availability|outages?|offline"
    r"|maint(?:enance)?(?:\s+(?:window|mode))?|incidents?|impact(?:\s+report)?|blast\s+radius|digest|bounce\s+rate|anomal(?:y|ies)"
    r"|(?:an?|one|new|big|red|manual)\s+(?:\w+\s+)?(?:button|command|rule|shortcut|zap)|buttons?\s+(?:named|called|that)|by\s+hand|on\s+demand|manual(?:ly)?|on\s+duty|pager|services?\s+(?:are|is|doing|status|health)|our\s+services|what\s+(?:can|could)\s+you\s+do|(?:things|stuff|what)\s+(?:can\s+)?you\s+(?:can\s+)?(?:do|know)\b|approvals?|standby|rota"
    r"|schedules?|reminders?(?!\s+(?:for\s+me|to)\b)|upcoming|planned\s+for|scheduled\s+(?:for|to|runs?|in|today)|(?:chances?|odds|probability|likelihood|risk)\b|(?:will|going\s+to)\s+(?:run|fire)\b|analytics|runs?\s+of|depend\s+on|rely\s+on"
    r"|(?:(?:the|last|failed|latest|previous|next|recent|this|that|current|stuck)\s+)runs?|retries|run\s+history"
)
_PRODUCT_NOUN = (
    r"pull\s+requests?|prs?|merge\s+requests?|mrs?|commits?|push(?:es)?(?!-)|issues?|tickets?|cards?|tasks?|boards?|deals?|leads?|invoices?|refunds?"
    r"|disputes?|chargebacks?|payments?|subscriptions?|pipelines?|builds?|releases?|repos?|branch(?:es)?|channels?|threads?|labels?|e-?mails?|inbox|messages?|files?|folders?|spreadsheets?|records?|contacts?|comments?|reactions?|calendars?|calendar\s+events?"
)
_OUR_DEED = (
    r"pause|unpause|resume|ack(?:nowledge)?|snooze|mute|unmute|silence|escalate|resolve|retry|re-?run|trigger|dispatch|post|notify|ping|announce"
    r"|delete|disable|enable|deactivate|activate|rename|duplicate|roll\s+back|optimi[sz]e|diagnose|predict|forecast|automate|remind|suspend|re-?open"
)
_PLAIN_DEED = (
    r"run|start|stop|cancel|abort|kill|show|list|create|make|add|open|close|send|tell|email|dm|message|explain|set|move|copy|upload|share|invite"
    r"|merge|assign|update|change|remove|get|give|check|search|find|remind|warn|alert|put|switch|turn|page|hold|shut|hush|take|log|file|draft|drop|mark"
)
_LEAD = (
    r"(?:(?:please|pls|kindly|ok(?:ay)?|so|now|then|and|also|just|hey|hi|hello|right|sorry|oh|no|um+|uh|well|quick(?:ly)?|go\s+ahead\s+and|maybe)\b[\s,!.:-]*"
    r"|(?:can|could|would|will)\s+(?:you|we|u|the\s+bot|signalbox)\s+(?:please\s+|kindly\s+|maybe\s+|quickly\s+|just\s+)*|would\s+you\s+mind\s+"
    r"|(?:I|we)\s*(?:would|'d)?\s+(?:like|love|want|need)\s+(?:you\s+)?(?:to\s+)?|let's\s+|you\s+can\s+|time\s+to\s+)*"
)
_STARTS = r"when(?:ever)?|if|once|as\s+soon\s+as|each\s+time|every\s+time|any\s?time|after|on\s+(?:every|each|any)|for\s+(?:every|each|any)|all|new|every|each|→"
_CAUSES = r"when(?:ever)?|if|once|as\s+soon\s+as|(?:each|every|any)\s?time|after|upon|on\s+(?:every|each|any|a|new)|should"
_ASKED = r"(?:what|who|how|why|where|whether|which|about|something|some|the\s+(?:latest|weather|time|news|exchange|date|best)|an?\s+(?:joke|story|fact|riddle|quote))\b"
_TIME = (
    rf"{BLANK}|\b(?:every|each|daily|weekly|monthly|hourly|nightly|quarterly|yearly|regularly|fortnightly|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|weekdays?|weekends?|tomorrow|tonight|(?:at|@)\s*\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm)?|\d{1,2}:\d\d|noon|midnight|in\s+\d+\s+(?:min|hour|day|week)\w*)\b"
)


def _has(pattern: str, flags: int = re.IGNORECASE) -> Callable[[str], bool]:
    compiled = re.compile(pattern, flags)
    return lambda text: compiled.search(text) is not None


_TIMED = _has(_TIME)
_ORDERED = _has(rf"(?:^|[,:;.→]|{BLANK}|{_TIME})\s*{_LEAD}(?:{_OUR_DEED}|{_PLAIN_DEED})\b")


_FOR: tuple[tuple[str, float, Callable[[str], bool]], ...] = (
    ("a service", 1.5, _has(SERVICE)),
    ("a channel", 2.0, _has(CHANNEL)),
    ("a noun of ours", 2.0, _has(rf"\b(?:{_OUR_NOUN})\b")),
    ("a noun of a product", 1.0, _has(rf"\b(?:{_PRODUCT_NOUN})\b")),
    ("one thing of a product", 1.5, _has(THING)),
    ("an email to be sent", 3.5, _has(r"^\W*(?:please\s+)?(?:send|write)\s+(?:an?\s+)?e-?mail\s+to\s+\w+\W*$")),
    ("an address", 0.5, _has(rf"{EMAIL}|{LINK}")),
    ("a name as of a workflow", 1.0, _has(r"(?<![\w/.-])[A-Za-z\d]+(?:[-_][A-Za-z\d]+)+(?![\w/-])|" + QUOTE + r"|(?<=[a-z] )[A-Z][\w&]+(?: [A-Z][\w&]+)+|(?<=[a-z] )[A-Z][a-z]+ [a-z]{3,}s\b", 0)),
    ("a deed of ours", 1.5, _has(rf"^\s*{_LEAD}(?:{_OUR_DEED})\b")),
    ("a deed", 0.5, _has(rf"^\s*{_LEAD}(?:{_PLAIN_DEED})\b")),
    ("people to be told", 1.0, _has(rf"\b(?:tell|ping|notify|remind|message|dm|alert|warn|page|email|nudge|inform)\s+(?:{PERSON}|(?:me|us)\b(?!\s+{_ASKED})|everyone\b|the\s+team\b)|\blet\s+(?:me|us|{PERSON})\s+know\s+(?:when|if|once|every|as|about)\b")),
    ("a start that we can see", 2.5, _has(rf"\b(?:{_CAUSES})\b[^.;:→]{{0,60}}?(?:{SERVICE}|\b(?:{_PRODUCT_NOUN}|{_OUR_NOUN})\b)|\b(?:new|every|each|incoming)\s+(?:{SERVICE}\s*)?(?:\w+\s+)?(?:{_PRODUCT_NOUN})\b")),
    ("a start and a deed", 1.0, _has(rf"(?:\b(?:{_STARTS})\b|→).*?\b(?:{_OUR_DEED}|{_PLAIN_DEED})\b|\b(?:{_OUR_DEED}|{_PLAIN_DEED})\b.*?\b(?:when(?:ever)?|if|each\s+time|every\s+time|once)\b")),
    ("a time and a deed", 1.0, lambda text: bool(_TIMED(text) and _ORDERED(text))),
)  # fmt: skip


# --- what speaks against ------------------------------------------------------------------------------------------------------------

_OF_LIFE = (
    r"(?:i|tele)?phones?|ringtones?|lights?|lamps?|heating|thermostat|doors?|windows?\s+(?:open|shut)|kitchen|fridge|oven|coffee|tea|lunch|dinner|breakfast|pizza|cake|beers?"
    r"|flights?|hotels?|taxi|cab|trains?|bus|flat|rent|dentist|doctor(?:'?s)?\s+(?:appointment|visit|note)|vet|haircut|gym|weather|forecast\s+for\s+the\s+weekend|rain|traffic|parking|cars?|tyres?|tires?|petrol"
    r"|music|songs?|playlists?|movies?|films?|videos?|tv|television|volume|games?|football|match|toilets?|bathroom|lift|elevator|stairs|printers?|toner|laptops?|keyboards?"
    r"|headset|mouse|monitor\s+stand|chairs?|desks?|fire\s+(?:alarm|drill)s?|alarm\s+clock|timer|stopwatch|meeting\s+rooms?|bank|salary|payslip|vacation|birthdays?"
    r"|recipes?|diet|horoscope|lottery|bitcoin|dog|cat|kids?|mum|mom|dad|wife|husband|landlord|shopping\s+list|groceries|milk|parcel|package|umbrella|jacket|tie|shoes|keys"
    r"|slides?|css|html|latex|python|javascript|regex|sql|excel|word\s+document|powerpoint|photoshop"
)
_MINE = r"credit\s+(?:card|score)|bank|account|pin|password|insurance|bills?|appointments?|reservation|order|luggage|wallet|badge|passport|paycheck|pto|balance|savings|taxes|hair|back|head"
_WORLD = (
    r"^\s*(?:(?:so|and|but|hey|hi|btw|quick\s+question)\b[\s,:]*)*(?:"
    r"what(?:'s|\s+is|\s+are|\s+was|\s+were|\s+did|\s+does|\s+do|\s+makes?)\b|who(?:'s|\s+is|\s+was|\s+are|\s+\w+ed|\s+won|\s+makes?|\s+wants?)\b|where\b|when\s+(?:is|was|does|did|do|will|are)\b"
    r"|why\s+(?:do|does|is|are|did)\b|how\s+(?:do|does|did|many|much|far|long|old|tall|big|can|could|should|to|is|are|was)\b"
    r"|(?:is|are|was|were|does|do|did|has|have|will|would|should|can|could)\s+(?!you\b|there\b|we\s+have\b|u\b|the\s+bot\b)\w+"
    r"|(?:what|which)\s+[a-z]+\s+(?:do|did|does|am|was|were|will|can|should|have|has)\s+(?:I|he|she|they|my|her|his)\b"
    rf"|(?:tell|remind|let)\s+(?:me|us)\s+(?:know\s+)?{_ASKED})"
)
_TO_PEOPLE = (
    r"\bany(?:one|body)\s+(?:here\s+|else\s+)?(?:\w+ed\s+)?(?:know|knows|want|wants|up\s+for|in\s+for|got|lend|seen|tried|going|coming|free|able|remember|fancy|order|bring|else)\b"
    r"|\b(?:can|could|would|did|does|has|is|will)\s+(?:any(?:one|body)|facilities|hr|finance|legal|reception|security)\b|\bwho(?:'s|\s+is)\s+(?:in|up|coming|around|free)\b"
    r"|\bdo\s+(?:you|we)\s+(?:guys|all|think|like|remember|know\s+(?:a|any|who|if|how))\b|\b(?:any|some)\s+(?:\w+\s+)?(?:tips|ideas|thoughts|advice|recommendations\s+for\s+(?:a\s+)?(?:lunch|dinner|book))\b"
    r"|\bshall\s+we\b|\bsee\s+you\b|\bwelcome\s+(?:back|aboard|to\s+the)\b|\bcongrat\w*\b|\bhappy\s+(?:birthday|friday|new)\b"
)
_FEELING = (
    r"^\s*(?:(?:tbh|honestly|well|ugh|wow|lol|man|damn|ah|oh|yeah|so|and|but|imo|imho|fwiw|btw|good\s+morning|hi|everyone)\b[\s,!.]*(?:everyone|all|team)?[\s,!.]*)*"
    r"(?:I|we|he|she|they|you)\s*(?:'m|'ve|'re|\s+am|\s+are|\s+have)?\s*(?:really\s+|just\s+|still\s+|never\s+|always\s+|totally\s+|kinda\s+|sort\s+of\s+|also\s+|once\s+|already\s+|both\s+|all\s+)*"
    r"(?:love[ds]?|like(?!\s+(?:to|a|an|you|my|our|every|when|it\s+if)\b)|liked|hate[ds]?|think|thought|wish(?:ed)?|hope[ds]?|wonder(?:ed|ing)?|remember(?:ed)?|guess|believe[ds]?|miss(?:ed)?|trust(?:ed)?|prefer(?:red)?|fear|doubt|feel|felt"
    r"|was|were|had(?!\s+(?:better|it))|went|used\s+to|saw|heard|said|says|told|talked|spent|bought|sold|moved\s+to|switched\s+to|migrated|finished|forgot|tried|met|read\s+(?:that|about)|tired|bored|hungry|sick|late|proud|happy|sad|glad|afraid|sorry|excited|new\s+(?:at|to|in))\b"
)
_GRUMBLE = r"^\s*(?:ugh|argh|sigh|meh|wow|omg|ouch|yay|hooray|phew|lol|haha|hm+)\b|\b(?:way\s+too|why\s+do\s+I\s+do|change\s+my\s+mind|imho|jk|just\s+kidding|took\s+forever)\b"
_STORY = (
    r"^\s*(?:the|our|my|that|this|his|her|their|your|these|those|last|yesterday's|today's)\s+(?:[\w'-]+\s+){0,4}?(?:was|were|went|looked|looks|sounded|sounds|felt|feels|seemed|seems|turned\s+out|took|made|broke|got|came|ate|is\s+(?:such|so|way|too|really|great|nice|awesome|annoying|awful|beautiful|ugly|boring|fun))\b"
    r"|^\s*(?:it|everything|yesterday|last\s+(?:night|week|year|friday))\s+(?:was|were|went|looked|felt|took|had|we|I)\b|\b(?:says?|said|thinks?|thought|reckons?|claims?)\s+(?:that\s+)?(?:the|our|we|I|chapter|it|my|his|her)\b"
)
_JUDGED = (
    r"^[^,;:→?]*\b(?:is|are|was|were|looks?|seems?)\s+(?:just\s+|so\s+|really\s+|very\s+|such\s+an?\s+|quite\s+|pretty\s+|too\s+|kinda\s+|always\s+|still\s+)*"
    r"(?:annoying|boring|great|awesome|ugly|nice|cute|funny|stupid|silly|cool|lovely|ridiculous|confusing|useless|amazing|horrible|crap|trash|garbage|hilarious|brilliant|a\s+(?:joke|pain|mess|nightmare))\s*(?:today|lately|again|lol|tbh|imo)?[\s.!]*$"
)
_MAYBE = r"^\s*(?:what\s+(?:would\s+you|if)|would\s+you\s+(?!mind|please|kindly)|imagine|suppose|hypothetically|in\s+theory|let's\s+say|theoretically|if\s+(?:you|we|I)\s+(?:were|had|could|ever|told))\b"
_MAKING = (
    r"\b(?:write|compose|draft|code|sing|draw|paint|translate|proofread|design|program|rewrite|summari[sz]e)\s+(?:me\s+|us\s+|up\s+)?(?:an?\s+|some\s+|the\s+|this\s+|my\s+)?(?:[\w-]+\s+){0,2}?"
    r"(?:poem|song|haiku|essay|joke|story|(?:python|bash|shell|perl|vba)\s+script|code|css|html|grid|function|class|program|regex|query|letter|speech|limerick|slogan|paragraph|text|page\s+of|logo|picture|cv|resume|sonnet|rap|novel|toast)\b"
    r"|\b(?:translate|conjugate|spell)\b|\bhow\s+do\s+(?:you|I|we)\s+(?:say|spell|pronounce)\b|\btell\s+(?:me|us)\s+(?:a|another|some)\s+(?:\w+\s+)?(?:joke|story|riddle|fact)\b|\bin\s+(?:English|German|French|Spanish|Japanese|Italian|Portuguese)\s*\?"
)
_ALARM = r"\b(?:set|start)\s+(?:me\s+)?(?:an?|my|the)\s+(?:\w+\s+)?(?:alarm|timer|stopwatch)\b|(?<!not )(?<!n't )(?<!dont )(?<!never )\bwake\s+me\b"
_PRODUCT_TALK = (
    rf"\b(?:cost|costs|price|pricing|cheaper|licen[cs]e|seats?|own|owns|owned|founded|bought|acquired|invented|stock|shares|ipo|ceo|logo|better\s+than|worth\s+it|vs\.?|versus)\b.*{SERVICE}|{SERVICE}.*"
    rf"\b(?:cost|costs|price|pricing|cheaper|licen[cs]es?|per\s+seat|own|owns|owned|founded|bought|acquired|invented|stock\s+price|ipo|ceo|logo|better\s+than|worth\s+it|vs\.?|versus)\b|^\s*{SERVICE}\s*(?:>|<)+\s*{SERVICE}|\b(?:what|who)(?:'s|\s+is|\s+was)\s+{SERVICE}(?:\s+(?:again|anyway|for|exactly))?\s*\?*$"
    rf"|\b(?:what|who)\s+{SERVICE}\s+(?:is|was|does)\b|\b(?:difference\s+(?:between|of)|compared?\s+to)\b.*{SERVICE}|^\s*how\s+(?:do|can|would|should)\s+I\s+(?:use|learn|log|sign|install|reset)\b"
)
_PLAY = r"\b(?:boss\s+fight|in\s+level\s+\d+|chapter\s+\d+|episode|season|diagram|supervisor|thesis|exam|homework|novel)\b"
_ELSEWHERE = (
    r"(?<![\w-])(?:ward|floor|on\s+level\s+\d+|building|warehouse|garage|room\s+\d+|downstairs|upstairs|canteen|reception)(?![\w-])"
)
_TO_SOMEBODY = rf"^\s*(?:hey\s+|hi\s+|so\s+)?{PERSON}[\s,:!-]+(?:did|do|does|can|could|are|is|have|has|will|would|what|when|where|why|how|please|pls|you|your|thanks|any|I|we|let's|nice|great|good|happy|congrat\w*|sorry|the)\b"

_AGAINST: tuple[tuple[str, float, Callable[[str], bool]], ...] = (
    ("life beside the work", -2.5, _has(rf"(?<![\w-])(?:{_OF_LIFE})(?![\w-])|\bmy\s+(?:\w+\s+)?(?:{_MINE})\b")),
    ("a question of the world", -1.5, _has(_WORLD)),
    ("a question to people", -2.5, _has(_TO_PEOPLE)),
    ("an opinion or a feeling", -4.5, _has(_FEELING)),
    ("a sigh", -2.0, _has(_GRUMBLE)),
    ("a story", -3.5, _has(_STORY)),
    ("a judgement", -5.0, _has(_JUDGED)),
    ("a thought, not a wish", -2.5, _has(_MAYBE)),
    ("a text to be made", -4.0, _has(_MAKING)),
    ("an alarm to be set", -3.0, _has(_ALARM)),
    ("talk about a product", -4.0, _has(_PRODUCT_TALK)),
    ("play and study", -2.0, _has(_PLAY)),
    ("another place", -1.5, _has(_ELSEWHERE)),
    ("a sum", -4.0, _has(r"\b\d+(?:\.\d+)?\s*(?:times|plus|minus|divided\s+by|multiplied\s+by|[x*+/])\s*\d+(?![\d:/x]*\s*(?:am|pm|h\b))\s*(?:=|\?|$)")),
    ("words to somebody", -5.0, _has(_TO_SOMEBODY)),
    ("words aimed at the rules", -8.0, _has(INJECTION.pattern)),
)  # fmt: skip


def weigh(source: Source) -> Weighed:
    """The evidence in the words of ``source``; a workflow of the team that is named speaks for us more than all else."""
    text = source.text
    found = [(name, weight) for name, weight, holds in (*_FOR, *_AGAINST) if holds(text)]
    if any(len(name) > 3 and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", source.plain(text), re.IGNORECASE) for name in source.workflows):
        found.append(("a workflow of the team", 4.0))
    return Weighed(sum(weight for _, weight in found), tuple(found))
