"""What a request leaves open and the house may fill in itself: texts and references, each visible in the preview.

A request says "tell #releases"; a service wants a text. Only what is missing is filled, only from what the run will surely know
(the fields of the event, the outputs of earlier steps), and everything filled stands in the definition that people confirm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from engine.workflow.catalogue import Action, Catalogue, Field
from engine.workflow.schema_limits import MAX_NESTED
from engine.workflow.schema_parts import CONSTRUCTS

Raw = dict[str, Any]
Usual: TypeAlias = Callable[[Action, Field], Any]  # what an input always is where this was asked, None where nobody knows

_TEXTS = ("text", "description")
_TITLES = ("title", "name", "subject")
_KEYS = ("number", "key", "id")  # the output or event field that leads back to a thing, the most readable first
_REFERENCES = frozenset(
    [
        "ticket",
        "issue",
        "card",
        "task",
        "page",
        "item",
        "deal",
        "contact",
        "record",
        "event",
        "message",
        "payment",
        "invoice",
        "pull_request",
        "file",
        "thread",
    ]
)
_SURROUNDINGS = ("repo", "project", "board", "channel", "database", "object", "emoji")
_USUAL = frozenset({*_SURROUNDINGS, "list", "folder", "workspace"})  # what tends to be the same each time, even where it may be left out
_STEPS_READ = re.compile(r"\bsteps\s*\.\s*([A-Za-z_]\w*)")

_HAPPENED: Mapping[str, str] = {
    "pull_request_opened": "🔀 {{event.title}} was opened by {{event.author}}: {{event.url}}",
    "pull_request_merged": "🔀 {{event.title}} was merged: {{event.url}}",
    "merge_request_opened": "🔀 {{event.title}} was opened by {{event.author}}: {{event.url}}",
    "merge_request_merged": "🔀 {{event.title}} was merged: {{event.url}}",
    "push": "⬆️ {{event.author}} pushed to {{event.branch}}: {{event.title}}",
    "release_published": "🚀 {{event.title}} was released: {{event.url}}",
    "workflow_run_failed": "🔴 {{event.title}} failed on {{event.branch}}: {{event.url}}",
    "pipeline_failed": "🔴 {{event.title}} failed on {{event.branch}}: {{event.url}}",
    "payment_succeeded": "💶 {{event.amount}} {{event.currency}} were paid by {{event.customer}}",
    "payment_failed": "💳 A payment of {{event.amount}} {{event.currency}} by {{event.customer}} failed",
    "payment_received": "💶 {{event.amount}} {{event.currency}} were received from {{event.customer}}",
    "invoice_paid": "🧾 {{event.customer}} paid {{event.amount}} {{event.currency}}",
    "invoice_created": "🧾 Invoice {{event.number}} for {{event.customer}}: {{event.amount}} {{event.currency}}",
    "subscription_cancelled": "👋 {{event.customer}} cancelled their subscription",
    "dispute_created": "⚖️ {{event.customer}} disputes {{event.amount}} {{event.currency}}",
    "member_joined": "👋 {{event.user}} joined",
    "metric_threshold": "📈 {{event.metric}} is {{event.value}} (threshold {{event.threshold}})",
    "alert_opened": "🚨 {{event.service}}: {{event.text}}",
    "alert_resolved": "✅ {{event.service}}: {{event.text}}",
    "health_changed": "🩺 {{event.service}} is {{event.status}}",
    "run_failed": "🔴 A run of {{event.workflow}} failed: {{event.error}}",
    "anomaly_predicted": "🔮 {{event.service}}: {{event.text}}",
    "card_moved": "➡️ {{event.title}} was moved to {{event.list}}: {{event.url}}",
    "issue_transitioned": "➡️ {{event.key}} {{event.title}} is now {{event.status}}",
    "message_posted": "💬 {{event.user}}: {{event.text}}",
    "comment_added": "💬 {{event.author}} on {{event.title}}: {{event.text}}",
}


def nothing_usual(action: Action, field: Field) -> Any:
    return None


def complete(raw: Mapping[str, Any], catalogue: Catalogue, usual: Usual = nothing_usual) -> Raw:
    """The same request with what it left open filled in, so far as the catalogue and the run allow. Pure; never raises on odd shapes.

    Adds step ids, texts and titles that actions require, references to the thing the event is about ("comment on it") and moves a
    condition that reads a step's output behind that step. What neither the run nor the event tells is asked of ``usual``.
    """
    try:
        full: Raw = _copied(dict(raw))
    except RecursionError:  # nested beyond what any definition may be: the parser says so
        return dict(raw)
    steps = _steps_of(full.get("steps"))
    if not steps:
        return full
    trigger = full.get("trigger") if isinstance(full.get("trigger"), dict) else {}
    rescue, last = _extra_of(full, "on_failure"), _extra_of(full, "finally")
    _name_steps([*_flat(steps), *_flat(rescue), *_flat(last)])
    _move_condition(full, steps)
    known = _EventFields(trigger or {}, catalogue)
    _fill_block(steps, [], known, catalogue, usual)
    _fill_block(rescue, [], known, catalogue, usual, failing=True)
    _fill_block(last, [], known, catalogue, usual)
    if not full.get("name"):
        full.pop("name", None)  # what has no name of its own is called after what it does
    return full


def _copied(value: Any) -> Any:
    """Every part of its own, also where one object stood in two places."""
    if isinstance(value, dict):
        return {key: _copied(part) for key, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list) else value


def _steps_of(value: Any) -> list[Raw]:
    return [step for step in value if isinstance(step, dict)] if isinstance(value, list) else []


def _extra_of(full: Raw, name: str) -> list[Raw]:
    options = full.get("options")
    return _steps_of(options.get(name)) if isinstance(options, dict) else []


def _blocks(step: Raw) -> Iterator[list[Raw]]:
    """The blocks of steps right within a step."""
    each, branches, switch = step.get("foreach"), step.get("parallel"), step.get("switch")
    if isinstance(each, dict):
        yield _steps_of(each.get("steps"))
    if isinstance(branches, dict):
        yield from map(_steps_of, branches.values())
    if isinstance(switch, dict):
        cases = switch.get("cases")
        yield from (_steps_of(case.get("steps")) for case in (cases if isinstance(cases, list) else []) if isinstance(case, dict))
        yield _steps_of(switch.get("else"))


def _flat(steps: Sequence[Raw], depth: int = 0) -> Iterator[Raw]:
    """Every step, each before those within it; what is nested deeper than a definition may be is left to the parser."""
    for step in steps if depth <= MAX_NESTED else ():
        yield step
        for block in _blocks(step):
            yield from _flat(block, depth + 1)


def _name_steps(steps: Sequence[Raw]) -> None:
    taken = {step["id"] for step in steps if isinstance(step.get("id"), str)}
    for step in steps:
        if isinstance(step.get("id"), str) and step["id"]:
            continue
        base = re.sub(r"\W", "_", str(step.get("action", "")).partition(".")[2]) or next(
            (kind for kind in CONSTRUCTS if kind in step), "step"
        )
        step["id"] = next(name for n in range(1, 10_000) if (name := base if n == 1 else f"{base}_{n}") not in taken)
        taken.add(step["id"])


def _fill_block(
    steps: Sequence[Raw],
    before: Sequence[Raw],
    known: _EventFields,
    catalogue: Catalogue,
    usual: Usual,
    *,
    failing: bool = False,
    depth: int = 0,
) -> None:
    """``before``: the steps that are over when the block begins."""
    for index, step in enumerate(steps if depth <= MAX_NESTED else ()):
        over = [*before, *steps[:index]]
        _fill(step, over, known, catalogue, usual, failing=failing)
        for block in _blocks(step):
            _fill_block(block, over, known, catalogue, usual, failing=failing, depth=depth + 1)


def _move_condition(full: Raw, steps: Sequence[Raw]) -> None:
    """ "query …, and if there are fewer than ten, tell …": decided behind the step it reads, not before the run."""
    condition = full.get("when")
    read = _STEPS_READ.findall(condition) if isinstance(condition, str) else []
    ids = [step["id"] for step in steps]
    places = [ids.index(name) for name in read if name in ids]
    if not places or len(places) != len(read):
        return
    for step in steps[max(places) + 1 :]:
        step.setdefault("when", condition)
    del full["when"]


class _EventFields:
    """Which fields an event of this trigger surely has, and what it is about."""

    def __init__(self, trigger: Mapping[str, Any], catalogue: Catalogue) -> None:
        self.type = str(trigger.get("type", ""))
        self.ids = _events_of(trigger)
        specs = [catalogue.events[event] for event in self.ids if event in catalogue.events]
        fields = [{field.name for field in spec.fields} for spec in specs] if len(specs) == len(self.ids) else []
        self.names = set.intersection(*fields) if fields and self.type != "cross_service" else set()
        self.services = {event.partition(".")[0] for event in self.ids}

    def has(self, text: str) -> bool:
        return all(name in self.names for name in re.findall(r"\{\{event\.(\w+)\}\}", text))

    def about(self, noun: str) -> bool:
        stem = {"pull_request": ("pull_request",), "issue": ("issue", "pull_request", "merge_request", "comment")}.get(noun, (noun,))
        return any(event.partition(".")[2].startswith(stem) for event in self.ids)


def _events_of(trigger: Mapping[str, Any]) -> list[str]:
    if trigger.get("type") == "ai_predicted":
        return ["signalbox.anomaly_predicted"]
    if trigger.get("type") == "cross_service":
        several = [trigger.get(key) for key in ("all", "any", "sequence")]
        return [str(event) for group in several if isinstance(group, list) for event in group]
    if trigger.get("service") and trigger.get("event"):
        return [f"{trigger['service']}.{trigger['event']}"]
    return []


def _fill(step: Raw, before: Sequence[Raw], event: _EventFields, catalogue: Catalogue, usual: Usual, *, failing: bool = False) -> None:
    action = catalogue.actions.get(str(step.get("action", "")))
    said = step.get("with") if step.get("with") is not None else {}
    if action is None or not isinstance(said, dict):
        return
    step["with"] = said
    for field in action.inputs:
        if field.name in said:
            continue
        wanted = field.required or field.name in _REFERENCES | {*_SURROUNDINGS}
        value = _value(action, field.name, before, event, failing) if wanted else None
        if value is None and field.name not in _REFERENCES and (field.required or field.name in _USUAL):
            value = usual(action, field)
        if value is None and field.required and field.default is not None:
            value = field.default
        if value is None and field.required and field.name == "list":
            value = "To Do"
        if value is None and field.required and field.name == "start":  # every Monday: that very Monday
            value = "{{run.started_at}}" if event.type == "scheduled" else None
        if value is not None:
            said[field.name] = value
    if action.id in ("signalbox.impact_report", "signalbox.health_report") and "service" in event.names:
        said.setdefault("service", "{{event.service}}")
    if action.operation == "upload_file" and not said.keys() & {"file", "text"} and (found := _found(before)):
        said["text"] = found
    if action.id == "email.send_email":
        said.setdefault("subject", _title(event, failing))
        said.setdefault("text", _text(action, before, event, failing))


def _value(action: Action, name: str, before: Sequence[Raw], event: _EventFields, failing: bool) -> Any:
    if name in _TEXTS:
        return _text(action, before, event, failing)
    if name in _TITLES:
        return _title(event, failing)
    if name in _REFERENCES:
        return _reference(action, name, before, event)
    if name in _SURROUNDINGS and action.service in event.services and name in event.names and action.operation != "post_message":
        return f"{{{{event.{name}}}}}"
    return None


def _reference(action: Action, noun: str, before: Sequence[Raw], event: _EventFields) -> str | None:
    """The thing itself: what an earlier step of the same service made, else what the event is about."""
    for step in reversed(before):
        service, _, operation = str(step.get("action", "")).partition(".")
        if service == action.service and noun == "file" and operation == "create_folder":
            return f"{{{{steps.{step['id']}.output.file}}}}"  # a folder is shared as a file is
        if service == action.service and operation.endswith("_" + noun) and operation.startswith(("create", "upload", "copy", "move")):
            return f"{{{{steps.{step['id']}.output.{'number' if noun == 'issue' and service in ('github', 'gitlab') else 'id'}}}}}"
    if action.service not in event.services or not event.about(noun):
        return None
    key = next((key for key in _KEYS if key in event.names), None)
    return f"{{{{event.{key}}}}}" if key else None


def _title(event: _EventFields, failing: bool) -> str:
    if failing:
        return "{{workflow.name}} failed"
    name = next(
        (field for field in ("title", "name", "subject", "metric", "text", "customer", "service", "user") if field in event.names), None
    )
    return f"{{{{event.{name}}}}}" if name else "{{workflow.name}}"


def _text(action: Action, before: Sequence[Raw], event: _EventFields, failing: bool) -> str:
    if failing:
        return "⚠️ {{workflow.name}} failed: {{run.error}}"
    if found := _found(before):
        return found
    made = _link(before)
    return _news(event) + (f"\n{made}" if made else "")


def _found(before: Sequence[Raw]) -> str:
    """What earlier steps found out; "" when they only did things."""
    return "\n\n".join(text for step in before if (text := _outcome(step)))


def _outcome(step: Raw) -> str:
    """What an earlier step found out, as text; "" for steps that do rather than find."""
    service, _, operation = str(step.get("action", "")).partition(".")
    output = f"steps.{step['id']}.output"
    if service == "signalbox" and operation != "run_workflow":
        return f"{{{{{output}.text}}}}"
    if operation.startswith(("search", "list", "query")):
        return f"Found {{{{{output}.count}}}}: {{{{{output}.items}}}}"
    if service == "google_analytics":
        return f"{{{{{output}.rows}}}}"
    return f"Answer {{{{{output}.status}}}}" if service == "http" else ""


def _link(before: Sequence[Raw]) -> str:
    made = [step for step in before if str(step.get("action", "")).partition(".")[2].startswith(("create_", "upload_"))]
    made = [step for step in made if step["action"] not in ("slack.create_channel", "chat.upload_file", "stripe.create_customer")]
    return f"{{{{steps.{made[-1]['id']}.output.url}}}}" if made else ""


def _news(event: _EventFields) -> str:
    ready = _HAPPENED.get(event.ids[0].partition(".")[2], "") if len(event.ids) == 1 else ""
    if ready and event.has(ready):
        return ready
    title = _title(event, failing=False)
    link = ": {{event.url}}" if "url" in event.names else ""
    sign = {"scheduled": "⏰", "manual": "✅"}.get(event.type, "🔔")
    return f"{sign} {title}{link}"
