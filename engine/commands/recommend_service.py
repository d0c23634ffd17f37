"""Which service of a kind is in the best shape now: by health score, then by how fast it answers, each with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.health_report import report
from engine.commands.house import House
from engine.errors import NotFound, Rejected
from engine.monitoring.health import ServiceHealth
from engine.workflow.catalogue import did_you_mean, listed

MOST = 8
WELL = 75.0  # below this score nothing is recommended


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendService(Command):
    """The best of ``category``, or what to take instead of ``service``."""

    NAME: ClassVar[str] = "recommend_service"
    SLASH: ClassVar[str] = "/service best"
    HELP: ClassVar[str] = "Which service of a kind is healthiest and fastest now, or what to take instead of one."
    EXAMPLE: ClassVar[str] = "/service best file storage"
    category: str = ""
    service: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        instead = house.service(self.service) if self.service.strip() else None
        category = instead.category if instead else _category(house, self.category)
        accounts = {account.service for account in house.connections.accounts() if account.mode != "off"}
        kind = category.replace("_", " ")
        rivals = [one for one in house.catalogue.services.values() if one.category == category and one.id in accounts and one != instead]
        rivals = [one for one in rivals if instead is None or one.id != instead.id]
        if not rivals:
            other = f" other than {instead.name}" if instead else ""
            raise NotFound(f"No {kind} service{other} is connected. Connect one first: /connect")
        measured: dict[str, ServiceHealth] = {}
        for health in (await report(house)).services:
            if health.service not in measured or health.health_score > measured[health.service].health_score:
                measured[health.service] = health
        names = {one.id: one.name for one in rivals}
        told = sorted((measured[one.id] for one in rivals if one.id in measured), key=_rank)
        return done("\n".join([_verdict(told, names, kind), *_rows(house, told, names)]), good=bool(told) and _well(told[0]))


def _category(house: House, said: str) -> str:
    """The category as the catalogue writes it. Raises Rejected, listing those there are."""
    known = sorted({service.category for service in house.catalogue.services.values()})
    wanted = said.strip().casefold().replace(" ", "_").replace("-", "_")
    if wanted in known:
        return wanted
    kinds = [name.replace("_", " ") for name in known]
    if not wanted:
        raise Rejected(f"Of which kind? There are {listed(kinds)}. For example: /service best file storage")
    raise Rejected(f"“{said[:40]}” is no kind of service.{did_you_mean(said, kinds)} There are {listed(kinds)}.")


def _known(health: ServiceHealth) -> bool:
    return health.request_count > 0


def _well(health: ServiceHealth) -> bool:
    return _known(health) and health.health_score >= WELL


def _rank(health: ServiceHealth) -> tuple[bool, float, float, str]:
    """The measured first, then by score in whole points, then by speed."""
    return (not _known(health), -round(health.health_score), health.response_time_ms, health.service)


def _verdict(told: list[ServiceHealth], names: dict[str, str], kind: str) -> str:
    if not told or not _known(told[0]):
        return f"Nothing is measured of the {kind} services yet, so I recommend none. Ask again in a few minutes."
    if not _well(told[0]):
        return f"None of the {kind} services is well now. The least bad is {names[told[0].service]}."
    alone = " It is the only one measured." if sum(_known(one) for one in told) == 1 else ""
    return f"Take {names[told[0].service]}: of the {kind} services it is in the best shape now.{alone}"


def _rows(house: House, told: list[ServiceHealth], names: dict[str, str]) -> list[str]:
    rows = []
    for place, health in enumerate(told[:MOST], start=1):
        name = names[health.service]
        if not _known(health):
            rows.append(f"{place}. {name}: not measured. {health.detail}".rstrip())
            continue
        failed = (
            f"{health.error_count} of {health.request_count} calls failed"
            if health.error_count
            else f"all {health.request_count} calls answered"
        )
        met = "".join(f" {line}" for line in house.fares(health.service, health.account or "default"))
        sandboxed = ", in the sandbox" if health.sandbox else ""
        rows.append(
            f"{place}. {name}: {health.health_score:.0f} of 100, {health.status.value}{sandboxed}, {health.response_time_ms:.0f} ms, {failed}.{met}"
        )
    return rows
