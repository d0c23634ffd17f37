"""The card of a replay: which events would start a version or not, and what it would do differently."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import Card, Fields, Part, Table, Tone
from bot.cards.rehearsal import ENDED
from bot.cards.words import amount, brief, cut, headline, said, small, spaced, stamp
from bot.cards.words import service as service_name
from engine.commands.command import ReplayedShown
from engine.rehearsal.differing import Change, Replayed, Row, Side

MOST_ROWS = 15
MOST_CHANGES = 3
ORDER = {"no_more": 0, "newly": 1, "differs": 2, "same": 3, "neither": 4}


def replay(shown: ReplayedShown) -> Card:
    done = shown.replayed
    title = f"Replay of {done.name}" + (f": version {done.old} → {done.new}" if done.old else "")
    body: list[Part] = [
        said(done.summary()),
        Fields((("From", (stamp(done.since, shown.timezone),)), ("To", (stamp(done.until, shown.timezone),)))),
    ]
    body += [small(note) for note in done.notes]
    rows = [row for row in done.rows if row.kind not in ("same", "neither")] if done.old else list(done.rows)
    if rows:
        body.append(_table(done, sorted(rows, key=lambda row: (ORDER[row.kind], -row.at.timestamp())), shown.timezone))
    if len(rows) > MOST_ROWS:
        body.append(small(f"{amount(len(rows) - MOST_ROWS, 'more row')} not shown."))
    body.append(
        small("Nobody was reached. What services really answered then was answered again; where something else is asked, an example.")
    )
    return Card(title=headline(title), tone=_tone(done), body=tuple(body), summary=headline(f"{title}: {done.summary()}"))


def _tone(done: Replayed) -> Tone:
    return Tone.NEUTRAL if not done.old else Tone.GOOD if done.same else Tone.WARNING


def _table(done: Replayed, rows: Sequence[Row], zone: str) -> Table:
    what = "Fire" if done.unit == "fire" else "Event"
    if not done.old:
        return Table(("When", what, "It"), tuple((stamp(row.at, zone), _what(row), _side(row.new)) for row in rows[:MOST_ROWS]))
    cells = tuple(
        (
            stamp(row.at, zone),
            _what(row),
            _side(row.old) + (f" (really {row.really})" if row.really else ""),
            _side(row.new),
            changes(row.changes),
        )
        for row in rows[:MOST_ROWS]
    )
    return Table(("When", what, f"Version {done.old}", f"Version {done.new}", "Difference"), cells)


def _what(row: Row) -> str:
    name, _, event = row.name.partition(".")
    told = {key: row.event[key] for key in ("title", "name", "text", "number", "url", "id") if row.event.get(key) not in (None, "")}
    about = brief(dict(list(told.items())[:1]), 60)
    return f"{service_name(name)}: {spaced(event)}" + (f" ({about})" if about else "") if event else "schedule"


def _side(side: Side | None) -> str:
    if side is None:
        return "–"
    if not side.starts:
        return cut(f"does not start: {side.reason}", 160)
    if side.end is None:
        return "starts"
    return cut(f"{ENDED[side.end]}: {side.why}" if side.why else ENDED[side.end], 160)


def changes(found: Sequence[Change]) -> str:
    parts = [_change(one) for one in found[:MOST_CHANGES]]
    more = len(found) - len(parts)
    return "; ".join([*parts, f"{more} more"] if more > 0 else parts) or "–"


def _change(one: Change) -> str:
    if one.kind == "new":
        return f"new: {one.step} asks {one.action}"
    if one.kind == "gone":
        return f"gone: {one.step} ({one.action})"
    return f"{one.step}, {one.argument}: “{cut(one.was, 60)}” → “{cut(one.now, 60)}”"
