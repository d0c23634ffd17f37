"""How a list is read on: what the next request says, and when there is none. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors._kit.described_wire import Pages
from connectors._kit.filling import as_text
from connectors._kit.picking import at
from connectors._kit.wire import WireAnswer, WireRequest

MOST_PAGES = 50
_NEXT = re.compile(r'<([^<>]+)>\s*;[^,<]*\brel="?next"?')


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its parsed ``body`` and the answer itself. ``read``: items so far, this page's included; ``number``: of this page, from 1."""

    body: Any
    answer: WireAnswer
    read: int
    number: int


def sized(request: WireRequest, pages: Pages, most: int) -> WireRequest:
    """The first request, asking for no more than is wanted."""
    return _with(request, pages, pages.size, min(most, pages.largest)) if pages.size else request


def items_of(body: Any, pages: Pages) -> list[Any]:
    found = at(body, pages.items)
    return found if isinstance(found, list) else []


def with_items(body: Any, pages: Pages, items: list[Any]) -> Any:
    """The body with these items in the list's place."""
    return _put(body if isinstance(body, Mapping) else {}, pages.items.split("."), items) if pages.items else items


def next_request(request: WireRequest, pages: Pages, page: Page) -> WireRequest | None:
    """The request for the next page, None after the last. ``request`` is the one that was answered."""
    items = items_of(page.body, pages)
    if page.number >= MOST_PAGES or (pages.more and not at(page.body, pages.more)):
        return None
    match pages.kind:
        case "cursor":
            said = at(page.body, pages.next)
            return _with(request, pages, pages.parameter, said) if said else None
        case "last_id":
            said = at(items[-1], pages.id) if items else None
            return _with(request, pages, pages.parameter, said) if said and _full(items, request, pages) else None
        case "offset":
            return _with(request, pages, pages.parameter, page.read) if _full(items, request, pages) else None
        case "page":
            return _with(request, pages, pages.parameter, pages.first + page.number) if _full(items, request, pages) else None
        case "link":
            match = _NEXT.search(page.answer.headers.get("link", ""))
            return _at_url(request, match[1]) if match else None
        case _:
            url = at(page.body, pages.next)
            return replace(request, goes_on=str(url)) if url else None


def _full(items: list[Any], request: WireRequest, pages: Pages) -> bool:
    """Whether a page holds so many that there may be more; with a sign of its own (``more``) every page that is not empty does."""
    if pages.more or not pages.size:
        return bool(items)
    said = request.query.get(pages.size) if pages.into == "query" else at(request.body, pages.size)
    return len(items) >= int(said or pages.largest)


def _with(request: WireRequest, pages: Pages, parameter: str, value: Any) -> WireRequest:
    if pages.into == "query":
        return replace(request, query={**request.query, parameter: as_text(value)})
    return replace(request, body=_put(request.body or {}, parameter.split("."), value))


def _put(body: Any, path: list[str], value: Any) -> Any:
    head, rest = path[0], path[1:]
    inner = body.get(head, {}) if isinstance(body, Mapping) else {}
    return {**body, head: _put(inner, rest, value) if rest else value}


def _at_url(request: WireRequest, url: str) -> WireRequest:
    """The address a vendor names, of which only its query is believed: path and host stay ours."""
    query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    return replace(request, query={**request.query, **query})
