"""Policies of steps and of whole workflows out of raw data, and the actions that stand in for others."""

from __future__ import annotations

from collections.abc import Mapping

from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.definition import (
    Cache,
    Concurrency,
    Json,
    Options,
    Priority,
    RateLimit,
    RetryRule,
    Substitute,
    Trouble,
    WhenFull,
)
from engine.workflow.reading import Cursor, is_dotted, within
from engine.workflow.schema_limits import DAY, LONGEST_WORK, MAX_RATE, MAX_RETRIES, MAX_RUNS_TOGETHER, SECOND, SHORTEST_TIMEOUT, YEAR
from engine.workflow.schema_parts import BACKOFFS, CACHE, CONCURRENCY, OPTIONS, RATE_LIMIT, RETRY, SUBSTITUTE

DEFAULTS = Options()
MAX_AMONG = 20
SHORTEST_PAUSE = 0.05  # seconds


def read_options(cursor: Cursor) -> Options:
    """Without the steps of on_failure and finally, which are read with the others."""
    if cursor.value is None or not cursor.mapping("“options”", OPTIONS.fields):
        return Options()
    retries = cursor.whole("retries", "“retries”", 0, MAX_RETRIES)
    timeout = read_timeout(cursor, "timeout")
    return Options(
        retries=DEFAULTS.retries if retries is None else retries,
        retry=read_retry(cursor) or DEFAULTS.retry,
        timeout=DEFAULTS.timeout if timeout is None else timeout,
        deadline=cursor.seconds("deadline", SECOND, YEAR),
        fallback=_fallback(cursor),
        among=_among(cursor),
        patience=cursor.seconds("patience", SECOND, YEAR),
        approval=cursor.at("approval").line("“approval”") if cursor.has("approval") else "",
        concurrency=_concurrency(cursor),
        rate_limits=_rate_limits(cursor),
        priority=Priority(cursor.choice("priority", "“priority”", list(Priority), Priority.NORMAL)),
        saves=cursor.seconds("saves", SECOND, LONGEST_WORK),
        failure_costs=cursor.seconds("failure_costs", SECOND, LONGEST_WORK),
    )


def read_timeout(cursor: Cursor, key: str) -> float | None:
    return cursor.checked(key, lambda value: within(value, "A timeout", SHORTEST_TIMEOUT, DAY))


def read_retry(cursor: Cursor) -> RetryRule | None:
    if not cursor.has("retry"):
        return None
    inner = cursor.at("retry")
    if not inner.mapping("“retry”", RETRY.fields):
        return None
    default = DEFAULTS.retry
    first, longest = inner.seconds("first", SHORTEST_PAUSE, DAY), inner.seconds("longest", SHORTEST_PAUSE, DAY)
    backoff = inner.choice("backoff", "“backoff”", list(BACKOFFS), default.backoff)
    rule = RetryRule(
        backoff=backoff,
        first=default.first if first is None else first,
        longest=max(default.longest, first or 0.0) if longest is None else longest,
        jitter=inner.flag("jitter", default=default.jitter),
        on=_troubles(inner),
    )
    if rule.first > rule.longest:
        inner.problem("The first pause is longer than the longest one.", "first")
    return rule


def _troubles(cursor: Cursor) -> frozenset[Trouble]:
    if not cursor.has("on"):
        return DEFAULTS.retry.on
    found = cursor.texts("on", "“on”")
    for name in found:
        if name not in list(Trouble):
            cursor.problem(f"“{name[:60]}” is no kind of failure: {listed(Trouble, 'or')}.{did_you_mean(name, list(Trouble))}", "on")
    if cursor.at("on").value == []:
        cursor.problem("Say after which failures it is tried again; with retries: 0 it never is.", "on")
    return frozenset(Trouble(name) for name in found if name in list(Trouble)) or DEFAULTS.retry.on


def _fallback(cursor: Cursor) -> dict[str, str]:
    found = cursor.pairs("fallback", "“fallback”")
    for service, other in found.items():
        if service == other:
            cursor.problem(f"{service} cannot stand in for itself.", "fallback", service)
    return found


def _among(cursor: Cursor) -> dict[str, dict[str, float]]:
    """``dropbox: [box]``, or with weights ``dropbox: {box: 2}``: twice as slow is as good."""
    if not cursor.has("among"):
        return {}
    inner = cursor.at("among")
    if not isinstance(inner.value, Mapping) or len(inner.value) > MAX_AMONG:
        inner.problem(f"“among” must hold up to {MAX_AMONG} services, each with those that are as good, such as dropbox: [box].")
        return {}
    return {str(service)[:64]: _weights(inner, str(service)) for service in inner.value}


