"""Forget a phrase that was taught, or the requests that were learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.phrases import KIND, STREAM, examples, phrase_id
from engine.errors import NotFound, Rejected
from engine.events import DetectorSaved, PolicySaved
from engine.parties import Role

EXAMPLES = "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetPhrase(Command):
    """``phrase``: one that was taught, or “examples” for all confirmed requests that readings lean on."""

    NAME: ClassVar[str] = "forget_phrase"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/signalbox forget"
    HELP: ClassVar[str] = "Forget a phrase you taught me, or every confirmed request I have learnt from (examples)."
    EXAMPLE: ClassVar[str] = "/signalbox forget ship it"
    phrase: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.phrase.strip():
            raise Rejected(f"Which phrase? For example: {self.EXAMPLE}")
        if self.phrase.strip().casefold() == EXAMPLES:
            count = len(await examples(house))
            await house.store.ledger.record(
                DetectorSaved(STREAM, None, asking.at), house.audit(asking, self.NAME, "examples", f"{count} requests")
            )
            return done(f"Forgotten: {count} confirmed {'request' if count == 1 else 'requests'}.", public=True)
        known = await house.store.policies.get(KIND, phrase_id(self.phrase))
        if known is None:
            raise NotFound(f"“{self.phrase}” was never taught. /signalbox taught lists what was.")
        gone = PolicySaved(KIND, known.id, None, asking.at, known.revision + 1)
        await house.store.ledger.record(gone, house.audit(asking, self.NAME, f"phrase:{known.id}", str(known.body.get("phrase", ""))))
        return done(f"Forgotten: “{known.body.get('phrase', '')}” means nothing special any more.", public=True)
