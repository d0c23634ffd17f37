"""The exact forms: ``/flow …``, ``/ack 4711``, ``/health github`` and the structured form of ``/flow create``. What is written is what is meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.workflow.catalogue import did_you_mean
from intents import (
    alert_forms,
    alert_verbs,
    analytics_forms,
    health_forms,
    maintenance_forms,
    map_forms,
    metric_forms,
    model_forms,
    oncall_forms,
    predict_forms,
    rehearsal_forms,
    run_forms,
)
from intents.grammar.conditions import quoted
from intents.grammar.monitor import state_said
from intents.grammar.request import Answer, known_name, which_workflow
from intents.grammar.source import QUOTE, Source
from intents.named import pairs_of, split_name, whole_name
from intents.teaching import TAUGHT
from intents.when import duration, read_schedule, until


@dataclass(frozen=True, slots=True)
class Form:
    """A slash form: what is typed, what it does, an example."""

    typed: str
    does: str


FLOW_VERBS = (
    "create", "list", "show", "run", "pause", "resume", "edit", "delete", "history", "export", "import", "templates", "rehearse", "replay",
    "cancel", "retry", "skip", "pause-run", "resume-run", "approve", "decline", "doubt", "versions", "diff", "rollback",
)  # fmt: skip
FORMS = (
    Form("/flow create ", "draft a workflow from a sentence"),
    Form("/flow list", "the workflows there are"),
    Form("/flow show ", "one workflow, its runs and its definition"),
    Form("/flow run ", "run a workflow now; a form asks for its inputs, or key=value"),
    Form("/flow pause ", "pause a workflow, until a time if you name one"),
    Form("/flow resume ", "let a paused workflow run again"),
    Form("/flow edit ", "change a workflow"),
    Form("/flow delete ", "delete a workflow (asks first)"),
    Form("/flow history", "what ran, newest first"),
    Form("/flow approve ", "say yes to what a run asks for"),
    Form("/flow decline ", "say no to what a run asks for"),
    Form("/flow retry ", "go on from where a run failed, perhaps with name=value"),
    Form("/flow cancel ", "stop a run and undo what it did"),
    Form("/flow skip ", "pass over a step of a run"),
    Form("/flow pause-run ", "hold a run"),
    Form("/flow resume-run ", "let a run go on"),
    Form("/flow doubt ", "say whether a step in doubt happened"),
    Form("/flow versions ", "the versions of a workflow"),
    Form("/flow diff ", "what changed between two versions"),
    Form("/flow rollback ", "go back to an earlier version"),
    Form("/flow rehearse ", "try a workflow where nobody is reached, with faults if you name some"),
    Form("/flow replay ", "what a workflow makes of the last days, beside its version before"),
    Form("/flow export", "definitions as YAML"),
    Form("/flow import ", "definitions from YAML"),
    Form("/flow templates", "workflows to start from"),
    Form("/health", "health of all services, or of one; also “forecast” or a metric of one"),
    Form("/slo", "objectives and what is left of their error budgets; set, remove"),
    Form("/predict", "how the next run of a workflow will go, of all of them, or “calibration”: whether what was foretold came true"),
    Form("/analytics", "runs, success, time saved, cost of failures; of a workflow, “service X” or “team Y”, “this month” or “30 days”"),
    Form("/alerts", "open alerts; also mine, service:X, severity:Y"),
    Form("/alerts maintenance ", "maintenance windows: “set github tonight 22:00 to 23:30”, “end github”, “extend github 30m”"),
    Form("/alerts tune", "how good the rules are; “github response_time warning 2s” sets a threshold"),
    Form("/alerts digest", "what alerted in the last day, or in “7d”"),
    Form("/alerts quality", "how good each rule was in the last week, with thresholds that would have spared you"),
    Form("/alerts report ", "post one again and again: “digest every weekday at 9:00 in #ops”; health, digest, quality, oncall"),
    Form("/alerts postmortem ", "a draft to learn from: timeline, figures, likely cause, what broke"),
    Form("/alerts runbook ", "the page that says what to do: “github https://wiki.example.com/github”, “github off”"),
    Form("/alerts raise ", "an alert by hand: “severity:high github pushes hang for everybody”"),
    Form("/alerts silence ", "the same without work being done: “set rule:response_time for 2 hours”"),
    Form("/ack ", "acknowledge an alert"),
    Form("/resolve ", "resolve an alert"),
    Form("/impact ", "what breaks if a service goes down"),
    Form("/deps ", "who needs whom; of a workflow, a service or anything else on the map"),
    Form("/deps add ", "say that one thing needs another: “checkout needs payments because …”"),
    Form("/deps remove ", "say that one thing does not need another"),
    Form("/deps owner ", "whose a component is: “checkout Team Shop”; also “tier checkout 1”, “alias checkout shop-svc”"),
    Form("/deps alternative ", "what may stand in: “jira.create_issue asana.create_task title={{input.title}}”"),
    Form("/deps fallback ", "let one service stand in for another: “jira asana”; “jira asana off” takes it back"),
    Form("/deps history", "what changed, of one thing too: “checkout since yesterday”"),
    Form("/deps suggestions", "lines guessed from what failed together, each with a yes and a no"),
    Form("/deps import", "take in a catalogue: attach it, or paste it on the next lines; “undo” takes the last one back"),
    Form("/deps export", "the map as yaml, mermaid or dot"),
    Form("/deps check", "what is odd: never seen, not declared, circles"),
    Form("/alerts snooze ", "put an alert off: “github 1h”, “4711 until tomorrow 9:00”"),
    Form("/alerts escalate ", "call the next level, or somebody: “github to @ada”"),
    Form("/alerts unack ", "take an acknowledgement back"),
    Form("/alerts keep ", "say that you are still on it"),
    Form("/alerts wake ", "end a snooze"),
    Form("/alerts reopen ", "an alert resolved a moment ago is not over"),
    Form("/alerts cause ", "what is to blame; “github is trello” or “github not trello” says whether it was"),
    Form("/alerts note ", "write something down about an alert"),
    Form("/oncall", "who is on call"),
    Form("/oncall take ", "be on call yourself: “ops until 18:00”"),
    Form("/oncall override ", "let somebody stand in: “ops @cem from friday 18:00 until monday 9:00”"),
    Form("/oncall set ", "a rota: “ops @ada @bob weekly monday 9:00 Europe/Berlin”"),
    Form("/oncall remove ", "remove a rota"),
    Form("/escalation", "who is called when nobody takes an alert"),
    Form("/escalation set ", "“critical: rota ops, 10m @ada, 20m #ops-leads”"),
    Form("/escalation remove ", "call nobody by itself any more"),
    Form("/connect ", "connect a service"),
    Form("/service ", "one connected service; “watch NAME” lets it deliver, “unwatch NAME” ends that"),
    Form("/service reroutes", "what was done elsewhere while a service was down; “jira reroutes” of one"),
    Form("/service put-right ", "do at a service, too, what was done elsewhere while it was down"),
    Form("/service best ", "which of a kind is in the best shape now: “file storage”, or “instead of trello”"),
    Form("/service metrics", "numbers that are read regularly and watched"),
    Form("/service metric add ", "watch a number: NAME service.operation path every 5m"),
    Form("/service metric remove ", "stop reading a number"),
    Form("/doctor", "what is configured and what is missing"),
    Form("/signalbox ", "anything, in your own words"),
    Form("/signalbox help ", "what I can do"),
    Form("/signalbox admin ", "name the first admin"),
    Form("/signalbox audit", "who did what"),
    Form("/signalbox teach ", "what your team means by its own words: ship it = run release-train"),
    Form("/signalbox taught", "what you taught me"),
    Form("/signalbox forget ", "a phrase, or examples"),
    Form("/signalbox why", "how I read your last request"),
    Form("/signalbox model", "the language model: on or off here, its limit, what it used today"),
)
ROOTS = tuple(dict.fromkeys(form.typed.split()[0][1:] for form in FORMS))


@dataclass(frozen=True, slots=True)
class Spoken:
    """The slash form only wraps a sentence: read ``text`` as words. ``workflow``: it must describe one."""

    text: str
    workflow: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """No such form; ``question`` offers the nearest."""

    question: str
    options: tuple[tuple[str, str], ...] = ()


Outcome = Answer | Spoken | Unknown
MakeSource = Callable[[str], Source]


def is_slash(text: str) -> bool:
    return bool(re.match(r"\s*/[a-z]", text, re.IGNORECASE))


def read_slash(text: str, make: MakeSource) -> Outcome:
    """``text`` begins with a slash; ``make`` turns words into a Source."""
    match = re.match(r"\s*/([\w-]+)(?:\s+(.*))?$", text, re.DOTALL)
    root, rest = (match[1].lower(), (match[2] or "").strip()) if match else ("", "")
    reader = _ROOTS.get(root)
    if reader is not None:
        return reader(rest, make)
    return Unknown(
        f"There is no command /{root[:40]}.{did_you_mean('/' + root, ['/' + name for name in ROOTS])} /signalbox help lists what I can do.",
        _near(root),
    )


def _near(root: str) -> tuple[tuple[str, str], ...]:
    near = re.findall(r"“(/\w+)”", did_you_mean("/" + root, ["/" + name for name in ROOTS]))
    return tuple((name, name) for name in near)


# --- /flow -----------------------------------------------------------------------------------------------------------------------


def _flow(rest: str, make: MakeSource) -> Outcome:
    verb, _, words = rest.partition(" ") if "\n" not in rest.split(" ", 1)[0] else (rest.split(None, 1)[0], "", rest.split(None, 1)[-1])
    reader = _FLOW.get(verb.lower())
    if reader is not None:
        return reader(words.strip(), make)
    if not verb:
        return Answer("help", {"topic": "workflows"})
    hint = did_you_mean(verb, FLOW_VERBS)
    options = tuple((f"/flow {name}", f"/flow {name} {words}".strip()) for name in re.findall(r"“(\w+)”", hint))
    return Unknown(f"/flow has no “{verb[:40]}”.{hint} It takes {', '.join(FLOW_VERBS)}.", options)


def _create(words: str, make: MakeSource) -> Outcome:
    if not words:
        return Answer(
            "create_workflow",
            {},
            "What should the workflow do? For example “when a pull request is merged in GitHub, tell #releases”.",
            "all",
            0.9,
        )
    structured = read_structured(make(words))
    return structured if structured is not None else Spoken(words, workflow=True)


def _list(words: str, make: MakeSource) -> Outcome:
    if not words:
        return Answer("list_workflows")
    if words.lower() in ("active", "paused", "deleted", "failed"):
        return Answer("list_workflows", {"state": words.lower()})
    return _with_service("list_workflows", words, make, {})


def _named(command: str, verb: str) -> Callable[[str, MakeSource], Outcome]:
    def read(words: str, make: MakeSource) -> Outcome:
        source = make(words)
        name = whole_name(source)
        return Answer(command, {"workflow": name}) if name else which_workflow(source, command, {}, verb)

    return read


def _run(words: str, make: MakeSource) -> Outcome:
    source = make(words)
    pairs = re.search(rf"(?:^|\s)[A-Za-z_]\w*=(?:{QUOTE}|\S*)", source.text)
    head = source.text[: pairs.start()] if pairs else source.text
    name = whole_name(replace(source, text=head))
    inputs = pairs_of(source, source.text[pairs.start() :]) if pairs else {}
    if alert := re.search(r"\s+for\s+(?:the\s+)?(?:alert\s+)?(alr_\w+)\s*$", head, re.IGNORECASE):
        short = replace(source, text=head[: alert.start()])
        return Answer("start_runbook", {"workflow": whole_name(short), "alert": alert[1], **({"inputs": inputs} if inputs else {})})
    if not name:
        return which_workflow(source, "run_workflow", {"inputs": inputs} if inputs else {}, "run")
    return Answer("run_workflow", {"workflow": name, **({"inputs": inputs} if inputs else {})})


def _show(words: str, make: MakeSource) -> Outcome:
    run = run_forms.run_said(words)
    return Answer("show_run", {"run": run}) if run else _named("show_workflow", "show")(words, make)


def _resume(words: str, make: MakeSource) -> Outcome:
    held = run_forms.of_a_run(words)
    return run_forms.named("resume_run")(held, make) if held else _named("resume_workflow", "resume")(words, make)


def _pause(words: str, make: MakeSource) -> Outcome:
    if held := run_forms.of_a_run(words):
        return run_forms.named("pause_run")(held, make)
    source = make(words)
    end = re.search(r"\s+(?:until|till|til|for)\s+.+$", source.text, re.IGNORECASE)
    head = source.text[: end.start()] if end else source.text
    name = whole_name(replace(source, text=head))
    if not name:
        return which_workflow(source, "pause_workflow", {}, "pause")
    moment = until(source.marked.plain(end[0]), source.now, source.timezone) if end else None
    if end is not None and (moment is None or moment.problem):
        asked = (
            moment.problem if moment else ""
        ) or f"I could not read the time “{source.plain(end[0])}”. Until when? For example “until Monday 9:00” or “for 2h”."
        return Answer("pause_workflow", {"workflow": name}, asked, "until", 0.9)
    return Answer("pause_workflow", {"workflow": name, **({"until": moment.at.isoformat(timespec="seconds")} if moment else {})})


def _edit(words: str, make: MakeSource) -> Outcome:
    name, change = split_name(make(words))
    if not name:
        return which_workflow(make(words), "edit_workflow", {}, "edit")
    verbatim = words[words.find(change.split()[0]) :] if change and change.split()[0] in words else change
    return Answer("edit_workflow", {"workflow": name, **({"change": verbatim.strip()} if change else {})})


def _history(words: str, make: MakeSource) -> Outcome:
    *before, last = words.split() or [""]
    said = {"outcome": last.lower()} if last.lower() in _OUTCOMES else {}
    name = whole_name(make(" ".join(before) if said else words)) if words else ""
    return Answer("run_history", {**({"workflow": name} if name else {}), **said})


_OUTCOMES = ("failed", "succeeded", "cancelled", "running", "waiting", "queued", "paused")


def _export(words: str, make: MakeSource) -> Outcome:
    name = whole_name(make(words)) if words else ""
    return Answer("export_workflows", {"workflow": name} if name else {})


def _import(words: str, make: MakeSource) -> Outcome:
    fenced = re.match(r"^```[\w-]*[ \t]*\n?(.*?)\n?```\s*$", words.strip(), re.DOTALL)
    text = fenced[1] if fenced else words
    if not text.strip():
        return Answer("import_workflows", {}, "Paste the YAML of the definitions behind /flow import.", "text", 0.95)
    return Answer("import_workflows", {"text": text})


# --- the structured form -------------------------------------------------------------------------------------------------------------

_STRUCTURED = re.compile(
    r"^\s*(?:(?P<name>[\w][\w.-]*|[\ue000-\ue0ff])\s*:?\s+(?=on\s|every\s|each\s|at\s|cron\s|daily|hourly|weekly"
    r"|monthly|manual|by\s+hand|weekdays|in\s))?"
    r"(?:on\s+(?P<event>[a-z_]+\.[a-z_]+)|(?P<manual>manual(?:ly)?|by\s+hand)|(?P<time>(?:every|each|at|cron|daily"
    r"|hourly|weekly|monthly|weekdays|in|on)\b.+?))"
    r"(?:\s+if\s+(?P<cel>.+?))?\s+do\s+(?P<steps>[a-z_]+\.[a-z_]+\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_RETRY = re.compile(r"\s+(?:retry|retries)\s*[= ]?\s*(\d{1,3})\b", re.IGNORECASE)
_FALLBACK = re.compile(r"\s+fallback\s+(\w+)\s*(?:=|→|->|to)\s*(\w+)\b", re.IGNORECASE)
_APPROVAL = re.compile(r"\s+approval\s*[= ]?\s*([@#][\w.-]+)", re.IGNORECASE)
_TIMEOUT = re.compile(r"\s+timeout\s*[= ]?\s*(\d+\s*\w+)\b", re.IGNORECASE)
_FAILING = re.compile(r"\s+on\s+failure\s+(?:do\s+)?(?P<steps>[a-z_]+\.[a-z_]+\b.*)$", re.IGNORECASE | re.DOTALL)
_STEP = re.compile(r"^(?P<action>[a-z_]+\.[a-z_]+)\b(?P<with>.*)$", re.IGNORECASE | re.DOTALL)


def read_structured(source: Source) -> Answer | None:
    """``[name] on service.event | every … | at … [if CEL] do service.op key=value … then … [retry 3] [fallback trello=asana]``; None for sentences."""
    match = _STRUCTURED.match(source.marked.plain(source.text))
    if match is None:
        return None
    workflow: dict[str, Any] = {}
    if match["name"]:
        workflow["name"] = source.utterance.plain(match["name"])
    trigger, question = _trigger(source, match)
    workflow["trigger"] = trigger
    if match["cel"]:
        workflow["when"] = _cel(source, match["cel"])
    options, rest = _options(source, " " + match["steps"])
    workflow["steps"] = _steps(source, rest)
    if options:
        workflow["options"] = options
    return Answer("create_workflow", {"workflow": workflow}, question, "all" if question else "", 0.99)


def _trigger(source: Source, match: re.Match[str]) -> tuple[dict[str, Any], str]:
    if match["event"]:
        service, _, event = match["event"].lower().partition(".")
        return {"type": "event_based", "service": service, "event": event}, ""
    if match["manual"]:
        return {"type": "manual"}, ""
    schedule = read_schedule(match["time"], source.now, source.timezone)
    if schedule is None:
        return {"type": "scheduled"}, f"I could not read the time “{match['time'].strip()}”. For example “every weekday at 9:00”."
    return dict(schedule.trigger()), schedule.question


def _cel(source: Source, text: str) -> str:
    return re.sub(QUOTE, lambda mark: quoted(source.quote(mark[0])), text).strip()


def _options(source: Source, text: str) -> tuple[dict[str, Any], str]:
    options: dict[str, Any] = {}
    failing = _FAILING.search(text)
    if failing is not None:
        options["on_failure"] = _steps(source, failing["steps"])
        text = text[: failing.start()]
    for name, pattern in (("retries", _RETRY), ("timeout", _TIMEOUT), ("approval", _APPROVAL)):
        found = pattern.search(text)
        if found is not None:
            value = _option(name, found[1])
            if value is not None:
                options[name] = value
                text = text[: found.start()] + text[found.end() :]
    for found in _FALLBACK.finditer(text):
        options.setdefault("fallback", {})[found[1].lower()] = found[2].lower()
    return options, _FALLBACK.sub("", text)


def _option(name: str, value: str) -> Any:
    if name == "retries":
        return int(value)
    if name == "timeout":
        length = duration(value)
        return length.iso if length else None
    return value


def _steps(source: Source, text: str) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    for part in re.split(r"\s+(?:and\s+)?then\s+(?:do\s+)?|\s*;\s*", text.strip()):
        match = _STEP.match(part.strip())
        if match is not None:
            steps.append({"action": match["action"].lower(), "with": pairs_of(source, match["with"])})
        elif part.strip() and steps:
            steps[-1]["with"] |= pairs_of(source, part)
    return steps


# --- the other roots --------------------------------------------------------------------------------------------------------------------


def _with_service(command: str, words: str, make: MakeSource, more: Mapping[str, Any]) -> Outcome:
    source = make(words)
    service = source.lexicon.service(words)
    if service is not None:
        return Answer(command, {"service": service, **more})
    names = {name: s.id for s in source.lexicon.services.values() for name in (s.id, s.name.lower())}
    hint = did_you_mean(words[:60], names)
    options = tuple((name, name) for name in re.findall(r"“(\w+)”", hint))
    return Answer(command, dict(more), f"I do not know the service “{words[:60]}”.{hint}", "service", 0.9, options)


_STATE = re.compile(r"\s+(?:is\s+|are\s+)?(?P<state>down|degraded|slow|over(?:\s+(?:its|the|their))?\s+quota)\s*[.?!]*$", re.IGNORECASE)


def _impact(words: str, make: MakeSource) -> Outcome:
    """``jira``, ``jira github slack``, ``jira and slack degraded``, ``checkout over its quota``, or a workflow."""
    if not words:
        return Answer("show_impact", {}, "Of which service or workflow?", "service", 0.9)
    tail = _STATE.search(words)
    state = state_said(tail["state"]) if tail else ""
    said: dict[str, Any] = {"state": state} if state not in ("", "down") else {}
    bare = words[: tail.start()].strip() if tail else words
    source = make(bare)
    known = known_name(bare, source.workflows)
    if known and source.lexicon.service(bare) is None:
        return Answer("show_impact", {"workflow": known})
    found = source.services(source.text)
    if len(found) == 1 or (not found and did_you_mean(bare[:60], [one.id for one in source.lexicon.services.values()])):
        return _with_service("show_impact", bare, make, said)
    return Answer("show_impact", {"service": bare, **said})  # several, or something that only the map knows


def _service_or_all(command: str) -> Callable[[str, MakeSource], Outcome]:
    def read(words: str, make: MakeSource) -> Outcome:
        return _with_service(command, words, make, {}) if words else Answer(command)

    return read


_WATCH = re.compile(r"^(?P<service>.+?)\s+(?P<off>un)?watch(?:\s+(?P<target>.+))?$", re.IGNORECASE | re.DOTALL)


def _service(words: str, make: MakeSource) -> Outcome:
    """``github``, ``github watch acme/web``, ``github as ops unwatch acme/web``; ``metrics``, ``metric add …``."""
    if metric_forms.is_metric(words):
        return metric_forms.read(words, make)
    if (best := _BEST.match(words)) is not None:
        return _best(best["what"] or "", make)
    if (rerouted := _REROUTED.match(words)) is not None:
        service = (rerouted["behind"] or rerouted["before"] or "").strip()
        command = "put_right" if rerouted["verb"].lower().startswith("put") else "list_reroutes"
        return _with_service(command, service, make, {}) if service or command == "put_right" else Answer(command)
    watch = _WATCH.match(words)
    if watch is None:
        return _service_or_all("show_service")(words, make)
    account = _ACCOUNT.search(watch["service"])
    more: dict[str, Any] = {"target": watch["target"].strip()} if watch["target"] else {}
    more |= {"account": account["name"]} if account else {}
    more |= {"off": True} if watch["off"] else {}
    return _with_service("watch_service", watch["service"][: account.start()] if account else watch["service"], make, more)


_BEST = re.compile(r"^best(?:\s+(?P<what>.+))?$", re.IGNORECASE)


def _best(words: str, make: MakeSource) -> Outcome:
    """``file storage``, ``crm``, ``instead of trello``."""
    if not words:
        return Answer("recommend_service", {}, "Of which kind? For example: /service best file storage", "category", 0.95)
    instead = re.sub(r"^(?:instead\s+of|other\s+than|than)\s+", "", words, flags=re.IGNORECASE)
    service = make(instead).lexicon.service(instead)
    category = make(words).lexicon.category(words)
    return Answer(
        "recommend_service", {"service": service} if service and (instead != words or not category) else {"category": category or words}
    )


_REROUTED = re.compile(r"^(?:(?P<before>\S.*?)\s+)?(?P<verb>reroutes|put[- ]right)(?:\s+(?P<behind>.+))?$", re.IGNORECASE)
_OFF = re.compile(r"\s+off$", re.IGNORECASE)
_ACCOUNT = re.compile(r"\s+as\s+(?P<name>[\w-]{1,40})$", re.IGNORECASE)


def _connect(words: str, make: MakeSource) -> Outcome:
    """``github``, ``github as ops``, ``github off``, ``github as ops off``."""
    if not words:
        return Answer("connect_service")
    on = _OFF.sub("", words)
    command = "connect_service" if on == words else "disconnect_service"
    account = _ACCOUNT.search(on)
    more = {"account": account["name"]} if account else {}
    return _with_service(command, on[: account.start()] if account else on, make, more)


_SEVERITIES = ("critical", "high", "medium", "low", "warning", "info")
_STATES = {
    "open": "open",
    "mine": "mine",
    "all": "all",
    "acknowledged": "acknowledged",
    "acked": "acknowledged",
    "resolved": "resolved",
    "firing": "firing",
    "snoozed": "snoozed",
    "quiet": "quiet",
}


def _alerts(words: str, make: MakeSource) -> Outcome:
    first, _, rest = words.partition(" ")
    if first.lower() in _ALERTS:
        return _ALERTS[first.lower()](rest, make)
    arguments: dict[str, Any] = {}
    for word in words.split():
        key, colon, value = word.partition(":")
        if colon and key.lower() == "service":
            found = _with_service("list_alerts", value, make, {})
            if isinstance(found, Answer) and found.question:
                return found
            arguments["service"] = found.arguments["service"] if isinstance(found, Answer) else value
        elif colon and key.lower() in ("severity", "state"):
            arguments[key.lower()] = value.lower()
        elif word.lower() in _STATES:
            arguments["state"] = _STATES[word.lower()]
        elif word.lower() in _SEVERITIES:
            arguments["severity"] = word.lower()
        elif (service := make(word).lexicon.service(word)) is not None:
            arguments["service"] = service
        else:
            return Answer(
                "list_alerts",
                arguments,
                f"I do not know “{word[:40]}” here. /alerts takes open, mine, resolved, quiet, snoozed, why X, service:X and severity:Y.",
                "filter",
                0.9,
            )
    return Answer("list_alerts", arguments)


_ALERTS: Mapping[str, Callable[[str, MakeSource], Outcome]] = {
    "maintenance": maintenance_forms.maintenance("maintenance"),
    "silence": maintenance_forms.maintenance("silence"),
    "raise": alert_forms.raised,
    "tune": alert_forms.tuned,
    "quality": alert_forms.spanned("alert_quality"),
    "digest": alert_forms.spanned("alert_digest"),
    "report": alert_forms.reports,
    "postmortem": lambda words, make: _alert("post_mortem")(words.partition(" ")[0], make),
    "reports": alert_forms.reports,
    "list": lambda words, make: _alerts(words, make),
    **alert_verbs.VERBS,
    "why": lambda words, make: _alert("explain_alert")(words.partition(" ")[0], make),
    "cause": alert_forms.cause,
    "route": lambda words, make: _route(words),
    "runbook": alert_forms.runbook,
}


_ROUTE = re.compile(r"^(?:for\s+)?(?P<about>.+?)\s+(?:(?P<off>off|remove|end)|(?:to|→|->)\s*(?P<to>\S.*))$", re.IGNORECASE | re.DOTALL)


def _route(words: str) -> Outcome:
    """``github high to #ops-critical``, ``critical off``, or nothing to see them."""
    if not words.strip():
        return Answer("route_alerts")
    found = _ROUTE.match(words.strip())
    if found is None:
        asks = "Where should they be told? For example: /alerts route github high to #ops-critical"
        return Answer("route_alerts", {"about": words.strip()}, asks, "to", 0.9)
    said = {"off": True} if found["off"] else {"to": found["to"].strip()}
    return Answer("route_alerts", {"about": found["about"].strip(), **said})


