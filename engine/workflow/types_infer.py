"""The type of an expression, and everything in it that can never work: fields nobody has, and values that do not fit each other.

A fault is a sentence. What is not declared anywhere is never at fault: types are told only as far as they are surely known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.types import ANY, BOOLEAN, BYTES, DOUBLE, INTEGER, NULL, NUMBER, TEXT, Kind, Type, either, group, list_of
from engine.workflow.types_calls import called, conditional, joined, literal_fault, negated
from engine.workflow.types_tree import Call, Entries, Index, Items, Literal, Loop, Name, Select, Tree, Unread, tree_of

_LITERALS: Mapping[type, Type] = {bool: BOOLEAN, int: INTEGER, float: DOUBLE, str: TEXT, bytes: BYTES, type(None): NULL}


@dataclass(slots=True)
class Inference:
    """``names``: what each root of the scope holds; ``absent``: roots that this place does not know, with the sentence that says so."""

    names: Mapping[str, Type]
    absent: Mapping[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def of(self, text: str) -> Type:
        """The type of an expression that compiles; ``faults`` grows. ``ANY`` for what cannot be read."""
        try:
            return self._of(tree_of(text), self.names)
        except Unread:
            return ANY

    def condition(self, text: str) -> None:
        """As ``of``, for what must be true or false."""
        found = self.of(text)
        if found.known and found.kind is not Kind.BOOLEAN and not self.faults:
            self._fault(f"“{cut(text)}” gives {found.kind.value}, not true or false. Compare it with something, for example with == or >.")

    def _fault(self, sentence: str) -> None:
        if sentence and sentence not in self.faults:
            self.faults.append(sentence)

    def _of(self, tree: Tree, names: Mapping[str, Type]) -> Type:
        match tree:
            case Literal(value=value, text=text):
                return NUMBER if text[-1] in "uU" and isinstance(value, int) and not isinstance(value, bool) else _LITERALS[type(value)]
            case Name(name=name):
                return self._name(name, names)
            case Select(of=of, name=name):
                return self._field(self._of(of, names), name, tree.text, of.text)
            case Index():
                return self._index(tree, names)
            case Items(items=items):
                return list_of(either(self._of(item, names) for item in items) if items else ANY)
            case Entries():
                return self._entries(tree, names)
            case Loop():
                return self._loop(tree, names)
            case Call():
                return self._call(tree, names)

    def _name(self, name: str, names: Mapping[str, Type]) -> Type:
        if name not in names and name in self.absent:
            self._fault(self.absent[name])
        return names.get(name, ANY)

    # --- fields ------------------------------------------------------------------------------------------------------------

    def _field(self, of: Type, name: str, text: str, holder: str) -> Type:
        if of.kind is Kind.GROUP:
            return self._of_group(of, name, text, holder)
        if of.known:
            hint = " Take one entry with [0], or ask all of them with exists(…)." if of.kind is Kind.LIST else ""
            self._fault(f"“{cut(text)}” reads “{cut(name)}” of {cut(holder)}, which is {of.kind.value} and has no fields.{hint}")
        return ANY

    def _of_group(self, of: Type, name: str, text: str, holder: str) -> Type:
        if name in of.fields:
            return of.fields[name]
        if name in of.hidden:
            self._fault(of.hidden[name])
        elif not of.open:
            hint = did_you_mean(name, list(of.fields)) or _has(of)
            what = of.missing.format(cut(name)) if of.missing else f"“{cut(name)}”, which {of.owner or cut(holder)} does not have"
            self._fault(f"“{cut(text)}” reads {what}.{hint}")
        return ANY

    def _index(self, tree: Index, names: Mapping[str, Type]) -> Type:
        of, key = self._of(tree.of, names), self._of(tree.key, names)
        if of.kind is Kind.GROUP and isinstance(tree.key, Literal) and isinstance(tree.key.value, str):
            return self._of_group(of, tree.key.value, tree.text, tree.of.text)
        if of.kind is Kind.LIST:
            if key.known and key.kind not in (Kind.INTEGER, Kind.NUMBER):
                self._fault(f"“{cut(tree.text)}” takes an entry of a list by {key.kind.value}. Entries are counted from 0.")
            return of.item or ANY
        if of.known and of.kind is not Kind.GROUP:
            self._fault(f"“{cut(tree.text)}” takes an entry of {cut(tree.of.text)}, which is {of.kind.value}.")
        return ANY

    def _entries(self, tree: Entries, names: Mapping[str, Type]) -> Type:
        fields: dict[str, Type] = {}
        plain = True
        for key, value in tree.entries:
            found = self._of(value, names)
            self._of(key, names)
            plain = plain and isinstance(key, Literal) and isinstance(key.value, str)
            if isinstance(key, Literal) and isinstance(key.value, str):
                fields[key.value] = found
        return group(fields, open=not plain)

    # --- loops and calls ---------------------------------------------------------------------------------------------------

    def _loop(self, tree: Loop, names: Mapping[str, Type]) -> Type:
        of = self._of(tree.of, names)
        if of.known and of.kind not in (Kind.LIST, Kind.GROUP):
            self._fault(f"“{cut(tree.text)}” goes through {cut(tree.of.text)}, which is {of.kind.value} and no list.")
        entry = of.item or ANY if of.kind is Kind.LIST else TEXT if of.kind is Kind.GROUP else ANY
        inner = {**names, tree.name: entry}
        results = [self._of(argument, inner) for argument in tree.arguments]
        tests = results[:-1] if tree.macro == "map" else results
        for result, argument in zip(tests, tree.arguments, strict=False):
            if result.known and result.kind is not Kind.BOOLEAN:
                self._fault(f"“{cut(argument.text)}” within {tree.macro}(…) gives {result.kind.value}, not true or false.")
        if tree.macro == "map":
            return list_of(results[-1])
        return list_of(entry) if tree.macro == "filter" else BOOLEAN

    def _call(self, tree: Call, names: Mapping[str, Type]) -> Type:
        if tree.function == "has":
            return self._has(tree, names)
        of = None if tree.of is None else self._of(tree.of, names)
        arguments = [self._of(argument, names) for argument in tree.arguments]
        if tree.of is None and tree.function in _SIGNS:
            result, fault = _SIGNS[tree.function](tree, arguments)
        else:
            result, fault = called(tree, of, arguments)
        self._fault(fault or literal_fault(tree))
        return result

    def _has(self, tree: Call, names: Mapping[str, Type]) -> Type:
        for argument in tree.arguments:
            self._of(argument, names)
        return BOOLEAN


_SIGNS = {"?:": conditional, "!": negated, "-1": negated} | dict.fromkeys(
    ("||", "&&", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"), joined
)


def cut(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _has(of: Type) -> str:
    names = [name for name in of.fields if not name.startswith("_")]
    return f" It has {listed([*names[:12], 'more'] if len(names) > 12 else names)}." if names else ""
