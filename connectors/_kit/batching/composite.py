"""Salesforce's composite: requests with reference ids, each done or refused by itself (``allOrNone`` is false)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from connectors._kit.batching.single import Framed, Item, Single, parsed, part
from connectors._kit.described_wire import Batch
from connectors._kit.picking import at
from connectors._kit.wire import WireAnswer

REFERENCE = "@{"  # would be read as a reference to another one's answer
NOT_INSIDE = frozenset({"accept", "authorization", "content-type"})


def joins(single: Single) -> bool:
    return REFERENCE not in json.dumps([single.target, single.request.body], default=str)


def frame(batch: Batch, singles: Sequence[Single], root: str) -> Framed:
    return Framed(batch.path, {"allOrNone": False, "compositeRequest": [_inside(n, single, root) for n, single in enumerate(singles, 1)]})


def _inside(number: int, single: Single, root: str) -> dict[str, Any]:
    inside: dict[str, Any] = {"method": single.request.method, "url": root + single.target, "referenceId": f"ask{number}"}
    headers = {name: value for name, value in single.headers.items() if name.lower() not in NOT_INSIDE}
    if single.request.body is not None:
        inside["body"] = single.request.body
    return {**inside, **({"httpHeaders": headers} if headers else {})}


def read(singles: Sequence[Single], answer: WireAnswer) -> Sequence[Item]:
    found = at(parsed(answer), "compositeResponse")
    by_id = {at(one, "referenceId"): one for one in found} if isinstance(found, list) else {}
    parts = [by_id.get(f"ask{number}") for number in range(1, len(singles) + 1)]
    return [part(at(one, "httpStatusCode"), at(one, "httpHeaders"), at(one, "body")) for one in parts]
