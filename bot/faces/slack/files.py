"""Pictures and long texts: uploaded in Slack's three steps; a picture that was uploaded once is not uploaded again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeVar

from bot.cards.card import Card, Picture
from bot.faces.slack import write
from bot.faces.slack.api import SlackApi
from bot.faces.slack.log import logger
from bot.faces.slack.text import cut, one_line
from engine.errors import SignalboxError
from engine.ports import Clock

T = TypeVar("T")

LOOKS = 12
PAUSE = 0.4
MANY = 500


class Files:
    """Never raises: a picture that cannot be shown is told in words by its alt text."""

    def __init__(self, api: SlackApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._log = logger("files")
        self._uploaded: OrderedDict[str, str] = OrderedDict()
        self._shared: OrderedDict[str, None] = OrderedDict()

    async def pictures(self, card: Card) -> dict[Picture, str]:
        """Slack's file ids of the card's pictures, ready to be shown."""
        found = {picture: await self._picture(picture) for picture in write.pictures(card)}
        return {picture: file for picture, file in found.items() if file}

    async def _picture(self, picture: Picture) -> str:
        print_ = hashlib.sha256(picture.png).hexdigest()
        if print_ in self._uploaded:
            return self._uploaded[print_]
        try:
            file = await self._upload(picture.name, picture.png, alt=picture.alt)
            await self._until_shown(file)
        except SignalboxError as error:
            self._log.warning("A picture could not be uploaded to Slack, its words stand in: %s", error)
            return ""
        _keep(self._uploaded, print_, file)
        return file

    async def _until_shown(self, file: str) -> None:
        """Slack refuses an image block whose file it has not looked at yet."""
        for _ in range(LOOKS):
            try:
                answer = await self._api.call("files.info", file=file)
            except SignalboxError:
                return  # without the permission to look: Slack will say whether it is too early
            if (answer.get("file") or {}).get("mimetype"):
                return
            await self._clock.sleep(PAUSE)

    async def share(self, leaves: Sequence[write.Leaf], channel: str, thread: str) -> None:
        """Long texts, as files in the message's thread; the same text is not put there twice."""
        for leaf in leaves:
            print_ = hashlib.sha256(f"{channel}/{thread}/{leaf.name}/".encode() + leaf.data).hexdigest()
            if print_ in self._shared:
                continue
            try:
                await self._upload(leaf.name, leaf.data, title=leaf.title, channel=channel, thread=thread)
                _keep(self._shared, print_, None)
            except SignalboxError as error:
                self._log.warning("A text too long for a Slack message could not be handed out as a file: %s", error)

    async def share_pictures(self, pictures: Sequence[Picture], channel: str, thread: str) -> None:
        """Pictures that Slack would not show inside the message, in its thread."""
        for picture in pictures:
            try:
                await self._upload(picture.name, picture.png, alt=picture.alt, title=picture.alt, channel=channel, thread=thread)
            except SignalboxError as error:
                self._log.warning("A picture could not be put into the thread, its words stand in: %s", error)

    async def _upload(self, name: str, data: bytes, *, alt: str = "", title: str = "", channel: str = "", thread: str = "") -> str:
        place = await self._api.call(
            "files.getUploadURLExternal", filename=name, length=len(data), alt_txt=cut(one_line(alt), 900) or None
        )
        file = str(place["file_id"])
        await self._api.upload(str(place["upload_url"]), data)
        await self._api.call(
            "files.completeUploadExternal",
            files=[{"id": file, "title": cut(one_line(title), 200) or name}],
            channel_id=channel or None,
            thread_ts=thread or None,
        )
        return file


def _keep(known: OrderedDict[str, T], key: str, value: T) -> None:
    known[key] = value
    while len(known) > MANY:
        known.popitem(last=False)
