"""Name an admin or an operator: from the first admin on, roles hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import Rejected
from engine.events import MemberSaved
from engine.parties import Role

MENTION = re.compile(r"<@!?(?P<id>[A-Za-z0-9]+)(?:\|(?P<name>[^>]*))?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAdmin(Command):
    NAME: ClassVar[str] = "name_admin"
    NEEDS: ClassVar[Role] = Role.ADMIN
    SLASH: ClassVar[str] = "/signalbox admin"
    HELP: ClassVar[str] = "Name an admin (or operator); from the first one on, roles hold."
    EXAMPLE: ClassVar[str] = "/signalbox admin @you"
    user: str
    role: str = "admin"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if self.role not in list(Role):
            raise Rejected(f"“{self.role}” is no role. Use admin, operator or viewer.")
        actor, name = self._member(asking)
        first = not await house.store.members.admins()
        await house.store.ledger.record(
            MemberSaved(actor, name, Role(self.role)), house.audit(asking, self.NAME, actor, self.role)
        )
        now = " From now on roles hold: others may look, operators and admins may act." if first and self.role == "admin" else ""
        return done(f"{name} is now {self.role}.{now}", public=True)

    def _member(self, asking: Asking) -> tuple[str, str]:
        text = self.user.strip()
        if text.casefold().strip("@") in ("me", "you", asking.actor.name.casefold()) or text.strip("@") == asking.actor.user:
            return asking.actor.id, asking.actor.name
        if found := MENTION.fullmatch(text):
            return f"{asking.where.face}:{found['id']}", found["name"] or found["id"]
        if text.count(":") == 1 and not text.startswith(":"):
            return text, text.partition(":")[2]
        raise Rejected(f"I do not know whom “{text}” means. Mention them (@name), or write face:id, for example slack:U0123.")
