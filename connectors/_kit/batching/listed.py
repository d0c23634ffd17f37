"""The bulk form of an operation: the bodies of the single asks as a list, and a list of what became of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors._kit.batching.single import Framed, Item, Single, parsed
from connectors._kit.described_wire import Batch, Bulk
from connectors._kit.failures import Refused
from connectors._kit.filling import fill, fill_path, fill_query
from connectors._kit.picking import at, fits
from connectors._kit.wire import WireAnswer


def joins(single: Single) -> bool:
    return single.errand.bulk is not None


def frame(batch: Batch, singles: Sequence[Single], root: str) -> Framed:
    bulk, scope = _bulk(singles), singles[0].errand.scope
    body = {} if bulk.request.body is None else fill(bulk.request.body, scope)
    items = [_item(bulk, single) for single in singles]
    query = fill_query(bulk.request.query, scope)
    return Framed(fill_path(bulk.request.path, scope), _put(body, bulk.into.split("."), items), bulk.request.method, query)


def _item(bulk: Bulk, single: Single) -> Any:
    return single.request.body if bulk.item is None else fill(bulk.item, single.errand.scope)


def _bulk(singles: Sequence[Single]) -> Bulk:
    bulk = singles[0].errand.bulk
    assert bulk is not None  # ``joins`` saw to it
    return bulk


def read(singles: Sequence[Single], answer: WireAnswer) -> Sequence[Item]:
    bulk, body = _bulk(singles), parsed(answer)
    found, failed = at(body, bulk.answers), at(body, bulk.failures) if bulk.failures else []
    outcomes, failures = found if isinstance(found, list) else [], failed if isinstance(failed, list) else []
    if bulk.key is not None:
        return [_by_key(bulk, bulk.key, single, outcomes, failures) for single in singles]
    refused = {at(one, bulk.which): one for one in failures}
    if len(outcomes) + len(refused) != len(singles):
        return [_refusal(bulk, refused[number], singles[number]) if number in refused else None for number in range(len(singles))]
    rest = iter(outcomes)
    return [
        _refusal(bulk, refused[number], single) if number in refused else _outcome(bulk, next(rest), single)
        for number, single in enumerate(singles)
    ]


def _by_key(bulk: Bulk, key: tuple[str, str], single: Single, outcomes: Sequence[Any], failures: Sequence[Any]) -> Item:
    theirs, ours = key[0], at(_item(bulk, single), key[1])
    outcome = next((one for one in outcomes if ours is not None and _same(at(one, theirs), ours)), None)
    if outcome is not None:
        return _outcome(bulk, outcome, single)
    failure = next((one for one in failures if ours is not None and _same(at(one, bulk.which), ours)), None)
    return None if failure is None else _refusal(bulk, failure, single)


def _same(said: Any, key: Any) -> bool:
    return key in said if isinstance(said, list) else bool(str(said).casefold() == str(key).casefold())


def _outcome(bulk: Bulk, outcome: Any, single: Single) -> Item:
    if bulk.failed and fits(outcome, bulk.failed):
        return _refusal(bulk, outcome, single)
    return WireAnswer(200, {}, json.dumps(at(outcome, bulk.answer)).encode())


def _refusal(bulk: Bulk, failure: Any, single: Single) -> Item:
    """What the single request would have been refused with, else its sentence."""
    said = at(failure, "status")
    status = said if isinstance(said, int) and 400 <= said < 600 else 400
    if bulk.refusal:
        return WireAnswer(status, {}, json.dumps(at(failure, bulk.refusal)).encode())
    sentence = at(failure, bulk.says)
    what = sentence if isinstance(sentence, str) and sentence else "no reason given"
    return Refused(f"It was refused: {what[:300]} ({status}).", status)


def _put(body: Any, path: Sequence[str], items: list[Any]) -> Any:
    base = body if isinstance(body, Mapping) else {}
    return {**base, path[0]: items if len(path) == 1 else _put(base.get(path[0]), path[1:], items)}
