"""Which kinds of recommendations Signalbox may apply without asking, for one workflow or for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.commands.advising import ALLOWED, EVERYWHERE, allowed, card_id
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import Rejected
from engine.events import Event, PolicySaved, PostingsTouched
from engine.parties import Role
from engine.prediction.advice.recommendation import NEVER_ALONE, Kind
from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.definition import Workflow

WORDS = {
    "retry": Kind.RETRY, "retries": Kind.RETRY,
    "fallback": Kind.FALLBACK, "fallbacks": Kind.FALLBACK, "stand-in": Kind.FALLBACK,
    "cache": Kind.CACHE, "caching": Kind.CACHE,
    "parallel": Kind.PARALLEL, "parallelise": Kind.PARALLEL,
    "timeout": Kind.TIMEOUT, "timeouts": Kind.TIMEOUT,
    "schedule": Kind.SCHEDULE, "time": Kind.SCHEDULE,
    "dead_step": Kind.DEAD_STEP, "dead step": Kind.DEAD_STEP, "split": Kind.SPLIT,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowAdvice(Command):
    """``kind``: retry, fallback, cache, parallel, timeout or schedule. Without ``workflow``: for all of them. ``off``: not any more."""

    NAME: ClassVar[str] = "allow_advice"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Let Signalbox apply one kind of recommendation without asking; “forbid” ends that."
    EXAMPLE: ClassVar[str] = "/signalbox allow retry advice for release"
    kind: str
    workflow: str = ""
    off: bool = False

    async def handle(self, house: House, asking: Asking) -> Outcome:
        kind = _kind(self.kind)
        workflow = await house.workflow(self.workflow) if self.workflow else None
        await _require(house, asking, workflow)
        id = workflow.id if workflow else EVERYWHERE
        policy = await house.store.policies.get(ALLOWED, id)
        names = policy.body.get("kinds") if policy else None
        before = [str(name) for name in names] if isinstance(names, list) else []
        after = [name for name in before if name != kind.value] + ([] if self.off else [kind.value])
        where = f"“{workflow.name}”" if workflow else "every workflow"
        if sorted(after) != sorted(before):
            body: dict[str, Any] = {"kinds": sorted(after), "by": asking.actor.name}
            events: list[Event] = [PostingsTouched(card_id(workflow.id))] if workflow else []
            await house.store.ledger.record(
                PolicySaved(ALLOWED, id, body, asking.at, policy.revision + 1 if policy else 1),
                house.audit(asking, self.NAME, id, f"{'not ' if self.off else ''}{kind.value}"),
                *events,
            )
        if self.off:
            still = workflow is not None and kind in await allowed(house, workflow.id)
            more = " It is still allowed for every workflow." if still else ""
            return done(f"Recommendations of the kind “{kind.value}” for {where} wait for a person from now on.{more}", public=True)
        return done(
            f"Recommendations of the kind “{kind.value}” for {where} are applied without asking from now on, where a gain is sure.\n"
            "Each is told on the card of recommendations, with an Undo, and stands in the audit.",
            public=True,
        )


def _kind(said: str) -> Kind:
    word = said.strip().casefold()
    kind = WORDS.get(word)
    if kind is None:
        raise Rejected(f"“{said[:40]}” is no kind of recommendation.{did_you_mean(word, WORDS)} There are {listed(list(_ALONE))}.")
    if kind in NEVER_ALONE:
        raise Rejected("Steps are never left out, nor workflows divided, without a person: apply those yourself.")
    return kind


_ALONE = tuple(kind.value for kind in Kind if kind not in NEVER_ALONE)


async def _require(house: House, asking: Asking, workflow: Workflow | None) -> None:
    """Whoever made the workflow, or owns it by name, may say so for it; for all of them an admin. Raises Forbidden."""
    own = workflow is not None and (
        workflow.created_by == asking.actor.id or workflow.definition.owner.casefold() == asking.actor.name.casefold() != ""
    )
    if not own:
        await house.require(asking.actor, Role.ADMIN)