def _alert(command: str) -> Callable[[str, MakeSource], Outcome]:
    def read(words: str, make: MakeSource) -> Outcome:
        first, _, rest = words.partition(" ")
        if not first:
            return Answer(command)
        service = make(first).lexicon.service(first) if not re.search(r"\d", first) else None
        note = re.sub(r"^(?:note\s*[:=]?\s*)", "", rest.strip(), flags=re.IGNORECASE).strip("\"'“”")
        target = {"service": service} if service else {"alert": first.lstrip("#")}
        return Answer(command, {**target, **({"note": note} if note else {})})

    return read


def _signalbox(words: str, make: MakeSource) -> Outcome:
    if is_slash(words) and not re.match(r"\s*/signalbox\b", words, re.IGNORECASE):
        return read_slash(words, make)
    first, _, rest = words.partition(" ")
    head = first.lower()
    if head in ("", "help", "?"):
        return Answer("help", {"topic": rest.strip()} if rest.strip() else {})
    if head == "admin":
        user = re.search(r"@[\w.-]*\w|(?<=<)@?\w+", make(rest).text)
        if user is None:
            return Answer("name_admin", {}, "Who should be admin? For example /signalbox admin @you.", "user", 0.95)
        return Answer("name_admin", {"user": user[0]})
    if head == "audit":
        return Answer("show_audit", {"subject": rest.strip()} if rest.strip() else {})
    if head in TAUGHT:
        return TAUGHT[head](rest)
    if head == "model" and (read := model_forms.model(rest)) is not None:
        return read
    if head in _ROOTS and head != "signalbox":
        return _ROOTS[head](rest.strip(), make)
    if head in FLOW_VERBS and head in ("create", "list", "templates", "export", "import"):
        return _FLOW[head](rest.strip(), make)
    return Spoken(words)