def _weights(cursor: Cursor, service: str) -> dict[str, float]:
    inner = cursor.at(service)
    if isinstance(inner.value, Mapping):
        found = {str(name)[:64]: weight for name, weight in list(inner.value.items())[:MAX_AMONG]}
        for name, weight in found.items():
            if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0.01 <= weight <= 100:
                inner.problem(f"The weight of {name} must be a number from 0.01 to 100; {service} itself has 1.", name)
        weights = {name: float(weight) for name, weight in found.items() if isinstance(weight, (int, float))}
    else:
        weights = dict.fromkeys(cursor.texts(service, f"What is as good as {service}", MAX_AMONG), 1.0)
    if service in weights:
        inner.problem(f"{service} is always among them; say the others only.")
    return weights


def _concurrency(cursor: Cursor) -> Concurrency | None:
    if not cursor.has("concurrency"):
        return None
    inner = cursor.at("concurrency")
    if isinstance(inner.value, int) and not isinstance(inner.value, bool):
        inner.problem(f"Write it like concurrency: {{limit: {inner.value}}}.")
        return None
    if not inner.mapping("“concurrency”", CONCURRENCY.fields):
        return None
    return Concurrency(
        limit=inner.whole("limit", "“limit”", 1, MAX_RUNS_TOGETHER) or 1,
        key=inner.expression("key"),
        when_full=WhenFull(inner.choice("when_full", "“when_full”", list(WhenFull), WhenFull.QUEUE)),
    )


def _rate_limits(cursor: Cursor) -> dict[str, RateLimit]:
    if not cursor.has("rate_limits"):
        return {}
    inner = cursor.at("rate_limits")
    if not isinstance(inner.value, Mapping) or len(inner.value) > 50:
        inner.problem("“rate_limits” must hold up to 50 services, each with its limit, such as github: {limit: 30, per: 1m}.")
        return {}
    found = {str(service)[:64]: _rate_limit(inner.at(service)) for service in inner.value}
    return {service: limit for service, limit in found.items() if limit is not None}


def _rate_limit(cursor: Cursor) -> RateLimit | None:
    if not cursor.mapping("A rate limit", RATE_LIMIT.fields):
        return None
    for key in ("limit", "per"):
        if not cursor.has(key):
            cursor.problem("A rate limit says how many asks (limit) in which time (per), for example {limit: 30, per: 1m}.", key)
            return None
    limit, per = cursor.whole("limit", "“limit”", 1, MAX_RATE), cursor.seconds("per", SECOND, DAY)
    return None if limit is None or per is None else RateLimit(limit, per)


# --- of steps ------------------------------------------------------------------------------------------------------------------


def said_action(cursor: Cursor, key: str = "action", what: str = "action, for example trello.create_card") -> str:
    """A ``service.name`` that was said."""
    name = cursor.at(key).named(f"The {key}")
    if name and not is_dotted(name):
        cursor.problem(f"“{name[:60]}” must be written service.{what}.", key)
        return ""
    return name


def read_arguments(cursor: Cursor, key: str) -> dict[str, Json]:
    if not cursor.has(key):
        return {}
    inner = cursor.at(key)
    if not isinstance(inner.value, Mapping):
        inner.problem(f"“{key}” must hold the inputs of the {'action' if key == 'with' else 'workflow'}, name: value.")
        return {}
    value = inner.json(f"“{key}”")
    return value if isinstance(value, dict) else {}


def read_account(cursor: Cursor) -> str:
    return cursor.at("account").line("“account”") if cursor.has("account") else ""


def read_substitute(cursor: Cursor, key: str) -> Substitute | None:
    if not cursor.has(key):
        return None
    inner = cursor.at(key)
    if isinstance(inner.value, str):
        inner.problem(f"Write it like {key}: {{action: {inner.value[:60]}, with: {{ … }}}}.")
        return None
    if not inner.mapping(f"“{key}”", SUBSTITUTE.fields):
        return None
    if not inner.has("action"):
        inner.problem("Say which action, for example trello.archive_card.", "action")
        return None
    return Substitute(action=said_action(inner), arguments=read_arguments(inner, "with"), account=read_account(inner))


def read_cache(cursor: Cursor) -> Cache | None:
    if not cursor.has("cache"):
        return None
    inner = cursor.at("cache")
    if not isinstance(inner.value, Mapping):
        inner.problem("Write it like cache: {for: 10m}.")
        return None
    inner.mapping("“cache”", CACHE.fields)
    if not inner.has("for"):
        inner.problem("Say for how long the answer may be used again, for example for: 10m.", "for")
    return Cache(inner.seconds("for", SECOND, 30 * DAY) or SECOND, inner.expression("key"))
