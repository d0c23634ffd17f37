"""``/metrics``: the house in numbers, for Prometheus and whoever reads OpenMetrics."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.responses import Response

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import BearerToken
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.tallies import Tallies
from engine.commands.command import HealthShown
from engine.errors import Rejected
from engine.monitoring.alert import AlertState
from engine.monitoring.health import HealthStatus, ServiceHealth
from engine.monitoring.rollup import Rollup, Span, merged
from engine.prediction.calibration import Calibration

if TYPE_CHECKING:
    from bot.faces.rest.exposition import Family, Scrape

WINDOW = timedelta(minutes=15)  # of latencies
FRESH = timedelta(seconds=2)  # so long one scrape answers for the next, too
JUDGED = timedelta(days=90)
MOST_JUDGED = 20_000
OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)
MOST_ALERTS = 10_000
QUANTILES = (0.5, 0.95, 0.99)
ACCOUNT = ("service", "account")
FORWARDED = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "x-forwarded")
TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "OpenMetrics where `Accept` asks for it", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


class MetricsRoutes:
    """``token`` is asked of everyone but a program on this very machine."""

    def __init__(self, face: RestFace, token: BearerToken) -> None:
        self._face, self._token = face, token
        self._tallies = Tallies()
        self._turn = asyncio.Lock()
        self._last: tuple[datetime, Scrape] | None = None
        face.store.ledger.listen(self._tallies.heard)

    def router(self) -> LateRouter:
        router = LateRouter()
        router.add_api_route(
            "/metrics", self.metrics, methods=["GET"], response_class=Response, tags=["health"], responses={**failures(), **TEXT}
        )
        return router

    async def metrics(self, request: Request) -> Response:
        """The house in numbers. Open to programs on the same machine; everyone else sends the token."""
        if not is_next_door(request):
            await self._token(request)
        from bot.faces.rest.exposition import written  # loaded by whoever scrapes first: a start does without it

        text, media = written(await self._scrape(request.app.version), request.headers.get("accept", ""))
        return Response(text, media_type=media, headers={"cache-control": "no-store"})

    async def _scrape(self, version: str) -> Scrape:
        async with self._turn:
            now = self._face.clock.now()
            if self._last is None or not timedelta() <= now - self._last[0] < FRESH:
                self._last = now, await self._gathered(version, now)
            return self._last[1]

    async def _gathered(self, version: str, now: datetime) -> Scrape:
        from bot.faces.rest.exposition import Scrape, measured

        store = self._face.store
        outcome = await self._face.desk.do("health_report", {}, self._face.actor(), self._face.where(), self._face.clock.new_id("rest"))
        if not isinstance(outcome.result, HealthShown):
            raise Rejected("The health of the services is not known; look at /healthz.")
        recent = await store.rollups.between(Span.MINUTE, now - WINDOW, now)
        alerts = await store.alerts.list(states=OPEN, limit=MOST_ALERTS)
        standing = Counter((alert.state.value, alert.severity.value, "yes" if alert.quiet else "no") for alert in alerts)
        runs, posts = await store.runs.census(), await store.postings.census()
        build = measured("build_info", "The version that runs.", ("version",), [((version,), 1.0)])
        stored = measured("storage_ok", "1 while what happens can be written down.", (), [((), float(not store.ledger.trouble()))])
        return Scrape(
            [
                build,
                stored,
                *_health(self._named(outcome.result.services)),
                *_latency(recent),
                measured(
                    "alerts", "Open alerts; quiet: nobody was told, for a reason.", ("state", "severity", "quiet"), sorted(standing.items())
                ),
                measured("runs", "Runs that are not over.", ("state",), sorted(((state.value,), count) for state, count in runs.items())),
                measured(
                    "outbox",
                    "Cards that wait, are on their way, or were given up.",
                    ("state",),
                    sorted(((state.name.lower(),), count) for state, count in posts.items()),
                ),
                *_foretold(Calibration.of(await store.foretold.list(since=now - JUDGED, settled=True, limit=MOST_JUDGED))),
                *self._counted(),
            ]
        )

    def _named(self, services: Sequence[ServiceHealth]) -> list[ServiceHealth]:
        """Each with its account, also where it is the only one of its service, so that it bears the same labels everywhere."""
        names = {account.service: account.name for account, _ in self._face.desk.connections()}
        return [replace(one, account=one.account or names.get(one.service, "")) for one in services]

    def _counted(self) -> Iterator[Family]:
        from bot.faces.rest.exposition import counted

        tallies = self._tallies
        yield counted(
            "samples", "Probes and calls of this process, by how they ended.", (*ACCOUNT, "source", "outcome"), tallies.samples.items()
        )
        yield counted("run_events", "Runs that were started here, and how they ended.", ("event",), _keyed(tallies.runs))
        yield counted("posts", "Cards sent, put off, and given up.", ("outcome",), _keyed(tallies.posts))
        yield counted("alerts_opened", "Alerts that were opened here.", ("severity",), _keyed(tallies.alerts))


def _foretold(known: Calibration) -> Iterator[Family]:
    """How good what was foretold of runs has been; nothing is claimed of too few."""
    from bot.faces.rest.exposition import measured

    yield measured("foretold_runs", "Runs of 90 days that were foretold and are over.", (), [((), float(known.count))])
    figures = {"brier": known.brier, "calibration_error": known.error, "skill": known.skill} if known.enough else {}
    lines = [((name,), value) for name, value in figures.items() if value is not None]
    yield measured("foretold", "How good that was: Brier score, calibration error, skill over the usual rate.", ("figure",), lines)


def _keyed(counts: Mapping[str, int]) -> list[tuple[tuple[str, ...], float]]:
    return [((name,), count) for name, count in counts.items()]


def _health(services: Sequence[ServiceHealth]) -> Iterator[Family]:
    """Accounts of which nothing is known have neither: no number is better than a wrong one."""
    from bot.faces.rest.exposition import measured

    known = [one for one in services if one.status is not HealthStatus.UNKNOWN]
    up = [((one.service, one.account), float(one.status is not HealthStatus.OFFLINE)) for one in known]
    yield measured("service_up", "1 while a service answers, 0 while it is offline.", ACCOUNT, up)
    scores = [((one.service, one.account), one.health_score) for one in known]
    yield measured("service_health_score", "0 to 100, over the last 15 minutes.", ACCOUNT, scores)
    made_up = [((one.service, one.account), float(one.sandbox)) for one in services]
    yield measured("service_sandbox", "1 where the sandbox answers in the service's place.", ACCOUNT, made_up)


def _latency(recent: list[Rollup]) -> Iterator[Family]:
    from bot.faces.rest.exposition import measured

    groups: dict[tuple[str, str, str], list[Rollup]] = {}
    for row in recent:
        groups.setdefault((row.service, row.account, row.source.value), []).append(row)
    rows = [(key, merged(group[0], group)) for key, group in sorted(groups.items())]
    lines = [((*key, f"{share:g}"), value) for key, row in rows for share in QUANTILES if (value := row.sketch.quantile(share)) is not None]
    labels = (*ACCOUNT, "source", "quantile")
    yield measured("service_latency_seconds", "Over the last 15 whole minutes, within 1 %.", labels, lines)
    rates = [(key, rate) for key, row in rows if (rate := row.success_rate) is not None]
    yield measured("service_success_ratio", "0 to 1, over the last 15 whole minutes.", (*ACCOUNT, "source"), rates)


def is_next_door(request: Request) -> bool:
    """A program on this machine that speaks for itself: not a proxy for somebody else, nor a page that was led here by a false name.

    A proxy that names nobody is known by its speech: nginx, unless it is told otherwise, speaks HTTP/1.0 to what is behind it. One that passes
    on bare TCP cannot be known.
    """
    peer = request.client.host if request.client else ""
    if request.scope.get("http_version") == "1.0":
        return False
    if not _is_loopback(peer) or any(name.startswith(FORWARDED) for name in request.headers):
        return False
    host = request.headers.get("host", "")
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name == "localhost" or _is_loopback(name)


def _is_loopback(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
