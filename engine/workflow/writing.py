"""A definition as raw values and as YAML, in the form that ``parse`` reads: reading what was written gives the same definition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from engine.workflow.definition import SCHEMA, Definition, Input, Json, Misfire, Options, Step, Trigger
from engine.workflow.durations import iso
from engine.workflow.order import APPROVAL

DEFAULTS = Options()


def to_raw(definition: Definition) -> dict[str, Any]:
    """Plain JSON values in the order people read them. What has its default is left out."""
    steps, rescue = definition.steps, definition.options.on_failure
    together = (*steps, *rescue)
    plain = [step.id for step in together] == default_ids(together, [""] * len(together))
    written = [_step(step, with_id=not plain) for step in together]
    return _said(
        name=definition.name,
        description=definition.description,
        trigger=_trigger(definition.trigger),
        when=definition.when,
        steps=written[: len(steps)],
        options=_options(definition.options, written[len(steps) :]),
        places=dict(definition.places),
        home=definition.home,
        schema=SCHEMA,
    )


def to_yaml(definition: Definition) -> str:
    """As ``to_raw``, as YAML text with one field a line."""
    text: str = yaml.dump(to_raw(definition), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def default_ids(steps: Sequence[Step], said: Sequence[str]) -> list[str]:
    """An id for each step: the one that was said, else the name of its operation, numbered where that is taken."""
    taken = {id for id in said if id} | {APPROVAL}
    ids = []
    for step, id in zip(steps, said, strict=True):
        ids.append(id or _free(re.sub(r"\W", "_", step.operation or "step"), taken))
        taken.add(ids[-1])
    return ids


def _free(stem: str, taken: set[str]) -> str:
    number, id = 1, stem
    while id in taken:
        number += 1
        id = f"{stem[:58]}_{number}"
    return id


def _said(**fields: Any) -> dict[str, Any]:
    """Without what is empty; a number or false is never empty."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {}, ())}


def _trigger(trigger: Trigger) -> dict[str, Any]:
    return _said(
        type=trigger.type.value,
        service=trigger.service,
        event=trigger.event,
        cron=trigger.cron,
        rrule=trigger.rrule,
        at=trigger.at.isoformat() if trigger.at else "",
        timezone=trigger.timezone,
        misfire=trigger.misfire.value if trigger.misfire is not Misfire.ONCE else "",
        all=list(trigger.all),
        any=list(trigger.any),
        sequence=list(trigger.sequence),
        within=iso(trigger.within) if trigger.within else "",
        metric=trigger.metric,
        horizon=iso(trigger.horizon) if trigger.horizon else "",
        inputs=[_input(entry) for entry in trigger.inputs],
    )


def _input(entry: Input) -> dict[str, Any]:
    made = _said(name=entry.name, type=entry.type if entry.type != "string" else "", required=entry.required or None, help=entry.help)
    return made if entry.default is None else {**made, "default": entry.default}


def _step(step: Step, *, with_id: bool) -> dict[str, Any]:
    made = _said(id=step.id if with_id else "", action=step.action)
    if step.arguments:
        made["with"] = _copied(dict(step.arguments))
    made |= _said(when=step.when)
    if step.needs is not None:
        made["needs"] = list(step.needs)
    return made | _said(retries=step.retries, timeout=_timeout(step.timeout), account=step.account)


def _timeout(seconds: float | None) -> str | None:
    return None if seconds is None else iso(seconds)


def _options(options: Options, on_failure: list[dict[str, Any]]) -> dict[str, Any]:
    return _said(
        retries=options.retries if options.retries != DEFAULTS.retries else None,
        timeout=_timeout(options.timeout) if options.timeout != DEFAULTS.timeout else None,
        fallback=dict(options.fallback),
        approval=options.approval,
        on_failure=on_failure,
    )


def _copied(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _copied(part) for key, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list) else value


class _Dumper(yaml.SafeDumper):
    """No anchors for what appears twice, and texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    block = "\n" in text and not text.startswith((" ", "\n", "\t"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


_Dumper.add_representer(str, _text)
