"""The card of a rehearsal: what would have happened step by step, when, what a human would be asked, and how it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.cards.card import Bold, Card, Code, Fields, Line, Mark, Part, Span, Steps, Table, Text, Tone
from bot.cards.progress import outcome
from bot.cards.words import amount, brief, cut, headline, said, service, small, spaced
from engine.commands.command import RehearsedShown
from engine.rehearsal.story import End, Question, Rehearsed, Trial, What
from engine.rehearsal.story import Line as Happened
from engine.rehearsal.wish import FaultWish

MOST_STEPS = 40
MOST_QUESTIONS = 6
MOST_TRIALS = 10
WIDEST = 140  # characters of an ask's arguments
TONES = {
    End.SUCCEEDED: Tone.GOOD, End.FAILED: Tone.BAD, End.CANCELLED: Tone.MUTED, End.WAITS: Tone.WARNING, End.CUT_OFF: Tone.WARNING,
    End.REFUSED: Tone.WARNING,
}  # fmt: skip
WOULD = {
    End.SUCCEEDED: "would succeed", End.FAILED: "would fail", End.CANCELLED: "would be cancelled", End.WAITS: "would wait for ever",
    End.CUT_OFF: "was cut off", End.REFUSED: "would not start",
}  # fmt: skip
ENDED = {
    End.SUCCEEDED: "succeeds", End.FAILED: "fails", End.CANCELLED: "is cancelled", End.WAITS: "waits for ever", End.CUT_OFF: "is cut off",
    End.REFUSED: "does not start",
}  # fmt: skip


def rehearsal(shown: RehearsedShown) -> Card:
    done, chaos = shown.rehearsed, shown.chaos
    trial = done.telling
    many = len(done.trials) > 1
    body: list[Part] = [said(plainly(done.summary()) + ".")] if many else []
    body += [*_tried_on(done), Fields(_fields(done, trial)), *(small(note) for note in done.notes)]
    if many:
        body += _trials(done.trials)
        body.append(said(Bold(f"Trial {trial.number}"), f", which {ENDED[trial.end]}:"))
    body += story(trial)
    if chaos is not None:
        body += _chaos(chaos)
    body.append(small("Nobody was reached and nothing was changed: services answered from examples, waiting took no time."))
    if shown.again:
        body.append(small("The same once more: ", Code(shown.again)))
    return Card(
        title=headline(f"Rehearsal of {done.name} · {_verdict(done)}"),
        tone=_tone(done, chaos),
        body=tuple(body),
        summary=headline(
            plainly(f"Rehearsal of {done.name}: {done.summary()}." + (f" With random faults: {chaos.summary()}." if chaos else ""))
        ),
    )


def _verdict(done: Rehearsed) -> str:
    if len(done.trials) == 1:
        return WOULD[done.trials[0].end]
    return f"{done.ends.get(End.SUCCEEDED, 0)} of {len(done.trials)} succeed"


def _tone(done: Rehearsed, chaos: Rehearsed | None) -> Tone:
    if not done.good:
        return TONES[done.telling.end]
    return Tone.GOOD if chaos is None or chaos.good else Tone.WARNING


def _fields(done: Rehearsed, trial: Trial) -> tuple[tuple[str, Line], ...]:
    fields: list[tuple[str, Line]] = []
    fields.append(("Faults", (faults(done.faults),)))
    fields.append(("Takes", (span(trial.seconds),)))
    fields.append(("Asks", (asks(trial),)))
    if done.faults:
        fields.append(("Seed", (str(done.seed),)))
    return tuple(fields)


def _tried_on(done: Rehearsed) -> list[Part]:
    parts: list[Part] = []
    if done.event:
        parts.append(said("On an example event: " if done.example else "On the event: ", Code(brief(done.event, 160))))
    if done.inputs:
        parts.append(said("With: ", Code(brief(done.inputs, 160))))
    return parts


def faults(wishes: Sequence[FaultWish]) -> str:
    return "; ".join(_fault(wish) for wish in wishes) or "none"


def _fault(wish: FaultWish) -> str:
    whom = service(wish.service) if wish.service else "every service"
    what = {
        "down": "down",
        "slow": "slow",
        "429": "asks for pauses",
        "5xx": "fails (5xx)",
        "lost_answer": "answers are lost",
        "lost_ask": "asks are lost",
    }
    often = "" if wish.share >= 1 else f", {wish.share:.0%} of the calls"
    return f"{whom}: {what.get(wish.kind, 'any fault')}{often}"


def asks(trial: Trial) -> str:
    failed = f", {trial.failures} did not come through" if trial.failures else ""
    return f"{trial.asks}{failed}"


def _chaos(chaos: Rehearsed) -> list[Part]:
    (wish,) = chaos.faults
    parts: list[Part] = [said(Bold(f"With random faults in {wish.share:.0%} of the calls: "), f"{chaos.summary()}. (Seed {chaos.seed})")]
    return parts if chaos.good else [*parts, *_trials(chaos.trials)]


def _trials(trials: Sequence[Trial]) -> list[Part]:
    """Those that are not plainly good, alike ones together."""
    groups: dict[tuple[str, str, str], list[Trial]] = {}
    for trial in trials:
        if trial.end is not End.SUCCEEDED or _doubts(trial):
            groups.setdefault((ENDED[trial.end], ", ".join(sorted(_doubts(trial))) or "–", plainly(trial.why)[:160] or "–"), []).append(
                trial
            )
    if not groups:
        return []
    rows = tuple((_numbers(alike), *key) for key, alike in sorted(groups.items(), key=lambda group: -len(group[1]))[:MOST_TRIALS])
    return [Table(("Trials", "End", "A human is asked about", "Why"), rows)]


def _numbers(alike: Sequence[Trial]) -> str:
    """“8: 3, 4, 5 …”."""
    named = ", ".join(str(trial.number) for trial in alike[:3])
    return named if len(alike) <= 3 else f"{len(alike)}: {named} …"


def _doubts(trial: Trial) -> set[str]:
    return {f"{question.step} ({question.action})" for question in trial.questions if question.kind == "doubt"}


# --- the story of one trial ----------------------------------------------------------------------------------------------


def story(trial: Trial) -> list[Part]:
    """Step by step, then what a human would be asked, what was taken back, and why it ended so."""
    groups = _groups(trial.lines)
    items = [(_mark(group), _group_line(group)) for group in groups]
    parts: list[Part] = []
    if items:
        parts.append(Steps(tuple(items[:MOST_STEPS])))
    if len(items) > MOST_STEPS:
        parts.append(small(f"{amount(len(items) - MOST_STEPS, 'more step')} not shown."))
    if trial.questions:
        parts.append(said(Bold("A human would be asked:")))
        parts += [Text(_question(one)) for one in trial.questions[:MOST_QUESTIONS]]
    if trial.undone:
        parts.append(said(Bold("Taken back: "), ", ".join(step.replace(".undo", "") for step in trial.undone)))
    if trial.why and trial.end is not End.SUCCEEDED:
        parts.append(said(Bold("Why: "), plainly(trial.why)))
    return parts


def _groups(lines: Iterable[Happened]) -> list[list[Happened]]:
    """The lines of each step, in the order in which steps were first heard of."""
    found: dict[tuple[str, str], list[Happened]] = {}
    for line in lines:
        if line.step:
            found.setdefault((line.run, line.step), []).append(line)
        elif line.what in (What.EXPIRED, What.CANCELLED, What.NOTE):
            found[line.run, f"{line.what}{line.at}"] = [line]
    return list(found.values())


MARKS: Mapping[What, Mark] = {
    What.ANSWERED: Mark.DONE, What.GAVE_UP: Mark.FAILED, What.SKIPPED: Mark.SKIPPED, What.DOUBT: Mark.ASK, What.WAITS: Mark.WAITING,
    What.FAILED: Mark.DOING, What.ASKED: Mark.DOING, What.VOTED: Mark.WAITING, What.REMINDED: Mark.WAITING, What.NOTE: Mark.ASK,
    What.EXPIRED: Mark.FAILED, What.CANCELLED: Mark.SKIPPED, What.DECIDED: Mark.DONE,
}  # fmt: skip


def _mark(group: Sequence[Happened]) -> Mark:
    return MARKS.get(group[-1].what, Mark.OPEN)


def _group_line(group: Sequence[Happened]) -> Line:
    first, last = group[0], group[-1]
    if not first.step or first.what is What.NOTE:
        return (f"{after(first.at)}: ", first.text)
    line: list[Span] = [f"{after(first.at)} · ", *_whom(first)]
    asked = next((one for one in group if one.what is What.ASKED), None)
    if asked is not None and asked.arguments:
        line += [" ", Code(brief(asked.arguments, WIDEST))]
    line += _on_the_way(group)
    if last.what is What.ANSWERED:
        line += _result(asked, last)
    elif last.what in (What.GAVE_UP, What.SKIPPED) and last.text:
        line.append(f" · {cut(plainly(last.text), 200)}")
    if last.at - first.at >= 1:
        line.append(f" ({after(last.at)})")
    return tuple(line)


def _result(asked: Happened | None, answered: Happened) -> list[Span]:
    """What came of it, where that is more than what was asked (the text of a message is not)."""
    output = answered.output
    if isinstance(output, dict):
        if "approved" in output:
            return [" → approved" if output["approved"] is True else " → not approved"]
        if "timed_out" in output:
            return (
                [] if output.get("event") is None and not output["timed_out"] else [" → timed out" if output["timed_out"] else " → it came"]
            )
        if asked is not None and "url" not in output and output.get("text") == asked.arguments.get("text") is not None:
            return []
    shown = outcome(output)
    return [" → ", shown] if shown else []


def _whom(line: Happened) -> list[Span]:
    name, dot, operation = line.action.partition(".")
    spans: list[Span] = [f"{line.run}: "] if line.run else []
    if line.undo:
        spans.append("undo: ")
    if dot:
        return [*spans, Bold(service(name)), f" {spaced(operation)}, “{line.step}”"]
    return [*spans, Bold(line.action or "step"), f" “{line.step}”"]


def _on_the_way(group: Sequence[Happened]) -> list[Span]:
    """What happened between a step's beginning and its end; attempts that failed for the same reason are said together."""
    spans: list[Span] = []
    failed: list[Happened] = []
    doubts = sum(line.what is What.DOUBT for line in group)
    for line in _without_repeated_doubts(group):
        if failed and not (line.what is What.ASKED or (line.what is What.FAILED and line.text == failed[-1].text)):
            spans, failed = [*spans, _failed(failed)], []
        if line.what is What.FAILED:
            failed.append(line)
        elif text := _in_between(line):
            spans.append(f" · {text}")
    if doubts > 1:
        spans.append(f" · {doubts} times in all")
    return [*spans, _failed(failed)] if failed else spans


