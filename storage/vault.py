"""The vault: secrets of connected services, encrypted with a key that is not in the database."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, select

from engine.errors import Rejected
from engine.events import AccountChanged
from engine.ports import Clock
from storage.columns import from_json, to_json
from storage.latest import replace_rows
from storage.reader import Reader
from storage.tables import vault
from storage.writer import Writer

SHORTEST_KEY = 16


def derive(secret_key: bytes | str, purpose: str) -> bytes:
    """32 bytes for one purpose. Raises Rejected for a key too short to keep anything secret."""
    raw = secret_key.encode() if isinstance(secret_key, str) else secret_key
    if len(raw) < SHORTEST_KEY:
        raise Rejected(
            f"The secret key is too short ({len(raw)} bytes). Set SIGNALBOX_SECRET_KEY to at least {SHORTEST_KEY} random characters."
        )
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"signalbox {purpose}".encode()).derive(raw)


class SqlVault:
    """Fulfils ``ports.Vault``. That an account changed is told to everybody and kept nowhere else."""

    EVENTS: ClassVar[tuple[type, ...]] = (AccountChanged,)

    def apply(self, connection: Connection, events: Sequence[AccountChanged]) -> None:
        """There is nothing to write: the secret itself is put before it is told of."""

    def __init__(self, reader: Reader, writer: Writer, key: bytes, clock: Clock) -> None:
        self._reader = reader
        self._writer = writer
        self._fernet = Fernet(urlsafe_b64encode(key))
        self._clock = clock

    async def put(self, name: str, secret: Mapping[str, str]) -> None:
        now = self._clock.now()
        token = self._fernet.encrypt_at_time(to_json(dict(secret)).encode(), int(now.timestamp())).decode()
        row = {"name": name, "token": token, "updated_at": now}
        await self._writer.perform(lambda connection: replace_rows(connection, vault, {(name,): row}))

    async def get(self, name: str) -> Mapping[str, str] | None:
        """Raises Rejected when the secret was stored with another key."""
        row = await self._reader.row(select(vault.c.token).where(vault.c.name == name))
        return None if row is None else self._opened(name, row.token)

    async def names(self) -> list[str]:
        return [name for (name,) in await self._reader.rows(select(vault.c.name).order_by(vault.c.name))]

    async def forget(self, name: str) -> None:
        await self._writer.perform(lambda connection: replace_rows(connection, vault, {(name,): None}))

    def _opened(self, name: str, token: str) -> dict[str, str]:
        try:
            plain: dict[str, Any] = from_json(self._fernet.decrypt(token).decode())
        except InvalidToken as err:
            raise Rejected(
                f"The secret of “{name}” was stored with another key. Set SIGNALBOX_SECRET_KEY to the former one, "
                f"or connect {name} again to replace the secret."
            ) from err
        return plain
