"""A definition as raw values and as YAML, in the form that ``parse`` reads: reading what was written gives the same definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import yaml

from engine.workflow.definition import (
    SCHEMA,
    Approve,
    AskModel,
    Cache,
    Case,
    Concurrency,
    Debounce,
    Definition,
    ForEach,
    Input,
    Json,
    Misfire,
    OnError,
    OnExpiry,
    Options,
    Parallel,
    Priority,
    RateLimit,
    RetryRule,
    SetValues,
    Step,
    SubRun,
    Substitute,
    Switch,
    Trigger,
    Trouble,
    Wait,
    flat,
)
from engine.workflow.durations import iso
from engine.workflow.parse_ids import default_ids

DEFAULTS = Options()
_WAIT, _APPROVE, _EACH = Wait(), Approve(), ForEach(items="", steps=())

Raw = dict[str, Any]


def to_raw(definition: Definition) -> Raw:
    """Plain JSON values in the order people read them. What has its default is left out."""
    options = definition.options
    every = [step for block in (definition.steps, options.on_failure, options.finally_) for step in flat(block)]
    plain = [step.id for step in every] == default_ids(every, [""] * len(every))
    return _said(
        name=definition.name,
        description=definition.description,
        owner=definition.owner,
        trigger=_trigger(definition.trigger),
        when=definition.when,
        env=_copied(dict(definition.env)),
        steps=_steps(definition.steps, with_id=not plain),
        options=_options(options, with_id=not plain),
        places=dict(definition.places),
        home=definition.home,
        schema=SCHEMA,
    )


def to_yaml(definition: Definition) -> str:
    """As ``to_raw``, as YAML text with one field a line."""
    text: str = yaml.dump(to_raw(definition), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def _said(**fields: Any) -> Raw:
    """Without what is empty; a number or false is never empty."""
    return {key.rstrip("_"): value for key, value in fields.items() if value not in (None, "", [], {}, ())}


def _other(value: Any, default: Any) -> Any:
    """None where it is the default: not said."""
    return None if value == default else value


def _span(seconds: float | None, default: float | None = None) -> str | None:
    return None if seconds is None or seconds == default else iso(seconds)


# --- triggers ----------------------------------------------------------------------------------------------------------------


def _trigger(trigger: Trigger) -> Raw:
    return _said(
        type=trigger.type.value,
        service=trigger.service,
        event=trigger.event,
        dedup=trigger.dedup,
        debounce=_debounce(trigger.debounce) if trigger.debounce else None,
        cron=trigger.cron,
        rrule=trigger.rrule,
        at=trigger.at.isoformat() if trigger.at else "",
        timezone=trigger.timezone,
        misfire=_other(trigger.misfire.value, Misfire.ONCE.value),
        jitter=_span(trigger.jitter, 0.0),
        end=trigger.end.isoformat() if trigger.end else "",
        exceptions=list(trigger.exceptions),
        all=list(trigger.all),
        any=list(trigger.any),
        sequence=list(trigger.sequence),
        within=iso(trigger.within) if trigger.within else "",
        correlate=trigger.correlate[""] if list(trigger.correlate) == [""] else dict(trigger.correlate),
        metric=trigger.metric,
        method=trigger.method,
        horizon=iso(trigger.horizon) if trigger.horizon else "",
        inputs=[_input(entry) for entry in trigger.inputs],
    )


def _debounce(debounce: Debounce) -> str | Raw:
    return {"for": iso(debounce.seconds), "key": debounce.key} if debounce.key else iso(debounce.seconds)


def _input(entry: Input) -> Raw:
    choices = list(entry.choices)
    made = _said(name=entry.name, type=_other(entry.type, "string"), required=entry.required or None, help=entry.help, choices=choices)
    return made if entry.default is None else {**made, "default": entry.default}


# --- steps -------------------------------------------------------------------------------------------------------------------


def _steps(steps: Iterable[Step], *, with_id: bool) -> list[Raw]:
    return [_step(step, with_id=with_id) for step in steps]


def _step(step: Step, *, with_id: bool) -> Raw:
    made = _said(id=step.id if with_id else "", action=step.action)
    if step.arguments:
        made["with"] = _copied(dict(step.arguments))
    if step.does is not None:
        made[step.kind] = _CONSTRUCTS[step.kind](step.does, with_id)
    made |= _said(when=step.when)
    if step.needs is not None:
        made["needs"] = list(step.needs)
    if step.retry is not None:
        made["retry"] = _retry(step.retry)
    return made | _said(
        on_error=_other(step.on_error.value, OnError.FAIL.value),
        retries=step.retries,
        timeout=_span(step.timeout),
        account=step.account,
        fallback=_substitute(step.fallback),
        compensate=_substitute(step.compensate),
        idempotency_key=step.idempotency_key,
        cache=_cache(step.cache),
    )


def _foreach(each: ForEach, with_id: bool) -> Raw:
    return _said(
        items=each.items,
        as_=_other(each.name, _EACH.name),
        concurrency=_other(each.concurrency, _EACH.concurrency),
        on_item_failure=_other(each.on_failure.value, _EACH.on_failure.value),
        steps=_steps(each.steps, with_id=with_id),
    )


def _parallel(parallel: Parallel, with_id: bool) -> Raw:
    return {name: _steps(steps, with_id=with_id) for name, steps in parallel.branches.items()}


def _switch(switch: Switch, with_id: bool) -> Raw:
    return {"cases": [_case(case, with_id) for case in switch.cases]} | _said(else_=_steps(switch.otherwise, with_id=with_id))


def _case(case: Case, with_id: bool) -> Raw:
    return {"when": case.when, "steps": _steps(case.steps, with_id=with_id)}


def _wait(wait: Wait, _: bool) -> Raw:
    return _said(
        for_=_span(wait.seconds),
        until=wait.until,
        event=wait.event,
        where=wait.where,
        timeout=_span(wait.timeout),
        on_timeout=_other(wait.on_timeout.value, _WAIT.on_timeout.value),
    )


def _approve(approve: Approve, _: bool) -> Raw:
    return _said(
        by=list(approve.by),
        text=approve.text,
        channel=approve.channel,
        quorum=_other(approve.quorum, _APPROVE.quorum),
        four_eyes=approve.four_eyes or None,
        reason=approve.reason or None,
        expires=_span(approve.expires),
        on_expiry=_other(approve.on_expiry.value, OnExpiry.DECLINE.value),
        remind=_span(approve.remind),
        on_no=_other(approve.on_no.value, OnError.FAIL.value),
    )


def _run_workflow(sub: SubRun, _: bool) -> Raw:
    return _said(workflow=sub.workflow, inputs=_copied(dict(sub.inputs)), wait=None if sub.wait else False)


def _set(values: SetValues, _: bool) -> Raw:
    return {name: _copied(value) for name, value in values.values.items()}


def _ask_model(ask: AskModel, _: bool) -> Raw:
    return {"prompt": ask.prompt, "schema": _copied(dict(ask.schema))} | _said(optional=ask.optional or None)


_CONSTRUCTS: Mapping[str, Callable[[Any, bool], Raw]] = {
    "foreach": _foreach,
    "parallel": _parallel,
    "switch": _switch,
    "wait": _wait,
    "approve": _approve,
    "run_workflow": _run_workflow,
    "set": _set,
    "ask_model": _ask_model,
}


# --- policies ----------------------------------------------------------------------------------------------------------------


def _substitute(other: Substitute | None) -> Raw | None:
    if other is None:
        return None
    return _said(action=other.action, with_=_copied(dict(other.arguments)), account=other.account)


def _cache(cache: Cache | None) -> Raw | None:
    return None if cache is None else _said(for_=iso(cache.seconds), key=cache.key)


def _retry(rule: RetryRule) -> Raw:
    """What is not said becomes the default again; the longest pause is never left to grow with the first."""
    default = DEFAULTS.retry
    longest = rule.longest if rule.longest != max(default.longest, rule.first) else None
    return _said(
        backoff=_other(rule.backoff, default.backoff),
        first=_span(rule.first, default.first),
        longest=_span(longest),
        jitter=_other(rule.jitter, default.jitter),
        on=_other([kind.value for kind in Trouble if kind in rule.on], [kind.value for kind in Trouble]),
    )


def _options(options: Options, *, with_id: bool) -> Raw:
    return _said(
        retries=_other(options.retries, DEFAULTS.retries),
        retry=_retry(options.retry),
        timeout=_span(options.timeout, DEFAULTS.timeout),
        deadline=_span(options.deadline),
        fallback=dict(options.fallback),
        among={service: _weights(weights) for service, weights in options.among.items()},
        patience=_span(options.patience),
        approval=options.approval,
        concurrency=_concurrency(options.concurrency),
        rate_limits={service: _rate(limit) for service, limit in options.rate_limits.items()},
        priority=_other(options.priority.value, Priority.NORMAL.value),
        saves=_span(options.saves),
        failure_costs=_span(options.failure_costs),
        on_failure=_steps(options.on_failure, with_id=with_id),
        finally_=_steps(options.finally_, with_id=with_id),
    )


def _weights(weights: Mapping[str, float]) -> Json:
    """A list where all are as good."""
    return list(weights) if set(weights.values()) <= {1.0} else dict(weights)


def _rate(limit: RateLimit) -> Raw:
    return {"limit": limit.limit, "per": iso(limit.per)}


def _concurrency(concurrency: Concurrency | None) -> Raw | None:
    if concurrency is None:
        return None
    return {"limit": concurrency.limit} | _said(
        key=concurrency.key, when_full=_other(concurrency.when_full.value, Concurrency().when_full.value)
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
