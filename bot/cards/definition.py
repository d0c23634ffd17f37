"""A definition in words: its trigger, its steps with everything that stands within them, and the policies that matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.cards.card import Bold, Code, Fields, Line, Mark, Part, Span, Steps
from bot.cards.policies import options_lines, step_notes
from bot.cards.words import brief, cut, place, said, service, small, spaced
from engine.workflow.calendar import in_words
from engine.workflow.catalogue import listed
from engine.workflow.definition import (
    Approve,
    AskModel,
    Definition,
    ForEach,
    ItemFailure,
    OnError,
    OnExpiry,
    Parallel,
    SetValues,
    Step,
    SubRun,
    Switch,
    Trigger,
    TriggerType,
    Wait,
)
from engine.workflow.durations import in_words as in_time

MOST_LINES = 40  # steps of a part that are shown one by one
LONGEST = 160
Lines = Iterator[tuple[int, Line]]


def definition_parts(definition: Definition) -> list[Part]:
    """Trigger, condition, steps and options, in words."""
    fields: list[tuple[str, Line]] = [("When", trigger_line(definition.trigger)), *trigger_notes(definition.trigger)]
    if definition.when:
        fields.append(("Only if", (Code(definition.when),)))
    if definition.owner:
        fields.append(("Owner", (definition.owner,)))
    parts: list[Part] = [said(definition.description)] if definition.description else []
    parts.append(Fields(tuple(fields)))
    gate = definition.options.approval
    first: list[tuple[int, Line]] = [(0, ("ask ", Bold(gate), " for approval"))] if gate else []
    parts.append(_steps([*first, *_lines(definition.steps)]))
    for title, steps in (("If it fails:", definition.options.on_failure), ("In the end, however it went:", definition.options.finally_)):
        if steps:
            parts += [small(title), _steps(list(_lines(steps)))]
    if notes := options_lines(definition):
        parts.append(small(" · ".join(notes)))
    return parts


def steps_part(steps: Iterable[Step], most: int, more: str) -> Steps:
    """At most ``most`` lines; ``more`` says where the others are."""
    return _steps(list(_lines(steps)), most, more)


def _steps(lines: list[tuple[int, Line]], most: int = MOST_LINES, more: str = "Export has them all") -> Steps:
    shown = lines[:most]
    if left := len(lines) - len(shown):
        shown.append((0, (f"… and {left} more {'line' if left == 1 else 'lines'}; {more}",)))
    return Steps(tuple((Mark.OPEN, line) for _, line in shown), tuple(depth for depth, _ in shown))


def _lines(steps: Iterable[Step], depth: int = 0) -> Lines:
    for step in steps:
        yield depth, step_line(step)
        match step.does:
            case ForEach(steps=inner):
                yield from _lines(inner, depth + 1)
            case Parallel(branches=branches):
                for name, inner in branches.items():
                    yield depth + 1, (Bold(name), ":")
                    yield from _lines(inner, depth + 2)
            case Switch(cases=cases, otherwise=otherwise):
                for case in cases:
                    yield depth + 1, ("if ", Code(cut(case.when, LONGEST)), ":")
                    yield from _lines(case.steps, depth + 2)
                if otherwise:
                    yield depth + 1, ("else:",)
                    yield from _lines(otherwise, depth + 2)


def step_line(step: Step) -> Line:
    """One step, without those within it."""
    line: list[Span] = [*_does(step)]
    if step.when:
        line += [" if ", Code(cut(step.when, LONGEST))]
    return (*line, *step_notes(step))


def _does(step: Step) -> Line:
    match step.does:
        case ForEach() as loop:
            return _loop(loop)
        case Parallel(branches=branches):
            return (f"side by side: {listed(branches)}",)
        case Switch():
            return ("the first that holds:",)
        case Wait() as wait:
            return _wait(wait)
        case Approve() as ask:
            return _approve(ask)
        case SubRun() as sub:
            given = (" with ", Code(brief(sub.inputs, LONGEST))) if sub.inputs else ()
            return ("run the workflow ", Bold(sub.workflow), *given, *(() if sub.wait else (", without waiting for it",)))
        case SetValues(values=values):
            return ("work out ", Code(brief(values, LONGEST)))
        case AskModel() as asked:
            return (
                "ask the language model ",
                Code(cut(" ".join(asked.prompt.split()), LONGEST)),
                *((" (if there is one)",) if asked.optional else ()),
            )
    line: list[Span] = [Bold(service(step.service)), f" {spaced(step.operation)}"]
    return (*line, " ", Code(brief(step.arguments, LONGEST))) if step.arguments else tuple(line)


_FAILED_ITEM = {
    ItemFailure.STOP: "",
    ItemFailure.FINISH: "; a failed one fails the step once the others are done",
    ItemFailure.TOLERATE: "; failed ones are let pass",
}


def _loop(loop: ForEach) -> Line:
    pace = "one at a time" if loop.concurrency == 1 else f"{loop.concurrency} at a time"
    return ("for each ", Bold(spaced(loop.name)), " of ", Code(cut(loop.items, LONGEST)), f", {pace}{_FAILED_ITEM[loop.on_failure]}")


def _wait(wait: Wait) -> Line:
    if wait.event:
        where = (" where ", Code(cut(wait.where, LONGEST))) if wait.where else ()
        end = "go on" if wait.on_timeout is OnError.CONTINUE else "fail"
        limit = f", for at most {in_time(wait.timeout)}, then {end}" if wait.timeout is not None else ""
        return ("wait for ", Bold(event_name(wait.event)), *where, limit)
    if wait.until:
        return ("wait until ", Code(wait.until))
    return (f"wait {in_time(wait.seconds or 0)}",)


def _approve(ask: Approve) -> Line:
    line: list[Span] = ["ask ", Bold(who(ask.by)), f" for approval{rule_words(ask)}"]
    if ask.channel:
        line.append(f", in {place(ask.channel)}")
    return (*line, *((": ", Code(cut(" ".join(ask.text.split()), LONGEST))) if ask.text else ()))


def who(by: Iterable[str]) -> str:
    """Who is asked, as it was said: “@ops or any admin”."""
    return listed((f"any {one.removeprefix('role:')}" if one.startswith("role:") else one for one in by), "or") or "any operator"


def rule_words(ask: Approve) -> str:
    """What holds beyond one yes, to be put behind “approval”."""
    notes = [f"{ask.quorum} must say yes"] if ask.quorum > 1 else []
    notes += ["not whoever started it"] * ask.four_eyes + ["with a reason"] * ask.reason
    if ask.expires is not None:
        then = {OnExpiry.DECLINE: "declined", OnExpiry.APPROVE: "approved", OnExpiry.FAIL: "failed"}[ask.on_expiry]
        notes.append(f"within {in_time(ask.expires)}, else {then}")
    if ask.remind is not None:
        notes.append(f"a reminder every {in_time(ask.remind)}")
    if ask.on_no is OnError.CONTINUE:
        notes.append("a no does not end the run")
    return f" ({', '.join(notes)})" if notes else ""


# --- triggers ---------------------------------------------------------------------------------------------------------------


def trigger_line(trigger: Trigger) -> Line:
    match trigger.type:
        case TriggerType.SCHEDULED:
            return (in_words(trigger),)
        case TriggerType.EVENT_BASED:
            return (Bold(service(trigger.service)), f": {spaced(trigger.event)}")
        case TriggerType.CROSS_SERVICE:
            return (_several(trigger),)
        case TriggerType.AI_PREDICTED:
            ahead = f" within {in_time(trigger.horizon)}" if trigger.horizon else ""
            verb = "is predicted to go wrong" if trigger.forecasts else "behaves unusually"
            return (f"{service(trigger.service)} {spaced(trigger.metric)} {verb}{ahead}",)
        case TriggerType.MANUAL:
            asked = ", ".join(item.name + ("" if item.required else " (if you like)") for item in trigger.inputs)
            return ("by hand" + (f", with {asked}" if asked else ""),)


def trigger_notes(trigger: Trigger) -> list[tuple[str, Line]]:
    """What narrows a trigger: quiet times, keys, the end of a schedule."""
    notes: list[tuple[str, Line]] = []
    if trigger.jitter:
        notes.append(("Spread", (f"up to {in_time(trigger.jitter)} later, to spread the load",)))
    if trigger.exceptions:
        notes.append(("Not on", (cut(listed(trigger.exceptions, "or"), LONGEST),)))
    if trigger.debounce is not None:
        of = (" for ", Code(trigger.debounce.key)) if trigger.debounce.key else ()
        notes.append(("Begins", (f"once it has been quiet for {in_time(trigger.debounce.seconds)}", *of)))
    if trigger.dedup:
        notes.append(("Once for each", (Code(trigger.dedup),)))
    if keys := list(dict.fromkeys(trigger.correlate.values())):
        notes.append(("Belong together", ("by the same ", *_codes(keys))))
    return notes


def _codes(texts: Iterable[str]) -> Iterator[Span]:
    for at, text in enumerate(texts):
        yield from ((" or ",) if at else ())
        yield Code(text)


def _several(trigger: Trigger) -> str:
    within = f", within {in_time(trigger.within)}" if trigger.within else ""
    if trigger.any:
        return f"any of {listed(map(event_name, trigger.any), 'or')}{within}"
    if trigger.sequence:
        return f"{', then '.join(map(event_name, trigger.sequence))}{within}"
    return f"all of {listed(map(event_name, trigger.all))}{within}"


def event_name(id: str) -> str:
    source, _, event = id.partition(".")
    return f"{service(source)}: {spaced(event)}"
