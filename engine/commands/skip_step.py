"""Pass over one step of a run: what needs it goes on without its output."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.run_steps import the_step
from engine.commands.running import UNDER_WAY, meant
from engine.commands.show_run import followed, shown
from engine.parties import Role
from engine.workflow.run import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipStep(Command):
    """``step``: its id; "" where only one can be passed over."""

    NAME: ClassVar[str] = "skip_step"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow skip"
    HELP: ClassVar[str] = "Pass over a step that waits, is in doubt, is to be tried again or has failed; the run goes on behind it."
    EXAMPLE: ClassVar[str] = "/flow skip release create_card"
    BUTTON: ClassVar[str] = "run.skip"
    workflow: str = ""
    run: str = ""
    step: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> SkipStep:
        return cls(run=card, step=form.get("step", "") or from_arg(arg))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        run = await meant(house, asking, self, (*UNDER_WAY, RunState.FAILED))
        if isinstance(run, Outcome):
            return run
        before = await shown(house, run)
        step = the_step(self.step, before.steps, before.skippable, "skipped")
        run = await house.runner.skip(run.id, step, asking.actor)
        await house.store.ledger.record(house.audit(asking, self.NAME, run.id, step))
        return await followed(house, asking, run)


_ARG = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)


def as_arg(step: str) -> str:
    """A step's id as the argument of a button: ``post.3.1`` for ``post[3][1]``; "" when it does not fit into one."""
    arg = step.replace("[", ".").replace("]", "")
    return arg if _ARG.fullmatch(arg) else ""


def from_arg(arg: str) -> str:
    base, *entries = arg.split(".")
    return base + "".join(f"[{entry}]" for entry in entries)
