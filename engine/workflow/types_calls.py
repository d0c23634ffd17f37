"""What operators and functions of CEL make of the types they are given: the result's type, and the fault as a sentence ("" = none)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.errors import Invalid
from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.expression import Expression
from engine.workflow.types import ANY, BOOLEAN, BYTES, DOUBLE, INTEGER, NUMBER, SPAN, TEXT, TIME, Kind, Type, either, list_of
from engine.workflow.types_tree import Call, Items, Literal, Select, Tree

Told = tuple[Type, str]
_LOOSE = (Kind.ANY, Kind.NULL)
_ORDERED = frozenset({Kind.BOOLEAN, Kind.INTEGER, Kind.DOUBLE, Kind.NUMBER, Kind.TEXT, Kind.TIME, Kind.SPAN, Kind.BYTES})


def conditional(tree: Call, types: Sequence[Type]) -> Told:
    condition, *results = types
    return either(results), _not_yes_or_no(tree.arguments[0], condition)


def negated(tree: Call, types: Sequence[Type]) -> Told:
    of = types[0]
    if tree.function == "!":
        return BOOLEAN, _not_yes_or_no(tree.arguments[0], of)
    fits = of.kind in _LOOSE or of.number
    return of if of.known else ANY, "" if fits else f"“{_cut(tree.text)}” takes the negative of {of.kind.value}."


def joined(tree: Call, types: Sequence[Type]) -> Told:
    left, right = types
    match tree.function:
        case "&&" | "||":
            return BOOLEAN, _not_yes_or_no(tree.arguments[0], left) or _not_yes_or_no(tree.arguments[1], right)
        case "==" | "!=":
            return BOOLEAN, _unlike(tree, left, right) or _never(tree.arguments[0], left, tree.arguments[1], right)
        case "in":
            return BOOLEAN, _not_within(tree, left, right)
        case "<" | "<=" | ">" | ">=":
            return BOOLEAN, _unlike(tree, left, right) or _unordered(tree, types)
    return _sum(tree, left, right)


def _not_yes_or_no(part: Tree, found: Type) -> str:
    if found.kind in _LOOSE or found.kind is Kind.BOOLEAN:
        return ""
    return f"“{_cut(part.text)}” is {found.kind.value}, not true or false. Compare it with something, for example with == or >."


# --- comparing -----------------------------------------------------------------------------------------------------------------


def alike(left: Type, right: Type) -> bool:
    """Whether values of these types can ever be equal."""
    if left.kind in _LOOSE or right.kind in _LOOSE or left.kind is right.kind:
        return True
    return left.number and right.number


def _unlike(tree: Call, left: Type, right: Type) -> str:
    if alike(left, right):
        return ""
    first, second = tree.arguments
    return f"“{_cut(tree.text)}” compares {_told(first, left)} with {_told(second, right)}.{_way(tree, left, right)}"


def _told(part: Tree, found: Type) -> str:
    if isinstance(part, Literal) and found.kind is Kind.TEXT:
        return f"the text {_cut(part.text, 40)}"
    return f"{_cut(part.text, 40)} ({found.kind.value})"


def _way(tree: Call, left: Type, right: Type) -> str:
    """How to write it instead."""
    first, second = tree.arguments
    if (left.kind is Kind.LIST or right.kind is Kind.LIST) and tree.function in ("==", "!="):
        inner, outer = (second, first) if left.kind is Kind.LIST else (first, second)
        return f" Ask whether it is among them: {inner.text} in {_cut(outer.text, 40)}."
    for part, other in ((first, right), (second, left)):
        if isinstance(part, Literal) and isinstance(part.value, str) and _reads_as(part.value, other):
            return f" Write {part.value} without quotes."
        if isinstance(part, Literal) and other.kind is Kind.TEXT and not isinstance(part.value, (str, bytes)):
            return f" Write it in quotes: '{part.text}'."
    if {left.kind, right.kind} == {Kind.TEXT, Kind.TIME}:
        text = first if left.kind is Kind.TEXT else second
        return f" Make it a time: timestamp({_cut(text.text, 40)})."
    return " Turn one into the other with string(…), int(…) or double(…)." if Kind.TEXT in (left.kind, right.kind) else ""


def _reads_as(text: str, other: Type) -> bool:
    if other.kind is Kind.BOOLEAN:
        return text in ("true", "false")
    return other.number and text.strip().lstrip("-").replace(".", "", 1).isdigit()


def _never(first: Tree, left: Type, second: Tree, right: Type) -> str:
    """A text that can only ever be one of a few, compared with another."""
    return _odd(first, left, second) or _odd(second, right, first)


def _odd(part: Tree, found: Type, said: Tree) -> str:
    if not found.choices or not isinstance(said, Literal) or not isinstance(said.value, str) or said.value in found.choices:
        return ""
    return never(part, found, said.value)


def never(part: Tree, found: Type, said: str) -> str:
    hint = did_you_mean(said, found.choices)
    if said in found.elsewhere and isinstance(part, Select):
        hint = f" Did you mean {_cut(part.of.text, 40)}.{found.elsewhere[said]} == '{said}'?"
    return f"{_cut(part.text)} is never “{_cut(said, 60)}”; it is {listed(found.choices, 'or')}.{hint}"


def _unordered(tree: Call, types: Sequence[Type]) -> str:
    for part, found in zip(tree.arguments, types, strict=True):
        if found.kind not in _LOOSE and found.kind not in _ORDERED:
            size = f" Compare its length: size({_cut(part.text, 40)})." if found.kind is Kind.LIST else ""
            return f"“{_cut(tree.text)}” asks which is more, and {_cut(part.text, 40)} is {found.kind.value}.{size}"
    return ""


def _not_within(tree: Call, left: Type, right: Type) -> str:
    item, among = tree.arguments
    if right.kind in _LOOSE:
        return ""
    if right.kind is Kind.TEXT:
        return f"“{_cut(tree.text)}” looks into text. Write {_cut(among.text, 40)}.contains({_cut(item.text, 40)})."
    if right.kind is Kind.GROUP:
        return "" if left.kind in (*_LOOSE, Kind.TEXT) else f"“{_cut(tree.text)}” looks for {left.kind.value} among names, which are text."
    if right.kind is not Kind.LIST:
        return f"“{_cut(tree.text)}” looks into {_cut(among.text, 40)}, which is {right.kind.value} and no list."
    for entry in among.items if isinstance(among, Items) else ():
        if fault := _odd(item, left, entry):
            return fault
    entries = right.item or ANY
    if alike(left, entries):
        return _odd(among, entries, item)
    return f"“{_cut(tree.text)}” looks for {_told(item, left)} among {_cut(among.text, 40)}, whose entries are {entries.kind.value}."


# --- reckoning -----------------------------------------------------------------------------------------------------------------

_TIMES: Mapping[tuple[str, Kind, Kind], Type] = {
    ("+", Kind.TIME, Kind.SPAN): TIME,
    ("+", Kind.SPAN, Kind.SPAN): SPAN,
    ("-", Kind.TIME, Kind.TIME): SPAN,
    ("-", Kind.TIME, Kind.SPAN): TIME,
    ("-", Kind.SPAN, Kind.SPAN): SPAN,
}


def _sum(tree: Call, left: Type, right: Type) -> Told:
    sign, kinds = tree.function, {left.kind, right.kind}
    if left.kind in _LOOSE or right.kind in _LOOSE:
        return ANY, ""
    if left.number and right.number:
        if sign == "%" and Kind.DOUBLE in kinds:
            return NUMBER, f"“{_cut(tree.text)}” asks for the rest of a fraction. It can be asked of whole numbers: int(…)."
        fault = kinds == {Kind.INTEGER, Kind.DOUBLE}
        mixed = f"“{_cut(tree.text)}” reckons with a whole number and a fraction. Make both one: double(…)." if fault else ""
        return (left if left.kind is right.kind else NUMBER), mixed
    if sign == "+" and left.kind is right.kind and left.kind in (Kind.TEXT, Kind.LIST, Kind.BYTES):
        return (list_of(either((left.item or ANY, right.item or ANY))) if left.kind is Kind.LIST else Type(left.kind)), ""
    if (made := _TIMES.get((sign, left.kind, right.kind))) is not None:
        return made, ""
    return ANY, _no_sum(tree, left, right)


def _no_sum(tree: Call, left: Type, right: Type) -> str:
    first, second = tree.arguments
    hint = ""
    for part, found, other in ((first, left, right), (second, right, left)):
        if tree.function == "+" and other.kind is Kind.TEXT:
            hint = _as_text(part, found) or hint
    return f"“{_cut(tree.text)}” puts {_told(first, left)} and {_told(second, right)} together with {tree.function}, which cannot be done.{hint}"


def _as_text(part: Tree, found: Type) -> str:
    if found.kind is Kind.BOOLEAN:
        return f" Make it text: ({_cut(part.text, 40)} ? 'yes' : 'no')."
    return f" Make it text: string({_cut(part.text, 40)})." if found.kind in _FROM["string"] and found.kind is not Kind.TEXT else ""


# --- functions -----------------------------------------------------------------------------------------------------------------

_SIZED = frozenset({Kind.TEXT, Kind.LIST, Kind.GROUP, Kind.BYTES})
_TO: Mapping[str, Type] = {
    "bytes": BYTES, "double": DOUBLE, "int": INTEGER, "string": TEXT, "uint": NUMBER,
    "timestamp": TIME, "duration": SPAN, "dyn": ANY, "type": ANY,
}  # fmt: skip
_NUMBERS = (Kind.INTEGER, Kind.DOUBLE, Kind.NUMBER)
# What the interpreter turns into what; it takes fewer kinds than the language's description.
_FROM: Mapping[str, frozenset[Kind]] = {
    "timestamp": frozenset({Kind.TEXT, Kind.TIME}),
    "duration": frozenset({Kind.TEXT, Kind.SPAN}),
    "int": frozenset({Kind.TEXT, *_NUMBERS}),
    "uint": frozenset({Kind.TEXT, *_NUMBERS}),
    "double": frozenset({Kind.TEXT, *_NUMBERS}),
    "string": frozenset({Kind.TEXT, *_NUMBERS, Kind.TIME, Kind.SPAN, Kind.BYTES}),
    "bytes": frozenset({Kind.TEXT, Kind.BYTES}),
}
_OF_TEXT = frozenset({"contains", "startsWith", "endsWith", "matches"})


def called(tree: Call, of: Type | None, arguments: Sequence[Type]) -> Told:
    """Of a function or a method; functions may be called either way."""
    name = tree.function
    parts = (tree.of, *tree.arguments) if tree.of is not None else tree.arguments
    types = (of, *arguments) if of is not None else tuple(arguments)
    if name in _OF_TEXT:
        return BOOLEAN, _of_text(tree, parts, types)
    if not types or types[0] is None:
        return ANY, ""
    if name == "size":
        fits = types[0].kind in (*_LOOSE, *_SIZED)
        return INTEGER, "" if fits else f"“{_cut(tree.text)}” asks for the length of {types[0].kind.value}."
    if name.startswith("get"):
        return INTEGER, _of_time(tree, parts, types[0])
    if name in _TO:
        return _TO[name], _made_of(tree, types[0])
    return ANY, ""


def _of_text(tree: Call, parts: Sequence[Tree], types: Sequence[Type]) -> str:
    if len(parts) != 2:
        return f"“{_cut(tree.text)}” must be asked of a text with one text in brackets: a.{tree.function}('b')."
    if types[0].kind is Kind.LIST and tree.function == "contains":
        return f"“{_cut(tree.text)}” looks into a list. Write {_cut(parts[1].text, 40)} in {_cut(parts[0].text, 40)}."
    for part, found in zip(parts, types, strict=True):
        if found.kind not in _LOOSE and found.kind is not Kind.TEXT:
            return f"“{_cut(tree.text)}” works on text, and {_cut(part.text, 40)} is {found.kind.value}."
    return ""


def _of_time(tree: Call, parts: Sequence[Tree], found: Type) -> str:
    part = parts[0]
    if len(parts) > 1:
        return f"“{_cut(tree.text)}” takes nothing in brackets; times are in UTC."
    if found.kind in (*_LOOSE, Kind.TIME, Kind.SPAN):
        return ""
    hint = f" Make it a time: timestamp({_cut(part.text, 40)}).{tree.function}()." if found.kind is Kind.TEXT else ""
    return f"“{_cut(tree.text)}” works on times, and {_cut(part.text, 40)} is {found.kind.value}.{hint}"


def _made_of(tree: Call, found: Type) -> str:
    takes = _FROM.get(tree.function)
    if takes is None or found.kind in _LOOSE or found.kind in takes:
        return ""
    hint = f" Write ({_cut(tree.arguments[0].text, 40)} ? 'yes' : 'no')." if found.kind is Kind.BOOLEAN and tree.arguments else ""
    return f"“{_cut(tree.text)}” cannot turn {found.kind.value} into {_TO[tree.function].kind.value}.{hint}"


_CONSTANT: Mapping[str, Callable[[str], str]] = {
    "matches": lambda text: f"''.matches({text})",
    "timestamp": lambda text: f"timestamp({text})",
    "duration": lambda text: f"duration({text})",
}


def literal_fault(tree: Call) -> str:
    """A pattern, moment or duration that is written out can be tried at once."""
    said = tree.arguments[-1] if tree.arguments else None
    if tree.function not in _CONSTANT or not isinstance(said, Literal) or not isinstance(said.value, str):
        return ""
    try:
        Expression.compile(_CONSTANT[tree.function](said.text)).evaluate({})
    except Invalid:
        what = {"matches": "regular expression", "timestamp": "moment", "duration": "duration of CEL"}[tree.function]
        way = {"matches": "", "timestamp": " Write it like 2026-11-23T09:00:00Z.", "duration": " Write it like 90s, 10m or 1h30m."}
        return f"{_cut(said.text)} is no {what}.{way[tree.function]}"
    return ""


def _cut(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