def _plain(command: str) -> Callable[[str, MakeSource], Outcome]:
    def read(words: str, make: MakeSource) -> Outcome:
        return Answer(command)

    return read


_FLOW: Mapping[str, Callable[[str, MakeSource], Outcome]] = {
    "create": _create,
    "new": _create,
    "list": _list,
    "ls": _list,
    "show": _show,
    "run": _run,
    "pause": _pause,
    "resume": _resume,
    "edit": _edit,
    "delete": _named("delete_workflow", "delete"),
    "history": _history,
    "export": _export,
    "import": _import,
    "templates": _plain("list_templates"),
    "rehearse": rehearsal_forms.rehearse,
    "replay": rehearsal_forms.replay,
    "cancel": run_forms.cancel,
    "stop": run_forms.cancel,
    "retry": run_forms.retry,
    "skip": run_forms.skip,
    "pause-run": run_forms.named("pause_run"),
    "hold": run_forms.named("pause_run"),
    "resume-run": run_forms.named("resume_run"),
    "approve": run_forms.vote("approve_step"),
    "decline": run_forms.vote("decline_step"),
    "doubt": run_forms.doubt,
    "versions": _named("list_versions", "list the versions of"),
    "diff": run_forms.diff,
    "rollback": run_forms.rollback,
    "help": lambda words, make: Answer("help", {"topic": "workflows"}),
}
_ROOTS: Mapping[str, Callable[[str, MakeSource], Outcome]] = {
    "flow": _flow,
    "health": health_forms.health,
    "slo": health_forms.slo,
    "analytics": analytics_forms.analytics,
    "predict": predict_forms.predict,
    "alerts": _alerts,
    "ack": _alert("acknowledge_alert"),
    "resolve": _alert("resolve_alert"),
    "impact": _impact,
    "deps": map_forms.deps,
    "maintenance": _ALERTS["maintenance"],
    "silence": _ALERTS["silence"],
    "snooze": alert_verbs.snooze,
    "escalate": alert_verbs.escalate,
    "unack": alert_verbs.VERBS["unack"],
    "oncall": oncall_forms.oncall,
    "escalation": oncall_forms.escalation,
    "connect": _connect,
    "service": _service,
    "doctor": _plain("doctor"),
    "signalbox": _signalbox,
    "help": lambda words, make: Answer("help", {"topic": words} if words else {}),
}
