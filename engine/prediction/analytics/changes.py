"""What changed since the time before, said only where it is more than chance; else that nothing clear did, or why nobody can tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log
from typing import Final, TypeAlias

from engine.prediction.analytics.comparing import (
    ALPHA,
    ENOUGH_RUNS,
    ENOUGH_SLICES,
    LARGE,
    chance,
    chance_within,
    difference,
    each_once,
    gap_within,
)
from engine.prediction.analytics.figures import Figures
from engine.prediction.analytics.words import amount, length, share, work

OF_BOTH: Final = " of workflows that ran in both times"
POINT: Final = 0.01  # of a share: half of one is not worth a sentence


class Verdict(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    DIFFERENT = "different"  # neither good nor bad in itself: more runs, fewer runs
    SAME = "no clear change"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class Change:
    """Of one measure: runs, success, duration or saved. ``text``: a sentence with its figures. ``now``, ``before``: None = nothing there."""

    measure: str
    verdict: Verdict
    text: str
    now: float | None = None
    before: float | None = None

    @property
    def clear(self) -> bool:
        return self.verdict in (Verdict.BETTER, Verdict.WORSE, Verdict.DIFFERENT)


Pair: TypeAlias = tuple[Figures, Figures]


def changes(now: Figures, before: Figures, parts: Sequence[Pair] = (), *, whole: bool = True, among: int = 1) -> tuple[Change, ...]:
    """Against the time of the same length before. ``whole``: all of that time is on record; counts are not compared where it is not.

    ``parts``: the (now, before) of each workflow of several, whose success and durations are compared one by one and judged together: a change of
    which workflows ran is no change of how well they did. ``among``: how many such answers are looked at together.
    """
    if not before.total:
        why = "none in the time before" if whole else "nothing of the time before is on record"
        return (Change("runs", Verdict.UNKNOWN, f"{amount(now.total, 'run')}, {why}: there is nothing to compare.", now.total, 0),)
    alpha = ALPHA / max(1, among)
    both = [(mine, theirs) for mine, theirs in parts if mine.over and theirs.over]
    several = sum(bool(mine.total or theirs.total) for mine, theirs in parts) > 1
    found = [
        _success_within(now, before, both, alpha) if several else _success(now, before, alpha),
        _duration_within(both, alpha) if several else _duration(now, before, alpha),
        _runs(now, before, alpha, whole=whole),
    ]
    if now.saved or before.saved:
        found.append(_saved(now, before, alpha, whole=whole))
    return tuple(found)


def summary(found: Iterable[Change]) -> str:
    """One sentence of what is not clear, so that it need not be said one by one; "" where everything is."""
    quiet = [change.measure for change in found if change.verdict is Verdict.SAME]
    return f"No clear change of {_listed(quiet)}: no more than chance would bring." if quiet else ""


def _success(now: Figures, before: Figures, alpha: float) -> Change:
    name, mine, theirs = "success", now.success_rate, before.success_rate
    if mine is None or theirs is None or now.over < ENOUGH_RUNS or before.over < ENOUGH_RUNS:
        return Change(name, Verdict.UNKNOWN, _few(name, now.over, before.over), mine, theirs)
    low, high = difference((now.succeeded, now.over), (before.succeeded, before.over), alpha)
    said = f"Success: {share(mine)} of {amount(now.over, 'run')}, {share(theirs)} of {before.over:,} before"
    if low <= 0 <= high:
        return Change(name, Verdict.SAME, f"{said}: no clear change.", mine, theirs)
    points = (
        f"between {100 * abs(low):.0f} and {100 * abs(high):.0f}" if low > 0 else f"between {100 * abs(high):.0f} and {100 * abs(low):.0f}"
    )
    verdict, word = (Verdict.BETTER, "up") if low > 0 else (Verdict.WORSE, "down")
    return Change(name, verdict, f"{said}: {word} by {points} points, more than chance.", mine, theirs)


def _duration(now: Figures, before: Figures, alpha: float) -> Change:
    name, mine, theirs = "duration", now.median, before.median
    if mine is None or theirs is None or now.succeeded < ENOUGH_RUNS or before.succeeded < ENOUGH_RUNS:
        return Change(name, Verdict.UNKNOWN, _few(name, now.succeeded, before.succeeded), mine, theirs)
    said = f"Half of the runs took up to {length(mine)}, {length(theirs)} before"
    if chance(now.durations, before.durations) >= alpha or not _large(mine, theirs):
        return Change(name, Verdict.SAME, f"{said}: no clear change.", mine, theirs)
    verdict, word = (Verdict.BETTER, "faster") if mine < theirs else (Verdict.WORSE, "slower")
    return Change(name, verdict, f"{said}: {word} by more than chance.", mine, theirs)


def _success_within(now: Figures, before: Figures, both: Sequence[Pair], alpha: float) -> Change:
    name, mine, theirs = "success", now.success_rate, before.success_rate
    runs, runs_before = _over(both)
    if mine is None or theirs is None or min(runs, runs_before) < ENOUGH_RUNS:
        return Change(name, Verdict.UNKNOWN, _few(name, runs, runs_before, OF_BOTH), mine, theirs)
    gap, likely = gap_within((one.succeeded, one.over, other.succeeded, other.over) for one, other in both)
    said = f"Success: {share(mine)} of {amount(now.over, 'run')}, {share(theirs)} of {before.over:,} before"
    if likely >= alpha or abs(gap) < POINT / 2:
        return Change(name, Verdict.SAME, f"{said}: no clear change.", mine, theirs)
    verdict, word = (Verdict.BETTER, "up") if gap > 0 else (Verdict.WORSE, "down")
    return Change(
        name, verdict, f"{said}. Workflow by workflow it is {word} by {100 * abs(gap):.1f} points, more than chance.", mine, theirs
    )


def _duration_within(both: Sequence[Pair], alpha: float) -> Change:
    """Of several workflows no common median tells anything; how much longer or shorter each took does."""
    name, pairs = "duration", [(one, other) for one, other in both if one.median and other.median]
    runs, runs_before = sum(one.succeeded for one, _ in pairs), sum(other.succeeded for _, other in pairs)
    if min(runs, runs_before) < ENOUGH_RUNS:
        return Change(name, Verdict.UNKNOWN, _few(name, runs, runs_before, OF_BOTH))
    ratio = exp(sum(log((one.median or 1) / (other.median or 1)) * one.succeeded for one, other in pairs) / runs)
    if chance_within((one.durations, other.durations) for one, other in pairs) >= alpha or not _large(ratio, 1):
        return Change(name, Verdict.SAME, "Workflow by workflow, runs took about as long as before: no clear change.")
    verdict, word = (Verdict.BETTER, "less") if ratio < 1 else (Verdict.WORSE, "more")
    return Change(name, verdict, f"Workflow by workflow, runs took {100 * abs(ratio - 1):.0f} % {word} time than before, more than chance.")


def _over(both: Sequence[Pair]) -> tuple[int, int]:
    return sum(one.over for one, _ in both), sum(other.over for _, other in both)


def _runs(now: Figures, before: Figures, alpha: float, *, whole: bool) -> Change:
    said = f"{amount(now.total, 'run')}, {before.total:,} before"
    clear = _level(now.runs_by_slice, before.runs_by_slice, alpha, whole=whole)
    if clear:
        more = now.total > before.total
        return Change("runs", Verdict.DIFFERENT, f"{said}: clearly {'more' if more else 'fewer'}.", now.total, before.total)
    return _unclear("runs", said, clear, now.total, before.total, whole=whole)


def _saved(now: Figures, before: Figures, alpha: float, *, whole: bool) -> Change:
    mine, theirs = now.saved or 0.0, before.saved or 0.0
    said = f"{work(mine)} saved, {work(theirs)} before"
    clear = _level(now.saved_by_slice, before.saved_by_slice, alpha, whole=whole)
    if clear:
        better = mine > theirs
        word = "more" if better else "less"
        return Change("time saved", Verdict.BETTER if better else Verdict.WORSE, f"{said}: clearly {word}.", mine, theirs)
    return _unclear("time saved", said, clear, mine, theirs, whole=whole)


def _level(now: tuple[float, ...], before: tuple[float, ...], alpha: float, *, whole: bool) -> bool | None:
    """Whether sums slice by slice are clearly different; None where that cannot be told."""
    nothing = not any(now) and not any(before)
    if not whole or nothing or min(len(now), len(before)) < ENOUGH_SLICES:
        return None
    return chance(each_once(now), each_once(before)) < alpha and _large(sum(now), sum(before))


def _unclear(name: str, said: str, clear: bool | None, now: float, before: float, *, whole: bool) -> Change:
    if clear is not None:
        return Change(name, Verdict.SAME, f"{said}: no clear change.", now, before)
    why = "the time is too short to compare day by day" if whole else "the record does not reach back over all of the time before"
    return Change(name, Verdict.UNKNOWN, f"{said}; {why}.", now, before)


def _large(now: float, before: float) -> bool:
    return abs(now - before) >= LARGE * max(abs(before), 1e-9)


def _few(name: str, now: int, before: int, of: str = "") -> str:
    return (
        f"{name.capitalize()} is not compared: {amount(now, 'run')} now and {before:,} before{of}, {ENOUGH_RUNS} are needed on either side."
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
