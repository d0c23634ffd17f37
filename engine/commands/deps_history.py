"""What changed on the map, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.map_names import current, known, similar
from engine.commands.map_shown import MapHistoryShown
from engine.commands.spans import span_of
from engine.commands.speaking import local
from engine.errors import NotFound
from engine.graph.declared.names import id_of, quoted

MONTH = timedelta(days=30)
MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MapHistory(Command):
    """``about``: a component; "" = all of the map. ``window``: a length such as 7d; ``calendar``: yesterday, today, week, month, quarter, year."""

    NAME: ClassVar[str] = "map_history"
    SLASH: ClassVar[str] = "/deps history"
    HELP: ClassVar[str] = "What changed in who needs whom, of all or of one thing."
    EXAMPLE: ClassVar[str] = "/deps history checkout 7d"
    about: str = ""
    window: str = ""
    calendar: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        since, words = self._since(asking)
        map = await current(house)
        subject = ""
        if self.about.strip():
            # What is no longer on the map has a history all the same.
            subject = known(map, house, self.about) or id_of(self.about)
        changes = await house.store.map_changes.list(subject=subject, since=since, limit=MOST)
        if subject and not changes and subject not in map.components:
            raise NotFound(f"Nothing on the map is or was called {quoted(self.about)} in {words}.{similar(map, self.about)}")
        of = f" of {quoted(map.label(subject))}" if subject else ""
        return Outcome(result=MapHistoryShown(words=f"{of}, {words}", changes=tuple(changes), timezone=asking.timezone))

    def _since(self, asking: Asking) -> tuple[datetime, str]:
        if self.calendar.strip().casefold() == "yesterday":
            here = local(asking.at, asking.timezone)
            midnight = (here - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight.astimezone(asking.at.tzinfo), "since yesterday"
        span = span_of(self.window, self.calendar, asking.at, asking.timezone, MONTH)
        return span.since, span.words
