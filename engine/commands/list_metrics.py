"""The metrics that are watched, what they were last, and what else is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.speaking import spoken
from engine.monitoring.gauge import KIND, Gauge, gauge_of
from engine.ports import GaugeState, SeriesKnown
from engine.workflow.durations import in_words

SHOWN = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMetrics(Command):
    NAME: ClassVar[str] = "list_metrics"
    SLASH: ClassVar[str] = "/service metrics"
    HELP: ClassVar[str] = "The metrics that are watched, and what else is measured."
    EXAMPLE: ClassVar[str] = "/service metrics"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        gauges = [gauge_of(policy.id, policy.body, policy.revision) for policy in await house.store.policies.of(KIND)]
        known = {one.name: one for one in await house.store.measurements.known()}
        states = house.gauging.states() if house.gauging else {}
        lines = [await self._line(house, asking, gauge, known, states) for gauge in gauges[:SHOWN]]
        lines += [f"… and {len(gauges) - SHOWN} more"] if len(gauges) > SHOWN else []
        others = sorted(known.keys() - {gauge.series for gauge in gauges})
        if others:
            more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
            lines.append(f"Also measured: {', '.join(others[:SHOWN])}{more}")
        count = f"{len(gauges)} metric{'s are' if len(gauges) != 1 else ' is'} watched" if gauges else "No metric is watched yet"
        hint = "" if gauges else "\nFor example: /service metric add web.bugs github.search_issues count every 10m repo=acme/web"
        return done("\n".join([count, *lines]) + hint)

    async def _line(
        self, house: House, asking: Asking, gauge: Gauge, known: Mapping[str, SeriesKnown], states: Mapping[str, GaugeState]
    ) -> str:
        state, unit = states.get(gauge.series), f" {gauge.unit}" if gauge.unit else ""
        asked = f"{gauge.service}.{gauge.operation} every {in_words(gauge.every)}" if gauge.operation else "measured by the house"
        if state is not None and state.trouble:
            return f"• {gauge.series} ({asked}): could not be read: {state.trouble}"
        if state is not None and state.last is not None and state.last.sandbox:
            return f"• {gauge.series} ({asked}): {state.last.value:g}{unit}, made up by the sandbox and not kept"
        if gauge.series not in known:
            return f"• {gauge.series} ({asked}): not read yet"
        at = known[gauge.series].last_at
        last = await house.store.measurements.series(gauge.series, since=at, until=at + timedelta(microseconds=1))
        value = f"{last[-1].value:g}{unit}" if last else "measured"
        return f"• {gauge.series} ({asked}): {value}, {spoken(at, asking.timezone)}"
