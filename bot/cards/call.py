"""The message that calls somebody about an alert: to ask whether they still have it, to tell that a snooze is over, or to say that nobody has it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards.card import Bold, Button, Card, Fields, Line, Moment, Part, Style, Tone, User
from bot.cards.words import headline, said, service, small
from engine.monitoring.alert import Alert, AlertState
from engine.monitoring.incident import Incident
from engine.monitoring.keeping import Deed
from engine.workflow.definition import Json

MOST_PINGS = 20
TITLES = {
    Deed.REMIND: "Still on it? {}",
    Deed.RELAPSE: "{} fires again",
    Deed.WAKE: "The snooze of {} is over",
    Deed.CALL: "{}: somebody is needed",
}
SETTLED = {**TITLES, Deed.RELAPSE: "{} fired again", Deed.WAKE: "The snooze of {} was over", Deed.CALL: "{}: somebody was called"}


def call(payload: Mapping[str, Json], whole: Incident) -> Card:
    """``payload`` as ``engine.commands.callsheet`` makes it; the buttons are those that are of use in the incident's state now."""
    deed = Deed(str(payload["deed"]))
    one, state = whole.lead if whole.lead.open or not whole.open else whole.open[0], whole.state
    name = service(one.service) or one.rule.replace("_", " ")
    others = len(whole.services) - 1
    title = (TITLES if state is AlertState.FIRING or deed is Deed.REMIND else SETTLED)[deed].format(
        name + (f" and {others} more" if others > 0 else "")
    )
    return Card(
        id=whole.id,
        title=headline(title),
        tone=_tone(deed, state),
        body=(said(Bold(f"[{whole.severity.value}]"), " ", one.message), *_asked(deed, payload, one, state), _stands(one, state)),
        actions=_buttons(deed, state),
        footer=_footer(payload),
        summary=headline(f"{title}: {one.message}"),
        mentions=tuple(_pings(payload)),
    )


def _asked(deed: Deed, payload: Mapping[str, Json], one: Alert, state: AlertState) -> list[Part]:
    if deed is Deed.REMIND:
        then: Line = ("; without an answer it fires again ", Moment(one.relapse_at)) if one.relapse_at else ()
        return [said("Say whether you still have it", *then, ".")] if state is AlertState.ACKNOWLEDGED else []
    because = str(payload.get("because") or "") if state is AlertState.FIRING else ""
    parts: list[Part] = [said(because)] if because else []
    if deed is Deed.CALL and payload.get("called"):
        parts.append(Fields((("Called", (str(payload["called"]),)),)))
    return parts


def _stands(one: Alert, state: AlertState) -> Part:
    if state is AlertState.RESOLVED:
        at: Line = (" ", Moment(one.resolved_at, "relative")) if one.resolved_at else ()
        return small("It is over: resolved by ", Bold(one.resolved_by or "somebody"), *at, ".")
    if one.snoozed_until is not None:
        return small("It is snoozed until ", Moment(one.snoozed_until), ".")
    if state is AlertState.ACKNOWLEDGED:
        return small(Bold(one.acknowledged_by or "Somebody"), " has it.")
    return small("It has been there since ", Moment(one.opened_at), "; nobody is on it.")


def _tone(deed: Deed, state: AlertState) -> Tone:
    if state is AlertState.FIRING:
        return Tone.BAD if deed is not Deed.WAKE else Tone.WARNING
    return Tone.WARNING if state is AlertState.ACKNOWLEDGED and deed is Deed.REMIND else Tone.MUTED


def _buttons(deed: Deed, state: AlertState) -> tuple[Button, ...]:
    if state is AlertState.FIRING:
        return (Button("acknowledge", "Acknowledge", style=Style.PRIMARY),)
    if state is AlertState.ACKNOWLEDGED and deed is Deed.REMIND:
        return (Button("keep", "Still on it", style=Style.PRIMARY), Button("unacknowledge", "Un-acknowledge"))
    return ()


def _footer(payload: Mapping[str, Json]) -> Line:
    return (f"level {payload['level']} of its escalation",) if payload.get("level") else ()


def _pings(payload: Mapping[str, Json]) -> list[User]:
    ping = payload.get("ping")
    people = [one for one in ping if isinstance(one, dict)] if isinstance(ping, list) else []
    return [User(f"{'&' if one.get('group') else ''}{one['id']}", str(one["name"]), ping=True) for one in people[:MOST_PINGS]]
