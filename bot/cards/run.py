"""Cards of runs: the live card that is edited as steps finish, and the history."""

from __future__ import annotations

import json
import re

from bot.cards.card import Bold, Button, Card, Code, Line, Link, Moment, Part, Span, Steps, Style, Table, Tone
from bot.cards.words import RUN_SAYS, RUN_TONES, RUN_WORDS, STEP_MARKS, headline, lasted, person, said, service, small, spaced, stamp
from engine.commands.command import RunShown, RunsShown, Starter
from engine.commands.speaking import somebody
from engine.workflow.definition import Json
from engine.workflow.run import RunRecord, RunState, StepState, StepView


def run(shown: RunShown) -> Card:
    record = shown.run
    done = sum(step.state in (StepState.SUCCEEDED, StepState.SKIPPED) for step in shown.steps)
    body: list[Part] = [Steps(tuple((STEP_MARKS[step.state], step_line(step)) for step in shown.steps))] if shown.steps else []
    if record.error and not any(step.error and record.error.endswith(step.error) for step in shown.steps):
        body.append(said(Bold("Why: "), record.error))
    if record.sandbox:
        body.append(small("Sandbox: these answers come from examples; nothing outside was changed."))
    return Card(
        id=record.id,
        version=1,  # a run has no revision: what a press may do is decided by the state the run is in
        title=headline(f"{record.name} · {RUN_WORDS[record.state]}"),
        tone=RUN_TONES[record.state],
        body=tuple(body),
        actions=_verbs(record),
        footer=_footer(shown),
        summary=headline(f"{record.name}: {RUN_WORDS[record.state]}, {done} of {len(shown.steps)} steps" + (f". {record.error}" if record.error else "")),
    )


def _footer(shown: RunShown) -> Line:
    record = shown.run
    took = (f" · took {lasted(record.finished_at - record.started_at)}",) if record.finished_at else ()
    by = (" by ", person(shown.starter)) if shown.starter.words or shown.starter.person else ()
    return ("Started ", Moment(record.started_at, "relative"), *by, *took, " · ", Code(record.id))


def _verbs(record: RunRecord) -> tuple[Button, ...]:
    if record.state is RunState.FAILED:
        return (Button("retry", "Retry from the failed step", style=Style.PRIMARY),)
    if not record.state.over:
        return (Button("cancel", "Cancel run", style=Style.DANGER, confirm="Stop this run? Steps not asked yet are not asked any more."),)
    return ()


def step_line(step: StepView) -> Line:
    id, _, operation = step.action.partition(".")
    line: list[Span] = [Bold(service(id)), f" {spaced(operation)}"]
    if not step.id.startswith(operation):
        line.append(f", “{step.id}”")
    if step.sandbox:
        line.append(" (sandbox)")
    if step.state is StepState.RETRYING:
        line.append(f" · attempt {step.attempts} failed, trying again")
    elif step.state is StepState.IN_DOUBT:
        line.append(" · asked, but no answer is known: did it happen?")
    elif step.state is StepState.WAITING:
        line.append(" · waiting for an answer")
    if step.error:
        line.append(f" · {step.error[:300]}")
    elif step.state is StepState.SUCCEEDED and (brief := outcome(step.output)):
        line += [" → ", brief]
    return tuple(line)


def outcome(output: Json, limit: int = 120) -> Span:
    """What a person wants to see of an answer: its link, its text, its title or id, else the beginning of it; "" for nothing."""
    if not isinstance(output, dict):
        return "" if output is None else Code(_cut(str(output), limit))
    for key in ("url", "html_url", "shortUrl", "text", "title", "name", "id", "message"):
        if isinstance(output.get(key), (str, int)):
            return _shown(key, str(output[key]), limit)
    return Code(_cut(json.dumps(output, ensure_ascii=False), limit)) if output else ""


def _shown(key: str, value: str, limit: int) -> Span:
    brief = _cut(value, limit)
    if re.fullmatch(r"https?://[^\s<>|]+", value):
        return Link(_cut(re.sub(r"^https?://(www\.)?", "", value), limit), value)
    return f"“{brief}”" if key in ("text", "title", "name", "message") and brief else Code(brief)


def _cut(text: str, limit: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


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
    latest = said(Bold(newest.name), f": the last run {RUN_SAYS[newest.state]}, started ", Moment(newest.started_at, "relative"), f".{tally}")
    return Card(
        title=headline(f"Runs {about}"),
        tone=RUN_TONES[newest.state] if newest.state is RunState.FAILED else Tone.NEUTRAL,
        body=(latest, Table(("Workflow", "State", "Started", "By", "Took", "Error"), rows)),
        summary=headline(f"{newest.name}: the last run {RUN_SAYS[newest.state]}.{tally}"),
    )


def _by(starter: Starter) -> str:
    return starter.words or (somebody(starter.person) if starter.person else "–")
