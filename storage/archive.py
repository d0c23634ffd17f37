"""The archive: facts of runs long over, one packed row a run, a tenth of their size; and the end of what was kept long enough.

    run over ──(archived)──▶ record + packed facts ──(forgotten)──▶ nothing but its lines in the audit

``SqlRuns.facts`` reads both alike, so an old run can be looked at and even taken up again; what it writes then stands beside its packed
facts until it is packed anew. Packing is done on a reader's thread; the writer only swaps the rows, some thousand facts at a time.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, func, select

from engine.workflow.run import Fact, FactKind
from storage.columns import from_json, to_json
from storage.kept import EPOCH, MICROSECOND
from storage.latest import put_rows
from storage.reader import Query, Reader
from storage.tables import archive, claims, facts, runs, waits
from storage.writer import Writer

FACT = tuple(facts.c[name] for name in ("seq", "at", "kind", "step", "attempt", "key", "data"))
FACTS_AT_ONCE = 2_000  # swapped in one transaction; a run is never cut
RUNS_AT_ONCE = 500
OVER = runs.c.finished_at.is_not(None) & runs.c.state.in_(("succeeded", "failed", "cancelled"))


@dataclass(frozen=True, slots=True)
class Parcel:
    """The facts of one run, packed. ``loose`` of them stand in rows of their own, ``count`` are in the parcel."""

    run: str
    count: int
    loose: int
    packed: bytes


def pack(found: Iterable[Fact]) -> bytes:
    rows = [[f.seq, (f.at - EPOCH) // MICROSECOND, f.kind.value, f.step, f.attempt, f.key, f.data] for f in found]
    return zlib.compress(to_json(rows).encode(), 6)


def unpack(packed: bytes) -> list[Fact]:
    return [
        Fact(seq, EPOCH + at * MICROSECOND, FactKind(kind), step, attempt, key, data)
        for seq, at, kind, step, attempt, key, data in from_json(zlib.decompress(packed).decode())
    ]


def facts_of(connection: Connection, run_id: str) -> list[Fact]:
    """Packed and loose ones, in order."""
    loose = [Fact(*row) for row in connection.execute(select(*FACT).where(facts.c.run == run_id).order_by(facts.c.seq))]
    if loose and loose[0].seq == 1:
        return loose
    packed = connection.scalar(select(archive.c.packed).where(archive.c.run == run_id))
    return loose if packed is None else [*unpack(packed), *loose]


async def put_away(reader: Reader, writer: Writer, before: datetime) -> int:
    """Pack the facts of all runs that were over before then; how many runs that were."""
    has_loose = select(facts.c.run).where(facts.c.run == runs.c.id).exists()
    due: Query = select(runs.c.id).where(OVER, runs.c.finished_at < before, has_loose).order_by(runs.c.finished_at).limit(RUNS_AT_ONCE)

    async def swapped(load: Sequence[str]) -> int:
        ready = await reader.read(partial(_parcels, names=load))
        return await writer.perform(partial(_swap, parcels=ready, before=before))

    return await _in_loads(reader, due, swapped)


async def _in_loads(reader: Reader, due: Query, clear: Callable[[Sequence[str]], Awaitable[int]]) -> int:
    """``clear`` all runs that are due, some at a time, and end where nothing goes any more; how many it cleared."""
    total = 0
    while names := [name for (name,) in await reader.rows(due)]:
        gone = 0
        for load in _loads(names, await reader.read(partial(_sizes, names=names))):
            gone += await clear(load)
        total += gone
        if not gone:
            break
    return total


def _sizes(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    counted = select(facts.c.run, func.count()).where(facts.c.run.in_(names)).group_by(facts.c.run)
    return {row[0]: row[1] for row in connection.execute(counted).all()}


def _loads(names: Sequence[str], sizes: dict[str, int]) -> Iterator[list[str]]:
    load: list[str] = []
    size = 0
    for name in names:
        if load and size + sizes.get(name, 0) > FACTS_AT_ONCE:
            yield load
            load, size = [], 0
        load.append(name)
        size += sizes.get(name, 0)
    yield load


def _parcels(connection: Connection, names: Sequence[str]) -> list[Parcel]:
    return [_parcel(connection, name) for name in names]


def _parcel(connection: Connection, run_id: str) -> Parcel:
    loose = connection.scalar(select(func.count()).where(facts.c.run == run_id)) or 0
    found = facts_of(connection, run_id)
    return Parcel(run_id, len(found), loose, pack(found))


def _swap(connection: Connection, parcels: Sequence[Parcel], before: datetime) -> int:
    """A run that was taken up again meanwhile is left as it is."""
    still = select(runs.c.id).where(runs.c.id.in_([parcel.run for parcel in parcels]), OVER, runs.c.finished_at < before).with_for_update()
    over = set(connection.scalars(still))
    sizes = _sizes(connection, list(over))
    fit = [parcel for parcel in parcels if parcel.run in over and sizes.get(parcel.run, 0) == parcel.loose]
    put_rows(connection, archive, ("run",), [{"run": p.run, "facts": p.count, "packed": p.packed} for p in fit])
    if fit:
        connection.execute(delete(facts).where(facts.c.run.in_([parcel.run for parcel in fit])))
    return len(fit)


async def forget(reader: Reader, writer: Writer, before: datetime) -> int:
    """Forget the runs that were over before then, with their facts and the keys they claimed; how many runs that were."""
    due: Query = select(runs.c.id).where(OVER, runs.c.finished_at < before).order_by(runs.c.finished_at).limit(RUNS_AT_ONCE)
    return await _in_loads(reader, due, lambda load: writer.perform(partial(_forget, names=load, before=before)))


def _forget(connection: Connection, names: Sequence[str], before: datetime) -> int:
    still = select(runs.c.id).where(runs.c.id.in_(names), OVER, runs.c.finished_at < before).with_for_update()
    over: list[Any] = list(connection.scalars(still))
    for table, column in ((facts, facts.c.run), (archive, archive.c.run), (claims, claims.c.run), (waits, waits.c.run), (runs, runs.c.id)):
        connection.execute(delete(table).where(column.in_(over)))
    return len(over)
