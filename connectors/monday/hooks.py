"""What monday.com's description cannot say: columns by title, people by name, and texts as the HTML of an update."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from connectors._kit.custom import Ask, Custom, Tools
from connectors._kit.described_wire import Request
from connectors._kit.nearest import did_you_mean
from connectors._kit.picking import at
from connectors.monday.columns import PEOPLE, Column, first_of, label, moment, titled, value
from engine.errors import NotFound, Rejected

REMEMBER = 300.0  # seconds
MOST = 500
COLUMNS = "query ($board: [ID!]) { boards(ids: $board) { columns { id title type settings_str } } }"
BOARD = "query ($item: [ID!]) { items(ids: $item) { board { id } } }"
ME = "query { me { id } }"
BY_EMAIL = "query ($emails: [String]) { users(emails: $emails) { id name email } }"
BY_NAME = "query ($name: String) { users(name: $name, limit: 50) { id name email } }"


async def _asked(tools: Tools, query: str, doing: str, **variables: Any) -> Any:
    body: Any = {"query": query, **({"variables": variables} if variables else {})}
    return await tools.send(Request(method="POST", path="/v2", body=body), {}, doing=doing)


async def _columns(tools: Tools, board: str) -> Sequence[Column]:
    async def load() -> Any:
        return at(await _asked(tools, COLUMNS, "a look at the board's columns", board=[board]), "data.boards.0.columns") or []

    found: Sequence[Column] = await tools.memory.recall(f"columns of {board}", load, seconds=REMEMBER)
    return found


async def _person(tools: Tools, said: str) -> str:
    """The id of who is called that. Raises NotFound or Rejected."""
    wanted = said.strip().removeprefix("@")

    async def load() -> Any:
        if wanted.casefold() == "me":
            return [{**at(await _asked(tools, ME, "a look at whose token it is"), "data.me"), "name": "me"}]
        named = {"emails": [wanted]} if "@" in wanted else {"name": wanted}
        found = await _asked(tools, BY_EMAIL if "@" in wanted else BY_NAME, f"the look-up of “{wanted}”", **named)
        return at(found, "data.users") or []

    if wanted.isascii() and wanted.isdigit():
        return wanted
    people = await tools.memory.recall(f"people called {wanted.casefold()}", load, seconds=REMEMBER)
    same = [one for one in people if wanted.casefold() in (str(one.get("name", "")).casefold(), str(one.get("email", "")).casefold())]
    if not same:
        raise NotFound(f"monday.com has no person “{wanted}”.{did_you_mean(wanted, [str(one.get('name', '')) for one in people])}")
    if len(same) > 1:
        raise Rejected(f"monday.com has {len(same)} people called “{wanted}”. Say which by e-mail address.")
    return str(same[0]["id"])


async def _people(tools: Tools, said: Any) -> dict[str, Any]:
    names = [str(one) for one in (said if isinstance(said, list) else str(said).split(",")) if str(one).strip()]
    return {"personsAndTeams": [{"id": int(await _person(tools, name)), "kind": "person"} for name in names]}


async def _values(ask: Ask, tools: Tools, board: str) -> str | None:
    """All that was said of columns, as the JSON text that monday.com wants; None for nothing."""
    said, values = ask.arguments, dict[str, Any]()
    special = {"assignee", "status", "due", "text", "columns"} & set(said)
    columns = await _columns(tools, board) if special else []
    for name, one in (said.get("columns") or {}).items():
        column = titled(columns, name)
        values[str(column["id"])] = (
            await _people(tools, one) if column["type"] in PEOPLE and not isinstance(one, Mapping) else value(column, one)
        )
    if "assignee" in said:
        values[str(first_of(columns, PEOPLE, "assignee")["id"])] = await _people(tools, said["assignee"])
    if "status" in said:
        column = first_of(columns, ("status",), "status")
        values[str(column["id"])] = value(column, said["status"])
    if "due" in said:
        values[str(first_of(columns, ("date",), "due")["id"])] = moment("due", said["due"])
    if "text" in said:
        column = first_of(columns, ("long_text", "text"), "text")
        values[str(column["id"])] = value(column, said["text"])
    return json.dumps(values, ensure_ascii=False) if values else None


async def _new_item(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"column_values": await _values(ask, tools, ask.arguments["board_id"])}


async def _changed_item(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """An item said by its id may be on any board, whatever board is the usual one."""
    said = ask.arguments
    found = at(await _asked(tools, BOARD, "a look at the item", item=[said["item_id"]]), "data.items.0.board.id") or said.get("board_id")
    if not found:
        raise NotFound(f"monday.com has no item “{said['item']}”, or the credential may not see it.")
    values = json.loads(await _values(ask, tools, str(found)) or "{}")
    if "title" in said:
        values["name"] = said["title"]
    return {"its_board": str(found), "column_values": json.dumps(values, ensure_ascii=False)}


async def _update(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"body": escape(ask.arguments["text"]).replace("\n", "<br>")}


async def _search(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said, board = ask.arguments, ask.arguments["board_id"]
    rules: list[dict[str, Any]] = []
    if said.get("query"):
        rules.append({"column_id": "name", "compare_value": [said["query"]], "operator": "contains_text"})
    if said.get("group_id"):
        rules.append({"column_id": "group", "compare_value": [said["group_id"]], "operator": "any_of"})
    columns = await _columns(tools, board) if {"status", "assignee"} & set(said) else []
    if said.get("status"):
        column = first_of(columns, ("status",), "status")
        rules.append({"column_id": column["id"], "compare_value": [int(label(column, said["status"])[0])], "operator": "any_of"})
    if said.get("assignee"):
        column = first_of(columns, PEOPLE, "assignee")
        rules.append(
            {"column_id": column["id"], "compare_value": [f"person-{await _person(tools, said['assignee'])}"], "operator": "any_of"}
        )
    return {"rules": rules, "most": min(max(said["limit"], 1), MOST)}


CUSTOM = Custom(prepare={"create_item": _new_item, "update_item": _changed_item, "add_update": _update, "search_items": _search})
