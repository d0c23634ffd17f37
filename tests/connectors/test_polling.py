"""Polls: the first look replays nothing, nothing new is lost or told twice, and a place that is lost is found anew and says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest

from connectors._kit.connector import Connector
from connectors._kit.crossing import crossings
from connectors._kit.custom import Custom, Told, Tools
from connectors._kit.description import Examples
from connectors._kit.failures import Refused
from connectors._kit.feeds import Feeds
from connectors._kit.polling import poll
from engine.errors import NotFound, Rejected, SignalboxError, Transient
from engine.ports import Account, Polled
from engine.workflow.definition import Json
from engine.workflow.wished import Bound, Wished
from tests.connectors.desk_rig import description
from tests.connectors.rig import NOW, SetClock, open_shelf

TOLD = {
    "made": {"title": "Made", "polled": [{"poll": "feed", "where": {"kind": "made"}}], "fields": {"title": {}}},
    "touched": {
        "title": "Touched",
        "polled": [{"poll": "feed", "fields": {"title": {"take": "title"}}}],
        "fields": {"title": {}, "by": {}},
    },
}
TOKEN = {
    "kind": "token",
    "among": "items",
    "cursor": "next",
    "request": {"method": "GET", "path": "/changes", "query": {"since": "{cursor}"}},
}
MOMENT = {
    "kind": "moment",
    "among": "items",
    "made_at": "at",
    "request": {"method": "GET", "path": "/search", "query": {"after": "{cursor|unix}"}},
}
SEEN = {"kind": "seen", "among": "items", "version": "rev", "request": {"method": "GET", "path": "/newest"}}


@dataclass(frozen=True)
class Held:
    account: Account = field(default_factory=lambda: Account(service="acme", name="default", url="", mode="live"))


@dataclass(frozen=True)
class Said:
    """Tools whose answers come one after the other; what was asked is remembered."""

    answers: list[Any]
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    clock: SetClock = field(default_factory=SetClock)
    credentials: Held = field(default_factory=Held)
    wanted: tuple[Wished, ...] = ()

    async def send(self, request: Any, scope: Mapping[str, Any], *, doing: str = "", may_repeat: bool = True) -> Any:
        self.asked.append({"path": request.path, **{name: scope[name] for name in ("cursor", "page") if scope.get(name) is not None}})
        answer = self.answers.pop(0)
        if isinstance(answer, SignalboxError):
            raise answer
        return answer


class Feed:
    """A poll that is asked again and again, with the cursor it gave before."""

    def __init__(self, how: Mapping[str, Any], *answers: Any, custom: Custom | None = None, **more: Any) -> None:
        said = description(None, TOLD, polls={"feed": {**how, **more}})
        self.connector = Connector(said, Examples(), custom or Custom())
        self.tools = Said(list(answers))
        self.cursor: Mapping[str, Json] | None = None

    async def ask(self, *wanted: Wished) -> Polled:
        polled = await poll(self.connector, cast(Tools, self.tools), "feed", self.cursor, wanted, account="default")
        self.cursor = polled.cursor
        return polled

    async def told(self) -> list[str]:
        return [f"{h.event} {h.data['title']}" for h in (await self.ask()).happenings]


def items(*titles: str, **more: Any) -> dict[str, Any]:
    return {"items": [{"id": title, "kind": "touched", "title": title} for title in titles], **more}


# --- by token -----------------------------------------------------------------------------------------------------------


async def test_a_token_begins_where_the_service_says_it_stands_and_goes_on_from_there() -> None:
    start = {"method": "GET", "path": "/changes/start"}
    feed = Feed(TOKEN, {"token": "t0"}, items("a", "b", next="t1"), items(next="t1"), start=start, start_cursor="token")
    assert await feed.told() == []
    assert await feed.told() == ["touched a", "touched b"]
    assert await feed.told() == []
    assert feed.tools.asked == [{"path": "/changes/start"}, {"path": "/changes", "cursor": "t0"}, {"path": "/changes", "cursor": "t1"}]


async def test_without_a_start_the_list_is_read_to_its_end_and_nothing_of_it_told() -> None:
    feed = Feed(TOKEN, items("old", next="t1", more=True), items("older", next="t2", more=False), items("new", next="t3"), more="more")
    assert await feed.told() == []
    assert await feed.told() == ["touched new"]
    assert feed.tools.asked[-1] == {"path": "/changes", "cursor": "t2"}


async def test_pages_of_one_look_are_read_together() -> None:
    request = {"method": "GET", "path": "/changes", "query": {"since": "{cursor}", "page": "{page}"}}
    feed = Feed(
        TOKEN,
        items("old", page="p2"),
        items("older", next="t1"),
        items("a", page="p2"),
        items("b", next="t2"),
        more="page",
        request=request,
    )
    assert await feed.told() == []
    polled = await feed.ask()
    assert [h.data["title"] for h in polled.happenings] == ["a", "b"]
    assert (polled.cursor, polled.more) == ({"cursor": "t2"}, False)
    assert feed.tools.asked[-1] == {"path": "/changes", "cursor": "t1", "page": "p2"}


async def test_more_behind_the_cursor_is_asked_for_at_once_unless_it_does_not_move() -> None:
    feed = Feed(TOKEN, {"next": "t0", "items": []}, items("a", next="t1", more=True), items("b", next="t1", more=True), more="more")
    await feed.ask()
    feed.cursor = {"cursor": "t0"}
    assert (await feed.ask()).more
    assert not (await feed.ask()).more


@pytest.mark.parametrize("refusal", [NotFound("Gone (410)."), Refused("Gone.", 410)])
async def test_a_token_that_is_too_old_starts_anew_tells_nothing_and_says_so(refusal: SignalboxError) -> None:
    feed = Feed(TOKEN, refusal, items("missed", next="t9"), items("new", next="t10"))
    feed.cursor = {"cursor": "t1"}
    polled = await feed.ask()
    assert (polled.happenings, polled.cursor) == ((), {"cursor": "t9"})
    assert "read from now on" in polled.note
    assert await feed.told() == ["touched new"]


async def test_a_refusal_that_hands_out_a_fresh_token_is_where_to_begin_and_to_go_on() -> None:
    feed = Feed(
        TOKEN, Refused("No sync.", 412, {"next": "t1"}), Refused("Old.", 412, {"next": "t5"}), items("a", next="t6"), again_when=[412]
    )
    assert (await feed.ask()).note == ""
    assert "read from now on" in (await feed.ask()).note
    assert await feed.told() == ["touched a"]
    assert [ask.get("cursor") for ask in feed.tools.asked] == [None, "t1", "t5"]


@pytest.mark.parametrize("trouble", [Transient("Down."), Rejected("Check ACME_TOKEN."), Refused("No.", 400)])
async def test_any_other_failure_keeps_the_place(trouble: SignalboxError) -> None:
    feed = Feed(TOKEN, trouble, items("a", next="t2"))
    feed.cursor = {"cursor": "t1"}
    with pytest.raises(type(trouble)):
        await feed.ask()
    assert await feed.told() == ["touched a"]


# --- by moment ----------------------------------------------------------------------------------------------------------


def dated(seconds: float, id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "title": id, "kind": "touched", "at": (NOW + timedelta(seconds=seconds)).isoformat(), **more}


async def test_by_moment_nothing_is_asked_at_first_and_items_of_one_moment_are_told_apart() -> None:
    feed = Feed(
        MOMENT, {"items": [dated(5, "b"), dated(-9, "old"), dated(5, "a")]}, {"items": [dated(5, "c"), dated(5, "a"), dated(6, "d")]}
    )
    assert await feed.told() == []
    assert feed.tools.asked == []
    assert await feed.told() == ["touched b", "touched a"]
    assert await feed.told() == ["touched c", "touched d"]


async def test_the_same_thing_changed_again_is_a_new_event() -> None:
    feed = Feed(MOMENT, {"items": [dated(5, "a")]}, {"items": [dated(9, "a")]}, {"items": [dated(9, "a")]})
    await feed.ask()
    ids = [(await feed.ask()).happenings for _ in range(3)]
    assert [len(one) for one in ids] == [1, 1, 0]
    assert ids[0][0].id != ids[1][0].id


async def test_what_is_listed_late_is_found_within_the_overlap_and_told_once() -> None:
    feed = Feed(
        MOMENT,
        {"items": [dated(-30, "before")]},
        {"items": [dated(40, "a")]},
        {"items": [dated(-30, "before"), dated(10, "late"), dated(40, "a")]},
        {"items": [dated(10, "late"), dated(40, "a")]},
        overlap=60,
    )
    assert await feed.told() == []
    assert [await feed.told() for _ in range(3)] == [["touched a"], ["touched late"], []]
    assert feed.tools.asked[0]["cursor"] == "2026-11-23T08:59:00Z"


async def test_items_without_a_readable_time_are_passed_over() -> None:
    feed = Feed(MOMENT, {"items": [dated(5, "a"), {"id": "b", "at": "soon"}, {"id": "c"}, dated(6, "d") | {"at": 1795424406000}]})
    await feed.ask()
    assert await feed.told() == ["touched a", "touched d"]


# --- by what is known ---------------------------------------------------------------------------------------------------


async def test_the_newest_are_remembered_and_only_others_told_oldest_first() -> None:
    feed = Feed(SEEN, items("b", "a"), items("d", "c", "b"), items("d", "c", "b"))
    assert [await feed.told() for _ in range(3)] == [[], ["touched c", "touched d"], []]


async def test_a_changed_version_is_new_and_one_that_came_back_is_not() -> None:
    first, second = {"id": "a", "title": "a", "rev": 1}, {"id": "a", "title": "a", "rev": 2}
    feed = Feed(SEEN, {"items": [first]}, {"items": [second, {"id": "b", "title": "b"}]}, {"items": []}, {"items": [second]})
    assert [await feed.told() for _ in range(4)] == [[], ["touched b", "touched a"], [], []]


async def test_a_list_that_fills_faster_than_it_is_read_says_so() -> None:
    feed = Feed(SEEN, items("a"), items("d", "c", "b"))
    await feed.ask()
    assert "may have been missed" in (await feed.ask()).note


async def test_what_is_remembered_is_bounded() -> None:
    feed = Feed(SEEN, items("a"), *(items(*(f"{turn}-{n}" for n in range(900))) for turn in range(4)))
    for _ in range(5):
        await feed.ask()
    assert feed.cursor is not None
    assert len(cast(list[str], feed.cursor["known"])) == 2000


# --- events -------------------------------------------------------------------------------------------------------------


async def test_one_item_may_be_several_events_and_keeps_its_ids_however_often_it_is_asked_for() -> None:
    both = {"items": [{"id": "7", "kind": "made", "title": "x"}], "next": "t1"}
    feed = Feed(TOKEN, both, both)
    feed.cursor = {"cursor": "t0"}
    first = await feed.ask()
    feed.cursor = {"cursor": "t0"}
    again = await feed.ask()
    assert [(h.event, h.data) for h in first.happenings] == [("made", {"title": "x"}), ("touched", {"title": "x", "by": None})]
    assert [h.id for h in first.happenings] == [h.id for h in again.happenings]
    assert len({h.id for h in first.happenings}) == 2


async def test_a_compact_item_is_completed_before_it_is_told() -> None:
    fetch = [{"values": {"id": "id"}, "request": {"method": "GET", "path": "/things/{id}"}, "into": "thing"}]
    told = {"made": {"title": "Made", "polled": [{"poll": "feed"}], "fields": {"title": {"take": "thing.name"}}}}
    feed = Feed(TOKEN, items("7", next="t1"), {"name": "Ship it"}, fetch=fetch)
    feed.connector = Connector(description(None, told, polls={"feed": {**TOKEN, "fetch": fetch}}), Examples(), Custom())
    feed.cursor = {"cursor": "t0"}
    assert await feed.told() == ["made Ship it"]


@pytest.mark.parametrize("answer", [None, {}, {"items": None}, {"items": {"a": 1}}, []])
async def test_an_answer_without_its_list_is_a_failure_and_not_nothing_new(answer: Any) -> None:
    feed = Feed(TOKEN, answer)
    feed.cursor = {"cursor": "t0"}
    with pytest.raises(SignalboxError):
        await feed.ask()


async def test_hooks_poll_in_their_own_way_and_a_fault_of_theirs_is_told() -> None:
    async def own(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
        if cursor is None:
            return Told([], {"n": 1})
        raise KeyError("n")

    feed = Feed(SEEN, custom=Custom(poll={"feed": own}))
    assert (await feed.ask()).cursor == {"n": 1}
    with pytest.raises(Transient, match="the log tells more"):
        await feed.ask()


# --- numbers that cross over ------------------------------------------------------------------------------------------------


async def test_a_number_is_an_event_each_time_it_crosses_over_and_not_while_it_stays_there() -> None:
    values = iter([120.0, 90.0, 80.0, 130.0, 99.0])

    async def measure(wish: Wished) -> Mapping[str, Any] | None:
        return {"value": next(values), "window": "1d"}

    async def own(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
        return await crossings(cursor, tools, measure, named_by="metric")

    feed = Feed(SEEN, custom=Custom(poll={"feed": own}))
    feed.connector = Connector(
        description(
            None,
            {
                "metric_threshold": {
                    "title": "Crossed",
                    "polled": [{"poll": "feed"}],
                    "fields": {name: {"type": "any"} for name in ("metric", "value", "threshold", "direction", "window")},
                }
            },
            polls={"feed": SEEN},
        ),
        Examples(),
        feed.connector.custom,
    )
    wish = Wished({"metric": "signups"}, (Bound("value", "<", 100.0),))
    told = []
    for _ in range(5):
        told.append([h.data["value"] for h in (await feed.ask(wish, wish)).happenings])
        await feed.tools.clock.sleep(60)
    assert told == [[], [90.0], [], [], [99.0]]


async def test_only_wishes_that_name_a_metric_and_a_bound_are_measured_and_a_refused_one_does_not_stop_the_others() -> None:
    asked = []

    async def measure(tools: Tools, wish: Wished) -> Mapping[str, Any] | None:
        asked.append(wish.equal["metric"])
        if wish.equal["metric"] == "nonsense":
            raise Rejected("There is no such metric.")
        return {"value": None if wish.equal["metric"] == "empty" else 7}

    wishes = [Wished({"metric": name}, (Bound("value", ">", 5.0),)) for name in ("nonsense", "empty", "users")]
    tools = replace(Said([]), wanted=(*wishes, Wished({"metric": "no bound"}), Wished({}, (Bound("value", ">", 1.0),)), Wished()))
    told = await crossings(None, cast(Tools, tools), partial(measure, cast(Tools, tools)), named_by="metric")
    assert asked == ["nonsense", "empty", "users"]
    assert (told.items, list(cast(dict[str, Any], told.cursor["beyond"]).values())) == ([], [True])


# --- which accounts are polled ----------------------------------------------------------------------------------------------


async def offered(environ: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    shelf = open_shelf(environ)
    return [(poll.account, poll.name) for poll in await Feeds(shelf.places).polls() if poll.service == "github" and poll.events]


async def test_an_account_is_polled_while_it_is_connected_knows_where_and_gets_no_deliveries() -> None:
    live = {"GITHUB_TOKEN": "test-token", "GITHUB_DEFAULT_REPOSITORY": "acme/web"}
    assert await offered(live) == [("default", "events"), ("default", "runs")]
    assert await offered({"GITHUB_TOKEN": "test-token"}) == []
    assert await offered({"GITHUB_DEFAULT_REPOSITORY": "acme/web"}) == []
    assert await offered({**live, "GITHUB_WEBHOOK_SECRET": "test-secret"}) == []
