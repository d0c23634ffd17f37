"""Who is called, and what stands where to call them: in the channel of the alert's card, or directly where the card is not on their platform."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.events import AlertSaved, Event, Posting, PostingState, PostingsTouched, PostingWanted, Priority
from engine.monitoring.alert import Alert, Ruling
from engine.monitoring.escalation import Kind, Target
from engine.monitoring.keeping import Deed, Due
from engine.monitoring.oncall import Member, Rota, Shift, on_call
from engine.parties import Address
from engine.workflow.catalogue import listed
from engine.workflow.definition import Json

DIRECT = {"slack": "{}", "discord": "@{}", "web": "@{}"}  # the address of a person's direct messages
THREADED = frozenset({"slack", "discord"})  # faces where a message's id is the address of its thread
MOST_LISTED = 8  # open alerts in a hand-over
MOST_RULINGS = 30  # of the escalation, kept with an alert
STAGE = "escalation"
_SAID = re.compile(r"(?P<level>.{1,20}) at (?P<at>20\d\d-\d\d-\d\d \d\d:\d\d) UTC: (?P<who>.+)\.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """``people``: actor id → name; ``groups``: ``face:id`` → name; ``channels``: further places. ``words``: all of them, for people to read."""

    about: str
    deed: Deed
    people: Mapping[str, str]
    groups: Mapping[str, str]
    channels: tuple[Address, ...]
    words: str
    because: str
    level: int = 0

    def messages(self, standing: Sequence[Posting]) -> Iterator[tuple[Address, dict[str, Json]]]:
        """Each place once, with those who are called there; ``standing``: where the alert's card stands."""
        homes = {one.to.face: beside(one) for one in reversed(standing)}
        wanted: dict[Address, list[dict[str, Json]]] = {}
        for id, name in self.people.items():
            face, _, own = id.partition(":")
            to = homes.get(face) or direct(id)
            if to is not None:
                wanted.setdefault(to, []).append({"id": own, "name": name})
        for id, name in self.groups.items():
            face, _, own = id.partition(":")
            if face in homes:
                wanted.setdefault(homes[face], []).append({"id": own, "name": name, "group": True})
        for channel in self.channels:
            wanted.setdefault(channel, [])
        if not wanted and homes:
            wanted[next(iter(homes.values()))] = []  # nobody of it can be reached here; at least it is said where the card stands
        for to, ping in wanted.items():
            yield to, self._payload(ping)

    def _payload(self, ping: list[dict[str, Json]]) -> dict[str, Json]:
        return {
            "alert": self.about, "deed": self.deed.value, "level": self.level, "called": self.words, "because": self.because, "ping": list(ping),
        }  # fmt: skip


def of(next_: Due, rotas: Mapping[str, Rota], now: datetime) -> Sheet:
    """Whom a deed is about; rotas stand for whoever is on call now."""
    if next_.call is None:
        people = {next_.person: next_.name or next_.person.partition(":")[2]} if next_.person else {}
        return Sheet(next_.about.leader, next_.deed, people, {}, (), next_.name or listed(people.values()), next_.because)
    people, groups, channels, words = {}, {}, [], []
    for target in next_.call.targets:
        words.append(target.words)
        match target.kind:
            case Kind.PERSON:
                people[target.id] = target.name
            case Kind.ROTA:
                who = _on_call(target, rotas, now)
                words[-1] = f"{who.name} (rota {target.name})" if who else f"rota {target.name}, which is not there any more"
                people |= {who.id: who.name} if who else {}
            case Kind.GROUP:
                groups[target.id] = target.name
            case Kind.CHANNEL:
                channels.append(Address.parse(target.id))
    return Sheet(next_.about.leader, next_.deed, people, groups, tuple(channels), listed(words), next_.because, next_.call.level)


def _on_call(target: Target, rotas: Mapping[str, Rota], now: datetime) -> Member | None:
    rota = rotas.get(target.id)
    return on_call(rota, now).who if rota else None


def events(next_: Due, sheet: Sheet, postings: Sequence[Posting], now: datetime) -> list[Event]:
    """The alerts as they are now and the messages that call people, for one transaction; ``postings``: those of the alert's card."""
    alerts = next_.alerts
    if next_.deed is Deed.CALL:
        ruling = Ruling(
            STAGE, "sent", f"{f'Level {sheet.level}' if sheet.level else 'By hand'} at {now:%Y-%m-%d %H:%M} UTC: {sheet.words}."
        )
        alerts = tuple(_ruled(alert, ruling) if alert.id == next_.about.id else alert for alert in alerts)
    loud = Priority.ALERT if next_.deed in (Deed.RELAPSE, Deed.WAKE) else Priority.EDIT
    standing = [one for one in postings if one.state is not PostingState.FAILED]
    messages = [
        PostingWanted(subject=next_.subject, kind="call", to=to, priority=Priority.ALERT, payload=payload)
        for to, payload in sheet.messages(standing)
    ]
    return [*map(AlertSaved, alerts), PostingsTouched(next_.about.leader, loud), *messages]


def last_call(alert: Alert) -> tuple[str, datetime] | None:
    """Who was called last about an incident, with the level in words, and when; ``alert`` leads it. None where nobody was."""
    said = next((_SAID.fullmatch(ruling.because) for ruling in reversed(alert.trace) if ruling.stage == STAGE), None)
    if said is None:
        return None
    try:
        return f"{said['who']}, {said['level'].lower()}", datetime.fromisoformat(f"{said['at']}+00:00")
    except ValueError:
        return None


def _ruled(alert: Alert, ruling: Ruling) -> Alert:
    """The latest of the escalation, and all of the others."""
    mine = [one for one in alert.trace if one.stage == STAGE]
    gone = mine[: max(0, len(mine) + 1 - MOST_RULINGS)]
    return replace(alert, trace=(*(one for one in alert.trace if one not in gone), ruling))


def beside(posting: Posting) -> Address:
    """The thread of a card that stands, or its channel."""
    if posting.ref is None:
        return posting.to
    thread = posting.ref.thread or (posting.ref.message if posting.ref.face in THREADED else "")
    return Address(posting.ref.face, posting.ref.channel, thread)


def direct(actor: str) -> Address | None:
    """Where to write to one person alone; None where their face has no such place."""
    face, _, own = actor.partition(":")
    return Address(face, DIRECT[face].format(own)) if face in DIRECT and own else None


def hand_over(rota: Rota, shift: Shift, before: Mapping[str, Json], alerts: Sequence[Alert]) -> dict[str, Json]:
    """What the message at a change of shift shows."""
    listed_: list[Json] = [
        {"id": one.id, "service": one.service, "severity": one.severity.value, "message": one.message[:200], "who": one.acknowledged_by}
        for one in sorted(alerts, key=lambda one: (-one.severity.rank, one.opened_at))[:MOST_LISTED]
    ]
    return {
        "rota": rota.id,
        "name": rota.name,
        "leaves": {"id": str(before.get("who") or ""), "name": str(before.get("name") or "")},
        "starts": {"id": shift.who.id, "name": shift.who.name},
        "instead_of": shift.instead_of.name if shift.instead_of else "",
        "until": shift.until.isoformat(),
        "alerts": listed_,
        "open": len(alerts),
    }
