"""Calling an API that users name: checked here, sent through the guarded way out, judged by its status alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors._kit.custom import Ask, Custom, Tools
from connectors._kit.egress import read_headers, read_url
from connectors._kit.failures import Misconfigured, Refused, Throttled
from connectors._kit.filling import as_text
from connectors._kit.judging import wait_said
from connectors._kit.wire import WireAnswer
from engine.errors import Invalid, NotFound, SignalboxError, Transient, Unanswered
from engine.ports import Answer

HARMLESS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # RFC 9110 §9.2.2: asking twice does no more than asking once
LONGEST_WAIT = 60.0  # seconds
LONGEST_BODY = 1024 * 1024  # bytes
LONGEST_TEXT = 20_000  # characters; the output becomes a fact of the run
PRIVATE_HEADERS = frozenset({"set-cookie", "set-cookie2"})


async def _request(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    url = read_url(said["url"])
    if said.get("query"):
        url = url.copy_merge_params({name: as_text(value) for name, value in said["query"].items() if value is not None})
    content, kind = _content(said.get("body"))
    headers = {**kind, **_once(said["method"], ask.call.key), **read_headers(said.get("headers", {}))}
    may_repeat = said["method"] in HARMLESS
    total = min(max(float(said["timeout"]), 1.0), LONGEST_WAIT)
    answer = await tools.web.send(said["method"], url, headers, content, may_repeat=may_repeat, total=total)
    failure = _failure(answer, f"{said['method']} {url.host}", may_repeat, tools)
    if failure:
        raise failure
    return Answer(_output(answer, str(url.copy_with(query=None))))


def _content(body: Any) -> tuple[bytes | None, dict[str, str]]:
    if body is None:
        return None, {}
    content, kind = (
        (body.encode(), "text/plain; charset=utf-8") if isinstance(body, str) else (json.dumps(body).encode(), "application/json")
    )
    if len(content) > LONGEST_BODY:
        raise Invalid(f"The body is too large: {len(content)} bytes, at most {LONGEST_BODY}.")
    return content, {"Content-Type": kind}


def _once(method: str, key: str) -> dict[str, str]:
    """APIs that know the header do a repeated request once."""
    return {} if method in HARMLESS else {"Idempotency-Key": key}


def _failure(answer: WireAnswer, doing: str, may_repeat: bool, tools: Tools) -> SignalboxError | None:
    status = answer.status
    if status < 300:
        return None
    wait = wait_said(answer, tools.clock.now())
    if status == 429:
        return Throttled(f"{doing} asks for a pause.", wait)
    if status < 400:
        return Refused(
            f"{doing} answered with a redirect ({status}) to {answer.headers.get('location', 'nowhere')[:200]}. Redirects are not followed: ask that address.",
            status,
        )
    if status >= 500 or status in (408, 425):
        return (
            Transient(f"{doing} failed ({status}).", wait)
            if may_repeat
            else Unanswered(f"{doing} failed ({status}); whether it was done has to be looked up there.")
        )
    sentence = f"{doing} was refused ({status}): {' '.join(answer.text.split())[:200] or 'no reason given'}"
    if status in (401, 403):
        return Misconfigured(sentence)
    return NotFound(sentence) if status in (404, 410) else Refused(sentence, status)


def _output(answer: WireAnswer, url: str) -> dict[str, Any]:
    shown: Mapping[str, str] = {name: value for name, value in answer.headers.items() if name not in PRIVATE_HEADERS}
    return {"status": answer.status, "body": answer.json(), "text": answer.text[:LONGEST_TEXT], "headers": dict(shown), "url": url}


CUSTOM = Custom(perform={"request": _request})
