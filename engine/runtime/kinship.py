"""Parents and children among runs: what a child is called, and how a parent is told apart from a run that only started another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from engine.workflow.definition import Json
from engine.workflow.progress import Progress

RUN_WORKFLOW = "signalbox.run_workflow"
ENDED = "run:"  # before a child's id: the "event" its parent waits for


def child_id(key: str) -> str:
    """The run that the ask of this key starts, however often it is put."""
    return f"run_{hashlib.blake2b(key.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"


def waits_for_end(arguments: Mapping[str, Json]) -> bool:
    """Whether the ask is answered by the child's end; else by its start."""
    return arguments.get("wait") is True


def awaited_child(progress: Progress) -> str:
    """The child whose end this step waits for; "" for any other step."""
    return child_id(progress.key) if progress.action == RUN_WORKFLOW and waits_for_end(progress.arguments) else ""


def parent_of(text: str) -> tuple[str, str]:
    """(run, step) of ``RunRecord.parent``; two empty texts when there is none."""
    run, _, step = text.partition(" ")
    return run, step
