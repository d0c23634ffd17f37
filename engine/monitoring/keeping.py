"""What time makes of an incident: its holder is reminded, an acknowledgement runs out, a snooze ends, the next level is called.

    what is due                     what is done                                                        what is posted
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    the end of a snooze             it is as before the snooze; a lease begins anew, so does a call     whoever snoozed it is told
    the end of a lease (2 T)        firing again, with the reason on the card                           its card
    the reminder of a lease (T)     nothing more until the end of the lease                             whoever holds it is asked
    the next level                  the level is told                                                   whoever the level names

One at a time, in this order; what is due after it is done next. Every time is stored with the alerts, nothing here remembers anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from engine.monitoring.alert import Alert, AlertState, changed, kept, reminded, unacknowledged
from engine.monitoring.escalation import Call, EscalationPolicy, begins, fitting, next_call
from engine.monitoring.incident import Incident


class Deed(StrEnum):
    """Also the verb of the audit, and of the posting's subject."""

    WAKE = "wake"
    RELAPSE = "relapse"
    REMIND = "remind"
    CALL = "call"
    ARM = "arm"  # nobody is called yet, but now it is known when


@dataclass(frozen=True, slots=True)
class Due:
    """``alerts``: the next revisions, all to be stored at once; ``about``: the one that carries the times, under its new revision.

    ``person``: actor id of whoever is asked or told, "" = nobody in particular. ``call`` for CALL only.
    """

    deed: Deed
    about: Alert
    alerts: tuple[Alert, ...]
    person: str = ""
    name: str = ""
    because: str = ""
    call: Call | None = None

    @property
    def subject(self) -> str:
        """Of the posting: what is said once is said under the revision that it led to."""
        return subject_of(self.about.id, self.deed, self.about.revision)


def subject_of(alert: str, deed: str, revision: int) -> str:
    return f"{alert}.{deed}.{revision}"


def carrier(incident: Incident) -> Alert | None:
    """The alert that carries an incident's escalation: the one people were called about already, else its leader, else the oldest that is open."""
    return _first(incident, incident.open)


def _first(incident: Incident, among: Sequence[Alert]) -> Alert | None:
    begun = next((one for one in among if one.level or one.escalate_at is not None), None)
    return begun or next((one for one in among if one.id == incident.id), None) or next(iter(among), None)


def due(incident: Incident, policies: Sequence[EscalationPolicy], at: datetime) -> Due | None:
    """The next thing to be done; None = nothing for now."""
    return (
        _inherited(incident, at)
        or _woken(incident, at)
        or _relapsed(incident, at)
        or _asked(incident, at)
        or _called(incident, policies, at)
    )


def _inherited(incident: Incident, at: datetime) -> Due | None:
    """The leader holds the times of all; where it is over and others go on, the oldest of them holds the lease or the snooze from now on."""
    lead, heirs = incident.lead, incident.open
    if lead.open or not heirs or any(one.snoozed_until or one.relapse_at for one in heirs):
        return None
    one = heirs[0]
    if lead.snoozed_until is not None and lead.snoozed_until > at:
        return _due(Deed.ARM, incident, (changed(one, snoozed_until=lead.snoozed_until, snoozed_by=lead.snoozed_by),))
    if one.state is AlertState.ACKNOWLEDGED and lead.relapse_at is not None:
        return _due(Deed.ARM, incident, (changed(one, remind_at=lead.remind_at, relapse_at=lead.relapse_at),))
    return None


def _woken(incident: Incident, at: datetime) -> Due | None:
    over = [alert for alert in incident.open if alert.snoozed_until is not None and alert.snoozed_until <= at]
    if not over:
        return None
    alerts = tuple(woken(alert, at) for alert in over)
    return _due(Deed.WAKE, incident, alerts, over[0].snoozed_by, because="Its snooze is over.")


def woken(alert: Alert, at: datetime) -> Alert:
    """As it was before the snooze: an acknowledged one with a new lease, a firing one for which nobody was called yet."""
    awake = changed(alert, snoozed_until=None, snoozed_by="", updated_at=at, level=0, escalate_at=None)
    return replace(kept(awake, at=at), revision=awake.revision) if awake.state is AlertState.ACKNOWLEDGED else awake


