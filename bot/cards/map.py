"""Cards of the map: who needs whom, what changed, what is odd, what is suggested, and what was just done to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.cards.card import Bold, Button, Card, Code, Fields, Line, Part, Picture, Style, Table, Tone
from bot.cards.words import headline, said, small, stamp
from engine.commands.deps_import import told
from engine.commands.map_shown import (
    DependenciesShown,
    ImportPlanned,
    MapCheckedShown,
    MapEdited,
    MapHistoryShown,
    SuggestedLine,
    SuggestionsShown,
)
from engine.graph.declared.component import Component
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line as Need
from engine.graph.declared.line import LineKind
from engine.graph.discovery.findings import Oddity
from engine.graph.discovery.map import Map

MOST_ROWS = 15
MOST_ODD = 5  # of a kind; all of them are in the answer of REST
MOST_SUGGESTED = 5
DASH = "–"
VERBS = {
    LineKind.NEEDS: "needs",
    LineKind.CALLS: "calls",
    LineKind.LISTENS: "listens to",
    LineKind.STARTS: "starts",
    LineKind.ALTERNATIVE: "falls back on",
}
TITLES = {
    Oddity.UNSEEN: "Declared, and never seen",
    Oddity.UNDECLARED: "Seen, and not declared",
    Oddity.FADED: "Faded",
    Oddity.CIRCLE: "Circles",
    Oddity.ALIKE: "Two names for one thing?",
    Oddity.SHARED: "Alternatives that fall together",
    Oddity.WEAKER: "Important ones on less important ones",
    Oddity.CONFLICT: "Contradictions",
}
WHENCE = {
    EvidenceKind.WORKFLOW: "its steps",
    EvidenceKind.DECLARED: "declared",
    EvidenceKind.OBSERVED: "calls seen",
    EvidenceKind.EVENT: "events came",
    EvidenceKind.SUGGESTED: "suggested",
    EvidenceKind.DENIED: "denied",
}


def dependencies(shown: DependenciesShown, png: bytes | None, alt: str) -> Card:
    """``png`` None where no picture could be drawn; the words say the same."""
    one = shown.about
    body: list[Part] = [said("\n".join(shown.sentences))]
    if one is not None:
        body += _details(shown, one)
    body += _odd(shown, one)
    body.append(Picture(png, alt or shown.sentences[0], name=f"map-{_file_name(one.id if one else 'all')}.png") if png else small(alt))
    title = f"{one.label}: who needs whom" if one else "Who needs whom"
    return Card(title=headline(title), body=tuple(body), summary=headline(" ".join(shown.sentences[:2]))[:300])


def _details(shown: DependenciesShown, one: Component) -> list[Part]:
    parts: list[Part] = []
    fields: list[tuple[str, Line]] = [("Kind", (one.kind.value,))]
    fields += [("Owner", (Bold(one.owner),))] if one.owner else [("Owner", ("nobody is named",))]
    fields += [("Tier", (str(one.tier),))] if one.tier is not None else []
    fields += [("Criticality", (one.criticality.value,))] if one.criticality else []
    fields += [("Lifecycle", (one.lifecycle,))] if one.lifecycle else []
    fields += [("Part of", (shown.map.label(one.part_of),))] if one.part_of else []
    fields += [("Also called", (", ".join(one.aliases),))] if one.aliases else []
    parts.append(Fields(tuple(fields)))
    columns = ("What", "How", "How that is known")
    for title, lines, end in (("Needs", shown.needs, "target"), ("Needed by", shown.needed_by, "source")):
        if lines:
            parts.append(said(Bold(title)))
            parts.append(Table(columns, tuple(_row(shown.map, line, end) for line in lines[:MOST_ROWS])))
            parts += _more(len(lines) - MOST_ROWS)
    for other in shown.alternatives[:MOST_ROWS]:
        parts.append(said(Code(other.use), " may stand in for ", Code(other.instead_of)))
    for quiet in shown.quiet[:MOST_ODD]:
        ends = f"“{shown.map.label(quiet.line.source)}” → “{shown.map.label(quiet.line.target)}”"
        parts.append(small(f"Not counted: {ends}. {quiet.because}"))
    return parts


def _row(map: Map, line: Need, end: str) -> tuple[str, ...]:
    how = VERBS[line.kind]
    if line.group:
        how += f", {line.at_least} of “{line.group}”"
    if line.soft:
        how += ", does without if it must"
    return map.label(getattr(line, end)), how, known_by(line.evidence, line.per_hour)


def known_by(evidence: Sequence[Evidence], per_hour: float | None) -> str:
    """“declared (Ada), calls seen, 120 an hour”"""
    parts = []
    for piece in evidence[:3]:
        # The id of a workflow tells nobody anything; a file or a person does.
        origin = f" ({piece.origin})" if piece.origin and piece.kind is EvidenceKind.DECLARED else ""
        parts.append(WHENCE[piece.kind] + origin)
    parts += [f"{len(evidence) - 3} more"] if len(evidence) > 3 else []
    parts += [f"{per_hour:,.3g} an hour"] if per_hour else []
    return ", ".join(dict.fromkeys(parts)) or DASH


def _odd(shown: DependenciesShown, one: Component | None) -> list[Part]:
    if one is not None:
        return [said("! ", finding.text) for finding in shown.findings[:MOST_ODD]] + _more(len(shown.findings) - MOST_ODD)
    count = len(shown.findings)
    return [small(f"{count} {'thing is' if count == 1 else 'things are'} odd on it: /deps check")] if count else []


def _more(count: int) -> list[Part]:
    return [small(f"And {count:,} more.")] if count > 0 else []


def _file_name(id: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", id)[:60] or "map"


def edited(shown: MapEdited) -> Card:
    first, _, rest = shown.text.partition("\n")
    return Card(
        id=shown.id,
        version=shown.revision,
        title=headline(first),
        tone=Tone.GOOD,
        body=(said(rest),) if rest.strip() else (),
        actions=(Button("undo", shown.undo),),
    )


def planned(shown: ImportPlanned) -> Card:
    first, _, rest = told(shown).partition("\n")
    return Card(title=headline(first), body=(said(rest),))


def history(shown: MapHistoryShown) -> Card:
    title = headline(f"What changed on the map{shown.words if shown.words.startswith(' ') else f' {shown.words}'}")
    if not shown.changes:
        return Card(title=title, body=(said("Nothing changed in that time."),))
    rows = tuple((stamp(one.at, shown.timezone), one.text) for one in shown.changes)
    return Card(title=title, body=(Table(("When", "What"), rows),), summary=f"{title}: {len(rows)} changes")


def checked(shown: MapCheckedShown) -> Card:
    of = f"{shown.components:,} components and {shown.lines:,} lines"
    if not shown.findings:
        return Card(title="Nothing is odd on the map", tone=Tone.GOOD, body=(said(f"{of} were looked at."),))
    body: list[Part] = []
    for oddity in dict.fromkeys(one.oddity for one in shown.findings):
        texts = [one.text for one in shown.findings if one.oddity is oddity]
        body.append(said(Bold(f"{TITLES[oddity]} ({len(texts)})")))
        body.append(said("\n".join(f"• {text}" for text in texts[:MOST_ODD])))
        body += _more(len(texts) - MOST_ODD)
    count = len(shown.findings)
    title = f"{count} {'thing' if count == 1 else 'things'} on the map to look at"
    return Card(title=title, tone=Tone.WARNING, body=tuple(body), footer=(of,), summary=title)


def suggestions(shown: SuggestionsShown) -> Card:
    if not shown.rows:
        learnt = (
            "Past incidents are looked through every few hours."
            if shown.learnt
            else "Past incidents were not looked through yet; that happens every few hours."
        )
        return Card(title="Nothing is suggested", body=(said("No two things failed together often enough to ask about."), small(learnt)))
    rows = shown.rows[:MOST_SUGGESTED]
    body: list[Part] = []
    for number, row in enumerate(rows, 1):
        body.append(said(Bold(f"{number}. {row.dependant} needs {row.cause}?"), f" {_sure(row)}"))
        body.append(small(row.suggestion.because))
    body += _more(len(shown.rows) - MOST_SUGGESTED)
    open_rows = [row for row in rows if not row.answer]
    title = f"Who may need whom: {len(open_rows)} to answer" if open_rows else "Who may need whom: all answered"
    return Card(
        id=shown.id,
        title=title,
        body=tuple(body),
        actions=tuple(_buttons(rows)),
        footer=("Guessed from what failed together. Nothing counts before you say yes.",),
        summary=headline(f"{title}. {rows[0].dependant} needs {rows[0].cause}?"),
    )


def _sure(row: SuggestedLine) -> str:
    if row.answer:
        return f"{row.answer.capitalize()}, says {row.by or 'somebody'}."
    return f"{row.suggestion.confidence:.0%} sure."


def _buttons(rows: Iterable[SuggestedLine]) -> Iterable[Button]:
    for number, row in enumerate(rows, 1):
        if not row.answer:
            yield Button("yes", f"{number}. Yes", arg=row.suggestion.id, style=Style.PRIMARY)
            yield Button("no", f"{number}. No", arg=row.suggestion.id)
