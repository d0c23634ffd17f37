"""The card of a workflow's recommendations: evidence, expected gain, what became of each, and buttons to try, apply, dismiss and undo."""

from __future__ import annotations

from collections.abc import Iterable

from bot.cards.card import Bold, Button, Card, Part, Style, Tone
from bot.cards.words import headline, said, small
from engine.commands.advice_shown import AdviceRow, AdviceShown

MOST_OPEN = 4  # with their buttons; the others follow when these are answered
MOST_SETTLED = 4
NAMED = 3  # runs


def advice(shown: AdviceShown) -> Card:
    waiting = [row for row in shown.rows if row.state == "open"]
    settled = [row for row in shown.rows if row.state != "open"][:MOST_SETTLED]
    body: list[Part] = [said(shown.because)]
    for number, row in enumerate(waiting[:MOST_OPEN], 1):
        body += _open(number, row)
    if len(waiting) > MOST_OPEN:
        body.append(small(f"And {len(waiting) - MOST_OPEN} more, once these are answered."))
    for row in settled:
        body.append(said(Bold(row.title), "\n", "\n".join(row.story)))
    count = len(waiting)
    title = f"How to improve “{shown.workflow}”: " + (f"{count} recommendation{'s' if count != 1 else ''}" if count else "all answered")
    return Card(
        id=shown.id,
        version=shown.revision,
        title=headline(title),
        tone=Tone.NEUTRAL if count else Tone.GOOD,
        body=tuple(body),
        actions=(*_buttons(waiting[:MOST_OPEN]), *_undos(settled)),
        footer=(f"Applied without asking: {', '.join(shown.allowed)}.",) if shown.allowed else ("Nothing changes before you apply it.",),
        summary=headline(f"{title}. {waiting[0].title}" if waiting else title),
    )


def _open(number: int, row: AdviceRow) -> list[Part]:
    gain = f"Expected: {row.gain}." if row.gain else "How much it brings cannot be told yet: not enough data."
    evidence = f"Seen in {', '.join(row.runs[:NAMED])}" + (f" and {len(row.runs) - NAMED} more." if len(row.runs) > NAMED else ".")
    by_hand = " Make this change with /flow edit." if row.by_hand else ""
    return [
        said(Bold(f"{number}. {row.title}"), f"\n{row.because}{by_hand}"),
        small(f"{gain} {evidence}" if row.runs else gain),
    ]


def _buttons(rows: Iterable[AdviceRow]) -> Iterable[Button]:
    for number, row in enumerate(rows, 1):
        if not row.by_hand:
            yield Button("try", f"{number}. Try it", arg=row.id)
            yield Button("apply", f"{number}. Apply", arg=row.id, style=Style.PRIMARY)
        yield Button("no", f"{number}. Dismiss", arg=row.id)


def _undos(rows: Iterable[AdviceRow]) -> Iterable[Button]:
    for row in rows:
        if row.state in ("applied", "measured"):
            yield Button("undo", f"Undo: {row.title}"[:60], arg=row.id)
