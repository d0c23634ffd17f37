"""One turn of conversation: words or a press become a command, its answer becomes cards."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot import attaching, dialogue, drawn, following
from bot.cards import answer
from bot.cards.card import Card, Form
from bot.faces.face import Opening, Press, Reply, Turn, Utterance
from bot.inbox import LONGEST, key_of, read_back, write
from bot.subjects import KINDS, card_of
from engine.commands import phrases
from engine.commands.command import Asked, Asking, Command, Done, Outcome
from engine.commands.explain_reading import ExplainReading, remembered
from engine.commands.house import House
from engine.commands.registry import from_arguments, from_press
from engine.errors import Conflict, Forbidden, Invalid, Rejected, SignalboxError
from engine.events import Audited, DialogueSaved, Handled, Received
from engine.parties import Actor, Address
from engine.ports import Pictures, Said, Understanding, Understood
from engine.workflow.calendar import check_zone
from engine.workflow.definition import Json

log = logging.getLogger(__name__)

DIALOGUE_LIFE = timedelta(minutes=30)
REMEMBERED = timedelta(hours=12)  # for how long an answer that comes too late is known to be one
TOO_LATE = "That question is over\nI keep one open for half an hour. Say in full what you want; nothing was done."
TOO_OLD = timedelta(hours=1)  # what was said before a crash longer ago is not acted on any more
SURE_ENOUGH = 0.6  # confidence below which something merely overheard is left alone


class HouseConversation:
    """Fulfils ``bot.faces.face.Conversation``."""

    def __init__(self, house: House, understanding: Understanding, pictures: Pictures) -> None:
        self._house, self._understanding, self._pictures = house, understanding, pictures

    # --- words ---------------------------------------------------------------------------------------------------------

    async def accept(self, utterance: Utterance) -> bool:
        """See ``bot.faces.face.Conversation``. Raises Transient when it could not be written down."""
        now = self._house.clock.now()
        try:
            await self._house.store.ledger.record(Received(key_of(utterance), now, write(utterance, now)))
        except Conflict:
            return False
        return True

    async def hear(self, utterance: Utterance) -> Turn:
        with self._house.telemetry.span("turn", face=utterance.where.face, kind="words"):
            turn = await self._guarded(self._heard(utterance), utterance.id)
        # Not in a finally: what was cut off by the end of the process is taken up at the next start.
        await self._handled(key_of(utterance))
        return turn

    async def resume(self, *, older: timedelta = timedelta()) -> list[tuple[Utterance, Turn]]:
        """Act on what was accepted before a crash and not handled; the faces whisper the answers.

        ``older``: what came in later than that may be in the hands of another process of the house, and is left alone.
        """
        turns = []
        for key, payload in await self._house.store.inbox.unhandled():
            if key.startswith("said:"):
                try:
                    utterance, at = read_back(payload)
                except (SignalboxError, ValueError) as error:
                    log.error("%s was accepted by another version and cannot be read back: %s", key, error)
                else:
                    if at is not None and self._house.clock.now() - at < older:
                        continue
                    turns.append((utterance, await self._resumed(utterance, at)))
                await self._handled(key)
        return turns

    async def _resumed(self, utterance: Utterance, at: datetime | None) -> Turn:
        if at is not None and self._house.clock.now() - at > TOO_OLD:
            return _missed(utterance)
        return await self._guarded(self._heard(utterance), utterance.id)

    async def _handled(self, key: str) -> None:
        try:
            await self._house.store.ledger.record(Handled(key))
        except SignalboxError as error:
            log.warning("%s stays noted as unanswered and will be taken up again at the next start: %s", key, error)

    async def _heard(self, utterance: Utterance) -> Turn:
        if len(utterance.text) > LONGEST:
            raise Rejected(f"That is too long: {len(utterance.text):,} characters; {LONGEST:,} are read at once. Split it.")
        place = dialogue.place_of(utterance.actor, utterance.where)
        state = await self._house.store.dialogues.get(place, self._house.clock.now())
        if not state and utterance.where.thread:  # asked beside the thread, answered in it
            beside = replace(utterance.where, thread="")
            state = await self._house.store.dialogues.get(dialogue.place_of(utterance.actor, beside), self._house.clock.now())
        question = dialogue.read(state) if state else None
        if question and (choice := question.answered_by(utterance.text)):
            return await self._choose(choice, question, utterance, utterance.where, key_of(utterance))
        return await self._understood(utterance, question)

    async def _over(self, utterance: Utterance) -> bool:
        """Whether this answers the last question, and came too late for it."""
        place = dialogue.place_of(utterance.actor, utterance.where)
        state = await self._house.store.dialogues.get(place, self._house.clock.now() - REMEMBERED)
        return bool(state and dialogue.read(state).answered_by(utterance.text))

    async def _understood(self, utterance: Utterance, question: dialogue.Question | None) -> Turn:
        house, actor, where, key = self._house, utterance.actor, utterance.where, key_of(utterance)
        files, about = await self._files(utterance)
        if about is not None:
            return about
        if not utterance.text.strip() and utterance.direct:
            return await self._do(from_arguments("help", {}), self._asking(actor, where, key), {"command": "help"})
        said = Said(
            text=utterance.text,
            now=house.clock.now(),
            timezone=self._zone(actor),
            actor=actor.id,
            where=str(where),
            workflows=[workflow.name for workflow in await house.store.workflows.list()],
            pending=question.remember if question else None,
            files=files,
            taught=await phrases.taught(house),
            examples=await phrases.examples(house),
            direct=utterance.direct or question is not None,
            locale=actor.locale,
            subject=await self._subject(utterance, question),
        )
        understood = await self._understanding.understand(said)
        if following.in_words(understood):
            understood = await following.amended(house, self._understanding, said, understood, self._asking(actor, where, key))
        contract = _contract(understood)
        if not utterance.direct and question is None and understood.confidence < SURE_ENOUGH:
            return Turn(command=contract)
        await self._read_as(utterance, understood)
        if understood.question:
            if not understood.options and understood.command == "edit_workflow" and understood.remember is None:
                return Turn((Reply(answer.done(Done(text=understood.question, good=False))),), contract)
            asked = Asked(question=understood.question, options=understood.options)
            return Turn((await self._ask(asked, actor, where, key, understood.remember),), contract)
        if understood.command is None:
            if question is None and await self._over(utterance):
                return Turn((Reply(answer.done(Done(text=TOO_LATE, good=False))),), contract, ok=False)
            return self._not_for_us(utterance, understood, contract)
        if question:
            await self._forget(question, actor, where)
        # What spoken names meant here; commands that name nobody leave it out.
        arguments = {**understood.arguments, "places": dict(understood.places)}
        if understood.command == "create_workflow":
            arguments |= {"once": attaching.at_once(understood, utterance.text), "said": utterance.text}
        revision = understood.arguments.get("revision")  # of the preview that was seen, where words take the place of a press
        asking = self._asking(actor, where, key, revision if isinstance(revision, int) else 0)
        doing = self._command(understood.command, arguments, asking, contract)
        turn = await self._guarded(doing, utterance.id, contract)
        for number, (name, given) in enumerate(understood.also, 2):
            beside = self._command(name, given, self._asking(actor, where, f"{key}#{number}"), {"command": name, "arguments": dict(given)})
            more = await self._guarded(beside, utterance.id, contract)
            turn = replace(turn, replies=(*turn.replies, *more.replies), ok=turn.ok and more.ok)
        return turn

    async def _subject(self, utterance: Utterance, question: dialogue.Question | None) -> Mapping[str, Json] | None:
        """What was spoken of last here; only who speaks to us can mean it, and whoever answers in the thread of a card."""
        about = (question.remember or {}).get("about") if question else None
        now = self._house.clock.now()
        meant = about if isinstance(about, dict) else None
        overheard = not utterance.direct and meant is None
        subject = await following.subject_of(self._house, utterance.actor, utterance.where, now, meant, thread_only=overheard)
        return {**subject, "asked": True} if subject and question else subject

    async def _read_as(self, utterance: Utterance, understood: Understood) -> None:
        """Kept, for when this person asks why."""
        if understood.command in (None, ExplainReading.NAME):
            return
        place = dialogue.place_of(utterance.actor, utterance.where)
        await self._house.store.ledger.record(remembered(place, utterance.text, understood, self._house.clock.now()))

    async def _files(self, utterance: Utterance) -> tuple[list[tuple[str, str]], Turn | None]:
        """What came with it or just before, kept; and what is to be said of files that came without words, or that could not be had."""
        house, actor, where = self._house, utterance.actor, utterance.where
        now = house.clock.now()
        kept, refused = await attaching.keep(house.store.files, utterance.attached, actor)
        kept += [file for id in utterance.files if (file := await house.store.files.get(id)) is not None]
        if kept:
            await attaching.remember(house.store, actor, where, kept, now)
        if (refused or kept) and (not utterance.text.strip() or not kept):
            said = Done(text=attaching.said_of(kept, refused), good=bool(kept))
            return [], Turn((Reply(answer.done(said)),), ok=bool(kept))
        return [(file.id, file.name) for file in kept] or await attaching.recent(house.store, actor, where, now), None

    async def _command(self, name: str, arguments: Mapping[str, Any], asking: Asking, contract: Mapping[str, Any]) -> Turn:
        try:
            return await self._do(from_arguments(name, arguments), asking, contract)
        except Forbidden as error:
            await self._audit_refusal(asking, name, "", error)
            raise

    def _not_for_us(self, utterance: Utterance, understood: Understood, contract: Mapping[str, Any]) -> Turn:
        if not utterance.direct:
            return Turn(command=contract)
        text = understood.reply or not_understood(understood.nearest)
        return Turn((Reply(answer.done(Done(text=text, good=bool(understood.reply)))),), contract)

    # --- presses -------------------------------------------------------------------------------------------------------

    async def press(self, press: Press) -> Turn:
        key = f"press:{press.where.face}:{press.id}"
        try:
            await self._house.store.ledger.record(Received(key, self._house.clock.now(), {}), Handled(key))
        except Conflict:
            return Turn()
        except SignalboxError as error:
            return _refused(error)
        contract = {"command": press.verb, "arguments": {"card": press.card}}
        with self._house.telemetry.span("turn", face=press.where.face, kind="press"):
            return await self._guarded(self._pressed(press, key), press.id, contract)

    async def _pressed(self, press: Press, key: str) -> Turn:
        asking = self._asking(press.actor, press.where, key, press.version, press.form)
        try:
            if press.card.startswith("ask_"):
                return await self._answered(press, key)
            command = from_press(press.card, press.verb, press.arg, press.form)
            return await self._do(command, asking, {"command": command.NAME, "arguments": {"card": press.card}})
        except SignalboxError as error:
            await self._audit_refusal(asking, press.verb, press.card, error)
            raise

    async def _answered(self, press: Press, key: str) -> Turn:
        """A press on an answer to our question; it counts where the question was put, wherever its card was shown."""
        state = await self._house.store.dialogues.get(press.card, self._house.clock.now())
        if not state or state.get("actor") != press.actor.id:
            raise Rejected("This question is over, or it was put to somebody else. Say what you want in your own words.")
        question = dialogue.read(state)
        choice = question.chosen(press.arg)
        if choice is None:
            raise Rejected("This answer is not among the choices any more. Say what you want in your own words.")
        where = Address.parse(str(state["where"]))
        said = Utterance(id=f"{press.id}.say", actor=press.actor, where=where, text=choice.words)
        return await self._choose(choice, question, said, where, key)

    async def _choose(self, choice: dialogue.Choice, question: dialogue.Question, said: Utterance, where: Address, key: str) -> Turn:
        if not choice.command:
            return await self._understood(replace(said, text=choice.words), question)
        await self._forget(question, said.actor, where)
        contract = {"command": choice.command, "arguments": dict(choice.arguments or {})}
        return await self._command(choice.command, choice.arguments or {}, self._asking(said.actor, where, key), contract)

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
        return await self._carried_out(command, self._asking(actor, where, key))

    async def _carried_out(self, command: Command, asking: Asking) -> Outcome:
        with self._house.telemetry.span(f"command {command.NAME}", face=asking.where.face):
            return await command.handle(self._house, asking)

    def _zone(self, actor: Actor) -> str:
        """Of the person; of the house where a platform or browser names one that is not known here."""
        try:
            return check_zone(actor.timezone) if actor.timezone else self._house.timezone
        except Invalid:
            return self._house.timezone

    def _asking(self, actor: Actor, where: Address, key: str, version: int = 0, form: Mapping[str, str] | None = None) -> Asking:
        now = self._house.clock.now()
        return Asking(actor=actor, where=where, at=now, timezone=self._zone(actor), key=key, version=version, form=form or {})

    async def _do(self, command: Command, asking: Asking, contract: Mapping[str, Any]) -> Turn:
        await self._house.require(asking.actor, command.NEEDS)
        outcome = await self._carried_out(command, asking)
        spoken: Any = contract.get("arguments")
        await following.remember(
            self._house.store, asking.actor, asking.where, outcome, command.NAME, spoken if isinstance(spoken, Mapping) else {}, asking.at
        )
        if isinstance(outcome.result, Asked):
            return Turn((await self._ask(outcome.result, asking.actor, asking.where, asking.key, None),), contract)
        card = await drawn.card_of(outcome.result, self._pictures)
        replies = [Reply(card, private=not outcome.public, tracked=outcome.tracked)]
        if outcome.note:
            replies.append(Reply(answer.done(Done(text=outcome.note))))
        return Turn(tuple(replies), contract, outcome.run, opens=_opening(card, outcome.opens))

    async def _ask(self, asked: Asked, actor: Actor, where: Address, key: str, remember: Mapping[str, Json] | None) -> Reply:
        question = dialogue.asked(asked, key, remember)
        state, until = dialogue.write(question, actor, where), self._house.clock.now() + DIALOGUE_LIFE
        # Under the place for answers in words, under its own id for presses: an older question's buttons never answer a newer one.
        by_place = DialogueSaved(dialogue.place_of(actor, where), state, until)
        await self._house.store.ledger.record(by_place, DialogueSaved(question.id, state, until))
        return Reply(answer.asked(asked, question.id))

    async def _forget(self, question: dialogue.Question, actor: Actor, where: Address) -> None:
        forgotten = [DialogueSaved(dialogue.place_of(actor, where), {}, None), DialogueSaved(question.id, {}, None)]
        if where.thread:  # it may have been asked beside the thread; another question there stays open
            beside = dialogue.place_of(actor, replace(where, thread=""))
            state = await self._house.store.dialogues.get(beside, self._house.clock.now())
            if state and dialogue.read(state).id == question.id:
                forgotten.append(DialogueSaved(beside, {}, None))
        await self._house.store.ledger.record(*forgotten)

    async def _guarded(self, turn: Awaitable[Turn], reference: str, contract: Mapping[str, Any] | None = None) -> Turn:
        """No failure leaves the conversation: the hall's are told as they stand, others by a reference into the log."""
        try:
            return await turn
        except SignalboxError as error:
            return _refused(error, contract)
        except Exception:
            log.exception("turn %s failed", reference)
            return Turn((Reply(answer.trouble(reference)),), contract, ok=False)

    async def _audit_refusal(self, asking: Asking, verb: str, subject: str, error: SignalboxError) -> None:
        row = Audited(
            at=asking.at,
            actor=asking.actor.id,
            actor_name=asking.actor.name,
            verb=verb[:60],
            subject=subject[:60],
            where=str(asking.where),
            seen=asking.version,
            outcome="refused",
            detail=str(error)[:300],
        )
        try:
            await self._house.store.ledger.record(row)
        except SignalboxError as failure:
            log.warning("A refusal could not be written into the audit (%s): %s", failure, row)


