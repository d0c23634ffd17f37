"""Conditions and templates in CEL: compiled once, bounded, and honest about what was missing.

    scope = {"event": …, "inputs": …, "steps": {id: {"output": …}}, "workflow": …, "run": …, "env": …}

Some places know more: a foreach its entry (under the name it was given) and ``index``, a wait's ``where`` the event as ``incoming``,
arguments ``secrets``. What is not in ``ROOTS`` must be handed in as ``names``.
A step's output may be read as ``steps.find.output.count`` or, shorter, ``steps.find.count``.
A field that is not there makes a condition not fulfilled (``explain`` says which and offers the nearest name); values that do not fit
each other (text compared with a number) raise Invalid.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from engine.errors import Invalid
from engine.workflow.catalogue import did_you_mean
from engine.workflow.definition import Json
from engine.workflow.marking import marked

ROOTS = ("event", "inputs", "steps", "workflow", "run", "env", "incoming", "secrets")
_COMMON = ROOTS[:6]  # what every place knows, and so what hints offer

MAX_LENGTH = 2_000  # characters of one expression
MAX_DEPTH = 24  # brackets within brackets
MAX_LOOPS = 4  # all, exists, map, filter … in one expression
MAX_WORK = 2_000_000  # loop turns at the worst
MAX_TEXT = 256 * 1024  # characters of a rendered text
MAX_RENDER_DEPTH = 32
MAX_PARTS = 10_000  # values in one rendered argument

FUNCTIONS = (
    *("all", "exists", "exists_one", "filter", "map", "has"),
    *("bytes", "double", "dyn", "duration", "int", "string", "timestamp", "type", "uint"),
    *("contains", "endsWith", "matches", "size", "startsWith"),
    *("getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours", "getMilliseconds", "getMinutes", "getMonth"),
    "getSeconds",
)
_STRINGS = re.compile(r"[bB]?[rR]?(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\")", re.S)
_LOOP = re.compile(r"\.\s*(?:all|exists_one|exists|map|filter)\s*\(\s*(\w+)\s*,")
_CHAIN = re.compile(r"(?<![\w.])([A-Za-z_]\w*)((?:\s*\.\s*[A-Za-z_]\w*\b(?!\s*\()|\s*\[\s*(?:'[^']*'|\"[^\"]*\")\s*\])+)")
_LINK = re.compile(r"\.\s*([A-Za-z_]\w*)|\[\s*['\"]([^'\"]*)['\"]\s*\]")
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.S)
# What the interpreter raises when values and expression do not fit each other.
_MISFITS = (TypeError, ValueError, RuntimeError, ArithmeticError, LookupError)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something an expression reads is not there. ``reason`` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled CEL expression. ``roots`` are the parts of the scope it reads."""

    text: str
    roots: tuple[str, ...]
    _program: Any = field(repr=False, compare=False)
    _loops: int = field(default=0, repr=False, compare=False)

    @classmethod
    def compile(cls, text: str, names: tuple[str, ...] = ()) -> Expression:
        """Raises Invalid, in one sentence, for what is too long, too deep, not CEL, or speaks of things a run does not have.

        ``names`` are parts of the scope beside ``ROOTS``: those of the foreach blocks around, and ``index``.
        """
        return _compiled(text, names)

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value, or Missing. Raises Invalid when the values do not fit the expression."""
        seen = {root: _plain(scope[root]) for root in self.roots if root in scope}
        if "steps" in seen:
            seen["steps"] = _opened(seen["steps"])
        if self._loops:
            _refuse_too_much_work(self, seen)
        try:
            return self._program.execute(seen)
        except KeyError as error:
            return Missing(_missing(self.text, str(error.args[0]), seen))
        except _MISFITS as error:
            return self._misfit(error, seen)

    def references(self) -> Iterator[tuple[str, ...]]:
        """Every path that is read: ``("steps", "find", "count")``."""
        for match in _CHAIN.finditer(_STRINGS.sub(_only_keys, self.text)):
            if match[1] in self.roots:
                yield (match[1], *_links(match[2]))

    def _misfit(self, error: Exception, seen: Mapping[str, Any]) -> Missing:
        if isinstance(error, RuntimeError):
            absent = next((root for root in self.roots if root not in seen), None)
            if absent:
                return Missing(f"there is no “{absent}” here")
        if isinstance(error, TypeError) and (hole := _through_nothing(self, seen)):
            return Missing(hole)
        raise Invalid(f"“{_cut(self.text)}” could not be worked out: {_sentence(error)}") from error


@dataclass(frozen=True, slots=True)
class Condition:
    """A CEL expression that is true or false of a scope."""

    text: str
    expression: Expression = field(repr=False, compare=False)

    @classmethod
    def compile(cls, text: str, names: tuple[str, ...] = ()) -> Condition:
        """As ``Expression.compile``."""
        return cls(text, Expression.compile(text, names))

    def holds(self, scope: Mapping[str, Any]) -> bool:
        """False when something it reads is missing. Raises Invalid when the values do not fit or it is not a yes-or-no question."""
        return self._decide(scope)[0]

    def explain(self, scope: Mapping[str, Any]) -> tuple[bool, str]:
        """Whether it holds, and why, in words; never raises: what cannot be worked out does not hold."""
        try:
            return self._decide(scope)
        except Invalid as error:
            return False, str(error)

    def _decide(self, scope: Mapping[str, Any]) -> tuple[bool, str]:
        value = self.expression.evaluate(scope)
        if isinstance(value, Missing):
            return False, _ended(f"“{_cut(self.text)}” is not fulfilled: {value.reason}")
        if not isinstance(value, bool):
            raise Invalid(
                f"“{_cut(self.text)}” gives {_kind(value)}, not true or false. Compare it with something, for example with == or >."
            )
        return value, f"“{_cut(self.text)}” is {'fulfilled' if value else 'not fulfilled'}{_witness(self.expression, scope)}."


def render(value: Json, scope: Mapping[str, Any]) -> Json:
    """Fill every ``{{CEL}}`` in strings, lists and mappings. A string that is one ``{{…}}`` keeps the value's type, else it becomes text.

    Raises Invalid when something is missing, does not fit, or grows beyond 256 KiB of text or 10,000 parts.
    """
    return _rendered(value, scope, _Budget(), 0)


def cited(text: str, scope: Mapping[str, Any]) -> str:
    """Fill every ``{{CEL}}`` as marked data, for whoever must not take it for words of ``text``: a language model. Raises as ``render`` does."""
    return _joined(text, scope, _Budget(), marked)


def templates(text: str) -> list[str]:
    """The expressions within ``{{…}}``. Raises Invalid for an opened ``{{`` that is never closed."""
    found = [match[1].strip() for match in _TEMPLATE.finditer(text)]
    if "{{" in _TEMPLATE.sub("", text):
        raise Invalid("“{{” is opened but never closed with “}}”.")
    return found


# --- compiling ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2_048)
def _compiled(text: str, names: tuple[str, ...]) -> Expression:
    if not text.strip():
        raise Invalid("The expression is empty.")
    if len(text) > MAX_LENGTH:
        raise Invalid(f"The expression has {len(text):,} characters; {MAX_LENGTH:,} are allowed.")
    masked = _STRINGS.sub(lambda match: "'" + "_" * (len(match[0]) - 2) + "'", text)
    if _depth(masked) > MAX_DEPTH:
        raise Invalid(f"The expression nests brackets more than {MAX_DEPTH} deep.")
    loops = _LOOP.findall(masked)
    if len(loops) > MAX_LOOPS:
        raise Invalid(f"The expression has {len(loops)} loops; {MAX_LOOPS} are allowed.")
    program = _program(text)
    read = program.references()
    known = (*ROOTS, *names)
    _refuse_unknown(read["variables"], read["functions"], set(loops), (*_COMMON, *names), known)
    return Expression(text, tuple(name for name in known if name in read["variables"]), program, len(loops))


def _program(text: str) -> Any:
    import cel  # brings its command line along: not before the first expression

    try:
        return cel.compile(text)
    except ValueError as error:
        raise Invalid(_syntax(str(error), text)) from error


def _refuse_unknown(variables: list[str], functions: list[str], bound: set[str], common: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in variables:
        if name not in known and name not in bound:
            hint = did_you_mean(name, common) or f" It can use {', '.join(common)}; text goes in quotes: '{_cut(name)}'."
            raise Invalid(f"There is nothing called “{_cut(name)}” in a workflow.{hint}")
    for name in functions:
        if re.fullmatch(r"\w+", name) and name not in FUNCTIONS:
            hint = (
                did_you_mean(name, FUNCTIONS)
                or " There are contains, startsWith, endsWith, matches, size, has, exists, all, int, string and more."
            )
            raise Invalid(f"There is no function “{_cut(name)}”.{hint}")


def _depth(masked: str) -> int:
    """Nesting of brackets, and of operators that nest without any (``!!!x``, ``a ? b : c ? …``)."""
    deepest = now = 0
    for char in masked:
        now += (char in "([{") - (char in ")]}")
        deepest = max(deepest, now)
    runs = max((len(run) for run in re.findall(r"[!\-][!\-\s]*", masked)), default=0)
    return max(deepest, runs, masked.count("?"))


def _syntax(error: str, text: str) -> str:
    place = re.search(r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)", error)
    if place is None:
        return f"“{_cut(text)}” is not a valid expression."
    if "'='" in place[3] or "token recognition error at: '= '" in place[3]:
        return f"“{_cut(text)}” is not a valid expression (at character {place[2]}): compare with ==, not =."
    what = re.sub(r" expecting .*", "", place[3]).replace("'<EOF>'", "the end")
    what = re.sub(
        r"^(mismatched input|extraneous input|no viable alternative at input|token recognition error at:)", "did not expect", what
    )
    return f"“{_cut(text)}” is not a valid expression (at character {place[2]}: {_cut(what, 80)})."


# --- values ------------------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Mappings that are not dicts, as dicts: the interpreter takes only those."""
    return dict(value) if isinstance(value, Mapping) and not isinstance(value, dict) else value


def _opened(steps: Any) -> Any:
    """Each step with the fields of its output beside ``output`` itself."""
    if not isinstance(steps, dict):
        return steps
    return {id: _with_output(step) for id, step in steps.items()}


def _with_output(step: Any) -> Any:
    if isinstance(step, Mapping) and isinstance(step.get("output"), Mapping):
        return {**step["output"], **step}
    return step


def _refuse_too_much_work(expression: Expression, seen: Mapping[str, Any]) -> None:
    """Loops within loops over long lists would hold up the house, and the interpreter cannot be interrupted."""
    longest = max((_longest(value) for value in seen.values()), default=0)
    width = max(longest, expression.text.count(",") + 1)
    growth = (expression.text.count("+") + 1) ** expression._loops
    if width**expression._loops > MAX_WORK or growth * max(longest, len(expression.text)) > MAX_WORK:
        raise Invalid(f"“{_cut(expression.text)}” would take too long over a list of {longest:,}. Use fewer loops or a shorter list.")


def _longest(value: Any) -> int:
    longest, waiting = 0, [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            continue
        if isinstance(part, Mapping):
            longest = max(longest, len(part))
            waiting.extend(part.values())
        elif isinstance(part, (list, tuple)):
            longest = max(longest, len(part))
            waiting.extend(part)
    return longest


# --- words for what went wrong -------------------------------------------------------------------------------------------


def _only_keys(match: re.Match[str]) -> str:
    """Blanks a quoted text unless it is a key in brackets."""
    around = match.string[: match.start()].rstrip()[-1:] + match.string[match.end() :].lstrip()[:1]
    return match[0] if around == "[]" else "''"


def _links(text: str) -> list[str]:
    return [first or second for first, second in _LINK.findall(text)]


def _missing(text: str, name: str, seen: Mapping[str, Any]) -> str:
    for match in _CHAIN.finditer(text):
        path, holder = match[1], seen.get(match[1])
        for link in _links(match[2]):
            if not isinstance(holder, Mapping):
                break
            if link not in holder:
                return f"{path} has no field “{_cut(link)}”{_nearest(link, holder)}"
            path, holder = f"{path}.{link}", holder[link]
    return f"there is no field “{_cut(name)}”"


def _nearest(name: str, holder: Mapping[str, Any]) -> str:
    hint = did_you_mean(name, [key for key in holder if isinstance(key, str)]).strip().rstrip("?")
    return f"; {hint[0].lower()}{hint[1:]}?" if hint else ""


def _through_nothing(expression: Expression, seen: Mapping[str, Any]) -> str:
    """Whether a path goes on behind an empty value, as ``event.assignee.name`` does when nobody is assigned."""
    for root, *links in expression.references():
        path, holder = root, seen.get(root)
        for link in links:
            if holder is None:
                return f"{path} is empty"
            if not isinstance(holder, Mapping) or link not in holder:
                break
            path, holder = f"{path}.{link}", holder[link]
    return ""


def _sentence(error: Exception) -> str:
    text = str(error).split("\n", 1)[0]
    if text.startswith("No such overload"):
        return "its values are of different kinds. Turn one into the other with string(…), int(…) or double(…)."
    if text.startswith("Undefined variable or function"):
        return "one of its values is not of the kind this function takes."
    text = text.split(" CEL does not coerce")[0].strip()
    return _cut(text, 160).rstrip(".") + "."


def _witness(expression: Expression, scope: Mapping[str, Any]) -> str:
    """What the paths held, so that a reason can be checked: `` (event.base is "dev")``."""
    shown = []
    for root, *links in expression.references():
        value: Any = _opened(scope.get(root)) if root == "steps" else scope.get(root)
        for link in links:
            value = value.get(link) if isinstance(value, Mapping) else None
        if value is None or isinstance(value, (str, int, float, bool)):
            shown.append(f"{'.'.join((root, *links))} is {_shown(value)}")
    return f" ({', '.join(dict.fromkeys(shown))})" if shown else ""


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"“{_cut(value)}”"
    return {True: "true", False: "false", None: "empty"}[value] if value is None or isinstance(value, bool) else str(value)


def _kind(value: Any) -> str:
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (str, "text"),
        ((int, float), "a number"),
        ((list, tuple), "a list"),
        (Mapping, "a group of values"),
        ((datetime, date), "a time"),
        (timedelta, "a duration"),
        (type(None), "nothing"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "something else")


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else sentence + "."


def _cut(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


# --- templates ----------------------------------------------------------------------------------------------------------


class _Budget:
    """Counts down while an argument is filled in."""

    __slots__ = ("parts", "text")

    def __init__(self) -> None:
        self.text = MAX_TEXT
        self.parts = MAX_PARTS

    def spend(self, text: int) -> None:
        self.text -= text
        self.parts -= 1
        if self.text < 0 or self.parts < 0:
            raise Invalid(f"The filled-in value is too large: {MAX_TEXT // 1024} KiB of text and {MAX_PARTS:,} parts are allowed.")


def _rendered(value: Json, scope: Mapping[str, Any], budget: _Budget, depth: int) -> Json:
    if depth > MAX_RENDER_DEPTH:
        raise Invalid(f"The value is nested more than {MAX_RENDER_DEPTH} deep.")
    if isinstance(value, str):
        return _filled(value, scope, budget)
    budget.spend(0)
    if isinstance(value, list):
        return [_rendered(part, scope, budget, depth + 1) for part in value]
    if isinstance(value, dict):
        return {_key(key, scope, budget): _rendered(part, scope, budget, depth + 1) for key, part in value.items()}
    return value


def _key(key: str, scope: Mapping[str, Any], budget: _Budget) -> str:
    return as_text(_filled(key, scope, budget)) if "{{" in key else key


def _filled(text: str, scope: Mapping[str, Any], budget: _Budget) -> Json:
    if "{{" not in text:
        budget.spend(len(text))
        return text
    whole = _TEMPLATE.fullmatch(text.strip())
    if whole and "}}" not in whole[1]:
        return _json(_value(whole[1], scope), budget, 0)
    return _joined(text, scope, budget, as_text)


def _joined(text: str, scope: Mapping[str, Any], budget: _Budget, written: Callable[[Json], str]) -> str:
    templates(text)  # refuses what is never closed
    parts: list[str] = []
    end = 0
    for match in _TEMPLATE.finditer(text):
        parts += (text[end : match.start()], written(_json(_value(match[1], scope), budget, 0)))
        budget.spend(len(parts[-2]))
        end = match.end()
    return "".join((*parts, text[end:]))


def _value(expression: str, scope: Mapping[str, Any]) -> Any:
    value = Expression.compile(expression.strip(), _names(scope)).evaluate(scope)
    if isinstance(value, Missing):
        raise Invalid(_ended(f"“{{{{{_cut(expression.strip())}}}}}” cannot be filled in: {value.reason}"))
    return value


def _names(scope: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in scope if name not in ROOTS)


_JSON: tuple[tuple[type, Callable[[Any], Json]], ...] = (
    (datetime, lambda value: value.isoformat()),
    (timedelta, lambda value: value.total_seconds()),
    (bytes, lambda value: value.decode("utf-8", "replace")),
)


def _json(value: Any, budget: _Budget, depth: int) -> Json:
    """An interpreter's value as JSON: times as ISO 8601, durations as seconds."""
    if depth > MAX_RENDER_DEPTH:
        raise Invalid(f"The value is nested more than {MAX_RENDER_DEPTH} deep.")
    if value is None or isinstance(value, (bool, int)):
        budget.spend(0)
        return value
    if isinstance(value, str):
        budget.spend(len(value))
        return value
    if isinstance(value, float):
        budget.spend(0)
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): _json(part, budget, depth + 1) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(part, budget, depth + 1) for part in value]
    for kind, made in _JSON:
        if isinstance(value, kind):
            return _json(made(value), budget, depth)
    raise Invalid(f"The expression gives {_kind(value)}, which cannot be put into a request.")


def as_text(value: Json) -> str:
    """A value within a sentence: lists are joined by commas, nothing is empty, whole numbers lose their ``.0``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(as_text(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {as_text(part)}" for key, part in value.items())
    return str(value)
