"""Teach what the team means by words of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.phrases import KIND, MOST, normal, phrase_id, phrases
from engine.errors import Rejected
from engine.events import PolicySaved
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachPhrase(Command):
    NAME: ClassVar[str] = "teach_phrase"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/signalbox teach"
    HELP: ClassVar[str] = "Teach me what your team means by words of its own; they are read as those words from then on."
    EXAMPLE: ClassVar[str] = "/signalbox teach ship it = run release-train"
    phrase: str
    means: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        phrase, means = self.phrase.strip(), self.means.strip()
        if not normal(phrase) or not means:
            raise Rejected(f"What does which phrase mean? For example: {self.EXAMPLE}")
        if normal(phrase) == normal(means):
            raise Rejected(f"“{phrase}” would mean itself. Say what it stands for, for example: {self.EXAMPLE}")
        known, id = await phrases(house), phrase_id(phrase)
        before = next((one for one in known if one.id == id), None)
        if before is None and len(known) >= MOST:
            raise Rejected(f"{MOST} phrases are taught; forget one first: /signalbox forget PHRASE.")
        body = {"phrase": phrase, "means": means, "by": asking.actor.name}
        saved = PolicySaved(KIND, id, body, asking.at, (before.revision if before else 0) + 1)
        await house.store.ledger.record(saved, house.audit(asking, self.NAME, f"phrase:{id}", f"{phrase} = {means}"[:300]))
        earlier = f" Before, it meant “{before.body.get('means', '')}”." if before else ""
        return done(f"Learnt: “{phrase}” means “{means}”.{earlier} /signalbox forget {phrase} takes it back.", public=True)
