"""Conditions in words → CEL over the event's natural fields: "over EUR 500", "with label hotfix", "moved to Done", "unless …"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intents.grammar.source import BLANK, CAPITALS, CHANNEL, EMAIL, LINK, PERSON, QUOTE, REPO, SERVICE, Source
from intents.when import NUMBER, number

_CURRENCIES = {"€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "chf": "CHF", "jpy": "JPY", "¥": "JPY", "sek": "SEK", "brl": "BRL", "inr": "INR", "rs.": "INR", "rs": "INR", "₹": "INR", "rupees": "INR", "aud": "AUD", "cad": "CAD"}  # fmt: skip
_CURRENCY = "(?:" + "|".join(sorted((re.escape(c) for c in _CURRENCIES), key=len, reverse=True)) + ")"
_MORE = r"(?:over|above|more\s+than|greater\s+than|bigger\s+than|larger\s+than|higher\s+than|superior\s+to|exceed(?:s|ing)?|beyond|>|past|tops)"
_LESS = r"(?:under|inferior\s+to|below|less\s+than|fewer\s+than|lower\s+than|smaller\s+than|<)"
_AT_LEAST = r"(?:at\s+least|>=|no\s+less\s+than|min(?:imum)?(?:\s+of)?|from)"
_AT_MOST = r"(?:at\s+most|<=|up\s+to|no\s+more\s+than)"
_OPERATOR = rf"(?:(?P<more>{_MORE})|(?P<less>{_LESS})|(?P<atleast>{_AT_LEAST})|(?P<atmost>{_AT_MOST}))"
_FIGURE = rf"(?P<figure>\d{{1,3}}(?:[,']\d{{3}})+(?:\.\d+)?|\d{{1,3}}(?:[ \u00a0\u202f]\d{{3}})+(?!\d)|[1-9]\d{{0,2}}(?:\.\d{{3}})+(?:,\d{{1,2}})?(?![\d.])|\d+,\d{{1,2}}(?![\d,])|\d+(?:\.\d+)?|{NUMBER}(?=\s))\s?(?P<scale>[kKmM]\b|%|\s*percent\b|\s*thousand\b|\s*million\b)?"
_AMOUNT = re.compile(
    rf"{_OPERATOR}\s*(?:an?\s+(?:amount|value)\s+of\s+)?(?P<c1>{_CURRENCY})?\s*{_FIGURE}\s*(?P<c2>{_CURRENCY}\b|€|\$"
    rf"|£)?(?!\s*(?:days?|hours?|hrs?|min|minutes?|weeks?|months?)\b)",
    re.IGNORECASE,
)
_PLACED = re.compile(
    rf"(?:goes?|going|drops?|dropping|ris(?:es?|ing)|falls?|falling|climbs?|gets?|crosses|is|are|at|to|hits?|dips?"
    rf"|sinks?)?\s*{_OPERATOR}\s*(?P<c1>{_CURRENCY})?\s*{_FIGURE}",
    re.IGNORECASE,
)
_NAME = rf"(?P<v>{QUOTE}|{CHANNEL}|{CAPITALS}|[\w./-]+)"


def quoted(text: str) -> str:
    """As a CEL string."""
    return "'" + re.sub(r"[\x00-\x1f]", " ", text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def read_number(figure: str, scale: str) -> float | None:
    value = (
        float(figure.replace(",", "."))
        if re.fullmatch(r"\d+,\d{1,2}", figure)
        else float(re.sub(r"\s", "", figure))
        if re.fullmatch(r"\d{1,3}(?:\s\d{3})+", figure)
        else number(figure.replace(",", "").replace("'", ""))
        if not re.fullmatch(r"\d{1,3}(?:[,']\d{3})+(?:\.\d+)?", figure)
        else float(re.sub("[,']", "", figure))
    )
    if value is None:
        return None
    sign = scale.strip().lower()
    return value * {"k": 1e3, "m": 1e6, "%": 0.01, "percent": 0.01, "thousand": 1e3, "million": 1e6}.get(sign, 1)


def written(value: float) -> str:
    rounded = round(value, 9)
    return str(int(rounded)) if rounded == int(rounded) else repr(rounded)


def _sign(match: re.Match[str]) -> str:
    return ">" if match["more"] else "<" if match["less"] else ">=" if match["atleast"] else "<="


class Conditions:
    """Collects comparisons, each once, in the order said. ``fields`` are those the event has; empty = unknown, all are allowed."""

    def __init__(self, source: Source, fields: frozenset[str]) -> None:
        self.source = source
        self.fields = fields
        self.parts: list[str] = []

    def has(self, *names: str) -> str:
        """The first of these fields that the event has, "" if none."""
        return next((name for name in names if name in self.fields), "" if self.fields else names[0])

    def add(self, part: str) -> None:
        if part and part not in self.parts:
            self.parts.append(part)

    def equal(self, name: str, value: str, *, negated: bool = False) -> None:
        if name and value:
            self.add(f"event.{name} {'!=' if negated else '=='} {quoted(value)}")

    def value(self, text: str) -> str:
        return self.source.plain(text).strip(" .,;:'\"")

    def cel(self) -> str:
        return " && ".join(self.parts)


_SAID_FIGURE = rf"(?<![\w.,])(?P<f>(?:{_CURRENCY}\s?)?\d(?:[\d.,']*\d)?\s?(?:[kKmM]\b|%|thousand\b|million\b)?\s?(?:{_CURRENCY}(?!\w))?)\s*"
_OR_MORE = re.compile(rf"(?:of\s+)?{_SAID_FIGURE}(?:\+(?!\d)|(?:or|and)\s+(?:more|above|over|higher|greater|upwards?|up)\b)(?!\s+than)", re.IGNORECASE)
_OR_LESS = re.compile(rf"(?:of\s+)?{_SAID_FIGURE}(?:or|and)\s+(?:less|below|under|lower|fewer|smaller)\b(?!\s+than)", re.IGNORECASE)


def _bounded(clause: str) -> str:
    """ "1,000 or more" → "at least 1,000"; "of 10k+" likewise."""
    return _OR_LESS.sub(r" at most \g<f>", _OR_MORE.sub(r" at least \g<f>", clause))


def conditions_of(source: Source, clause: str, event: str, fields: frozenset[str]) -> list[str]:
    """Every comparison that ``clause`` makes about the event ``service.event``."""
    found, clause = Conditions(source, fields), _bounded(clause)
    noun = event.partition(".")[2]
    for reader in (
        _object, _path, _emoji, _severity, _places, _branch, _left_state, _target_state, _repo, _author, _label, _amount, _metric,
        _country, _contains, _called, _extension, _draft, _workflow, _explicit, _addresses, _assignee, _customer, _container, _kind,
    ):  # fmt: skip
        reader(found, clause, noun)
    return found.parts


def _object(found: Conditions, clause: str, noun: str) -> None:
    if not found.has("object") or not noun.startswith("record"):
        return
    names = {
        "lead": "Lead",
        "opportunit": "Opportunity",
        "opp": "Opportunity",
        "account": "Account",
        "contact": "Contact",
        "case": "Case",
        "campaign": "Campaign",
    }
    match = re.search(r"\b(leads?|opportunit(?:y|ies)|opps?|accounts?|contacts?|cases?|campaigns?)\b", clause, re.IGNORECASE)
    if match is not None:
        found.equal("object", next(name for stem, name in names.items() if match[1].lower().startswith(stem)))


def _path(found: Conditions, clause: str, noun: str) -> None:
    match = re.search(r"(?<![\w/<])(/[\w/-]+)", clause) if noun == "webhook_received" else None
    if match is not None:
        found.equal("path", match[1])


def _emoji(found: Conditions, clause: str, noun: str) -> None:
    match = re.search(r":([\w+-]+):", clause) or re.search(
        rf"\b(?:with|the|an?)\s+(?:an?\s+|the\s+)?({QUOTE}|(?!new\b|emoji\b|any\b|first\b|\w*ed\b)[\w+-]+)\s+(?:emoji|reaction|react)\b",
        clause,
    )
    if noun == "reaction_added" and match is not None:
        found.equal("emoji", found.value(match[1]).strip(":"))


_SEVERITIES = {
    "critical": "critical",
    "warning": "warning",
    "info": "info",
    "informational": "info",
    "high": "high",
    "low": "low",
    "medium": "medium",
    "major": "high",
    "minor": "low",
}


def _severity(found: Conditions, clause: str, noun: str) -> None:
    if not noun.startswith("alert"):
        return
    match = re.search(
        r"(?P<no>\b(?:not|except|unless|excluding|no)\s+(?:for\s+|an?\s+|it's\s+|it\s+is\s+|on\s+)?)?\b(critical|warning"
        r"|info|informational|high|medium|low|major|minor)\b(?:[\s-]*(?:severity|priority))?",
        clause,
        re.IGNORECASE,
    )
    if match is not None:
        found.equal("severity", _SEVERITIES[match[2].lower()], negated=bool(match["no"]))
    services = [service for service in found.source.services(clause) if service != "signalbox"]
    if services and not re.search(rf"\bin\s+{SERVICE}", clause):
        found.equal("service", services[0])


def _places(found: Conditions, clause: str, noun: str) -> None:
    channel = re.search(CHANNEL, clause)
    if channel is not None and found.has("channel"):
        found.equal("channel", channel[0])
    for field in ("list", "board", "folder", "database", "calendar", "project", "channel", "group", "pipeline", "team", "section"):
        if not found.has(field) or (field == "channel" and channel) or noun.startswith(field):
            continue
        value = named(found.source, clause, field)
        if not value and field == "folder" and (path := re.search(r"(?<![\w/<.:])(/[\w-]+(?:/[\w-]+)*/?)(?![\w.])", clause)) is not None:
            value = path[1]
        if value:
            found.equal(field, value)
    holder = next((name for name in ("board", "database", "folder", "project", "calendar", "space") if found.has(name)), "") if found.fields else ""
    called = re.search(rf"{SERVICE}\s+({QUOTE})|\b(?:card|item|task|page|file)s?\s+(?:on|in)\s+({QUOTE})(?!\s+(?:list|column|group|section|stage)\b)", clause)
    if holder and called is not None and not any(f"event.{holder}" in part or quoted(found.value(called[1] or called[2])) in part for part in found.parts):
        found.equal(holder, found.value(called[1] or called[2]))
    keyed = re.search(r"\bin\s+(?:the\s+)?(?:project\s+)?([A-Z][A-Z0-9]{1,9})(?=\s+(?:is|gets|are|was|has|with|and|moves?|moved|goes|changes|transitions?)\b|\s*[,;.])", clause)
    if keyed is not None and found.has("project") and not any("event.project" in part for part in found.parts):
        found.equal("project", keyed[1])
    wild = re.search(r"(?<![\w-])([A-Z][A-Z0-9]{1,9})-(?:\*|x+|n+|\d*#)(?!\w)", clause)
    if wild is not None and found.has("project"):
        found.equal("project", wild[1])
    room = re.search(
        rf"\b(?:in|at)\s+(?:the\s+)?({QUOTE}|{CAPITALS})\s*$|\b(?:location|room)\s+(?:is\s+)?({QUOTE}|{CAPITALS})",
        clause.strip(f" .,{BLANK}"),
    )
    if room is not None and found.has("location"):
        found.equal("location", found.value(room[1] or room[2]))
    elif room is not None and found.has("project") and re.fullmatch(r"[A-Z]{2,10}", room[1] or ""):
        found.equal("project", room[1])


def named(source: Source, text: str, noun: str) -> str:
    """The name given to a ``noun`` in ``text``: "board 'Leads FR'", "the Release board", "folder Archive", "project WEB"."""
    called = re.search(rf"\b{noun}\s*(?:(?:called|named|titled|is|=|:)\s*)?({QUOTE}|{CAPITALS}|{REPO}|/[\w/-]+)", text) or re.search(
        rf"\b(?i:{noun})\s*(?:(?:called|named|titled|is|=|:)\s*)({QUOTE}|{CAPITALS}|(?!(?:moved|changed|created|updated|closed|done|set|now|not|being|dragged|archived|deleted|touched|edited)\b)[\w/-]+)", text
    )
    if called is not None:
        return source.plain(called[1]).strip(" .,;:")
    before = re.search(rf"\b(?:the|our|my|in|on|to|into|a)\s+(?:{SERVICE}\s+)?({QUOTE}|{CAPITALS})\s+(?:{SERVICE}\s+)?{noun}s?\b", text)
    if before is not None:
        return source.plain(before[1]).strip(" .,;:")
    loose = re.search(
        rf"\b{noun}\s+(?!(?:with|for|on|and|or|in|to|is|the|when|that|of|from|at|gets?|changes?|changed|moves?|called|named"
        rf"|then|by|as|if|fails?|please|has|it|a|an|should|was|via|into|over)\b)([\w/][\w/-]*)",
        text,
        re.IGNORECASE,
    )
    return (
        loose[1]
        if loose is not None
        and re.search(
            rf"\b(?:in|on|to|into|from)\s+(?:the\s+|a\s+)?(?:{SERVICE}\s+)?(?:\w+\s+)?{noun}\s+{re.escape(loose[1])}", text, re.IGNORECASE
        )
        else ""
    )


_BRANCH_AFTER = re.compile(
    rf"\b(?:into|to|against|onto)\s+(?:the\s+)?(?:branch\s+)?(?P<v>{QUOTE}|[\w][\w./-]*)(?:\s+branch)?(?=\s|$|[,.;:!?]"
    rf"|{BLANK})",
    re.IGNORECASE,
)
_BRANCH_ON = re.compile(
    r"\bon\s+(?:the\s+)?(?:branch\s+)?(?P<v>main|master|develop|development|dev|release|staging|production|prod|trunk"
    r"|[\w.-]+/[\w./-]+(?=\s+branch)|[\w./-]+(?=\s+branch))\b",
    re.IGNORECASE,
)


_TRUNK = r"(?:main|master|develop|staging|production|prod|trunk)"
_BRANCH_OF = re.compile(
    rf"\b(?P<v>{_TRUNK})\s+(?:branch|pipeline|build|fail|break|is\s+(?:red|broken))|\b(?:build(?:s|ing)?|of|for|broke|breaks)\s+(?:the\s+)?(?P<w>{_TRUNK})\b|{REPO}\s+(?P<x>{_TRUNK})\b",
    re.IGNORECASE,
)
_KIND_OF_BRANCH = re.compile(
    r"(?:releases?|features?|feat|hotfix|bugfix|fix|support|chore|dev|env|staging|renovate|dependabot)/", re.IGNORECASE
)
_EITHER_BRANCH = re.compile(rf"\b(?P<v>{_TRUNK}|[\w.-]+)\s+or\s+(?:to\s+|on\s+|into\s+)?(?P<w>{_TRUNK})\b", re.IGNORECASE)


def _branch(found: Conditions, clause: str, noun: str) -> None:
    merging = noun.startswith(("pull_request", "merge_request"))
    field = found.has("base") if merging else found.has("branch") if noun in ("push", "workflow_run_failed", "pipeline_failed") else ""
    if not field:
        return
    either = _EITHER_BRANCH.search(clause)
    if either is not None:
        found.add(f"event.{field} in [{quoted(either['v'])}, {quoted(either['w'])}]")
        return
    match = re.search(rf"\bbranch\s+(?P<v>{QUOTE}|(?!(?:of|in|on|at|is|was|gets?|fails?|breaks?|or|and)\b)[\w][\w./-]*\w)", clause, re.IGNORECASE)
    match = match or (_BRANCH_AFTER.search(clause) if merging or noun == "push" else None) or _BRANCH_ON.search(clause) or _BRANCH_OF.search(clause)
    name = next((name for name in match.groups() if name), "") if match is not None else ""
    if name and not re.match(SERVICE, name):
        value = found.value(name)
        kept = "/" not in value or not re.fullmatch(REPO, value) or _KIND_OF_BRANCH.match(value) is not None
        found.add(f"event.{field} == {quoted(value)}") if kept else found.equal("repo", value)


_MOVED_TO = re.compile(
    rf"\b(?:moved?|moves|goes|go|going|changed?|changes|changing|set|sets|turns?|turned|turning|becomes?|transition(?:s"
    rf"|ed)?|reach(?:es|ed)|hits?|enters?|dragged|switch(?:es|ed)|marked(?:\s+as)?|put)\s+(?:its\s+|the\s+)?(?:stage"
    rf"|status|state|list|column)?\s*(?:in)?(?:to|as|in)?\s*(?:the\s+)?(?:stage|status|list|column"
    rf"|state)?\s*(?P<v>{QUOTE}|{CAPITALS}|[\w-]+)",
    re.IGNORECASE,
)
_NOT_STATES = re.compile(
    r"^(?:in|to|the|a|an|by|at|on|is|and|or|from|stage|status|state|priority|up|over|above|below|under|down|through"
    r"|live|out|it|its|this|that|folder|board|project|channel|when|for|with|about|hand)$",
    re.IGNORECASE,
)


_STATES = {
    "Done": "done|finish|complet",
    "Closed": "clos",
    "Resolved": "resolv|fix",
    "Stuck": "stuck",
    "Reopened": "reopen",
    "Blocked": "block",
    "In Review": "in\\s+review",
    "In Progress": "in\\s+progress",
}
_STATEFUL = {
    "issue_transitioned": frozenset(_STATES) - {"Stuck"},
    "card_moved": frozenset({"Done", "Blocked", "In Review", "In Progress"}),
    "status_changed": frozenset({"Done", "Stuck", "In Review", "In Progress"}),
}
_STATE = re.compile(
    r"\b(done|finish(?:ed|es)|complete[ds]|closed|closes|resolve[ds]|fix(?:ed|es)|reopen(?:ed|s)|block(?:ed|s)|stuck|in\s+(?:review|progress))\b",
    re.IGNORECASE,
)


def _target_state(found: Conditions, clause: str, noun: str) -> None:
    field = {"deal_stage_changed": "stage", "card_moved": "list", "issue_transitioned": "status", "status_changed": "status"}.get(noun, "")
    if noun == "record_updated" and re.search(r"\b(?:stage|status)\b|\b(?:moves?|moved|goes|reach\w*|becomes?|turns?|advances?)\b", clause, re.IGNORECASE):
        field = found.has("status") if re.search(r"\bstatus\b", clause, re.IGNORECASE) else found.has("stage")
    if not field:
        return
    if noun in _LEFT_FIELD:
        clause = _LEFT_STATE.sub(" ", clause)
    match = re.search(
        rf"\b(?:to|into|in|as)\s+(?:the\s+)?(?:(?:stage|status|list|column|state)\s+)?(?P<v>{QUOTE}|(?-i:{CAPITALS}))",
        re.sub(SERVICE, " ", clause),
        re.IGNORECASE,
    )
    match = match or next((m for m in _MOVED_TO.finditer(re.sub(SERVICE, " ", clause)) if not _NOT_STATES.match(m["v"])), None)
    won = re.search(r"\b(?:closed\s+)?(won|lost)\b", clause, re.IGNORECASE)
    if won is not None and field == "stage" and (match is None or match["v"].casefold() in ("closed", "won", "lost")):
        found.equal(field, "Closed " + won[1].capitalize())
    elif match is not None and (match["v"][0] in "\ue000" or not _NOT_STATES.match(match["v"])):
        found.equal(field, re.sub(r"\s+(?:in|on|by|and)$", "", found.value(match["v"])))
    elif won is not None and field == "stage":
        found.equal(field, "Closed " + won[1].capitalize())
    elif noun in _STATEFUL and (state := _STATE.search(re.sub(rf"{SERVICE}|{QUOTE}", " ", clause))) is not None:
        name = next(name for name, stem in _STATES.items() if re.match(stem, state[1], re.IGNORECASE))
        if name in _STATEFUL[noun]:
            found.equal(field, name)


_LEFT_STATE = re.compile(  # "moved from Backlog to Doing", "leaves the list Backlog", "out of Review"
    rf"\b(?:from|out\s+of|leaves|leaving|left)\s+(?:the\s+)?(?:(?:list|column|stage|status|state)\s+)?(?P<v>{QUOTE}|(?-i:{CAPITALS}))(?!\s+(?:board|project|pipeline|repo|channel|folder|group|team)\b)(?:\s+(?:list|column|stage|status|state))?",
    re.IGNORECASE,
)
_LEFT_FIELD = {"deal_stage_changed": "from_stage", "card_moved": "from_list", "issue_transitioned": "from_status", "status_changed": "from_status"}


def _left_state(found: Conditions, clause: str, noun: str) -> None:
    match = _LEFT_STATE.search(re.sub(SERVICE, " ", clause)) if noun in _LEFT_FIELD else None
    if match is not None:
        found.equal(_LEFT_FIELD[noun], re.sub(r"\s+(?:to|in|on|by|and)$", "", found.value(match["v"])))


def _repo(found: Conditions, clause: str, noun: str) -> None:
    slugs = [slug for slug in re.finditer(REPO, clause) if not _KIND_OF_BRANCH.match(slug[0])]
    match = (slugs[0] if slugs else None) or re.search(r"\b(?:repo|repository)\s+(?:called\s+|named\s+)?([\w.-]+)", clause, re.IGNORECASE)
    field = found.has("repo", "project") if noun != "webhook_received" else ""
    if match is None or not field or not re.search(r"\b(?:in|of|on|for|from|to|repo|repository|at)\b", clause, re.IGNORECASE):
        return
    value = (match[1] if match.re.groups else match[0]).rstrip(".")
    if not any(part.endswith(quoted(value)) for part in found.parts) and value.lower() not in ("and/or", "created/updated"):
        found.equal(field, value)


def _author(found: Conditions, clause: str, noun: str) -> None:
    if not found.has("author"):
        return
    aside = re.search(
        rf"(?:,|\()?\s*\b(?P<v>{PERSON}|[\w-]+)\s+(?:aside|excepted|excluded)\b|\b(?:except|excluding|apart\s+from"
        rf"|other\s+than|but\s+not|not)\s+(?:for\s+|by\s+|from\s+)(?P<w>{PERSON}|[\w-]+)"
        rf"|\b(?:by|from)\s+(?:any(?:one|body)|every(?:one|body))\s+(?:but|except|other\s+than|besides|apart\s+from)\s+(?P<x>{PERSON}|[\w-]+)",
        clause,
        re.IGNORECASE,
    )
    if aside is not None:
        found.equal("author", (aside["v"] or aside["w"] or aside["x"]).lstrip("@"), negated=True)
        return
    match = re.search(rf"\b(?:by|authored\s+by|author\s+(?:is\s+)?)\s*(?P<v>{PERSON}|{QUOTE}|[\w-]+)\b", clause, re.IGNORECASE)
    if match is not None and match["v"].lower() not in (
        "the",
        "a",
        "an",
        "someone",
        "anyone",
        "somebody",
        "anybody",
        "hand",
        "me",
        "us",
        "default",
        "email",
        "mail",
        "another",
    ):
        found.equal("author", found.value(match["v"]).lstrip("@"))


def _label(found: Conditions, clause: str, noun: str) -> None:
    field = found.has("labels")
    match = re.search(
        rf"\b(?P<no>without\s+|not\s+)?(?:with\s+|has\s+|having\s+)?(?:(?:the|a)\s+)?(?:label(?:led|ed|s)?|tag(?:ged"
        rf"|s)?)\s*(?:is|as|with|=|:)?\s*(?P<v>{QUOTE}|[\w-]+)",
        clause,
        re.IGNORECASE,
    )
    match = match or re.search(
        rf"\b(?:with|has|having)\s+(?:the\s+|a\s+)(?P<v>{QUOTE}|[\w-]+)\s+(?:label|tag)\b(?P<no>)", clause, re.IGNORECASE
    )
    if field and match is not None and match["v"].lower() not in ("is", "are", "added", "gets"):
        part = f"{quoted(found.value(match['v']))} in event.labels"
        found.add(f"!({part})" if match["no"] else part)


def _amount(found: Conditions, clause: str, noun: str) -> None:
    field = found.has("amount")
    match = _AMOUNT.search(clause) if field and noun != "metric_threshold" else None
    if match is None:
        return
    figure = match["figure"]
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{1,2})?", figure):  # money has no thousandths: 10.000 is ten thousand
        figure = figure.replace(".", "").replace(",", ".")
    value = read_number(figure, match["scale"] or "")
    if value is None:
        return
    found.add(f"event.{field} {_sign(match)} {written(value)}")
    currency = (match["c1"] or match["c2"] or "").lower()
    if currency and found.has("currency"):
        found.equal("currency", _CURRENCIES[currency])


_RELATIVE = re.compile(
    r"\b(?:drop|fall|decrease|decline|shrink|rise|increase|grow|jump|spike|go\s+(?:up|down)|goes\s+(?:up|down))s?\s+(?:by\s+(?:more\s+than\s+|over\s+|at\s+least\s+)?|more\s+than\s+|over\s+(?=\d+\s*%))\d+(?:\.\d+)?\s*(?:%|percent)", re.IGNORECASE
)


def _metric(found: Conditions, clause: str, noun: str) -> None:
    if noun != "metric_threshold":
        return
    plain = re.sub(SERVICE, " ", clause)
    relative = _RELATIVE.search(plain)  # "drops by more than 30 %": no value that an event tells
    match = _PLACED.search(plain) if relative is None else None
    plain = plain[: relative.start()] if relative is not None else plain
    head = plain[: match.start()] if match else plain
    head = re.sub(r"^\W*(?:says?|reports?|shows?|tells?(?:\s+(?:us|me))?|sees?|has|claims?)\s+(?:that\s+)?", " ", head, flags=re.IGNORECASE)
    head = re.sub(
        r"\b(?:when|whenever|if|once|as\s+soon\s+as|the|our|metrics?|number\s+of|count\s+of|in|on|rate\s+of|for|event|a|an"
        r"|cross(?:es)?|threshold|both)\b|[:,]",
        " ",
        head,
        flags=re.IGNORECASE,
    )
    words = re.findall(
        r"[a-z][\w-]*",
        re.sub(r"\b(?:going|go(?:es)?|drops?|rises?|falls?|climbs?|gets?|is|are|dips?|exceeds?)\b", " ", head, flags=re.IGNORECASE).lower(),
    )
    if words and len(words) <= 4:
        found.equal("metric", "_".join(words).replace("-", "_"))
    if match is not None:
        value = read_number(match["figure"], match["scale"] or "")
        if value is not None:
            found.add(f"event.value {_sign(match)} {written(value)}")


def _country(found: Conditions, clause: str, noun: str) -> None:
    if not found.has("country") and not (noun == "webhook_received" and re.search(r"\bcountr|\bsignups?\b|\bsign-?ups?\b|\bvisitors?\b|\borders?\b|\bcustomers?\b", clause, re.IGNORECASE)):
        return
    match = re.search(rf"\bcountry\s*(?:is|=|==|of|code)?\s*(?P<v>{QUOTE}|[A-Z][\w]*)(?:\s+or\s+(?P<w>[A-Z]\w*))?", clause)
    match = match or re.search(
        r"\bfrom\s+(?!the\b)(?P<v>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)(?:\s+or\s+(?P<w>[A-Z][a-z]+))?(?=\s|$|[,.?])", clause
    )
    if match is None:
        return
    first = f"event.country == {quoted(found.value(match['v']))}"
    found.add(f"({first} || event.country == {quoted(match['w'])})" if match["w"] else first)


_SAYING = re.compile(
    rf"\b(?P<no>not\s+)?(?:writes?|says?|saying|posts?|mentions?|mentioning|contain(?:s|ing)|includ(?:es|ing)"
    rf"|(?:with\s+(?:the\s+|a\s+)?)?subject\s+(?:line\s+)?(?:contain(?:s|ing)|includ(?:es|ing)|has|having|with)|with\s+(?:the\s+)?(?:text|word|subject|title)s?|types?|sends?|about|subject\s+(?:is|contains)"
    rf"|has)\s+(?:the\s+(?:word|text)s?\s+|an?\s+)?(?P<v>{QUOTE}|(?P<link>[\w]+)\s+(?:links?|urls?)\b)",
    re.IGNORECASE,
)
_IN_TITLE = re.compile(
    rf"(?P<v>{QUOTE})\s+(?:is|appears|occurs)?\s*in\s+(?:the\s+|its\s+)?(?P<f>title|subject|text|name|summary"
    rf"|description|body|message)",
    re.IGNORECASE,
)


_WITH_QUOTE = re.compile(rf"\b(?:with|containing|like|reading)\s+(?:an?\s+|the\s+)?(?P<v>{QUOTE})", re.IGNORECASE)


def _contains(found: Conditions, clause: str, noun: str) -> None:
    inside = _IN_TITLE.search(clause)
    if inside is not None:
        field = found.has(
            {"summary": "title", "body": "text", "message": "text"}.get(inside["f"].lower(), inside["f"].lower()),
            "title",
            "name",
            "subject",
        )
        found.add(f"event.{field or 'title'}.contains({quoted(found.value(inside['v']))})")
        return
    match = _SAYING.search(clause)
    held = _WITH_QUOTE.search(clause) if match is None and noun in ("message_posted", "message_received") else None
    if held is not None:
        found.add(f"event.{found.has('text', 'subject')}.contains({quoted(found.value(held['v']))})")
        return
    called = re.search(rf"({PERSON})\s+(?:is|gets|was|being)\s+mentioned\b|\bmentions?\s+(?:of\s+)?({PERSON})", clause, re.IGNORECASE)
    if match is None and called is not None and noun == "message_posted":
        found.add(f"event.text.contains({quoted(found.value(called[1] or called[2]))})")
    if match is None:
        return
    subject = re.search(r"\bsubject\b", match[0], re.IGNORECASE)
    field = (found.has("subject") if subject else "") or found.has("text", "title", "subject", "name", "description")
    value = match["link"] or found.value(match["v"])
    if field and value.lower() not in ("new", "the", "a"):
        part = f"event.{field}.contains({quoted(value)})"
        found.add(f"!{part}" if match["no"] else part)


def _addresses(found: Conditions, clause: str, noun: str) -> None:
    """ "mail from x@y", "to intake@y"."""
    if (
        found.has("attachments")
        and found.fields
        and re.search(
            r"\b(?:with|has|have|having|containing|carrying)\s+(?:an?\s+|any\s+|some\s+)?(?:\w+\s+)?attach(?:ment|ed\s+file)s?\b",
            clause,
            re.IGNORECASE,
        )
    ):
        found.add("size(event.attachments) > 0")
    for word, field in (("from|by|of", "from"), ("to|at|for|reach(?:es|ing)|hits|into|in|received\\s+by|gets|receives", "to")):
        match = re.search(rf"\b(?:{word})\s+(?:the\s+address\s+)?({EMAIL})", clause, re.IGNORECASE)
        if match is not None and found.has(field) and found.fields and not any(f"event.{field} " in part for part in found.parts):
            found.equal(field, match[1])
    house = re.search(
        r"\bfrom\s+(?:(?:anyone|anybody|someone|people|everybody)\s+(?:at|from|of)\s+)?@?((?:[a-z0-9-]+\.)+[a-z]{2,12})(?![\w@])",
        found.source.plain(clause),
        re.IGNORECASE,
    )
    if noun == "message_received" and house is not None and "from" in found.fields and "event.from" not in " ".join(found.parts):
        found.add(f"event.from.endsWith({quoted('@' + house[1])})")


def _assignee(found: Conditions, clause: str, noun: str) -> None:
    """ "assigned to @lena", "owned by Ada"."""
    for words, field in (
        ("assigned\\s+to", "assignee"),
        ("owned\\s+by", "owner"),
        ("organi[sz]ed\\s+by", "organizer"),
        ("requested\\s+by", "requester"),
    ):
        match = re.search(rf"\b{words}\s+({PERSON}|{QUOTE}|(?-i:[A-Z]\w+)|me\b)", clause, re.IGNORECASE)
        if match is not None and field in found.fields:
            found.equal(field, found.value(match[1]).lstrip("@"))


_CONTAINERS = ("folder", "project", "board", "database", "calendar", "channel", "server", "repo")
_HELD_BY = re.compile(
    rf"(?:\b(?:in|into|inside|under|within)\s+(?:the\s+|our\s+|my\s+)?(?:{SERVICE}\s+)?(?:space\s+|server\s+|room\s+)?|{SERVICE}\s+(?:space\s+)?(?={QUOTE})|\bspace\s+)(?P<v>{QUOTE}|(?-i:[A-Z][\w&'-]*(?:\s+[A-Z][\w&'-]*)*))(?!\s*{SERVICE})",
    re.IGNORECASE,
)


_PAYER = re.compile(rf"\b(?:from|by|for|of)\s+(?:the\s+)?(?:customer\s+|client\s+|company\s+)?(?!(?:EUR|USD|GBP|CHF|JPY|INR|Rs)\b)(?P<v>{QUOTE}|{CAPITALS})(?!\s*(?:EUR|USD|GBP|CHF|\d|plan\b))")
_MONEY = ("payment_", "invoice_", "subscription_", "dispute_")


def _customer(found: Conditions, clause: str, noun: str) -> None:
    """ "a payment from Acme Inc"."""
    match = _PAYER.search(re.sub(SERVICE, "\ue2ff", clause)) if noun.startswith(_MONEY) and found.has("customer") else None
    if match is None or any("event.customer" in part or "event.country" in part for part in found.parts):
        return
    if not re.fullmatch(r"(?:EUR|USD|GBP|CHF|JPY|INR|Europe|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|\d.*)", match["v"]):
        found.equal("customer", found.value(match["v"]))


def _container(found: Conditions, clause: str, noun: str) -> None:
    """ "a task in Pentest": what holds the thing, where nothing else was said about it."""
    field = next((name for name in _CONTAINERS if name in found.fields), "")
    if not field or found.parts or noun in ("deal_stage_changed", "issue_transitioned", "card_moved", "status_changed"):
        return
    match = _HELD_BY.search(clause)
    if match is not None and not re.match(
        r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b", match["v"]
    ):
        found.equal(field, found.value(match["v"]))


_KINDS = {"spreadsheet": "spreadsheet", "image": "image", "photo": "image", "picture": "image", "video": "video", "presentation": "presentation", "slide deck": "presentation", "recording": "recording", "folder": "folder", "scan": "scan"}  # fmt: skip


def _kind(found: Conditions, clause: str, noun: str) -> None:
    """ "a spreadsheet in Drive is edited"."""
    if (
        not noun.startswith("file")
        or "type" not in found.fields
        or any("event.type" in part or "event.name" in part for part in found.parts)
    ):
        return
    match = re.search(
        rf"\b(?:an?|new|every|each|any)\s+(?:new\s+)?(?:{SERVICE}\s+)?({'|'.join(_KINDS)})s?\b(?!\s+(?:file|folder))", clause, re.IGNORECASE
    )
    if match is not None and match[1].lower() != "folder":
        found.equal("type", _KINDS[match[1].lower()])


def _called(found: Conditions, clause: str, noun: str) -> None:
    """ "a file named 'report'"."""
    match = re.search(
        rf"\b(?:files?|documents?|pages?|cards?|tasks?|events?|meetings?|items?|issues?)\s+(?:that\s+(?:is|are)\s+)?(?:named|called|titled)\s+({QUOTE})"
        + (rf"|\b(?:events?|meetings?|appointments?)\s+({QUOTE})|({QUOTE})\s+(?:event|meeting|appointment)\b" if noun.startswith("event_") else ""),
        clause,
        re.IGNORECASE,
    )
    field = found.has("name", "title") if match is not None else ""
    if match is not None and field and not any(f"event.{field}" in part for part in found.parts):
        found.equal(field, found.value(next(said for said in match.groups() if said)))


def _extension(found: Conditions, clause: str, noun: str) -> None:
    match = re.search(
        r"\b(?:is\s+(?:an?\s+)?|new\s+|ends\s+(?:with|in)\s+)\.?(pdf|csv|docx?|xlsx?|png|jpe?g|zip|txt|pptx?)\b|\b(pdf)s?\b",
        clause,
        re.IGNORECASE,
    )
    if noun.startswith("file") and match is not None and found.has("name"):
        found.add(f"event.name.endsWith('.{(match[1] or match[2]).lower()}')")


def _draft(found: Conditions, clause: str, noun: str) -> None:
    if found.has("draft") and re.search(r"\b(?:not|isn't|no|non-?|unless|except)\b[^,.]*\bdrafts?\b", clause, re.IGNORECASE):
        found.add("!event.draft")


def _workflow(found: Conditions, clause: str, noun: str) -> None:
    if noun != "run_failed":
        return
    match = re.search(
        rf"\b(?:runs?\s+of|of|workflow|flow)\s+(?:the\s+|our\s+)?(?:workflow\s+|flow\s+)?(?P<v>{QUOTE}|{CAPITALS}"
        rf"|[\w]+(?:-[\w]+)+|[\w-]+)(?=\s|$|[,.])",
        clause,
    )
    before = re.search(
        rf"(?P<v>{QUOTE}|\b[\w]+(?:-[\w]+)+|(?:(?<=\bour\s)|(?<=\bthe\s)|(?<=\bmy\s))\w+)\s+(?:workflow|flow|automation|run)s?\b",
        clause,
        re.IGNORECASE,
    )
    match = before if before is not None and before["v"].lower() not in _NO_NAMES else match
    if match is not None and match["v"].lower() not in _NO_NAMES:
        found.equal("workflow", found.value(match["v"]))


_NO_NAMES = frozenset(
    [
        "any",
        "a",
        "an",
        "workflow",
        "our",
        "run",
        "runs",
        "fails",
        "fail",
        "failure",
        "flow",
        "every",
        "each",
        "the",
        "failing",
        "failed",
        "ours",
        "mine",
        "yours",
        "them",
        "these",
        "those",
        "us",
        "it",
        "own",
        "all",
        "broken",
        "scheduled",
        "last",
        "latest",
        "same",
        "whole",
        "other",
        "workflows",
        "flows",
        "automations",
        "automation",
        "is",
        "breaks",
        "crashes",
        "errors",
        "goes",
        "has",
        "was",
        "in",
        "with",
        "for",
        "on",
    ]
)


_FIELDS = (
    r"(?:priority|status|state|severity|stage|type|country|region|author|assignee|owner|channel|board|project|repo"
    r"|repository|branch|base|label|subject|title|name|company|plan|currency|environment|env|group|list|folder"
    r"|location|city|source|language|tag|folder|method|path)"
)
_EXPLICIT = re.compile(
    rf"\b(?P<f>{_FIELDS})\b\s*(?:(?P<not>is\s+not|isn't|is\s+n't|!=|<>|not)|(?P<has>contains|includes|starts\s+with"
    rf"|begins\s+with|ends\s+with)|is|=|==|:|equals|of)?\s*(?:set\s+to\s+|the\s+)?(?P<v>{QUOTE}|{PERSON}|{CHANNEL}"
    rf"|(?-i:{CAPITALS})|[\w][\w.-]*)(?:\s+or\s+(?P<w>{QUOTE}|[\w-]+))?",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?P<v>urgent|high|highest|low|normal|medium|critical|blocker|major|minor|p[0-4])(?:[\s-]+priority)?(?:\s+(?=\w"
    r"|[\ue200-\ue2ff])|\s*$)",
    re.IGNORECASE,
)


def _explicit(found: Conditions, clause: str, noun: str) -> None:
    unless = re.search(r"\b(?:unless|except\s+(?:if|when)|but\s+not\s+if)\b(?P<rest>.*)", clause, re.IGNORECASE)
    negative = unless.start("rest") if unless else len(clause) + 1
    for match in _EXPLICIT.finditer(re.sub(SERVICE, " ", clause)):
        _explicit_one(found, match, negated=match.start() > negative)
    if found.has("priority") and "priority" not in " ".join(found.parts):
        before = _BEFORE.search(clause)
        if before is not None:
            found.equal("priority", before["v"].lower(), negated=before.start() > negative)


def _explicit_one(found: Conditions, match: re.Match[str], *, negated: bool) -> None:
    said = match["f"].lower()
    field = found.has({"repository": "repo", "state": "status", "tag": "labels", "label": "labels", "env": "environment"}.get(said, said))
    value = found.value(match["v"])
    bare = not re.search(
        r"is|=|:|equals|n't|not|contains|includes|with|of", match[0][len(said) : match.start("v") - match.start()], re.IGNORECASE
    )
    if (
        not field
        or field == "labels"
        or not value
        or (bare and said not in ("priority", "country", "severity", "branch", "base", "stage", "status", "type"))
    ):
        return
    if value.lower() in _FILLERS or any(part.startswith((f"event.{field} ", f"(event.{field} ")) for part in found.parts):
        return
    if match["has"]:
        how = (
            "startsWith"
            if match["has"].lower().startswith(("starts", "begins"))
            else "endsWith"
            if match["has"].lower().startswith("ends")
            else "contains"
        )
        found.add(f"{'!' if negated else ''}event.{field}.{how}({quoted(value)})")
    elif match["w"]:
        found.add(f"(event.{field} == {quoted(value)} || event.{field} == {quoted(found.value(match['w']))})")
    else:
        found.equal(field, value, negated=negated != bool(match["not"]))


_FILLER_WORDS = "to is are of in on the a an and or changes changed change changing set with for by when if it from at goes gets becomes was be has not as that which only please just ones alone too"
_FILLERS = frozenset(_FILLER_WORDS.split())


def step_condition(source: Source, text: str, action: str) -> str:
    """A condition on what an earlier step found: "if there are fewer than ten", "if the status code isn't 200"; "" if none."""
    operation = action.partition(".")[2]
    status = re.search(
        r"\b(?:status(?:\s+code)?|response(?:\s+code)?|code|answer)\s+(?:is\s+|was\s+)?(?P<not>not|isn't|is\s+not|!="
        r"|other\s+than)?\s*(?:equal\s+to\s+|=+\s*)?(?P<n>\d{3})",
        text,
        re.IGNORECASE,
    )
    if status is None:
        status = re.search(
            r"^(?:\w+\s+)?(?:it|that|this|(?:the\s+)?(?:result|reply|site|page|check|url))\s*(?:is\s+|was\s+|'s\s+|returns?\s+|gives?\s+|answers?\s+)?(?P<not>not|isn't|is\s+not|wasn't|!=|other\s+than|anything\s+(?:but|other\s+than)|doesn't\s+(?:return|give|answer))?\s*(?:a\s+|an\s+|with\s+)?(?P<n>[1-5]\d\d)\b",
            text.strip(), re.IGNORECASE,
        )  # fmt: skip
    if status is not None and operation == "request":
        return f"steps.{operation}.status {'!=' if status['not'] else '=='} {status['n']}"
    none = re.search(
        r"\b(?:there\s+(?:is|are)\s+(?P<none>no|none|nothing)|(?P<any>there\s+(?:is|are)\s+(?:any|some)"
        r"|any(?:thing)?\s+(?:is|are|was|were)\s+found|it\s+finds\s+any(?:thing)?))\b",
        text,
        re.IGNORECASE,
    )
    match = re.search(rf"{_OPERATOR}\s*{_FIGURE}", text + " ", re.IGNORECASE)
    if match is not None:
        value = read_number(match["figure"], match["scale"] or "")
        field = "value" if operation.startswith("run_") else "count"
        return f"steps.{operation}.{field} {_sign(match)} {written(value)}" if value is not None else ""
    if none is not None:
        return f"steps.{operation}.count {'==' if none['none'] else '>'} 0"
    return ""


def input_condition(text: str) -> str:
    """ "if env is prod" of a manual trigger's input; "" if none."""
    match = re.search(
        rf"\bif\s+(?:the\s+)?(?:input\s+)?(?P<f>[a-z_]\w*)\s*(?P<op>is\s+not|isn't|!=|is|==|=|equals)\s*(?P<v>{QUOTE}"
        rf"|[\w.-]+)",
        text,
        re.IGNORECASE,
    )
    if match is None or re.match(LINK, match["v"]):
        return ""
    negated = match["op"].lower() in ("is not", "isn't", "!=")
    return f"inputs.{match['f']} {'!=' if negated else '=='} '{match['v']}'"


def iter_fields(source: Source, event: str) -> Iterator[str]:
    """The fields of an event in the catalogue."""
    spec = next((e for s in source.lexicon.services.values() for e in s.events if e.id == event), None)
    yield from (field.name for field in spec.fields) if spec else ()
