"""Foreign JSON as values that conditions, templates and the store can hold: whole characters, numbers that exist, bounded depth."""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 100
_HALF = re.compile("[\ud800-\udfff]")
_LARGEST = 2**63


def foreign_json(text: bytes | str) -> Any:
    """The parsed value. Half characters become “\ufffd”, whole numbers beyond 64 bits become texts, numbers that are none become null.

    Raises ValueError for what is no JSON, or is nested more than a hundred deep.
    """
    try:
        return _held(json.loads(text), 0)
    except RecursionError as err:
        raise ValueError("it is nested too deeply") from err
    except UnicodeDecodeError as err:
        raise ValueError("it is not UTF-8 text") from err


def _held(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_HALF.sub("\ufffd", key): _held(part, depth + 1) for key, part in value.items()}
    if isinstance(value, list):
        return [_held(part, depth + 1) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return str(value)
    return value
