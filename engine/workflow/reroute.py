"""A reroute: what a step did at another service than its own, so that it can be put right when its own is back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.workflow.outline import split
from engine.workflow.progress import Run
from engine.workflow.run import Fact

STREAM: Final = "reroute:"


def stream_of(service: str, run: str, step: str) -> str:
    """Under which it is kept: all of one service that was passed by stand together."""
    return f"{STREAM}{service}:{run}:{step}"


def reroute_of(before: Run, after: Run, fact: Fact) -> tuple[str, dict[str, Any]] | None:
    """(stream, what is kept) of an ANSWERED fact of a write that went another way; None for all others.

    ``asked`` is what the other service was given; what the step's own would be given is filled in anew from the run's facts when it is put right.
    """
    progress = before.progress(fact.step)
    place = after.outline.places[split(fact.step)[0]]
    if not progress.action or not place.step.action or progress.action == place.step.action or place.only_reads:
        return None
    own = place.step.service
    if progress.action.partition(".")[0] == own:
        return None
    return stream_of(own, after.origin.id, fact.step), {
        "run": after.origin.id,
        "step": fact.step,
        "workflow": after.origin.workflow,
        "name": after.origin.name,
        "where": after.origin.where,
        "action": place.step.action,
        "account": place.step.account,
        "instead": progress.action,
        "asked": _shown(progress.arguments),
        "output": _shown(fact.data.get("output")),
        "because": progress.because,
        "sandbox": bool(fact.data.get("sandbox")),
        "state": "open",
    }


def _shown(value: Any) -> Any:
    """What a thing is found again by: texts, numbers and no more than a screenful of them. Secrets stand in facts as marks already."""
    if isinstance(value, Mapping):
        return {str(key)[:60]: _shown(part) for key, part in list(value.items())[:20]}
    if isinstance(value, list):
        return [_shown(part) for part in value[:10]]
    return value[:500] if isinstance(value, str) else value
