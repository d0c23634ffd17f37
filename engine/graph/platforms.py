"""What services share behind their names: one sign-in, one platform. A fallback on the same platform may fall with what it replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# service → the platform whose outage would take it along. Only what the vendors themselves run as one.
PLATFORM: Final[Mapping[str, str]] = {
    "jira": "Atlassian",
    "trello": "Atlassian",
    "google_calendar": "Google",
    "google_drive": "Google",
    "google_chat": "Google",
    "google_analytics": "Google",
    "teams": "Microsoft 365",
    "onedrive": "Microsoft 365",
}

# Faces of the bot that are services themselves: a message to a channel of theirs needs them.
FACES: Final = frozenset({"slack", "discord"})
