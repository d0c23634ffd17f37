"""Maintenance windows and silences, as REST shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from bot.faces.rest.models.envelope import In, Out


class MaintenanceOut(BaseModel):
    id: str
    kind: Literal["maintenance", "silence"]
    service: str = Field(description="Empty: any.")
    rule: str
    severity: str = Field(description="That one and everything less; empty: any.")
    start: datetime
    until: datetime
    every: str = Field(description="RRULE or cron in `timezone`; empty: once.")
    timezone: str
    note: str
    by: str
    state: Literal["planned", "running", "over"]


class MaintenancesOut(Out):
    windows: list[MaintenanceOut]


class MaintenanceSet(Out):
    window: MaintenanceOut
    impact: list[str] = Field(description="What the window means for workflows, in sentences.")


class MaintenanceIn(In):
    service: str = Field(default="", examples=["github"])
    start: datetime | None = Field(default=None, description="Now, when it is not said.")
    until: datetime
    every: str = Field(default="", examples=["FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0"])
    note: str = ""
    rule: str = ""
    severity: str = ""
    notice: str = Field(
        default="", description="How long before it is announced in the channel, as an ISO 8601 duration.", examples=["PT30M"]
    )
    kind: Literal["maintenance", "silence"] = "maintenance"
    actor: str = ""
