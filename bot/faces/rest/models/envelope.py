"""What all bodies and answers share."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class In(BaseModel):
    """A body somebody sends. Fields we do not know are left alone, as the seed did."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class Out(BaseModel):
    """An answer that succeeded."""

    success: Literal[True] = True


class Place(BaseModel):
    message: str
    path: list[str | int] = Field(default=[], description="Where in the body.")
    line: int = Field(default=0, description="1-based; 0 = not known.")
    column: int = 0


class Failure(BaseModel):
    """Every failure. With `Accept: application/problem+json` it is an RFC 9457 problem that carries these too."""

    success: Literal[False] = False
    error: str = Field(description="One sentence that says what to do.", examples=["Workflow not found"])
    problems: list[Place] = Field(default=[], description="Every fault of an invalid body.")


Answers = dict[int | str, dict[str, Any]]


def failures(*statuses: int) -> Answers:
    """The failures of an endpoint, for its description. They refer to the schema by name: built anew for every status it costs half of a start."""
    return {status: {"description": _MEANING[status], "content": _FAILURE} for status in (401, 429, 503, *statuses)}


def failure_schemas() -> dict[str, Any]:
    """What ``failures`` refers to, for the components of the description."""
    schema = Failure.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Failure": schema}


_FAILURE = {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}


_MEANING = {
    400: "The body or a parameter is invalid",
    401: "No token, or a wrong one",
    403: "Not allowed",
    404: "Not found",
    409: "The state does not allow it any more",
    413: "The body is too large",
    422: "Understood and refused",
    429: "Too many wrong tokens",
    502: "A service it needed failed",
    503: "Try again later (`Retry-After`)",
    504: "No answer in time",
}
