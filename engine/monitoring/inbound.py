"""Alerts that others send: Alertmanager's and Grafana's webhooks and a form of our own become signals. Text from outside stays data.

Shapes: Alertmanager's webhook, version 4 (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config); Grafana's webhook
contact point sends the same with more beside it. Ours is one alert or a list of them:

    {"title": "Disk full on db1", "service": "postgres", "status": "firing", "severity": "high", "message": "97 %",
     "labels": {"host": "db1"}, "key": "disk-db1", "runbook": "https://…", "value": 97, "lasts": "PT30M"}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from math import isfinite
from typing import Any, Final
from urllib.parse import urlsplit

from dateutil.parser import isoparse

from engine.errors import Invalid, Problem
from engine.monitoring.alert import Severity, fingerprint
from engine.monitoring.signal import Signal


class Sender(StrEnum):
    ALERTMANAGER = "alertmanager"
    GRAFANA = "grafana"
    GENERIC = "generic"


MOST: Final = 5_000  # alerts of one delivery
MOST_LABELS: Final = 24
LONGEST_NAME: Final = 60
LONGEST_LABEL: Final = 200
LONGEST_TEXT: Final = 1_000
LONGEST_LINK: Final = 500
LONGEST_LASTING: Final = timedelta(days=7)
# Words of Prometheus' rules, PagerDuty, Opsgenie and syslog for how bad it is.
SEVERITIES: Final[Mapping[str, Severity]] = {
    **dict.fromkeys(("critical", "crit", "page", "emergency", "emerg", "fatal", "disaster", "p1", "sev1", "1"), Severity.CRITICAL),
    **dict.fromkeys(("high", "error", "err", "major", "p2", "sev2", "2"), Severity.HIGH),
    **dict.fromkeys(("medium", "warning", "warn", "minor", "p3", "sev3", "3", "average"), Severity.MEDIUM),
    **dict.fromkeys(("low", "info", "information", "informational", "notice", "none", "debug", "p4", "p5", "sev4", "4", "5"), Severity.LOW),
}
SERVICES: Final = ("service", "service_name", "app", "application", "job", "component", "instance")  # labels that say what it is about
TEXTS: Final = ("summary", "message", "title", "description")  # annotations that say what is wrong
RUNBOOKS: Final = ("runbook_url", "runbook", "runbookUrl")
FIRING: Final = frozenset({"firing", "alerting", "triggered", "open", "problem", "down", "fire", "true"})
OVER: Final = frozenset({"resolved", "ok", "closed", "recovery", "recovered", "up", "normal", "inactive", "false"})
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_LASTS: Final = re.compile(r"PT?(?:(\d{1,3})D)?(?:T?(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?")


def signals_of(sender: Sender, body: Any, now: datetime) -> tuple[Signal, ...]:
    """Each alert of a delivery, in its order. Raises Invalid, naming the first ones that cannot be read and what is expected."""
    alerts = _alerts(sender, body)
    if len(alerts) > MOST:
        raise Invalid(
            f"A delivery holds at most {MOST:,} alerts; this one has {len(alerts):,}. Send them in several, or group them before."
        )
    found, problems = [], []
    for number, alert in enumerate(alerts):
        if not isinstance(alert, Mapping):
            problems.append(Problem("an alert is an object", ("alerts", str(number))))
            continue
        try:
            found.append(_ours(alert, now) if sender is Sender.GENERIC else _theirs(sender, alert, body, now))
        except Invalid as error:
            problems += [Problem(problem.message, ("alerts", str(number), *problem.path)) for problem in error.problems]
    if problems:
        raise Invalid("These alerts cannot be read; nothing of the delivery was taken:", problems[:10])
    return tuple(found)


def _alerts(sender: Sender, body: Any) -> Sequence[Any]:
    if sender is Sender.GENERIC:
        if isinstance(body, list):
            return body
        if isinstance(body, Mapping) and isinstance(body.get("alerts"), list):
            return list(body["alerts"])
        if isinstance(body, Mapping):
            return [body]
        raise Invalid('Send one alert as an object, or several as a list, for example {"title": "Disk full", "service": "postgres"}.')
    if not isinstance(body, Mapping) or not isinstance(body.get("alerts"), list):
        raise Invalid(
            f"This is not what {sender.value.capitalize()} sends to a webhook: “alerts” is missing. The generic address takes any alert."
        )
    return list(body["alerts"])


# --- Alertmanager and Grafana


def _theirs(sender: Sender, alert: Mapping[str, Any], body: Mapping[str, Any], now: datetime) -> Signal:
    labels, notes = _words(alert.get("labels")), _words(alert.get("annotations"), LONGEST_TEXT)
    status = plain(alert.get("status") or body.get("status"), 20).casefold()
    firing = _status(status)
    rule = labels.get("alertname") or plain(body.get("title"), LONGEST_NAME) or "alert"
    text = _first(notes, TEXTS) or plain(body.get("message"), LONGEST_TEXT) or rule
    ends_at = _moment(alert.get("endsAt"))
    return Signal(
        rule=rule[:LONGEST_NAME],
        service=(_first(labels, SERVICES) or sender.value)[:LONGEST_NAME],
        account=sender.value,
        at=now,
        firing=firing,
        because=f"{sender.value.capitalize()} {'sent it' if firing else 'says that it is over'} (its rule {rule[:LONGEST_NAME]}).",
        severity=severity_of(labels.get("severity") or labels.get("priority") or ""),
        message=text,
        metric=rule[:LONGEST_NAME],
        value=_value(alert),
        labels={name: value for name, value in labels.items() if name not in ("alertname", "severity")},
        source=sender.value,
        runbook=link(_first(notes, RUNBOOKS)),
        key=plain(alert.get("fingerprint"), LONGEST_LABEL) or _print(labels),
        ends_at=ends_at if firing and ends_at is not None and ends_at > now else None,
    )


def _value(alert: Mapping[str, Any]) -> float:
    """Grafana's: the one value, where there is one."""
    values = alert.get("values")
    numbers = [number for said in values.values() if (number := _number(said)) is not None] if isinstance(values, Mapping) else []
    return numbers[0] if len(numbers) == 1 else 0.0


