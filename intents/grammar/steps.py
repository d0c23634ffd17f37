"""What is to be done: deeds in words → steps, in the order of doing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from intents.grammar.clauses import VERBS
from intents.grammar.orders import read_order
from intents.grammar.source import BLANK, CAPITALS, CHANNEL, EMAIL, LINK, PERSON, QUOTE, SERVICE, Source, tidy
from intents.grammar.values import values_of
from intents.lexicon import Sense
from intents.phrases import LOOKING

Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """One part of the sentence and the steps it asks for. Open parts carry a ``question``; ``choices`` are services or ``#`` for a place."""

    text: str
    steps: tuple[Step, ...] = ()
    question: str = ""
    slot: str = ""  # service, channel, role
    choices: tuple[str, ...] = ()
    sure: float = 0.95


_THINGS = frozenset({"issue", "pull_request", "card", "task", "ticket", "deal", "page", "item", "contact", "record"})
_AROUND_THINGS = ("repo", "project", "board")


@dataclass(slots=True)
class Context:
    """What "it", "there" and "the issue" lead back to: services spoken of so far, the newest last; the last message's service."""

    services: list[str] = field(default_factory=list)
    messenger: str = "chat"
    title: str = ""
    channel: str = ""
    things: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  # by service, what the last step named: {"issue": 17, "repo": "acme/web"}

    def note(self, steps: Sequence[Step]) -> None:
        for step in steps:
            service = step["action"].partition(".")[0]
            if service in self.services:
                self.services.remove(service)
            self.services.append(service)
            self.title = step.get("with", {}).get("title") or self.title
            named = {name: value for name, value in step.get("with", {}).items() if name in (*_THINGS, *_AROUND_THINGS)}
            if set(named) & _THINGS:
                self.things[service] = named
            if step["action"] == "slack.create_channel":
                self.channel = step["with"].get("name", "")


MESSENGERS = ("slack", "discord", "teams", "google_chat", "chat")
_TELL = (
    r"post(?:s|ed|ing)?|tell(?:s|ing)?|told|notif(?:y|ies|ied)|notification|ping(?:s|ed)?|announce[sd]?|let(?:s"
    r"|ting)?\b.*?\bknow(?:s|n)?|inform(?:s|ed)?|warn(?:s|ed)?|alert(?:s|ed)?|say(?:s|ing)?|writes?"
    r"|written|drop(?:s|ped)?|shout(?:s)?|dm(?:s)?|page(?:s|d)?|remind(?:s|er|ers)?|message[sd]?"
    r"|give\b.*?\bheads[\s-]?up|heads[\s-]?up|flag(?:s|ged)?|report(?:s|ed)?|send(?:s|ing)?|sent|publish(?:es|ed)?"
    r"|broadcast(?:s)?|welcome[sd]?|greet(?:s)?|forward(?:s|ed)?|dump(?:s)?|share[sd]?|goes|go|receives?|gets?|know"
    r"|put|bring|mention(?:s)?|cc|show(?:s)?|push|deliver(?:s|ed)?|text|call\s+out|shouts?\s+out|update[sd]?|want|have"
    r"|yell|holler|scream|intimate[sd]?|brief|summon|nudge|hear(?:s)?|learn(?:s)?|see(?:s)?|alarm|loop|chase|poke|advise"
)
_TELLING = re.compile(rf"\b(?:{_TELL})\b", re.IGNORECASE)
_DESTINATION = rf"(?:{CHANNEL}|{PERSON}|{EMAIL})"
_ME = re.compile(
    r"\b(?:(?:tell|dm|ping|let|notify|message|remind|inform|warn|alert|send|text|give|page|to|flag\s+it\s+to|mail|show"
    r"|nudge|update|get)\s+(?:it\s+to\s+)?me\b|I\s+(?:get|am|want\s+to\s+be|wanna\s+be|need\s+to\s+be|should\s+be"
    r"|would\s+like\s+to\s+be|'d\s+like\s+to\s+be)\s+(?:told|notified|informed|pinged|warned|alerted|reminded|messaged"
    r"|a\s+(?:message|dm|ping|notification))|I(?:'d|\s+would)?\s+(?:like|want|need)\s+to\s+know|notify\s+myself"
    r"|my\s+dms?|me\s+(?:a\s+)?(?:know|dm|ping|message|heads)|I\s+(?:get|receive|want)\s+(?:an?\s+)?(?:dm|ping|message"
    r"|notification|alert|reminder))",
    re.IGNORECASE,
)
_REPORTS = ("health_report", "alert_digest", "workflow_analytics", "impact_report")


def read_deed(source: Source, text: str, context: Context, answers: dict[str, str] | None = None) -> Deed:
    """The steps of one part of the sentence. ``answers`` are earlier replies to its questions: service, channel, role."""
    answers = answers or {}
    part = active(tidy(text))
    literal = _literal(source, part)
    if literal:
        return Deed(part, tuple(literal))
    if _addressed(source, part):
        return _told(source, part, context, answers)
    ordered = read_order(source, part)
    if ordered is not None:
        return Deed(part, (ordered,))
    single = _asked_approval(source, part) or _run_named(source, part)
    if single is not None:
        return Deed(part, (single,))
    reports = _reports(source, part)
    if reports:
        return Deed(part, (*reports, *_with_reports(source, _without_reports(source, part), context)))
    several = _in_several(source, part, context, answers)
    if several is not None:
        return several
    listed = _list_to_tell(source, part, context)
    if listed is not None:
        return listed
    replied = _replied(source, part, context)
    if replied is not None:
        return replied
    choice = _choose(source, part, context, answers.get("service", ""))
    if isinstance(choice, Deed):
        return choice
    if choice is not None:
        return _acted(source, part, _carried(source, part, choice, context), context, answers)
    return _told(source, part, context, answers)


# --- the passive ----------------------------------------------------------------------------------------------------------

_IRREGULAR = {"made": "make", "sent": "send", "put": "put", "set": "set", "cut": "cut", "told": "tell", "written": "write", "given": "give", "kept": "keep", "built": "build", "got": "get", "run": "run", "paid back": "pay back", "spun up": "spin up", "drawn up": "draft", "backed up": "back up", "shut": "close", "hit": "hit", "begun": "start", "brought": "bring"}  # fmt: skip


