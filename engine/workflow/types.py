"""What kind of value stands where: the types that expressions are held against when a definition is stored.

Every value may also be nothing, so null fits everywhere. ``ANY`` is what nobody has declared: it fits everywhere, too, and has every field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from engine.workflow.catalogue import Action, EventSpec, Field
from engine.workflow.definition import Input, Json


class Kind(Enum):
    """The value is what people call it."""

    ANY = "anything"
    NULL = "nothing"
    BOOLEAN = "true or false"
    INTEGER = "a whole number"
    DOUBLE = "a fraction"
    NUMBER = "a number"  # whole or not, as it comes
    TEXT = "text"
    BYTES = "bytes"
    TIME = "a time"
    SPAN = "a duration"
    LIST = "a list"
    GROUP = "a group of fields"


NUMBERS = frozenset({Kind.INTEGER, Kind.DOUBLE, Kind.NUMBER})


@dataclass(frozen=True, slots=True)
class Type:
    """``item`` of a list; ``fields`` of a group, which is ``open`` when others may be there. ``choices``: the only texts it ever is.

    ``elsewhere``: texts it never is → the field beside it that may be. ``moment``: text that holds an ISO 8601 moment. ``owner``: whose value it is, for messages. ``hidden``: fields that exist but cannot be
    read here, with the sentence that says why. ``missing``: how a field that is not there is called, such as "the step “{}”, which is not there".
    """

    kind: Kind
    item: Type | None = None
    fields: Mapping[str, Type] = field(default_factory=dict)
    open: bool = False
    choices: tuple[str, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    moment: bool = False
    owner: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""

    @property
    def known(self) -> bool:
        return self.kind not in (Kind.ANY, Kind.NULL)

    @property
    def number(self) -> bool:
        return self.kind in NUMBERS


ANY = Type(Kind.ANY)
NULL = Type(Kind.NULL)
BOOLEAN = Type(Kind.BOOLEAN)
INTEGER = Type(Kind.INTEGER)
DOUBLE = Type(Kind.DOUBLE)
NUMBER = Type(Kind.NUMBER)
TEXT = Type(Kind.TEXT)
BYTES = Type(Kind.BYTES)
TIME = Type(Kind.TIME)
SPAN = Type(Kind.SPAN)
MOMENT = Type(Kind.TEXT, moment=True)
LIST = Type(Kind.LIST, item=ANY)
OBJECT = Type(Kind.GROUP, open=True)


def group(fields: Mapping[str, Type], *, open: bool = False, owner: str = "", hidden: Mapping[str, str] | None = None) -> Type:
    return Type(Kind.GROUP, fields=dict(fields), open=open, owner=owner, hidden=hidden or {})


def list_of(item: Type) -> Type:
    return Type(Kind.LIST, item=item)


def chosen(choices: Iterable[str]) -> Type:
    return Type(Kind.TEXT, choices=tuple(choices))


def either(types: Iterable[Type]) -> Type:
    """What is surely true of a value that may be any of these."""
    found: Type | None = None
    for type_ in types:
        if type_.kind is Kind.NULL:
            continue
        found = type_ if found is None else _both(found, type_)
    return NULL if found is None else found


def _both(one: Type, other: Type) -> Type:
    if one == other:
        return one
    if one.number and other.number:
        return NUMBER
    if one.kind is not other.kind:
        return ANY
    match one.kind:
        case Kind.TEXT:
            choices = (*one.choices, *other.choices) if one.choices and other.choices else ()
            return Type(Kind.TEXT, choices=tuple(dict.fromkeys(choices)), moment=one.moment and other.moment)
        case Kind.LIST:
            return list_of(either((one.item or ANY, other.item or ANY)))
        case Kind.GROUP:
            return _any_group(one, other)
    return one


def _any_group(one: Type, other: Type) -> Type:
    """A field may be read when either has it; reading what is not there is a condition that is not fulfilled."""
    fields = {name: either(found) for name in {**one.fields, **other.fields} if (found := _of(name, one, other))}
    owner = one.owner if one.owner == other.owner else " or ".join(filter(None, (one.owner, other.owner)))
    return replace(group(fields, open=one.open or other.open, owner=owner), hidden={**one.hidden, **other.hidden})


def _of(name: str, *groups: Type) -> list[Type]:
    return [found.fields[name] for found in groups if name in found.fields]


# --- of the catalogue ------------------------------------------------------------------------------------------------------

_DECLARED: Mapping[str, Type] = {
    "string": TEXT,
    "number": NUMBER,
    "integer": INTEGER,
    "boolean": BOOLEAN,
    "datetime": MOMENT,
    "array": LIST,
    "object": OBJECT,
    "any": ANY,
}


def of_field(entry: Field) -> Type:
    """As an event or an answer declares it."""
    declared = _DECLARED.get(entry.type, ANY)
    if declared is TEXT and entry.enum:
        return chosen(str(value) for value in entry.enum)
    if declared is LIST and entry.each:
        return list_of(of_fields(entry.each))
    return declared


def of_fields(entries: Iterable[Field], owner: str = "", *, open: bool = False) -> Type:
    fields = {entry.name: of_field(entry) for entry in entries}
    values = {choice: name for name, found in reversed(fields.items()) for choice in found.choices}
    told = {name: replace(found, elsewhere=values) if found.choices else found for name, found in fields.items()}
    return group(told, owner=owner, open=open)


def of_event(event: EventSpec | None) -> Type:
    """An event without declared fields may hold anything."""
    if event is None or not event.fields:
        return OBJECT
    return of_fields(event.fields, event.id, open=event.open)


def of_output(action: Action | None) -> Type:
    """An action without declared outputs may answer anything."""
    return of_fields(action.outputs, f"the output of {action.id}") if action is not None and action.outputs else ANY


# --- of plain values ---------------------------------------------------------------------------------------------------------


def of_value(value: Json) -> Type:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, (int, float)):
        return INTEGER if isinstance(value, int) else DOUBLE
    if isinstance(value, str):
        return TEXT
    if isinstance(value, list):
        return list_of(either(map(of_value, value)) if value else ANY)
    return group({name: of_value(part) for name, part in value.items()})


def of_input(entry: Input) -> Type:
    """Of a trigger's input."""
    declared = _DECLARED.get(entry.type, ANY)
    return chosen(str(value) for value in entry.choices) if declared is TEXT and entry.choices else declared


def of_schema(schema: Mapping[str, Json]) -> Type:
    """Of a value that a JSON Schema describes; what it leaves open is ``ANY``."""
    kind = schema.get("type")
    match kind:
        case "object":
            return _of_properties(schema)
        case "array":
            items = schema.get("items")
            return list_of(of_schema(items) if isinstance(items, dict) else ANY)
        case "string":
            choices = schema.get("enum")
            texts = [value for value in choices if isinstance(value, str)] if isinstance(choices, list) else []
            return chosen(texts)
        case "number" | "integer" | "boolean":
            return _DECLARED[kind]
    return ANY


def _of_properties(schema: Mapping[str, Json]) -> Type:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return OBJECT
    fields = {name: of_schema(part) if isinstance(part, dict) else ANY for name, part in properties.items()}
    return group(fields, open=schema.get("additionalProperties") is not False, owner="the answer of the model")
