"""The syntax tree of a CEL expression, as far as types are told by it.

The interpreter compiles and runs expressions but keeps its tree to itself, so this reads the text once more. It is no judge: what the
interpreter takes and this does not read (``Unread``) is simply not checked.

    expr ─▶ a ? b : c ─▶ || ─▶ && ─▶ == != < <= > >= in ─▶ + - ─▶ * / % ─▶ ! - ─▶ a.b  a.b(…)  a[b] ─▶ literals, names, (…), […], {…}
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.workflow.definition import Json

MAX_DEPTH = 80  # of the tree; deeper ones are not checked

LOOPS = frozenset({"all", "exists", "exists_one", "filter", "map"})


class Unread(Exception):
    """The text is no expression that this reads."""


@dataclass(frozen=True, slots=True)
class Literal:
    value: Json | bytes
    text: str


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Select:
    """``of.name``."""

    of: Tree
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Index:
    """``of[key]``."""

    of: Tree
    key: Tree
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function, a method (``of`` is said), or an operator under its own sign; ``?:`` is the conditional, ``-1`` the sign of a number."""

    function: str
    arguments: tuple[Tree, ...]
    text: str
    of: Tree | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """``of.macro(name, …)``: the arguments see the entry under ``name``."""

    macro: str
    of: Tree
    name: str
    arguments: tuple[Tree, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """``[a, b]``."""

    items: tuple[Tree, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Entries:
    """``{a: b}``."""

    entries: tuple[tuple[Tree, Tree], ...]
    text: str


Tree: TypeAlias = "Literal | Name | Select | Index | Call | Loop | Items | Entries"

_TOKEN = re.compile(
    r"""(?P<space>(?:\s|//[^\n]*)+)
    |(?P<string>[bBrR]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
    |(?P<float>\d+\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.\d+(?:[eE][-+]?\d+)?)
    |(?P<int>0[xX][0-9a-fA-F]+[uU]?|\d+[uU]?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>\|\||&&|==|!=|<=|>=|[-+*/%!<>?:.,()\[\]{}])""",
    re.S | re.X,
)
_ESCAPE = re.compile(r"\\[^abfnrtvxuU0-7'\"\\\n]")
_WORDS: Mapping[str, Json] = {"true": True, "false": False, "null": None}
_LEVELS: tuple[tuple[str, ...], ...] = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def tree_of(text: str) -> Tree:
    """Raises Unread."""
    reader = _Reader(text, _tokens(text))
    tree = reader.expression(0)
    if reader.now.kind != "end":
        raise Unread(reader.now.text)
    return tree


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unread(text[at])
        if match.lastgroup != "space":
            found.append(_Token(str(match.lastgroup), match[0], at, match.end()))
        at = match.end()
    return [*found, _Token("end", "", len(text), len(text))]


@dataclass(slots=True)
class _Reader:
    text: str
    tokens: list[_Token]
    at: int = 0
    depth: int = field(default=0)

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *signs: str) -> str:
        """The sign that stands here, if it is one of these, and goes on behind it."""
        token = self.now
        if token.kind in ("sign", "name") and token.text in signs:
            self.at += 1
            return token.text
        return ""

    def must(self, sign: str) -> None:
        if not self.take(sign):
            raise Unread(self.now.text)

    def since(self, start: int) -> str:
        return self.text[start : self.tokens[self.at - 1].end]

    def expression(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise Unread("too deep")
        start = self.now.start
        condition = self.binary(0, depth + 1)
        if not self.take("?"):
            return condition
        first = self.binary(0, depth + 1)
        self.must(":")
        return Call("?:", (condition, first, self.expression(depth + 1)), self.since(start))

    def binary(self, level: int, depth: int) -> Tree:
        if level == len(_LEVELS):
            return self.unary(depth)
        start = self.now.start
        left, length = self.binary(level + 1, depth), 0
        while sign := self.take(*_LEVELS[level]):
            length += 1
            if length > MAX_DEPTH:
                raise Unread("too long")
            right = self.binary(level + 1, depth)
            left = Call(sign, (left, right), self.since(start))
        return left

    def unary(self, depth: int) -> Tree:
        start = self.now.start
        if depth > MAX_DEPTH:
            raise Unread("too deep")
        if sign := self.take("!", "-"):
            return Call({"!": "!", "-": "-1"}[sign], (self.unary(depth + 1),), self.since(start))
        return self.member(depth + 1)

    def member(self, depth: int) -> Tree:
        start = self.now.start
        tree, length = self.primary(depth), 0
        while sign := self.take(".", "["):
            length += 1
            if length > MAX_DEPTH:
                raise Unread("too long")
            if sign == "[":
                key = self.expression(depth)
                self.must("]")
                tree = Index(tree, key, self.since(start))
                continue
            name = self.name()
            tree = self.method(tree, name, start, depth) if self.take("(") else Select(tree, name, self.since(start))
        return tree

    def name(self) -> str:
        token = self.now
        if token.kind != "name":
            raise Unread(token.text)
        self.at += 1
        return token.text

    def method(self, of: Tree, name: str, start: int, depth: int) -> Tree:
        arguments = self.listed(")", lambda: self.expression(depth))
        if name in LOOPS and len(arguments) in (2, 3) and isinstance(arguments[0], Name):
            return Loop(name, of, arguments[0].name, tuple(arguments[1:]), self.since(start))
        return Call(name, tuple(arguments), self.since(start), of)

    def listed(self, close: str, read: Callable[[], Tree]) -> list[Tree]:
        found: list[Tree] = []
        while not self.take(close):
            found.append(read())
            if not self.take(","):
                self.must(close)
                break
        return found

    def primary(self, depth: int) -> Tree:
        token = self.now
        self.at += 1
        if token.kind in ("string", "float", "int"):
            return Literal(_literal(token), token.text)
        if token.kind == "name":
            return self.named(token, depth)
        if token.text == "(":
            inner = self.expression(depth)
            self.must(")")
            return inner
        if token.text == "[":
            items = self.listed("]", lambda: self.expression(depth))
            return Items(tuple(items), self.since(token.start))
        if token.text == "{":
            return self.entries(token.start, depth)
        raise Unread(token.text)

    def named(self, token: _Token, depth: int) -> Tree:
        if token.text in _WORDS:
            return Literal(_WORDS[token.text], token.text)
        if self.take("("):
            return Call(token.text, tuple(self.listed(")", lambda: self.expression(depth))), self.since(token.start))
        return Name(token.text, token.text)

    def entries(self, start: int, depth: int) -> Tree:
        found: list[tuple[Tree, Tree]] = []
        while not self.take("}"):
            key = self.expression(depth)
            self.must(":")
            found.append((key, self.expression(depth)))
            if not self.take(","):
                self.must("}")
                break
        return Entries(tuple(found), self.since(start))


def _literal(token: _Token) -> Json | bytes:
    if token.kind == "float":
        return float(token.text)
    if token.kind == "int":
        return int(token.text.rstrip("uU"), 0) if token.text[:2] in ("0x", "0X") else int(token.text.rstrip("uU"))
    return _string(token.text)


def _string(text: str) -> str | bytes:
    """CEL's escapes are Python's, but for a few that no text of a workflow needs; those are not read."""
    if "r" not in text[:2].lower() and _ESCAPE.search(text):
        raise Unread(text)
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise Unread(text) from error
    if not isinstance(value, (str, bytes)):
        raise Unread(text)
    return value
