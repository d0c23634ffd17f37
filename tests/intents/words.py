"""Saying things to a recogniser that knows the whole catalogue; Monday 23 November 2026, 10:00 UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from engine.ports import Said, Understood
from engine.workflow.catalogue import Catalogue
from engine.workflow.catalogue_data import KNOWN
from intents.recognise import Recogniser

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@cache
def catalogue() -> Catalogue:
    """Every known service, as if a connector for each shipped."""
    return Catalogue(replace(service, connected=True) for service in KNOWN)


@cache
def recogniser() -> Recogniser:
    return Recogniser(catalogue())


def said(
    text: str, *, workflows: Sequence[str] = (), pending: Mapping[str, Any] | None = None, timezone: str = "UTC", where: str = "slack:C9"
) -> Said:
    return Said(text=text, now=NOW, timezone=timezone, where=where, workflows=workflows, pending=pending)


def read(text: str, **more: Any) -> Understood:
    return recogniser().read(said(text, **more))


def workflow(text: str, **more: Any) -> dict[str, Any]:
    """The workflow that ``text`` describes; fails the test when it describes none."""
    understood = read(text, **more)
    assert understood.command == "create_workflow", understood
    found = understood.arguments["workflow"]
    assert isinstance(found, dict)
    return found


def actions(text: str) -> list[str]:
    return [step["action"] for step in workflow(text)["steps"]]
