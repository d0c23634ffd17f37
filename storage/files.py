"""Files that people handed over, in the database: a backup holds them, and every process of the house can read them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from engine.errors import NotFound
from engine.files import check_size, media_type_of, named, over
from engine.ports import Clock, StoredFile
from storage.reader import Reader
from storage.tables import files
from storage.writer import Writer

ABOUT = tuple(column for column in files.c if column.name not in ("number", "content"))


def described(name: str, content: bytes, media_type: str, by: str, clock: Clock) -> StoredFile:
    """Raises Rejected for what is not kept."""
    plain = named(name)
    check_size(plain, len(content))
    return StoredFile(
        id=clock.new_id("file"),
        name=plain,
        media_type=media_type.partition(";")[0].strip() or media_type_of(plain),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        at=clock.now(),
        by=by,
    )


class SqlFiles:
    """Fulfils ``ports.Files``."""

    def __init__(self, reader: Reader, writer: Writer, clock: Clock) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock

    async def keep(self, name: str, content: bytes, *, media_type: str = "", by: str = "") -> StoredFile:
        file = described(name, content, media_type, by, self._clock)
        row = {column.name: getattr(file, column.name) for column in ABOUT} | {"content": content}

        def keep(connection: Connection) -> None:
            sizes = [(id, size) for id, size in connection.execute(select(files.c.id, files.c.size).order_by(files.c.number))]
            if gone := over(sizes, file.size):
                connection.execute(delete(files).where(files.c.id.in_(gone)))
            connection.execute(insert(files), [row])

        await self._writer.perform(keep)
        return file

    async def get(self, file_id: str) -> StoredFile | None:
        row = await self._reader.row(select(*ABOUT).where(files.c.id == file_id))
        return StoredFile(**row._mapping) if row else None

    async def read(self, file_id: str) -> bytes:
        row = await self._reader.row(select(files.c.content).where(files.c.id == file_id))
        if row is None:
            raise missing(file_id)
        return bytes(row.content)

    async def prune(self, before: datetime, *, needed: Collection[str] = ()) -> int:
        def old(connection: Connection) -> int:
            ids = [id for (id,) in connection.execute(select(files.c.id).where(files.c.at < before)) if id not in needed]
            for first in range(0, len(ids), 500):
                connection.execute(delete(files).where(files.c.id.in_(ids[first : first + 500])))
            return len(ids)

        return await self._writer.perform(old)


def missing(file_id: str) -> NotFound:
    return NotFound(f"The file “{file_id[:60]}” is not kept (any more). Attach it again.")
