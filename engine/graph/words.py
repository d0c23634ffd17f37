"""What a drawing of the graph says, in words: for those who cannot see it and for headlines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.graph.impact import AffectedWorkflow
from engine.workflow.catalogue import listed

NAMED = 12  # workflows that are named before the rest is counted


def sentence(affected: Sequence[AffectedWorkflow], lost: float, active: int, state: str, names: Callable[[str], str] = str) -> str:
    """“2 of 5 active workflows stop, 1 carries on by Asana; 41 runs an hour lost.” ``names``: id → name."""
    stops = [one for one in affected if not one.survives_by]
    carried = [one for one in affected if one.survives_by]
    verb = "may fail" if state == "degraded" else "stops" if len(stops) == 1 else "stop"
    parts = [f"{len(stops)} of {amount(active, 'active workflow')} {verb}"]
    if carried:
        by = listed(dict.fromkeys(names(one.survives_by) for one in carried))
        parts.append(f"{len(carried)} {'carry' if len(carried) != 1 else 'carries'} on by {by}")
    runs = f"; {per_hour(lost)} {'at risk' if state == 'degraded' else 'lost'}" if stops and lost else ""
    return f"{', '.join(parts)}{runs}."


def per_hour(rate: float) -> str:
    """``41 runs an hour``, ``3 runs a day``, ``1 run a week`` – whichever is a number people can picture."""
    for times, unit in ((1, "an hour"), (24, "a day"), (24 * 7, "a week")):
        if rate * times >= 0.95:
            return f"{amount(round(rate * times), 'run')} {unit}"
    return "less than a run a week" if rate else "no runs"


def badge(rate: float) -> str:
    """``16/h``, ``3/d``, ``1/wk``; empty when nothing is expected."""
    for times, unit in ((1, "h"), (24, "d"), (24 * 7, "wk")):
        if rate * times >= 0.95:
            return f"{round(rate * times):,}/{unit}"
    return ""


def amount(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def alt_text(drawing: Mapping[str, Any]) -> str:
    """The picture's content as text, within 2,000 characters; total over any drawing."""
    nodes = [node for node in drawing.get("nodes", ()) if isinstance(node, Mapping)]
    said = [f"{_text(drawing.get('headline'))}. {_text(drawing.get('subline'))}."]
    for state, words in (("stops", "Stops"), ("risk", "May fail"), ("survives", "Carries on")):
        labels = [_labelled(node) for node in nodes if node.get("state") == state]
        if labels:
            rest = f" and {len(labels) - NAMED} more" if len(labels) > NAMED else ""
            said.append(f"{words}: {', '.join(labels[:NAMED])}{rest}.")
    if not drawing.get("focus"):
        said.append(f"{amount(len(drawing.get('edges', ())), 'connection')} between {amount(len(nodes), 'node')}.")
    if drawing.get("more"):
        said.append(f"{drawing['more']} more are not drawn.")
    return " ".join(said)[:2_000]


def _labelled(node: Mapping[str, Any]) -> str:
    note = _text(node.get("badge"))
    return _text(node.get("label")) + (f" ({note})" if note else "")


def _text(value: Any) -> str:
    return " ".join(str(value or "").split())[:120]
