"""Spans of time in words, as roughly as they are known."""

from __future__ import annotations


def about(seconds: float) -> str:
    """``3600`` → “1 hour”, ``5400`` → “90 minutes”, ``7200`` → “2 hours”, ``200000`` → “2.3 days”: two figures, no more than an estimate has."""
    minutes = seconds / 60
    if minutes < 1.5:
        return f"{max(1, round(seconds))} second{'s' if round(seconds) > 1 else ''}"
    if round(minutes) in (60, 1440):
        return "1 hour" if minutes < 100 else "1 day"
    if minutes < 100:
        return f"{round(minutes)} minutes"
    hours = minutes / 60
    if hours < 36:
        return f"{_plain(hours)} hours"
    return f"{_plain(hours / 24)} days"


def _plain(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if value < 10 else f"{value:.0f}"
