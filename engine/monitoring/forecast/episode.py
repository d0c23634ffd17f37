"""An episode: one trouble that is foreseen, from when it first was to when it no longer is. It is told once, and again only when it comes nearer.

nothing ──likely──▶ foreseen ──likely within a shorter rung──▶ told again, as nearer
                       └──not for HOLD──▶ over
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from engine.errors import Invalid
from engine.monitoring.forecast.foresight import Prediction

HOLD = timedelta(minutes=30)  # without being foreseen, until an episode is over: chances waver about their bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """``told``: the shortest horizon it was told for; ``seen_at``: when it was foreseen last."""

    key: str
    service: str
    account: str
    metric: str
    name: str
    since: datetime
    seen_at: datetime
    told: timedelta


@dataclass(frozen=True, slots=True)
class Telling:
    """``before``: the horizon it was told for last time in this episode; None = this is the first time."""

    prediction: Prediction
    since: datetime
    before: timedelta | None

    @property
    def id(self) -> str:
        """The same however often it is told."""
        return f"{self.prediction.key}@{self.since.isoformat()}:{self.prediction.horizon.total_seconds():.0f}"


@dataclass(frozen=True, slots=True)
class Turned:
    """What one round made of the episodes. ``over``: those that ended."""

    episodes: tuple[Episode, ...]
    tellings: tuple[Telling, ...]
    over: tuple[Episode, ...]


def turned(episodes: Iterable[Episode], predictions: Iterable[Prediction], now: datetime) -> Turned:
    """One prediction a key is taken, the first."""
    standing = {episode.key: episode for episode in episodes}
    foreseen: dict[str, Prediction] = {}
    for prediction in predictions:
        foreseen.setdefault(prediction.key, prediction)
    tellings = []
    kept: dict[str, Episode] = {}
    for key, prediction in foreseen.items():
        before = standing.get(key)
        if before is None:
            tellings.append(Telling(prediction, now, None))
            kept[key] = Episode(
                key=key, service=prediction.service, account=prediction.account, metric=prediction.metric, name=prediction.name, since=now,
                seen_at=now, told=prediction.horizon,
            )  # fmt: skip
        elif prediction.horizon < before.told:
            tellings.append(Telling(prediction, before.since, before.told))
            kept[key] = replace(before, seen_at=now, told=prediction.horizon)
        else:
            kept[key] = replace(before, seen_at=now)
    quiet = [episode for key, episode in standing.items() if key not in foreseen]
    over = tuple(episode for episode in quiet if now - episode.seen_at >= HOLD)
    kept |= {episode.key: episode for episode in quiet if now - episode.seen_at < HOLD}
    return Turned(tuple(kept.values()), tuple(tellings), over)


def to_body(episodes: Iterable[Episode]) -> dict[str, Any]:
    """As it is stored."""
    return {
        "episodes": [
            {
                "key": one.key, "service": one.service, "account": one.account, "metric": one.metric, "name": one.name,
                "since": one.since.isoformat(), "seen_at": one.seen_at.isoformat(), "told": one.told.total_seconds(),
            }
            for one in episodes
        ]
    }  # fmt: skip


def of_body(body: Mapping[str, Any]) -> tuple[Episode, ...]:
    """Raises Invalid for what was not stored by ``to_body``."""
    try:
        return tuple(
            Episode(
                key=one["key"], service=one["service"], account=one["account"], metric=one["metric"], name=one["name"],
                since=datetime.fromisoformat(one["since"]), seen_at=datetime.fromisoformat(one["seen_at"]), told=timedelta(seconds=one["told"]),
            )
            for one in body["episodes"]
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"What was foreseen before cannot be read: {error}") from error
