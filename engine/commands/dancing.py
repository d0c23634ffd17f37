"""The steps of the OAuth dance that a browser takes: who began it must still be an admin, and what came of it is in the audit."""

from __future__ import annotations

from collections.abc import Mapping

from engine.commands.connecting import the_desk
from engine.commands.house import House
from engine.errors import Rejected, SignalboxError
from engine.events import Audited
from engine.parties import Actor, Role
from engine.ports import Connected, Going

VERB = "connect_service"


async def opened(house: House, ticket: str) -> Going:
    """Raises Rejected when the link is over, Forbidden when whoever it was made for is no admin (any more)."""
    desk = the_desk(house)
    await house.require(await desk.who(ticket), Role.ADMIN)
    return await desk.open(ticket)


async def finished(house: House, said: Mapping[str, str], browser: str) -> Connected:
    """Raises the hall's errors, each a sentence for whoever looks at the page."""
    desk = the_desk(house)
    if not said.get("state"):
        raise Rejected("This address is for services that send a browser back. Say /connect in a chat to begin.")
    actor = await desk.returning(said["state"])
    try:
        await house.require(actor, Role.ADMIN)
        connected = await desk.finish(said, browser)
    except SignalboxError as error:
        await house.store.ledger.record(_row(house, actor, "", "refused", str(error)))
        raise
    account = connected.account
    await house.store.ledger.record(_row(house, actor, f"account:{account.service}:{account.name}", "done", "in the browser"))
    return connected


def _row(house: House, actor: Actor, subject: str, outcome: str, detail: str) -> Audited:
    return Audited(
        at=house.clock.now(), actor=actor.id, actor_name=actor.name, verb=VERB, subject=subject, outcome=outcome, detail=detail[:300]
    )
