"""“It was Trello”, “it was not”: the word of a person on the cause of an incident, kept with it and learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.alerting import group_of, incident_of, kept_of, learnt, meant, service_meant, shown
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import seen
from engine.commands.house import House
from engine.errors import Conflict, NotFound, Rejected
from engine.events import AlertSaved, DetectorSaved, PostingsTouched
from engine.graph.blame.kept import MEMORY, STREAM, Kept, sign_of
from engine.graph.blame.named import namer
from engine.monitoring.alert import Alert, changed, outdated
from engine.monitoring.grouping.suspect import suspect
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSuspect(Command):
    """``suspect``: a service, a component or a platform by any name, or its sign in a button. ``was``: yes or no."""

    NAME: ClassVar[str] = "judge_suspect"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Say whether the suspected cause of an alert was it; that is learnt."
    EXAMPLE: ClassVar[str] = "/alerts cause github not trello"
    BUTTON: ClassVar[str] = "alr.cause"
    alert: str = ""
    service: str = ""
    severity: str = ""
    suspect: str = ""
    was: str = "yes"

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> JudgeSuspect:
        was, _, sign = arg.partition(".")
        return cls(alert=card, suspect=f"#{sign}", was="yes" if was == "is" else "no")

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.suspect.strip():
            raise Rejected("Say what it was, or was not. For example: /alerts cause github is trello")
        if self.was not in ("yes", "no"):
            raise Rejected("Say “is” or “not”. For example: /alerts cause github not trello")
        alert = await meant(house, self)
        if isinstance(alert, Outcome):
            return alert
        async with house.judging:
            lead = await self._judge(house, asking, alert)
        here = await seen(house, asking, lead.id)
        note = "" if asking.version or not here else "Noted on the card, and learnt for the next time."
        return Outcome(result=await shown(house, lead if lead.id == alert.id else alert), tracked=here, note=note)

    async def _judge(self, house: House, asking: Asking, alert: Alert) -> Alert:
        whole = incident_of(await house.store.alerts.of_incident(alert.leader), alert)
        if asking.version and asking.version != whole.lead.revision:
            await house.store.ledger.record(PostingsTouched(whole.id))
            raise Conflict(outdated(whole.lead))
        kept = await kept_of(house.store, whole.id) or Kept()
        nodes = dict.fromkeys(
            [*(one.node for one in kept.suspects), suspect(group_of(whole), house.topology()).service, *whole.services, *kept.noes]
        )
        node = await _node(house, self.suspect.strip(), [one for one in nodes if one])
        was_it = self.was == "yes"
        if (was_it and kept.confirmed == node) or (not was_it and node in kept.noes):
            raise Conflict(f"That was said already. {kept.spoken(namer(house.map(), house.topology()))}")
        now_kept = kept.judged(node, was_it, asking.actor.name)
        memory = (await learnt(house.store)).after(whole.lead.service, node, was_it)
        lead = changed(whole.lead, updated_at=asking.at)
        named = namer(house.map(), house.topology())(node)
        await house.store.ledger.record(
            AlertSaved(lead),
            DetectorSaved(STREAM + whole.id, now_kept.to_json(), asking.at),
            DetectorSaved(MEMORY, memory.to_json(), asking.at),
            PostingsTouched(lead.id),
            house.audit(asking, self.NAME, lead.id, f"It was {'' if was_it else 'not '}{named}."),
        )
        return lead


async def _node(house: House, said: str, near: list[str]) -> str:
    """Of what is near by sign, id or name; else any service. Raises NotFound with the nearest names."""
    if said.startswith("#"):
        found = next((one for one in near if sign_of(one) == said[1:]), "")
        if not found:
            raise Conflict("What this card suspects has changed since it was drawn. Look at it again.")
        return found
    wanted, named = said.casefold(), namer(house.map(), house.topology())
    for one in (*near, *house.map().components):
        if wanted in (one.casefold(), named(one).casefold()):
            return one
    try:
        return await service_meant(house, said)
    except NotFound as error:
        raise NotFound(f"{error} To look at who could be it: /alerts cause") from error
