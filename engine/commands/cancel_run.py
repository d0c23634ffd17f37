"""Cancel a run that is not over, undoing what it did where its definition says how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.running import UNDER_WAY, meant
from engine.commands.show_run import followed
from engine.parties import Role

KEEP = "keep"  # the button's argument, and the form's answer, for leaving what was done as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRun(Command):
    """``undo`` False: what was done stays as it is."""

    NAME: ClassVar[str] = "cancel_run"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow cancel"
    HELP: ClassVar[str] = (
        "Stop a run: nothing more is asked, and what it did is undone where the workflow says how, unless you say “without undoing”."
    )
    EXAMPLE: ClassVar[str] = "/flow cancel release"
    BUTTON: ClassVar[str] = "run.cancel"
    workflow: str = ""
    run: str = ""
    undo: bool = True

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> CancelRun:
        return cls(run=card, undo=KEEP not in (arg, form.get("undo", "")))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        run = await meant(house, asking, self, UNDER_WAY)
        if isinstance(run, Outcome):
            return run
        run = await house.runner.cancel(run.id, asking.actor, compensate=self.undo)
        await house.store.ledger.record(house.audit(asking, self.NAME, run.id, "" if self.undo else "nothing is undone"))
        return await followed(house, asking, run)
