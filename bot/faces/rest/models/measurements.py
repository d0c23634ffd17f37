"""Measurements in and out."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field

from bot.faces.rest.models.envelope import In, Out

MOST = 1_000  # measurements in one request


class MeasurementIn(In):
    series: str = Field(description="Letters, digits and . _ - : /, at most 120.", examples=["shop.orders_per_minute"])
    value: float = Field(description="A finite number.", examples=[42.0])
    at: AwareDatetime | None = Field(default=None, description="With its zone; left out, it is now.")
    unit: str = Field(default="", examples=["orders"])


class MeasurementsIn(In):
    measurements: list[MeasurementIn] = Field(min_length=1, max_length=MOST)


class RefusedMeasurement(BaseModel):
    index: int = Field(description="Its place in what was sent, from 0.")
    error: str


class MeasurementsTakenOut(Out):
    taken: int = Field(description="What was known already counts, too: a second value of the same moment changes nothing.")
    refused: list[RefusedMeasurement]


class SeriesOut(BaseModel):
    name: str
    unit: str
    last_at: datetime


class SeriesListOut(Out):
    series: list[SeriesOut]


class PointOut(BaseModel):
    at: datetime
    value: float


class SeriesPointsOut(Out):
    name: str
    unit: str
    points: list[PointOut] = Field(description="Oldest first; of more than 5,000 the newest.")
