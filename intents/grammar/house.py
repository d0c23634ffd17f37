"""Commands about the house itself: help, templates, export, audit, doctor, admins, connections."""

from __future__ import annotations

import re

from intents.grammar.request import NAME, Answer, Request, plausible, workflow_name
from intents.grammar.source import CHANNEL, PERSON, SERVICE

_END = r"\s*[.!?]*\s*$"
TOPICS = {
    "schedule": r"schedul\w+|cron|recurrenc\w+|timezones?|time\s+zones?",
    "conditions": r"conditions?|filters?|cel|expressions?",
    "triggers": r"triggers?|events?",
    "workflows": r"work\s?flows?|flows?|automations?",
    "alerts": r"alerts?|alarms?|snooz\w+|acknowledg\w+|escalat\w+",
    "approvals": r"approvals?|approve\w*",
    "retries": r"retr(?:y|ies)",
    "fallbacks": r"fall\s?-?backs?",
    "steps": r"steps?|actions?",
    "templates": r"templates?",
    "health": r"health",
    "impact": r"impact|blast\s+radius|dependenc\w+",
    "connections": r"connect\w*|credentials?|tokens?|integrations?",
    "import": r"import\w*|export\w*|yaml",
    "webhooks": r"web\s?hooks?",
    "inputs": r"inputs?|parameters?|variables?",
    "commands": r"commands?|slash",
    "roles": r"roles?|admins?|permissions?|rights",
    "maintenance": r"maintenance",
    "thresholds": r"thresholds?",
    "runs": r"runs?|history",
    "on call": r"on[\s-]?call|rota",
}  # fmt: skip


def topic_of(text: str) -> str:
    """The help topic that is spoken of, in the asker's own word where it is one; "" if none."""
    for name, words in TOPICS.items():
        match = re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)
        if match is not None:
            return name
    return ""


def read_help(request: Request) -> Answer | None:
    text = request.text
    if len(text.split()) > 14 or re.search(CHANNEL, text):
        return None
    direct = request.match(
        rf"^(?:help|commands?|menu|usage|man|\?+|h)(?:\s+(?:me\s+)?(?:with\s+|on\s+|about\s+"
        rf"|for\s+)?(?:the\s+)?(?P<t>.+?))?{_END}"
    )
    if direct is not None and (
        len(text.split()) <= 2 or re.match(r"^help\s+(?:me\s+)?(?:with|on|about)\b|^help\s+\w+(?:\s+\w+)?\s*$", text, re.IGNORECASE)
    ):
        return _helped(request, direct["t"] or "", known_only=len(text.split()) > 3)
    capable = request.match(
        r"^(?:what\s+(?:can|do|could)\s+(?:you|I|we)\s+(?:do|ask|say|type|help)\b(?!\s+if\b)|how\s+(?:do"
        r"|can)\s+I\s+use\s+(?:you|this|signalbox|the\s+bot)\b|what\s+are\s+(?:you\s+able|your\s+(?:commands|features"
        r"|capabilities|skills))|show\s+(?:me\s+)?(?:the\s+|all\s+|your\s+)?commands)(?P<t>.*)$"
    )
    if capable is not None:
        service = request.service
        return Answer("help", {"topic": service} if service else {}) if service or len(capable["t"].split()) <= 5 else None
    how = request.match(
        rf"^(?:how\s+(?:do|can|could|should|would|to)\s*(?:I|we|you|one)?\s*(?:to\s+)?|explain\s+(?:to\s+)?(?:me"
        rf"|us)?\s*(?:how\s+(?:to\s+|I\s+can\s+|do\s+I\s+)?|about\s+)?|(?:describe|tell\s+(?:me|us))\s+how\s+(?:to\s+|I\s+can\s+|do\s+I\s+)?|teach\s+me\s+(?:how\s+)?(?:to\s+)?|show\s+(?:me"
        rf"|us)\s+how\s+(?:to\s+)?|I\s+(?:need|want)\s+help\s+(?:with|on|about)\s+|what\s+is\s+the\s+syntax\s+(?:of|for)\s+"
        rf"|documentation\s+(?:for|on|about)\s+|docs\s+(?:for|on|about)\s+|tutorial\s+(?:for|on|about)\s+)(?P<t>.+?){_END}"
    )
    if how is not None and not re.search(
        r"\b(?:phone|sound|faster|my|his|her|python|printer|laptop|score|learn|meeting|if)\b|,", how["t"], re.IGNORECASE
    ):
        return _helped(request, how["t"], known_only=True)
    return None


