"""Thresholds as the seed's API has them: by metric, for all services or for one."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field, RootModel

from bot.faces.rest.models.envelope import Out


class LevelsOut(BaseModel):
    warning: float | None = Field(description="Null: what is usual is learnt.")
    critical: float | None


class ThresholdsOut(Out):
    service: str = Field(description="`*`: every service that has none of its own.")
    thresholds: dict[str, LevelsOut] = Field(description="`response_time` in milliseconds, `success_rate` and `error_rate` 0..1.")
    timestamp: datetime


class LevelsIn(BaseModel):
    model_config = {"extra": "forbid"}

    warning: float | None = None
    critical: float | None = None


class ThresholdsIn(RootModel[dict[str, LevelsIn]]):
    """Only what is named is changed; null lets it be learnt again."""

    model_config = {"json_schema_extra": {"examples": [{"response_time": {"warning": 1000, "critical": 5000}}]}}
