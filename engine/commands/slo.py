"""The objectives of services: what is promised, what is spent of the error budget, and setting or removing one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, ObjectivesShown, Outcome
from engine.commands.foreseeing import watched
from engine.commands.house import House
from engine.commands.objectives import KIND, burn_down, spending
from engine.errors import NotFound, Rejected
from engine.events import PolicySaved
from engine.monitoring.slo.objective import WINDOW, Kind, Objective, checked, to_body
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowObjectives(Command):
    NAME: ClassVar[str] = "show_objectives"
    SLASH: ClassVar[str] = "/slo"
    HELP: ClassVar[str] = "The objectives of services, and what is left of their error budgets."
    EXAMPLE: ClassVar[str] = "/slo github"
    service: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        service = house.service(self.service).id if self.service else ""
        rows = tuple(await spending(house.store, house.clock.now(), service))
        chart = await burn_down(house.store, rows[0], house.clock.now(), asking.timezone) if len(rows) == 1 else None
        return Outcome(result=ObjectivesShown(rows=rows, service=service, chart=chart))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetObjective(Command):
    """``goal`` 0..1 of the answers; ``limit`` makes it one of latency: they are to be good within that time. ``window``: 28 days unless said."""

    NAME: ClassVar[str] = "set_objective"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/slo set"
    HELP: ClassVar[str] = "Promise a share of good answers of a service; how fast its error budget burns becomes an alert."
    EXAMPLE: ClassVar[str] = "/slo set github 99.5% within 800ms over 28d"
    service: str
    goal: float
    limit: timedelta | None = None
    window: timedelta | None = None
    account: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        objective = checked(self._objective(house))
        before = await house.store.policies.get(KIND, objective.id)
        saved = PolicySaved(KIND, objective.id, to_body(objective), asking.at, before.revision + 1 if before else 1)
        await house.store.ledger.record(saved, house.audit(asking, self.NAME, f"objective:{objective.id}", str(objective)))
        rows = tuple(row for row in await spending(house.store, house.clock.now(), objective.service) if row.objective == objective)
        return Outcome(result=ObjectivesShown(rows=rows, service=objective.service, changed=f"Set: {objective}."))

    def _objective(self, house: House) -> Objective:
        """Raises NotFound for a service or an account that is not measured."""
        accounts = watched(house, self.service)
        if self.account and self.account not in {account.name for account in accounts}:
            raise NotFound(
                f"{accounts[0].service} has no account “{self.account[:40]}”. /connect {accounts[0].service} lists those there are."
            )
        try:
            goal = float(self.goal)
        except (TypeError, ValueError) as error:
            raise Rejected("Say the goal as a share or in percent, such as 99.5%.") from error
        return Objective(
            service=accounts[0].service, kind=Kind.LATENCY if self.limit is not None else Kind.AVAILABILITY, goal=goal,
            window=self.window or WINDOW, limit=self.limit.total_seconds() if self.limit is not None else 0.0, account=self.account,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveObjective(Command):
    """``kind``: availability or latency; "" = whatever there is of the service."""

    NAME: ClassVar[str] = "remove_objective"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/slo remove"
    HELP: ClassVar[str] = "Take an objective back; what was measured stays."
    EXAMPLE: ClassVar[str] = "/slo remove github latency"
    service: str
    kind: str = ""
    account: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        service = house.service(self.service)
        if self.kind and self.kind not in list(Kind):
            raise Rejected(f"“{self.kind[:40]}” is no objective. Say availability or latency.")
        kinds = [Kind(self.kind)] if self.kind else list(Kind)
        ids = [Objective(service=service.id, kind=kind, account=self.account).id for kind in kinds]
        there = [policy for id in ids if (policy := await house.store.policies.get(KIND, id)) is not None]
        if not there:
            raise NotFound(f"{service.name} has no such objective. /slo lists those there are.")
        gone = [PolicySaved(KIND, policy.id, None, asking.at, policy.revision + 1) for policy in there]
        audits = [house.audit(asking, self.NAME, f"objective:{policy.id}") for policy in there]
        await house.store.ledger.record(*gone, *audits)
        rows = tuple(await spending(house.store, house.clock.now()))
        return Outcome(result=ObjectivesShown(rows=rows, changed=f"Removed: {', '.join(policy.id for policy in there)}."))
