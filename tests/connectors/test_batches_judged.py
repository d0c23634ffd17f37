"""The batches of the connectors that ship: two asks of each operation at once, the whole and each part judged by the vendor's own description."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors._kit.described_wire import Batch
from connectors._kit.shelf import find_connectors
from tests.connectors import contract
from tests.connectors.batch_peers import WAYS, Splitting
from tests.connectors.contract_map import ENVIRON, JUDGED
from tests.connectors.rig import SetClock, call, open_shelf
from tests.connectors.test_contract import ask_of

CONNECTORS = {connector.id: connector for connector in find_connectors() if connector.id in JUDGED and connector.description.batch}


def batched(*kinds: str) -> list[tuple[str, str]]:
    """Operations whose own request may be part of a batch, and is described."""
    return [
        (service, name)
        for service, connector in CONNECTORS.items()
        for name, operation in connector.description.operations.items()
        if connector.description.batch and connector.description.batch.kind in kinds
        if operation.request and operation.request.encoding == "json" and operation.request.answer == "json"
        if not (operation.alone or operation.pages or name in JUDGED[service].not_described)
    ]


def batch_of(service: str) -> Batch:
    batch = CONNECTORS[service].description.batch
    assert batch is not None
    return batch


async def both(shelf: Any, service: str, name: str) -> list[Any]:
    asks = (shelf.perform(call(f"{service}.{name}", ask_of(service, name), key=key)) for key in ("one", "two"))
    found = await asyncio.gather(*asks, return_exceptions=True)
    await shelf.close()
    return found


@pytest.mark.parametrize(("service", "name"), batched(*WAYS))
async def test_two_at_once_are_one_request_as_the_vendor_describes_it_whole_and_part_by_part(service: str, name: str) -> None:
    spec, batch = JUDGED[service].specs[0], batch_of(service)
    for one in JUDGED[service].specs:
        contract._service(one).tokens = {"test-token": None}
    app = contract._module().App(contract._Services())
    address = next(account for account in open_shelf(ENVIRON).accounts() if account.service == service).url
    root = "" if batch.host else urlsplit(address).path.rstrip("/")
    unframe, compose = WAYS[batch.kind](f"/{spec}{urlsplit(address).path.rstrip('/')}")
    peer = Splitting(app, f"/{spec}{root}{batch.path}", unframe, compose, prefix=f"/{spec}", judged=batch.kind != "google")
    shelf = open_shelf(ENVIRON, clock=SetClock(), transport=contract.ByHost(peer, contract.hosts_of(service)))
    found = await both(shelf, service, name)
    assert [str(one) for one in found if isinstance(one, BaseException)] == []
    assert peer.batches == [2]
    assert [(seen["path"], seen["violations"]) for seen in app.ledger if seen["violations"]] == []


@pytest.mark.parametrize(("service", "name"), [one for one in batched("list") if CONNECTORS[one[0]].description.operations[one[1]].bulk])
async def test_two_at_once_go_to_the_bulk_form_as_the_vendor_describes_it(service: str, name: str) -> None:
    judge = contract.Judge(service)
    await both(judge.shelf, service, name)
    bulk = CONNECTORS[service].description.operations[name].bulk
    assert bulk is not None
    sent = [seen for seen in judge.app.ledger if seen["path"].endswith(bulk.request.path.rpartition("}")[2])]
    assert [seen["violations"] for seen in sent[:1]] == [[]]
    assert judge.violations == []


@pytest.mark.parametrize(("service", "name"), batched("aliases"))
async def test_two_at_once_are_one_document_that_the_vendors_schema_takes(service: str, name: str) -> None:
    judge = contract.Judge(service)
    await both(judge.shelf, service, name)
    assert judge.violations == []
