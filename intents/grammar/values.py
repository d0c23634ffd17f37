"""What a step was told: each input of an action read from its part of the sentence. Only what was said."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from intents.grammar.conditions import named
from intents.grammar.source import BLANK, CAPITALS, CHANNEL, EMAIL, LINK, PERSON, QUOTE, REPO, SERVICE, Source
from intents.when import DURATION, NUMBER, duration, window

_KEY = r"(?<![\w/-])[A-Z][A-Z0-9]+-\d+\b"
_TITLED = re.compile(
    rf"\b(?:titled?|called|named|with\s+(?:the\s+)?(?:title|name|subject)|title[:=]|name[:=]|subject[:=]?)\s*(?:is\s+"
    rf"|of\s+|being\s+)?(?P<v>{QUOTE}|{CAPITALS}|[\w][\w-]*(?:\s+(?!in\b|on\b|with\b|and\b|for\b|to\b|at\b|by\b|of\b"
    rf"|then\b|from\b|into\b)[\w-]+){{0,6}})",
    re.IGNORECASE,
)
_WORDS_TITLED = re.compile(
    r"\b(?:titled?|called|named)\s+(?P<v>[\w][\w'-]*(?:\s+(?!in\b|on\s+the\b|with\b|and\b|for\b|to\b|at\b|by\b|then\b|from\b|into\b)[\w'-]+){0,8})",
    re.IGNORECASE,
)
_PLAIN_TITLED = re.compile(rf"\b(?i:titled?|called|named|with\s+(?:the\s+)?(?:title|name)|title[:=]|name[:=])\s*(?P<v>{CAPITALS})")
_SMALL = frozenset(
    {"the", "a", "an", "it", "that", "this", "them", "one", "same", "me", "us", "new", "each", "every", "all", "my", "our", "its"}
)


def values_of(source: Source, text: str, service: str, operation: str, inputs: frozenset[str]) -> dict[str, Any]:
    """The ``with`` of ``service.operation``; ``inputs`` are the names the catalogue lists for it."""
    out: dict[str, Any] = {}
    for name, reader in _READERS:
        if name in inputs:
            value = reader(source, text, operation)
            if value not in (None, "", []):
                out[name] = value
    return _settled(source, text, f"{service}.{operation}", out)


def _title(source: Source, text: str, operation: str) -> str:
    if operation.startswith(("update_", "add_", "move_", "share_", "list_", "search_")):
        return ""
    match = _longest([pattern.search(text) for pattern in (_PLAIN_TITLED, _TITLED, _WORDS_TITLED)])
    if match is not None:
        return source.plain(match["v"]).strip(" .")
    quote = _first_quote(text, operation.partition("_")[2] if operation.startswith("create") else "")
    if quote:
        return source.quote(quote)
    found = _after_object(source, text, operation) or _words_behind(source, text, operation)
    return "" if _SAID_OF_IT.match(found) else found


_SAID_OF_IT = re.compile(
    r"(?:with\s+(?:the\s+|a\s+)?(?:priority|label|tag|type|status|due|severity)|assigned|label(?:l?ed)|tagged|due|priority)\b",
    re.IGNORECASE,
)


def _longest(matches: list[re.Match[str] | None]) -> re.Match[str] | None:
    """The first that is there, or a longer one that begins at the same word: “titled Disk full” is not called “Disk”."""
    there = [match for match in matches if match is not None]
    return max((match for match in there if match.start("v") == there[0].start("v")), key=lambda match: match.end("v")) if there else None


# Words that cannot begin what something is called, and those that end it. “on” alone does not: a printer may be on fire.
_NO_NAME = (
    "in|with|and|then|for|to|at|by|from|into|via|using|assigned|due|when|whenever|if|unless|after|before|every|each|once|"
    "tomorrow|today|daily|weekly|monthly|hourly|please|there|here|now|again|that|which|so|like|name|named|called|title|titled|"
    "saying|as|or|but|not|until|while|where|within|per|it|is|automatically|instead|number|type|status|board|list"
)
_ENDS = rf"(?:(?:{_NO_NAME})\b|on\s+(?:the|our|my|a|an|all|every|board|project|list|repo)\b)"
_WORDS_BEHIND = re.compile(
    rf"\b(?:issue|bug|ticket|task|card|item)\b\s*(?::|\babout\b)?\s*(?:the\s+)?(?!{_ENDS}|(?:on|of|the|a|an|must|should|shall|needs?|has|gets?|p[0-4]|sev-?\d)\b)"
    rf"(?P<v>[a-z][\w'/-]*(?:\s+(?!{_ENDS})[\w'/-]+){{0,9}})",
    re.IGNORECASE,
)


def _words_behind(source: Source, text: str, operation: str) -> str:
    """ "create a zendesk ticket printer on fire": plain words right behind what is made are what it is called."""
    if operation not in ("create_issue", "create_ticket", "create_task", "create_card", "create_item"):
        return ""
    match = _WORDS_BEHIND.search(text)
    return source.plain(match["v"]).strip(" .") if match else ""


_PLACE_NOUN = (
    r"(?:board|list|folder|database|page|channel|project|column|calendar|stage|status|label|section|file|customer"
    r"|event|metric|priority|tag|named?|group|repo|repository|branch|assignee|note|comment|saying|text|message|value"
    r"|role|topic|to|description|with)"
)


def _first_quote(text: str, noun: str) -> str:
    """The first quoted text that is not the name of a place ("board 'Leads FR'"); behind the created ``noun`` itself it is the title."""
    for match in re.finditer(QUOTE, text):
        before = text[: match.start()].rstrip()
        if noun and re.search(rf"\b(?<!to\sthe\s)(?<!in\sthe\s){noun}$", before, re.IGNORECASE):
            return match[0]
        if re.match(r"\s*(?:board|list|folder|database|project|calendar|column|pipeline|group|channel|page)\b", text[match.end() :]) and noun not in text[match.end() : match.end() + 12].split():
            continue  # 'on the "Facilities" board' names the board
        if not re.search(rf"\b{_PLACE_NOUN}\s*(?:[:=]|is|called|named)?$", before, re.IGNORECASE) or (
            re.search(r"\b(?:thread|space|meeting|folder|channel)$", before)
            and not re.search(r"\b(?:in|to|into)\s+(?:the\s+|a\s+)?(?:\S\s+)?(?:folder|channel)$", before)
        ):
            return match[0]
    return ""


def _after_object(source: Source, text: str, operation: str) -> str:
    """ "make slack channel inc-live", "create a page Monthly review in …": a name right behind the object."""
    noun = operation.partition("_")[2]
    words = {"issue": "issue|bug|ticket|story", "event": "event|meeting"}.get(noun, noun)
    match = (
        re.search(rf"\b(?:{words})\s+(?P<v>{CAPITALS}|[\w]+(?:-[\w]+)+)(?=\s*(?:$|[,.;]|\b(?:in|on|for|to|and|with|at)\b|{BLANK}))", text)
        if noun in ("channel", "folder", "thread", "space", "page", "meeting", "event", "release", "item", "card", "task")
        else None
    )
    if match is None or re.match(_KEY, match["v"]) or match["v"].lower() in _SMALL:
        return ""
    return source.plain(match["v"])


def _text(source: Source, text: str, operation: str) -> str:
    if operation in ("ask_approval", "share_file") or operation.startswith(("search", "query", "upload")):
        return ""
    quotes = re.findall(QUOTE, text)
    if quotes and operation.startswith(("add_comment", "reply", "add_note", "add_update", "append")):
        placed = [quote for quote in quotes if not re.search(rf"\b(?:page|database|doc|list|board)\s+{quote}", text)]
        return source.quote(placed[-1]) if placed else ""
    if operation in ("create_thread", "create_page", "transition_issue", "move_card", "update_deal") and len(quotes) < 2:
        return ""
    labelled = re.search(
        rf"\b(?:text|saying|says?|message|note|comment|body|description|update)\s*[:=]?\s*(?P<v>{QUOTE})", text, re.IGNORECASE
    )
    if labelled is not None:
        return source.quote(labelled["v"])
    if operation == "create_page":
        return ""
    return (
        source.quote(quotes[-1])
        if quotes
        and not re.search(rf"\b(?:page|database|board|list|folder|card|ticket|issue|to\s+the)\s+{quotes[-1]}", text, re.IGNORECASE)
        and not re.search(rf"{quotes[-1]}\s+(?:page|database|board|list|folder|column|calendar)\b", text, re.IGNORECASE)
        else ""
    )


def _project(source: Source, text: str, operation: str) -> str:
    value = named(source, text, "project")
    if value:
        return value
    repo = re.search(REPO, text)
    if repo is not None:
        return repo[0]
    noun = re.search(rf"\bin\s+(?:the\s+)?(?:{SERVICE}\s+)?(?:project\s+)?(?P<v>[A-Z][A-Z0-9]{{1,9}}\b(?!-\d)|{QUOTE}|{CAPITALS})", text)
    if noun is not None:
        return source.plain(noun["v"])
    pipeline = re.search(r"\b(?:pipeline|build)s?\s+(?:for|of|in)\s+(?:the\s+)?(?:project\s+)?(?P<v>[\w][\w/.-]*)", text, re.IGNORECASE)
    if pipeline is not None:
        return pipeline["v"] if pipeline["v"].lower() not in _SMALL else ""
    key = re.search(r"\b(?P<v>(?!NEW|API|HR|URGENT|ALL|THE)[A-Z]{2,10})\s+(?:issue|ticket|bug|task|story)\b", text) if operation == "create_issue" else None
    return key["v"] if key is not None and not text.isupper() else ""


def _branch(source: Source, text: str, operation: str) -> str:
    match = re.search(
        rf"\b(?:on|from|for)\s+(?:the\s+)?(?:branch\s+)?(?P<v>{QUOTE}|main|master|develop|dev|staging|production|prod"
        rf"|release|[\w.-]+(?=\s+branch))\b",
        text,
    ) or re.search(r"\bbranch\s+(?P<v>[\w./-]+)", text)
    return source.plain(match["v"]) if match else ""


def _repo(source: Source, text: str, operation: str) -> str:
    match = re.search(REPO, text)
    if match is not None:
        return match[0]
    link = re.search(LINK, text)
    path = re.match(r"https?://(?:www\.)?github\.com/([\w.-]+/[\w.-]+)", source.plain(link[0])) if link else None
    return path[1] if path else named(source, text, "repo(?:sitory)?")


def _place(noun: str) -> Callable[[Source, str, str], str]:
    def read(source: Source, text: str, operation: str) -> str:
        return named(source, text, noun)

    return read


_PATH = r"/?[\w-]+(?:/[\w-]+)+(?![\w./-])"  # Reports/2026


def _folder(source: Source, text: str, operation: str) -> str:
    path = re.search(rf"\bfolder\s+(?:called\s+|named\s+)?(?P<v>{_PATH})", text)
    value = path["v"] if path else named(source, text, "folder")
    if operation.startswith("create_"):
        inside = re.search(
            rf"\b(?:in|inside|under|into)\s+(?:the\s+)?(?:{SERVICE}\s+)?(?:folder\s+)?(?P<v>{QUOTE}|{CAPITALS}|/[\w/-]+)", text
        )
        return source.plain(inside["v"]) if inside else ""
    if value:
        return value
    match = re.search(rf"\b(?:in|into|to|under)\s+(?:the\s+)?(?:{SERVICE}\s+)?(?P<v>/[\w/-]+|{QUOTE}|{CAPITALS})", text)
    return source.plain(match["v"]) if match else ""


def _page(source: Source, text: str, operation: str) -> str:
    value = named(source, text, "page") or named(source, text, "database")
    if value:
        return value
    match = re.search(
        rf"\b(?:to|in|into|on)\s+(?:the\s+|my\s+|our\s+)?(?:{SERVICE}\s+)?(?P<v>{QUOTE}|{CAPITALS})(?:\s+(?:page|list"
        rf"|doc))?",
        text,
    )
    return source.plain(match["v"]) if match else ""


def _list(source: Source, text: str, operation: str) -> str:
    value = named(source, text, "list") or named(source, text, "column")
    if value or not operation.startswith("move"):
        return value
    match = re.search(rf"\b(?:to|into|in)\s+(?:the\s+)?(?:list\s+|column\s+)?(?P<v>{QUOTE}|{CAPITALS})", text) or re.search(
        r"\bto\s+(?:the\s+)?(?P<v>\w+)(?:\s+(?:list|column))?\s*$", text.strip(f" .,{BLANK}")
    )
    return source.plain(match["v"]) if match else ""


def _status(source: Source, text: str, operation: str) -> str:
    if operation.startswith(("search", "query", "list")):
        match = re.search(
            r"\b(open|closed|unsolved|solved|pending|overdue|unpaid|paid|failed|successful|succeeded|new|active|done|won|lost"
            r"|late|outstanding)\b(?=\s+\w|$)",
            text,
            re.IGNORECASE,
        )
        return match[1].lower() if match else ""
    match = re.search(
        rf"\b(?:status|state|transition\w*)\b[^{QUOTE[1:-1]}A-Z]{{0,30}}?(?:to|as|=|:|is)?\s*(?P<v>{QUOTE}"
        rf"|(?-i:{CAPITALS}))",
        text,
        re.IGNORECASE,
    )
    match = match or re.search(
        rf"\b(?:to|as|into|in)\s+(?:the\s+)?(?:status\s+)?(?P<v>{QUOTE}|(?-i:{CAPITALS}))", re.sub(SERVICE, " ", text), re.IGNORECASE
    )
    match = match or re.search(
        r"\b(?:status|mark\w*|set|to|as)\s+(?:to\s+|as\s+|it\s+)*(?P<v>done|closed|solved|resolved|in progress|in review"
        r"|open|pending|blocked)\b",
        text,
        re.IGNORECASE,
    )
    return source.plain(match["v"]) if match and not re.match(_KEY, match["v"]) else ""


def _stage(source: Source, text: str, operation: str) -> str:
    match = re.search(rf"\bstage\s*(?:to\s+|is\s+|=|:)?\s*(?P<v>{QUOTE}|{CAPITALS}|[\w-]+)", text)
    if match is None and operation == "update_deal":
        match = re.search(rf"\b(?:to|as|into)\s+(?:the\s+)?(?:stage\s+)?(?P<v>{QUOTE}|{CAPITALS})", re.sub(SERVICE, " ", text))
    return source.plain(match["v"]) if match and match["v"].lower() not in _SMALL | {"to"} else ""


def _priority(source: Source, text: str, operation: str) -> str:
    match = re.search(
        rf"\bprio(?:rity)?\b\s*(?:to\s+|is\s+|of\s+|[:=]\s*)?(?P<v>{QUOTE}|(?!and\b|in\b|for\b|on\b)[\w-]+)", text, re.IGNORECASE
    ) or re.search(
        r"\b(?P<v>urgent|highest|high|low|lowest|critical|medium|normal|blocker|p[0-4])[\s-]+(?:prio(?:rity)?\b"
        r"|\S?\s*(?:issue|ticket|task|bug)\b)|\b(?:issue|ticket|task|bug)\s+(?P<w>p[0-4])\b",
        text,
        re.IGNORECASE,
    )
    return source.plain(match.groupdict().get("w") or match["v"] or "").lower() if match else ""


def _type(source: Source, text: str, operation: str) -> str:
    match = re.search(r"\b(bug|story|epic|incident|sub-?task|problem|question)s?\b", text, re.IGNORECASE)
    return match[1].lower() if match and operation in ("create_issue", "search_issues") else ""


def _assignee(source: Source, text: str, operation: str) -> str:
    if re.search(r"\bunassigned\b", text, re.IGNORECASE):
        return "unassigned"
    match = re.search(
        rf"\b(?:for|to|assign(?:ed)?(?:\s+(?:it|this|the\s+\w+))?\s+to|assignee[:=]?(?:\s+is)?|owner|by)\s*(?P<v>{PERSON}"
        rf"|me\b)",
        text,
        re.IGNORECASE,
    ) or re.search(r"\bassign\w*\s+(?:it\s+|this\s+|an?\s+\S?\s*\w+\s+)?to\s+(?P<v>[A-Z][a-z]+)\b", text)
    if match is None and operation == "assign_issue":
        match = re.search(r"\bto\s+(?P<v>[\w.-]*\w)\s*$", text)
    if match is None:
        return ""
    return "@me" if match["v"].lower() == "me" else match["v"]


def _person(source: Source, text: str, operation: str) -> str:
    match = re.search(EMAIL, text) or re.search(PERSON, text)
    return match[0] if match else ""


def _role(source: Source, text: str, operation: str) -> str:
    match = re.search(
        rf"\b(?:role|roles)\s+(?:called\s+|named\s+)?(?P<v>{QUOTE}|{CAPITALS}|(?!when\b|to\b|for\b|if\b|as\b|on\b)[\w-]+)", text
    ) or re.search(rf"\bthe\s+(?P<v>{QUOTE}|{CAPITALS})\s+role\b", text)
    return source.plain(match["v"]) if match else ""


def _emoji(source: Source, text: str, operation: str) -> str:
    match = re.search(r":([\w+-]+):", text) or re.search(
        r"\breact(?:s|ing)?\s+(?:to\s+it\s+)?(?:with\s+)?(?:an?\s+|the\s+)?(?!to\b|with\b|on\b|in\b|emoji\b|reaction\b|it\b)([a-z_]{3,20})(?:\s+(?:emoji|reaction|to\b)|\s*$|\s*[,.])", text, re.IGNORECASE
    )
    return match[1] if match else ""


def _topic(source: Source, text: str, operation: str) -> str:
    quote = re.search(QUOTE, text)
    return source.quote(quote[0]) if quote else ""


def _labels(source: Source, text: str, operation: str) -> list[str]:
    match = re.search(
        rf"\b(?:label(?:led|s)?|tag(?:ged|s)?)\s*(?:it\s+)?(?:with|as|:|=)?\s*(?P<v>(?:{QUOTE}|(?!in\b|on\b|to\b|for\b"
        rf"|and\b|with\b|the\b|it\b)[\w-]+)(?:\s*(?:,|and)\s*{QUOTE})*)",
        text,
        re.IGNORECASE,
    )
    if match is None or (operation == "add_labels" and match["v"].lower() in _SMALL):
        return []
    return [source.plain(part) for part in re.split(r"\s*(?:,|\band\b)\s*", match["v"]) if part]


def _issue(source: Source, text: str, operation: str) -> Any:
    key = re.search(_KEY, text)
    if key is not None:
        return key[0]
    number_said = re.search(r"\b(?:issue|ticket|bug|pr|mr|request)\s*(?:number\s+|no\.?\s*)?#?(\d+)\b|(?<!\w)#(\d+)\b", text, re.IGNORECASE)
    return int(number_said[1] or number_said[2]) if number_said and not operation.startswith("create") else None


def _ticket(source: Source, text: str, operation: str) -> Any:
    match = re.search(r"\b(?:ticket|case)\s*#?(\d+)\b", text, re.IGNORECASE)
    return int(match[1]) if match and not operation.startswith("create") else None


_MONEY = re.compile(
    r"(?P<c1>€|\$|£|EUR\s?|USD\s?|GBP\s?|CHF\s?)?(?<![\w#/.-])(?P<n>\d{1,3}(?:[,']\d{3})+(?:\.\d+)?"
    r"|\d+(?:\.\d{1,2})?)(?P<k>k\b)?\s?(?P<c2>€|\$|£|EUR\b|USD\b|GBP\b|CHF\b|euros?\b|dollars?\b|pounds?\b)?"
)
_SIGNS = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "euro": "EUR",
    "euros": "EUR",
    "dollar": "USD",
    "dollars": "USD",
    "pound": "GBP",
    "pounds": "GBP",
}


def money_of(text: str) -> tuple[float, str] | None:
    """The first sum of money said, with its currency ("" where none is)."""
    for match in _MONEY.finditer(text):
        unit = (match["c1"] or match["c2"] or "").strip()
        if unit or (
            re.search(r"\b(?:amount|over|worth|of|for)\s*(?:of\s+|[:=]\s*)?$", text[: match.start()], re.IGNORECASE)
            and re.search(r"amount|worth", text, re.IGNORECASE)
        ):
            return float(re.sub("[,']", "", match["n"])) * (1000 if match["k"] else 1), _SIGNS.get(unit.lower(), unit.upper())
    return None


def _amount(source: Source, text: str, operation: str) -> float | int | None:
    money = money_of(text)
    if money is None:
        return None
    return int(money[0]) if money[0] == int(money[0]) else money[0]


def _currency(source: Source, text: str, operation: str) -> str:
    money = money_of(text)
    return money[1] if money else ""


def _customer(source: Source, text: str, operation: str) -> str:
    match = re.search(rf"\b(?:for|customer|to|of)\s+(?:the\s+)?(?:customer\s+|client\s+)?(?P<v>{QUOTE}|{EMAIL}|{CAPITALS}|cus_\w+)", text)
    return "" if match is None or re.fullmatch(rf"[\d,.]+|{_MONEY.pattern}", match["v"], re.IGNORECASE) else source.plain(match["v"])


def _object(source: Source, text: str, operation: str) -> str:
    match = re.search(
        r"\b(leads?|opportunit(?:y|ies)|opps?|accounts?|contacts?|cases?|campaigns?|invoices?|customers?|bills?|payments?"
        r"|estimates?)\b",
        text,
        re.IGNORECASE,
    )
    stems = {
        "lead": "Lead",
        "opp": "Opportunity",
        "account": "Account",
        "contact": "Contact",
        "case": "Case",
        "campaign": "Campaign",
        "invoice": "Invoice",
        "customer": "Customer",
        "bill": "Bill",
        "payment": "Payment",
        "estimate": "Estimate",
    }
    return next((name for stem, name in stems.items() if match[1].lower().startswith(stem)), "") if match else ""


def _method(source: Source, text: str, operation: str) -> str:
    match = re.search(r"\b(GET|POST|PUT|PATCH|DELETE|HEAD)\b", text)
    match = match or re.match(rf"\W*(?:https?\s+)?(get|post|put|patch|delete)\b.{{0,30}}?{LINK}", text, re.IGNORECASE)
    return match[1].upper() if match else ""


def _url(source: Source, text: str, operation: str) -> str:
    match = re.search(LINK, text)
    return source.plain(match[0]) if match else ""


def _file(source: Source, text: str, operation: str) -> str:
    by_word = re.search(rf"\bfile\s+(?:called\s+|named\s+)?(?P<v>{QUOTE}|[\w-]+\.\w{{2,4}}\b|(?-i:{CAPITALS}))", text)
    by_ending = re.search(
        r"(?<![\w./-])(?P<v>/?(?:[\w-]+/)*[\w-]+\.(?:pdf|csv|xlsx?|docx?|txt|png|jpe?g|zip|json|md|pptx?))\b", text, re.IGNORECASE
    )
    match = by_ending if operation == "share_file" else by_word or by_ending  # what is shared is mostly what was just made
    return source.plain(match["v"]) if match else ""


def _event(source: Source, text: str, operation: str) -> str:
    match = (
        re.search(rf"\bevents?\s+(?:called\s+|named\s+)?(?P<v>{QUOTE}|[a-z]+(?:_[a-z]+)+)", text)
        or re.search(rf"(?P<v>{QUOTE})\s+events?\b", text)
        or (re.search(r"\bevent\s+(?P<v>[a-z][\w-]*)", text) if operation == "track_event" else None)
        or re.search(r"\btrack\s+(?:an?\s+|the\s+)?(?P<v>[a-z]+(?:_[a-z]+)+)", text)
    )
    return source.plain(match["v"]) if match else ""


def _metric(source: Source, text: str, operation: str) -> str:
    match = re.search(
        rf"\b(?:on|of|for|with|metrics?)\s+(?:the\s+)?(?:metric\s+)?(?P<v>{QUOTE}|sessions|users|active\s+users|new\s+users"
        rf"|page\s?views|views|bounce\s+rate|conversions|revenue|traffic|events|transactions|engagement|purchases)\b",
        text,
        re.IGNORECASE,
    )
    return source.plain(match["v"]).lower().replace(" ", "_") if match else ""


def _window(source: Source, text: str, operation: str) -> str:
    match = re.search(
        rf"\b(?:(?:for|of|over|from|in|during)\s+)?(?:the\s+)?(?:last|past|previous)\s+(?:{NUMBER}\s+)?\w+", text, re.IGNORECASE
    )
    return (window(match[0]) or "") if match else ""


def _query(source: Source, text: str, operation: str) -> str:
    labelled = re.search(rf"\b(?:matching|containing|with\s+the\s+(?:words?|text)|for|about|query)\s+(?P<v>{QUOTE})", text, re.IGNORECASE)
    if labelled is not None:
        return source.quote(labelled["v"])
    older = re.search(
        rf"\b(?:older|newer|younger)\s+than\s+{DURATION}|\b(?:created|updated|opened|due)\s+(?:today|yesterday|this\s+week"
        rf"|in\s+the\s+last\s+\w+(?:\s+\w+)?)",
        text,
        re.IGNORECASE,
    )
    return source.plain(older[0]) if older else ""


def _length(source: Source, text: str, operation: str) -> str:
    match = re.search(rf"\b({NUMBER}[\s-]*(?:hour|hr|min(?:ute)?)s?|half[\s-]an?[\s-]hour|half-hour)\b", text, re.IGNORECASE)
    found = duration(match[0].replace("-", " ")) if match else None
    return found.iso if found else ""


def _calendar(source: Source, text: str, operation: str) -> str:
    value = named(source, text, "calendar")
    if value:
        return value
    match = re.search(rf"{SERVICE}\s+(?:called\s+)?(?P<v>{QUOTE})", text) if operation == "list_events" else None
    return source.quote(match["v"]) if match else ""


def _workflow(source: Source, text: str, operation: str) -> str:
    match = re.search(r"\b(?P<v>[\w.-]+\.ya?ml)\b", text)
    if match is not None:
        return match["v"]
    match = re.search(
        rf"\b(?:workflow|flow|automation|action)\s+(?:called\s+|named\s+)?(?P<v>{QUOTE}|{CAPITALS}|[\w][\w-]*)", text
    ) or re.search(rf"\b(?:the|run)\s+(?P<v>{QUOTE}|{CAPITALS}|[\w]+(?:-[\w]+)+)\s+(?:workflow|flow|automation|action)\b", text)
    return (
        source.plain(match["v"])
        if match and match["v"].lower() not in _SMALL | {"analytics", "stats", "in", "on", "for", "of", "report", "once", "twice", "again", "now"}
        else ""
    )


def _email(source: Source, text: str, operation: str) -> str:
    match = re.search(EMAIL, text)
    return match[0] if match else ""


def _approver(source: Source, text: str, operation: str) -> str:
    match = re.search(PERSON, text)
    return match[0] if match else ""


def _channel(source: Source, text: str, operation: str) -> str:
    match = re.search(CHANNEL, text)
    if match is not None:
        return match[0]
    return named(source, text, "channel") if operation not in ("create_channel",) else ""


def _to(source: Source, text: str, operation: str) -> str:
    match = re.search(EMAIL, text)
    if match is not None:
        return match[0]
    person = re.search(rf"\b(?:to\s+)?({PERSON})", text)
    return person[1] if person else ("@me" if re.search(r"\b(?:me|my\s+inbox|myself)\b", text) else "")


def _service(source: Source, text: str, operation: str) -> str:
    match = re.search(rf"\b(?:for|of|on|about)\s+(?:the\s+)?({SERVICE})|({SERVICE})\s+(?:health|impact|alert)", text)
    return source.marked.service_at(match[1] or match[2]) if match else ""


def _property_name(source: Source, text: str, operation: str) -> str:
    if operation in ("create_contact", "create_customer"):
        match = re.search(rf"\b(?:for|named|called)\s+(?P<v>{QUOTE}|{CAPITALS})", text)
        return source.plain(match["v"]) if match else ""
    return _title(source, text, operation)


def _due(source: Source, text: str, operation: str) -> str:
    match = re.search(r"\bdue\s+(?:on\s+|by\s+|in\s+)?((?:next\s+|in\s+)?[\w]+(?:\s+days?)?)", text, re.IGNORECASE)
    return source.plain(match[1]) if match and not re.match(r"(?:date|to)\b", match[1], re.IGNORECASE) else ""


Reader = Callable[[Source, str, str], Any]
_READERS: tuple[tuple[str, Reader], ...] = (
    ("title", _title), ("name", _property_name), ("text", _text), ("project", _project), ("branch", _branch), ("repo", _repo), ("board", _place("board")),
    ("database", _place("database")), ("section", _place("section")), ("group", _place("group")), ("folder", _folder), ("parent", _folder), ("page", _page),
    ("list", _list), ("status", _status), ("stage", _stage), ("priority", _priority), ("type", _type), ("assignee", _assignee), ("user", _person),
    ("role", _role), ("emoji", _emoji), ("topic", _topic), ("labels", _labels), ("issue", _issue), ("ticket", _ticket), ("amount", _amount),
    ("currency", _currency), ("customer", _customer), ("object", _object), ("method", _method), ("url", _url), ("file", _file), ("event", _event),
    ("metric", _metric), ("window", _window), ("query", _query), ("duration", _length), ("calendar", _calendar), ("workflow", _workflow),
    ("email", _email), ("approver", _approver), ("channel", _channel), ("to", _to), ("service", _service), ("due", _due),
)  # fmt: skip
# Inputs that the sentence never means for this action, though their reader finds something.
_NEVER: dict[str, frozenset[str]] = {
    "google_drive.create_folder": frozenset({"folder"}),
    "notion.create_page": frozenset({"parent", "status"}),
    "notion.update_page": frozenset({"title", "text", "status"}),
    "github.create_release": frozenset({"title", "tag", "branch"}),
    "google_calendar.create_event": frozenset({"due"}),
    "salesforce.create_record": frozenset({"name", "title", "status"}),
    "slack.create_channel": frozenset({"topic"}),
    "google_drive.share_file": frozenset({"role"}),
    "dropbox.share_file": frozenset({"role"}),
    "onedrive.share_file": frozenset({"role"}),
    "box.share_file": frozenset({"role"}),
    "github.merge_pull_request": frozenset({"title", "method"}),
    "zendesk.create_ticket": frozenset({"type"}),
    "zendesk.update_ticket": frozenset({"type"}),
    "asana.update_task": frozenset({"title"}),
    "quickbooks.query_records": frozenset({"customer"}),
    "stripe.list_payments": frozenset({"customer"}),
    "quickbooks.send_invoice": frozenset({"invoice"}),
    "monday.create_item": frozenset({"status"}),
    "jira.create_issue": frozenset({"status", "parent"}),
    "hubspot.create_ticket": frozenset({"status"}),
}


def _settled(source: Source, text: str, action: str, out: dict[str, Any]) -> dict[str, Any]:
    """What two readers both took is given to one; what makes no sense for this action is dropped."""
    for name in _NEVER.get(action, ()):
        out.pop(name, None)
    if out.get("parent") and out.get("name") == out["parent"]:
        del out["name"]
    if action == "github.add_labels" and out.get("labels"):
        labels = out.pop("labels")
        out["label" if len(labels) == 1 else "labels"] = labels[0] if len(labels) == 1 else labels
    if out.get("title") and out["title"] == out.get("text") and action.partition(".")[2].startswith("create"):
        del out["text"]
    if out.get("project") and out["project"] in (out.get("title"), out.get("channel")):
        del out["project"]
    if action.endswith(".create_folder") and out.get("parent") and out.get("parent") == out.get("name"):
        del out["parent"]
    if "user" in out and not out["user"]:
        del out["user"]
    return out
