"""Set a threshold by hand, take it back, or let it be learnt again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import Rejected
from engine.events import PolicySaved
from engine.monitoring.threshold import ALL, KIND, METRICS, Thresholds, body_of, checked, level_of, metric_of, thresholds_of
from engine.parties import Role
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Json

LEARNT = ("learnt", "learned", "off", "none", "auto")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetThreshold(Command):
    """``value``: seconds, or a ratio 0..1; “learnt” = none of ours. ``service`` "" or “all” = every service that has none of its own.

    ``changes``: several at once, “metric.level” → value. ``undo``: what stood before the last change of this service's thresholds stands again.
    """

    NAME: ClassVar[str] = "set_threshold"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts tune"
    HELP: ClassVar[str] = "Set when a service counts as slow or failing; without a limit of yours the usual is learnt."
    EXAMPLE: ClassVar[str] = "/alerts tune github response_time warning 2s"
    BUTTON: ClassVar[str] = "qua.undo"
    service: str = ""
    metric: str = ""
    severity: str = ""
    value: str = ""
    changes: Mapping[str, Json] | None = None
    undo: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> SetThreshold:
        return cls(service=arg, undo=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        service = ALL if self.service.strip().casefold() in ("", "all", ALL) else house.service(self.service).id
        known = await stored(house, service)
        if self.undo:
            return await self._undone(house, asking, known)
        said = dict(self.changes or {})
        if self.metric and self.severity and self.value:
            said[f"{self.metric}.{self.severity}"] = self.value
        if not said:
            raise Rejected(f"Which metric, which level, which value? For example: {self.EXAMPLE}")
        later = known
        for name, value in said.items():
            metric, _, level = name.partition(".")
            later = later.with_(metric_of(metric), level_of(level), _value(str(value), metric))
        told = ", ".join(f"{name} {value}" for name, value in said.items())
        await save(house, asking, replace(checked(later), before=known.values()), told)
        return done(f"{_called(service)}: {in_words(later)}", public=True)

    async def _undone(self, house: House, asking: Asking, known: Thresholds) -> Outcome:
        if known.before is None:
            raise Rejected("There is nothing to undo: these thresholds were not changed.")
        before = thresholds_of(known.service, {"values": known.before, "by": asking.actor.name, "before": None}, known.revision)
        await save(house, asking, before, "undone")
        return done(f"Undone. {_called(known.service)}: {in_words(before)}", public=True)


async def stored(house: House, service: str) -> Thresholds:
    policy = await house.store.policies.get(KIND, service)
    return thresholds_of(policy.id, policy.body, policy.revision) if policy else Thresholds(service=service)


async def save(house: House, asking: Asking, thresholds: Thresholds, detail: str) -> None:
    """With its audit row. Raises Conflict when somebody else was faster."""
    later = replace(thresholds, by=asking.actor.name)
    saved = PolicySaved(KIND, later.service, body_of(later), asking.at, thresholds.revision + 1)
    await house.store.ledger.record(saved, house.audit(asking, "set_threshold", f"threshold:{later.service}", detail))


def in_words(thresholds: Thresholds) -> str:
    """“response time: warning 2 s, critical 5 s; the rest is learnt”."""
    said = []
    for metric in METRICS:
        limit = thresholds.of(metric)
        levels = [f"{level} {_shown(metric, value)}" for level in ("warning", "critical") if (value := getattr(limit, level)) is not None]
        if levels:
            said.append(f"{metric.replace('_', ' ')}: {', '.join(levels)}")
    return "; ".join([*said, "the rest is learnt" if said else "everything is learnt"]) + "."


def _shown(metric: str, value: float) -> str:
    return f"{value:g} s" if metric == "response_time" else f"{100 * value:g} %"


def _called(service: str) -> str:
    return "All services" if service == ALL else product(service)


def _value(said: str, metric: str) -> float | None:
    """None: learnt."""
    return None if said.strip().casefold() in LEARNT else _number(said, metric)


def _number(said: str, metric: str) -> float:
    """Plain numbers are SI; “2s”, “800 ms” and “5 %” are understood. Raises Rejected."""
    text = said.strip().casefold().replace(",", ".")
    for ending, factor in (("ms", 0.001), ("sec", 1.0), ("s", 1.0), ("min", 60.0), ("%", 0.01), ("percent", 0.01)):
        if text.endswith(ending):
            if (ending in ("%", "percent")) == (metric_of(metric) == "response_time"):
                right = "a length of time, such as 2s or 800ms" if metric_of(metric) == "response_time" else "a share, such as 5% or 0.05"
                raise Rejected(f"“{said[:40]}” is no value for {metric.replace('_', ' ')}, which is {right}.")
            text, scale = text.removesuffix(ending).strip(), factor
            break
    else:
        scale = 1.0
    try:
        return round(float(text) * scale, 9)
    except ValueError:
        raise Rejected(f"“{said[:40]}” is no value for {metric.replace('_', ' ')}. Write 2s, 800ms or 5%.") from None
