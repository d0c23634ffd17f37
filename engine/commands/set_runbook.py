"""Say which page tells what to do about a service's alerts; it stands on every card of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.alerting import service_meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import NotFound, Rejected
from engine.events import PolicySaved
from engine.monitoring.inbound import link
from engine.monitoring.runbook import ALL, KIND
from engine.parties import Role
from engine.workflow.catalogue_data import product

MOST = 500
RULES = ("availability", "credential", "response_time", "throughput", "forecast", "burn_rate", "anomaly")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRunbook(Command):
    """``about``: a service, a service and a rule, or “all”; "" = list them. ``page``: a web address; “off” takes it away."""

    NAME: ClassVar[str] = "set_runbook"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts runbook"
    HELP: ClassVar[str] = "Put a link to your runbook onto the alerts of a service, or of one rule of it."
    EXAMPLE: ClassVar[str] = "/alerts runbook github https://wiki.example.com/github"
    about: str = ""
    page: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.about.strip():
            return done(await self._listed(house))
        id, known = await self._id(house), await house.store.policies.of(KIND)
        revision = next((one.revision for one in known if one.id == id), 0)
        if self.page.strip().casefold() in ("off", "none"):
            if not revision:
                raise NotFound(f"No runbook is set for {_called(id)}. /alerts runbook lists those there are.")
            await self._save(house, asking, PolicySaved(KIND, id, None, asking.at, revision + 1), "off")
            return done(f"Alerts of {_called(id)} name no runbook any more.", public=True)
        page = link(self.page)
        if not page:
            raise Rejected(f"Which page? A web address, for example: {self.EXAMPLE}")
        if not revision and len(known) >= MOST:
            raise Rejected(f"{MOST} runbooks are set; take one away first.")
        await self._save(house, asking, PolicySaved(KIND, id, {"page": page, "by": asking.actor.name}, asking.at, revision + 1), page)
        return done(f"Alerts of {_called(id)} name this runbook from now on: {page}", public=True)

    async def _id(self, house: House) -> str:
        words = self.about.strip().casefold().replace(".", " ").split()
        rule = next((word for word in words if word in RULES), "")
        rest = " ".join(word for word in words if word != rule)
        if rest == ALL:
            return ALL
        service = await service_meant(house, rest)
        return f"{service}.{rule}" if rule else service

    async def _save(self, house: House, asking: Asking, saved: PolicySaved, detail: str) -> None:
        await house.store.ledger.record(saved, house.audit(asking, self.NAME, f"runbook:{saved.id}", detail))

    async def _listed(self, house: House) -> str:
        pages = [f"{_called(one.id)}: {one.body.get('page', '')}" for one in await house.store.policies.of(KIND)]
        return "\n".join(["Runbooks", *pages]) if pages else f"No runbook is set. Set one: {self.EXAMPLE}"


def _called(id: str) -> str:
    service, _, rule = id.partition(".")
    return "every service" if service == ALL else product(service) + (f" ({rule.replace('_', ' ')})" if rule else "")
