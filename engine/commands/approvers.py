"""Who is asked to approve something: people, groups of a platform and roles of the house, and whether somebody is one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.commands.house import OWNER_FACES, House
from engine.errors import Forbidden, Rejected
from engine.parties import Actor, Role
from engine.workflow.catalogue import listed

_PERSON = re.compile(r"<@!?(?P<id>[A-Za-z0-9]{1,40})(?:\|@?(?P<name>[^>]*))?>")
_GROUP = re.compile(r"<(?:!subteam\^|@&)(?P<id>[A-Za-z0-9]{1,40})(?:\|@?(?P<name>[^>]*))?>")
_SLACK_GROUP = re.compile(r"S[A-Z0-9]{6,20}")
ROLE = "role:"


class Kind(StrEnum):
    PERSON = "person"
    GROUP = "group"
    ROLE = "role"
    NAME = "name"  # only a word: a group of that name where the face knows one


@dataclass(frozen=True, slots=True)
class Approver:
    """``id``: the face's own, a role's name, or the word itself. ``name``: for people to read. ``face``: where the id counts, "" = not known."""

    kind: Kind
    id: str
    name: str
    face: str = ""

    @property
    def words(self) -> str:
        if self.kind is Kind.ROLE:
            return f"the {self.id}s"
        return self.name if self.kind is Kind.PERSON else f"@{self.name}"


def approvers(by: Iterable[str], places: Mapping[str, str], home: str) -> tuple[Approver, ...]:
    """``by`` as a definition says it; ``places`` and ``home`` are the definition's own."""
    return tuple(_approver(said.strip(), places, home) for said in by if said.strip())


def _approver(said: str, places: Mapping[str, str], home: str) -> Approver:
    if said.startswith(ROLE):
        role = said.removeprefix(ROLE).strip().casefold()
        return Approver(Kind.ROLE, role, role)
    if mention := _PERSON.fullmatch(said):
        return Approver(Kind.PERSON, mention["id"], mention["name"] or mention["id"], home)
    if mention := _GROUP.fullmatch(said):
        return Approver(Kind.GROUP, mention["id"], mention["name"] or mention["id"], home)
    name = said.lstrip("@")
    face, _, id = (places.get(said) or places.get(f"@{name}") or "").rpartition(":")
    if not id:
        return Approver(Kind.NAME, name, name, home)
    group = id.startswith("&") or bool(face == "slack" and _SLACK_GROUP.fullmatch(id))
    return Approver(Kind.GROUP if group else Kind.PERSON, id.removeprefix("&"), name, face or home)


async def refuse_unasked(house: House, actor: Actor, asked: tuple[Approver, ...]) -> None:
    """Raises Forbidden for somebody who was not asked, naming who was. Admins and whoever holds the machine may answer for them.

    Where nobody in particular was asked, whoever may confirm may answer.
    """
    if not asked:
        await house.require(actor, Role.OPERATOR)
    if not asked or actor.face in OWNER_FACES:
        return
    admins = await house.store.members.admins()
    if actor.id in admins:
        return
    unclear = []
    for one in asked:
        try:
            if await _is(house, actor, one, admins):
                return
        except Rejected as error:
            unclear.append(str(error))
    names = ", ".join(sorted(admins.values())[:5])
    then = f"Ask them, or an admin: {names}." if names else "Ask them, or an admin."
    several = len(asked) > 1 or asked[0].kind is Kind.ROLE
    said = f"{await _who(house, asked)} {'were' if several else 'was'} asked to decide this, not you."
    raise Forbidden(" ".join([said, *unclear, then]))


async def _is(house: House, actor: Actor, one: Approver, admins: Mapping[str, str]) -> bool:
    """Raises Rejected where nobody can tell."""
    match one.kind:
        case Kind.PERSON:
            return actor.user == one.id and one.face in ("", actor.face)
        case Kind.ROLE:
            return not admins or await _holds(house, actor, one.id)
        case Kind.GROUP:
            return one.face in ("", actor.face) and await house.groups.belongs(actor, one.id)
    try:
        return await house.groups.belongs(actor, one.id)
    except Rejected:
        if admins:
            raise
        return True  # nobody has been given a role yet, so everyone may do everything


async def _holds(house: House, actor: Actor, role: str) -> bool:
    held = await house.store.members.role(actor.id) or Role.VIEWER
    return role in list(Role) and held.rank >= Role(role).rank


async def _who(house: House, asked: tuple[Approver, ...]) -> str:
    ids = [f"{one.face}:{one.id}" for one in asked if one.kind is Kind.PERSON]
    known = await house.names(ids)
    said = listed(((known.get(f"{one.face}:{one.id}") or one.words) for one in asked), "or")
    return said[:1].upper() + said[1:] if said.startswith("the ") else said
