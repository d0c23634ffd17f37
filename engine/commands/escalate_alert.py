"""Escalate an alert: call the next level of its escalation, or whoever is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from engine.commands import callsheet
from engine.commands.about_alert import AboutOneAlert, called
from engine.commands.alerting import meant, shown
from engine.commands.command import Asking, Outcome
from engine.commands.drafting import seen
from engine.commands.house import House
from engine.commands.whom import rotas, target
from engine.errors import Conflict, NotFound
from engine.monitoring.alert import Alert, AlertState, changed, outdated
from engine.monitoring.escalation import KIND, Call, EscalationPolicy, Target, escalation_of, fitting, next_call
from engine.monitoring.incident import Incident, incident
from engine.monitoring.keeping import Deed, Due, carrier
from engine.parties import Role

NOBODY = (
    "Nobody is named who could be called for {name}. Name somebody: /alerts escalate {service} to @ada (or rota ops, or #channel). So that people "
    "are called by themselves: /escalation set {severity}: @ada, 10m #ops-leads"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateAlert(AboutOneAlert):
    """``to``: a person, ``rota NAME``, a group or a channel; "" = the next level. ``places``: what spoken names meant where it was said."""

    NAME: ClassVar[str] = "escalate_alert"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts escalate"
    HELP: ClassVar[str] = "Call the next level of an alert's escalation, or somebody you name."
    EXAMPLE: ClassVar[str] = "/alerts escalate github to @ada"
    BUTTON: ClassVar[str] = "alr.escalate"
    to: str = ""
    places: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> EscalateAlert:
        return cls(alert=card, to=form.get("to", "").strip(), note=form.get("note", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        alert = await meant(house, self)
        if isinstance(alert, Outcome):
            return alert
        named = await target(house, asking, self.to, self.places) if self.to else None
        while True:
            members = await house.store.alerts.of_incident(alert.leader)
            made = await self._made(house, asking, incident(members), named)
            sheet = callsheet.of(made, await rotas(house), asking.at)
            postings = await house.store.postings.of(alert.leader)
            audit = replace(
                house.audit(asking, self.NAME, alert.leader, " ".join(filter(None, (sheet.words, self.note)))), seen=made.about.revision
            )
            try:
                await house.store.ledger.record(*callsheet.events(made, sheet, postings, asking.at), audit)
            except Conflict:
                if await house.store.alerts.of_incident(alert.leader) == members:
                    raise
                continue  # somebody was faster: judged anew from what they did
            break
        said = f"{called(alert)}: {sheet.words} {'is' if len(sheet.people) == 1 and not sheet.groups else 'are'} called."
        stands_here = await seen(house, asking, alert.leader)
        return Outcome(result=await shown(house, made.about), tracked=stands_here, note=said if stands_here else "")

    async def _made(self, house: House, asking: Asking, whole: Incident, named: Target | None) -> Due:
        """Raises Conflict for what is over or has moved on, NotFound where nobody is to be called, saying how to name somebody."""
        one = carrier(whole)
        if asking.version and asking.version != whole.lead.revision:
            raise Conflict(outdated(whole.lead))
        if one is None:
            raise Conflict("Nothing was changed: this alert is over, so nobody is called for it.")
        because = f"{asking.actor.name} escalated it" + (f": {self.note}" if self.note else ".")
        if named is not None:
            return _due(whole, changed(one, updated_at=asking.at), Call(0, (named,), one.escalate_at), because)
        policies = [escalation_of(policy.id, policy.body, policy.revision) for policy in await house.store.policies.of(KIND)]
        policy = fitting(policies, one, whole.severity)
        call = self._next(policy, one, asking)
        if call is None or policy is None:
            raise NotFound(_nobody(one, whole, policy))
        waits = call.next_at if one.state is AlertState.FIRING and one.snoozed_until is None else None
        after = changed(one, policy=policy.id, level=call.level, escalate_at=waits, updated_at=asking.at)
        return _due(whole, after, call, because)

    @staticmethod
    def _next(policy: EscalationPolicy | None, one: Alert, asking: Asking) -> Call | None:
        """By hand the next level is called whether or not somebody has taken it; the first of what is for something worse than was called so far."""
        if policy is None:
            return None
        level = 0 if policy.outgrows(one.policy) else one.level
        return next_call(policy, replace(one, state=AlertState.FIRING, level=level), asking.at)


def _due(whole: Incident, after: Alert, call: Call, because: str) -> Due:
    lead = after if after.id == whole.id else changed(whole.lead)
    return Due(Deed.CALL, lead, (lead,) if lead is after else (lead, after), because=because, call=call)


def _nobody(one: Alert, whole: Incident, policy: EscalationPolicy | None) -> str:
    service = one.service or one.id
    if policy is not None:
        return (
            f"Every level of the escalation “{policy.id}” was called already. Name somebody else: /alerts escalate {service} to @ada "
            "(or rota ops, or #channel)."
        )
    return NOBODY.format(name=called(one), service=service, severity=whole.severity.value)
