"""The feeds: every poll of every connected account, for whoever drives them; fulfils ``ports.Polls``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors._kit.places import Place, Places
from connectors._kit.polling import poll, tells
from engine.errors import Rejected, SignalboxError
from engine.ports import Poll, Polled
from engine.workflow.definition import Json
from engine.workflow.wished import Wished


class Feeds:
    def __init__(self, places: Places) -> None:
        self._places = places

    async def polls(self) -> Sequence[Poll]:
        """An account whose deliveries can be proven is only polled for what is not delivered; a poll may tell nothing any more."""
        return [found for place in self._places.all() if place.account.mode == "live" for found in await _of(place)]

    async def poll(self, poll_: Poll, cursor: Mapping[str, Json] | None, wanted: Sequence[Wished]) -> Polled:
        """Raises the three words; their texts hold no secret."""
        place = self._places.named(poll_.service, poll_.account)
        if place is None or poll_.name not in place.connector.description.polls:
            raise Rejected(f"{poll_.service} has no account “{poll_.account}” with a feed “{poll_.name}” any more.")
        try:
            return await poll(place.connector, place.live.tools, poll_.name, cursor, wanted, account=poll_.account)
        except SignalboxError as error:
            error.args = (place.credentials.scrub(str(error)),)
            raise


async def _of(place: Place) -> list[Poll]:
    said = place.connector.description
    delivered = await place.desk.can_prove(place.account.name) if said.polls else False
    found = []
    for name, how in said.polls.items():
        told = [event for event in tells(place.connector, name) if not (delivered and said.triggers[event].match)]
        if (told or delivered) and all(place.credentials.get(setting) for setting in how.wants):
            # One whose events are all delivered tells none: then nobody wants it, and where it stood is forgotten.
            events = frozenset(f"{said.id}.{event}" for event in told)
            found.append(Poll(service=said.id, account=place.account.name, name=name, every=how.every, events=events))
    return found
