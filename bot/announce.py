"""The postman: draws a posting from the newest state of its subject and hands it to its face."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot.cards.answer import refusal
from bot.cards.card import Card
from bot.faces.face import Face
from bot.subjects import card_of
from engine.commands.house import House
from engine.errors import Rejected, SignalboxError, Transient
from engine.events import Posting
from engine.parties import Actor, Address, MessageRef
from engine.ports import Pictures

log = logging.getLogger(__name__)


class HousePostman:
    """Fulfils ``ports.Postman`` over the faces that are on. ``join`` is called once by the composition root."""

    def __init__(self) -> None:
        self._house: House | None = None
        self._pictures: Pictures | None = None
        self.faces: dict[str, Face] = {}

    def join(self, house: House, faces: Mapping[str, Face], pictures: Pictures | None = None) -> None:
        self._house, self._pictures = house, pictures
        self.faces = dict(faces)

    async def deliver(self, posting: Posting) -> MessageRef:
        house, face = self._joined(), self._face(posting.to.face)
        card = await card_of(house, posting.kind, posting.subject, posting.payload, self._pictures)
        if posting.ref is not None:
            await face.edit(posting.ref, card)
            return posting.ref
        to = await self._home(posting.to)
        try:
            return await face.post(to, card, posting.subject)
        except Rejected as error:
            await self._tell_asker(posting, to, card, error)
            raise

    async def look(self, posting: Posting) -> MessageRef | None:
        return await self._face(posting.to.face).find(await self._home(posting.to), posting.subject)

    async def _tell_asker(self, posting: Posting, to: Address, card: Card, error: Rejected) -> None:
        """Somebody waits for this card where it cannot stand, so they are given it, and the reason, where only they see it."""
        asker = await self._asker(posting)
        if asker is None or asker.face != to.face:
            return
        try:
            for said in (refusal(error), card):
                await self._face(to.face).whisper(asker, to, said)
        except SignalboxError as failure:
            log.warning("%s waits for %s and cannot be told why it does not come: %s", asker.id, posting.subject, failure)

    async def _asker(self, posting: Posting) -> Actor | None:
        store = self._joined().store
        draft = await store.drafts.get(posting.subject) if posting.kind == "draft" else None
        if draft is not None:
            face, _, user = draft.asked_by.partition(":")
            return Actor(face, user, draft.asked_by_name)
        run = await store.runs.get(posting.subject) if posting.kind == "run" else None
        if run is None or run.by.startswith(("event:", "run:")) or ":" not in run.by:
            return None
        face, _, user = run.by.partition(":")
        return Actor(face, user, user)

    def _joined(self) -> House:
        if self._house is None:
            raise Transient("Signalbox is still starting.", 1.0)
        return self._house

    def _face(self, name: str) -> Face:
        face = self.faces.get(name)
        if face is None:
            raise Rejected(f"{name} is not switched on, so nothing can be posted there. Set its token in .env, or name another face.")
        return face

    async def _home(self, to: Address) -> Address:
        """``face:*`` means the face's own home channel."""
        if to.channel != "*":
            return to
        channel = await self._face(to.face).home_channel()
        if not channel:
            raise Transient(f"Signalbox is in no channel of {to.face} yet; invite it to one.", 30.0)
        return Address(to.face, channel, to.thread)
