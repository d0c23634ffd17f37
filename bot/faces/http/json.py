"""JSON that comes from outside: read with a sentence for every fault, and only numbers that JSON knows."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from engine.errors import Invalid


def parsed(body: bytes) -> Any:
    """Raises Invalid."""
    try:
        return json.loads(body, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise Invalid(f"The body is not valid JSON: {error.msg} in line {error.lineno}, column {error.colno}.") from error
    except UnicodeDecodeError as error:
        raise Invalid("The body is not valid JSON: it is not UTF-8 text.") from error
    except RecursionError as error:
        raise Invalid("The body is nested too deeply.") from error


def speakable(*values: Any) -> None:
    """Raises Invalid for what Python's JSON reader takes and JSON itself cannot say: NaN, Infinity, half a character, bottomless nesting."""
    try:
        json.dumps(values, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Invalid("The body holds half a character (a lone surrogate).") from error
    except ValueError as error:
        raise Invalid("The body holds a number that is none: NaN and Infinity are not JSON.") from error
    except RecursionError as error:
        raise Invalid("The body is nested too deeply.") from error


def _refuse(word: str) -> NoReturn:
    raise Invalid(f"The body is not valid JSON: {word} is no number JSON knows.")
