"""The figures behind a card of analytics, as a sheet (CSV) to take away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from engine.commands.analysing import analysed, scope_behind
from engine.commands.command import Asking, Command, FileShown, Outcome
from engine.commands.house import House
from engine.errors import Rejected
from engine.prediction.analytics.sheet import sheet

_CARD = re.compile(r"anl_(\d{8}T\d{6})_(\d{8}T\d{6})")
_FORM = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsSheet(Command):
    """``card``: the id of a card of analytics, which names its time; ``about``: what it is about, see ``analysing.mark_of``."""

    NAME: ClassVar[str] = "analytics_sheet"
    HELP: ClassVar[str] = "The figures of a card of analytics as CSV."
    EXAMPLE: ClassVar[str] = "press CSV on the card of /analytics"
    BUTTON: ClassVar[str] = "anl.csv"
    card: str
    about: str = "all."

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> AnalyticsSheet:
        return cls(card=card, about=arg)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        since, until = span_behind(self.card)
        scope = await scope_behind(house, self.about)
        shown = await analysed(house, scope, since, until, "", asking.timezone)
        about = scope.name or "all workflows"
        return Outcome(
            result=FileShown(title=f"Analytics of {about}, {since:%Y-%m-%d} to {until:%Y-%m-%d}", text=sheet(shown.report), language="csv")
        )


def card_of(since: datetime, until: datetime) -> str:
    """The id of a card: opaque to faces, and all that the CSV button has to know of the time."""
    return f"anl_{since.astimezone(UTC):{_FORM}}_{until.astimezone(UTC):{_FORM}}"


def span_behind(card: str) -> tuple[datetime, datetime]:
    """Raises Rejected for what is no such id."""
    found = _CARD.fullmatch(card)
    try:
        moments = [datetime.strptime(text, _FORM).replace(tzinfo=UTC) for text in found.groups()] if found else []
    except ValueError:
        moments = []
    if len(moments) != 2 or moments[0] >= moments[1]:
        raise Rejected("This card belongs to another version of Signalbox. Ask again: /analytics")
    return moments[0], moments[1]
