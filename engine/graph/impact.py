"""Impact: what stops, and what carries on, when a service is down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedWorkflow:
    """``survives_by`` names the fallback service that carries it, "" = it stops. ``runs_per_hour`` expected."""

    id: str
    name: str
    survives_by: str
    runs_per_hour: float
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """The answer to “what breaks if X goes down?”. ``severity`` is low, medium, high or critical."""

    service: str
    state: str  # down, degraded
    workflows: tuple[AffectedWorkflow, ...]
    runs_lost_per_hour: float
    people: tuple[str, ...]
    severity: str
    shared_fallback_dependencies: tuple[str, ...]
    because: str
