"""Definitions as text: the one place where storage turns a definition into JSON and back."""

from __future__ import annotations

from functools import lru_cache

from engine.workflow.definition import Definition
from engine.workflow.parse import parse_definition, to_raw
from storage.columns import from_json, to_json


def to_text(definition: Definition) -> str:
    return to_json(to_raw(definition))


@lru_cache(maxsize=1_000)
def from_text(text: str) -> Definition:
    """Stored versions never change, so each is parsed once."""
    return parse_definition(from_json(text))


def same(text: str, definition: Definition) -> bool:
    return bool(from_json(text) == from_json(to_text(definition)))
