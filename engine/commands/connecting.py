"""What commands about connections share: which account is meant, and what its card shows."""

from __future__ import annotations

from engine.commands.command import Asking, ConnectionShown
from engine.commands.house import House
from engine.errors import Forbidden, NotFound, Rejected
from engine.parties import Role
from engine.ports import Account, Connecting

CARD = "con_"


def card_id(service: str, account: str) -> str:
    return f"{CARD}{service}.{account}"[:60]


def meant_by(card: str) -> tuple[str, str]:
    """Service and account of a card's id."""
    service, _, account = card.removeprefix(CARD).partition(".")
    return service, account


def the_desk(house: House) -> Connecting:
    """Raises Rejected for a house that connects nothing."""
    if house.connecting is None:
        raise Rejected("Nothing can be connected in this process.")
    return house.connecting


def account_of(house: House, service: str, account: str) -> Account | None:
    return next((one for one in house.connections.accounts() if (one.service, one.name) == (service, account)), None)


async def may_connect(house: House, asking: Asking) -> bool:
    try:
        await house.require(asking.actor, Role.ADMIN)
    except Forbidden:
        return False
    return True


def shown(house: House, service: str, account: str, *, link: str = "", admin: bool = True) -> ConnectionShown:
    """Raises NotFound for a service without a connector."""
    known = house.service(service)
    if not any(one.service == known.id for one in house.connections.accounts()):
        raise NotFound(f"{known.name} has no connector in this version, so it cannot be connected yet.")
    desk = the_desk(house)
    name = desk.key(account)
    there = [one for one in house.connections.accounts() if one.service == known.id]
    return ConnectionShown(
        service=known.id,
        name=known.name,
        account=name,
        there=next((one for one in there if one.name == name), None),
        others=tuple(one for one in there if one.name != name),
        ways=tuple(desk.ways(known.id, name)),
        kept=desk.kept(known.id, name),
        link=link,
        admin=admin,
    )
