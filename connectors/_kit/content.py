"""A file's content on its way to a service; it never stands in a fact, an event or a card."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from connectors._kit.description import Operation
from engine.errors import Rejected
from engine.files import UNKNOWN, media_type_of
from engine.ports import Clock, Files, StoredFile


@dataclass(frozen=True, slots=True)
class FileContent:
    name: str
    media_type: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


async def opened(operation: Operation, arguments: Mapping[str, Any], files: Callable[[], Files]) -> dict[str, Any]:
    """The arguments with the content of each ``file`` input (``file``) and ``file_name``, ``file_type`` and ``file_size`` beside it.

    Raises NotFound for a file that is not kept, Rejected where this process keeps none.
    """
    found = dict(arguments)
    for name, wanted in operation.inputs.items():
        if wanted.type == "file" and arguments.get(name) is not None:
            file = await _content(arguments[name], files)
            found |= {name: file, f"{name}_name": file.name, f"{name}_type": file.media_type, f"{name}_size": file.size}
    return found


async def _content(said: Any, files: Callable[[], Files]) -> FileContent:
    """``said`` went through ``inputs``."""
    if isinstance(said, str):
        kept = await files().get(said)
        return FileContent(kept.name if kept else said, kept.media_type if kept else UNKNOWN, await files().read(said))
    content = said["text"].encode() if "text" in said else b64decode(said["base64"])
    return FileContent(said["name"], said.get("media_type") or media_type_of(said["name"]), content)


def no_files() -> Files:
    raise Rejected("This process keeps no files; give the file as {name, text}.")


class PretendedFiles:
    """Fulfils ``ports.Files`` in a rehearsal: every file is there, and nothing in it is."""

    CONTENT = b"rehearsed"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def keep(self, name: str, content: bytes, *, media_type: str = "", by: str = "") -> StoredFile:
        return self._pretended(self._clock.new_id("file"), name)

    async def get(self, file_id: str) -> StoredFile | None:
        return self._pretended(file_id, file_id)

    async def read(self, file_id: str) -> bytes:
        return self.CONTENT

    async def prune(self, before: datetime, *, needed: Collection[str] = ()) -> int:
        return 0

    def _pretended(self, id: str, name: str) -> StoredFile:
        size, digest = len(self.CONTENT), sha256(self.CONTENT).hexdigest()
        return StoredFile(id=id, name=name, media_type=media_type_of(name), size=size, sha256=digest, at=self._clock.now())
