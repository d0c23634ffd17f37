"""People name things; vendors want ids and paths: Trello's look-ups and GitHub's references."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.github.hooks import reference, repository
from engine.errors import NotFound, Rejected
from tests.connectors.rig import CREDENTIALS, SetClock, call, open_shelf


class Trello:
    """Two boards with lists, and some cards to find; counts what it is asked."""

    def __init__(self) -> None:
        self.boards = [{"id": "b" * 24, "name": "Release"}, {"id": "c" * 24, "name": "Roadmap"}]
        self.lists = {"b" * 24: [{"id": "1" * 24, "name": "To do"}, {"id": "2" * 24, "name": "Doing"}], "c" * 24: []}
        self.cards: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.last: dict[str, str] = {}

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.removeprefix("/1")
        self.asked.append(f"{request.method} {path}")
        self.last = dict(request.url.params)
        if path == "/members/me":
            return httpx2.Response(200, json={"id": "a" * 24})
        if path.endswith("/boards"):
            return httpx2.Response(200, json=self.boards)
        if path.endswith("/labels"):
            return httpx2.Response(
                200, json=[{"id": "5" * 24, "name": "Urgent", "color": "red"}, {"id": "4" * 24, "name": "", "color": "green"}]
            )
        if path.endswith("/lists"):
            return httpx2.Response(200, json=self.lists[path.split("/")[2]])
        if path == "/search":
            return httpx2.Response(200, json={"cards": self.cards})
        if request.method == "GET":
            return httpx2.Response(200, json={"id": "9" * 24, "idBoard": "b" * 24})
        return httpx2.Response(
            200, json={"id": "9" * 24, "name": request.url.params.get("name", "x"), "idList": request.url.params.get("idList")}
        )


def shelf_on(trello: Trello, clock: SetClock | None = None, **environ: str) -> Any:
    return open_shelf({**CREDENTIALS, **environ}, clock, transport=httpx2.MockTransport(trello.answer))


async def test_boards_and_lists_are_found_by_name_whatever_the_case_and_remembered() -> None:
    trello = Trello()
    shelf = shelf_on(trello)
    for name in ("Release", "release", " RELEASE "):
        answer = await shelf.perform(call("trello.create_card", {"board": name, "list": "doing", "title": "t"}))
        assert (answer.output["board"], answer.output["list"]) == ("Release", "Doing")
    assert trello.asked.count(f"GET /members/{'a' * 24}/boards") == 1
    assert trello.asked.count("POST /cards") == 3


async def test_what_is_remembered_is_looked_up_again_after_a_while() -> None:
    trello, clock = Trello(), SetClock()
    shelf = shelf_on(trello, clock)
    ask = call("trello.create_card", {"board": "Release", "title": "t"})
    await shelf.perform(ask)
    trello.boards = []
    await shelf.perform(ask)
    await clock.sleep(301)
    with pytest.raises(NotFound):
        await shelf.perform(ask)


async def test_a_new_board_is_found_although_the_old_ones_are_remembered() -> None:
    trello, clock = Trello(), SetClock()
    shelf = shelf_on(trello, clock)
    await shelf.perform(call("trello.create_card", {"board": "Release", "title": "t"}))
    await clock.sleep(6)
    trello.boards.append({"id": "d" * 24, "name": "Fresh"})
    trello.lists["d" * 24] = [{"id": "3" * 24, "name": "Inbox"}]
    answer = await shelf.perform(call("trello.create_card", {"board": "Fresh", "title": "t"}))
    assert answer.output["list"] == "Inbox"


async def test_a_wrong_name_is_refused_with_the_nearest_and_nothing_is_created() -> None:
    trello = Trello()
    shelf = shelf_on(trello)
    with pytest.raises(NotFound, match="Did you mean “Release”"):
        await shelf.perform(call("trello.create_card", {"board": "Relaese", "title": "t"}))
    with pytest.raises(NotFound, match="Did you mean “Doing”"):
        await shelf.perform(call("trello.create_card", {"board": "Release", "list": "Doin", "title": "t"}))
    with pytest.raises(Rejected, match="shows no list"):
        await shelf.perform(call("trello.create_card", {"board": "Roadmap", "title": "t"}))
    assert "POST /cards" not in trello.asked


async def test_two_boards_of_one_name_are_asked_apart_and_an_id_settles_it() -> None:
    trello = Trello()
    trello.boards[1]["name"] = "release"
    shelf = shelf_on(trello)
    assert (await shelf.perform(call("trello.create_card", {"board": "Release", "title": "t"}))).output["board"] == "Release"
    with pytest.raises(Rejected, match="several boards called"):
        await shelf.perform(call("trello.create_card", {"board": "RELEASE", "title": "t"}))
    assert (await shelf.perform(call("trello.create_card", {"board": "b" * 24, "title": "t"}))).output["board"] == "Release"


async def test_a_default_board_stands_in_and_is_no_longer_demanded_by_the_catalogue() -> None:
    shelf = shelf_on(Trello(), TRELLO_DEFAULT_BOARD="Release")
    assert (await shelf.perform(call("trello.create_card", {"title": "t"}))).output["board"] == "Release"

    def demanded(shelf: Any) -> bool:
        action = next(a for s in shelf.services() for a in s.actions if a.id == "trello.create_card")
        return bool(next(f for f in action.inputs if f.name == "board").required)

    assert (demanded(shelf), demanded(shelf_on(Trello()))) == (False, True)


async def test_a_card_is_meant_by_title_link_or_id() -> None:
    trello = Trello()
    trello.cards = [
        {"id": "7" * 24, "name": "Login"},
        {"id": "8" * 24, "name": "Login page"},
        {"id": "6" * 24, "name": "Login", "closed": True},
    ]
    shelf = shelf_on(trello)
    for said, path in [("login", "7" * 24), ("https://trello.com/c/3CsPkqOF/17-login", "3CsPkqOF"), ("8" * 24, "8" * 24)]:
        await shelf.perform(call("trello.archive_card", {"card": said}))
        assert trello.asked[-1] == f"PUT /cards/{path}"
    with pytest.raises(NotFound, match="Login page"):
        await shelf.perform(call("trello.archive_card", {"card": "Logn pag"}))


async def test_labels_are_meant_by_name_or_colour_and_members_by_user_name() -> None:
    trello = Trello()
    shelf = shelf_on(trello)
    await shelf.perform(
        call("trello.create_card", {"board": "Release", "title": "t", "labels": ["urgent", "green"], "assignee": "@anna, ben"})
    )
    assert trello.last["idLabels"] == f"{'5' * 24},{'4' * 24}"
    assert trello.last["idMembers"] == f"{'9' * 24},{'9' * 24}"
    assert [path for path in trello.asked if "/members/" in path and "me" not in path.split("/")][1:] == [
        "GET /members/anna",
        "GET /members/ben",
    ]
    await shelf.perform(call("trello.update_card", {"card": "9" * 24, "labels": "Urgent"}))
    assert (trello.last["idLabels"], trello.asked[-1]) == ("5" * 24, f"PUT /cards/{'9' * 24}")
    with pytest.raises(NotFound, match="Did you mean “Urgent”"):
        await shelf.perform(call("trello.update_card", {"card": "9" * 24, "labels": "Urgnt"}))


async def test_a_search_is_put_into_trellos_own_operators() -> None:
    trello = Trello()
    await shelf_on(trello).perform(call("trello.search_cards", {"query": "login", "list": "Doing", "labels": ["bug"], "assignee": "@anna"}))
    assert trello.last["query"] == 'login list:"Doing" label:"bug" @anna'


async def test_a_card_moves_within_its_own_board_when_none_is_said() -> None:
    trello = Trello()
    answer = await shelf_on(trello).perform(call("trello.move_card", {"card": "9" * 24, "list": "Doing"}))
    assert answer.output["list"] == "Doing"
    assert f"GET /boards/{'b' * 24}/lists" in trello.asked


# --- GitHub -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "default", "wanted"),
    [
        ("acme/web", "", "acme/web"),
        ("https://github.com/acme/web", "", "acme/web"),
        ("https://github.com/acme/web.git", "", "acme/web"),
        ("web", "acme/infra", "acme/web"),
    ],
)
def test_a_repository_is_meant_by_its_name_or_link(said: str, default: str, wanted: str) -> None:
    assert repository(said, default) == wanted


@pytest.mark.parametrize("said", ["", "web", "a/b/c", "a b/c", "../..", "a/b?x=1"])
def test_what_is_no_repository_is_refused(said: str) -> None:
    with pytest.raises(Rejected, match="owner/name"):
        repository(said, "")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("17", ("acme/web", "17")),
        ("#17", ("acme/web", "17")),
        ("x/y#17", ("x/y", "17")),
        ("https://github.com/x/y/issues/17#issuecomment-5", ("x/y", "17")),
        ("https://ghe.acme.example/x/y/pull/17/files", ("x/y", "17")),
    ],
)
def test_an_issue_is_meant_by_number_reference_or_link(said: str, wanted: tuple[str, str]) -> None:
    assert reference(said, "acme/web", "") == wanted


@given(st.text(max_size=40))
def test_any_other_text_is_refused_never_an_error(said: str) -> None:
    try:
        _, number = reference(said, "acme/web", "")
        assert number.isdigit()
    except Rejected:
        pass


async def test_a_name_can_never_lead_out_of_its_path() -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.url.raw_path.decode())
        return httpx2.Response(204)

    shelf = open_shelf(transport=httpx2.MockTransport(answer))
    await shelf.perform(call("github.dispatch_workflow", {"repo": "a/b", "workflow": "..%2Fuser?x=1#y.yml"}))
    assert seen == ["/repos/a/b/actions/workflows/..%252Fuser%3Fx%3D1%23y.yml/dispatches"]
    for repo, workflow in (("../..", "w"), ("a/..", "w"), ("a/b", "..")):
        with pytest.raises(Rejected):
            await shelf.perform(call("github.dispatch_workflow", {"repo": repo, "workflow": workflow}))
    assert seen[1:] == ["/repos/a/b/actions/workflows?per_page=100"]  # “..” is looked for as a name, and nobody has it
