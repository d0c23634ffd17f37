"""Plain answers: a sentence, a question, a refusal, help, a file, the doctor's findings, the audit."""

from __future__ import annotations

from bot.cards.card import Bold, Button, Card, Code, CodeBlock, Part, Table, Tone
from bot.cards.words import said, small
from engine.commands.command import Asked, AuditShown, Done, FileShown, FindingsShown, HelpShown
from engine.errors import Conflict, Forbidden, Invalid, SignalboxError, Transient, Unanswered

LEVELS = {"ok": "✓", "info": "·", "warning": "!", "problem": "✕"}


def done(shown: Done) -> Card:
    title, _, rest = shown.text.partition("\n")
    body = (said(rest),) if rest else ()
    if len(title) > 120:
        return Card(title="Done" if shown.good else "Not done", tone=Tone.NEUTRAL, body=(said(shown.text),), summary=title[:200])
    return Card(title=title, tone=Tone.NEUTRAL if shown.good else Tone.WARNING, body=body)


def asked(shown: Asked, dialogue: str = "") -> Card:
    """``dialogue`` is the id under which the answers are remembered; without one the options are only named."""
    buttons = tuple(Button("say", label[:60] or words[:60], arg=str(i)) for i, (label, words) in enumerate(shown.options[:5]))
    return Card(
        id=dialogue,
        title=shown.question if len(shown.question) <= 150 else "One question",
        body=() if len(shown.question) <= 150 else (said(shown.question),),
        actions=buttons if dialogue else (),
        footer=("Answer in your own words, or press one.",) if buttons else ("Answer in your own words.",),
    )


def refusal(error: SignalboxError) -> Card:
    """Why something was not done, and what to do; never a traceback."""
    first, _, rest = str(error).partition("\n")
    titles = {Forbidden: "You may not do that", Conflict: "Nothing was changed", Transient: "Not now", Unanswered: "The outcome is not known"}
    title = next((words for kind, words in titles.items() if isinstance(error, kind)), "")
    body: list[Part] = []
    if title or len(first) > 150:
        body.append(said(first))
        title = title or "That did not work"
    else:
        title = first
    if rest:
        body.append(CodeBlock(rest) if isinstance(error, Invalid) else said(rest))
    return Card(title=title, tone=Tone.WARNING, body=tuple(body), summary=first[:200])


def trouble(reference: str) -> Card:
    """For what should never happen: an apology with a reference into the log, no innards."""
    return Card(
        title="Something went wrong on my side",
        tone=Tone.BAD,
        body=(said("Nothing was lost; what you asked was written down. Try again, and if it stays, look into the log for ", Code(reference), "."),),
    )


def help_card(shown: HelpShown) -> Card:
    if shown.topic == "templates":
        parts: list[Part] = []
        for name, what, sentence in shown.rows:
            parts += [said(Bold(name), "\n", what), said(Code(sentence))]
        return Card(title="Workflows to start from", body=(*parts, small("Say one of them, with your own channels and boards.")))
    rows = tuple((slash or "(in words)", what, example) for slash, what, example in shown.rows)
    return Card(
        title="What Signalbox can be asked" if not shown.topic else f"Help: {shown.topic}",
        body=(
            said("Say it in your own words, or use a command. Nothing is changed before you confirm a preview."),
            Table(("Command", "What it does", "Example"), rows),
        ),
    )


def file(shown: FileShown) -> Card:
    return Card(title=shown.title, body=(CodeBlock(shown.text, shown.language),))


def findings(shown: FindingsShown) -> Card:
    rows = tuple((f"{LEVELS.get(f.level, '·')} {f.area}", f.message, f.advice) for f in shown.findings)
    worst = {f.level for f in shown.findings}
    tone = Tone.BAD if "problem" in worst else Tone.WARNING if "warning" in worst else Tone.GOOD
    return Card(title="Doctor", tone=tone, body=(Table(("Part", "State", "What to do"), rows),))


def audit(shown: AuditShown) -> Card:
    rows = tuple(
        (f"{row.at:%Y-%m-%d %H:%M:%S}", row.actor_name, row.verb.replace("_", " "), row.subject, row.outcome, row.detail[:80]) for row in shown.rows
    )
    if not rows:
        return Card(title="The audit is empty", body=(said("Nobody has changed anything yet."),))
    return Card(title="Audit", body=(Table(("When (UTC)", "Who", "What", "On", "Outcome", "Detail"), rows),))
