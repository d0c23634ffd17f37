"""Runbooks: the page that says what to do, by service or by a rule of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.monitoring.alert import Alert

KIND: Final = "runbook"  # of the policy; its id is a service, ``service.rule``, or ALL
ALL: Final = "all"


def page_for(alert: Alert, pages: Mapping[str, str]) -> str:
    """The most particular one; what the alert's sender said itself comes before all of ours. "" = none."""
    names = (f"{alert.service}.{alert.rule}", alert.service, ALL)
    return alert.runbook or next((pages[name] for name in names if name in pages), "")
