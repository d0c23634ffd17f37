"""Retry a failed run from its failed steps, as it was or with other arguments; answered steps are not asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from engine.commands.amending import Amended, amended
from engine.commands.command import Asking, Command, Outcome, RunShown
from engine.commands.house import House
from engine.commands.running import meant
from engine.commands.show_run import followed, shown
from engine.errors import Conflict
from engine.parties import Role
from engine.workflow.run import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRun(Command):
    """``changes``: ``[step.]argument`` or ``inputs.name`` → what was typed, read as the type it had; "" is an empty text.

    ``inputs`` and ``arguments`` (by step) are values as they are meant. ``skip``: failed steps to pass over. ``round``: which
    failure was seen, 0 = the one that stands.
    """

    NAME: ClassVar[str] = "retry_run"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow retry"
    HELP: ClassVar[str] = "Go on from the failed step (of a foreach: only its failed items); name=value changes what it is asked with."
    EXAMPLE: ClassVar[str] = "/flow retry release board=Shipping"
    BUTTON: ClassVar[str] = "run.retry"
    workflow: str = ""
    run: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    skip: Sequence[str] = ()
    round: int = 0

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> RetryRun:
        number = arg.partition(".")[0]
        return cls(run=card, changes=dict(form), round=int(number) if number.isdecimal() else 0)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        run = await meant(house, asking, self, (RunState.FAILED,))
        if isinstance(run, Outcome):
            return run
        before = await shown(house, run)
        self._refuse_former(before)
        change = amended(before, self.changes, self.inputs, self.arguments)
        run = await house.runner.retry(
            run.id, asking.actor, inputs=change.inputs or None, arguments=change.arguments or None, skip=tuple(self.skip)
        )
        await house.store.ledger.record(house.audit(asking, self.NAME, run.id, _said(change, self.skip)))
        return await followed(house, asking, run)

    def _refuse_former(self, before: RunShown) -> None:
        if self.round and self.round != before.round:
            raise Conflict("This run was retried already since your screen showed it. Look at its card and press there. Nothing was done.")


def _said(change: Amended, skipped: Sequence[str]) -> str:
    """What was changed, by name; the values stand in the run's facts."""
    names = [f"inputs.{name}" for name in change.inputs]
    names += [f"{step}.{name}" for step, values in change.arguments.items() for name in values]
    said = f"changed {', '.join(names)}" if names else ""
    return ", ".join(filter(None, (said, f"skipped {', '.join(skipped)}" if skipped else "")))[:300]
