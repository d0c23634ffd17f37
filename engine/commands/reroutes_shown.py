"""What the list and the card of reroutes show, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from engine.workflow.putting_right import Batch, Reroute


@dataclass(frozen=True, slots=True, kw_only=True)
class ReroutesShown:
    """``batch``: whose card it is; None in a list that is no one card's. ``gone``: how many things are not kept any more.

    ``forgotten``: streams whose run is not kept any more.
    """

    service: str
    things: tuple[Reroute, ...]
    batch: Batch | None = None
    gone: int = 0
    forgotten: frozenset[str] = frozenset()
    timezone: str = "UTC"
