"""Order what a service delivers to this house, or end such an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import Rejected
from engine.parties import Role
from engine.ports import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchService(Command):
    """``target``: what it is about, as the service asks for it; for several things parted by “ / ”."""

    NAME: ClassVar[str] = "watch_service"
    NEEDS: ClassVar[Role] = Role.ADMIN
    HELP: ClassVar[str] = "Let a service deliver what happens there (“watch acme/web”), or end that (“unwatch acme/web”)."
    EXAMPLE: ClassVar[str] = "/service github watch acme/web"
    service: str
    target: str = ""
    account: str = ""
    off: bool = False

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if house.watching is None:
            raise Rejected("Nothing can be ordered from this process.")
        service = house.service(self.service)
        if not self.off and (then := await house.watching.expect(service.id, self.account)):
            about = f"account:{service.id}:{self.account or 'default'}"
            await house.store.ledger.record(house.audit(asking, self.NAME, about, detail="its greeting is awaited"))
            return done(then)
        said = targets(house.watching.asks(service.id), self.target)
        if self.off:
            ended = await house.watching.unwatch(service.id, self.account, said)
            await house.store.ledger.record(
                house.audit(asking, self.NAME, f"account:{service.id}:{ended.account}", detail=f"off {ended.target}")
            )
            return done(f"{service.name} no longer delivers {ended.target}.")
        watch = await house.watching.watch(service.id, self.account, said)
        await house.store.ledger.record(house.audit(asking, self.NAME, f"account:{service.id}:{watch.account}", detail=watch.target))
        return done(f"{service.name} delivers {watch.target} from now on. {ends(watch)}".strip())


def targets(wants: Sequence[str], words: str) -> dict[str, str]:
    """What was said in a row (``acme/web``, or ``Ops / General`` for two) by its names."""
    parts = [words.strip()] if len(wants) <= 1 else [part.strip() for part in words.split(" / ", len(wants) - 1)]
    return dict(zip(wants or ("target",), parts, strict=False)) if words.strip() else {}


def ends(watch: Watch) -> str:
    return "" if watch.ends_at is None else f"It is renewed before it ends on {watch.ends_at:%Y-%m-%d %H:%M} UTC."
