"""Telling those who listen to the ledger what was recorded; a fault of one of them is no one else's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from engine.events import Event

log = logging.getLogger(__name__)

Listener = Callable[[Sequence[Event]], None]


def tell(listeners: Sequence[Listener], events: Sequence[Event]) -> None:
    """What was recorded stands, whatever a listener makes of it: whoever recorded it must not wait for ever, nor the others be left out."""
    for heard in listeners:
        try:
            heard(events)
        except Exception:
            log.exception("%s could not take in what was recorded", getattr(heard, "__qualname__", type(heard).__name__))
