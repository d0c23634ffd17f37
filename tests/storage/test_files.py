"""Kept files and the sandbox's things: the same over dictionaries, a file and a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine import files as limits
from engine.errors import NotFound, Rejected
from engine.files import named, readable
from engine.ports import Store, Thing
from tests.storage.values import HOSTILE, NOON

CARD = Thing(service="trello", kind="card", id="c1", at=NOON, fields={"id": "c1", "title": HOSTILE, "labels": ["a"]})


async def test_a_file_is_kept_byte_for_byte_and_described(store: Store) -> None:
    content = bytes(range(256))
    kept = await store.files.keep(f"reports/{HOSTILE}.csv", content, by="slack:U1")
    assert (kept.media_type, kept.size, kept.by) == ("text/csv", 256, "slack:U1")
    assert "/" not in kept.name
    assert await store.files.get(kept.id) == kept
    assert await store.files.read(kept.id) == content


async def test_what_is_not_kept_is_said(store: Store) -> None:
    assert await store.files.get("file_nobody") is None
    with pytest.raises(NotFound, match="Attach it again"):
        await store.files.read("file_nobody")
    with pytest.raises(Rejected, match="empty"):
        await store.files.keep("a.txt", b"")


async def test_too_much_is_refused_and_the_oldest_make_room(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LARGEST", 50)
    monkeypatch.setattr(limits, "MOST", 100)
    with pytest.raises(Rejected, match="too large"):
        await store.files.keep("a.txt", b"x" * 51)
    first, second, third = [await store.files.keep(f"{n}.txt", b"x" * 40) for n in range(3)]
    assert await store.files.get(first.id) is None
    assert [await store.files.get(file.id) for file in (second, third)] == [second, third]


async def test_old_files_go_but_not_those_that_are_needed(store: Store) -> None:
    one, two = [await store.files.keep(name, b"x") for name in ("a.txt", "b.txt")]
    assert await store.files.prune(one.at, needed=()) == 0
    assert await store.files.prune(two.at + timedelta(seconds=1), needed=(two.id,)) == 1
    assert [await store.files.get(file.id) for file in (one, two)] == [None, two]


async def test_a_thing_is_found_changed_and_remembered_as_gone(store: Store) -> None:
    answer = Thing(service="trello", kind="", id="k1", at=NOON, fields={"output": {"id": "c1"}})
    await store.things.keep(CARD, answer)
    assert await store.things.of("trello") == [CARD]
    assert await store.things.get("trello", "", "k1") == answer
    moved = replace(CARD, fields={"id": "c1", "list": "Done"}, gone=True)
    await store.things.keep(moved)
    assert await store.things.get("trello", "card", "c1") == moved
    assert await store.things.of("jira") == []


async def test_things_are_told_newest_first_and_old_ones_are_forgotten(store: Store) -> None:
    later, same = replace(CARD, id="c2", at=NOON + timedelta(seconds=1)), replace(CARD, id="c3")
    await store.things.keep(CARD)
    await store.things.keep(same)
    await store.things.keep(later)
    assert [thing.id for thing in await store.things.of("trello")] == ["c2", "c3", "c1"]
    old = replace(CARD, id="c0", at=store.things.since() - timedelta(seconds=60))
    await store.things.keep(old)
    assert await store.things.prune() == 1
    assert [thing.id for thing in await store.things.of("trello")] == ["c2", "c3", "c1"]


def test_a_name_is_one_that_every_system_takes() -> None:
    assert [named(name) for name in ("C:\\x\\a b.txt", "../../etc/passwd", "...", "a\nb?.csv", "Ü 😀.pdf")] == [
        "a b.txt", "passwd", "file", "a_b_.csv", "Ü 😀.pdf",
    ]  # fmt: skip
    assert len(named("x" * 500 + ".tar.gz")) <= limits.LONGEST_NAME
    assert [readable(size) for size in (812, 14_000, 3_300_000)] == ["812 B", "14 KB", "3.1 MB"]
