"""A name for a workflow that was given none: what it takes and where that goes, short enough to say and to type."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.workflow.calendar_words import schedule_in_words
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Step, SubRun, Trigger, TriggerType, flat

LENGTH = 60  # characters of a name, at most
_PLACES = ("board", "channel", "to", "repo", "project", "database", "folder", "workflow")  # the input that says where it goes
_PLACE_LENGTH = 30
_RHYTHM_LENGTH = 36
_LOOKING = ("search_", "list_", "query_", "ask_", "run_report", "run_realtime_report")  # steps that only find out
_NEW = ("opened", "created", "posted", "added", "joined", "received")
_HOW = {"succeeded": "successful", "updated": "changed", "transitioned": "moved", "starting": "upcoming"}
_HAPPENED = re.compile(r"(?P<noun>.+)_(?P<done>[^_]+(?:ed|ing)|paid)")
_CHANGES = re.compile(r"(?P<noun>.+)_changed")


def title(trigger: Trigger, steps: Sequence[Step]) -> str:
    """“Merged pull requests to the Release board”, “Health report every weekday”. Never empty, one line, LENGTH characters at most."""
    steps = [step for step in flat(steps) if step.action or isinstance(step.does, SubRun)]
    match trigger.type:
        case TriggerType.SCHEDULED:
            name = f"{_deed(steps)} {_rhythm(trigger)}"
        case TriggerType.MANUAL:
            name = _deed(steps)
        case _:
            name = f"{_subject(trigger)}{_goal(steps)}"
    return _cut(name) or "Workflow"


# --- what starts it ------------------------------------------------------------------------------------------------------


def _subject(trigger: Trigger) -> str:
    if trigger.type is TriggerType.AI_PREDICTED:
        return f"{product(trigger.service)} {'forecasts' if trigger.forecasts else 'anomalies'}"
    events = [trigger.event] if trigger.event else [id.partition(".")[2] for id in trigger.any or trigger.all or trigger.sequence]
    between = " or " if trigger.any else " then " if trigger.sequence else " and "
    return between.join(dict.fromkeys(_many(event) for event in events[:2]))


def _many(event: str) -> str:
    """``pull_request_merged`` → “merged pull requests”."""
    if changed := _CHANGES.fullmatch(event):
        return f"{_spaced(changed['noun'])} changes"
    said = _HAPPENED.fullmatch(event)
    if said is None:
        return _plural(_spaced(event))
    how = "new" if said["done"] in _NEW else _HOW.get(said["done"], said["done"])
    return f"{how} {_plural(_spaced(said['noun']))}"


def _plural(noun: str) -> str:
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(?:s|x|ch|sh)$", noun) else "s")


def _rhythm(trigger: Trigger) -> str:
    """“every weekday” of “every weekday at 09:00 (Europe/Berlin)”: the hour can be looked up."""
    if trigger.at is not None:
        return f"on {trigger.at:%Y-%m-%d}"
    said = re.split(r" at | \(", schedule_in_words(trigger), maxsplit=1)[0]
    plain = "“" not in said and ("," not in said or said.startswith("every ")) and len(said) <= _RHYTHM_LENGTH
    return said if plain else "by schedule"


# --- what it does --------------------------------------------------------------------------------------------------------


def _main(steps: Sequence[Step]) -> Step | None:
    """The first step that does something, else the first."""
    does = (step for step in steps if not step.operation.startswith(_LOOKING))
    return next(does, next(iter(steps), None))


def _goal(steps: Sequence[Step]) -> str:
    told = [step for step in steps if step.action and step.service != "signalbox"]
    step = _main(told or [step for step in steps if step.action])
    return f" to {_place(step) or product(step.service)}" if step else ""


def _deed(steps: Sequence[Step]) -> str:
    """“Health report”, “Trello card to the Release board”, “Message to team”."""
    step = _main(steps)
    if step is None:
        return "Workflow"
    place = _place(step)
    if step.action == "signalbox.run_workflow" and place:
        return f"run {place}"
    return _noun(step) + (f" to {place}" if place else "")


def _noun(step: Step) -> str:
    if isinstance(step.does, SubRun):
        return f"run {step.does.workflow}"
    verb, _, rest = step.operation.partition("_")
    if step.service == "signalbox":
        return _spaced(step.operation)
    owner = "" if step.service in ("chat", "email") else f"{product(step.service)} "
    if rest and verb in ("create", "add", "post", "send", "upload"):
        return f"{owner}{_spaced(rest)}"
    return f"{_spaced(verb)} {owner}{_spaced(rest)}" if rest else f"{owner}{_spaced(verb)}"


def _place(step: Step) -> str:
    """Where it goes, as one would say it; "" where that is open until it runs, or no plain word."""
    for key in _PLACES:
        value = step.arguments.get(key)
        if not isinstance(value, str):
            continue
        said = _plain(value).lstrip("#@").strip()
        if said and len(said) <= _PLACE_LENGTH and not re.search(r"[{}<>]|^\w+:", said):
            return f"the {said} board" if key == "board" and not said.casefold().endswith("board") else said
    return ""


# --- its letters ---------------------------------------------------------------------------------------------------------


def _spaced(id: str) -> str:
    return id.replace("_", " ").strip()


def _plain(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _cut(name: str) -> str:
    line = _plain(name)
    line = line[:1].upper() + line[1:]
    return line if len(line) <= LENGTH else line[: LENGTH + 1].rsplit(" ", 1)[0][:LENGTH].rstrip(" ,")
