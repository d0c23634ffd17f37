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


def _about(request: Request, command: str, match: re.Match[str], verb: str, more: dict[str, Any] | None = None) -> Answer | None:
    said = match.groupdict()
    if said.get("id"):
        return Answer(command, {"run": said["id"], **(more or {})})
    return needs_workflow(request, command, said["w"], more, verb=verb)


def _held(request: Request) -> Answer | None:
    for command, verb, doing in (("pause_run", _HOLD, "hold"), ("resume_run", _GO_ON, "resume")):
        for pattern in (rf"{verb}\s+(?:the\s+)?(?:run\s+)?{_RUN_ID}{_END}", rf"{verb}\s+{_RUN}\s+(?:of|for)\s+{NAME}{_END}"):
            if match := request.match(pattern):
                return _about(request, command, match, f"{doing} the run of")
    match = request.match(rf"let\s+{_RUN}\s+(?:of|for)\s+{NAME}\s+(?:go\s+on|continue|proceed){_END}")
    return _about(request, "resume_run", match, "resume the run of") if match else None


def _left(request: Request) -> Answer | None:
    """A cancel that undoes nothing; every other cancel has its own reader."""
    verb = r"(?:cancel|abort|stop|kill|terminate)"
    for pattern in (rf"{verb}\s+(?:the\s+)?(?:run\s+)?{_RUN_ID}{_LEAVE}{_END}", rf"{verb}\s+{_RUN}\s+(?:of|for)\s+{NAME}{_LEAVE}{_END}"):
        if match := request.match(pattern):
            answer = _about(request, "cancel_run", match, "cancel the run of")
            return (
                None
                if answer is None
                else Answer("cancel_run", {**answer.arguments, "undo": False}, answer.question, answer.slot, answer.sure)
            )
    return None


def _skipped(request: Request) -> Answer | None:
    verb = r"(?:skip|pass\s+over)"
    for pattern in (
        rf"{verb}\s+{_STEP}\s+(?:of|in)\s+(?:the\s+)?(?:run\s+)?{_RUN_ID}{_END}",
        rf"{verb}\s+{_STEP}\s+(?:of|in)\s+{_RUN}\s+(?:of|for)\s+{NAME}{_END}",
        rf"{verb}\s+(?:the\s+)?step\s+[“\"']?(?P<s>[A-Za-z_]\w*(?:\[\d+\])*)[”\"']?\s+(?:of|in)\s+{NAME}{_END}",
    ):
        if match := request.match(pattern):
            return _about(request, "skip_step", match, "skip a step of", {"step": match["s"]})
    return None


def _voted(request: Request) -> Answer | None:
    for command, verb in (("approve_step", r"approve"), ("decline_step", r"(?:decline|reject|deny)")):
        for pattern in (
            rf"(?:I\s+)?{verb}\s+(?:the\s+)?(?:run\s+)?{_RUN_ID}{_END}",
            rf"(?:I\s+)?{verb}\s+(?:the\s+)?(?:{_RUN}|approval|request)\s+(?:of|for)\s+{NAME}{_END}",
        ):
            if match := request.match(pattern):
                return _about(request, command, match, verb.partition("|")[0].strip("(?:"))
        match = request.match(rf"(?:I\s+)?{verb}\s+{NAME}{_END}")
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


_OF_VERSION = r"(?:version\s+|v)(?P<{}>\d{{1,8}})"


def _compared(request: Request) -> Answer | None:
    older, newer = _OF_VERSION.format("a"), r"(?:version\s+|v)?(?P<b>\d{1,8})"
    what = r"(?:(?:show|give)\s+(?:me\s+|us\s+)?)?(?:the\s+)?(?:difference|diff|changes)"
    for pattern in (
        rf"(?:{what}|what(?:'s|\s+is)\s+(?:the\s+)?difference)\s+between\s+{older}\s+and\s+{newer}\s+of\s+{NAME}{_END}",
        rf"(?:{what}\s+between|compare|diff)\s+(?:the\s+)?versions\s+(?P<a>\d{{1,8}})\s+and\s+(?P<b>\d{{1,8}})\s+of\s+{NAME}{_END}",
        rf"what\s+(?:has\s+)?changed\s+in\s+{NAME}\s+since\s+{older}{_END}",
        rf"what\s+did\s+{older}\s+of\s+{NAME}\s+change{_END}",
    ):
        if match := request.match(pattern):
            said = match.groupdict()
            more = {"older": said["a"], "newer": said.get("b") or ""}
            if "did" in pattern[:12]:
                more = {"older": "", "newer": said["a"]}
            return needs_workflow(request, "diff_versions", match["w"], more, verb="compare the versions of")
    return None


def _rolled_back(request: Request) -> Answer | None:
    to = r"(?:\s+(?:back\s+)?to\s+(?:version\s+|v)?(?P<v>\d{1,8}))"
    for pattern in (
        rf"(?:roll\s*back|revert|restore|set\s+back)\s+{NAME}{to}{_END}",
        rf"(?:roll|set|go)\s+{NAME}\s+back{to}{_END}",
        rf"go\s+back\s+to\s+version\s+(?P<v>\d{{1,8}})\s+of\s+{NAME}{_END}",
    ):
        if match := request.match(pattern):
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
