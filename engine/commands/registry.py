"""Which commands exist: found by walking this folder, indexed by name and by button, with their arguments read once at the door."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from dateutil.parser import isoparse

import engine.commands
from engine.commands.command import Command
from engine.errors import Invalid, Problem, Rejected
from engine.workflow.catalogue import listed
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
    """The command of that name. Raises Rejected when this version has none or something needed was not said, Invalid when an argument
    does not fit."""
    command = commands().get(name)
    if command is None:
        words = name.replace("_", " ")
        raise Rejected(f"I understood “{words}”, but this version cannot do that yet. /signalbox help lists what it can.")
    hints = typing.get_type_hints(command)
    expected = fields(command)  # type: ignore[arg-type]
    given: dict[str, Any] = {}
    problems = []
    for item in expected:
        value = arguments.get(item.name)
        if value is None:
            continue
        try:
            given[item.name] = _read(value, hints[item.name])
        except (ValueError, TypeError, OverflowError, Rejected) as error:
            problems.append(Problem(f"“{str(value)[:60]}” does not fit: {error}", (item.name,)))
    if problems:
        raise Invalid(f"I could not read the request for “{name.replace('_', ' ')}”.", problems)
    missing = [item.name for item in expected if item.default is item.default_factory is MISSING and item.name not in given]
    if missing:
        example = f" For example: {command.EXAMPLE}" if command.EXAMPLE else ""
        raise Rejected(f"Something is missing: say {listed(f'which {part}' for part in missing)}.{example}")
    return command(**given)


def from_press(card: str, verb: str, arg: str, form: Mapping[str, str]) -> Command:
    """The command behind a button. Raises Rejected for a button that this version does not know."""
    prefix = card.partition("_")[0]
    command = buttons().get(f"{prefix}.{verb}")
    if command is None:
        raise Rejected("This button belongs to another version of Signalbox and does nothing any more. Ask again to get a fresh card.")
    return command.pressed(card, arg, form)


def _read(value: Any, kind: Any) -> Any:
    """The value as an argument's type; of several types (``str | Mapping``) the first that takes it. Raises ValueError, TypeError or Rejected."""
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return _read_as(value, typing.get_origin(kind) or kind)
    kinds = [typing.get_origin(part) or part for part in typing.get_args(kind) if part is not type(None)]
    for part in kinds[:-1]:
        with contextlib.suppress(ValueError, TypeError):
            return _read_as(value, part)
    return _read_as(value, kinds[-1])


def _read_as(value: Any, kind: Any) -> Any:
    if kind is datetime:
        return value if isinstance(value, datetime) else _moment(value)
    if kind is timedelta:
        return timedelta(seconds=duration(value))
    if kind is str:
        if isinstance(value, (dict, list)):
            raise TypeError("one value is needed here")
        return str(value)
    if isinstance(kind, type) and issubclass(kind, Mapping) and not isinstance(value, Mapping):
        raise TypeError("name=value pairs are needed here")
    return value


def _moment(value: Any) -> datetime:
    try:
        return isoparse(str(value))
    except (ValueError, OverflowError) as error:
        raise ValueError("write a moment as 2026-11-23T09:00:00+00:00") from error
