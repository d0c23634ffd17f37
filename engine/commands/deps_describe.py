"""Say what is known of one thing of the map: its team, how important it is, what else it is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.map_names import component, current, fresh, known
from engine.commands.map_shown import MapEdited
from engine.commands.map_sources import Source, card_id, declare, said_by, source_of, with_component
from engine.errors import Invalid, Rejected
from engine.graph.declared.component import MOST_ALIASES, Component, ComponentKind, Criticality
from engine.graph.declared.names import LONGEST_NAME, clean, quoted
from engine.graph.discovery.map import Map
from engine.parties import Role
from engine.workflow.catalogue import did_you_mean, listed

NOBODY = frozenset({"", "nobody", "none", "no one", "off", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeComponent(Command):
    """One of them at a time. ``owner`` “nobody”, ``tier`` “none”: as if it had not been said by hand."""

    NAME: ClassVar[str] = "describe_component"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/deps owner"
    HELP: ClassVar[str] = "Say whose a component is; “/deps tier X 1” how important, “/deps alias X Y” what else it is called."
    EXAMPLE: ClassVar[str] = "/deps owner checkout Team Shop"
    component: str
    owner: str | None = None
    tier: str | None = None
    criticality: str | None = None
    alias: str | None = None

    async def handle(self, house: House, asking: Asking) -> Outcome:
        map = await current(house)
        id = component(map, house, self.component)
        changes, words = self._changes(map, house, id)
        now = map.components[id]
        if all(getattr(now, name) == value for name, value in changes.items()):
            return done(f"{words} Nothing was changed: that is so already.")
        by_hand = await source_of(house)
        told = with_component(by_hand.told, _with(by_hand, id, now, changes, asking))
        revision = await declare(house, asking, by_hand, told, verb=self.NAME, subject="map", detail=f"{id}: {words}")
        after = house.map().components.get(id)
        if after is not None and any(getattr(after, name) != value for name, value in changes.items()):
            words += "\nWhat others say of it still counts, see /deps check."
        return Outcome(result=MapEdited(id=card_id(by_hand.id), revision=revision, text=words), public=True)

    def _changes(self, map: Map, house: House, id: str) -> tuple[dict[str, Any], str]:
        """Fields and the sentence. Raises Rejected, Invalid."""
        name = quoted(map.label(id))
        if self.owner is not None:
            return self._owner(map, id, name)
        if self.tier is not None:
            tier = _tier(self.tier)
            return {"tier": tier}, f"{name} is tier {tier}." if tier else f"{name} has no tier by hand any more."
        if self.criticality is not None:
            word = self.criticality.strip().casefold()
            if word not in list(Criticality) or not word:
                words = [str(one) for one in Criticality if one]
                raise Invalid(f"How critical something is, is one of {listed(words, 'or')}.{did_you_mean(word, words)}")
            return {"criticality": Criticality(word)}, f"{name} is of {word} criticality."
        if self.alias is not None:
            return self._alias(map, house, id, name)
        raise Rejected(f"Say what of {name}: its owner, tier, criticality or alias. For example: /deps tier {map.label(id)} 1")

    def _owner(self, map: Map, id: str, name: str) -> tuple[dict[str, Any], str]:
        if map.components[id].kind is ComponentKind.WORKFLOW:
            raise Rejected(f"{name} is a workflow, and whose it is stands in its definition: “owner: …”, by /flow edit {map.label(id)}")
        said = str(self.owner).strip()
        if len(said) > LONGEST_NAME:
            raise Invalid(f"An owner is named in at most {LONGEST_NAME} characters.")
        owner = "" if said.casefold() in NOBODY else clean(said)
        return {"owner": owner}, f"{name} belongs to {quoted(owner)}." if owner else f"{name} has no owner by hand any more."

    def _alias(self, map: Map, house: House, id: str, name: str) -> tuple[dict[str, Any], str]:
        other = known(map, house, str(self.alias)) or fresh(str(self.alias))
        if other == id:
            raise Rejected(f"{name} is called so already.")
        if other in map.components and map.components[other].kind in (ComponentKind.WORKFLOW, ComponentKind.SERVICE):
            raise Rejected(
                f"{quoted(map.label(other))} is a {map.components[other].kind.value} of this house; make the other one its alias."
            )
        aliases = tuple(dict.fromkeys((*map.components[id].aliases, other)))
        if len(aliases) > MOST_ALIASES:
            raise Rejected(f"{name} has {MOST_ALIASES} aliases already; that is as many as are kept.")
        return {"aliases": aliases}, f"{quoted(str(self.alias))} is another name of {name}; on the map they are one."


def _with(by_hand: Source, id: str, now: Component, changes: dict[str, Any], asking: Asking) -> Component:
    """What was said by hand before, with the change. Its kind is the one it has: a word on an owner says nothing of that."""
    before = next((one for one in by_hand.told.components if one.id == id), Component(id=id, kind=now.kind))
    return replace(before, **changes, evidence=said_by(asking))


def _tier(said: str) -> int | None:
    text = said.strip().casefold().removeprefix("tier").strip(" -")
    if text in NOBODY:
        return None
    if text not in ("1", "2", "3", "4"):
        raise Invalid(f"A tier is 1 (the most important), 2, 3 or 4, not {quoted(said)}. “none” takes it away.")
    return int(text)
