"""Which way round: of several services that can do the same, the one to ask now, and why it is not the first.

    candidates ─▶ levels (``order``) ─▶ the first level with one that is fit ─▶ the least expected time, by weight ─▶ Choice
                                          │ none anywhere
                                          └─▶ panic: of all of them the best (Envoy's panic threshold), or wait for the first to open

Fit is who has a closed breaker and is not shut. The score is the time until a call is done, a failure counted with what it costs: a load balancer by
latency alone prefers the one that fails fastest (linkerd2-proxy 4537, 4561: ``max(rtt × pending, penalty)``). With two or three ways and one call every
few seconds the best of all is better than the best of two drawn (P2C): there is no herd to break up; a little noise takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from statistics import median

from engine.resilience.standing import NEW, Breaker, Standing
from engine.workflow.catalogue_data import product

GUESS = 0.5  # seconds an answer is taken to need while nothing is known of anybody


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way. Smaller ``order`` goes first as long as it is fit; of the same ``order`` are similar services, among which the score decides.

    ``weight``: how much more than the others of its level it may be preferred (2: as good as one twice as fast).
    """

    service: str
    account: str = ""
    action: str = ""
    weight: float = 1.0
    order: int = 0

    @property
    def key(self) -> str:
        return way(self.service, self.account)

    @property
    def operation(self) -> str:
        return self.action.partition(".")[2]


def way(service: str, account: str = "") -> str:
    """Under which its standing is known: ``jira`` or ``jira/second``."""
    return f"{service}/{account}" if account else service


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """``cost``: seconds a failed call is taken to cost, ``cost_of_write`` where it may leave a doubt; ``panic``: the share of the weight that must be
    fit, else health is ignored (Envoy: 50 % of many alike; with two ways that would ask the one that is down every other time, so here 0: only when
    none is left); ``noise``: the share of a score left to the dice; ``checked``: seconds within which a probe makes a trial by a call needless.
    """

    cost: float = 3.0
    cost_of_write: float = 6.0
    panic: float = 0.0
    noise: float = 0.05
    checked: float = 60.0


PREFERENCE = Preference()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``because``: a sentence where it is not the first way, else empty. ``score``: seconds expected. ``panic``: no way was fit. ``wait``: seconds until
    a call is not as good as lost, 0 unless in panic.
    """

    candidate: Candidate
    because: str
    score: float
    panic: bool = False
    wait: float = 0.0

    @property
    def service(self) -> str:
        return self.candidate.service


def choose(
    candidates: Sequence[Candidate],
    standings: Mapping[str, Standing],
    at: float,
    dice: Callable[[], float],
    stick_to: str = "",
    *,
    reads: bool = False,
    tried: Collection[str] = (),
    preference: Preference = PREFERENCE,
    zone: tzinfo = UTC,
) -> Choice:
    """One of ``candidates`` (at least one), the first of them being the one that was asked for.

    ``standings`` by ``Candidate.key``; who is missing is new. ``stick_to``: a service that is kept while it is fit, where order matters. ``tried``:
    services this step has tried in vain, asked again only when no other is fit.
    """
    first = candidates[0]
    fit = [one for one in candidates if _fit(one, standings, at, reads, preference)]
    whole = sum(one.weight for one in candidates)
    panic = not fit or sum(one.weight for one in fit) <= preference.panic * whole
    pool = list(candidates) if panic else fit
    pool = [one for one in pool if one.service not in tried] or pool
    scores = _scores(candidates, standings, at, reads, preference)
    if panic:
        ranked = sorted(pool, key=lambda one: (_left(one, standings, at), scores[one]))
    else:
        ranked = sorted(pool, key=lambda one: (one.service != stick_to, one.order, scores[one] * (1 + preference.noise * dice())))
    best = ranked[0]
    return Choice(
        candidate=best,
        because=_because(best, first, standings, scores, at, panic=panic, tried=tried, stick_to=stick_to, zone=zone),
        score=scores[best],
        panic=panic,
        wait=min(_of(one, standings).useless_for(at) for one in candidates) if panic else 0.0,
    )


def score(standing: Standing, at: float, operation: str, cost: float, guess: float = GUESS) -> float:
    """Seconds until a call is done, failures and their repeats included: an answer's time, and the odds of a failure times what one costs."""
    failing = standing.failing(at)
    latency = standing.latency(operation, at)
    return (guess if latency is None else latency) + failing / (1 - failing) * cost


