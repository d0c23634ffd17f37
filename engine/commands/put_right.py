"""Do at its own service, too, what was done elsewhere while that was down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import earlier, noted, open_draft, settle, settled
from engine.commands.house import House
from engine.commands.rerouted import DO, batches, check_seen, decided, kept, of_batch, the_batch
from engine.errors import NotFound
from engine.parties import Address, Role
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Draft
from engine.workflow.putting_right import Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRight(Command):
    """``card``: of one batch, pressed; else ``service``: everything open of it, after a Confirm."""

    NAME: ClassVar[str] = "put_right"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/service put-right"
    HELP: ClassVar[str] = "Do at a service, too, what was done elsewhere while it was down."
    EXAMPLE: ClassVar[str] = "/service put-right jira"
    BUTTON: ClassVar[str] = "put.do"
    service: str = ""
    card: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> PutRight:
        return cls(card=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.card:
            return await self._drafted(house, asking)
        batch = await the_batch(house.store, self.card)
        check_seen(asking, batch)
        said = {one.stream: DO for one in await of_batch(house.store, batch) if one.fate is Fate.OPEN}
        text = await decided(house, asking, batch.service, said, [batch], verb=self.NAME)
        return await noted(house, asking, self.card, text)

    async def _drafted(self, house: House, asking: Asking) -> Outcome:
        if before := await earlier(house, asking):
            return before
        service = house.service(self.service).id
        things = [one for one in await kept(house.store, service) if one.fate is Fate.OPEN]
        if not things:
            raise NotFound(f"Nothing that was done elsewhere waits to be put right in {product(service)}.")
        text = f"In {product(service)}, too: " + "; ".join(
            f"{one.name}: {one.step}, done in {product(one.instead.partition('.')[0])}" for one in things[:10]
        )
        more = f" and {len(things) - 10} more" if len(things) > 10 else ""
        return await open_draft(
            house, asking, command=self.NAME, text=f"{text}{more}.", more={"service": service, "streams": [one.stream for one in things]}
        )

    @classmethod
    async def confirmed(cls, house: House, asking: Asking, draft: Draft) -> Outcome:
        """What was seen and is still open; what came since is not done unseen."""
        service, seen = str(draft.arguments["service"]), draft.arguments.get("streams")
        streams = set(map(str, seen)) if isinstance(seen, list) else set()
        said = {one.stream: DO for one in await kept(house.store, service) if one.fate is Fate.OPEN and one.stream in streams}
        await decided(house, asking, service, said, await batches(house.store, service), verb=cls.NAME, where=Address.parse(draft.where))
        await settle(house, draft)
        return await settled(house, asking, draft)
