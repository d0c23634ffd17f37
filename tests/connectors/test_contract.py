"""Every request that leaves the house is valid by its vendor's own description, and every answer is understood."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors._kit.description import Input
from connectors._kit.failures import Misconfigured, Throttled
from connectors._kit.shelf import find_connectors
from engine.errors import Invalid, Transient, Unanswered
from engine.monitoring.sample import Outcome
from tests.connectors.contract import Judge, judge
from tests.connectors.rig import SetClock, call

__all__ = ["judge"]

DESCRIBED = ("github", "trello")
# Documented by the vendor, but not part of the trimmed description that judges here.
NOT_DESCRIBED = {("github", "merge_pull_request"): "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge"}
CONNECTORS = {c.id: c for c in find_connectors() if c.id in DESCRIBED}
JUDGED = [(c.id, name) for c in CONNECTORS.values() for name in c.description.operations if (c.id, name) not in NOT_DESCRIBED]

# Values that only mean something to the vendor come from the example; these shapes may vary freely.
PLAIN = {"string", "array", "boolean", "integer"}
# Names that the description's own example answers know; nothing else would get past the look-ups.
KNOWN = {"board": "Trello Platform Changes", "list": "Things to buy today", "card": "5abbe4b7ddc1b351ef961430"}
# Trello's labels are looked up at GET /boards/{id}/labels, which the trimmed description leaves out; tests/connectors/test_names.py tries them.
NAMES = {"repo", "issue", "pull_request", "board", "list", "card", "assignee", "assignees", "sha"}


def varied(name: str, wanted: Input) -> st.SearchStrategy[Any]:
    text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=min(wanted.longest or 60, 60))
    if wanted.enum:
        return st.sampled_from(wanted.enum)
    return {"string": text, "array": st.lists(text, max_size=3), "boolean": st.booleans(), "integer": st.integers(1, 500)}[wanted.type]


def asks(service: str, name: str) -> st.SearchStrategy[dict[str, Any]]:
    connector = CONNECTORS[service]
    free = {
        n: varied(n, i)
        for n, i in connector.description.operations[name].inputs.items()
        if n not in NAMES and i.type in PLAIN and (service, n) != ("trello", "labels")
    }
    example = ask_of(service, name)
    return st.fixed_dictionaries({}, optional=free).map(lambda said: {**example, **said})


def ask_of(service: str, name: str) -> dict[str, Any]:
    said = dict(CONNECTORS[service].examples.operations[name].ask)
    return {**said, **{key: known for key, known in KNOWN.items() if key in said}}


@pytest.mark.parametrize(("service", "name"), JUDGED)
async def test_the_request_of_every_example_is_valid_by_the_vendors_description(service: str, name: str, judge: Judge) -> None:
    await judge.shelf.perform(call(f"{service}.{name}", ask_of(service, name)))
    assert judge.violations == []
    method = CONNECTORS[service].description.operations[name].request.method  # type: ignore[union-attr]
    assert judge.app.ledger[-1]["method"] == method
    assert judge.app.ledger[-1]["status"] < 300


@pytest.mark.parametrize(("service", "name"), JUDGED)
def test_whatever_is_asked_the_request_is_valid_or_nothing_is_sent(service: str, name: str) -> None:
    judge = Judge()

    sent = []

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(asks(service, name))
    def ask(arguments: dict[str, Any]) -> None:
        before = len(judge.app.ledger)
        asyncio.run(perform(judge, f"{service}.{name}", arguments))
        sent.append(len(judge.app.ledger) > before)

    ask()
    assert judge.violations == []
    assert sum(sent) >= len(sent) / 2


async def perform(judge: Judge, action: str, arguments: Any) -> None:
    try:
        await judge.shelf.perform(call(action, arguments))
    except Invalid:
        pass  # refused at the door, before anything was sent
    finally:
        await judge.shelf.close()


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
    judge = Judge(clock)
    await judge.fault(kind="throttle", service="github", retry_after=7)
    ask = call("github.create_issue", {"repo": "acme/web", "title": "t"})
    with pytest.raises(Throttled):
        await judge.shelf.perform(ask)
    await clock.sleep(8)
    await judge.shelf.perform(ask)
    assert judge.violations == []


async def test_a_failing_vendor_is_transient_for_what_may_be_repeated_and_unanswered_for_what_may_not(judge: Judge) -> None:
    await judge.fault(kind="status", status=503, service="github", count=2)
    with pytest.raises(Transient, match="status 503"):
        await judge.shelf.perform(call("github.close_issue", {"issue": "acme/web#3"}))
    with pytest.raises(Unanswered, match="has to be looked up"):
        await judge.shelf.perform(call("github.add_comment", {"issue": "acme/web#3", "text": "hello"}))


@pytest.mark.parametrize(("service", "setting"), [("github", "GITHUB_TOKEN")])
async def test_an_expired_credential_names_the_setting_and_its_probe_is_misconfigured_not_down(
    service: str, setting: str, judge: Judge
) -> None:
    await judge.fault(kind="expire", service=service)
    with pytest.raises(Misconfigured, match=setting):
        await judge.shelf.perform(call("github.close_issue", {"issue": "acme/web#3"}))
    account = next(a for a in judge.shelf.accounts() if a.service == service)
    sample = await judge.shelf.probe(account)
    assert sample.outcome is Outcome.MISCONFIGURED
    assert setting in sample.detail


@pytest.mark.parametrize("service", DESCRIBED)
async def test_a_probe_is_valid_and_tells_how_the_service_is(service: str, judge: Judge) -> None:
    account = next(a for a in judge.shelf.accounts() if a.service == service)
    assert (await judge.shelf.probe(account)).outcome is Outcome.OK
    await judge.fault(kind="status", status=502, service=service)
    assert (await judge.shelf.probe(account)).outcome is Outcome.ERROR
    await judge.fault(kind="throttle", service=service, retry_after=3)
    assert (await judge.shelf.probe(account)).outcome is Outcome.THROTTLED
    assert judge.violations == []


async def test_the_doctor_says_what_works_and_what_is_refused(judge: Judge) -> None:
    found = {(f.area, f.level): f for f in await judge.shelf.examine()}
    assert "http://contract/github" in found["GitHub", "ok"].message
    assert "GITHUB_WEBHOOK_SECRET" in found["GitHub", "info"].advice
