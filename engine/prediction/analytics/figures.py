"""Figures: what a workflow, or several together, did in a time and what that was worth by what its owners declared.

Only what was declared is reckoned with. A run that the sandbox answered spared nobody anything and cost nobody anything: it counts as a run, and
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.prediction.analytics.comparing import quantile
from engine.prediction.analytics.tally import RunTallies, RunTally, Took

TENTHS = 10
HALF_STEP = 1.01  # a duration is rounded down by at most two percent: half of that is put back


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What analytics have to know of a workflow. ``saves``, ``failure_costs``: seconds of somebody's work a run, None = nobody said."""

    id: str
    name: str
    owner: str = ""
    saves: float | None = None
    failure_costs: float | None = None
    created_at: datetime | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of runs; ``durations``: (seconds, how many) of those that succeeded, from beginning to end, waiting included.

    Seconds of work, None where no workflow with such runs declares it: ``saved`` by runs that succeeded, ``repair`` that failed ones made, and
    ``by_hand``: what a failed run would have saved is done by somebody after all. ``waited``: how long failed runs had been under way. These four
    leave out runs of the sandbox; ``would_save`` is what those that succeeded there would have saved.
    ``runs_by_slice``, ``failed_by_slice``, ``saved_by_slice``: of each slice of the time, oldest first.
    """

    total: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    sandbox: int = 0
    durations: tuple[tuple[float, int], ...] = ()
    saved: float | None = None
    repair: float | None = None
    by_hand: float | None = None
    waited: float = 0.0
    would_save: float = 0.0
    live_failed: int = 0
    runs_by_slice: tuple[int, ...] = ()
    failed_by_slice: tuple[int, ...] = ()
    saved_by_slice: tuple[float, ...] = ()

    @property
    def over(self) -> int:
        """Runs that succeeded or failed: what success is a share of."""
        return self.succeeded + self.failed

    @property
    def success_rate(self) -> float | None:
        return self.succeeded / self.over if self.over else None

    @property
    def median(self) -> float | None:
        return quantile(self.durations, 0.5)

    @property
    def p90(self) -> float | None:
        """None of fewer than TENTHS runs, of which no tenth can be told."""
        return quantile(self.durations, 0.9) if sum(count for _, count in self.durations) >= TENTHS else None

    @property
    def cost(self) -> float | None:
        """Seconds of work that failures made: repair, and what was done by hand instead."""
        known = [part for part in (self.repair, self.by_hand) if part is not None]
        return sum(known) if known else None


def of_workflows(flows: Sequence[Declared], counted: RunTallies, slices: int) -> dict[str, Figures]:
    """By id, of every workflow of ``flows``; those without a run have empty figures."""
    tallies: dict[str, list[RunTally]] = {flow.id: [] for flow in flows}
    took: dict[str, list[Took]] = {flow.id: [] for flow in flows}
    for tally in counted.tallies:
        if tally.workflow in tallies:
            tallies[tally.workflow].append(tally)
    for lasted in counted.took:
        if lasted.workflow in took:
            took[lasted.workflow].append(lasted)
    return {flow.id: _of_one(flow, tallies[flow.id], took[flow.id], slices) for flow in flows}


def together(parts: Iterable[Figures]) -> Figures:
    """All of them as one. What is declared of some is summed of those."""
    found = list(parts)
    durations: dict[float, int] = {}
    for part in found:
        for seconds, count in part.durations:
            durations[seconds] = durations.get(seconds, 0) + count
    return Figures(
        total=sum(part.total for part in found),
        succeeded=sum(part.succeeded for part in found),
        failed=sum(part.failed for part in found),
        cancelled=sum(part.cancelled for part in found),
        sandbox=sum(part.sandbox for part in found),
        durations=tuple(sorted(durations.items())),
        saved=_sum(part.saved for part in found),
        repair=_sum(part.repair for part in found),
        by_hand=_sum(part.by_hand for part in found),
        waited=sum(part.waited for part in found),
        would_save=sum(part.would_save for part in found),
        live_failed=sum(part.live_failed for part in found),
        runs_by_slice=tuple(map(sum, zip(*(part.runs_by_slice for part in found), strict=True))),
        failed_by_slice=tuple(map(sum, zip(*(part.failed_by_slice for part in found), strict=True))),
        saved_by_slice=tuple(map(sum, zip(*(part.saved_by_slice for part in found), strict=True))),
    )


def by_owner(flows: Sequence[Declared], figures: Mapping[str, Figures]) -> dict[str, Figures]:
    """By owner as the first of its workflows writes it, case left aside; "" = those that nobody owns."""
    spelt: dict[str, str] = {}
    parts: dict[str, list[Figures]] = {}
    for flow in flows:
        key = plain(flow.owner)
        parts.setdefault(spelt.setdefault(key, flow.owner), []).append(figures[flow.id])
    return {owner: together(found) for owner, found in parts.items()}


def plain(name: str) -> str:
    """An owner for comparing: “@Ops ” and “ops” are one."""
    return " ".join(name.casefold().lstrip("@#").split())


def _of_one(flow: Declared, tallies: Sequence[RunTally], took: Sequence[Took], slices: int) -> Figures:
    runs, bad, live = [0] * slices, [0] * slices, [0] * slices
    for tally in tallies:
        runs[tally.slice] += tally.total
        bad[tally.slice] += tally.failed
        live[tally.slice] += tally.live
    succeeded, failed = sum(tally.succeeded for tally in tallies), sum(bad)
    spared, lost = sum(live), sum(tally.live_failed for tally in tallies)
    there = bool(tallies)
    return Figures(
        total=sum(runs),
        succeeded=succeeded,
        failed=failed,
        cancelled=sum(tally.cancelled for tally in tallies),
        sandbox=succeeded + failed - spared - lost,
        durations=tuple((one.micros * HALF_STEP / 1e6, one.count) for one in took),
        saved=spared * flow.saves if there and flow.saves is not None else None,
        repair=lost * flow.failure_costs if there and flow.failure_costs is not None else None,
        by_hand=lost * flow.saves if there and flow.saves is not None else None,
        waited=sum(tally.live_failed_micros for tally in tallies) / 1e6,
        would_save=(succeeded - spared) * (flow.saves or 0.0),
        live_failed=lost,
        runs_by_slice=tuple(runs),
        failed_by_slice=tuple(bad),
        saved_by_slice=tuple(count * (flow.saves or 0.0) for count in live),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
