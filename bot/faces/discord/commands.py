"""What people can type after a slash on Discord: the commands, their typed options, and the words each becomes.

The words are those of every other face, so ``/flow run workflow:release inputs:env=prod`` is ``/flow run release env=prod``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SUBCOMMAND, _STRING, _ATTACHMENT = 1, 3, 11
_CHAT_INPUT = 1
_IN_GUILD, _IN_DIRECT_MESSAGE = 0, 1


@dataclass(frozen=True, slots=True)
class Option:
    """``before`` is put before the value in the words (``service:``). ``completes``: Signalbox offers values while one types."""

    name: str
    help: str
    required: bool = False
    before: str = ""
    choices: tuple[str, ...] = ()
    completes: bool = False
    file: bool = False

    def payload(self) -> dict[str, Any]:
        shape: dict[str, Any] = {"type": _ATTACHMENT if self.file else _STRING, "name": self.name, "description": self.help}
        if self.required:
            shape["required"] = True
        if self.choices:
            shape["choices"] = [{"name": choice, "value": choice} for choice in self.choices]
        if self.completes:
            shape["autocomplete"] = True
        return shape


@dataclass(frozen=True, slots=True)
class Command:
    """A root with options, or with subcommands. ``form`` is the question that is asked in a form when nothing is given.

    ``may_open``: what it leads to may be a form of its own.
    """

    name: str
    help: str
    options: tuple[Option, ...] = ()
    subcommands: tuple[Command, ...] = ()
    form: str = ""
    may_open: bool = False

    def payload(self) -> dict[str, Any]:
        children = [{"type": _SUBCOMMAND, **child._described()} for child in self.subcommands]
        return {
            **self._described(),
            "type": _CHAT_INPUT,
            "options": children or [option.payload() for option in self.options],
            "contexts": [_IN_GUILD, _IN_DIRECT_MESSAGE],
            "integration_types": [0],
        }

    def _described(self) -> dict[str, Any]:
        return {"name": self.name, "description": self.help, "options": [option.payload() for option in self.options]}


def _workflow(*, required: bool = True) -> Option:
    return Option("workflow", "The workflow's name", required=required, completes=True)


def _workflow_or_run() -> Option:
    return Option("workflow", "The workflow, or a run's id", required=True, completes=True)


def _service(help: str, *, required: bool = False, before: str = "") -> Option:
    return Option("service", help, required=required, before=before, completes=True)


_OF = Option("workflow", "The workflow, or a run's id", completes=True)
_INPUTS = Option("inputs", "Inputs as name=value, for example env=prod")

FLOW = Command(
    "flow",
    "Make, run and look after workflows",
    subcommands=(
        Command(
            "create",
            "Describe a workflow in your own words and see a preview",
            (Option("what", "For example: when a pull request is merged, create a Trello card", completes=True),),
            form="What should happen, and when?",
        ),
        Command(
            "list",
            "Every workflow",
            (
                _service("Only those that use this service"),
                Option("state", "Only those in this state", choices=("active", "paused")),
            ),
        ),
        Command("show", "One workflow (or a run by its id): its steps, runs and next time", (_workflow(),)),
        Command("run", "Run a workflow now", (_workflow(), _INPUTS), may_open=True),
        Command(
            "pause",
            "Pause a workflow",
            (_workflow(), Option("until", "When it goes on by itself, for example Monday 9:00", before="until ")),
        ),
        Command("resume", "Let a paused workflow go on", (_workflow(),)),
        Command(
            "edit", "Change a workflow; you see a preview first", (_workflow(), Option("change", "What should change, in your own words"))
        ),
        Command("delete", "Delete a workflow; asks first", (_workflow(),)),
        Command(
            "history",
            "Past runs",
            (
                _workflow(required=False),
                Option("outcome", "Only these", choices=("failed", "succeeded", "cancelled", "running", "waiting", "queued", "paused")),
            ),
        ),
        Command("approve", "Say yes to what a run asks for", (_OF, Option("note", "Why; some approvals demand it"))),
        Command("decline", "Say no to what a run asks for", (_OF, Option("note", "Why; some approvals demand it"))),
        Command("retry", "Go on from where a run failed", (_OF, Option("changes", "Ask with something else, for example board=Ops"))),
        Command(
            "cancel",
            "Stop a run; what it did is undone where the workflow says how",
            (_OF, Option("leave", "Leave what it did as it is", choices=("without undoing",))),
        ),
        Command("skip", "Pass over a step of a run", (_workflow_or_run(), Option("step", "Its id, where several could be meant"))),
        Command("pause-run", "Hold a run: nothing new is asked", (_OF,)),
        Command("resume-run", "Let a run that is held go on", (_OF,)),
        Command(
            "doubt",
            "Settle a step of which nobody knows whether it happened",
            (
                _workflow_or_run(),
                Option("finding", "What you know of it", required=True, choices=("happened", "repeat", "look")),
                Option("step", "Its id, where several are in doubt"),
            ),
        ),
        Command("versions", "The versions of a workflow", (_workflow(),)),
        Command("diff", "What changed between two versions", (_workflow(), Option("older", "A version"), Option("newer", "A version"))),
        Command("rollback", "Go back to an earlier version; you see a preview first", (_workflow(), Option("version", "Its number"))),
        Command("export", "Workflows as YAML", (_workflow(required=False),)),
        Command(
            "import",
            "Read a workflow from YAML; you see a preview first",
            (Option("file", "A .yml file", file=True), Option("yaml", "The definition itself, if it is short")),
            form="The definition, as YAML",
        ),
        Command(
            "rehearse",
            "Try a workflow where nobody is reached and time is not waited for",
            (_workflow(), _INPUTS, Option("faults", "What goes wrong, for example trello lost answers 30%, 20 times")),
        ),
        Command("replay", "What a workflow makes of the last days", (_workflow(), Option("window", "How far back, for example 7d"))),
        Command("templates", "Ready-made workflows to begin with"),
    ),
)

_ALERT = Option("alert", "Its service or id", required=True, completes=True)
_WORDS = Option("words", "As behind this word elsewhere, for example: set github tonight 22:00 to 23:30")

ALERTS = Command(
    "alerts",
    "What is wrong right now, and what is done about it",
    subcommands=(
        Command(
            "list",
            "Alerts, the newest first",
            (
                Option("show", "Which alerts", choices=("open", "mine", "all", "resolved", "snoozed", "quiet")),
                _service("Of one service only", before="service:"),
            ),
        ),
        Command("why", "Why an alert was sent, or was quiet", (_ALERT,)),
        Command(
            "cause", "What is to blame, or whether it was", (Option("words", "A service or id, then perhaps: is trello, or: not trello"),)
        ),
        Command("snooze", "Put an alert off", (_ALERT, Option("until", "How long, for example 1h or until tomorrow 9:00", required=True))),
        Command("wake", "End an alert's snooze", (_ALERT,)),
        Command(
            "escalate",
            "Call the next level, or somebody",
            (_ALERT, Option("to", "Mention somebody, or rota NAME, or #channel", before="to ")),
        ),
        Command("unack", "Take an acknowledgement back", (_ALERT, Option("note", "Why"))),
        Command("keep", "Say that you are still on it", (_ALERT,)),
        Command("reopen", "An alert resolved a moment ago is not over", (_ALERT, Option("note", "Why"))),
        Command("note", "Write something down about an alert", (_ALERT, Option("note", "What", required=True))),
        Command("raise", "Raise an alert by hand", (Option("what", "For example: severity:high github pushes hang", required=True),)),
        Command("maintenance", "Maintenance windows", (_WORDS,)),
        Command("silence", "Quiet without work being done", (_WORDS,)),
    ),
)

_ROTA = Option("rota", "The rota, where there are several")
_OF_ROTA = Option("rota", "The rota, where there are several", before="rota ")
ONCALL = Command(
    "oncall",
    "Who is on call, and who stands in",
    subcommands=(
        Command("now", "Who is on call now and next", (_ROTA,)),
        Command("take", "Be on call yourself", (Option("until", "For example until 18:00, or for 2h", required=True), _OF_ROTA)),
        Command(
            "override",
            "Let somebody stand in",
            (
                Option("user", "Mention them", required=True),
                Option("times", "For example from friday 18:00 until monday 9:00", required=True),
                _OF_ROTA,
            ),
        ),
        Command(
            "set",
            "Set up a rota",
            (
                Option("rota", "What it is called", required=True),
                Option("members", "Mention them, in the order of their turns", required=True),
                Option("handover", "For example weekly monday 9:00 Europe/Berlin"),
            ),
        ),
        Command("remove", "Remove a rota", (Option("rota", "The rota", required=True),)),
    ),
)
ESCALATION = Command(
    "escalation",
    "Who is called when nobody takes an alert",
    subcommands=(
        Command("list", "Who is called, and when"),
        Command(
            "set",
            "Call people, level by level",
            (
                Option("about", "A severity, a service or all", required=True),
                Option("levels", "For example rota ops, 10m @ada, 20m #ops-leads", required=True),
            ),
        ),
        Command("remove", "Call nobody by itself any more", (Option("about", "A severity, a service or all", required=True),)),
    ),
)

COMMANDS: tuple[Command, ...] = (
    FLOW,
    Command(
        "signalbox",
        "Ask or tell Signalbox anything, in your own words",
        (Option("words", "For example: how did the release flow go?", completes=True),),
    ),
    Command("health", "How the connected services are", (_service("One service only"),)),
    Command(
        "analytics",
        "What workflows did, saved and cost, and what changed",
        (
            Option("workflow", "One workflow only", before="workflow ", completes=True),
            _service("One service only", before="service "),
            Option("team", "What belongs to one team or person", before="team "),
            Option("window", "For example this week, this month or 30 days; a week if you say nothing"),
        ),
    ),
    Command(
        "predict",
        "Will it work? How the next run of a workflow will go",
        (
            Option("workflow", "A workflow, all of them if you say nothing, or calibration", completes=True),
            Option("when", "For example tomorrow 9:00"),
        ),
    ),
    ALERTS,
    Command("ack", "Acknowledge an alert: you are looking after it", (Option("alert", "Its service or id", completes=True),)),
    Command("resolve", "Resolve an alert by hand", (Option("alert", "Its service or id", completes=True),)),
    Command("impact", "What breaks if a service goes down", (_service("The service", required=True),)),
    Command("deps", "What depends on what", (Option("of", "A service or workflow", completes=True),)),
    ONCALL,
    ESCALATION,
    Command(
        "connect",
        "Connect an account of a service",
        (
            _service("The service", required=True),
            Option("as", "The account's name, for a further one", before="as "),
            Option("off", "Disconnect it instead", choices=("off",)),
        ),
    ),
    Command(
        "service", "One connected service: its account, health and numbers", (Option("name", "The service", required=True, completes=True),)
    ),
    Command("doctor", "What is configured, what is missing, and what to do"),
)

_BY_NAME: Mapping[str, Command] = {command.name: command for command in COMMANDS}


def find(root: str, subcommand: str = "") -> Command | None:
    """The command as typed, or None for one that an older or newer version had registered."""
    command = _BY_NAME.get(root)
    if command is None or not subcommand:
        return command
    return next((child for child in command.subcommands if child.name == subcommand), None)


def payload() -> list[dict[str, Any]]:
    """What is registered with Discord."""
    return [command.payload() for command in COMMANDS]


def registered(ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether Discord knows exactly our commands: it adds ids and defaults of its own, which do not count."""
    known = {command.get("name"): command for command in theirs}
    return known.keys() == {command["name"] for command in ours} and all(_within(command, known[command["name"]]) for command in ours)


def _within(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, Mapping):
        return isinstance(theirs, Mapping) and all(_within(value, theirs.get(key)) for key, value in ours.items())
    if isinstance(ours, list):
        return len(ours) == len(theirs or []) and all(_within(mine, other) for mine, other in zip(ours, theirs or [], strict=True))
    return bool(ours == theirs) or (not ours and not theirs)
