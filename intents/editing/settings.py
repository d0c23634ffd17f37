"""Name and options of a workflow, changed by a sentence: “call it X”, “retry 3 times”, “no approval needed”."""

from __future__ import annotations

import re

from intents.editing.work import Question, Result, Work
from intents.grammar.clauses import split_deeds
from intents.grammar.options import place_spare, read_options
from intents.grammar.source import BLANK, QUOTE, Source
from intents.grammar.steps import Context, read_deed

_IT = r"(?:it|this|that|(?:the|this|that)\s+(?:workflow|flow|automation|one|preview)|the\s+name)"
_DROPPED = {
    "approval": r"approvals?|sign-?off|permission|confirmation",
    "fallback": r"fall\s?-?backs?|stand-?ins?|back-?ups?|alternatives?",
    "timeout": r"time\s?-?outs?",
    "retries": r"retr(?:y|ies|ying)",
    "on_failure": r"(?:failure|error)\s+(?:steps?|handling|messages?|notifications?)",
}
_FILLER = re.compile(
    r"(?:also|and|add|set|make|let|use|with|it|them|please|should|must|instead|now|this|workflow|the|do|a|an|to|have|need|needs|if|when)*",
    re.I,
)


def read_name(work: Work) -> Result:
    found = work.match(
        rf"(?:re)?name\s+(?:{_IT}\s+)?(?:to|as|into)\s+(?P<n>.+)|(?:re)?name\s+{_IT}\s+(?P<n2>.+)|(?:call|title)\s+{_IT}\s+(?P<n3>.+)"
        rf"|(?:change|set)\s+(?:the|its)\s+(?:name|title)\s+to\s+(?P<n4>.+)|(?:the|its)\s+name\s+(?:is|should\s+be)\s+(?P<n5>.+)"
        rf"|rename\s+(?P<n6>{QUOTE}|(?!{_IT})\S.*)"
    )
    if found is None:
        return None
    name = work.source.plain(next(value for value in found.groups() if value)).strip(" .'\"")
    name = re.sub(r"\s+instead$", "", name, flags=re.IGNORECASE)
    return {**work.raw, "name": name} if name else None


def read_setting(work: Work) -> Result:
    return _without(work) or _with(work)


def _without(work: Work) -> Result:
    for name, words in _DROPPED.items():
        if work.match(
            rf"(?:remove|drop|delete|cancel|skip|take\s+out|get\s+rid\s+of|without|no|(?:it\s+)?(?:doesn't|does\s+not|don't|do\s+not)\s+(?:need|want|use|ask\s+for))"
            rf"\s+(?:any\s+|the\s+|an?\s+|more\s+)?(?:{words})(?:\s+(?:any\s?more|needed|required|is\s+needed|at\s+all|then|step))?"
        ):
            options = {**work.raw.get("options", {})}
            if name == "retries":
                options["retries"] = 0
            elif options.pop(name, None) is None:
                return work.raw if name != "approval" or not _asks(work) else None
            return {**work.raw, "options": options}
    return None


def _asks(work: Work) -> bool:
    """Whether a step asks for approval: then it is the step that goes."""
    return any("approve" in step or step.get("action") == "chat.ask_approval" for step in work.steps)


def _with(work: Work) -> Result:
    source = work.source
    said, rest = read_options(
        Source(work.text, source.utterance, source.marked, source.lexicon, source.now, source.timezone, source.workflows)
    )
    words = re.sub(rf"[\s,.;{BLANK}]+", " ", rest).split()
    if not all(_FILLER.fullmatch(word) for word in words):
        return None
    spoken = said.spare
    place_spare(said, [step["action"].partition(".")[0] for step in work.steps if "action" in step], source)
    options = said.as_options()
    if spoken and not said.fallback:
        return Question(f"Which service should {source.lexicon.names[spoken]} stand in for? Say for example “if Trello is down use Asana”.")
    if said.failing:
        failing = [step for text in said.failing for piece in split_deeds(text) for step in read_deed(source, piece, Context()).steps]
        if not failing:
            return Question("What should be done if it fails? For example “if it fails tell #ops”.")
        options["on_failure"] = failing
    if not options:
        return None
    merged = {**work.raw.get("options", {}), **options}
    if "fallback" in options:
        merged["fallback"] = {**work.raw.get("options", {}).get("fallback", {}), **options["fallback"]}
    return {**work.raw, "options": merged}
