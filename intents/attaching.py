"""“Upload this to dropbox”: which of the files that came with the words (or just before) a step means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.files import ID
from engine.ports import Understood
from engine.workflow.catalogue import Catalogue

THIS = re.compile(
    r"\b(?:th(?:is|at|ese|ose)|attach(?:ed|ment)s?|(?:the|my|a)\s+(?:file|attachment|document|picture|image|photo|pdf|spreadsheet|screenshot)s?)\b"
    r"|\b(?:upload|send|share|post|put|save|store|copy)\s+(?:it|them)\b",
    re.IGNORECASE,
)
OTHERWISE = ("url", "content", "text_content", "source", "from_url")  # other ways to say what is uploaded
MISSING = "Which file? Attach it to your message and say it again."
MOST = 10  # files of one message that one step is done with

AttachedFile = tuple[str, str]  # id, name


def means_a_file(text: str) -> bool:
    return THIS.search(text) is not None


def attached(understood: Understood, text: str, files: Sequence[AttachedFile], catalogue: Catalogue) -> Understood:
    """The same with every step that takes a file given the one that is meant; where none was attached, it is asked for.

    A step that several files are meant for is done once with each. What another step or the event gives stays as it is.
    """
    if understood.command != "create_workflow" or understood.question:
        return understood
    workflow: Any = understood.arguments.get("workflow")
    if not isinstance(workflow, Mapping) or not isinstance(workflow.get("steps"), list):
        return understood
    by_hand = (workflow.get("trigger") or {}).get("type", "manual") in ("manual", "scheduled")
    wanting = [step for step in workflow["steps"] if _open_input(step, catalogue)]
    if not wanting or not (by_hand or means_a_file(text)):
        return understood
    if not files:
        return replace(understood, question=MISSING) if by_hand else understood
    steps = [made for step in workflow["steps"] for made in _with_files(step, files, catalogue)]
    return replace(understood, arguments={**understood.arguments, "workflow": {**workflow, "steps": steps}})


def _open_input(step: Any, catalogue: Catalogue) -> str:
    """The input of this step that takes a file nobody has named yet; "" without one."""
    action = catalogue.actions.get(str(step.get("action", ""))) if isinstance(step, Mapping) else None
    said = step.get("with") or {} if action else {}
    if action is None or any(said.get(name) for name in OTHERWISE):
        return ""
    return next((entry.name for entry in action.inputs if entry.type == "file" and _is_open(said.get(entry.name))), "")


def _is_open(value: Any) -> bool:
    if value in (None, ""):
        return True
    return isinstance(value, str) and "{{" not in value and not ID.fullmatch(value.strip())


def _with_files(step: Any, files: Sequence[AttachedFile], catalogue: Catalogue) -> Iterator[Any]:
    name = _open_input(step, catalogue)
    if not name:
        yield step
        return
    for id, called in _meant(str((step.get("with") or {}).get(name) or ""), files)[:MOST]:
        yield {**step, "with": {**(step.get("with") or {}), name: {"id": id, "name": called}}}


def _meant(said: str, files: Sequence[AttachedFile]) -> Sequence[AttachedFile]:
    """Those that are called by their name, else all of them."""
    named = [file for file in files if said and file[1].casefold() == said.strip(" '\"“”").casefold()]
    return named or files
