"""Routes: how every account of every service stands right now, in memory, and which way a step goes.

    guard: calls, as they leave and as they end ─┐
    ledger: probes (SamplesTaken) ───────────────┼─▶ Standing of each way ─▶ choose · useless_for · standing (for /service)
    maintenance: shut(…) ────────────────────────┘

Each process has its own: what it forgets with a restart, ``remember`` reads back from the stored samples of the last minutes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, timedelta, tzinfo

from engine.errors import Rejected, SignalboxError, Transient
from engine.events import Event, SamplesTaken
from engine.monitoring.sample import Outcome, Sample, Source
from engine.ports import Clock, Samples
from engine.resilience.budget import HEDGES, REPEATS, Budget
from engine.resilience.hedging import PATIENCE, Patience
from engine.resilience.routing import PREFERENCE, Candidate, Choice, Preference, choose, score, trouble_of, way
from engine.resilience.standing import NEW, RULES, Rules, Standing
from engine.runtime.flights import Flights
from engine.runtime.pace import Held

log = logging.getLogger(__name__)

REMEMBERED = timedelta(minutes=5)
APART = 1.0, 4.0, 15.0  # seconds between those who were sent away and come back: at least, to begin with, at most
SLOWER, FASTER = (
    1.5,
    0.98,
)  # how these seconds change with every “too fast” and every good answer (additive rates would need to know the limit)
LONGEST_LINE = 300.0  # seconds that line is long at most; who comes later comes back when the way opens


class Shut(Held):
    """Not put to the service: its breaker is open. ``retry_after`` seconds from now it may be."""


class Routes:
    """``default``: the account a call means that names none. Everything it answers is of this moment; nothing here waits.

    ``suspect`` (``SecondLook.suspect``) is told when a way that was well meets trouble, with the question whether that is still undecided.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        default: Callable[[str], str] = lambda service: "",
        rules: Rules = RULES,
        preference: Preference = PREFERENCE,
        patience: Patience = PATIENCE,
        zone: tzinfo = UTC,
        suspect: Callable[[str, str, Callable[[], bool]], None] | None = None,
    ) -> None:
        self._clock, self._default, self._zone, self.suspect = clock, default, zone, suspect
        self._rules, self._preference, self._patience = rules, preference, patience
        self._standings: dict[str, Standing] = {}
        self._flights = Flights()
        self._last_in_line: dict[str, float] = {}
        self._apart: dict[str, float] = {}
        self._repeats: dict[str, Budget] = {}
        self._hedges: Budget = HEDGES

    # --- which way

    def choose(
        self,
        candidates: Sequence[Candidate],
        stick_to: str = "",
        *,
        reads: bool = False,
        tried: Collection[str] = (),
    ) -> Choice:
        """The way to go now; see ``engine.resilience.routing.choose``."""
        at = self._now()
        known = {one.key: self._flying(self._key(one.service, one.account), one.operation, at) for one in candidates}
        choice = choose(
            candidates, known, at, self._clock.random, stick_to, reads=reads, tried=tried,
            preference=self._preference, zone=self._zone,
        )  # fmt: skip
        if not choice.wait:
            return choice
        one = choice.candidate
        return replace(choice, wait=self._in_line(self._key(one.service, one.account), at, choice.wait))

    def useless_for(self, service: str, account: str = "") -> float:
        """Seconds until a call there is not as good as lost; see ``Standing.useless_for``. 0: now."""
        return self._of(self._key(service, account)).useless_for(self._now(), self._rules)

    def refusal(self, service: str, account: str, patience: float) -> Shut | None:
        """Why a call is not put now, for one that may wait ``patience`` seconds or go another way; None: it may be put.

        Through a half-open breaker one call goes at a time. Who may not wait is never held up: it would fail where it might have been done. Those
        who are sent away come back one after the other, not all in the moment in which the breaker lets one through.
        """
        if patience <= 0:
            return None
        key, at = self._key(service, account), self._now()
        standing = self._of(key)
        wait = standing.useless_for(at, self._rules)
        if wait > 0:
            said = trouble_of(Candidate(service, account), standing, at, self._zone)
            return Shut(f"It was not put: {said}.", min(self._in_line(key, at, wait), patience))
        if standing.opened is not None:
            self._standings[key] = standing.trying(at)
        return None

    def pause(self, service: str, account: str, seconds: float) -> float:
        """How long a repeat waits that would come after ``seconds``: until a call is not as good as lost, and until the service's budget of repeats has
        one. It is only ever put off, never refused: how often a step is tried is for its definition to say.
        """
        at, useless = self._now(), self.useless_for(service, account)
        budget = self._repeats.get(service, REPEATS)
        left = budget.spend(at)
        if left is not None:
            self._repeats[service] = left
        return max(seconds, useless, budget.free_in(at) if left is None else 0.0)

    def spare_hedge(self) -> bool:
        """Whether the house's budget has a second call beside a read; it is taken from it."""
        left = self._hedges.spend(self._now())
        if left is not None:
            self._hedges = left
        return left is not None

    def reading(self, service: str, account: str, operation: str, seconds: float) -> tuple[float, float | None]:
        """For a read: seconds after which it is given up, and after which a second one is put beside it (None: not known yet)."""
        standing = self._of(self._key(service, account))
        return self._patience.timeout(standing, operation, seconds), self._patience.hedge_after(standing, operation)

    # --- what is met

    def left(self, service: str, account: str, operation: str) -> int:
        """A call leaves; its number, for ``met`` or ``gone``."""
        at = self._now()
        budget = self._repeats.get(service, REPEATS)
        self._repeats[service] = budget.earned(at)
        self._hedges = self._hedges.earned(at)
        return self._flights.begin(self._key(service, account), operation, at)

    def met(self, number: int, sample: Sample, retry_after: float | None = None) -> None:
        """What became of a call."""
        self._flights.end(number)
        self._observe(sample, retry_after)
        key = self._key(sample.service, sample.account)
        if sample.outcome is Outcome.THROTTLED:
            self._apart[key] = min(self._apart.get(key, APART[1]) * SLOWER, APART[2])
        elif sample.outcome is Outcome.OK:
            self._apart[key] = max(self._apart.get(key, APART[1]) * FASTER, APART[0])

    def overtaken(self, number: int, sample: Sample) -> None:
        """A call that was given up because a hedge was faster; ``sample.latency``: seconds it had been waited for."""
        self._flights.end(number)
        self._observe(sample, late=True)

    def gone(self, number: int) -> None:
        """Nothing is known of it: it was cancelled, or never sent."""
        self._flights.end(number)

    def heard(self, events: Sequence[Event]) -> None:
        """For ``ledger.listen``: probes. Calls of this process come by ``met``."""
        for event in events:
            if isinstance(event, SamplesTaken):
                for sample in event.samples:
                    if sample.source is Source.PROBE:
                        self._observe(sample)

    def shut(self, service: str, account: str, seconds: float, why: str) -> None:
        """An announced maintenance (“it is being worked on”), a quota that is used up: closed for so long, whatever its health."""
        key, at = self._key(service, account), self._now()
        self._standings[key] = self._of(key).shut(at, seconds, why)

    async def remember(self, samples: Samples, services: Iterable[str]) -> None:
        """What was met in the last minutes before the start. Storage in trouble leaves it unknown, which is no harm."""
        since = self._clock.now() - REMEMBERED
        for service in services:
            try:
                for sample in await samples.recent(service, since=since):
                    self._observe(sample)
            except SignalboxError as error:
                log.warning("What was met of %s before the start is not known: %s", service, error)

    def _observe(self, sample: Sample, retry_after: float | None = None, *, late: bool = False) -> None:
        key = self._key(sample.service, sample.account)
        probe = sample.source is Source.PROBE
        before = self._of(key)
        try:
            after = before.observe(
                sample.outcome, sample.latency, sample.at.timestamp(), operation="" if probe else sample.operation, probe=probe, late=late,
                retry_after=retry_after, rules=self._rules,
            )  # fmt: skip
        except Rejected as error:
            log.warning("A sample of %s says nothing: %s", sample.service, error)
            return
        if before.opened is None and after.opened is not None:
            log.info("%s.", trouble_of(Candidate(sample.service, sample.account), after, after.opened, self._zone))
        self._standings[key] = after
        if self.suspect is not None and self._undecided(key):
            self.suspect(sample.service, sample.account, lambda: self._undecided(key))

    def _undecided(self, key: str) -> bool:
        """Whether the last thing that was met was bad, and the breaker is closed all the same."""
        standing = self._of(key)
        return standing.opened is None and bool(standing.recent) and standing.recent[-1].bad > 0

    # --- for those who look

    def standing(self, service: str, account: str = "") -> Standing:
        """As it is now; of a service that was never met, a new one."""
        return self._of(self._key(service, account))

    def standings(self) -> Mapping[str, Standing]:
        """By way: ``jira/default``."""
        return dict(self._standings)

    def lines(self, service: str, account: str = "") -> list[str]:
        """For ``/service``: the breaker and the score, a sentence each; empty where nothing was met yet."""
        at, standing = self._now(), self._of(self._key(service, account))
        if not standing.recent and not standing.shut_left(at):
            return []
        said = trouble_of(Candidate(service, account), standing, at, self._zone)
        tally = standing.tally(at, self._rules) or "none of its last calls and checks failed"
        expected = score(standing, at, "", self._preference.cost)
        return [
            f"Breaker: {standing.breaker(at).value}. {said or tally[0].upper() + tally[1:]}.",
            f"Score: {expected:.2f} s until a call is done, failures counted; {standing.failing(at) * 100:.0f} % of calls are expected to fail.",
        ]

    # --- parts

    def _in_line(self, key: str, at: float, wait: float) -> float:
        """Seconds until the turn of one more who is sent away for at least ``wait``."""
        ahead = self._last_in_line.get(key, 0.0) - at
        wait = max(wait, ahead + self._apart.get(key, APART[1]) if 0.0 < ahead < LONGEST_LINE else 0.0)
        self._last_in_line[key] = at + wait
        return wait

    def _key(self, service: str, account: str) -> str:
        return way(service, account or self._default(service))

    def _of(self, key: str) -> Standing:
        return self._standings.get(key, NEW)

    def _flying(self, key: str, operation: str, at: float) -> Standing:
        """A call that has been waited for much longer than usual is as good as late, though nobody knows yet what becomes of it."""
        standing = self._of(key)
        oldest = self._flights.oldest(key, at)
        if oldest is None:
            return standing
        usual = standing.pulse(oldest[0]).at_most(2 * self._patience.strays)
        if usual is None or oldest[1] <= usual:
            return standing
        seen = standing.observe(Outcome.ERROR, 0.0, at, operation=oldest[0], rules=self._rules)
        return replace(seen, pulses=standing.pulses)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def seconds_asked(outcome: object) -> float | None:
    """What “too fast” asked for."""
    return outcome.retry_after if isinstance(outcome, Transient) else None
