"""Policies that cannot do what they say: what is kept, undone, limited, asked or started in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.errors import Problem
from engine.workflow.catalogue import Action, Catalogue, did_you_mean, listed
from engine.workflow.checks_order import Path, placed
from engine.workflow.definition import Approve, Definition, Step, SubRun, Substitute

RUN_WORKFLOW = "signalbox.run_workflow"
_PERSON = re.compile(r"<@!?[A-Za-z0-9]{1,40}(?:\|[^>]*)?>")


def policy_faults(definition: Definition, catalogue: Catalogue) -> Iterator[Problem]:
    for step, path in placed(definition):
        yield from _step(step, path, catalogue)
        yield from _itself(step, path, definition)
    yield from _rates(definition, catalogue)


def _step(step: Step, path: Path, catalogue: Catalogue) -> Iterator[Problem]:
    action = catalogue.actions.get(step.action)
    if action is not None:
        yield from _of_action(step, action, path)
    if step.fallback is not None and _same(step, step.fallback):
        yield Problem(f"{step.action} cannot stand in for itself.", (*path, "fallback"))
    if isinstance(step.does, Approve):
        yield from _approve(step.does, (*path, "approve"))


def _of_action(step: Step, action: Action, path: Path) -> Iterator[Problem]:
    if step.cache is not None and action.writes:
        yield Problem(f"{action.id} changes something, so its answer cannot be used again. Take “cache” out.", (*path, "cache"))
    if step.compensate is not None and not action.writes:
        yield Problem(f"{action.id} only reads, so there is nothing to undo. Take “compensate” out.", (*path, "compensate"))
    if step.idempotency_key and not action.writes:
        yield Problem(
            f"{action.id} only reads, so doing it again does no harm. Take “idempotency_key” out, or use cache.", (*path, "idempotency_key")
        )


def _same(step: Step, other: Substitute) -> bool:
    """Another account of the same service may well stand in."""
    return other.action == step.action and other.account == step.account


def _approve(approve: Approve, path: Path) -> Iterator[Problem]:
    if approve.by and all(_PERSON.fullmatch(name) for name in approve.by) and approve.quorum > len(approve.by):
        people = "one person is" if len(approve.by) == 1 else f"{len(approve.by)} people are"
        yield Problem(f"{approve.quorum} people must say yes, but only {people} asked.", (*path, "quorum"))


def _itself(step: Step, path: Path, definition: Definition) -> Iterator[Problem]:
    """A circle of several workflows is noticed when it is run: the others may change at any time."""
    asked, place = step.arguments.get("workflow") if step.action == RUN_WORKFLOW else None, (*path, "with", "workflow")
    if isinstance(step.does, SubRun):
        asked, place = step.does.workflow, (*path, "run_workflow", "workflow")
    if isinstance(asked, str) and asked.strip().casefold() == definition.name.casefold():
        yield Problem(f"“{definition.name}” would run itself, without end.", place)


def _rates(definition: Definition, catalogue: Catalogue) -> Iterator[Problem]:
    used = _used(definition)
    for service in definition.options.rate_limits:
        if service in used:
            continue
        hint = did_you_mean(service, used) or (f" It uses {listed(used)}." if used else "")
        what = catalogue.services[service].name if service in catalogue.services else f"“{service[:60]}”"
        yield Problem(f"{what} is not used by this workflow, so there is nothing to limit.{hint}", ("options", "rate_limits", service))


def _used(definition: Definition) -> tuple[str, ...]:
    """Every service that steps, their stand-ins and what undoes them may ask."""
    found = list(definition.services)
    for step in definition.every_step:
        found += [other.action.partition(".")[0] for other in (step.fallback, step.compensate) if other is not None]
        found += ["chat"] if isinstance(step.does, Approve) else []
    found += ["chat"] if definition.options.approval else []
    found += [other for service, other in definition.options.fallback.items() if service in found]
    found += [other for service, others in definition.options.among.items() if service in found for other in others]
    return tuple(dict.fromkeys(found))
