"""What must agree in what a connector says of limits, batches and kept answers."""

from __future__ import annotations

from collections.abc import Iterator

from connectors._kit.connector import Connector
from connectors._kit.description import Description, Operation
from engine.errors import Problem


def check_limits(connector: Connector) -> Iterator[Problem]:
    said = connector.description
    for number, bucket in enumerate(said.limits.buckets):
        place = ("limits", "buckets", number)
        if bucket.limit < 1 or bucket.per <= 0 or bucket.cost < 1:
            yield Problem("must allow at least one request in some time, and one must cost something.", place)
        for name in sorted(set(bucket.only) - set(said.operations) - set(said.polls)):
            yield Problem(f"is for “{name}”, which is neither an operation nor a poll.", place)
    quota = said.limits.quota
    if quota is not None and not (quota.remaining or quota.used_of):
        yield Problem("must say where it stands how much is left.", ("limits", "quota"))
    yield from _check_batch(said, connector)
    for name, operation in said.operations.items():
        yield from (Problem(text, ("operations", name)) for text in _check_operation(said, operation))


def _check_batch(said: Description, connector: Connector) -> Iterator[Problem]:
    batch, together = said.batch, connector.custom.together
    if batch is None:
        if together:
            yield Problem("is missing, but hooks.py puts asks together.", ("batch",))
        return
    if batch.most < 2 or batch.wait < 0:
        yield Problem("must take at least two, after no less than no time.", ("batch",))
    if batch.kind in ("graph", "google", "asana", "composite", "urls") and not batch.path.startswith("/"):
        yield Problem("needs the path to which batches go.", ("batch",))
    if batch.host and batch.host not in said.hosts:
        yield Problem(f"goes to “{batch.host}”, which is none of the hosts.", ("batch",))
    if batch.kind == "list" and not any(operation.bulk for operation in said.operations.values()):
        yield Problem("is a list, but no operation has a bulk form.", ("batch",))
    if batch.kind == "own" and not together:
        yield Problem("is its own, but hooks.py does not put asks together.", ("batch",))
    for name in sorted(set(together) - set(said.operations)):
        yield Problem(f"hooks.py puts “{name}” together, which is no operation.", ("batch",))


def _check_operation(said: Description, operation: Operation) -> Iterator[str]:
    if operation.cache and operation.writes:
        yield "writes, so its answers cannot be kept."
    bulk = operation.bulk
    if bulk is None:
        return
    if said.batch is None or said.batch.kind != "list":
        yield "has a bulk form, but the connector's batch is no list."
    if bulk.failures and not bulk.which:
        yield "lists failures apart, so it must say which ask one of them is of."
