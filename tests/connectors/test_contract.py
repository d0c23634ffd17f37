"""Every request that leaves the house is valid by its vendor's own description, and every answer is understood."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors._kit.connector import Connector
from connectors._kit.description import Input, Operation
from connectors._kit.failures import Misconfigured, Throttled
from connectors._kit.shelf import find_connectors
from engine.errors import Forbidden, Invalid, NotFound, Rejected, SignalboxError, Transient, Unanswered
from engine.monitoring.sample import Outcome
from tests.connectors.contract import Judge, judge
from tests.connectors.contract_map import JUDGED as MAP
from tests.connectors.rig import SetClock, call

__all__ = ["judge"]

CONNECTORS: dict[str, Connector] = {c.id: c for c in find_connectors() if MAP.get(c.id) and MAP[c.id].specs}
JUDGED = [(c.id, name) for c in CONNECTORS.values() for name in c.description.operations if name not in MAP[c.id].not_described]


def test_every_operation_is_judged_or_is_said_not_to_be_described() -> None:
    """Services without any description: those of the house and those that speak with whatever a user names."""
    assert {c.id for c in find_connectors()} - set(CONNECTORS) == {"chat", "email", "http", "signalbox"}
    for service, judged in MAP.items():
        assert set(judged.not_described) <= set(next(c for c in find_connectors() if c.id == service).description.operations)


# --- the example's request ------------------------------------------------------------------------------------------------


def ask_of(service: str, name: str) -> dict[str, Any]:
    """The example's ask, with names that the description's own answers know."""
    known = MAP[service].known
    said = {
        key: known.get(f"{name}.{key}", known.get(key, value)) for key, value in CONNECTORS[service].examples.operations[name].ask.items()
    }
    said |= {key.removeprefix(f"{name}."): value for key, value in known.items() if key.startswith(f"{name}.")}
    return {key: value for key, value in said.items() if value is not None}


@pytest.mark.parametrize(("service", "name"), JUDGED)
async def test_the_request_of_every_example_is_valid_by_the_vendors_description(service: str, name: str) -> None:
    judge = Judge(service)
    await judge.shelf.perform(call(f"{service}.{name}", ask_of(service, name)))
    assert judge.violations == []
    assert judge.app.ledger[-1]["status"] < 300


# --- whatever is asked ----------------------------------------------------------------------------------------------------

PLAIN = {"string", "array", "boolean", "integer", "number", "datetime"}
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


def varied(wanted: Input) -> st.SearchStrategy[Any]:
    text = TEXT.map(lambda said: said[: wanted.longest or 40])
    if wanted.enum:
        return st.sampled_from(wanted.enum)
    moments = st.datetimes().map(lambda moment: f"{moment.replace(microsecond=0).isoformat()}Z")
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "string": text, "array": st.lists(text, max_size=3), "boolean": st.booleans(), "integer": st.integers(1, 500),
        "number": st.integers(1, 5_000).map(lambda hundredths: hundredths / 100), "datetime": moments,
    }  # fmt: skip
    return kinds[wanted.type]


def asks(service: str, name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values that only mean something to the vendor come from the example; what is free may be anything."""
    inputs = CONNECTORS[service].description.operations[name].inputs
    fixed = MAP[service].fixed
    free = {
        field: varied(wanted)
        for field, wanted in inputs.items()
        if wanted.type in PLAIN and not wanted.pattern and not wanted.lookup and field not in fixed and f"{name}.{field}" not in fixed
    }
    return st.fixed_dictionaries({}, optional=free).map(lambda said: {**ask_of(service, name), **said})


@pytest.mark.parametrize(("service", "name"), JUDGED)
def test_whatever_is_asked_the_request_is_valid_or_nothing_is_sent(service: str, name: str) -> None:
    clock = SetClock()
    judge = Judge(service, clock)
    sent = []

    @settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(asks(service, name))
    def ask(arguments: dict[str, Any]) -> None:
        clock.time += timedelta(hours=1)  # so that no limit of the vendor is reached
        before = len(judge.app.ledger)
        asyncio.run(perform(judge, f"{service}.{name}", arguments))
        sent.append(len(judge.app.ledger) > before)

    ask()
    assert judge.violations == []
    assert sum(sent) >= len(sent) / 2


async def perform(judge: Judge, action: str, arguments: Any) -> None:
    try:
        await judge.shelf.perform(call(action, arguments))
    except (Invalid, NotFound):
        pass  # refused at the door, or a name nobody there has
    finally:
        await judge.shelf.close()


# --- trouble --------------------------------------------------------------------------------------------------------------


def may_repeat(connector: Connector, operation: Operation) -> bool:
    return operation.may_repeat or bool(connector.description.idempotency_header)


