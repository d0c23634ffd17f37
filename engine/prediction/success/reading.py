"""What a definition says of its chances: the steps that can fail a run, and the services whose trouble matters to it."""

from __future__ import annotations

from collections.abc import Iterable

from engine.prediction.success.circumstances import Circumstances, Part, ServiceNow
from engine.workflow.definition import Definition, OnError, Step, flat


def parts_of(definition: Definition) -> tuple[Part, ...]:
    """Steps that somebody stands in for, or whose failure the run outlives, are left out; those of every branch, and those with a condition, count as taken."""
    main = (step for step in flat(definition.steps) if step.action and step.on_error is OnError.FAIL and not _sheltered(step, definition))
    return tuple(Part(step.service, step.operation) for step in main)


def circumstances_of(definition: Definition, services: Iterable[ServiceNow] = ()) -> Circumstances:
    """``services``: as they do now, all that are known; those that cannot fail a run of this definition are left out."""
    parts = parts_of(definition)
    touched = {part.service for part in parts}
    return Circumstances(parts=parts, services=tuple(one for one in services if one.service in touched))


def _sheltered(step: Step, definition: Definition) -> bool:
    return step.fallback is not None or step.service in definition.options.fallback