def _number(said: Any) -> float | None:
    """None for what is none; JSON as it is read knows NaN, the infinities and integers of any length, too."""
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        return None
    try:
        return float(said) if isfinite(said) else None
    except OverflowError:
        return None


# --- our own form

KNOWN: Final = frozenset(
    {"title", "rule", "service", "account", "status", "severity", "message", "labels", "key", "runbook", "value", "threshold", "lasts"}
)


def _ours(alert: Mapping[str, Any], now: datetime) -> Signal:
    title, rule = plain(alert.get("title"), LONGEST_LABEL), plain(alert.get("rule"), LONGEST_NAME)
    problems = [Problem(f"“{str(name)[:40]}” is not known here; use {', '.join(sorted(KNOWN))}", ()) for name in alert if name not in KNOWN]
    if not title and not rule:
        problems.append(Problem("say what is wrong in “title”", ("title",)))
    said = plain(alert.get("severity"), 20)
    if said and said.casefold() not in SEVERITIES:
        problems.append(Problem(f"“{said}” is no severity; use {', '.join(Severity)}", ("severity",)))
    status = plain(alert.get("status") or "firing", 20).casefold()
    if status not in FIRING | OVER:
        problems.append(Problem(f"“{status}” is neither firing nor resolved", ("status",)))
    lasts = _lasting(alert.get("lasts"))
    if lasts is None:
        problems.append(Problem("a duration such as PT30M, up to 7 days", ("lasts",)))
    value, threshold = (_number(alert.get(name) or 0) for name in ("value", "threshold"))
    problems += [
        Problem("a number, and a finite one", (name,)) for name, read in (("value", value), ("threshold", threshold)) if read is None
    ]
    if alert.get("labels") is not None and not isinstance(alert.get("labels"), Mapping):
        problems.append(Problem('an object such as {"host": "db1"}', ("labels",)))
    if problems or lasts is None or value is None or threshold is None:
        raise Invalid("", problems)
    labels, text = _words(alert.get("labels")), plain(alert.get("message"), LONGEST_TEXT) or title or rule
    firing = status in FIRING
    rule_or_title = rule or title[:LONGEST_NAME]
    service = plain(alert.get("service"), LONGEST_NAME) or _first(labels, SERVICES)[:LONGEST_NAME] or "generic"
    account = plain(alert.get("account"), LONGEST_NAME) or "default"
    return Signal(
        rule=rule_or_title,
        service=service,
        account=account,
        at=now,
        firing=firing,
        because="Somebody sent it to this house." if firing else "Its sender says that it is over.",
        severity=severity_of(said),
        message=f"{title}: {text}"[:LONGEST_TEXT] if title and text != title else text,
        metric=rule,
        value=value,
        threshold=threshold,
        labels=labels,
        source=Sender.GENERIC.value,
        runbook=link(plain(alert.get("runbook"), LONGEST_LINK)),
        # Never our own fingerprint: whoever may only send alerts neither makes nor ends those of the house.
        key=plain(alert.get("key"), LONGEST_LABEL) or fingerprint(rule_or_title, service, account, labels),
        ends_at=now + lasts if firing and lasts else None,
    )


