"""A person's answer to a suggested line: a yes puts it on the map, a no is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done, seen
from engine.commands.house import House
from engine.commands.map_names import current
from engine.commands.map_shown import MapEdited
from engine.commands.map_sources import card_id, declare, source_of, with_line
from engine.commands.map_suggestions import settled, suggested
from engine.errors import Conflict, NotFound
from engine.events import PolicySaved, PostingsTouched
from engine.graph.declared.names import clean, quoted
from engine.graph.discovery.suggestions import AGAIN, Suggestion
from engine.graph.stored import ANSWERS, suggested_body
from engine.parties import Role
from engine.ports import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptSuggestion(Command):
    """``suggestion``: its id. ``card``: the one that was pressed."""

    NAME: ClassVar[str] = "accept_suggestion"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Put a suggested line on the map."
    BUTTON: ClassVar[str] = "sug.yes"
    suggestion: str
    card: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> AcceptSuggestion:
        return cls(suggestion=arg, card=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        one, answered = await _open(house, self.suggestion)
        map = await current(house)
        by_hand = await source_of(house)
        told = with_line(by_hand.told, one.accepted(by=clean(asking.actor.name, 60), at=asking.at))
        answer = _answer(one, "yes", asking, answered)
        more = (answer, PostingsTouched(self.card)) if self.card else (answer,)
        detail = f"{one.source} needs {one.target}"
        revision = await declare(house, asking, by_hand, told, verb=self.NAME, subject=one.id, detail=detail, more=more)
        text = f"{quoted(map.label(one.source))} needs {quoted(map.label(one.target))} from now on."
        return Outcome(result=MapEdited(id=card_id(by_hand.id), revision=revision, text=text), public=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectSuggestion(Command):
    """It is not asked again before the two failed together twice as often."""

    NAME: ClassVar[str] = "reject_suggestion"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Say that a suggested line is none."
    BUTTON: ClassVar[str] = "sug.no"
    suggestion: str
    card: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> RejectSuggestion:
        return cls(suggestion=arg, card=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        one, answered = await _open(house, self.suggestion)
        touched = (PostingsTouched(self.card),) if self.card else ()
        try:
            await house.store.ledger.record(
                _answer(one, "no", asking, answered),
                house.audit(asking, self.NAME, one.id, f"{one.source} does not need {one.target}"),
                *touched,
            )
        except Conflict as error:
            raise Conflict("Somebody else answered this suggestion at the same moment. Look again: /deps suggestions") from error
        map = house.map()
        text = f"All right: {quoted(map.label(one.source))} does not need {quoted(map.label(one.target))}. "
        text += f"You are asked again only if they fail together {AGAIN * one.together} times."
        return Outcome(result=done(text).result, public=True, tracked=bool(self.card) and await seen(house, asking, self.card))


async def _open(house: House, id: str) -> tuple[Suggestion, Policy | None]:
    """Raises NotFound for one that is not suggested any more, Conflict for one that is answered."""
    policy = await house.store.policies.get(ANSWERS, id)
    found = next((one for one in (await suggested(house.store))[0] if one.id == id), None)
    told = policy.body if policy is not None else {}
    if policy is not None and (found is None or settled(found, told, house.map())):
        raise Conflict(f"{told.get('by') or 'Somebody'} has answered this already: {told.get('answer')}. Your press changed nothing.")
    if found is None:
        raise NotFound("This is not suggested any more: the map or what failed since explains it. /deps suggestions lists what is.")
    return found, policy


def _answer(one: Suggestion, answer: str, asking: Asking, before: Policy | None) -> PolicySaved:
    """What was suggested, and the answer; of a no everything that ``Rejection`` reads."""
    by = clean(asking.actor.name, 60)
    body: dict[str, Any] = {**suggested_body(one), **one.rejected(by=by, at=asking.at).to_json(), "answer": answer}
    return PolicySaved(ANSWERS, one.id, body, asking.at, before.revision + 1 if before else 1)
