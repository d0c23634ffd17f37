"""What Trello's description cannot say: people name boards, lists, cards and members, Trello wants ids."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors._kit.custom import Ask, Custom, Tools
from connectors._kit.nearest import did_you_mean
from engine.errors import NotFound, Rejected

ID = re.compile(r"[0-9a-fA-F]{24}")
LINK = re.compile(r"https?://trello\.com/c/(?P<code>\w{8})(?:/.*)?")
REMEMBER = 300.0  # seconds a board's or list's id is taken as still true
FRESH = 5.0  # seconds in which looking again for a name that was not there is no use
MOST = 1000

Named = Mapping[str, Any]  # {"id": …, "name": …} as Trello gives it


async def _me(tools: Tools) -> str:
    async def load() -> Any:
        return (await tools.get("/members/me", {"fields": "id"}, doing="a look at whose token it is"))["id"]

    return str(await tools.memory.recall("me", load, seconds=24 * 3600.0))


async def _board(tools: Tools, said: str) -> Named:
    async def load() -> Any:
        return await tools.get(f"/members/{await _me(tools)}/boards", {"filter": "open", "fields": "name"}, doing="a look at the boards")

    return await _chosen(tools, "boards", load, lambda boards: _named("board", said, boards))


async def _list(tools: Tools, board: Named, said: str) -> Named:
    async def load() -> Any:
        return await tools.get(f"/boards/{board['id']}/lists", {"filter": "open", "fields": "name"}, doing="a look at the lists")

    def choose(lists: Sequence[Named]) -> Named:
        if said:
            return _named(f"list on the board “{board['name']}”", said, lists)
        if not lists:
            raise NotFound(f"The board “{board['name']}” has no open list to put a card into.")
        return lists[0]

    return await _chosen(tools, f"lists of {board['id']}", load, choose)


async def _chosen(tools: Tools, what: str, load: Callable[[], Awaitable[Any]], choose: Callable[[Sequence[Named]], Named]) -> Named:
    """One of what is remembered; when it is not among them, of what there is now."""
    try:
        return choose(await tools.memory.recall(what, load, seconds=REMEMBER))
    except NotFound:
        return choose(await tools.memory.recall(what, load, seconds=FRESH))


def _named(kind: str, said: str, known: Sequence[Named]) -> Named:
    """The one called that: exactly, else whatever the case; ids are taken as they are. Raises NotFound or Rejected."""
    wanted = said.strip()
    if ID.fullmatch(wanted):
        return next((one for one in known if one["id"] == wanted), {"id": wanted, "name": wanted})
    exact = [one for one in known if one.get("name") == wanted]
    same = exact or [one for one in known if str(one.get("name", "")).strip().casefold() == wanted.casefold()]
    if not same:
        raise NotFound(
            f"There is no open {kind} called “{wanted}” in Trello.{did_you_mean(wanted, [str(one.get('name', '')) for one in known])}"
        )
    if len(same) > 1:
        raise Rejected(
            f"There are {len(same)} of “{wanted}” ({kind}) in Trello. Rename one, or use its id: {', '.join(str(one['id']) for one in same[:5])}."
        )
    return same[0]


async def _card_id(tools: Tools, said: str, board: str) -> str:
    text = said.strip()
    link = LINK.fullmatch(text)
    if link or ID.fullmatch(text):
        return link["code"] if link else text
    where = {"idBoards": (await _board(tools, board))["id"]} if board else {}
    found = await tools.get(
        "/search",
        {"query": text[:1000], "modelTypes": "cards", "card_fields": "name,closed", "cards_limit": "50", "partial": "true", **where},
        doing="a search for the card",
    )
    cards = found.get("cards", []) if isinstance(found, dict) else []
    return str(_named("card", text, [card for card in cards if not card.get("closed")])["id"])


async def _members(tools: Tools, said: str) -> list[str]:
    async def load(name: str) -> str:
        return str((await tools.get(f"/members/{quote(name, safe='')}", {"fields": "id"}, doing=f"a look-up of the member “{name}”"))["id"])

    return [await load(name.strip().removeprefix("@")) for name in said.split(",") if name.strip()]


async def _labels(tools: Tools, board: Named, said: Sequence[str]) -> list[str]:
    async def load() -> Any:
        found = await tools.get(f"/boards/{board['id']}/labels", {"fields": "name,color", "limit": "1000"}, doing="a look at the labels")
        return [{"id": one["id"], "name": one.get("name") or one.get("color") or ""} for one in found]

    if not said:
        return []
    kind = f"label on the board “{board['name']}”"
    return [(await _chosen(tools, f"labels of {board['id']}", load, partial(_named, kind, name)))["id"] for name in said]


async def _board_of(tools: Tools, card: str) -> Named:
    return await _board(tools, str((await tools.get(f"/cards/{card}", {"fields": "idBoard"}, doing="a look at the card"))["idBoard"]))


async def _new_card(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    board = await _board(tools, ask.arguments["board"])
    where = await _list(tools, board, ask.arguments.get("list", ""))
    placed = {"list_id": where["id"], "list_name": where["name"], "board_id": board["id"], "board_name": board["name"]}
    return {**placed, **await _wearing(ask, tools, board)}


async def _by_us(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"me": await _me(tools)}


async def _changed_card(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    card = (await _on_card(ask, tools))["card_id"]
    board = await _board_of(tools, card) if ask.arguments.get("labels") else {}
    return {"card_id": card, **await _wearing(ask, tools, board)}


async def _wearing(ask: Ask, tools: Tools, board: Named) -> Mapping[str, Any]:
    """The ids of the labels and members that were said; None where none were."""
    labels = await _labels(tools, board, ask.arguments.get("labels", []))
    return {"label_ids": labels or None, "member_ids": await _members(tools, ask.arguments.get("assignee", "")) or None}


async def _on_card(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"card_id": await _card_id(tools, ask.arguments["card"], ask.arguments.get("board", ""))}


async def _move(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    card = await _card_id(tools, said["card"], "")
    board = await (_board(tools, said["board"]) if said.get("board") else _board_of(tools, card))
    where = await _list(tools, board, said["list"])
    return {
        "card_id": card,
        "list_id": where["id"],
        "list_name": where["name"],
        "board_id": board["id"] if said.get("board") else None,
        "board_name": board["name"],
    }


async def _search(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    board = await _board(tools, said["board"]) if said.get("board") else None
    words = [
        said.get("query", ""),
        _operator("list", said.get("list", "")),
        *(_operator("label", label) for label in said.get("labels", [])),
    ]
    words.append(f"@{said['assignee'].removeprefix('@')}" if said.get("assignee") else "")
    return {"words": " ".join(filter(None, words)), "board_id": board["id"] if board else None, "most": min(max(said["limit"], 1), MOST)}


def _operator(word: str, value: str) -> str:
    quoted = value.replace('"', "")
    return f'{word}:"{quoted}"' if quoted else ""


CUSTOM = Custom(
    prepare_look={"create_card": _by_us, "add_comment": _by_us},
    prepare={
        "create_card": _new_card,
        "update_card": _changed_card,
        "move_card": _move,
        "add_comment": _on_card,
        "archive_card": _on_card,
        "search_cards": _search,
    },
)
