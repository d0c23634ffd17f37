"""Name an admin or an operator: from the first admin on, roles hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.speaking import FACES, mentioned
from engine.errors import Rejected
from engine.events import MemberSaved
from engine.parties import Role

PERSON = re.compile(r"[\w.-]{1,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAdmin(Command):
    NAME: ClassVar[str] = "name_admin"
    NEEDS: ClassVar[Role] = Role.ADMIN
    SLASH: ClassVar[str] = "/signalbox admin"
    HELP: ClassVar[str] = "Name an admin (or operator); from the first one on, roles hold."
    EXAMPLE: ClassVar[str] = "/signalbox admin @you"
    user: str
    role: str = "admin"
    places: Mapping[str, str] = field(default_factory=dict)  # what a mention meant where it was said

    async def handle(self, house: House, asking: Asking) -> Outcome:
        role = self.role.strip().casefold()
        if role not in list(Role):
            raise Rejected(f"“{self.role[:40]}” is no role. Say admin, operator or viewer.")
        actor, name = self._member(asking)
        admins = await house.store.members.admins()
        if actor in admins and len(admins) == 1 and role != Role.ADMIN:
            raise Rejected(f"{name} is the only admin; without one everyone could do everything. Name another admin first.")
        await house.store.ledger.record(MemberSaved(actor, name, Role(role)), house.audit(asking, self.NAME, actor, role))
        return done(f"{name} is {role} now.{_and_so(admins, role)}", public=True)

    def _member(self, asking: Asking) -> tuple[str, str]:
        text = self.user.strip()
        if text.casefold().strip("@") in ("me", "you", asking.actor.name.casefold()) or text.strip("@") == asking.actor.user:
            return asking.actor.id, asking.actor.name
        if found := mentioned(text):
            return f"{asking.where.face}:{found[0]}", found[1] or found[0]
        face, _, user = self.places.get(text, text).partition(":")
        if face in FACES and PERSON.fullmatch(user):
            return f"{face}:{user}", text.lstrip("@") if text in self.places else user
        raise Rejected(f"I do not know whom “{text[:60]}” means. Mention them (@name), or write face:id, for example slack:U0123.")


def _and_so(admins: Mapping[str, str], role: str) -> str:
    if admins:
        return ""
    if role == Role.ADMIN:
        return " From now on roles hold: everyone may look, operators and admins may act."
    return " Roles hold once an admin is named (/signalbox admin @you); until then everyone may do everything."