def _participles() -> dict[str, str]:
    forms = dict(_IRREGULAR)
    for verb in VERBS:
        for form in (
            verb + "ed",
            verb + "d" if verb.endswith("e") else verb + verb[-1] + "ed",
            verb[:-1] + "ied" if verb.endswith("y") else verb + "ed",
        ):
            forms.setdefault(form, verb)
    return forms


_PARTICIPLES = _participles()
_DONE = "|".join(sorted((re.escape(form).replace(r"\ ", r"\s+") for form in _PARTICIPLES), key=len, reverse=True))
_PASSIVE = re.compile(
    rf"^\s*(?:(?:and|then|also|please|so)\s+)*(?P<what>(?:the|an?|its|their|that|this|these|those|it|they|them|one|new|any|all|every|{SERVICE}|{QUOTE})(?:\s+\S+){{0,7}}?)\s+"
    rf"(?:(?:should|must|shall|will|has\s+to|have\s+to|needs?\s+to|is\s+to|are\s+to|ought\s+to)\s+(?:(?:also|then|automatically|always|all)\s+)*(?:be|get)|gets?|is|are|being)\s+(?:(?:also|then|automatically)\s+)*(?P<did>{_DONE})\b(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_HAVE_DONE = re.compile(
    rf"^\s*(?:(?:and|then|also|please)\s+)*(?:have|get|want|see)\s+(?P<what>(?:the|an?|its|that|this|it)\b(?:\s+\S+){{0,6}}?)\s+(?P<did>{_DONE})\b(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_INVERTED = re.compile(  # "must be created a customer in Stripe"
    rf"^\s*(?:(?:and|then|also|please|so|it|there)\s+)*(?:should|must|shall|will|has\s+to|have\s+to|needs?\s+to)\s+(?:(?:also|then|automatically)\s+)*be\s+(?P<did>{_DONE})\s+"
    rf"(?P<what>(?:an?|one|the|new)\s+\S+)(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)


def active(part: str) -> str:
    """ "the card should be moved to Done" → "move the card to Done"; whatever is no passive stays."""
    match = _PASSIVE.match(part) or _HAVE_DONE.match(part) or _INVERTED.match(part)
    if match is None or re.search(rf"{CHANNEL}|{PERSON}|{EMAIL}", match["what"]):
        return part
    verb = _PARTICIPLES[re.sub(r"\s+", " ", match["did"].lower())]
    return f"{verb} {match['what']}{match['rest']}"


# --- written exactly ------------------------------------------------------------------------------------------------------


def _literal(source: Source, part: str) -> list[Step]:
    match = re.match(r"\s*(?:do\s+)?([a-z_]+\.[a-z_]+)\b(?P<rest>.*)", source.marked.plain(part), re.DOTALL)
    if match is None or all(sense.id != match[1] for sense in source.lexicon.actions):
        named = next(
            (m for m in re.finditer(r"\b[a-z]+(?:_[a-z]+)+\b", part) if any(sense.name == m[0] for sense in source.lexicon.actions)), None
        )
        services = [sense.service for sense in source.lexicon.actions if named is not None and sense.name == named[0]]
        said = [service for service in source.services(part) if service in services] or (services if len(services) == 1 else [])
        if named is None or not said or named.start() > 12:
            return []
        return [
            {
                "action": f"{said[0]}.{named[0]}",
                "with": values_of(source, part, said[0], named[0], _inputs(source, f"{said[0]}.{named[0]}")),
            }
        ]
    return [{"action": match[1], "with": pairs(source, match["rest"])}]


_PAIR = re.compile(rf"(?<![\w])(?P<k>[a-zA-Z_]\w*)\s*=\s*(?P<v>{QUOTE}|{LINK}|[^\s,]+)")


def pairs(source: Source, text: str) -> dict[str, Any]:
    """``key=value key='two words'`` → values; numbers, true and false by their kind."""
    out: dict[str, Any] = {}
    for match in _PAIR.finditer(text):
        value = source.utterance.plain(match["v"])
        out[match["k"]] = value if re.match(QUOTE, match["v"]) else typed(value)
    return out


def typed(value: str) -> Any:
    if re.fullmatch(r"-?\d{1,15}", value):
        return int(value)
    if re.fullmatch(r"-?\d{1,15}\.\d{1,9}", value):
        return float(value)
    return {"true": True, "false": False}.get(value.lower(), value)


def said_inputs(source: Source, text: str) -> dict[str, Any]:
    """ "region=EMEA", "the region EMEA and amount 40" → inputs of a run; {} where it is no list of them."""
    written = pairs(source, text)
    if written:
        return written
    out: dict[str, Any] = {}
    for part in re.split(r"\s*(?:,|\band\b)\s*", text):
        match = re.match(
            rf"^\s*(?:the\s+|an?\s+)?(?P<k>[a-z_]\w*)\s*(?:=|:|\bis\b|\bset\s+to\b|\bof\b|\bas\b)?\s*(?P<v>{QUOTE}"
            rf"|[\w.@/-]+)\s*$",
            part,
            re.IGNORECASE,
        )
        if match is None or match["k"].lower() in ("me", "us", "the", "a", "free"):
            return {}
        value = source.plain(match["v"])
        out[match["k"]] = value if re.match(QUOTE, match["v"]) else typed(value)
    return out


_RUN_NAMED = re.compile(
    rf"\s*(?:(?:and|then|please|also)\s+)*(?:run|start|trigger|kick\s+off|launch|execute|fire(?:\s+off)?|re-?run)\s+(?:the\s+|our\s+|my\s+)?(?:(?P<w>workflow|flow|automation)\s+(?:called\s+|named\s+)?)?"
    rf"(?P<name>{QUOTE}|[\w]+(?:-[\w]+)+|{CAPITALS}|[\w-]+(?:\s+[\w-]+){{0,4}}?)(?P<f>\s+(?:workflow|flow|automation))?"
    r"(?:\s+(?:with|using|passing|for)\s+(?:inputs?\s+)?(?P<in>.+?))?(?:\s+(?:again|now|too|afterwards|please|there|instead|first))*\s*[.!]*$",
    re.IGNORECASE,
)


def _run_named(source: Source, part: str) -> Step | None:
    """A workflow of ours by a name that can be no other thing's: hyphened, quoted, one of the team's, or called a workflow."""
    match = _RUN_NAMED.match(part)
    if match is None or set(source.services(part)) - {"signalbox"}:
        return None
    name = source.plain(match["name"])
    known = next((one for one in source.workflows if one.lower() == name.lower()), "")
    if not (known or match["w"] or match["f"] or re.fullmatch(rf"{QUOTE}|\w+(?:-\w+)+", match["name"])) or name.lower() in (
        "it",
        "again",
        "workflow",
    ):
        return None
    inputs = said_inputs(source, match["in"]) if match["in"] else {}
    if match["in"] and not inputs:
        return None
    return {"action": "signalbox.run_workflow", "with": {"workflow": known or name, **({"inputs": inputs} if inputs else {})}}


def _asked_approval(source: Source, part: str) -> Step | None:
    match = re.search(
        r"\b(?:ask|get|request|obtain|wait\s+for|seek)\b.*?\b(?:approval|permission|sign-?off|an?\s+ok|go-?ahead)\b", part, re.IGNORECASE
    )
    who = re.search(CHANNEL, part) or re.search(PERSON, part)
    asks = match or re.search(
        rf"\bask\s+{_DESTINATION}\s+(?:to\s+(?:approve|confirm|sign\s+off)|if\s+(?:that's|it's|this\s+is)\s+ok)", part, re.IGNORECASE
    )
    if asks is None:
        return None
    said = {} if who is None else {"channel" if who[0][0] in "#<" else "approver": who[0]}
    quote = re.search(QUOTE, part)
    return {"action": "chat.ask_approval", "with": {**said, **({"text": source.quote(quote[0])} if quote else {})}}


# --- reports of the house ----------------------------------------------------------------------------------------------------


def _report_senses(source: Source, part: str) -> list[tuple[int, int, Sense]]:
    found = []
    for sense in source.lexicon.actions:
        if sense.service == "signalbox" and sense.name in _REPORTS and sense.phrase:
            match = sense.phrase.search(part)
            if match is not None:
                found.append((match.start(), match.end(), sense))
    return sorted(found, key=lambda hit: hit[0])


def _reports(source: Source, part: str) -> list[Step]:
    steps: list[Step] = []
    for _, _, sense in _report_senses(source, part):
        said = values_of(source, part, "signalbox", sense.name, frozenset({"service", "window", "workflow"} & _inputs(source, sense.id)))
        if sense.name == "workflow_analytics" and "workflow" not in said:
            named = re.search(rf"(?:analytics|stats)\s+(?:of|for)\s+(?:the\s+)?(?P<v>{QUOTE}|[\w]+(?:-[\w]+)+)", part)
            said |= {"workflow": source.plain(named["v"])} if named else {}
        steps.append({"action": sense.id, "with": said})
    return steps


def _with_reports(source: Source, rest: str, context: Context) -> tuple[Step, ...]:
    """What is done with the report: posted, mailed, appended to a page."""
    if any(service not in MESSENGERS for service in source.services(rest)):
        choice = _choose(source, rest, context, "")
        if isinstance(choice, Sense):
            return _acted(source, rest, choice, context, {}).steps
    return tuple(_messages(source, rest, context, optional=True))


_ABOUT_ONE = re.compile(rf"^\s*(?:for|of|on|about)\s+(?:the\s+)?{SERVICE}")


def _without_reports(source: Source, part: str) -> str:
    for start, end, _ in reversed(_report_senses(source, part)):
        part = part[:start] + " it " + _ABOUT_ONE.sub(" ", ("of " if part[start:end].endswith("of") else "") + part[end:])
    return part


def _inputs(source: Source, action: str) -> frozenset[str]:
    service = source.lexicon.services.get(action.partition(".")[0])
    return frozenset(f.name for a in (service.actions if service else ()) if a.id == action for f in a.inputs)


_SERVICES = re.compile(rf"{SERVICE}(?:\s*(?:,\s*and|,|and|&)\s*(?:in\s+|to\s+|on\s+)?{SERVICE})+")


def _in_several(source: Source, part: str, context: Context, answers: dict[str, str]) -> Deed | None:
    """ "create a customer in Stripe and QuickBooks": the same deed in each."""
    match = _SERVICES.search(part)
    if match is None or any(service in MESSENGERS for service in source.services(match[0])):
        return None
    deeds = [
        read_deed(source, part[: match.start()] + mark + part[match.end() :], context, answers) for mark in re.findall(SERVICE, match[0])
    ]
    if any(len(deed.steps) != 1 or deed.question for deed in deeds):
        return None
    return Deed(part, tuple(deed.steps[0] for deed in deeds))


_LISTED = re.compile(
    rf"^\s*(?:(?:{_TELL}|e-?mail|mail|get|give)\b.*?|(?:(?:the|all|our|my|an?)\s+)*)\b(?:list|summary|overview|digest|count|number|open|all|overdue|unpaid"
    rf"|unassigned|unsolved|pending|latest|recent|top|today's|this\s+week's)\b",
    re.IGNORECASE,
)
_MANY = (
    r"\b(?:issues|bugs|tickets|tasks|cards|items|leads|opportunities|records|contacts|invoices|payments|customers"
    r"|events|meetings|files|pages|rows|entries|(?:invoice|task|ticket|issue|payment)\s+(?:list|summary))\b"
)


def _list_to_tell(source: Source, part: str, context: Context) -> Deed | None:
    """ "post a summary of open asana tasks to #standup": looked up first, then told."""
    named = [service for service in source.services(part) if service not in MESSENGERS]
    plain = re.sub(SERVICE, " ", part)
    if len(named) != 1 or not _LISTED.match(plain) or not re.search(_MANY, plain, re.IGNORECASE):
        return None
    looking = [
        sense
        for sense in source.lexicon.actions
        if sense.service == named[0] and sense.name.startswith(LOOKING) and sense.objects and sense.objects.search(plain)
    ]
    told = _messages(source, part, context, optional=True)
    if not looking or not told:
        return None
    said = values_of(source, re.sub(rf"{CHANNEL}|{EMAIL}", " ", part), named[0], looking[0].name, _inputs(source, looking[0].id))
    sought = {str(one) for value in said.values() for one in (value if isinstance(value, list) else [value])}
    for step in told:
        if step["with"].get("text") in sought:
            del step["with"]["text"]  # 'open tickets tagged "vip"' posts no "vip"
    return Deed(part, ({"action": looking[0].id, "with": said}, *told))


# --- which action ----------------------------------------------------------------------------------------------------------------

_DEFINITE = re.compile(r"\b(?:it|its|them|they|this|that|these|those|the|his|her|their|there)\b", re.IGNORECASE)


def _choose(source: Source, part: str, context: Context, answered: str) -> Sense | Deed | None:
    plain = re.sub(SERVICE, " ", part)
    named = source.services(part) or ([answered] if answered else [])
    if re.search(LINK, part) and re.search(r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD)\b|\b(?:call|hit|request|fetch|ping|invoke)\b", part):
        return _sense(source, "http.request")
    if _POSTED_TO_LINK.match(part):
        return _sense(source, "http.request")
    referred = _referred(source, part, plain, context) if not named else None
    if referred is not None:
        return referred
    handed = _handed_over(source, part, named)
    if handed is not None:
        return handed
    if _only_told(source, part, named):
        return None
    if not named and _BY_MAIL.search(part) and not re.search(CHANNEL, part):
        return _sense(source, "email.send_email")
    there = _put_there(source, part)
    if there is not None:
        return there
    if named:
        return _among(source, plain, named)
    if re.search(r"\b(?:GET|PUT|PATCH|DELETE)\b", part) or (
        re.search(LINK, part) and not re.search(CHANNEL, part) and not _OF_A_PRODUCT.match(plain)
    ):
        return _sense(source, "http.request")
    if (
        re.search(EMAIL, part)
        and re.search(r"\b(?:e-?mail|mail|send|write|inbox|forward)", part, re.IGNORECASE)
        and not re.search(r"\bshare|\binvite", part, re.IGNORECASE)
    ):
        return _sense(source, "email.send_email")
    if re.match(r"(?:\w+\s+){0,3}(?:e-?mail|mail)\b", plain, re.IGNORECASE) and (
        re.search(PERSON, part) or _ME.search(part) or re.search(r"\bthe\s+\w+", plain)
    ):
        return _sense(source, "email.send_email")
    return _unnamed(source, part, plain, context)


# Words for somebody, whatever product they speak of: "remind #dev to update their tickets", "leave a note in #ci".
_TO_SOMEBODY = re.compile(
    rf"\s*(?:(?:and|then|please|also|finally|afterwards)\s+)*(?:"
    rf"(?:remind|nudge|tell|warn|inform|notify|ping|dm|poke|urge|prompt|chase|message)\s+(?:(?:in\s+)?(?:{_DESTINATION})(?:\s*(?:,|and|&)\s*(?:{_DESTINATION}))*|me|myself)\s+(?:to|about|that|of)\s"
    rf"|(?:leave|drop|put|write|give|send|post|add|place|stick)\s+(?:an?\s+|the\s+|some\s+)?(?:\w+\s+)?(?:note|notice|line|word|words|message|remark|memo|heads[\s-]?up|reminder|shout|ping)\s+(?:to|in|into|for|on|at)\s+(?:the\s+)?(?:{CHANNEL}|{PERSON})"
    rf")",
    re.IGNORECASE,
)


def _addressed(source: Source, part: str) -> bool:
    told = _TO_SOMEBODY.match(part)
    return told is not None and not source.services(told[0])


_POSTED_TO_LINK = re.compile(
    rf"[\s:;,.–-]*(?:(?:an?\s+|the\s+)?https?\s+)?(?:get|post|put|patch|delete)\s+(?:(?:it|that|this|the\s+(?:payload|event|body))\s+)?(?:request\s+)?(?:to\s+)?{LINK}",
    re.IGNORECASE,
)
_BY_MAIL = re.compile(r"\b(?:by|via|per|through|with|over)\s+(?:an?\s+)?e?-?mail\b", re.IGNORECASE)


_PUT_THERE = re.compile(
    rf"\s*(?:(?:and|then|please|also)\s+)*(?P<v>add|put|copy|log|record|mirror|sync|duplicate|track|write|enter|note|create|open|archive|file|store|save|keep|document|register|collect|logged|recorded|mirrored|synced|tracked|noted|archived|filed|stored|saved|kept|documented|registered|collected)\s+(?:it\s+|them\s+|that\s+|this\s+|those\s+|one\s+)?(?:also\s+|too\s+)?(?:in|to|into|on|at|with)\s+(?:the\s+|our\s+)?(?P<s>{SERVICE})(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)


def _put_there(source: Source, part: str) -> Sense | None:
    """ "add it to Jira": whatever that service is first made for, where no thing of its own is named."""
    match = _PUT_THERE.match(part)
    database = _sense(source, "notion.create_page") if match is not None and re.match(r"\s*(?:database|db)\b", match["rest"], re.IGNORECASE) else None
    if database is not None and source.marked.service_at(match["s"] if match else "") == "notion":
        return database
    if match is None or _OBJECTS.search(match["rest"]) or re.search(r"\b(?:page|thread|topic)\b", match["rest"]):
        return None
    service = source.marked.service_at(match["s"])
    own = [sense for sense in source.lexicon.actions if sense.service == service and sense.name.startswith(match["v"].lower()[:5])]
    if own and not match["v"].lower().startswith(("create", "add", "track")):
        return None  # "archive it in Trello" is said of a card
    made = [
        sense for sense in source.lexicon.actions if sense.service == service and sense.name.startswith(("create_", "upload_", "track_"))
    ]
    made = [
        sense for sense in made if sense.name not in ("create_folder", "create_customer", "create_channel", "create_space", "create_thread")
    ]
    return made[0] if made and service not in MESSENGERS else None


# What is done to a thing behind a link, in whatever product it is: no request to its address.
_OF_A_PRODUCT = re.compile(
    r"\s*(?:please\s+)?(?:close|archive|merge|reply|react|comment|assign|move|complete|delete|rename|refund|label|rebase|squash)\b",
    re.IGNORECASE,
)


def _referred(source: Source, part: str, plain: str, context: Context) -> Sense | None:
    """ "send it", "share it with …", "move it to …": done to what was spoken of last, unless it is only told to somebody."""
    shared = re.search(r"\bshar(?:e[sd]?|ing)\b.*\bwith\b", plain, re.IGNORECASE)
    pronoun = re.search(r"\b(?:it|them|there)\b", plain, re.IGNORECASE)
    if not shared and (not pronoun or re.search(_DESTINATION, part) or _ME.search(part)):
        return None
    for service in reversed([service for service in context.services if service not in ("chat", "email", "http")]):
        senses = [sense for sense in source.lexicon.actions if sense.service == service and sense.name != "post_message"]
        fitting = [sense for sense in senses if (sense.phrase.search(plain) if sense.phrase else _opens(sense, plain))]
        fitting = [sense for sense in fitting if not sense.name.startswith(("create", "search", "list", "query"))]
        if fitting:
            return max(fitting, key=lambda sense: _fit(sense, plain))
    return None


def _opens(sense: Sense, plain: str) -> bool:
    verb = _FIRST_VERB.match(plain)
    return bool(verb and sense.deeds and sense.deeds.match(plain, verb.start("verb")))


def _sense(source: Source, action: str) -> Sense | None:
    return next((sense for sense in source.lexicon.actions if sense.id == action), None)


def _only_told(source: Source, part: str, named: list[str]) -> bool:
    """A message and nothing more: "post in Teams", "slack #ops", "tell @x"; not "add a role", "create a channel #x"."""
    if named and not set(named) <= set(MESSENGERS):
        return False
    plain = re.sub(SERVICE, " ", part)
    if not named and re.search(r"\b(?:e-?mails?|mails?)\b", plain, re.IGNORECASE) and not re.search(CHANNEL, part):
        return False
    if re.search(
        r"\b(?:threads?|channels?\s+(?:called|named)|(?:create|make|new|open)\b.*\b(?:channel|space|meeting|room)|invite"
        r"|topic|roles?|reaction|react|upload|reply|meeting|answer\s+(?:the|it|that|this|them)|respond)\b",
        plain,
        re.IGNORECASE,
    ):
        return bool(
            named == ["teams"]
            and re.search(r"\bchannel\b", plain, re.IGNORECASE)
            and not re.search(r"\breply|\bmeeting|\banswer|\brespond", plain, re.IGNORECASE)
        )
    if named and re.match(
        rf"\s*(?:the\s+)?(?:{QUOTE}|(?:{SERVICE}\s+)?(?:message|line|note|word|post)\b|{SERVICE}\s+(?:space|channel|room)\b)",
        part,
        re.IGNORECASE,
    ):
        return True
    return bool(re.match(rf"\s*(?:{SERVICE})?\s*{_DESTINATION}", part)) or bool(
        _TELLING.search(plain) and (named or re.search(CHANNEL, part) or _talks(plain))
    )


_HANDED = re.compile(
    r"^\s*(?:(?:and|then|please|also)\s+)*(?:upload|attach|share|drop|put|send|post)\s+(?:it\s+as\s+)?(?:the|a|an|its|this|that|my|our)\s+(?:[\w-]+\s+){0,2}?"
    r"(?:files?|pdf|attachments?|documents?|images?|screenshots?|csv|spreadsheet|photos?|pictures?|recording|export)\b(?!\s+link)",
    re.IGNORECASE,
)


def _handed_over(source: Source, part: str, named: list[str]) -> Sense | None:
    """ "put the pdf in #ops": a thing, not words, goes to a place of conversation."""
    if not re.search(CHANNEL, part) or not _HANDED.match(part) or len(named) > 1 or (named and named[0] not in MESSENGERS):
        return None
    return _sense(source, f"{named[0] if named else 'chat'}.upload_file")


_OBJECTS = re.compile(
    r"\b(?:issue|task|ticket|card|page|item|deal|contact|record|file|folder|invoice|payment|release|pipeline|label"
    r"|status|priority|note|comment|event|document|report|database|lead|opportunit\w+|workflow|row|stage|pdf|list"
    r"|meeting)s?\b",
    re.IGNORECASE,
)


def _talks(plain: str) -> bool:
    return not _OBJECTS.search(plain)


def _among(source: Source, plain: str, named: list[str]) -> Sense | None:
    best, top = None, 0.0
    for rank, service in enumerate(reversed(named) if re.search(r"\b(?:in|to|into|on|as)\b", plain) else named):
        for sense in source.lexicon.actions:
            if sense.service == service:
                score = _fit(sense, plain) - 0.6 * rank
                if score > top:
                    best, top = sense, score
    if best is not None and best.id == "discord.create_thread" and not re.search(r"\bthread|\btopic\b|\bdiscussion\b|\bforum\b", plain, re.IGNORECASE):
        return _sense(source, "discord.post_message")
    return best if top >= 2.0 else None


_FIRST_VERB = re.compile(
    r"^\s*(?:(?:and|then|please|also|to|it|the|you|could|can|would|will|should|must|be|is|are|has|have|want|I|we"
    r"|automatically|a|an|new)\s+)*(?P<verb>[\w-]+)",
    re.IGNORECASE,
)


# Deeds that mean one thing: an action that is another deed is never chosen for them, however well its object fits.
_PLAIN_DEED = re.compile(
    r"(?:re)?clos(?:e|ing)|solve|resolve|merge|reopen|rename|(?:un)?assign|delete|remove|cancel|refund|archive|complete|finish|share|invite|edit"
    r"|append|update|modify|reschedule|transition|duplicate|clone|relocate|refund|reply",
    re.IGNORECASE,
)


_UNDOING = ("refund_", "delete_", "remove_", "archive_", "merge_", "cancel_", "close_")


def _does(sense: Sense, plain: str) -> bool:
    if sense.phrase and sense.phrase.search(plain):
        return True
    return _opens(sense, plain) and not (sense.name.startswith("add_") and re.match(r"\s*assign", plain, re.IGNORECASE))


def _fit(sense: Sense, plain: str) -> float:
    score = sense.score(plain)
    verb = _FIRST_VERB.match(plain)
    if sense.name.startswith(_UNDOING) and not (
        (sense.deeds and sense.deeds.search(plain)) or (sense.phrase and sense.phrase.search(plain))
    ):
        return 0.0  # a payment is not refunded because a payment was spoken of
    if score == 0 or (verb is not None and _PLAIN_DEED.fullmatch(verb["verb"]) and not _does(sense, plain)):
        return 0.0
    score += _weight_of_number(sense, plain, verb["verb"].lower() if verb is not None else "")
    if _opens(sense, plain):
        score += 1.5
    elif sense.name.startswith(LOOKING) and sense.deeds is not None and sense.deeds.search(plain):
        score -= 2.0
    if verb is not None and verb["verb"].lower().startswith(sense.name.partition("_")[0]):
        score += 1.2
    if sense.name.startswith(("create", "add_task")) and re.search(r"\b(?:new|create[sd]?|open|make|file)\b", plain, re.IGNORECASE):
        score += 0.8
    if not _has_object(sense, plain):
        score -= 1.5
    if (
        sense.name.startswith("create_")
        and sense.objects is not None
        and sense.objects.search(plain)
        and not re.search(r"\b(?:the|its|it)\s+\S*\s*$", plain)
    ):
        score += 0.3
    return score


_LOOK = re.compile(r"(?:fetch|find|list|search|look|query|retrieve|gather|collect|count|load|pull|get|show|export)$", re.IGNORECASE)
_MAKING = re.compile(
    r"\b(?:put|add|raise|write|make|open|log|file|draft|push|create|enter|insert|start|drop|leave|record|note|set\s+up|book|register|submit|get)(?:s|ed)?\s+(?:(?:me|us|them|him|her)\s+)?"
    r"(?:up\s+)?(?:an?|another|one|new)\s+",
    re.IGNORECASE,
)


def _weight_of_number(sense: Sense, plain: str, verb: str) -> float:
    """Many things are looked up ("fetch open bugs"); one thing not known before is made ("put a card in …")."""
    if _LOOK.match(verb) and re.search(_MANY, plain, re.IGNORECASE):
        return 0.0 if sense.name.startswith((*LOOKING, "run_")) else -3.0
    making = _MAKING.search(plain)
    if making is None or sense.objects is None or not sense.name.startswith("create_"):
        return 0.0
    thing = sense.objects.search(plain, making.end())
    if thing is not None and thing.start() - making.end() <= 20:
        return 2.5
    return -4.0 if _MADE_THING.match(plain, making.end()) else 0.0  # "create a task to call the customer" makes no call


_MADE_THING = re.compile(r"(?:[\w-]+\s+){0,2}?(?:task|issue|ticket|card|page|item|deal|invoice|event|note|record|lead|contact|to-?do)\b", re.IGNORECASE)


def _unnamed(source: Source, part: str, plain: str, context: Context) -> Sense | Deed | None:
    if _asks_only(plain):
        return None
    if _DEFINITE.search(plain) or re.search(r"\breply\b|\bcomment\b|\bmerge\b|\blabel\b|\brefund\b", plain, re.IGNORECASE):
        for service in reversed(context.services):
            sense = _among(source, plain, [service])
            if sense is not None and _has_object(sense, plain) and _fit(sense, plain) >= 3.4 and not _told_rather(part, sense):
                return sense
    scored = [
        (sense, _fit(sense, plain))
        for sense in source.lexicon.actions
        if sense.service not in ("chat", "email", "http")
        and sense.name != "post_message"
        and not (sense.name == "add_note" and re.search(CHANNEL, part))
    ]
    scored = [(sense, score) for sense, score in scored if score >= 4.5 and _has_object(sense, plain)]
    if not scored or (re.search(CHANNEL, part) and _TELLING.match(plain.strip()) and not _strong(scored)):
        return None
    top = max(score for _, score in scored)
    near = [sense for sense, score in scored if score >= top - 0.9]
    services = list(dict.fromkeys(sense.service for sense in near))
    own = [sense for sense in near if sense.service == "signalbox"]
    if own:
        return own[0]
    if near[0].generic:
        services = list(
            dict.fromkeys(
                [*services, *(s for s in source.lexicon.services_with(near[0].noun, actions=True) if s not in ("chat", "http", "email"))]
            )
        )
    known = [service for service in services if service in context.services]
    if len(services) == 1 and near[0].noun != "report":
        return near[0]
    if len(known) == 1 and not _fresh(plain):
        return next((sense for sense in near if sense.service == known[0]), near[0])
    return Deed(part, question=_which(source, near[0]), slot="service", choices=tuple(services), sure=0.75)


def _fresh(plain: str) -> bool:
    """ "create a task": something new, not what was spoken of."""
    return bool(re.search(r"\b(?:creat\w+|make|open|add|new|file)\s+(?:an?|one|another|new)\b", plain, re.IGNORECASE))


def _strong(scored: list[tuple[Sense, float]]) -> bool:
    return max(score for _, score in scored) >= 7.5


def _has_object(sense: Sense, plain: str) -> bool:
    return bool((sense.objects and sense.objects.search(plain)) or (sense.phrase and sense.phrase.search(plain)))


def _asks_only(plain: str) -> bool:
    return bool(re.match(r"\s*(?:let|tell|dm|ping|notify|remind|inform|warn|say|announce|alert)\b", plain, re.IGNORECASE))


def _told_rather(part: str, sense: Sense) -> bool:
    """ "post it in #ops" is a message whatever "it" is."""
    return bool(re.search(CHANNEL, part)) and sense.service not in MESSENGERS and not (sense.phrase and sense.phrase.search(part))


def _which(source: Source, sense: Sense) -> str:
    noun = sense.noun.replace("_", " ").rstrip("s") or "that"
    article = "an" if noun[:1] in "aeiou" else "a"
    return (
        f"In which service is that {article} {noun}?"
        if sense.name.startswith(("update", "close", "complete", "move"))
        else f"Where should I {sense.name.partition('_')[0]} the {noun}?"
    )


def _carried(source: Source, part: str, sense: Sense, context: Context) -> Sense:
    """ "copy it to google drive" from another product is an upload there."""
    foreign = (
        sense.name in ("copy_file", "move_file")
        and re.search(rf"\b(?:to|into|onto)\s+(?:the\s+|our\s+|my\s+)?{SERVICE}", part)
        and context.services
        and sense.service not in context.services
    )
    upload = _sense(source, f"{sense.service}.upload_file")
    return upload if foreign and upload is not None and re.search(r"\b(?:it|them|the\s+file)\b", part, re.IGNORECASE) else sense


# --- the chosen action -------------------------------------------------------------------------------------------------------------


def _acted(source: Source, part: str, sense: Sense, context: Context, answers: dict[str, str]) -> Deed:
    said = values_of(source, part, sense.service, sense.name, _inputs(source, sense.id))
    if re.search(r"\bsame\s+(?:title|name|subject)\b", part, re.IGNORECASE) and context.title:
        said["title"] = context.title
    if re.search(r"\bit\b", part, re.IGNORECASE):
        said = {**_same_thing(context, sense.service, _inputs(source, sense.id), said), **said}
    if sense.service == "slack" and sense.name in ("invite_to_channel", "set_topic") and "channel" not in said and context.channel:
        said["channel"] = context.channel
    if sense.name == "post_message":
        return _told(source, part, context, answers)
    question = ""
    if sense.id == "discord.add_role" and "role" not in said:
        if answers.get("role"):
            said["role"] = answers["role"]
        else:
            question = "Which role should they get?"
    if sense.id == "email.send_email" and "to" not in said:
        if answers.get("channel"):
            said["to"] = answers["channel"]
        else:
            question = "To which address should I send the email?"
    extra = _also_told(source, part, sense) if sense.service not in MESSENGERS else []
    several = _several_people(part, sense, _several_addresses(source, part, sense, said))
    return Deed(
        part,
        (*several, *extra),
        question,
        ("role" if "role" in question else "channel") if question else "",
        ("#",) if question and "role" not in question else (),
    )


def _same_thing(context: Context, service: str, inputs: frozenset[str], said: dict[str, Any]) -> dict[str, Any]:
    """ "comment on OPS-12 … and assign it to ada": “it” is what the step before named, unless another is named here."""
    thing = context.things.get(service, {})
    return {name: value for name, value in thing.items() if name in inputs} if not _THINGS & set(said) else {}


def _several_people(part: str, sense: Sense, steps: list[Step]) -> list[Step]:
    """ "invite @yuki and @brandt": each is invited."""
    people = list(dict.fromkeys(re.findall(PERSON, part)))
    if sense.name != "invite_to_channel" or len(people) < 2:
        return steps
    return [{"action": sense.id, "with": {**steps[0]["with"], "user": person}} for person in people]


def _several_addresses(source: Source, part: str, sense: Sense, said: dict[str, Any]) -> list[Step]:
    if sense.id != "email.send_email":
        return [{"action": sense.id, "with": said}]
    addresses = list(dict.fromkeys(re.findall(EMAIL, part))) or [said.get("to")]
    subject = re.search(rf"\bsubject\s*[:=]?\s*(?P<v>{QUOTE})", part, re.IGNORECASE)
    if subject is not None:
        said["subject"] = source.quote(subject["v"])
        if said.get("text") == said["subject"]:
            del said["text"]
    if "text" not in said and (text := _message_text(source, part)) and text != said.get("subject"):
        said["text"] = text
    return [{"action": sense.id, "with": {**said, **({"to": address} if address else {})}} for address in addresses]


def _also_told(source: Source, part: str, sense: Sense) -> list[Step]:
    """ "list the events … in #reception": a channel beside a deed that takes none is where its outcome goes."""
    if "channel" in _inputs(source, sense.id) or not sense.name.startswith(("search", "list", "query", "run_")):
        return []
    told = [{"action": "chat.post_message", "with": {"channel": channel}} for channel in dict.fromkeys(re.findall(CHANNEL, part))]
    mailed = re.findall(rf"\b(?:to|for|and)\s+({EMAIL})", part) if re.search(rf"\bto\s+{EMAIL}", part) else []
    return [*told, *({"action": "email.send_email", "with": {"to": mail}} for mail in dict.fromkeys(mailed))]


# --- messages ------------------------------------------------------------------------------------------------------------------------


def _told(source: Source, part: str, context: Context, answers: dict[str, str]) -> Deed:
    steps = _messages(source, part, context, optional=False)
    if not steps:
        return Deed(part, sure=0.4)
    where = answers.get("channel", "")
    if where and "channel" not in steps[0]["with"]:
        steps[0]["with"] = {"channel": where, **steps[0]["with"]}
    missing = any("channel" not in step["with"] and "to" not in step["with"] and step["action"].endswith("post_message") for step in steps)
    question = "Where should I post that? Name a channel such as #ops, or a person." if missing else ""
    return Deed(part, tuple(steps), question, "channel" if missing else "", ("#",) if missing else (), 0.8 if missing else 0.95)


def _messages(source: Source, part: str, context: Context, *, optional: bool) -> list[Step]:
    named = [service for service in source.services(part) if service in MESSENGERS]
    places = _destinations(source, part)
    mails = re.findall(EMAIL, part)
    if not places and not mails and ((optional and not named) or (not _TELLING.search(part) and not named)):
        return []
    text = _message_text(source, part)
    said = {"text": text} if text else {}
    steps: list[Step] = []
    for index, (place, service) in enumerate(places or ([("", "")] if not mails else [])):
        messenger = service or (named[min(index, len(named) - 1)] if named else "") or "chat"
        steps.append({"action": f"{messenger}.post_message", "with": {**({"channel": place} if place else {}), **said}})
    steps += [{"action": "email.send_email", "with": {"to": mail, **said}} for mail in dict.fromkeys(mails)]
    return steps


def _replied(source: Source, part: str, context: Context) -> Deed | None:
    """A reply to what was said in the conversation itself goes to its channel; that of a named product is that product's deed."""
    named = source.services(part) or _destinations(source, part) or re.search(EMAIL, part)
    if "chat" not in context.services or named or not _REPLY.match(part):
        return None
    text = _message_text(source, part) or next(iter(source.quote(mark) for mark in re.findall(QUOTE, part)), "")
    return Deed(part, ({"action": "chat.post_message", "with": {"channel": "{{event.channel}}", **({"text": text} if text else {})}},))


_REPLY = re.compile(r"^\s*(?:and\s+|then\s+|please\s+|also\s+)*(?:repl(?:y|ies)|respond|answer)\b", re.IGNORECASE)


def _destinations(source: Source, part: str) -> list[tuple[str, str]]:
    """(place, the messenger named right before it or "") in order."""
    found: list[tuple[str, str]] = []
    channels = list(re.finditer(CHANNEL, part))
    for match in re.finditer(rf"(?:(?P<s>{SERVICE})\s+(?:channel\s+)?(?:in\s+)?)?(?P<d>{CHANNEL}|{PERSON})", part):
        if match["d"][0] == "@" and channels and not _listed(part, match.start("d")):
            continue
        if re.search(EMAIL, part) and any(match["d"] in mail for mail in re.findall(EMAIL, part)):
            continue
        if match["d"][0] == "@" and re.search(EMAIL, part) and _BY_MAIL.search(part):
            continue  # "to @boss by email boss@…" is told once, by mail
        service = source.marked.service_at(match["s"]) if match["s"] else ""
        found.append((match["d"], service if service in MESSENGERS else ""))
    if found:
        return list(dict.fromkeys(found))
    named = re.search(
        rf"{SERVICE}\s+channel\s+(?P<a>{QUOTE}|(?!(?:know|about|when(?:ever)?|that|to|if|for|and|with|in|on|of|is|should|must|gets?|once|every|each|a|an|the|by|at|as|hears?|learns?)\b)[\w][\w-]*)|\bchannel\s+(?P<b>{QUOTE}|[A-Z][\w-]*)|\bthe\s+(?P<c>{QUOTE}"
        rf"|[A-Z][\w-]*)\s+(?:{SERVICE}\s+)?(?:channel|space)\b",
        part,
    )
    if named is not None:
        return [(source.plain(named["a"] or named["b"] or named["c"]), "")]
    spaced = re.search(rf"\b(?:space|room|channel|chat)\s+(?:called\s+|named\s+)?(?P<v>{QUOTE}|{CAPITALS})", part) or (
        re.search(rf"\b(?:to|in|into)\s+(?:the\s+)?(?P<v>{CAPITALS})(?=\s+(?:on|in|via|over)\s+{SERVICE}|\s*[.!]*$)", part)
        if set(source.services(part)) & set(MESSENGERS)
        else None
    )
    if spaced is not None:
        return [(source.plain(spaced["v"]), "")]
    team = re.search(
        rf"\b(?:tell|page|ping|notify|alert|message|inform|warn|update|nudge|dm)\s+(?:the\s+)?(?!me\b|us\b|it\b|them\b|everyone|everybody|people|someone|all\b|about\b|in\b|on\b)(?P<v>[\w-]+)(?:\s+(?:team|channel|people|folks))?\s+(?:on|in|via|over)\s+(?:the\s+)?{SERVICE}",
        part, re.IGNORECASE,
    )  # fmt: skip
    if team is not None and set(source.services(part)) & set(MESSENGERS):
        return [(team["v"], "")]
    return [("@me", "")] if _ME.search(part) else []


def _listed(part: str, at: int) -> bool:
    """ "#finance and @joan" names two places; "ping @x in #y" one."""
    before = part[:at].rstrip()
    return bool(re.search(rf"(?:{CHANNEL}|{PERSON})\s*(?:,|and|&|\+)(?:\s*and)?$", before, re.IGNORECASE)) or bool(
        re.match(rf"{PERSON}\s*(?:,|and|&|\+)\s*(?:and\s+)?(?:in\s+)?{CHANNEL}", part[at:], re.IGNORECASE)
    )


_TO_DO = re.compile(
    rf"\bremind(?:s|er)?\b\s*(?:for\s+)?(?:{_DESTINATION}(?:\s*(?:,|and)\s*{_DESTINATION})*|me|us|everyone|everybody"
    rf"|the\s+\w+|all|\w+)?\s*(?:in\s+{CHANNEL}\s+)?(?P<how>to|about|of|that|:)\s+(?P<v>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_THAT = re.compile(rf"\b(?:tell|inform|notify|let|remind|warn|announce|say)\b.*?\bthat\s+(?P<v>[^{QUOTE[1:-1]}]{{3,200}})$", re.IGNORECASE)
_SAYING = re.compile(rf"\b(?:saying|that\s+says|reading)\s+(?:that\s+)?(?P<v>[^{QUOTE[1:-1]}]{{2,300}})$", re.IGNORECASE)
_COLON = re.compile(rf"(?:{_DESTINATION}|\bme|\bthe\s+\w+)\s*:\s*(?P<v>.{{2,300}})$", re.IGNORECASE)


def _message_text(source: Source, part: str) -> str:
    quote = re.findall(QUOTE, part)
    if quote:
        return source.quote(quote[0])
    match = _TO_DO.search(part) or _COLON.search(part) or _THAT.search(part) or _SAYING.search(part)
    if match is None:
        return ""
    said = re.sub(rf"\s*(?:{BLANK})+\s*", " ", match["v"])
    said = re.sub(rf"\s*(?:\bin|\bto|\bon)\s+{CHANNEL}\s*$", "", said)
    said = re.sub(r"\b(?:please|lol|thanks|thank\s+you)\s*$", "", source.plain(said), flags=re.IGNORECASE)
    return said.strip(" .,!?;")
