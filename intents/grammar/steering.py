"""Sentences that steer runs and versions: hold, let go on, skip, approve, settle a doubt, compare, go back.

Each wants a word that only a run, a step or a version can be meant by, or a name that the team knows: “pause the release” is about the workflow,
“pause the run of release” about its run.
"""

from __future__ import annotations

import re
from typing import Any

from intents.grammar.request import NAME, Answer, Request, known_name, needs_workflow
from intents.grammar.source import CHANNEL

_END = r"\s*[.!?]*\s*$"
_RUN_ID = r"(?P<id>run_\w+)"
_RUN = r"(?:the\s+)?(?:current\s+|running\s+|last\s+|waiting\s+|paused\s+)?run"
_STEP = r"(?:the\s+)?(?:step\s+)?[“\"']?(?P<s>[A-Za-z_][\w]*(?:\[\d+\])*)[”\"']?(?:\s+step)?"
_HOLD = r"(?:pause|hold|suspend|halt)"
_GO_ON = r"(?:resume|unpause|continue|proceed\s+with)"
_LEAVE = r"(?:,?\s+(?:but\s+)?(?:without\s+(?:undoing|compensating)(?:\s+\w+)?|(?:but\s+)?(?:do\s+not|don't)\s+undo(?:\s+\w+)?))"


def read_steering(request: Request) -> Answer | None:
    text = request.text
    if request.conditional or re.search(rf"{CHANNEL}|→|\b(?:until|till)\b", text, re.IGNORECASE):
        return None
    for read in (_held, _left, _skipped, _voted, _doubted, _compared, _rolled_back, _listed):
        answer = read(request)
        if answer is not None:
            return answer
    return None


def _first(request: Request, *patterns: str) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := request.match(pattern))), None)


def _of_a_run(request: Request, verb: str, *, what: str = _RUN, end: str = _END) -> re.Match[str] | None:
    """“VERB run_01J…” or “VERB the run of NAME”."""
    return _first(request, rf"{verb}\s+(?:the\s+)?(?:run\s+)?{_RUN_ID}{end}", rf"{verb}\s+{what}\s+(?:of|for)\s+{NAME}{end}")


def _about(request: Request, command: str, match: re.Match[str], verb: str, more: dict[str, Any] | None = None) -> Answer | None:
    said = match.groupdict()
    if said.get("id"):
        return Answer(command, {"run": said["id"], **(more or {})})
    return needs_workflow(request, command, said["w"], more, verb=verb)


def _held(request: Request) -> Answer | None:
    for command, verb, doing in (("pause_run", _HOLD, "hold"), ("resume_run", _GO_ON, "resume")):
        if match := _of_a_run(request, verb):
            return _about(request, command, match, f"{doing} the run of")
    match = request.match(rf"let\s+{_RUN}\s+(?:of|for)\s+{NAME}\s+(?:go\s+on|continue|proceed){_END}")
    return _about(request, "resume_run", match, "resume the run of") if match else None


def _left(request: Request) -> Answer | None:
    """A cancel that undoes nothing; every other cancel has its own reader."""
    match = _of_a_run(request, r"(?:cancel|abort|stop|kill|terminate)", end=_LEAVE + _END)
    return _about(request, "cancel_run", match, "cancel the run of", {"undo": False}) if match else None


def _skipped(request: Request) -> Answer | None:
    verb = r"(?:skip|pass\s+over)"
    match = _first(
        request,
        rf"{verb}\s+{_STEP}\s+(?:of|in)\s+(?:the\s+)?(?:run\s+)?{_RUN_ID}{_END}",
        rf"{verb}\s+{_STEP}\s+(?:of|in)\s+{_RUN}\s+(?:of|for)\s+{NAME}{_END}",
        rf"{verb}\s+(?:the\s+)?step\s+[“\"']?(?P<s>[A-Za-z_]\w*(?:\[\d+\])*)[”\"']?\s+(?:of|in)\s+{NAME}{_END}",
    )
    return _about(request, "skip_step", match, "skip a step of", {"step": match["s"]}) if match else None


