"""The finer words of this room for why a call failed; each is one of the hall's three and can be told as that.

Rejected
├── Refused         the service answered no, with this status
└── Misconfigured   the credential, its scopes or the address are at fault: whoever runs Signalbox must act
Transient
└── Throttled       asked too fast
    └── Later       would have been too fast: never sent, and so no attempt
"""

from __future__ import annotations

from typing import Any

from engine.errors import Rejected, Transient
from engine.runtime.pace import Held


class Refused(Rejected):
    """``status`` is the HTTP status it answered with, ``body`` its parsed answer, for hooks that read more out of it than the sentence."""

    def __init__(self, message: str, status: int, body: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class Misconfigured(Rejected):
    """The text names the setting to look at."""


class Throttled(Transient):
    """``retry_after`` is in seconds, None when the service did not say."""


class Later(Throttled, Held):
    """Not put to the service: its limits are used up, or it asked for a pause. In ``retry_after`` seconds this ask's turn comes."""
