"""The groups of every chat platform that is on, behind one port."""

from __future__ import annotations

from collections.abc import Mapping

from bot.faces.face import Face
from engine.errors import Rejected
from engine.parties import Actor


class PlatformGroups:
    """Fulfils ``ports.Groups``; ``faces`` may be filled later."""

    def __init__(self, faces: Mapping[str, Face]) -> None:
        self._faces = faces

    async def belongs(self, actor: Actor, group: str) -> bool:
        face = self._faces.get(actor.face)
        if face is None:
            raise Rejected(f"{actor.face} keeps no groups, so nobody can tell who is in @{group.lstrip('@')[:60]} there.")
        return await face.belongs(actor, group)
