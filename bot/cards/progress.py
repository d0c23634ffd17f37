"""How far a run has come, step by step: loops as a count with what failed by name, branches under their names, what is undone apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.cards.card import Bold, Code, Line, Link, Mark, Moment, Part, Span, Steps
from bot.cards.words import STEP_MARKS, amount, cut, service, small, spaced
from engine.commands.run_steps import base_of, entry_of
from engine.workflow.definition import Json
from engine.workflow.run import StepState, StepView

MOST_LINES = 30  # of a card; what is only done or only to come is then told in one line
FEW_ENTRIES = 3  # of a foreach, up to which each is shown step by step
MOST_NAMED = 5  # failed entries of a foreach that are named
NEEDS_SOMEBODY = frozenset({StepState.WAITING, StepState.IN_DOUBT})
Lines = list[tuple[int, Mark, Line]]


@dataclass(slots=True)
class _Node:
    """A step with those right within it."""

    view: StepView
    inner: list[_Node] = field(default_factory=list)


def progress_parts(steps: Sequence[StepView]) -> list[Part]:
    """One list of steps, and one of what is undone."""
    parts: list[Part] = []
    for title, chosen in (
        ("", [one for one in steps if not one.undo]),
        ("Undone again, the last first:", [one for one in steps if one.undo]),
    ):
        if not chosen:
            continue
        lines = _bounded([line for node in _tree(chosen) for line in _lines(node, 0)])
        parts += [small(title)] if title else []
        parts.append(Steps(tuple((mark, line) for _, mark, line in lines), tuple(depth for depth, _, _ in lines)))
    return parts


# --- what stands within what --------------------------------------------------------------------------------------------------


def _tree(steps: Sequence[StepView]) -> list[_Node]:
    nodes = {step.id: _Node(step) for step in steps}
    kinds = {base_of(step.id): step.kind for step in steps}
    top: list[_Node] = []
    for node in nodes.values():
        holder = nodes.get(_holder(node.view, kinds))
        (holder.inner if holder is not None and holder is not node else top).append(node)
    return top


def _holder(step: StepView, kinds: Mapping[str, str]) -> str:
    """The id of the construct right around it: ``inner[3]`` of ``post[3][1]`` within the foreach ``inner``."""
    if not step.within:
        return ""
    if "[" in step.within:
        return step.within
    entries = entry_of(step.id)
    around = entries[:-1] if kinds.get(step.within) == "foreach" else entries
    return step.within + "".join(f"[{entry}]" for entry in around)


# --- lines ----------------------------------------------------------------------------------------------------------------------


def _lines(node: _Node, depth: int) -> Iterator[tuple[int, Mark, Line]]:
    step = node.view
    if step.kind == "foreach":
        yield from _loop(node, depth)
        return
    yield depth, STEP_MARKS[step.state], step_line(step)
    for inner in node.inner:
        if step.kind != "switch" or inner.view.state is not StepState.SKIPPED:  # the cases that did not hold say nothing
            yield from _lines(inner, depth + 1)


def _loop(node: _Node, depth: int) -> Iterator[tuple[int, Mark, Line]]:
    entries: dict[int, list[_Node]] = {}
    for inner in node.inner:
        entries.setdefault((entry_of(inner.view.id) or (0,))[-1], []).append(inner)
    yield depth, STEP_MARKS[node.view.state], (Bold(node.view.id), *(_tally(node.view) or _trouble(node.view)))
    if len(entries) <= FEW_ENTRIES:
        yield from (line for nodes in entries.values() for inner in nodes for line in _lines(inner, depth + 1))
        return
    telling = [(entry, nodes) for entry, nodes in entries.items() if any(_telling(inner) for inner in nodes)]
    names = _failed_entries(node.view.output)
    for entry, nodes in telling[:MOST_NAMED]:
        if entry in names:
            yield depth + 1, Mark.FAILED, ("for ", names[entry], ":")
        inset = 2 if entry in names else 1
        yield from (line for inner in nodes if _telling(inner) for line in _lines(inner, depth + inset))
    if (left := len(telling) - MOST_NAMED) > 0:
        yield depth + 1, Mark.FAILED, (f"… and {left} more; the run's facts have them all",)


def _failed_entries(output: Json) -> dict[int, Span]:
    """What failed, by its place: the entry as people would name it."""
    failed = output.get("failed") if isinstance(output, dict) else None
    found = [one for one in failed if isinstance(one, dict)] if isinstance(failed, list) else []
    named = {one["index"]: outcome(one.get("item"), 60) for one in found if isinstance(one.get("index"), int)}
    return {index: name for index, name in named.items() if isinstance(index, int) and name}


def _tally(loop: StepView) -> Line:
    """“ · 37 of 120 done, 2 failed”, also once it is over; nothing before it has begun."""
    output = loop.output
    if not isinstance(output, dict) or not isinstance(output.get("count"), int):
        return (f" · {loop.waits_for}",) if loop.waits_for else ()
    failed = output.get("failed")
    bad = f", {len(failed)} failed" if isinstance(failed, list) and failed else ""
    return (f" · {output.get('succeeded')} of {output['count']} done{bad}",) if output["count"] else (" · nothing to do",)


def _telling(node: _Node) -> bool:
    """Whether it, or something within it, failed or needs somebody."""
    state = node.view.state
    return state is StepState.FAILED or state in NEEDS_SOMEBODY or any(map(_telling, node.inner))


def _bounded(lines: Lines) -> Lines:
    """What says nothing new is told in one line where there are too many; what failed or waits always stands."""
    if len(lines) <= MOST_LINES:
        return lines
    short: Lines = []
    quiet: Lines = []
    for line in (*lines, None):
        if line is not None and line[1] in (Mark.DONE, Mark.OPEN, Mark.SKIPPED) and (not quiet or quiet[0][:2] == line[:2]):
            quiet.append(line)
            continue
        short += quiet if len(quiet) < 3 else [(quiet[0][0], quiet[0][1], (f"{amount(len(quiet), 'step')} {_QUIET[quiet[0][1]]}",))]
        quiet = [line] if line is not None and line[1] in _QUIET else []
        short += [line] if line is not None and not quiet else []
    if len(short) <= 2 * MOST_LINES:
        return short
    return [*short[: 2 * MOST_LINES], (0, Mark.OPEN, (f"… and {len(short) - 2 * MOST_LINES} more lines; the run's facts have them all",))]


_QUIET = {Mark.DONE: "done", Mark.OPEN: "to come", Mark.SKIPPED: "skipped"}


# --- one step -------------------------------------------------------------------------------------------------------------------

_KINDS = {
    "parallel": "side by side",
    "switch": "choose",
    "wait": "wait",
    "approve": "approval",
    "run_workflow": "another workflow",
    "set": "values",
    "ask_model": "language model",
}


def step_line(step: StepView) -> Line:
    line: list[Span] = [*_name(step)]
    if step.sandbox:
        line.append(" (sandbox)")
    if step.state is StepState.RETRYING:
        line.append(f" · attempt {step.attempts} failed, trying again")
    elif step.state is StepState.IN_DOUBT:
        line.append(" · asked, but no answer is known: did it happen?")
    elif step.state is StepState.WAITING:
        line += _waiting(step)
    if step.error:
        line += _trouble(step)
    elif step.state is StepState.SUCCEEDED and (brief := _came_of(step)):
        line += [" → ", brief]
    if step.because:
        line.append(f" · {step.because[:300]}")
    return tuple(line)


def _name(step: StepView) -> Line:
    if step.kind != "action" and step.kind in _KINDS:
        return (Bold(step.id), f" ({_KINDS[step.kind]})")
    id, _, operation = step.action.partition(".")
    named = () if step.id.startswith(operation) and "[" not in step.id else (f", “{step.id}”",)
    return (Bold(service(id)), f" {spaced(operation)}", *named)


def _waiting(step: StepView) -> Line:
    what = step.waits_for or "an answer"
    return (f" · waits for {what}", *((" until ", Moment(step.until)) if step.until is not None else ()))


def _trouble(step: StepView) -> Line:
    return (f" · {step.error[:300]}",) if step.error else ()


def _came_of(step: StepView) -> Span:
    output = step.output
    if step.kind == "switch" and isinstance(output, dict):
        case = output.get("case")
        return "none held" if case == -1 else f"case {case + 1}" if isinstance(case, int) else ""
    if step.kind == "wait" and isinstance(output, dict):
        return "the time was up" if output.get("timed_out") else "it came" if output.get("event") else ""
    if step.kind == "approve" and isinstance(output, dict):
        return _approved(output)
    if step.kind == "run_workflow" and isinstance(output, dict):
        return Code(str(output.get("run") or ""))
    return "" if step.kind == "parallel" else outcome(output)


def _approved(output: Mapping[str, Json]) -> str:
    by = output.get("by")
    names = ", ".join(map(str, by)) if isinstance(by, list) else str(by or "")
    return ("approved" if output.get("approved") is True else "declined") + (f" by {names}" if names else "")


def outcome(output: Json, limit: int = 120) -> Span:
    """What a person wants to see of an answer: its link, its text, its title or id, else the beginning of it; "" for nothing."""
    if not isinstance(output, dict):
        return "" if output is None else Code(_flat(str(output), limit))
    for key in ("url", "html_url", "shortUrl", "text", "title", "name", "id", "message"):
        if isinstance(output.get(key), (str, int)):
            return _shown(key, str(output[key]), limit)
    return Code(_flat(json.dumps(output, ensure_ascii=False), limit)) if output else ""


def _shown(key: str, value: str, limit: int) -> Span:
    brief = _flat(value, limit)
    if re.fullmatch(r"https?://[^\s<>|]+", value):
        return Link(_flat(re.sub(r"^https?://(www\.)?", "", value), limit), value)
    return f"“{brief}”" if key in ("text", "title", "name", "message") and brief else Code(brief)


def _flat(text: str, limit: int) -> str:
    return cut(" ".join(text.split()), limit)
