"""What Trello's description cannot say: lists and labels of the board a card is on, members by user name, its search words, and actions found by asking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.described_wire import Request
from connectors._kit.nearest import did_you_mean
from engine.errors import NotFound, Rejected
from engine.workflow.definition import Json

REMEMBER = 300.0  # seconds a list's id is taken as still true
FRESH = 5.0  # seconds in which looking again for a name that was not there is no use
MOST = 1000
TOLD = "createCard,copyCard,emailCard,convertToCardFromCheckItem,updateCard,moveCardToBoard"

Named = Mapping[str, Any]  # {"id": …, "name": …} as Trello gives it


async def _me(tools: Tools) -> str:
    async def load() -> Any:
        return (await tools.get("/members/me", {"fields": "id"}, doing="a look at whose token it is"))["id"]

    return str(await tools.memory.recall("me", load, seconds=24 * 3600.0))


async def _by_us(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"me": await _me(tools)}


# --- the board a card is on --------------------------------------------------------------------------------------------------


async def _board_of(tools: Tools, card: str) -> Named:
    found = await tools.get(f"/cards/{card}", {"fields": "idBoard", "board": "true", "board_fields": "name"}, doing="a look at the card")
    return {"id": str(found["idBoard"]), "name": (found.get("board") or {}).get("name") or str(found["idBoard"])}


async def _list(tools: Tools, board: Named, said: str) -> Named:
    async def load() -> Any:
        return await tools.get(f"/boards/{board['id']}/lists", {"filter": "open", "fields": "name"}, doing="a look at the lists")

    return await _chosen(tools, f"lists of {board['id']}", load, partial(_named, f"list on the board “{board['name']}”", said))


async def _labels(tools: Tools, board: Named, said: Sequence[str]) -> list[str]:
    async def load() -> Any:
        found = await tools.get(f"/boards/{board['id']}/labels", {"fields": "name,color", "limit": "1000"}, doing="a look at the labels")
        return [{"id": one["id"], "name": one.get("name") or one.get("color") or ""} for one in found]

    kind = f"label on the board “{board['name']}”"
    return [(await _chosen(tools, f"labels of {board['id']}", load, partial(_named, kind, name)))["id"] for name in said]


async def _chosen(tools: Tools, what: str, load: Callable[[], Awaitable[Any]], choose: Callable[[Sequence[Named]], Named]) -> Named:
    """One of what is remembered; when it is not among them, of what there is now."""
    try:
        return choose(await tools.memory.recall(what, load, seconds=REMEMBER))
    except NotFound:
        return choose(await tools.memory.recall(what, load, seconds=FRESH))


def _named(kind: str, said: str, known: Sequence[Named]) -> Named:
    """The one of that id, else called exactly so, else whatever the case. Raises NotFound or Rejected."""
    wanted = said.strip()
    exact = [one for one in known if wanted in (one["id"], one.get("name"))]
    same = exact or [one for one in known if str(one.get("name", "")).strip().casefold() == wanted.casefold()]
    if not same:
        near = did_you_mean(wanted, [str(one.get("name", "")) for one in known])
        raise NotFound(f"There is no open {kind} called “{wanted}” in Trello.{near}")
    if len(same) > 1:
        ids = ", ".join(str(one["id"]) for one in same[:5])
        raise Rejected(f"There are {len(same)} of “{wanted}” ({kind}) in Trello. Rename one, or use its id: {ids}.")
    return same[0]


# --- what is asked -----------------------------------------------------------------------------------------------------------


async def _members(tools: Tools, said: str) -> list[str] | None:
    """Remembered: Trello allows looks at members a hundred times in a quarter of an hour only."""
    return [await _member(tools, name.strip().removeprefix("@")) for name in said.split(",") if name.strip()] or None


async def _member(tools: Tools, name: str) -> str:
    async def load() -> Any:
        return (await tools.get(f"/members/{quote(name, safe='')}", {"fields": "id"}, doing=f"a look-up of the member “{name}”"))["id"]

    return str(await tools.memory.recall(f"member {name.casefold()}", load, seconds=REMEMBER))


async def _new_card(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"member_ids": await _members(tools, ask.arguments.get("assignee", ""))}


async def _changed_card(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    labels = await _labels(tools, await _board_of(tools, said["card_id"]), said["labels"]) if said.get("labels") else None
    return {"label_ids": labels, "member_ids": await _members(tools, said.get("assignee", ""))}


async def _move(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    there = {"id": said["board_id"], "name": said["board_name"]} if said.get("board_id") else await _board_of(tools, said["card_id"])
    where = await _list(tools, there, said["list"])
    return {"list_id": where["id"], "list_name": where["name"], "there": there["name"]}


async def _search(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    words = [
        said.get("query", ""),
        _operator("list", said.get("list", "")),
        *(_operator("label", label) for label in said.get("labels", [])),
    ]
    words.append(f"@{said['assignee'].removeprefix('@')}" if said.get("assignee") else "")
    return {"words": " ".join(filter(None, words)), "most": min(max(said["limit"], 1), MOST)}


def _operator(word: str, value: str) -> str:
    quoted = value.replace('"', "")
    return f'{word}:"{quoted}"' if quoted else ""


# --- what happened -----------------------------------------------------------------------------------------------------------


async def _poll(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """The board's actions after the last one that was told, oldest first, in the shape of deliveries. The first time tells nothing."""
    last = (cursor or {}).get("last")
    query: dict[str, Json] = {"filter": TOLD, "since": last, "limit": 1000} if last else {"filter": TOLD, "limit": 1}
    request = Request(method="GET", path="/boards/{setting_watched}/actions", query=query)
    found = await tools.send(request, {}, doing="a look for actions")
    newest = found[0]["id"] if found else last
    known = cursor is not None  # of a board on which nothing had happened yet, everything is new
    return Told([{"action": one} for one in reversed(found)] if known else [], {"last": newest})


CUSTOM = Custom(
    prepare_look={"create_card": _by_us, "add_comment": _by_us},
    prepare={"create_card": _new_card, "update_card": _changed_card, "move_card": _move, "search_cards": _search},
    poll={"actions": _poll},
)