def _without_repeated_doubts(group: Sequence[Happened]) -> Sequence[Happened]:
    """The first doubt and its decision stand for all."""
    once = {what: next((line for line in group if line.what is what), None) for what in (What.DOUBT, What.DECIDED)}
    return [line for line in group if line.what not in once or line is once[line.what]]


def _failed(lines: Sequence[Happened]) -> str:
    waits = ", ".join(span(line.next_in) if line.next_in else "no time" for line in lines)
    return f" · {amount(len(lines), 'attempt')} failed, again after {waits}: {cut(plainly(lines[-1].text), 120)}"


def _in_between(line: Happened) -> str:
    match line.what:
        case What.DOUBT:
            return "no answer is known: a human would be asked"
        case What.WAITS if line.action == "wait" and not line.text:
            return f"waits {span(line.next_in)}" if line.next_in else "waits"
        case What.WAITS:
            most = f" at most {span(line.next_in)}" if line.next_in else ""
            return f"waits {line.text}{most}".replace("waits  ", "waits ")
        case What.REMINDED:
            return "people are reminded"
        case What.VOTED | What.DECIDED | What.NOTE:
            return line.text
    return ""


def _question(one: Question) -> Line:
    spans: list[Span] = [f"{after(one.at)} · ", f"{one.run}: " if one.run else "", Bold(one.step), f": {cut(plainly(one.text), 200)}"]
    return tuple(span for span in (*spans, f" → {one.answer}" if one.answer else "") if span)


# --- words ---------------------------------------------------------------------------------------------------------------


def plainly(text: str) -> str:
    """A rehearsal need not say of each fault that it is made up."""
    return text.replace(" (sandbox, on purpose)", "")


def after(seconds: float) -> str:
    """“at once”, “after 3.2 s”, “after 30 days 1 min”: since the run began."""
    return "at once" if seconds < 0.05 else f"after {span(seconds)}"


def span(seconds: float | None) -> str:
    """“3.2 s”, “1 min 30 s”, “2 h 5 min”, “30 days 1 min”."""
    whole = round(seconds or 0.0, 1)
    if whole < 60:
        return f"{whole:g} s"
    units = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    rest, parts = round(whole), []
    for name, size in units:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} day{'s' if count != 1 else ''}" if name == "day" else f"{count} {name}")
    return " ".join(parts[:2])
