"""The postman: draws a posting from the newest state of its subject and hands it to its face."""

from __future__ import annotations

from collections.abc import Mapping

from bot.faces.face import Face
from bot.subjects import card_of
from engine.commands.house import House
from engine.errors import Rejected, Transient
from engine.events import Posting
from engine.parties import Address, MessageRef


class HousePostman:
    """Fulfils ``ports.Postman`` over the faces that are on. ``join`` is called once by the composition root."""

    def __init__(self) -> None:
        self._house: House | None = None
        self.faces: dict[str, Face] = {}

    def join(self, house: House, faces: Mapping[str, Face]) -> None:
        self._house = house
        self.faces = dict(faces)

    async def deliver(self, posting: Posting) -> MessageRef:
        face = self._face(posting.to.face)
        if self._house is None:
            raise Transient("Signalbox is still starting.", 1.0)
        card = await card_of(self._house, posting.kind, posting.subject, posting.payload)
        if posting.ref is not None:
            await face.edit(posting.ref, card)
            return posting.ref
        return await face.post(await self._home(posting.to), card, posting.subject)

    async def look(self, posting: Posting) -> MessageRef | None:
        return await self._face(posting.to.face).find(await self._home(posting.to), posting.subject)

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
