"""Objectives as they are stored: a policy each."""

from __future__ import annotations

from engine.monitoring.slo.objective import Objective, of_body
from engine.ports import Store

KIND = "objective"


async def objectives(store: Store, service: str = "") -> list[Objective]:
    """By id; of one service where it is named."""
    found = [of_body(policy.body) for policy in await store.policies.of(KIND)]
    return [one for one in found if service in ("", one.service)]
