"""The door for an operation's arguments: everything a call carries is checked and shaped here, once."""

from __future__ import annotations

import math
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NoReturn

from connectors._kit.description import Input, Operation
from connectors._kit.nearest import did_you_mean
from engine.errors import Invalid, Problem
from engine.files import ID as FILE_ID
from engine.files import LARGEST
from engine.workflow.definition import Json

ARTICLES = {
    "integer": "a whole number",
    "array": "a list",
    "object": "a set of named values",
    "datetime": "a date or time such as 2026-11-23T09:00:00Z",
}
FILE_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,255}")


class _Unfit(Exception):
    """The value cannot be read as its type; the text says why."""


def check_arguments(action: str, operation: Operation, arguments: Mapping[str, Json], settings: Mapping[str, str]) -> dict[str, Json]:
    """The arguments in their declared types, with defaults. ``settings`` are the account's, for inputs that fall back to one.

    Raises Invalid with every problem at once. A null counts as not said.
    """
    said = {name: value for name, value in arguments.items() if value is not None}
    problems = [_unknown(name, operation) for name in said if name not in operation.inputs]
    shaped: dict[str, Json] = {}
    for name, wanted in operation.inputs.items():
        value = said.get(name, _fallback(wanted, settings))
        try:
            if value is not None:
                shaped[name] = _shape(value, wanted)
            elif wanted.required:
                problems.append(Problem(f"“{name}” is missing: {wanted.help or wanted.type}.", (name,)))
        except _Unfit as unfit:
            problems.append(Problem(str(unfit), (name,)))
    problems += [_none_of(group) for group in operation.any_of if not any(name in shaped for name in group)]
    if problems:
        raise Invalid(f"{action} cannot be asked like this:", problems)
    return shaped


def _unknown(name: str, operation: Operation) -> Problem:
    return Problem(f"there is no “{name}” here.{did_you_mean(name, operation.inputs)}", (name,))


def _none_of(group: tuple[str, ...]) -> Problem:
    return Problem(f"one of {', '.join(f'“{name}”' for name in group)} is needed.", group[:1])


def _fallback(wanted: Input, settings: Mapping[str, str]) -> Json:
    return settings.get(wanted.setting) or wanted.default


def _shape(value: Json, wanted: Input) -> Json:
    shaped = _SHAPES[wanted.type](value)
    if wanted.longest and isinstance(shaped, str | list) and len(shaped) > wanted.longest:
        raise _Unfit(f"is too long: {len(shaped)}, at most {wanted.longest}.")
    if wanted.enum and shaped not in wanted.enum:
        raise _Unfit(f"“{shaped}” is not one of {', '.join(wanted.enum)}.")
    if wanted.pattern and not re.fullmatch(wanted.pattern, str(shaped)):
        raise _Unfit(f"“{str(shaped)[:80]}” does not look right: {wanted.help}.")
    return shaped


def _text(value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Unfit("must be text.")
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError as err:
        raise _Unfit("holds half a character (a lone surrogate) that cannot be sent.") from err
    return text


def _number(value: Json) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return _refuse("must be a number.")
    try:
        number = value if isinstance(value, int | float) else float(value)
    except ValueError as err:
        raise _Unfit(f"“{str(value)[:40]}” is not a number.") from err
    return number if math.isfinite(number) else _refuse("must be a finite number.")


def _integer(value: Json) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"#?-?\d{1,18}", value.strip()):
        return int(value.strip().removeprefix("#"))
    return _refuse(f"must be {ARTICLES['integer']}.")


def _boolean(value: Json) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word in ("true", "yes", "on", "1"):
        return True
    return False if word in ("false", "no", "off", "0") else _refuse("must be true or false.")


def _moment(value: Json) -> str:
    text = _text(value)
    try:
        datetime.fromisoformat(text)
    except ValueError as err:
        raise _Unfit(f"must be {ARTICLES['datetime']}.") from err
    return text


def _array(value: Json) -> list[Json]:
    if isinstance(value, str):
        return [part for part in (_text(piece).strip() for piece in value.split(",")) if part]
    if isinstance(value, list):
        return [_text(item) for item in value]
    return _refuse(f"must be {ARTICLES['array']}.")


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else _refuse(f"must be {ARTICLES['object']}.")


def _file(value: Json) -> Json:
    """The id of a kept file, or ``{name, text}`` or ``{name, base64}`` with perhaps a ``media_type``; what describes a kept file will do, too."""
    if isinstance(value, dict) and FILE_ID.fullmatch(str(value.get("id", ""))):
        value = value["id"]
    if isinstance(value, str):
        return (
            value if FILE_ID.fullmatch(value) else _refuse(f"“{value[:60]}” is no kept file (file_…): attach one, or give {{name, text}}.")
        )
    if (
        not isinstance(value, dict)
        or sum(key in value for key in ("text", "base64")) != 1
        or set(value) - {"name", "text", "base64", "media_type"}
    ):
        return _refuse("must be a kept file (file_…), {name, text} or {name, base64}.")
    name = _text(value.get("name") or "")
    if not FILE_NAME.fullmatch(name) or name in (".", ".."):
        raise _Unfit(f"“{name[:60]}” is not the name of a file: without a folder, at most 255 characters.")
    shaped: dict[str, Json] = {"name": name}
    if value.get("media_type"):
        shaped["media_type"] = _media_type(value["media_type"])
    return {**shaped, **({"text": _file_text(value["text"])} if "text" in value else {"base64": _base64(value["base64"])})}


def _file_text(value: Json) -> str:
    text = _text(value)
    return text if len(text.encode()) <= LARGEST else _refuse(f"is too large: at most {LARGEST // 1024 // 1024} MB.")


def _base64(value: Json) -> str:
    text = "".join(_text(value).split())
    try:
        size = len(b64decode(text, validate=True))
    except ValueError as err:
        raise _Unfit("does not hold base64.") from err
    return text if size <= LARGEST else _refuse(f"is too large: at most {LARGEST // 1024 // 1024} MB.")


def _media_type(value: Json) -> str:
    text = _text(value)
    return text if re.fullmatch(r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.\"-]+)*", text) else _refuse(f"“{text[:40]}” is not a media type.")


def _refuse(why: str) -> NoReturn:
    raise _Unfit(why)


_SHAPES: Mapping[str, Callable[[Json], Json]] = {
    "string": _text,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "datetime": _moment,
    "array": _array,
    "object": _object,
    "file": _file,
    "any": lambda value: value,
}