def _scores(
    candidates: Sequence[Candidate], standings: Mapping[str, Standing], at: float, reads: bool, preference: Preference
) -> dict[Candidate, float]:
    """Who is not known yet is taken to be as quick as the others are in the middle."""
    known = [latency for one in candidates if (latency := _of(one, standings).latency(one.operation, at)) is not None]
    guess = median(known) if known else GUESS
    cost = preference.cost if reads else preference.cost_of_write
    return {one: score(_of(one, standings), at, one.operation, cost, guess) / max(one.weight, 1e-9) for one in candidates}


def _of(one: Candidate, standings: Mapping[str, Standing]) -> Standing:
    return standings.get(one.key, NEW)


def _fit(one: Candidate, standings: Mapping[str, Standing], at: float, reads: bool, preference: Preference) -> bool:
    """A half-open breaker is tried by a read, and only where no probe does that: what may leave a doubt is no trial."""
    standing = _of(one, standings)
    if standing.shut_left(at):
        return False
    breaker = standing.breaker(at)
    return breaker is Breaker.CLOSED or (breaker is Breaker.HALF_OPEN and reads and not standing.probed_within(at, preference.checked))


def _left(one: Candidate, standings: Mapping[str, Standing], at: float) -> tuple[bool, bool]:
    """In panic: before all others who is not shut, then who is half-open."""
    standing = _of(one, standings)
    return bool(standing.shut_left(at)), standing.breaker(at) is Breaker.OPEN


# --- in words -----------------------------------------------------------------------------------------------------------


def _because(
    best: Candidate,
    first: Candidate,
    standings: Mapping[str, Standing],
    scores: Mapping[Candidate, float],
    at: float,
    *,
    panic: bool,
    tried: Collection[str],
    stick_to: str,
    zone: tzinfo,
) -> str:
    ours, theirs = named(best), named(first)
    if panic:
        return f"No way is in good health, so {ours} is asked all the same: {trouble_of(best, _of(best, standings), at, zone) or 'it is the least bad'}."
    if best == first:
        return ""
    instead = f"{ours} instead of {theirs}:"
    if first.service in tried:
        return f"{instead} {theirs} has just failed at this step."
    if said := trouble_of(first, _of(first, standings), at, zone):
        return f"{instead} {said}."
    if best.service == stick_to:
        return f"{instead} what came before it was done there."
    quick, slow = (_of(one, standings).latency(one.operation, at) for one in (best, first))
    if quick is not None and slow is not None and quick < slow:
        return f"{instead} it is expected to answer in {_seconds(quick)}, {theirs} in {_seconds(slow)}."
    return f"{instead} it is expected to be done in {_seconds(scores[best])}, {theirs} in {_seconds(scores[first])}, failures counted."


def trouble_of(one: Candidate, standing: Standing, at: float, zone: tzinfo = UTC) -> str:
    """“Jira's breaker has been open since 9:05, 6 of its last 8 calls failed”; empty while it is fit."""
    if standing.shut_left(at):
        return f"{named(one)} is left alone until {clock_time(standing.shut_until, zone)}, {standing.shut_why}"
    if standing.opened is None:
        return ""
    tally, opened = standing.tally(at), clock_time(standing.opened, zone)
    state = f"has been open since {opened}" if standing.breaker(at) is Breaker.OPEN else f"was opened at {opened} and is half-open"
    return f"{named(one)}'s breaker {state}{f', {tally}' if tally else ''}"


def named(one: Candidate) -> str:
    """With its account where that is not the usual one."""
    return product(one.service) if one.account in ("", "default") else f"{product(one.service)} ({one.account})"


def clock_time(at: float, zone: tzinfo = UTC) -> str:
    """“9:05”, with UTC behind it where that is the zone."""
    then = datetime.fromtimestamp(at, zone)
    return f"{then.hour}:{then.minute:02}" + (" UTC" if zone is UTC else "")


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