def _voted(request: Request) -> Answer | None:
    votes = (("approve_step", r"(?:I\s+)?approve", "approve"), ("decline_step", r"(?:I\s+)?(?:decline|reject|deny)", "decline"))
    for command, verb, doing in votes:
        if match := _of_a_run(request, verb, what=rf"(?:the\s+)?(?:{_RUN}|approval|request)"):
            return _about(request, command, match, doing)
        match = request.match(rf"{verb}\s+{NAME}{_END}")
        if match and (name := _known(request, match["w"])):
            return Answer(command, {"workflow": name})
    return None


def _doubted(request: Request) -> Answer | None:
    not_so = r"(?P<no>did(?:n't|\s+not)\s+happen|has(?:n't|\s+not)\s+happened|never\s+happened)"
    for pattern in (
        rf"{_STEP}\s+(?:of|in)\s+(?:(?:{_RUN})\s+(?:of|for)\s+)?{NAME}\s+(?:{not_so}|did\s+happen|has\s+happened|happened){_END}",
        rf"the\s+doubt\s+(?:about|of|in)\s+{NAME}[:,]?\s+(?:it\s+)?(?:{not_so}|did\s+happen|has\s+happened|happened){_END}",
    ):
        match = request.match(pattern)
        if match and (name := _known(request, match["w"])):
            step = match.groupdict().get("s")
            return Answer("repeat_doubt" if match["no"] else "settle_doubt", {"workflow": name, **({"step": step} if step else {})})
    return None


def _compared(request: Request) -> Answer | None:
    older, newer = r"(?:version\s+|v)(?P<a>\d{1,8})", r"(?:version\s+|v)?(?P<b>\d{1,8})"
    what = r"(?:(?:show|give)\s+(?:me\s+|us\s+)?)?(?:the\s+)?(?:difference|diff|changes)"
    match = _first(
        request,
        rf"(?:{what}|what(?:'s|\s+is)\s+(?:the\s+)?difference)\s+between\s+{older}\s+and\s+{newer}\s+of\s+{NAME}{_END}",
        rf"(?:{what}\s+between|compare|diff)\s+(?:the\s+)?versions\s+(?P<a>\d{{1,8}})\s+and\s+(?P<b>\d{{1,8}})\s+of\s+{NAME}{_END}",
        rf"what\s+(?:has\s+)?changed\s+in\s+{NAME}\s+since\s+{older}{_END}",
        rf"what\s+did\s+(?:version\s+|v)(?P<b>\d{{1,8}})\s+of\s+{NAME}\s+change{_END}",
    )
    if match is None:
        return None
    said = match.groupdict()
    more = {"older": said.get("a"), "newer": said.get("b")}
    return needs_workflow(request, "diff_versions", match["w"], more, verb="compare the versions of")


def _rolled_back(request: Request) -> Answer | None:
    to = r"(?:\s+(?:back\s+)?to\s+(?:version\s+|v)?(?P<v>\d{1,8}))"
    match = _first(
        request,
        rf"(?:roll\s*back|revert|restore|set\s+back)\s+{NAME}{to}{_END}",
        rf"(?:roll|set|go)\s+{NAME}\s+back{to}{_END}",
        rf"go\s+back\s+to\s+version\s+(?P<v>\d{{1,8}})\s+of\s+{NAME}{_END}",
    )
    if match:
        return needs_workflow(request, "rollback_workflow", match["w"], {"version": match["v"]}, verb="roll back")
    for pattern in (
        rf"(?:roll\s*back|revert)\s+{NAME}(?:\s+to\s+(?:the|its)\s+(?:last|previous)\s+version)?{_END}",
        rf"roll\s+{NAME}\s+back{_END}",
    ):
        match = request.match(pattern)
        if match and (name := _known(request, match["w"])):
            return Answer("rollback_workflow", {"workflow": name})
    return None


def _listed(request: Request) -> Answer | None:
    match = request.match(
        rf"(?:(?:show|list|give)\s+(?:me\s+|us\s+)?)?(?:all\s+)?(?:the\s+)?(?:versions|version\s+history)\s+of\s+{NAME}{_END}"
    )
    return needs_workflow(request, "list_versions", match["w"], verb="list the versions of") if match else None


def _known(request: Request, said: str) -> str:
    """The team's own name that was said, word for word or nearly; "" for anything else."""
    plain = request.source.plain(re.sub(r"^(?:the|our|my)\s+|\s+(?:workflow|flow)$", "", said.strip(), flags=re.IGNORECASE))
    return known_name(plain, request.source.workflows)
