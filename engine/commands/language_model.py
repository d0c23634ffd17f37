"""What the language model may be used for: shown to everyone, changed by an admin, kept with an audit row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import Rejected
from engine.events import PolicySaved
from engine.parties import Role
from engine.resilience.spending import KIND, MOST_PER_DAY, WORKFLOWS, Leave, ModelFacts, leave_of, used_by
from engine.workflow.catalogue import did_you_mean, listed

NONE = (
    "No language model is set up; Signalbox reads every sentence with its own grammar. Set OPENAI_BASE_URL (a local server) or OPENAI_API_KEY, "
    "and restart; then /signalbox model on lets it help here."
)
MODES = {
    "json_schema": "by a JSON Schema",
    "tool": "by a tool that it must call",
    "json_object": "by its JSON mode with our schema",
    "plain": "in words; its endpoint enforces nothing",
}
FACES = ("slack", "discord", "web", "terminal", "rest")


async def model_leave(house: House, workspace: str) -> Leave:
    """What the model may be used for in a workspace; off where none is set up."""
    facts = await house.language() if house.language else None
    policy = await house.store.policies.get(KIND, workspace)
    used = await house.store.cursors.get(used_by(workspace))
    today = house.clock.now().date()
    return leave_of(
        workspace, policy.body if policy else None, used.state if used else None, per_day=facts.per_day if facts else 0, today=today
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel(Command):
    """``switch``: on, off or "" = leave it. ``tokens``: of a day; None = leave it. ``workspace``: a face or “workflows”; "" = where it is said."""

    NAME: ClassVar[str] = "language_model"
    NEEDS: ClassVar[Role] = Role.VIEWER
    SLASH: ClassVar[str] = "/signalbox model"
    HELP: ClassVar[str] = "Show what the language model did today; admins turn it on or off here and set its tokens per day."
    EXAMPLE: ClassVar[str] = "/signalbox model on"
    switch: str = ""
    tokens: int | None = None
    workspace: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workspace = self.workspace.strip().casefold() or asking.where.face
        known = (*FACES, WORKFLOWS)
        if workspace not in known:
            raise Rejected(f"“{workspace[:40]}” is no workspace.{did_you_mean(workspace, known)} There are {listed(list(known))}.")
        if self.switch or self.tokens is not None:
            await house.require(asking.actor, Role.ADMIN)
            await self._change(house, asking, workspace)
        facts = await house.language() if house.language else None
        if facts is None:
            return done(NONE)
        return done("\n".join(_lines(workspace, await model_leave(house, workspace), facts)), public=bool(self.switch))

    async def _change(self, house: House, asking: Asking, workspace: str) -> None:
        """Raises Rejected for a value that cannot be; Conflict when somebody else was faster."""
        if self.switch not in ("", "on", "off"):
            raise Rejected("Say on or off: /signalbox model on")
        if self.tokens is not None and not 0 <= self.tokens <= MOST_PER_DAY:
            raise Rejected(f"The limit is a number of tokens a day, up to {MOST_PER_DAY:,}: /signalbox model limit 500000")
        if house.language is None and self.switch == "on":
            raise Rejected(NONE)
        policy = await house.store.policies.get(KIND, workspace)
        body: dict[str, Any] = {**(policy.body if policy else {}), "by": asking.actor.name}
        body |= {"on": self.switch == "on"} if self.switch else {}
        body |= {"tokens": self.tokens} if self.tokens is not None else {}
        said = " ".join(filter(None, (self.switch, f"limit {self.tokens}" if self.tokens is not None else "")))
        await house.store.ledger.record(
            PolicySaved(KIND, workspace, body, asking.at, policy.revision + 1 if policy else 1),
            house.audit(asking, self.NAME, f"model:{workspace}", said),
        )


def _lines(workspace: str, leave: Leave, facts: ModelFacts) -> list[str]:
    where = "steps of workflows" if workspace == WORKFLOWS else f"“{workspace}”"
    asks = f"{leave.asked} request{'' if leave.asked == 1 else 's'}"
    lines = [
        f"The language model is {'on' if leave.on else 'off'} for {where}",
        f"Model: {facts.model} at {facts.host}",
        f"How it is asked for JSON: {MODES.get(facts.mode, 'found out at the first request')}",
        f"Today: {leave.used:,} of {leave.limit:,} tokens used in {asks}, {leave.left:,} left (until midnight UTC)",
        f"Answers from the cache since the start: {facts.hits} of {facts.hits + facts.misses}",
    ]
    if facts.trouble:
        lines.append(f"Last trouble: {facts.trouble}")
    if leave.on and workspace != WORKFLOWS:
        lines.append(
            "It reads only what the grammar could not. Passwords, tokens, keys and card numbers are taken out before a sentence is sent."
        )
    elif not leave.on:
        lines.append(f"An admin turns it on: /signalbox model on{'' if workspace != WORKFLOWS else ' workflows'}")
    return lines
