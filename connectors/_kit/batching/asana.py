"""Asana's batch: actions in a list, answered in the same order. Options stand beside the data, and there is no room for headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors._kit.batching.single import Framed, Item, Single, parsed, part
from connectors._kit.described_wire import Batch
from connectors._kit.picking import at
from connectors._kit.wire import WireAnswer


def joins(single: Single) -> bool:
    body = single.request.body
    return not single.headers and (body is None or (isinstance(body, Mapping) and isinstance(body.get("data"), Mapping)))


def frame(batch: Batch, singles: Sequence[Single], root: str) -> Framed:
    return Framed(batch.path, {"data": {"actions": [_inside(single) for single in singles]}})


def _inside(single: Single) -> dict[str, Any]:
    inside: dict[str, Any] = {"relative_path": single.request.path, "method": single.request.method.lower()}
    query = dict(single.query)
    options = _options(query)
    data = {**query, **(single.request.body or {}).get("data", {})}
    return {**inside, **({"data": data} if data else {}), **({"options": options} if options else {})}


def _options(query: dict[str, str]) -> dict[str, Any]:
    """Takes out of the query what Asana wants elsewhere."""
    options: dict[str, Any] = {}
    if fields := query.pop("opt_fields", ""):
        options["fields"] = fields.split(",")
    if limit := query.pop("limit", ""):
        options["limit"] = int(limit)
    if offset := query.pop("offset", ""):
        options["offset"] = offset
    return options


def read(singles: Sequence[Single], answer: WireAnswer) -> Sequence[Item]:
    found = at(parsed(answer), "data")
    parts = found if isinstance(found, list) and len(found) == len(singles) else [None] * len(singles)
    return [part(at(one, "status_code"), at(one, "headers"), at(one, "body")) for one in parts]
