"""What the ledger records, told as traces and metrics: runs with their steps, probes, calls and posts. Ids and outcomes only, never a text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import TypeVar

from engine.events import Event, PostingPutOff, PostingSent, PostingSettled, RunMoved, RunStarted, SamplesTaken
from engine.monitoring.sample import Outcome, Sample
from engine.ports import Clock, Past, Telemetry
from engine.workflow.run import Fact, FactKind, RunRecord, RunState

MOST = 10_000  # asks and posts on their way that are remembered; beyond, the oldest are not told
ENDS = {
    FactKind.ANSWERED: "",
    FactKind.REFUSED: "refused",
    FactKind.IN_DOUBT: "in_doubt",
    FactKind.DECIDED: "",
    FactKind.SKIPPED: "skipped",
    FactKind.WAITING: "",
}
K = TypeVar("K")


class Traces:
    """``heard`` listens to the ledger; what another process recorded is told by that one."""

    def __init__(self, telemetry: Telemetry, clock: Clock) -> None:
        self._telemetry, self._clock = telemetry, clock
        self._asked: OrderedDict[tuple[str, str], datetime] = OrderedDict()  # (run, step)
        self._sending: OrderedDict[int, datetime] = OrderedDict()

    def heard(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case SamplesTaken():
                    for sample in event.samples:
                        self._sampled(sample)
                case RunStarted():
                    self._telemetry.count("signalbox.runs.started", sandbox=event.run.sandbox)
                    self._stepped(event.run.id, event.facts)
                case RunMoved():
                    self._stepped(event.run_id, event.facts)
                    if event.run is not None and event.run.state.over and any(fact.kind is FactKind.FINISHED for fact in event.facts):
                        self._ended(event.run)
                case PostingSent():
                    _remember(self._sending, event.posting, self._clock.now())
                case PostingSettled():
                    self._posted(event.posting, "")
                case PostingPutOff():
                    self._posted(event.posting, "failed" if event.until is None else "put_off")
                case _:
                    pass

    # --- runs and their steps: one trace a run

    def _stepped(self, run: str, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if fact.kind is FactKind.ASKED:
                _remember(self._asked, (run, fact.step), fact.at)
            elif fact.kind in ENDS and (began := self._asked.pop((run, fact.step), None)) is not None:
                attributes: dict[str, str | int | float | bool] = {
                    "signalbox.run": run,
                    "signalbox.step": fact.step,
                    "signalbox.attempt": fact.attempt,
                    "signalbox.outcome": fact.kind.value,
                }
                step = Past(
                    name="step", began=began, ended=fact.at, attributes=attributes, failed=ENDS[fact.kind], trace=f"run:{run}", parent=f"run:{run}"
                )  # fmt: skip
                self._telemetry.over(step)

    def _ended(self, run: RunRecord) -> None:
        ended = run.finished_at or self._clock.now()
        state = run.state.value
        attributes: dict[str, str | int | float | bool] = {
            "signalbox.run": run.id, "signalbox.workflow": run.workflow, "signalbox.version": run.version, "signalbox.outcome": state,
            "signalbox.sandbox": run.sandbox,
        }  # fmt: skip
        failed = "" if run.state is RunState.SUCCEEDED else state
        key = f"run:{run.id}"
        self._telemetry.over(Past(name="run", began=run.started_at, ended=ended, attributes=attributes, failed=failed, trace=key, id=key))
        self._telemetry.count("signalbox.runs.ended", outcome=state, sandbox=run.sandbox)
        self._telemetry.measure("signalbox.run.duration", (ended - run.started_at).total_seconds(), outcome=state)

    # --- probes, calls and posts

    def _sampled(self, sample: Sample) -> None:
        attributes: dict[str, str | int | float | bool] = {
            "signalbox.service": sample.service, "signalbox.account": sample.account, "signalbox.operation": sample.operation,
            "signalbox.outcome": sample.outcome.value, "signalbox.sandbox": sample.sandbox,
        }  # fmt: skip
        failed = "" if sample.outcome is Outcome.OK else sample.outcome.value
        seconds = min(max(sample.latency, 0.0), 86_400.0) if isfinite(sample.latency) else 0.0
        began = sample.at - timedelta(seconds=seconds)
        kind = sample.source.value
        self._telemetry.over(Past(name=kind, began=began, ended=sample.at, attributes=attributes, failed=failed))
        self._telemetry.measure(
            f"signalbox.{kind}.duration", sample.latency, service=sample.service, account=sample.account, outcome=sample.outcome.value
        )

    def _posted(self, posting: int, failed: str) -> None:
        began, now = self._sending.pop(posting, None), self._clock.now()
        if began is not None:
            self._telemetry.over(
                Past(name="post", began=began, ended=now, attributes={"signalbox.outcome": failed or "settled"}, failed=failed)
            )
        self._telemetry.count("signalbox.posts", outcome=failed or "settled")


def _remember(on_their_way: OrderedDict[K, datetime], key: K, at: datetime) -> None:
    on_their_way[key] = at
    on_their_way.move_to_end(key)
    if len(on_their_way) > MOST:
        on_their_way.popitem(last=False)
