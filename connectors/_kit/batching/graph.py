"""Microsoft Graph's ``$batch``: requests with ids, answered in any order, each with a status and headers (Retry-After) of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors._kit.batching.single import Framed, Item, Single, parsed, part
from connectors._kit.described_wire import Batch
from connectors._kit.picking import at
from connectors._kit.wire import WireAnswer


def joins(single: Single) -> bool:
    return True


def frame(batch: Batch, singles: Sequence[Single], root: str) -> Framed:
    return Framed(batch.path, {"requests": [_inside(number, single) for number, single in enumerate(singles, 1)]})


def _inside(number: int, single: Single) -> dict[str, Any]:
    inside: dict[str, Any] = {"id": str(number), "method": single.request.method, "url": single.target}
    headers = dict(single.headers)
    if single.request.body is not None:
        headers["Content-Type"] = "application/json"
        inside["body"] = single.request.body
    return {**inside, **({"headers": headers} if headers else {})}


def read(singles: Sequence[Single], answer: WireAnswer) -> Sequence[Item]:
    found = at(parsed(answer), "responses")
    by_id = {str(at(one, "id")): one for one in found} if isinstance(found, list) else {}
    parts = [by_id.get(str(number)) for number in range(1, len(singles) + 1)]
    return [part(at(one, "status"), at(one, "headers"), at(one, "body")) for one in parts]