def _opening(card: Card, verb: str) -> Opening | None:
    """The form behind a button of the card."""
    button = next((one for one in card.actions if one.verb == verb and one.form is not None), None)
    return Opening(card.id, button.verb, button.arg, card.version, button.form) if button and button.form else None


def _refused(error: SignalboxError, contract: Mapping[str, Any] | None = None) -> Turn:
    faults = {".".join(map(str, problem.path)): problem.message for problem in error.problems} if isinstance(error, Invalid) else {}
    return Turn((Reply(answer.refusal(error)),), contract, ok=False, faults={name: why for name, why in faults.items() if name})


def not_understood(nearest: Sequence[tuple[str, str]]) -> str:
    """Said plainly, with what comes nearest and how to say it."""
    if not nearest:
        return "I did not understand that.\nSay it in other words, or look at /signalbox help for what I can do."
    lines = [f"{what} For example: {example}" for what, example in nearest]
    return "\n".join(["I did not understand that.", "What comes nearest of what I can do:", *lines, "/signalbox help lists everything."])


def _contract(understood: Understood) -> dict[str, Any]:
    return {
        "command": understood.command,
        "confidence": understood.confidence,
        "arguments": dict(understood.arguments),
        "question": understood.question,
        "source": understood.source,
    }


def _missed(utterance: Utterance) -> Turn:
    said = utterance.text if len(utterance.text) <= 200 else utterance.text[:199] + "…"
    text = f"I was not running when you said something, so it was not done\nYou said: {said}\nSay it again if you still want it."
    return Turn((Reply(answer.done(Done(text=text, good=False))),), ok=False)
