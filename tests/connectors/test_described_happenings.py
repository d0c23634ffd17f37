"""A description of deliveries or polls that cannot work is named before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from connectors._kit.checking_happenings import check_happenings
from connectors._kit.connector import Connector
from connectors._kit.custom import Custom
from connectors._kit.description import Examples
from tests.connectors.desk_rig import description

TOLD = {"made": {"title": "Made", "match": [{}], "polled": [{"poll": "feed"}], "fields": {}}}
SIGNED = {"header": "X-Sig"}
ORDER = {"request": {"method": "POST", "path": "/hooks", "body": {"url": "{callback}", "of": "{project}"}}, "wants": ["project"]}
POLL = {"request": {"method": "GET", "path": "/new", "query": {"since": "{cursor}"}}, "kind": "token", "among": "items", "cursor": "next"}


def problems(
    webhooks: Mapping[str, Any] | None = None, poll: Mapping[str, Any] | None = None, custom: Custom | None = None, **more: Any
) -> str:
    polls = {"feed": {**POLL, **(poll or {})}}
    said = description({**SIGNED, **(webhooks or {})}, TOLD, **{"polls": polls, **more})
    return "\n".join(map(str, check_happenings(Connector(said, Examples(), custom or Custom()))))


def test_a_good_one_has_none() -> None:
    assert problems({"registration": ORDER}) == ""
    assert problems(poll={"kind": "seen", "request": {"method": "GET", "path": "/{setting_team}/new"}, "cursor": ""}) == ""


@pytest.mark.parametrize(
    ("webhooks", "said"),
    [
        ({"scheme": "jwt"}, "leaves the proof (jwt) to hooks.py"),
        ({"header": ""}, "which header holds the signature"),
        ({"header": "", "scheme": "token"}, "where the secret stands"),
        ({"over": "{url}"}, "signs something else than the body"),
        ({"over": "{timestamp}.{body}"}, "signs a time, but does not say where"),
        ({"over": "{id}.{body}"}, "signs an id, but does not say which header"),
        ({"over": "{body}{bdy}"}, "as it stands"),
        ({"wakes": ["nothing"]}, "wakes “nothing”"),
        ({"registration": {**ORDER, "wants": []}}, "orders with {project}"),
        ({"registration": {"request": {"method": "POST", "path": "/hooks"}}}, "without saying where to"),
        ({"registration": {**ORDER, "renew": ORDER["request"]}}, "does not say when that ends"),
    ],
)
def test_deliveries_that_could_not_be_proven_or_ordered_are_named(webhooks: dict[str, Any], said: str) -> None:
    assert said in problems(webhooks)


@pytest.mark.parametrize(
    ("poll", "said"),
    [
        ({"cursor": ""}, "does not say where the answer has it"),
        ({"kind": "moment"}, "does not say where an item has its own"),
        ({"request": {"method": "GET", "path": "/new"}}, "does not ask from {cursor} on"),
        ({"request": {"method": "GET", "path": "/{team}", "query": {"c": "{cursor}"}}}, "asks with {team}"),
        ({"wants": ["team"]}, "wants “team”, which is no setting"),
        ({"start": {"method": "GET", "path": "/start"}, "cursor": ""}, "has a start"),
    ],
)
def test_polls_that_could_not_go_on_are_named(poll: dict[str, Any], said: str) -> None:
    assert said in problems(poll=poll)


def test_polls_that_nobody_reads_and_hooks_for_none_are_named() -> None:
    async def own(cursor: Any, tools: Any) -> Any:
        raise AssertionError

    found = problems(polls={"feed": POLL, "other": POLL}, custom=Custom(poll={"feed": own, "third": own}))
    assert "is read by no trigger" in found
    assert "“third”, which is no poll" in found
