"""What was done elsewhere while its own service was down, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.rerouted import batches, forgotten_of, kept
from engine.commands.reroutes_shown import ReroutesShown
from engine.workflow.putting_right import Fate

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReroutes(Command):
    """``service``: only of this one."""

    NAME: ClassVar[str] = "list_reroutes"
    SLASH: ClassVar[str] = "/service reroutes"
    HELP: ClassVar[str] = "What was done elsewhere while a service was down and is still to be decided, or of all services."
    EXAMPLE: ClassVar[str] = "/service reroutes jira"
    service: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        service = house.service(self.service).id if self.service.strip() else ""
        things = [one for one in await kept(house.store, service) if one.fate in (Fate.OPEN, Fate.DOING, Fate.FAILED)][:MOST]
        whole = [one for one in await batches(house.store, service) if things and {one.stream for one in things} == set(one.items)]
        forgotten = await forgotten_of(house.store, things)
        shown = ReroutesShown(
            service=service,
            things=tuple(things),
            batch=whole[0] if len(whole) == 1 else None,
            forgotten=forgotten,
            timezone=asking.timezone,
        )
        return Outcome(result=shown, public=False)
