"""Secrets: put in right before the call, taken out of whatever comes back, and never named by a value."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Forbidden, Invalid, NotFound, Rejected, SignalboxError, Transient, Unanswered
from engine.ports import Answer, Call
from engine.runtime.guard import Guard, Terms
from engine.runtime.safe import Cover, Safe
from engine.workflow.secrets import SecretPart
from storage.memory import MemoryStore
from tests.engine.runtime.world import Bench, ManualClock

CANARY = 'c4n4ry "é" /+&\n-value'
PARTS = (SecretPart(("headers", "authorization"), (("Bearer ", False), ("token", True))),)
CALL = Call(
    service="a", operation="do", arguments={"headers": {"authorization": "Bearer {{secrets.token}}"}, "body": "{{secrets.token}}"}, key="k"
)


async def guarded(*said: Any) -> tuple[Answer | SignalboxError, Bench]:
    store, bench = MemoryStore(), Bench()
    await Safe(store.vault).put("token", CANARY)
    bench.tell("a.do", *said)
    guard = Guard(bench, ManualClock(), safe=Safe(store.vault))
    return await guard.perform(CALL, 5, Terms(secrets=PARTS)), bench


async def test_the_service_gets_the_value_only_where_the_definition_says_so() -> None:
    _, bench = await guarded()
    assert bench.asked[0].arguments == {"headers": {"authorization": f"Bearer {CANARY}"}, "body": "{{secrets.token}}"}
    assert CALL.arguments["headers"] == {"authorization": "Bearer {{secrets.token}}"}


@pytest.mark.parametrize("quoted", [CANARY, quote_plus(CANARY), json.dumps(CANARY)[1:-1]])
async def test_what_comes_back_holds_its_name_however_it_was_quoted(quoted: str) -> None:
    outcome, _ = await guarded(Answer({"echo": [f"you said {quoted}."], quoted: 1}))
    assert isinstance(outcome, Answer)
    assert outcome.output == {"echo": ["you said [secret token]."], "[secret token]": 1}


@pytest.mark.parametrize("error", [Rejected, Forbidden, Unanswered, Transient, Invalid, NotFound])
async def test_so_do_errors_and_they_stay_what_they_are(error: type[SignalboxError]) -> None:
    outcome, _ = await guarded(error(f"“{CANARY}” is no token"))
    assert type(outcome) is error
    assert str(outcome) == "“[secret token]” is no token"


async def test_a_pause_that_was_asked_for_is_still_asked_for() -> None:
    outcome, _ = await guarded(Transient(f"slow down, {CANARY}", 7))
    assert isinstance(outcome, Transient)
    assert outcome.retry_after == 7


async def test_a_fault_of_a_connector_tells_the_log_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    outcome, _ = await guarded(KeyError(CANARY))
    assert isinstance(outcome, Unanswered)
    assert "KeyError" in caplog.text
    assert "c4n4ry" not in caplog.text


async def test_a_secret_that_is_not_kept_is_asked_for_and_nothing_leaves() -> None:
    bench = Bench()
    guard = Guard(bench, ManualClock(), safe=Safe(MemoryStore().vault))
    outcome = await guard.perform(CALL, 5, Terms(secrets=PARTS))
    assert isinstance(outcome, Rejected)
    assert "secret set token" in str(outcome)
    assert bench.asked == []


async def test_where_there_is_no_safe_nothing_that_needs_a_secret_leaves() -> None:
    bench = Bench()
    assert isinstance(await Guard(bench, ManualClock()).perform(CALL, 5, Terms(secrets=PARTS)), Rejected)
    assert bench.asked == []


async def test_secrets_are_kept_listed_and_forgotten_beside_what_services_are_connected_with() -> None:
    store = MemoryStore()
    safe = Safe(store.vault)
    await store.vault.put("github", {"token": "x"})
    await safe.put("token", "abcd")
    assert await safe.names() == ["token"]
    await safe.forget("token")
    assert await store.vault.names() == ["github"]
    with pytest.raises(NotFound, match="no secret “token”"):
        await safe.forget("token")


@pytest.mark.parametrize("name", ["", "a b", "1st", "é", "a-b", "a.b", "x" * 65])
async def test_a_name_that_no_definition_can_say_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match="cannot name a secret"):
        await Safe(MemoryStore().vault).put(name, "abcd")


async def test_a_value_too_short_to_be_found_again_is_refused() -> None:
    with pytest.raises(Rejected, match="at least 4"):
        await Safe(MemoryStore().vault).put("pin", "123")


@given(st.text(min_size=4, max_size=40), st.text(max_size=30), st.text(max_size=30))
def test_no_text_around_it_hides_a_secret(secret: str, before: str, after: str) -> None:
    assert secret not in Cover({"s": secret}).text(before + secret + after).replace("[secret s]", "\0")
