"""What people say to a run: answers, votes, verdicts on doubts, skipping, pausing, retrying, cancelling; each the facts it makes.

Every function raises Conflict, in a sentence for the asker, when the run or step is no longer where that can be said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from engine.errors import Conflict, Forbidden, Rejected
from engine.workflow.approval import decision, shown_hash
from engine.workflow.definition import Approve, Json, SubRun
from engine.workflow.outline import Part, Place
from engine.workflow.progress import OPEN, Progress, Run, state_of
from engine.workflow.run import Fact, FactKind, RunState, StepState

ASK_APPROVAL = "chat.ask_approval"
SKIPPABLE = frozenset({StepState.RETRYING, StepState.WAITING, StepState.IN_DOUBT, StepState.FAILED})


# --- to one of its steps


def late_answer(run: Run, now: datetime, step: str, output: Json, by: str) -> tuple[Fact, ...]:
    """Taken from wherever an answer may arrive: while it is waited for, asked, to be repeated or in doubt.

    Raises Conflict elsewhere, and for an approval: that is answered by votes.
    """
    before, place = _standing(run, step, OPEN, "waits for no answer"), run.place(step)
    if isinstance(place.step.does, Approve):
        raise Conflict(f"“{step}” is an approval: it is answered by the votes of people. Nothing was changed.")
    if error := misfit(place, output):
        return (unfit(run, now, step, error, output),)
    data: dict[str, Json] = {"output": output, "by": by}
    return (Fact(run.seq + 1, now, FactKind.ANSWERED, step, before.attempt, before.key, {**data, "sandbox": before.sandbox}),)


def misfit(place: Place, output: Json) -> str:
    """Why this answer fails its step; "" when it does not."""
    does = place.step.does
    if isinstance(does, Approve) and decision(output) is None:
        return "It was answered with neither yes nor no."
    if not isinstance(does, SubRun) or not does.wait or not isinstance(output, dict):
        return ""
    state = output.get("state")
    if state not in (RunState.FAILED.value, RunState.CANCELLED.value):
        return ""
    why = f": {output['error']}" if output.get("error") else ""
    return f"“{does.workflow}” ({output.get('run')}) {'failed' if state == RunState.FAILED.value else 'was cancelled'}{why}"


def unfit(run: Run, now: datetime, step: str, error: str, output: Json) -> Fact:
    """A last word that is an answer all the same: its output can be read."""
    before = run.progress(step)
    data: dict[str, Json] = {"error": error, "transient": False, "retry_at": None, "output": output}
    return Fact(run.seq + 1, now, FactKind.REFUSED, step, before.attempt, before.key, data)


def voted(run: Run, now: datetime, step: str, *, approved: bool, actor: str, by: str, note: str = "") -> tuple[Fact, ...]:
    """One person's yes or no; the quorum's last yes, or the first no, answers the step as well. ``actor``: id, ``by``: name.

    Raises Forbidden for the requester under four_eyes, Rejected without a reason where one is asked for, Conflict for a second vote, or
    when what was shown is not what would be done now.
    """
    before = _standing(run, step, (StepState.WAITING, StepState.ASKED, StepState.RETRYING), "is not being voted on (any more)")
    place = run.place(step)
    approve = place.step.does if isinstance(place.step.does, Approve) else Approve()
    if not _is_approval(place):
        raise Conflict(f"“{step}” is no approval, so nobody can vote on it.")
    if before.shown and before.shown != shown_hash(run, place, step[len(place.id) :]):
        raise Conflict("What this approval showed is not what would be done now. It has to be asked anew; nothing was changed.")
    _check_vote(run, approve, before, actor, note)
    vote: dict[str, Json] = {"approved": approved, "actor": actor, "by": by, "note": note}
    cast = Fact(run.seq + 1, now, FactKind.VOTED, step, before.attempt, before.key, vote)
    votes = (*before.votes, vote)
    if approved and len(votes) < approve.quorum:
        return (cast,)
    names: Json = [one["by"] for one in votes if one["approved"] is approved]
    said = "; ".join(str(one["note"]) for one in votes if one["note"])
    output: dict[str, Json] = {"approved": approved, "by": names, "at": now.isoformat(), "note": said}
    if not isinstance(place.step.does, Approve):
        output["by"] = by
    return (cast, Fact(run.seq + 2, now, FactKind.ANSWERED, step, before.attempt, before.key, {"output": output, "by": by}))


def _check_vote(run: Run, approve: Approve, before: Progress, actor: str, note: str) -> None:
    if approve.four_eyes and actor in run.requesters:
        raise Forbidden("This run was started by you, so somebody else must answer. Your press changed nothing.")
    if any(vote["actor"] == actor for vote in before.votes):
        raise Conflict("You have answered this already. Your first answer stands.")
    if approve.reason and not note.strip():
        raise Rejected("This approval asks why: say a reason with your answer.")


def decided(run: Run, now: datetime, step: str, *, happened: bool, output: Json, by: str) -> tuple[Fact, ...]:
    """Raises Conflict unless the step is in doubt."""
    before = _standing(run, step, (StepState.IN_DOUBT,), "is not in doubt (any more)")
    data: dict[str, Json] = {"happened": happened, "actor": by, "output": output}
    return (Fact(run.seq + 1, now, FactKind.DECIDED, step, before.attempt, before.key, data),)


def skipped(run: Run, now: datetime, step: str, by: str) -> tuple[Fact, ...]:
    """Pass over a step that waits, is to be retried, is in doubt or has failed; in a failed run the run goes on with that (see ``retried``)."""
    place, before = run.place(step), run.progress(step)
    _check_passable(place, step)
    if run.state is RunState.FAILED and before.state is StepState.FAILED:
        return retried(run, now, by, skip=(step,))
    before = _standing(run, step, SKIPPABLE, "cannot be passed over")
    return (Fact(run.seq + 1, now, FactKind.SKIPPED, step, before.attempt, before.key, {"error": f"{by} skipped it.", "by": by}),)


def _is_approval(place: Place) -> bool:
    return isinstance(place.step.does, Approve) or place.step.action == ASK_APPROVAL


def _check_passable(place: Place, step: str) -> None:
    """Nobody passes over an approval: that would be a yes without a vote."""
    if place.gate or isinstance(place.step.does, Approve):
        raise Conflict(f"“{step}” is an approval, and that cannot be passed over: let it be answered, or cancel the run.")


def _standing(run: Run, step: str, states: Collection[StepState], otherwise: str) -> Progress:
    run.place(step)
    before = run.progress(step)
    drifts = not run.over and run.ended(step) and before.state is StepState.WAITING
    if before.state not in states or run.over or drifts:
        now = f"the run is {run.state}" if run.over else f"it is {before.state.replace('_', ' ')}"
        if drifts:
            now = "the run has gone on without it"
        raise Conflict(f"Step “{step}” {otherwise}: {now}. Nothing was changed.")
    return before


# --- to the whole run


def paused(run: Run, now: datetime, by: str) -> tuple[Fact, ...]:
    """Nothing new is asked until it is resumed; answers are taken. Raises Conflict when it is over or paused already."""
    if run.over or run.paused:
        raise Conflict(f"The run is {state_of(run)} already, so it cannot be paused.")
    return (Fact(run.seq + 1, now, FactKind.PAUSED, data={"by": by}),)


def resumed(run: Run, now: datetime, by: str) -> tuple[Fact, ...]:
    """Raises Conflict unless it is paused."""
    if run.over or not run.paused:
        raise Conflict(f"Only a paused run can be resumed; this one is {state_of(run)}.")
    return (Fact(run.seq + 1, now, FactKind.RESUMED, data={"by": by}),)


def retried(
    run: Run,
    now: datetime,
    by: str,
    *,
    actor: str = "",
    inputs: Mapping[str, Json] | None = None,
    arguments: Mapping[str, Mapping[str, Json]] | None = None,
    skip: Sequence[str] = (),
) -> tuple[Fact, ...]:
    """Go on from the failed steps. ``inputs`` replace the run's (all of them, as ``read_inputs`` gives them), ``arguments`` (by step) some
    of a failed step's, as they stand; steps of ``skip`` are passed over instead. ``actor``: id of who says so.

    Raises Conflict unless the run has failed, or for a step that has not; NotFound for a strange one.
    """
    if run.state is not RunState.FAILED:
        raise Conflict(f"Only a failed run can go on from where it failed; this one is {state_of(run)}.")
    for step in (*(arguments or ()), *skip):
        _check_failed(run, step)
    for step in skip:
        _check_passable(run.place(step), step)
    for step in arguments or ():
        if not run.place(step).step.action:
            raise Conflict(f"“{step}” asks no service, so it has no arguments to change.")
    data: dict[str, Json] = {"actor": actor or by, "by": by}
    if inputs is not None:
        data["inputs"] = dict(inputs)
    if arguments:
        data["arguments"] = {step: dict(given) for step, given in arguments.items()}
    if skip:
        data["skip"] = list(skip)
    return (Fact(run.seq + 1, now, FactKind.RETRIED, data=data),)


def _check_failed(run: Run, step: str) -> None:
    if run.place(step).part is not Part.MAIN:
        raise Conflict(f"“{step}” belongs to what is done after a run; a run that is retried goes through that anew.")
    state = run.progress(step).state
    if state is not StepState.FAILED:
        raise Conflict(f"Only a failed step can be changed or passed over when a run goes on; “{step}” is {state.replace('_', ' ')}.")


def cancelled(run: Run, now: datetime, by: str, *, compensate: bool = True) -> tuple[Fact, ...]:
    """Nothing more is asked; what was done is undone first, where the definition says how, unless ``compensate`` is False.

    Raises Conflict when the run is over, or is being cancelled already (saying so again with ``compensate`` False ends the undoing).
    """
    if run.over:
        raise Conflict(f"The run is {run.state} already, so there is nothing to cancel.")
    return cancelled_facts(run, now, f"{by} cancelled it.", compensate=compensate)


def cancelled_facts(run: Run, now: datetime, why: str, *, compensate: bool = True) -> tuple[Fact, ...]:
    data: dict[str, Json] = {"error": why} if compensate else {"error": why, "compensate": False}
    return (Fact(run.seq + 1, now, FactKind.CANCELLED, data=data),)
