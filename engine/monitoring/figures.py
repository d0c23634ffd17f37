"""Numbers and times as a chart and its words say them, and series made fit for both: sorted, finite, in range."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from operator import itemgetter, sub
from zoneinfo import ZoneInfo

from engine.monitoring.charting import Band, Day, Incident, Series

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST = 1e15  # what is beyond is drawn there
MOST_UNIT = 12  # characters
LEAST = 1e-12  # what is nearer to nought is nought
DAY = 86_400.0
LATEST = 4_102_444_800.0  # 2100
STATES = ("healthy", "degraded", "unhealthy", "offline", "unknown")
UPTIMES = ((0.999, "healthy"), (0.99, "degraded"), (0.95, "unhealthy"))  # from this share on; less is offline

Points = list[tuple[float, float | None]]


# --- series --------------------------------------------------------------------------------------------------------------


def number(value: float | None) -> float | None:
    """Finite and of a size one can draw; None for what is no number."""
    if value is None or value != value or value in (math.inf, -math.inf):
        return None
    return 0.0 if abs(value) < LEAST else max(-MOST, min(MOST, float(value)))


def tidy(at: Sequence[float], values: Sequence[float | None], start: float, end: float) -> Points:
    """Of the range, in the order of time. What has no time is left out."""
    points = [
        (moment, value if value is not None and LEAST < value < MOST else number(value))
        for moment, value in zip(at, values, strict=False)
        if start <= moment <= end
    ]
    points.sort(key=itemgetter(0))
    return points


def of_series(series: Series | None, start: float, end: float) -> Points:
    return tidy(series.at, series.values, start, end) if series else []


def of_band(band: Band | None, start: float, end: float) -> tuple[Points, Points]:
    """Low and high at the same times, low never above high; None in both where one is missing."""
    if band is None:
        return [], []
    low, high = (tidy(band.at, values, start, end) for values in (band.low, band.high))
    if len(low) != len(high):
        return [], []
    lows: Points = []
    highs: Points = []
    for (at, one), (_, other) in zip(low, high, strict=True):
        both = (one, other) if one is not None and other is not None else None
        lows.append((at, min(both) if both else None))
        highs.append((at, max(both) if both else None))
    return lows, highs


def known(points: Iterable[tuple[float, float | None]]) -> list[tuple[float, float]]:
    return [(at, value) for at, value in points if value is not None]


def runs(points: Points, gap: float = 0.0) -> list[list[tuple[float, float]]]:
    """Stretches without a hole. A hole is a missing value, or more than ``gap`` seconds (0: two and a half times what nine of ten neighbours keep)."""
    times = [at for at, value in points if value is not None]
    distances = sorted(map(sub, times[1:], times))
    widest = gap if gap > 0 and math.isfinite(gap) else 2.5 * distances[int(len(distances) * 0.9)] if distances else math.inf
    found: list[list[tuple[float, float]]] = [[]]
    before = -math.inf
    for at, value in points:
        if value is None or (found[-1] and at - before > widest > 0):
            found.append([])
        if value is not None:
            found[-1].append((at, value))
            before = at
    return [run for run in found if run]


def span(start: datetime, end: datetime) -> tuple[float, float]:
    """Seconds since 1970; at least a second long whatever was given."""
    first, last = sorted((seconds(start), seconds(end)))
    return first, max(last, first + 1.0)


def seconds(at: datetime) -> float:
    """Since 1970, kept to years that every zone knows."""
    return max(DAY, min(LATEST, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()))


def touching(incidents: Iterable[Incident], start: float, end: float) -> list[tuple[Incident, float, float]]:
    """Those of the range, each with where it begins and ends in it."""
    found = []
    for incident in incidents:
        first = seconds(incident.start)
        last = max(first, seconds(incident.end)) if incident.end else max(first, end)
        if first <= end and last >= start:
            found.append((incident, max(start, first), min(end, last)))
    return found


def status(day: Day) -> str:
    """Of one day, in a word of ``HealthStatus``."""
    if day.worst in STATES:
        return day.worst
    share = number(day.uptime)
    return "unknown" if share is None else next((word for least, word in UPTIMES if share >= least), "offline")


def uptime(days: Sequence[Day], told: float | None) -> float | None:
    share = number(told)
    if share is None:
        shares = [share for share in (number(day.uptime) for day in days) if share is not None]
        share = math.fsum(shares) / len(shares) if shares else None
    return None if share is None else max(0.0, min(1.0, share))


# --- numbers -------------------------------------------------------------------------------------------------------------

_TIMES = ((3_600.0, 7_200.0, " h"), (60.0, 120.0, " min"), (1.0, 1.0, " s"), (1e-3, 1e-3, " ms"), (1e-6, 0.0, " µs"))
_THOUSANDS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def scale(named: str, largest: float) -> tuple[float, str]:
    """By what to divide a value of the unit, and what to write behind it, where ``largest`` is the largest of those that stand together."""
    size, unit = abs(largest), named[:MOST_UNIT]
    if unit == "s":
        divisor, _, suffix = next((row for row in _TIMES if size >= row[1]), _TIMES[-1]) if size else _TIMES[3]
        return divisor, suffix
    if unit == "share":
        return 0.01, " %"
    if unit == "%":
        return 1.0, " %"
    behind = unit if unit.startswith("/") or not unit else f" {unit}"
    divisor, prefix = next(((least, sign) for least, sign in _THOUSANDS if size >= (least if least > 1e3 else 1e4)), (1.0, ""))
    return divisor, f" {prefix}{unit}" if prefix and unit and not unit.startswith("/") else prefix + behind


def figure(value: float | None, unit: str) -> str:
    """``231 ms``, ``1.2 s``, ``99.5 %``, ``1,090/min``, ``12.3k/min``; three figures, – for none."""
    exact = number(value)
    if exact is None:
        return "–"
    divisor, suffix = scale(unit, _three(exact))
    if suffix == " %" and 99 <= exact / divisor < 100:  # never rounded up to all of it
        return f"{math.floor(exact / divisor * 100 + 1e-6) / 100:g} %"
    return short(exact / divisor) + suffix


def short(value: float) -> str:
    """Three figures, without noughts at the end."""
    rounded = _three(value)
    if rounded == 0:
        return "0"
    places = max(0, min(12, 2 - math.floor(math.log10(abs(rounded)))))
    text = f"{rounded:,.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def _three(value: float) -> float:
    return float(f"{value:.3g}")


def share(value: float | None) -> str:
    """An uptime: never rounded up, so that 100 % means all of it."""
    if value is None:
        return "no data"
    whole = math.floor(value * 10_000 + 1e-6) / 100
    return "100 %" if value >= 1 else f"{min(whole, 99.99):.2f} %"


# --- times ---------------------------------------------------------------------------------------------------------------


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def moment(at: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


def clock(at: float, zone: ZoneInfo, *, exact: bool = False) -> str:
    """``14:02``, or ``14:02:31``."""
    return f"{moment(at, zone):%H:%M:%S}" if exact else f"{moment(at, zone):%H:%M}"


def drawable_day(at: date) -> date:
    """Kept to years from which one can count back and on."""
    return max(date(1971, 1, 1), min(date(2099, 12, 31), date(at.year, at.month, at.day)))


def day(at: date) -> str:
    """``23 Nov``."""
    return f"{at.day} {MONTHS[at.month - 1]}"


def when(at: float, zone: ZoneInfo) -> str:
    """``23 Nov 14:02``."""
    return f"{day(moment(at, zone))} {clock(at, zone)}"


def between(start: float, end: float, zone: ZoneInfo, *, dated: bool = False) -> str:
    """``14:02–14:31``; ``dated``: ``23 Nov 14:02–14:31``; both ends with their days where it is not one day."""
    first, last = moment(start, zone), moment(end, zone)
    if first.date() != last.date():
        return f"{when(start, zone)} – {when(end, zone)}"
    return f"{when(start, zone) if dated else clock(start, zone)}–{clock(end, zone)}"


def lasted(length: float) -> str:
    """``45 s``, ``29 min``, ``3 h 11 min``, ``26 h``, ``2 days 4 h``, ``90 days``."""
    if length < 119.5:
        return f"{round(length)} s"
    minutes, hours = round(length / 60), round(length / 3_600)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    if hours <= 48:
        return f"{hours} h"
    days, rest = (hours // 24, hours % 24) if hours < 240 else (round(length / DAY), 0)
    return f"{days} days" + (f" {rest} h" if rest else "")


def abbreviation(at: float, zone: ZoneInfo) -> str:
    """``CET``, ``UTC``, ``UTC+03`` where the zone has no letters."""
    name = moment(at, zone).tzname() or "UTC"
    return name if name.isalpha() else f"UTC{name}"
