"""The card that waits for a human's yes: its id says which ask it belongs to."""

from __future__ import annotations

import hashlib


def approval_id(key: str) -> str:
    """The subject and card id of an approval: the same for the same ask (``key`` is its idempotency key), fit for a button."""
    return f"apr_{hashlib.sha256(key.encode()).hexdigest()[:24]}"
