"""Cards of runs: the live card that is edited as steps finish, and the history."""

from __future__ import annotations

from bot.cards.card import Bold, Card, Code, Fields, Line, Moment, Part, Table, Tone
from bot.cards.progress import progress_parts
from bot.cards.run_buttons import run_buttons
from bot.cards.words import (
    RUN_SAYS,
    RUN_TONES,
    RUN_WORDS,
    amount,
    brief,
    cut,
    headline,
    joined,
    lasted,
    person,
    said,
    service,
    small,
    stamp,
)
from engine.commands.command import RunShown, RunsShown, Starter
from engine.commands.run_steps import CONTAINERS
from engine.commands.speaking import FACES, somebody
from engine.prediction.foretold import Foretold
from engine.prediction.rate import ENOUGH
from engine.workflow.durations import in_words
from engine.workflow.run import RunRecord, RunState, StepState

CHAT_FACES = ("slack", "discord")


def run(shown: RunShown) -> Card:
    record = shown.run
    single = [step for step in shown.steps if step.kind not in CONTAINERS and not step.undo]
    done = sum(step.state in (StepState.SUCCEEDED, StepState.SKIPPED) for step in single)
    body: list[Part] = [Fields(fields)] if (fields := _fields(shown)) else []
    body += progress_parts(shown.steps)
    if record.error and not any(step.error and record.error.endswith(step.error) for step in shown.steps):
        body.append(said(Bold("Why: "), record.error))
    if record.sandbox:
        body.append(small("Sandbox: these answers come from examples; nothing outside was changed."))
    if shown.foretold is not None and shown.foretold.samples >= ENOUGH:
        body.append(small(_foretold(shown.foretold)))
    return Card(
        id=record.id,
        version=1,  # a run has no revision: what a press may do is decided by the state the run is in
        title=headline(f"{record.name} · {RUN_WORDS[record.state]}"),
        tone=RUN_TONES[record.state],
        body=tuple(body),
        actions=run_buttons(shown),
        footer=_footer(shown),
        summary=headline(
            f"{record.name}: {RUN_WORDS[record.state]}, {done} of {amount(len(single), 'step')}"
            + (f". {record.error}" if record.error else "")
        ),
    )


def _foretold(said: Foretold) -> str:
    """What was said of it before anybody knew."""
    takes = f", within {in_words(max(1.0, round(said.long)))} nine times in ten" if said.long else ""
    return f"Foretold as it began: {said.probability:.0%} ({said.low:.0%} to {said.high:.0%}, {said.samples} runs){takes}."


def _fields(shown: RunShown) -> tuple[tuple[str, Line], ...]:
    """What it belongs to, and why nothing happens just now."""
    record = shown.run
    fields: list[tuple[str, Line]] = []
    if record.state is RunState.QUEUED:
        ahead = (
            f"{amount(shown.ahead, 'run')} of this line {'is' if shown.ahead == 1 else 'are'} before it" if shown.ahead else "it is next"
        )
        fields.append(("Waits for its turn", (ahead,)))
    if record.state is RunState.PAUSED:
        fields.append(
            ("Paused", (*(("by ", Bold(shown.paused_by)) if shown.paused_by else ()), " Nothing new is asked until it is resumed."))
        )
    if shown.alert is not None:
        fields.append(
            ("For the alert", (Bold(service(shown.alert.service)), f": {cut(shown.alert.message, 160)} ({shown.alert.state.value})"))
        )
    if shown.parent is not None:
        fields.append(("Part of", (Bold(shown.parent.name), " ", Code(shown.parent.id))))
    if shown.children:
        lines = [(Bold(child.name), f" ({RUN_WORDS[child.state]}) ", Code(child.id)) for child in shown.children]
        fields.append(("Started", joined(lines)))
    if shown.inputs:
        fields.append(("Inputs", (Code(brief(shown.inputs, 300)),)))
    return tuple(fields)


def _footer(shown: RunShown) -> Line:
    record = shown.run
    took = (f" · took {lasted(record.finished_at - record.started_at)}",) if record.finished_at else ()
    by: Line = (" by ", person(shown.starter), *_from(record, shown.starter)) if shown.starter.words or shown.starter.person else ()
    return ("Started ", Moment(record.started_at, "relative"), *by, *took, f" · v{record.version} · ", Code(record.id))


def _from(record: RunRecord, starter: Starter) -> Line:
    """From which platform, where the card may stand on another."""
    face = starter.person.partition(":")[0]
    return (f" on {FACES[face]}",) if face in CHAT_FACES and starter.words and not record.where.startswith(f"{face}:") else ()


def runs(shown: RunsShown) -> Card:
    about = " ".join(filter(None, (f"of “{shown.workflow}”" if shown.workflow else "", shown.filter)))
    if not shown.runs:
        return Card(title=headline(f"No runs {about}"), body=() if shown.filter else (said("Nothing has run here yet."),))
    rows = tuple(
        (
            one.name,
            RUN_WORDS[one.state] + (" (sandbox)" if one.sandbox else ""),
            stamp(one.started_at, shown.timezone),
            _by(shown.starters.get(one.id, Starter(""))),
            lasted(one.finished_at - one.started_at) if one.finished_at else "–",
            one.error[:120],
        )
        for one in shown.runs
    )
    newest = shown.runs[0]
    failed = sum(one.state is RunState.FAILED for one in shown.runs)
    tally = f" {failed} of the last {len(rows)} failed." if failed and len(rows) > 1 else ""
    latest = said(
        Bold(newest.name), f": the last run {RUN_SAYS[newest.state]}, started ", Moment(newest.started_at, "relative"), f".{tally}"
    )
    return Card(
        title=headline(f"Runs {about}"),
        tone=RUN_TONES[newest.state] if newest.state is RunState.FAILED else Tone.NEUTRAL,
        body=(latest, Table(("Workflow", "State", "Started", "By", "Took", "Error"), rows)),
        summary=headline(f"{newest.name}: the last run {RUN_SAYS[newest.state]}.{tally}"),
    )


def _by(starter: Starter) -> str:
    return starter.words or (somebody(starter.person) if starter.person else "–")
