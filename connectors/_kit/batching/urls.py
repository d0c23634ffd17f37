"""Trello's batch: reads as a list of addresses in the query, each answered under its status, in the same order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors._kit.batching.single import Framed, Item, Single, parsed, part
from connectors._kit.described_wire import Batch
from connectors._kit.wire import WireAnswer


def joins(single: Single) -> bool:
    return single.request.method == "GET" and single.request.body is None and not single.headers


def frame(batch: Batch, singles: Sequence[Single], root: str) -> Framed:
    """A comma inside an address is encoded once more than the list's own."""
    return Framed(batch.path, None, "GET", {"urls": ",".join(single.target.replace(",", "%2C") for single in singles)})


def read(singles: Sequence[Single], answer: WireAnswer) -> Sequence[Item]:
    found = parsed(answer)
    parts = found if isinstance(found, list) and len(found) == len(singles) else [None] * len(singles)
    return [_item(one) for one in parts]


def _item(one: Any) -> Item:
    """``{"200": body}``, or an error that holds its own ``statusCode``."""
    if not isinstance(one, Mapping):
        return None
    status = next((name for name in one if name.isascii() and name.isdigit()), "")
    return part(int(status), {}, one[status]) if status else part(one.get("statusCode"), {}, one)
