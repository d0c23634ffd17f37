"""Which commands exist: found by walking this folder, indexed by name and by button, with their arguments read once at the door."""

from __future__ import annotations

import importlib
import pkgutil
import types
import typing
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from dateutil.parser import isoparse

import engine.commands
from engine.commands.command import Command
from engine.errors import Invalid, Problem, Rejected
from engine.workflow.durations import duration


@cache
def commands() -> Mapping[str, type[Command]]:
    """Every command by name."""
    found: dict[str, type[Command]] = {}
    for module in pkgutil.iter_modules(engine.commands.__path__):
        loaded = importlib.import_module(f"engine.commands.{module.name}")  # noqa: TID251 - the one place where commands are found
        for thing in vars(loaded).values():
            if isinstance(thing, type) and issubclass(thing, Command) and thing.NAME and thing.__module__ == loaded.__name__:
                found[thing.NAME] = thing
    return types.MappingProxyType(dict(sorted(found.items())))


@cache
def buttons() -> Mapping[str, type[Command]]:
    return {command.BUTTON: command for command in commands().values() if command.BUTTON}


def from_arguments(name: str, arguments: Mapping[str, Any]) -> Command:
    """The command of that name. Raises Rejected when this version has none, Invalid when an argument does not fit."""
    command = commands().get(name)
    if command is None:
        words = name.replace("_", " ")
        raise Rejected(f"I understood “{words}”, but this version cannot do that yet. /signalbox help lists what it can.")
    hints = typing.get_type_hints(command)
    known = {field.name: hints[field.name] for field in fields(command)}  # type: ignore[arg-type]
    given: dict[str, Any] = {}
    problems = []
    for key, value in arguments.items():
        if key not in known or value is None:
            continue
        try:
            given[key] = _read(value, known[key])
        except (ValueError, TypeError, Rejected) as error:
            problems.append(Problem(f"“{value}” does not fit: {error}", (key,)))
    if problems:
        raise Invalid(f"I could not read the request for “{name.replace('_', ' ')}”.", problems)
    return command(**given)


def from_press(card: str, verb: str, arg: str, form: Mapping[str, str]) -> Command:
    """The command behind a button. Raises Rejected for a button that this version does not know."""
    prefix = card.partition("_")[0]
    command = buttons().get(f"{prefix}.{verb}")
    if command is None:
        raise Rejected("This button belongs to another version of Signalbox and does nothing any more. Ask again to get a fresh card.")
    return command.pressed(card, arg, form)


def _read(value: Any, kind: Any) -> Any:
    plain = next((part for part in typing.get_args(kind) if part is not type(None)), kind) if _optional(kind) else kind
    origin = typing.get_origin(plain) or plain
    if origin is datetime:
        return value if isinstance(value, datetime) else isoparse(str(value))
    if origin is timedelta:
        return value if isinstance(value, timedelta) else timedelta(seconds=duration(value))
    if origin in (str, int, float):
        if isinstance(value, (dict, list)):
            raise TypeError("one value is needed here")
        return origin(value)
    if origin is bool:
        return value is True or str(value).casefold() in ("true", "yes", "1", "on")
    if isinstance(origin, type) and issubclass(origin, Mapping) and not isinstance(value, Mapping):
        raise TypeError("name=value pairs are needed here")
    return value


def _optional(kind: Any) -> bool:
    return typing.get_origin(kind) in (typing.Union, types.UnionType)