def _relapsed(incident: Incident, at: datetime) -> Due | None:
    held = _held_by(incident, next((one for one in _held(incident) if one.relapse_at is not None and one.relapse_at <= at), None))
    if not held:
        return None
    one = held[0]
    because = f"Firing again: {one.acknowledged_by or 'somebody'} acknowledged it"
    because += f" at {one.acknowledged_at:%H:%M} UTC" if one.acknowledged_at else ""
    because += " and did not say that they are still on it."
    alerts = tuple(unacknowledged(alert, at=at, because=because) for alert in held)
    return _due(Deed.RELAPSE, incident, alerts, one.acknowledged_actor, one.acknowledged_by, because)


def _asked(incident: Incident, at: datetime) -> Due | None:
    held = _held_by(incident, next((one for one in _held(incident) if one.remind_at is not None and one.remind_at <= at), None))
    if not held:
        return None
    return _due(Deed.REMIND, incident, tuple(reminded(alert) for alert in held), held[0].acknowledged_actor, held[0].acknowledged_by)


def _held_by(incident: Incident, one: Alert | None) -> list[Alert]:
    """All that is held by whoever holds this one: each has a lease of their own, and one alert of it carries the times."""
    return [alert for alert in _held(incident) if alert.acknowledged_actor == one.acknowledged_actor] if one is not None else []


def _held(incident: Incident) -> list[Alert]:
    return [alert for alert in incident.open if alert.state is AlertState.ACKNOWLEDGED and alert.snoozed_until is None]


def _called(incident: Incident, policies: Sequence[EscalationPolicy], at: datetime) -> Due | None:
    one = _to_call_about(incident)
    if one is None:
        return None
    policy = fitting(policies, one, incident.severity)
    if policy is not None and policy.outgrows(one.policy):
        return _armed(incident, replace(one, level=0), policy, at)
    if one.escalate_at is None:
        return _armed(incident, one, policy, at) if one.level == 0 and policy is not None else None
    if one.escalate_at > at:
        return None
    call = next_call(policy, one, at) if policy is not None else None
    if call is None or policy is None:  # its policy was taken away, or made shorter
        return _due(Deed.ARM, incident, (changed(one, escalate_at=None, level=max(1, one.level)),))
    return _told(incident, one, policy, call)


def _to_call_about(incident: Incident) -> Alert | None:
    """What nobody has taken on and nobody put off: whichever of it people were called about already, else the leader, else the oldest."""
    if any(alert.snoozed_until is not None for alert in incident.open):
        return None
    taken = max((alert.severity.rank for alert in _held(incident)), default=-1)  # who is on an incident is on what is no worse
    free = [one for one in incident.open if one.state is AlertState.FIRING and not one.quiet and one.severity.rank > taken]
    return _first(incident, free)


def _armed(incident: Incident, one: Alert, policy: EscalationPolicy, at: datetime) -> Due:
    """Where the leader is over and another goes on, the call goes on where it stood."""
    lead = incident.lead
    goes_on = not lead.open and lead.level > 0 and lead.acknowledged_at is None and lead.policy in ("", policy.id)
    level, when = (lead.level, lead.escalate_at) if goes_on else (0, begins(policy, at))
    armed = changed(one, policy=policy.id, level=level, escalate_at=when)
    if when is not None and when <= at and (call := next_call(policy, armed, at)) is not None:
        return _told(incident, replace(armed, revision=one.revision), policy, call)
    return _due(Deed.ARM, incident, (armed,))


def _told(incident: Incident, one: Alert, policy: EscalationPolicy, call: Call) -> Due:
    after = changed(one, policy=policy.id, level=call.level, escalate_at=call.next_at)
    because = f"Nobody has taken it yet; level {call.level} of the escalation “{policy.id}”."
    return replace(_due(Deed.CALL, incident, (after,), because=because), call=call)


def _due(deed: Deed, incident: Incident, alerts: Sequence[Alert], person: str = "", name: str = "", because: str = "") -> Due:
    """The leader changes with its members, since its card speaks for them; it carries the subject."""
    lead = next((alert for alert in alerts if alert.id == incident.id), None)
    if lead is None:
        lead = changed(incident.lead)
        alerts = (lead, *alerts)
    return Due(deed, lead, tuple(alerts), person, name, because)
