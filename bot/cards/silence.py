"""Cards of silences and maintenance windows: one window through its life, and the list."""

from __future__ import annotations

from bot.cards.card import Bold, Button, Card, Code, Fields, Form, FormField, Line, Moment, Part, Table, Tone
from bot.cards.words import amount, headline, lasted, said, service, small, stamp
from engine.commands.command import SilenceShown, SilencesShown
from engine.commands.maintaining import recurring
from engine.monitoring.silence import Silence, SilenceKind

NAMES = {SilenceKind.MAINTENANCE: "Maintenance", SilenceKind.SILENCE: "Silence"}
EXTEND = Form("Let it last longer", (FormField("by", "By how long", value="30m", help="Such as 30m, 2h or 1d."),), submit="Extend")


def silence(shown: SilenceShown) -> Card:
    one = shown.silence
    over = shown.window != one.window or one.told == "over" or shown.now >= one.ends
    running = not over and one.starts <= shown.now
    state = "over" if over else "running" if running else "planned"
    body: list[Part] = [Fields(_fields(one))] if shown.window == one.window else []
    if one.because:
        body.append(said(Bold("Why: "), one.because))
    if running and shown.held:
        body.append(said(f"{amount(shown.held, 'alert')} quiet because of it. ", Code("/alerts quiet"), " lists them."))
    if not over:
        body.append(small("It is watched as ever; nobody is told meanwhile. What still fires at the end is told then."))
    title = f"{NAMES[one.kind]} of {_what(one)} · {state}"
    return Card(
        id=f"{one.id}.{shown.window}",
        version=one.revision,
        title=headline(title),
        tone=Tone.MUTED if over else Tone.PROGRESS if running else Tone.NEUTRAL,
        body=tuple(body),
        actions=() if over else (Button("extend", "Extend…", form=EXTEND), Button("end", "End now" if running else "Call off")),
        footer=("Set by ", Bold(one.by_name), " · ", Moment(one.made_at, "relative")),
        summary=headline(title),
    )


def _what(one: Silence) -> str:
    return one.match.in_words(service(one.match.service))


def _fields(one: Silence) -> tuple[tuple[str, Line], ...]:
    fields: list[tuple[str, Line]] = [
        ("From", (Moment(one.starts),)), ("Until", (Moment(one.ends),)), ("Lasts", (lasted(one.ends - one.starts),)), ("Alerts", (one.match.in_words(service(one.match.service)),)),
    ]  # fmt: skip
    if one.every:
        fields.append(("Again", (recurring(one.every, one.timezone),)))
    return tuple(fields)


def silences(shown: SilencesShown) -> Card:
    if not shown.silences:
        how = said("Set one: ", Code("/alerts maintenance set github tonight 22:00 to 23:30"))
        return Card(title="No maintenance and no silences", body=(how,))
    rows = tuple(
        (
            _what(one),
            one.kind.value,
            _state(one, shown),
            stamp(one.starts, shown.timezone),
            stamp(one.ends, shown.timezone),
            recurring(one.every, one.timezone) if one.every else "",
            one.by_name,
            one.id,
        )
        for one in shown.silences
    )
    columns = ("What", "Kind", "State", "From", "Until", "Again", "By", "Id")
    ending = small("/alerts maintenance end takes a service or an id.")
    return Card(title=amount(len(rows), "window"), body=(Table(columns, rows), ending))


def _state(one: Silence, shown: SilencesShown) -> str:
    if one.told == "over" or shown.now >= one.ends:
        return "over"
    return "running" if one.active(shown.now) else "planned"
