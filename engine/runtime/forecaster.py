"""The forecaster: every five minutes it looks at what was measured and says what is likely to come, to workflows and as alerts.

rollups, quotas, objectives ─▶ prospects ─▶ predictions ─▶ episodes ─▶ signals and what is to be told, in one transaction ─▶ told ─▶ workflows

What is to be told stands in the record until it was: a crash in between tells it at the next look, and told twice it is the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.commands.foreseeing import thresholds
from engine.commands.objectives import objectives
from engine.errors import Invalid
from engine.events import DetectorSaved, Happening
from engine.monitoring.alert import AlertState, Severity
from engine.monitoring.forecast import episode as episodic
from engine.monitoring.forecast.episode import Episode
from engine.monitoring.forecast.failure import failure_ahead
from engine.monitoring.forecast.foresight import RUNGS, Prediction, error_budget, outage, prospects
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.period import Period
from engine.monitoring.signal import Signal
from engine.monitoring.slo.burn import Burn, burns, worst
from engine.monitoring.slo.objective import Objective
from engine.ports import Account, Clock, Connections, News, Signals, Store
from engine.runtime import forecast_news, quotas
from engine.runtime.histories import Histories
from engine.runtime.lessons import Lessons
from engine.runtime.quotas import Quotas
from engine.runtime.regularly import Regularly
from engine.workflow.definition import TriggerType, WorkflowState

log = logging.getLogger(__name__)

BEAT = 60.0  # seconds between looks at quotas: an hourly one is over before twelve looks of five minutes
LOOKS, FIRST = 5, 2  # beats between two looks at everything; the first is left to whatever starts
STREAM = "forecast:episodes"
OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)


class Forecaster:
    """One process of all runs it. It may be started again after it was stopped. ``look`` may be called at any time, too."""

    def __init__(self, store: Store, connections: Connections, clock: Clock, news: News, signals: Signals) -> None:
        self._store, self._connections, self._clock = store, connections, clock
        self._news, self._signals = news, signals
        self._histories, self._lessons = Histories(store), Lessons(store)
        self._quotas = Quotas(connections)
        self._episodes: tuple[Episode, ...] = ()
        self._untold: tuple[Happening, ...] = ()
        self._found: tuple[Signal, ...] = ()
        self._taken_up = False
        self._beats = 0
        self._loop = Regularly("the forecaster", BEAT, clock, self._beat)

    async def start(self) -> None:
        self._taken_up, self._beats = False, 0  # another process may have run it meanwhile
        await self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()

    def findings(self) -> tuple[Signal, ...]:
        """What the last look made of it: what fires, and what is over since the look before."""
        return self._found

    async def _beat(self) -> None:
        await self._take_up()
        self._quotas.read(self._clock.now())
        self._beats += 1
        if self._beats % LOOKS == FIRST:
            await self.look()

    async def look(self) -> None:
        """Judge everything once and tell what is new."""
        await self._take_up()
        await self._tell()
        now = self._clock.now()
        accounts = [one for one in self._connections.accounts() if one.probed and one.mode != "off"]
        sandbox = {(one.service, one.name) for one in accounts if one.mode == "sandbox"}
        learnt = await self._lessons.learn(accounts, now)
        rungs = await self._rungs()
        predictions = [
            *await self._of_accounts(accounts, rungs, now),
            *(made for one in self._quotas.prospects({one.service for one in accounts}) if (made := one.prediction(rungs)) is not None),
        ]
        burnt, spent = await self._of_objectives(rungs, sandbox, now)
        turned = episodic.turned(self._episodes, [*predictions, *spent], now)
        happenings = tuple(forecast_news.told(telling, now) for telling in turned.tellings)
        found = (
            *(forecast_news.foreseen(one, now, (one.service, one.account) in sandbox) for one in (*predictions, *spent)),
            *(forecast_news.passed(one, now) for one in turned.over),
            *burnt,
        )
        found = (*found, *await self._orphaned(found, turned.episodes, now))
        kept = DetectorSaved(STREAM, _written(turned.episodes, happenings), now)
        await self._signals.take(found, kept, *(one for one in (learnt, self._quotas.kept(now)) if one is not None))
        self._episodes, self._untold, self._found = turned.episodes, happenings, found
        self._histories.forget()
        await self._tell()

    # --- what is looked at

    async def _of_accounts(self, accounts: Sequence[Account], rungs: Sequence[timedelta], now: datetime) -> list[Prediction]:
        """Of accounts in trouble nothing is foreseen: it is there."""
        failing = {
            (one.service, one.account)
            for one in await self._store.alerts.list(states=OPEN, limit=500)
            if _is_trouble(one.rule, one.severity)
        }
        found: list[Prediction] = []
        limits = await thresholds(self._store)
        for account in accounts:
            name = (account.service, account.name)
            if name in failing:
                continue
            history = await self._histories.recent(*name, now)
            if not history:
                continue
            likely = [prospect.prediction(rungs) for prospect in prospects(*name, history, now, limits.of(account.service).limits)]
            risks = failure_ahead(history, self._lessons.own(name), self._lessons.others(name, accounts))
            found += [one for one in (*likely, outage(*name, risks, history[-1].share)) if one is not None]
            await asyncio.sleep(0)  # others have their turn between two accounts
        return found

    async def _of_objectives(
        self, rungs: Sequence[timedelta], sandbox: set[tuple[str, str]], now: datetime
    ) -> tuple[list[Signal], list[Prediction]]:
        """(burning or not, budgets that will be spent)."""
        signals, predictions = [], []
        for objective in await objectives(self._store):
            history = await self._histories.of_objective(objective, now)
            answers = burns(objective, history, now)
            made_up = any(objective.service == service and objective.account in ("", account) for service, account in sandbox)
            if any(isinstance(answer, Burn) for answer in answers):
                signals.append(forecast_news.burning(objective, found := worst(answers), now, _evidence(answers, found), made_up))
            likely = _spending(objective, history, rungs, now)
            predictions += [likely] if likely else []
        return signals, predictions

    async def _orphaned(self, found: Sequence[Signal], episodes: Sequence[Episode], now: datetime) -> list[Signal]:
        """Open alerts of ours that nothing speaks of any more: their objective was removed, or what was foreseen was forgotten."""
        spoken = {one.fingerprint for one in (*found, *(forecast_news.passed(episode, now) for episode in episodes))}
        standing = [one for one in await self._store.alerts.list(states=OPEN, limit=500) if one.source == forecast_news.SOURCE]
        return [forecast_news.orphaned(one, now) for one in standing if one.fingerprint not in spoken]

    async def _rungs(self) -> tuple[timedelta, ...]:
        """Our own and those that workflows wait for."""
        wanted = {
            flow.definition.trigger.horizon
            for flow in await self._store.workflows.list()
            if flow.state is WorkflowState.ACTIVE
            and flow.definition.trigger.type is TriggerType.AI_PREDICTED
            and flow.definition.trigger.horizon
        }
        return tuple(sorted({*RUNGS, *wanted}))

    # --- what is told

    async def _tell(self) -> None:
        if self._untold:
            await self._news.tell(self._untold)
            self._untold = ()

    async def _take_up(self) -> None:
        if self._taken_up:
            return
        now = self._clock.now()
        for stream in (STREAM, quotas.STREAM):
            kept = await self._store.detectors.get(stream)
            if kept is None:
                continue
            try:
                if stream == STREAM:
                    self._episodes, self._untold = _read(kept.state)
                else:
                    self._quotas.take_up(kept.state, now)
            except Invalid as error:
                log.warning("%s; it is begun anew.", error)
        await self._lessons.take_up()
        self._taken_up = True


def _is_trouble(rule: str, severity: Severity) -> bool:
    return rule not in (forecast_news.RULE, forecast_news.BURN_RULE) and severity.rank >= Severity.HIGH.rank


def _evidence(answers: Sequence[Burn | NotEnough], found: Burn | None) -> str:
    return found.because if found else next(answer.because for answer in answers if isinstance(answer, Burn))


def _spending(objective: Objective, history: Sequence[Period], rungs: Sequence[timedelta], now: datetime) -> Prediction | None:
    prospect = error_budget(objective, history, now)
    return prospect.prediction(rungs) if prospect is not None else None


def _written(episodes: Sequence[Episode], happenings: Sequence[Happening]) -> dict[str, Any]:
    untold = [{"id": one.id, "at": one.at.isoformat(), "data": dict(one.data)} for one in happenings]
    return {**episodic.to_body(episodes), "untold": untold}


def _read(state: Any) -> tuple[tuple[Episode, ...], tuple[Happening, ...]]:
    """Raises Invalid for what another version wrote."""
    try:
        untold = tuple(
            Happening(one["id"], "signalbox", "anomaly_predicted", datetime.fromisoformat(one["at"]), one["data"])
            for one in state["untold"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"What was foreseen before cannot be read: {error}") from error
    return episodic.of_body(state), untold
