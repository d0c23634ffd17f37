"""The exact forms about runs and versions: ``/flow retry release board=Ops``, ``/flow approve release go``, ``/flow diff release 1 3``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from intents.grammar.request import Answer, known_name, which_workflow
from intents.grammar.source import Source
from intents.named import KEY, pairs_of, split_name, whole_name

MakeSource = Callable[[str], Source]
Read = Callable[[str, MakeSource], Answer]

_RUN = re.compile(r"(?:run\s+)?(run_\w+)\b", re.IGNORECASE)
_OF_A_RUN = re.compile(r"(?:the\s+)?run\s+(?:of\s+|for\s+)?(?=\S)", re.IGNORECASE)
_PAIR = re.compile(rf"(?:^|\s){KEY}=")
_LEAVE = re.compile(
    r"\s*,?\s*(?:without\s+(?:undoing|undo|compensat\w+)(?:\s+(?:it|anything))?|(?:and\s+)?(?:keep|leave)\s+(?:it|everything)\s*(?:as\s+it\s+is)?)\s*$",
    re.IGNORECASE,
)
_VERSION = re.compile(r"\s+(?:to\s+)?(?:version\s+)?v?(\d{1,8})\s*$", re.IGNORECASE)
_FINDINGS = {
    "happened": "settle_doubt", "yes": "settle_doubt", "done": "settle_doubt", "did": "settle_doubt",
    "repeat": "repeat_doubt", "no": "repeat_doubt", "again": "repeat_doubt", "didnt": "repeat_doubt", "didn't": "repeat_doubt", "not": "repeat_doubt",
    "look": "look_doubt", "check": "look_doubt",
}  # fmt: skip


def run_said(words: str) -> str:
    """The id that the words are, "" for anything else."""
    match = _RUN.fullmatch(words.strip())
    return match[1] if match else ""


def of_a_run(words: str) -> str:
    """What stands behind “run …” or “the run of …”, or a run's id; "" where no run is spoken of."""
    text = words.strip()
    if run_said(text):
        return text
    match = _OF_A_RUN.match(text)
    return text[match.end() :] if match else ""


def target(words: str, make: MakeSource) -> tuple[dict[str, Any], str]:
    """({"run": id} or {"workflow": name}, the rest); ({}, "") where nothing is said."""
    text = words.strip()
    if match := _RUN.match(text):
        return {"run": match[1]}, text[match.end() :].strip()
    if not text:
        return {}, ""
    name, rest = split_name(make(text))
    return {"workflow": name}, rest


def named(command: str) -> Read:
    def read(words: str, make: MakeSource) -> Answer:
        if run := run_said(words):
            return Answer(command, {"run": run})
        name = whole_name(make(words)) if words.strip() else ""
        return Answer(command, {"workflow": name} if name else {})

    return read


def cancel(words: str, make: MakeSource) -> Answer:
    leave = _LEAVE.search(words)
    answer = named("cancel_run")(words[: leave.start()] if leave else words, make)
    return Answer("cancel_run", {**answer.arguments, **({"undo": False} if leave else {})})


def retry(words: str, make: MakeSource) -> Answer:
    source = make(words)
    pair = _PAIR.search(source.text)
    answer = named("retry_run")(source.plain(source.text[: pair.start()]) if pair else words, make)
    changes = pairs_of(source, source.text[pair.start() :]) if pair else {}
    return Answer("retry_run", {**answer.arguments, **({"changes": changes} if changes else {})})


def skip(words: str, make: MakeSource) -> Answer:
    about, step = target(words, make)
    return Answer("skip_step", {**about, **({"step": step} if step else {})})


def vote(command: str) -> Read:
    def read(words: str, make: MakeSource) -> Answer:
        about, note = target(words, make)
        if about.get("workflow") and not known_name(str(about["workflow"]), make(words).workflows):
            about, note = {}, words.strip()  # one approval is wanted, and this is why
        return Answer(command, {**about, **({"note": note} if note else {})})

    return read


def doubt(words: str, make: MakeSource) -> Answer:
    about, rest = target(words, make)
    if about.get("workflow", "").casefold() in _FINDINGS and not known_name(str(about["workflow"]), make(words).workflows):
        about, rest = {}, words.strip()
    said, _, step = rest.partition(" ")
    command = _FINDINGS.get(said.casefold())
    if command is None:
        options = tuple((word, f"/flow doubt {words.strip()} {word}".replace("  ", " ")) for word in ("happened", "repeat", "look"))
        return Answer(
            "settle_doubt", about, "Did it happen? Say happened, repeat (it did not, ask again) or look.", "finding", 0.9, options
        )
    return Answer(command, {**about, **({"step": step.strip()} if step.strip() else {})})


def diff(words: str, make: MakeSource) -> Answer:
    name, versions = _with_versions(words, make, 2)
    if not name:
        return which_workflow(make(words), "diff_versions", {}, "compare the versions of")
    return Answer("diff_versions", {"workflow": name, **dict(zip(("older", "newer"), versions, strict=False))})


def rollback(words: str, make: MakeSource) -> Answer:
    name, versions = _with_versions(words, make, 1)
    if not name:
        return which_workflow(make(words), "rollback_workflow", {}, "roll back")
    return Answer("rollback_workflow", {"workflow": name, **({"version": versions[0]} if versions else {})})


def _with_versions(words: str, make: MakeSource, most: int) -> tuple[str, list[str]]:
    """A name that ends in a number is the name where the team has it."""
    versions: list[str] = []
    rest = words
    while len(versions) < most and not _is_a_name(rest, make) and (match := _VERSION.search(rest)):
        versions.insert(0, match[1])
        rest = rest[: match.start()]
    return (whole_name(make(rest)) if rest.strip() else ""), versions


def _is_a_name(words: str, make: MakeSource) -> bool:
    said = " ".join(words.split()).casefold()
    return any(" ".join(name.split()).casefold() == said for name in make(words).workflows)
