"""Every failure as an HTTP answer: a true status, one sentence, never a traceback.

Rejected 422 (of a request that was understood)
├── Invalid    400, with every problem and its place
├── NotFound   404
├── Conflict   409
└── Forbidden  403
Transient      503, Retry-After
Unanswered     504
"""

from __future__ import annotations

import http
import json
import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Rejected, SignalboxError, Transient, Unanswered

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
_UNPARSED = "There was an error parsing the body"  # FastAPI's words for everything its JSON reader stumbles over
RETRY_AFTER = 5.0  # seconds, when the cause did not say

_STATUS: tuple[tuple[type[SignalboxError], int], ...] = (
    (Invalid, 400),
    (NotFound, 404),
    (Conflict, 409),
    (Forbidden, 403),
    (Rejected, 422),
    (Transient, 503),
    (Unanswered, 504),
)


def install(app: FastAPI) -> None:
    """Answer every failure in this way, on all routes of ``app``."""
    app.add_exception_handler(SignalboxError, _failed)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _broken)


def status_of(error: SignalboxError) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(
    request: Request,
    status: int,
    sentence: str,
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """``{"success": false, "error": sentence}``, or an RFC 9457 problem when the reader asked for one."""
    body: dict[str, Any] = {"success": False, "error": sentence, **more}
    if problems:
        body["problems"] = [_place(each) for each in problems]
    if PROBLEM_JSON not in request.headers.get("accept", ""):
        return JSONResponse(body, status, dict(headers or {}))
    body = {"type": "about:blank", "title": http.HTTPStatus(status).phrase, "status": status, "detail": sentence, **body}
    return Response(json.dumps(body), status, dict(headers or {}), PROBLEM_JSON)


def _place(problem: Problem) -> dict[str, Any]:
    return {"message": problem.message, "path": list(problem.path), "line": problem.line, "column": problem.column}


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, SignalboxError)
    headers = {}
    if isinstance(error, Transient):
        headers["retry-after"] = str(math.ceil(error.retry_after or RETRY_AFTER))
    problems = error.problems if isinstance(error, Invalid) else ()
    return problem(request, status_of(error), str(error), problems, headers)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = error.detail
    if sentence == _UNPARSED:
        sentence = "The body is not valid JSON: it is nested too deeply, or is not UTF-8 text."
    if sentence == http.HTTPStatus(error.status_code).phrase:
        sentence = _plainly(request, error.status_code)
    return problem(request, error.status_code, sentence, headers=error.headers)


def _plainly(request: Request, status: int) -> str:
    match status:
        case 404:
            return f"There is nothing at {request.url.path}. /openapi.json lists what there is."
        case 405:
            return f"{request.url.path} does not take {request.method}. /openapi.json lists what it takes."
    return http.HTTPStatus(status).phrase + "."


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    problems = [Problem(_fault(each), () if _of_whole(each) else tuple(each["loc"][1:])) for each in faults]
    return problem(request, 400, problems[0].message, problems)


def _of_whole(fault: Any) -> bool:
    """Whether it is the body itself that cannot be read, not one of its fields."""
    return fault["type"] == "json_invalid" or tuple(fault["loc"]) == ("body",)


def _fault(fault: Any) -> str:
    kind = fault["type"]
    if kind == "json_invalid":
        return f"The body is not valid JSON: {fault['ctx']['error']} at character {fault['loc'][-1]}."
    if _of_whole(fault) and kind == "missing":
        return "No JSON data provided"
    if _of_whole(fault):
        return "The body must be a JSON object, sent with the header Content-Type: application/json."
    name = ".".join(str(part) for part in fault["loc"][1:])
    return f"Missing required field: {name}" if kind == "missing" else f"“{name}” {_misfit(kind, fault)}."


_KINDS = {
    "string_type": "must be text",
    "string_unicode": "holds half a character (a lone surrogate)",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}
_LIMITS = (
    ("greater_than_equal", "ge", "must be at least"),
    ("greater_than", "gt", "must be more than"),
    ("less_than_equal", "le", "must be at most"),
    ("less_than", "lt", "must be less than"),
    ("literal_error", "expected", "must be"),
    ("enum", "expected", "must be"),
)


def _misfit(kind: str, fault: Any) -> str:
    """What pydantic found, as the end of a sentence that begins with the field's name."""
    said = fault.get("ctx") or {}
    if kind == "string_too_short":
        return "must not be empty" if said["min_length"] == 1 else f"must have at least {said['min_length']:,} characters"
    if kind == "string_too_long":
        return f"must have at most {said['max_length']:,} characters"
    if kind.startswith("int_"):
        return "must be a whole number"
    if kind.startswith("float_") or kind == "finite_number":
        return "must be a number"
    limit = next((f"{words} {said[key]}" for name, key, words in _LIMITS if name == kind), "")
    return limit or _KINDS.get(kind) or f"does not fit: {fault['msg'][:1].lower()}{fault['msg'][1:]}"


async def _broken(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(request, 500, "Signalbox failed at this request; its log says why.")
