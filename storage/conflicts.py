"""The sentences with which memory refuses a change; the same whichever store says them."""

from __future__ import annotations

from engine.errors import Conflict
from engine.workflow.definition import Workflow


def exists_already(noun: str, key: str) -> Conflict:
    return Conflict(f"The {noun} {key} is recorded already.")


def unknown(noun: str, key: str) -> Conflict:
    return Conflict(f"There is no {noun} {key} to change.")


def outdated(noun: str, key: str, stored: int) -> Conflict:
    return Conflict(f"The {noun} {key} was changed meanwhile: it stands at revision {stored}. Look at it again, then repeat.")


def check_revision(noun: str, key: str, new: int, stored: int) -> None:
    """``stored`` is 0 for a new one. Raises Conflict unless ``new`` is the next."""
    if new != stored + 1:
        raise outdated(noun, key, stored)


def check_version(new: Workflow, stored: Workflow | None) -> None:
    """A version is immutable: another definition needs the next version. Raises Conflict."""
    if stored is None or new.version != stored.version:
        expected = stored.version + 1 if stored else 1
        if new.version != expected:
            raise Conflict(f"Version {new.version} of workflow {new.id} does not follow; the next one is {expected}.")
    elif new.definition != stored.definition:
        raise Conflict(f"Version {new.version} of workflow {new.id} holds another definition; a changed one needs a new version.")


def claimed(key: str, run: str, step: str) -> Conflict:
    return Conflict(f"“{key}” was done already, by step {step} of run {run}.")
