"""What comes of others' alerts."""

from __future__ import annotations

from pydantic import Field

from bot.faces.rest.models.envelope import Out


class InboundOut(Out):
    changed: int = Field(description="How many alerts opened, changed or ended; 0 when all of it was known.")
    alerts: list[str] = Field(description="Their ids.")
