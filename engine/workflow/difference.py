"""What changed between two definitions, in words: one line for each part, as it was and as it would be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from engine.workflow.catalogue import Catalogue, listed
from engine.workflow.definition import Definition, Options, Step
from engine.workflow.trigger_words import in_words
from engine.workflow.writing import to_raw

LONGEST = 120  # characters of one value
_OPTIONS = {"retries": "Further attempts", "retry": "Pauses between attempts", "timeout": "Time for one attempt", "deadline": "Time for the whole run",
            "approval": "Approval by", "fallback": "Stand-ins", "on_failure": "If it fails", "finally": "In the end"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One part that differs. ``before`` "" = it is new; ``after`` "" = it is taken away. ``part`` says which, for people."""

    part: str
    before: str = ""
    after: str = ""


def changes(old: Definition, new: Definition, catalogue: Catalogue | None = None) -> tuple[Change, ...]:
    """In the order of a definition; empty when nothing that people would see differs."""
    return tuple(change for change in _changes(old, new, catalogue) if change.before != change.after)


def _changes(old: Definition, new: Definition, catalogue: Catalogue | None) -> Iterator[Change]:
    yield Change("Name", old.name, new.name)
    yield Change("Start", in_words(old.trigger, catalogue), in_words(new.trigger, catalogue))
    before, after = to_raw(old), to_raw(new)
    if old.trigger != new.trigger and in_words(old.trigger, catalogue) == in_words(new.trigger, catalogue):
        yield from _values("Start", before.get("trigger") or {}, after.get("trigger") or {})
    yield Change("Only if", old.when, new.when)
    yield from _steps(old.steps, new.steps, catalogue)
    yield from _options(old.options, new.options, catalogue)
    for name in ("description", "owner"):
        yield Change(name.capitalize(), str(before.get(name, "")), str(after.get(name, "")))
    yield from _values("Constant", before.get("env") or {}, after.get("env") or {})


def _values(part: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        yield Change(f"{part}, {_spaced(name)}", said(before.get(name, "")), said(after.get(name, "")))


# --- steps ---------------------------------------------------------------------------------------------------------------


def _steps(old: Sequence[Step], new: Sequence[Step], catalogue: Catalogue | None) -> Iterator[Change]:
    """A step is the same one by its id; a new one may stand in the place of one that went."""
    now = {step.id: step for step in new}
    then = {step.id for step in old}
    gone = [step for step in old if step.id not in now]
    come = [step for step in new if step.id not in then]
    for was, becomes in zip_longest(gone, come):
        number = (new.index(becomes) if becomes is not None else old.index(was)) + 1
        if was is None or becomes is None or old.index(was) == new.index(becomes):
            yield Change(f"Step {number}", in_a_line(was, catalogue) if was else "", in_a_line(becomes, catalogue) if becomes else "")
        else:
            yield Change(f"Step {old.index(was) + 1}", in_a_line(was, catalogue))
            yield Change(f"Step {number}", "", in_a_line(becomes, catalogue))
    for number, step in enumerate(old, 1):
        if step.id in now and now[step.id] != step:
            yield from _step(number, step, now[step.id], catalogue)
    stayed = [step.id for step in old if step.id in now]
    order = [step.id for step in new if step.id in then]
    if stayed != order:
        yield Change("Order", _order(old, stayed, catalogue), _order(new, order, catalogue))


def _step(number: int, was: Step, now: Step, catalogue: Catalogue | None) -> Iterator[Change]:
    before, after = in_a_line(was, catalogue), in_a_line(now, catalogue)
    inner = [change for change in _inner(f"Step {number}", was, now, catalogue) if change.before != change.after]
    if before != after:
        yield Change(f"Step {number}", before, after)
    elif not inner:
        yield Change(f"Step {number}", f"{before} {said(_rest(was))}", f"{after} {said(_rest(now))}")
    yield from inner


def _inner(part: str, was: Step, now: Step, catalogue: Catalogue | None) -> Iterator[Change]:
    """Steps within a step, by their place in it: “Step 2.3”."""
    then, becomes = {step.id: step for step in was.inner}, {step.id: step for step in now.inner}
    for id in dict.fromkeys((*then, *becomes)):
        old, new = then.get(id), becomes.get(id)
        place = f"{part}.{list(then if old is not None else becomes).index(id) + 1}"
        yield Change(place, in_a_line(old, catalogue) if old else "", in_a_line(new, catalogue) if new else "")
        if old is not None and new is not None:
            yield from _inner(place, old, new, catalogue)


def _rest(step: Step) -> Mapping[str, object]:
    """What a line does not tell: needs, policies, what a construct holds."""
    return {name: str(getattr(step, name)) for name in ("does", "needs", "retries", "timeout", "account", "on_error", "fallback")}


def _order(steps: Sequence[Step], ids: Sequence[str], catalogue: Catalogue | None) -> str:
    by_id = {step.id: step for step in steps}
    return " → ".join(short(by_id[id], catalogue) for id in ids)


def short(step: Step, catalogue: Catalogue | None = None) -> str:
    """“Trello create card”, with where it goes."""
    if not step.action:
        return _spaced(step.kind)
    known = catalogue.services.get(step.service) if catalogue else None
    place = next((str(step.arguments[name]) for name in ("channel", "to", "user") if step.arguments.get(name)), "")
    return f"{known.name if known else _spaced(step.service)} {_spaced(step.operation)}{' ' + place if place else ''}"


def in_a_line(step: Step, catalogue: Catalogue | None = None) -> str:
    """A step with what it is given."""
    shown = {name for name in ("channel", "to", "user") if step.arguments.get(name)}
    first = next((name for name in ("channel", "to", "user") if name in shown), "")
    given = ", ".join(f"{_spaced(name)} {said(value)}" for name, value in step.arguments.items() if name != first)
    line = short(step, catalogue) + (f" ({given})" if given else "")
    return line + (f" if {step.when}" if step.when else "")


# --- options ---------------------------------------------------------------------------------------------------------------


def _options(old: Options, new: Options, catalogue: Catalogue | None) -> Iterator[Change]:
    yield Change(_OPTIONS["retries"], str(old.retries), str(new.retries))
    yield Change(_OPTIONS["timeout"], f"{old.timeout:g} s", f"{new.timeout:g} s")
    yield Change(_OPTIONS["deadline"], _seconds(old.deadline), _seconds(new.deadline))
    yield Change(_OPTIONS["approval"], old.approval, new.approval)
    yield Change(_OPTIONS["fallback"], _pairs(old.fallback), _pairs(new.fallback))
    yield Change(_OPTIONS["on_failure"], _all(old.on_failure, catalogue), _all(new.on_failure, catalogue))
    yield Change(_OPTIONS["finally"], _all(old.finally_, catalogue), _all(new.finally_, catalogue))
    for name in ("retry", "among", "patience", "concurrency", "rate_limits", "priority", "saves", "failure_costs"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Change(_OPTIONS.get(name, _spaced(name).capitalize()), said(str(was)), said(str(now)))


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:g} s"


def _pairs(values: Mapping[str, str]) -> str:
    return listed(f"{other} for {service}" for service, other in values.items())


def _all(steps: Sequence[Step], catalogue: Catalogue | None) -> str:
    return ", then ".join(in_a_line(step, catalogue) for step in steps)


def said(value: object) -> str:
    """One value as people read it, on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _spaced(name: str) -> str:
    return name.replace("_", " ")
