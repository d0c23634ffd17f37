"""What is said about the last subject of a conversation: “undo”, “yes but at 10”, “same for GitLab”, “pause it”. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.ports import Said, Understood
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Json
from engine.workflow.difference import Change
from intents.editing import Edited, Question, read_edit, same_for
from intents.grammar.source import Source

EDIT_SLOT = "edit"
MOST_TOLD = 6  # changes that “why?” names
STALE = "Your preview here is some minutes old. Look at it once more and press Confirm on its card; or say again what you want."
_UNDO = re.compile(
    r"\s*(?:(?:no|oops|wait|please|ok)\b[\s,!.]*)*(?:undo(?:\s+(?:that|it|this|the\s+(?:last\s+)?(?:change|edit)))?|revert(?:\s+(?:that|it))?|take\s+(?:that|it)\s+back"
    r"|(?:put|change)\s+it\s+back|roll\s+(?:it|that)\s+back|roll\s?back|go\s+back|as\s+(?:it\s+was\s+)?before)[\s,.!]*(?:please)?[\s.!]*",
    re.IGNORECASE,
)
_CANCEL = re.compile(
    r"\s*(?:cancel|discard|drop|never\s?mind|nvm|forget|abort|scrap)(?:\s+(?:it|that|this|them|the\s+(?:preview|draft|change)))?[\s.!]*(?:please)?[\s.!]*|\s*(?:no|nope|no\s+thanks)[\s.!]*",
    re.IGNORECASE,
)
_YES = re.compile(
    r"\s*(?:(?:yes|yep|yeah|ok|okay|sure|great|perfect)[\s,!.]*)*(?:yes|yep|yeah|confirm(?:\s+(?:it|that|this))?|do\s+it|go\s+ahead|apply(?:\s+(?:it|that|this))?|save\s+it|looks\s+good)[\s,.!]*(?:please)?[\s.!]*",
    re.IGNORECASE,
)
_POINTED = re.compile(r"\b(?:it|that|this|(?:the|that|this)\s+(?:workflow|flow|automation|one))\b", re.IGNORECASE)
_MARKED = re.compile(
    r"^\s*(?:also|and|but|no|yes|ok|actually|wait|instead|only|not|make\s+it|run\s+it|call\s+it)\b|\b(?:instead|too|as\s+well|any\s?more|steps?)\b",
    re.IGNORECASE,
)


def follow_up(said: Said, source: Source, catalogue: Catalogue, fresh: Understood) -> Understood | None:
    """A reading by way of ``said.subject``; None when the words stand for themselves. ``fresh``: how they read alone."""
    subject = said.subject or {}
    steered = _steered(subject, source, catalogue)
    if steered is not None:
        return steered
    edited = _edit(subject, said, source, catalogue, fresh)
    return edited or _pointed(subject, source, fresh) or _nothing_open(source, fresh)


def _nothing_open(source: Source, fresh: Understood) -> Understood | None:
    if fresh.command is not None or fresh.reply or not _CANCEL.fullmatch(source.text):
        return None
    return Understood(command=None, confidence=0.95, arguments={}, reply="No preview of yours is open here, so there is nothing to cancel.")


def _steered(subject: Mapping[str, Any], source: Source, catalogue: Catalogue) -> Understood | None:
    text = source.text
    is_open, stored = subject.get("open"), str(subject.get("workflow") or "")
    if _UNDO.fullmatch(text):
        if is_open:
            before = subject.get("before")
            return (
                _sure("revise_draft", {"draft": subject["id"], "definition": before})
                if before
                else _sure("cancel_draft", {"draft": subject["id"]})
            )
        if stored:
            return _sure("delete_workflow" if subject.get("made") else "rollback_workflow", {"workflow": stored})
    if is_open and _CANCEL.fullmatch(text):
        return _sure("cancel_draft", {"draft": subject["id"]})
    if is_open and _YES.fullmatch(text) and not subject.get("asked"):  # while a question is open, “yes” is no Confirm
        if not subject.get("timely", True):
            return Understood(command=None, confidence=0.95, arguments={}, reply=STALE)
        return _sure("confirm_draft", {"draft": subject["id"], "revision": subject.get("revision")})
    if isinstance(subject.get("definition"), Mapping):
        same = same_for(subject["definition"], source, catalogue)
        if isinstance(same, Question):
            return _asked(same, subject)
        if same is not None:
            return _sure("create_workflow", {"workflow": dict(same.definition)})
    return _same_answer(subject, source)


def _same_answer(subject: Mapping[str, Any], source: Source) -> Understood | None:
    """ "and for GitLab?" after an answer about one service: the same question about the other."""
    given = subject.get("arguments")
    if subject.get("kind") != "answer" or not isinstance(given, Mapping) or "service" not in given:
        return None
    asked = re.fullmatch(
        r"\s*(?:and|the\s+same|same|what\s+about|how\s+about)\s+(?:(?:for|of|in|with|about)\s+)?(?P<s>[\ue200-\ue2ff])[\s?.!]*",
        source.text,
        re.IGNORECASE,
    )
    return _sure(str(subject["command"]), {**given, "service": source.marked.service_at(asked["s"])}) if asked else None


def _edit(subject: Mapping[str, Any], said: Said, source: Source, catalogue: Catalogue, fresh: Understood) -> Understood | None:
    definition = subject.get("definition")
    if not isinstance(definition, Mapping) or (not subject.get("named") and _whole(fresh, source)):
        return None
    edited = read_edit(definition, source, catalogue, sure=bool(subject.get("named")))
    if edited is None:
        return None
    if isinstance(edited, Question):
        alone = fresh.command is not None and not fresh.question and fresh.command != "edit_workflow"
        return None if alone and not edited.options and not subject.get("named") else _asked(edited, subject)
    return understood_edit(edited, subject)


def understood_edit(edited: Edited, subject: Mapping[str, Any]) -> Understood:
    if not edited.changes:
        return Understood(command=None, confidence=0.95, arguments={}, reply="It is exactly like that already; there is nothing to change.")
    parts = tuple(("", _told(change)) for change in edited.changes[:MOST_TOLD])
    if subject.get("open"):
        return replace(_sure("revise_draft", {"draft": subject["id"], "definition": dict(edited.definition)}), parts=parts)
    return replace(_sure("edit_workflow", {"workflow": subject.get("workflow"), "definition": dict(edited.definition)}), parts=parts)


def _told(change: Change) -> str:
    if change.before and change.after:
        return f"{change.part}: “{change.before}” becomes “{change.after}”"
    return f"{change.part}: “{change.after}” is new" if change.after else f"{change.part}: “{change.before}” goes"


def _whole(fresh: Understood, source: Source) -> bool:
    """Whether the words are a firm request of their own, which then wins."""
    if fresh.command is None or fresh.question or fresh.confidence < 0.85:
        return False
    if fresh.command == "create_workflow":
        made = fresh.arguments.get("workflow")
        trigger = made.get("trigger") if isinstance(made, Mapping) else None
        begins = isinstance(trigger, Mapping) and (trigger.get("type") != "manual" or _orders(fresh, made, source))
        return begins and isinstance(made, Mapping) and bool(made.get("steps"))
    if (
        fresh.command in ("edit_workflow", "set_fallback", "retry_run", "cancel_run", "help", "delete_workflow")
        and "workflow" not in fresh.arguments
    ):
        return False
    named = fresh.arguments.get("workflow")
    return bool(named in source.workflows) if named else not _MARKED.search(source.text)


def _orders(fresh: Understood, made: Any, source: Source) -> bool:
    """An order to a product, said without a word that ties it to what was there before."""
    tied = re.search(r"\b(?:also|too|as\s+well|steps?|then|after|before|instead|it|that)\b", source.text, re.IGNORECASE)
    actions = [str(step.get("action", "")) for step in made.get("steps") or ()]
    return fresh.confidence >= 0.95 and tied is None and bool(actions) and not any(one.startswith("chat.") for one in actions)


def _asked(question: Question, subject: Mapping[str, Any]) -> Understood:
    about: dict[str, Json] = {key: subject[key] for key in ("kind", "id") if key in subject}
    remember: dict[str, Json] = {"slot": EDIT_SLOT, "options": [words for _, words in question.options], "about": about}
    kept = remember if question.options else None
    return Understood(
        command="edit_workflow", confidence=0.9, arguments={}, question=question.text, options=question.options, remember=kept
    )


def _pointed(subject: Mapping[str, Any], source: Source, fresh: Understood) -> Understood | None:
    """ "pause it": the question which workflow is answered by what was spoken of; what deletes shows it in its own preview."""
    slot = (fresh.remember or {}).get("slot")
    name = subject.get("workflow")
    if slot != "workflow" or not fresh.question or not name or not subject.get("only") or not _POINTED.search(source.text):
        return None
    return replace(fresh, question=None, options=(), remember=None, arguments={**fresh.arguments, "workflow": name}, confidence=0.93)


def _sure(command: str, arguments: Mapping[str, Any]) -> Understood:
    return Understood(command=command, confidence=0.95, arguments=arguments)
