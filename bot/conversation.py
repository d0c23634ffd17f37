"""One turn of conversation: words or a press become a command, its answer becomes cards."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from engine.graph.words import alt_text

from bot.cards import answer
from bot.cards.card import Card, Form
from bot.cards.draw import DRAWINGS
from bot.cards.impact import impact as impact_card
from bot.faces.face import Press, Reply, Turn, Utterance
from bot.subjects import KINDS, card_of
from engine.commands.command import Asked, Asking, Command, Done, ImpactShown, Outcome, Result
from engine.commands.house import House
from engine.commands.registry import from_arguments, from_press
from engine.errors import Conflict, Rejected, SignalboxError
from engine.events import Audited, DialogueSaved, Handled, Received
from engine.parties import Actor, Address
from engine.ports import Pictures, Said, Understanding, Understood
from engine.workflow.definition import Json

log = logging.getLogger(__name__)

DIALOGUE_LIFE = timedelta(minutes=30)
LONGEST = 40_000  # characters of one utterance; more is refused with a sentence


class HouseConversation:
    """Fulfils ``bot.faces.face.Conversation``."""

    def __init__(self, house: House, understanding: Understanding, pictures: Pictures) -> None:
        self._house, self._understanding, self._pictures = house, understanding, pictures

    # --- words ---------------------------------------------------------------------------------------------------------

    async def accept(self, utterance: Utterance) -> bool:
        payload: dict[str, Json] = {
            "id": utterance.id, "face": utterance.where.face, "where": str(utterance.where), "user": utterance.actor.user,
            "name": utterance.actor.name, "timezone": utterance.actor.timezone, "text": utterance.text[:LONGEST],
            "direct": utterance.direct,
        }  # fmt: skip
        try:
            await self._house.store.ledger.record(Received(_key(utterance), self._house.clock.now(), payload))
        except Conflict:
            return False
        return True

    async def hear(self, utterance: Utterance) -> Turn:
        try:
            turn = await self._guarded(self._heard(utterance), utterance.id)
        finally:
            await self._house.store.ledger.record(Handled(_key(utterance)))
        return turn

    async def resume(self) -> list[tuple[Utterance, Turn]]:
        """Act on what was accepted before a crash and not handled; the faces whisper the answers."""
        turns = []
        for key, payload in await self._house.store.inbox.unhandled():
            if key.startswith("said:"):
                utterance = _read_back(payload)
                turns.append((utterance, await self.hear(utterance)))
        return turns

    async def _heard(self, utterance: Utterance) -> Turn:
        dialogue = f"{utterance.actor.id}@{utterance.where}"
        now = self._house.clock.now()
        pending = await self._house.store.dialogues.get(dialogue, now)
        zone = utterance.actor.timezone or self._house.timezone
        understood = await self._understanding.understand(
            Said(
                text=utterance.text, now=now, timezone=zone, actor=utterance.actor.id, where=str(utterance.where),
                workflows=[workflow.name for workflow in await self._house.store.workflows.list()],
                pending=_remembered(pending),
            )
        )  # fmt: skip
        contract = _contract(understood)
        if understood.question:
            asked = Asked(question=understood.question, options=understood.options)
            return Turn((await self._ask(dialogue, asked, understood.remember),), contract)
        if pending is not None:
            await self._house.store.ledger.record(DialogueSaved(dialogue, {}, None))
        if understood.command is None:
            return self._not_for_us(utterance, understood, contract)
        arguments = dict(understood.arguments)
        if understood.command == "create_workflow":
            arguments["places"] = dict(understood.places)
        command = from_arguments(understood.command, arguments)
        return await self._do(command, self._asking(utterance.actor, utterance.where, _key(utterance), zone), contract, dialogue)

    def _not_for_us(self, utterance: Utterance, understood: Understood, contract: Mapping[str, Any]) -> Turn:
        if not utterance.direct:
            return Turn(command=contract)
        text = understood.reply or "I did not understand that as something I can do. Try /signalbox help, or say it in other words."
        return Turn((Reply(answer.done(Done(text=text, good=False))),), contract)

    # --- presses -------------------------------------------------------------------------------------------------------

    async def press(self, press: Press) -> Turn:
        key = f"press:{press.where.face}:{press.id}"
        try:
            await self._house.store.ledger.record(Received(key, self._house.clock.now(), {}), Handled(key))
        except Conflict:
            return Turn()
        except SignalboxError as error:
            return _refused(error)
        return await self._guarded(self._pressed(press, key), press.id, press)

    async def _pressed(self, press: Press, key: str) -> Turn:
        if press.card.startswith("ask_"):
            return await self._answered(press)
        command = from_press(press.card, press.verb, press.arg, press.form)
        zone = press.actor.timezone or self._house.timezone
        asking = self._asking(press.actor, press.where, key, zone, press.version, press.form)
        contract = {"command": command.NAME, "arguments": {"card": press.card}}
        return await self._do(command, asking, contract, f"{press.actor.id}@{press.where}")

    async def _answered(self, press: Press) -> Turn:
        """A press on an answer to our question is the same as saying it."""
        dialogue = f"{press.actor.id}@{press.where}"
        pending = await self._house.store.dialogues.get(dialogue, self._house.clock.now())
        options = pending.get("options") if pending else None
        if not pending or _dialogue_id(dialogue) != press.card or not isinstance(options, list) or not press.arg.isdigit():
            raise Rejected("This question is over, or it was put to somebody else. Say what you want in your own words.")
        words = options[int(press.arg)] if int(press.arg) < len(options) else None
        if not isinstance(words, str):
            raise Rejected("This answer is not among the choices any more. Say what you want in your own words.")
        return await self._heard(Utterance(id=f"{press.id}.say", actor=press.actor, where=press.where, text=words))

    async def form(self, press: Press) -> Form | None:
        """See ``bot.faces.face.Conversation``."""
        kind = KINDS.get(press.card.partition("_")[0])
        if kind is None:
            return None
        card = await card_of(self._house, kind, press.card, {})
        button = next((b for b in card.actions if b.verb == press.verb and b.arg == press.arg), None)
        if button is None or (press.version and press.version != card.version):
            raise Rejected("This card has moved on since your screen showed it. Look at it again and press again.")
        return button.form

    async def complete(self, typed: str, limit: int = 8) -> Sequence[tuple[str, str]]:
        names = [workflow.name for workflow in await self._house.store.workflows.list()]
        return self._understanding.complete(typed, names, limit)

    # --- both ----------------------------------------------------------------------------------------------------------

    async def do(self, name: str, arguments: Mapping[str, Any], actor: Actor, where: Address, key: str) -> Outcome:
        """A command by name, for REST and the command line. Raises the hall's errors."""
        command = from_arguments(name, arguments)
        await self._house.require(actor, command.NEEDS)
        return await command.handle(self._house, self._asking(actor, where, key, actor.timezone or self._house.timezone))

    def _asking(
        self, actor: Actor, where: Address, key: str, zone: str, version: int = 0, form: Mapping[str, str] | None = None
    ) -> Asking:
        now = self._house.clock.now()
        return Asking(actor=actor, where=where, at=now, timezone=zone, key=key, version=version, form=form or {})

    async def _do(self, command: Command, asking: Asking, contract: Mapping[str, Any], dialogue: str) -> Turn:
        await self._house.require(asking.actor, command.NEEDS)
        outcome = await command.handle(self._house, asking)
        if isinstance(outcome.result, Asked):
            return Turn((await self._ask(dialogue, outcome.result, None),), contract)
        card = await self.card(outcome.result)
        return Turn((Reply(card, private=not outcome.public, tracked=outcome.tracked),), contract, outcome.run)

    async def _ask(self, dialogue: str, asked: Asked, remember: Mapping[str, Json] | None) -> Reply:
        state: dict[str, Json] = {"remember": dict(remember or {}), "options": [words for _, words in asked.options]}
        await self._house.store.ledger.record(DialogueSaved(dialogue, state, self._house.clock.now() + DIALOGUE_LIFE))
        return Reply(answer.asked(asked, _dialogue_id(dialogue)))

    async def card(self, result: Result) -> Card:
        """The card of an answer; pictures are drawn off the loop, and the words stand alone when they cannot be."""
        if isinstance(result, ImpactShown):
            alt = alt_text(result.drawing)
            try:
                png = await self._pictures.impact(result.drawing) if result.impact.workflows else None
            except SignalboxError as error:
                log.warning("impact picture: %s", error)
                png = None
            return impact_card(result, png, alt)
        return DRAWINGS[type(result)](result)

    async def _guarded(self, turn: Any, reference: str, press: Press | None = None) -> Turn:
        """No failure leaves the conversation: the hall's are told as they stand, others by a reference into the log."""
        try:
            done: Turn = await turn
            return done
        except SignalboxError as error:
            if press is not None:
                await self._audit_refusal(press, error)
            return _refused(error)
        except Exception:
            log.exception("turn %s failed", reference)
            return Turn((Reply(answer.trouble(reference)),), ok=False)

    async def _audit_refusal(self, press: Press, error: SignalboxError) -> None:
        row = Audited(
            at=self._house.clock.now(), actor=press.actor.id, actor_name=press.actor.name, verb=press.verb, subject=press.card,
            where=str(press.where), seen=press.version, outcome="refused", detail=str(error)[:300],
        )  # fmt: skip
        await self._house.store.ledger.record(row)


def _refused(error: SignalboxError) -> Turn:
    return Turn((Reply(answer.refusal(error)),), ok=False)


def _key(utterance: Utterance) -> str:
    return f"said:{utterance.where.face}:{utterance.id}"


def _dialogue_id(dialogue: str) -> str:
    return "ask_" + hashlib.blake2b(dialogue.encode(), digest_size=10).hexdigest()


def _remembered(pending: Mapping[str, Json] | None) -> Mapping[str, Json] | None:
    kept = pending.get("remember") if pending else None
    return kept if isinstance(kept, dict) and kept else None


def _contract(understood: Understood) -> dict[str, Any]:
    return {
        "command": understood.command,
        "confidence": understood.confidence,
        "arguments": dict(understood.arguments),
        "question": understood.question,
        "source": understood.source,
    }


def _read_back(payload: Mapping[str, Json]) -> Utterance:
    where = Address.parse(str(payload["where"]))
    actor = Actor(where.face, str(payload["user"]), str(payload["name"]), str(payload.get("timezone") or ""))
    return Utterance(id=str(payload["id"]), actor=actor, where=where, text=str(payload["text"]), direct=bool(payload.get("direct", True)))


