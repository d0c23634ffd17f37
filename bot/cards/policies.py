"""The policies of a step and of a workflow in words; what is usual is not said."""

from __future__ import annotations

from bot.cards.card import Code, Line
from bot.cards.words import cut, service, spaced
from engine.workflow.definition import Concurrency, Definition, OnError, Options, Priority, Step, Substitute, WhenFull
from engine.workflow.durations import in_words as in_time

LONGEST = 120


def step_notes(step: Step) -> Line:
    """To be put behind the step, `` · …`` for each."""
    notes: list[Line] = []
    if step.retries is not None:
        notes.append((_again(step.retries),))
    if step.timeout is not None:
        notes.append((f"{in_time(step.timeout)} for an answer",))
    if step.cache is not None:
        notes.append((f"an answer is used again for {in_time(step.cache.seconds)}",))
    if step.idempotency_key:
        notes.append(("once for each ", Code(cut(step.idempotency_key, LONGEST))))
    if step.fallback is not None:
        notes.append((f"else {_deed(step.fallback)}",))
    if step.compensate is not None:
        notes.append((f"undone by {_deed(step.compensate)}",))
    if step.on_error is OnError.CONTINUE:
        notes.append(("the run goes on if it fails",))
    if step.needs:
        notes.append((f"after {', '.join(step.needs)}",))
    return tuple(span for note in notes for span in (" · ", *note))


def _deed(other: Substitute) -> str:
    id, _, operation = other.action.partition(".")
    return f"{service(id)} {spaced(operation)}"


def _again(times: int) -> str:
    return f"tried up to {times} times more" if times > 1 else "tried once more" if times else "never tried again"


def options_lines(definition: Definition) -> list[str]:
    """The options of the whole workflow that are not the usual ones."""
    options, usual = definition.options, Options()
    notes = []
    if options.priority is not Priority.NORMAL:
        notes.append(f"priority {options.priority.value}")
    if options.concurrency is not None:
        notes.append(_turns(options.concurrency))
    if options.deadline is not None:
        notes.append(f"over within {in_time(options.deadline)}, or it fails")
    if options.retries != usual.retries:
        notes.append(_again(options.retries))
    if options.retry != usual.retry:
        rule = options.retry
        notes.append(
            f"{in_time(rule.first)} between attempts"
            if rule.backoff == "fixed"
            else f"from {in_time(rule.first)} to {in_time(rule.longest)} between attempts"
        )
    if options.timeout != usual.timeout:
        notes.append(f"{in_time(options.timeout)} for each step")
    if options.saves is not None:
        notes.append(f"a run saves {in_time(options.saves)} by hand")
    if options.failure_costs is not None:
        notes.append(f"a failed run costs {in_time(options.failure_costs)} of work")
    notes += [f"{service(id)} at most {limit.limit} times in {in_time(limit.per)}" for id, limit in options.rate_limits.items()]
    notes += [f"{service(there)} stands in for {service(first)}" for first, there in options.fallback.items()]
    if definition.env:
        notes.append(f"env: {cut(', '.join(f'{name}={value}' for name, value in definition.env.items()), LONGEST)}")
    return notes


def _turns(turns: Concurrency) -> str:
    runs = "one run" if turns.limit == 1 else f"{turns.limit} runs"
    of = f" for each {turns.key}" if turns.key else ""
    then = {
        WhenFull.QUEUE: "the next ones wait their turn",
        WhenFull.SKIP: "a further one is not started",
        WhenFull.REPLACE: "a further one takes the place of the oldest",
    }[turns.when_full]
    return f"{runs} at a time{of}, {then}"
