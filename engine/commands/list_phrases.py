"""What the team has taught, for reading or for taking along."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.phrases import examples, phrases

SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPhrases(Command):
    """``form``: “json” writes everything out as JSON, confirmed requests too, to be kept elsewhere."""

    NAME: ClassVar[str] = "list_phrases"
    SLASH: ClassVar[str] = "/signalbox taught"
    HELP: ClassVar[str] = "The phrases your team taught me, and how many confirmed requests I lean on; “json” writes them out."
    EXAMPLE: ClassVar[str] = "/signalbox taught"
    form: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        known, confirmed = await phrases(house), await examples(house)
        if self.form.strip().casefold() == "json":
            whole = {
                "phrases": [{"phrase": one.body.get("phrase"), "means": one.body.get("means")} for one in known],
                "examples": [
                    {"text": one.text, "command": one.command, "trigger": one.trigger, "actions": list(one.actions)} for one in confirmed
                ],
            }
            return done(json.dumps(whole, ensure_ascii=False, indent=1))
        lines = [
            f"“{one.body.get('phrase', '')}” means “{one.body.get('means', '')}” (taught by {one.body.get('by', '')})" for one in known
        ]
        more = [f"and {len(lines) - SHOWN} more: /signalbox taught json"] if len(lines) > SHOWN else []
        head = "What you taught me" if lines else "No phrase was taught yet. For example: /signalbox teach ship it = run release-train"
        count = len(confirmed)
        lean = f"Besides, I lean on {count} {'request' if count == 1 else 'requests'} that were confirmed; /signalbox forget examples drops them."
        return done("\n".join([head, *lines[:SHOWN], *more, *([lean] if count else [])]))
