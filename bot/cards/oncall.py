"""Cards about who is on call: the rotas, a change of shift, and the escalations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.cards.card import Bold, Button, Card, Form, FormField, Line, Moment, Part, Table, Tone, User
from bot.cards.words import amount, cut, headline, said, service, small, stamp
from engine.commands.command import EscalationsShown, OnCallShown
from engine.monitoring.oncall import Rota, Shift
from engine.workflow.definition import Json
from engine.workflow.durations import in_words

MOST_BUTTONS = 5
NONE = "Nobody is on call: no rota is set up."


def on_call(shown: OnCallShown) -> Card:
    if not shown.rows:
        return Card(title=NONE, body=(said("Set one up, for example:\n/oncall set ops @ada @bob weekly monday 9:00"),))
    body: list[Part] = []
    for rota, now, next_ in shown.rows:
        body.append(
            said(Bold(rota.name), ": ", Bold(now.who.name), *_instead(now), " until ", Moment(now.until), ", then ", next_.who.name, ".")
        )
        body.append(small(_rule(rota)))
    if len(shown.rows) == 1:
        rota, _, _ = shown.rows[0]
        rows = tuple((stamp(one.since, shown.timezone), one.who.name, one.instead_of.name if one.instead_of else "") for one in shown.ahead)
        body.append(Table(("From", "Who", "Instead of"), rows))
    people = ", ".join(f"{now.who.name} ({rota.name})" for rota, now, _ in shown.rows)
    return Card(
        id="rota_all",
        title="On call",
        body=tuple(body),
        actions=tuple(_take_over(rota) for rota, _, _ in shown.rows[:MOST_BUTTONS]),
        summary=headline(f"On call now: {people}"),
    )


def _instead(shift: Shift) -> Line:
    return (f" (instead of {shift.instead_of.name})",) if shift.instead_of and shift.instead_of != shift.who else ()


def _rule(rota: Rota) -> str:
    """“Ada, Bob · every week, on Monday at 09:00 (Europe/Berlin)”."""
    days = "every day" if rota.every == 1 else f"every week, on {rota.weekday}" if rota.every == 7 else f"every {rota.every} days"
    days = f"every {rota.every // 7} weeks, on {rota.weekday}" if rota.every % 7 == 0 and rota.every > 7 else days
    return f"{', '.join(member.name for member in rota.members)} · handed over {days} at {rota.at:%H:%M} ({rota.zone})"


def _take_over(rota: Rota) -> Button:
    until = FormField("until", "Until when", value="tomorrow 9:00", help="Like 2h, 18:30, tomorrow 9:00, Monday 9:00 or 2026-11-30 09:00.")
    return Button(
        "take", cut(f"I take {rota.name}…", 70), arg=rota.id, form=Form(cut(f"Take over {rota.name}", 24), (until,), submit="Take over")
    )


def handover(payload: Mapping[str, Json]) -> Card:
    """``payload`` as ``engine.commands.callsheet.hand_over`` makes it."""
    leaves, starts = _person(payload, "leaves"), _person(payload, "starts")
    name, instead = str(payload.get("name") or "the rota"), str(payload.get("instead_of") or "")
    alerts = payload.get("alerts")
    rows = tuple(_row(one) for one in alerts if isinstance(one, dict)) if isinstance(alerts, list) else ()
    count = int(str(payload.get("open") or 0))
    body: list[Part] = [
        said(
            Bold(leaves.name or "Somebody"), " leaves, ", Bold(starts.name), " starts", f" (instead of {instead})" if instead not in ("", leaves.name) else "",
            ", until ", Moment(datetime.fromisoformat(str(payload["until"]))), ".",
        )
    ]  # fmt: skip
    if rows:
        body.append(Table(("Service", "Severity", "What", "Who has it"), rows))
        body += [small(f"{count - len(rows)} more: /alerts")] if count > len(rows) else []
    else:
        body.append(said("No alert is open."))
    return Card(
        title=headline(f"On call: {name} is {starts.name} now"),
        tone=Tone.WARNING if rows else Tone.GOOD,
        body=tuple(body),
        summary=headline(f"{name}: {leaves.name or 'somebody'} hands over to {starts.name}; {amount(count, 'open alert')}"),
        mentions=(starts,),
    )


def _person(payload: Mapping[str, Json], key: str) -> User:
    said_ = payload.get(key)
    who = said_ if isinstance(said_, dict) else {}
    id = str(who.get("id") or "")
    return User(id.partition(":")[2], str(who.get("name") or ""), ping=key == "starts" and id.partition(":")[0] == payload.get("face"))


def _row(one: Mapping[str, Json]) -> tuple[str, str, str, str]:
    who = str(one.get("who") or "nobody yet")
    return service(str(one.get("service") or "")), str(one.get("severity") or ""), str(one.get("message") or ""), who


def escalations(shown: EscalationsShown) -> Card:
    if not shown.policies:
        return Card(
            title="Nobody is called by itself",
            body=(
                said(
                    "Alerts stand in their channel until somebody takes them. To call people, for example:\n/escalation set critical: rota ops, 10m @ada, 20m #ops-leads"
                ),
            ),
        )
    rows = tuple(
        (
            policy.id,
            "at once" if level.after == 0 else f"after {in_words(level.after)}",
            ", ".join(one.words for one in level.targets),
            _again(policy.repeat) if level is policy.levels[-1] else "",
        )
        for policy in shown.policies
        for level in policy.levels
    )
    return Card(title="Who is called when nobody takes an alert", body=(Table(("For", "When", "Who", "Then again"), rows),))


def _again(repeat: int) -> str:
    return "" if not repeat else "once more" if repeat == 1 else f"{repeat} times more"
