"""What would make runs shorter: answers that are kept, steps that go side by side, steps that nobody needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from engine.prediction.advice.change import Change
from engine.prediction.advice.gain import FEWEST, of_time
from engine.prediction.advice.recommendation import Kind, Recommendation
from engine.prediction.advice.reliability import Around
from engine.prediction.advice.seen import RunSeen
from engine.workflow.catalogue import listed
from engine.workflow.definition import Definition, Step, flat
from engine.workflow.durations import in_words
from engine.workflow.order import resolved_needs
from engine.workflow.reads import reads_of

KEPT: Final = (60.0, 300.0, 900.0, 3600.0)  # seconds for which an answer may be kept
SHARE: Final = 0.3  # of the asks that must have been asked just before
AGAIN: Final = 5
WORTH: Final = 0.5  # seconds a run below which nothing is said
NEVER: Final = 30  # runs in which a step was always skipped


def caches(definition: Definition, runs: Sequence[RunSeen], around: Around) -> Iterator[Recommendation]:
    """Reads that ask the very same again and again; the shortest time that spares a good part of them."""
    for step in definition.every_step:
        action = around.catalogue.actions.get(step.action)
        if action is None or action.writes or step.cache is not None:
            continue
        asks = sorted((at, what, took, run) for run in runs for what, at, took in run.step(step.id).asks)
        for kept in KEPT:
            hits = _spared([(at.timestamp(), what) for at, what, _, _ in asks], kept)
            if len(hits) < max(AGAIN, SHARE * len(asks)):
                continue
            concerned = {asks[place][3].id: asks[place][3] for place in hits}
            gain = of_time([asks[place][2] for place in hits], hits=len(concerned), of=len(runs))
            if (gain.estimate or 0.0) >= WORTH:
                yield Recommendation(
                    kind=Kind.CACHE,
                    step=step.id,
                    title=f"Keep the answer of “{step.id}” for {in_words(kept)}",
                    because=f"{len(hits)} of {len(asks)} times “{step.id}” asked what had been asked less than {in_words(kept)} before; "
                    "what it reads may then be that old.",
                    runs=tuple(concerned)[::-1],
                    evidence=len(hits),
                    gain=gain,
                    change=Change(what="cache", step=step.id, value=kept),
                )
            break


def _spared(asks: Sequence[tuple[float, str]], kept: float) -> list[int]:
    """Places of asks that an answer would have been kept for. An answer that was given from what is kept is not kept anew."""
    since: dict[str, float] = {}
    hits = []
    for place, (at, what) in enumerate(asks):
        if what in since and at - since[what] < kept:
            hits.append(place)
        else:
            since[what] = at
    return hits


def side_by_side(definition: Definition, runs: Sequence[RunSeen]) -> Iterator[Recommendation]:
    """Steps in a row that read nothing of each other. Two writes to one service stay in their order: people see it."""
    for group in _groups(definition):
        ids = [step.id for step in group]
        rows = [(run, [run.step(id) for id in ids]) for run in runs]
        spared = [
            (run, sum(took) - max(took))
            for run, row in rows
            if all(one.done for one in row) and (took := [seconds for one in row if (seconds := one.seconds) is not None])
        ]
        if len(spared) < FEWEST:
            continue
        gain = of_time([seconds for _, seconds in spared])
        if (gain.estimate or 0.0) < WORTH:
            continue
        names = listed([f"“{id}”" for id in ids])
        yield Recommendation(
            kind=Kind.PARALLEL,
            step=ids[0],
            title=f"Let {names} go at once",
            because=f"None of {names} reads what another gives, and in {len(spared)} runs they were waited for one after the other; "
            "each is then also done where another of them fails.",
            runs=tuple(run.id for run, _ in reversed(spared)),
            evidence=len(spared),
            gain=gain,
            change=Change(what="needs", step=ids[0], value=_needs(definition, ids)),
        )


def _groups(definition: Definition) -> list[list[Step]]:
    """Of the main steps: longest rows of actions of which each only waits for the one before it and reads none of the row."""
    groups: list[list[Step]] = []
    row: list[Step] = []
    for step, needs in zip(definition.steps, resolved_needs(definition.steps), strict=True):
        reads = reads_of(step)
        joins = (
            bool(row)
            and bool(step.action)
            and needs == (row[-1].id,)
            and reads is not None
            and not reads & {one.id for one in row}
            and all(one.service != step.service for one in row)
        )
        if joins:
            row.append(step)
            continue
        groups.append(row)
        row = [step] if step.action else []
    return [group for group in (*groups, row) if len(group) > 1]


def _needs(definition: Definition, ids: Sequence[str]) -> dict[str, Any]:
    """What changes: all of the row wait for what its first waited for, and what waited for its last waits for all of it."""
    resolved = dict(zip((step.id for step in definition.steps), resolved_needs(definition.steps), strict=True))
    made: dict[str, Any] = {id: list(resolved[ids[0]]) for id in ids[1:]}
    for id, needs in resolved.items():
        if id not in ids and set(needs) & set(ids):
            made[id] = list(dict.fromkeys([*(need for need in needs if need not in ids), *ids]))
    return made


def dead_steps(definition: Definition, runs: Sequence[RunSeen], around: Around) -> Iterator[Recommendation]:
    """Main steps that never ran, or only read what nobody reads."""
    if len(definition.steps) < 2:
        return
    read: set[str] = set()
    for step in flat((*definition.steps, *definition.options.on_failure, *definition.options.finally_)):
        found = reads_of(step)
        if found is None:
            return  # it may be any of them
        read |= found
    for step in definition.steps:
        if not step.action or step.id in read or step.id in definition.when:
            continue
        action = around.catalogue.actions.get(step.action)
        done = [run for run in runs if run.step(step.id).done]
        skipped = [run for run in runs if run.step(step.id).skipped]
        if len(skipped) >= NEVER and len(skipped) == len(runs):
            words, gain = f"“{step.id}” was skipped in all {len(runs)} runs: its condition never held.", None
        elif action is not None and not action.writes and len(done) >= FEWEST:
            words = f"“{step.id}” only reads, and no other step uses what it gives; {len(done)} runs waited for it."
            gain = of_time([seconds for run in done if (seconds := run.step(step.id).seconds) is not None])
        else:
            continue
        yield Recommendation(
            kind=Kind.DEAD_STEP,
            step=step.id,
            title=f"Leave “{step.id}” out",
            because=words,
            runs=tuple(run.id for run in reversed(done or skipped)),
            evidence=len(done or skipped),
            gain=gain,
            change=Change(what="drop", step=step.id),
        )
