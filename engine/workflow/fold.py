"""From facts to the run: each fact held against the tables, and what follows from it (who is ready, skipped, failing)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from engine.errors import Conflict
from engine.workflow.approval import decision
from engine.workflow.constructs.parts import break_off, move_on
from engine.workflow.constructs.reviving import revive, start_again
from engine.workflow.definition import Approve, Json, OnError
from engine.workflow.outline import ASKS, Part, Place
from engine.workflow.progress import PLAIN, UNTOUCHED, Begun, More, Progress, Run, place_of
from engine.workflow.run import Fact, FactKind, RunState, StepState
from engine.workflow.secrets import read_parts
from engine.workflow.sheet import Sheet
from engine.workflow.transitions import DRIFT_NEWS, LATE_NEWS, move_run, move_step


def fold(run: Run, facts: Iterable[Fact]) -> Run:
    """``reduce(apply, facts, run)`` with one copy for all of them. Raises Conflict when a fact cannot follow, NotFound for a strange step."""
    sheet = Sheet(run)
    for fact in facts:
        write(sheet, fact)
    return sheet.read()


def write(sheet: Sheet, fact: Fact) -> None:
    if fact.seq != sheet.seq + 1:
        raise Conflict(f"The run has {sheet.seq} facts, so its next one cannot be number {fact.seq}.")
    sheet.at = fact.at
    if fact.step:
        _write_step(sheet, fact)
    else:
        RUN_FACTS[fact.kind](sheet, fact)
    sheet.seq = fact.seq
    if sheet.todo:
        sheet.drain()
    if not sheet.ready and sheet.state is RunState.RUNNING and not sheet.fate.queued:
        move_on(sheet)


def _write_step(sheet: Sheet, fact: Fact) -> None:
    place = place_of(sheet.outline, fact.step)
    before = sheet.steps.get(fact.step, UNTOUCHED)
    if sheet.state is not RunState.RUNNING or place.part is not sheet.fate.part:
        _check_late(sheet, place, fact)
    elif before.state is StepState.PENDING and fact.step not in sheet.ready and fact.step not in sheet.broken:
        raise Conflict(f"It is not the turn of step “{fact.step}” (it has not been asked yet), so “{fact.kind}” cannot follow.")
    STEP_FACTS[fact.kind](sheet, place, before, fact)


def _check_late(sheet: Sheet, place: Place, fact: Fact) -> None:
    """A step whose part of the run is over may still be told how it came out; nothing follows from that."""
    news = LATE_NEWS if sheet.state is not RunState.RUNNING else DRIFT_NEWS
    if fact.kind not in news or fact.step not in sheet.open:
        state = sheet.state if sheet.state is not RunState.RUNNING else f"in its “{sheet.fate.part.name.lower()}” part"
        raise Conflict(f"The run is {state} already, so “{fact.kind}” of step “{fact.step}” cannot follow.")


# --- facts of the run


def _started(sheet: Sheet, fact: Fact) -> None:
    if sheet.seq:
        raise Conflict("The run has started already.")
    move_run(sheet.state, fact.kind, RunState.RUNNING)
    actor = str(fact.data.get("actor") or "")
    sheet.begun = Begun(
        event=fact.data.get("event") or {},
        inputs=fact.data.get("inputs") or {},
        actor=actor,
        requesters=tuple(dict.fromkeys(one for one in (actor, sheet.origin.by) if one)),
        alert=str(fact.data.get("alert") or ""),
        deadline=_deadline(sheet, fact.at),
    )
    if fact.data.get("queued"):
        sheet.change(queued=True)
    else:
        sheet.begin(sheet.outline.main)


def _deadline(sheet: Sheet, at: datetime) -> datetime | None:
    seconds = sheet.outline.definition.options.deadline
    return None if seconds is None else at + timedelta(seconds=seconds)


def _released(sheet: Sheet, fact: Fact) -> None:
    move_run(sheet.state, fact.kind, RunState.RUNNING)
    if not sheet.fate.queued:
        raise Conflict("The run does not wait for its turn.")
    sheet.change(queued=False)
    sheet.begin(sheet.outline.main)


def _paused(sheet: Sheet, fact: Fact) -> None:
    move_run(sheet.state, fact.kind, RunState.RUNNING)
    sheet.change(paused=True)


def _resumed(sheet: Sheet, fact: Fact) -> None:
    move_run(sheet.state, fact.kind, RunState.RUNNING)
    sheet.change(paused=False)


def _cancelled(sheet: Sheet, fact: Fact) -> None:
    move_run(sheet.state, fact.kind, RunState.RUNNING)
    fate, error = sheet.fate, str(fact.data.get("error") or "")
    compensate = fact.data.get("compensate") is not False
    undoing = fate.part is Part.UNDO and compensate and not fate.queued
    if undoing and fate.ending is RunState.CANCELLED:
        raise Conflict("The run is being cancelled already: what was done is being undone.")
    if not undoing:
        break_off(sheet, fact.kind, error)
    sheet.change(ending=RunState.CANCELLED, error=error, compensate=compensate, paused=False, denied="")
    if fate.queued:
        sheet.change(queued=False, part=Part.OVER)
    elif fate.part is Part.UNDO and not compensate:
        sheet.undoing = None
    elif fate.part is Part.FINALLY:
        sheet.change(part=Part.OVER)


def _expired(sheet: Sheet, fact: Fact) -> None:
    move_run(sheet.state, fact.kind, RunState.RUNNING)
    if sheet.fate.part is not Part.MAIN:
        raise Conflict("The main part of the run is over, so its deadline means nothing any more.")
    error = str(fact.data.get("error") or "")
    break_off(sheet, fact.kind, error)
    sheet.change(ending=RunState.FAILED, error=error, queued=False, denied="")


def _finished(sheet: Sheet, fact: Fact) -> None:
    sheet.state = move_run(sheet.state, fact.kind, RunState(str(fact.data["state"])))
    sheet.change(error=str(fact.data.get("error") or ""), finished_at=fact.at)


def _retried(sheet: Sheet, fact: Fact) -> None:
    sheet.state = move_run(sheet.state, fact.kind, RunState.RUNNING)
    start_again(sheet, fact, _deadline(sheet, fact.at))


# --- facts of a step


def _asked(sheet: Sheet, place: Place, before: Progress, fact: Fact) -> None:
    data, id = fact.data, fact.step
    state = move_step(id, before.state, fact.kind, StepState.ASKED)
    sheet.ready.pop(id, None)
    sheet.timers.pop(id, None)
    more = before.more if before.more is PLAIN and len(data) == 1 else _more(sheet, before.more, fact)
    sheet.steps[id] = Progress(
        state=state,
        attempt=fact.attempt,
        tries=before.tries,
        key=fact.key,
        action=str(data.get("action") or place.step.action or ASKS.get(place.kind, "")),
        arguments=_mapping(data.get("arguments")),
        error=before.error,
        started_at=before.started_at or fact.at,
        more=more,
        first=before.first or fact.seq,
    )
    sheet.open[id] = state


def _more(sheet: Sheet, before: More, fact: Fact) -> More:
    """What a fact keeps beside the arguments. Votes outlive a repeated ask; what was to be filled in anew has been."""
    data = fact.data
    claim = str(data.get("claim") or "")
    if claim:
        sheet.claims[claim] = fact.step
    return More(
        votes=before.votes,
        shown=str(data.get("shown") or ""),
        secrets=read_parts(data["secrets"]) if "secrets" in data else (),
        claim=claim,
        because=str(data.get("because") or before.because),
        unsure=before.unsure,
        round=int(data.get("round") or before.round),  # type: ignore[arg-type]
    )


def _waiting(sheet: Sheet, place: Place, before: Progress, fact: Fact) -> None:
    state = move_step(fact.step, before.state, fact.kind, StepState.WAITING)
    sheet.ready.pop(fact.step, None)
    until = _moment(fact.data.get("until"))
    does = place.step.does
    remind_at = fact.at + timedelta(seconds=does.remind) if isinstance(does, Approve) and does.remind else None
    sheet.steps[fact.step] = before._replace(
        state=state,
        attempt=fact.attempt,
        sandbox=bool(fact.data.get("sandbox")),
        started_at=before.started_at or fact.at,
        first=before.first or fact.seq,
        more=before.more._replace(until=until, remind_at=remind_at),
    )
    sheet.open[fact.step] = state
    if fact.step not in sheet.adrift:
        _set_timer(sheet, fact.step, until, remind_at)


def _set_timer(sheet: Sheet, step: str, *times: datetime | None) -> None:
    at = min((time for time in times if time is not None), default=None)
    if at is None:
        sheet.timers.pop(step, None)
    else:
        sheet.timers[step] = at


def _voted(sheet: Sheet, place: Place, before: Progress, fact: Fact) -> None:
    state = move_step(fact.step, before.state, fact.kind, before.state)
    sheet.steps[fact.step] = before._replace(state=state, more=before.more._replace(votes=(*before.votes, dict(fact.data))))


def _reminded(sheet: Sheet, place: Place, before: Progress, fact: Fact) -> None:
    state = move_step(fact.step, before.state, fact.kind, StepState.WAITING)
    does = place.step.does
    remind_at = fact.at + timedelta(seconds=does.remind) if isinstance(does, Approve) and does.remind else None
    sheet.steps[fact.step] = before._replace(state=state, more=before.more._replace(remind_at=remind_at))
    _set_timer(sheet, fact.step, before.until, remind_at)


def _in_doubt(sheet: Sheet, place: Place, before: Progress, fact: Fact) -> None:
    state = move_step(fact.step, before.state, fact.kind, StepState.IN_DOUBT)
    sheet.steps[fact.step] = before._replace(state=state, error=str(fact.data.get("error") or ""))
    sheet.open[fact.step] = state


def _answered(sheet: Sheet, place: Place, before: Progress, fact: Fact) -> None:
    state = move_step(fact.step, before.state, fact.kind, StepState.SUCCEEDED)
    _succeed(sheet, place, before, fact, state)


def _decided(sheet: Sheet, place: Place, before: Progress, fact: Fact) -> None:
    happened = bool(fact.data.get("happened"))
    state = move_step(fact.step, before.state, fact.kind, StepState.SUCCEEDED if happened else StepState.PENDING)
    if happened:
        _succeed(sheet, place, before, fact, state)
        return
    late = _close(sheet, fact.step)
    sheet.put_back(place, fact.step, before._replace(state=state, tries=0, error="", more=before.more._replace(unsure=False)))
    if not late:
        sheet.ready[fact.step] = None


def _refused(sheet: Sheet, place: Place, before: Progress, fact: Fact) -> None:
    error, retry_at = str(fact.data.get("error") or ""), fact.data.get("retry_at")
    if fact.data.get("unsure"):
        before = before._replace(more=before.more._replace(unsure=True))
    if retry_at is not None and sheet.state is RunState.RUNNING and place.part is sheet.fate.part:
        _put_off(sheet, before, fact, error, datetime.fromisoformat(str(retry_at)))
        return
    state = move_step(fact.step, before.state, fact.kind, StepState.FAILED)
    late = _close(sheet, fact.step)
    output = fact.data.get("output")
    tries = before.tries + 1
    ended = before._replace(state=state, tries=tries, output=output, error=error, retry_at=None, finished_at=fact.at)
    sheet.write_down(place, fact.step, ended)
    if not late:
        sheet.fail(place, fact.step[len(place.id) :])


def _put_off(sheet: Sheet, before: Progress, fact: Fact, error: str, retry_at: datetime) -> None:
    instead = str(fact.data.get("instead") or "")
    tries = 0 if instead else before.tries + (0 if fact.data.get("lost") else 1)
    state = move_step(fact.step, before.state, fact.kind, StepState.RETRYING)
    action = instead or before.action
    more = before.more._replace(because=str(fact.data.get("because") or "")) if instead else before.more
    sheet.steps[fact.step] = before._replace(state=state, tries=tries, action=action, error=error, retry_at=retry_at, more=more)
    sheet.open[fact.step] = state
    sheet.timers[fact.step] = retry_at


def _skipped(sheet: Sheet, place: Place, before: Progress, fact: Fact) -> None:
    state = move_step(fact.step, before.state, fact.kind, StepState.SKIPPED)
    suffix = fact.step[len(place.id) :]
    if before.state is StepState.FAILED:
        revive(sheet, place, suffix)
    late = _close(sheet, fact.step)
    ended = before._replace(state=state, output=None, error=str(fact.data.get("error") or ""), retry_at=None, finished_at=fact.at)
    sheet.write_down(place, fact.step, ended)
    if not late:
        sheet.finish(place, suffix)


def _succeed(sheet: Sheet, place: Place, before: Progress, fact: Fact, state: StepState) -> None:
    output, sandbox = fact.data.get("output"), bool(fact.data.get("sandbox"))
    late = _close(sheet, fact.step)
    ended = Progress(
        state=state,
        attempt=before.attempt,
        tries=before.tries,
        key=before.key,
        action=before.action,
        arguments=before.arguments,
        output=output,
        sandbox=sandbox,
        started_at=before.started_at,
        finished_at=fact.at,
        first=before.first,
        more=before.more,
    )
    sheet.write_down(place, fact.step, ended)
    if sandbox and not sheet.fate.sandbox:
        sheet.change(sandbox=True)
    if place.undo:
        sheet.done = (fact.step, sheet.done)
        if late:
            sheet.undoing = (fact.step, sheet.undoing)
    if late:
        return
    if _denied(place, output):
        _deny(sheet, place, fact)
    else:
        sheet.finish(place, fact.step[len(place.id) :])


def _denied(place: Place, output: Json) -> bool:
    """Whether it is a no that ends the run."""
    does = place.step.does
    if isinstance(does, Approve):
        return decision(output) is False and does.on_no is OnError.FAIL
    return place.gate and decision(output) is False


def _deny(sheet: Sheet, place: Place, fact: Fact) -> None:
    output = fact.data.get("output")
    names = output.get("by") if isinstance(output, dict) else None
    who = ", ".join(map(str, names)) if isinstance(names, list) else str(fact.data.get("by") or names or "")
    error = (
        f"{who} did not approve it."
        if who
        else "Nobody approved it in time."
        if fact.data.get("expired")
        else "Somebody did not approve it."
    )
    if place.part is Part.MAIN:
        sheet.change(denied=error)
        return
    # Later parts of a run are not cancelled by a no: it is what went wrong there.
    id = fact.step
    sheet.write_down(place, id, sheet.steps[id]._replace(state=StepState.FAILED, error=error))
    sheet.fail(place, id[len(place.id) :])


def _close(sheet: Sheet, step: str) -> bool:
    """It is not open any more. Gives whether it was adrift: nothing follows from how it came out."""
    sheet.ready.pop(step, None)
    sheet.broken.pop(step, None)
    sheet.open.pop(step, None)
    sheet.timers.pop(step, None)
    if step in sheet.adrift:
        sheet.adrift -= {step}
        return True
    return sheet.state is not RunState.RUNNING


RUN_FACTS: Mapping[FactKind, Callable[[Sheet, Fact], None]] = {
    FactKind.STARTED: _started,
    FactKind.RELEASED: _released,
    FactKind.PAUSED: _paused,
    FactKind.RESUMED: _resumed,
    FactKind.EXPIRED: _expired,
    FactKind.CANCELLED: _cancelled,
    FactKind.RETRIED: _retried,
    FactKind.FINISHED: _finished,
}

STEP_FACTS: Mapping[FactKind, Callable[[Sheet, Place, Progress, Fact], None]] = {
    FactKind.ASKED: _asked,
    FactKind.ANSWERED: _answered,
    FactKind.REFUSED: _refused,
    FactKind.WAITING: _waiting,
    FactKind.VOTED: _voted,
    FactKind.REMINDED: _reminded,
    FactKind.IN_DOUBT: _in_doubt,
    FactKind.DECIDED: _decided,
    FactKind.SKIPPED: _skipped,
}


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _moment(value: Json) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
