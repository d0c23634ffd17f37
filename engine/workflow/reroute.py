"""A reroute: what a step did at another service than its own, so that it can be put right when its own is back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.errors import Rejected
from engine.workflow.asking import made_elsewhere
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Json
from engine.workflow.expression import render
from engine.workflow.outline import Place, split
from engine.workflow.progress import Run
from engine.workflow.run import Fact, FactKind
from engine.workflow.scope import scope_at

STREAM: Final = "reroute:"


def stream_of(service: str, run: str, step: str) -> str:
    """Under which it is kept: all of one service that was passed by stand together."""
    return f"{STREAM}{service}:{run}:{step}"


def reroute_of(before: Run, after: Run, fact: Fact) -> tuple[str, dict[str, Any]] | None:
    """(stream, what is kept) of an ANSWERED fact of a write that went another way, or of one that says it happened; None for all others.

    ``asked`` is what the other service was given, ``arguments`` what the step's own would have been: kept here, since the run may be forgotten before
    anybody decides. Where those cannot be had, ``by_hand`` says why, and a person has to do it.
    """
    if fact.kind is FactKind.DECIDED and not fact.data.get("happened"):
        return None
    progress = before.progress(fact.step)
    place = after.outline.places[split(fact.step)[0]]
    if not progress.action or not place.step.action or progress.action == place.step.action or place.only_reads:
        return None
    own = place.step.service
    if progress.action.partition(".")[0] == own:
        return None
    arguments, by_hand = _own(before, place, fact.step)
    return stream_of(own, after.origin.id, fact.step), {
        "run": after.origin.id,
        "step": fact.step,
        "workflow": after.origin.workflow,
        "name": after.origin.name,
        "where": after.origin.where,
        "action": place.step.action,
        "account": place.step.account,
        "instead": progress.action,
        "arguments": arguments,
        "by_hand": by_hand,
        "asked": _shown(progress.arguments),
        "output": _shown(fact.data.get("output")),
        "because": progress.because,
        "sandbox": bool(fact.data.get("sandbox")),
        "state": "open",
    }


def _own(run: Run, place: Place, step: str) -> tuple[dict[str, Json] | None, str]:
    """(what the step's own service would have been given, ""), or (None, why that cannot be said)."""
    if place.secrets:
        return None, "it is given a secret, which is not kept here"
    other, at = made_elsewhere(run, place, step)
    if at:
        return None, f"it speaks of what “{other}” made in {product(at)}"
    scope = scope_at(run, place, step[len(place.id) :])
    edits = run.begun.edits.get(step, {}) if run.begun.edits else {}
    try:
        return {**{name: render(value, scope) for name, value in place.step.arguments.items()}, **edits}, ""
    except Rejected as error:
        return None, f"what it would be given cannot be worked out: {error}"


def _shown(value: Any) -> Any:
    """What a thing is found again by: texts, numbers and no more than a screenful of them. Secrets stand in facts as marks already."""
    if isinstance(value, Mapping):
        return {str(key)[:60]: _shown(part) for key, part in list(value.items())[:20]}
    if isinstance(value, list):
        return [_shown(part) for part in value[:10]]
    return value[:500] if isinstance(value, str) else value
