"""Plain answers: a sentence, a question, a refusal, help, templates, a file, the doctor's findings, the audit."""

from __future__ import annotations

from bot.cards.card import Bold, Button, Card, Code, CodeBlock, Part, Table, Tone
from bot.cards.words import headline, said, small
from engine.commands.command import Asked, AuditShown, Done, FileShown, FindingsShown, HelpShown, TemplatesShown
from engine.errors import Conflict, Forbidden, Invalid, SignalboxError, Transient, Unanswered

LEVELS = {"ok": "✓", "info": "·", "warning": "!", "problem": "✕"}
TITLES = {Forbidden: "You may not do that", Conflict: "Nothing was changed", Transient: "Not now", Unanswered: "The outcome is not known"}
LONGEST_TITLE = 150
CHOICES = 5


def done(shown: Done) -> Card:
    first, _, rest = shown.text.strip().partition("\n")
    tone = Tone.NEUTRAL if shown.good else Tone.WARNING
    if len(first) > LONGEST_TITLE:
        return Card(title="Done" if shown.good else "Not done", tone=tone, body=(said(shown.text.strip()),), summary=headline(first)[:200])
    return Card(title=headline(first, "Done" if shown.good else "Not done"), tone=tone, body=(said(rest),) if rest.strip() else ())


def asked(shown: Asked, dialogue: str = "") -> Card:
    """``dialogue`` is the id under which the answers are remembered; without one the options are only named."""
    options = shown.options[:CHOICES]
    buttons = tuple(Button("say", headline(label or words)[:60], arg=str(i)) for i, (label, words) in enumerate(options))
    body: list[Part] = [said(shown.question)] if len(shown.question) > LONGEST_TITLE else []
    if options and not dialogue:
        body.append(said("\n".join(f"{number}. {headline(label or words)}" for number, (label, words) in enumerate(options, 1))))
    return Card(
        id=dialogue,
        title="One question" if len(shown.question) > LONGEST_TITLE else headline(shown.question, "One question"),
        body=tuple(body),
        actions=buttons if dialogue else (),
        footer=("Press one, or answer in your own words." if buttons and dialogue else "Answer in your own words.",),
    )


def refusal(error: SignalboxError) -> Card:
    """Why something was not done, and what to do; never a traceback."""
    first, _, rest = str(error).strip().partition("\n")
    title = next((words for kind, words in TITLES.items() if isinstance(error, kind)), "")
    body: list[Part] = []
    if title or len(first) > LONGEST_TITLE:
        body.append(said(first))
        title = title or "That did not work"
    else:
        title = headline(first, "That did not work")
    if rest.strip():
        body.append(CodeBlock(rest) if isinstance(error, Invalid) else said(rest))
    return Card(title=title, tone=Tone.WARNING, body=tuple(body), summary=headline(first, title)[:200])


def trouble(reference: str) -> Card:
    """For what should never happen: an apology with a reference into the log, no innards."""
    return Card(
        title="Something went wrong on my side",
        tone=Tone.BAD,
        body=(
            said("It is a fault of mine, not of what you said. Look whether it was done before you repeat it: /flow list, /flow history, /alerts."),
            small("For whoever runs Signalbox: the log has the details under ", Code(reference[:80] or "–"), "."),
        ),
    )


def help_card(shown: HelpShown) -> Card:
    rows = tuple((slash or "(in words)", what, example) for slash, what, example in shown.rows)
    intro = "Say it in your own words, or use a command. What changes workflows is shown first and done after your Confirm."
    if not shown.found:
        intro = f"Nothing is called “{shown.topic[:60]}”; this is everything. {intro}"
    return Card(
        title=headline(f"Help: {shown.topic[:60]}") if shown.topic and shown.found else "What Signalbox can be asked",
        body=(said(intro), Table(("Command", "What it does", "Example"), rows)),
    )


def templates(shown: TemplatesShown) -> Card:
    parts: list[Part] = []
    for name, what, sentence in shown.rows:
        parts += [said(Bold(name), "\n", what), said(Code(sentence))]
    return Card(title="Workflows to start from", body=(*parts, small("Say one of them, with your own channels and boards.")))


def file(shown: FileShown) -> Card:
    return Card(title=headline(shown.title, "A file"), body=(CodeBlock(shown.text, shown.language),))


def findings(shown: FindingsShown) -> Card:
    rows = tuple((f"{LEVELS.get(f.level, '·')} {f.area}", f.message, f.advice) for f in shown.findings)
    worst = {f.level for f in shown.findings}
    tone = Tone.BAD if "problem" in worst else Tone.WARNING if "warning" in worst else Tone.GOOD
    problems = sum(f.level in ("problem", "warning") for f in shown.findings)
    title = "Doctor: all well" if not problems else f"Doctor: {problems} thing{'s' if problems != 1 else ''} to look at"
    return Card(title=title, tone=tone, body=(Table(("Part", "State", "What to do"), rows),))


def audit(shown: AuditShown) -> Card:
    rows = tuple(
        (f"{row.at:%Y-%m-%d %H:%M:%S}", row.actor_name, row.verb.replace("_", " "), row.subject, row.outcome, row.detail[:80]) for row in shown.rows
    )
    if not rows:
        return Card(title="The audit is empty", body=(said("Nobody has changed anything yet."),))
    return Card(title="Audit, newest first", body=(Table(("When (UTC)", "Who", "What", "On", "Outcome", "Detail"), rows),))
