"""The thresholds people set, kept in memory for whoever judges samples."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from engine.errors import Invalid
from engine.events import Elsewhere, Event, PolicySaved
from engine.monitoring.detection.limits import Limits
from engine.monitoring.threshold import KIND, AllThresholds, thresholds_of
from engine.ports import Store

log = logging.getLogger(__name__)


class SetLimits:
    """``of(service)`` answers at once; ``refresh`` reads again what may have changed. A change is seen at the next sample."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._all = AllThresholds()
        self._doubted = True
        store.ledger.listen(self._heard)

    def of(self, service: str) -> Limits:
        return self._all.of(service).limits

    async def refresh(self) -> None:
        if not self._doubted:
            return
        self._doubted = False
        try:
            policies = await self._store.policies.of(KIND)
        except BaseException:
            self._doubted = True
            raise
        found = AllThresholds()
        for policy in policies:
            try:
                found.by_service[policy.id] = thresholds_of(policy.id, policy.body, policy.revision)
            except Invalid as error:
                log.warning("%s", error)
        self._all = found

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            if (isinstance(event, PolicySaved) and event.kind == KIND) or (isinstance(event, Elsewhere) and event.noun == "policy"):
                self._doubted = True