def _lasting(said: Any) -> timedelta | None:
    """Zero where nothing is said; None for what is no duration."""
    if said is None or said == "":
        return timedelta()
    match = _LASTS.fullmatch(said) if isinstance(said, str) else None
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return length if timedelta() < length <= LONGEST_LASTING else None


# --- words from outside


def plain(said: Any, longest: int) -> str:
    """One line of what anybody sent, without characters that cannot be seen or turn the reading around; "" for what is no text or number."""
    if isinstance(said, bool) or not isinstance(said, (str, int, float)):
        return ""
    text = str(said)[: longest * 4]
    return " ".join(_UNSEEN.sub(" ", text).split())[:longest]


def severity_of(said: str) -> Severity:
    """In our four words; medium for one nobody knows."""
    return SEVERITIES.get(said.strip().casefold(), Severity.MEDIUM)


def link(said: str) -> str:
    """A web address, or "" for anything else: nothing may hide behind a button."""
    try:
        parts = urlsplit(said.strip()[:LONGEST_LINK])
        return parts.geturl() if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def _status(said: str) -> bool:
    if said in FIRING:
        return True
    if said in OVER:
        return False
    raise Invalid("", [Problem(f"“{said}” is neither firing nor resolved", ("status",))])


def _words(said: Any, longest: int = LONGEST_LABEL) -> dict[str, str]:
    """At most so many, those first by name, so that the same set always gives the same ones."""
    if not isinstance(said, Mapping):
        return {}
    found: dict[str, str] = {}
    for name in sorted(said, key=lambda name: str(name)[:LONGEST_LABEL]):
        word, value = plain(name, LONGEST_NAME), plain(said[name], longest)
        if word and value:
            found[word] = value
        if len(found) == MOST_LABELS:
            break
    return found


def _first(words: Mapping[str, str], names: Iterable[str]) -> str:
    return next((words[name] for name in names if words.get(name)), "")


def _moment(said: Any) -> datetime | None:
    try:
        moment = isoparse(said) if isinstance(said, str) else None
    except (ValueError, OverflowError):
        return None
    return moment if moment is not None and moment.tzinfo is not None and moment.year > 1 else None


def _print(labels: Mapping[str, str]) -> str:
    """Where the sender gives none: its labels, of which none is a time."""
    said = "\0".join(f"{name}={value}" for name, value in sorted(labels.items()) if name != "severity")
    return sha256(said.encode("utf-8", "replace")).hexdigest()[:16]
