"""Tampering with the audit shows, whatever was done to it. Every test changes the file as an intruder would."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from engine.events import Audited
from storage.columns import to_json
from storage.sql import SqlStore
from tests.storage.values import KEY, NOON, StoppedClock, after


async def audited(database: Path, rows: int = 5, secret_key: str = KEY) -> None:
    store = await SqlStore.open(f"sqlite:///{database}", secret_key=secret_key, clock=StoppedClock())
    for n in range(rows):
        await store.ledger.record(Audited(after(n), "slack:U1", "Zoë", "acknowledge", f"alr_{n}", seen=n))
    await store.close()


async def verdict(database: Path, secret_key: str = KEY) -> str:
    store = await SqlStore.open(f"sqlite:///{database}", secret_key=secret_key, clock=StoppedClock())
    said = await store.audit.verify()
    examined = [finding.level for finding in await store.examine()]
    await store.close()
    assert examined == (["problem"] if said else ["ok"])
    return said


def tamper(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0
        connection.commit()


def remake_all_hashes(connection: sqlite3.Connection) -> None:
    """What somebody can do who knows how the rows are linked, but not the key."""
    names = ("id", "at", "actor", "actor_name", "verb", "subject", "where", "seen", "outcome", "detail")
    link = ""
    for row in connection.execute(f"SELECT {', '.join(f'{chr(34)}{n}{chr(34)}' for n in names)} FROM audit ORDER BY id").fetchall():
        link = sha256((link + to_json(sorted(zip(names, row, strict=True)))).encode()).hexdigest()
        connection.execute("UPDATE audit SET hash = ? WHERE id = ?", (link, row[0]))


async def test_an_untouched_audit_is_whole_over_restarts(database: Path) -> None:
    assert await verdict(database) == ""
    await audited(database)
    await audited(database)
    assert await verdict(database) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE audit SET actor_name = 'Ada' WHERE id = 3", "Row 3"),
        ("UPDATE audit SET at = at + 1 WHERE id = 1", "Row 1"),
        ("UPDATE audit SET seen = 9 WHERE id = 5", "Row 5"),
        ("UPDATE audit SET hash = '' WHERE id = 2", "Row 2"),
        ("DELETE FROM audit WHERE id = 2", "row 2 is missing"),
        ("DELETE FROM audit WHERE id = 1", "row 1 is missing"),
        ("DELETE FROM audit WHERE id = 5", "seal"),
        ("DELETE FROM audit", "seal"),
        ("DELETE FROM house", "seal"),
        ("UPDATE house SET value = 'forged'", "seal"),
    ],
)
async def test_a_changed_or_removed_row_is_named(database: Path, change: str, said: str) -> None:
    await audited(database)
    tamper(database, change)
    assert said in await verdict(database)


async def test_rows_that_changed_places_are_found(database: Path) -> None:
    await audited(database)
    tamper(
        database,
        "UPDATE audit SET id = 100 WHERE id = 2",
        "UPDATE audit SET id = 2 WHERE id = 3",
        "UPDATE audit SET id = 3 WHERE id = 100",
    )
    assert "Row 2" in await verdict(database)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.execute("UPDATE audit SET actor = 'slack:U2' WHERE id = 2"),
        lambda c: c.execute("DELETE FROM audit WHERE id > 3"),
        lambda c: c.execute(
            "INSERT INTO audit SELECT 6, at, actor, actor_name, 'never done', subject, \"where\", seen, outcome, detail, '' FROM audit WHERE id = 5"
        ),
    ],
    ids=["changed", "cut off", "added"],
)
async def test_who_remakes_every_hash_still_cannot_make_the_seal(database: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    await audited(database)
    with closing(sqlite3.connect(database)) as connection:
        change(connection)
        remake_all_hashes(connection)
        connection.commit()
    assert "seal" in await verdict(database)
    await audited(database, 2)
    assert "seal" in await verdict(database), "further rows must not heal it"


async def test_another_key_does_not_confirm_the_audit(database: Path) -> None:
    await audited(database)
    assert "secret key was changed" in await verdict(database, "another key of good length")


async def test_several_rows_of_one_batch_are_linked_one_by_one(sql: SqlStore) -> None:
    await sql.ledger.record(*(Audited(NOON, "a", "A", "press", str(n)) for n in range(10)))
    assert await sql.audit.verify() == ""
    assert [row.id for row in await sql.audit.list()] == list(range(10, 0, -1))