def _helped(request: Request, said: str, *, known_only: bool) -> Answer | None:
    if not said.strip():
        return Answer("help")
    service = request.source.services(said)
    topic = topic_of(re.sub(SERVICE, " ", said)) or (service[0] if service else "")
    if topic:
        return Answer("help", {"topic": topic})
    return None if known_only else Answer("help", {"topic": request.source.plain(said)}, sure=0.8)


def read_house(request: Request) -> Answer | None:
    text = request.text
    if re.search(CHANNEL, text) or request.conditional:
        return None
    if request.match(
        rf"^(?:(?:show|list|give|get|see|what)\s+(?:me\s+|us\s+)?)?(?:are\s+)?(?:the\s+|all\s+|your\s+|some\s+|available\s+"
        rf"|any\s+|workflow\s+)*templates(?:\s+(?:are\s+there|do\s+you\s+have|please))?{_END}"
    ):
        return Answer("list_templates")
    export = request.match(
        rf"^(?:export|download|back\s?up|save)\s+(?:all\s+|every\s+|the\s+|our\s+|my\s+)*(?:definitions?\s+(?:of"
        rf"|for)\s+)?(?:work\s?flows|flows|automations|everything)(?:\s+(?:as|to)\s+(?:yaml|a\s+file|files?))?{_END}"
    )
    if export is not None:
        return Answer("export_workflows")
    named = request.match(rf"^export\s+{NAME}(?:\s+(?:as|to|in)\s+yaml)?{_END}")
    if named is not None:
        name = workflow_name(request.source, named["w"])
        return Answer("export_workflows", {"workflow": name} if name else {}, sure=plausible(request.source, named["w"], name) or 0.6)
    if request.match(
        rf"^(?:run\s+(?:the\s+)?)?(?:doctor|diagnostics?|self[\s-]?(?:check|test))(?:\s+(?:please|report))?{_END}"
        rf"|^(?:what(?:'s|\s+is)|is\s+anything)\s+(?:missing|not\s+configured|misconfigured|not\s+set\s+up)\b"
        rf"|^check\s+(?:your|the)\s+(?:configuration|setup|set-up|config|settings){_END}"
    ):
        return Answer("doctor")
    admin = request.match(
        rf"^(?:make|name|appoint|promote|set|add)\s+(?P<who>{PERSON})\s+(?:as\s+|to\s+|be\s+|an?\s+"
        rf"|the\s+)*admin(?:istrator)?{_END}|^add\s+(?P<who2>{PERSON})\s+to\s+(?:the\s+)?admins{_END}"
    )
    if admin is not None:
        return Answer("name_admin", {"user": admin["who"] or admin["who2"]})
    return _audit_or_connection(request)


def _audit_or_connection(request: Request) -> Answer | None:
    audit = request.match(
        rf"^(?:show\s+(?:me\s+)?|list\s+|see\s+|view\s+|print\s+)?(?:the\s+)?audit(?:\s+(?:log|trail))?(?:\s+(?:of|for"
        rf"|on)\s+{NAME})?{_END}"
    ) or request.match(
        rf"^who\s+(?:has\s+)?(?:changed|edited|deleted|paused|resumed|created|acknowledged|resolved"
        rf"|confirmed)\s+{NAME}{_END}"
    )
    if audit is not None:
        subject = workflow_name(request.source, audit["w"]) if audit["w"] else ""
        return Answer("show_audit", {"subject": subject} if subject else {})
    connect = request.match(
        rf"^(?:connect|link|integrate|hook\s+up|add\s+(?:a\s+)?connection\s+(?:to|for)|log\s+in\s+to|authorize"
        rf"|authorise)\s+(?:us\s+)?(?:to\s+|with\s+)?(?:my\s+|our\s+|the\s+)?(?P<s>{SERVICE})(?:\s+account)?(?:\s+as\s+(?P<name>[\w-]{{1,40}}))?{_END}"
    )
    if connect is not None:
        account = {"account": connect["name"]} if connect["name"] else {}
        return Answer("connect_service", {"service": request.source.marked.service_at(connect["s"]), **account})
    shown = request.match(
        rf"^(?:show\s+(?:me\s+)?)?(?:the\s+)?(?:service|connection|connector|account)\s+(?:of\s+|to\s+"
        rf"|for\s+)?(?P<s>{SERVICE}){_END}"
    )
    if shown is not None:
        return Answer("show_service", {"service": request.source.marked.service_at(shown["s"])})
    run = request.match(r"^(?:show\s+(?:me\s+)?)(?:the\s+)?run\s+(?P<id>run_\w+|[0-9a-f]{4,32}|\d{2,12})\b")
    return Answer("show_run", {"run": run["id"]}) if run is not None else None