def answers_with_a_body(connector: Connector, name: str) -> bool:
    """An answer without one cannot be cut off."""
    return connector.examples.operations[name].wire[-1].answer.body is not None and name not in MAP[connector.id].bodiless


async def its_own_request(judge: Judge, service: str, name: str) -> str:
    """The pattern of the request that does the thing: the last that is not a read, or else the last."""
    await judge.shelf.perform(call(f"{service}.{name}", ask_of(service, name)))
    seen = judge.app.ledger
    writes = [one for one in seen if one["method"] != "GET"] if CONNECTORS[service].description.operations[name].writes else []
    last = (writes or seen)[-1]
    return f"^{last['method']} {re.escape(last['path'])}$"


@pytest.mark.parametrize(("service", "name"), JUDGED)
async def test_in_every_trouble_the_right_word_is_said(service: str, name: str) -> None:
    """Throttled: Throttled. Failing or cut off: Transient if it may be put again, else Unanswered. The credential has run out: Misconfigured, or asked anew."""
    connector, clock = CONNECTORS[service], SetClock()
    judge = Judge(service, clock)
    match = await its_own_request(judge, service, name)
    operation = connector.description.operations[name]
    lost = (Transient,) if may_repeat(connector, operation) else (Unanswered,)
    troubles: list[tuple[dict[str, Any], tuple[type[SignalboxError], ...]]] = [
        ({"kind": "throttle", "retry_after": 7}, (Throttled,)),
        ({"kind": "status", "status": 503}, lost),
        *([({"kind": "truncate"}, lost)] if answers_with_a_body(connector, name) else []),
        ({"kind": "expire"}, (Misconfigured,)),
        ({"kind": "status", "status": 403, "ct": "application/json", "body": "{}"}, (Misconfigured, Forbidden, Rejected)),
    ]
    for fault, words in troubles:
        clock.time += timedelta(days=1)  # nothing is remembered, paused or used up
        judge.calm()
        await judge.fault(**fault, match=match, count=9)
        with pytest.raises(words) as told:
            await judge.shelf.perform(call(f"{service}.{name}", ask_of(service, name)))
        assert connector.description.name in str(told.value) or connector.id in str(told.value), fault
        assert "test-token" not in str(told.value)


async def test_too_fast_is_transient_with_the_wait_the_vendor_names_and_nothing_is_sent_meanwhile(judge: Judge) -> None:
    await judge.fault(kind="throttle", service="github", retry_after=7)
    ask = call("github.create_issue", {"repo": "acme/web", "title": "t"})
    with pytest.raises(Throttled) as first:
        await judge.shelf.perform(ask)
    assert first.value.retry_after == 7
    with pytest.raises(Throttled, match="asked for a pause"):
        await judge.shelf.perform(ask)
    assert len(judge.app.ledger) == 1


async def test_after_the_pause_the_vendor_is_asked_again() -> None:
    clock = SetClock()
    judge = Judge(clock=clock)
    await judge.fault(kind="throttle", service="github", retry_after=7)
    ask = call("github.create_issue", {"repo": "acme/web", "title": "t"})
    with pytest.raises(Throttled):
        await judge.shelf.perform(ask)
    await clock.sleep(8)
    await judge.shelf.perform(ask)
    assert judge.violations == []


async def test_an_expired_credential_names_the_setting_and_its_probe_is_misconfigured_not_down(judge: Judge) -> None:
    await judge.fault(kind="expire", service="github")
    with pytest.raises(Misconfigured, match="GITHUB_TOKEN"):
        await judge.shelf.perform(call("github.close_issue", {"issue": "acme/web#3"}))
    account = next(a for a in judge.shelf.accounts() if a.service == "github")
    sample = await judge.shelf.probe(account)
    assert sample.outcome is Outcome.MISCONFIGURED
    assert "GITHUB_TOKEN" in sample.detail


@pytest.mark.parametrize("service", sorted(CONNECTORS))
async def test_a_probe_is_valid_and_tells_how_the_service_is(service: str) -> None:
    judge = Judge(service)
    account = next(a for a in judge.shelf.accounts() if a.service == service)
    assert account.mode == "live", account.missing
    assert (await judge.shelf.probe(account)).outcome is Outcome.OK
    assert judge.app.ledger
    await judge.fault(kind="status", status=502)
    assert (await judge.shelf.probe(account)).outcome is Outcome.ERROR
    await judge.fault(kind="throttle", retry_after=3)
    assert (await judge.shelf.probe(account)).outcome is Outcome.THROTTLED
    assert judge.violations == []


async def test_the_doctor_says_what_works_and_what_is_refused(judge: Judge) -> None:
    found = {(f.area, f.level): f for f in await judge.shelf.examine()}
    assert "https://api.github.com" in found["GitHub", "ok"].message
    assert "GITHUB_WEBHOOK_SECRET" in found["GitHub", "info"].advice
