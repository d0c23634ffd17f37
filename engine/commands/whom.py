"""Whom people mean when they name somebody to be called: a person, a rota, a group of a platform or a channel."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.commands.approvers import Kind as Asked
from engine.commands.approvers import approvers
from engine.commands.command import Asking
from engine.commands.house import REMEMBERED, House
from engine.commands.speaking import FACES
from engine.errors import NotFound, Rejected
from engine.monitoring.escalation import Kind, Target
from engine.monitoring.oncall import KIND as ROTA
from engine.monitoring.oncall import Member, Rota, rota_of
from engine.parties import OWNER, Address
from engine.workflow.catalogue import did_you_mean

ME = frozenset({"me", "i", "myself", "@me", "@myself"})
_ID = re.compile(r"(?P<face>[a-z]+):(?P<own>[\w.-]{1,80})")
_CHANNEL = re.compile(r"<#(?P<id>\w+)(?:\|(?P<name>[^>]*))?>")


async def person(house: House, asking: Asking, said: str, places: Mapping[str, str]) -> Member:
    """Raises NotFound for a name that nobody here goes by, Rejected for a group or a name that several go by."""
    text = said.strip()
    if text.casefold() in ME or text.casefold().lstrip("@") in (asking.actor.name.casefold(), asking.actor.user.casefold()):
        return Member(asking.actor.id, asking.actor.name, asking.timezone)
    exact = _ID.fullmatch(text)
    if exact and exact["face"] in FACES:
        return Member(text, (await house.names([text])).get(text, exact["own"]))
    (meant,) = approvers([text], places, asking.where.face) or (None,)
    if meant is None:
        raise Rejected("Whom? Mention them (@name), or write face:id, for example slack:U0123.")
    if meant.kind is Asked.PERSON:
        id = f"{meant.face or asking.where.face}:{meant.id}"
        return Member(id, (await house.names([id])).get(id, meant.name))
    if meant.kind is not Asked.NAME:
        raise Rejected(f"{meant.words} is a group; a rota holds people. Mention each of them.")
    return await _known(house, text.lstrip("@"))


async def target(house: House, asking: Asking, said: str, places: Mapping[str, str]) -> Target:
    """``rota ops``, ``@ada``, ``@leads`` (a group), ``#channel`` or ``face:#channel``. Raises as ``person``."""
    text = said.strip()
    known = await rotas(house)
    if text.casefold().startswith("rota "):
        rota = named(known, text[5:])
        return Target(Kind.ROTA, rota.id, rota.name)
    if (channel := _channel(text, places, asking)) is not None:
        return channel
    if (bare := text.lstrip("@").casefold()) in known and not text.startswith("<"):
        return Target(Kind.ROTA, known[bare].id, known[bare].name)
    group = next((one for one in approvers([text], places, asking.where.face) if one.kind is Asked.GROUP), None)
    if group is not None:
        return Target(Kind.GROUP, f"{group.face or asking.where.face}:{group.id}", group.name)
    who = await person(house, asking, text, places)
    return Target(Kind.PERSON, who.id, who.name)


def _channel(text: str, places: Mapping[str, str], asking: Asking) -> Target | None:
    if token := _CHANNEL.fullmatch(text):
        return Target(Kind.CHANNEL, f"{asking.where.face}:{token['id']}", f"#{token['name'] or token['id']}")
    if text.startswith("#") and len(text) > 1:
        return Target(Kind.CHANNEL, places.get(text) or f"{asking.where.face}:{text}", text)
    face, _, channel = text.partition(":")
    if face in FACES and channel.startswith("#"):
        return Target(Kind.CHANNEL, str(Address(face, channel)), channel)
    return None


async def _known(house: House, name: str) -> Member:
    """Somebody who did something here lately, holds a role or is in a rota."""
    found: dict[str, str] = {}
    for row in await house.store.audit.list(limit=REMEMBERED):
        found.setdefault(row.actor, row.actor_name)
    found |= dict(await house.store.members.admins())
    found |= {member.id: member.name for rota in (await rotas(house)).values() for member in rota.members}
    people = {id: called for id, called in found.items() if called and not id.startswith("signalbox:")}
    fitting = {id for id, called in people.items() if called.casefold().replace(" ", "-") == name.casefold().replace(" ", "-")}
    if not fitting and name.casefold() == OWNER.user:  # by whatever name they go on the page, and before they did anything
        return Member(OWNER.id, people.get(OWNER.id, OWNER.name))
    if len(fitting) == 1:
        id = fitting.pop()
        return Member(id, people[id])
    if fitting:
        raise Rejected(f"{len(fitting)} people are called “{name[:60]}”: {', '.join(sorted(fitting)[:5])}. Write that instead of the name.")
    hint = did_you_mean(name[:60], {called: called for called in people.values()})
    raise NotFound(f"Nobody here is known as “{name[:60]}”.{hint} Mention them (@name), or write face:id, for example slack:U0123.")


# --- rotas by name -------------------------------------------------------------------------------------------------------


async def rotas(house: House) -> dict[str, Rota]:
    """By id. Raises Invalid for one that cannot be read."""
    return {policy.id: rota_of(policy.id, policy.body, policy.revision) for policy in await house.store.policies.of(ROTA)}


def named(known: Mapping[str, Rota], name: str) -> Rota:
    """Raises NotFound, naming those there are."""
    wanted = rota_id(name)
    if wanted in known:
        return known[wanted]
    there = f" There are: {', '.join(known)}." if known else " Set one up: /oncall set ops @ada @bob weekly monday 9:00"
    raise NotFound(f"There is no rota “{name.strip()[:60]}”.{there}")


def rota_id(name: str) -> str:
    """``Ops Team`` → ``ops-team``: how it is typed, and what a button can carry."""
    return re.sub(r"[^a-z0-9_.-]+", "-", name.strip().casefold())[:40].strip("-.")
