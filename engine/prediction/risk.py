"""What speaks against the next run, each in a sentence with its figures; nothing is said that the figures do not carry.

A share of failures counts as raised only where so many would come by chance less than once in twenty times: by the exact hypergeometric test (Fisher 1935), and for
whatever is looked for in several places (windows of the last runs, days, parts of the day) with the bar divided by their number (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from math import comb
from typing import Final

from engine.prediction.rate import Rate
from engine.prediction.success.circumstances import Circumstances, Weather
from engine.prediction.success.model import SuccessModel

BY_CHANCE: Final = 0.05
WINDOWS: Final = (3, 4, 5, 7, 10, 20)  # of the last runs
SHAKY: Final = 0.03  # share of calls that surely fail from which on a service is a risk
STORMS: Final = 5  # runs in such a weather before anything is said of them
IDLE: Final = timedelta(days=30)  # without a run,
UNUSUAL: Final = 5.0  # and so many times as long as the longest pause before
FEW: Final = 3  # pauses that must be known
DAYS: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
PARTS: Final = (
    (6, "at night (0 to 6)"),
    (12, "in the morning (6 to 12)"),
    (18, "in the afternoon (12 to 18)"),
    (24, "in the evening (18 to 24)"),
)


@dataclass(frozen=True, slots=True)
class PastRun:
    at: datetime
    succeeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """``kind``: lately, calls, weather, day, time or idle. ``failed`` of ``of`` is what the sentence rests on; 0 of 0 where it is no count."""

    kind: str
    words: str
    failed: int = 0
    of: int = 0


def risks(model: SuccessModel, runs: Sequence[PastRun], circumstances: Circumstances, at: datetime, zone: tzinfo) -> tuple[Risk, ...]:
    """``runs``: of this workflow, those that ended before ``at``, oldest first; a few hundred are enough. ``zone``: in which days and hours are meant."""
    found = [
        lately(runs),
        *calls(model, circumstances),
        weather(model, circumstances),
        *at_this_time(runs, at.astimezone(zone), zone),
        idle(runs, at),
    ]
    return tuple(risk for risk in found if risk is not None)


def lately(runs: Sequence[PastRun]) -> Risk | None:
    """The window of the last runs that differs most from those before it; runs that have always failed differ from nothing."""
    if runs and len(runs) >= FEW and not any(run.succeeded for run in runs):
        return Risk(kind="lately", words=f"All {len(runs)} runs that are known failed.", failed=len(runs), of=len(runs))
    failed = [not run.succeeded for run in runs]
    likeliest, told = BY_CHANCE / len(WINDOWS), None
    for window in WINDOWS:
        new, old = failed[-window:], failed[:-window]
        if len(old) < FEW:
            break
        chance = by_chance(sum(new), len(new), sum(old), len(old))
        if chance < likeliest:
            likeliest, told = chance, (sum(new), len(new), sum(old), len(old))
    if told is None:
        return None
    bad, of, bad_before, before = told
    new_words = f"The last {of} runs failed" if bad == of else f"{bad} of the last {of} runs failed"
    return Risk(kind="lately", words=f"{new_words}; of the {before} before, {bad_before or 'none'} did.", failed=bad, of=of)


def calls(model: SuccessModel, circumstances: Circumstances) -> list[Risk]:
    """Services whose calls fail more often than now and then, whoever asked them; of one service the worst action that is used here."""
    found: dict[str, Risk] = {}
    for part in dict.fromkeys(circumstances.parts):
        for name, (failed, of) in (
            (f"{part.service}.{part.action}", model.pool.records.failed_lately(part.service, part.action)),
            (part.service, model.pool.records.failed_lately(part.service)),
        ):
            if failed < 2 or Rate(failed, of).low < SHAKY:
                continue
            known = found.get(part.service)
            if known is None or failed / of > known.failed / known.of:
                found[part.service] = Risk(kind="calls", words=f"{name} failed {failed} of its last {of} calls.", failed=failed, of=of)
    return list(found.values())


def weather(model: SuccessModel, circumstances: Circumstances) -> Risk | None:
    """What became of runs that began while one of their services was as it is now."""
    now = circumstances.weather
    if now is Weather.CALM:
        return None
    names = [one.service for one in circumstances.services if one.status == now.value]
    good, of = map(int, model.pool.weathers[now.value])
    who = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} {now.value}"
    if of < STORMS:
        return Risk(kind="weather", words=f"{who}.")
    return Risk(
        kind="weather", words=f"{who}; of {of} runs that began while a service of theirs was, {of - good} failed.", failed=of - good, of=of
    )


def at_this_time(runs: Sequence[PastRun], at: datetime, zone: tzinfo) -> list[Risk]:
    """Whether runs fail more often on this day of the week, or at this time of day, than else."""
    local = [(run.at.astimezone(zone), not run.succeeded) for run in runs]
    part = _part(at)
    day = _split((failed, moment.weekday() == at.weekday()) for moment, failed in local)
    time = _split((failed, _part(moment) == part) for moment, failed in local)
    found = []
    if by_chance(*day) < BY_CHANCE / len(DAYS):
        words = f"It fails on {DAYS[at.weekday()]}: {day[0]} of {day[1]} runs did, on other days {day[2]} of {day[3]}."
        found.append(Risk(kind="day", words=words, failed=day[0], of=day[1]))
    if by_chance(*time) < BY_CHANCE / len(PARTS):
        words = f"It fails {part}: {time[0]} of {time[1]} runs did, at other times {time[2]} of {time[3]}."
        found.append(Risk(kind="time", words=words, failed=time[0], of=time[1]))
    return found


def idle(runs: Sequence[PastRun], at: datetime) -> Risk | None:
    """It has not run for much longer than ever before: what it needs may have changed meanwhile."""
    moments = [run.at for run in runs]
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    if len(pauses) < FEW or at - moments[-1] < max(IDLE, UNUSUAL * max(pauses)):
        return None
    return Risk(kind="idle", words=f"It has not run for {(at - moments[-1]).days} days; it never paused so long before.")


def by_chance(failed: int, of: int, failed_else: int, of_else: int) -> float:
    """How likely at least so many of the failures would fall among these ``of``, if all runs were alike. 1 where there is nothing to compare."""
    if not of or not of_else:
        return 1.0
    whole, bad = of + of_else, failed + failed_else
    return sum(comb(bad, some) * comb(whole - bad, of - some) for some in range(failed, min(of, bad) + 1)) / comb(whole, of)


def _split(runs: Iterable[tuple[bool, bool]]) -> tuple[int, int, int, int]:
    """Failed and all of those that are meant, failed and all of the others."""
    counts = [0, 0, 0, 0]
    for failed, meant in runs:
        place = 0 if meant else 2
        counts[place] += failed
        counts[place + 1] += 1
    return counts[0], counts[1], counts[2], counts[3]


def _part(at: datetime) -> str:
    return next(name for end, name in PARTS if at.hour < end)
