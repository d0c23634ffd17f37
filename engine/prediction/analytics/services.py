"""Figures of services: how often workflows asked them, how that went, and what their failures can have cost at most.

Sums do not tell which ask of which run failed. So what a service's failures cost has an upper bound and no more: no more runs of a workflow can have
failed because of a service than it failed asks of that workflow, and no more than failed at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.monitoring.rollup import Rollup, total
from engine.prediction.analytics.changes import Change, Verdict
from engine.prediction.analytics.comparing import ALPHA, ENOUGH_SLICES, LARGE, chance, each_once
from engine.prediction.analytics.figures import TENTHS, Declared, Figures
from engine.prediction.analytics.tally import AskTally
from engine.prediction.analytics.words import amount, length, share

POINTS = 0.01  # by how much of all asks the failures have to change before it is told


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFigures:
    """``asks``: attempts of workflows; ``seconds``: all asks together. ``median``, ``p90``: of answers, seconds; None = nothing was measured.

    ``workflows``: names of those that asked it, the busiest first. ``runs_at_most``: failed runs that can be its fault, ``cost_at_most`` of them in
    seconds of work, None where nothing is declared. ``asks_by_slice``, ``failed_by_slice``, ``seconds_by_slice``: oldest first.
    """

    service: str
    asks: int = 0
    failed: int = 0
    seconds: float = 0.0
    workflows: tuple[str, ...] = ()
    median: float | None = None
    p90: float | None = None
    runs_at_most: int = 0
    cost_at_most: float | None = None
    asks_by_slice: tuple[int, ...] = ()
    failed_by_slice: tuple[int, ...] = ()
    seconds_by_slice: tuple[float, ...] = ()

    @property
    def success_rate(self) -> float | None:
        return 1 - self.failed / self.asks if self.asks else None


def of_services(
    asks: Iterable[AskTally],
    flows: Sequence[Declared],
    figures: Mapping[str, Figures],
    slices: int,
    measured: Mapping[str, Sequence[Rollup]],
    *,
    whole: bool = True,
) -> dict[str, ServiceFigures]:
    """By service. ``asks`` of workflows that are not among ``flows`` are left out; ``measured``: rollups by service.

    ``whole``: the asks of all of the time are on record; else every failed run of a workflow that asked it may be its fault.
    """
    known = {flow.id: flow for flow in flows}
    grouped: dict[str, list[AskTally]] = {}
    for tally in asks:
        if tally.source in known:
            grouped.setdefault(tally.target, []).append(tally)
    return {name: _of_one(name, found, known, figures, slices, measured.get(name, ()), whole) for name, found in sorted(grouped.items())}


def service_changes(now: ServiceFigures, before: ServiceFigures | None, *, whole: bool = True) -> tuple[Change, ...]:
    """Failures and speed against the time before. Asks of one bad hour fail together, so hours or days are compared and not asks."""
    if before is None or not whole:
        why = "the record does not reach back over all of it" if not whole else "nobody asked it then"
        return (Change("failures", Verdict.UNKNOWN, f"Not compared with the time before: {why}."),)
    return _failures(now, before), _speed(now, before)


def _of_one(
    name: str,
    found: Sequence[AskTally],
    flows: Mapping[str, Declared],
    figures: Mapping[str, Figures],
    slices: int,
    rows: Sequence[Rollup],
    told: bool,
) -> ServiceFigures:
    asks, failed, seconds = [0] * slices, [0] * slices, [0.0] * slices
    by_flow: dict[str, list[int]] = {}
    for tally in found:
        asks[tally.slice] += tally.count
        failed[tally.slice] += tally.failed
        seconds[tally.slice] += tally.micros / 1e6
        sums = by_flow.setdefault(tally.source, [0, 0])
        sums[0], sums[1] = sums[0] + tally.count, sums[1] + tally.failed
    blame = {
        flow: min(sums[1], figures[flow].failed) if told else figures[flow].failed for flow, sums in by_flow.items() if flow in figures
    }
    prices = {flow: _price(flows[flow]) for flow in blame}
    costs = [min(runs, figures[flow].live_failed) * price for flow, runs in blame.items() if (price := prices[flow]) is not None and runs]
    whole = total(list(rows)) if rows else None
    return ServiceFigures(
        service=name,
        asks=sum(asks),
        failed=sum(failed),
        seconds=sum(seconds),
        workflows=tuple(flows[flow].name for flow in sorted(by_flow, key=lambda flow: (-by_flow[flow][0], flows[flow].name))),
        median=whole.sketch.quantile(0.5) if whole else None,
        p90=whole.sketch.quantile(0.9) if whole and whole.sketch.count >= TENTHS else None,
        runs_at_most=sum(blame.values()),
        cost_at_most=sum(costs) if costs else None,
        asks_by_slice=tuple(asks),
        failed_by_slice=tuple(failed),
        seconds_by_slice=tuple(seconds),
    )


def _price(flow: Declared) -> float | None:
    """Seconds of work that one failed run costs, by hand and repair together."""
    known = [part for part in (flow.saves, flow.failure_costs) if part is not None]
    return sum(known) if known else None


def _failures(now: ServiceFigures, before: ServiceFigures) -> Change:
    mine, theirs = _shares(now), _shares(before)
    there, gone = 1 - (now.success_rate or 0.0), 1 - (before.success_rate or 0.0)
    said = f"{share(there)} of {amount(now.asks, 'ask')} failed, {share(gone)} of {before.asks:,} before"
    if min(len(mine), len(theirs)) < ENOUGH_SLICES:
        return Change("failures", Verdict.UNKNOWN, f"{said}; too few hours or days with asks to compare.", there, gone)
    if chance(each_once(mine), each_once(theirs)) >= ALPHA or abs(there - gone) < POINTS:
        return Change("failures", Verdict.SAME, f"{said}: no clear change.", there, gone)
    verdict, word = (Verdict.BETTER, "fewer") if there < gone else (Verdict.WORSE, "more")
    return Change("failures", verdict, f"{said}: clearly {word}.", there, gone)


def _speed(now: ServiceFigures, before: ServiceFigures) -> Change:
    mine, theirs = _means(now), _means(before)
    there, gone = now.seconds / max(1, now.asks), before.seconds / max(1, before.asks)
    said = f"An ask took {length(there)} on average, {length(gone)} before"
    if min(len(mine), len(theirs)) < ENOUGH_SLICES:
        return Change("speed", Verdict.UNKNOWN, f"{said}; too few hours or days with asks to compare.", there, gone)
    if chance(each_once(mine), each_once(theirs)) >= ALPHA or abs(there - gone) < LARGE * max(gone, 1e-9):
        return Change("speed", Verdict.SAME, f"{said}: no clear change.", there, gone)
    verdict, word = (Verdict.BETTER, "faster") if there < gone else (Verdict.WORSE, "slower")
    return Change("speed", verdict, f"{said}: clearly {word}.", there, gone)


def _shares(one: ServiceFigures) -> list[float]:
    return [failed / asks for asks, failed in zip(one.asks_by_slice, one.failed_by_slice, strict=True) if asks]


def _means(one: ServiceFigures) -> list[float]:
    return [seconds / asks for asks, seconds in zip(one.asks_by_slice, one.seconds_by_slice, strict=True) if asks]
