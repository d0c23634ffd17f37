"""Connect an account of a service: what it needs, a link to say yes in the browser, or a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.connecting import may_connect, shown, the_desk
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import NotFound, Rejected
from engine.ports import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectService(Command):
    """Everybody may look; the link and the form are for admins, and asked for again when they are used."""

    NAME: ClassVar[str] = "connect_service"
    SLASH: ClassVar[str] = "/connect"
    HELP: ClassVar[str] = "Connect an account of a service, in the browser or by a form; “as NAME” makes a further one, “off” disconnects."
    EXAMPLE: ClassVar[str] = "/connect github"
    service: str = ""
    account: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.service or house.connecting is None:
            return _everything(house, house.service(self.service).id if self.service else "")
        admin = await may_connect(house, asking)
        card = shown(house, self.service, self.account, admin=admin)
        if not admin or not any(_ready(way) for way in card.ways):
            return Outcome(result=card)
        try:
            link = await the_desk(house).begin(card.service, card.account, asking.actor)
        except Rejected:
            return Outcome(result=card)  # set in the environment: the card says so
        return Outcome(result=shown(house, self.service, self.account, link=link))


def _ready(way: Way) -> bool:
    """Whether a browser can be sent away as things are; else a form asks for what must be known before."""
    return way.browser and not way.missing and not any(need.required for need in way.needs)


def _everything(house: House, service: str) -> Outcome:
    accounts = [one for one in house.connections.accounts() if service in ("", one.service)]
    if not accounts:
        raise NotFound(
            f"{house.service(service).name if service else 'Nothing'} has no connector in this version, so it cannot be connected yet."
        )
    lines = []
    for one in accounts:
        called = house.service(one.service).name + ("" if one.name == "default" else f" ({one.name})")
        lines.append(f"{called}: {one.mode}. {one.missing or 'Nothing is missing.'}")
    how = "/connect NAME connects one. Settings can also go into .env beside main.py, but never into a chat."
    title = f"Connecting {house.service(service).name}" if service else "What is connected"
    return done("\n".join([title, *lines, how]))
