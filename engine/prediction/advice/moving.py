"""What would be better done at another time, or in a workflow of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine.prediction.advice.change import Change
from engine.prediction.advice.gain import CALLS, Gain
from engine.prediction.advice.recommendation import Kind, Recommendation
from engine.prediction.advice.reliability import HURTS, Around
from engine.prediction.advice.seen import RunSeen
from engine.prediction.analytics.comparing import difference
from engine.prediction.rate import Rate
from engine.prediction.risk import BY_CHANCE, by_chance
from engine.workflow.catalogue import listed
from engine.workflow.definition import Definition, Step, TriggerType
from engine.workflow.order import resolved_needs
from engine.workflow.reads import reads_of

HOURS: Final = 24
FAILED: Final = 5  # calls that must have failed at the hour
KNOWN: Final = 30  # calls that must be known of the hour it is moved to
FURTHEST: Final = 6  # hours it is moved
LONG: Final = 6  # main steps from which on a split is worth a word


def another_hour(definition: Definition, runs: Sequence[RunSeen], around: Around) -> Iterator[Recommendation]:
    """A daily hour at which calls of its services fail more often than chance would have it (Fisher's exact test, 24 hours looked at)."""
    trigger = definition.trigger
    parts = trigger.cron.split()
    if trigger.type is not TriggerType.SCHEDULED or len(parts) != 5 or not all(part.isdecimal() for part in parts[:2]):
        return
    hour = int(parts[1])
    calls = _by_hour(definition, around)
    bad, of = calls.get(hour, (0, 0))
    bad_else = sum(failed for at, (failed, _) in calls.items() if at != hour)
    of_else = sum(count for at, (_, count) in calls.items() if at != hour)
    if bad < FAILED or by_chance(bad, of, bad_else, of_else) >= BY_CHANCE / HOURS:
        return
    best = _better(hour, calls)
    if best is None:
        return
    failed, count = calls[best]
    low, high = difference((count - failed, count), (of - bad, of))
    hurt = [run for run in runs if not run.succeeded]
    cron = " ".join((parts[0], str(best), *parts[2:]))
    yield Recommendation(
        kind=Kind.SCHEDULE,
        step="",
        title=f"Let it begin at {best}:{int(parts[0]):02} instead of {hour}:{int(parts[0]):02}",
        because=f"From {hour} to {hour + 1} o’clock {bad} of {of} calls of {listed(_services(definition, around))} failed, "
        f"from {best} to {best + 1} o’clock {failed} of {count}.",
        runs=tuple(run.id for run in reversed(hurt)),
        evidence=bad,
        gain=Gain(unit=CALLS, low=100 * max(0.0, low), estimate=100 * (bad / of - failed / count), high=100 * high),
        change=Change(what="cron", value=cron),
    )


def _services(definition: Definition, around: Around) -> list[str]:
    names = [name for name in definition.services if name in around.hours]
    return [around.catalogue.services[name].name if name in around.catalogue.services else name for name in names]


def _by_hour(definition: Definition, around: Around) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for name in definition.services:
        for hour, (failed, of) in around.hours.get(name, {}).items():
            before = found.get(hour, (0, 0))
            found[hour] = (before[0] + failed, before[1] + of)
    return found


def _better(hour: int, calls: dict[int, tuple[int, int]]) -> int | None:
    """The nearest hour of the same day that is surely better than this one."""
    bad, of = calls[hour]
    worst = Rate(bad, of).low
    near = sorted((abs(at - hour), at) for at, (_, count) in calls.items() if 0 < abs(at - hour) <= FURTHEST and count >= KNOWN)
    return next((at for _, at in near if Rate(*calls[at]).high < worst), None)


def split(definition: Definition, runs: Sequence[RunSeen]) -> Iterator[Recommendation]:
    """A second half that reads nothing of the first, and was not done because the first failed. People divide it: names and triggers are theirs."""
    steps = definition.steps
    if len(steps) < LONG:
        return
    for place in range(2, len(steps) - 1):
        first, second = steps[:place], steps[place:]
        if not _apart(definition, first, second):
            continue
        ids = {step.id for step in first}
        hits = [
            run
            for run in runs
            if not run.succeeded and any(run.step(id).failed for id in ids) and not any(run.step(step.id).tries for step in second)
        ]
        if len(hits) < HURTS:
            continue
        yield Recommendation(
            kind=Kind.SPLIT,
            step=second[0].id,
            title=f"Make a workflow of its own from “{second[0].id}” on",
            because=f"Nothing from “{second[0].id}” on reads what the {len(first)} steps before it give, and in {len(hits)} of {len(runs)} runs "
            "it was not done because one of those failed.",
            runs=tuple(run.id for run in reversed(hits)),
            evidence=len(hits),
            gain=None,
            change=None,
        )
        return


def _apart(definition: Definition, first: Sequence[Step], second: Sequence[Step]) -> bool:
    ids = {step.id for step in first}
    needs = dict(zip((step.id for step in definition.steps), resolved_needs(definition.steps), strict=True))
    joined = [step for step in second[1:] if set(needs[step.id]) & ids]
    reads = [reads_of(inner) for step in second for inner in (step, *step.inner)]
    return not joined and all(read is not None and not read & ids for read in reads)
