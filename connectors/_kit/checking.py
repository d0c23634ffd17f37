"""What must agree inside a connector: its description, its examples and its hooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set

from connectors._kit.authorizing import named
from connectors._kit.checking_happenings import check_happenings
from connectors._kit.checking_limits import check_limits
from connectors._kit.connector import Connector
from connectors._kit.description import Description, Operation, ReadBack, Request, Trigger
from connectors._kit.filling import FILTERS, PLACEHOLDER, names_in
from connectors._kit.inputs import check_arguments
from connectors._kit.picking import RULES
from engine.errors import Invalid, Problem
from engine.workflow.definition import Json

GIVEN = frozenset({"key", "key_mark", "key_uuid"})  # placeholders every request may use
SINCE = frozenset({"since"})  # and a read-back


def contradictions(folder: str, connector: Connector) -> list[Problem]:
    """Every mistake of the description and the hooks with its place; none for a good one."""
    return [*_check_description(folder, connector), *check_limits(connector), *check_happenings(connector)]


def unfit_examples(connector: Connector) -> list[Problem]:
    """Every mistake of the examples with its place."""
    return [*_check_examples(connector)]


def _check_description(folder: str, connector: Connector) -> Iterator[Problem]:
    said = connector.description
    if said.id != folder:
        yield Problem(f"is “{said.id}” but its folder is “{folder}”.", ("id",))
    yield from _check_settings(said)
    for name, operation in said.operations.items():
        yield from (Problem(text, ("operations", name)) for text in _check_operation(name, operation, connector))
    for name, trigger in said.triggers.items():
        if trigger.match and said.webhooks is None:
            yield Problem("is matched against deliveries, but there is no “webhooks”.", ("triggers", name))
        yield from (Problem(text, ("triggers", name)) for text in _check_trigger(trigger, said))
    for name, lookup in said.lookups.items():
        yield from (Problem(text, ("lookups", name)) for text in _check_filters(lookup.request))
        if lookup.people and lookup.people not in said.lookups:
            yield Problem(f"people are looked up as “{lookup.people}”, which is not described.", ("lookups", name))
    custom = connector.custom
    for name in {*custom.prepare, *custom.prepare_look, *custom.perform, *custom.look} - set(said.operations):
        yield Problem(f"hooks.py speaks of “{name}”, which is no operation.", ("operations",))


def _check_settings(said: Description) -> Iterator[Problem]:
    webhook_url = (said.webhooks.url_setting,) if said.webhooks else ()
    wanted = {said.url_setting, *webhook_url, *(name for way in said.auth for name in named(way))} - {""}
    wanted |= {field.setting for operation in said.operations.values() for field in operation.inputs.values() if field.setting}
    for name in sorted(wanted - set(said.settings)):
        yield Problem(f"“{name}” is used but not described.", ("settings",))
    for key, setting in said.settings.items():
        if not re.fullmatch(r"[A-Z][A-Z0-9_]+", setting.name):
            yield Problem(f"“{setting.name}” is not the name of an environment variable.", ("settings", key))


def _check_trigger(trigger: Trigger, said: Description) -> Iterator[str]:
    yield from _check_rules([match.where for match in trigger.match])
    yield from _check_rules([poll.where for poll in trigger.polled])
    yield from (f"is read from the poll “{one.poll}”, which is not described." for one in trigger.polled if one.poll not in said.polls)


def _looked_up(operation: Operation, said: Description) -> frozenset[str]:
    """The placeholders that look-ups give."""
    inputs = {name: said.lookups[wanted.lookup] for name, wanted in operation.inputs.items() if wanted.lookup in said.lookups}
    return frozenset(f"{name}_{part}" for name, lookup in inputs.items() for part in ("id", "name", *lookup.gives))


def _of_files(operation: Operation) -> frozenset[str]:
    files = [name for name, wanted in operation.inputs.items() if wanted.type == "file"]
    return frozenset(f"{name}_{part}" for name in files for part in ("name", "type", "size"))


def _of_account(said: Description) -> frozenset[str]:
    return frozenset(f"setting_{name}" for name, setting in said.settings.items() if not setting.secret)


def _check_operation(name: str, operation: Operation, connector: Connector) -> Iterator[str]:
    custom = connector.custom
    if (operation.request is None) != (name in custom.perform):
        yield "needs either a request or a function in hooks.py that performs it, not both."
    if operation.prepared and name not in custom.prepare:
        yield f"leaves {', '.join(operation.prepared)} to hooks.py, which does not prepare it."
    known = {*operation.inputs, *operation.prepared, *GIVEN, *_looked_up(operation, connector.description), *_of_files(operation)}
    known |= _of_account(connector.description)
    yield from (
        f"“{field}” is looked up as “{wanted.lookup}”, which is not described."
        for field, wanted in operation.inputs.items()
        if wanted.lookup and wanted.lookup not in connector.description.lookups
    )
    if operation.request:
        yield from _check_request(operation.request, known)
    if operation.read_back:
        yield from _check_read_back(name, operation.read_back, connector, known)
    if name in custom.look and (operation.read_back or not operation.writes):
        yield "is looked at by hooks.py, which needs no read_back and a write."
    if operation.no_look and (operation.read_back or name in custom.look):
        yield "has a no_look although it can be looked at."
    yield from (
        f"asks for one of {group}, of which some are no inputs." for group in operation.any_of if set(group) - set(operation.inputs)
    )
    yield from (
        f"output “{field}” echoes “{pick.ask}”, which is no input."
        for field, pick in operation.outputs.items()
        if pick.ask and pick.ask not in known
    )


def _check_request(request: Request, known: Set[str]) -> Iterator[str]:
    used = names_in([request.path, request.query, request.body, request.headers])
    yield from (f"uses {{{gone}}}, which is no input." for gone in sorted(used - known))
    yield from _check_filters(request)


def _check_filters(request: Request) -> Iterator[str]:
    for text in (request.path, *map(str, request.query.values()), *request.headers.values(), str(request.body)):
        yield from (f"uses the unknown filter |{m[2]}." for m in PLACEHOLDER.finditer(text) if m[2] and m[2] not in FILTERS)


def _check_read_back(name: str, back: ReadBack, connector: Connector, known: Set[str]) -> Iterator[str]:
    """What hooks.py prepares for a look is only known when it runs, so its names are not held against the description."""
    if name not in connector.custom.prepare_look:
        yield from _check_request(back.request, known | SINCE)
    if not back.marked and not back.made_at:
        yield "reads back something without a mark of its own, so it must say where it was made_at."
    if back.most and not back.made_at:
        yield "reads back at most so many, so it must say where it was made_at."


def _check_rules(rules: Iterable[Mapping[str, Json]]) -> Iterator[str]:
    for rule in (rule for where in rules for rule in where.values() if isinstance(rule, dict)):
        yield from (f"uses the unknown rule “{word}”; there is {', '.join(sorted(RULES))}." for word in rule if word not in RULES)


def _check_examples(connector: Connector) -> Iterator[Problem]:
    said, shown = connector.description, connector.examples
    for name in sorted(set(said.operations) ^ set(shown.operations)):
        yield Problem("has no example, or an example without an operation.", ("examples", "operations", name))
    inbound = {name for name, trigger in said.triggers.items() if trigger.match or trigger.polled}
    for name in sorted((inbound - set(shown.triggers)) | (set(shown.triggers) - set(said.triggers))):
        yield Problem("has no example, or an example without a trigger.", ("examples", "triggers", name))
    for name in set(said.operations) & set(shown.operations):
        yield from (Problem(text, ("examples", "operations", name)) for text in _check_example(name, connector))
    for name in set(said.triggers) & set(shown.triggers):
        if set(shown.triggers[name].event) - set(said.triggers[name].fields) and not said.triggers[name].spread:
            yield Problem("gives fields the trigger does not have.", ("examples", "triggers", name))


def _check_example(name: str, connector: Connector) -> Iterator[str]:
    operation, example = connector.description.operations[name], connector.examples.operations[name]
    try:
        check_arguments(f"{connector.id}.{name}", operation, example.ask, {})
    except Invalid as err:
        yield f"asks for what cannot be asked: {'; '.join(str(problem) for problem in err.problems)}"
    given = [example.output, example.sandbox] if example.sandbox else [example.output]
    for output in given:
        differing = sorted(set(output) ^ set(operation.outputs))
        if differing:
            yield f"gives other fields than the operation's outputs: {', '.join(differing)}."
